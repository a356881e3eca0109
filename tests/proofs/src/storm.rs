//! R13: readers, a writer, and a thread that locks and unlocks without end. Nobody waits for ever, and whoever asks while it
//! is locked is told so and shown nothing.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::{Context, ensure};
use authenticator_core::authenticator::{Authenticator, Error};
use authenticator_core::device::{Anchor, AnchorRecord, KeyStoreError, StoredAnchor, VaultId};
use authenticator_core::uri;
use authenticator_core::vault::{ItemId, Key, NewItem, RecoveryCode, TRASH_MS};
use klink::anchor_file::FileAnchor;

use crate::child::{NOW, Place, account};
use crate::damage::scratch;
use crate::kill::is_whole;
use crate::sheet::{Control, Line, Proof, Size};

/// What is built in for a control.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Fault {
    /// Nothing.
    None,
    /// The thread that locks says so, and does not lock.
    Open,
    /// The key store never comes back from storing an anchor.
    Stuck,
}

const READERS: usize = 4;
/// A child that says nothing for so long hangs.
const WATCHDOG: Duration = Duration::from_secs(30);
/// The child that hangs on purpose is given less.
const WATCHDOG_OF_THE_CONTROL: Duration = Duration::from_secs(3);
/// A line comes after so many locks.
const BEAT: u32 = 20;

/// What a child saw; none when it hung.
#[derive(Debug, Default)]
struct Seen {
    locks: u64,
    /// Calls that began and ended while it was locked.
    while_locked: u64,
    /// Of these, those that were answered with something else than that it is locked.
    shown: u64,
    /// Calls that were answered with anything but a result or that it is locked.
    other: u64,
    calls: u64,
}

/// Rages in a child, and sees a lock that does not lock and a call that hangs.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let seen = play(size.of(300, 10_000), Fault::None, WATCHDOG)?.context("it hung for 30 s")?;
    let open = play(200, Fault::Open, WATCHDOG)?.context("the control hung")?;
    let stuck = play(200, Fault::Stuck, WATCHDOG_OF_THE_CONTROL)?;
    let Seen { locks, while_locked, shown, other, calls } = seen;
    ensure!(while_locked > locks, "hardly anybody asked while it was locked: {while_locked}");
    ensure!(stuck.is_none(), "CONTROL NOT SEEN FAILING: a call that hangs was not noticed");
    Ok(vec![Line::Proof(Proof {
        id: "R13",
        about: "readers, a writer and locks at once",
        cases: locks,
        failures: shown + other,
        detail: format!(
            "{calls} calls, {while_locked} while locked: {shown} shown something, {other} other answers; nobody hung"
        ),
        control: Control {
            about: "a call that hangs is noticed; a lock that does not lock",
            failures: open.shown,
        },
    })])
}

fn play(locks: u32, fault: Fault, watchdog: Duration) -> anyhow::Result<Option<Seen>> {
    let folder = scratch()?;
    let place = Place::make(folder.path())?;
    let name = format!("{fault:?}").to_lowercase();
    let mut child = Command::new(std::env::current_exe()?)
        .arg("lock-and-read")
        .arg(place.path())
        .args(["--locks", &locks.to_string(), "--fault", &name])
        .stdout(Stdio::piped())
        .spawn()?;
    let output = BufReader::new(child.stdout.take().context("the child has an output")?);
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let mut last = String::new();
    loop {
        match lines.recv_timeout(watchdog) {
            Ok(line) => last = line,
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
        }
    }
    ensure!(child.wait()?.success(), "the child failed");
    let numbers: Vec<u64> = last.split(' ').map_while(|word| word.parse().ok()).collect();
    let [locks, while_locked, shown, other, calls] = numbers[..] else {
        anyhow::bail!("the child's last line is {last}")
    };
    let mut vault = place.open()?.vault;
    ensure!(is_whole(&mut vault)?, "the vault is not whole afterwards");
    Ok(Some(Seen { locks, while_locked, shown, other, calls }))
}

/// What the threads share.
#[derive(Default)]
struct Board {
    /// The number of the lock that holds now; 0 while it may be open.
    closed: AtomicU64,
    over: AtomicBool,
    while_locked: AtomicU64,
    shown: AtomicU64,
    other: AtomicU64,
    calls: AtomicU64,
}

impl Board {
    /// Makes a call and judges its answer by what was true before and after.
    fn ask<T>(&self, call: impl FnOnce() -> Result<T, Error>) -> Option<T> {
        let before = self.closed.load(SeqCst);
        let answer = call();
        let closed = before != 0 && before == self.closed.load(SeqCst);
        self.calls.fetch_add(1, SeqCst);
        if closed {
            self.while_locked.fetch_add(1, SeqCst);
        }
        match answer {
            Ok(result) => {
                self.shown.fetch_add(u64::from(closed), SeqCst);
                Some(result)
            }
            Err(Error::Locked) => None,
            Err(error) => {
                eprintln!("a call was answered with {error:?}");
                self.other.fetch_add(1, SeqCst);
                None
            }
        }
    }
}

