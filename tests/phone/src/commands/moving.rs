//! `move`: accounts to another device and from one, by QR codes or by a sealed file and one code.

use std::fs;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use authenticator_core::authenticator::{Incoming, Outgoing, Received};
use authenticator_core::moving::{Taken, Way, is_code};
use authenticator_core::qr;
use authenticator_core::secret::SecretBytes;
use authenticator_core::vault::{Compared, ItemId, Renewal};
use clap::Args;
use serde_json::{Value, json};

use super::exporting::{put, put_codes, refuse_existing};
use super::keeping::say;
use super::push;
use crate::args::Place;
use crate::boot::boot;
use crate::json;
use crate::progress::Progress;
use crate::refusal::Refusal;
use crate::secrets::Opener;
use crate::session::{Session, now};
use crate::stopping::{Stop, while_waiting};
use crate::tables;

/// Which side this device is, and how far it is.
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("side").required(true))]
pub struct Move {
    /// This is the old device: shows the codes, and goes on with a move that was begun.
    #[arg(long, group = "side")]
    pub send: bool,
    /// This is the new device: takes codes from pictures, texts from standard input, or the sealed file.
    #[arg(long, group = "side")]
    pub receive: bool,
    /// The old device: the six digits that the new one shows.
    #[arg(long, value_name = "DIGITS", group = "side")]
    pub receipt: Option<String>,
    /// Gives up a move on either side, or ends one that is done. Accounts that were taken over stay.
    #[arg(long, group = "side")]
    pub stop: bool,
    /// Pictures with codes of the move; `-` reads texts of codes from standard input, one a line.
    #[arg(value_name = "PICTURE", requires = "receive")]
    pub pictures: Vec<PathBuf>,
    /// The sealed file: sent, it is written and one code names it; received, it is read.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Writes the codes as pictures into this folder instead of drawing them.
    #[arg(long, value_name = "DIR", requires = "send")]
    pub out: Option<PathBuf>,
    /// Begins a new move although one is under way.
    #[arg(long, requires = "send")]
    pub anew: bool,
    /// Takes over what arrived. Without it, it is only shown.
    #[arg(long, requires = "receive")]
    pub yes: bool,
}

/// Does one of them.
pub fn run(place: &Place, as_json: bool, command: &Move) -> Result<(), Refusal> {
    let stop = Stop::on_interrupt();
    let session = Session::with_push(place, as_json, push::presence(false))?;
    let opener = session.unlock_keeping(place)?;
    stop.go_on()?;
    match command {
        Move { send: true, .. } => send(&session, &opener, command, stop),
        Move { receive: true, .. } => receive(&session, command, stop),
        Move { receipt: Some(typed), .. } => receipt(&session, typed),
        Move { .. } => {
            session.core.stop_sending()?;
            session.core.stop_receiving()?;
            if as_json {
                json::print(&json!({ "stopped": true }));
            }
            say(&session, "No move is under way here any more.");
            Ok(())
        }
    }
}

const FILMED: &str = "Whoever films these codes has your accounts. Look around you first, and show them to your new device alone.";

fn send(session: &Session, opener: &Opener, command: &Move, stop: Stop) -> Result<(), Refusal> {
    let Move { file, out, anew, .. } = command;
    for path in [file, out].into_iter().flatten() {
        refuse_existing(path)?;
    }
    if session.json && out.is_none() {
        return Err(Refusal::new("no_out", "Pictures need a folder: --out DIR"));
    }
    let way = if file.is_some() { Way::File } else { Way::Codes };
    let token = || -> Result<_, Refusal> { session.confirm(opener) };
    let kept = if *anew { None } else { session.core.sending(&token()?, boot())? };
    // One that was begun the other way is not gone on with.
    let resumed = kept.filter(|kept| kept.file.is_some() == file.is_some());
    let goes_on = resumed.is_some();
    let outgoing = match resumed {
        Some(kept) => kept,
        None => {
            let renewals = push::run(async { Ok(session.core.renewals().await?) })?;
            session.core.send_accounts(way, &renewals, &token()?, boot())?
        }
    };
    if let (Some(path), Some(sealed)) = (file, &outgoing.file) {
        put(Some(path), &SecretBytes::from(sealed.as_slice()))?;
    }
    eprintln!("{FILMED}");
    if let Some(folder) = out {
        let pictures = put_codes(Some(folder), &outgoing.codes, session.json, stop)?;
        if session.json {
            json::print(&outgoing_json(&outgoing, goes_on, &pictures, file.as_deref()));
        } else {
            println!(
                "{} codes for {} accounts are in {}.",
                pictures.len(),
                outgoing.accounts,
                folder.display()
            );
            println!("Then type here what the new device shows: klink move --receipt DIGITS");
        }
        return Ok(());
    }
    if !outgoing.left_out.is_empty() {
        println!("{} accounts cannot be read here and stay. See: klink verify", outgoing.left_out.len());
    }
    show_codes(session, &outgoing)
}

