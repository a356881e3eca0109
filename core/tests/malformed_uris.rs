//! 100,000 spoilt links: each is an error or a value within bounds, and none ends in a panic.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod malformed;
mod seeded;

use std::collections::BTreeMap;

use authenticator_core::account::Account;
use authenticator_core::otp::{Otp, OtpError, Yandex};
use authenticator_core::time::UnixTime;
use authenticator_core::uri::{self, Text, migration};
use malformed::{MUTATIONS, RIGHT};
use seeded::Seeded;

const COUNT: usize = 100_000;

#[test]
fn a_spoilt_link_is_an_error_or_a_value_within_bounds() {
    let (mut accounts, mut errors, mut migrations) = (0, 0, 0);
    for_each_spoilt_link(|text| {
        match uri::parse(text) {
            Ok(account) => {
                accounts += 1;
                check(&account, text);
                assert_eq!(uri::classify(text), Text::Account(account), "{text}");
            }
            Err(error) => {
                errors += 1;
                assert!(error.to_string().len() < 100, "{text}");
                assert!(!matches!(uri::classify(text), Text::Account(_)), "{text}");
            }
        }
        if let Ok(part) = migration::parse(text) {
            migrations += 1;
            assert!((1..=part.parts).contains(&part.part) && part.parts <= migration::MAX_PARTS, "{text}");
            assert!(!part.accounts.is_empty() || !part.problems.is_empty(), "{text}");
            part.accounts.iter().for_each(|account| check(account, text));
        }
    });
    assert_eq!(accounts + errors, COUNT);
    // Each outcome is common: the links are spoilt neither too little nor too much.
    assert!(
        accounts > COUNT / 10 && errors > COUNT / 4 && migrations > COUNT / 200,
        "{accounts} {migrations}"
    );
}

/// The control: the links do go out of bounds, so a reader that believes its numbers would fail above.
#[test]
fn a_reader_that_believes_numbers_would_go_out_of_bounds() {
    let (mut digits, mut periods, mut too_long) = (0, 0, 0);
    for_each_spoilt_link(|text| {
        let number = |name: &str| {
            let (_, rest) = text.split_once(name)?;
            rest.split('&').next()?.parse::<i128>().ok()
        };
        digits += usize::from(number("digits=").is_some_and(|digits| !(1..=10).contains(&digits)));
        periods += usize::from(number("period=").is_some_and(|period| !(1..=86_400).contains(&period)));
        too_long += usize::from(text.len() > uri::MAX_TEXT_BYTES);
    });
    assert!(digits > 500 && periods > 500 && too_long > 50, "{digits} {periods} {too_long}");
}

#[test]
fn there_are_more_than_forty_ways_to_spoil_a_link() {
    let mut used = BTreeMap::new();
    for (name, mutate) in MUTATIONS {
        let mut random = Seeded(1);
        let changed = RIGHT.iter().filter(|right| mutate(right, &mut random) != **right).count();
        assert!(changed > 0, "{name} changes nothing");
        used.insert(name, changed);
    }
    assert!(used.len() > 40);
}

/// Calls `look` with links that were spoilt in one to three ways, the same at every run.
fn for_each_spoilt_link(mut look: impl FnMut(&str)) {
    let mut random = Seeded(3);
    for number in 0..COUNT {
        let (_, first) = MUTATIONS[number % MUTATIONS.len()];
        let right = *random.choose(&RIGHT);
        let mut text = first(right, &mut random);
        for _ in 0..random.below(3) {
            let (_, next) = *random.choose(&MUTATIONS);
            text = next(&text, &mut random);
        }
        look(&text);
    }
}

/// Checks that an account can be used, and survives being printed.
#[track_caller]
fn check(account: &Account, text: &str) {
    let otp = &account.otp;
    assert!((1..=text.len()).contains(&otp.secret().len()), "{text}");
    assert!((1..=10).contains(&otp.digits()), "{text}");
    assert!(otp.period().is_none_or(|period| (1..=86_400).contains(&period.seconds())), "{text}");
    assert!(account.issuer.len() + account.account_name.len() <= 2 * text.len(), "{text}");
    let extra: usize = account.extra.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(extra <= 2 * text.len(), "{text}");
    if let Otp::Yandex(yandex) = otp {
        assert!(yandex.secret.len() >= Yandex::SECRET_BYTES, "{text}");
    }
    let code = match otp {
        Otp::Hotp(hotp) => hotp.code(),
        _ => otp.code_at(UnixTime::from_seconds(2_000_000_000), 0).map(|code| code.text),
    };
    match code {
        Ok(code) => assert_eq!(code.len(), otp.digits() as usize, "{text}"),
        Err(OtpError::NeedsPin) => assert!(otp.needs_pin(), "{text}"),
        Err(error) => assert_eq!(error, OtpError::NoSuchCode, "{text}"),
    }
    let printed = uri::print(account);
    if printed.expose().len() <= uri::MAX_TEXT_BYTES {
        assert_eq!(uri::parse(printed.expose()).as_ref(), Ok(account), "{text}");
    }
}
