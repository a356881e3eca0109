//! What leaves a vault as a shell sees it: exports behind a fresh confirmation, and a move from one phone to another.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use authenticator_core::authenticator::{
    Advice, Authenticator, CheckItem, CheckState, Error, Handed, ScanOutcome, ScanSession, ShellFacts,
};
use authenticator_core::export::{Content, Drawing, ExportFormat, LeftOut, Lost, Order};
use authenticator_core::moving::{MoveError, Taken, Way};
use authenticator_core::qr::{self, Frame};
use authenticator_core::secret::SecretText;
use authenticator_core::time::BootTime;
use authenticator_core::uri::{self, Text};
use authenticator_core::vault::{
    BackedUp, BackupFolder, Change, Compared, DiskFolder, FolderError, Generations, ItemId, Key, NewItem,
    Renewal, StoredFile, VaultError,
};
use common::{NOW, Place, hotp, totp};

fn boot(ms: u64) -> BootTime {
    BootTime::from_ms(ms)
}

fn unlocked() -> (Place, Authenticator) {
    let (place, vault) = Place::new();
    vault.lock();
    let core = Authenticator::new(place.path(), place.anchor.clone());
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    (place, core)
}

fn add(core: &Authenticator, uri: &str) -> ItemId {
    core.add(NewItem::from(uri::parse(uri).unwrap()), NOW).unwrap().id()
}

fn export(core: &Authenticator, place: &Place, order: &Order<'_>) -> Content {
    let token = core.confirm(&Key::RecoveryCode(&place.code), boot(0)).unwrap();
    core.export(order, None, &token, boot(1), &|| false).unwrap().content
}

#[test]
fn an_export_takes_a_confirmation_that_is_fresh_and_used_once() {
    let (place, core) = unlocked();
    add(&core, "otpauth://totp/a?secret=JBSWY3DP");
    let confirm = |at| core.confirm(&Key::RecoveryCode(&place.code), at).unwrap();
    let password = SecretText::from("a password");
    for order in
        [Order::UriList, Order::GoogleMigration, Order::Cxf(NOW), Order::Codes, Order::Aegis(&password)]
    {
        let token = confirm(boot(0));
        let at = |ms| core.export(&order, None, &token, boot(ms), &|| false);
        assert!(at(1).is_ok());
        assert!(matches!(at(2), Err(Error::NotConfirmed)), "{order:?} twice");
        let token = confirm(boot(0));
        let late = core.export(&order, None, &token, boot(60_000), &|| false);
        assert!(matches!(late, Err(Error::NotConfirmed)), "{order:?} after a minute");
        let token = confirm(boot(0));
        core.lock();
        assert!(matches!(core.export(&order, None, &token, boot(1), &|| false), Err(Error::Locked)));
        core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    }
}

#[test]
fn a_report_names_what_is_written_left_out_and_lost() {
    let (place, core) = unlocked();
    let group = core.add_group("Work").unwrap();
    let plain = add(&core, "otpauth://totp/a?secret=JBSWY3DP");
    let steam = add(&core, "otpauth://steam/b?secret=JBSWY3DP");
    let gone = add(&core, "otpauth://totp/c?secret=MZXW6");
    core.delete(gone, NOW).unwrap();
    let change = Change { note: Some("n".into()), groups: Some(vec![group]), ..Change::default() };
    core.change(plain, change, NOW).unwrap();
    let report = core.export_report(ExportFormat::GoogleMigration, None).unwrap();
    assert_eq!((report.written, report.left_out), (vec![plain], vec![(steam, LeftOut::Kind)]));
    assert_eq!(report.lost, [(Lost::Note, 1), (Lost::Groups, 1)]);
    let token = core.confirm(&Key::RecoveryCode(&place.code), boot(0)).unwrap();
    let exported = core.export(&Order::UriList, Some(&[steam]), &token, boot(1), &|| false).unwrap();
    assert_eq!(exported.report.written, [steam]);
    let Content::File(list) = exported.content else { panic!("a file") };
    assert!(
        list.expose().starts_with(b"otpauth://steam/b?")
            && list.expose().iter().filter(|c| **c == b'\n').count() == 1
    );
    assert!(matches!(
        core.export_report(ExportFormat::Aegis, Some(&["0".repeat(32).parse::<ItemId>().unwrap()])),
        Err(Error::NoSuchAccount)
    ));
}

