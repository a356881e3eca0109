//! Importing into a vault: nothing is lost, nothing is there twice, and the counts add up.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use authenticator_core::authenticator::{Error, ImportCounts, ImportPreview, RowStatus, open_import};
use authenticator_core::import::{Format, ImportError, Imported, KdfBudget, Needs, Secrets, Source, open};
use authenticator_core::secret::SecretText;
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{Change, ItemState, Key, RecoveryCode};
use common::{NOW, unlocked};
use proptest::prelude::*;

const FILE: &str = r##"otpauth://totp/A:second?secret=JBSWY3DP&codeDisplay={"pinned":true,"tapCount":7,"lastUsedAt":1700000000000000,"tags":["Work","Home"],"note":"n","position":2}
otpauth://totp/B:first?secret=JBSWY3DQ&codeDisplay={"position":1,"tags":["Work"]}
otpauth://hotp/C:gone?secret=JBSWY3DR&counter=5&codeDisplay={"trashed":true,"position":3}
otpauth://totp/A:second?secret=JBSWY3DP
motp://M:nopin?secret=aabbccdd
otpauth://totp/broken?secret=1
"##;

fn read(text: &str) -> Imported {
    let sources = [Source { name: "export.txt", bytes: text.as_bytes() }];
    open(&sources, &Secrets::default(), KdfBudget::PHONE, &|| false).unwrap()
}

fn statuses(preview: &ImportPreview) -> Vec<&'static str> {
    preview.rows().iter().map(|row| row.status.name()).collect()
}

#[test]
fn groups_order_usage_notes_marks_and_trash_survive() {
    let (_place, core) = unlocked();
    let work = core.add_group("Work").unwrap();
    let preview = core.preview_import(read(FILE)).unwrap();
    let done = core.commit_import(&preview, NOW).unwrap();
    let expected =
        ImportCounts { total: 6, imported: 3, duplicates: 1, unsupported: 1, damaged: 1, skipped: 0 };
    assert_eq!((done.counts, done.ids.len()), (expected, 3));
    let list = core.list().unwrap();
    let names: Vec<_> = list.iter().map(|item| item.account_name.as_str()).collect();
    assert_eq!(names, ["first", "second"]);
    let groups = core.groups().unwrap();
    assert_eq!(groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["Work", "Home"]);
    assert_eq!(
        (list[0].groups.as_slice(), list[1].groups.as_slice()),
        (&[work][..], &[work, groups[1].id][..])
    );
    assert_eq!((list[1].note.as_str(), list[1].favorite, list[1].usage_count), ("n", true, 7));
    assert_eq!(list[1].last_used_at, Some(UnixTime::from_seconds(1_700_000_000)));
    let trash = core.trash().unwrap();
    assert_eq!((trash.len(), trash[0].account_name.as_str()), (1, "gone"));
}

#[test]
fn what_was_imported_is_on_the_disk_and_a_snapshot_was_taken_before() {
    let (place, core) = unlocked();
    core.add_group("changed since the last snapshot").unwrap();
    let before = core.snapshots().unwrap().len();
    let preview = core.preview_import(read(FILE)).unwrap();
    core.commit_import(&preview, NOW).unwrap();
    assert_eq!(core.snapshots().unwrap().len(), before + 1);
    assert_eq!(core.snapshots().unwrap()[before].says.as_ref().unwrap().rows, 0);
    core.lock();
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    assert_eq!(core.list().unwrap()[1].usage_count, 7);
    assert_eq!(core.counter(core.trash().unwrap()[0].id).unwrap(), Some(5));
}

#[test]
fn the_same_file_again_adds_nothing_and_takes_no_snapshot() {
    let (_place, core) = unlocked();
    let commit = || core.commit_import(&core.preview_import(read(FILE)).unwrap(), NOW).unwrap();
    commit();
    let snapshots = core.snapshots().unwrap().len();
    let again = commit();
    assert_eq!((again.counts.imported, again.counts.duplicates, again.ids.len()), (0, 4, 0));
    assert_eq!(core.snapshots().unwrap().len(), snapshots);
}

#[test]
fn rows_say_how_they_stand_to_the_vault() {
    let (_place, core) = unlocked();
    core.commit_import(&core.preview_import(read("otpauth://totp/A:ann?secret=JBSWY3DP")).unwrap(), NOW)
        .unwrap();
    let text = "otpauth://totp/A:ann?secret=JBSWY3DP\notpauth://totp/B:bob?secret=JBSWY3DP\notpauth://totp/A:ann?secret=JBSWY3DQ\notpauth://totp/C:c?secret=JBSWY3DR";
    let preview = core.preview_import(read(text)).unwrap();
    assert_eq!(
        statuses(&preview),
        ["already_present", "same_secret_other_name", "same_name_other_secret", "new"]
    );
    assert_eq!(core.commit_import(&preview, NOW).unwrap().counts.imported, 3);
}

