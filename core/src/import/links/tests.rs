use super::*;
use crate::account::Kind;
use crate::base32::{Base32Error, CharacterClass};
use crate::import::formats::open_one;
use crate::import::{Icon, KdfBudget, Secrets, detect, open};
use crate::time::UnixTime;
use crate::uri::migration;

fn format_of(text: &str) -> Option<Format> {
    detect(&Source { name: "", bytes: text.as_bytes() })
}

fn names(imported: &Imported) -> Vec<&str> {
    imported.entries.iter().map(|entry| &*entry.account.account_name).collect()
}

fn open_all(texts: &[&str]) -> Imported {
    let sources: Vec<_> = texts.iter().map(|text| Source { name: "", bytes: text.as_bytes() }).collect();
    open(&sources, &Secrets::default(), KdfBudget::PHONE, &|| false).unwrap()
}

/// Parts of a migration of 25 accounts, named by their number.
fn parts() -> Vec<String> {
    let link = |n: usize| format!("otpauth://totp/{n}?secret=JBSWY3DPEHPK3PXP");
    let accounts: Vec<_> = (0..25).map(|n| uri::parse(&link(n)).unwrap()).collect();
    migration::print(&accounts, 7).parts.iter().map(|part| part.expose().to_owned()).collect()
}

#[test]
fn comments_and_empty_lines_are_no_entries() {
    let text =
        "\u{feff}# otpauth://totp/old?secret=JBSWY3DP\r\n\r\nHello,\rotpauth://totp/ann?secret=JBSW Y3DP\r\n";
    let list = open_one(text.as_bytes(), None).unwrap();
    assert_eq!((list.format, names(&list), list.total()), (Format::UriList, vec!["ann"], 1));
}

#[test]
fn links_inside_other_text_end_with_their_quotes() {
    let text = r#"[{"url":"otpauth://totp/ann?secret=JBSWY3DP"},{"url":"OTPAUTH://hotp/bob?secret=JBSWY3DP"}] x-otpauth://no"#;
    assert_eq!(names(&open_one(text.as_bytes(), None).unwrap()), ["ann", "bob"]);
}

#[test]
fn a_bad_link_is_a_named_problem_and_one_without_its_pin_unsupported() {
    let text = "otpauth://totp/a?secret=JB1\nmotp://M:u?secret=aabb\notpauth://yaotp/Y?secret=LA2V6KMCGYMWWVEW64RNP3JA3I\n\
        otpauth://push/p?secret=JBSWY3DP\notpauth-migration://offline?data=!\notpauth://totp/ok?secret=JBSWY3DP\n";
    let list = open_one(text.as_bytes(), None).unwrap();
    let problems: Vec<_> =
        list.problems.iter().map(|problem| (problem.place.entry, problem.reason)).collect();
    let digit = Base32Error::Character { position: 2, class: CharacterClass::Digit };
    assert_eq!(
        problems,
        [
            (Some(1), Reason::Uri(UriError::Secret(digit))),
            (Some(2), Reason::NeedsPin),
            (Some(3), Reason::NeedsPin),
            (Some(4), Reason::Uri(UriError::Kind)),
            (Some(5), Reason::Uri(UriError::Damaged)),
        ]
    );
    assert_eq!(names(&list), ["ok"]);
}

#[test]
fn parts_of_a_migration_come_in_any_order_and_twice() {
    let parts = parts();
    let list = open_all(&[&parts[2], &format!("{}\n{}", parts[0], parts[2]), &parts[1]]);
    let expected: Vec<_> = (0..25).map(|n| n.to_string()).collect();
    assert_eq!(
        (list.format, names(&list)),
        (Format::GoogleMigration, expected.iter().map(String::as_str).collect())
    );
    assert!(list.missing_parts.is_empty());
    assert_eq!(list.entries[24].place.entry, Some(25));
}

#[test]
fn missing_parts_are_named() {
    let list = open_all(&[&parts()[1]]);
    assert_eq!((list.entries.len(), list.missing_parts), (10, vec![1, 3]));
}

#[test]
fn a_list_may_hold_links_of_both_sorts() {
    let text = format!("otpauth://totp/first?secret=JBSWY3DP\n{}", parts()[2]);
    let list = open_one(text.as_bytes(), None).unwrap();
    assert_eq!((list.format, list.entries.len()), (Format::UriList, 6));
}

#[test]
fn what_ente_says_beside_the_codes_is_kept() {
    let text = "otpauth://totp/A:second?secret=JBSWY3DP&codeDisplay=%7B%22pinned%22%3Atrue%2C%22trashed%22%3Afalse%2C\
        %22lastUsedAt%22%3A1700000000000000%2C%22tapCount%22%3A3%2C%22tags%22%3A%5B%22Work%22%5D%2C%22note%22%3A%22n%22%2C\
        %22position%22%3A1%2C%22iconID%22%3A%22acme%22%7D\n\
        otpauth://steam/S:first?secret=JBSWY3DP&codeDisplay=%7B%22trashed%22%3Atrue%2C%22tags%22%3Anull%7D\n";
    let list = open_one(text.as_bytes(), None).unwrap();
    assert_eq!((list.format, names(&list)), (Format::Ente, vec!["second", "first"]));
    let [second, first] = &list.entries[..] else { panic!("two entries") };
    assert!(first.trashed && first.account.otp.kind() == Kind::Steam && first.groups.is_empty());
    assert!(second.favorite && !second.trashed && second.account.extra.is_empty());
    assert_eq!((second.usage_count, second.last_used_at), (3, Some(UnixTime::from_seconds(1_700_000_000))));
    assert_eq!((second.note.as_str(), &second.icon), ("n", &Some(Icon::Named("acme".to_owned()))));
    assert_eq!((second.rank, first.rank, list.groups), (Some(1), None, vec!["Work".to_owned()]));
}

#[test]
fn a_text_is_known_by_its_first_link() {
    assert_eq!(format_of(&parts()[0]), Some(Format::GoogleMigration));
    assert_eq!(format_of("steam://JBSWY3DP"), Some(Format::UriList));
    assert_eq!(format_of("otpauth://totp/a?secret=A&codeDisplay=%7B"), Some(Format::Ente));
    assert_eq!(format_of("https://example.com"), None);
    assert_eq!(format_of("\0otpauth://totp/a?secret=A"), None);
}
