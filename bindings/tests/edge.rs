//! The edge from the inside: faults, locks and errors, without another language.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use authenticator::{
    AccountChange, AccountKind, AccountTrouble, Anchor, AnchorRecord, Apart, Authenticator, DeviceKeys,
    EnteredKey, ExportFormat, KeyKind, KeySlip, KeyStoreError, ListOrder, LocalHosts, MadeKey, NewVault,
    NoCode, Presence, Purpose, ReadOnlyReason, ScanError, ScanSession, Scanned, Setup, StorageTrouble,
    StoredAnchor, TransferError, TypedBack, UnlockKey, VaultError, VaultMode, VaultStatus,
    make_recovery_code,
};

/// Anchors in memory.
#[derive(Default)]
struct MemoryAnchor(Mutex<BTreeMap<String, AnchorRecord>>);

impl Anchor for MemoryAnchor {
    fn load(&self, vault_id: String) -> Result<StoredAnchor, KeyStoreError> {
        let record = self.0.lock().unwrap().get(&vault_id).cloned();
        Ok(record.map_or(StoredAnchor::Absent, |record| StoredAnchor::Present { record }))
    }

    fn store(&self, vault_id: String, record: AnchorRecord) -> Result<(), KeyStoreError> {
        let mut records = self.0.lock().unwrap();
        if records.get(&vault_id).is_none_or(|old| old.seq < record.seq) {
            records.insert(vault_id, record);
        }
        Ok(())
    }

    fn list(&self) -> Result<Vec<String>, KeyStoreError> {
        Ok(self.0.lock().unwrap().keys().cloned().collect())
    }

    fn archive(&self, vault_id: String) -> Result<(), KeyStoreError> {
        self.0.lock().unwrap().remove(&vault_id);
        Ok(())
    }
}

/// A device without a key store.
struct NoKeys;

impl DeviceKeys for NoKeys {
    fn kinds(&self) -> Vec<KeyKind> {
        Vec::new()
    }

    fn make(&self, _: String, _: KeyKind, _: Presence, _: Option<Vec<u8>>) -> Result<MadeKey, KeyStoreError> {
        Err(KeyStoreError::Unavailable)
    }

    fn sign(&self, _: String, _: Vec<u8>, _: Purpose) -> Result<Vec<u8>, KeyStoreError> {
        Err(KeyStoreError::Missing)
    }

    fn put(&self, _: String, _: Vec<u8>, _: Presence) -> Result<(), KeyStoreError> {
        Err(KeyStoreError::Unavailable)
    }

    fn get(&self, _: String, _: Purpose) -> Result<Vec<u8>, KeyStoreError> {
        Err(KeyStoreError::Missing)
    }

    fn delete(&self, _: String) -> Result<(), KeyStoreError> {
        Ok(())
    }

    fn cancel(&self, _: String) {}
}

const AT: i64 = 1_800_000_000_000;

struct World {
    folder: tempfile::TempDir,
    anchor: Arc<MemoryAnchor>,
    code: String,
}

impl World {
    async fn new() -> (Self, Arc<Authenticator>) {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
            anchor: Arc::default(),
            code: make_recovery_code().unwrap(),
        };
        let own = world.start();
        let typed = TypedBack { code: world.code.clone(), typed: world.code.clone() };
        Arc::clone(&own).create(NewVault { passphrase: None, recovery_code: Some(typed) }, AT).await.unwrap();
        (world, own)
    }

    /// Another start of the app over the same folder.
    fn start(&self) -> Arc<Authenticator> {
        let folder = self.folder.path().join("vault").to_str().unwrap().to_owned();
        let anchor: Arc<dyn Anchor> = Arc::<MemoryAnchor>::clone(&self.anchor);
        Authenticator::new(Setup { folder, local_hosts: LocalHosts::Refused }, anchor, Arc::new(NoKeys))
    }

    fn key(&self) -> UnlockKey {
        UnlockKey::RecoveryCode { code: self.code.clone() }
    }
}

/// Adds an account and returns its id.
async fn added(own: &Arc<Authenticator>) -> String {
    let session = ScanSession::new();
    let Scanned::Account { account } =
        session.take_text("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ".to_owned())
    else {
        panic!("an account")
    };
    Arc::clone(own).add_scanned(session, account.number, None, AT).await.unwrap().id
}

