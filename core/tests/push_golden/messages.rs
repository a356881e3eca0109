//! One of every message and body of the push protocol, made with fixed keys, times and ids.
//!
//! Signatures are those of RFC 6979, so that the same messages come out each time.

use authenticator_core::crypto::p256::PrivateKey;
use authenticator_core::push::check::{Agreed, check_number};
use authenticator_core::push::dialects;
use authenticator_core::push::dpop::{Proof, token_hash};
use authenticator_core::push::ids::{Id, RequestDigest, Thumbprint};
use authenticator_core::push::json;
use authenticator_core::push::jwk::{Jwk, KeySet, SetKey, VAPID_KID};
use authenticator_core::push::jws::{Claims, Unsigned};
use authenticator_core::push::matching::print_scan;
use authenticator_core::push::vapid::{self, Vapid};
use authenticator_core::push::wakeup::{Receiver, Wakeup};
use authenticator_core::push::wire::*;
use authenticator_core::secret::{SecretBytes, SecretText};
use authenticator_core::time::UnixTime;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// When everything happens: 2027-01-15 08:00:00 UTC.
pub const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);

/// The keys by their names; the number of each is 32 times its byte.
pub const KEYS: [(&str, u8); 8] = [
    ("service", 0x11),
    ("service-next", 0x12),
    ("device", 0x21),
    ("approval", 0x22),
    ("device-next", 0x23),
    ("dpop", 0x31),
    ("vapid", 0x41),
    ("phone-webpush", 0x51),
];

/// Returns one of [`KEYS`].
pub fn key(name: &str) -> PrivateKey {
    let (_, byte) = KEYS.iter().find(|(known, _)| *known == name).expect("a name of the list");
    PrivateKey::from_bytes(&SecretBytes::new(vec![*byte; 32])).expect("below the order of the group")
}

/// Prints the whole file.
pub fn file() -> String {
    let mut text = serde_json::to_string_pretty(&whole()).expect("it is JSON");
    text.push('\n');
    text
}

const TOKEN: &str = "b3BhcXVlIHRva2VuIG9mIHRoZSBleGFtcGxl";

/// Returns the file's value.
pub fn whole() -> Value {
    let keys: Vec<Value> = KEYS
        .iter()
        .map(|(name, byte)| {
            let jwk = Jwk(key(name).public());
            json!({"name": name, "private_hex": format!("{byte:02x}").repeat(32), "jwk": value(&jwk),
                "thumbprint": jwk.thumbprint().to_string()})
        })
        .collect();
    json!({
        "keys": keys,
        "check_number": check(),
        "access_token": TOKEN,
        "attestation_challenge": attestation_challenge(),
        "messages": messages(),
        "bodies": bodies(),
        "pushmatch": print_scan(Id([0x06; 16]), Id([0x07; 16])),
        "wake_up": wake_up(),
        "vapid": authorization(),
    })
}

fn thumbprint(name: &str) -> Thumbprint {
    Jwk(key(name).public()).thumbprint()
}

fn service() -> Origin {
    "https://klink.example".parse().expect("an origin")
}

fn label(text: &str) -> Label {
    text.parse().expect("one line")
}

fn after(seconds: i64) -> NumericDate {
    NumericDate::from(AT).plus_s(seconds)
}

fn value<T: serde::Serialize>(of: &T) -> Value {
    serde_json::from_str(&json::print(of)).expect("it is JSON")
}

/// What the hardware of both keys is asked to attest, base64url.
fn attestation_challenge() -> String {
    let signer = key("service");
    let offer = Unsigned::new(&signer.public(), &offer()).sign(&signer);
    let keys = KeySet { keys: vec![SetKey::P256 { key: signer.public(), kid: None }] };
    let scanned = dialects::Offer::parse(&format!("pushenrol:#{offer}")).expect("an offer");
    let believed = scanned.believe(json::print(&keys).as_bytes(), AT).expect("signed by its service");
    URL_SAFE_NO_PAD.encode(believed.attestation_challenge().expect("the offer wants one"))
}

/// One message; `claims` repeats what is signed in a form that is easy to read.
fn message<C: Claims>(name: &str, by: &str, claims: &C) -> Value {
    let key = key(by);
    let jws = Unsigned::new(&key.public(), claims).sign(&key);
    json!({"name": name, "typ": C::TYP, "key": by, "claims": json::print(claims), "jws": jws})
}

