#!/usr/bin/env python3
"""Opens an encrypted Aegis file with nothing of Klink's: Aegis's own description and the `cryptography` package.

usage: open_aegis.py FILE PASSWORD
Prints every entry as JSON and exits 0, or says what does not hold and exits 1.
"""
import base64, json, sys
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt


def unseal(key, sealed, params):
    return AESGCM(key).decrypt(bytes.fromhex(params["nonce"]), sealed + bytes.fromhex(params["tag"]), None)


def read(file, password):
    assert file["version"] == 1, "a file of a later version"
    for slot in file["header"]["slots"]:
        if slot["type"] == 1:
            kdf = Scrypt(salt=bytes.fromhex(slot["salt"]), length=32, n=slot["n"], r=slot["r"], p=slot["p"])
            master = unseal(kdf.derive(password.encode()), bytes.fromhex(slot["key"]), slot["key_params"])
            db = json.loads(unseal(master, base64.b64decode(file["db"]), file["header"]["params"]))
            assert db["version"] == 3, "a database of another version"
            groups = {group["uuid"]: group["name"] for group in db["groups"]}
            for entry in db["entries"]:
                info = entry["info"]
                yield {
                    "kind": entry["type"], "issuer": entry["issuer"], "account_name": entry["name"], "note": entry["note"],
                    "favorite": entry["favorite"], "groups": [groups[uuid] for uuid in entry["groups"]],
                    "secret": info["secret"], "algorithm": info["algo"], "digits": info["digits"],
                    "period": info.get("period"), "counter": info.get("counter"), "pin": info.get("pin"),
                }
            return
    raise AssertionError("no slot for a password")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            print(json.dumps(list(read(json.load(file), sys.argv[2])), ensure_ascii=False, indent=1))
    except (AssertionError, InvalidTag, LookupError, ValueError, TypeError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
