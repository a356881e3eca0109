//! What the user can do next, for every state of a vault. The core decides; a shell has a button for each.

use super::VaultError;
use super::snapshot::{SnapshotInfo, SnapshotState};
use super::state::{Mode, Reason};
use super::store::Vault;

/// One thing that the user can do about a vault that is not read-write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NextStep {
    /// Wait a moment and unlock again: the key store did not answer.
    TryAgain,
    /// Get the newest app: a later one wrote the vault.
    UpdateApp,
    /// Take the vault as it is, as a new branch with a new anchor: [`Vault::accept`].
    Accept,
    /// The same, then look at what this snapshot has besides and take it over: [`Vault::accept`],
    /// [`Vault::compare`], [`Vault::merge`].
    AcceptAndMerge(u32),
    /// Keep the file aside and make a whole one of what it and the newest snapshot hold: [`salvage`](super::salvage).
    Salvage,
    /// Put this snapshot in the place of the vault that is gone: [`restore`](super::restore).
    Restore(u32),
    /// Write a sealed backup elsewhere first: [`Vault::write_backup`].
    BackUp,
    /// Put the anchor of the vault that is gone aside and make a new vault.
    StartNew,
}

impl Vault {
    /// Says what the user can do next, the best first; nothing when the vault is read-write.
    ///
    /// # Errors
    /// [`VaultError::Io`] when the snapshots cannot be listed.
    pub fn next_steps(&self) -> Result<Vec<NextStep>, VaultError> {
        Ok(match self.known.mode {
            Mode::ReadWrite => Vec::new(),
            Mode::ReadOnly(reason) => next_steps(reason, self.known.state.root.seq, &self.snapshots()?),
        })
    }
}

/// The same for a reason, a file's commit number, and the snapshots that are there.
pub fn next_steps(reason: Reason, seq: u64, snapshots: &[SnapshotInfo]) -> Vec<NextStep> {
    let newest = snapshots.iter().rev().find_map(|info| {
        let says = info.says.as_ref()?;
        (info.state == SnapshotState::Whole).then_some((info.number, says.seq))
    });
    // A copy of another branch may have more although its number is lower.
    let other = newest.map(|(number, _)| NextStep::AcceptAndMerge(number));
    let newer = newest.filter(|(_, copy)| *copy > seq).map(|(number, _)| NextStep::AcceptAndMerge(number));
    match reason {
        Reason::NewerFormat => vec![NextStep::UpdateApp, NextStep::BackUp],
        Reason::DamagedRows | Reason::Tampered => vec![NextStep::Salvage],
        Reason::RolledBack => newer.into_iter().chain([NextStep::Accept]).collect(),
        Reason::OtherBranch => other.into_iter().chain([NextStep::Accept]).collect(),
        Reason::NoAnchor | Reason::AnchorTorn => [NextStep::Accept].into_iter().chain(newer).collect(),
        Reason::AnchorUnavailable => vec![NextStep::TryAgain],
    }
}
