//! `vault.keys`: a side copy of every slot and of the wrapped data key, replaced in one step.
//!
//! It is used when a slot in the file is damaged, and counts only if the root MAC then holds.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::VaultError;
use super::keys::WrappedDek;
use super::slots::SlotRow;
use crate::device::VaultId;

/// The side copy's content.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct KeyFile {
    pub(super) vault: VaultId,
    pub(super) slots: Vec<SlotRow>,
    pub(super) dek: WrappedDek,
}

pub(super) const NAME: &str = "vault.keys";
const MAGIC: &[u8; 8] = b"KLKEYS1\n";
/// Far more than slots ever take.
const MOST_BYTES: u64 = 64 * 1024;

impl KeyFile {
    /// Reads the copy; `None` when it is absent, cut short or damaged, which is no reason to stop.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, VaultError> {
        let path = folder.join(NAME);
        match fs::metadata(&path) {
            Ok(data) if data.len() <= MOST_BYTES => Ok(Self::parse(&fs::read(&path)?)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the copy beside the old one, syncs it, and puts it in the old one's place.
    pub(super) fn write(&self, folder: &Path) -> Result<(), VaultError> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&self.bytes())?;
        file.as_file().sync_all()?;
        file.persist(folder.join(NAME)).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()?;
        Ok(())
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.vault.0);
        bytes.extend_from_slice(&length(self.slots.len()));
        for slot in &self.slots {
            bytes.extend_from_slice(&slot.id);
            bytes.extend_from_slice(&length(slot.body.len()));
            bytes.extend_from_slice(&slot.body);
        }
        bytes.extend_from_slice(&self.dek.epoch.to_be_bytes());
        bytes.extend_from_slice(&length(self.dek.body.len()));
        bytes.extend_from_slice(&self.dek.body);
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (body, checksum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        if Sha256::digest(body)[..] != *checksum {
            return None;
        }
        let mut rest = body.strip_prefix(MAGIC)?;
        let vault = VaultId(*take(&mut rest)?);
        let mut slots = Vec::new();
        for _ in 0..u16::from_be_bytes(*take(&mut rest)?) {
            let id = *take::<16>(&mut rest)?;
            slots.push(SlotRow { id, body: part(&mut rest)? });
        }
        let epoch = u32::from_be_bytes(*take(&mut rest)?);
        let dek = WrappedDek { epoch, body: part(&mut rest)? };
        rest.is_empty().then_some(Self { vault, slots, dek })
    }
}

fn length(n: usize) -> [u8; 2] {
    u16::try_from(n).expect("slots are small and few").to_be_bytes()
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(head)
}

fn part(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let len = usize::from(u16::from_be_bytes(*take(rest)?));
    let (head, tail) = rest.split_at_checked(len)?;
    *rest = tail;
    Some(head.to_vec())
}
