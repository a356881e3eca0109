//! R05 and R07: every byte of a small vault flipped, and every file cut short. Nothing wrong is ever shown, nothing
//! panics, and a file that does not open as it should stays as it is.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use authenticator_core::device::{Anchor, AnchorRecord};
use authenticator_core::otp::Otp;
use authenticator_core::vault::{
    self, ItemId, ItemState, Key, LockedVault, Mode, NewSlot, RecoveryCode, Vault,
};

use crate::child::{NOW, account};
use crate::one_anchor::OneAnchor;
use crate::sheet::{Control, Line, Proof, Size};

const FILES: [&str; 2] = ["vault.db", "vault.keys"];
/// A whole vault is cut at every multiple of this.
const CUT: usize = 64;
/// Bytes of a slot, docs/vault-format.md.
const SLOT: usize = 192;

/// What the cases came to.
#[derive(Debug, Default)]
struct Tally {
    cases: u64,
    refused: u64,
    read_only: u64,
    /// Opened, and the full check names the one account whose secret does not open; all others are right.
    named: u64,
    without_effect: u64,
    /// Of these, how often the copy of the slots was damaged and is whole again.
    mended: u64,
    /// Opened with everything right, and the next write was refused by name with everything right still.
    write_refused: u64,
    wrong: u64,
    touched: u64,
    panicked: u64,
}

/// Flips and cuts, and shows with readers that check nothing what the same damage does to them.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    // At the size of a commit one bit of each byte, another from byte to byte; at full size four, each on a vault of its own,
    // because no two vaults have the same bytes. All eight alone took an hour on a busy machine.
    let (mut flips, mut of_keys) = (Tally::default(), Tally::default());
    for bit in (0..size.of(1, 8)).step_by(2) {
        let bed = Bed::make()?;
        let half = bed.whole["vault.db"].len() / 2;
        let own = std::thread::scope(|scope| {
            let first = scope.spawn(|| bed.flips("vault.db", 0..half, bit));
            let second = bed.flips("vault.db", half..bed.whole["vault.db"].len(), bit);
            first
                .join()
                .map_err(|_| anyhow::anyhow!("a thread panicked"))?
                .and_then(|first| Ok(first.and(second?)))
        })?;
        flips = flips.and(own);
        of_keys = of_keys.and(bed.flips("vault.keys", 0..bed.whole["vault.keys"].len(), bit)?);
    }
    let bed = Bed::make()?;
    let fooled = bed.flips_seen_by_a_reader_that_checks_nothing()?;
    let shut_out = bed.flips_taken_by_a_mender_that_checks_nothing()?;
    let cuts = bed.cuts()?;
    let emptied = bed.cuts_taken_by_a_reader_that_makes_what_is_missing()?;
    Ok(vec![
        flips.line(
            "R05",
            "every byte of vault.db flipped",
            Control { about: "a reader that checks nothing reads something else", failures: fooled },
        )?,
        of_keys.line(
            "R05-keys",
            "every byte of vault.keys flipped",
            Control {
                about: "a slot mended from the copy unchecked shuts its owner out",
                failures: shut_out,
            },
        )?,
        cuts.line(
            "R07",
            "every file cut, at every 64th byte",
            Control { about: "a reader that makes missing tables shows an empty vault", failures: emptied },
        )?,
    ])
}

/// A whole vault as bytes, its log empty, and what it holds.
struct Bed {
    whole: BTreeMap<&'static str, Vec<u8>>,
    anchor: AnchorRecord,
    code: RecoveryCode,
    held: BTreeMap<ItemId, (String, Otp)>,
}

impl Bed {
    fn make() -> anyhow::Result<Self> {
        let folder = scratch()?;
        let code = RecoveryCode::make()?;
        let kept = Arc::new(OneAnchor::default());
        let anchor: Arc<dyn Anchor> = kept.clone();
        let mut vault = vault::create(folder.path(), &anchor, &[NewSlot::RecoveryCode(&code)], NOW)?;
        vault.add_group("a group")?;
        for n in 0..4 {
            vault.add(account(&format!("{n:016}")), NOW)?;
        }
        let held = hold(&mut vault)?;
        vault.lock();
        let record = kept.record().context("a commit was anchored")?;
        let read = |name: &'static str| Ok((name, fs::read(folder.path().join(name))?));
        let whole = FILES.into_iter().map(read).collect::<anyhow::Result<_>>()?;
        Ok(Self { whole, anchor: record, code, held })
    }

