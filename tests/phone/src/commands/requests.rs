//! `requests`, `approve`, `deny`, `report` and `history`.

use std::path::PathBuf;

use authenticator_core::authenticator::{Answered, Challenge, Decision, Number, Refreshed};
use serde_json::{Value, json};

use super::enrolling::first_text;
use super::push::{find_request, presence, run};
use crate::args::Place;
use crate::json;
use crate::push_json::{PastJson, RequestJson};
use crate::push_words;
use crate::refusal::Refusal;
use crate::session::{Session, now};

/// What the page shows.
pub struct Shown {
    /// A number.
    pub number: Option<String>,
    /// A picture with a QR code.
    pub scan: Option<PathBuf>,
}

/// Lists the open requests.
pub fn list(place: &Place, as_json: bool, locked: bool) -> Result<(), Refusal> {
    let session = Session::with_push(place, as_json, presence(true))?;
    if !locked {
        session.unlock(place)?;
    }
    run(async {
        let refreshed = session.core.refresh_challenges().await?;
        tell_problems(&session, &refreshed);
        if as_json {
            json::print(&refreshed.challenges.iter().map(RequestJson::from).collect::<Vec<_>>());
        } else if refreshed.challenges.is_empty() {
            println!("{}", push_words::NO_REQUEST);
        } else {
            refreshed.challenges.iter().for_each(|one| println!("{}\n", push_words::request(one, now())));
        }
        Ok(())
    })
}

/// Approves one request.
pub fn approve(place: &Place, as_json: bool, request: &str, shown: Shown, yes: bool) -> Result<(), Refusal> {
    let session = Session::with_push(place, as_json, presence(yes))?;
    session.unlock(place)?;
    let number = match shown {
        Shown { scan: Some(path), .. } => Number::Scanned(first_text(&path)?),
        Shown { number: Some(number), scan: None } => Number::Typed(number),
        Shown { number: None, scan: None } => Number::Nothing,
    };
    run(async {
        let one = newest(&session, request).await?;
        if !as_json {
            println!("{}", push_words::request(&one, now()));
        }
        let answered = session.core.answer(one.id, Decision::Approve { number }).await?;
        print_answered(&session, &one, answered)
    })
}

/// Denies or reports one request, with the vault closed.
pub fn refuse(place: &Place, as_json: bool, request: &str, decision: Decision) -> Result<(), Refusal> {
    let session = Session::with_push(place, as_json, presence(true))?;
    run(async {
        let one = newest(&session, request).await?;
        let answered = session.core.answer(one.id, decision).await?;
        print_answered(&session, &one, answered)
    })
}

/// Lists what was answered.
pub fn history(place: &Place, as_json: bool) -> Result<(), Refusal> {
    let session = Session::with_push(place, as_json, presence(true))?;
    session.unlock(place)?;
    run(async {
        let past = session.core.push_history().await?;
        if as_json {
            json::print(&past.iter().map(PastJson::from).collect::<Vec<_>>());
        } else if past.is_empty() {
            println!("{}", push_words::NO_HISTORY);
        } else {
            past.iter().for_each(|one| println!("{}", push_words::past(one, now())));
        }
        Ok(())
    })
}

/// Says on standard error which services could not be asked.
pub fn tell_problems(session: &Session, refreshed: &Refreshed) {
    if !session.json {
        for (_, why) in &refreshed.problems {
            eprintln!("klink: a service could not be asked: {}", push_words::why(why));
        }
    }
}

/// Says what became of an answer.
fn print_answered(session: &Session, one: &Challenge, answered: Answered) -> Result<(), Refusal> {
    if session.json {
        json::print(&answered_json(one, &answered));
    } else {
        tell_answered(&answered);
    }
    Ok(())
}

/// What became of an answer, for programs; `display_code` is there when the page wants a code.
pub fn answered_json(one: &Challenge, answered: &Answered) -> Value {
    let outcome = answered.outcome.map(push_words::outcome_word);
    let mut said = json!({ "id": one.id.to_string(), "outcome": outcome });
    if let Some(code) = &answered.display_code {
        said["display_code"] = code.expose().into();
    }
    said
}

/// The same, for people.
pub fn tell_answered(answered: &Answered) {
    println!("{}", push_words::answered(answered.outcome));
    if let Some(code) = &answered.display_code {
        println!("Type this on the page: {}", code.expose());
    }
}

/// Looks, and finds the request that is meant.
async fn newest(session: &Session, request: &str) -> Result<Challenge, Refusal> {
    let refreshed = session.core.refresh_challenges().await?;
    tell_problems(session, &refreshed);
    find_request(&refreshed.challenges, request).cloned()
}
