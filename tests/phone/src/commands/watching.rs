//! `watch`: requests as they come, with a question for each; and text messages, for a service's tests.

use std::io::{BufRead, IsTerminal};
use std::net::SocketAddr;
use std::sync::Arc;

use authenticator_core::authenticator::{Challenge, ChallengeFeed, Closed, Decision, Number};
use authenticator_core::push::matching::Rule;
use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::push::{presence, run};
use super::requests::{answered_json, tell_answered, tell_problems};
use crate::args::Place;
use crate::json;
use crate::push_json::RequestJson;
use crate::push_words;
use crate::refusal::Refusal;
use crate::session::{Session, now};
use crate::tables;

/// What a person typed about the request on the screen.
#[derive(Debug, Eq, PartialEq)]
enum Typed {
    Answer(Decision),
    Nothing,
}

/// Shows requests until Ctrl-C or the end of the input.
pub fn watch(place: &Place, as_json: bool, sms: Option<SocketAddr>, quiet: bool) -> Result<(), Refusal> {
    // Whoever types the number into a terminal is there.
    let session = Session::with_push(place, as_json, presence(true))?;
    session.unlock(place)?;
    run(async {
        if let Some(address) = sms {
            listen_for_texts(address, as_json).await?;
        }
        if !as_json {
            println!("Waiting for requests. Ctrl-C ends.");
        }
        let feed = ChallengeFeed::new(Arc::clone(&session.core));
        let mut lines = if quiet { None } else { Some(lines()) };
        let mut on_screen: Option<Challenge> = None;
        loop {
            tokio::select! {
                found = feed.next() => {
                    let Some(refreshed) = found? else { return Ok(()) };
                    tell_problems(&session, &refreshed);
                    refreshed.closed.iter().for_each(|closed| tell_closed(&session, closed));
                    let newest = refreshed.challenges.into_iter().next();
                    if newest.as_ref().map(|one| one.id) != on_screen.as_ref().map(|one| one.id)
                        && let Some(one) = &newest
                    {
                        tell_request(&session, one, quiet);
                    }
                    on_screen = newest;
                }
                line = next_line(&mut lines) => {
                    let Some(line) = line else {
                        lines = None;
                        if std::io::stdin().is_terminal() { feed.end(); }
                        continue;
                    };
                    if let Some(one) = &on_screen
                        && let Typed::Answer(decision) = typed(&line, &one.rule)
                    {
                        answer(&session, one, decision).await;
                    }
                }
            }
        }
    })
}

/// Reads a line: what the page shows approves, n denies, r reports.
fn typed(line: &str, rule: &Rule) -> Typed {
    let approve = |number| Typed::Answer(Decision::Approve { number });
    match line.trim() {
        "" => Typed::Nothing,
        // An option may be any short word, those below included.
        text if matches!(rule, Rule::Pick { options } if options.iter().any(|one| one == text)) => {
            approve(Number::Typed(text.to_owned()))
        }
        "y" | "Y" | "yes" | "j" | "ja" if *rule == Rule::Confirm => approve(Number::Nothing),
        "n" | "N" | "no" | "deny" => Typed::Answer(Decision::Deny { cancelled: false }),
        "r" | "R" | "report" => Typed::Answer(Decision::Report { not_me: true, lock: false }),
        text if text.len() > 8 => approve(Number::Scanned(text.to_owned())),
        text => approve(Number::Typed(text.to_owned())),
    }
}

async fn answer(session: &Session, one: &Challenge, decision: Decision) {
    match session.core.answer(one.id, decision).await {
        Ok(answered) if session.json => {
            let mut said = answered_json(one, &answered);
            said["event"] = "answered".into();
            json::print(&said);
        }
        Ok(answered) => tell_answered(&answered),
        Err(error) => Refusal::from(error).print(session.json),
    }
}

fn tell_request(session: &Session, one: &Challenge, quiet: bool) {
    if session.json {
        json::print(&json!({ "event": "request", "request": RequestJson::from(one) }));
        return;
    }
    println!("\n{}", push_words::request(one, now()));
    if !quiet {
        println!("{}", push_words::question(one));
    }
}

