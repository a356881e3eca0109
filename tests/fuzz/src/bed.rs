//! A small vault in memory that is laid out anew for each input, and what may be seen of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use authenticator_core::account::Account;
use authenticator_core::crypto::{kdf, seal};
use authenticator_core::device::{Anchor, AnchorRecord, KeyStoreError, StoredAnchor, VaultId};
use authenticator_core::otp::{Algorithm, Digits, Hotp, Otp};
use authenticator_core::secret::SecretBytes;
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{
    self, ItemId, Key, LockedSnapshot, LockedVault, Mode, NewItem, NewSlot, RecoveryCode, Vault, salvage,
};

const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);
const ACCOUNTS: u8 = 4;

/// The vault, as it is when nothing was done to it.
pub struct Bed {
    folder: tempfile::TempDir,
    whole: BTreeMap<&'static str, Vec<u8>>,
    code: RecoveryCode,
    anchor: AnchorRecord,
    held: BTreeMap<ItemId, (String, Otp)>,
    keys: BTreeMap<&'static str, SecretBytes>,
    vault: Vec<u8>,
}

impl Bed {
    /// Makes a vault with four accounts, a group and a backup.
    pub fn make() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let folder = folder.expect("a folder can be made");
        let code = RecoveryCode::make().expect("random bytes");
        let kept = Arc::new(OneAnchor::default());
        let anchor: Arc<dyn Anchor> = kept.clone();
        let place = folder.path().join("vault");
        let mut vault = vault::create(&place, &anchor, &[NewSlot::RecoveryCode(&code)], NOW)
            .expect("a new vault in an empty folder");
        vault.add_group("group").expect("a vault that may be written");
        let accounts = (0..ACCOUNTS).map(account).collect();
        vault.add_many(accounts, NOW).expect("a vault that may be written");
        vault.write_backup(&place.join("backup.akb"), NOW).expect("a folder that may be written");
        let held = hold(&mut vault).expect("a whole vault");
        vault.lock();
        let mut bed = Self {
            folder,
            whole: BTreeMap::new(),
            code,
            anchor: kept.place().clone().expect("every commit is anchored"),
            held,
            keys: BTreeMap::new(),
            vault: Vec::new(),
        };
        for name in ["vault.db", "vault.keys", "backup.akb"] {
            bed.whole.insert(name, bed.read(name));
        }
        bed.derive();
        bed
    }

    /// Lays the whole vault out.
    pub fn reset(&self) {
        let place = self.place();
        fs::remove_dir_all(&place).expect("a folder of ours");
        fs::create_dir(&place).expect("a folder of ours");
        for (name, bytes) in &self.whole {
            self.write(name, bytes);
        }
    }

    /// Reads one file; none is as good as an empty one.
    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.place().join(name)).unwrap_or_default()
    }

    /// Writes one file.
    pub fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.place().join(name), bytes).expect("a folder of ours");
    }

    /// Removes one file.
    pub fn remove(&self, name: &str) {
        fs::remove_file(self.place().join(name)).expect("a file that was laid out");
    }

    /// Changes the file behind the vault's back. What a constraint refuses changes nothing.
    pub fn sql(&self, text: &str, value: &dyn rusqlite::ToSql) {
        let db = rusqlite::Connection::open(self.place().join("vault.db")).expect("a whole file");
        db.pragma_update(None, "synchronous", "OFF").expect("a pragma");
        let _ = db.execute(text, [value]);
    }

    /// Returns a key that has sealed nothing.
    pub fn any_key(&self) -> SecretBytes {
        SecretBytes::new(vec![7; seal::KEY])
    }

    /// Seals a text as the first row's blob, as only someone with the key can.
    pub fn seal_row(&self, column: &str, text: &[u8]) -> Vec<u8> {
        let (id, rev, epoch) = self.first_row();
        let number: u8 = if column == "meta" { 1 } else { 2 };
        let aad =
            [b"AKR1".as_slice(), &self.vault, &[1, number], &id, &rev.to_be_bytes(), &epoch.to_be_bytes()]
                .concat();
        seal::seal(&self.keys[if column == "meta" { "meta" } else { "secret" }], &aad, text)
            .expect("random bytes")
    }

    /// Opens everything that can be opened.
    ///
    /// # Panics
    /// Something is shown that is not the vault's own; with `signed_by_nobody`, when it may be written.
    pub fn judge(&self, signed_by_nobody: bool) {
        let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::of(self.anchor.clone()));
        let key = || Key::RecoveryCode(&self.code);
        if let Ok(copy) = LockedSnapshot::open(&self.place().join("backup.akb")) {
            let rows = copy.unlock(&key()).map_or(self.held.len(), |copy| copy.rows());
            assert_eq!(rows, self.held.len(), "a backup with other rows was believed");
        }
        let Ok(locked) = LockedVault::open(&self.place()) else { return };
        let Ok(opened) = locked.unlock(key(), &anchor, NOW) else { return };
        let mut vault = opened.vault;
        let _ = vault.verify();
        if signed_by_nobody {
            assert!(vault.mode() != Mode::ReadWrite, "nobody signed for this row");
            let ids: Vec<ItemId> = vault.items().iter().map(|item| item.id).collect();
            ids.into_iter().for_each(|id| drop(vault.open_otp(id)));
            return;
        }
        let shown: Vec<(ItemId, String)> =
            vault.items().iter().map(|item| (item.id, item.account_name.clone())).collect();
        for (id, name) in shown {
            let own = self.held.get(&id);
            assert!(name.is_empty() || own.is_some_and(|own| own.0 == name), "another name is shown");
            if let Ok(otp) = vault.open_otp(id) {
                assert!(own.is_some_and(|own| own.1 == otp), "another secret is shown");
            }
        }
        if vault.mode() == Mode::ReadWrite {
            assert_eq!(vault.items().len(), self.held.len(), "accounts are missing, and it may be written");
        }
    }

    /// Salvages what is there.
    ///
    /// # Panics
    /// A row is proposed that is not the vault's own.
    pub fn salvage(&self) {
        let Ok(found) = salvage(&self.place(), &Key::RecoveryCode(&self.code), NOW) else { return };
        for row in &found.proposal().rows {
            let own = self.held.get(&row.item.id);
            assert!(own.is_some_and(|own| own.0 == row.item.account_name), "another row is proposed");
        }
    }

    /// Returns names and secrets as SQLite alone reads them, for a control; none when it cannot.
    pub fn as_a_reader_sees_it_that_checks_nothing(&self) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
        let db = rusqlite::Connection::open(self.place().join("vault.db")).ok()?;
        let mut rows = db.prepare("SELECT meta, secret FROM item ORDER BY id").ok()?;
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).ok()?.collect::<Result<_, _>>().ok()
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    fn first_row(&self) -> (Vec<u8>, i64, u32) {
        self.reset();
        let db = rusqlite::Connection::open(self.place().join("vault.db")).expect("a whole file");
        db.query_row("SELECT id, rev, epoch FROM item ORDER BY id LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .expect("a whole vault")
    }

    /// Derives the keys of rows as docs/vault-format.md says.
    fn derive(&mut self) {
        let db = rusqlite::Connection::open(self.place().join("vault.db")).expect("a whole file");
        let row = |sql: &str| db.query_row(sql, [], |row| row.get::<_, Vec<u8>>(0)).expect("a whole vault");
        let (vault, slot) = (row("SELECT v FROM meta WHERE k = 'vault_id'"), row("SELECT body FROM slot"));
        let wrapped = row("SELECT body FROM dek");
        let epoch: u32 = db.query_row("SELECT epoch FROM dek", [], |row| row.get(0)).expect("a whole vault");
        let letters: Vec<u8> =
            self.code.print().expose().bytes().filter(|byte| *byte != b'-').take(26).collect();
        let both = kdf::derive(&letters, &slot[39..55], "klink/1/slot/recovery", 64);
        let kek = SecretBytes::from(&both.expose()[..32]);
        let open = |key: &SecretBytes, aad: &[&[u8]], sealed: &[u8]| {
            seal::open(key, &aad.concat(), sealed).expect("a whole vault")
        };
        let vk = open(&kek, &[b"klink/1/slot", &vault, &slot[..87]], &slot[87..SLOT_SEALED]);
        let dek = open(&vk, &[b"klink/1/dek", &vault, &epoch.to_be_bytes()], &wrapped);
        for name in ["meta", "secret"] {
            self.keys.insert(name, kdf::derive(dek.expose(), &vault, &format!("klink/1/{name}"), 32));
        }
        self.vault = vault;
    }
}

