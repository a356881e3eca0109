//! Recorded messages of a real privacyIDEA 3.14, with throw-away keys: read offline, and answered byte for byte.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use authenticator_core::push::dialects::{Dialect, Known, Question};
use authenticator_core::push::matching::Rule;
use authenticator_core::push::outcome::{Decision, Number};
use authenticator_core::time::UnixTime;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::Value;

const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);
const DIALECT: Dialect = Dialect::PrivacyIdea;

struct Vector {
    value: Value,
    server_key: Vec<u8>,
    phone_key: RsaKeyPair,
}

impl Vector {
    fn all() -> Vec<Self> {
        let text = include_str!("../../tests/vectors/push/privacyidea.json");
        let all: Vec<Value> = serde_json::from_str(text).unwrap();
        all.into_iter().map(Self::of).collect()
    }

    fn of(value: Value) -> Self {
        let text = |name: &str| value[name].as_str().unwrap();
        let server_key = STANDARD.decode(text("server_public_key_pkcs1_b64")).unwrap();
        let pem: String =
            text("phone_private_key_pkcs8_pem").lines().filter(|line| !line.starts_with('-')).collect();
        let phone_key = RsaKeyPair::from_pkcs8(&STANDARD.decode(pem).unwrap()).unwrap();
        Self { value, server_key, phone_key }
    }

    fn known(&self) -> Known<'_> {
        Known {
            service: self.value["challenge"]["url"].as_str().unwrap(),
            credential: self.value["serial"].as_str().unwrap(),
            device_key: &[],
            approval_key: &[],
            hardware: false,
            service_keys: vec![&self.server_key],
        }
    }

    fn question(&self) -> Question {
        DIALECT.question(&self.value["challenge"].to_string(), &self.known(), AT).unwrap()
    }

    /// Signs an answer with the recorded key, and returns the signature as it is sent.
    fn signature(&self, decision: &Decision) -> String {
        let answer = DIALECT.answer(&self.question(), decision, &self.known(), AT, AT_RANDOM).unwrap();
        let [(_, bytes)] = &answer.draft.parts()[..] else { panic!() };
        let mut signature = vec![0; self.phone_key.public().modulus_len()];
        self.phone_key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut signature).unwrap();
        let form = answer.draft.finish(&[signature]).unwrap();
        let mut fields = url::form_urlencoded::parse(form.as_bytes());
        fields.find(|(name, _)| name == "signature").unwrap().1.into_owned()
    }
}

const AT_RANDOM: authenticator_core::push::ids::Id = authenticator_core::push::ids::Id([7; 16]);

fn approve(number: Number) -> Decision {
    Decision::Approve { number }
}

#[test]
fn every_recorded_request_verifies_and_says_what_it_said() {
    for vector in Vector::all() {
        let (question, asked) = (vector.question(), &vector.value["challenge"]);
        assert_eq!(question.name, asked["nonce"]);
        assert_eq!(question.message.as_deref(), asked["question"].as_str());
        assert_eq!(question.application, asked["title"]);
        assert!(question.takes_reasons);
        let expected = match asked["require_presence"].as_str() {
            Some(options) => Rule::Pick { options: options.split(',').map(str::to_owned).collect() },
            None => Rule::Confirm,
        };
        assert_eq!(question.rule, expected);
        assert_eq!(question.exp, AT.plus_ms(120_000));
    }
}

#[test]
fn our_signatures_are_the_recorded_ones_byte_for_byte() {
    let all = Vector::all();
    let recorded = |vector: &Vector, name: &str| vector.value[name].as_str().unwrap().to_owned();
    let standard = &all[0];
    assert_eq!(standard.signature(&approve(Number::Nothing)), recorded(standard, "approve_signature"));
    let not_me = Decision::Report { not_me: true, lock: false };
    assert_eq!(standard.signature(&not_me), recorded(standard, "decline_unknown_trigger_signature"));
    let plain = Decision::Deny { cancelled: false };
    assert_eq!(standard.signature(&plain), recorded(standard, "decline_signature"));
    let number = &all[1];
    let right = Number::Typed(recorded(number, "presence_answer"));
    assert_eq!(number.signature(&approve(right)), recorded(number, "approve_signature"));
    // The control: another answer has another signature.
    let cancelled = Decision::Deny { cancelled: true };
    assert_ne!(standard.signature(&cancelled), recorded(standard, "decline_signature"));
}