fn messages() -> Vec<Value> {
    let credential = Id([0x05; 16]);
    let mut all = vec![message("offer", "service", &offer())];
    for by in ["device", "approval"] {
        all.push(message(&format!("enrol by {by} key"), by, &enrol()));
    }
    all.push(message("enrolled", "service", &enrolled()));
    let assertion = Assertion {
        iss: credential,
        sub: credential,
        aud: service(),
        jti: Id([0x08; 16]),
        iat: after(0),
        exp: after(60),
    };
    all.push(message("assertion", "device", &assertion));
    all.push(message("proof without token", "dpop", &proof("POST", "/push/v1/token", None)));
    all.push(message("proof with token", "dpop", &proof("GET", "/push/v1/requests", Some(TOKEN))));
    for (name, request) in requests() {
        all.push(message(&name, "service", &request));
    }
    for (name, by, dec) in decisions() {
        all.push(message(name, by, &answer(dec)));
    }
    let update = Update {
        iss: credential,
        aud: service(),
        jti: Id([0x0b; 16]),
        iat: after(0),
        exp: after(60),
        push: address(),
    };
    all.push(message("new address", "device", &update));
    let rotate = Rotate {
        iss: credential,
        aud: service(),
        jti: Id([0x0c; 16]),
        iat: after(0),
        exp: after(60),
        which: WhichKey::Device,
        jwk: Jwk(key("device-next").public()),
    };
    for by in ["device", "device-next"] {
        all.push(message(&format!("rotation by {by} key"), by, &rotate));
    }
    let next = ServiceKey {
        iss: service(),
        iat: after(0),
        exp: after(90 * 24 * 3600),
        jwk: Jwk(key("service-next").public()),
    };
    all.push(message("next service key", "service", &next));
    all
}

fn offer() -> Offer {
    Offer {
        v: 1,
        iss: service(),
        aud: OFFER_AUDIENCE.to_owned(),
        jti: Id([0x01; 16]),
        iat: after(0),
        exp: after(300),
        sub: "u-1024".to_owned(),
        name: label("mila@example.org"),
        svc: label("Université d'Exemple"),
        logo: Some("/logo.png".to_owned()),
        nonce: Id([0x02; 16]),
        att: AttestationWish::Wanted,
        jkt_s: thumbprint("service"),
    }
}

fn receiver() -> Receiver {
    let key = key("phone-webpush").to_bytes();
    Receiver::from_parts(&key, SecretBytes::new(vec![0x52; 16])).expect("32 and 16 bytes")
}

fn address() -> PushAddress {
    PushAddress::webpush("https://push.example.net/wpush/v2/abc", &receiver().subscription())
}

fn enrol() -> EnrolResponse {
    EnrolResponse {
        aud: service(),
        jti: offer().jti,
        nonce: offer().nonce,
        dev: Dev {
            device_jwk: Jwk(key("device").public()),
            approval_jwk: Jwk(key("approval").public()),
            name: label("Mila's telefoon 📱"),
            os: label("android 16"),
            app: label("klink 0.1.0"),
            hw: true,
        },
        push: address(),
        att: Some(Attestation {
            fmt: "android-key".to_owned(),
            device: "ZGV2aWNl".to_owned(),
            approval: "YXBwcm92YWw".to_owned(),
        }),
        iat: after(5),
        exp: after(300),
    }
}

fn enrolled() -> Enrolled {
    Enrolled {
        iss: service(),
        aud: Id([0x05; 16]),
        jti: offer().jti,
        jkt_d: thumbprint("device"),
        jkt_a: thumbprint("approval"),
        snonce: Id([0x03; 16]),
        iat: after(6),
        account: SecretText::from(
            "otpauth://totp/Example:mila%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example",
        ),
    }
}

fn proof(method: &str, path: &str, token: Option<&str>) -> Proof {
    Proof {
        jti: Id([0x09; 16]).to_string(),
        htm: method.to_owned(),
        htu: service().address(path),
        iat: after(1),
        nonce: Some(Id([0x0a; 16]).to_string()),
        ath: token.map(token_hash),
    }
}

fn requests() -> Vec<(String, Request)> {
    let login = Request {
        iss: service(),
        aud: Id([0x05; 16]),
        jti: Id([0x06; 16]),
        iat: after(0),
        exp: after(60),
        act: Act::Login,
        rp: Party { id: "mail".to_owned(), name: label("Webmail") },
        ctx: Context {
            ip: label("192.0.2.7"),
            city: Some(label("Utrecht")),
            country: Some(label("NL")),
            ua: label("Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0"),
            device: Some(label("Firefox on Linux")),
            time: after(-2),
            new_device: true,
        },
        msg: None,
        authorization_details: None,
        matching: MatchRule { how: How::Type, len: Some(2) },
    };
    let mut payment = login.clone();
    payment.act = Act::Txn;
    payment.jti = Id([0x16; 16]);
    payment.msg = Some(label("Betaling van € 12,50"));
    let details = r#"[{"instructedAmount":{"amount":"12.50","currency":"EUR"},"type":"payment_initiation"}]"#;
    payment.authorization_details = Some(details.parse().expect("it is JSON"));
    payment.matching = MatchRule { how: How::Scan, len: None };
    let mut test = login.clone();
    test.act = Act::Test;
    test.jti = Id([0x26; 16]);
    test.ctx.city = None;
    test.ctx.country = None;
    test.ctx.device = None;
    test.matching.len = Some(6);
    vec![
        ("request to sign in".to_owned(), login),
        ("request to pay, scanned".to_owned(), payment),
        ("request of a test".to_owned(), test),
    ]
}

