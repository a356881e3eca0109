use super::*;

/// Two pages, sealed by the generator that writes fixtures.
fn sealed() -> (Vec<u8>, SecretText) {
    let fixture = fixtures::all().into_iter().find(|fixture| fixture.sources[0].0 == "authplus.db").unwrap();
    (fixture.sources[0].1.clone(), SecretText::from(fixture.password.unwrap()))
}

fn check(bytes: &[u8], password: &SecretText) -> Option<SecretBytes> {
    open(bytes, password, KdfBudget::PHONE, Format::AuthenticatorPlus).unwrap()
}

#[test]
fn a_page_that_is_changed_or_cut_off_is_empty_and_the_others_are_whole() {
    let (bytes, password) = sealed();
    let whole = check(&bytes, &password).unwrap();
    assert!(whole.expose().starts_with(MAGIC));
    let mut changed = bytes.clone();
    changed[PAGE + 7] ^= 1;
    let opened = check(&changed[..changed.len() - 1], &password).unwrap();
    assert_eq!(opened.expose()[..PAGE], whole.expose()[..PAGE]);
    assert_eq!(opened.expose()[PAGE..2 * PAGE], [0; PAGE]);
    assert_eq!(opened.expose()[2 * PAGE..bytes.len() - PAGE], whole.expose()[2 * PAGE..bytes.len() - PAGE]);
    assert_eq!(opened.expose()[bytes.len() - PAGE..], [0; PAGE]);
}

#[test]
fn pages_that_change_places_are_empty() {
    let (mut bytes, password) = sealed();
    let (one, two) = bytes[PAGE..3 * PAGE].split_at_mut(PAGE);
    one.swap_with_slice(two);
    let opened = check(&bytes, &password).unwrap();
    assert_eq!(opened.expose()[PAGE..3 * PAGE], [0; 2 * PAGE]);
}

#[test]
fn a_wrong_password_opens_nothing_and_a_small_budget_is_not_overdrawn() {
    let (bytes, password) = sealed();
    assert_eq!(check(&bytes, &SecretText::from("wrong")), None);
    let budget = KdfBudget { memory_bytes: 0, passes: ROUNDS - 1 };
    let refused = open(&bytes, &password, budget, Format::AuthenticatorPlus);
    assert!(matches!(refused, Err(ImportError::TooExpensive { .. })));
}
