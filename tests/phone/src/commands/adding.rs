//! `init`, `scan` and `add`.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use authenticator_core::account::Account;
use authenticator_core::authenticator::{Added, ScanOutcome, ScanSession};
use authenticator_core::otp::Otp;
use authenticator_core::secret::SecretText;
use authenticator_core::uri::Text;
use authenticator_core::vault::{NewItem, NewSlot, RecoveryCode};

use crate::args::Place;
use crate::calibrate::calibrated;
use crate::json::{self, AddJson, ScanJson};
use crate::progress::Progress;
use crate::refusal::Refusal;
use crate::secrets;
use crate::session::{Session, now};
use crate::words;

/// Makes a vault.
pub fn init(place: &Place, as_json: bool, recovery_code: bool, start_new: bool) -> Result<(), Refusal> {
    let session = Session::new(place, as_json)?;
    session.refuse_unless_new(start_new)?;
    let passphrase = secrets::new_passphrase(place)?;
    let code = if recovery_code { Some(RecoveryCode::make().map_err(Refusal::randomness)?) } else { None };
    if let Some(code) = &code {
        secrets::show_recovery_code(code)?;
    }
    let mut slots = vec![NewSlot::Passphrase { passphrase: passphrase.expose(), kdf: calibrated() }];
    slots.extend(code.as_ref().map(NewSlot::RecoveryCode));
    let created = session.core.create(&slots, now())?;
    if as_json {
        json::print(&serde_json::json!({ "vault_id": created.vault_id.to_string() }));
    } else {
        println!("A new vault is ready in {}.", session.folder.display());
        println!("Next: klink scan PICTURE, or klink add 'otpauth://…'");
    }
    Ok(())
}

/// Reads pictures and adds what they hold.
pub fn scan(session: &Session, images: &[PathBuf]) -> Result<(), Refusal> {
    let mut scanning = ScanSession::new();
    let mut rows = Vec::new();
    let mut unread = Vec::new();
    let progress = Progress::counting("", images.len());
    for image in images {
        progress.say(image.display().to_string());
        match read(image, &mut scanning) {
            Ok(outcomes) if outcomes.is_empty() => unread.push((image, words::NO_CODE.to_owned())),
            Ok(outcomes) => {
                for outcome in outcomes {
                    let row = take(session, outcome)?;
                    if !session.json {
                        progress.aside(|| println!("{}: {}", image.display(), row.1));
                    }
                    rows.push(row.0);
                }
            }
            Err(refusal) => unread.push((image, refusal.to_string())),
        }
        progress.step();
    }
    drop(progress);
    if unread.is_empty() {
        if session.json {
            json::print(&rows);
        }
        return Ok(());
    }
    let names: Vec<String> = unread.iter().map(|(image, _)| image.display().to_string()).collect();
    let text: Vec<String> = unread.iter().map(|(image, why)| format!("{}: {why}", image.display())).collect();
    Err(Refusal::new("unread_pictures", text.join("\nklink: "))
        .with("images", names)
        .with("read", serde_json::to_value(&rows).unwrap_or_default()))
}

/// What the command line says about an account beside its text.
pub struct Given {
    /// The PIN.
    pub pin: Option<String>,
    /// The provider.
    pub issuer: Option<String>,
    /// The user's name there.
    pub name: Option<String>,
}

/// Adds the accounts of a text.
pub fn add(session: &Session, text: &str, given: Given) -> Result<(), Refusal> {
    let typed = if text == "-" { standard_input()? } else { text.to_owned() };
    let accounts = match ScanSession::new().take_text(typed.trim()) {
        ScanOutcome::Account(account) => vec![with_given(*account, given)],
        ScanOutcome::Migration(part) => part.accounts,
        ScanOutcome::Other(Text::Broken(error)) => {
            return Err(Refusal::new("broken_text", format!("This is not a whole account: {error}.")));
        }
        ScanOutcome::Other(other) => {
            return Err(
                Refusal::new("not_an_account", words::instead(&other)).with("what", words::what(&other))
            );
        }
    };
    let mut rows = Vec::new();
    for account in accounts {
        if account.otp.needs_pin() {
            return Err(Refusal::new("needs_pin", "This account needs its PIN: add --pin PIN."));
        }
        let names = words::names(&account);
        let added = session.core.add(NewItem::from(account), now())?;
        if !session.json {
            println!("{}", words::added(&names, added));
        }
        rows.push(AddJson { id: added.id().to_string(), status: words::status(added) });
    }
    if session.json {
        match rows.as_slice() {
            [row] => json::print(row),
            rows => json::print(&rows),
        }
    }
    Ok(())
}

fn standard_input() -> Result<String, Refusal> {
    let mut text = String::new();
    std::io::stdin()
        .take(1 << 20)
        .read_to_string(&mut text)
        .map_err(|error| Refusal::file(Path::new("-"), &error))?;
    Ok(text)
}

fn with_given(mut account: Account, given: Given) -> Account {
    let Given { pin, issuer, name } = given;
    account.issuer = issuer.unwrap_or(account.issuer);
    account.account_name = name.unwrap_or(account.account_name);
    if let Some(pin) = pin.map(SecretText::new) {
        match &mut account.otp {
            Otp::Motp(motp) => motp.pin = Some(pin),
            Otp::Yandex(yandex) => yandex.pin = Some(pin),
            Otp::Totp(_) | Otp::Hotp(_) | Otp::Steam(_) => {}
        }
    }
    account
}

fn read(image: &Path, scanning: &mut ScanSession) -> Result<Vec<ScanOutcome>, Refusal> {
    let bytes = fs::read(image).map_err(|error| Refusal::file(image, &error))?;
    scanning
        .take_image(&bytes, &|| false)
        .map_err(|error| Refusal::new("unreadable_picture", format!("this picture cannot be read: {error}")))
}

/// Adds what one code holds; returns the row for programs and the line for people.
fn take(session: &Session, outcome: ScanOutcome) -> Result<(ScanJson, String), Refusal> {
    let nothing =
        ScanJson { what: "account", added: vec![], part: None, parts: None, missing: vec![], hint: None };
    Ok(match outcome {
        ScanOutcome::Account(account) => {
            let names = words::names(&account);
            let added = session.core.add(NewItem::from(*account), now())?;
            (ScanJson { added: vec![added.id().to_string()], ..nothing }, words::added(&names, added))
        }
        ScanOutcome::Migration(part) => {
            let mut new = 0;
            let mut ids = Vec::new();
            for account in part.accounts {
                let added = session.core.add(NewItem::from(account), now())?;
                new += usize::from(!matches!(added, Added::AlreadyThere(_)));
                ids.push(added.id().to_string());
            }
            let line =
                words::migration(part.part, part.parts, &part.missing, ids.len(), new, part.problems.len());
            let row = ScanJson {
                what: "migration",
                added: ids,
                part: Some(part.part),
                parts: Some(part.parts),
                missing: part.missing,
                hint: None,
            };
            (row, line)
        }
        ScanOutcome::Other(text) => {
            let row = ScanJson { what: words::what(&text), hint: words::hint(&text), ..nothing };
            (row, words::instead(&text))
        }
    })
}
