//! privacyIDEA: numbers that are chosen, and a code that the phone shows for the page.

use std::sync::Arc;

use authenticator_core::push::matching::Rule;
use authenticator_core::vault::Outcome;

use crate::bed::Bed;
use crate::phone::Phone;

fn options(rule: &Rule) -> &[String] {
    match rule {
        Rule::Pick { options } => options,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn one_number_is_tried_and_no_second(bed: Arc<Bed>) {
    let (phone, serial) = Phone::enrolled(&bed, "bob").await;
    let started = bed.start("bob").await;
    let right = started["presence_answer"].as_str().unwrap();
    let one = phone.request().await;
    assert_eq!(options(&one.rule).len(), 3);
    let wrong = options(&one.rule).iter().find(|option| *option != right).unwrap();
    assert_eq!(phone.pick(&one, wrong).await, Some(Outcome::WrongMatch));
    assert_eq!(bed.status(&started).await, "pending", "the server would take a second one");
    assert!(phone.look().await.is_empty(), "the phone does not offer it");
    let started = bed.start("bob").await;
    let one = phone.request().await;
    let right = started["presence_answer"].as_str().unwrap();
    assert_eq!(phone.pick(&one, right).await, Some(Outcome::Approved));
    assert_eq!(bed.finish("bob", &started, "").await, "ACCEPT");
    bed.delete(&serial).await;
}

pub(crate) async fn a_code_for_the_page_comes_with_the_approval(bed: Arc<Bed>) {
    let (phone, serial) = Phone::enrolled(&bed, "carol").await;
    let started = bed.start("carol").await;
    let answered = phone.approve().await;
    let code = answered.display_code.unwrap();
    assert!(code.expose().len() == 2 && code.expose().bytes().all(|byte| byte.is_ascii_digit()));
    assert!(!format!("{code:?}").contains(code.expose()));
    assert_eq!(bed.status(&started).await, "pending");
    assert_eq!(bed.finish("carol", &started, "xx").await, "REJECT");
    assert_eq!(bed.finish("carol", &started, code.expose()).await, "ACCEPT");
    bed.delete(&serial).await;
}

pub(crate) async fn options_of_the_administrator_are_shown_as_they_are(bed: Arc<Bed>) {
    let (phone, serial) = Phone::enrolled(&bed, "heidi").await;
    let started = bed.start("heidi").await;
    let one = phone.request().await;
    let shown = options(&one.rule);
    assert!(
        shown.len() == 4 && shown.iter().all(|option| ["17", "42", "73", "88", "91"].contains(&&**option))
    );
    let right = started["presence_answer"].as_str().unwrap();
    assert_eq!(phone.pick(&one, right).await, Some(Outcome::Approved));
    assert_eq!(bed.finish("heidi", &started, "").await, "ACCEPT");
    bed.delete(&serial).await;
}
