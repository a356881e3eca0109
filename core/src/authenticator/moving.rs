//! Flow: accounts to another device and from one, with a receipt, and taken up again after an interruption.

use super::{Authenticator, Confirmation, Error};
use crate::moving::{Receipt, Receiving, Sending, Taken, Way};
use crate::secret::SecretText;
use crate::time::{BootTime, UnixTime};
use crate::vault::{Arrived, Aside, Compared, Comparison, ItemId, Renewal};

/// What the old device shows.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The texts of the codes, numbered from 1: in a sequence, or one that names the file.
    pub codes: Vec<SecretText>,
    /// The sealed file, when the accounts travel in one.
    pub file: Option<Vec<u8>>,
    /// The accounts in the list.
    pub accounts: u32,
    /// Rows that do not open here and stay.
    pub left_out: Vec<ItemId>,
}

/// What the receipt said, on the old device: "80 of 80".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Handed {
    /// Accounts that are on the new device.
    pub arrived: u32,
    /// Accounts that were on their way.
    pub of: u32,
}

/// How far a move has come, on the new device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Incoming {
    /// What became of the code that was just scanned; `None` when nothing was.
    pub code: Option<Taken>,
    /// Codes that were taken.
    pub taken: u32,
    /// Codes in all; `None` before the first one was seen.
    pub codes: Option<u32>,
    /// The numbers of those that are missing, as the old device shows them.
    pub missing: Vec<u32>,
    /// Whether a file is wanted; `None` before the first code was seen.
    pub wants_file: Option<bool>,
    /// The accounts on their way; `None` before the first code was seen.
    pub accounts: Option<u32>,
}

/// What the new device shows at the end.
#[derive(Clone, Debug)]
pub struct Received {
    /// Six digits to type on the old device.
    pub receipt: Receipt,
    /// Accounts of the move that are in the list here now.
    pub arrived: u32,
    /// Accounts that were on their way.
    pub of: u32,
    /// Push accounts, whose keys cannot move: the list to enrol again.
    pub renew: Vec<Renewal>,
}

impl Authenticator {
    /// Seals the accounts under a new key and returns the codes. It is kept, sealed, until [`Authenticator::handed_over`] or
    /// [`Authenticator::stop_sending`]; one that was kept before is given up. The confirmation is used up.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::NotConfirmed`], [`Error::Move`], [`Error::Vault`].
    pub fn send_accounts(
        &self,
        way: Way,
        renew: &[Renewal],
        token: &Confirmation,
        at: BootTime,
    ) -> Result<Outgoing, Error> {
        self.shown()?;
        self.spend(token, at)?;
        let bundle = self.read(|vault| vault.bundle(renew))?;
        let sending = Sending::new(&bundle.plain, bundle.accounts, bundle.rows, way)?;
        self.read(|vault| vault.put_aside(Aside::Sending, sending.to_bytes().expose()))?;
        Ok(Outgoing::of(&sending, bundle.left_out))
    }

    /// Returns the codes of a move that was begun and not ended; `None` when there is none. The confirmation is used up.
    ///
    /// # Errors
    /// As [`Authenticator::send_accounts`].
    pub fn sending(&self, token: &Confirmation, at: BootTime) -> Result<Option<Outgoing>, Error> {
        self.shown()?;
        self.spend(token, at)?;
        Ok(self.kept_sending()?.map(|sending| Outgoing::of(&sending, Vec::new())))
    }

    /// Tells whether a move was begun here and not ended: "go on with it?"
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn is_sending(&self) -> Result<bool, Error> {
        Ok(self.kept_sending()?.is_some())
    }

