//! One function for each subcommand.

mod adding;
pub mod backing_up;
mod changing;
mod checking;
mod enrolling;
mod erasing;
pub mod exporting;
pub mod importing;
pub mod keeping;
pub mod moving;
pub mod push;
mod requests;
mod showing;
mod watching;
pub mod ways;

use authenticator_core::authenticator::{CodeRow, Decision};
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{Item, ItemId};

use crate::args::{Cli, Command};
use crate::demo;
use crate::refusal::Refusal;
use crate::session::Session;

/// Does what the command line says.
pub fn run(cli: Cli) -> Result<(), Refusal> {
    let Cli { command, place, json } = cli;
    match command {
        Command::Init { recovery_code, start_new } => adding::init(&place, json, recovery_code, start_new),
        Command::Scan { images } => adding::scan(&Session::open(&place, json)?, &images),
        Command::Add { text, pin, issuer, name } => {
            adding::add(&Session::open(&place, json)?, &text, adding::Given { pin, issuer, name })
        }
        Command::Import(options) => importing::import(&place, json, &options),
        Command::List { trash } => showing::list(&Session::open(&place, json)?, trash),
        Command::Codes { at, offset_ms, watch, query } => {
            showing::codes(&Session::open(&place, json)?, at, offset_ms, watch, &query.join(" "))
        }
        Command::Next { account, again } => {
            showing::next(&Session::open(&place, json)?, &place, &account, again)
        }
        Command::Show { account, reveal, code } => {
            let (session, opener) = Session::open_keeping(&place, json)?;
            if code {
                return showing::code(&session, &account, &opener);
            }
            showing::show(&session, &account, reveal.then_some(&opener))
        }
        Command::Edit(edit) => changing::edit(&Session::open(&place, json)?, &place, edit),
        Command::Delete { account, restore } => {
            changing::delete(&Session::open(&place, json)?, &account, restore)
        }
        Command::Search { query } => showing::search(&Session::open(&place, json)?, &query.join(" ")),
        Command::Qr { image } => showing::qr(&image, json),
        Command::Verify { accept } => changing::verify(&Session::open(&place, json)?, accept),
        Command::Ways(command) => ways::run(&place, json, command),
        Command::Keeping(command) => keeping::run(&place, json, command),
        Command::Export(export) => exporting::export(&place, json, &export),
        Command::Move(command) => moving::run(&place, json, &command),
        Command::BackingUp(command) => backing_up::run(&place, json, command),
        Command::Enrol(enrol) => enrolling::enrol(&place, json, enrol),
        Command::Enrolments { change } => enrolling::enrolments(&place, json, change),
        Command::Requests { locked } => requests::list(&place, json, locked),
        Command::Approve { request, number, scan, yes } => {
            requests::approve(&place, json, &request, requests::Shown { number, scan }, yes)
        }
        Command::Deny { request, cancelled } => {
            requests::refuse(&place, json, &request, Decision::Deny { cancelled })
        }
        Command::Report { request, suspicious, lock } => {
            requests::refuse(&place, json, &request, Decision::Report { not_me: !suspicious, lock })
        }
        Command::Check => checking::check(&place, json),
        Command::History => requests::history(&place, json),
        Command::Watch { sms_listen, quiet } => watching::watch(&place, json, sms_listen, quiet),
        Command::Demo(options) => demo::play(&options),
    }
}

/// Returns the accounts of `ids` beside their codes at `at`.
pub fn code_rows(
    session: &Session,
    at: UnixTime,
    offset_ms: i64,
    ids: &[ItemId],
) -> Result<Vec<(Item, CodeRow)>, Refusal> {
    let codes = session.core.codes(at, offset_ms, ids)?;
    codes.rows.into_iter().map(|row| Ok((session.core.item(row.id)?, row))).collect()
}
