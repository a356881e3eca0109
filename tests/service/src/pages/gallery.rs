//! Every page in every state with made-up values, for the tests of what all pages have in common. With
//! `KLINK_GALLERY` naming a folder, the pages are written there for the browser's tests.

use askama::Template;

use super::frame::{Frame, Say, Step};
use super::language::Language;
use super::views::*;
use super::words::{Words, fill, words};
use super::{pictures, times};

/// Text that would break out of a page that escapes badly.
pub(crate) const HOSTILE: &str = "\"><script>alert('x')</script>&amp;";

/// Returns the names and texts of all pages in `language`.
pub(crate) fn pages(language: Language) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    signing_in(language, &mut pages);
    setting_up(language, &mut pages);
    asking(language, &mut pages);
    afterwards(language, &mut pages);
    pages
}

type Pages = Vec<(String, String)>;

fn frame(language: Language, title: &str) -> Frame {
    let mut frame =
        Frame::new(language, "Hupra", "form-token".to_owned(), "/made-up".to_owned()).titled(title);
    frame.has_session = true;
    frame
}

fn add(pages: &mut Pages, name: &str, page: impl Template) {
    pages.push((name.to_owned(), page.render().expect("a String takes everything")));
}

fn qr() -> String {
    pictures::qr(&format!("https://login.hupra.example/push-enrol#{}", "aB3-_.".repeat(104)))
        .expect("it fits")
}

fn signing_in(language: Language, pages: &mut Pages) {
    let w = words(language);
    let mut f = frame(language, w.sign_in.title);
    f.has_session = false;
    add(pages, "sign-in", SignIn { f, name: String::new() });
    let f = frame(language, w.sign_in.title).say(Some(Say::problem(w.sign_in.wrong)));
    add(pages, "sign-in-wrong", SignIn { f, name: HOSTILE.to_owned() });
    let f = frame(language, w.sign_in.title).say(Some(Say::warning(w.sign_in.ended)));
    add(pages, "sign-in-ended", SignIn { f, name: "ada".to_owned() });
    let choices = vec![
        Choice {
            path: "/other/app".to_owned(),
            posts: false,
            title: w.methods.app,
            hint: w.methods.app_hint.to_owned(),
        },
        Choice {
            path: "/other/text".to_owned(),
            posts: true,
            title: w.methods.text,
            hint: fill(w.methods.text_hint, &["•••• 78"]),
        },
        Choice {
            path: "/other/recovery".to_owned(),
            posts: false,
            title: w.methods.recovery,
            hint: w.methods.recovery_hint.to_owned(),
        },
    ];
    add(
        pages,
        "methods",
        Methods { f: frame(language, w.methods.title), choices, cancel: "/approve".to_owned() },
    );
    add(
        pages,
        "methods-none",
        Methods { f: frame(language, w.methods.title), choices: vec![], cancel: String::new() },
    );
    let code = |f, text: &str, label, hint, complete, mode, length| Code {
        f,
        text: text.to_owned(),
        label,
        hint,
        complete,
        mode,
        length,
        action: "/other/app".to_owned(),
        back: "/other".to_owned(),
    };
    let (a, r, p) = (&w.app_code, &w.recovery_code, &w.pass);
    add(
        pages,
        "app-code",
        code(frame(language, a.title), a.text, a.code, w.other_app.kind, "one-time-code", "numeric", 9),
    );
    let f = frame(language, a.title).say(Some(Say::problem(a.wrong)));
    add(pages, "app-code-wrong", code(f, a.text, a.code, w.other_app.kind, "one-time-code", "numeric", 9));
    add(pages, "recovery-code", code(frame(language, r.title), r.text, r.code, r.hint, "off", "text", 40));
    add(pages, "pass", code(frame(language, p.title), p.text, p.code, r.hint, "one-time-code", "text", 64));
}