    /// Flips one bit of each byte in `places`, one at a time, in a copy of its own: the `first` of the first byte, the next one
    /// of the next.
    fn flips(&self, name: &str, places: std::ops::Range<usize>, first: usize) -> anyhow::Result<Tally> {
        let folder = scratch()?;
        let mut tally = Tally::default();
        self.lay(folder.path())?;
        for place in places {
            let bit = (place + first) % 8;
            let flipped = self.whole[name][place] ^ 1 << bit;
            File::options()
                .write(true)
                .open(folder.path().join(name))?
                .write_all_at(&[flipped], place as u64)?;
            let mut damaged = self.whole.clone();
            if let Some(bytes) = damaged.get_mut(name) {
                bytes[place] = flipped;
            }
            let wrong = tally.wrong;
            self.judge(folder.path(), &damaged, &mut tally)?;
            if tally.wrong > wrong {
                println!("wrong: bit {bit} of byte {place} of {name}, {} before", self.whole[name][place]);
            }
            self.lay(folder.path())?;
        }
        Ok(tally)
    }

    fn cuts(&self) -> anyhow::Result<Tally> {
        let folder = scratch()?;
        let mut tally = Tally::default();
        for name in FILES {
            for length in (0..self.whole[name].len()).step_by(CUT) {
                let mut damaged = self.whole.clone();
                if let Some(bytes) = damaged.get_mut(name) {
                    bytes.truncate(length);
                }
                self.lay(folder.path())?;
                fs::write(folder.path().join(name), &damaged[name])?;
                self.judge(folder.path(), &damaged, &mut tally)?;
            }
        }
        Ok(tally)
    }

    /// Opens a damaged copy and looks at everything that it shows.
    fn judge(
        &self,
        folder: &Path,
        damaged: &BTreeMap<&'static str, Vec<u8>>,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        tally.cases += 1;
        match catch_unwind(AssertUnwindSafe(|| self.open_and_look(folder))) {
            Err(_) => tally.panicked += 1,
            Ok(Seen::Refused) => tally.refused += 1,
            Ok(Seen::ReadOnly) => tally.read_only += 1,
            Ok(Seen::Named) => tally.named += 1,
            // Then it was written, and holds what it held.
            Ok(Seen::Whole) => {
                tally.without_effect += 1;
                let copy = FILES[1];
                let mended =
                    damaged[copy] != self.whole[copy] && fs::read(folder.join(copy))? == self.whole[copy];
                tally.mended += u64::from(mended);
                return Ok(());
            }
            Ok(Seen::WriteRefused) => {
                tally.write_refused += 1;
                return Ok(());
            }
            Ok(Seen::Wrong) => tally.wrong += 1,
        }
        for name in FILES {
            tally.touched += u64::from(fs::read(folder.join(name))? != damaged[name]);
        }
        Ok(())
    }

