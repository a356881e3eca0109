//! What `klink` says of push before there is a service: a process of its own, its output and its exit code.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod running;

use running::{Klink, TOTP, draw};
use serde_json::json;

#[test]
fn without_an_enrolment_push_says_what_to_do_first() {
    let klink = Klink::new();
    assert_eq!(klink.json(&["enrolments"]), json!([]));
    assert_eq!(klink.json(&["history"]), json!([]));
    for arguments in [
        &["requests"][..],
        &["requests", "--locked"],
        &["deny", "-"],
        &["report", "-"],
        &["approve", "-", "07"],
    ] {
        assert_eq!(klink.refused(arguments)["error"], "not_enrolled", "{arguments:?}");
    }
}

#[test]
fn what_is_no_offer_is_refused_before_anything_is_asked() {
    let klink = Klink::new();
    for offer in ["https://example.com/", "pushenrol:#nonsense", TOTP, "https://example.com/push-enrol#a.b.c"]
    {
        assert_eq!(klink.refused(&["enrol", "--yes", offer])["error"], "bad_offer", "{offer}");
    }
    assert_eq!(klink.refused(&["enrol", "--yes", "--ca-file", "none.pem", "x"])["error"], "file");
}

#[test]
fn a_scanned_offer_says_how_to_take_it() {
    let klink = Klink::new();
    let picture = klink.path("offer.png");
    draw(&picture, "https://login.example.com/push-enrol#abc.def.ghi");
    let path = picture.to_str().unwrap();
    assert_eq!(klink.json(&["scan", path])[0]["what"], "enrolment");
    assert!(klink.ok(&["scan", path]).contains("klink enrol"));
    assert_eq!(klink.refused(&["enrol", "--yes", path])["error"], "bad_offer");
}
