//! Vaults that are killed and shared between processes, and lose nothing. Every proof has a control that must fail.
//!
//! `proofs all` runs what every commit must pass and prints one line for each proof.

mod child;
mod damage;
mod disk;
mod faults;
mod golden;
mod kill;
mod log;
mod memory;
mod one_anchor;
mod share;
mod ways;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs every proof: at the size of a commit, or at full size.
    All {
        /// 10,000 kills, 2,000 kills while keys are changed, every call that writes, 10,000 accounts.
        #[arg(long)]
        full: bool,
    },
    /// R01 for keys: kills a process that changes ways in and keys.
    Keys {
        /// How often.
        #[arg(long, default_value_t = 60)]
        n: u32,
    },
    /// R09: a disk that is full.
    Disk,
    /// R10: every k-th call that writes fails.
    Faults {
        /// Tries every so manieth call.
        #[arg(long, default_value_t = 5)]
        step: usize,
    },
    /// S10, S11 and S12: looks through the memory of a process.
    Memory {
        /// How many accounts.
        #[arg(long, default_value_t = 300)]
        accounts: usize,
    },
    /// Fills a small disk. Not for people.
    #[command(hide = true)]
    Fill {
        /// Where it is mounted.
        folder: PathBuf,
        /// keep or remove.
        #[arg(long)]
        ballast: String,
    },
    /// Meets a fault. Not for people.
    #[command(hide = true)]
    Faulty {
        /// The place that the parent made.
        place: PathBuf,
    },
    /// Holds a vault and waits. Not for people.
    #[command(hide = true)]
    Hold {
        /// The place that the parent made.
        place: PathBuf,
        /// Keeps a key and a seed on purpose.
        #[arg(long)]
        leak: bool,
    },
    /// R01: kills a writer at random points and looks for what it had acknowledged.
    Kill {
        /// How often.
        #[arg(long, default_value_t = 200)]
        n: u32,
        /// The same seed gives the same operations and times.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// R12: processes that take codes from one account at once.
    Share {
        /// How many processes.
        #[arg(long, default_value_t = 8)]
        processes: u32,
        /// How many codes each takes.
        #[arg(long, default_value_t = 125)]
        codes: u32,
    },
    /// R05 and R07: flips every byte, cuts every file.
    Damage,
    /// R06 and R07: flips and cuts a log that holds commits.
    Log,
    /// Makes a golden vault in a new folder.
    Golden {
        /// For instance tests/vectors/vault/v2.
        folder: PathBuf,
    },
    /// Writes `backup.akb` beside a golden vault that has none.
    GoldenBackup {
        /// For instance tests/vectors/vault/v1.
        folder: PathBuf,
    },
    /// The process that is killed, or that shares. Not for people.
    #[command(hide = true)]
    Child {
        /// The place that the parent made.
        place: PathBuf,
        /// What to do.
        #[arg(value_enum)]
        work: child::Work,
        /// Seeds the operations.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// How many codes to take.
        #[arg(long, default_value_t = 0)]
        codes: u32,
    },
}

/// Runs every proof and goes on after one that fails, so that one run tells of all.
fn all(full: bool) -> anyhow::Result<()> {
    let size = |quick: u32, whole: u32| if full { whole } else { quick };
    let results = [
        ("kill", kill::prove(size(200, 10_000), 1)),
        ("keys", ways::prove(size(60, 2_000), 1)),
        ("share", share::prove(8, 125)),
        ("damage", damage::prove()),
        ("log", log::prove()),
        ("disk", disk::prove()),
        ("faults", faults::prove(if full { 1 } else { 5 })),
        ("memory", memory::prove(if full { 10_000 } else { 300 })),
    ];
    let mut failed = Vec::new();
    for (name, result) in results {
        if let Err(error) = result {
            println!("proof {name} FAILED: {error:#}");
            failed.push(name);
        }
    }
    anyhow::ensure!(failed.is_empty(), "{}", failed.join(", "));
    Ok(())
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::All { full } => all(full),
        Command::Keys { n } => ways::prove(n, 1),
        Command::Disk => disk::prove(),
        Command::Faults { step } => faults::prove(step),
        Command::Memory { accounts } => memory::prove(accounts),
        Command::Fill { folder, ballast } => disk::fill(&folder, &ballast),
        Command::Faulty { place } => faults::work(&place),
        Command::Hold { place, leak } => memory::hold(&place, leak),
        Command::Kill { n, seed } => kill::prove(n, seed),
        Command::Share { processes, codes } => share::prove(processes, codes),
        Command::Damage => damage::prove(),
        Command::Log => log::prove(),
        Command::Golden { folder } => golden::make(&folder),
        Command::GoldenBackup { folder } => golden::back_up(&folder),
        Command::Child { place, work, seed, codes } => child::run(&place, work, seed, codes),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("proof failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}
