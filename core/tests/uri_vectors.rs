//! Links as issuers and other apps write them; each test is named for what goes wrong elsewhere.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod line;

use authenticator_core::base32::{Base32Error, CharacterClass};
use authenticator_core::otp::OtpError;
use authenticator_core::uri::{self, UriError};
use line::line;

/// Parses `text`, and what is printed of it: both are the account that `expected` says.
#[track_caller]
fn check(text: &str, expected: &str) {
    let account = uri::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(line(&account), expected);
    let printed = uri::print(&account);
    assert_eq!(uri::parse(printed.expose()).as_ref(), Ok(&account), "{}", printed.expose());
}

#[track_caller]
fn check_error(text: &str, expected: UriError) {
    assert_eq!(uri::parse(text), Err(expected));
}

#[test]
fn the_example_of_the_key_uri_format_reads() {
    check(
        "otpauth://totp/ACME%20Co:john.doe@email.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co\
         &algorithm=SHA1&digits=6&period=30",
        "totp [ACME Co] [john.doe@email.com] HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ",
    );
}

#[test]
fn what_is_absent_or_empty_has_its_usual_value() {
    let usual = "totp [] [ann] JBSWY3DP";
    check("otpauth://totp/ann?secret=JBSWY3DP", usual);
    check("otpauth://totp/ann?secret=JBSWY3DP&issuer=&algorithm=&digits=&period=", usual);
    check("otpauth://totp/ann?&&secret=JBSWY3DP&", usual);
    check("otpauth://totp/?secret=JBSWY3DP", "totp [] [] JBSWY3DP");
    check("otpauth://totp?secret=JBSWY3DP", "totp [] [] JBSWY3DP");
}

#[test]
fn scheme_kind_and_parameter_names_count_in_any_case() {
    let text = "OTPAUTH://TOTP/ann?SECRET=jbswy3dp&Issuer=ACME&DIGITS=8&Algorithm=sha256&Period=60";
    check(text, "totp [ACME] [ann] JBSWY3DP Sha256 8 digits 60 s");
}

#[test]
fn space_and_a_byte_order_mark_around_the_link_are_left_out() {
    check("\u{feff} \r\n otpauth://totp/ann?secret=JBSWY3DP \n", "totp [] [ann] JBSWY3DP");
}

#[test]
fn an_algorithm_is_known_by_its_many_names() {
    for (name, expected) in [
        ("SHA1", ""),
        ("sha1", ""),
        ("SHA-1", ""),
        ("HmacSHA1", ""),
        ("Algorithm.sha1", ""),
        ("HmacSHA256", " Sha256"),
        ("HMAC-SHA-512", " Sha512"),
        ("SHA_224", " Sha224"),
        ("sha384", " Sha384"),
        ("MD5", " Md5"),
    ] {
        let text = format!("otpauth://totp/ann?secret=JBSWY3DP&algorithm={name}");
        check(&text, &format!("totp [] [ann] JBSWY3DP{expected}"));
    }
    for name in ["SHA3", "SHA", "HMAC", "SHA2560", "AlgorithmHmacSHA1"] {
        check_error(&format!("otpauth://totp/ann?secret=JBSWY3DP&algorithm={name}"), UriError::Algorithm);
    }
}

#[test]
fn a_prefix_of_the_label_is_the_issuer_when_there_is_no_other() {
    check("otpauth://totp/ACME:ann?secret=JBSWY3DP", "totp [ACME] [ann] JBSWY3DP");
    check("otpauth://totp/ACME%3Aann?secret=JBSWY3DP", "totp [ACME] [ann] JBSWY3DP");
    check("otpauth://totp/ACME%3A%20ann?secret=JBSWY3DP&issuer=", "totp [ACME] [ann] JBSWY3DP");
}

#[test]
fn a_prefix_that_repeats_the_issuer_is_no_part_of_the_name() {
    for label in ["ACME:ann", "ACME%3Aann", "ACME:%20ann", "acme:ann", "ACME%20:ann", ":ann", "ann"] {
        check(&format!("otpauth://totp/{label}?secret=JBSWY3DP&issuer=ACME"), "totp [ACME] [ann] JBSWY3DP");
    }
}

#[test]
fn a_prefix_that_differs_from_the_issuer_stays_in_the_name() {
    check("otpauth://totp/Mail:ann?secret=JBSWY3DP&issuer=ACME", "totp [ACME] [Mail:ann] JBSWY3DP");
    check("otpauth://totp/ACMEann?secret=JBSWY3DP&issuer=ACME", "totp [ACME] [ACMEann] JBSWY3DP");
    check("otpauth://totp/ACME?secret=JBSWY3DP&issuer=ACME", "totp [ACME] [ACME] JBSWY3DP");
}

