//! Vaults that are killed, cut, flipped, starved and shared between processes, and lose nothing. Every proof has a control
//! that must fail. What each of them tries: docs/proofs.md.
//!
//! `proofs all` runs every proof at the size of a commit and prints one line for each; `--full` runs them at full size.

mod backups;
mod changes;
mod child;
mod commitment;
mod costs;
mod damage;
mod disk;
mod faults;
mod golden;
mod kill;
mod life;
mod log;
mod memory;
mod messages;
mod one_anchor;
mod power;
mod rewriting;
mod share;
mod sheet;
mod shim;
mod starve;
mod storm;
mod table;
mod ways;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sheet::Size;

#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    /// `all`, or some of the names that `list` prints.
    names: Vec<String>,
    /// At full size: an hour instead of minutes.
    #[arg(long)]
    full: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints which proofs there are, and what each proves.
    List,
    /// Makes a golden vault in a new folder.
    Golden {
        /// For instance tests/vectors/vault/v2.
        folder: PathBuf,
        /// A passphrase that opens it too; composed as it comes, so that a reader has to normalise it.
        #[arg(long)]
        passphrase: Option<String>,
    },
    /// Writes `backup.akb` beside a golden vault that has none.
    GoldenBackup {
        /// For instance tests/vectors/vault/v1.
        folder: PathBuf,
    },
    /// Makes one change of ways in, keys or format. Not for people.
    #[command(hide = true)]
    Change {
        /// The place that the parent made.
        place: PathBuf,
        /// What to change.
        #[arg(value_enum)]
        change: changes::Change,
        /// The control: row by row, without a transaction.
        #[arg(long)]
        apart: bool,
    },
    /// Fills a small disk. Not for people.
    #[command(hide = true)]
    Fill {
        /// Where it is mounted.
        folder: PathBuf,
        /// What to do there.
        #[arg(value_enum)]
        what: disk::Fill,
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
    /// Locks and reads at once. Not for people.
    #[command(hide = true, name = "lock-and-read")]
    Storm {
        /// The place that the parent made.
        place: PathBuf,
        /// How often it is locked.
        #[arg(long)]
        locks: u32,
        /// What is built in.
        #[arg(long, value_enum)]
        fault: storm::Fault,
    },
    /// Meets slots that ask for much. Not for people.
    #[command(hide = true, name = "meet-costs")]
    Costs {
        /// How many.
        #[arg(long)]
        n: u32,
        /// Does the work that the most expensive allowed slot asks for.
        #[arg(long)]
        pay: bool,
    },
    /// Prints all it can. Not for people.
    #[command(hide = true, name = "speak")]
    Messages {
        /// How many spoilt links.
        #[arg(long)]
        texts: u32,
        /// Prints secrets on purpose.
        #[arg(long)]
        leak: bool,
    },
    /// The process that is killed, starved, or that shares. Not for people.
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
        /// How many operations; what is killed has no end without it.
        #[arg(long, default_value_t = u32::MAX)]
        steps: u32,
        /// Waits for the disk less often than the vault asks for.
        #[arg(long, value_enum)]
        careless: Option<power::Careless>,
    },
}

fn main() -> ExitCode {
    let Cli { names, full, command } = Cli::parse();
    let result = match command {
        None => table::run(&names, if full { Size::Full } else { Size::Quick }),
        Some(command) => serve(command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("proofs: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(command: Command) -> anyhow::Result<()> {
    match command {
        Command::List => {
            table::list();
            Ok(())
        }
        Command::Golden { folder, passphrase } => golden::make(&folder, passphrase.as_deref()),
        Command::GoldenBackup { folder } => golden::back_up(&folder),
        Command::Change { place, change, apart } => changes::change(&place, change, apart),
        Command::Fill { folder, what } => disk::fill(&folder, what),
        Command::Hold { place, leak } => memory::hold(&place, leak),
        Command::Storm { place, locks, fault } => storm::rage(&place, locks, fault),
        Command::Costs { n, pay } => costs::meet(n, pay),
        Command::Messages { texts, leak } => messages::speak(texts, leak),
        Command::Child { place, work, seed, steps, careless } => {
            if let Some(how) = careless {
                power::be_careless(how);
            }
            child::run(&place, work, seed, steps)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn no_command_takes_the_name_of_a_proof() {
        let commands = Cli::command();
        let taken: Vec<_> = commands.get_subcommands().map(|command| command.get_name()).collect();
        assert!(table::names().all(|name| !taken.contains(&name)), "{taken:?}");
    }
}
