//! Enrolling, asking, answering.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use authenticator_core::authenticator as flows;
use authenticator_core::vault::EnrolmentId;

use crate::authenticator::Authenticator;
use crate::error::{AbsentTrouble, PushError};
use crate::records::{
    Answered, Challenge, Challenges, CheckedOffer, Decision, EnrolAgain, Enrolled, Enrolment, Offer,
    PastAnswer, PhoneInfo, PushVendor, TestPush, WhichKey, address, at,
};
use crate::running::{to_the_end, while_wanted};

/// The offer that is being looked at; the next one takes its place.
pub(crate) struct OpenOffer {
    id: String,
    step: Step,
}

#[derive(Clone)]
enum Step {
    Read(Box<flows::Offered>),
    Checked(Box<flows::Asked>),
}

#[uniffi::export]
impl Authenticator {
    /// Reads a scanned or pasted offer. Nothing is sent: show the host, and ask. Any thread; at once.
    pub fn offer(&self, text: String) -> Result<Offer, PushError> {
        self.read(|core| Ok(self.keep(core.offer(&text)?)))
    }
}

#[uniffi::export]
impl Authenticator {
    /// Fetches the offer behind a code of 12 characters that a person typed with the host it stands under.
    pub async fn offer_by_code(self: Arc<Self>, host: String, code: String) -> Result<Offer, PushError> {
        self.wanted(move |own| async move { Ok(own.keep(own.core.offer_by_code(&host, &code).await?)) }).await
    }

    /// Fetches the service's keys, with nothing of ours in the request, and verifies the offer with them. Show
    /// organisation and account, and ask again.
    pub async fn check_offer(self: Arc<Self>, offer_id: String) -> Result<CheckedOffer, PushError> {
        self.wanted(move |own| async move {
            let Step::Read(offered) = own.kept(&offer_id)? else {
                return Err(PushError::NotThere { what: AbsentTrouble::Offer });
            };
            let asked = own.core.check_offer(&offered).await?;
            let checked = CheckedOffer {
                id: offer_id.clone(),
                host: asked.host().to_owned(),
                service: asked.service().to_owned(),
                account_name: asked.account_name().to_owned(),
                clock_is_suspect: asked.clock_is_suspect(),
                push_key: asked.push_key(),
            };
            *own.open_offer() = Some(OpenOffer { id: offer_id, step: Step::Checked(Box::new(asked)) });
            Ok(checked)
        })
        .await
    }

    /// Enrols this phone after the second yes: makes two keys, signs, stores, sends, and takes in what the service
    /// answers. The device may ask for presence. A lost reply is asked for again by `resume_enrolment`.
    pub async fn enrol(self: Arc<Self>, offer_id: String, phone: PhoneInfo) -> Result<Enrolled, PushError> {
        self.ended(move |own| async move {
            let Step::Checked(asked) = own.kept(&offer_id)? else {
                return Err(PushError::NotThere { what: AbsentTrouble::Offer });
            };
            let enrolled = own.core.enrol(&asked, &phone.into()).await?;
            *own.open_offer() = None;
            Ok(enrolled.into())
        })
        .await
    }

    /// Sends the body of an enrolment whose reply was lost once more: the same bytes get the same reply.
    pub async fn resume_enrolment(self: Arc<Self>, id: String) -> Result<Enrolled, PushError> {
        self.ended(move |own| async move { Ok(own.core.resume_enrolment(enrolment(&id)?).await?.into()) })
            .await
    }

    /// Returns the enrolments in the order they were made, those that do not open last. Works while locked, without
    /// names.
    pub async fn enrolments(self: Arc<Self>) -> Result<Vec<Enrolment>, PushError> {
        self.wanted(
            |own| async move { Ok(own.core.enrolments().await?.into_iter().map(Into::into).collect()) },
        )
        .await
    }

    /// Returns the services to enrol with anew, after a restore or a move: keys do not move, accounts do.
    pub async fn to_enrol_again(self: Arc<Self>) -> Result<Vec<EnrolAgain>, PushError> {
        self.wanted(|own| async move {
            Ok(own.core.to_enrol_again().await?.into_iter().map(Into::into).collect())
        })
        .await
    }

    /// Asks every service for its open requests once; a `ChallengeFeed` does it again and again. Works while locked.
    pub async fn refresh_challenges(self: Arc<Self>) -> Result<Challenges, PushError> {
        self.wanted(|own| async move { Ok(own.core.refresh_challenges().await?.into()) }).await
    }

    /// Returns the requests that were open at the last look and have not ended since.
    pub async fn challenges(self: Arc<Self>) -> Result<Vec<Challenge>, PushError> {
        self.wanted(
            |own| async move { Ok(own.core.challenges().await?.into_iter().map(Into::into).collect()) },
        )
        .await
    }

    /// Answers one request. Approving needs the vault unlocked until it is signed, and the device asks for presence;
    /// denying and reporting need neither. What was signed is on the disk before it is sent.
    pub async fn answer(
        self: Arc<Self>,
        challenge_id: String,
        decision: Decision,
    ) -> Result<Answered, PushError> {
        self.ended(move |own| async move {
            let id =
                challenge_id.parse().map_err(|_| PushError::NotThere { what: AbsentTrouble::Request })?;
            Ok(own.core.answer(id, decision.into()).await?.into())
        })
        .await
    }

    /// Returns the answers of the past 90 days, at most 1,000, the newest first.
    pub async fn push_history(self: Arc<Self>) -> Result<Vec<PastAnswer>, PushError> {
        self.wanted(
            |own| async move { Ok(own.core.push_history().await?.into_iter().map(Into::into).collect()) },
        )
        .await
    }

