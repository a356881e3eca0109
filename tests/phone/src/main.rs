//! Klink in a terminal: the whole core without a handset.
//!
//! Exit codes: 0 done, 1 refused with a reason, 2 wrong usage.

mod age_file;
mod args;
mod boot;
mod calibrate;
mod check_words;
mod commands;
mod demo;
mod import_json;
mod import_words;
mod json;
mod progress;
mod push_json;
mod push_words;
mod refusal;
mod secrets;
mod session;
mod stopping;
mod tables;
mod watch;
mod words;

use std::process::ExitCode;

use clap::Parser;

use args::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            refusal.print(json);
            ExitCode::from(1)
        }
    }
}