fn tell_closed(session: &Session, closed: &Closed) {
    let word = push_words::outcome_word(closed.outcome);
    if session.json {
        json::print(&json!({ "event": "closed", "id": closed.id.to_string(), "outcome": word }));
    } else {
        println!("{}", push_words::answered(Some(closed.outcome)));
    }
}

/// Reads lines on a thread of its own: the terminal's input cannot be waited for otherwise.
fn lines() -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if tell.blocking_send(line).is_err() {
                return;
            }
        }
    });
    told
}

async fn next_line(lines: &mut Option<mpsc::Receiver<String>>) -> Option<String> {
    match lines {
        Some(lines) => lines.recv().await,
        None => std::future::pending().await,
    }
}

/// Takes text messages as a gateway would, and prints them: a service on this machine sends them here.
async fn listen_for_texts(address: SocketAddr, as_json: bool) -> Result<(), Refusal> {
    if !address.ip().is_loopback() {
        return Err(Refusal::new(
            "not_loopback",
            "Text messages are taken from this machine alone: 127.0.0.1.",
        ));
    }
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| Refusal::new("cannot_listen", format!("{address}: {error}.")))?;
    let at = listener.local_addr().map_err(|error| Refusal::new("cannot_listen", error.to_string()))?;
    if as_json {
        json::print(&json!({ "event": "listening", "address": at.to_string() }));
    } else {
        println!("Text messages: http://{at}/");
    }
    let take = move |body: Bytes| async move {
        let (to, text) = message(&body);
        if as_json {
            json::print(&json!({ "event": "text", "to": to, "text": text }));
        } else {
            println!("\nText message for {}: {}", tables::safe(&to), tables::safe(&text));
        }
        axum::http::StatusCode::NO_CONTENT
    };
    let router = Router::new().route("/", post(take)).route("/{*path}", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(())
}

/// Returns number and text of a message, whatever the gateway's template calls them.
fn message(body: &[u8]) -> (String, String) {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return (String::new(), String::from_utf8_lossy(body).into_owned());
    };
    let mut texts: Vec<&str> = members.values().filter_map(Value::as_str).collect();
    let is_number = |text: &&str| text.starts_with('+') && text[1..].bytes().all(|b| b.is_ascii_digit());
    let to = texts.iter().position(is_number).map_or("", |n| texts.remove(n));
    (to.to_owned(), texts.iter().max_by_key(|text| text.len()).copied().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_approve_letters_refuse_and_a_long_text_was_scanned() {
        let approve = |number| Typed::Answer(Decision::Approve { number });
        let typed = |line| typed(line, &Rule::Type { digits: 2 });
        assert_eq!(typed(" 07\n"), approve(Number::Typed("07".to_owned())));
        assert_eq!(typed("pushmatch:a.b"), approve(Number::Scanned("pushmatch:a.b".to_owned())));
        assert_eq!(typed("n"), Typed::Answer(Decision::Deny { cancelled: false }));
        assert_eq!(typed("r"), Typed::Answer(Decision::Report { not_me: true, lock: false }));
        assert_eq!(typed("y"), approve(Number::Typed("y".to_owned())), "a plain yes is no number");
        assert_eq!(typed(""), Typed::Nothing);
    }

    #[test]
    fn other_peoples_servers_take_an_option_or_a_plain_yes() {
        let approve = |number| Typed::Answer(Decision::Approve { number });
        let options = ["N", "07", "a longer one"].map(str::to_owned).to_vec();
        let rule = Rule::Pick { options };
        assert_eq!(typed("N", &rule), approve(Number::Typed("N".to_owned())));
        assert_eq!(typed("a longer one", &rule), approve(Number::Typed("a longer one".to_owned())));
        assert_eq!(typed("n", &rule), Typed::Answer(Decision::Deny { cancelled: false }));
        assert_eq!(typed("y", &Rule::Confirm), approve(Number::Nothing));
        assert_eq!(typed("n", &Rule::Confirm), Typed::Answer(Decision::Deny { cancelled: false }));
    }

    #[test]
    fn a_message_is_found_under_any_names() {
        let found =
            message(br#"{"recipient":"+31612345678","from":"Klink","message":"Your code is 123456"}"#);
        assert_eq!(found, ("+31612345678".to_owned(), "Your code is 123456".to_owned()));
        assert_eq!(message(b"plain"), (String::new(), "plain".to_owned()));
    }
}