#[test]
fn a_damaged_account_is_left_out_by_name_and_the_others_are_written() {
    let (place, core) = unlocked();
    let whole = add(&core, "otpauth://totp/a?secret=JBSWY3DP");
    let damaged = add(&core, "otpauth://totp/b?secret=MZXW6");
    core.lock();
    let broken = "UPDATE item SET secret = zeroblob(length(secret)) WHERE id = ?";
    let id: Vec<u8> =
        (0..16).map(|n| u8::from_str_radix(&damaged.to_string()[2 * n..][..2], 16).unwrap()).collect();
    place.sql().execute(broken, [id]).unwrap();
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    let report = core.export_report(ExportFormat::UriList, None).unwrap();
    assert_eq!((report.written, report.left_out), (vec![whole], vec![(damaged, LeftOut::Unreadable)]));
}

#[test]
fn what_a_stop_ends_leaves_nothing() {
    let (place, core) = unlocked();
    add(&core, "otpauth://totp/a?secret=JBSWY3DP");
    let token = core.confirm(&Key::RecoveryCode(&place.code), boot(0)).unwrap();
    let stopped = core.export(&Order::UriList, None, &token, boot(1), &|| true);
    assert!(matches!(stopped, Err(Error::Export(authenticator_core::export::ExportError::Stopped))));
}

/// Draws a code as a phone's screen does, and reads it as a phone's camera does.
fn scanned(text: &SecretText) -> String {
    const MODULE: usize = 4;
    let code = Drawing::of(text.expose()).unwrap();
    let side = (code.size + 8) * MODULE;
    let luma: Vec<u8> = (0..side * side)
        .map(|n| {
            let (x, y) = ((n % side / MODULE).wrapping_sub(4), (n / side / MODULE).wrapping_sub(4));
            let black = x < code.size && y < code.size && code.modules[y * code.size + x];
            if black { 20 } else { 235 }
        })
        .collect();
    let frame = Frame::new(&luma, side as u32, side as u32, side).unwrap();
    let scan = qr::read_frame(&frame, &|| false);
    scan.found[0].text.clone().unwrap()
}

#[test]
fn eighty_accounts_go_to_a_new_phone_through_codes_in_any_order() {
    let (old_place, old) = unlocked();
    let group = old.add_group("Work").unwrap();
    for n in 0..78 {
        let id = old.add(totp(&format!("issuer {n}"), "ann@example.com", n), NOW).unwrap().id();
        if n % 7 == 0 {
            let change = Change { groups: Some(vec![group]), favorite: Some(true), ..Change::default() };
            old.change(id, change, NOW).unwrap();
        }
    }
    let counts = old.add(hotp("counts", 200), NOW).unwrap().id();
    old.next_code(counts, NOW).unwrap();
    add(&old, "motp://Work:alex?secret=e3152afee62599c8&pin=1234");
    let gone = add(&old, "otpauth://totp/gone?secret=MZXW6");
    old.delete(gone, NOW).unwrap();
    let renewal =
        Renewal { host: "id.example".into(), service: "Example".into(), account_name: "ann".into() };
    let confirm = || old.confirm(&Key::RecoveryCode(&old_place.code), boot(0)).unwrap();
    let outgoing =
        old.send_accounts(Way::Codes, std::slice::from_ref(&renewal), &confirm(), boot(1)).unwrap();
    assert_eq!((outgoing.accounts, outgoing.left_out.len(), outgoing.file), (80, 0, None));
    assert!(outgoing.codes.len() < 25, "{} codes for 80 accounts", outgoing.codes.len());

    let (new_place, new) = unlocked();
    new.add(totp("was here", "", 199), NOW).unwrap();
    let mut texts: Vec<String> = outgoing.codes.iter().map(scanned).collect();
    texts.reverse();
    // The ordinary scanner knows them, so that a user who scans one there is led to the right screen.
    for text in &texts {
        let what = ScanSession::new().take_text(text);
        assert!(matches!(what, ScanOutcome::Other(Text::Move(code)) if code.expose() == text));
    }
    let last = texts.pop().unwrap();
    for text in &texts {
        assert_eq!(new.take_move_code(text).unwrap().code, Some(Taken::New));
    }
    // The phone is switched off between two codes.
    drop(new);
    let new = Authenticator::new(new_place.path(), new_place.anchor.clone());
    new.unlock(Key::RecoveryCode(&new_place.code), NOW).unwrap();
    assert_eq!(new.incoming().unwrap().missing, [1]);
    assert!(matches!(new.compare_move(), Err(Error::Move(MoveError::Incomplete))));
    let incoming = new.take_move_code(&last).unwrap();
    assert_eq!(
        (incoming.missing.len(), incoming.accounts, incoming.codes),
        (0, Some(80), Some(texts.len() as u32 + 1))
    );
    let compared = new.compare_move().unwrap();
    assert!(compared.rows.iter().all(|row| row.status == Compared::Missing) && compared.rows.len() == 81);

    let received = new.receive_accounts(None, NOW).unwrap();
    assert_eq!((received.arrived, received.of, received.renew), (80, 80, vec![renewal]));
    let again = new.receive_accounts(None, NOW).unwrap();
    assert_eq!(again.receipt, received.receipt, "nothing is taken twice");
    let (here, there) = (new.list().unwrap(), old.list().unwrap());
    assert_eq!(here.len(), 81);
    for (here, there) in here[1..].iter().zip(&there) {
        assert_eq!((here.id, &here.groups, here.favorite), (there.id, &there.groups, there.favorite));
        assert_eq!(here.issuer, there.issuer);
    }
    assert_eq!(new.trash().unwrap().len(), 1);
    assert_eq!(new.groups().unwrap(), old.groups().unwrap());
    assert_eq!(new.next_code(counts, NOW).unwrap().counter, 1, "it goes on where it was");

    // The old phone was switched off as well: it goes on with the same codes, once it was confirmed again.
    old.lock();
    old.unlock(Key::RecoveryCode(&old_place.code), NOW).unwrap();
    assert!(old.is_sending().unwrap());
    let resumed = old.sending(&confirm(), boot(1)).unwrap().unwrap();
    assert_eq!(resumed.codes, outgoing.codes);
    assert_eq!(old.handed_over("000000x").unwrap(), None);
    let digits = received.receipt.to_string();
    assert_eq!(old.handed_over(&digits).unwrap(), Some(Handed { arrived: 80, of: 80 }));
    assert!(!old.is_sending().unwrap(), "it ends when the receipt was accepted");
    assert_eq!(old.handed_over(&digits).unwrap(), None);
    new.stop_receiving().unwrap();
    assert_eq!(new.incoming().unwrap().taken, 0);
    assert_eq!(new.list().unwrap().len(), 81);
}

