//! `export`: what a format cannot hold is said first, plain files are warned of in words, and files are the user's alone.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use authenticator_core::authenticator::ExportReport;
use authenticator_core::export::{Content, Drawing, ExportFormat, LeftOut, Lost, Order, SheetWords};
use authenticator_core::secret::{SecretBytes, SecretText};
use authenticator_core::vault::ItemId;
use clap::{Args, ValueEnum};
use image::Luma;
use serde_json::{Value, json};

use crate::age_file;
use crate::args::Place;
use crate::boot::boot;
use crate::json;
use crate::progress::Progress;
use crate::refusal::Refusal;
use crate::secrets;
use crate::session::{Session, now};
use crate::stopping::{Stop, while_waiting};
use crate::{tables, words};

/// What to export, and where.
#[derive(Args, Debug)]
pub struct Export {
    /// How it is written.
    #[arg(long, value_enum)]
    pub format: Written,
    /// The file to write, or for QR codes the folder; `-` is standard output. Without it, QR codes are drawn here.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Only these accounts: an id, the beginning of it, or words that only it has. May be given several times.
    #[arg(long = "account", value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// Says what the format would hold and what not, and writes nothing.
    #[arg(long)]
    pub report: bool,
    /// Reads the password of the new file from the first line of a file. Without it, KLINK_EXPORT_PASSWORD or a question.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// The language of a printed sheet.
    #[arg(long, value_enum, default_value = "en")]
    pub lang: Lang,
    /// Writes a plain file without asking once more.
    #[arg(long)]
    pub yes: bool,
}

/// How an export is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Written {
    /// Aegis JSON under a password: what most other apps read.
    Aegis,
    /// A list of links under a password, as `age` seals it; `age --decrypt` opens it as well.
    Age,
    /// A plain list of otpauth links.
    UriList,
    /// Google Authenticator's codes, ten accounts each.
    GoogleMigration,
    /// A QR code for each account.
    Qr,
    /// A page to print.
    Html,
    /// FIDO Credential Exchange Format, plain.
    Cxf,
}

/// The language of a sheet.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Lang {
    /// English.
    En,
    /// Dutch.
    Nl,
}

impl Written {
    fn format(self) -> ExportFormat {
        match self {
            Self::Aegis => ExportFormat::Aegis,
            Self::Age | Self::UriList => ExportFormat::UriList,
            Self::GoogleMigration => ExportFormat::GoogleMigration,
            Self::Qr => ExportFormat::Codes,
            Self::Html => ExportFormat::Sheet,
            Self::Cxf => ExportFormat::Cxf,
        }
    }

    fn is_plain(self) -> bool {
        self != Self::Age && self.format().is_plain()
    }

    fn name(self) -> &'static str {
        if self == Self::Age { "age" } else { self.format().name() }
    }
}

/// Exports.
pub fn export(place: &Place, as_json: bool, export: &Export) -> Result<(), Refusal> {
    let Export { format, out, accounts, report, password_file, lang, yes } = export;
    let stop = Stop::on_interrupt();
    let (session, opener) = Session::open_keeping(place, as_json)?;
    stop.go_on()?;
    let ids = accounts
        .iter()
        .map(|wanted| Ok(session.find(wanted, false)?.id))
        .collect::<Result<Vec<_>, Refusal>>()?;
    let ids = (!accounts.is_empty()).then_some(ids.as_slice());
    let held = session.core.export_report(format.format(), ids)?;
    if *report {
        show_report(&session, *format, &held, None)?;
        return Ok(());
    }
    if out.is_none() && !matches!(format, Written::Qr | Written::GoogleMigration) {
        return Err(Refusal::new(
            "no_out",
            "This is a file. Name it: --out FILE, or --out - for standard output",
        ));
    }
    if !as_json {
        tell_report(&session, &held)?;
    }
    if let Some(out) = out.as_deref().filter(|out| *out != Path::new("-")) {
        refuse_existing(out)?;
    }
    if format.is_plain() {
        warn(*yes)?;
    }
    let password = match format {
        Written::Aegis | Written::Age => Some(secrets::of_export(password_file.as_deref())?),
        Written::UriList | Written::GoogleMigration | Written::Qr | Written::Html | Written::Cxf => None,
    };
    let words = sheet(*lang);
    let order = match (format, &password) {
        (Written::Aegis, Some(password)) => Order::Aegis(password),
        (Written::Aegis | Written::Age | Written::UriList, _) => Order::UriList,
        (Written::GoogleMigration, _) => Order::GoogleMigration,
        (Written::Qr, _) => Order::Codes,
        (Written::Html, _) => Order::Sheet(&words),
        (Written::Cxf, _) => Order::Cxf(now()),
    };
    // The core opens the slot once more: this is the confirmation.
    let token = session.confirm(&opener)?;
    let shown = Progress::of("writing the export");
    let written = session.core.export(&order, ids, &token, boot(), &|| stop.asked())?;
    let content = match (written.content, format, &password) {
        (Content::File(plain), Written::Age, Some(password)) => {
            Content::File(age_file::seal(&plain, password, stop)?)
        }
        (content, ..) => content,
    };
    drop(shown);
    stop.go_on()?;
    let files = match content {
        Content::File(bytes) => put(out.as_deref(), &bytes)?,
        Content::Codes(texts) => put_codes(out.as_deref(), &texts, as_json, stop)?,
    };
    show_report(&session, *format, &written.report, Some(&files))
}

