//! The command line, as a person types it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::demo;

/// Klink in a terminal: codes, QR pictures, and a vault that loses nothing.
#[derive(Debug, Parser)]
#[command(name = "klink", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Where the vault is and how it is opened.
    #[command(flatten)]
    pub place: Place,
    /// Prints JSON instead of text; a failure is `{"error": …, "detail": {…}}`.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Where the vault is and how it is opened.
#[derive(Args, Debug)]
pub struct Place {
    /// The vault's folder; without it, a folder among the user's data.
    #[arg(long, global = true, value_name = "DIR", env = "KLINK_VAULT")]
    pub vault: Option<PathBuf>,
    /// Where anchors are kept: what says how new a vault must be. Never inside a vault's folder.
    #[arg(long, global = true, value_name = "DIR", env = "KLINK_ANCHORS", hide = true)]
    pub anchors: Option<PathBuf>,
    /// Where this device's keys are kept. Never inside a vault's folder.
    #[arg(long, global = true, value_name = "DIR", env = "KLINK_DEVICE", hide = true)]
    pub device: Option<PathBuf>,
    /// Believes the certificates of this authority as well: a PEM file.
    #[arg(long, global = true, value_name = "FILE", env = "KLINK_CA_FILE")]
    pub ca_file: Option<PathBuf>,
    /// Reads the passphrase from the first line of a file. Without it, KLINK_PASSPHRASE or a question.
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Opens with the recovery code from the first line of a file instead of the passphrase.
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "passphrase_file")]
    pub recovery_code_file: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a vault.
    Init {
        /// Makes a recovery code as well, shows it once, and asks for it again; without a terminal it is read from
        /// standard input.
        #[arg(long)]
        recovery_code: bool,
        /// Starts new although an earlier vault of this folder is gone; its anchor is put aside.
        #[arg(long)]
        start_new: bool,
    },
    /// Reads QR pictures, says what each code is, and adds the accounts.
    Scan {
        /// PNG, JPEG, WebP, GIF or BMP.
        #[arg(required = true, value_name = "IMAGE")]
        images: Vec<PathBuf>,
    },
    /// Adds an account from a text: otpauth://, otpauth-migration://, steam:// or motp://.
    Add {
        /// The text; `-` reads it from standard input, so that it does not stand in the shell's history.
        text: String,
        /// The PIN of a Mobile-OTP or Yandex account.
        #[arg(long)]
        pin: Option<String>,
        /// A name for the issuer instead of the one in the text.
        #[arg(long)]
        issuer: Option<String>,
        /// A name for the account instead of the one in the text.
        #[arg(long)]
        name: Option<String>,
    },
    /// Takes the accounts out of another app's export, backup or pictures.
    Import(crate::commands::importing::Import),
    /// Lists the accounts, without codes.
    List {
        /// Lists what is in the trash instead.
        #[arg(long)]
        trash: bool,
    },
    /// Shows the codes.
    Codes {
        /// For this moment, in Unix seconds, instead of now.
        #[arg(long, value_name = "UNIX_SECONDS", conflicts_with = "watch", allow_negative_numbers = true)]
        at: Option<i64>,
        /// Milliseconds to add to the clock.
        #[arg(long, value_name = "MS", default_value_t = 0, allow_negative_numbers = true)]
        offset_ms: i64,
        /// Keeps the list on the screen, with a countdown, until q is typed.
        #[arg(long)]
        watch: bool,
        /// Only accounts with these words.
        query: Vec<String>,
    },
    /// Gives the next code of an account that counts (HOTP).
    Next {
        /// The account: its id, the beginning of it, or words that only it has.
        account: String,
        /// Shows the last code again instead.
        #[arg(long)]
        again: bool,
    },
    /// Shows one account.
    Show {
        /// The account: its id, the beginning of it, or words that only it has.
        account: String,
        /// Shows its secret too, and a QR code to move it.
        #[arg(long)]
        reveal: bool,
        /// Shows its code too: also of an account that asks every time.
        #[arg(long, conflicts_with = "reveal")]
        code: bool,
    },
    /// Changes an account's names, note, groups or mark.
    Edit(Edit),
    /// Moves an account to the trash, where it stays for 30 days.
    Delete {
        /// The account: its id, the beginning of it, or words that only it has.
        account: String,
        /// Takes it out of the trash again.
        #[arg(long)]
        restore: bool,
    },
    /// Lists the accounts that have these words in a name, a note or a group.
    Search {
        /// The words.
        #[arg(required = true)]
        query: Vec<String>,
    },
    /// Reads a QR picture and prints what its codes say; no vault is needed.
    Qr {
        /// PNG, JPEG, WebP, GIF or BMP.
        image: PathBuf,
    },
    /// Checks every row, the manifest and the file.
    Verify {
        /// After an older copy, a new machine or a lost anchor: takes the vault as it is, as a new branch.
        #[arg(long)]
        accept: bool,
    },
    #[command(flatten)]
    Ways(crate::commands::ways::Ways),
    #[command(flatten)]
    Keeping(crate::commands::keeping::Keeping),
    /// Writes the accounts in a form that other apps read, or people.
    Export(crate::commands::exporting::Export),
    /// Moves the accounts to another device, or takes them from one: QR codes, or a sealed file and one code.
    Move(crate::commands::moving::Move),
    #[command(flatten)]
    BackingUp(crate::commands::backing_up::BackingUp),
    /// Lets this terminal approve sign-ins: takes the offer of a set-up page.
    Enrol(Enrol),
    /// Lists the sign-ins that wait for an answer.
    Requests {
        /// Without opening the vault: names are not shown.
        #[arg(long)]
        locked: bool,
    },
    /// Shows sign-ins as they come and asks for the number, until Ctrl-C.
    Watch {
        /// Makes this terminal a gateway for text messages too: HTTP on this loopback address, for a service's tests.
        #[arg(long, value_name = "ADDR")]
        sms_listen: Option<SocketAddr>,
        /// Asks nobody: only shows.
        #[arg(long)]
        quiet: bool,
    },
    /// Approves a sign-in with the number that its page shows.
    Approve {
        /// The request: its id, which may begin with a hyphen, or the beginning of it; `-` takes the newest.
        #[arg(allow_hyphen_values = true)]
        request: String,
        /// The number on the page, or the option that it shows; none where the request asks for none.
        number: Option<String>,
        /// A picture of the page with its QR code, instead of the number.
        #[arg(long, value_name = "IMAGE", conflicts_with = "number")]
        scan: Option<PathBuf>,
        /// Asks nothing, for scripts.
        #[arg(long)]
        yes: bool,
    },
    /// Denies a sign-in; the vault stays closed.
    Deny {
        /// The request: its id, which may begin with a hyphen, or the beginning of it; `-` takes the newest.
        #[arg(allow_hyphen_values = true)]
        request: String,
        /// You began this sign-in yourself and changed your mind.
        #[arg(long)]
        cancelled: bool,
    },
    /// Reports a sign-in that was not you; the vault stays closed.
    Report {
        /// The request: its id, which may begin with a hyphen, or the beginning of it; `-` takes the newest.
        #[arg(allow_hyphen_values = true)]
        request: String,
        /// It may have been you, and something looks wrong.
        #[arg(long)]
        suspicious: bool,
        /// Nobody may sign in until another factor says so.
        #[arg(long)]
        lock: bool,
    },
    /// Lists the services that this terminal approves for, and changes them.
    Enrolments {
        /// What to do with one of them.
        #[command(subcommand)]
        change: Option<EnrolmentChange>,
    },
    /// Checks keys, vault, clock and copies, and lists the services that do not know this machine yet.
    Check,
    /// Lists what was answered.
    History,
    /// Plays all of it against the real service on this machine: codes, set-up, approvals, other methods, a lost phone.
    Demo(demo::Options),
}

