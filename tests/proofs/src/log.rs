//! R06 and R07 for the log: commits that stand in `vault.db-wal` alone, with bytes flipped and the end cut off.
//!
//! SQLite takes a damaged log for a shorter one, without a word. Only the anchor outside the files can tell.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use authenticator_core::device::{Anchor, AnchorRecord};
use authenticator_core::otp::Otp;
use authenticator_core::vault::{self, ItemId, Key, LockedVault, Mode, NewSlot, Reason, RecoveryCode};

use crate::child::{NOW, account};
use crate::damage::{hold, scratch};
use crate::one_anchor::OneAnchor;
use crate::sheet::{Control, Line, Proof, Size};

const LOG: &str = "vault.db-wal";
const FILES: [&str; 3] = ["vault.db", "vault.keys", LOG];
/// The log is cut at every multiple of this.
const CUT: usize = 64;

/// Cuts and flips; then the same with an anchor from before the commits, which must miss what is lost.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let bed = Bed::make()?;
    let log = &bed.whole[LOG];
    let step = size.of(61, 1);
    let cut = |length: usize| log[..length].to_vec();
    let flip = |place: usize| {
        let mut log = log.clone();
        log[place] ^= 1 << (place % 8);
        log
    };
    let cuts = bed.cases((0..log.len()).step_by(CUT).map(cut), &bed.anchor)?;
    let cuts_control = bed.cases((0..log.len()).step_by(16 * CUT).map(cut), &bed.before)?;
    let flips = bed.cases((0..log.len()).step_by(step).map(flip), &bed.anchor)?;
    let flips_control = bed.cases((0..log.len()).step_by(997).map(flip), &bed.before)?;
    let control = |tally: &Tally| Control {
        about: "an anchor from before the commits, and the loss goes unseen",
        failures: tally.silent,
    };
    let about = size.of("every 61st byte of the log flipped", "every byte of the log flipped");
    Ok(vec![
        flips.line("R06", about, control(&flips_control))?,
        cuts.line("R07-log", "the log cut at every 64th byte", control(&cuts_control))?,
    ])
}

/// A vault whose last commits are in its log, as bytes, and what it holds.
struct Bed {
    whole: BTreeMap<&'static str, Vec<u8>>,
    /// The anchor before the commits that are in the log.
    before: AnchorRecord,
    anchor: AnchorRecord,
    code: RecoveryCode,
    held: BTreeMap<ItemId, (String, Otp)>,
}

/// What the cases came to.
#[derive(Debug, Default)]
struct Tally {
    cases: u64,
    refused: u64,
    rolled_back: u64,
    other_read_only: u64,
    /// Everything was there all the same.
    whole: u64,
    /// Opened as if nothing were, and something was lost.
    silent: u64,
    touched: u64,
    panicked: u64,
}

impl Bed {
    fn make() -> anyhow::Result<Self> {
        let folder = scratch()?;
        let code = RecoveryCode::make()?;
        let kept = Arc::new(OneAnchor::default());
        let anchor: Arc<dyn Anchor> = kept.clone();
        let mut vault = vault::create(folder.path(), &anchor, &[NewSlot::RecoveryCode(&code)], NOW)?;
        let id = vault.add(account("before"), NOW)?;
        let before = kept.record().context("a commit was anchored")?;
        // Somebody who reads keeps the log from being emptied into the file.
        let reader = rusqlite::Connection::open(folder.path().join("vault.db"))?;
        reader.execute_batch("BEGIN")?;
        reader.query_row("SELECT count(*) FROM item", [], |row| row.get::<_, i64>(0))?;
        for n in 0..5 {
            vault.hotp_next(id)?;
            vault.add(account(&format!("in the log {n}")), NOW)?;
        }
        let held = hold(&mut vault)?;
        let read = |name: &'static str| Ok((name, fs::read(folder.path().join(name))?));
        let whole: BTreeMap<_, _> = FILES.into_iter().map(read).collect::<anyhow::Result<_>>()?;
        ensure!(whole[LOG].len() > 10_000, "the log was emptied");
        let anchor = kept.record().context("a commit was anchored")?;
        Ok(Self { whole, before, anchor, code, held })
    }

    fn cases(&self, logs: impl Iterator<Item = Vec<u8>>, anchor: &AnchorRecord) -> anyhow::Result<Tally> {
        let folder = scratch()?;
        let mut tally = Tally::default();
        for log in logs {
            tally.cases += 1;
            for name in FILES {
                fs::write(folder.path().join(name), if name == LOG { &log } else { &self.whole[name] })?;
            }
            let shm = folder.path().join("vault.db-shm");
            if shm.exists() {
                fs::remove_file(shm)?;
            }
            match catch_unwind(AssertUnwindSafe(|| self.open(folder.path(), anchor))) {
                Err(_) => tally.panicked += 1,
                Ok(None) => tally.refused += 1,
                Ok(Some((Mode::ReadOnly(Reason::RolledBack), _))) => tally.rolled_back += 1,
                Ok(Some((Mode::ReadOnly(_), _))) => tally.other_read_only += 1,
                Ok(Some((Mode::ReadWrite, true))) => {
                    tally.whole += 1;
                    continue;
                }
                Ok(Some((Mode::ReadWrite, false))) => {
                    tally.silent += 1;
                    continue;
                }
            }
            for name in FILES {
                let laid = if name == LOG { &log } else { &self.whole[name] };
                tally.touched += u64::from(&fs::read(folder.path().join(name))? != laid);
            }
        }
        Ok(tally)
    }

    /// Returns the mode, and whether every account is there as it was; none when the vault does not open.
    fn open(&self, folder: &Path, anchor: &AnchorRecord) -> Option<(Mode, bool)> {
        let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::of(anchor.clone()));
        let opened =
            LockedVault::open(folder).ok()?.unlock(Key::RecoveryCode(&self.code), &anchor, NOW).ok()?;
        let mut vault = opened.vault;
        let mode = vault.mode();
        let all = hold(&mut vault).is_ok_and(|held| held == self.held);
        // Dropped, not locked: a lock has nothing to write here.
        Some((mode, all))
    }
}

impl Tally {
    fn line(&self, id: &'static str, about: &'static str, control: Control) -> anyhow::Result<Line> {
        let Self { cases, refused, rolled_back, other_read_only, whole, silent, touched, panicked } = self;
        ensure!(rolled_back * 10 > cases * 9, "{about}: hardly any loss was seen");
        let detail = format!(
            "{rolled_back} rolled back, {other_read_only} otherwise read-only, {refused} refused, {whole} whole; {silent} lost \
             without a word, {touched} originals touched, {panicked} panics"
        );
        let failures = silent + touched + panicked;
        Ok(Line::Proof(Proof { id, about, cases: *cases, failures, detail, control }))
    }
}
