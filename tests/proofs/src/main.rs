//! Vaults that are killed and shared between processes, and lose nothing. Every proof has a control that must fail.
//!
//! `proofs all` runs what every commit must pass and prints one line for each proof.

mod child;
mod damage;
mod golden;
mod kill;
mod log;
mod one_anchor;
mod share;

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
    /// Runs every proof at the size of a commit.
    All,
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

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::All => kill::prove(200, 1)
            .and_then(|()| share::prove(8, 125))
            .and_then(|()| damage::prove())
            .and_then(|()| log::prove()),
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
