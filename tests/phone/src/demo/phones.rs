//! Fifth act: a new phone comes, the old one is lost.

use std::path::Path;

use authenticator_core::authenticator::{EnrolmentState, Number};
use authenticator_core::vault::{Key, Mode, NewSlot, Outcome, RecoveryCode};
use klink::phone::now;

use super::phone::{PASSPHRASE, Phone};
use super::play::Play;
use super::setting_up::take_offer;
use super::stage::{Failed, check};
use super::words::fill;
use crate::push_words;
use crate::tables::safe;

/// Plays it.
///
/// # Errors
/// A step did not do what it shows.
pub async fn act(play: &mut Play<'_>, folder: &Path) -> Result<(), Failed> {
    play.show.act(play.w.act_phones);
    let new = Phone::new(&folder.join("new-phone"), play.w.second_phone, &play.authority, play.w)?;
    new.core.create(&[NewSlot::RecoveryCode(&RecoveryCode::make()?)], now())?;
    let backup = folder.join("klink.akb");
    back_up(play, &backup)?;
    listed(play).await?;
    add(play, &new).await?;
    remove(play, &new).await?;
    old_phone(play).await?;
    restore(play, folder, &backup).await
}

/// One sealed file, which is read back before anybody relies on it.
fn back_up(play: &mut Play<'_>, backup: &Path) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.back_up);
    play.phone.core.write_backup(backup, now())?;
    let size = std::fs::metadata(backup)?.len() / 1000;
    play.show.done(fill(w.back_up_done, &[&size.to_string()]));
    Ok(())
}

/// The accounts move with the backup; approvals do not, and are asked for anew.
async fn restore(play: &mut Play<'_>, folder: &Path, backup: &Path) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.restore);
    let third = Phone::new(&folder.join("third-phone"), w.third_phone, &play.authority, w)?;
    let restored = third.core.restore_backup(backup, Key::Passphrase(PASSPHRASE), now())?;
    check(matches!(restored.mode, Mode::ReadOnly(_)), "a backup on another phone opens without a question")?;
    third.core.accept()?;
    check(third.core.mode()? == Mode::ReadWrite, "the restored vault is read-only")?;
    let (at, ids) = (now(), play.phone.core.list()?.iter().map(|item| item.id).collect::<Vec<_>>());
    let codes = |phone: &Phone| -> Result<Vec<String>, Failed> {
        let rows = phone.core.codes(at, 0, &ids)?.rows;
        Ok(rows.into_iter().filter_map(|row| row.code.ok()).map(|code| code.text).collect())
    };
    let (old, new) = (codes(&play.phone)?, codes(&third)?);
    check(old == new && !new.is_empty(), "the restored phone gives other codes")?;
    check(third.core.list()?.len() == ids.len(), "the restored phone has other accounts")?;
    check(third.core.enrolments().await?.is_empty(), "approvals moved with a backup")?;
    play.show.say(third.list_screen(w.accounts, 3)?);
    let again = third.core.to_enrol_again().await?;
    check(again.len() == 1, "the restored phone does not know which service to connect again")?;
    let names = again.iter().map(|one| format!("› {} ({})", safe(&one.service), safe(&one.account_name)));
    play.show.say(third.screen(w.work_accounts, [w.connect_again.to_owned()].into_iter().chain(names)));
    play.show.done(fill(w.restore_done, &[&ids.len().to_string()]));
    Ok(())
}

async fn listed(play: &mut Play<'_>) -> Result<(), Failed> {
    play.show.step(play.w.listed);
    play.browser.follow("/security").await?;
    play.show_page()?;
    play.show.done(play.w.listed_done);
    Ok(())
}

/// The same way as the first phone, from the security page and back to it.
async fn add(play: &mut Play<'_>, new: &Phone) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.add_phone);
    play.browser.follow("/security/phones/add").await?;
    play.is_at("/setup/prepare")?;
    play.browser.send("/setup/scan", &[]).await?;
    take_offer(play, Some(new)).await?;
    let (number, waiting) = (play.number()?, play.browser.listen().await?);
    let request = new.request().await?;
    play.show_both(&new.request_screen(&request, &number))?;
    let outcome = new.approve(&request, Number::Typed(number)).await?;
    check(outcome == Outcome::Approved, "the service did not take the new phone's approval")?;
    play.browser.renew(waiting, std::time::Instant::now()).await?;
    play.is_at("/setup/done")?;
    play.browser.follow("/security").await?;
    play.is_at("/security")?;
    play.show.done(fill(w.add_phone_done, &[new.name()]));
    Ok(())
}

/// Removing asks first; a factor was proved a moment ago, else it would be asked for.
async fn remove(play: &mut Play<'_>, new: &Phone) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.remove_phone);
    play.browser.follow_named("/remove", play.phone.name()).await?;
    play.show_page()?;
    let path = play.browser.at().path().to_owned();
    play.browser.send(&path, &[]).await?;
    play.is_at("/security")?;
    let said = play.said()?;
    play.show_page()?;
    check(new.enrolment().await?.state == EnrolmentState::Active, "the new phone does not work")?;
    play.show.done(said);
    Ok(())
}

/// The removed phone says so, keeps its codes for other accounts, and approves nothing.
async fn old_phone(play: &mut Play<'_>) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.old_phone);
    play.phone.core.refresh_challenges().await?;
    let one = play.phone.enrolment().await?;
    check(matches!(one.state, EnrolmentState::Revoked(_)), "the removed phone does not know it")?;
    play.show.say(play.phone.screen(w.work_accounts, [push_words::names(&one), format!("! {}", w.revoked)]));
    let kept = play.phone.core.list()?.len();
    play.show.done(fill(w.old_phone_done, &[&kept.to_string()]));
    Ok(())
}
