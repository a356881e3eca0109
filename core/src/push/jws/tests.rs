use super::*;

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Note {
    n: u32,
}

impl Claims for Note {
    const TYP: &'static str = "push-req+jwt";
    const CAP: usize = 600;
}

fn key() -> PrivateKey {
    PrivateKey::from_bytes(&SecretBytes::new(vec![7; 32])).unwrap()
}

fn note() -> String {
    Unsigned::new(&key().public(), &Note { n: 1 }).sign(&key())
}

/// Signs any header and payload with [`key`].
fn signed(header: &str, payload: &str) -> String {
    let input = format!("{}.{}", b64::encode(header.as_bytes()), b64::encode(payload.as_bytes()));
    let signature = key().sign(input.as_bytes());
    format!("{input}.{}", b64::encode(&signature))
}

fn kid() -> String {
    Jwk(key().public()).thumbprint().to_string()
}

#[track_caller]
fn check(text: &str, expected: Result<u32, JwsError>) {
    let read = parse::<Note>(text).and_then(|note| note.verify(&key().public()));
    assert_eq!(read.map(|note| note.n), expected);
}

#[test]
fn what_is_signed_verifies() {
    check(&note(), Ok(1));
    let header = format!(r#"{{"alg":"ES256","typ":"push-req+jwt","kid":"{}"}}"#, kid());
    check(&signed(&header, r#"{"n":1}"#), Ok(1));
    assert_eq!(note(), signed(&header, r#"{"n":1}"#));
}

#[test]
fn a_signature_in_der_gives_the_same_text() {
    let unsigned = Unsigned::new(&key().public(), &Note { n: 1 });
    let der = key().sign_der(unsigned.signing_input());
    assert_eq!(unsigned.finish_der(&der), Ok(note()));
    assert_eq!(unsigned.finish_der(&der[1..]), Err(SignatureError));
}

#[test]
fn other_algorithms_never_pass() {
    for alg in ["none", "None", "HS256", "RS256", "ES384", "ES256K", "EdDSA", "es256", ""] {
        let header = format!(r#"{{"alg":"{alg}","typ":"push-req+jwt","kid":"{}"}}"#, kid());
        check(&signed(&header, r#"{"n":1}"#), Err(JwsError::Algorithm));
    }
    let header = b64::encode(br#"{"alg":"none","typ":"push-req+jwt"}"#);
    check(&format!("{header}.{}.", b64::encode(br#"{"n":1}"#)), Err(JwsError::Algorithm));
}

#[test]
fn a_message_of_another_type_is_refused_before_its_claims_are_read() {
    for typ in [r#""push-ans+jwt""#, r#""PUSH-REQ+JWT""#, r#""application/push-req+jwt""#, "null"] {
        let header = format!(r#"{{"alg":"ES256","typ":{typ},"kid":"{}"}}"#, kid());
        check(&signed(&header, "not json"), Err(JwsError::Type { expected: "push-req+jwt" }));
    }
    let header = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, kid());
    check(&signed(&header, r#"{"n":1}"#), Err(JwsError::Type { expected: "push-req+jwt" }));
}

#[test]
fn a_header_with_more_or_less_is_refused() {
    let kid = kid();
    for header in [
        r#"{"alg":"ES256","typ":"push-req+jwt"}"#.to_owned(),
        format!(r#"{{"alg":"ES256","typ":"push-req+jwt","kid":"{kid}","crit":["b64"],"b64":false}}"#),
        format!(r#"{{"alg":"ES256","typ":"push-req+jwt","kid":"{kid}","x5u":"https://a.example"}}"#),
        format!(r#"{{"alg":"ES256","typ":"push-req+jwt","kid":"{kid}","kid":"{kid}"}}"#),
        format!(r#"{{"alg":"ES256","alg":"none","typ":"push-req+jwt","kid":"{kid}"}}"#),
        format!(r#"{{"alg":"ES256","typ":"push-req+jwt","jwk":{}}}"#, json::print(&Jwk(key().public()))),
        r#"{"alg":"ES256","typ":"push-req+jwt","kid":"1"}"#.to_owned(),
        r#"["ES256"]"#.to_owned(),
        "{".to_owned(),
    ] {
        check(&signed(&header, r#"{"n":1}"#), Err(JwsError::Header));
    }
}

#[test]
fn another_key_or_a_changed_byte_is_refused() {
    let other = PrivateKey::from_bytes(&SecretBytes::new(vec![8; 32])).unwrap();
    check(&Unsigned::new(&other.public(), &Note { n: 1 }).sign(&other), Err(JwsError::Key));
    check(&Unsigned::new(&key().public(), &Note { n: 1 }).sign(&other), Err(JwsError::Signature));
    let (input, _) = note().rsplit_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let forged = format!("{}.{}", input.split('.').next().unwrap(), b64::encode(br#"{"n":2}"#));
    let text = note().replace(&input, &forged);
    check(&text, Err(JwsError::Signature));
}

/// A bit changed anywhere in a message never gives other claims; the control is the message itself.
#[test]
fn no_changed_character_gives_other_claims() {
    let note = note();
    check(&note, Ok(1));
    for n in 0..note.len() {
        let mut bytes = note.clone().into_bytes();
        bytes[n] ^= 1;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let read = parse::<Note>(&text).and_then(|note| note.verify(&key().public()));
        assert!(read.is_err(), "character {n}");
    }
}

#[test]
fn texts_of_another_form_are_refused() {
    check("", Err(JwsError::Form));
    check("a.b", Err(JwsError::Form));
    check(&format!("{}.x", note()), Err(JwsError::Form));
    check(&format!("{}=", note()), Err(JwsError::Form));
    check(&format!(" {}", note()), Err(JwsError::Form));
    check(&note()[..note().len() - 4], Err(JwsError::Form));
    check(&"a".repeat(601), Err(JwsError::TooLarge { bytes: 601, cap: 600 }));
}

#[test]
fn claims_of_another_shape_are_told_only_after_the_signature_held() {
    let header = format!(r#"{{"alg":"ES256","typ":"push-req+jwt","kid":"{}"}}"#, kid());
    let text = signed(&header, r#"{"n":1,"n":1}"#);
    check(&text, Err(JwsError::Claims(JsonError::Duplicate { line: 1, column: 10 })));
    let (input, _) = text.rsplit_once('.').unwrap();
    check(&format!("{input}.{}", b64::encode(&[1; 64])), Err(JwsError::Signature));
}

#[test]
fn the_caller_may_bring_a_verifier() {
    let parsed = parse::<Note>(&note()).unwrap();
    assert_eq!(parsed.verify_with(&key().public(), |_, _, _| false), Err(JwsError::Signature));
    let same = |given: &PublicKey, message: &[u8], signature: &[u8; 64]| {
        given.verifies(message, signature) && note().as_bytes().starts_with(message)
    };
    assert_eq!(parsed.verify_with(&key().public(), same), Ok(Note { n: 1 }));
}

/// RFC 7515 appendix A.3: key, signing input and signature. The header there has no `typ`, so it is no message
/// of ours: it is the signature that is compared.
#[test]
fn the_signature_of_rfc_7515_verifies() {
    let key: Jwk = json::read(
        br#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
        json::CAP,
    )
    .unwrap();
    let input = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9\
         pc19yb290Ijp0cnVlfQ";
    let signature = b64::decode_array(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    )
    .unwrap();
    assert!(key.0.verifies(input.as_bytes(), &signature));
    check(&format!("{input}.{}", b64::encode(&signature)), Err(JwsError::Type { expected: "push-req+jwt" }));
}
