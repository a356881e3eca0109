//! Accounts that ask every time: a code after a confirmation, no longer than it lasts, wherever the account went; and what
//! a list says of accounts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use authenticator_core::authenticator::{
    Authenticator, Error, ListOrder, LockEvent, NoCode, PackPlan, SHOWN_MS, open_import,
};
use authenticator_core::export::{ExportFormat, Lost};
use authenticator_core::import::{KdfBudget, Secrets, Source};
use authenticator_core::moving::Way;
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{Apart, Change, ItemId, Key, LockedSnapshot, NewItem};
use common::{NOW, Place, boot, confirmed, hotp, totp, unlocked};

/// The beginning of a time step of 30 s.
const STEP: UnixTime = UnixTime::from_seconds(60);

fn asking(item: NewItem) -> NewItem {
    NewItem { asks_every_time: true, ..item }
}

fn code(core: &Authenticator, id: ItemId, at: UnixTime, offset_ms: i64) -> Result<String, NoCode> {
    core.codes(at, offset_ms, &[id]).unwrap().rows[0].code.clone().map(|code| code.text)
}

fn show(core: &Authenticator, place: &Place, id: ItemId, at: UnixTime) {
    core.show_code(id, &confirmed(core, place), at, 0, boot(1)).unwrap();
}

#[test]
fn a_code_is_given_after_a_confirmation_and_until_its_step_ends() {
    let (place, core) = unlocked();
    let asks = core.add(asking(totp("asks", "", 1)), NOW).unwrap().id();
    // The control: the same secret without the mark.
    let free = core.add(totp("free", "", 1), NOW).unwrap().id();
    let at = STEP.plus_ms(12_000);
    let rows = core.codes(at, 0, &[asks, free]).unwrap().rows;
    assert_eq!((rows[0].code.clone(), &rows[0].next), (Err(NoCode::AsksEveryTime), &None));
    let expected = rows[1].code.clone().unwrap();
    let token = confirmed(&core, &place);
    core.show_code(asks, &token, at, 0, boot(1)).unwrap();
    let again = core.show_code(asks, &token, at, 0, boot(2));
    assert!(matches!(again, Err(Error::NotConfirmed)), "one confirmation shows one code");
    let shown = core.codes(at, 0, &[asks]).unwrap();
    assert_eq!(shown.rows[0].code.as_ref().unwrap(), &expected);
    assert!(shown.rows[0].next.is_none(), "nobody confirmed that one");
    assert_eq!(shown.next_change_at, Some(expected.valid_until));
    for (after, is_given) in [(0, true), (29_999, true), (30_000, false), (60_000, false), (-1, false)] {
        assert_eq!(code(&core, asks, STEP.plus_ms(after), 0).is_ok(), is_given, "{after} ms");
        assert!(code(&core, free, STEP.plus_ms(after), 0).is_ok());
    }
    // A clock that is set does not make another code of it, and an offset leads to the same step or to none.
    assert_eq!(code(&core, asks, STEP.plus_ms(12_000 - 60_000), 60_000).as_ref(), Ok(&expected.text));
    assert_eq!(code(&core, asks, at, 30_000), Err(NoCode::AsksEveryTime));
}

#[test]
fn a_lock_forgets_what_was_confirmed() {
    let (place, core) = unlocked();
    let asks = core.add(asking(totp("asks", "", 1)), NOW).unwrap().id();
    show(&core, &place, asks, STEP);
    assert!(code(&core, asks, STEP, 0).is_ok());
    core.lock();
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    assert_eq!(code(&core, asks, STEP, 0), Err(NoCode::AsksEveryTime));
}

#[test]
fn codes_that_count_are_given_for_thirty_seconds_after_a_confirmation() {
    let (place, core) = unlocked();
    let asks = core.add(asking(hotp("asks", 1)), NOW).unwrap().id();
    let refused = || {
        assert_eq!(code(&core, asks, STEP, 0), Err(NoCode::AsksEveryTime));
        assert!(matches!(core.next_code(asks, STEP), Err(Error::NotConfirmed)));
        assert!(matches!(core.last_code(asks, STEP), Err(Error::NotConfirmed)));
    };
    refused();
    assert_eq!(core.counter(asks).unwrap(), Some(0), "a refusal counts nothing");
    show(&core, &place, asks, STEP.plus_ms(1));
    refused();
    let last = STEP.plus_ms(SHOWN_MS);
    let rows = core.codes(last, 0, &[asks]).unwrap();
    assert_eq!(rows.rows[0].code, Err(NoCode::Counts));
    assert_eq!(rows.next_change_at, Some(last.plus_ms(1)), "then it asks again");
    let first = core.next_code(asks, last).unwrap();
    assert_eq!(core.last_code(asks, last).unwrap(), Some(first));
    assert!(matches!(core.next_code(asks, last.plus_ms(1)), Err(Error::NotConfirmed)));
    // The control: one without the mark asks nobody.
    let free = core.add(hotp("free", 2), NOW).unwrap().id();
    core.next_code(free, STEP).unwrap();
    assert!(core.last_code(free, STEP).unwrap().is_some());
}

