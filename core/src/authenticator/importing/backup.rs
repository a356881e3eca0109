//! Our own backups as one more kind of file: accounts of another vault beside those of this one.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::account::Account;
use crate::crypto::kdf::KdfError;
use crate::import::{
    self, Entry, Format, Icon, ImportError, Imported, KdfBudget, KdfCost, Needs, Place, Reason, Secrets,
    Source, detect,
};
use crate::secret::SecretBytes;
use crate::vault::{Held, Item, ItemState, Key, LockedSnapshot, RecoveryCode, VaultError};

/// Reads everything that can be had from `sources`, which belong together: other apps' files as [`import::open`], and our
/// own backups, which the passphrase or the recovery code of their time opens. What a backup costs to open has the limits
/// of a vault, whatever the budget.
///
/// # Errors
/// As [`import::open`].
pub fn open_import(
    sources: &[Source<'_>],
    secrets: &Secrets,
    budget: KdfBudget,
    stop: &dyn Fn() -> bool,
) -> Result<Imported, ImportError> {
    if sources.is_empty() || sources.iter().any(|source| detect(source) != Some(Format::Backup)) {
        return import::open(sources, secrets, budget, stop);
    }
    import::within_limits(sources)?;
    let mut all = Imported::new(Format::Backup);
    for (place, source) in sources.iter().enumerate() {
        if stop() {
            return Err(ImportError::Stopped);
        }
        all.append(read(source, secrets)?, place);
    }
    Ok(all)
}

fn read(source: &Source<'_>, secrets: &Secrets) -> Result<Imported, ImportError> {
    let locked = LockedSnapshot::parse(source.bytes, Path::new(source.name)).map_err(refused)?;
    let password = secrets.password.as_ref();
    let password = password.ok_or(ImportError::NeedsPassword(Format::Backup, Needs::Password))?;
    // Whoever types a recovery code gets its checksum right, and no passphrase has one.
    let code = RecoveryCode::parse(password.expose()).ok();
    let key = code.as_ref().map_or(Key::Passphrase(password.expose().as_bytes()), Key::RecoveryCode);
    let mut imported = Imported::new(Format::Backup);
    for (index, held) in locked.accounts(&key).map_err(refused)?.into_iter().enumerate() {
        let Item { issuer, account_name, .. } = &held.item;
        let place = Place::account(index, issuer, account_name);
        let entry = entry(place.clone(), held, &mut imported);
        imported.take(place, entry);
    }
    Ok(imported)
}

fn entry(place: Place, held: Held, imported: &mut Imported) -> Result<Entry, Reason> {
    let Held { item, groups, otp } = held;
    let otp = match (otp, item.state) {
        (Some(otp), _) => otp,
        (None, ItemState::Unknown) => return Err(Reason::UnknownKind),
        (None, ItemState::Damaged | ItemState::Ok | ItemState::NeedsPin) => return Err(Reason::Seal),
    };
    let Item {
        issuer,
        account_name,
        extra,
        note,
        favorite,
        asks_every_time,
        icon,
        trashed_at,
        usage_count,
        last_used_at,
        ..
    } = item;
    Ok(Entry {
        note,
        favorite,
        asks_every_time,
        icon: icon.map(self::icon),
        groups: groups.iter().map(|name| imported.group(name)).collect(),
        trashed: trashed_at.is_some(),
        usage_count,
        last_used_at,
        ..Entry::new(place, Account { issuer, account_name, otp, extra })
    })
}

/// Reads what [`super::icons`] has written.
fn icon(text: String) -> Icon {
    let picture = text.strip_prefix("data:image/").and_then(|address| address.split_once(";base64,"));
    match picture.and_then(|(_, letters)| STANDARD.decode(letters).ok()) {
        Some(bytes) => Icon::Picture(SecretBytes::new(bytes)),
        None => Icon::Named(text),
    }
}

fn refused(error: VaultError) -> ImportError {
    let too_expensive = |mem_kib: u32, passes: u32| {
        let cost = KdfCost { memory_bytes: u64::from(mem_kib) * 1024, passes: u64::from(passes) };
        ImportError::TooExpensive { format: Format::Backup, cost }
    };
    let damaged = |part: &str| ImportError::Damaged(Format::Backup, Place::file(part));
    match error {
        VaultError::WrongKey | VaultError::NoSuchSlot => ImportError::WrongPassword(Format::Backup),
        VaultError::SlotDamaged | VaultError::Kdf(KdfError::TooWeak { .. }) => damaged("ways in"),
        VaultError::Kdf(KdfError::TooExpensive { mem_kib, passes, lanes: _ }) => {
            too_expensive(mem_kib, passes)
        }
        VaultError::Kdf(KdfError::OutOfMemory { mem_kib }) => too_expensive(mem_kib, 1),
        VaultError::TooLarge => ImportError::TooLarge(import::MAX_SOURCE_BYTES as u64),
        // A copy is read from memory: nothing else can have gone wrong than that it is not whole.
        VaultError::FileDamaged
        | VaultError::NotFound
        | VaultError::AlreadyExists
        | VaultError::PreviousVault(_)
        | VaultError::NoPortableSlot
        | VaultError::TooSoon { .. }
        | VaultError::ReadOnly(_)
        | VaultError::NoSuchItem
        | VaultError::NoSuchGroup
        | VaultError::ItemUnreadable
        | VaultError::NoCode(_)
        | VaultError::NotCounter
        | VaultError::CounterAtEnd
        | VaultError::ChangedOutside
        | VaultError::Busy
        | VaultError::DiskFull
        | VaultError::Io(_)
        | VaultError::KeyStore(_)
        | VaultError::Random(_)
        | VaultError::Internal(_) => damaged("accounts"),
    }
}
