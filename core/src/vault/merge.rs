//! A copy beside the vault: what it has that the vault has not, and taking it over. Nothing is taken silently.

use std::collections::BTreeSet;

use minicbor::Decode;

use super::VaultError;
use super::contents::ItemRow;
use super::docs::{DocKind, Docs};
use super::ids::{GroupId, ItemId};
use super::item::{Duplicate, Item, ItemState};
use super::keys::Subkeys;
use super::manifest::mark;
use super::read::{COLUMN_BODY, COLUMN_META, COLUMN_SECRET, TABLE_DOC, TABLE_ITEM, aad};
use super::record::{self, Meta, SecretPart};
use super::slots::Key;
use super::snapshot::Snapshot;
use super::store::{Row, Vault};
use crate::account::Account;
use crate::crypto::{scrub_stack, seal};
use crate::otp::Otp;
use crate::secret::SecretBytes;

/// What a copy holds beside the vault.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Comparison {
    /// Every account of the copy.
    pub rows: Vec<ComparedRow>,
    /// Accounts of the vault that the copy has not.
    pub only_here: usize,
    /// Whether the copy is of the same branch: an earlier or later state of this very file.
    pub same_branch: bool,
}

/// One account of a copy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ComparedRow {
    /// As the copy has it.
    pub item: Item,
    /// How it stands to the vault's own.
    pub status: Compared,
}

/// How an account of a copy stands to the vault's own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Compared {
    /// The vault has the same.
    Same,
    /// The vault has not got it.
    Missing,
    /// The vault has its credential under the same names, in an account of its own.
    SameCredential(ItemId),
    /// The vault's own does not open.
    DamagedHere,
    /// The copy's was written later.
    NewerThere,
    /// The copy's was written earlier.
    OlderThere,
    /// Both were changed, apart from each other.
    Differs,
    /// Codes that count were taken on both sides: the higher counter is taken, so that none is given twice.
    CounterForked {
        /// The counter of the next code here.
        here: u64,
        /// The counter of the next code in the copy.
        there: u64,
    },
    /// The copy's does not open.
    DamagedThere,
}

impl Compared {
    /// Tells whether a merge proposes to take the copy's; the user decides.
    pub fn is_proposed(self) -> bool {
        match self {
            Self::Missing | Self::DamagedHere | Self::NewerThere | Self::CounterForked { .. } => true,
            Self::Same | Self::SameCredential(_) | Self::OlderThere | Self::Differs | Self::DamagedThere => {
                false
            }
        }
    }
}

/// A row of the copy, opened; it is wiped when dropped.
pub(super) struct Opened {
    pub(super) meta: SecretBytes,
    pub(super) secret: SecretBytes,
}

impl Vault {
    /// Says how every account of a copy stands to the vault's own. Nothing is changed; a read-only vault may ask too.
    ///
    /// # Errors
    /// [`VaultError::Busy`], [`VaultError::Io`] when the vault's file cannot be read.
    pub fn compare(&mut self, copy: &Snapshot) -> Result<Comparison, VaultError> {
        self.refresh()?;
        let mut rows = Vec::with_capacity(copy.contents.items.len());
        for row in &copy.contents.items {
            rows.push(self.compare_row(copy, row)?);
        }
        scrub_stack();
        let there: BTreeSet<ItemId> = copy.contents.items.iter().map(|row| ItemId(row.id)).collect();
        let only_here = self.known.state.rows.keys().filter(|id| !there.contains(id)).count();
        let same_branch = copy.contents.root.branch == self.known.state.root.branch;
        Ok(Comparison { rows, only_here, same_branch })
    }

    /// Takes these accounts over from a copy, in one transaction, with the groups that they are in. New ones follow those
    /// that are there, in the copy's order and with its usage counts.
    ///
    /// Names and settings become the copy's, but what asks every time goes on asking; a counter never goes back. An account
    /// of a kind that only a later version knows is taken as it is. Returns how many were written.
    ///
    /// # Errors
    /// [`VaultError::NoSuchItem`] when the copy has no such account; [`VaultError::ItemUnreadable`] when the copy's
    /// does not open; and as [`Vault::add`].
    pub fn merge(&mut self, copy: &Snapshot, ids: &[ItemId]) -> Result<usize, VaultError> {
        self.commit(|vault| {
            let new: Vec<ItemId> =
                ids.iter().filter(|id| !vault.known.state.rows.contains_key(*id)).copied().collect();
            for id in ids {
                let row =
                    copy.contents.items.iter().find(|row| row.id == id.0).ok_or(VaultError::NoSuchItem)?;
                let opened = open_row(vault.keys_of(copy), copy, row).ok_or(VaultError::ItemUnreadable)?;
                vault.take_over(*id, row.rev, opened)?;
            }
            vault.take_groups(copy, ids)?;
            vault.take_places(copy, &new)?;
            Ok(ids.len())
        })
    }

