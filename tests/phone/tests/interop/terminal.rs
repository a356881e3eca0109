//! The program `klink` itself at these servers: each command a process of its own, as a person types them.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::bed::Bed;
use crate::phone::link;
use crate::running::{Klink, Trusting};

/// A terminal whose vault is enrolled for a user.
struct Terminal {
    klink: Klink,
    authority: String,
    serial: String,
}

impl Terminal {
    async fn enrolled(bed: &Bed, user: &str, kind: &str) -> Self {
        let token = bed.token(user, kind).await;
        let klink = tokio::task::block_in_place(Klink::new);
        let serial = token["serial"].as_str().unwrap().to_owned();
        let terminal = Self { klink, authority: bed.text("ca").to_owned(), serial };
        let enrolled = terminal.ok(&["enrol", "--yes", link(&token)]);
        assert_eq!(enrolled["enrolment"]["state"], "active");
        assert_eq!(enrolled["check_number"], Value::Null, "our own service's alone");
        assert_eq!(terminal.ok(&["requests"]), json!([]));
        terminal
    }

    fn at(&self) -> Trusting<'_> {
        Trusting { klink: &self.klink, authority: &self.authority }
    }

    #[track_caller]
    fn ok(&self, arguments: &[&str]) -> Value {
        self.at().ok(arguments)
    }

    /// Returns the word of the refusal.
    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> Value {
        self.at().refused(arguments)["error"].clone()
    }

    fn watch(&self) -> Watch {
        let mut command = self.klink.command(&["watch", "--ca-file", &self.authority, "--json"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Watch { child, lines }
    }
}

/// A `klink watch` that runs.
struct Watch {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watch {
    /// Reads lines until one tells of this event.
    fn event(&mut self, wanted: &str) -> Value {
        tokio::task::block_in_place(|| {
            let read = |line: String| serde_json::from_str::<Value>(&line).unwrap();
            let mut events = self.lines.by_ref().map(|line| read(line.unwrap()));
            events.find(|event| event["event"] == wanted).expect("the watch goes on")
        })
    }

    /// Types what a person types under the request on the screen, and returns what became of it.
    fn types(&mut self, line: &str) -> Value {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
        self.event("answered")
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn klink_enrols_approves_denies_and_reports(bed: Arc<Bed>) {
    let terminal = Terminal::enrolled(&bed, "alice", "push").await;
    let started = bed.start("alice").await;
    let request = terminal.ok(&["requests"])[0].clone();
    assert_eq!(request["match"], json!({ "how": "confirm", "length": null }));
    assert_eq!(request["service"], "PI Test Bed");
    let id = request["id"].as_str().unwrap();
    assert_eq!(terminal.refused(&["approve", id]), "cancelled", "nobody is there");
    assert_eq!(terminal.ok(&["approve", "--yes", id])["outcome"], "approved");
    assert_eq!(bed.finish("alice", &started, "").await, "ACCEPT");
    for (command, outcome) in [("deny", "denied"), ("report", "reported")] {
        let started = bed.start("alice").await;
        assert_eq!(terminal.ok(&[command, "-"])["outcome"], outcome);
        assert_eq!(bed.status(&started).await, "declined");
    }
    let history = terminal.ok(&["history"]);
    let outcomes: Vec<&Value> = history.as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
    assert_eq!(outcomes, ["reported", "denied", "approved"]);
    bed.delete(&terminal.serial).await;
}

pub(crate) async fn klink_gives_an_option_and_no_other_number(bed: Arc<Bed>) {
    let terminal = Terminal::enrolled(&bed, "heidi", "push").await;
    let started = bed.start("heidi").await;
    let right = started["presence_answer"].as_str().unwrap();
    let matching = terminal.ok(&["requests"])[0]["match"].clone();
    assert_eq!((&matching["how"], matching["options"].as_array().unwrap().len()), (&json!("pick"), 4));
    // What is no option is refused here and is no try.
    assert_eq!(terminal.refused(&["approve", "--yes", "-", "00"]), "not_the_number");
    assert_eq!(terminal.refused(&["approve", "--yes", "-"]), "not_the_number");
    assert_eq!(terminal.ok(&["approve", "--yes", "-", right])["outcome"], "approved");
    assert_eq!(bed.finish("heidi", &started, "").await, "ACCEPT");
    bed.delete(&terminal.serial).await;
}

pub(crate) async fn klink_shows_the_code_for_the_page(bed: Arc<Bed>) {
    let terminal = Terminal::enrolled(&bed, "carol", "push").await;
    for watched in [false, true] {
        let started = bed.start("carol").await;
        let approved = if watched {
            let mut watch = terminal.watch();
            watch.event("request");
            watch.types("y")
        } else {
            terminal.ok(&["approve", "--yes", "-"])
        };
        let code = approved["display_code"].as_str().unwrap();
        assert_eq!(bed.finish("carol", &started, code).await, "ACCEPT");
    }
    bed.delete(&terminal.serial).await;
}

pub(crate) async fn klink_watch_shows_requests_and_takes_what_is_typed(bed: Arc<Bed>) {
    watched(&bed, "push").await;
    let terminal = Terminal::enrolled(&bed, "bob", "push").await;
    let mut watch = terminal.watch();
    let started = bed.start("bob").await;
    let shown = watch.event("request");
    assert_eq!(shown["request"]["match"]["options"].as_array().unwrap().len(), 3);
    assert_eq!(watch.types(started["presence_answer"].as_str().unwrap())["outcome"], "approved");
    assert_eq!(bed.finish("bob", &started, "").await, "ACCEPT");
    bed.delete(&terminal.serial).await;
}

/// eduMFA's own link, a P-256 key.
pub(crate) async fn klink_watch_works_with_edupush(bed: Arc<Bed>) {
    watched(&bed, "edupush").await;
}

/// eduMFA's link that privacyIDEA has too, an RSA key.
pub(crate) async fn klink_enrols_and_approves_with_push(bed: Arc<Bed>) {
    let terminal = Terminal::enrolled(&bed, "alice", "push").await;
    let started = bed.start("alice").await;
    assert_eq!(terminal.ok(&["approve", "--yes", "-"])["outcome"], "approved");
    assert_eq!(bed.finish("alice", &started, "").await, "ACCEPT");
    bed.delete(&terminal.serial).await;
}

/// One watch sees three requests come, and somebody approves, denies and reports.
async fn watched(bed: &Bed, kind: &str) {
    let terminal = Terminal::enrolled(bed, "alice", kind).await;
    let mut watch = terminal.watch();
    for (typed, outcome, status) in
        [("y", "approved", "accept"), ("n", "denied", "declined"), ("r", "reported", "declined")]
    {
        let started = bed.start("alice").await;
        let request = watch.event("request")["request"].clone();
        assert_eq!(request["match"]["how"], "confirm");
        let answered = watch.types(typed);
        assert_eq!((&answered["id"], &answered["outcome"]), (&request["id"], &json!(outcome)));
        assert_eq!(bed.status(&started).await, status);
    }
    bed.delete(&terminal.serial).await;
}
