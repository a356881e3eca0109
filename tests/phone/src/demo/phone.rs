//! The phone of the demo: the whole core as `klink` puts it together, and its screens as text.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use authenticator_core::authenticator::{
    Act, Asked, Authenticator, Challenge, CodeRow, Decision, Enrolled, EnrolmentInfo, Number, Offered,
};
use authenticator_core::net::Trust;
use authenticator_core::qr;
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{Item, ItemId, Key, Mode, Outcome};
use klink::phone::{self, Folders, now};

use super::gateway::Message;
use super::screens;
use super::stage::{Failed, check, failed};
use super::words::{Words, fill};
use crate::tables::{grouped, safe};

/// One phone.
pub struct Phone {
    /// The core.
    pub core: Arc<Authenticator>,
    name: &'static str,
    w: &'static Words,
    /// How often a finger was asked for.
    fingers: Arc<AtomicU32>,
}

/// Opens the vault of the demo; a real one is chosen by its user.
pub const PASSPHRASE: &[u8] = b"a latch is closed until you lift it";
/// How often a phone looks for a request that must be there, and how long it waits between.
const LOOKS: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(100);

impl Phone {
    /// Puts a phone together that keeps everything in `folder` and trusts one authority beside the system's.
    ///
    /// # Errors
    /// The authority is no PEM.
    pub fn new(
        folder: &Path,
        name: &'static str,
        authority: &[u8],
        w: &'static Words,
    ) -> Result<Self, Failed> {
        let fingers = Arc::new(AtomicU32::new(0));
        let asked = Arc::clone(&fingers);
        let ask = Box::new(move |_| {
            asked.fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
        let core = phone::phone(&Folders::within(folder), Trust::DeviceAnd(authority.to_vec()), ask)?;
        Ok(Self { core: Arc::new(core), name, w, fingers })
    }

    /// Returns the phone's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Unlocks the vault with its passphrase.
    ///
    /// # Errors
    /// It does not open, or is read-only.
    pub fn unlock(&self) -> Result<(), Failed> {
        let unlocked = self.core.unlock(Key::Passphrase(PASSPHRASE), now())?;
        check(unlocked.mode == Mode::ReadWrite, "the vault came back read-only")
    }

    /// Looks at a picture with the camera.
    ///
    /// # Errors
    /// There is not exactly one QR code on it.
    pub fn see(&self, picture: &[u8]) -> Result<String, Failed> {
        let found = qr::read_image(picture, &|| false)?.found;
        let mut texts = found.into_iter().filter_map(|one| one.text);
        match (texts.next(), texts.next()) {
            (Some(text), None) => Ok(text),
            (None, _) => Err(failed("the phone's camera found no QR code on the page")),
            (Some(_), Some(_)) => Err(failed("the phone's camera found several QR codes on the page")),
        }
    }

    /// Takes an offer: host first, then organisation and account, then the keys.
    ///
    /// # Errors
    /// The offer, the network or the service.
    pub async fn enrol(&self, text: &str) -> Result<(Offered, Asked, Enrolled), Failed> {
        let offered = self.core.offer(text)?;
        let asked = self.core.check_offer(&offered).await?;
        check(!asked.clock_is_suspect(), "the phone's clock and the service's differ")?;
        let enrolled = self.core.enrol(&asked, &phone::info(self.name)).await?;
        Ok((offered, asked, enrolled))
    }

    /// Looks until a request is there, and returns it.
    ///
    /// # Errors
    /// None comes, or a service cannot be asked.
    pub async fn request(&self) -> Result<Challenge, Failed> {
        for _ in 0..LOOKS {
            let mut refreshed = self.core.refresh_challenges().await?;
            if let Some((_, why)) = refreshed.problems.pop() {
                return Err(why.into());
            }
            if let Some(newest) = refreshed.challenges.into_iter().next() {
                return Ok(newest);
            }
            tokio::time::sleep(BETWEEN).await;
        }
        Err(failed("no request came to the phone"))
    }

    /// Approves with what the page shows, after a finger or a look.
    ///
    /// # Errors
    /// The answer was not given, or a finger was not asked for exactly once.
    pub async fn approve(&self, request: &Challenge, number: Number) -> Result<Outcome, Failed> {
        let before = self.fingers.load(Ordering::SeqCst);
        let outcome = self.answer(request, Decision::Approve { number }).await?;
        let asked = self.fingers.load(Ordering::SeqCst) - before;
        check(asked == 1, "approving did not ask for a finger exactly once")?;
        Ok(outcome)
    }

    /// Answers, and returns what became of it.
    ///
    /// # Errors
    /// The answer was not given or not confirmed.
    pub async fn answer(&self, request: &Challenge, decision: Decision) -> Result<Outcome, Failed> {
        let answered = self.core.answer(request.id, decision).await?;
        answered.outcome.ok_or_else(|| failed("the service did not confirm the answer"))
    }

    /// Returns the one enrolment of this phone.
    ///
    /// # Errors
    /// There is none, or another number of them.
    pub async fn enrolment(&self) -> Result<EnrolmentInfo, Failed> {
        let mut all = self.core.enrolments().await?;
        check(all.len() == 1, "the phone does not have exactly one enrolment")?;
        Ok(all.remove(0))
    }

    /// Returns the code of an account and how many seconds it is still good.
    ///
    /// # Errors
    /// It gives none.
    pub fn code(&self, account: ItemId) -> Result<(String, i64), Failed> {
        let at = now();
        let row = self.core.codes(at, 0, &[account])?.rows.into_iter().next();
        let code = row.and_then(|row| row.code.ok()).ok_or_else(|| failed("the account gives no code"))?;
        Ok((code.text, left(code.valid_until, at)))
    }

    /// Draws a screen.
    pub fn screen(&self, title: &str, lines: impl IntoIterator<Item = String>) -> String {
        let lines: Vec<String> = lines.into_iter().collect();
        screens::phone(&format!("▯ {} · {title}", self.name), &lines)
    }

    /// Draws the question of a request with the number as far as it is typed.
    pub fn request_screen(&self, request: &Challenge, typed: &str) -> String {
        let w = self.w;
        let service = request.service.clone().unwrap_or_else(|| request.host.clone());
        let question = match request.act {
            Act::Test => fill(w.asks_test, &[&safe(&service)]),
            Act::Login | Act::Transaction => fill(w.asks_sign_in, &[&safe(&request.application)]),
        };
        let account = request.account_name.clone().unwrap_or_else(|| w.locked.to_owned());
        let mut place = vec![safe(&request.place), safe(&request.address)];
        place.retain(|text| !text.is_empty());
        let place = place.join(" · ");
        let device = match request.new_device {
            true => format!("{} · ! {}", safe(&request.device), w.new_device),
            false => safe(&request.device),
        };
        let seconds = left(request.expires_at, now()).to_string();
        self.screen(
            w.approvals,
            [
                question,
                String::new(),
                format!("@ {}", safe(&account)),
                format!("⌖ {place}"),
                format!("▭ {device}"),
                format!("◷ {}", fill(w.seconds_left, &[&seconds])),
                String::new(),
                format!("{}  │ {typed:<3}│", w.number_of_page),
                format!("[ {} ]   [ {} ]", w.approve, w.deny),
                format!("› {}", w.not_me),
            ],
        )
    }

    /// Draws the list of accounts with their codes, at most `most` of them, and the work accounts first.
    ///
    /// # Errors
    /// The vault is locked.
    pub fn list_screen(&self, title: &str, most: usize) -> Result<String, Failed> {
        let at = now();
        let items = self.core.list()?;
        let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
        let codes = self.core.codes(at, 0, &ids)?;
        let mut lines: Vec<String> = items
            .iter()
            .zip(&codes.rows)
            .rev()
            .take(most)
            .map(|(item, row)| account_row(item, row, at))
            .collect();
        if items.len() > most {
            lines.push(fill(self.w.and_more, &[&(items.len() - most).to_string()]));
        }
        Ok(screens::phone(&format!("▯ {} · {title}", self.name), &lines))
    }

    /// Draws a text message.
    pub fn message_screen(&self, message: &Message) -> String {
        let lines: Vec<String> = message.text.lines().map(safe).collect();
        screens::phone(&format!("▯ {} · {}", self.name, fill(self.w.message_to, &[&message.to])), &lines)
    }
}

fn account_row(item: &Item, row: &CodeRow, at: UnixTime) -> String {
    let code = match &row.code {
        Ok(code) => format!("{:>9} {:>2} s", grouped(&code.text), left(code.valid_until, at)),
        Err(_) => format!("{:>9}", "···"),
    };
    let issuer: String = safe(&item.issuer).chars().take(19).collect();
    format!("{issuer:<20}{code}\n  {}", safe(&item.account_name))
}

fn left(until: UnixTime, at: UnixTime) -> i64 {
    (until.ms() - at.ms()).max(0) / 1000
}
