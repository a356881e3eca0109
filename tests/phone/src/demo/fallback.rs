//! Third act: what helps when the app is not at hand. A phone number, and codes on paper.

use super::play::{Play, another};
use super::stage::{Failed, check};
use super::words::fill;
use klink::browser::html::Part;

/// How many codes there are on paper.
const PRINTED: usize = 10;

/// Plays it.
///
/// # Errors
/// A step did not do what it shows.
pub async fn act(play: &mut Play<'_>) -> Result<(), Failed> {
    play.show.act(play.w.act_fallback);
    number(play).await?;
    text(play).await?;
    recovery(play).await
}

/// A number that is none is refused; the country of the browser's language is chosen already.
async fn number(play: &mut Play<'_>) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.number);
    play.browser.follow("/setup/phone").await?;
    play.show_page()?;
    let chosen = play.browser.page().forms.iter().flat_map(|form| &form.fields);
    let region = chosen.into_iter().find(|(name, _)| name == "region").map(|(_, value)| value.clone());
    check(region.as_deref() == Some(w.region), "the country of the browser's language is not chosen")?;
    let countries = play.browser.page().by_id("region-count").unwrap_or_default().to_owned();
    play.browser.send("/setup/phone", &[("number", "12")]).await?;
    play.show.say(format!("12: {}", play.said()?));
    play.browser.send("/setup/phone", &[("number", w.typed_number)]).await?;
    play.is_at("/setup/text")?;
    play.show.done(fill(w.number_done, &[&countries]));
    Ok(())
}

/// The message came out of the gateway; a wrong code costs one of five tries.
async fn text(play: &mut Play<'_>) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.text);
    let message = play.text().await?;
    play.show_both(&play.phone.message_screen(&message))?;
    let code = message.code()?;
    play.browser.send("/setup/text", &[("code", &another(code))]).await?;
    play.show.say(format!("{}: {}", another(code), play.said()?));
    play.browser.send("/setup/text", &[("code", code)]).await?;
    play.is_at("/setup/complete")?;
    play.show_page()?;
    play.show.done(play.browser.page().title().to_owned());
    Ok(())
}

async fn recovery(play: &mut Play<'_>) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.recovery);
    play.browser.follow("/setup/recovery").await?;
    play.browser.send("/setup/recovery", &[]).await?;
    play.show_page()?;
    let numbered = play.browser.page().parts.iter().filter_map(|part| match part {
        Part::Text(text) => text.split_once(". "),
        _ => None,
    });
    let codes = numbered.filter(|(number, _)| number.parse::<u8>().is_ok()).map(|(_, code)| code.to_owned());
    play.printed = codes.collect();
    check(play.printed.len() == PRINTED, "there are not ten recovery codes")?;
    play.browser.follow("/").await?;
    play.is_at("/")?;
    play.show_page()?;
    play.show.done(fill(w.recovery_done, &[&PRINTED.to_string()]));
    Ok(())
}
