#!/usr/bin/env python3
"""Writes generated.json: codes of every kind, made with hashlib and hmac alone.

Run in this folder: python3 generate.py > generated.json
Nothing here shares code with the core. Inputs come from a fixed SHA-256 chain, so that a second run writes
the same file.
"""

import hashlib
import hmac
import json
import struct

STEAM = "23456789BCDFGHJKMNPQRTVWXY"


class Source:
    """A stream of bytes that is the same at every run."""

    def __init__(self, name):
        self.state = hashlib.sha256(name.encode()).digest()

    def take(self, count):
        taken = b""
        while len(taken) < count:
            self.state = hashlib.sha256(self.state).digest()
            taken += self.state
        return taken[:count]

    def below(self, limit):
        return int.from_bytes(self.take(8), "big") % limit

    def choose(self, options):
        return options[self.below(len(options))]


def word(mac, length):
    """The bytes at the place that the last four bits name, without the sign bit; None where they end early."""
    offset = mac[-1] & 15
    chunk = mac[offset:offset + length]
    if len(chunk) < length:
        return None
    return int.from_bytes(chunk, "big") & (1 << (8 * length - 1)) - 1


def hotp(secret, counter, digits, algorithm):
    value = word(hmac.new(secret, struct.pack(">Q", counter), algorithm).digest(), 4)
    return None if value is None else f"{value % 10 ** digits:0{digits}d}"


def steam(secret, time):
    value = word(hmac.new(secret, struct.pack(">Q", time // 30), "sha1").digest(), 4)
    code = ""
    for _ in range(5):
        value, digit = divmod(value, 26)
        code += STEAM[digit]
    return code


def motp(secret, pin, time, digits, period):
    text = f"{time // period}{secret.hex()}{pin}"
    return hashlib.md5(text.encode()).hexdigest()[:digits]


def yandex(secret, pin, time):
    key = hashlib.sha256(pin.encode() + secret[:16]).digest()
    if key[0] == 0:
        key = key[1:]
    value = word(hmac.new(key, struct.pack(">Q", time // 30), "sha256").digest(), 8) % 26 ** 8
    code = ""
    for _ in range(8):
        value, letter = divmod(value, 26)
        code = chr(ord("a") + letter) + code
    return code


def pin_whose_key_begins_with_zero(secret):
    """The smallest PIN for which the key loses its first byte: one in 256."""
    return next(pin for pin in (f"{n:04d}" for n in range(10000))
                if hashlib.sha256(pin.encode() + secret[:16]).digest()[0] == 0)


def rows():
    source = Source("codes")
    for algorithm in ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]:
        for digits in range(1, 11):
            for length in [1, 10, 20, source.choose([63, 64, 65, 127, 128, 129, 200])]:
                secret = source.take(length)
                counter = source.choose([0, 1, 2 ** 32, 2 ** 63, 2 ** 64 - 1, source.below(2 ** 64)])
                yield {"kind": "hotp", "algorithm": algorithm.upper(), "digits": digits, "secret": secret.hex(),
                       "counter": str(counter), "code": hotp(secret, counter, digits, algorithm)}
                period, time = source.choose([1, 15, 30, 60, 86400]), source.below(2 ** 35)
                yield {"kind": "totp", "algorithm": algorithm.upper(), "digits": digits, "secret": secret.hex(),
                       "period": period, "time": time, "code": hotp(secret, time // period, digits, algorithm)}
    for _ in range(40):
        secret, time = source.take(source.choose([5, 11, 16, 20])), source.below(2 ** 33)
        yield {"kind": "steam", "secret": secret.hex(), "time": time, "code": steam(secret, time)}
    for _ in range(40):
        secret, pin = source.take(source.choose([8, 16])), f"{source.below(10000):04d}"
        digits, period, time = source.choose([6, 8]), source.choose([10, 30]), source.below(2 ** 33)
        yield {"kind": "motp", "secret": secret.hex(), "pin": pin, "digits": digits, "period": period,
               "time": time, "code": motp(secret, pin, time, digits, period)}
    for index in range(40):
        secret, time = source.take(source.choose([16, 26])), source.below(2 ** 33)
        pin = pin_whose_key_begins_with_zero(secret) if index < 5 else str(source.below(10 ** 16))
        yield {"kind": "yandex", "secret": secret.hex(), "pin": pin, "time": time,
               "code": yandex(secret, pin, time)}


print("[\n" + ",\n".join(json.dumps(row) for row in rows()) + "\n]")
