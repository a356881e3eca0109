//! R40: slots and backups that ask for more work than any device should do. They are refused with the figures, and before
//! any memory is taken for them.

use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, ensure};
use authenticator_core::device::Anchor;
use authenticator_core::vault::{KdfError, Key, LockedSnapshot, LockedVault, VaultError};

use crate::child::NOW;
use crate::one_anchor::OneAnchor;
use crate::rewriting::{BODY, Rewritable};
use crate::sheet::{Control, Line, Proof, Size};

/// The limits of docs/vault-format.md: KiB, passes, lanes.
const MOST: [u32; 3] = [256 * 1024, 16, 8];
/// More than a child may grow by while it refuses, in KiB.
const GROWS: u64 = 16 * 1024;
/// The edges of memory in KiB, passes and lanes.
const EDGES: [&[u32]; 3] = [
    &[0, 1, 7, 8, 32 * 1024, MOST[0], MOST[0] + 1, 1 << 24, 1 << 31, u32::MAX],
    &[0, 1, 3, MOST[1], MOST[1] + 1, 1 << 16, u32::MAX],
    &[0, 1, 4, MOST[2], MOST[2] + 1, 1 << 16, 1 << 24, u32::MAX],
];

/// Meets many in a child whose memory is watched; the control pays what the limits allow.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let n: u32 = size.of(500, 20_000);
    let [cases, wrong, grown] = child(n, false)?;
    let [_, _, paid] = child(1, true)?;
    Ok(vec![Line::Proof(Proof {
        id: "R40",
        about: "slots and backups that ask for too much work",
        cases,
        failures: wrong + u64::from(grown > GROWS),
        detail: format!("{wrong} not refused with their figures; memory grew by {grown} KiB"),
        control: Control {
            about: "256 MiB that the limits allow are seen to be taken",
            failures: u64::from(paid > GROWS),
        },
    })])
}

fn child(n: u32, pay: bool) -> anyhow::Result<[u64; 3]> {
    let output = Command::new(std::env::current_exe()?)
        .args(["meet-costs", "--n", &n.to_string()])
        .args(if pay { &["--pay"][..] } else { &[] })
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<u64> = text.split_whitespace().map_while(|word| word.parse().ok()).collect();
    numbers.try_into().map_err(|_| anyhow::anyhow!("the child said {text}"))
}

/// Runs in the child: meets `n` slots and as many backups, and prints cases, failures and the memory taken in KiB.
pub fn meet(n: u32, pay: bool) -> anyhow::Result<()> {
    let bed = Rewritable::make()?;
    let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::default());
    let mut random = fastrand::Rng::with_seed(1);
    let key = || Key::Passphrase(b"any passphrase");
    let refused = |error: Option<VaultError>, [mem_kib, passes, lanes]: [u32; 3]| matches!(error, Some(VaultError::Kdf(told)) if told == KdfError::TooExpensive { mem_kib, passes, lanes });
    let (mut cases, mut wrong) = (0_u64, 0_u64);
    let before = most_memory()?;
    for _ in 0..n {
        let asked = if pay { [MOST[0], 1, 1] } else { too_much(&mut random) };
        let mut body = bed.header().to_vec();
        // A passphrase by Argon2id, docs/vault-format.md.
        body[1] = 1;
        body[26] = 1;
        body[27..39].copy_from_slice(&asked.map(u32::to_be_bytes).concat());
        body.resize(BODY, 7);
        bed.put(&body)?;
        let opened = LockedVault::open(&bed.vault_folder())?.unlock(key(), &anchor, NOW);
        let copy = LockedSnapshot::open(&bed.backup())?.unlock(&key());
        cases += 2;
        wrong += u64::from(!refused(opened.err(), asked)) + u64::from(!refused(copy.err(), asked));
    }
    println!("{cases} {wrong} {}", most_memory()? - before);
    Ok(())
}

/// Returns figures of which at least one is beyond its limit.
fn too_much(random: &mut fastrand::Rng) -> [u32; 3] {
    loop {
        let figures =
            EDGES.map(
                |edges| {
                    if random.u8(..4) == 0 { random.u32(..) } else { edges[random.usize(..edges.len())] }
                },
            );
        let [mem_kib, passes, lanes] = figures;
        let allowed = figures.iter().zip(MOST).all(|(figure, most)| *figure <= most);
        if !allowed || passes == 0 || lanes == 0 || mem_kib < 8 * lanes {
            return figures;
        }
    }
}

/// Returns the most memory that this process ever had, in KiB.
fn most_memory() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
