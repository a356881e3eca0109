//! S10, S11, S12: what stands in the memory of a process while the vault is unlocked, after a lock, and after what failed:
//! wrong tries, an import that was cancelled, a panic. The keys to look for are derived here from the file, by the format's own document.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use anyhow::{Context, bail, ensure};
use authenticator_core::authenticator::{Authenticator, open_import};
use authenticator_core::base32;
use authenticator_core::crypto::{kdf, seal};
use authenticator_core::device::{Anchor, AnchorRecord, KeyStoreError, StoredAnchor, VaultId};
use authenticator_core::import::{ImportError, KdfBudget, Secrets, Source};
use authenticator_core::secret::SecretBytes;
use authenticator_core::vault::{KdfParams, Key, NewItem, NewSlot, RecoveryCode};
use klink::anchor_file::FileAnchor;

use crate::child::{NOW, Place, account};
use crate::sheet::{Control, Line, Proof, Size};

const PASSPHRASE: &str = "a passphrase to look for";
/// Memory in KiB, passes, lanes: the least that a slot may ask for.
const KDF: (u32, u32, u32) = (32 * 1024, 3, 1);
/// Accounts of the file whose import is cancelled.
const IMPORTED: usize = 100;

/// Something to look for, and what it is.
struct Needle {
    what: &'static str,
    bytes: Vec<u8>,
}

/// Looks through a process with many accounts in its vault; its control keeps a key and a seed on purpose.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let accounts = size.of(300, 10_000);
    let folder = tempfile::tempdir()?;
    let place = Place::make(folder.path())?;
    let mut vault = place.open()?.vault;
    vault.add_many((0..accounts).map(canary).collect(), NOW)?;
    let code = RecoveryCode::parse(&fs::read_to_string(folder.path().join("code"))?)?;
    let slot =
        NewSlot::Passphrase { passphrase: PASSPHRASE.as_bytes(), kdf: KdfParams::new(KDF.0, KDF.1, KDF.2)? };
    let change = vault.ways_in()?.add(&Key::RecoveryCode(&code), &slot, NOW)?;
    vault.put_ways_in(change, NOW)?;
    vault.lock();
    fs::write(folder.path().join("passphrase"), PASSPHRASE)?;
    let mut needles = keys(folder.path())?;
    // The last two are added where a panic follows, by the child that keeps nothing and by the one that does.
    fs::write(folder.path().join("next"), (accounts + IMPORTED).to_string())?;
    let mut links = String::new();
    for n in 0..accounts + IMPORTED + 2 {
        let base32 = base32::encode(seed(n).as_bytes());
        if (accounts..accounts + IMPORTED).contains(&n) {
            links += &format!("otpauth://totp/{}?secret={}\n", name(n), base32.expose());
        }
        needles.push(Needle { what: "seed", bytes: seed(n).into_bytes() });
        needles.push(Needle { what: "seed in base32", bytes: base32.expose().as_bytes().to_vec() });
        needles.push(Needle { what: "name", bytes: name(n).into_bytes() });
    }
    fs::write(folder.path().join("links"), links)?;
    let search = Search::new(needles)?;
    let (Some(seen), Some(leaky)) =
        (look(folder.path(), &search, false)?, look(folder.path(), &search, true)?)
    else {
        let why = "needs to read the memory of a child";
        return Ok(["S10", "S11", "S12"].map(|id| Line::NotRun { id, why: why.into() }).into());
    };
    let open =
        ["seed", "seed in base32", "recovery code", "passphrase", "key of a slot", "vault key", "data key"];
    let all = search.kinds();
    let line = |id, about, kinds: &[&str], stage: fn(&Seen) -> &Found| {
        let found = stage(&seen);
        let counted: Vec<String> = all.iter().map(|what| format!("{what} {}", found.sum(&[what]))).collect();
        let control = Control {
            about: "a recovery code and a seed kept on purpose are found",
            failures: stage(&leaky).sum(kinds).saturating_sub(found.sum(kinds)),
        };
        let (cases, failures) = (search.count(kinds), found.sum(kinds));
        Line::Proof(Proof { id, about, cases, failures, detail: counted.join(", "), control })
    };
    // Whoever is unlocked has subkeys and shows names; nothing else may be found.
    Ok(vec![
        line("S10", "seeds and upper keys while unlocked", &open, |seen| &seen.unlocked),
        line("S11", "keys, seeds and names after the lock", &all, |seen| &seen.locked),
        line(
            "S12",
            "keys, seeds and names after wrong tries, Argon2id, a cancelled import, a panic",
            &all,
            |seen| &seen.failed,
        ),
    ])
}