fn setting_up(language: Language, pages: &mut Pages) {
    let w = words(language);
    let step = |title, step| frame(language, title).step(Some(step));
    let account = fill(w.required.account, &[HOSTILE]);
    add(pages, "required", Required { f: frame(language, w.required.title), account });
    let store = "https://store.example/klink";
    let picture = || pictures::qr(store).expect("it fits");
    let f = step(w.app.title, Step::App);
    let (ios, android) = (store.to_owned(), store.to_owned());
    add(pages, "app", App { f, ios, ios_qr: picture(), android, android_qr: picture() });
    let other = |f| OtherApp {
        f,
        qr: picture(),
        key: "JBSW Y3DP EHPK 3PXP JBSW Y3DP".to_owned(),
        back: "/setup/app".to_owned(),
    };
    add(pages, "other-app", other(step(w.other_app.title, Step::App)));
    add(
        pages,
        "other-app-wrong",
        other(step(w.other_app.title, Step::App).say(Some(Say::problem(w.other_app.wrong)))),
    );
    let three = fill(w.prepare.three, &[w.prepare.choice]);
    add(
        pages,
        "prepare",
        Prepare { f: step(w.prepare.title, Step::Prepare), three, back: "/setup/app".to_owned() },
    );
    let scan = |f| Scan {
        f,
        qr: qr(),
        once: fill(w.scan.once, &[&times::span(w, 290)]),
        link: format!("https://login.hupra.example/push-enrol#{}", "aB3-_.".repeat(104)),
        open: format!("pushenrol:#{}", "aB3-_.".repeat(104)),
        host: "login.hupra.example".to_owned(),
        code: "7K2M-9QTX-4HVB".to_owned(),
        back: "/setup/prepare".to_owned(),
    };
    let live = |f: Frame| f.live("/live/none", "waiting");
    add(pages, "scan", scan(live(step(w.scan.title, Step::Scan))));
    add(
        pages,
        "scan-not-yet",
        scan(live(step(w.scan.title, Step::Scan)).say(Some(Say::problem(w.scan.not_yet)))),
    );
    let f = step(w.check.title, Step::Scan).say(Some(Say::good(w.scan.enrolled)));
    add(pages, "check", Check { f, number: "168 164".to_owned() });
    let ended = [
        ("scan-expired", w.scan.expired, "", w.scan.fresh),
        ("check-no", w.check.rejected_title, w.check.rejected, w.scan.fresh),
    ];
    for (name, title, text, button) in ended {
        add(pages, name, again(step(title, Step::Scan), "warn", text, button));
    }
    let f = step(w.finished.title, Step::Test).say(Some(Say::good(w.finished.approved)));
    let links = vec![Link { path: "/setup/phone".to_owned(), text: w.common.next.to_owned() }];
    add(pages, "finished", Again { links, ..again(f, "good", w.finished.text, "") });
    let regions = || {
        [("NL", "Nederland", 31, true), ("BE", HOSTILE, 32, false)]
            .map(|(code, name, calling, selected)| Region {
                code: code.to_owned(),
                name: name.to_owned(),
                calling,
                selected,
            })
            .into()
    };
    let f = step(w.phone.title, Step::Phone);
    add(
        pages,
        "phone",
        Phone { f, regions: regions(), number: String::new(), skip: "/setup/recovery".to_owned() },
    );
    let f = step(w.phone.title, Step::Phone).say(Some(Say::problem(fill(w.phone.invalid, &[HOSTILE]))));
    add(
        pages,
        "phone-invalid",
        Phone { f, regions: regions(), number: HOSTILE.to_owned(), skip: "/setup/recovery".to_owned() },
    );
    let text = |f| Text {
        f,
        sent: fill(w.text.sent, &["+31 6 12345678"]),
        action: "/setup/text".to_owned(),
        again: "/setup/text/again".to_owned(),
        back: "/setup/phone".to_owned(),
    };
    add(pages, "text", text(step(w.text.title, Step::Phone)));
    add(
        pages,
        "text-wrong",
        text(step(w.text.title, Step::Phone).say(Some(Say::problem(fill(w.text.left, &["3"]))))),
    );
    let links = vec![Link { path: "/setup/recovery".to_owned(), text: w.common.done.to_owned() }];
    let complete = fill(w.complete.text, &["+31 6 12345678"]);
    add(
        pages,
        "complete",
        Again { links, ..again(step(w.complete.title, Step::Phone), "good", &complete, "") },
    );
    let f = step(w.recovery.offer_title, Step::Recovery);
    add(pages, "recovery-offer", RecoveryOffer { f, later: "/".to_owned() });
    let codes = (0..10).map(|n| format!("7K2M-9QTX-4HV{n}")).collect();
    let f = step(w.recovery.title, Step::Recovery);
    add(
        pages,
        "recovery-codes",
        RecoveryCodes { f, codes, account: HOSTILE.to_owned(), done: "/".to_owned() },
    );
}

fn again(f: Frame, sign: &'static str, text: &str, button: &str) -> Again {
    let lines = if text.is_empty() { vec![] } else { vec![text.to_owned()] };
    Again { f, sign, lines, button: button.to_owned(), action: "/made-up".to_owned(), links: vec![] }
}

fn ask(f: Frame, w: &Words, as_qr: bool, what: &str) -> Ask {
    Ask {
        f: f.live("/live/none", "open"),
        what: what.to_owned(),
        text: w.ask.sign_in_text.to_owned(),
        number: "07".to_owned(),
        spoken: "0 7".to_owned(),
        as_qr,
        qr: pictures::qr("pushmatch:AQEBAQEBAQEBAQEBAQEBAQ.AgICAgICAgICAgICAgICAg").expect("it fits"),
        life_s: 60,
        left_s: 41,
        left: fill(w.ask.left, &[&times::span(w, 41)]),
        nobody: fill(w.ask.nobody, &["Hupra"]),
        again: "/approve/send".to_owned(),
        another: "/other".to_owned(),
        cancel: if what.is_empty() { String::new() } else { "/security".to_owned() },
    }
}