/// Says in words what a plain file is, and asks.
fn warn(yes: bool) -> Result<(), Refusal> {
    eprintln!(
        "This is not encrypted. Whoever sees it, now or later, can make your codes: in a picture, a printer's memory, a \
         folder that is copied elsewhere. Keep it off shared machines and delete it when you are done."
    );
    if yes {
        return Ok(());
    }
    let refused =
        || Refusal::new("not_confirmed", "Nothing was written. To write it: the same command with --yes");
    if !std::io::stdin().is_terminal() {
        return Err(refused());
    }
    eprint!("Write it? Type yes: ");
    let mut typed = String::new();
    while_waiting(|| std::io::stdin().read_line(&mut typed)).map_err(|_| refused())?;
    if typed.trim() == "yes" { Ok(()) } else { Err(refused()) }
}

pub(super) fn refuse_existing(out: &Path) -> Result<(), Refusal> {
    if out.exists() {
        return Err(Refusal::new("file_exists", "There is a file of that name already. Choose another."));
    }
    Ok(())
}

/// Writes a file for the user alone, in one step; a killed program leaves nothing under its name.
pub(super) fn put(out: Option<&Path>, bytes: &SecretBytes) -> Result<Vec<PathBuf>, Refusal> {
    let Some(out) = out.filter(|out| *out != Path::new("-")) else {
        let written = std::io::stdout().write_all(bytes.expose());
        return written.map(|()| Vec::new()).map_err(|error| Refusal::file(Path::new("-"), &error));
    };
    let out = std::path::absolute(out).map_err(|error| Refusal::file(out, &error))?;
    let failed = |error: std::io::Error| Refusal::file(&out, &error);
    let folder = out.parent().unwrap_or(Path::new("/"));
    // Files of tempfile are 0600, and gone when anything below fails.
    let mut file = tempfile::Builder::new().prefix(".klink-").tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes.expose()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    if fs::read(file.path()).map(SecretBytes::new).map_err(failed)? != *bytes {
        return Err(Refusal::new(
            "not_whole",
            "What was read back is not what was written. Nothing was kept.",
        ));
    }
    file.persist_noclobber(&out).map_err(|error| failed(error.error))?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(vec![out])
}

/// Writes pictures into a new folder, all or none, or draws the codes in the terminal.
pub(super) fn put_codes(
    out: Option<&Path>,
    texts: &[SecretText],
    as_json: bool,
    stop: Stop,
) -> Result<Vec<PathBuf>, Refusal> {
    let Some(out) = out.filter(|out| *out != Path::new("-")) else {
        if as_json {
            return Err(Refusal::new("no_out", "Pictures need a folder: --out DIR"));
        }
        for (n, text) in texts.iter().enumerate() {
            println!("{}\n{} of {}", tables::qr(text.expose()).unwrap_or_default(), n + 1, texts.len());
        }
        return Ok(Vec::new());
    };
    let out = std::path::absolute(out).map_err(|error| Refusal::file(out, &error))?;
    let failed = |error: std::io::Error| Refusal::file(&out, &error);
    let beside = out.parent().unwrap_or(Path::new("/"));
    let aside = tempfile::Builder::new().prefix(".klink-").tempdir_in(beside).map_err(failed)?;
    let width = texts.len().to_string().len();
    let mut files = Vec::with_capacity(texts.len());
    let shown = Progress::counting("drawing codes", texts.len());
    for (n, text) in (1..).zip(texts) {
        stop.go_on()?;
        shown.step();
        let name = format!("{n:0width$}-of-{}.png", texts.len());
        picture(&aside.path().join(&name), text)?;
        files.push(out.join(name));
    }
    fs::rename(aside.path(), &out).map_err(failed)?;
    // What was renamed is no longer there to be removed.
    let _ = aside.keep();
    Ok(files)
}

