//! Who plays: the service, the person's browser, their phone, and the operator who sends text messages.

use std::path::Path;
use std::time::Instant;

use authenticator_core::authenticator::{Challenge, Number};
use authenticator_core::vault::{ItemId, Outcome};
use klink_service::Running;

use super::gateway::{Gateway, Message};
use super::phone::Phone;
use super::screens;
use super::service::{self, PASSWORD, USER};
use super::stage::{Failed, Show, check, failed};
use super::words::{Words, fill};
use klink::browser::Browser;
use klink::browser::picture::Svg;

/// Everybody on the stage.
pub struct Play<'a> {
    /// The transcript.
    pub show: &'a mut Show,
    /// Its words.
    pub w: &'static Words,
    /// The person's computer.
    pub browser: Browser,
    /// The person's phone.
    pub phone: Phone,
    /// The operator.
    pub gateway: Gateway,
    /// The work account on the phone, once it is there.
    pub account: Option<ItemId>,
    /// Printed codes that were not used yet.
    pub printed: Vec<String>,
    /// Types a wrong number at the first sign-in.
    pub wrong_number: bool,
    /// The service's authority, in PEM.
    pub authority: Vec<u8>,
    running: Running,
}

impl<'a> Play<'a> {
    /// Starts the service and the gateway, and gives the person a browser and a phone.
    ///
    /// # Errors
    /// One of them does not start.
    pub async fn start(show: &'a mut Show, w: &'static Words, folder: &Path) -> Result<Self, Failed> {
        let gateway = Gateway::start().await?;
        let running = service::start(folder, &format!("http://{}/", gateway.address), None).await?;
        let authority = service::authority(&running)?;
        let browser = Browser::new(&format!("https://{}", running.address()), &authority, w.accept_language)?;
        let phone = Phone::new(&folder.join("phone"), w.first_phone, &authority, w)?;
        let (account, printed) = (None, Vec::new());
        Ok(Self {
            show,
            w,
            browser,
            phone,
            gateway,
            account,
            printed,
            wrong_number: false,
            authority,
            running,
        })
    }

    /// Stops the service; answers under way finish.
    pub async fn stop(self) {
        let Self { browser, running, .. } = self;
        drop(browser);
        running.stop().await;
    }

    /// Draws the page.
    ///
    /// # Errors
    /// A picture of it cannot be drawn.
    pub fn page(&self, pictures: bool) -> Result<String, Failed> {
        let at = self.browser.at();
        let port = at.port().map(|port| format!(":{port}")).unwrap_or_default();
        let address = format!("{}{port}{}", at.host_str().unwrap_or_default(), at.path());
        screens::page(&address, self.browser.page(), pictures)
    }

    /// Shows the page.
    ///
    /// # Errors
    /// As [`Play::page`].
    pub fn show_page(&self) -> Result<(), Failed> {
        self.show.say(self.page(false)?);
        Ok(())
    }

    /// Shows the page beside the phone.
    ///
    /// # Errors
    /// As [`Play::page`].
    pub fn show_both(&self, phone: &str) -> Result<(), Failed> {
        self.show.say(screens::beside(&self.page(true)?, phone));
        Ok(())
    }

    /// Fails unless the browser is at this path.
    ///
    /// # Errors
    /// It is elsewhere.
    pub fn is_at(&self, path: &str) -> Result<(), Failed> {
        let at = self.browser.at().path();
        if at == path { Ok(()) } else { Err(failed(format!("the page is {at} and not {path}"))) }
    }

    /// Fails unless the page says something above its content; returns it without the word for its kind.
    ///
    /// # Errors
    /// It says nothing.
    pub fn said(&self) -> Result<String, Failed> {
        let said = self.browser.page().by_id("said");
        let said = said.and_then(|said| said.split_once(": "));
        said.map(|(_, said)| said.to_owned())
            .ok_or_else(|| failed(format!("{} says nothing", self.browser.at().path())))
    }

    /// Returns the number that the page shows.
    ///
    /// # Errors
    /// It shows none.
    pub fn number(&self) -> Result<String, Failed> {
        let number = self.browser.page().by_id("number");
        number.map(str::to_owned).ok_or_else(|| failed("the page shows no number"))
    }

    /// Signs out, and in again with the password.
    ///
    /// # Errors
    /// One of the two does not happen.
    pub async fn sign_in_again(&mut self) -> Result<(), Failed> {
        self.browser.send("/sign-out", &[]).await?;
        self.is_at("/sign-in")?;
        self.browser.send("/sign-in", &[("name", USER), ("password", PASSWORD)]).await
    }

    /// Lets the phone find the page's request; both are shown.
    ///
    /// # Errors
    /// No request comes.
    pub async fn asked(&self, typed: &str) -> Result<Challenge, Failed> {
        let request = self.phone.request().await?;
        self.show_both(&self.phone.request_screen(&request, typed))?;
        Ok(request)
    }

    /// Approves the page's request on the phone, and waits for the page to go on by itself. `shown` stands in the
    /// phone's field.
    ///
    /// # Errors
    /// The phone's answer is not taken, or the page does not learn it within a second.
    pub async fn approve(&mut self, shown: &str, number: Number) -> Result<(), Failed> {
        let waiting = self.browser.listen().await?;
        let request = self.asked(shown).await?;
        let outcome = self.phone.approve(&request, number).await?;
        let since = Instant::now();
        self.show.say(fill(self.w.finger, &[self.phone.name()]));
        check(outcome == Outcome::Approved, "the service did not take the approval")?;
        let took = self.browser.renew(waiting, since).await?;
        self.show.say(fill(self.w.page_knew, &[&took.as_millis().to_string()]));
        Ok(())
    }

    /// Waits for the text message with a code; notices that came before it are shown.
    ///
    /// # Errors
    /// No such message comes.
    pub async fn text(&mut self) -> Result<Message, Failed> {
        let mut notices = Vec::new();
        let message = self.gateway.code(|notice| notices.push(self.phone.message_screen(notice))).await?;
        notices.iter().for_each(|notice| self.show.say(notice));
        Ok(message)
    }

    /// Returns the one QR code on the page.
    ///
    /// # Errors
    /// There is none, or several.
    pub fn picture(&self) -> Result<&Svg, Failed> {
        match self.browser.page().pictures()[..] {
            [svg] => Ok(svg),
            _ => Err(failed(format!("{} does not show one QR code", self.browser.at().path()))),
        }
    }
}

/// Returns another number of as many digits.
pub fn another(number: &str) -> String {
    let other = |digit: char| if digit == '9' { '0' } else { ((digit as u8) + 1) as char };
    number.chars().map(other).collect()
}
