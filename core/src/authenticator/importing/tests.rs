use super::*;
use crate::account::Account;
use crate::import::{Entry, Format, Place, Problem, Reason};
use crate::secret::SecretText;
use crate::uri;

fn entry(link: &str) -> Entry {
    let account: Account = uri::parse(link).unwrap();
    Entry::new(Place::entry(0, &account.account_name), account)
}

fn imported(links: &[&str]) -> Imported {
    let mut imported = Imported::new(Format::UriList);
    imported.entries = links.iter().map(|link| entry(link)).collect();
    imported
}

const ANN: &str = "otpauth://totp/A:ann?secret=JBSWY3DP";

#[track_caller]
fn check(links: &[&str], expected: &[RowStatus]) {
    let preview = ImportPreview::of(imported(links));
    assert_eq!(preview.rows().iter().map(|row| row.status).collect::<Vec<_>>(), expected);
}

#[test]
fn rows_are_compared_with_those_before_them() {
    use Other::InFile;
    check(&[ANN, ANN], &[RowStatus::New, RowStatus::AlreadyPresent(InFile(0))]);
    check(
        &[ANN, "otpauth://totp/B:ann?secret=JBSWY3DP"],
        &[RowStatus::New, RowStatus::SameSecretOtherName(InFile(0))],
    );
    check(
        &[ANN, "otpauth://totp/A:ann?secret=JBSWY3DQ", "otpauth://totp/A:ann?secret=JBSWY3DP&digits=8"],
        &[
            RowStatus::New,
            RowStatus::SameNameOtherSecret(InFile(0)),
            RowStatus::SameNameOtherSecret(InFile(0)),
        ],
    );
    check(
        &["otpauth://totp/?secret=JBSWY3DP", "otpauth://totp/?secret=JBSWY3DQ"],
        &[RowStatus::New, RowStatus::New],
    );
}

#[test]
fn a_hotp_counter_is_no_part_of_identity() {
    let links = ["otpauth://hotp/a?secret=JBSWY3DP&counter=1", "otpauth://hotp/a?secret=JBSWY3DP&counter=9"];
    check(&links, &[RowStatus::New, RowStatus::AlreadyPresent(Other::InFile(0))]);
}

#[test]
fn what_is_in_the_trash_never_stands_in_the_way() {
    let mut file = imported(&[ANN, ANN, ANN]);
    file.entries[0].trashed = true;
    file.entries[2].trashed = true;
    let statuses: Vec<_> = ImportPreview::of(file).rows().iter().map(|row| row.status).collect();
    assert_eq!(statuses, [RowStatus::New, RowStatus::New, RowStatus::AlreadyPresent(Other::InFile(0))]);
}

#[test]
fn every_row_is_in_one_count() {
    let mut file = imported(&[ANN, ANN, "motp://M:u?secret=aabbccdd", "otpauth://totp/x?secret=JBSWY3DR"]);
    for (reason, times) in [(Reason::Seal, 1), (Reason::NeedsPin, 1), (Reason::TooMany(5), 1)] {
        file.problems.extend(vec![Problem { place: Place::default(), reason }; times]);
    }
    let preview = ImportPreview::of(file);
    assert!(preview.pick(3, false) && !preview.pick(1, true) && !preview.pick(9, true));
    let expected =
        ImportCounts { total: 11, imported: 2, duplicates: 1, unsupported: 6, damaged: 1, skipped: 1 };
    assert_eq!(preview.counts(), expected);
}

#[test]
fn a_pin_is_taken_where_one_is_wanted() {
    let preview = ImportPreview::of(imported(&["motp://M:u?secret=aabbccdd", ANN]));
    assert_eq!(preview.rows()[0].status, RowStatus::NeedsPin);
    assert!(!preview.set_pin(1, SecretText::from("1234")) && !preview.set_pin(0, SecretText::from("")));
    assert!(preview.set_pin(0, SecretText::from("1234")));
    assert_eq!(preview.rows()[0].status, RowStatus::New);
}

#[test]
fn what_is_larger_than_the_vault_takes_is_named_and_an_icon_goes_first() {
    let mut file = imported(&[ANN, "otpauth://totp/b?secret=JBSWY3DP"]);
    file.entries[0].note = "n".repeat(60 * 1024);
    file.entries[1].note = "n".repeat(50 * 1024);
    let icon = [&b"\x89PNG"[..], &[0; 12_000]].concat();
    file.entries[1].icon = Some(crate::import::Icon::Picture(icon.as_slice().into()));
    let preview = ImportPreview::of(file);
    assert_eq!(preview.problems()[0].reason, Reason::TooLarge);
    let contents = preview.take().unwrap();
    assert_eq!(
        contents.incoming().iter().map(|incoming| incoming.item.icon.clone()).collect::<Vec<_>>(),
        [None]
    );
}

#[test]
fn a_wiped_preview_shows_nothing() {
    let preview = ImportPreview::of(imported(&[ANN]));
    assert_eq!(preview.secret(0), Some(SecretText::from("JBSWY3DP")));
    preview.wipe();
    assert_eq!(
        (preview.rows().len(), preview.counts(), preview.secret(0)),
        (0, ImportCounts::default(), None)
    );
}
