#!/usr/bin/env python3
"""Reads the golden messages of the push protocol with nothing of Klink's: docs/push-protocol.md and the
`cryptography` package are enough.

usage: read_push.py FILE
Verifies every signature, rebuilds every signed text and the check number, opens the wake-up, prints what it found
as JSON and exits 0; or says what does not hold and exits 1.
"""
import base64, hashlib, json, sys
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# What each type's claims are, in their order; what may be absent is in brackets.
CLAIMS = {
    "push-enrol+jwt": "v iss aud jti iat exp sub name svc [logo] nonce att jkt_s",
    "push-enrol-resp+jwt": "aud jti nonce dev push [att] iat exp",
    "push-enrolled+jwt": "iss aud jti jkt_d jkt_a snonce iat account",
    "push-assertion+jwt": "iss sub aud jti iat exp",
    "dpop+jwt": "jti htm htu iat [nonce] [ath]",
    "push-req+jwt": "iss aud jti iat exp act rp ctx [msg] [authorization_details] match",
    "push-ans+jwt": "iss aud jti req rdig iat exp dec [match] [uv] [why] [lock]",
    "push-update+jwt": "iss aud jti iat exp push",
    "push-rotate+jwt": "iss aud jti iat exp which jwk",
    "push-svc-key+jwt": "iss iat exp jwk",
}
# Who signs what: the service, or one of the phone's keys.
SERVICE = {"push-enrol+jwt", "push-enrolled+jwt", "push-req+jwt", "push-svc-key+jwt"}


class Refused(Exception):
    pass


def need(holds, why):
    if not holds:
        raise Refused(why)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(b64(data) == text, "base64url in another spelling")
    return data


def once(pairs):
    names = [name for name, _ in pairs]
    need(len(names) == len(set(names)), "a member stands there twice")
    return dict(pairs)


def parse(text):
    return json.loads(text, object_pairs_hook=once)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def public_key(jwk):
    need((jwk["kty"], jwk["crv"]) == ("EC", "P-256") and "d" not in jwk, "no public P-256 key")
    x, y = (int.from_bytes(unb64(jwk[name]), "big") for name in "xy")
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def thumbprint(jwk):
    return hashlib.sha256(compact({name: jwk[name] for name in ("crv", "kty", "x", "y")}).encode()).digest()


def verify(jwk, signing_input, signature):
    raw = unb64(signature)
    need(len(raw) == 64, "a signature has 64 bytes")
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public_key(jwk).verify(der, signing_input.encode(), ec.ECDSA(SHA256()))


def check_form(typ, claims):
    allowed = CLAIMS[typ].split()
    needed = [name for name in allowed if not name.startswith("[")]
    order = [name.strip("[]") for name in allowed]
    need(all(name in claims for name in needed), f"{typ} lacks a claim")
    places = [order.index(name) for name in claims]
    need(places == sorted(places), f"{typ} has its claims in another order")


def read_message(message, keys):
    name, typ, jwk = message["name"], message["typ"], keys[message["key"]]["jwk"]
    header, payload, signature = message["jws"].split(".")
    own = {"jwk": {name: jwk[name] for name in ("kty", "crv", "x", "y")}}
    names = {"push-enrol+jwt": {}, "dpop+jwt": own}.get(typ, {"kid": b64(thumbprint(jwk))})
    expected = {"alg": "ES256", "typ": typ, **names}
    need(parse(unb64(header)) == expected, f"{name}: another header")
    claims = parse(message["claims"])
    check_form(typ, claims)
    # The signed text is rebuilt from the values alone.
    rebuilt = f"{b64(compact(expected).encode())}.{b64(compact(claims).encode())}"
    need(rebuilt == f"{header}.{payload}", f"{name}: another text was signed")
    verify(jwk, rebuilt, signature)
    by_service = message["key"].startswith("service")
    need(by_service == (typ in SERVICE), f"{name}: signed by the wrong side")
    if typ == "push-ans+jwt":
        need((claims["dec"] == "approve") == (message["key"] == "approval"), f"{name}: signed by the wrong key")
    return claims


def check_number(*, offer, nonce, snonce, device, approval, service):
    fields = [b"klink-check-1", *(text.encode() for text in (offer, nonce, snonce)), device, approval, service]
    digest = hashlib.sha256(b"".join(len(field).to_bytes(2, "big") + field for field in fields)).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**6:06}"


def point(jwk):
    return b"\x04" + unb64(jwk["x"]) + unb64(jwk["y"])


def hkdf(salt, secret, info, length):
    return HKDF(SHA256(), length, salt, info).derive(secret)