/// How often each kind of needle was found.
type Counts = BTreeMap<&'static str, u64>;

/// Looks for all needles in one pass.
struct Search {
    automaton: AhoCorasick,
    kinds: Vec<&'static str>,
}

/// What one look found.
struct Found(Counts);

/// What was found at the three stages of a process.
struct Seen {
    failed: Found,
    unlocked: Found,
    locked: Found,
}

impl Search {
    fn new(needles: Vec<Needle>) -> anyhow::Result<Self> {
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(needles.iter().map(|needle| &needle.bytes))?;
        Ok(Self { automaton, kinds: needles.iter().map(|needle| needle.what).collect() })
    }

    /// Returns every kind of needle once.
    fn kinds(&self) -> Vec<&'static str> {
        self.kinds.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Returns how many needles are of these kinds.
    fn count(&self, kinds: &[&str]) -> u64 {
        self.kinds.iter().filter(|kind| kinds.contains(kind)).count() as u64
    }

    fn look(&self, memory: &[Vec<u8>]) -> Found {
        let mut counts = Counts::new();
        for part in memory {
            for hit in self.automaton.find_overlapping_iter(part) {
                *counts.entry(self.kinds[hit.pattern().as_usize()]).or_default() += 1;
            }
        }
        Found(counts)
    }
}

impl Found {
    fn sum(&self, kinds: &[&str]) -> u64 {
        self.0.iter().filter(|(kind, _)| kinds.contains(kind)).map(|(_, n)| n).sum()
    }
}

fn seed(n: usize) -> String {
    format!("seed{n:05}-{:08x}", (n as u32).wrapping_mul(2_654_435_761))
}

fn name(n: usize) -> String {
    format!("name{n:05}-{:08x}", (n as u32).wrapping_mul(2_246_822_519))
}

/// An account that counts, whose name says nothing of its seed.
fn canary(n: usize) -> NewItem {
    let mut item = account(&seed(n));
    item.account.account_name = name(n);
    item
}