#[test]
fn out_of_sight_a_confirmation_ends_so_that_no_clock_that_is_set_back_finds_it() {
    let (place, core) = unlocked();
    let counts = core.add(asking(hotp("asks", 1)), NOW).unwrap().id();
    let follows = core.add(asking(totp("asks", "", 2)), NOW).unwrap().id();
    let unmark = Change { asks_every_time: Some(false), ..Change::default() };
    for (event, is_left) in [
        (LockEvent::PromptBegan, true),
        (LockEvent::PromptEnded, true),
        (LockEvent::Used, true),
        (LockEvent::EnteredForeground, true),
        (LockEvent::EnteredBackground, false),
        (LockEvent::ScreenOff, false),
    ] {
        show(&core, &place, counts, STEP);
        show(&core, &place, follows, STEP);
        assert!(!core.report(event, boot(2)));
        assert_eq!(core.next_code(counts, STEP).is_ok(), is_left, "{event:?}");
        // The code that was seen is no other when the clock says so again.
        assert!(code(&core, follows, STEP, 0).is_ok());
        if !is_left {
            assert!(matches!(core.change(follows, unmark.clone(), STEP), Err(Error::NotConfirmed)));
        }
    }
}

#[test]
fn whoever_may_not_see_a_code_does_not_take_the_mark_off() {
    let (place, core) = unlocked();
    let id = core.add(totp("GitHub", "alex", 1), NOW).unwrap().id();
    let mark = |asks| Change { asks_every_time: Some(asks), ..Change::default() };
    core.change(id, mark(true), STEP).unwrap();
    assert!(core.list().unwrap()[0].asks_every_time);
    assert!(matches!(core.change(id, mark(false), STEP), Err(Error::NotConfirmed)));
    // What names the mark not leaves it, and needs nobody.
    core.change(id, Change { note: Some("x".into()), ..Change::default() }, STEP).unwrap();
    core.change(id, mark(true), STEP).unwrap();
    assert!(core.item(id).unwrap().asks_every_time);
    show(&core, &place, id, STEP);
    core.change(id, mark(false), STEP.plus_ms(1)).unwrap();
    assert!(!core.item(id).unwrap().asks_every_time);
    assert!(code(&core, id, STEP.plus_ms(90_000), 0).is_ok());
}

#[test]
fn a_pack_has_no_code_of_an_account_that_asks() {
    let (place, core) = unlocked();
    let asks = core.add(asking(totp("asks", "", 1)), NOW).unwrap().id();
    let free = core.add(totp("free", "", 2), NOW).unwrap().id();
    show(&core, &place, asks, NOW);
    let plan = PackPlan { ids: vec![asks, free], length_ms: 60_000 };
    let packed = core.write_pack(&place.folder.path().join("pack"), &plan, NOW).unwrap();
    assert_eq!((packed.ids, packed.left_out), (vec![free], vec![asks]));
}

#[test]
fn the_mark_goes_along_with_a_backup_a_move_and_an_import() {
    let (place, core) = unlocked();
    let asks = core.add(asking(totp("asks", "", 1)), NOW).unwrap().id();
    let free = core.add(totp("free", "", 2), NOW).unwrap().id();
    let marks = |core: &Authenticator| {
        let mut marks: Vec<_> =
            core.list().unwrap().into_iter().map(|item| (item.issuer, item.asks_every_time)).collect();
        marks.sort();
        marks
    };
    let expected = [("asks".to_owned(), true), ("free".to_owned(), false)];
    let backup = place.folder.path().join("backup.akb");
    core.write_backup(&backup, NOW).unwrap();

    let (_merged_place, merged) = unlocked();
    let copy = LockedSnapshot::open(&backup).unwrap().unlock(&Key::RecoveryCode(&place.code)).unwrap();
    merged.merge(&copy, &[asks, free], NOW).unwrap();
    assert_eq!(marks(&merged), expected);
    assert_eq!(code(&merged, asks, STEP, 0), Err(NoCode::AsksEveryTime));

    let (_replaced_place, replaced) = unlocked();
    replaced.replace_by(&copy, NOW).unwrap();
    assert_eq!(marks(&replaced), expected);

    let (_imported_place, imported) = unlocked();
    let bytes = std::fs::read(&backup).unwrap();
    let password = Some(place.code.print());
    let secrets = Secrets { password, ..Secrets::default() };
    let source = Source { name: "backup.akb", bytes: &bytes };
    let found = open_import(&[source], &secrets, KdfBudget::PHONE, &|| false).unwrap();
    imported.commit_import(&imported.preview_import(found).unwrap(), NOW).unwrap();
    assert_eq!(marks(&imported), expected);

    let (_moved_place, moved) = unlocked();
    let outgoing = core.send_accounts(Way::Codes, &[], &confirmed(&core, &place), boot(1)).unwrap();
    for text in &outgoing.codes {
        moved.take_move_code(text.expose()).unwrap();
    }
    moved.receive_accounts(None, NOW).unwrap();
    assert_eq!(marks(&moved), expected);
}

