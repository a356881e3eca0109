//! Flow: exports. What a format cannot hold is said first; secrets leave only after a fresh confirmation.

use super::{Authenticator, Confirmation, Error};
use crate::account::Account;
use crate::export::{Content, ExportFormat, LeftOut, Lost, Order, Record};
use crate::time::BootTime;
use crate::vault::{ItemId, VaultError};

/// What an export holds and what it cannot hold: to be shown before anything is written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ExportReport {
    /// The accounts that are, or will be, in it, in their order.
    pub written: Vec<ItemId>,
    /// The accounts that are not, and why.
    pub left_out: Vec<(ItemId, LeftOut)>,
    /// What it does not hold of accounts that are in it, and of how many.
    pub lost: Vec<(Lost, usize)>,
}

/// An export, and what is in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Exported {
    /// What it holds.
    pub report: ExportReport,
    /// The file, or the texts of QR codes.
    pub content: Content,
}

impl Authenticator {
    /// Says what an export of these accounts, or of the whole list, would hold. Secrets are looked at one by one and stay.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::NoSuchAccount`], [`Error::Vault`].
    pub fn export_report(&self, format: ExportFormat, ids: Option<&[ItemId]>) -> Result<ExportReport, Error> {
        self.look_for_export(format, ids, drop)
    }

    /// Writes an export. The confirmation is used up, whatever comes of it; [`ExportFormat::is_plain`] tells when the user
    /// has to be warned in words before. `stop` is asked between accounts: then nothing was written.
    ///
    /// # Errors
    /// [`Error::NotConfirmed`]; [`Error::Export`]; as [`Authenticator::export_report`].
    pub fn export(
        &self,
        order: &Order<'_>,
        ids: Option<&[ItemId]>,
        token: &Confirmation,
        at: BootTime,
        stop: &dyn Fn() -> bool,
    ) -> Result<Exported, Error> {
        self.shown()?;
        self.spend(token, at)?;
        let mut records = Vec::new();
        let report = self.look_for_export(order.format(), ids, |record| records.push(record))?;
        let content = order.write(&records, stop)?;
        // A lock that came meanwhile wins.
        self.shown()?;
        Ok(Exported { report, content })
    }

    fn look_for_export(
        &self,
        format: ExportFormat,
        ids: Option<&[ItemId]>,
        mut take: impl FnMut(Record),
    ) -> Result<ExportReport, Error> {
        let shown = self.shown()?;
        let all: Vec<ItemId>;
        let ids = match ids {
            Some(ids) => ids,
            None => {
                let list = shown.items.iter().filter(|item| item.trashed_at.is_none());
                all = list.map(|item| item.id).collect();
                &all
            }
        };
        let mut report = ExportReport::default();
        for &id in ids {
            let item = shown.item(id)?;
            let otp = match self.read(|vault| vault.open_otp(id)) {
                Ok(otp) => otp,
                Err(Error::Vault(VaultError::ItemUnreadable)) => {
                    report.left_out.push((id, LeftOut::Unreadable));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let (issuer, account_name) = (item.issuer.clone(), item.account_name.clone());
            let in_group = |group: &&crate::vault::Group| item.groups.contains(&group.id);
            let record = Record {
                account: Account { issuer, account_name, otp, extra: item.extra.clone() },
                note: item.note.clone(),
                favorite: item.favorite,
                asks_every_time: item.asks_every_time,
                icon: item.icon.clone(),
                groups: shown.groups.iter().filter(in_group).map(|group| group.name.clone()).collect(),
                created_at: item.created_at,
                usage_count: item.usage_count,
                last_used_at: item.last_used_at,
            };
            if let Err(why) = format.check(&record) {
                report.left_out.push((id, why));
                continue;
            }
            for what in format.loses(&record) {
                match report.lost.iter_mut().find(|(known, _)| *known == what) {
                    Some((_, count)) => *count += 1,
                    None => report.lost.push((what, 1)),
                }
            }
            report.written.push(id);
            take(record);
        }
        report.lost.sort_unstable();
        Ok(report)
    }
}
