//! `check`: the self-check, and which services do not know this machine yet.

use authenticator_core::authenticator::{CheckState, EnrolAgain, Reconnected};
use klink::phone;
use serde_json::json;

use super::push::{presence, run};
use crate::args::Place;
use crate::check_words::{Tongue, item_word, line, state_words};
use crate::json;
use crate::refusal::Refusal;
use crate::session::{Session, now};
use crate::tables::safe;

/// Checks everything, and says what to do about what is not right. Refuses when something does not work.
pub fn check(place: &Place, as_json: bool) -> Result<(), Refusal> {
    let session = Session::with_push(place, as_json, presence(false))?;
    session.unlock(place)?;
    let (lines, again, Reconnected { done, of }) = run(async {
        let lines = session.core.self_check(phone::FACTS, now()).await;
        Ok((lines, session.core.to_enrol_again().await?, session.core.reconnected().await?))
    })?;
    if as_json {
        let lines: Vec<_> = lines
            .iter()
            .map(|line| {
                let (state, advice) = state_words(line.state);
                json!({ "what": item_word(line.what), "state": state, "advice": advice })
            })
            .collect();
        let again: Vec<_> = again.iter().map(again_json).collect();
        json::print(&json!({ "lines": lines, "enrol_again": again, "enrolled": done, "of": of }));
        return Ok(());
    }
    lines.iter().for_each(|one| println!("{}", line(Tongue::En, one)));
    if !again.is_empty() {
        println!("\n{done} of {of} services know this machine. Codes came along, approvals did not.");
        println!("Scan a new code on the page of each:");
        again.iter().for_each(|one| {
            println!("  {} ({}) on {}", safe(&one.service), safe(&one.account_name), safe(&one.host));
        });
    }
    match lines.iter().any(|line| matches!(line.state, CheckState::Bad(_))) {
        true => {
            Err(Refusal::new("check", "Something does not work yet: see the lines with an exclamation mark."))
        }
        false => Ok(()),
    }
}

fn again_json(one: &EnrolAgain) -> serde_json::Value {
    let EnrolAgain { account, host, service, account_name } = one;
    json!({ "account": account.to_string(), "host": host, "service": service, "account_name": account_name })
}
