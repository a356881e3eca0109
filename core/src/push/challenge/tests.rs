use super::super::jws::Unsigned;
use super::super::wire::{Context, How, MatchRule, Party};
use super::*;
use crate::crypto::p256::PrivateKey;
use crate::secret::SecretBytes;

const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);
const CREDENTIAL: Id = Id([5; 16]);

fn key(seed: u8) -> PrivateKey {
    PrivateKey::from_bytes(&SecretBytes::new(vec![seed; 32])).unwrap()
}

fn service() -> Origin {
    "https://klink.example".parse().unwrap()
}

fn request() -> Request {
    let label = |text: &str| text.parse().unwrap();
    Request {
        iss: service(),
        aud: CREDENTIAL,
        jti: Id([6; 16]),
        iat: AT.into(),
        exp: AT.plus_ms(60_000).into(),
        act: Act::Login,
        rp: Party { id: "mail".to_owned(), name: label("Webmail") },
        ctx: Context {
            ip: label("192.0.2.7"),
            city: Some(label("Utrecht")),
            country: None,
            ua: label("Mozilla/5.0"),
            device: None,
            time: AT.into(),
            new_device: true,
        },
        msg: None,
        authorization_details: None,
        matching: MatchRule { how: How::Type, len: Some(2) },
    }
}

fn signed(request: &Request, seed: u8) -> String {
    Unsigned::new(&key(seed).public(), request).sign(&key(seed))
}

#[track_caller]
fn check_text(text: &str, at: UnixTime, expected: Result<Rule, ChallengeError>) {
    let keys = [key(7).public(), key(8).public()];
    let verified = verify(text, &keys, CREDENTIAL, &service(), at);
    if let Ok(challenge) = &verified {
        assert_eq!(challenge.digest, RequestDigest::of(text));
    }
    assert_eq!(verified.map(|challenge| challenge.rule), expected);
}

#[track_caller]
fn check(change: impl FnOnce(&mut Request), expected: Result<Rule, ChallengeError>) {
    let mut changed = request();
    change(&mut changed);
    check_text(&signed(&changed, 7), AT, expected);
}

const TYPE: Rule = Rule::Type { digits: 2 };

#[test]
fn a_request_of_the_service_is_shown() {
    check(|_| {}, Ok(TYPE));
    check(|request| request.matching = MatchRule { how: How::Scan, len: None }, Ok(Rule::Scan));
    check_text(&signed(&request(), 8), AT, Ok(TYPE));
}

#[test]
fn a_request_signed_by_a_key_that_is_not_pinned_is_not_shown() {
    check_text(&signed(&request(), 9), AT, Err(ChallengeError::UnknownKey));
    let own = signed(&request(), 9);
    let (header, _) =
        signed(&request(), 7).split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let posed = format!("{header}.{}", own.split_once('.').unwrap().1);
    check_text(&posed, AT, Err(ChallengeError::Jws(JwsError::Signature)));
}

#[test]
fn a_request_of_another_service_or_for_another_phone_is_not_shown() {
    check(|request| request.iss = "https://other.example".parse().unwrap(), Err(ChallengeError::Issuer));
    check(|request| request.aud = Id([9; 16]), Err(ChallengeError::Audience));
}

#[test]
fn a_request_may_live_five_minutes_at_most() {
    check(|request| request.exp = AT.plus_ms(300_000).into(), Ok(TYPE));
    check(|request| request.exp = AT.plus_ms(301_000).into(), Err(ChallengeError::Life));
    check(|request| request.exp = request.iat, Err(ChallengeError::Life));
    check(|request| request.exp = AT.plus_ms(-1000).into(), Err(ChallengeError::Life));
}

#[test]
fn a_request_is_shown_in_its_time_by_the_services_clock() {
    let text = signed(&request(), 7);
    check_text(&text, AT.plus_ms(59_999), Ok(TYPE));
    check_text(&text, AT.plus_ms(60_000), Err(ChallengeError::Expired));
    check_text(&text, AT.plus_ms(-120_000), Ok(TYPE));
    check_text(&text, AT.plus_ms(-120_001), Err(ChallengeError::Life));
}

/// A phone whose own clock is wrong by up to ten minutes judges by the offset it learnt; the control is the same
/// phone without one.
#[test]
fn a_clock_ten_minutes_off_judges_as_one_that_is_right() {
    use super::super::clock::Offset;
    let text = signed(&request(), 7);
    for off_s in [-600, -121, -60, 0, 60, 121, 600] {
        let phone = AT.plus_ms(off_s * 1000);
        let date = "Fri, 15 Jan 2027 08:00:00 GMT";
        let offset = Offset::learn(date, phone).unwrap();
        assert_eq!(offset.is_suspect(), off_s.abs() > 120, "{off_s}");
        check_text(&text, offset.at_service(phone), Ok(TYPE));
        let alone = verify(&text, &[key(7).public()], CREDENTIAL, &service(), phone);
        assert_eq!(alone.is_ok(), (-120..60).contains(&off_s), "{off_s}");
    }
}

#[test]
fn what_a_later_version_asks_for_asks_for_an_update() {
    check(|request| request.act = Act::Unknown("vote".to_owned()), Err(ChallengeError::UpdateApp));
    let how = || How::Unknown("pick".to_owned());
    check(|request| request.matching = MatchRule { how: how(), len: None }, Err(ChallengeError::UpdateApp));
    check(|request| request.matching.len = Some(1), Err(ChallengeError::Rule));
    check(|request| request.matching.len = None, Err(ChallengeError::Rule));
}
