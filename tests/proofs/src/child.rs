//! The writer: works on a vault and prints a line for every operation that it may call done.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use authenticator_core::account::Account;
use authenticator_core::device::Anchor;
use authenticator_core::otp::{Algorithm, Digits, Hotp, Otp};
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{
    self, ItemId, Key, LockedVault, NewItem, NewSlot, Opened, RecoveryCode, Vault,
};
use klink::anchor_file::FileAnchor;

/// The moment that all proofs use: the vault has no clock.
pub const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);

/// What a child does.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Work {
    /// Adds, takes codes and deletes until it is killed; a line after each operation.
    Acknowledge,
    /// The control: the line comes before the operation.
    AcknowledgeBefore,
    /// Takes codes from the first account and ends.
    TakeCodes,
    /// Changes recovery codes and keys until it is killed.
    ChangeKeys,
    /// The control: takes codes without a transaction of its own, from a counter that was read before.
    TakeCodesFromMemory,
}

/// A folder with a vault, an anchor and a recovery code that children can read.
pub struct Place(PathBuf);

impl Place {
    /// Makes a vault whose only way in is a recovery code, so that opening it costs no Argon2id.
    pub fn make(folder: &Path) -> anyhow::Result<Self> {
        let place = Self(folder.to_owned());
        let code = RecoveryCode::make()?;
        std::fs::write(folder.join("code"), code.print().expose())?;
        vault::create(&place.vault(), &place.anchor(), &[NewSlot::RecoveryCode(&code)], NOW)?.lock();
        Ok(place)
    }

    /// Names a place that was made before.
    pub fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Opens the vault.
    pub fn open(&self) -> anyhow::Result<Opened> {
        let code = RecoveryCode::parse(&std::fs::read_to_string(self.0.join("code"))?)?;
        Ok(LockedVault::open(&self.vault())?.unlock(Key::RecoveryCode(&code), &self.anchor(), NOW)?)
    }

    /// Returns the folder that children are given.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn vault(&self) -> PathBuf {
        self.0.join("vault")
    }

    fn anchor(&self) -> Arc<dyn Anchor> {
        Arc::new(FileAnchor::new(self.0.join("anchors"), &self.vault()))
    }
}

/// Runs in the child's process.
pub fn run(place: &Path, work: Work, seed: u64, codes: u32) -> anyhow::Result<()> {
    if let Work::ChangeKeys = work {
        return crate::ways::change_until_killed(place, seed);
    }
    let mut vault = Place(place.to_owned()).open()?.vault;
    match work {
        Work::Acknowledge => work_until_killed(&mut vault, seed, false),
        Work::AcknowledgeBefore => work_until_killed(&mut vault, seed, true),
        Work::ChangeKeys => Ok(()),
        Work::TakeCodes => take(&mut vault, codes, |vault, id| Ok(vault.hotp_next(id)?.counter)),
        Work::TakeCodesFromMemory => {
            let mut counter = vault.counter(first(&vault)?)?.context("the account counts")?;
            take(&mut vault, codes, |_, _| {
                counter += 1;
                Ok(counter - 1)
            })
        }
    }
}

fn take(
    vault: &mut Vault,
    codes: u32,
    mut next: impl FnMut(&mut Vault, ItemId) -> anyhow::Result<u64>,
) -> anyhow::Result<()> {
    let id = first(vault)?;
    for _ in 0..codes {
        println!("next {id} {}", next(vault, id)?);
    }
    Ok(())
}

fn first(vault: &Vault) -> anyhow::Result<ItemId> {
    Ok(vault.items().first().context("an account")?.id)
}

/// One line after (or, for the control, before) each operation; the parent takes a line for a promise.
fn work_until_killed(vault: &mut Vault, seed: u64, before: bool) -> anyhow::Result<()> {
    let mut random = fastrand::Rng::with_seed(seed);
    let promise = |line: String| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}").and_then(|()| out.flush())
    };
    loop {
        let live: Vec<ItemId> =
            vault.items().iter().filter(|item| item.trashed_at.is_none()).map(|item| item.id).collect();
        let pick = if live.is_empty() { None } else { Some(live[random.usize(..live.len())]) };
        match (random.u8(..10), pick) {
            (0..6, Some(id)) => {
                let counter = vault.counter(id)?.context("the account counts")?;
                if before {
                    promise(format!("next {id} {counter}"))?;
                }
                let code = vault.hotp_next(id)?;
                if !before {
                    promise(format!("next {id} {}", code.counter))?;
                }
            }
            (6..8, Some(id)) if live.len() > 20 => {
                if before {
                    promise(format!("delete {id}"))?;
                }
                vault.delete(id, NOW)?;
                if !before {
                    promise(format!("delete {id}"))?;
                }
            }
            _ => {
                let name = format!("{:016x}", random.u64(..));
                if before {
                    promise(format!("add {name}"))?;
                }
                vault.add(account(&name), NOW)?;
                if !before {
                    promise(format!("add {name}"))?;
                }
            }
        }
    }
}

/// An account that counts, with a name that the parent can look for.
pub fn account(name: &str) -> NewItem {
    let otp = Otp::Hotp(Hotp {
        secret: name.as_bytes().into(),
        algorithm: Algorithm::Sha1,
        digits: Digits::SIX,
        counter: 0,
    });
    NewItem::from(Account { issuer: "proof".into(), account_name: name.into(), otp, extra: Vec::new() })
}