#[test]
fn a_row_that_is_in_the_vault_by_now_is_a_duplicate_at_the_commit() {
    let (_place, core) = unlocked();
    let text = "otpauth://totp/A:ann?secret=JBSWY3DP\notpauth://totp/B:bob?secret=JBSWY3DQ";
    let [first, second] = [(); 2].map(|()| core.preview_import(read(text)).unwrap());
    assert_eq!(core.commit_import(&first, NOW).unwrap().counts.imported, 2);
    assert!(second.rows().iter().all(|row| row.status == RowStatus::New));
    let late = core.commit_import(&second, NOW).unwrap();
    assert_eq!((late.counts.imported, late.counts.duplicates, core.list().unwrap().len()), (0, 2, 2));
}

#[test]
fn an_account_in_the_trash_does_not_stand_in_the_way() {
    let (_place, core) = unlocked();
    let text = "otpauth://totp/A:ann?secret=JBSWY3DP";
    let added = core.commit_import(&core.preview_import(read(text)).unwrap(), NOW).unwrap();
    core.delete(added.ids[0], NOW).unwrap();
    let again = core.commit_import(&core.preview_import(read(text)).unwrap(), NOW).unwrap();
    assert_eq!((again.counts.imported, core.list().unwrap().len()), (1, 1));
}

#[test]
fn a_row_that_is_not_picked_is_skipped_and_one_without_its_pin_asks_for_it_later() {
    let (_place, core) = unlocked();
    let mut file = read("otpauth://totp/A:ann?secret=JBSWY3DP\nmotp://M:m?secret=aabbccdd&pin=1");
    file.entries.push({
        let mut entry = file.entries[1].clone();
        let authenticator_core::otp::Otp::Motp(motp) = &mut entry.account.otp else { panic!("Mobile-OTP") };
        motp.pin = None;
        entry
    });
    let preview = core.preview_import(file).unwrap();
    assert_eq!(statuses(&preview), ["new", "new", "needs_pin"]);
    preview.pick(0, false);
    let done = core.commit_import(&preview, NOW).unwrap();
    assert_eq!((done.counts.skipped, done.counts.imported), (1, 2));
    let states: Vec<_> = core.list().unwrap().iter().map(|item| item.state).collect();
    assert_eq!(states, [ItemState::Ok, ItemState::NeedsPin]);
}

#[test]
fn a_lock_empties_the_preview_and_it_is_used_once() {
    let (place, core) = unlocked();
    let preview = core.preview_import(read(FILE)).unwrap();
    core.lock();
    assert!(preview.rows().is_empty() && preview.secret(0).is_none());
    assert!(matches!(core.commit_import(&preview, NOW), Err(Error::NoPreview)));
    assert!(matches!(core.preview_import(read(FILE)), Err(Error::Locked)));
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    let preview = core.preview_import(read(FILE)).unwrap();
    core.commit_import(&preview, NOW).unwrap();
    assert!(matches!(core.commit_import(&preview, NOW), Err(Error::NoPreview)));
}

#[test]
fn a_commit_that_fails_adds_nothing_and_leaves_the_preview() {
    let (place, core) = unlocked();
    let preview = core.preview_import(read(FILE)).unwrap();
    let other = place.sql();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(core.commit_import(&preview, NOW).is_err());
    other.execute_batch("ROLLBACK").unwrap();
    assert!(core.list().unwrap().is_empty() && core.groups().unwrap().is_empty());
    assert_eq!(core.commit_import(&preview, NOW).unwrap().counts.imported, 3);
}

