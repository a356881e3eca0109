//! Hostile answers: 500 of each kind, the same at every run. Each is a typed error, or reads as what the service
//! signed; none panics, and none changes what the phone believed before.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod seeded;

#[allow(dead_code, reason = "the file itself is for the generator")]
#[path = "push_golden/messages.rs"]
mod messages;

use authenticator_core::crypto::p256::PublicKey;
use authenticator_core::push::challenge::{self, Challenge, ChallengeError};
use authenticator_core::push::dpop;
use authenticator_core::push::enrolment::{Scanned, check_enrolled};
use authenticator_core::push::ids::Id;
use authenticator_core::push::json::{self, JsonError};
use authenticator_core::push::jwk::{Jwk, KeySet, SetKey};
use authenticator_core::push::jws::{Claims, JwsError, Unsigned};
use authenticator_core::push::upkeep::follow;
use authenticator_core::push::wakeup::Receiver;
use authenticator_core::push::wire::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use messages::{AT, key};
use seeded::Seeded;
use serde_json::Value;

const COUNT: usize = 500;
const CREDENTIAL: Id = Id([5; 16]);

/// Values that no member of ours takes, or takes elsewhere.
const ODD: [&str; 22] = [
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud83d\"",
    "\"\\u202e\"",
    "-1",
    "0",
    "1.5",
    "1e400",
    "18446744073709551615",
    "99999999999999999999999999999999",
    "\"1800000000\"",
    "[[[[[[[[[[]]]]]]]]]]",
    "\"https://other.example\"",
    "\"BQUFBQUFBQUFBQUFBQUFBQ\"",
    "\"AAAAAAAAAAAAAAAAAAAAAA\"",
    "\"AQEBAQEBAQEBAQEBAQEBAQ==\"",
    "{\"how\":\"type\",\"how\":\"scan\",\"len\":2}",
    "NaN",
];

fn golden(name: &str) -> (String, String) {
    let file: Value = serde_json::from_str(include_str!("../../tests/vectors/push/messages.json")).unwrap();
    let all = file["messages"].as_array().unwrap();
    let message = all.iter().find(|message| message["name"] == name).unwrap();
    let text = |member: &str| message[member].as_str().unwrap().to_owned();
    (text("claims"), text("jws"))
}

fn service() -> Origin {
    "https://klink.example".parse().unwrap()
}

