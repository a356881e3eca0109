//! `import`: other apps' files, shown first and then added.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use authenticator_core::authenticator::{ImportCounts, ImportPreview, RowStatus, Status, open_import};
use authenticator_core::import::{
    Format, ImportError, Imported, KdfBudget, MAX_SOURCE_BYTES, Needs, Secrets, Source,
};
use authenticator_core::secret::{SecretBytes, SecretText};
use clap::Args;

use crate::args::Place;
use crate::import_json::{ImportJson, Shown, status};
use crate::progress::Progress;
use crate::refusal::Refusal;
use crate::session::{Session, now};
use crate::stopping::{Stop, while_waiting};
use crate::{age_file, import_words as words, json, secrets, tables};

/// The files of another app, and how they are read.
#[derive(Args, Debug)]
pub struct Import {
    /// An export, a backup, a database or pictures; several files of one export at once.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only shows what would be added; no vault is needed.
    #[arg(long)]
    dry_run: bool,
    /// Reads the file's password from the first line of this one. Without it, a question.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// The key file of a KeePass database.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Pays for a password that costs more than a phone should, up to 4 GiB of memory.
    #[arg(long)]
    allow_expensive: bool,
    /// Leaves out this row, counted from 1; may be given several times.
    #[arg(long, value_name = "ROW")]
    skip: Vec<usize>,
    /// Prints the secrets too.
    #[arg(long)]
    reveal: bool,
    /// Asks nothing, for scripts.
    #[arg(long)]
    yes: bool,
}

/// Shows what the files hold, and adds it unless it is a dry run.
pub fn import(place: &Place, as_json: bool, options: &Import) -> Result<(), Refusal> {
    let stop = Stop::on_interrupt();
    let files = read_files(&options.files)?;
    let sources = files.len();
    let imported = open(files, options, as_json, stop)?;
    let session = Session::new(place, as_json)?;
    let preview = if options.dry_run {
        dry_preview(&session, place, imported)?
    } else {
        session.unlock(place)?;
        stop.go_on()?;
        session.core.preview_import(imported)?
    };
    for row in &options.skip {
        if row.checked_sub(1).is_none_or(|row| preview.rows().get(row).is_none()) {
            return Err(Refusal::new("no_such_row", format!("There is no row {row}.")));
        }
        preview.pick(row - 1, false);
    }
    let asks = !as_json && !options.yes && !options.dry_run && std::io::stdin().is_terminal();
    if asks {
        ask_for_pins(&preview)?;
    }
    let shown = Shown::of(&preview, sources, options.reveal);
    if !as_json {
        show(&shown);
    }
    let mut counts = preview.counts();
    if !options.dry_run {
        if asks && !agreed(&format!("Add {} accounts?", counts.imported))? {
            println!("Nothing was added.");
            return Ok(());
        }
        let shown = Progress::of("adding the accounts");
        let done = session.core.commit_import_until(&preview, now(), &|| stop.asked())?;
        drop(shown);
        counts = done.ok_or_else(Refusal::stopped)?.counts;
    }
    if as_json {
        json::print(&ImportJson::new(&shown, counts));
    } else {
        println!("{}", summary(counts, &shown.missing_parts, options.dry_run));
    }
    Ok(())
}

/// A file, with the name that breaks ties.
struct File {
    name: String,
    bytes: SecretBytes,
}

fn read_files(paths: &[PathBuf]) -> Result<Vec<File>, Refusal> {
    let mut left = MAX_SOURCE_BYTES as u64;
    let read = |path: &PathBuf| {
        let bytes = fs::metadata(path).map_err(|error| Refusal::file(path, &error))?.len();
        left = left.checked_sub(bytes).ok_or_else(|| words::refusal(&ImportError::TooLarge(bytes), &[]))?;
        let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        Ok(File {
            name,
            bytes: SecretBytes::new(fs::read(path).map_err(|error| Refusal::file(path, &error))?),
        })
    };
    paths.iter().map(read).collect()
}

/// Opens the files; on a terminal, asks for a password or consent where one is needed.
fn open(mut files: Vec<File>, options: &Import, as_json: bool, stop: Stop) -> Result<Imported, Refusal> {
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let read = |path: &Path| fs::read(path).map_err(|error| Refusal::file(path, &error));
    let mut secrets = Secrets {
        password: options.password_file.as_deref().map(secrets::first_line).transpose()?,
        key_file: options.key_file.as_deref().map(read).transpose()?.map(SecretBytes::new),
    };
    let mut budget = if options.allow_expensive { KdfBudget::CONSENTED } else { KdfBudget::PHONE };
    let asks = !as_json && !options.yes && std::io::stdin().is_terminal();
    loop {
        let shown = Progress::of("reading");
        let opened = unseal(&mut files, &mut secrets, budget).and_then(|()| {
            let sources: Vec<Source<'_>> =
                files.iter().map(|file| Source { name: &file.name, bytes: file.bytes.expose() }).collect();
            open_import(&sources, &secrets, budget, &|| stop.asked())
        });
        drop(shown);
        match opened {
            Ok(imported) => return Ok(imported),
            Err(ImportError::NeedsPassword(format, Needs::Password)) if asks => {
                secrets.password = Some(ask(&format!("Password of this {} file: ", words::app(format)))?);
            }
            Err(error @ ImportError::TooExpensive { .. }) if asks && budget == KdfBudget::PHONE => {
                eprintln!("klink: {}", words::refusal(&error, &names));
                if !agreed("Go on?")? {
                    return Err(words::refusal(&error, &names));
                }
                budget = KdfBudget::CONSENTED;
            }
            Err(error) => return Err(words::refusal(&error, &names)),
        }
    }
}