/// The offer to take, and what the service is told.
#[derive(Args, Debug)]
pub struct Enrol {
    /// The link, the text or a picture of the code on the set-up page; `-` reads the text from standard input.
    #[arg(required_unless_present = "code")]
    pub offer: Option<String>,
    /// "Can't scan?": the host and the code of 12 characters that the page shows.
    #[arg(long, num_args = 2, value_names = ["HOST", "CODE"], conflicts_with = "offer")]
    pub code: Option<Vec<String>>,
    /// What the service calls this terminal.
    #[arg(long, value_name = "NAME", default_value = "klink in a terminal")]
    pub phone_name: String,
    /// Asks nothing, for scripts.
    #[arg(long)]
    pub yes: bool,
}

/// What to do with one enrolment.
#[derive(Debug, Subcommand)]
pub enum EnrolmentChange {
    /// Asks the service for a test.
    Test {
        /// The enrolment: its id, the beginning of it, or words that only it has.
        enrolment: String,
    },
    /// Gives it a name of your own.
    Rename {
        /// The enrolment: its id, the beginning of it, or words that only it has.
        enrolment: String,
        /// The name; an empty one takes it away.
        name: String,
    },
    /// Sends the same enrolment again whose reply was lost.
    Resume {
        /// The enrolment: its id, or the beginning of it.
        enrolment: String,
    },
    /// Makes a new key and puts it in the old one's place.
    NewKey {
        /// The enrolment: its id, the beginning of it, or words that only it has.
        enrolment: String,
        /// The approval key instead of the device key.
        #[arg(long)]
        approval: bool,
        /// Asks nothing, for scripts.
        #[arg(long)]
        yes: bool,
    },
    /// After damage: puts the file of all enrolments aside, so that you can enrol anew. It is kept.
    StartNew,
    /// Ends it at the service, and removes it here.
    Remove {
        /// The enrolment: its id, the beginning of it, or words that only it has.
        enrolment: String,
        /// Removes it here alone: the service is gone, or has taken it back.
        #[arg(long)]
        here: bool,
    },
}

