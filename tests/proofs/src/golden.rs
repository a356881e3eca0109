//! Makes a golden vault: one account of each kind, opened by every later version and by the independent reader.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use authenticator_core::device::Anchor;
use authenticator_core::uri;
use authenticator_core::vault::{self, Change, KdfParams, NewItem, NewSlot, RecoveryCode};
use klink::anchor_file::FileAnchor;

use crate::child::NOW;

/// Writes the backup of a golden vault that was made before there were backups.
pub fn back_up(folder: &Path) -> anyhow::Result<()> {
    let file = std::path::absolute(folder.join("backup.akb"))?;
    ensure!(!file.exists(), "{} is there already: a golden file is never made anew", file.display());
    let copy = tempfile::tempdir()?;
    std::fs::copy(folder.join("vault.db"), copy.path().join("vault.db"))?;
    let anchor: Arc<dyn Anchor> = Arc::new(FileAnchor::new(copy.path().join("anchors"), copy.path()));
    let code = RecoveryCode::parse(&std::fs::read_to_string(folder.join("recovery-code.txt"))?)?;
    let locked = vault::LockedVault::open(copy.path())?;
    locked.unlock(vault::Key::RecoveryCode(&code), &anchor, NOW)?.vault.write_backup(&file, NOW)?;
    Ok(())
}

const ACCOUNTS: [&str; 7] = [
    "otpauth://totp/GitHub:alex?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=GitHub&lock=false",
    "otpauth://totp/Caf%C3%A9:Zo%C3%AB%20%F0%9F%99%82?secret=MZXW6YTBOI&issuer=Caf%C3%A9&algorithm=SHA512&digits=8&period=60",
    "otpauth://hotp/Door?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=41",
    "otpauth://steam/Steam:alex?secret=MZXW6YTBOI",
    "motp://Work:alex?secret=e3152afee62599c8&pin=1234",
    "otpauth://yaotp/Yandex:alex?secret=6SB2IKNM6OBZPAVBVTOHDKS4FAAAAAAADFUTQMBTRY&pin=GUZDGOI",
    "otpauth://totp/trashed?secret=MZXW6",
];

/// Memory in KiB, passes, lanes of a golden passphrase: several lanes, so that a reader has to know what they are.
const KDF: (u32, u32, u32) = (32 * 1024, 3, 4);

/// Writes the vault and its recovery code into `folder`, which must be new; with a passphrase that opens it too.
pub fn make(folder: &Path, passphrase: Option<&str>) -> anyhow::Result<()> {
    ensure!(!folder.exists(), "{} is there already: a golden vault is never made anew", folder.display());
    let anchors = tempfile::tempdir()?;
    let anchor: Arc<dyn Anchor> = Arc::new(FileAnchor::new(anchors.path().to_owned(), folder));
    let code = RecoveryCode::make()?;
    let mut slots = vec![NewSlot::RecoveryCode(&code)];
    if let Some(passphrase) = passphrase {
        let kdf = KdfParams::new(KDF.0, KDF.1, KDF.2)?;
        slots.push(NewSlot::Passphrase { passphrase: passphrase.as_bytes(), kdf });
    }
    let mut vault = vault::create(folder, &anchor, &slots, NOW)?;
    let group = vault.add_group("Work")?;
    let mut last = None;
    for text in ACCOUNTS {
        last = Some(vault.add(NewItem::from(uri::parse(text)?), NOW)?);
    }
    let first = vault.items().first().context("accounts were added")?.id;
    let change = Change { note: Some("a note".into()), groups: Some(vec![group]), ..Change::default() };
    vault.change(first, change, NOW)?;
    vault.delete(last.context("accounts were added")?, NOW)?;
    vault.used(first, NOW);
    vault.write_backup(&std::path::absolute(folder.join("backup.akb"))?, NOW)?;
    vault.lock();
    std::fs::write(folder.join("recovery-code.txt"), format!("{}\n", code.print().expose()))?;
    if let Some(passphrase) = passphrase {
        std::fs::write(folder.join("passphrase.txt"), format!("{passphrase}\n"))?;
    }
    std::fs::remove_file(folder.join("ballast")).ok();
    std::fs::remove_file(folder.join("vault.db-wal")).ok();
    std::fs::remove_file(folder.join("vault.db-shm")).ok();
    Ok(())
}
