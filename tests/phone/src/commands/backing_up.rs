//! `backup` and `restore`: sealed files that are read back, tested, and taken over or put in the place of everything.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use authenticator_core::authenticator::Status;
use authenticator_core::import::{self, KdfBudget, Secrets, Source};
use authenticator_core::secret::SecretText;
use authenticator_core::vault::{
    BackedUp, BackupFailure, BackupFile, BackupTrouble, Compared, Comparison, DiskFolder, FolderError,
    Generations, Item, ItemId, LockedSnapshot, Snapshot, VaultError,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::keeping::{row_json, say, snapshot_json, status};
use crate::args::Place;
use crate::progress::Progress;
use crate::refusal::Refusal;
use crate::secrets::{self, Opener};
use crate::session::{Session, now};
use crate::stopping::Stop;
use crate::{age_file, import_words, json, tables, words};

/// Backups and what they are for.
#[derive(Debug, Subcommand)]
pub enum BackingUp {
    /// Writes a sealed backup and reads it back; tests one; keeps generations in a folder.
    Backup(Backup),
    /// Shows how a backup differs from the vault, and with --yes takes over what the vault has not got.
    Restore(Restore),
}

/// What to write, and where.
#[derive(Args, Debug)]
pub struct Backup {
    /// The file to write, for instance klink.akb on another disk. With --test, the file to test.
    #[arg(value_name = "FILE", required_unless_present_any = ["folder", "state"])]
    pub file: Option<PathBuf>,
    /// Tests a backup, or a list that `age` sealed, instead: opens everything in it and counts. No vault is needed.
    #[arg(long, requires = "file", conflicts_with_all = ["folder", "state"])]
    pub test: bool,
    /// Writes into this folder when something has changed or a day has passed, and else proves the newest again.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["file", "state"])]
    pub folder: Option<PathBuf>,
    /// How many backups the folder keeps: 3 to 365.
    #[arg(long, value_name = "COUNT", default_value = "10", requires = "folder")]
    pub keep: usize,
    /// Writes into the folder even when nothing has changed.
    #[arg(long, requires = "folder")]
    pub now: bool,
    /// Says how the backups in a folder went the last time.
    #[arg(long, conflicts_with = "file")]
    pub state: bool,
}

/// What to restore, and how.
#[derive(Args, Debug)]
pub struct Restore {
    /// The backup. Without a vault, it becomes the vault.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Puts the backup in the place of all that is here, instead of merging. A snapshot is written before, and what
    /// only the vault has goes to its trash.
    #[arg(long)]
    pub replace: bool,
    /// Does what was shown. Without it nothing is changed.
    #[arg(long)]
    pub yes: bool,
    /// Reads the passphrase of the backup, when it is another than the vault's, from the first line of a file. Without
    /// it, KLINK_BACKUP_PASSPHRASE or a question.
    #[arg(long, value_name = "FILE")]
    pub backup_passphrase_file: Option<PathBuf>,
}

/// Does one of them.
pub fn run(place: &Place, as_json: bool, command: BackingUp) -> Result<(), Refusal> {
    let stop = Stop::on_interrupt();
    let open = || {
        let session = Session::open(place, as_json)?;
        stop.go_on().map(|()| session)
    };
    match command {
        BackingUp::Backup(Backup { file: Some(file), test: true, .. }) => test(place, as_json, &file),
        BackingUp::Backup(Backup { file: Some(file), .. }) => to_file(&open()?, &file),
        BackingUp::Backup(Backup { folder: Some(folder), keep, now, .. }) => {
            let keep = Generations::new(keep).ok_or_else(|| {
                Refusal::new("bad_keep", "A folder keeps 3 to 365 backups. Choose a number between them.")
            })?;
            to_folder(&open()?, &folder, keep, now)
        }
        BackingUp::Backup(_) => state(&open()?),
        BackingUp::Restore(restore) => self::restore(place, as_json, restore, stop),
    }
}

fn to_file(session: &Session, file: &Path) -> Result<(), Refusal> {
    if file.exists() {
        return Err(Refusal::new("file_exists", "There is a file of that name already. Choose another."));
    }
    let file = std::path::absolute(file).map_err(|error| Refusal::file(file, &error))?;
    let shown = Progress::of("writing the backup and reading it back");
    let info = session.core.write_backup(&file, now())?;
    drop(shown);
    if session.json {
        json::print(&snapshot_json(&info));
    } else {
        let accounts = info.says.as_ref().map_or(0, |says| says.accounts);
        println!("{accounts} accounts are in {}, read back and checked.", info.path.display());
        println!("The passphrase and the recovery code of today open it, also after you change them.");
    }
    Ok(())
}

fn to_folder(session: &Session, folder: &Path, keep: Generations, always: bool) -> Result<(), Refusal> {
    let place = DiskFolder::new(folder.to_owned());
    let shown = Progress::of("writing the backup and reading it back");
    let done = match always {
        true => session.core.back_up(&place, keep, now()),
        false => session.core.back_up_if_due(&place, keep, now()),
    };
    drop(shown);
    let done = done.map_err(|error| {
        let last = session.core.backup_state().ok().and_then(|state| state.last_good);
        let refusal = Refusal::from(error);
        match last {
            Some(good) => refusal
                .and(&format!("The last good backup is of {}.", words::moment(good.at)))
                .with("last_good_ms", good.at.ms()),
            None => refusal.and("There is no good backup yet."),
        }
    })?;
    let (what, file) = match &done {
        BackedUp::Written(file) => ("written", file),
        BackedUp::NotDue(file) => ("not_due", file),
    };
    if session.json {
        json::print(&file_json(what, file));
        return Ok(());
    }
    let BackupFile { name, accounts, created_at, .. } = file;
    match done {
        BackedUp::Written(_) => println!("{accounts} accounts are in {name}, read back and checked."),
        BackedUp::NotDue(_) => println!(
            "Nothing has changed since {}: {name} has all {accounts} accounts, and opens.",
            words::moment(*created_at)
        ),
    }
    Ok(())
}

fn state(session: &Session) -> Result<(), Refusal> {
    let state = session.core.backup_state()?;
    let trouble = state.trouble(now());
    if session.json {
        json::print(&json!({
            "last_good": state.last_good.as_ref().map(|good| {
                json!({ "at_ms": good.at.ms(), "accounts": good.accounts, "name": good.name })
            }),
            "failing": state.failing.map(|failing| {
                json!({ "since_ms": failing.since.ms(), "at_ms": failing.at.ms(), "why": why(failing.why) })
            }),
            "trouble": trouble.map(|trouble| match trouble {
                BackupTrouble::Failing(_) => "failing",
                BackupTrouble::Old(_) => "old",
                BackupTrouble::Never => "never",
            }),
        }));
        return Ok(());
    }
    if let Some(good) = &state.last_good {
        println!(
            "{}: {} accounts in {}, opened and counted.",
            words::moment(good.at),
            good.accounts,
            good.name
        );
    }
    match trouble {
        None => {}
        Some(BackupTrouble::Failing(failing)) => {
            println!("FAILING since {}: {}", words::moment(failing.since), reason(failing.why));
        }
        Some(BackupTrouble::Old(_)) => {
            println!("That is more than a week ago. Write one: klink backup --folder DIR")
        }
        Some(BackupTrouble::Never) => {
            println!("There is no backup in a folder yet: klink backup --folder DIR")
        }
    }
    Ok(())
}

fn test(place: &Place, as_json: bool, file: &Path) -> Result<(), Refusal> {
    let bytes = std::fs::read(file).map_err(|error| Refusal::file(file, &error))?;
    if age_file::is_age(&bytes) {
        return test_age(as_json, file, &bytes);
    }
    let locked = LockedSnapshot::open(file)?;
    let opener = secrets::opener(place)?;
    let shown = Progress::of("opening every account");
    let test = locked.test(&opener.key()).map_err(|error| does_not_open(&locked, error))?;
    drop(shown);
    if as_json {
        json::print(&json!({
            "file": file, "accounts": test.accounts, "trashed": test.trashed, "unknown": test.unknown,
            "damaged": test.damaged.iter().map(ItemId::to_string).collect::<Vec<_>>(),
            "written_at_ms": test.created_at.ms(), "vault_id": test.vault_id.to_string(),
            "opened_by": words::slot(&test.opened_by),
            "opens_with": test.opens_with.iter().map(words::slot).collect::<Vec<_>>(),
        }));
        return Ok(());
    }
    println!(
        "{} of {} opens with the {}.",
        file.display(),
        words::moment(test.created_at),
        words::slot(&test.opened_by)
    );
    println!("{} accounts and {} in the trash, each one opened.", test.accounts, test.trashed);
    if test.unknown > 0 {
        println!("{} of them are of a later version and are in it as they are.", test.unknown);
    }
    if !test.damaged.is_empty() {
        println!("{} were damaged already when it was written.", test.damaged.len());
    }
    Ok(())
}

/// Opens a list that `klink export --format age` sealed, and counts its links.
fn test_age(as_json: bool, file: &Path, sealed: &[u8]) -> Result<(), Refusal> {
    let passphrase = secrets::of_backup(None, "passphrase of its own")?;
    let passphrase = SecretText::from(String::from_utf8_lossy(passphrase.expose()).as_ref());
    let shown = Progress::of("opening every account");
    let plain = age_file::open(sealed, &passphrase, KdfBudget::CONSENTED);
    let plain = plain.map_err(|error| import_words::refusal(&error, &[]))?;
    let source = Source { name: "", bytes: plain.expose() };
    let opened = import::open(&[source], &Secrets::default(), KdfBudget::PHONE, &|| false);
    let held = opened.map_err(|error| {
        Refusal::new(
            "not_recognised",
            format!("The passphrase is right, and no accounts are in it: {error}."),
        )
    })?;
    drop(shown);
    let (accounts, problems) = (held.entries.len(), held.problems.len());
    if as_json {
        json::print(
            &json!({ "file": file, "accounts": accounts, "damaged": problems, "format": held.format.name() }),
        );
    } else {
        println!("{} opens: {accounts} accounts, each one read; {problems} cannot be used.", file.display());
    }
    Ok(())
}

fn restore(place: &Place, as_json: bool, restore: Restore, stop: Stop) -> Result<(), Refusal> {
    let Restore { file, replace, yes, backup_passphrase_file } = restore;
    let locked = LockedSnapshot::open(&file)?;
    let session = Session::new(place, as_json)?;
    match session.core.status()? {
        Status::NoVault | Status::PreviousVault(_) => {
            return becomes_the_vault(place, &session, &file, yes, stop);
        }
        Status::Locked(_) | Status::Unlocked(_) => {}
    }
    let opener = secrets::opener(place)?;
    session.try_unlock(&opener)?;
    let copy = match session.core.open_copy(&file, Some(&opener.key())) {
        Ok(copy) => copy,
        Err(authenticator_core::authenticator::Error::Vault(
            VaultError::WrongKey | VaultError::NoSuchSlot,
        )) => {
            let own =
                secrets::of_backup(backup_passphrase_file.as_deref(), &opens_with(&locked).join(" or the "))?;
            locked.unlock(&Opener::Passphrase(own).key()).map_err(|error| does_not_open(&locked, error))?
        }
        Err(error) => return Err(error.into()),
    };
    stop.go_on()?;
    let shown = Progress::of("comparing");
    let compared = session.core.compare(&copy)?;
    drop(shown);
    let only_here = only_here(&session, &compared)?;
    show(&session, &compared, &only_here, Asked { replace, yes });
    stop.go_on()?;
    match (yes, replace) {
        (false, _) => Ok(()),
        (true, false) => merge(&session, &copy, &compared),
        (true, true) => {
            let shown = Progress::of("restoring");
            let replaced = session.core.replace_by(&copy, now())?;
            drop(shown);
            say(
                &session,
                &format!(
                    "Done: {} accounts are as the backup has them, {} went to the trash. What was here before is in the \
                     newest snapshot.",
                    replaced.taken, replaced.trashed
                ),
            );
            Ok(())
        }
    }
}

fn merge(session: &Session, copy: &Snapshot, compared: &Comparison) -> Result<(), Refusal> {
    let wanted = compared.rows.iter().filter(|row| row.status.is_proposed());
    let ids: Vec<ItemId> = wanted.map(|row| row.item.id).collect();
    let shown = Progress::of("restoring");
    let written = if ids.is_empty() { 0 } else { session.core.merge(copy, &ids, now())? };
    drop(shown);
    say(session, &format!("Done: {written} accounts were taken over."));
    Ok(())
}

fn becomes_the_vault(
    place: &Place,
    session: &Session,
    file: &Path,
    yes: bool,
    stop: Stop,
) -> Result<(), Refusal> {
    let locked = LockedSnapshot::open(file)?;
    let opener = secrets::opener(place)?;
    let shown = Progress::of("opening the backup");
    let copy = locked.unlock(&opener.key()).map_err(|error| does_not_open(&locked, error))?;
    let (accounts, rows) = (copy.accounts(), copy.rows());
    drop(copy);
    drop(shown);
    stop.go_on()?;
    if session.json {
        json::print(&json!({ "what": "becomes_the_vault", "done": yes, "accounts": accounts, "rows": rows }));
    } else {
        println!("There is no vault here. {} holds {accounts} accounts.", file.display());
    }
    if !yes {
        say(session, "To make it the vault here: the same command with --yes");
        return Ok(());
    }
    let shown = Progress::of("restoring");
    session.core.restore_backup(file, opener.key(), now())?;
    session.core.accept()?;
    drop(shown);
    say(session, &format!("Done: {accounts} of {accounts} accounts are here."));
    Ok(())
}

/// What the user asked for.
#[derive(Clone, Copy)]
struct Asked {
    replace: bool,
    yes: bool,
}

fn show(session: &Session, compared: &Comparison, only_here: &[Item], asked: Asked) {
    let Asked { replace, yes } = asked;
    let what = if replace { "replace" } else { "merge" };
    let count = |wanted: fn(Compared) -> bool| compared.rows.iter().filter(|row| wanted(row.status)).count();
    let (adds, changes) = (count(|status| status == Compared::Missing), count(is_change));
    let same = count(|status| matches!(status, Compared::Same | Compared::SameCredential(_)));
    if session.json {
        let rows: Vec<Value> =
            compared.rows.iter().map(|row| row_json(&row.item, status(row.status))).collect();
        let here: Vec<Value> = only_here.iter().map(|item| row_json(item, "only_here")).collect();
        let rows = [rows, here].concat();
        json::print(&json!({
            "what": what, "done": yes, "adds": adds, "changes": changes, "same": same,
            "only_here": only_here.len(), "rows": rows, "same_branch": compared.same_branch,
        }));
        return;
    }
    let mut table = tables::table(&["account", "in the backup"]);
    let differing = compared.rows.iter().filter(|row| row.status != Compared::Same);
    for row in differing {
        table.add_row([words::names_of(&row.item), status(row.status).replace('_', " ")]);
    }
    for item in only_here {
        table.add_row([words::names_of(item), "only here".to_owned()]);
    }
    if table.row_count() > 0 {
        println!("{table}");
    }
    println!(
        "The backup adds {adds}, changes {changes}, and has {same} that are the same; {} are only here.",
        only_here.len()
    );
    if !yes && replace {
        println!(
            "To make all of it as the backup has it: the same command with --yes. What is only here goes to the trash."
        );
    } else if !yes {
        println!("To take over what the vault has not got: the same command with --yes");
    }
}

fn is_change(status: Compared) -> bool {
    match status {
        Compared::DamagedHere
        | Compared::NewerThere
        | Compared::OlderThere
        | Compared::Differs
        | Compared::CounterForked { .. } => true,
        Compared::Same | Compared::Missing | Compared::SameCredential(_) | Compared::DamagedThere => false,
    }
}

fn only_here(session: &Session, compared: &Comparison) -> Result<Vec<Item>, Refusal> {
    let there: BTreeSet<ItemId> = compared.rows.iter().map(|row| row.item.id).collect();
    Ok(session.core.list()?.into_iter().filter(|item| !there.contains(&item.id)).collect())
}

fn opens_with(locked: &LockedSnapshot) -> Vec<String> {
    let says = locked.info().says.as_ref();
    says.map(|says| says.opens_with.iter().map(words::slot).collect()).unwrap_or_default()
}

/// A wrong passphrase is told from a damaged file, and the right one is named by its date.
fn does_not_open(locked: &LockedSnapshot, error: VaultError) -> Refusal {
    let wrong = matches!(error, VaultError::WrongKey | VaultError::NoSuchSlot);
    let refusal = Refusal::from(error);
    if !wrong {
        return refusal;
    }
    let ways = opens_with(locked);
    refusal.and(&format!("This backup opens with the {}.", ways.join(" or the "))).with("opens_with", ways)
}

fn file_json(what: &str, file: &BackupFile) -> Value {
    let BackupFile { name, bytes, created_at, seq, accounts, rows } = file;
    json!({
        "what": what, "name": name, "bytes": bytes, "written_at_ms": created_at.ms(), "seq": seq,
        "accounts": accounts, "rows": rows,
    })
}

fn why(failure: BackupFailure) -> &'static str {
    match failure {
        BackupFailure::Folder(error) => folder(error).0,
        BackupFailure::Vault => "vault",
    }
}

fn reason(failure: BackupFailure) -> &'static str {
    match failure {
        BackupFailure::Folder(error) => folder(error).1,
        BackupFailure::Vault => "the vault is not one to copy over good backups. Look with: klink verify",
    }
}

/// Returns the stable word and the sentence for what a folder said.
pub fn folder(error: FolderError) -> (&'static str, &'static str) {
    match error {
        FolderError::Unavailable => (
            "folder_unavailable",
            "The folder cannot be reached, or you may not write to it. Choose it again.",
        ),
        FolderError::Full => ("folder_full", "The folder's disk is full. Free some space and try again."),
        FolderError::NotFound => ("folder_not_found", "A file of the folder is gone. Try again."),
        FolderError::AlreadyExists => {
            ("folder_exists", "A file of that name is in the folder already. Try again.")
        }
        FolderError::Unsupported => {
            ("folder_unsupported", "The folder cannot hold such a file. Choose another.")
        }
        FolderError::NotWhole => (
            "folder_not_whole",
            "What was read back is not what was written. Choose another folder: this one does not keep files.",
        ),
        FolderError::Io(_) => ("folder_io", "The folder could not be read or written. Choose another."),
    }
}