#[test]
fn fewer_than_all_are_told_and_the_codes_stay() {
    let ((old_place, old), (_new_place, new)) = (unlocked(), unlocked());
    let ids: Vec<ItemId> = (0..5).map(|n| old.add(totp("x", &n.to_string(), n), NOW).unwrap().id()).collect();
    let token = old.confirm(&Key::RecoveryCode(&old_place.code), boot(0)).unwrap();
    let outgoing = old.send_accounts(Way::File, &[], &token, boot(1)).unwrap();
    assert_eq!(outgoing.codes.len(), 1);
    assert_eq!(new.take_move_code(outgoing.codes[0].expose()).unwrap().wants_file, Some(true));
    new.take_move_file(&outgoing.file.unwrap()).unwrap();
    let received = new.receive_accounts(Some(&ids[..3]), NOW).unwrap();
    assert_eq!((received.arrived, received.of), (3, 5));
    let handed = old.handed_over(&received.receipt.to_string()).unwrap();
    assert_eq!(handed, Some(Handed { arrived: 3, of: 5 }));
    assert!(old.is_sending().unwrap());
    let all = new.receive_accounts(None, NOW).unwrap();
    assert_eq!(old.handed_over(&all.receipt.to_string()).unwrap(), Some(Handed { arrived: 5, of: 5 }));
}

#[test]
fn nothing_of_a_move_lies_open_on_the_disk() {
    let (place, core) = unlocked();
    add(&core, "otpauth://totp/needle-in-a-name?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    let token = core.confirm(&Key::RecoveryCode(&place.code), boot(0)).unwrap();
    let outgoing = core.send_accounts(Way::Codes, &[], &token, boot(1)).unwrap();
    let kept = std::fs::read(place.path().join("moving/sending")).unwrap();
    let has = |needle: &[u8]| kept.windows(needle.len()).any(|window| window == needle);
    let code = outgoing.codes[0].expose().as_bytes();
    assert!(kept.len() > 300 && !has(b"needle") && !has(&code[..24]) && !has(b"KLINK-MOVE"));
    core.stop_sending().unwrap();
    assert!(!place.path().join("moving/sending").exists());
}

#[test]
fn a_wrong_turn_is_an_error_by_name() {
    let (place, core) = unlocked();
    assert!(matches!(core.take_move_code("otpauth://totp/a?secret=MZXW6"), Err(Error::MoveCode(_))));
    assert!(matches!(core.take_move_file(b"x"), Err(Error::Move(MoveError::Incomplete))));
    assert!(matches!(core.receive_accounts(None, NOW), Err(Error::Move(MoveError::Incomplete))));
    let token = core.confirm(&Key::RecoveryCode(&place.code), boot(0)).unwrap();
    core.spend(&token, boot(1)).unwrap();
    assert!(matches!(core.send_accounts(Way::Codes, &[], &token, boot(2)), Err(Error::NotConfirmed)));
    let nowhere = DiskFolder::new(place.path().join("vault.db"));
    let refused = core.back_up(&nowhere, Generations::DEFAULT, NOW);
    assert!(
        matches!(refused, Err(Error::Folder(FolderError::Unavailable | FolderError::Io(_)))),
        "{refused:?}"
    );
    assert!(core.backup_state().unwrap().trouble(NOW).is_some());
    let other = authenticator_core::vault::RecoveryCode::make().unwrap();
    let path = place.folder.path().join("b.akb");
    core.write_backup(&path, NOW).unwrap();
    assert_eq!(core.test_backup(&path, &Key::RecoveryCode(&place.code)).unwrap().accounts, 0);
    let wrong = core.test_backup(&path, &Key::RecoveryCode(&other));
    assert!(matches!(wrong, Err(Error::Vault(VaultError::WrongKey))));
}

/// A folder that looks into the vault while it writes, as a screen does while a backup is on its way.
struct Slow<'a>(DiskFolder, &'a Authenticator, ItemId);

