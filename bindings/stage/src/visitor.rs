//! Somebody at the service's page: signs in, sets up a phone, asks to be let in.

use std::collections::HashMap;

use anyhow::{Context, anyhow, bail};
use authenticator_core::secret::SecretText;
use klink_service::Service;
use klink_service::accounts::{Session, SignIn, sessions};
use klink_service::http::Visitor;
use klink_service::push::offers::{self, ConfirmCheck, MakeOffer, Offer, OfferState};
use klink_service::requests::{self, Asked, Start};
use tokio::sync::Mutex;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Everybody at the page, by name.
#[derive(Default)]
pub(crate) struct Visitors(Mutex<HashMap<String, Seat>>);

/// What one visitor has open.
struct Seat {
    session: Session,
    offer: Option<Offer>,
    credential: Option<String>,
    /// The last request, and the session that asked.
    asked: Option<(Session, Asked)>,
}

impl Visitors {
    /// Opens the set-up page and returns the link in its QR code.
    pub(crate) async fn offer(&self, service: &Service, user: &str) -> anyhow::Result<String> {
        let session = sign_in(service, user).await?;
        let offer = match offers::make(service, &session).await.map_err(failed)? {
            MakeOffer::Made(offer) => offer,
            other => bail!("no offer: {other:?}"),
        };
        let link = offer.link.clone();
        let seat = Seat { session, offer: Some(offer), credential: None, asked: None };
        self.0.lock().await.insert(user.to_owned(), seat);
        Ok(link)
    }

    /// Reads the check number that the page shows.
    pub(crate) async fn check_number(&self, service: &Service, user: &str) -> anyhow::Result<String> {
        let seats = self.0.lock().await;
        let seat = seats.get(user).context("nobody is there")?;
        Ok(enrolled(service, seat)?.0)
    }

    /// Says that the number on the phone is the same.
    pub(crate) async fn confirm(&self, service: &Service, user: &str) -> anyhow::Result<String> {
        let mut seats = self.0.lock().await;
        let seat = seats.get_mut(user).context("nobody is there")?;
        let jti = &seat.offer.as_ref().context("no offer")?.jti;
        let confirmed = offers::confirm(service, &seat.session, jti, true).await.map_err(failed)?;
        if confirmed != ConfirmCheck::Confirmed {
            bail!("not confirmed: {confirmed:?}");
        }
        seat.credential = Some(enrolled(service, seat)?.1);
        Ok("confirmed".to_owned())
    }

    /// Asks for a test of the phone, and returns the number that the page shows.
    pub(crate) async fn test(&self, service: &Service, user: &str) -> anyhow::Result<String> {
        let mut seats = self.0.lock().await;
        let seat = seats.get_mut(user).context("nobody is there")?;
        let credential = seat.credential.as_ref().context("no phone")?;
        let started =
            requests::start_test(service, &seat.session, &browser(), credential).await.map_err(failed)?;
        keep(seat, seat.session.clone(), started)
    }

    /// Signs in anew with the phone, and returns the number that the page shows.
    pub(crate) async fn ask(&self, service: &Service, user: &str) -> anyhow::Result<String> {
        let session = sign_in(service, user).await?;
        let started = requests::start_login(service, &session, &browser()).await.map_err(failed)?;
        let mut seats = self.0.lock().await;
        keep(seats.get_mut(user).context("nobody is there")?, session, started)
    }

    /// Says how the last request stands.
    pub(crate) async fn state(&self, service: &Service, user: &str) -> anyhow::Result<String> {
        let seats = self.0.lock().await;
        let (session, asked) =
            seats.get(user).and_then(|seat| seat.asked.as_ref()).context("nothing was asked")?;
        let watched =
            requests::watch(service, session, &asked.id).map_err(failed)?.context("no such request")?;
        Ok(format!("{:?}", watched.state))
    }
}

async fn sign_in(service: &Service, user: &str) -> anyhow::Result<Session> {
    match sessions::sign_in(service, &browser(), user, SecretText::from(PASSWORD)).await.map_err(failed)? {
        SignIn::Done { session, token: _ } => Ok(*session),
        other => bail!("no session: {other:?}"),
    }
}

/// Returns the check number and the credential of the phone that took the offer.
fn enrolled(service: &Service, seat: &Seat) -> anyhow::Result<(String, String)> {
    let jti = &seat.offer.as_ref().context("no offer")?.jti;
    match offers::status(service, &seat.session, jti).map_err(failed)?.context("no such offer")? {
        OfferState::Enrolled { check_number, credential, .. } => Ok((check_number, credential)),
        other => bail!("no phone took it: {other:?}"),
    }
}

fn keep(seat: &mut Seat, session: Session, started: Start) -> anyhow::Result<String> {
    match started {
        Start::Made(asked) => {
            let number = asked.number.clone();
            seat.asked = Some((session, asked));
            Ok(number)
        }
        other => bail!("no request: {other:?}"),
    }
}

fn browser() -> Visitor {
    Visitor { address: "192.0.2.1".to_owned(), agent: "Firefox/140 Linux".to_owned() }
}

fn failed(failure: impl std::fmt::Debug) -> anyhow::Error {
    anyhow!("the service failed: {failure:?}")
}
