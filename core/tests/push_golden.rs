//! The messages in `tests/vectors/push` are for ever: every one verifies, reads, and prints as the same bytes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "push_golden/messages.rs"]
mod messages;

use authenticator_core::crypto::p256::PublicKey;
use authenticator_core::push::dpop::Proof;
use authenticator_core::push::jwk::{Jwk, KeySet};
use authenticator_core::push::jws::{self, Claims, Unsigned};
use authenticator_core::push::wakeup::Receiver;
use authenticator_core::push::wire::*;
use authenticator_core::push::{json, vapid};
use authenticator_core::secret::SecretBytes;
use messages::{AT, KEYS, key};
use serde_json::Value;

const GOLDEN: &str = include_str!("../../tests/vectors/push/messages.json");

fn golden() -> Value {
    serde_json::from_str(GOLDEN).unwrap()
}

fn text<'a>(of: &'a Value, member: &str) -> &'a str {
    of[member].as_str().unwrap_or_else(|| panic!("{member} is missing in {of}"))
}

#[test]
fn what_is_made_today_is_what_was_made_then() {
    assert!(messages::whole() == golden(), "{}", messages::file());
}

/// Reads one message as its type, and returns its claims as they print.
fn reprinted<C: Claims>(jws: &str, key: &PublicKey) -> String {
    let claims = jws::parse::<C>(jws).and_then(|message| message.verify(key)).unwrap();
    assert_eq!(claims_of::<C>(jws), json::print(&claims));
    json::print(&claims)
}

fn claims_of<C: Claims>(jws: &str) -> String {
    String::from_utf8(jws::parse::<C>(jws).unwrap().payload().to_vec()).unwrap()
}

#[test]
fn every_message_verifies_and_prints_as_it_was_signed() {
    let golden = golden();
    let all = golden["messages"].as_array().unwrap();
    assert_eq!(all.len(), 18);
    for message in all {
        let (typ, jws) = (text(message, "typ"), text(message, "jws"));
        let signer = key(text(message, "key"));
        let reprint = match typ {
            "push-enrol+jwt" => reprinted::<Offer>,
            "push-enrol-resp+jwt" => reprinted::<EnrolResponse>,
            "push-enrolled+jwt" => reprinted::<Enrolled>,
            "push-assertion+jwt" => reprinted::<Assertion>,
            "dpop+jwt" => reprinted::<Proof>,
            "push-req+jwt" => reprinted::<Request>,
            "push-ans+jwt" => reprinted::<Answer>,
            "push-update+jwt" => reprinted::<Update>,
            "push-rotate+jwt" => reprinted::<Rotate>,
            "push-svc-key+jwt" => reprinted::<ServiceKey>,
            other => panic!("{other} is no type of ours"),
        };
        assert_eq!(reprint(jws, &signer.public()), text(message, "claims"), "{}", text(message, "name"));
    }
}

/// The control is the message as it is.
#[test]
fn no_message_passes_for_another_type_or_key() {
    let golden = golden();
    for message in golden["messages"].as_array().unwrap() {
        let (typ, jws, by) = (text(message, "typ"), text(message, "jws"), text(message, "key"));
        let types = [
            jws::parse::<Offer>(jws).map(drop),
            jws::parse::<EnrolResponse>(jws).map(drop),
            jws::parse::<Enrolled>(jws).map(drop),
            jws::parse::<Assertion>(jws).map(drop),
            jws::parse::<Proof>(jws).map(drop),
            jws::parse::<Request>(jws).map(drop),
            jws::parse::<Answer>(jws).map(drop),
            jws::parse::<Update>(jws).map(drop),
            jws::parse::<Rotate>(jws).map(drop),
            jws::parse::<ServiceKey>(jws).map(drop),
        ];
        assert_eq!(types.iter().filter(|read| read.is_ok()).count(), 1, "{typ}");
        let Ok(parsed) = jws::parse::<Request>(jws) else { continue };
        for (other, _) in KEYS {
            assert_eq!(parsed.verify(&key(other).public()).is_ok(), other == by, "{other}");
        }
    }
}

#[test]
fn two_keys_sign_the_same_bytes() {
    let golden = golden();
    let all = golden["messages"].as_array().unwrap();
    let named = |name: &str| all.iter().find(|message| text(message, "name") == name).unwrap();
    let pairs = [
        ("enrol by device key", "enrol by approval key"),
        ("rotation by device key", "rotation by device-next key"),
    ];
    for (one, other) in pairs {
        let claims = text(named(one), "claims");
        assert_eq!(claims, text(named(other), "claims"));
        let by = key(text(named(other), "key"));
        let again = match text(named(one), "typ") {
            "push-rotate+jwt" => Unsigned::with_payload::<Rotate>(&by.public(), claims.as_bytes()),
            _ => Unsigned::with_payload::<EnrolResponse>(&by.public(), claims.as_bytes()),
        };
        assert_eq!(again.sign(&by), text(named(other), "jws"));
    }
}

/// Reads one body as its type and prints it again.
fn body<T: serde::Serialize + serde::de::DeserializeOwned>(text: &str) -> String {
    json::print(&json::read::<T>(text.as_bytes(), json::LARGE_CAP).unwrap())
}

#[test]
fn every_body_reads_and_prints_the_same() {
    let golden = golden();
    for entry in golden["bodies"].as_array().unwrap() {
        let (name, written) = (text(entry, "name"), text(entry, "text"));
        let again = match name {
            "key set" => body::<KeySet>(written),
            "offer by code" => body::<OfferBody>(written),
            "enrol" => body::<EnrolBody>(written),
            "token form" => TokenForm::parse(written).unwrap().print(),
            "token" => body::<TokenReply>(written),
            "list" => body::<List>(written),
            "state" => body::<RequestState>(written),
            "answered" => body::<AnswerReply>(written),
            "own test" => body::<TestReply>(written),
            "rotate" => body::<RotateBody>(written),
            "rotated" => body::<RotateReply>(written),
            "service keys" => body::<ServiceKeys>(written),
            "closed" => body::<Problem>(written),
            "revoked" => body::<OauthError>(written),
            other => panic!("{other} is no body of ours"),
        };
        assert_eq!(again, written, "{name}");
    }
}

#[test]
fn the_wake_up_opens_and_its_sender_is_known() {
    let golden = golden();
    let wake_up = &golden["wake_up"];
    let bytes = |member: &str| -> Vec<u8> {
        let hex = text(wake_up, member);
        (0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect()
    };
    let auth = SecretBytes::new(bytes("auth_hex"));
    let receiver = Receiver::from_parts(&key("phone-webpush").to_bytes(), auth).unwrap();
    let opened = receiver.open(&bytes("message_hex")).unwrap();
    assert_eq!(opened.expose(), text(wake_up, "plain").as_bytes());
    let authorization = text(&golden["vapid"], "authorization");
    let signer = vapid::check(authorization, "https://push.example.net", AT, PublicKey::verifies);
    assert_eq!(signer, Ok(key("vapid").public()));
    let prints: Vec<String> =
        KEYS.iter().map(|(name, _)| Jwk(key(name).public()).thumbprint().to_string()).collect();
    let listed: Vec<&str> =
        golden["keys"].as_array().unwrap().iter().map(|key| text(key, "thumbprint")).collect();
    assert_eq!(prints, listed);
}