/// Runs in the child.
pub fn rage(place: &Path, locks: u32, fault: Fault) -> anyhow::Result<()> {
    let vault = place.join("vault");
    let anchor = FileAnchor::new(place.join("anchors"), &vault);
    let anchor: Arc<dyn Anchor> =
        if fault == Fault::Stuck { Arc::new(StuckAnchor(anchor)) } else { Arc::new(anchor) };
    let core = Authenticator::new(vault, anchor);
    let code = RecoveryCode::parse(&std::fs::read_to_string(place.join("code"))?)?;
    core.unlock(Key::RecoveryCode(&code), NOW)?;
    let follows = uri::parse("otpauth://totp/proof:follows?secret=GEZDGNBVGY3TQOJQ&issuer=proof")?;
    let id = core.add(NewItem::from(follows), NOW)?.id();
    let counts = core.add(account("counts"), NOW)?.id();
    let board = Board::default();
    std::thread::scope(|scope| -> anyhow::Result<()> {
        for reader in 0..READERS {
            let (core, board) = (&core, &board);
            scope.spawn(move || read(core, board, id, reader));
        }
        scope.spawn(|| write(&core, &board, counts));
        let toggled = toggle(&core, &board, &code, locks, fault);
        board.over.store(true, SeqCst);
        toggled
    })?;
    let [while_locked, shown, other, calls] =
        [&board.while_locked, &board.shown, &board.other, &board.calls].map(|count| count.load(SeqCst));
    println!("{locks} {while_locked} {shown} {other} {calls}");
    Ok(())
}

fn toggle(
    core: &Authenticator,
    board: &Board,
    code: &RecoveryCode,
    locks: u32,
    fault: Fault,
) -> anyhow::Result<()> {
    let mut random = fastrand::Rng::with_seed(1);
    for n in 1..=locks {
        std::thread::sleep(Duration::from_micros(random.u64(..2_000)));
        if fault != Fault::Open {
            core.lock();
        }
        board.closed.store(u64::from(n), SeqCst);
        std::thread::sleep(Duration::from_micros(random.u64(..500)));
        board.closed.store(0, SeqCst);
        if fault != Fault::Open {
            core.unlock(Key::RecoveryCode(code), NOW)?;
        }
        if n % BEAT == 0 {
            println!("locked {n} times");
        }
    }
    Ok(())
}

fn read(core: &Authenticator, board: &Board, id: ItemId, reader: usize) {
    let mut turn = reader;
    while !board.over.load(SeqCst) {
        turn += 1;
        match turn % 8 {
            0 => drop(board.ask(|| core.list())),
            1 => drop(board.ask(|| core.search("proof"))),
            2 => drop(board.ask(|| core.codes(NOW, 0, &[id]))),
            3 => drop(board.ask(|| core.item(id))),
            4 => drop(board.ask(|| core.groups())),
            5 => drop(board.ask(|| core.counter(id))),
            6 => drop(board.ask(|| core.trash())),
            _ => drop(board.ask(|| core.mode())),
        }
    }
}

/// Adds, counts and erases for good: the vault stays small, so that the last locks are as quick as the first ones.
fn write(core: &Authenticator, board: &Board, counts: ItemId) {
    let mut n = 0_u64;
    while !board.over.load(SeqCst) {
        n += 1;
        board.ask(|| core.add(account(&format!("written {}", n % 20)), NOW));
        board.ask(|| core.next_code(counts, NOW));
        // A lock may have come between adding and deleting: what it left goes too.
        for item in board.ask(|| core.list()).unwrap_or_default() {
            if item.account_name.starts_with("written") {
                board.ask(|| core.delete(item.id, NOW));
            }
        }
        board.ask(|| core.purge_expired(NOW.plus_ms(TRASH_MS)));
    }
}

/// Never comes back from storing; the control of the watchdog.
struct StuckAnchor(FileAnchor);

impl Anchor for StuckAnchor {
    fn load(&self, vault: VaultId) -> Result<StoredAnchor, KeyStoreError> {
        self.0.load(vault)
    }

    fn store(&self, _: VaultId, _: &AnchorRecord) -> Result<(), KeyStoreError> {
        loop {
            std::thread::park();
        }
    }

    fn list(&self) -> Result<Vec<VaultId>, KeyStoreError> {
        self.0.list()
    }

    fn archive(&self, vault: VaultId) -> Result<(), KeyStoreError> {
        self.0.archive(vault)
    }
}
