#!/usr/bin/env python3
"""Writes migration.json: export texts as Google's app and others write them, with what they say.

Run in this folder: python3 generate.py > migration.json
The protobuf is written by hand here, byte by byte, so that nothing is shared with the core.
"""

import base64
import json
from urllib.parse import quote

SHA1, SHA256, SHA512, MD5 = 1, 2, 3, 4
SIX, EIGHT = 1, 2
HOTP, TOTP = 1, 2


def varint(number):
    number &= (1 << 64) - 1  # negative numbers take ten bytes
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def number(field, value):
    return varint(field << 3) + varint(value)


def blob(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def entry(secret, name="", issuer="", algorithm=None, digits=None, kind=None, counter=None, id=None):
    out = blob(1, secret)
    for field, text in (2, name), (3, issuer):
        if text:
            out += blob(field, text if isinstance(text, bytes) else text.encode())
    for field, value in (4, algorithm), (5, digits), (6, kind), (7, counter):
        if value is not None:
            out += number(field, value)
    return out + (blob(8, id.encode()) if id else b"")


def payload(entries, version=1, size=1, index=0, batch_id=None):
    out = b"".join(blob(1, one) for one in entries)
    for field, value in (2, version), (3, size), (4, index), (5, batch_id):
        if value is not None:
            out += number(field, value)
    return out


def standard(data):
    return quote(base64.b64encode(data).decode(), safe="")


def link(value):
    return f"otpauth-migration://offline?data={value}"


def case(name, text, accounts, problems=(), part=1, parts=1, batch_id=None, ids=()):
    return {"name": name, "text": text, "accounts": list(accounts), "problems": list(problems), "part": part,
            "parts": parts, "batch_id": batch_id, "ids": list(ids)}


SECRET = bytes(range(1, 21))
B32 = base64.b32encode(SECRET).decode().rstrip("=")
ANN = entry(SECRET, "ACME:ann", "ACME", SHA1, SIX, TOTP)
ANN_LINE = f"totp [ACME] [ann] {B32}"
# Base64 of this has both a plus and a slash.
PLUS_SECRET = next(secret for secret in (bytes([n]) * 20 for n in range(256))
                   if {"+", "/"} <= set(base64.b64encode(payload([entry(secret, "plus>?~")])).decode()))
PLUS = payload([entry(PLUS_SECRET, "plus>?~", "", SHA1, SIX, TOTP)], batch_id=5)
PLUS_LINE = "totp [] [plus>?~] " + base64.b32encode(PLUS_SECRET).decode().rstrip("=")
assert {"+", "/"} <= set(base64.b64encode(PLUS).decode())
ODD = payload([entry(SECRET, "odd", "", SHA1, SIX, TOTP)], batch_id=77)
while not base64.b64encode(ODD).endswith(b"=="):
    ODD += number(99, 1)  # an unknown field of three bytes moves the padding
ODD_LINE = f"totp [] [odd] {B32}"


def cases():
    yield case("version 1, one account", link(standard(payload([ANN], batch_id=1234))), [ANN_LINE], batch_id=1234)
    yield case("version 2 with ids and without a batch id",
               link(standard(payload([entry(SECRET, "ann", "ACME", SHA1, SIX, TOTP, None, "id-1"),
                                      entry(SECRET, "bob", "ACME", SHA1, SIX, TOTP, None, "id-2")],
                                     2, 3, 1))),
               [ANN_LINE, f"totp [ACME] [bob] {B32}"], part=2, parts=3, ids=["id-1", "id-2"])
    yield case("a negative batch id takes ten bytes", link(standard(payload([ANN], batch_id=-2018915346))),
               [ANN_LINE], batch_id=-2018915346)
    yield case("no batch fields at all", link(standard(blob(1, ANN))), [ANN_LINE])
    yield case("no padding", link(base64.b64encode(ODD).decode().rstrip("=")), [ODD_LINE], batch_id=77)
    yield case("half of the padding", link(base64.b64encode(ODD).decode()[:-1]), [ODD_LINE], batch_id=77)
    yield case("padding not escaped", link(base64.b64encode(ODD).decode()), [ODD_LINE], batch_id=77)
    yield case("a raw plus and slash", link(base64.b64encode(PLUS).decode()), [PLUS_LINE], batch_id=5)
    yield case("a plus that a form decoder made a space", link(base64.b64encode(PLUS).decode().replace("+", " ")),
               [PLUS_LINE], batch_id=5)
    yield case("a plus that was escaped as a space", link(base64.b64encode(PLUS).decode().replace("+", "%20")),
               [PLUS_LINE], batch_id=5)
    yield case("the alphabet for file names", link(base64.urlsafe_b64encode(PLUS).decode()), [PLUS_LINE], batch_id=5)
    yield case("lines broken by a mail program",
               link("\r\n".join([standard(PLUS)[:20], standard(PLUS)[20:]])), [PLUS_LINE], batch_id=5)
    yield case("the scheme in capitals, a slash, another parameter",
               "OTPAUTH-MIGRATION://offline/?v=1&data=" + standard(payload([ANN], batch_id=1)), [ANN_LINE], batch_id=1)
    yield case("what is unspecified is SHA1, six digits, TOTP",
               link(standard(payload([entry(SECRET, "ann", "ACME"), entry(SECRET, "bob", "ACME", 0, 0, 0)],
                                     batch_id=1))),
               [ANN_LINE, f"totp [ACME] [bob] {B32}"], batch_id=1)
    yield case("HOTP is kept, with its counter",
               link(standard(payload([entry(SECRET, "ann", "ACME", SHA1, EIGHT, HOTP, 2 ** 63 - 1),
                                      entry(SECRET, "bob", "ACME", SHA256, SIX, HOTP)], batch_id=1))),
               [f"hotp [ACME] [ann] {B32} 8 digits counter {2 ** 63 - 1}", f"hotp [ACME] [bob] {B32} Sha256 counter 0"],
               batch_id=1)
    yield case("each hash",
               link(standard(payload([entry(SECRET, "ann", "ACME", algorithm, SIX, TOTP)
                                      for algorithm in (SHA1, SHA256, SHA512, MD5)], batch_id=1))),
               [ANN_LINE, ANN_LINE + " Sha256", ANN_LINE + " Sha512", ANN_LINE + " Md5"], batch_id=1)
    yield case("names: repeated issuer, prefix alone, none, Latin-1",
               link(standard(payload([entry(SECRET, "ACME: ann", "ACME"), entry(SECRET, "ACME:ann"), entry(SECRET),
                                      entry(SECRET, "Caf\u00e9".encode("latin-1"), "Caf\u00e9".encode("latin-1"))],
                                     batch_id=1))),
               [ANN_LINE, ANN_LINE, f"totp [] [] {B32}", f"totp [Caf\u00e9] [Caf\u00e9] {B32}"], batch_id=1)
    yield case("entries that cannot be used are problems, the others stay",
               link(standard(payload([entry(b"", "empty"), ANN, entry(SECRET, "bad", "", 9), entry(SECRET, "bad", "", 1, 9),
                                      entry(SECRET, "bad", "", 1, 1, 9), entry(SECRET, "bad", "", 1, 1, HOTP, -1),
                                      b"\x0a\x7fcut", blob(1, SECRET) + blob(4, b"text"), ANN], batch_id=1))),
               [ANN_LINE, ANN_LINE],
               [[0, "no secret"], [2, "an unknown algorithm"], [3, "digits is not a number"],
                [4, "an unknown kind of account"], [5, "counter is not a number"], [6, "a damaged entry"],
                [7, "a damaged entry"]], batch_id=1)
    yield case("an 80-bit secret, and one of a single byte",
               link(standard(payload([entry(SECRET[:10], "ann", "ACME"), entry(b"\x01", "bob", "ACME")], batch_id=1))),
               ["totp [ACME] [ann] " + base64.b32encode(SECRET[:10]).decode(), "totp [ACME] [bob] AE"], batch_id=1)
    yield case("fields in another order, unknown fields",
               link(standard(number(5, 8) + number(3, 2) + number(77, 5) + blob(78, b"new") + blob(1, ANN + number(9, 3))
                             + number(4, 1))),
               [ANN_LINE], part=2, parts=2, batch_id=8)


print(json.dumps(list(cases()), indent=1, ensure_ascii=False))
