//! S10, S11, S12: what stands in the memory of a process while the vault is unlocked, after a lock, and after a try that
//! failed. The keys to look for are derived here from the file, by the format's own document.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use authenticator_core::authenticator::Authenticator;
use authenticator_core::base32;
use authenticator_core::crypto::{kdf, seal};
use authenticator_core::secret::SecretBytes;
use authenticator_core::vault::{Key, NewItem, RecoveryCode};
use klink::anchor_file::FileAnchor;

use crate::child::{NOW, Place, account};

/// Something to look for, and what it is.
struct Needle {
    what: &'static str,
    bytes: Vec<u8>,
}

/// Looks through a process with `accounts` accounts in its vault; its control keeps a key and a seed on purpose.
pub fn prove(accounts: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let place = Place::make(folder.path())?;
    let mut vault = place.open()?.vault;
    vault.add_many((0..accounts).map(canary).collect(), NOW)?;
    vault.lock();
    let mut needles = keys(folder.path())?;
    for n in 0..accounts {
        let base32 = base32::encode(seed(n).as_bytes());
        needles.push(Needle { what: "seed", bytes: seed(n).into_bytes() });
        needles.push(Needle { what: "seed in base32", bytes: base32.expose().as_bytes().to_vec() });
        needles.push(Needle { what: "name", bytes: name(n).into_bytes() });
    }
    for leak in [false, true] {
        let Some(found) = look(folder.path(), &needles, leak)? else {
            println!("not run: S10 S11 S12 need /proc/PID/mem of a child");
            return Ok(());
        };
        let [unlocked, failed, locked] = found;
        let count = |found: &[usize], what: &str| -> usize {
            needles.iter().zip(found).filter(|(needle, _)| needle.what == what).map(|(_, n)| n).sum()
        };
        let sum = |found: &[usize]| found.iter().sum::<usize>();
        if leak {
            println!(
                "proof S11 control, a key and a seed kept on purpose: {} found after the lock",
                sum(&locked)
            );
            ensure!(sum(&locked) >= 2, "the control was not found: the search sees nothing");
            continue;
        }
        println!(
            "proof S10 unlocked, {accounts} accounts: {} seeds, {} in base32, vault key {}, data key {}, subkeys {}",
            count(&unlocked, "seed"),
            count(&unlocked, "seed in base32"),
            count(&unlocked, "vault key"),
            count(&unlocked, "data key"),
            count(&unlocked, "subkey"),
        );
        ensure!(count(&unlocked, "seed") + count(&unlocked, "seed in base32") == 0, "a seed is in memory");
        ensure!(count(&unlocked, "vault key") + count(&unlocked, "data key") == 0, "VK or DEK is in memory");
        println!("proof S12 after a wrong code: {} keys or seeds", sum(&failed));
        ensure!(sum(&failed) == 0, "a failed try leaves something");
        println!("proof S11 after the lock: {} of {} keys, seeds and names", sum(&locked), needles.len());
        ensure!(sum(&locked) == 0, "something is left after the lock");
    }
    Ok(())
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
    let body: Vec<u8> = db.query_row("SELECT body FROM slot", [], |row| row.get(0))?;
    let (epoch, wrapped): (u32, Vec<u8>) =
        db.query_row("SELECT epoch, body FROM dek", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let both = kdf::derive(letters.as_bytes(), &body[39..55], "klink/1/slot/recovery", 64);
    let kek = SecretBytes::from(&both.expose()[..32]);
    let vk = seal::open(&kek, &[b"klink/1/slot".as_slice(), &vault, &body[..87]].concat(), &body[87..160])?;
    let dek = seal::open(&vk, &[b"klink/1/dek".as_slice(), &vault, &epoch.to_be_bytes()].concat(), &wrapped)?;
    let mut needles = vec![
        Needle { what: "recovery code", bytes: letters.into_bytes() },
        Needle { what: "key of the slot", bytes: kek.expose().to_vec() },
        Needle { what: "vault key", bytes: vk.expose().to_vec() },
        Needle { what: "data key", bytes: dek.expose().to_vec() },
    ];
    for name in ["meta", "secret", "manifest", "index", "snapshot", "widget", "push"] {
        let key = kdf::derive(dek.expose(), &vault, &format!("klink/1/{name}"), 32);
        needles.push(Needle { what: "subkey", bytes: key.expose().to_vec() });
    }
    Ok(needles)
}

/// Starts a process, and counts every needle while unlocked, after a failed try, and after the lock.
fn look(place: &Path, needles: &[Needle], leak: bool) -> anyhow::Result<Option<[Vec<usize>; 3]>> {
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
            Ok(memory) => {
                seen.push(needles.iter().map(|needle| count(&memory, &needle.bytes)).collect::<Vec<_>>())
            }
            Err(_) => {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
        }
        child.stdin.as_mut().context("the child has an input")?.write_all(b"\n")?;
    }
    ensure!(child.wait()?.success(), "the child failed");
    let [failed, unlocked, locked]: [Vec<usize>; 3] =
        seen.try_into().map_err(|_| anyhow::anyhow!("three stages"))?;
    Ok(Some([unlocked, failed, locked]))
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

fn count(memory: &[Vec<u8>], needle: &[u8]) -> usize {
    let finder = memchr::memmem::Finder::new(needle);
    memory.iter().map(|part| finder.find_iter(part).count()).sum()
}

/// Runs in the child: fails, unlocks, uses the vault, locks, and waits after each.
pub fn hold(place: &Path, leak: bool) -> anyhow::Result<()> {
    let vault = place.join("vault");
    let core = Authenticator::new(vault.clone(), Arc::new(FileAnchor::new(place.join("anchors"), &vault)));
    let wait = |stage: &str| -> anyhow::Result<()> {
        println!("{stage}");
        std::io::stdin().read_exact(&mut [0])?;
        Ok(())
    };
    {
        let wrong = RecoveryCode::make()?;
        ensure!(core.unlock(Key::RecoveryCode(&wrong), NOW).is_err(), "a wrong code opened the vault");
    }
    wait("failed")?;
    let mut kept = Vec::new();
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
    if leak {
        kept.extend_from_slice(seed(1).as_bytes());
    }
    wait("locked")?;
    std::hint::black_box(&kept);
    Ok(())
}
