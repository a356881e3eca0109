//! What the commands of push share: a runtime, a question on the terminal, and finding what is meant.

use std::future::Future;
use std::io::{BufRead, IsTerminal, Write};

use authenticator_core::authenticator::{Challenge, EnrolmentInfo};
use authenticator_core::device::{KeyStoreError, Purpose};
use klink::soft_keys::Ask;

use crate::push_words;
use crate::refusal::Refusal;
use crate::session::Session;

/// Runs what waits for the network.
pub fn run<T>(work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Refusal::new("no_runtime", format!("No threads to work with: {error}.")))?;
    runtime.block_on(work)
}

/// Asks a question that yes or no answers; without a terminal nobody can say yes.
pub fn confirm(question: &str, yes: bool) -> Result<(), Refusal> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Refusal::new("needs_yes", "No terminal to ask on. Add --yes when you are sure."));
    }
    match ask_line(&format!("{question} [y/N] ")).as_deref().map(str::trim) {
        Some("y" | "Y" | "yes" | "j" | "ja") => Ok(()),
        Some(_) | None => Err(Refusal::new("refused", "Nothing was done.")),
    }
}

/// Stands for a finger or a look: asks on the terminal, or takes `--yes` for it.
pub fn presence(yes: bool) -> Ask {
    Box::new(move |purpose| {
        if yes {
            return Ok(());
        }
        let words = match purpose {
            Purpose::Approve => "Approve it?",
            Purpose::Enrol => "Use the new approval key?",
            Purpose::Rotate => "Use the approval key?",
            Purpose::Confirm => "Confirm it?",
            Purpose::Unlock | Purpose::Push | Purpose::Device => "Use this key?",
        };
        confirm(words, false).map_err(|_| KeyStoreError::Cancelled)
    })
}

/// Finds the one open request that `wanted` means.
pub fn find_request<'a>(open: &'a [Challenge], wanted: &str) -> Result<&'a Challenge, Refusal> {
    let fits = |one: &&Challenge| wanted.len() >= 4 && one.id.to_string().starts_with(wanted);
    let mut found = open.iter().filter(fits);
    let first = if wanted == "-" { open.first() } else { found.next() };
    match (first, found.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => {
            Err(Refusal::new("several_requests", "Several requests begin like that. Add letters."))
        }
        (None, _) => Err(Refusal::new(
            "no_such_request",
            "No open request has that id: it was answered, or it has ended. See: klink requests",
        )),
    }
}

/// Finds the one enrolment that `wanted` means: its id, the beginning of it, or words that only it has.
pub async fn find_enrolment(session: &Session, wanted: &str) -> Result<EnrolmentInfo, Refusal> {
    let mut all = session.core.enrolments().await?;
    let small = wanted.to_lowercase();
    let by_id = |one: &EnrolmentInfo| wanted.len() >= 4 && one.id.to_string().starts_with(&small);
    let by_words = |one: &EnrolmentInfo| push_words::names(one).to_lowercase().contains(&small);
    let has_id = all.iter().any(by_id);
    all.retain(|one| if has_id { by_id(one) } else { by_words(one) });
    match all.len() {
        1 => Ok(all.remove(0)),
        0 => Err(Refusal::new(
            "no_such_enrolment",
            "No enrolment has that id or those words. See: klink enrolments",
        )),
        n => Err(Refusal::new("several_enrolments", format!("{n} enrolments have those words. Use the id."))),
    }
}

/// Prints a question and reads one line.
pub fn ask_line(question: &str) -> Option<String> {
    eprint!("{question}");
    std::io::stderr().flush().ok()?;
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line),
    }
}
