#!/usr/bin/env python3
"""Opens a Klink backup or snapshot (.akb) with nothing of Klink's: docs/vault-format.md, and what open_vault.py has.

usage: open_backup.py FILE (--recovery-code-file FILE | --passphrase-file FILE)
Prints every account as JSON and exits 0, or says what does not hold and exits 1.
"""
from open_vault import accounts, cbor, main, record, subkeys, unseal


def read_backup(path, code, passphrase):
    data = path.read_bytes()
    assert data[:5] == b"AKB1\n", "no backup"
    start = 9 + int.from_bytes(data[5:9], "big")
    head, end = cbor(data[9:start])
    assert head[0] == 1 and end == start - 9, "a backup of a later format"
    copy = {"vault": head[1], "slots": head[2], "dek": head[3]}
    key = subkeys(copy, code, passphrase)
    body = record(unseal(key["snapshot"], data[:start], data[start:]))
    assert len(body[5]) == head[7], "not as many rows as it says"
    root = (head[6], body[2], body[3], head[4])
    whole = {"version": body[0], "reader": body[1], "slots": body[4], "items": body[5], "docs": body[6], "root": root}
    return accounts(copy | whole, key)


if __name__ == "__main__":
    main(read_backup)