/// Derives every key of the vault, as docs/vault-format.md says.
fn keys(place: &Path) -> anyhow::Result<Vec<Needle>> {
    let text = fs::read_to_string(place.join("code"))?;
    let letters: String = text.chars().filter(|c| *c != '-').take(26).collect();
    let db = rusqlite::Connection::open(place.join("vault/vault.db"))?;
    let vault: Vec<u8> = db.query_row("SELECT v FROM meta WHERE k = 'vault_id'", [], |row| row.get(0))?;
    let slot = |kind: i64| -> rusqlite::Result<Vec<u8>> {
        let sql = "SELECT body FROM slot WHERE hex(substr(body, 2, 1)) = printf('%02X', ?)";
        db.query_row(sql, [kind], |row| row.get(0))
    };
    let (by_passphrase, body) = (slot(1)?, slot(2)?);
    let salt: [u8; 16] = by_passphrase[39..55].try_into()?;
    let params = KdfParams::new(KDF.0, KDF.1, KDF.2)?;
    let of_passphrase = kdf::derive_from_passphrase(PASSPHRASE.as_bytes(), &salt, params, 64)?;
    let (epoch, wrapped): (u32, Vec<u8>) =
        db.query_row("SELECT epoch, body FROM dek", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let both = kdf::derive(letters.as_bytes(), &body[39..55], "klink/1/slot/recovery", 64);
    let kek = SecretBytes::from(&both.expose()[..32]);
    let vk = seal::open(&kek, &[b"klink/1/slot".as_slice(), &vault, &body[..87]].concat(), &body[87..160])?;
    let dek = seal::open(&vk, &[b"klink/1/dek".as_slice(), &vault, &epoch.to_be_bytes()].concat(), &wrapped)?;
    let mut needles = vec![
        Needle { what: "recovery code", bytes: letters.into_bytes() },
        Needle { what: "passphrase", bytes: PASSPHRASE.as_bytes().to_vec() },
        Needle { what: "key of a slot", bytes: kek.expose().to_vec() },
        Needle { what: "key of a slot", bytes: of_passphrase.expose()[..32].to_vec() },
        Needle { what: "vault key", bytes: vk.expose().to_vec() },
        Needle { what: "data key", bytes: dek.expose().to_vec() },
    ];
    for name in ["meta", "secret", "manifest", "index", "snapshot", "widget", "push"] {
        let key = kdf::derive(dek.expose(), &vault, &format!("klink/1/{name}"), 32);
        needles.push(Needle { what: "subkey", bytes: key.expose().to_vec() });
    }
    Ok(needles)
}

/// Starts a process, and counts every needle after a failed try, while unlocked, and after the lock.
fn look(place: &Path, search: &Search, leak: bool) -> anyhow::Result<Option<Seen>> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("hold")
        .arg(place)
        .args(if leak { &["--leak"][..] } else { &[] })
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("the child has an output")?);
    let mut seen = Vec::new();
    for stage in ["failed", "unlocked", "locked"] {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        if line.trim() != stage {
            bail!("the child said {line:?} instead of {stage}");
        }
        match memory(&child) {
            Ok(memory) => seen.push(search.look(&memory)),
            Err(_) => {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
        }
        child.stdin.as_mut().context("the child has an input")?.write_all(b"\n")?;
    }
    ensure!(child.wait()?.success(), "the child failed");
    let [failed, unlocked, locked]: [Found; 3] =
        seen.try_into().map_err(|_| anyhow::anyhow!("three stages"))?;
    Ok(Some(Seen { failed, unlocked, locked }))
}

/// Returns every byte that the process can write.
fn memory(child: &Child) -> anyhow::Result<Vec<Vec<u8>>> {
    let process = Path::new("/proc").join(child.id().to_string());
    let mut file = File::open(process.join("mem"))?;
    let mut parts = Vec::new();
    for line in fs::read_to_string(process.join("maps"))?.lines() {
        let mut fields = line.split_whitespace();
        let (range, rights) = (fields.next().context("a range")?, fields.next().context("rights")?);
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').context("a range")?;
        let (from, to) = (u64::from_str_radix(from, 16)?, u64::from_str_radix(to, 16)?);
        let mut part = vec![0; usize::try_from(to - from)?];
        file.seek(SeekFrom::Start(from))?;
        // Some ranges of the system's own cannot be read.
        if file.read_exact(&mut part).is_ok() {
            parts.push(part);
        }
    }
    ensure!(!parts.is_empty(), "nothing could be read");
    Ok(parts)
}

