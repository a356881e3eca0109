#!/usr/bin/env python3
"""Receives a Klink move with nothing of Klink's: docs/move-format.md, and what open_vault.py has.

usage: open_move.py CODES [FILE]
CODES has the text of one code on each line; FILE is the sealed file, when the code names one.
Prints accounts, and the receipt for all of them, as JSON and exits 0, or says what does not hold and exits 1.
"""
import base64, hashlib, hmac, json, struct, sys
from pathlib import Path
from cryptography.exceptions import InvalidTag
from open_vault import ALGORITHMS, KINDS, cbor, record, unseal

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def base45(text):
    out = b""
    for at in range(0, len(text), 3):
        group = [ALPHABET.index(c) for c in text[at : at + 3]]
        value = sum(digit * 45**place for place, digit in enumerate(group))
        out += value.to_bytes(2 if len(group) == 3 else 1, "big")
    return out


def frames(lines):
    head, parts = None, {}
    for line in filter(None, map(str.rstrip, lines)):
        assert line.startswith("KLINK-MOVE:"), "no code of a move"
        frame = base45(line[11:])
        assert hashlib.sha256(frame[:-4]).digest()[:4] == frame[-4:], "a code that was read wrongly"
        version, kind, move, content = frame[0], frame[1], frame[2:10], frame[10:-4]
        assert version == 1, "a move of a later version"
        if kind == 1:
            head = (move, *struct.unpack(">H32sI32sII", content))
        else:
            parts[int.from_bytes(content[:2], "big")] = content[2:]
    assert head, "the head is missing"
    return head, parts


def receive(lines, file):
    (move, count, key, length, digest, accounts, rows), parts = frames(lines)
    assert count == 0 or sorted(parts) == list(range(count)), "codes are missing"
    sealed = b"".join(parts[n] for n in sorted(parts)) if count else file
    assert len(sealed) == length and hashlib.sha256(sealed).digest() == digest, "the parts do not fit together"
    bundle = record(unseal(key, b"klink/1/move" + move, sealed))
    assert bundle[0] == 1 and len(bundle[2]) == rows, "not as many rows as it says"
    listed = []
    for id_, _, meta, secret in bundle[2]:
        names, hidden = cbor(meta)[0], cbor(secret)[0]
        listed.append({
            "id": id_.hex(), "kind": KINDS.get(names[0], "unknown"), "issuer": names[1], "account_name": names[2],
            "algorithm": ALGORITHMS.get(names.get(3)), "digits": names.get(4), "period": names.get(5), "note": names[6],
            "secret": base64.b32encode(hidden[0]).decode().rstrip("="), "counter": hidden.get(1), "pin": hidden.get(2),
            "trashed": names.get(12) is not None,
        })
    arrived = sum(not row["trashed"] for row in listed)
    text = b"klink/1/move/receipt" + move + digest + struct.pack(">II", arrived, accounts)
    receipt = int.from_bytes(hmac.new(key, text, "sha256").digest()[:8], "big") % 10**6
    return {"accounts": listed, "receipt": f"{receipt:06}", "of": accounts, "renew": bundle[4]}


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    try:
        sealed = Path(sys.argv[2]).read_bytes() if len(sys.argv) == 3 else None
        print(json.dumps(receive(Path(sys.argv[1]).read_text().split("\n"), sealed), ensure_ascii=False, indent=1))
    except (AssertionError, InvalidTag, LookupError, ValueError, TypeError, struct.error) as error:
        sys.exit(f"{type(error).__name__}: {error}")
