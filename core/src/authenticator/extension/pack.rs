//! The pack for a widget or for AutoFill: a timeline of codes. `docs/vault-format.md`, "Packs".

use std::path::Path;

use serde_json::json;

use super::super::{Authenticator, Error};
use crate::account::Kind;
use crate::crypto::seal;
use crate::secret::SecretBytes;
use crate::time::UnixTime;
use crate::vault::{ItemId, VaultError};

/// What to put in a pack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PackPlan {
    /// The accounts that the user chose, the most wanted first.
    pub ids: Vec<ItemId>,
    /// For how long, in milliseconds: a day at most.
    pub length_ms: i64,
}

/// What a pack holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Packed {
    /// The accounts in it.
    pub ids: Vec<ItemId>,
    /// Chosen accounts that are not: they ask every time, their codes count, need a PIN or cannot be made.
    pub left_out: Vec<ItemId>,
    /// Until when it has codes: sooner than asked for when it would have become too large.
    pub until: UnixTime,
}

/// The largest pack, in bytes.
pub(super) const MOST_BYTES: usize = 64 * 1024;
const MOST_MS: i64 = 24 * 60 * 60 * 1000;
const MAGIC: &[u8; 5] = b"AKW1\n";

/// One account's codes from the beginning on.
struct Line {
    id: ItemId,
    issuer: String,
    account_name: String,
    from_ms: i64,
    period_ms: i64,
    codes: Vec<String>,
}

impl Authenticator {
    /// Returns the key of the packs, 32 bytes, for the shell to keep where its extensions can reach it. Packs are all
    /// that it opens.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn pack_key(&self) -> Result<SecretBytes, Error> {
        self.read(|vault| Ok(vault.pack_key()))
    }

    /// Writes a pack in one step, and says what is in it. No seed is in it, no code that counts, and none of an account that
    /// asks every time.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::Vault`]: disk trouble.
    pub fn write_pack(&self, path: &Path, plan: &PackPlan, at: UnixTime) -> Result<Packed, Error> {
        let mut left_out = Vec::new();
        let mut length = plan.length_ms.clamp(0, MOST_MS);
        let mut lines = Vec::new();
        for id in &plan.ids {
            match self.line(*id, at, length)? {
                Some(line) => lines.push(line),
                None => left_out.push(*id),
            }
        }
        // Half as long until it fits: a widget that shows four hours is of more use than none.
        let plain = loop {
            let text = print(&lines, at, length);
            if text.len() <= MOST_BYTES - MAGIC.len() - seal::PLATFORM_OVERHEAD {
                break text;
            }
            length /= 2;
            lines.iter_mut().for_each(|line| line.shorten(at, length));
        };
        let sealed =
            seal::seal_for_platform(&self.pack_key()?, MAGIC, plain.as_bytes()).map_err(VaultError::from)?;
        write(path, &[MAGIC.as_slice(), &sealed].concat()).map_err(VaultError::from)?;
        let ids = lines.iter().map(|line| line.id).collect();
        Ok(Packed { ids, left_out, until: at.plus_ms(length) })
    }

    /// Makes one account's codes; `None` when there are none to make beforehand.
    fn line(&self, id: ItemId, at: UnixTime, length: i64) -> Result<Option<Line>, Error> {
        let Ok(item) = self.item(id) else { return Ok(None) };
        if item.kind == Kind::Hotp || item.trashed_at.is_some() || item.asks_every_time {
            return Ok(None);
        }
        let otp = match self.read(|vault| vault.open_otp(id)) {
            Ok(otp) => otp,
            Err(Error::Vault(VaultError::ItemUnreadable | VaultError::NoSuchItem)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut codes = Vec::new();
        let Ok(first) = otp.code_at(at, 0) else { return Ok(None) };
        let period_ms = first.valid_until.ms() - first.valid_from.ms();
        let mut now = first.valid_from;
        while now.ms() < at.ms().saturating_add(length) && period_ms > 0 {
            match otp.code_at(now, 0) {
                Ok(code) => codes.push(code.text.clone()),
                // Some old accounts have no code for a step: an empty one stands for it.
                Err(_) => codes.push(String::new()),
            }
            now = now.plus_ms(period_ms);
        }
        let (issuer, account_name) = (item.issuer, item.account_name);
        Ok(Some(Line { id, issuer, account_name, from_ms: first.valid_from.ms(), period_ms, codes }))
    }
}

impl Line {
    fn shorten(&mut self, at: UnixTime, length: i64) {
        let steps = (at.ms().saturating_add(length) - self.from_ms).div_euclid(self.period_ms.max(1)) + 1;
        self.codes.truncate(usize::try_from(steps).unwrap_or(0));
    }
}

fn print(lines: &[Line], at: UnixTime, length: i64) -> String {
    let accounts: Vec<_> = lines
        .iter()
        .map(|line| {
            json!({
                "id": line.id.to_string(), "issuer": line.issuer, "account_name": line.account_name,
                "from_ms": line.from_ms, "period_ms": line.period_ms, "codes": line.codes,
            })
        })
        .collect();
    json!({ "v": 1, "made_ms": at.ms(), "until_ms": at.ms().saturating_add(length), "accounts": accounts })
        .to_string()
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    std::fs::File::open(folder)?.sync_all()
}
