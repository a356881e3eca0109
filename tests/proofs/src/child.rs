//! The writer: works on a vault and prints a line for every operation that it may call done.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
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
    /// Adds, takes codes, deletes and copies; a line after each operation.
    Acknowledge,
    /// The control: the line comes before the operation.
    AcknowledgeBefore,
    /// Takes codes from the first account.
    TakeCodes,
    /// The control: takes codes without a transaction of its own, from a counter that was read before.
    TakeCodesFromMemory,
    /// Changes recovery codes and keys.
    ChangeKeys,
    /// A little of everything, while calls or allocations fail.
    MeetFaults,
    /// The control: a line comes before its operation.
    MeetFaultsBefore,
    /// Changes the vault and replaces its backup.
    BackUp,
    /// The control: the old backup goes before the new one is written.
    BackUpAfterPruning,
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
pub fn run(place: &Path, work: Work, seed: u64, steps: u32) -> anyhow::Result<()> {
    let open = || anyhow::Ok(Place::at(place).open()?.vault);
    match work {
        Work::Acknowledge => work_until_killed(&mut open()?, seed, steps, false),
        Work::AcknowledgeBefore => work_until_killed(&mut open()?, seed, steps, true),
        Work::TakeCodes => take(&mut open()?, steps, |vault, id| Ok(vault.hotp_next(id)?.counter)),
        Work::TakeCodesFromMemory => {
            let mut vault = open()?;
            let mut counter = vault.counter(first(&vault)?)?.context("the account counts")?;
            take(&mut vault, steps, |_, _| {
                counter += 1;
                Ok(counter - 1)
            })
        }
        Work::ChangeKeys => crate::ways::change_until_killed(place, seed),
        Work::MeetFaults => crate::faults::work(place, false),
        Work::MeetFaultsBefore => crate::faults::work(place, true),
        Work::BackUp => crate::backups::work(place, steps, false),
        Work::BackUpAfterPruning => crate::backups::work(place, steps, true),
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

/// One operation of the writer.
enum Step {
    Next(ItemId, u64),
    Delete(ItemId),
    Add(String),
    Copy,
}

impl Step {
    fn choose(vault: &mut Vault, random: &mut fastrand::Rng) -> anyhow::Result<Self> {
        let live: Vec<ItemId> =
            vault.items().iter().filter(|item| item.trashed_at.is_none()).map(|item| item.id).collect();
        let pick = if live.is_empty() { None } else { Some(live[random.usize(..live.len())]) };
        Ok(match (random.u8(..40), pick) {
            (0..24, Some(id)) => Self::Next(id, vault.counter(id)?.context("the account counts")?),
            (24..32, Some(id)) if live.len() > 20 => Self::Delete(id),
            (32, _) => Self::Copy,
            _ => Self::Add(format!("{:016x}", random.u64(..))),
        })
    }

    fn promise(&self) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        match self {
            Self::Next(id, counter) => writeln!(out, "next {id} {counter}")?,
            Self::Delete(id) => writeln!(out, "delete {id}")?,
            Self::Add(name) => writeln!(out, "add {name}")?,
            Self::Copy => writeln!(out, "copy")?,
        }
        out.flush()
    }

    fn keep(&self, vault: &mut Vault) -> anyhow::Result<()> {
        match self {
            Self::Next(id, counter) => {
                let given = vault.hotp_next(*id)?.counter;
                ensure!(given == *counter, "counter {given} instead of {counter}");
            }
            Self::Delete(id) => vault.delete(*id, NOW)?,
            Self::Add(name) => drop(vault.add(account(name), NOW)?),
            Self::Copy => drop(vault.snapshot(NOW)?),
        }
        Ok(())
    }
}

/// One line after (or, for the control, before) each operation; the parent takes a line for a promise.
fn work_until_killed(vault: &mut Vault, seed: u64, steps: u32, before: bool) -> anyhow::Result<()> {
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..steps {
        let step = Step::choose(vault, &mut random)?;
        if before {
            step.promise()?;
        }
        step.keep(vault)?;
        if !before {
            step.promise()?;
        }
    }
    Ok(())
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
