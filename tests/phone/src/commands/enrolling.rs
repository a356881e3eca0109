//! `enrol` and `enrolments`.

use std::fs;
use std::io::Read;
use std::path::Path;

use authenticator_core::authenticator::{Enrolled, Offered, WhichKey};
use authenticator_core::qr;
use klink::phone;
use serde_json::json;

use super::push::{confirm, find_enrolment, presence, run};
use crate::args::{Enrol, EnrolmentChange, Place};
use crate::json;
use crate::push_json::EnrolmentJson;
use crate::push_words;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::tables;
use crate::words;

/// Takes an offer: host first, then organisation and account, then the keys.
pub fn enrol(place: &Place, as_json: bool, enrol: Enrol) -> Result<(), Refusal> {
    let Enrol { offer, code, phone_name, yes } = enrol;
    let session = Session::with_push(place, as_json, presence(yes))?;
    session.unlock(place)?;
    let core = &session.core;
    run(async {
        let offered: Offered = match (&offer, code.as_deref()) {
            (Some(offer), _) => core.offer(&offer_text(offer)?)?,
            (None, Some([host, code])) => core.offer_by_code(host, code).await?,
            (None, _) => {
                return Err(Refusal::new("no_offer", "Give a link, a picture, or --code HOST CODE."));
            }
        };
        if !as_json {
            println!("This code is from {}.", tables::safe(offered.host()));
        }
        confirm("Is that the address of the page in your browser?", yes)?;
        let asked = core.check_offer(&offered).await?;
        if !as_json {
            println!("{}, account {}.", tables::safe(asked.service()), tables::safe(asked.account_name()));
            if asked.clock_is_suspect() {
                println!("The clock of this machine is more than two minutes off.");
            }
        }
        confirm("Let this terminal approve its sign-ins?", yes)?;
        let enrolled = core.enrol(&asked, &phone::info(&phone_name)).await?;
        print_enrolled(&session, &enrolled).await
    })
}

/// Lists the enrolments, or changes one.
pub fn enrolments(place: &Place, as_json: bool, change: Option<EnrolmentChange>) -> Result<(), Refusal> {
    let yes = matches!(change, Some(EnrolmentChange::NewKey { yes: true, .. }));
    let session = Session::with_push(place, as_json, presence(yes))?;
    session.unlock(place)?;
    let core = &session.core;
    let done = |id: String, line: &str| {
        if as_json {
            json::print(&json!({ "id": id }))
        } else {
            println!("{line}")
        }
        Ok(())
    };
    run(async {
        match change {
            None => list(&session).await,
            Some(EnrolmentChange::Test { enrolment }) => {
                let id = find_enrolment(&session, &enrolment).await?.id;
                let test = core.test_push(id).await?;
                if as_json {
                    json::print(
                        &json!({ "id": id.to_string(), "request": test.request.to_string(), "number": test.number }),
                    );
                } else {
                    println!("A test is on its way. Its number is {}.", test.number);
                    println!("Next: klink approve - {}", test.number);
                }
                Ok(())
            }
            Some(EnrolmentChange::Rename { enrolment, name }) => {
                let id = find_enrolment(&session, &enrolment).await?.id;
                core.rename_enrolment(id, &name).await?;
                done(id.to_string(), "renamed")
            }
            Some(EnrolmentChange::Resume { enrolment }) => {
                let id = find_enrolment(&session, &enrolment).await?.id;
                let enrolled = core.resume_enrolment(id).await?;
                print_enrolled(&session, &enrolled).await
            }
            Some(EnrolmentChange::NewKey { enrolment, approval, yes: _ }) => {
                let id = find_enrolment(&session, &enrolment).await?.id;
                let which = if approval { WhichKey::Approval } else { WhichKey::Device };
                core.rotate_key(id, which).await?;
                done(id.to_string(), "a new key is in place")
            }
            Some(EnrolmentChange::StartNew) => {
                let name = core.put_push_aside().await?;
                done(
                    name.clone(),
                    &format!("put aside as quarantine/{name}. Next: klink enrol PICTURE-OR-LINK"),
                )
            }
            Some(EnrolmentChange::Remove { enrolment, here }) => {
                let id = find_enrolment(&session, &enrolment).await?.id;
                if here {
                    core.remove_enrolment(id).await?
                } else {
                    core.unenrol(id).await?
                }
                done(id.to_string(), "removed; its account for codes stays. See: klink list")
            }
        }
    })
}

async fn list(session: &Session) -> Result<(), Refusal> {
    let all = session.core.enrolments().await?;
    if session.json {
        json::print(&all.iter().map(EnrolmentJson::from).collect::<Vec<_>>());
    } else if all.is_empty() {
        println!("{}", push_words::NO_ENROLMENT);
    } else {
        all.iter().for_each(|one| println!("{}", push_words::enrolment(one)));
    }
    Ok(())
}

async fn print_enrolled(session: &Session, enrolled: &Enrolled) -> Result<(), Refusal> {
    if session.json {
        let all = session.core.enrolments().await?;
        let row = all.iter().find(|one| one.id == enrolled.id).map(EnrolmentJson::from);
        json::print(&json!({
            "id": enrolled.id.to_string(), "check_number": enrolled.check_number,
            "account": enrolled.account.map(|id| id.to_string()), "enrolment": row,
        }));
        return Ok(());
    }
    let Some(number) = &enrolled.check_number else {
        println!("Enrolled. Requests come while this runs: klink watch");
        return Ok(());
    };
    println!("Enrolled. Check number: {}", tables::grouped(number));
    println!("The page asks whether it shows the same number. If not, say no there.");
    if let Some(account) = enrolled.account {
        let item = session.core.item(account)?;
        println!("Codes for when push does not work: {}", words::names_of(&item));
    }
    println!("Next: the page sends a test. See it with: klink watch");
    Ok(())
}

/// Reads the offer: from a picture when there is a file of that name, else it is the text itself.
fn offer_text(offer: &str) -> Result<String, Refusal> {
    if offer == "-" {
        let mut text = String::new();
        std::io::stdin()
            .take(1 << 16)
            .read_to_string(&mut text)
            .map_err(|error| Refusal::file(Path::new("-"), &error))?;
        return Ok(text.trim().to_owned());
    }
    let path = Path::new(offer);
    if !path.is_file() {
        return Ok(offer.trim().to_owned());
    }
    first_text(path)
}

/// Reads the first code of a picture.
pub fn first_text(path: &Path) -> Result<String, Refusal> {
    let bytes = fs::read(path).map_err(|error| Refusal::file(path, &error))?;
    let scan = qr::read_image(&bytes, &|| false).map_err(|error| {
        Refusal::new("unreadable_picture", format!("This picture cannot be read: {error}."))
    })?;
    let text = scan.found.into_iter().find_map(|found| found.text);
    text.ok_or_else(|| Refusal::new("no_code", words::NO_CODE))
}