#[test]
fn of_several_colons_the_first_divides() {
    check("otpauth://totp/ACME:ann:work?secret=JBSWY3DP", "totp [ACME] [ann:work] JBSWY3DP");
    check("otpauth://totp/a:b:ann?secret=JBSWY3DP&issuer=a:b", "totp [a:b] [ann] JBSWY3DP");
    check("otpauth://totp/a%3Ab%3Aann?secret=JBSWY3DP&issuer=a%3Ab", "totp [a:b] [ann] JBSWY3DP");
}

#[test]
fn a_label_that_begins_with_a_colon_has_no_issuer() {
    check("otpauth://totp/%3A%20ann?secret=JBSWY3DP", "totp [] [ann] JBSWY3DP");
    check("otpauth://totp/:ann?secret=JBSWY3DP&issuer=", "totp [] [ann] JBSWY3DP");
    check(
        "otpauth://totp/:cool@example.com?secret=JBSWY3DP&issuer=%2Fe%2F",
        "totp [/e/] [cool@example.com] JBSWY3DP",
    );
}

#[test]
fn a_hash_that_is_not_escaped_cuts_nothing_off() {
    check("otpauth://totp/ann#2?secret=JBSWY3DP&issuer=C#", "totp [C#] [ann#2] JBSWY3DP");
    check("otpauth://totp/ACME:a!@#b?secret=JBSWY3DP&digits=8", "totp [ACME] [a!@#b] JBSWY3DP 8 digits");
}

#[test]
fn a_fragment_behind_secret_or_number_is_left_out() {
    check("otpauth://totp/ann?secret=JBSWY3DP#top", "totp [] [ann] JBSWY3DP");
    check("otpauth://totp/ann?secret=JBSWY3DP&digits=8#", "totp [] [ann] JBSWY3DP 8 digits");
}

#[test]
fn a_period_glued_to_the_issuer_comes_off() {
    check("otpauth://totp/ann?secret=JBSWY3DP&issuer=Shopperiod=60", "totp [Shop] [ann] JBSWY3DP 60 s");
    check(
        "otpauth://totp/ann?secret=JBSWY3DP&issuer=Shopperiod=60&period=90",
        "totp [Shop] [ann] JBSWY3DP 90 s",
    );
    check("otpauth://totp/ann?secret=JBSWY3DP&issuer=Period%3DPieces", "totp [Period=Pieces] [ann] JBSWY3DP");
}

#[test]
fn a_plus_is_a_space_in_parameters_and_itself_in_labels() {
    check(
        "otpauth://totp/ann+mail@x?secret=JBSWY3DP&issuer=Air+Canada",
        "totp [Air Canada] [ann+mail@x] JBSWY3DP",
    );
    check(
        "otpauth://totp/Air+Canada:ann?secret=JBSWY3DP&issuer=Air+Canada",
        "totp [Air Canada] [ann] JBSWY3DP",
    );
    check("otpauth://totp/ann?secret=JBSWY3DP&issuer=Canal%2B", "totp [Canal+] [ann] JBSWY3DP");
}

#[test]
fn an_ampersand_escaped_for_html_still_parts() {
    check(
        "otpauth://totp/ann?secret=JBSWY3DP&amp;issuer=ACME&amp;digits=8",
        "totp [ACME] [ann] JBSWY3DP 8 digits",
    );
}

#[test]
fn a_percent_sign_without_hex_digits_is_itself() {
    check("otpauth://totp/100%?secret=JBSWY3DP&issuer=5%zz", "totp [5%zz] [100%] JBSWY3DP");
}

#[test]
fn escapes_that_are_no_utf_8_count_as_latin_1() {
    check("otpauth://totp/Caf%E9?secret=JBSWY3DP", "totp [] [Café] JBSWY3DP");
    check("otpauth://totp/Caf%C3%A9?secret=JBSWY3DP", "totp [] [Café] JBSWY3DP");
    check("otpauth://totp/Café?secret=JBSWY3DP", "totp [] [Café] JBSWY3DP");
}

#[test]
fn a_secret_reads_with_spaces_dashes_padding_and_small_letters() {
    for secret in [
        "jbsw y3dp ehpk 3pxp",
        "JBSW%20Y3DP%20EHPK%203PXP",
        "JBSW+Y3DP+EHPK+3PXP",
        "jbsw-y3dp-ehpk-3pxp",
        "JBSWY3DPEHPK3PXP====",
        "JBSWY3DPEHPK3PXP%3D%3D",
        "JBSWY3DPEHPK3PXP%253D",
    ] {
        check(
            &format!("otpauth://totp/ann?secret={secret}&digits=8"),
            "totp [] [ann] JBSWY3DPEHPK3PXP 8 digits",
        );
    }
}