#[tokio::test]
async fn an_account_that_asks_gives_its_code_after_a_confirmation_and_a_list_says_what_it_is_asked() {
    let (world, own) = World::new().await;
    let id = added(&own).await;
    let code = |at_ms| {
        let row = own.codes(at_ms, 0, vec![id.clone()]).unwrap().rows.remove(0);
        assert_eq!(row.code.is_some(), row.no_code.is_none());
        (row.no_code, row.next.is_some())
    };
    assert_eq!(code(AT), (None, true), "the control: nobody asked for it yet");
    let change = |asks| AccountChange { asks_every_time: Some(asks), ..AccountChange::default() };
    Arc::clone(&own).change(id.clone(), change(true), AT).await.unwrap();
    assert!(own.account(id.clone()).unwrap().asks_every_time);
    assert_eq!(code(AT), (Some(NoCode::AsksEveryTime), false));
    let show = || Arc::clone(&own).show_code(id.clone(), AT, 0, 1);
    assert_eq!(show().await.unwrap_err(), VaultError::NotConfirmed);
    assert_eq!(
        Arc::clone(&own).change(id.clone(), change(false), AT).await.unwrap_err(),
        VaultError::NotConfirmed
    );
    Arc::clone(&own).confirm(world.key(), 0).await.unwrap();
    show().await.unwrap();
    assert_eq!(show().await.unwrap_err(), VaultError::NotConfirmed, "it is used up");
    assert_eq!(code(AT), (None, false));
    assert_eq!(code(AT + 30_000), (Some(NoCode::AsksEveryTime), false));
    Arc::clone(&own).change(id.clone(), change(false), AT).await.unwrap();
    assert_eq!(code(AT + 30_000), (None, true));
    // Another with the same names, used once, comes first where use counts, and both are told apart.
    let session = ScanSession::new();
    session.take_text("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP".to_owned());
    let second = Arc::clone(&own).add_scanned(session, 0, None, AT).await.unwrap().id;
    Arc::clone(&own).used(second.clone(), AT).await.unwrap();
    let list = |order| {
        let rows = own.search(String::new(), order).unwrap();
        assert_eq!(rows, own.accounts(order).unwrap());
        rows.into_iter().map(|row| (row.id, row.apart)).collect::<Vec<_>>()
    };
    let one = |id: &String, number| (id.clone(), Some(Apart::Number { number, of: 2 }));
    assert_eq!(list(None), [one(&id, 1), one(&second, 2)]);
    assert_eq!(list(Some(ListOrder::LastUsed)), [one(&second, 2), one(&id, 1)]);
}

/// R41.
#[tokio::test]
async fn a_panic_in_the_middle_of_a_write_is_an_error_without_its_text_and_the_file_is_whole() {
    let (world, own) = World::new().await;
    let id = added(&own).await;
    let fault = Arc::clone(&own).rehearse_fault().await.unwrap_err();
    let VaultError::Internal { report } = &fault else { panic!("{fault:?}") };
    assert!(report.starts_with("panic at ") && report.contains(".rs:"), "{report}");
    assert!(!format!("{fault:?} {fault}").contains("JBSWY3DP"));
    assert!(matches!(own.status().unwrap(), VaultStatus::Locked { .. }));
    assert_eq!(own.accounts(None).unwrap_err(), VaultError::Locked);
    // The write itself was committed; what it was killed before is only its anchor.
    let opened = world.start().unlock(world.key(), AT, 0).await.unwrap();
    assert_eq!(opened.mode, VaultMode::ReadWrite);
    assert_eq!((opened.report.accounts, opened.report.ahead), (1, 1));
    let own = Arc::clone(&own);
    Arc::clone(&own).unlock(world.key(), AT, 0).await.unwrap();
    assert_eq!(own.account(id.clone()).unwrap().id, id);
    // The control: without the fault the same write is acknowledged.
    Arc::clone(&own).set_order(vec![id]).await.unwrap();
}

#[tokio::test]
async fn a_lock_wins_over_an_unlock_that_is_under_way() {
    let (world, own) = World::new().await;
    own.lock();
    for _ in 0..50 {
        let unlocking = tokio::spawn(Arc::clone(&own).unlock(world.key(), AT, 0));
        tokio::task::yield_now().await;
        own.lock();
        match unlocking.await.unwrap() {
            // The lock came first, or after the unlock had ended: locked in either case.
            Ok(_) | Err(VaultError::Locked) => {}
            Err(other) => panic!("{other:?}"),
        }
        own.lock();
        assert_eq!(own.accounts(None).unwrap_err(), VaultError::Locked);
    }
}

#[tokio::test]
async fn a_write_ends_although_nobody_waits_for_it() {
    let (_world, own) = World::new().await;
    let feed = own.change_feed();
    let adding = tokio::spawn(Arc::clone(&own).add_group("Work".to_owned()));
    adding.abort();
    // Aborted before its first step it has not begun; then the next one, which is dropped once it runs.
    if adding.await.is_err() {
        let mut adding = Box::pin(Arc::clone(&own).add_group("Work".to_owned()));
        let polled = futures_util::future::poll_immediate(&mut adding).await;
        assert!(polled.is_none(), "it cannot have ended yet");
        drop(adding);
    }
    feed.next().await.unwrap();
    assert_eq!(own.groups().unwrap().len(), 1);
}

/// It said that there was no vault, to which an app answers by offering a new one.
#[tokio::test]
async fn a_salvage_that_a_lock_forgot_is_to_be_looked_for_again() {
    let (world, own) = World::new().await;
    own.lock();
    Arc::clone(&own).salvage_preview(world.key(), AT).await.unwrap();
    own.lock();
    let refused = Arc::clone(&own).commit_salvage(Vec::new(), world.key(), AT).await.unwrap_err();
    assert_eq!(refused, VaultError::Storage { why: StorageTrouble::Damaged });
    Arc::clone(&own).salvage_preview(world.key(), AT).await.unwrap();
    Arc::clone(&own).commit_salvage(Vec::new(), world.key(), AT).await.unwrap();
}

