use super::super::super::enrolment::OfferError;
use super::super::Dialect;
use super::*;

/// As a server drew it, with https in front.
const LINK: &str = "otpauth://pipush/alice%40testrealm?url=https%3A//push.example%3A18500/ttype/push&ttl=10\
    &issuer=PI%20Test%20Bed&enrollment_credential=fa0d364d313781db982648dfa96e750e77cde617&v=1\
    &serial=PIPU00080D42&sslverify=1&poll_only=True";

#[track_caller]
fn check(text: &str, expected: Result<(), OfferError>) {
    assert_eq!(Link::parse(text).map(drop), expected, "{text}");
}

#[test]
fn a_link_says_who_where_and_for_how_long() {
    let link = Link::parse(LINK).unwrap();
    assert_eq!((link.issuer(), link.account_name()), ("PI Test Bed", "alice@testrealm"));
    assert_eq!(
        (link.url(), link.origin().host()),
        ("https://push.example:18500/ttype/push", "push.example:18500")
    );
    assert_eq!((link.serial(), link.ttl_s(), link.is_edumfa()), ("PIPU00080D42", 600, false));
    assert!(!format!("{link:?}").contains("fa0d36"));
    let own = LINK.replace("otpauth://pipush/", "edumfa-push://edumfa/");
    assert!(Link::parse(&own).unwrap().is_edumfa());
    check(&LINK.replace("otpauth://pipush/", "PIA://pipush/"), Ok(()));
    let short = Link::parse(&LINK.replace("&ttl=10", "").replace("alice%40testrealm", "PI%20Test%20Bed:bob"));
    let short = short.unwrap();
    assert_eq!((short.account_name(), short.ttl_s()), ("bob", 180));
    let nameless =
        Link::parse(&LINK.replace("alice%40testrealm", "").replace("PI%20Test%20Bed", "")).unwrap();
    assert_eq!((nameless.issuer(), nameless.account_name()), ("push.example:18500", "PIPU00080D42"));
}

#[test]
fn a_link_that_could_mean_two_things_is_none() {
    check(&format!("{LINK}&serial=PIPU1"), Err(OfferError::Link));
    check(&LINK.replace("&v=1", "&v=2"), Err(OfferError::UpdateApp));
    check(&LINK.replace("https%3A", "http%3A"), Err(OfferError::NotHttps));
    for (from, to) in [
        ("&v=1", ""),
        ("serial=PIPU00080D42", "serial="),
        ("enrollment_credential=", "enrollment_credential=%2e"),
        ("push.example", "user@push.example"),
        ("/ttype/push", "/ttype/push%23x"),
        ("ttl=10", "ttl=0"),
        ("ttl=10", "ttl=99999"),
        ("otpauth://pipush/", "otpauth://totp/"),
    ] {
        check(&LINK.replace(from, to), Err(OfferError::Link));
    }
    check(&LINK.replace("alice", "a%0Alice"), Err(OfferError::Claims));
    check(&format!("{LINK}&image={}", "x".repeat(4096)), Err(OfferError::Link));
}

/// A code that asks for unchecked certificates changes nothing here.
#[test]
fn sslverify_is_passed_over() {
    check(&LINK.replace("sslverify=1", "sslverify=0"), Ok(()));
}

#[test]
fn a_time_stamp_is_utc_with_thousandths() {
    for (ms, expected) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_800_000_000_123, "2027-01-15T08:00:00.123Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ] {
        assert_eq!(timestamp(UnixTime::from_ms(ms)), expected);
    }
}

#[test]
fn a_signature_is_printed_as_the_servers_want_it() {
    assert_eq!(padded(b"f"), "MY======");
    assert_eq!(padded(b"foobar"), "MZXW6YTBOI======");
    assert_eq!(padded(b"fooba"), "MZXW6YTB");
}

#[track_caller]
fn refused(code: i64, word: &str) {
    let body = format!(
        r#"{{"result":{{"status":false,"error":{{"code":{code},"message":"ERR{code}: ein Text"}}}},"id":1,"version":"x"}}"#
    );
    let expected = Refusal { code: word.to_owned(), meaning: Meaning::Other };
    assert_eq!(Dialect::PrivacyIdea.refusal("application/json", body.as_bytes()), expected);
}

#[test]
fn a_wrong_enrolment_credential_or_a_missing_field_is_905() {
    refused(905, "missing_or_wrong");
}

#[test]
fn an_unknown_or_enrolled_serial_is_601() {
    refused(601, "no_such_token");
}

#[test]
fn a_poll_that_is_not_verified_or_out_of_its_minute_is_10() {
    refused(10, "not_verified");
}

#[test]
fn polling_that_is_switched_off_is_303() {
    refused(303, "polling_not_allowed");
}

#[test]
fn a_key_that_the_server_cannot_use_is_minus_500() {
    refused(-500, "server_fault");
}

#[test]
fn another_code_is_kept_and_a_page_is_none() {
    refused(77, "code_77");
    let page = Dialect::PrivacyIdea.refusal("text/html", b"<html>");
    assert_eq!(page, Refusal { code: String::new(), meaning: Meaning::Other });
}

#[test]
fn false_is_a_wrong_number_where_one_was_sent_and_late_where_not() {
    let reply =
        |value| format!(r#"{{"result":{{"status":true,"value":{value}}},"detail":{{"display_code":"42"}}}}"#);
    let read = |value, sent| answered(reply(value).as_bytes(), AnswerKind::Approve, sent);
    assert_eq!(read(false, "serial=P&presence_answer=07").unwrap().outcome, Outcome::WrongMatch);
    assert_eq!(read(false, "serial=P").unwrap().outcome, Outcome::Expired);
    let taken = read(true, "serial=P").unwrap();
    assert_eq!(taken.outcome, Outcome::Approved);
    assert_eq!(taken.display_code.map(|code| code.expose().to_owned()).as_deref(), Some("42"));
    assert!(read(false, "serial=P").unwrap().display_code.is_none(), "no code without an approval");
    assert!(answered(b"{\"result\":{\"status\":true}}", AnswerKind::Deny, "").is_err());
    assert!(answered(b"<html>", AnswerKind::Deny, "").is_err());
}