fn picture(path: &Path, text: &SecretText) -> Result<(), Refusal> {
    const MODULE: u32 = 6;
    let code = Drawing::of(text.expose()).ok_or_else(|| {
        Refusal::new("too_long", "A link is too long for a QR code. Leave that account out.")
    })?;
    let size = code.size as u32;
    let side = (size + 8) * MODULE;
    let drawn = image::GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = ((x / MODULE).wrapping_sub(4), (y / MODULE).wrapping_sub(4));
        let black = x < size && y < size && code.modules[(y * size + x) as usize];
        Luma([if black { 0 } else { 255 }])
    });
    let failed = |error: std::io::Error| Refusal::file(path, &error);
    let mut png = std::io::Cursor::new(Vec::new());
    drawn
        .write_to(&mut png, image::ImageFormat::Png)
        .map_err(|error| failed(std::io::Error::other(error)))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(png.get_ref()).and_then(|()| file.sync_all()).map_err(failed)
}

fn tell_report(session: &Session, report: &ExportReport) -> Result<(), Refusal> {
    if !report.left_out.is_empty() {
        let mut table = tables::table(&["left out", "because"]);
        for (id, why) in &report.left_out {
            table.add_row([words::names_of(&session.core.item(*id)?), reason(*why).1.to_owned()]);
        }
        eprintln!("{table}");
    }
    for (what, count) in &report.lost {
        eprintln!("{count} accounts lose {}.", lost(*what).1);
    }
    eprintln!("{} accounts are written, {} are left out.", report.written.len(), report.left_out.len());
    Ok(())
}

fn show_report(
    session: &Session,
    format: Written,
    report: &ExportReport,
    files: Option<&[PathBuf]>,
) -> Result<(), Refusal> {
    if !session.json {
        match files {
            None => tell_report(session, report)?,
            Some([]) => {}
            Some([one]) => eprintln!("{} is written and read back.", one.display()),
            Some([first, ..]) => {
                let folder = first.parent().unwrap_or(first);
                eprintln!("{} pictures are in {}.", files.map_or(0, <[_]>::len), folder.display());
            }
        }
        return Ok(());
    }
    if files.is_some_and(<[_]>::is_empty) {
        // The export itself is on standard output.
        return Ok(());
    }
    let ids = report.written.iter().map(ItemId::to_string).collect::<Vec<_>>();
    let left_out: Vec<Value> = report
        .left_out
        .iter()
        .map(|(id, why)| json!({ "id": id.to_string(), "reason": reason(*why).0 }))
        .collect();
    let lost: Vec<Value> =
        report.lost.iter().map(|(what, count)| json!({ "what": lost(*what).0, "accounts": count })).collect();
    json::print(&json!({
        "format": format.name(), "plain": format.is_plain(), "written": ids, "left_out": left_out, "lost": lost,
        "files": files.unwrap_or_default(), "done": files.is_some(),
    }));
    Ok(())
}

fn reason(why: LeftOut) -> (&'static str, &'static str) {
    match why {
        LeftOut::Kind => ("kind", "the format has no such kind of account"),
        LeftOut::Algorithm => ("algorithm", "the format has no such hash"),
        LeftOut::Digits => ("digits", "the format has no such number of digits"),
        LeftOut::Period => ("period", "the format has no such time step"),
        LeftOut::Counter => ("counter", "the format's counters end before this one"),
        LeftOut::NeedsPin => ("needs_pin", "its PIN is not known"),
        LeftOut::Secret => ("secret", "the format takes no secret of this length"),
        LeftOut::TooLong => ("too_long", "its link is too long for a QR code"),
        LeftOut::Unreadable => ("unreadable", "it cannot be read here; klink backup carries it"),
    }
}

fn lost(what: Lost) -> (&'static str, &'static str) {
    match what {
        Lost::Note => ("note", "their note"),
        Lost::Groups => ("groups", "their groups"),
        Lost::Favorite => ("favorite", "their mark"),
        Lost::AsksEveryTime => ("asks_every_time", "that they ask every time"),
        Lost::Icon => ("icon", "their icon"),
        Lost::Usage => ("usage", "how often they were used"),
        Lost::Extra => ("extra", "what another app had written with them"),
        Lost::Spelling => ("spelling", "the exact spelling of their names"),
    }
}

fn sheet(lang: Lang) -> SheetWords {
    let day = words::moment(now());
    let day = day.get(..10).unwrap_or_default();
    let (language, title, warning, nameless) = match lang {
        Lang::En => (
            "en",
            "Accounts of",
            "Whoever has this paper can make your codes. Keep it where you keep your passport, and shred it when you \
             make a new one.",
            "an account without a name",
        ),
        Lang::Nl => (
            "nl",
            "Accounts van",
            "Wie dit papier heeft, kan uw codes maken. Bewaar het waar u uw paspoort bewaart, en versnipper het als u \
             een nieuw maakt.",
            "een account zonder naam",
        ),
    };
    let title = format!("{title} {day}");
    SheetWords { language: language.into(), title, warning: warning.into(), nameless: nameless.into() }
}