def open_wake_up(wake_up, keys):
    phone = keys[wake_up["key"]]
    private = ec.derive_private_key(int(phone["private_hex"], 16), ec.SECP256R1())
    message, auth = bytes.fromhex(wake_up["message_hex"]), bytes.fromhex(wake_up["auth_hex"])
    salt, length, sender, record = message[:16], message[20], message[21:86], message[86:]
    need(length == 65 and len(record) <= int.from_bytes(message[16:20], "big"), "not one record")
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    secret = hkdf(auth, shared, b"WebPush: info\0" + point(phone["jwk"]) + sender, 32)
    key = hkdf(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
    plain = AESGCM(key).decrypt(hkdf(salt, secret, b"Content-Encoding: nonce\0", 12), record, None)
    plain = plain.rstrip(b"\0")
    need(plain[-1:] == b"\x02", "no last record")
    return plain[:-1].decode()


def read_vapid(vapid, keys):
    jwk = keys[vapid["key"]]["jwk"]
    scheme, token, key = vapid["authorization"].replace(",", "").split(" ")
    need(scheme == "vapid" and key == f"k={b64(point(jwk))}", "another key than the service's")
    signing_input, signature = token.removeprefix("t=").rsplit(".", 1)
    rebuilt = f"{b64(compact({'alg': 'ES256', 'typ': 'JWT'}).encode())}.{b64(vapid['claims'].encode())}"
    need(signing_input == rebuilt, "another text was signed")
    verify(jwk, signing_input, signature)


def read(golden):
    keys = {key["name"]: key for key in golden["keys"]}
    for name, key in keys.items():
        numbers = ec.derive_private_key(int(key["private_hex"], 16), ec.SECP256R1()).public_key().public_numbers()
        need(public_key(key["jwk"]).public_numbers() == numbers, f"{name} is another key")
        need(b64(thumbprint(key["jwk"])) == key["thumbprint"], f"{name} has another thumbprint")
    claims, jws = {}, {}
    for message in golden["messages"]:
        claims[message["name"]] = read_message(message, keys)
        jws[message["name"]] = message["jws"]
    prints = {name: thumbprint(key["jwk"]) for name, key in keys.items()}
    offer, enrolled = claims["offer"], claims["enrolled"]
    need(offer["jkt_s"] == b64(prints["service"]), "the offer names another key")
    need(claims["enrol by device key"] == claims["enrol by approval key"], "the two messages differ")
    need(claims["rotation by device key"] == claims["rotation by device-next key"], "the two messages differ")
    for claim, key in (("jkt_d", "device"), ("jkt_a", "approval")):
        need(enrolled[claim] == b64(prints[key]), "the service enrolled other keys")
    number = check_number(offer=offer["jti"], nonce=offer["nonce"], snonce=enrolled["snonce"],
                          device=prints["device"], approval=prints["approval"], service=prints["service"])
    need(number == golden["check_number"], f"the check number is {number}")
    digest = b64(hashlib.sha256(jws["request to sign in"].encode()).digest())
    request = claims["request to sign in"]
    answers = [name for name in claims if "rdig" in claims[name]]
    for name in answers:
        need(claims[name]["rdig"] == digest and claims[name]["req"] == request["jti"], f"{name}: another request")
    challenge = hashlib.sha256((offer["jti"] + offer["nonce"]).encode()).digest()
    need(golden["attestation_challenge"] == b64(challenge), "the hardware is asked to attest something else")
    ath = b64(hashlib.sha256(golden["access_token"].encode()).digest())
    need(claims["proof with token"]["ath"] == ath and "ath" not in claims["proof without token"], "another token")
    scanned = claims["approval with a scanned code"]["match"]["value"]
    need(golden["pushmatch"] == f"pushmatch:{request['jti']}.{scanned}", "another code")
    need(open_wake_up(golden["wake_up"], keys) == golden["wake_up"]["plain"], "the wake-up says something else")
    need(set(parse(golden["wake_up"]["plain"])) == {"v", "c", "r"}, "the wake-up says more than two ids")
    read_vapid(golden["vapid"], keys)
    for body in golden["bodies"]:
        if body["name"] != "token form":
            need(compact(parse(body["text"])) == body["text"], f"{body['name']} is not compact")
    vector = check_number(offer=b64(b"\x01" * 16), nonce=b64(b"\x02" * 16), snonce=b64(b"\x03" * 16),
                          device=b"\x11" * 32, approval=b"\x22" * 32, service=b"\x33" * 32)
    return {"messages": len(claims), "answers": len(answers), "bodies": len(golden["bodies"]),
            "check_number": number, "check_number_of_the_document": vector}


def main():
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            print(compact(read(parse(file.read()))))
    except (Refused, InvalidSignature, InvalidTag, ValueError, KeyError, TypeError) as error:
        sys.exit(f"refused: {type(error).__name__} {error}")


if __name__ == "__main__":
    main()
