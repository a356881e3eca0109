//! Changing what protects an account, and the pages of somebody who is kept out for a while.

use std::sync::Arc;

use authenticator_core::push::wire::Renew;
use klink_service::accounts::pass;

use crate::browser::Browser;
use crate::pages::{approve, newest, scanned, with_app};
use crate::phone::Phone;
use crate::texts::Texting;
use crate::world::World;

/// A browser whose user has an app for codes and a phone that works; the phone answered its test.
async fn with_phone<'a>(world: &'a World) -> (Browser<'a>, Phone) {
    let (mut browser, _) = with_app(world).await;
    let mut phone = Phone::new();
    scanned(world, &mut browser, &mut phone).await;
    browser.send("/setup/check", &[("same", "yes")]).await;
    let number = browser.text("number");
    approve(world, &mut phone, &number).await;
    browser.get("/security").await;
    (browser, phone)
}

#[tokio::test]
async fn a_new_approval_key_is_offered_after_a_question_and_for_ten_minutes() {
    let world = World::new().await;
    let (mut browser, mut phone) = with_phone(&world).await;
    let path = format!("/security/phones/{}/key", phone.id());
    assert!(browser.html.contains(&format!("href=\"{path}\"")), "{}", browser.html);
    assert!(browser.get(&path).await.contains("Let Tess&#39; phone make a new approval key?"));
    assert_eq!(phone.list(&world).await.renew, None, "the question alone opens nothing");
    browser.send(&path, &[]).await;
    assert_eq!(browser.path, "/security?say=key");
    assert!(browser.html.contains("Open Klink within 10 minutes."), "{}", browser.html);
    assert!(browser.html.contains("Waiting for a new approval key from the phone."), "{}", browser.html);
    assert_eq!(phone.list(&world).await.renew, Some(Renew::Approval));
    world.clock.advance(601);
    phone.token = None;
    assert_eq!(phone.list(&world).await.renew, None);
    assert!(!browser.get("/security").await.contains("Waiting for a new approval key"));
}

#[tokio::test]
async fn a_new_approval_key_asks_for_a_factor_when_the_last_proof_is_old() {
    let world = World::new().await;
    let (mut browser, mut phone) = with_phone(&world).await;
    let path = format!("/security/phones/{}/key", phone.id());
    browser.get(&path).await;
    world.clock.advance(700);
    browser.send(&path, &[]).await;
    assert_eq!(browser.path, format!("/other?next={path}"));
    phone.token = None;
    assert_eq!(phone.list(&world).await.renew, None);
}

#[tokio::test]
async fn a_phone_is_tested_again_and_the_page_says_how_it_went() {
    let world = World::new().await;
    let (mut browser, mut phone) = with_phone(&world).await;
    let path = format!("/security/phones/{}/test", phone.id());
    assert!(browser.get(&path).await.contains("Send a test to Tess&#39; phone?"));
    browser.send(&path, &[]).await;
    assert!(browser.path.starts_with(&format!("{path}?asked=")), "{}", browser.path);
    let (waiting, number) = (browser.path.clone(), browser.text("number"));
    let id = newest(&world, &mut phone).await;
    assert_eq!(phone.deny(&world, &id).await.status, 200);
    browser.get(&waiting).await;
    assert_eq!(browser.heading(), "Request denied");
    // The control: approved, the same page leads back and says so.
    browser.send(&path, &[]).await;
    let (waiting, second) = (browser.path.clone(), browser.text("number"));
    assert_ne!(number, second);
    approve(&world, &mut phone, &second).await;
    browser.get(&waiting).await;
    assert_eq!(browser.path, "/security?say=tested");
    assert!(browser.html.contains("The test was approved."), "{}", browser.html);
}