/// Draws one code after the other: Enter for the next, a number for that one, six digits for the receipt.
fn show_codes(session: &Session, outgoing: &Outgoing) -> Result<(), Refusal> {
    let count = outgoing.codes.len();
    let mut at = 0;
    loop {
        let code = tables::qr(outgoing.codes[at].expose()).unwrap_or_default();
        println!("{code}\ncode {} of {count}, {} accounts", at + 1, outgoing.accounts);
        if !std::io::stdin().is_terminal() && at + 1 == count {
            return Ok(());
        }
        print!("Enter: the next. A number: that code. Six digits: what the new device shows. q: later. ");
        let _ = std::io::stdout().flush();
        let mut typed = String::new();
        let read = while_waiting(|| std::io::stdin().lock().read_line(&mut typed)).unwrap_or(0);
        let typed = typed.trim();
        match (read, typed.len(), typed.parse::<usize>()) {
            (0, ..) if std::io::stdin().is_terminal() => return Ok(()),
            (_, 1, _) if typed == "q" => {
                println!("The move waits. Go on with: klink move --send");
                return Ok(());
            }
            (_, 6, Ok(_)) => match receipt(session, typed) {
                Ok(()) => return Ok(()),
                Err(refusal) => println!("{refusal}"),
            },
            (_, _, Ok(number)) if (1..=count).contains(&number) => at = number - 1,
            _ => at = (at + 1) % count,
        }
    }
}

fn receipt(session: &Session, typed: &str) -> Result<(), Refusal> {
    let handed = session.core.handed_over(typed)?.ok_or_else(|| {
        Refusal::new(
            "wrong_receipt",
            "Those are not the digits of this move. Read them on the new device again.",
        )
    })?;
    let (arrived, of) = (handed.arrived, handed.of);
    if session.json {
        json::print(&json!({ "arrived": arrived, "of": of, "ended": arrived == of }));
        return Ok(());
    }
    println!("{arrived} of {of} accounts are on the new device.");
    if arrived < of {
        println!("{} are not. The codes stay until you end it: klink move --stop", of - arrived);
    } else {
        println!("Nothing was deleted here. Take codes that count from the new device alone from now on.");
    }
    Ok(())
}