#[test]
fn secrets_of_80_bits_and_of_odd_length_are_taken() {
    check("otpauth://totp/ann?secret=JBSWY3DPEHPK3PXP", "totp [] [ann] JBSWY3DPEHPK3PXP");
    for secret in ["JBSWY3DPEHP", "JBSWY3DPEHPK3", "JBSWY3DPEHPK3PX", "JBSWY3DPEHPK3PXPJ", "MZ"] {
        assert!(uri::parse(&format!("otpauth://totp/ann?secret={secret}")).is_ok(), "{secret}");
    }
}

#[test]
fn a_secret_that_says_nothing_is_refused() {
    for text in ["", "?", "?issuer=ACME", "?secret=", "?secret=====", "?secret=A", "?secret=%20"] {
        check_error(&format!("otpauth://totp/ann{text}"), UriError::NoSecret);
    }
}

#[test]
fn a_secret_with_a_foreign_character_is_refused_with_its_place() {
    let error = Base32Error::Character { position: 3, class: CharacterClass::Digit };
    check_error("otpauth://totp/ann?secret=JBS0Y3DP", UriError::Secret(error));
    let error = Base32Error::Character { position: 0, class: CharacterClass::NotAscii };
    check_error("otpauth://totp/ann?secret=%C3%A9BSW", UriError::Secret(error));
}

#[test]
fn two_secrets_are_refused_unless_they_are_one() {
    check_error("otpauth://totp/ann?secret=JBSWY3DP&secret=JBSWY3DQ", UriError::TwoSecrets);
    check("otpauth://totp/ann?secret=JBSWY3DP&secret=JBSWY3DP", "totp [] [ann] JBSWY3DP");
}

#[test]
fn of_other_parameters_that_stand_twice_the_first_counts() {
    check("otpauth://totp/ann?secret=JBSWY3DP&digits=8&digits=7", "totp [] [ann] JBSWY3DP 8 digits");
}

#[test]
fn numbers_outside_what_codes_can_be_made_with_are_refused() {
    let check_one = |parameter: &str, error| {
        check_error(&format!("otpauth://totp/ann?secret=JBSWY3DP&{parameter}"), error);
    };
    check_one("digits=0", OtpError::Digits(0).into());
    check_one("digits=11", OtpError::Digits(11).into());
    check_one("digits=-6", UriError::Number("digits"));
    check_one("digits=six", UriError::Number("digits"));
    check_one("digits=6.0", UriError::Number("digits"));
    check_one("digits=4294967302", UriError::Number("digits"));
    check_one("period=0", OtpError::Period(0).into());
    check_one("period=86401", OtpError::Period(86_401).into());
    check_one("period=30s", UriError::Number("period"));
    check_error("otpauth://hotp/ann?secret=JBSWY3DP&counter=-1", UriError::Number("counter"));
    check_error(
        "otpauth://hotp/ann?secret=JBSWY3DP&counter=18446744073709551616",
        UriError::Number("counter"),
    );
}

#[test]
fn digits_from_1_to_10_and_periods_up_to_a_day_are_taken() {
    check("otpauth://totp/ann?secret=JBSWY3DP&digits=1&period=1", "totp [] [ann] JBSWY3DP 1 digits 1 s");
    check(
        "otpauth://totp/ann?secret=JBSWY3DP&digits=10&period=86400",
        "totp [] [ann] JBSWY3DP 10 digits 86400 s",
    );
}

#[test]
fn a_hotp_link_without_a_counter_starts_at_0() {
    check("otpauth://hotp/ann?secret=JBSWY3DP", "hotp [] [ann] JBSWY3DP counter 0");
    check(
        "otpauth://hotp/ann?secret=JBSWY3DP&counter=18446744073709551615",
        "hotp [] [ann] JBSWY3DP counter 18446744073709551615",
    );
}

#[test]
fn steam_is_known_in_each_of_its_forms() {
    check("otpauth://steam/Steam:ann?secret=JBSWY3DP&issuer=Steam", "steam [Steam] [ann] JBSWY3DP");
    check(
        "otpauth://steam/ann?secret=JBSWY3DP&digits=6&period=60&algorithm=SHA512",
        "steam [] [ann] JBSWY3DP",
    );
    check("otpauth://totp/Steam:ann?secret=JBSWY3DP&encoder=steam&digits=5", "steam [Steam] [ann] JBSWY3DP");
    check("otpauth://totp/Steam:ann?secret=JBSWY3DP&steam", "steam [Steam] [ann] JBSWY3DP");
    check("otpauth://totp/Steam:ann?secret=JBSWY3DP&digits=5", "steam [Steam] [ann] JBSWY3DP");
    check(
        "otpauth://totp/x:ann?secret=JBSWY3DP&deviceid=android%3A1",
        "steam [x] [ann] JBSWY3DP deviceid=android:1",
    );
    check("steam://JBSWY3DP", "steam [Steam] [] JBSWY3DP");
}