fn decisions() -> Vec<(&'static str, &'static str, Decision)> {
    let number = MatchValue { how: How::Type, value: "07".to_owned() };
    let scanned = MatchValue { how: How::Scan, value: Id([0x07; 16]).to_string() };
    vec![
        ("approval with a number", "approval", Decision::Approve { matching: number, uv: Uv::Biometric }),
        ("approval with a scanned code", "approval", Decision::Approve { matching: scanned, uv: Uv::Pin }),
        ("denial", "device", Decision::Deny { why: DenyReason::Cancelled }),
        ("report", "device", Decision::Report { why: ReportReason::NotMe, lock: true }),
    ]
}

fn answer(dec: Decision) -> Answer {
    let (_, request) = requests().swap_remove(0);
    let service_key = key("service");
    let text = Unsigned::new(&service_key.public(), &request).sign(&service_key);
    Answer {
        iss: Id([0x05; 16]),
        aud: service(),
        jti: Id([0x0d; 16]),
        req: request.jti,
        rdig: RequestDigest::of(&text),
        iat: after(10),
        exp: after(40),
        dec,
    }
}

fn bodies() -> Vec<Value> {
    let body = |name: &str, text: String| json!({"name": name, "text": text});
    let keys = KeySet {
        keys: vec![
            SetKey::P256 { key: key("service").public(), kid: Some(thumbprint("service").to_string()) },
            SetKey::P256 { key: key("vapid").public(), kid: Some(VAPID_KID.to_owned()) },
        ],
    };
    let list =
        List { requests: vec!["e30.e30.AA".to_owned()], n_open: 1, poll_s: 3, renew: Some(Renew::Approval) };
    let state =
        RequestState { jti: Id([0x06; 16]), state: State::Approved, by: Some(By::This), at: Some(after(11)) };
    let closed =
        Problem { state: Some(State::Expired), status: Some(410), ..Problem::new(Code::RequestClosed) };
    let revoked = OauthError {
        code: Some(Code::CredentialRevoked),
        reason: Some(RevokedReason::NumberMismatch),
        ..OauthError::new(OauthCode::InvalidClient)
    };
    let token = TokenReply { access_token: TOKEN.to_owned(), token_type: "DPoP".to_owned(), expires_in: 600 };
    let rotated = RotateReply { jkt_d: thumbprint("device-next"), jkt_a: thumbprint("approval") };
    let pair = ("e30.e30.AA".to_owned(), "e30.e30.AQ".to_owned());
    vec![
        body("key set", json::print(&keys)),
        body("offer by code", json::print(&OfferBody { code: "7QK2M9XWR4TB".to_owned() })),
        body("enrol", json::print(&EnrolBody { device: pair.0.clone(), approval: pair.1.clone() })),
        body("token form", TokenForm { client_assertion: pair.0.clone() }.print()),
        body("token", json::print(&token)),
        body("list", json::print(&list)),
        body("state", json::print(&state)),
        body("answered", json::print(&AnswerReply { state: State::Approved })),
        body("own test", json::print(&TestReply { jti: Id([0x26; 16]), matching: "07".to_owned() })),
        body("rotate", json::print(&RotateBody { old: pair.0.clone(), new: pair.1.clone() })),
        body("rotated", json::print(&rotated)),
        body("service keys", json::print(&ServiceKeys { keys: vec![pair.0] })),
        body("closed", json::print(&closed)),
        body("revoked", json::print(&revoked)),
    ]
}

fn check() -> Value {
    let agreed = Agreed {
        offer: offer().jti,
        nonce: offer().nonce,
        server_nonce: enrolled().snonce,
        device: thumbprint("device"),
        approval: thumbprint("approval"),
        service: thumbprint("service"),
    };
    json!(check_number(&agreed))
}

fn wake_up() -> Value {
    let plain = json::print(&Wakeup { v: 1, c: Id([0x05; 16]), r: Id([0x06; 16]) });
    let sender = PrivateKey::from_bytes(&SecretBytes::new(vec![0x53; 32])).expect("below the order");
    let message = receiver().subscription().seal_with(plain.as_bytes(), &sender, [0x54; 16]);
    let hex: String = message.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"key": "phone-webpush", "auth_hex": "52".repeat(16), "plain": plain, "message_hex": hex})
}

fn authorization() -> Value {
    let key = key("vapid");
    let claims = Vapid {
        aud: "https://push.example.net".to_owned(),
        exp: after(3600),
        sub: Some("mailto:push@klink.example".to_owned()),
    };
    let text = vapid::authorization(&key.public(), &claims, |input| Ok::<_, ()>(key.sign(input)));
    json!({"key": "vapid", "claims": json::print(&claims), "authorization": text.expect("a key in memory signs")})
}