    /// Asks the service for a test of an enrolment that is active.
    pub async fn test_push(self: Arc<Self>, id: String) -> Result<TestPush, PushError> {
        self.ended(move |own| async move { Ok(own.core.test_push(enrolment(&id)?).await?.into()) }).await
    }

    /// Takes a wake-up as it arrived. Returns the enrolment it was sealed to; nothing when it opens for none. It is a
    /// reason to look, nothing more.
    pub async fn wake_up(self: Arc<Self>, sealed: Vec<u8>) -> Result<Option<String>, PushError> {
        self.ended(move |own| async move { Ok(own.core.wake_up(&sealed).await?.map(|id| id.to_string())) })
            .await
    }

    /// Returns the key by which a service's wake-ups are known, for an enrolment that is there already; nothing when
    /// it sends none. Before `enrol`, `CheckedOffer` has it.
    pub async fn push_key(self: Arc<Self>, id: String) -> Result<Option<String>, PushError> {
        self.wanted(move |own| async move { Ok(own.core.push_key(enrolment(&id)?).await?) }).await
    }

    /// Subscribes this phone at the app's relay (`https://host`) to the wake-ups of one service, and returns the
    /// endpoint for `enrol` or `change_push_endpoint`: a new one at each call, one for each enrolment. `token` is
    /// what the vendor gave the app.
    pub async fn subscribe(
        self: Arc<Self>,
        relay: String,
        vendor: PushVendor,
        token: String,
        push_key: String,
    ) -> Result<String, PushError> {
        self.wanted(
            move |own| async move { Ok(own.core.subscribe(&relay, vendor, &token, &push_key).await?) },
        )
        .await
    }

    /// Tells the service where wake-ups go from now on: an https address, or nowhere. The keys that they are sealed
    /// to are made anew and stay in the core.
    pub async fn change_push_endpoint(
        self: Arc<Self>,
        id: String,
        endpoint: Option<String>,
    ) -> Result<(), PushError> {
        self.ended(move |own| async move {
            Ok(own.core.change_push_address(enrolment(&id)?, &address(endpoint)).await?)
        })
        .await
    }

    /// Puts a new key in a key's place. A lost approval key is made anew while the service allows it; then a test must
    /// be approved before it works again.
    pub async fn rotate_key(self: Arc<Self>, id: String, which: WhichKey) -> Result<(), PushError> {
        self.ended(move |own| async move { Ok(own.core.rotate_key(enrolment(&id)?, which).await?) }).await
    }

    /// Ends an enrolment at its service, and then here.
    pub async fn unenrol(self: Arc<Self>, id: String) -> Result<(), PushError> {
        self.ended(move |own| async move { Ok(own.core.unenrol(enrolment(&id)?).await?) }).await
    }

    /// Removes an enrolment from this phone alone, with its keys. Its account for codes stays in the vault.
    pub async fn remove_enrolment(self: Arc<Self>, id: String) -> Result<(), PushError> {
        self.ended(move |own| async move { Ok(own.core.remove_enrolment(enrolment(&id)?).await?) }).await
    }

    /// Gives an enrolment a name of the user's own; an empty one takes it away.
    pub async fn rename_enrolment(self: Arc<Self>, id: String, name: String) -> Result<(), PushError> {
        self.ended(move |own| async move { Ok(own.core.rename_enrolment(enrolment(&id)?, &name).await?) })
            .await
    }

    /// Announces no request of an enrolment before `until_ms`; a moment that is past ends that.
    pub async fn mute(self: Arc<Self>, id: String, until_ms: i64) -> Result<(), PushError> {
        self.ended(move |own| async move { Ok(own.core.mute(enrolment(&id)?, at(until_ms)).await?) }).await
    }

    /// Puts a damaged push file aside, because the user chose to enrol anew. Returns the name it is kept under.
    pub async fn put_push_aside(self: Arc<Self>) -> Result<String, PushError> {
        self.ended(|own| async move { Ok(own.core.put_push_aside().await?) }).await
    }
}

impl Authenticator {
    /// Runs what must end although nobody waits for it any more.
    async fn ended<T: Send + 'static, F: Future<Output = Result<T, PushError>> + Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(Arc<Self>) -> F,
    ) -> Result<T, PushError> {
        let work = work(Arc::clone(&self));
        to_the_end(Arc::clone(&self).guarded(work)).await.unwrap_or_else(|fault| Err(self.faulted(fault)))
    }

    /// Runs what is of no use once nobody waits for it.
    async fn wanted<T: Send + 'static, F: Future<Output = Result<T, PushError>> + Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(Arc<Self>) -> F,
    ) -> Result<T, PushError> {
        let work = work(Arc::clone(&self));
        while_wanted(Arc::clone(&self).contained(work)).await.unwrap_or_else(|fault| Err(self.faulted(fault)))
    }

    fn keep(&self, offered: flows::Offered) -> Offer {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let offer =
            Offer { id: NEXT.fetch_add(1, Ordering::Relaxed).to_string(), host: offered.host().to_owned() };
        *self.open_offer() = Some(OpenOffer { id: offer.id.clone(), step: Step::Read(Box::new(offered)) });
        offer
    }

    fn kept(&self, id: &str) -> Result<Step, PushError> {
        let open = self.open_offer();
        let offer = open.as_ref().filter(|offer| offer.id == id);
        offer.map(|offer| offer.step.clone()).ok_or(PushError::NotThere { what: AbsentTrouble::Offer })
    }
}

/// Reads the id of an enrolment; a text that is none names none.
fn enrolment(id: &str) -> Result<EnrolmentId, PushError> {
    id.parse().map_err(|_| PushError::NotThere { what: AbsentTrouble::Enrolment })
}