#[test]
fn what_only_resembles_steam_stays_totp() {
    check("otpauth://totp/Steam:ann?secret=JBSWY3DP", "totp [Steam] [ann] JBSWY3DP");
    check(
        "otpauth://totp/Steam:ann?secret=JBSWY3DP&digits=5&encoder=totp",
        "totp [Steam] [ann] JBSWY3DP 5 digits",
    );
    check("otpauth://totp/ann?secret=JBSWY3DP&digits=5", "totp [] [ann] JBSWY3DP 5 digits");
}

#[test]
fn motp_has_its_secret_in_hex_and_rarely_a_pin() {
    check("motp://ACME:ann?secret=E3152AFEE62599C8", "motp [ACME] [ann] 4MKSV7XGEWM4Q 10 s");
    check(
        "motp://ACME%3Aann/?secret=e3152afee62599c8&pin=1234",
        "motp [ACME] [ann] 4MKSV7XGEWM4Q 10 s pin 1234",
    );
    check("motp://ann?secret=e315&period=30", "motp [] [ann] 4MKQ");
    assert!(uri::parse("motp://ann?secret=e315").unwrap().otp.needs_pin());
    for secret in ["e31", "xyz0", "e3152afg"] {
        check_error(&format!("motp://ann?secret={secret}"), UriError::NotHex);
    }
    check_error("motp://ann?secret=", UriError::NoSecret);
    check_error("motp://ann", UriError::NoSecret);
}

#[test]
fn yandex_has_its_pin_in_base32_or_in_digits() {
    let secret = "LA2V6KMCGYMWWVEW64RNP3JA3I";
    check(
        &format!("otpauth://yaotp/ann?secret={secret}&pin=G42TQNQ"),
        &format!("yandex [] [ann] {secret} pin 7586"),
    );
    check(
        &format!("otpauth://yaotp/ann?secret={secret}&pin=7586"),
        &format!("yandex [] [ann] {secret} pin 7586"),
    );
    let without = format!("otpauth://yaotp/ann?secret={secret}&pin_length=8");
    check(&without, &format!("yandex [] [ann] {secret} pin_length=8"));
    assert!(uri::parse(&without).unwrap().otp.needs_pin());
    let short = "otpauth://yaotp/ann?secret=JBSWY3DPEHPK3PXP";
    check_error(short, OtpError::ShortSecret(10).into());
}

#[test]
fn parameters_of_other_apps_are_kept_in_their_order() {
    check(
        "otpauth://totp/ann?image=https%3A%2F%2Fx.example%2Fa.png&secret=JBSWY3DP&lock=true&flag\
         &codeDisplay=%7B%22pinned%22%3Atrue%2C%22note%22%3A%22a+b%22%7D",
        "totp [] [ann] JBSWY3DP image=https://x.example/a.png lock=true flag= codeDisplay={\"pinned\":true,\"note\":\"a b\"}",
    );
}

#[test]
fn an_unknown_kind_or_scheme_is_refused() {
    check_error("otpauth://xotp/ann?secret=JBSWY3DP", UriError::Kind);
    check_error("otpauth:///ann?secret=JBSWY3DP", UriError::Kind);
    check_error("otpauth:totp/ann?secret=JBSWY3DP", UriError::Scheme);
    check_error("http://totp/ann?secret=JBSWY3DP", UriError::Scheme);
    check_error("", UriError::Scheme);
}

#[test]
fn a_text_beyond_the_cap_is_refused_before_it_is_looked_at() {
    let text = format!("otpauth://totp/{}?secret=JBSWY3DP", "a".repeat(uri::MAX_TEXT_BYTES));
    check_error(&text, UriError::TooLong(text.len()));
    let text = format!("otpauth://totp/{}?secret=JBSWY3DP", "a".repeat(uri::MAX_TEXT_BYTES - 32));
    assert!(text.len() <= uri::MAX_TEXT_BYTES && uri::parse(&text).is_ok());
}

#[test]
fn errors_hold_no_part_of_the_text() {
    for text in
        ["otpauth://totp/Ann?secret=JBSWY3D0", "otpauth://Ann/x", "otpauth://totp/?digits=Ann&secret=MZXW"]
    {
        let error = uri::parse(text).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("Ann") && !shown.contains("JBSW"), "{shown}");
    }
}