#[test]
fn a_copy_of_before_takes_no_mark_off() {
    let (place, core) = unlocked();
    let id = core.add(totp("GitHub", "", 1), NOW).unwrap().id();
    let backup = place.folder.path().join("backup.akb");
    core.write_backup(&backup, NOW).unwrap();
    core.change(id, Change { asks_every_time: Some(true), ..Change::default() }, NOW).unwrap();
    let copy = core.open_copy(&backup, None).unwrap();
    core.merge(&copy, &[id], NOW).unwrap();
    assert!(core.item(id).unwrap().asks_every_time);
    core.replace_by(&copy, NOW).unwrap();
    assert!(core.item(id).unwrap().asks_every_time);
}

#[test]
fn an_export_says_that_it_does_not_hold_the_mark() {
    let (_place, core) = unlocked();
    core.add(totp("free", "", 2), NOW).unwrap();
    let lost = |core: &Authenticator| core.export_report(ExportFormat::Aegis, None).unwrap().lost;
    assert_eq!(lost(&core), []);
    core.add(asking(totp("asks", "", 1)), NOW).unwrap();
    assert_eq!(lost(&core), [(Lost::AsksEveryTime, 1)]);
}

#[test]
fn a_list_comes_in_the_order_that_was_asked_for() {
    let (_place, core) = unlocked();
    let names = [("Zoo", "b"), ("", "Mill"), ("Ärger", "x"), ("arger", "a"), ("Zoo", "A")];
    let ids: Vec<ItemId> = (0..)
        .zip(names)
        .map(|(n, (issuer, name))| core.add(totp(issuer, name, n), NOW).unwrap().id())
        .collect();
    core.used(ids[3], NOW.plus_ms(1)).unwrap();
    core.used(ids[1], NOW.plus_ms(2)).unwrap();
    core.used(ids[3], NOW.plus_ms(3)).unwrap();
    core.used(ids[4], NOW.plus_ms(3)).unwrap();
    let places = |items: Vec<authenticator_core::vault::Item>| -> Vec<usize> {
        items.iter().map(|item| ids.iter().position(|id| *id == item.id).unwrap()).collect()
    };
    for (order, expected) in [
        (ListOrder::Own, [0, 1, 2, 3, 4]),
        (ListOrder::Name, [3, 2, 1, 4, 0]),
        (ListOrder::LastUsed, [3, 4, 1, 0, 2]),
        (ListOrder::MostUsed, [3, 1, 4, 0, 2]),
    ] {
        assert_eq!(places(core.list_by(order).unwrap()), expected, "{order:?}");
        assert_eq!(places(core.search_by("", order).unwrap()), expected, "{order:?}");
    }
    assert_eq!(places(core.search_by("zoo", ListOrder::Name).unwrap()), [4, 0]);
}

#[test]
fn accounts_with_the_same_names_are_told_apart() {
    let (_place, core) = unlocked();
    let ids: Vec<ItemId> = (0..4).map(|n| core.add(totp("ACME", "ann", n), NOW).unwrap().id()).collect();
    core.add(totp("ACME", "ben", 9), NOW).unwrap();
    let apart =
        || -> Vec<Option<Apart>> { core.list().unwrap().into_iter().map(|item| item.apart).collect() };
    let number = |number, of| Some(Apart::Number { number, of });
    assert_eq!(apart(), [number(1, 4), number(2, 4), number(3, 4), number(4, 4), None]);
    let work = core.add_group("Work").unwrap();
    let home = core.add_group("Home").unwrap();
    let other_work = core.add_group("Work").unwrap();
    for (n, groups) in [vec![work], vec![work, home], vec![other_work]].into_iter().enumerate() {
        core.change(ids[n], Change { groups: Some(groups), ..Change::default() }, NOW).unwrap();
    }
    let in_home = Some(Apart::Group("Home".to_owned()));
    assert_eq!(apart(), [number(1, 4), in_home, number(3, 4), number(4, 4), None]);
    // The trash is apart, and in the list the others move up; a search changes no number.
    core.delete(ids[0], NOW).unwrap();
    core.delete(ids[1], NOW).unwrap();
    let told = Some(Apart::Group("Work".to_owned()));
    assert_eq!(apart(), [told.clone(), number(2, 2), None]);
    assert_eq!(core.search("work").unwrap()[0].apart, told);
    let trashed: Vec<_> = core.trash().unwrap().into_iter().map(|item| item.apart).collect();
    assert_eq!(trashed, [number(1, 2), Some(Apart::Group("Home".to_owned()))]);
}
