#!/usr/bin/env python3
"""Opens a file that age seals under a passphrase with nothing of Klink's: age-encryption.org/v1 and the `cryptography` package.

usage: open_age.py FILE PASSPHRASE
Prints the content as JSON text and exits 0, or says what does not hold and exits 1.
"""
import base64, hmac, json, sys
from pathlib import Path
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

unpadded = lambda text: base64.b64decode(text + b"=" * (-len(text) % 4))
hkdf = lambda key, salt, info: HKDF(SHA256(), 32, salt, info).derive(key)


def read(data, passphrase):
    intro, stanza, body, end = data.split(b"\n", 4)[:4]
    assert intro == b"age-encryption.org/v1" and end.startswith(b"--- "), "no age file"
    _, kind, salt, work = stanza.split(b" ")
    assert kind == b"scrypt", "not under a passphrase"
    kdf = Scrypt(salt=b"age-encryption.org/v1/scrypt" + unpadded(salt), length=32, n=1 << int(work), r=8, p=1)
    file_key = ChaCha20Poly1305(kdf.derive(passphrase.encode())).decrypt(bytes(12), unpadded(body), None)
    start = len(intro) + len(stanza) + len(body) + 6
    mac = hmac.new(hkdf(file_key, b"", b"header"), data[:start], "sha256").digest()
    assert hmac.compare_digest(mac, unpadded(end[4:])), "the header is another"
    payload = data[start + len(end) - 3 + 1 :]
    key, sealed, plain = hkdf(file_key, payload[:16], b"payload"), payload[16:], b""
    for n, at in enumerate(range(0, len(sealed), 65552)):
        last = at + 65552 >= len(sealed)
        plain += ChaCha20Poly1305(key).decrypt(n.to_bytes(11, "big") + bytes([last]), sealed[at : at + 65552], None)
    return plain.decode()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        print(json.dumps(read(Path(sys.argv[1]).read_bytes(), sys.argv[2])))
    except (AssertionError, InvalidTag, LookupError, ValueError, TypeError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