    fn open_and_look(&self, folder: &Path) -> Seen {
        let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::of(self.anchor.clone()));
        let open = || LockedVault::open(folder)?.unlock(Key::RecoveryCode(&self.code), &anchor, NOW);
        let Ok(opened) = open() else { return Seen::Refused };
        let mut vault = opened.vault;
        if self.shows_something_wrong(&mut vault) {
            return Seen::Wrong;
        }
        if vault.mode() != Mode::ReadWrite {
            return Seen::ReadOnly;
        }
        // A flip without effect must survive a write too.
        match vault.verify() {
            Ok(health) if health.damaged.is_empty() => {}
            Ok(health) => {
                return if self.all_right_but(&mut vault, &health.damaged) {
                    Seen::Named
                } else {
                    Seen::Wrong
                };
            }
            Err(_) => return Seen::Refused,
        }
        // A flip without effect must survive a write too, or be refused there by name.
        let writes = vault.add(account("one more"), NOW).is_ok();
        vault.lock();
        let Ok(opened) = open() else { return Seen::Wrong };
        let mut vault = opened.vault;
        let all =
            hold(&mut vault).is_ok_and(|held| self.held.iter().all(|(id, row)| held.get(id) == Some(row)));
        match (all, writes) {
            (false, _) => Seen::Wrong,
            (true, true) if vault.mode() == Mode::ReadWrite => Seen::Whole,
            (true, _) => Seen::WriteRefused,
        }
    }

    /// Tells whether every account is as it was, except that the secrets of `damaged` are refused.
    fn all_right_but(&self, vault: &mut Vault, damaged: &[ItemId]) -> bool {
        self.held.iter().all(|(id, (_, otp))| match vault.open_otp(*id) {
            Ok(shown) => shown == *otp && !damaged.contains(id),
            Err(_) => damaged.contains(id),
        })
    }

    /// Tells whether a name or a secret is shown that is not the account's own.
    fn shows_something_wrong(&self, vault: &mut Vault) -> bool {
        let items = vault.items().to_vec();
        items.iter().filter(|item| item.state == ItemState::Ok).any(|item| match self.held.get(&item.id) {
            None => true,
            Some((name, otp)) => {
                *name != item.account_name || vault.open_otp(item.id).is_ok_and(|shown| shown != *otp)
            }
        })
    }

    /// Counts flips after which plain SQL reads other rows than were written, without an error.
    fn flips_seen_by_a_reader_that_checks_nothing(&self) -> anyhow::Result<u64> {
        let folder = scratch()?;
        self.lay(folder.path())?;
        let path = folder.path().join("vault.db");
        let whole = plain_rows(&path).context("the whole file reads")?;
        let mut fooled = 0;
        for place in (0..self.whole["vault.db"].len()).step_by(97) {
            let byte = self.whole["vault.db"][place] ^ 1 << (place % 8);
            File::options().write(true).open(&path)?.write_all_at(&[byte], place as u64)?;
            fooled += u64::from(plain_rows(&path).is_some_and(|rows| rows != whole));
            self.lay(folder.path())?;
        }
        Ok(fooled)
    }

    /// Puts the slot of a flipped copy into the file, as whoever believes the copy would, and tries to get in.
    fn flips_taken_by_a_mender_that_checks_nothing(&self) -> anyhow::Result<u64> {
        let folder = scratch()?;
        let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::of(self.anchor.clone()));
        let slot = self.whole["vault.keys"].len() - 32 - 2 - 73 - 4 - SLOT..;
        let mut shut_out = 0;
        for place in (0..SLOT).step_by(7) {
            self.lay(folder.path())?;
            let mut body = self.whole["vault.keys"][slot.clone()][..SLOT].to_vec();
            body[place] ^= 1 << (place % 8);
            let db = rusqlite::Connection::open(folder.path().join("vault.db"))?;
            db.execute("UPDATE slot SET body = ?", [body])?;
            drop(db);
            fs::remove_file(folder.path().join("vault.keys"))?;
            let opened =
                LockedVault::open(folder.path())?.unlock(Key::RecoveryCode(&self.code), &anchor, NOW);
            shut_out += u64::from(opened.is_err());
        }
        Ok(shut_out)
    }

    /// Reads cut files as an app does that makes its tables when they are not there.
    fn cuts_taken_by_a_reader_that_makes_what_is_missing(&self) -> anyhow::Result<u64> {
        let folder = scratch()?;
        let path = folder.path().join("vault.db");
        let mut emptied = 0;
        for length in (0..self.whole["vault.db"].len()).step_by(CUT) {
            self.lay(folder.path())?;
            fs::write(&path, &self.whole["vault.db"][..length])?;
            let made = rusqlite::Connection::open(&path).and_then(|db| {
                db.execute_batch("CREATE TABLE IF NOT EXISTS item (id, rev, epoch, meta, secret)")?;
                db.query_row("SELECT count(*) FROM item", [], |row| row.get::<_, i64>(0))
            });
            emptied += u64::from(made.is_ok_and(|rows| rows == 0));
        }
        Ok(emptied)
    }

    fn lay(&self, folder: &Path) -> anyhow::Result<()> {
        for name in FILES {
            fs::write(folder.join(name), &self.whole[name])?;
        }
        for log in ["vault.db-wal", "vault.db-shm"] {
            let path: PathBuf = folder.join(log);
            if path.exists() {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// A folder in memory where there is one: nothing here is about surviving a power cut.
pub fn scratch() -> std::io::Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
}

enum Seen {
    Refused,
    ReadOnly,
    Named,
    Whole,
    WriteRefused,
    Wrong,
}

impl Tally {
    fn and(self, other: Self) -> Self {
        Self {
            cases: self.cases + other.cases,
            refused: self.refused + other.refused,
            read_only: self.read_only + other.read_only,
            named: self.named + other.named,
            without_effect: self.without_effect + other.without_effect,
            mended: self.mended + other.mended,
            write_refused: self.write_refused + other.write_refused,
            wrong: self.wrong + other.wrong,
            touched: self.touched + other.touched,
            panicked: self.panicked + other.panicked,
        }
    }

    fn line(&self, id: &'static str, about: &'static str, control: Control) -> anyhow::Result<Line> {
        let Self {
            cases,
            refused,
            read_only,
            named,
            mended,
            without_effect,
            write_refused,
            wrong,
            touched,
            panicked,
        } = self;
        ensure!(refused + read_only + named + mended > 0, "{about}: never noticed");
        let detail = format!(
            "{refused} refused, {read_only} read-only, {named} named by the full check, {without_effect} without effect, \
             {mended} of them mended, {write_refused} refused at the next write; {wrong} wrong, {touched} originals touched, \
             {panicked} panics"
        );
        let failures = wrong + touched + panicked;
        Ok(Line::Proof(Proof { id, about, cases: *cases, failures, detail, control }))
    }
}

/// Returns the names and secrets of every account.
pub fn hold(vault: &mut Vault) -> anyhow::Result<BTreeMap<ItemId, (String, Otp)>> {
    let items = vault.items().to_vec();
    items.into_iter().map(|item| Ok((item.id, (item.account_name, vault.open_otp(item.id)?)))).collect()
}

type PlainRow = (Vec<u8>, i64, Vec<u8>, Vec<u8>);

fn plain_rows(path: &Path) -> Option<Vec<PlainRow>> {
    let db = rusqlite::Connection::open(path).ok()?;
    let mut query = db.prepare("SELECT id, rev, meta, secret FROM item ORDER BY id").ok()?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).ok()?;
    rows.collect::<Result<_, _>>().ok()
}
