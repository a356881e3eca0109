//! Enrolments, and when they are quiet.

use std::fmt;
use std::str::FromStr;

use rusqlite::OptionalExtension;

use super::record::{self, Enrolment, Names, Quiet, number_of, stage_of};
use super::{PushDb, Sealed, Table};
use crate::crypto::random::{self, RandomError};
use crate::push::enrolment::{Event, Stage};
use crate::vault::{IdError, VaultError};

/// Names one enrolment of this phone, for as long as it is kept: 16 random bytes, printed as 32 hex digits.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EnrolmentId(pub(crate) [u8; 16]);

/// One enrolment as it was read.
pub(crate) struct EnrolmentRow {
    pub(crate) id: EnrolmentId,
    pub(crate) stage: Stage,
    pub(crate) enrolment: Enrolment,
    /// `None` while the vault is locked, and when they do not open.
    pub(crate) names: Option<Names>,
}

/// All enrolments, and those that do not open.
pub(crate) struct Enrolments {
    /// In the order they were made.
    pub(crate) rows: Vec<EnrolmentRow>,
    /// Rows that are kept as they are: damaged, of a later version, or of a key that is gone.
    pub(crate) damaged: Vec<EnrolmentId>,
}

impl PushDb {
    /// Returns all enrolments.
    ///
    /// # Errors
    /// [`VaultError::FileDamaged`], disk trouble.
    pub(crate) fn enrolments(&self) -> Result<Enrolments, VaultError> {
        let mut query = self.db.prepare_cached(
            "SELECT id, rev, epoch, body, names_rev, names_epoch, names FROM enrolment ORDER BY id",
        )?;
        let mut found = query.query([])?;
        let mut all = Enrolments { rows: Vec::new(), damaged: Vec::new() };
        while let Some(row) = found.next()? {
            let body = Sealed::of(row, [0, 1, 2, 3])?;
            let id = EnrolmentId(body.id);
            let opened: Option<Enrolment> = self.sealing().open(Table::Enrolment, &body);
            let Some((enrolment, stage)) =
                opened.and_then(|enrolment| stage_of(enrolment.stage).map(|stage| (enrolment, stage)))
            else {
                all.damaged.push(id);
                continue;
            };
            let names = self.sealing().open_names(&Sealed::of(row, [0, 4, 5, 6])?);
            all.rows.push(EnrolmentRow { id, stage, enrolment, names });
        }
        all.rows.sort_by_key(|row| (row.enrolment.created_ms, row.id));
        Ok(all)
    }

    /// Returns one enrolment.
    ///
    /// # Errors
    /// [`VaultError::NoSuchItem`]; [`VaultError::ItemUnreadable`]; disk trouble.
    pub(crate) fn enrolment(&self, id: EnrolmentId) -> Result<EnrolmentRow, VaultError> {
        let Enrolments { rows, damaged } = self.enrolments()?;
        match rows.into_iter().find(|row| row.id == id) {
            Some(row) => Ok(row),
            None if damaged.contains(&id) => Err(VaultError::ItemUnreadable),
            None => Err(VaultError::NoSuchItem),
        }
    }

    /// Adds an enrolment with its names; the vault must be unlocked.
    ///
    /// # Errors
    /// [`VaultError::TooLarge`]; [`VaultError::WrongKey`] without the key of names; disk trouble.
    pub(crate) fn add_enrolment(
        &mut self,
        EnrolmentId(id): EnrolmentId,
        enrolment: &Enrolment,
        names: &Names,
    ) -> Result<(), VaultError> {
        let (body, names) = (record::padded(enrolment)?, record::padded(names)?);
        self.write(|db, sealing| {
            let body = sealing.body(Table::Enrolment, id, 1, &body)?;
            let names = sealing.names(id, 1, &names)?.ok_or(VaultError::WrongKey)?;
            let epoch = sealing.keys.epoch;
            db.execute(
                "INSERT INTO enrolment (id, rev, epoch, body, names_rev, names_epoch, names)
                 VALUES (?, 1, ?, ?, 1, ?, ?)",
                (id, epoch, body, epoch, names),
            )?;
            Ok(())
        })
    }

