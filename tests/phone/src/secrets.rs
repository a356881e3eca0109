//! Where a passphrase comes from: a file, the environment, or a question on the terminal.

use std::fs;
use std::io::{BufRead, IsTerminal, Read};
use std::path::Path;

use authenticator_core::authenticator::Error;
use authenticator_core::secret::{SecretBytes, SecretText};
use authenticator_core::vault::{Key, RecoveryCode};

use crate::args::Place;
use crate::refusal::Refusal;
use crate::stopping::while_waiting;

/// The variable that a passphrase is taken from.
const PASSPHRASE: &str = "KLINK_PASSPHRASE";

/// What opens the vault.
pub enum Opener {
    /// Bytes of a passphrase.
    Passphrase(SecretBytes),
    /// A recovery code.
    RecoveryCode(RecoveryCode),
}

impl Opener {
    /// Returns what the core opens a vault with.
    pub fn key(&self) -> Key<'_> {
        match self {
            Self::Passphrase(passphrase) => Key::Passphrase(passphrase.expose()),
            Self::RecoveryCode(code) => Key::RecoveryCode(code),
        }
    }
}

/// Finds what opens the vault.
pub fn opener(place: &Place) -> Result<Opener, Refusal> {
    if let Some(path) = &place.recovery_code_file {
        return parse_code(first_line(path)?.expose()).map(Opener::RecoveryCode);
    }
    Ok(Opener::Passphrase(match given(place)? {
        Some(passphrase) => passphrase,
        None => ask("Passphrase: ")?,
    }))
}

/// Tells whether something that opens the vault was given without a question.
pub fn is_given(place: &Place) -> bool {
    place.recovery_code_file.is_some()
        || place.passphrase_file.is_some()
        || std::env::var_os(PASSPHRASE).is_some()
}

/// More than a code takes, however it is grouped.
const MOST_TYPED: u64 = 200;

/// Finds the passphrase of a new vault; on a terminal it is asked for twice.
pub fn new_passphrase(place: &Place) -> Result<SecretBytes, Refusal> {
    let passphrase = match given(place)? {
        Some(passphrase) => passphrase,
        None => choose_passphrase()?,
    };
    not_empty(passphrase)
}

fn not_empty(passphrase: SecretBytes) -> Result<SecretBytes, Refusal> {
    if passphrase.is_empty() {
        return Err(Refusal::new(
            "empty_passphrase",
            "An empty passphrase protects nothing. Choose another.",
        ));
    }
    Ok(passphrase)
}

/// Asks for a new passphrase twice.
pub fn choose_passphrase() -> Result<SecretBytes, Refusal> {
    let first = ask("Choose a passphrase: ")?;
    if first != ask("The same once more: ")? {
        return Err(Refusal::new("passphrases_differ", "The two passphrases differ. Nothing was made."));
    }
    Ok(first)
}

/// Shows a new recovery code and returns what is typed back, so that it is known to be written down: on the terminal, or
/// as the next line of standard input.
pub fn typed_back(code: &RecoveryCode) -> Result<SecretText, Refusal> {
    eprintln!("Recovery code, shown only now. Write it down:\n\n    {}\n", code.print().expose());
    if std::io::stdin().is_terminal() {
        let typed = ask("Type it back: ")?;
        return Ok(SecretText::from(String::from_utf8_lossy(typed.expose()).as_ref()));
    }
    let mut typed = Vec::new();
    let read = std::io::stdin().lock().take(MOST_TYPED).read_until(b'\n', &mut typed);
    let typed = SecretBytes::new(typed);
    if !read.is_ok_and(|bytes| bytes > 0) {
        return Err(Refusal::new(
            "not_typed_back",
            "A recovery code counts when it was typed back: use a terminal, or write it to standard input. Nothing was changed.",
        ));
    }
    Ok(SecretText::from(String::from_utf8_lossy(typed.expose()).trim_end()))
}

/// Shows a new recovery code and makes sure that it was written down.
pub fn show_recovery_code(code: &RecoveryCode) -> Result<(), Refusal> {
    code.typed_back(typed_back(code)?.expose()).map_err(|slip| Error::from(slip).into())
}

/// Asks for a new passphrase: a file, the environment, or twice on the terminal.
pub fn changed_passphrase(file: Option<&Path>) -> Result<SecretBytes, Refusal> {
    let new = match (file, std::env::var("KLINK_NEW_PASSPHRASE")) {
        (Some(path), _) => SecretBytes::from(first_line(path)?.expose().as_bytes()),
        (None, Ok(text)) => SecretBytes::new(text.into_bytes()),
        (None, Err(_)) => choose_passphrase()?,
    };
    not_empty(new)
}

/// Finds the password of a file that is written; on a terminal it is asked for twice.
pub fn of_export(file: Option<&Path>) -> Result<SecretText, Refusal> {
    let bytes = match (file, std::env::var("KLINK_EXPORT_PASSWORD")) {
        (Some(path), _) => return first_line(path),
        (None, Ok(text)) => return Ok(SecretText::new(text)),
        (None, Err(_)) => choose_passphrase()?,
    };
    Ok(SecretText::from(String::from_utf8_lossy(bytes.expose()).as_ref()))
}

/// Finds the passphrase of a backup that is not the vault's; `which` names it by its date.
pub fn of_backup(file: Option<&Path>, which: &str) -> Result<SecretBytes, Refusal> {
    match (file, std::env::var("KLINK_BACKUP_PASSPHRASE")) {
        (Some(path), _) => Ok(SecretBytes::from(first_line(path)?.expose().as_bytes())),
        (None, Ok(text)) => Ok(SecretBytes::new(text.into_bytes())),
        (None, Err(_)) => ask(&format!("The backup opens with the {which}: ")).map_err(|refusal| {
            let said = format!(
                "The backup opens with the {which}, which is not the vault's: --backup-passphrase-file."
            );
            if refusal.is("no_passphrase") { Refusal::new("wrong_passphrase", said) } else { refusal }
        }),
    }
}

fn parse_code(text: &str) -> Result<RecoveryCode, Refusal> {
    RecoveryCode::parse(text).map_err(|error| {
        Refusal::new("recovery_code_typo", format!("The recovery code has a slip in it ({error}). Check it."))
    })
}

fn given(place: &Place) -> Result<Option<SecretBytes>, Refusal> {
    if let Some(path) = &place.passphrase_file {
        return first_line(path).map(|line| Some(SecretBytes::from(line.expose().as_bytes())));
    }
    Ok(std::env::var(PASSPHRASE).ok().map(|text| SecretBytes::new(text.into_bytes())))
}

/// Reads the first line of a file.
pub fn first_line(path: &Path) -> Result<SecretText, Refusal> {
    let text = SecretText::new(fs::read_to_string(path).map_err(|error| Refusal::file(path, &error))?);
    Ok(text.expose().lines().next().unwrap_or_default().into())
}

/// Asks on the terminal, without showing what is typed.
pub fn ask(question: &str) -> Result<SecretBytes, Refusal> {
    if !std::io::stdin().is_terminal() {
        return Err(Refusal::new(
            "no_passphrase",
            "No terminal to ask for the passphrase. Use --passphrase-file or KLINK_PASSPHRASE.",
        ));
    }
    let typed = while_waiting(|| rpassword::prompt_password(question))
        .map_err(|error| Refusal::new("no_passphrase", format!("The terminal did not answer: {error}.")))?;
    Ok(SecretBytes::new(typed.into_bytes()))
}