/// Spoils JSON: a member's value, a member twice, a member gone, another encoding, cut off.
fn spoil(rng: &mut Seeded, text: &str) -> Vec<u8> {
    let members: Vec<usize> = text.match_indices("\":").map(|(place, _)| place + 2).collect();
    let at = *rng.choose(&members);
    let end = at + text[at..].find([',', '}']).unwrap_or(0);
    match rng.below(9) {
        0..=3 => format!("{}{}{}", &text[..at], rng.choose(&ODD), &text[end..]).into_bytes(),
        4 => {
            let name = text[..at].rfind(['{', ',']).unwrap();
            let member = &text[name + 1..end];
            format!("{},{member}{}", &text[..end], &text[end..]).into_bytes()
        }
        5 => {
            let name = text[..at].rfind(['{', ',']).unwrap() + 1;
            format!("{}\"x\":{}", &text[..name], &text[at..]).into_bytes()
        }
        6 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        7 => text.as_bytes()[..rng.below(text.len())].to_vec(),
        _ => {
            let mut bytes = text.as_bytes().to_vec();
            let place = rng.below(bytes.len());
            bytes[place] = rng.bits() as u8;
            bytes
        }
    }
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Spoils a signed message in a way that its signature should not survive, or that no header may have.
fn spoil_jws(rng: &mut Seeded, jws: &str, typ: &str) -> String {
    let parts: Vec<&str> = jws.split('.').collect();
    let payload = URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
    let claims = String::from_utf8(payload).unwrap();
    let thumbprint = Jwk(key("service").public()).thumbprint();
    match rng.below(8) {
        0 => {
            let algs = ["none", "HS256", "RS256", "ES384", "ES512", "EdDSA", "ES256 ", "\\u0045S256x"];
            let alg = rng.choose(&algs);
            let header = format!(r#"{{"alg":"{alg}","typ":"{typ}","kid":"{thumbprint}"}}"#);
            format!("{}.{}.{}", b64(header.as_bytes()), parts[1], parts[2])
        }
        1 => format!("{}.{}.", parts[0], parts[1]),
        2 => {
            let other = Jwk(key(rng.choose::<&str>(&["device", "vapid", "approval"])).public()).thumbprint();
            let header = format!(r#"{{"alg":"ES256","typ":"{typ}","kid":"{other}"}}"#);
            format!("{}.{}.{}", b64(header.as_bytes()), parts[1], parts[2])
        }
        3 => format!("{}.{}.{}", parts[0], b64(&spoil(rng, &claims)), parts[2]),
        4 => format!("{}.{}.{}", parts[0], parts[1], b64(&rng.bytes(64))),
        5 => {
            let count = rng.below(70);
            format!("{}.{}.{}", parts[0], parts[1], b64(&rng.bytes(count)))
        }
        6 => {
            let mut text = jws.to_owned();
            let place = rng.below(text.len());
            let other = *rng.choose::<&str>(&["A", ".", "=", "+", "/", "-", " ", "\n", "é"]);
            text.replace_range(place..=place, other);
            text
        }
        _ => "A".repeat(1 + rng.below(40_000)),
    }
}

fn verify(text: &str) -> Result<Challenge, ChallengeError> {
    challenge::verify(text, &[key("service").public()], CREDENTIAL, &service(), AT)
}

#[test]
fn a_spoilt_request_is_a_typed_error_or_reads_as_it_was_signed() {
    let (_, jws) = golden("request to sign in");
    let right = verify(&jws).unwrap();
    let mut rng = Seeded(4);
    let mut refused = 0;
    for _ in 0..COUNT {
        let text = spoil_jws(&mut rng, &jws, Request::TYP);
        match verify(&text) {
            Ok(challenge) => assert!(text == jws && challenge == right, "{text}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > COUNT * 9 / 10, "{refused}");
    assert_eq!(verify(&jws), Ok(right), "nothing has changed");
}

/// A service whose key is in hostile hands signs anything: the shape is still judged. The control is in the count:
/// what reads has all that a screen needs.
#[test]
fn a_signed_request_of_odd_claims_is_an_error_or_whole() {
    let (claims, _) = golden("request to sign in");
    let mut rng = Seeded(5);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..COUNT {
        let payload = spoil(&mut rng, &claims);
        let service_key = key("service");
        let text = Unsigned::with_payload::<Request>(&service_key.public(), &payload).sign(&service_key);
        match verify(&text) {
            Ok(Challenge { request, .. }) => {
                read += 1;
                assert_eq!((request.iss, request.aud), (service(), CREDENTIAL));
                let life = request.exp.time().seconds() - request.iat.time().seconds();
                assert!((1..=300).contains(&life) && AT < request.exp.time());
            }
            Err(error) => {
                refused += 1;
                assert!(error.to_string().len() < 120);
            }
        }
    }
    assert!(read > COUNT / 50 && refused > COUNT / 2, "{read} read, {refused} refused");
}

#[test]
fn another_users_request_is_refused_whoever_signed_it() {
    let (claims, _) = golden("request to sign in");
    let service_key = key("service");
    let mut rng = Seeded(6);
    for _ in 0..COUNT {
        let other = b64(&rng.bytes(16));
        let payload = claims.replace("BQUFBQUFBQUFBQUFBQUFBQ", &other);
        let text =
            Unsigned::with_payload::<Request>(&service_key.public(), payload.as_bytes()).sign(&service_key);
        assert_eq!(verify(&text), Err(ChallengeError::Audience), "{other}");
    }
}

#[test]
fn a_spoilt_body_is_a_typed_error_or_whole() {
    let file: Value = serde_json::from_str(include_str!("../../tests/vectors/push/messages.json")).unwrap();
    let mut rng = Seeded(7);
    let mut kinds = [0; 4];
    for _ in 0..COUNT {
        let body = rng.choose(file["bodies"].as_array().unwrap()).clone();
        let (name, text) = (body["name"].as_str().unwrap(), body["text"].as_str().unwrap());
        if name == "token form" {
            continue;
        }
        let bytes = spoil(&mut rng, text);
        let read = match name {
            "key set" => json::read::<KeySet>(&bytes, json::CAP).map(drop),
            "offer by code" => json::read::<OfferBody>(&bytes, json::CAP).map(drop),
            "enrol" => json::read::<EnrolBody>(&bytes, json::LARGE_CAP).map(drop),
            "token" => json::read::<TokenReply>(&bytes, json::CAP).map(drop),
            "list" => json::read::<List>(&bytes, json::LARGE_CAP).map(drop),
            "state" => json::read::<RequestState>(&bytes, json::CAP).map(drop),
            "answered" => json::read::<AnswerReply>(&bytes, json::CAP).map(drop),
            "own test" => json::read::<TestReply>(&bytes, json::CAP).map(drop),
            "rotate" => json::read::<RotateBody>(&bytes, json::CAP).map(drop),
            "rotated" => json::read::<RotateReply>(&bytes, json::CAP).map(drop),
            "service keys" => json::read::<ServiceKeys>(&bytes, json::LARGE_CAP).map(drop),
            "closed" => json::read::<Problem>(&bytes, json::CAP).map(drop),
            "revoked" => json::read::<OauthError>(&bytes, json::CAP).map(drop),
            other => panic!("{other} is no body of ours"),
        };
        kinds[match read {
            Ok(()) => 0,
            Err(JsonError::Syntax { .. }) => 1,
            Err(JsonError::Duplicate { .. }) => 2,
            Err(JsonError::Shape { .. } | JsonError::TooLarge { .. }) => 3,
        }] += 1;
    }
    assert!(kinds.iter().all(|count| *count > COUNT / 50), "{kinds:?}");
}

#[test]
fn a_spoilt_enrolment_never_gives_an_account() {
    let (_, offer) = golden("offer");
    let (_, reply) = golden("enrolled");
    let (device, approval) =
        (Jwk(key("device").public()).thumbprint(), Jwk(key("approval").public()).thumbprint());
    let keys = KeySet { keys: vec![SetKey::P256 { key: key("service").public(), kid: None }] };
    let link = |offer: &str| format!("https://klink.example/push-enrol#{offer}");
    let taken = |text: &str| Scanned::parse(&link(text)).and_then(|scanned| scanned.verify(&keys, AT));
    let (right, service_key) = taken(&offer).unwrap();
    let enrolled = |text: &str| check_enrolled(text, &right, &service_key, device, approval);
    assert!(enrolled(&reply).is_ok());
    let mut rng = Seeded(8);
    for _ in 0..COUNT {
        let text = spoil_jws(&mut rng, &reply, Enrolled::TYP);
        assert!(text == reply || enrolled(&text).is_err(), "{text}");
        let text = spoil_jws(&mut rng, &offer, Offer::TYP);
        assert!(text == offer || taken(&text).is_err(), "{text}");
    }
}

#[test]
fn spoilt_service_keys_leave_the_pins_as_they_are() {
    let (_, link) = golden("next service key");
    let pinned = [(key("service").public(), 0)];
    let chain = |text: String| ServiceKeys { keys: vec![text] };
    assert_eq!(follow(&chain(link.clone()), &pinned, &service(), AT).len(), 2);
    let mut rng = Seeded(9);
    for _ in 0..COUNT {
        let text = spoil_jws(&mut rng, &link, ServiceKey::TYP);
        if text != link {
            assert_eq!(follow(&chain(text), &pinned, &service(), AT), pinned);
        }
    }
}

#[test]
fn a_spoilt_proof_or_wake_up_is_refused() {
    let (_, proof) = golden("proof with token");
    let token = "b3BhcXVlIHRva2VuIG9mIHRoZSBleGFtcGxl";
    let call =
        dpop::Call { method: "GET", url: "https://klink.example/push/v1/requests", token: Some(token) };
    let check = |text: &str| dpop::check(text, &call, AT, None, PublicKey::verifies);
    assert!(check(&proof).is_ok());
    let receiver = Receiver::make().unwrap();
    let message = receiver.subscription().wake(CREDENTIAL, Id([6; 16])).unwrap();
    let mut rng = Seeded(10);
    for _ in 0..COUNT {
        let text = spoil_jws(&mut rng, &proof, "dpop+jwt");
        assert!(text == proof || check(&text).is_err(), "{text}");
        let mut bytes = message.clone();
        match rng.below(3) {
            0 => bytes.truncate(rng.below(message.len())),
            1 => bytes[86 + rng.below(message.len() - 86)] ^= 1 << rng.below(8),
            _ => {
                let count = rng.below(5000);
                bytes = rng.bytes(count);
            }
        }
        assert!(bytes == message || receiver.read(&bytes).is_err());
    }
}

/// The control: without the cap the same text is a JWS like any other.
#[test]
fn a_huge_message_is_refused_before_it_is_parsed() {
    let (claims, _) = golden("request to sign in");
    let padded = claims.replacen('{', &format!("{{\"x\":\"{}\",", "a".repeat(9000)), 1);
    let service_key = key("service");
    let text = Unsigned::with_payload::<Request>(&service_key.public(), padded.as_bytes()).sign(&service_key);
    let too_large = ChallengeError::Jws(JwsError::TooLarge { bytes: text.len(), cap: Request::CAP });
    assert_eq!(verify(&text), Err(too_large));
    let fits = claims.replacen('{', &format!("{{\"x\":\"{}\",", "a".repeat(900)), 1);
    let text = Unsigned::with_payload::<Request>(&service_key.public(), fits.as_bytes()).sign(&service_key);
    assert!(verify(&text).is_ok());
}