/// Where the sealed key of a slot ends, docs/vault-format.md.
const SLOT_SEALED: usize = 160;

fn account(n: u8) -> NewItem {
    let otp = Otp::Hotp(Hotp {
        secret: [n; 20].as_slice().into(),
        algorithm: Algorithm::Sha1,
        digits: Digits::SIX,
        counter: 0,
    });
    NewItem::from(Account {
        issuer: "issuer".into(),
        account_name: format!("name {n}"),
        otp,
        extra: Vec::new(),
    })
}

fn hold(vault: &mut Vault) -> Option<BTreeMap<ItemId, (String, Otp)>> {
    let items = vault.items().to_vec();
    items
        .into_iter()
        .map(|item| Some((item.id, (item.account_name, vault.open_otp(item.id).ok()?))))
        .collect()
}

/// The anchor of one vault, in memory.
#[derive(Default)]
struct OneAnchor(Mutex<Option<AnchorRecord>>);

impl OneAnchor {
    fn of(record: AnchorRecord) -> Self {
        Self(Mutex::new(Some(record)))
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Option<AnchorRecord>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Anchor for OneAnchor {
    fn load(&self, _: VaultId) -> Result<StoredAnchor, KeyStoreError> {
        Ok(self.place().clone().map_or(StoredAnchor::Absent, StoredAnchor::Present))
    }

    fn store(&self, _: VaultId, record: &AnchorRecord) -> Result<(), KeyStoreError> {
        *self.place() = Some(record.clone());
        Ok(())
    }

    fn list(&self) -> Result<Vec<VaultId>, KeyStoreError> {
        Ok(Vec::new())
    }

    fn archive(&self, _: VaultId) -> Result<(), KeyStoreError> {
        Ok(())
    }
}
