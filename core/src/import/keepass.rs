//! KeePass databases: KDBX 3.1 and 4, with password, key file or both.
//!
//! The container is read here and not by a library, because none that there is can be kept from taking any amount of
//! memory or from ending the program (decision 0023); its ciphers, hashes, XML and gzip are libraries'. Entries in the
//! recycle bin and in histories are no accounts.

mod document;
mod header;
mod key;
mod payload;
mod protected;
mod record;

use self::header::Header;
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Icon, Imported, Place};
use super::sight::Sight;
use crate::secret::SecretBytes;

pub(super) const IMPORTER: Importer = Importer::new(FORMAT, knows, read);

const FORMAT: Format = Format::KeePass;

/// The most bytes that are kept of one database, which may unpack to far more than it is.
const MAX_KEPT_BYTES: usize = 16 * 1024 * 1024;

fn knows(sight: &Sight<'_>) -> bool {
    sight.begins(header::MAGIC)
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let bytes = opening.source().bytes;
    let header = Header::read(bytes)?;
    let key = key::derive(header.kdf, opening)?;
    let payload = payload::open(bytes, &header, &key, opening)?;
    let (document, stream) = payload.document()?;
    let (mut imported, mut index, mut kept) = (Imported::new(FORMAT), 0, 0);
    document::each_entry(document, stream, opening, |record| {
        for account in record.accounts() {
            kept += record.size();
            if kept > MAX_KEPT_BYTES {
                return;
            }
            let place = Place::account(index, &record.title, &record.username);
            let read = account.map(|account| {
                let mut entry = Entry::new(place.clone(), account);
                entry.note.clone_from(&record.notes);
                entry.icon = record.icon.as_deref().map(|icon| Icon::Picture(SecretBytes::from(icon)));
                let names =
                    std::iter::once(&record.group).chain(&record.tags).filter(|name| !name.is_empty());
                entry.groups = names.map(|name| imported.group(name)).collect();
                entry
            });
            imported.take(place, read);
            index += 1;
        }
    })?;
    if kept > MAX_KEPT_BYTES {
        return Err(ImportError::TooLarge(kept as u64));
    }
    Ok(imported)
}

#[cfg(test)]
mod tests;
