//! Where this phone is stricter than the server: its time, its address, one try, and a person before an approval.

use std::sync::atomic::Ordering;

use authenticator_core::authenticator::{Decision, NoSuch, Number, PushError};
use authenticator_core::device::KeyStoreError;
use authenticator_core::vault::Outcome;

use super::{Foreign, Kind, taken};

const NONCE: &str = "abcdefgh01";
const YES: Decision = Decision::Approve { number: Number::Nothing };
const NO: Decision = Decision::Deny { cancelled: false };

#[tokio::test]
async fn a_request_lives_120_seconds_from_the_look_that_saw_it_first() {
    let foreign = Foreign::enrolled().await;
    foreign.lists(&[foreign.asks(NONCE, None)]);
    let phone = &foreign.phone;
    let one = phone.look().await.challenges.remove(0);
    foreign.set_ahead_s(110);
    let moved = phone.look().await.challenges[0].expires_at.ms() - one.expires_at.ms();
    assert!(moved.abs() < 2_000, "a later look prolonged it by {moved} ms");
    foreign.set_ahead_s(122);
    let seen = phone.look().await;
    assert!(seen.challenges.is_empty(), "the server lists it still");
    assert_eq!(seen.closed.iter().map(|closed| closed.outcome).collect::<Vec<_>>(), [Outcome::Expired]);
    let late = phone.core.answer(one.id, YES).await;
    assert!(matches!(late, Err(PushError::NoSuch(NoSuch::Request))), "{late:?}");
    assert!(phone.look().await.challenges.is_empty(), "and it is not a new one");
    assert!(foreign.heard(Kind::Answer).is_empty());
}

#[tokio::test]
async fn before_an_approval_the_phone_looks_once_more() {
    let foreign = Foreign::enrolled().await;
    for listed in [false, true] {
        let nonce = format!("{NONCE}{listed}");
        foreign.lists(&[foreign.asks(&nonce, None)]);
        let one = foreign.phone.look().await.challenges.remove(0);
        if !listed {
            foreign.lists(&[]);
        }
        let looks = foreign.heard(Kind::Look).len();
        let answered = foreign.phone.core.answer(one.id, YES).await;
        assert_eq!(foreign.heard(Kind::Look).len(), looks + 1);
        assert_eq!(answered.is_ok(), listed, "{answered:?}");
        assert_eq!(foreign.heard(Kind::Answer).len(), usize::from(listed));
        foreign.phone.look().await;
    }
}

#[tokio::test]
async fn an_approval_is_signed_for_a_person_and_a_denial_for_anybody() {
    let foreign = Foreign::enrolled().await;
    foreign.lists(&[foreign.asks(NONCE, None)]);
    let one = foreign.phone.look().await.challenges.remove(0);
    foreign.phone.present.store(false, Ordering::SeqCst);
    let nobody = foreign.phone.core.answer(one.id, YES).await;
    assert!(matches!(nobody, Err(PushError::KeyStore(KeyStoreError::Cancelled))), "{nobody:?}");
    assert!(foreign.heard(Kind::Answer).is_empty(), "nothing was sent");
    assert!(foreign.phone.core.answer(one.id, NO).await.is_ok());
    let [sent] = &foreign.heard(Kind::Answer)[..] else { panic!() };
    assert_eq!((sent["nonce"].as_str(), sent["decline"].as_str()), (NONCE, "1"));
    // The control: with somebody there it is signed.
    foreign.phone.present.store(true, Ordering::SeqCst);
    foreign.lists(&[foreign.asks("abcdefgh02", None)]);
    let one = foreign.phone.look().await.challenges.remove(0);
    assert_eq!(foreign.phone.core.answer(one.id, YES).await.unwrap().outcome, Some(Outcome::Approved));
}

#[tokio::test]
async fn a_link_that_wants_a_pin_asks_at_each_approval_as_every_link_does() {
    for more in ["&pin=True", "&app_force_unlock=biometric", ""] {
        let foreign = Foreign::new().await;
        foreign.phone.enrol(&format!("{}{more}", foreign.link())).await.unwrap();
        foreign.phone.present.store(false, Ordering::SeqCst);
        foreign.lists(&[foreign.asks(NONCE, None)]);
        let one = foreign.phone.look().await.challenges.remove(0);
        let nobody = foreign.phone.core.answer(one.id, YES).await;
        assert!(matches!(nobody, Err(PushError::KeyStore(KeyStoreError::Cancelled))), "{more}: {nobody:?}");
    }
}

