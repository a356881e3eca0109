"""A phone in software: its keys and anchors, and the stage where the reference service plays."""

import os
import threading
import time
import urllib.request

import authenticator as klink
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def case(name):
    print(f"case {name}", flush=True)


async def refused(error, call):
    """Awaits `call` and returns the error that it must raise."""
    try:
        await call
    except error as raised:
        return raised
    raise AssertionError(f"{error} was not raised")


class SoftKeys(klink.DeviceKeys):
    """Keys in this process's memory. `refuse` makes every call that needs a person fail."""

    def __init__(self):
        self.kept = {}
        self.refuse = None
        self.threads = set()

    def kinds(self):
        return [klink.KeyKind.P256]

    def make(self, alias, kind, presence, challenge):
        if kind != klink.KeyKind.P256:
            raise klink.KeyStoreError.Unavailable()
        key = ec.generate_private_key(ec.SECP256R1())
        self.kept[alias] = (key, presence)
        spki = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return klink.MadeKey(spki=spki, hardware=False, attestation=None)

    def sign(self, alias, message, purpose):
        return self._entry(alias).sign(message, ec.ECDSA(hashes.SHA256()))

    def put(self, slot, secret, presence):
        self.kept[slot] = (secret, presence)

    def get(self, slot, purpose):
        return self._entry(slot)

    def delete(self, alias):
        self.kept.pop(alias, None)

    def cancel(self, alias):
        pass

    def _entry(self, alias):
        self.threads.add(threading.get_ident())
        if alias not in self.kept:
            raise klink.KeyStoreError.Missing()
        value, presence = self.kept[alias]
        if presence != klink.Presence.NONE and self.refuse is not None:
            raise self.refuse
        return value


class MemoryAnchor(klink.Anchor):
    """Anchors in this process's memory."""

    def __init__(self):
        self.records = {}
        self.archived = {}

    def load(self, vault_id):
        if vault_id not in self.records:
            return klink.StoredAnchor.ABSENT()
        return klink.StoredAnchor.PRESENT(self.records[vault_id])

    def store(self, vault_id, record):
        old = self.records.get(vault_id)
        if old is None or old.seq < record.seq:
            self.records[vault_id] = record

    def list(self):
        return list(self.records)

    def archive(self, vault_id):
        self.archived[vault_id] = self.records.pop(vault_id)


class Stage:
    """The reference service, with a user called `who` at its page."""

    def __init__(self, who):
        self.address, self.who = os.environ["KLINK_STAGE"], who
        self.does("begin")

    def does(self, act):
        return self.brings(f"{self.who}/{act}").decode()

    def brings(self, what):
        with urllib.request.urlopen(f"{self.address}/{what}", timeout=20) as reply:
            return reply.read()


def now():
    return time.time_ns() // 1_000_000


def boot():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def phone(folder, anchor=None, keys=None):
    setup = klink.Setup(folder=str(folder), local_hosts=klink.LocalHosts.ALLOWED)
    return klink.Authenticator(setup, anchor or MemoryAnchor(), keys or SoftKeys())