#[test]
fn a_change_of_any_field_is_seen() {
    for vector in Vector::all() {
        let fields: Vec<String> = vector.value["challenge"].as_object().unwrap().keys().cloned().collect();
        for field in fields.iter().filter(|field| *field != "version") {
            for change in
                [|text: &str| format!("{text}1"), |text: &str| text[1..].to_owned(), |_: &str| String::new()]
            {
                let mut asked = vector.value["challenge"].clone();
                asked[field] = change(asked[field].as_str().unwrap()).into();
                let seen = DIALECT.question(&asked.to_string(), &vector.known(), AT);
                assert!(seen.is_err(), "{field}: {seen:?}");
            }
        }
        let mut without = vector.value["challenge"].clone();
        if without.as_object_mut().unwrap().remove("require_presence").is_some() {
            assert!(DIALECT.question(&without.to_string(), &vector.known(), AT).is_err());
        }
        // The text of the capabilities need not be the canonical one.
        let mut spaced = vector.value["challenge"].clone();
        spaced["capabilities"] = "{ \"decline_reason\" :true }".into();
        assert!(DIALECT.question(&spaced.to_string(), &vector.known(), AT).unwrap().takes_reasons);
    }
}

#[test]
fn a_request_that_names_another_address_is_refused_though_it_is_signed() {
    let vector = &Vector::all()[0];
    let elsewhere = Known { service: "https://push.example/ttype/push", ..vector.known() };
    assert!(DIALECT.question(&vector.value["challenge"].to_string(), &elsewhere, AT).is_err());
    let other = Known { credential: "PIPU00000000", ..vector.known() };
    assert!(DIALECT.question(&vector.value["challenge"].to_string(), &other, AT).is_err());
}

#[test]
fn a_number_that_is_no_option_is_not_signed() {
    let number = &Vector::all()[1];
    for given in [Number::Nothing, Number::Typed("99".to_owned()), Number::Scanned("22".to_owned())] {
        let refused = DIALECT.answer(&number.question(), &approve(given), &number.known(), AT, AT_RANDOM);
        assert!(refused.is_err());
    }
    let standard = &Vector::all()[0];
    let refused = DIALECT.answer(
        &standard.question(),
        &approve(Number::Typed("1".to_owned())),
        &standard.known(),
        AT,
        AT_RANDOM,
    );
    assert!(refused.is_err());
}

/// Five hundred from a fixed seed: bytes changed, cut, doubled, and values of other types.
#[test]
fn hostile_answers_are_typed_errors_or_say_what_was_signed() {
    let mut random = fastrand::Rng::with_seed(0x006b_6c69_6e6b);
    let vectors = Vector::all();
    let types = ["null", "17", "1e400", "[]", "{}", "\"\\u0000\"", "true", "\"x\""];
    let (mut refused, mut held) = (0, 0);
    for round in 0..500 {
        let vector = &vectors[round % vectors.len()];
        let good = format!(
            r#"{{"result":{{"status":true,"value":[{}]}},"detail":null}}"#,
            vector.value["challenge"]
        );
        let mut bytes = good.clone().into_bytes();
        match round % 5 {
            0 => {
                let at = random.usize(..bytes.len());
                bytes[at] ^= 1 << random.u8(..8);
            }
            1 => bytes.truncate(random.usize(..bytes.len())),
            2 => {
                let at = random.usize(..bytes.len());
                let piece = bytes[at..(at + random.usize(1..40)).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                let mut asked = vector.value["challenge"].clone();
                let names: Vec<String> = asked.as_object().unwrap().keys().cloned().collect();
                asked[&names[random.usize(..names.len())]] =
                    serde_json::from_str(types[random.usize(..types.len())]).unwrap_or(Value::Null);
                bytes = format!(r#"{{"result":{{"status":true,"value":[{asked}]}}}}"#).into_bytes();
            }
            _ => bytes = random.alphanumeric().to_string().repeat(random.usize(..70_000)).into_bytes(),
        }
        let questions = DIALECT.list(&bytes).map(|list| {
            list.requests.iter().map(|text| DIALECT.question(text, &vector.known(), AT)).collect::<Vec<_>>()
        });
        let shown: Vec<Question> = questions.into_iter().flatten().flatten().collect();
        let own = vector.question();
        for one in &shown {
            assert_eq!((&one.name, &one.message, &one.rule), (&own.name, &own.message, &own.rule), "{round}");
        }
        refused += u32::from(shown.is_empty());
        held += u32::from(!shown.is_empty());
        // The other two replies are read as strictly, whatever this one was meant as.
        assert!(DIALECT.enrolled(&bytes, "", &vector.known()).is_err());
        assert!(
            DIALECT.answered(&bytes, authenticator_core::push::outcome::AnswerKind::Approve, "").is_err()
        );
    }
    assert!(refused > 400 && held > 0, "{refused} {held}");
}