    /// Takes the receipt that was typed, says how many accounts arrived, and ends the move when all have; `None` when these
    /// are not the digits of this move. After fewer, the codes stay until the user ends it.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn handed_over(&self, typed: &str) -> Result<Option<Handed>, Error> {
        let Some(sending) = self.kept_sending()? else { return Ok(None) };
        let of = sending.accounts();
        let Some(arrived) = sending.arrived(typed) else { return Ok(None) };
        if arrived == of {
            self.stop_sending()?;
        }
        Ok(Some(Handed { arrived, of }))
    }

    /// Ends a move: its codes open nothing that this device would still show.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn stop_sending(&self) -> Result<(), Error> {
        self.read(|vault| vault.drop_aside(Aside::Sending))
    }

    /// Says how far the move to this device has come; it goes on after a restart.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn incoming(&self) -> Result<Incoming, Error> {
        Ok(Incoming::of(&self.kept_receiving()?, None))
    }

    /// Takes one scanned code; it is on the disk before this returns.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::MoveCode`], [`Error::Vault`].
    pub fn take_move_code(&self, text: &str) -> Result<Incoming, Error> {
        let mut receiving = self.kept_receiving()?;
        let taken = receiving.take(text)?;
        if taken == Taken::New {
            self.read(|vault| vault.put_aside(Aside::Receiving, receiving.to_bytes().expose()))?;
        }
        Ok(Incoming::of(&receiving, Some(taken)))
    }

    /// Takes the sealed file that the code names.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Move`], [`Error::Vault`].
    pub fn take_move_file(&self, bytes: &[u8]) -> Result<Incoming, Error> {
        let mut receiving = self.kept_receiving()?;
        receiving.take_file(bytes)?;
        self.read(|vault| vault.put_aside(Aside::Receiving, receiving.to_bytes().expose()))?;
        Ok(Incoming::of(&receiving, None))
    }

    /// Says how the accounts that arrived stand to those that are here. Nothing is changed.
    ///
    /// # Errors
    /// [`Error::Move`] while parts are missing; [`Error::Locked`], [`Error::Vault`].
    pub fn compare_move(&self) -> Result<Comparison, Error> {
        let arrived = Arrived::open(&self.kept_receiving()?.open()?)?;
        self.compare(&arrived.copy)
    }

    /// Takes everything over that is not here yet, or only these accounts, with a snapshot before and in one transaction;
    /// then counts what is here. May be asked again, for instance for the receipt after a restart: what is here is not
    /// taken twice.
    ///
    /// # Errors
    /// As [`Authenticator::compare_move`].
    pub fn receive_accounts(&self, only: Option<&[ItemId]>, at: UnixTime) -> Result<Received, Error> {
        let receiving = self.kept_receiving()?;
        let Arrived { copy, renew } = Arrived::open(&receiving.open()?)?;
        let wanted = |id: &ItemId| only.is_none_or(|only| only.contains(id));
        let before = self.compare(&copy)?;
        let proposed = before.rows.iter().filter(|row| row.status.is_proposed());
        let ids: Vec<ItemId> = proposed.map(|row| row.item.id).filter(wanted).collect();
        if !ids.is_empty() {
            self.merge(&copy, &ids, at)?;
        }
        // Counted from what the vault holds now, not from what was asked for.
        let after = self.compare(&copy)?;
        let here = |status: Compared| match status {
            Compared::Same
            | Compared::SameCredential(_)
            | Compared::OlderThere
            | Compared::NewerThere
            | Compared::Differs
            | Compared::CounterForked { .. } => true,
            Compared::Missing | Compared::DamagedHere | Compared::DamagedThere => false,
        };
        let list = after.rows.iter().filter(|row| row.item.trashed_at.is_none() && here(row.status));
        let arrived = u32::try_from(list.count()).map_err(|_| crate::vault::VaultError::TooLarge)?;
        let (receipt, of) = receiving
            .receipt(arrived)
            .zip(receiving.accounts())
            .ok_or(crate::moving::MoveError::Incomplete)?;
        Ok(Received { receipt, arrived, of, renew })
    }

    /// Forgets the move to this device: it is done, or was given up. What was taken over stays.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn stop_receiving(&self) -> Result<(), Error> {
        self.read(|vault| vault.drop_aside(Aside::Receiving))
    }

    fn kept_sending(&self) -> Result<Option<Sending>, Error> {
        let kept = self.read(|vault| vault.aside(Aside::Sending))?;
        Ok(kept.as_ref().and_then(Sending::from_bytes))
    }

    fn kept_receiving(&self) -> Result<Receiving, Error> {
        let kept = self.read(|vault| vault.aside(Aside::Receiving))?;
        Ok(kept.as_ref().and_then(Receiving::from_bytes).unwrap_or_default())
    }
}

impl Outgoing {
    fn of(sending: &Sending, left_out: Vec<ItemId>) -> Self {
        let file = sending.file().map(<[u8]>::to_vec);
        Self { codes: sending.codes(), file, accounts: sending.accounts(), left_out }
    }
}

impl Incoming {
    fn of(receiving: &Receiving, code: Option<Taken>) -> Self {
        Self {
            code,
            taken: receiving.taken(),
            codes: receiving.codes(),
            missing: receiving.missing(),
            wants_file: receiving.in_file(),
            accounts: receiving.accounts(),
        }
    }
}