/// Puts what `age` sealed under a passphrase in the place of what it was. The passphrase is that file's alone: what was
/// in it may have a password of its own.
fn unseal(files: &mut [File], secrets: &mut Secrets, budget: KdfBudget) -> Result<(), ImportError> {
    let mut used = false;
    for file in files.iter_mut().filter(|file| age_file::is_age(file.bytes.expose())) {
        let needed = || ImportError::NeedsPassword(Format::Age, Needs::Password);
        let passphrase = secrets.password.as_ref().ok_or_else(needed)?;
        file.bytes = age_file::open(file.bytes.expose(), passphrase, budget)?;
        used = true;
    }
    if used {
        secrets.password = None;
    }
    Ok(())
}

/// Compares with the vault where one is and opens without a question; else with the file alone.
fn dry_preview(session: &Session, place: &Place, imported: Imported) -> Result<ImportPreview, Refusal> {
    if !matches!(session.core.status(), Ok(Status::Locked(_))) {
        return Ok(ImportPreview::of(imported));
    }
    match session.unlock(place) {
        Ok(_) => Ok(session.core.preview_import(imported)?),
        Err(refusal) if refusal.is("no_passphrase") => {
            eprintln!("klink: the vault stays closed: rows are compared with each other alone.");
            Ok(ImportPreview::of(imported))
        }
        Err(refusal) => Err(refusal),
    }
}

fn ask_for_pins(preview: &ImportPreview) -> Result<(), Refusal> {
    for (row, shown) in preview.rows().iter().enumerate() {
        if shown.status == RowStatus::NeedsPin {
            let names = [&shown.issuer, &shown.account_name].map(|name| tables::safe(name)).join(" ");
            let pin = ask(&format!("PIN of {} (empty: later): ", names.trim()))?;
            preview.set_pin(row, pin);
        }
    }
    Ok(())
}

fn ask(question: &str) -> Result<SecretText, Refusal> {
    let typed = secrets::ask(question)?;
    Ok(SecretText::from(&*String::from_utf8_lossy(typed.expose())))
}

fn agreed(question: &str) -> Result<bool, Refusal> {
    let failed = |error| Refusal::file(Path::new("-"), &error);
    eprint!("{question} [y/N] ");
    std::io::stderr().flush().map_err(failed)?;
    let mut answer = String::new();
    while_waiting(|| std::io::stdin().read_line(&mut answer)).map_err(failed)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Draws the rows and names the problems.
fn show(shown: &Shown) {
    let revealed = shown.secrets.iter().any(Option::is_some);
    let mut head = vec!["row", "issuer", "account", "kind", "groups", "status"];
    head.extend(revealed.then_some("secret"));
    let mut table = tables::table(&head);
    for (number, (row, secret)) in shown.rows.iter().zip(&shown.secrets).enumerate() {
        let issuer = if row.favorite { format!("★ {}", row.issuer) } else { row.issuer.clone() };
        let status =
            if row.trashed { format!("{}, to the trash", status(row)) } else { status(row).to_owned() };
        let kind = row.kind.to_string();
        let cells =
            [(number + 1).to_string(), issuer, row.account_name.clone(), kind, row.groups.join(", "), status];
        table.add_row(cells.iter().chain(secret).map(|cell| tables::safe(cell)));
    }
    if !shown.rows.is_empty() {
        println!("{table}");
    }
    for problem in &shown.problems {
        println!("{}: {}", words::place(&problem.place, shown.sources), words::reason(problem.reason));
    }
}

/// Says what happened in one line, and what is missing still.
fn summary(counts: ImportCounts, missing: &[u32], dry_run: bool) -> String {
    let ImportCounts { total, imported, duplicates, unsupported, damaged, skipped } = counts;
    let mut line = if dry_run {
        format!("{imported} of {total} would be added")
    } else {
        format!("{imported} of {total} added and read back")
    };
    let others = [
        (duplicates, "there already"),
        (unsupported, "of no use here"),
        (damaged, "damaged"),
        (skipped, "left out"),
    ];
    for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
        line.push_str(&format!(", {count} {what}"));
    }
    line.push('.');
    if !missing.is_empty() {
        let list: Vec<String> = missing.iter().map(u32::to_string).collect();
        line.push_str(&format!(" Missing parts of the export: {}.", list.join(", ")));
    }
    line
}
