//! The service's keys over the years: from the pinned key along the messages in which each key signs the next.

use super::clock::TOLERANCE;
use super::jwk::Jwk;
use super::jws;
use super::wire::{Origin, ServiceKey, ServiceKeys};
use crate::crypto::p256::PublicKey;
use crate::time::UnixTime;

/// How long an old key of a service may still sign: 90 days, in seconds.
pub const OVERLAP_S: i64 = 90 * 24 * 3600;

/// One key of a service, and the Unix seconds at which it ends; 0 for the one that no other follows yet.
pub type Pin = (PublicKey, i64);

/// Follows the chain from the pinned keys, the newest first; `at` is the time by the service's clock.
///
/// Returns all keys that count now, the newest first. What no believed key signed is passed over, and so is what is
/// past. A key that has named its follower names no other: whoever steals it later gains nothing.
pub fn follow(chain: &ServiceKeys, pinned: &[Pin], service: &Origin, at: UnixTime) -> Vec<Pin> {
    let counts = |(_, ends): &Pin| *ends == 0 || at.seconds() < *ends;
    let mut found: Vec<Pin> = pinned.iter().copied().filter(counts).collect();
    // Each link may bring one key more; a chain longer than this is no chain of ours.
    for text in chain.keys.iter().take(LONGEST) {
        let Some((place, link)) = believed(text, &found, service, at) else { continue };
        let ends = &mut found[place].1;
        if *ends == 0 && !pinned.iter().any(|(key, _)| *key == link.jwk.0) {
            *ends = link.exp.time().seconds();
            found.insert(0, (link.jwk.0, 0));
        }
    }
    found
}

const LONGEST: usize = 32;

/// Returns the place of the key that signed a link and the link, when that key is believed now.
fn believed(text: &str, keys: &[Pin], service: &Origin, at: UnixTime) -> Option<(usize, ServiceKey)> {
    let parsed = jws::parse::<ServiceKey>(text).ok()?;
    let place = keys.iter().position(|(key, _)| Some(Jwk(*key).thumbprint()) == parsed.kid())?;
    let key = keys[place].0;
    let link = parsed.verify(&key).ok()?;
    let (iat, exp) = (link.iat.time(), link.exp.time());
    let tolerance_ms = i64::try_from(TOLERANCE.as_millis()).ok()?;
    let is_now = iat.ms() - at.ms() <= tolerance_ms && at < exp;
    let is_overlap = (1..=OVERLAP_S).contains(&(exp.seconds() - iat.seconds()));
    (link.iss == *service && link.jwk.0 != key && is_now && is_overlap).then_some((place, link))
}

#[cfg(test)]
mod tests {
    use super::super::jws::Unsigned;
    use super::*;
    use crate::crypto::p256::PrivateKey;
    use crate::secret::SecretBytes;

    const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);

    fn key(seed: u8) -> PrivateKey {
        PrivateKey::from_bytes(&SecretBytes::new(vec![seed; 32])).unwrap()
    }

    fn service() -> Origin {
        "https://klink.example".parse().unwrap()
    }

    fn link(old: u8, new: u8, made_s: i64, overlap_s: i64) -> String {
        let made = AT.plus_ms(made_s * 1000);
        let link = ServiceKey {
            iss: service(),
            iat: made.into(),
            exp: made.plus_ms(overlap_s * 1000).into(),
            jwk: Jwk(key(new).public()),
        };
        Unsigned::new(&key(old).public(), &link).sign(&key(old))
    }

    #[track_caller]
    fn check(links: &[String], expected: &[(u8, i64)]) {
        let chain = ServiceKeys { keys: links.to_vec() };
        let found = follow(&chain, &[(key(1).public(), 0)], &service(), AT);
        let expected: Vec<Pin> = expected
            .iter()
            .map(|(seed, ends)| (key(*seed).public(), if *ends == 0 { 0 } else { AT.seconds() + ends }))
            .collect();
        assert_eq!(found, expected);
    }

    const DAY: i64 = 24 * 3600;

    #[test]
    fn the_old_key_names_the_new_one_and_ends_after_the_overlap() {
        check(&[], &[(1, 0)]);
        check(&[link(1, 2, -DAY, OVERLAP_S)], &[(2, 0), (1, OVERLAP_S - DAY)]);
        let two = [link(1, 2, -DAY, OVERLAP_S), link(2, 3, 0, OVERLAP_S)];
        check(&two, &[(3, 0), (2, OVERLAP_S), (1, OVERLAP_S - DAY)]);
    }

    #[test]
    fn a_link_that_no_believed_key_signed_is_passed_over() {
        check(&[link(9, 2, 0, OVERLAP_S)], &[(1, 0)]);
        check(&[link(2, 3, 0, OVERLAP_S), link(1, 2, 0, OVERLAP_S)], &[(2, 0), (1, OVERLAP_S)]);
        check(&["x.y.z".to_owned(), link(1, 2, 0, OVERLAP_S)], &[(2, 0), (1, OVERLAP_S)]);
        let other = ServiceKeys { keys: vec![link(1, 2, 0, OVERLAP_S)] };
        let elsewhere = "https://other.example".parse().unwrap();
        let pinned = [(key(1).public(), 0)];
        assert_eq!(follow(&other, &pinned, &elsewhere, AT), pinned);
    }

    #[test]
    fn a_link_that_is_past_early_or_too_long_is_passed_over() {
        check(&[link(1, 2, -OVERLAP_S, OVERLAP_S)], &[(1, 0)]);
        check(&[link(1, 2, 121, OVERLAP_S)], &[(1, 0)]);
        check(&[link(1, 2, 0, OVERLAP_S + 1)], &[(1, 0)]);
        check(&[link(1, 1, 0, OVERLAP_S)], &[(1, 0)]);
        check(&[link(1, 2, 1 - OVERLAP_S, OVERLAP_S)], &[(2, 0), (1, 1)]);
    }

    /// What was learnt stays learnt, also when the service lists the old link no more.
    #[test]
    fn keys_that_are_known_keep_their_order_and_their_end() {
        let pinned = [(key(2).public(), 0), (key(1).public(), AT.seconds() + 5)];
        let seen = |links: Vec<String>| follow(&ServiceKeys { keys: links }, &pinned, &service(), AT);
        assert_eq!(seen(vec![]), pinned);
        assert_eq!(seen(vec![link(1, 2, 0, OVERLAP_S)]), pinned);
        let next = seen(vec![link(1, 2, 0, OVERLAP_S), link(2, 3, 0, OVERLAP_S)]);
        let seeds = [(key(3).public(), 0), (key(2).public(), AT.seconds() + OVERLAP_S), pinned[1]];
        assert_eq!(next, seeds);
        let later = AT.plus_ms(5000);
        let ended = follow(&ServiceKeys { keys: vec![] }, &pinned, &service(), later);
        assert_eq!(ended, pinned[..1], "the old key has ended");
    }

    /// The control is the same link by the key that no other follows yet.
    #[test]
    fn a_stolen_old_key_names_nobody() {
        let pinned = [(key(2).public(), 0), (key(1).public(), AT.seconds() + OVERLAP_S)];
        let seen = |links: Vec<String>| follow(&ServiceKeys { keys: links }, &pinned, &service(), AT);
        assert_eq!(seen(vec![link(1, 9, 0, OVERLAP_S)]), pinned);
        assert_eq!(seen(vec![link(2, 9, 0, OVERLAP_S)]).len(), 3);
        let both = seen(vec![link(2, 3, 0, OVERLAP_S), link(2, 9, 0, OVERLAP_S)]);
        assert!(both.iter().all(|(found, _)| *found != key(9).public()));
    }
}