    fn compare_row(&mut self, copy: &Snapshot, row: &ItemRow) -> Result<ComparedRow, VaultError> {
        let id = ItemId(row.id);
        let Some(opened) = open_row(self.keys_of(copy), copy, row) else {
            let item = super::store::unreadable(id, ItemState::Damaged);
            return Ok(ComparedRow { item, status: Compared::DamagedThere });
        };
        let meta: Option<Meta> = record::unpadded(opened.meta.expose());
        let item = match &meta {
            Some(meta) => meta.item(id),
            None => super::store::unreadable(id, ItemState::Unknown),
        };
        let otp =
            meta.as_ref().zip(decode::<SecretPart>(&opened.secret)).and_then(|(meta, part)| meta.otp(&part));
        let status = match self.known.state.rows.get(&id).cloned() {
            None => self.compare_stranger(&item, otp)?,
            Some(here) => self.compare_same_id(id, &here, copy, row, otp.as_ref()),
        };
        Ok(ComparedRow { item, status })
    }

    fn compare_stranger(&mut self, item: &Item, otp: Option<Otp>) -> Result<Compared, VaultError> {
        let Some(otp) = otp else { return Ok(Compared::Missing) };
        let Item { issuer, account_name, extra, .. } = item.clone();
        Ok(match self.find_duplicate(&Account { issuer, account_name, otp, extra })? {
            Duplicate::Same(other) => Compared::SameCredential(other),
            Duplicate::None | Duplicate::SameSecretOtherName(_) | Duplicate::SameNameOtherSecret(_) => {
                Compared::Missing
            }
        })
    }

    fn compare_same_id(
        &self,
        id: ItemId,
        here: &Row,
        copy: &Snapshot,
        row: &ItemRow,
        otp: Option<&Otp>,
    ) -> Compared {
        let own = self.open_secret(id);
        if here.state == ItemState::Damaged || own.is_err() && here.state != ItemState::Unknown {
            return Compared::DamagedHere;
        }
        if here.rev == row.rev && here.secret_mark == mark(&row.secret) {
            return Compared::Same;
        }
        let same_branch = copy.contents.root.branch == self.known.state.root.branch;
        if let (Ok(own), Some(Otp::Hotp(there)), false) = (&own, otp, same_branch)
            && let Some(counter) = own.counter
            && counter != there.counter
        {
            return Compared::CounterForked { here: counter, there: there.counter };
        }
        match row.rev.cmp(&here.rev) {
            std::cmp::Ordering::Greater => Compared::NewerThere,
            std::cmp::Ordering::Less => Compared::OlderThere,
            std::cmp::Ordering::Equal => Compared::Differs,
        }
    }

