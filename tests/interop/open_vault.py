#!/usr/bin/env python3
"""Opens a Klink vault with nothing of Klink's: docs/vault-format.md and the `cryptography` package are enough.

usage: open_vault.py FOLDER (--recovery-code-file FILE | --passphrase-file FILE)
Prints every account as JSON and exits 0, or says what does not hold and exits 1.
"""
import base64, hashlib, hmac, json, sqlite3, struct, sys, unicodedata
from pathlib import Path
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KINDS = {1: "totp", 2: "hotp", 3: "steam", 4: "motp", 5: "yandex"}
ALGORITHMS = {1: "SHA1", 2: "SHA256", 3: "SHA512", 4: "MD5", 5: "SHA224", 6: "SHA384"}


def hchacha20(key, nonce):
    s = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))
    def quarter(a, b, c, d):
        for x, y, z, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xFFFFFFFF
            s[z] ^= s[x]
            s[z] = (s[z] << by | s[z] >> (32 - by)) & 0xFFFFFFFF
    for _ in range(10):
        for n in range(4):
            quarter(n, n + 4, n + 8, n + 12)
        for n in range(4):
            quarter(n, (n + 1) % 4 + 4, (n + 2) % 4 + 8, (n + 3) % 4 + 12)
    return struct.pack("<8I", *s[:4], *s[12:])


def unseal(key, aad, sealed):
    assert len(sealed) >= 41 and sealed[0] == 1, "no sealed bytes"
    subkey = hchacha20(key, sealed[1:17])
    return ChaCha20Poly1305(subkey).decrypt(bytes(4) + sealed[17:25], sealed[25:], aad)


def cbor(data, at=0):
    major, info, at = data[at] >> 5, data[at] & 31, at + 1
    if major == 7:
        return {20: False, 21: True, 22: None}[info], at
    if info >= 24:
        size = 1 << (info - 24)
        info, at = int.from_bytes(data[at : at + size], "big"), at + size
    if major in (0, 1):
        return (info if major == 0 else -1 - info), at
    if major in (2, 3):
        piece = data[at : at + info]
        return (piece if major == 2 else piece.decode()), at + info
    items = []
    for _ in range(info * (major - 3)):
        item, at = cbor(data, at)
        items.append(item)
    return (items if major == 4 else dict(zip(items[::2], items[1::2]))), at


def record(plain):
    (length,) = struct.unpack(">I", plain[:4])
    return cbor(plain[4 : 4 + length])[0]


hkdf = lambda secret, salt, info, length: HKDF(SHA256(), length, salt, info.encode()).derive(secret)
sha256 = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
mark = lambda blob: blob[1:25] + blob[-16:]


def in_database(folder):
    db = sqlite3.connect(f"file:{folder / 'vault.db'}?mode=ro&immutable=1", uri=True)
    meta = dict(db.execute("SELECT k, v FROM meta"))
    rows = lambda table, columns: db.execute(f"SELECT {columns} FROM {table} ORDER BY id").fetchall()
    return {
        "vault": meta["vault_id"], "slots": rows("slot", "id, body"), "dek": db.execute("SELECT epoch, body FROM dek").fetchone(),
        "items": rows("item", "id, rev, epoch, meta, secret"), "docs": rows("doc", "id, rev, epoch, body"), "version": db.execute("PRAGMA user_version").fetchone()[0],
        "reader": int.from_bytes(meta["min_reader"], "big"), "root": db.execute("SELECT seq, branch, prev_root, mac FROM root").fetchone(),
    }


def data_key(copy, code, passphrase):
    kind = 2 if code else 1
    for _, body in copy["slots"]:
        if body[1] != kind or sha256(body[:160]) != body[160:]:
            continue
        m, t, p = struct.unpack(">3I", body[27:39])
        if code:
            both = hkdf(code, body[39:55], "klink/1/slot/recovery", 64)
        else:
            assert m <= 262144 and t <= 16 and p <= 8, "more work than a reader should do"
            from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # in version 44 and later
            both = Argon2id(salt=body[39:55], length=64, iterations=t, lanes=p, memory_cost=m).derive(passphrase)
        if hmac.compare_digest(both[32:], body[55:87]):
            vk = unseal(both[:32], b"klink/1/slot" + copy["vault"] + body[:87], body[87:160])
            epoch, wrapped = copy["dek"]
            return unseal(vk, b"klink/1/dek" + copy["vault"] + struct.pack(">I", epoch), wrapped)
    raise AssertionError("no slot opens with this")


def check_root(copy, key):
    buckets, counts = [b""] * 256, [0] * 256
    for id_, rev, epoch, meta, secret in copy["items"]:
        buckets[id_[0]] += id_ + struct.pack(">QI", rev, epoch) + mark(meta) + mark(secret)
        counts[id_[0]] += 1
    slots = [id_ + struct.pack(">Q", len(body)) + body for id_, body in copy["slots"]]
    documents = [id_ + struct.pack(">QI", rev, epoch) + mark(body) for id_, rev, epoch, body in copy["docs"]]
    seq, branch, prev, mac = copy["root"]
    epoch, wrapped = copy["dek"]
    text = b"klink/1/root" + copy["vault"] + struct.pack(">Q", seq) + prev + branch + struct.pack(">II", copy["version"], copy["reader"])
    text += sha256(struct.pack(">I", epoch), wrapped) + sha256(*slots) + sha256(*documents)
    text += b"".join(struct.pack(">I", n) + sha256(bucket) for n, bucket in zip(counts, buckets))
    assert hmac.compare_digest(hmac.new(key, text, "sha256").digest(), mac), "the root does not hold"


def subkeys(copy, code, passphrase):
    dek = data_key(copy, code, passphrase)
    return {name: hkdf(dek, copy["vault"], f"klink/1/{name}", 32) for name in ("meta", "secret", "manifest", "snapshot")}


def accounts(copy, key):
    check_root(copy, key["manifest"])
    vault = copy["vault"]
    for id_, rev, epoch, meta, secret in copy["items"]:
        aad = lambda column: b"AKR1" + vault + bytes([1, column]) + id_ + struct.pack(">QI", rev, epoch)
        names, hidden = record(unseal(key["meta"], aad(1), meta)), record(unseal(key["secret"], aad(2), secret))
        yield {
            "id": id_.hex(), "kind": KINDS.get(names[0], "unknown"), "issuer": names[1], "account_name": names[2],
            "algorithm": ALGORITHMS.get(names.get(3)), "digits": names.get(4), "period": names.get(5),
            "note": names[6], "secret": base64.b32encode(hidden[0]).decode().rstrip("="),
            "counter": hidden.get(1), "pin": hidden.get(2), "trashed": names.get(12) is not None,
        }


def main(read):
    place, how, file = (sys.argv[1:] + [""] * 3)[:3]
    if how not in ("--recovery-code-file", "--passphrase-file"):
        sys.exit(sys.modules["__main__"].__doc__)
    typed, code, passphrase = Path(file).read_text(), None, None
    if how == "--recovery-code-file":
        letters = "".join(typed.split()).replace("-", "").upper()
        code = letters.translate(str.maketrans("OIL", "011"))[:26].encode()
    else:
        passphrase = unicodedata.normalize("NFKC", typed.splitlines()[0]).encode()
    try:
        print(json.dumps(list(read(Path(place), code, passphrase)), ensure_ascii=False, indent=1))
    except (AssertionError, InvalidTag, sqlite3.Error, LookupError, ValueError, TypeError, struct.error) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(lambda folder, *way_in: accounts(copy := in_database(folder), subkeys(copy, *way_in)))
