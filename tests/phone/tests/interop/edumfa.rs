//! eduMFA: the same link as privacyIDEA's, and its own, which takes P-256.

use std::sync::Arc;

use authenticator_core::authenticator::EnrolmentState;
use authenticator_core::vault::Outcome;

use crate::bed::Bed;
use crate::phone::{DENY, Phone, link};

async fn enrolled(bed: &Bed, kind: &str) -> (Phone, String, String) {
    let (phone, token) = (Phone::new(bed), bed.token("alice", kind).await);
    phone.enrol(link(&token)).await.unwrap();
    assert_eq!(phone.enrolment().await.state, EnrolmentState::Active);
    assert!(phone.look().await.is_empty());
    (phone, token["serial"].as_str().unwrap().to_owned(), link(&token).to_owned())
}

async fn enrols(bed: &Bed, kind: &str, scheme: &str) {
    let (_, serial, link) = enrolled(bed, kind).await;
    assert!(link.starts_with(scheme), "{link}");
    bed.delete(&serial).await;
}

async fn approved(bed: &Bed, kind: &str) {
    let (phone, serial, _) = enrolled(bed, kind).await;
    let started = bed.start("alice").await;
    phone.approve().await;
    assert_eq!(bed.finish("alice", &started, "").await, "ACCEPT");
    bed.delete(&serial).await;
}

async fn denied(bed: &Bed, kind: &str) {
    let (phone, serial, _) = enrolled(bed, kind).await;
    let started = bed.start("alice").await;
    let one = phone.request().await;
    assert_eq!(phone.answer(&one, DENY).await.outcome, Some(Outcome::Denied));
    assert_eq!(bed.status(&started).await, "declined");
    bed.delete(&serial).await;
}

pub(crate) async fn push_enrols_with_rsa(bed: Arc<Bed>) {
    enrols(&bed, "push", "otpauth://pipush/").await;
}

pub(crate) async fn push_is_approved(bed: Arc<Bed>) {
    approved(&bed, "push").await;
}

pub(crate) async fn push_is_denied(bed: Arc<Bed>) {
    denied(&bed, "push").await;
}

pub(crate) async fn edupush_enrols_with_p256(bed: Arc<Bed>) {
    enrols(&bed, "edupush", "edumfa-push://").await;
}

pub(crate) async fn edupush_is_approved(bed: Arc<Bed>) {
    approved(&bed, "edupush").await;
}

pub(crate) async fn edupush_is_denied(bed: Arc<Bed>) {
    denied(&bed, "edupush").await;
}