#[tokio::test]
async fn a_wrong_number_is_tried_once_though_the_server_would_take_another() {
    let foreign = Foreign::enrolled().await;
    foreign.lists(&[foreign.asks(NONCE, Some("17,42,73"))]);
    let one = foreign.phone.look().await.challenges.remove(0);
    let pick = |number: &str| Decision::Approve { number: Number::Typed(number.to_owned()) };
    let none = foreign.phone.core.answer(one.id, pick("18")).await;
    assert!(matches!(none, Err(PushError::Number(_))), "{none:?}");
    foreign.says(Kind::Answer, &taken(false));
    assert_eq!(
        foreign.phone.core.answer(one.id, pick("17")).await.unwrap().outcome,
        Some(Outcome::WrongMatch)
    );
    assert!(foreign.phone.look().await.challenges.is_empty(), "it is listed, and not offered again");
    let second = foreign.phone.core.answer(one.id, pick("42")).await;
    assert!(matches!(second, Err(PushError::NoSuch(NoSuch::Request))), "{second:?}");
    let [sent] = &foreign.heard(Kind::Answer)[..] else { panic!("one try") };
    assert_eq!(sent["presence_answer"], "17");
}

/// Verified before anything is shown, and answers go where the phone was enrolled, whatever is signed.
#[tokio::test]
async fn a_request_that_is_forged_or_leads_elsewhere_is_not_shown_and_hides_no_other() {
    let foreign = Foreign::enrolled().await;
    let mut forged = foreign.asks("abcdefgh02", None);
    forged["question"] = "Win a prize?".into();
    let elsewhere = foreign.asks_for("https://other.example/ttype/push", "abcdefgh03", None);
    foreign.lists(&[forged, elsewhere, foreign.asks(NONCE, None)]);
    let seen = foreign.phone.look().await;
    assert_eq!(seen.challenges.len(), 1);
    assert!(matches!(seen.problems[..], [(_, PushError::BadReply(_))]), "{:?}", seen.problems);
    assert_eq!(seen.challenges[0].message.as_deref(), Some("Sign in?"));
}

/// An older server would not verify a denial with a reason that it does not know.
#[tokio::test]
async fn a_reason_goes_only_to_a_server_that_takes_reasons() {
    let foreign = Foreign::enrolled().await;
    for (nonce, takes) in [("abcdefgh02", false), ("abcdefgh03", true)] {
        let mut asked = foreign.asks(nonce, None);
        if takes {
            let said = r#"{"decline_reason":true}"#;
            asked["capabilities"] = said.into();
            let canonical = format!(r#"{{"capabilities":{said},"nonce":"{nonce}"}}"#);
            asked["capabilities_signature"] = foreign.signed(&canonical).into();
        }
        foreign.lists(&[asked]);
        let one = foreign.phone.look().await.challenges.remove(0);
        let report = Decision::Report { not_me: true, lock: false };
        assert_eq!(foreign.phone.core.answer(one.id, report).await.unwrap().outcome, Some(Outcome::Reported));
        let sent = foreign.heard(Kind::Answer).pop().unwrap();
        assert_eq!(sent.get("decline_reason").map(String::as_str), takes.then_some("unknown_trigger"));
    }
}

#[tokio::test]
async fn nothing_wakes_this_phone_and_the_server_is_told_so() {
    let foreign = Foreign::enrolled().await;
    assert_eq!(foreign.heard(Kind::Enrol)[0]["fbtoken"], "no_firebase_token");
}

/// The code for the page comes with an approval, needs the vault open, and is in no list and no history.
#[tokio::test]
async fn a_code_for_the_page_is_shown_once_and_kept_nowhere() {
    let foreign = Foreign::enrolled().await;
    foreign.lists(&[foreign.asks(NONCE, None)]);
    let one = foreign.phone.look().await.challenges.remove(0);
    let mut says = taken(true);
    says["detail"] = serde_json::json!({ "display_code": "7391" });
    foreign.says(Kind::Answer, &says);
    let answered = foreign.phone.core.answer(one.id, YES).await.unwrap();
    assert!(!format!("{answered:?}").contains("7391"));
    assert_eq!(answered.display_code.unwrap().expose(), "7391");
    assert!(!format!("{:?}", foreign.phone.core.push_history().await.unwrap()).contains("7391"));
    // The control: while the vault is locked there is no approval, so no code.
    foreign.lists(&[foreign.asks("abcdefgh02", None)]);
    let one = foreign.phone.look().await.challenges.remove(0);
    foreign.phone.core.lock();
    assert!(matches!(foreign.phone.core.answer(one.id, YES).await, Err(PushError::Locked)));
}
