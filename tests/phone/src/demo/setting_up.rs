//! Second act: a work account is stopped after the password, and gets its phone.

use authenticator_core::authenticator::{EnrolmentState, Number};
use authenticator_core::uri::{self, Text};
use authenticator_core::vault::Outcome;

use super::phone::Phone;
use super::play::{Play, another};
use super::service::{PASSWORD, USER};
use super::stage::{Failed, check, failed};
use super::words::fill;
use crate::tables::grouped;
use klink::browser::picture::Svg;

/// Plays it.
///
/// # Errors
/// A step did not do what it shows.
pub async fn act(play: &mut Play<'_>) -> Result<(), Failed> {
    play.show.act(play.w.act_set_up);
    wrong_password(play).await?;
    stopped(play).await?;
    app(play).await?;
    prepare(play).await?;
    scan(play).await?;
    wrong_number(play).await?;
    test(play).await
}

async fn wrong_password(play: &mut Play<'_>) -> Result<(), Failed> {
    play.show.step(play.w.wrong_password);
    play.browser.open("/").await?;
    play.is_at("/sign-in")?;
    play.browser.send("/sign-in", &[("name", USER), ("password", "not my password")]).await?;
    let said = play.said()?;
    play.show_page()?;
    play.show.done(said);
    Ok(())
}

async fn stopped(play: &mut Play<'_>) -> Result<(), Failed> {
    play.show.step(play.w.stopped);
    play.browser.send("/sign-in", &[("name", USER), ("password", PASSWORD)]).await?;
    play.is_at("/setup")?;
    play.show_page()?;
    play.browser.open("/security").await?;
    play.is_at("/setup")?;
    play.show.done(play.w.stopped_done);
    Ok(())
}

/// Where the app is to be had; and a key for any other app, which the camera reads as well.
async fn app(play: &mut Play<'_>) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.app);
    play.browser.follow("/setup/app").await?;
    play.show_page()?;
    for svg in play.browser.page().pictures() {
        play.show.say(fill(w.camera_reads, &[&read(&play.phone, svg)?]));
    }
    play.browser.send("/setup/other", &[]).await?;
    play.is_at("/setup/other")?;
    let svg = play.picture()?;
    let read = read(&play.phone, svg)?;
    let Text::Account(account) = uri::classify(&read) else {
        return Err(failed("the key for a different app is no account"));
    };
    play.show.say(fill(w.different_app, &[&crate::words::names(&account)]));
    play.browser.follow("/setup/app").await?;
    play.show.done(w.app_done);
    Ok(())
}

async fn prepare(play: &mut Play<'_>) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.prepare);
    play.browser.follow("/setup/prepare").await?;
    let lines = [w.add_work, w.add_other, w.add_key].map(|line| format!("› {line}"));
    play.show_both(&play.phone.screen(w.add_account, lines))?;
    play.browser.send("/setup/scan", &[]).await?;
    play.is_at("/setup/scan")?;
    // Next is refused while no phone has the code.
    play.browser.send("/setup/scan/next", &[]).await?;
    play.is_at("/setup/scan")?;
    let said = play.said()?;
    play.show.done(said);
    Ok(())
}

/// One scan gives approvals, codes and names; both screens show one number.
async fn scan(play: &mut Play<'_>) -> Result<(), Failed> {
    play.show.step(play.w.scan);
    play.browser.open("/setup/scan").await?;
    play.show.say(play.page(true)?);
    take_offer(play, None).await?;
    let enrolment = play.phone.enrolment().await?;
    check(enrolment.state == EnrolmentState::PendingTest, "a phone is active before its test")?;
    play.show.done(play.w.scan_done);
    Ok(())
}

/// Lets a phone scan the code on the page, and confirms the check number there; the page sends a test then.
///
/// # Errors
/// One of the two screens does not say what it must.
pub async fn take_offer(play: &mut Play<'_>, other: Option<&Phone>) -> Result<(), Failed> {
    let w = play.w;
    let phone = other.unwrap_or(&play.phone);
    let text = read(phone, play.picture()?)?;
    check(play.browser.page().by_id("link") == Some(text.as_str()), "the link beside the code is another")?;
    let waiting = play.browser.listen().await?;
    let (offered, asked, enrolled) = phone.enrol(&text).await?;
    let since = std::time::Instant::now();
    play.show.say(phone.screen(
        w.add_work,
        [
            fill(w.connects_to, &[offered.host()]),
            format!("[ {} ]", w.connect),
            String::new(),
            asked.service().to_owned(),
            format!("@ {}", asked.account_name()),
            fill(w.let_approve, &[asked.service()]),
            format!("[ {} ]", w.allow),
        ],
    ));
    check(asked.account_name() == USER, "the phone shows another account")?;
    let (Some(account), Some(number)) = (enrolled.account, enrolled.check_number) else {
        return Err(failed("the enrolment came without its number or its account"));
    };
    let lines = [w.check_number.to_owned(), format!("      {}", grouped(&number))];
    let screen = phone.screen(w.connected, lines);
    let took = play.browser.renew(waiting, since).await?;
    play.is_at("/setup/check")?;
    play.show_both(&screen)?;
    play.show.say(fill(w.page_knew, &[&took.as_millis().to_string()]));
    let shown: String = play.number()?.chars().filter(char::is_ascii_digit).collect();
    check(shown == number, "page and phone show different check numbers")?;
    if other.is_none() {
        play.account = Some(account);
    }
    play.browser.send("/setup/check", &[("same", "yes")]).await?;
    play.is_at("/setup/test")
}

/// One wrong number closes the request, on both sides.
async fn wrong_number(play: &mut Play<'_>) -> Result<(), Failed> {
    play.show.step(play.w.wrong_number);
    let wrong = another(&play.number()?);
    let waiting = play.browser.listen().await?;
    let request = play.asked(&wrong).await?;
    let outcome = play.phone.approve(&request, Number::Typed(wrong)).await?;
    check(outcome == Outcome::WrongMatch, "a wrong number was not refused")?;
    play.browser.renew(waiting, std::time::Instant::now()).await?;
    play.show_page()?;
    let again = play.phone.core.refresh_challenges().await?;
    check(again.challenges.is_empty(), "the request is open after a wrong number")?;
    play.show.done(play.browser.page().title().to_owned());
    Ok(())
}

/// The right number, carried over by the camera.
async fn test(play: &mut Play<'_>) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.test);
    play.browser.send("/setup/test", &[]).await?;
    play.is_at("/setup/test")?;
    // The link beside the number: a QR code that the phone's camera takes while the request is open.
    play.browser.follow("/setup/test").await?;
    let scanned = read(&play.phone, play.picture()?)?;
    play.approve("▄▀▄", Number::Scanned(scanned)).await?;
    play.is_at("/setup/done")?;
    let enrolment = play.phone.enrolment().await?;
    check(enrolment.state == EnrolmentState::Active, "the phone is not active after its test")?;
    play.show_both(&play.phone.list_screen(w.accounts, 4)?)?;
    let said = play.said()?;
    play.show.done(said);
    Ok(())
}

fn read(phone: &Phone, svg: &Svg) -> Result<String, Failed> {
    phone.see(&svg.modules()?.png()?)
}
