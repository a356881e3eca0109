//! The shapes that `klink import --json` prints; a program may rely on them.

use authenticator_core::account::Kind;
use authenticator_core::authenticator::{ImportCounts, ImportPreview, ImportRow, RowStatus};
use authenticator_core::import::Problem;
use authenticator_core::otp::Algorithm;
use serde::Serialize;

use crate::import_words as words;

/// What was, or would be, imported.
#[derive(Serialize)]
pub struct ImportJson {
    format: &'static str,
    counts: CountsJson,
    problems: Vec<ProblemJson>,
    rows: Vec<RowJson>,
    /// Parts of a Google export that were not among the files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing_parts: Vec<u32>,
}

#[derive(Serialize)]
struct CountsJson {
    total: usize,
    imported: usize,
    duplicates: usize,
    unsupported: usize,
    damaged: usize,
    skipped: usize,
}

#[derive(Serialize)]
struct ProblemJson {
    place: String,
    reason: String,
}

#[derive(Serialize)]
struct RowJson {
    kind: &'static str,
    issuer: String,
    account_name: String,
    algorithm: Option<&'static str>,
    digits: u32,
    period: Option<u32>,
    counter: Option<u64>,
    groups: Vec<String>,
    note: String,
    favorite: bool,
    status: &'static str,
    /// Only with `--reveal`, in base32.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl ImportJson {
    /// Takes the counts apart from the preview, which is empty once it was used.
    pub fn new(shown: &Shown, counts: ImportCounts) -> Self {
        let ImportCounts { total, imported, duplicates, unsupported, damaged, skipped } = counts;
        let place = |problem: &Problem| words::place(&problem.place, shown.sources);
        Self {
            format: shown.format,
            counts: CountsJson { total, imported, duplicates, unsupported, damaged, skipped },
            problems: shown
                .problems
                .iter()
                .map(|problem| ProblemJson { place: place(problem), reason: words::reason(problem.reason) })
                .collect(),
            rows: shown
                .rows
                .iter()
                .zip(&shown.secrets)
                .map(|(row, secret)| row_json(row, secret.clone()))
                .collect(),
            missing_parts: shown.missing_parts.clone(),
        }
    }
}

/// What a preview shows, kept for after the import.
pub struct Shown {
    /// The format's name.
    pub format: &'static str,
    /// How many files there were.
    pub sources: usize,
    /// The accounts.
    pub rows: Vec<ImportRow>,
    /// Their secrets, when they are to be revealed.
    pub secrets: Vec<Option<String>>,
    /// What cannot be taken.
    pub problems: Vec<Problem>,
    /// Parts of a Google export that were not among the files.
    pub missing_parts: Vec<u32>,
}

impl Shown {
    /// Reads a preview.
    pub fn of(preview: &ImportPreview, sources: usize, reveal: bool) -> Self {
        let rows = preview.rows();
        let secret = |row| preview.secret(row).filter(|_| reveal).map(|secret| secret.expose().to_owned());
        Self {
            format: preview.format().name(),
            sources,
            secrets: (0..rows.len()).map(secret).collect(),
            rows,
            problems: preview.problems(),
            missing_parts: preview.missing_parts().to_vec(),
        }
    }
}

/// Returns the stable word for what becomes of a row.
pub fn status(row: &ImportRow) -> &'static str {
    match row.status {
        RowStatus::AlreadyPresent(_) => row.status.name(),
        _ if !row.picked => "skipped",
        _ => row.status.name(),
    }
}

fn row_json(row: &ImportRow, secret: Option<String>) -> RowJson {
    RowJson {
        kind: row.kind.name(),
        issuer: row.issuer.clone(),
        account_name: row.account_name.clone(),
        algorithm: row.algorithm.or(of_kind(row.kind)).map(Algorithm::name),
        digits: row.digits,
        period: row.period_s,
        counter: row.counter,
        groups: row.groups.clone(),
        note: row.note.clone(),
        favorite: row.favorite,
        status: status(row),
        secret,
    }
}

/// Returns the hash of a kind that leaves no choice: files name it all the same.
fn of_kind(kind: Kind) -> Option<Algorithm> {
    match kind {
        Kind::Steam => Some(Algorithm::Sha1),
        Kind::Motp => Some(Algorithm::Md5),
        Kind::Yandex => Some(Algorithm::Sha256),
        Kind::Totp | Kind::Hotp | Kind::Unknown => None,
    }
}