    /// Writes a row of the copy under the vault's own keys; what is not understood goes over as it is.
    pub(super) fn take_over(&mut self, id: ItemId, rev_there: u64, opened: Opened) -> Result<(), VaultError> {
        self.check_bucket(id)?;
        let here = self.known.state.rows.get(&id).cloned();
        let rev = here.as_ref().map_or(0, |row| row.rev).max(rev_there) + 1;
        let Opened { meta, secret } = opened;
        let mut decoded: Option<Meta> = record::unpadded(meta.expose());
        let part = decode::<SecretPart>(&secret);
        // Another data key made its index: it is made anew, so that duplicates are found.
        let renewed = match decoded
            .as_mut()
            .zip(part.as_ref())
            .and_then(|(meta, part)| Some((meta.otp(part)?, meta)))
        {
            Some((otp, meta)) => {
                meta.index = self.index(&otp).to_vec().into();
                // A copy of before takes no mark off that keeps codes from others.
                meta.asks_every_time |= self.asks_every_time(id);
                Some(record::padded(meta)?)
            }
            None => None,
        };
        let meta = renewed.as_ref().map_or(meta.expose(), |renewed| renewed.as_slice());
        let raised = match (self.open_secret(id).ok(), part) {
            (Some(own), Some(mut there)) if own.counter > there.counter => {
                (there.counter, there.last) = (own.counter, own.last);
                Some(record::padded(&there)?)
            }
            _ => None,
        };
        let secret = raised.as_ref().map_or(secret.expose(), |raised| raised.as_slice());
        let sealed_meta = self.seal(&self.known.keys.meta, TABLE_ITEM, COLUMN_META, id.0, rev, meta)?;
        let sealed_secret =
            self.seal(&self.known.keys.secret, TABLE_ITEM, COLUMN_SECRET, id.0, rev, secret)?;
        let epoch = self.known.state.dek.epoch;
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO item (id, rev, epoch, meta, secret) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute((id.0, rev as i64, epoch, &sealed_meta, &sealed_secret))?;
        let state = decoded.as_ref().map_or(ItemState::Unknown, |meta| meta.item(id).state);
        self.known
            .state
            .rows
            .insert(id, Row { rev, epoch, secret_mark: mark(&sealed_secret), meta: decoded, state });
        self.renew_bucket(id)
    }

    /// Makes the groups that the taken accounts are in and the vault has not got.
    fn take_groups(&mut self, copy: &Snapshot, ids: &[ItemId]) -> Result<(), VaultError> {
        let rows =
            ids.iter().filter_map(|id| self.known.state.rows.get(id)?.meta.as_ref().map(|meta| (*id, meta)));
        let wanted: BTreeSet<GroupId> = rows.flat_map(|(id, meta)| meta.item(id).groups).collect();
        let known: BTreeSet<GroupId> = self.known.state.docs.groups.iter().map(|group| group.id).collect();
        let missing: Vec<_> = docs(self.keys_of(copy), copy)
            .groups
            .into_iter()
            .filter(|group| wanted.contains(&group.id) && !known.contains(&group.id))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.known.state.docs.groups.extend(missing);
        self.put_doc(DocKind::Groups)
    }

    pub(super) fn keys_of<'a>(&'a self, copy: &'a Snapshot) -> &'a Subkeys {
        copy.keys.as_ref().unwrap_or(&self.known.keys)
    }
}

pub(super) fn open_row(keys: &Subkeys, copy: &Snapshot, row: &ItemRow) -> Option<Opened> {
    let aad = |column| aad(copy.vault_id(), TABLE_ITEM, column, row.id, row.rev, row.epoch);
    Some(Opened {
        meta: seal::open(&keys.meta, &aad(COLUMN_META), &row.meta).ok()?,
        secret: seal::open(&keys.secret, &aad(COLUMN_SECRET), &row.secret).ok()?,
    })
}

fn decode<T: for<'b> Decode<'b, ()>>(plain: &SecretBytes) -> Option<T> {
    record::unpadded(plain.expose())
}

/// Opens the copy's documents; one that does not open is left empty.
pub(super) fn docs(keys: &Subkeys, copy: &Snapshot) -> Docs {
    let mut docs = Docs::default();
    let open = |kind: DocKind| {
        let row = copy.contents.docs.iter().find(|row| row.id == kind.id())?;
        let aad = aad(copy.vault_id(), TABLE_DOC, COLUMN_BODY, row.id, row.rev, row.epoch);
        seal::open(&keys.meta, &aad, &row.body).ok()
    };
    if let Some(record) = open(DocKind::Groups).and_then(|plain| record::unpadded(plain.expose())) {
        docs.take_groups(record);
    }
    if let Some(record) = open(DocKind::Order).and_then(|plain| record::unpadded(plain.expose())) {
        docs.take_order(record);
    }
    if let Some(record) = open(DocKind::Usage).and_then(|plain| record::unpadded(plain.expose())) {
        docs.take_usage(record);
    }
    docs
}

impl Snapshot {
    /// Opens another vault's folder as a copy, for instance one that lived on elsewhere or lies in quarantine.
    ///
    /// # Errors
    /// As [`LockedVault::open`](super::LockedVault::open) and [`LockedVault::unlock`](super::LockedVault::unlock).
    pub fn of_folder(folder: &std::path::Path, key: &Key<'_>) -> Result<Self, VaultError> {
        super::LockedVault::open(folder)?.into_snapshot(key)
    }
}