/// A backup of another vault is one more kind of file: its accounts come beside those that are here.
#[test]
fn a_backup_of_another_vault_is_imported_with_all_that_is_in_it() {
    let (other, old) = unlocked();
    old.commit_import(&old.preview_import(read(FILE)).unwrap(), NOW).unwrap();
    let (first, second) = (old.list().unwrap()[0].id, old.list().unwrap()[1].id);
    let icon = Some(Some("data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=".to_owned()));
    old.change(first, Change { icon, ..Change::default() }, NOW).unwrap();
    old.set_order(&[second, first]).unwrap();
    let path = other.folder.path().join("backup.akb");
    old.write_backup(&path, NOW).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let open = |bytes: &[u8], password: Option<&str>| {
        let secrets = Secrets { password: password.map(SecretText::from), key_file: None };
        open_import(&[Source { name: "backup.akb", bytes }], &secrets, KdfBudget::PHONE, &|| false)
    };
    let code = other.code.print();

    let (_place, core) = unlocked();
    core.commit_import(&core.preview_import(read("otpauth://totp/A:second?secret=JBSWY3DP")).unwrap(), NOW)
        .unwrap();
    let preview = core.preview_import(open(&bytes, Some(code.expose())).unwrap()).unwrap();
    assert_eq!(preview.format(), Format::Backup);
    assert_eq!(statuses(&preview), ["already_present", "new", "new"], "in the order of the list there");
    assert_eq!(core.commit_import(&preview, NOW).unwrap().counts.imported, 2);
    let (here, there) = (core.list().unwrap(), old.list().unwrap());
    assert_eq!((&here[1].account_name, &here[1].icon), (&"first".to_owned(), &there[1].icon));
    assert_eq!(core.groups().unwrap()[0].name, "Work");
    let trash = core.trash().unwrap();
    assert_eq!((trash[0].account_name.as_str(), core.counter(trash[0].id).unwrap()), ("gone", Some(5)));

    let needs = ImportError::NeedsPassword(Format::Backup, Needs::Password);
    assert_eq!(open(&bytes, None).unwrap_err(), needs);
    let wrong = RecoveryCode::make().unwrap().print();
    for password in [wrong.expose(), "no recovery code"] {
        let refused = open(&bytes, Some(password)).unwrap_err();
        assert_eq!(refused, ImportError::WrongPassword(Format::Backup));
    }
    let mut flipped = bytes.clone();
    let middle = bytes.len() / 2;
    flipped[middle] ^= 1;
    for damaged in [&flipped[..], &bytes[..bytes.len() - 1], &bytes[..5]] {
        let refused = open(damaged, Some(code.expose()));
        assert!(matches!(refused, Err(ImportError::Damaged(Format::Backup, _))), "{refused:?}");
    }
}

#[test]
fn a_commit_that_is_stopped_adds_nothing_and_may_be_tried_again() {
    let (_place, core) = unlocked();
    let preview = core.preview_import(read(FILE)).unwrap();
    let asked = std::cell::Cell::new(0);
    let third = || {
        asked.set(asked.get() + 1);
        asked.get() == 3
    };
    assert_eq!(core.commit_import_until(&preview, NOW, &third).unwrap(), None);
    assert!(core.list().unwrap().is_empty() && core.trash().unwrap().is_empty());
    assert!(core.groups().unwrap().is_empty() && preview.rows().len() == 4);
    let done = core.commit_import_until(&preview, NOW, &|| false).unwrap().unwrap();
    assert_eq!(done.counts.imported, 3);
}

/// One line of a generated list.
fn line() -> impl Strategy<Value = String> {
    let name = "[ab]";
    let secret = "[A-D]{8}";
    prop_oneof![
        4 => (name, name, secret).prop_map(|(i, n, s)| format!("otpauth://totp/{i}:{n}?secret={s}")),
        2 => (name, secret, 0..3_u8).prop_map(|(n, s, c)| format!("otpauth://hotp/{n}?secret={s}&counter={c}")),
        1 => (name, secret).prop_map(|(n, s)| format!("otpauth://totp/{n}?secret={s}&codeDisplay={{\"trashed\":true}}")),
        1 => Just("motp://M:m?secret=aabb".to_owned()),
        1 => Just("otpauth://totp/x?secret=1".to_owned()),
        1 => Just("otpauth://push/x?secret=AAAA".to_owned()),
        1 => Just("# a comment".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_counts_always_add_up(
        lists in prop::collection::vec(prop::collection::vec(line(), 0..12), 1..4),
        unpicked in prop::collection::vec(0..12_usize, 0..4),
    ) {
        let (_place, core) = unlocked();
        for list in lists {
            let links = list.iter().filter(|line| !line.starts_with('#')).count();
            if links == 0 {
                continue;
            }
            let preview = core.preview_import(read(&list.join("\n"))).unwrap();
            unpicked.iter().for_each(|row| { preview.pick(*row, false); });
            let shown = preview.counts();
            let before = core.list().unwrap().len() + core.trash().unwrap().len();
            let done = core.commit_import(&preview, NOW).unwrap();
            let ImportCounts { total, imported, duplicates, unsupported, damaged, skipped } = done.counts;
            prop_assert_eq!(shown, done.counts);
            prop_assert_eq!(total, links);
            prop_assert_eq!(imported + duplicates + unsupported + damaged + skipped, total);
            prop_assert_eq!(core.list().unwrap().len() + core.trash().unwrap().len(), before + imported);
        }
    }
}