/// Runs in the child: fails, unlocks, uses the vault, locks, and waits after each.
pub fn hold(place: &Path, leak: bool) -> anyhow::Result<()> {
    let vault = place.join("vault");
    let kept_anchor = FileAnchor::new(place.join("anchors"), &vault);
    let anchor = Arc::new(Fainting { kept: kept_anchor, faints: AtomicBool::new(false) });
    let core = Authenticator::new(vault.clone(), anchor.clone());
    let wait = |stage: &str| -> anyhow::Result<()> {
        println!("{stage}");
        std::io::stdin().read_exact(&mut [0])?;
        Ok(())
    };
    let mut kept = Vec::new();
    if leak {
        kept.extend_from_slice(seed(1).as_bytes());
    }
    {
        let wrong = RecoveryCode::make()?;
        ensure!(core.unlock(Key::RecoveryCode(&wrong), NOW).is_err(), "a wrong code opened the vault");
        // All of the right passphrase but its last letter; then the right one.
        let mut text = SecretBytes::new(vec![0; PASSPHRASE.len()]);
        File::open(place.join("passphrase"))?.read_exact(text.expose_mut())?;
        let wrong = &text.expose()[..PASSPHRASE.len() - 1];
        ensure!(core.unlock(Key::Passphrase(wrong), NOW).is_err(), "a wrong passphrase opened the vault");
        core.unlock(Key::Passphrase(text.expose()), NOW)?;
        cancel_imports(&core, place)?;
        faint(&core, &anchor, place, leak)?;
        core.lock();
    }
    wait("failed")?;
    {
        // Read into memory that is wiped: a plain buffer would be the leak that is looked for.
        let mut text = SecretBytes::new(vec![0; 34]);
        File::open(place.join("code"))?.read_exact(text.expose_mut())?;
        let code = RecoveryCode::parse(std::str::from_utf8(text.expose())?)?;
        core.unlock(Key::RecoveryCode(&code), NOW)?;
        if leak {
            kept.extend_from_slice(
                &text.expose().iter().filter(|b| **b != b'-').take(26).copied().collect::<Vec<_>>(),
            );
        }
    }
    let ids: Vec<_> = core.list()?.iter().take(20).map(|item| item.id).collect();
    core.codes(NOW, 0, &ids)?;
    for id in ids.iter().take(3) {
        core.next_code(*id, NOW)?;
    }
    core.search("proof")?;
    authenticator_core::crypto::scrub_stack();
    wait("unlocked")?;
    core.lock();
    wait("locked")?;
    std::hint::black_box(&kept);
    Ok(())
}

/// Begins to read and to import a file, and changes its mind each time.
fn cancel_imports(core: &Authenticator, place: &Path) -> anyhow::Result<()> {
    let mut file = File::open(place.join("links"))?;
    let mut links = SecretBytes::new(vec![0; usize::try_from(file.metadata()?.len())?]);
    file.read_exact(links.expose_mut())?;
    let sources = [Source { name: "links.txt", bytes: links.expose() }];
    let read = |stop: &dyn Fn() -> bool| open_import(&sources, &Secrets::default(), KdfBudget::PHONE, stop);
    ensure!(matches!(read(&|| true), Err(ImportError::Stopped)), "reading was not stopped");
    let preview = core.preview_import(read(&|| false)?)?;
    ensure!(preview.counts().imported == IMPORTED, "another number of accounts was read");
    let asked = AtomicUsize::new(0);
    let some_are_in = || asked.fetch_add(1, Ordering::Relaxed) >= IMPORTED / 2;
    ensure!(core.commit_import_until(&preview, NOW, &some_are_in)?.is_none(), "the import was not stopped");
    ensure!(asked.into_inner() > IMPORTED / 2, "it was stopped before it began");
    Ok(())
}

/// Has a panic come out of the middle of a change, as a shell's fault would.
fn faint(core: &Authenticator, anchor: &Fainting, place: &Path, second: bool) -> anyhow::Result<()> {
    let next = fs::read_to_string(place.join("next"))?.parse::<usize>()? + usize::from(second);
    let before = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    anchor.faints.store(true, Ordering::Relaxed);
    let added = catch_unwind(AssertUnwindSafe(|| core.add(canary(next), NOW)));
    anchor.faints.store(false, Ordering::Relaxed);
    panic::set_hook(before);
    ensure!(added.is_err(), "nothing panicked");
    Ok(())
}

/// An anchor that panics where it should store.
struct Fainting {
    kept: FileAnchor,
    faints: AtomicBool,
}

impl Anchor for Fainting {
    fn load(&self, vault: VaultId) -> Result<StoredAnchor, KeyStoreError> {
        self.kept.load(vault)
    }

    fn store(&self, vault: VaultId, record: &AnchorRecord) -> Result<(), KeyStoreError> {
        assert!(!self.faints.load(Ordering::Relaxed), "on purpose");
        self.kept.store(vault, record)
    }

    fn list(&self) -> Result<Vec<VaultId>, KeyStoreError> {
        self.kept.list()
    }

    fn archive(&self, vault: VaultId) -> Result<(), KeyStoreError> {
        self.kept.archive(vault)
    }
}