fn receive(session: &Session, command: &Move, stop: Stop) -> Result<(), Refusal> {
    let Move { pictures, file, yes, .. } = command;
    let mut incoming = session.core.incoming()?;
    let shown = Progress::counting("reading codes", pictures.len());
    for path in pictures {
        for text in texts(path, stop)? {
            // What was taken is kept: the next run goes on from here.
            stop.go_on()?;
            incoming = session.core.take_move_code(&text)?;
            if !session.json {
                shown.aside(|| tell_code(&incoming));
            }
        }
        shown.step();
    }
    drop(shown);
    if let Some(path) = file {
        let bytes = fs::read(path).map_err(|error| Refusal::file(path, &error))?;
        incoming = session.core.take_move_file(&bytes)?;
    }
    let compared = match session.core.compare_move() {
        Ok(compared) => compared,
        Err(authenticator_core::authenticator::Error::Move(
            authenticator_core::moving::MoveError::Incomplete,
        )) => {
            tell_missing(session, &incoming);
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let new = compared.rows.iter().filter(|row| row.status == Compared::Missing).count();
    if !yes {
        if session.json {
            json::print(&incoming_json(&incoming, Some(new), None));
        } else {
            println!("All {} accounts arrived; {new} of them are new here.", incoming.accounts.unwrap_or(0));
            println!("To take them over: klink move --receive --yes");
        }
        return Ok(());
    }
    stop.go_on()?;
    let shown = Progress::of("taking over the accounts");
    let received = session.core.receive_accounts(None::<&[ItemId]>, now())?;
    drop(shown);
    if session.json {
        json::print(&incoming_json(&incoming, Some(new), Some(&received)));
        return Ok(());
    }
    let Received { receipt, arrived, of, renew } = &received;
    let digits = receipt.to_string();
    println!(
        "{arrived} of {of} accounts are here. Type this on the old device:\n\n    {} {}\n",
        &digits[..3],
        &digits[3..]
    );
    if !renew.is_empty() {
        println!(
            "These approve sign-ins by keys that cannot move. Enrol each again, then remove the old device there:"
        );
        for Renewal { host, service, account_name } in renew {
            println!(
                "  - {} ({}) at {}",
                tables::safe(service),
                tables::safe(account_name),
                tables::safe(host)
            );
        }
    }
    println!("When the old device says the same: klink move --stop");
    Ok(())
}

/// Returns the texts of codes in a picture, or the lines of standard input.
fn texts(path: &Path, stop: Stop) -> Result<Vec<String>, Refusal> {
    if path == Path::new("-") {
        let lines = std::io::stdin().lock().lines().collect::<Result<Vec<_>, _>>();
        let lines = lines.map_err(|error| Refusal::file(path, &error))?;
        return Ok(lines.into_iter().filter(|line| !line.trim().is_empty()).collect());
    }
    let bytes = fs::read(path).map_err(|error| Refusal::file(path, &error))?;
    let scan = qr::read_image(&bytes, &|| stop.asked());
    stop.go_on()?;
    let scan = scan.map_err(|error| {
        Refusal::new(
            "unreadable_picture",
            format!("{}: this picture cannot be read: {error}.", path.display()),
        )
    })?;
    let texts: Vec<String> =
        scan.found.into_iter().filter_map(|found| found.text).filter(|text| is_code(text)).collect();
    if texts.is_empty() {
        return Err(Refusal::new("no_move_code", format!("{}: no code of a move is in it.", path.display())));
    }
    Ok(texts)
}

fn tell_code(incoming: &Incoming) {
    let of = incoming.codes.map_or("…".to_owned(), |codes| codes.to_string());
    match incoming.code {
        Some(Taken::New) => eprintln!("{} of {of} codes", incoming.taken),
        Some(Taken::Again) => eprintln!("{} of {of} codes; that one was there already", incoming.taken),
        Some(Taken::OtherMove) => {
            eprintln!("That code belongs to another move. To take that one: klink move --stop first");
        }
        None => {}
    }
}

fn tell_missing(session: &Session, incoming: &Incoming) {
    if session.json {
        json::print(&incoming_json(incoming, None, None));
        return;
    }
    let list: Vec<String> = incoming.missing.iter().map(u32::to_string).collect();
    match (incoming.taken, incoming.wants_file) {
        (0, _) => println!("No code was taken yet. Show one: klink move --receive PICTURE"),
        (_, Some(true)) => println!("The code is here. Now the file: klink move --receive --file FILE"),
        (_, _) => println!("Missing still: {}. Show these on the old device.", list.join(", ")),
    }
}

fn outgoing_json(outgoing: &Outgoing, goes_on: bool, pictures: &[PathBuf], file: Option<&Path>) -> Value {
    json!({
        "what": "sending", "goes_on": goes_on, "codes": outgoing.codes.len(), "accounts": outgoing.accounts,
        "pictures": pictures, "file": file,
        "left_out": outgoing.left_out.iter().map(ItemId::to_string).collect::<Vec<_>>(),
    })
}

fn incoming_json(incoming: &Incoming, new: Option<usize>, received: Option<&Received>) -> Value {
    let renew = |rows: &Vec<Renewal>| -> Vec<Value> {
        let row = |row: &Renewal| json!({ "host": row.host, "service": row.service, "account_name": row.account_name });
        rows.iter().map(row).collect()
    };
    json!({
        "what": "receiving", "taken": incoming.taken, "codes": incoming.codes, "missing": incoming.missing,
        "wants_file": incoming.wants_file, "accounts": incoming.accounts, "new": new,
        "receipt": received.map(|received| received.receipt.to_string()),
        "arrived": received.map(|received| received.arrived), "of": received.map(|received| received.of),
        "renew": received.map(|received| renew(&received.renew)),
    })
}