    /// Changes an enrolment as it stands now, in one transaction; names stay as they are.
    ///
    /// # Errors
    /// As [`PushDb::enrolment`].
    pub(crate) fn change_enrolment(
        &mut self,
        id: EnrolmentId,
        change: impl FnOnce(&mut Enrolment),
    ) -> Result<(), VaultError> {
        self.write(|db, sealing| {
            let found = db
                .query_row("SELECT id, rev, epoch, body FROM enrolment WHERE id = ?", [id.0], |row| {
                    Sealed::of(row, [0, 1, 2, 3])
                })
                .optional()?
                .ok_or(VaultError::NoSuchItem)?;
            let mut enrolment: Enrolment =
                sealing.open(Table::Enrolment, &found).ok_or(VaultError::ItemUnreadable)?;
            change(&mut enrolment);
            let rev = found.rev + 1;
            let body = sealing.body(Table::Enrolment, id.0, rev, &record::padded(&enrolment)?)?;
            db.execute(
                "UPDATE enrolment SET rev = ?, epoch = ?, body = ? WHERE id = ?",
                (rev as i64, sealing.keys.epoch, body, id.0),
            )?;
            Ok(())
        })
    }

    /// Lets an event happen to an enrolment as it stands now, and changes it on the way. An event that cannot happen
    /// at its stage changes nothing.
    ///
    /// # Errors
    /// As [`PushDb::enrolment`].
    pub(crate) fn happen(
        &mut self,
        id: EnrolmentId,
        event: Event,
        change: impl FnOnce(&mut Enrolment),
    ) -> Result<(), VaultError> {
        self.change_enrolment(id, |enrolment| {
            let next = stage_of(enrolment.stage).and_then(|stage| stage.after(event).ok());
            if let Some(stage) = next {
                enrolment.stage = number_of(stage);
                change(enrolment);
            }
        })
    }

    /// Gives an enrolment other names; the vault must be unlocked.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`] without the key of names; [`VaultError::NoSuchItem`]; disk trouble.
    pub(crate) fn set_names(&mut self, id: EnrolmentId, names: &Names) -> Result<(), VaultError> {
        let names = record::padded(names)?;
        self.write(|db, sealing| {
            let rev: i64 = db
                .query_row("SELECT names_rev FROM enrolment WHERE id = ?", [id.0], |row| row.get(0))
                .optional()?
                .ok_or(VaultError::NoSuchItem)?;
            let names = sealing.names(id.0, rev as u64 + 1, &names)?.ok_or(VaultError::WrongKey)?;
            db.execute(
                "UPDATE enrolment SET names_rev = ?, names_epoch = ?, names = ? WHERE id = ?",
                (rev + 1, sealing.keys.epoch, names, id.0),
            )?;
            Ok(())
        })
    }

    /// Removes an enrolment, its answers that wait and its quiet, because the user asked for it; history stays.
    ///
    /// # Errors
    /// Disk trouble.
    pub(crate) fn remove_enrolment(&mut self, id: EnrolmentId) -> Result<(), VaultError> {
        let waiting: Vec<[u8; 16]> = self
            .outbox()?
            .into_iter()
            .filter(|pending| pending.enrolment[..] == id.0)
            .map(|pending| pending.key)
            .collect();
        self.write(|db, _| {
            for key in waiting {
                db.execute("DELETE FROM outbox WHERE id = ?", [key])?;
            }
            db.execute("DELETE FROM quiet WHERE id = ?", [id.0])?;
            db.execute("DELETE FROM enrolment WHERE id = ?", [id.0])?;
            Ok(())
        })
    }

    /// Returns when an enrolment is quiet; one whose row does not open is not.
    ///
    /// # Errors
    /// Disk trouble.
    pub(crate) fn quiet(&self, id: EnrolmentId) -> Result<Quiet, VaultError> {
        let row = self
            .db
            .query_row("SELECT id, rev, epoch, body FROM quiet WHERE id = ?", [id.0], |row| {
                Sealed::of(row, [0, 1, 2, 3])
            })
            .optional()?;
        Ok(row.and_then(|row| self.sealing().open(Table::Quiet, &row)).unwrap_or_default())
    }

    /// Keeps when an enrolment is quiet.
    ///
    /// # Errors
    /// Disk trouble.
    pub(crate) fn set_quiet(&mut self, id: EnrolmentId, quiet: &Quiet) -> Result<(), VaultError> {
        let plain = record::padded(quiet)?;
        self.write(|db, sealing| {
            let rev: i64 = db
                .query_row("SELECT rev FROM quiet WHERE id = ?", [id.0], |row| row.get(0))
                .optional()?
                .unwrap_or(0);
            let body = sealing.body(Table::Quiet, id.0, rev as u64 + 1, &plain)?;
            db.execute(
                "INSERT OR REPLACE INTO quiet (id, rev, epoch, body) VALUES (?, ?, ?, ?)",
                (id.0, rev + 1, sealing.keys.epoch, body),
            )?;
            Ok(())
        })
    }
}

impl EnrolmentId {
    pub(crate) fn make() -> Result<Self, RandomError> {
        random::make_array().map(Self)
    }
}

impl fmt::Display for EnrolmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for EnrolmentId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        crate::device::parse_hex16(text).map(Self).ok_or(IdError)
    }
}
