//! Fourth act: signing in from then on. Approve, deny, and every other method.

use std::time::Instant;

use authenticator_core::authenticator::{Decision, Number};
use authenticator_core::vault::Outcome;

use super::play::{Play, another};
use super::stage::{Failed, check, failed};
use super::words::fill;
use crate::tables::grouped;
use klink::browser::html::Part;

/// Plays it.
///
/// # Errors
/// A step did not do what it shows.
pub async fn act(play: &mut Play<'_>) -> Result<(), Failed> {
    play.show.act(play.w.act_sign_in);
    approve(play).await?;
    deny(play).await?;
    app_code(play).await?;
    limit(play).await?;
    text(play).await?;
    printed(play).await
}

async fn approve(play: &mut Play<'_>) -> Result<(), Failed> {
    play.show.step(play.w.approve_sign_in);
    play.sign_in_again().await?;
    play.is_at("/approve")?;
    let number = play.number()?;
    let typed = if play.wrong_number { another(&number) } else { number };
    play.approve(&typed, Number::Typed(typed.clone())).await?;
    play.is_at("/")?;
    play.show_page()?;
    play.show.done(play.w.approve_sign_in_done);
    Ok(())
}

/// A denial needs no unlocked vault, and no text message is offered after it.
async fn deny(play: &mut Play<'_>) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.deny_sign_in);
    play.sign_in_again().await?;
    play.is_at("/approve")?;
    let waiting = play.browser.listen().await?;
    play.phone.core.lock();
    let request = play.asked("").await?;
    check(request.account_name.is_none(), "a locked phone shows the account's name")?;
    let outcome = play.phone.answer(&request, Decision::Deny { cancelled: false }).await?;
    check(outcome == Outcome::Denied, "the service did not take the denial")?;
    play.browser.renew(waiting, Instant::now()).await?;
    play.show_page()?;
    play.phone.unlock()?;
    play.show.done(w.deny_sign_in_done);
    Ok(())
}

/// The account that came with the same scan gives the code.
async fn app_code(play: &mut Play<'_>) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.app_code);
    play.browser.send("/approve/send", &[]).await?;
    play.is_at("/approve")?;
    play.browser.send("/other", &[]).await?;
    play.show_page()?;
    check(!offers(play, "/other/text/send"), "a text message is offered after a denial")?;
    play.browser.follow("/other/app").await?;
    let account = play.account.ok_or_else(|| failed("the scan left no account for codes"))?;
    let (code, _) = play.phone.code(account)?;
    let title = play.browser.page().title().to_owned();
    play.show.say(play.phone.list_screen(w.accounts, 1)?);
    play.browser.send("/other/app", &[("code", &code)]).await?;
    play.is_at("/")?;
    play.show.done(format!("{title}: {}", grouped(&code)));
    Ok(())
}

/// The fourth request within five minutes is not sent.
async fn limit(play: &mut Play<'_>) -> Result<(), Failed> {
    play.show.step(play.w.limit);
    play.sign_in_again().await?;
    play.is_at("/approve")?;
    play.show_page()?;
    let refreshed = play.phone.core.refresh_challenges().await?;
    check(refreshed.challenges.is_empty(), "a fourth request came to the phone")?;
    let said = play.said()?;
    play.show.done(said);
    Ok(())
}

async fn text(play: &mut Play<'_>) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.text_sign_in);
    play.browser.follow("/other").await?;
    play.show_page()?;
    play.browser.send("/other/text/send", &[]).await?;
    play.is_at("/other/text")?;
    let message = play.text().await?;
    play.show_both(&play.phone.message_screen(&message))?;
    play.browser.send("/other/text", &[("code", message.code()?)]).await?;
    play.is_at("/")?;
    play.show.done(w.text_sign_in_done);
    Ok(())
}

/// A printed code works once.
async fn printed(play: &mut Play<'_>) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.printed);
    let code = play.printed.pop().ok_or_else(|| failed("no printed code is left"))?;
    with_printed(play, &code).await?;
    play.is_at("/")?;
    play.show.say(fill(w.signed_in_with, &[&code]));
    with_printed(play, &code).await?;
    play.is_at("/other/recovery")?;
    play.show.say(format!("{code}: {}", play.said()?));
    let next = play.printed.pop().ok_or_else(|| failed("no printed code is left"))?;
    play.browser.send("/other/recovery", &[("code", &next)]).await?;
    play.is_at("/")?;
    play.show.say(fill(w.signed_in_with, &[&next]));
    play.show_page()?;
    play.show.done(fill(w.printed_done, &[&play.printed.len().to_string()]));
    Ok(())
}

async fn with_printed(play: &mut Play<'_>, code: &str) -> Result<(), Failed> {
    play.sign_in_again().await?;
    play.browser.follow("/other").await?;
    play.browser.follow("/other/recovery").await?;
    play.browser.send("/other/recovery", &[("code", code)]).await
}

/// Tells whether the page has a way to this path: a form or a link.
fn offers(play: &Play<'_>, path: &str) -> bool {
    let page = play.browser.page();
    let has = |to: &str| to.split('?').next() == Some(path);
    page.forms.iter().any(|form| has(&form.action))
        || page.parts.iter().any(|part| matches!(part, Part::Link { to, .. } if has(to)))
}