/// What an edit changes; what is not named stays.
#[derive(Args, Debug)]
pub struct Edit {
    /// The account: its id, the beginning of it, or words that only it has.
    pub account: String,
    /// The provider.
    #[arg(long)]
    pub issuer: Option<String>,
    /// The user's name at the provider.
    #[arg(long)]
    pub name: Option<String>,
    /// A note.
    #[arg(long)]
    pub note: Option<String>,
    /// Puts the account in this group, made when it is not there yet; may be given several times.
    #[arg(long = "group", value_name = "NAME")]
    pub groups: Vec<String>,
    /// Takes it out of this group; may be given several times.
    #[arg(long = "no-group", value_name = "NAME")]
    pub no_groups: Vec<String>,
    /// Marks it as a favourite, or not.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub favorite: Option<bool>,
    /// Gives its codes to who confirms, each time, or no longer.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub ask_every_time: Option<bool>,
    /// The PIN of a Mobile-OTP or Yandex account.
    #[arg(long)]
    pub pin: Option<String>,
    /// Moves it to this place in the list, counted from 1.
    #[arg(long, value_name = "PLACE")]
    pub place: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_whose_id_begins_with_a_hyphen_is_named_as_it_is() {
        for id in ["-Jz99ISb.dfc9", "--z9ISb.dfc9", "-hJz9ISb.dfc9", "-"] {
            let line = ["klink", "approve", "--yes", id, "7", "--json"];
            let cli = Cli::try_parse_from(line).unwrap();
            let Command::Approve { request, number, yes, .. } = cli.command else { panic!("{line:?}") };
            assert_eq!((&*request, number.as_deref(), yes, cli.json), (id, Some("7"), true, true));
            let cli = Cli::try_parse_from(["klink", "deny", id, "--cancelled"]).unwrap();
            assert!(matches!(cli.command, Command::Deny { request, cancelled: true } if request == id));
            let cli = Cli::try_parse_from(["klink", "report", "--lock", id]).unwrap();
            assert!(
                matches!(cli.command, Command::Report { request, lock: true, suspicious: false } if request == id)
            );
        }
        assert!(Cli::try_parse_from(["klink", "show", "-Jz99"]).is_err(), "elsewhere it is no name");
    }
}