#[tokio::test]
async fn a_phone_number_is_removed_after_a_question_and_no_more_code_is_sent() {
    let mut texting = Texting::new().await;
    let world = Arc::clone(&texting.world);
    let (mut browser, _) = with_app(&world).await;
    browser.get("/setup/phone?next=/security").await;
    browser.send("/setup/phone?next=/security", &[("region", "NL"), ("number", "06-12345678")]).await;
    let (form, code) = (browser.path.clone(), texting.code().await);
    browser.send(&form, &[("code", &code)]).await;
    browser.get("/security").await;
    assert!(browser.html.contains("/security/number/remove"), "{}", browser.html);
    assert!(browser.get("/security/number/remove").await.contains("Remove your phone number?"));
    browser.send("/security/number/remove", &[]).await;
    assert_eq!(browser.path, "/security?say=removed");
    assert!(browser.html.contains("No phone number"), "{}", browser.html);
    assert!(!browser.html.contains("/security/number/remove"), "{}", browser.html);
}

#[tokio::test]
async fn after_a_reset_the_pass_is_asked_for_and_a_wrong_one_leads_nowhere() {
    let world = World::new().await;
    let (_, mut phone) = with_phone(&world).await;
    let given = pass::reset(&world.service, "tess").await.unwrap().unwrap();
    let mut browser = Browser::new(&world);
    browser.sign_in().await;
    assert_eq!((browser.path.as_str(), browser.heading().as_str()), ("/pass", "One-time pass"));
    for path in ["/", "/setup/prepare", "/security", "/approve", "/other"] {
        browser.get(path).await;
        assert_eq!(browser.path, "/pass", "{path}");
    }
    browser.send("/pass", &[("code", "ABCD-EFGH-JKMN-PQRS")]).await;
    assert!(browser.html.contains("That pass isn&#39;t right, or it has expired."), "{}", browser.html);
    browser.send("/pass", &[("code", given.expose())]).await;
    assert_eq!(browser.heading(), "More information required");
    // The lost phone is gone with the other factors.
    let call = phone.call(&world, "GET", "/push/v1/requests", String::new()).await;
    assert_eq!(call.status, 401, "{}", call.body);
    // Used once: the next sign-in has no pass and no factor, and somebody else's copy of it is worth nothing.
    let mut other = Browser::new(&world);
    other.sign_in().await;
    assert_eq!(other.heading(), "One-time pass");
    other.send("/pass", &[("code", given.expose())]).await;
    assert!(other.html.contains("That pass isn&#39;t right, or it has expired."), "{}", other.html);
}

#[tokio::test]
async fn after_two_denials_the_page_says_for_how_long_nothing_is_sent_and_offers_another_method() {
    let world = World::new().await;
    let (_, mut phone) = with_phone(&world).await;
    let mut browser = Browser::new(&world);
    browser.sign_in().await;
    for _ in 0..2 {
        let id = newest(&world, &mut phone).await;
        assert_eq!(phone.deny(&world, &id).await.status, 200);
        browser.get("/approve").await;
        assert_eq!(browser.heading(), "Request denied");
        browser.send("/approve/send", &[]).await;
    }
    assert_eq!(browser.heading(), "No request was sent");
    assert!(browser.html.contains("No requests go to your phone for 15 minutes"), "{}", browser.html);
    assert!(browser.html.contains("Use another method"), "{}", browser.html);
    assert_eq!(phone.list(&world).await.requests.len(), 0);
    world.clock.advance(901);
    browser.get("/approve").await;
    browser.send("/approve/send", &[]).await;
    assert_eq!(
        browser.heading(),
        "Approve on your phone",
        "the control: after the quarter of an hour it is sent"
    );
}

#[tokio::test]
async fn after_a_report_nothing_is_sent_until_another_method_has_shown_who_it_is() {
    let world = World::new().await;
    let (mut old, mut phone) = with_phone(&world).await;
    let mut browser = Browser::new(&world);
    browser.sign_in().await;
    let id = newest(&world, &mut phone).await;
    assert_eq!(phone.report(&world, &id, true).await.status, 200);
    browser.get("/approve").await;
    assert_eq!(browser.heading(), "Request reported");
    old.get("/security").await;
    assert_eq!(old.heading(), "Sign in", "the other sessions are signed out");
    browser.send("/approve/send", &[]).await;
    let locked = "No requests go to your phone until you have shown by another method that it is you.";
    assert!(browser.html.contains(locked), "{}", browser.html);
    world.clock.advance(24 * 3600);
    let mut next = Browser::new(&world);
    next.sign_in().await;
    assert!(next.html.contains(locked) || next.heading() != "Approve on your phone", "{}", next.html);
}