impl BackupFolder for Slow<'_> {
    fn list(&self) -> Result<Vec<StoredFile>, FolderError> {
        self.0.list()
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, FolderError> {
        self.0.read(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let (told, tell) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| told.send(self.1.codes(NOW, 0, &[self.2]).map(|codes| codes.rows.len())));
            // Held up, it would answer once the folder has written: never.
            match tell.recv_timeout(std::time::Duration::from_secs(30)) {
                Ok(Ok(1)) => self.0.write(name, bytes),
                _ => Err(FolderError::Unavailable),
            }
        })
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), FolderError> {
        self.0.rename(from, to)
    }

    fn delete(&self, name: &str) -> Result<(), FolderError> {
        self.0.delete(name)
    }
}

#[test]
fn a_folder_that_takes_its_time_holds_up_no_code() {
    let (place, core) = unlocked();
    let id = add(&core, "otpauth://totp/a?secret=JBSWY3DP");
    let folder = Slow(DiskFolder::new(place.folder.path().join("backups")), &core, id);
    let done = core.back_up(&folder, Generations::DEFAULT, NOW).unwrap();
    assert!(matches!(done, BackedUp::Written(_)));
    assert!(core.backup_state().unwrap().last_good.is_some());
    // A lock that comes meanwhile wins: what is in the folder stays, and nobody is told of it.
    let locks = Locks(DiskFolder::new(place.folder.path().join("others")), &core);
    assert!(matches!(core.back_up(&locks, Generations::DEFAULT, NOW), Err(Error::Locked)));
    assert!(matches!(core.list(), Err(Error::Locked)));
    assert_eq!(locks.0.list().unwrap().len(), 1);
}

/// A folder during whose work the app is locked.
struct Locks<'a>(DiskFolder, &'a Authenticator);

impl BackupFolder for Locks<'_> {
    fn list(&self) -> Result<Vec<StoredFile>, FolderError> {
        self.1.lock();
        self.0.list()
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, FolderError> {
        self.0.read(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        self.0.write(name, bytes)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), FolderError> {
        self.0.rename(from, to)
    }

    fn delete(&self, name: &str) -> Result<(), FolderError> {
        self.0.delete(name)
    }
}

#[test]
fn the_self_check_counts_backups_and_no_snapshot_that_goes_with_the_phone() {
    let (place, core) = unlocked();
    core.snapshot(NOW).unwrap();
    let backup = |at| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let lines = runtime.block_on(core.self_check(FACTS, at));
        lines.into_iter().find(|line| line.what == CheckItem::Backup).unwrap().state
    };
    assert_eq!(backup(NOW), CheckState::Better(Advice::BackUp), "a snapshot is no backup");
    core.write_backup(&place.folder.path().join("by-hand.akb"), NOW).unwrap();
    assert_eq!(backup(NOW), CheckState::Good);
    let month = NOW.plus_ms(31 * 24 * 60 * 60 * 1000);
    assert_eq!(backup(month), CheckState::Better(Advice::BackUp), "an old one counts no more");
    let folder = DiskFolder::new(place.folder.path().join("backups"));
    core.back_up(&folder, Generations::DEFAULT, month).unwrap();
    assert_eq!(backup(month), CheckState::Good);
    core.lock();
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    assert_eq!(backup(month), CheckState::Good, "it is remembered in the vault");
}

/// A device of which nothing can be read.
const FACTS: ShellFacts = ShellFacts {
    screen_lock: None,
    notifications: None,
    camera: None,
    battery_restricted: None,
    hibernates: None,
    can_be_woken: false,
};

#[test]
fn the_aegis_file_of_a_flow_is_a_file() {
    let (place, core) = unlocked();
    add(&core, "otpauth://totp/a?secret=JBSWY3DP");
    let password = SecretText::from("a password");
    let Content::File(file) = export(&core, &place, &Order::Aegis(&password)) else { panic!("a file") };
    assert!(file.expose().starts_with(b"{"));
}