fn asking(language: Language, pages: &mut Pages) {
    let w = words(language);
    add(pages, "test", ask(frame(language, w.ask.test_title).step(Some(Step::Test)), w, false, ""));
    add(pages, "approve", ask(frame(language, w.ask.sign_in_title), w, false, ""));
    add(pages, "approve-scan", ask(frame(language, w.ask.sign_in_title), w, true, ""));
    let what = fill(w.security.remove_phone, &[HOSTILE]);
    add(pages, "confirm", ask(frame(language, w.ask.confirm_title), w, false, &what));
    let span = times::span(w, 700);
    let ended = [
        ("denied", w.ask.denied_title, w.ask.denied.to_owned(), w.common.try_again),
        ("reported", w.ask.reported_title, w.ask.reported.to_owned(), ""),
        ("wrong-number", w.ask.wrong_title, w.ask.wrong.to_owned(), w.common.try_again),
        ("no-answer", w.ask.no_answer_title, w.ask.no_answer.to_owned(), w.common.try_again),
        ("replaced", w.ask.replaced_title, w.ask.replaced.to_owned(), w.common.try_again),
        ("closed", w.ask.closed_title, w.ask.closed.to_owned(), w.common.try_again),
        ("limited", w.ask.not_sent, fill(w.ask.limited, &[&span]), w.common.try_again),
        ("muted", w.ask.not_sent, fill(w.ask.muted, &[&span]), ""),
    ];
    for (name, title, text, button) in ended {
        let links = vec![Link { path: "/other".to_owned(), text: w.ask.another.to_owned() }];
        add(pages, name, Again { links, ..again(frame(language, title), "warn", &text, button) });
    }
}

fn afterwards(language: Language, pages: &mut Pages) {
    let w = words(language);
    let text = fill(w.home.text, &["ada"]);
    add(pages, "home", Home { f: frame(language, w.home.title), text: text.clone(), notices: vec![] });
    let notices = vec![
        Notice { text: fill(w.notice.phone_added, &[HOSTILE]), when: times::moment(w, 1_795_640_640) },
        Notice { text: w.notice.recovery_made.to_owned(), when: times::moment(w, 1_795_640_640) },
    ];
    add(pages, "home-notices", Home { f: frame(language, w.home.title), text, notices });
    let link = |path: &str, text: &str| Link { path: path.to_owned(), text: text.to_owned() };
    let phone = |name: &str, active, lines: &[String]| PhoneCard {
        name: name.to_owned(),
        lines: lines.to_vec(),
        active,
        path: "/security/phones/x".to_owned(),
    };
    let used = fill(w.security.last_used, &[&times::moment(w, 1_795_640_640)]);
    let phones = vec![
        phone("Pixel 9", true, &[used.clone(), fill(w.security.added, &[&times::moment(w, 1_790_000_000)])]),
        phone(HOSTILE, false, &[w.security.pending.to_owned()]),
    ];
    let method = |title: &str, state: &str, links| MethodCard {
        title: title.to_owned(),
        state: state.to_owned(),
        links,
    };
    let methods = vec![
        method(
            w.security.number,
            "+31 •••• 78",
            vec![
                link("/security/number", w.security.change),
                link("/security/number/remove", w.security.remove),
            ],
        ),
        method(w.security.app_codes, w.security.app_codes_off, vec![link("/security/apps", w.security.add)]),
        method(
            w.security.recovery,
            &fill(w.security.recovery_left, &["9"]),
            vec![link("/security/recovery", w.security.make_new)],
        ),
    ];
    let f = frame(language, w.security.title).say(Some(Say::good(w.security.removed)));
    add(pages, "security", Security { f, phones, may_add_phone: true, methods });
    let f = frame(language, w.security.title);
    add(pages, "security-empty", Security { f, phones: vec![], may_add_phone: false, methods: vec![] });
    let question = fill(w.security.remove_phone, &[HOSTILE]);
    let f = frame(language, w.ask.confirm_title);
    add(
        pages,
        "question",
        Confirm { f, question, action: "/x".to_owned(), button: w.security.remove, danger: true },
    );
    add(pages, "link", SetUpLink { f: frame(language, w.link.title) });
    for (name, text) in
        [("form", w.trouble.form), ("gone", w.trouble.gone), ("unavailable", w.trouble.unavailable)]
    {
        add(pages, &format!("trouble-{name}"), again(frame(language, w.trouble.title), "danger", text, ""));
    }
}