#[tokio::test]
async fn a_lost_anchor_is_a_mode_and_not_an_error() {
    let (world, own) = World::new().await;
    own.lock();
    world.anchor.0.lock().unwrap().clear();
    let opened = own.unlock(world.key(), AT, 0).await.unwrap();
    assert_eq!(opened.mode, VaultMode::ReadOnly { reason: ReadOnlyReason::NoAnchor });
}

#[tokio::test]
async fn a_caller_who_asks_for_nonsense_is_told_so_and_nothing_is_done() {
    let (world, own) = World::new().await;
    let folder = world.folder.path().join("backups").to_str().unwrap().to_owned();
    for keep in [i32::MIN, -1, 2, 366] {
        let refused = Arc::clone(&own).back_up_to_path(folder.clone(), keep, false, AT).await.unwrap_err();
        assert_eq!(refused, VaultError::Storage { why: StorageTrouble::Generations });
    }
    assert!(!world.folder.path().join("backups").exists());
    Arc::clone(&own).back_up_to_path(folder, 3, false, AT).await.unwrap();
    let gone = VaultError::Account { why: AccountTrouble::NotThere };
    assert_eq!(Arc::clone(&own).counter("no id".to_owned()).await.unwrap_err(), gone);
    let unknown = Arc::clone(&own).export_report(ExportFormat::UriList, Some(vec!["no id".to_owned()])).await;
    assert_eq!(unknown.unwrap_err(), TransferError::Vault { why: gone });
    for number in [-1, 0, 77] {
        let refused = Arc::clone(&own).drop_snapshot(number).await.unwrap_err();
        assert_eq!(refused, VaultError::Storage { why: StorageTrouble::NotReadable });
    }
    let session = ScanSession::new();
    let key = |digits, counter: &str| EnteredKey {
        issuer: String::new(),
        account_name: String::new(),
        secret: "JBSWY3DP".to_owned(),
        kind: AccountKind::Hotp,
        algorithm: None,
        digits,
        period_s: None,
        counter: Some(counter.to_owned()),
        pin: None,
    };
    for (digits, counter, slip) in
        [(Some(-1), "0", KeySlip::Digits), (Some(11), "0", KeySlip::Digits), (None, "-1", KeySlip::Counter)]
    {
        assert_eq!(session.take_key(key(digits, counter)).unwrap_err(), ScanError::Key { slip });
    }
    assert_eq!(session.take_key(key(Some(8), " 7 ")).unwrap().digits, 8);
}

/// The committed signatures of a language, as they are now.
fn api(language: &str) -> String {
    std::fs::read_to_string(format!("{}/api/{language}.api", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Languages without unsigned numbers have none to get wrong.
#[test]
fn no_unsigned_number_crosses() {
    let (swift, kotlin) = (api("swift"), api("kotlin"));
    for word in ["UInt", "ULong", "UByte", "UShort"] {
        assert!(!swift.contains(word) && !kotlin.contains(word), "{word}");
    }
    // The control: numbers are there.
    assert!(swift.contains(": Int64") && kotlin.contains(": kotlin.Long"));
}

/// Whatever changes something may wait for the disk, the device or a key: it is async, and so is a read that may.
#[test]
fn only_reads_that_wait_for_nothing_and_the_lock_itself_are_synchronous() {
    let api = api("swift");
    let (_, rest) = api.split_once("public protocol AuthenticatorProtocol").unwrap();
    let members = rest.lines().skip(1).take_while(|line| line.starts_with("    func "));
    let (waits, at_once): (Vec<&str>, Vec<&str>) = members.partition(|line| line.contains(" async"));
    let name = |line: &&str| line.trim_start_matches("    func ").split('(').next().unwrap().to_owned();
    let mut at_once: Vec<String> = at_once.iter().map(name).collect();
    at_once.sort();
    let known = "account accounts challengeFeed changeFeed codes groups lock lockIfDue locksAtBootMs mode offer \
                 report search searchTrash status trash watch";
    assert_eq!(at_once.join(" "), known);
    assert!(waits.len() > 80, "{}", waits.len());
}

#[test]
fn an_error_enum_has_at_most_twelve_variants() {
    let source = include_str!("../src/error.rs");
    let file: Vec<(&str, usize)> = source
        .split("thiserror::Error, uniffi::Error)]\npub enum ")
        .skip(1)
        .map(|rest| {
            let (name, body) = rest.split_once(" {").unwrap();
            let body = body.split("\n}").next().unwrap();
            // Every variant has its text for logs.
            (name, body.matches("#[error(").count())
        })
        .collect();
    let names: Vec<&str> = file.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["VaultError", "ScanError", "TransferError", "PushError"]);
    assert!(file.iter().all(|(_, variants)| (4..=12).contains(variants)), "{file:?}");
}
