//! The pages as values: what each template is given. Nothing here decides or asks anything.

use askama::Template;

use super::frame::Frame;

/// User name and password.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignIn {
    pub(crate) f: Frame,
    /// What was typed before, so that only the password has to be typed again.
    pub(crate) name: String,
}

/// "More information required".
#[derive(Template)]
#[template(path = "required.html")]
pub(crate) struct Required {
    pub(crate) f: Frame,
    pub(crate) account: String,
}

/// Where the app is to be had.
#[derive(Template)]
#[template(path = "app.html")]
pub(crate) struct App {
    pub(crate) f: Frame,
    pub(crate) ios: String,
    pub(crate) ios_qr: String,
    pub(crate) android: String,
    pub(crate) android_qr: String,
}

/// A plain TOTP key for any authenticator app.
#[derive(Template)]
#[template(path = "other_app.html")]
pub(crate) struct OtherApp {
    pub(crate) f: Frame,
    pub(crate) qr: String,
    /// Base32 in groups of four.
    pub(crate) key: String,
    pub(crate) back: String,
}

/// What to do on the phone before the scan.
#[derive(Template)]
#[template(path = "prepare.html")]
pub(crate) struct Prepare {
    pub(crate) f: Frame,
    pub(crate) three: String,
    pub(crate) back: String,
}

/// The code that connects a phone.
#[derive(Template)]
#[template(path = "scan.html")]
pub(crate) struct Scan {
    pub(crate) f: Frame,
    pub(crate) qr: String,
    pub(crate) once: String,
    pub(crate) link: String,
    /// The link in the scheme that only the app takes.
    pub(crate) open: String,
    pub(crate) host: String,
    pub(crate) code: String,
    pub(crate) back: String,
}

/// The number that both screens show.
#[derive(Template)]
#[template(path = "check.html")]
pub(crate) struct Check {
    pub(crate) f: Frame,
    /// Six digits as `123 456`.
    pub(crate) number: String,
}

/// A request that waits for the phone.
#[derive(Template)]
#[template(path = "ask.html")]
pub(crate) struct Ask {
    pub(crate) f: Frame,
    /// What is being confirmed; empty when that is clear.
    pub(crate) what: String,
    pub(crate) text: String,
    pub(crate) number: String,
    /// The digits apart, for a voice.
    pub(crate) spoken: String,
    pub(crate) as_qr: bool,
    pub(crate) qr: String,
    pub(crate) life_s: i64,
    pub(crate) left_s: i64,
    pub(crate) left: String,
    pub(crate) nobody: String,
    /// Where "Send again" goes.
    pub(crate) again: String,
    /// Where "Use another method" goes; empty when there is no other.
    pub(crate) another: String,
    pub(crate) cancel: String,
}

/// Something came to an end, well or not, and this is how it goes on.
#[derive(Template)]
#[template(path = "again.html")]
pub(crate) struct Again {
    pub(crate) f: Frame,
    /// `good`, `warn` or `danger`.
    pub(crate) sign: &'static str,
    pub(crate) lines: Vec<String>,
    /// The button's text, and where it posts; empty when there is none.
    pub(crate) button: String,
    pub(crate) action: String,
    pub(crate) links: Vec<Link>,
}

/// A link with its text.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A phone number for text messages.
#[derive(Template)]
#[template(path = "phone.html")]
pub(crate) struct Phone {
    pub(crate) f: Frame,
    pub(crate) regions: Vec<Region>,
    pub(crate) number: String,
    pub(crate) skip: String,
}

/// A country or region with its calling code.
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) calling: u16,
    pub(crate) selected: bool,
}

/// A code that came by text message.
#[derive(Template)]
#[template(path = "text.html")]
pub(crate) struct Text {
    pub(crate) f: Frame,
    pub(crate) sent: String,
    pub(crate) action: String,
    pub(crate) again: String,
    pub(crate) back: String,
}

/// A code from elsewhere: an app, paper, an administrator.
#[derive(Template)]
#[template(path = "code.html")]
pub(crate) struct Code {
    pub(crate) f: Frame,
    pub(crate) text: String,
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    /// `autocomplete` and `inputmode`.
    pub(crate) complete: &'static str,
    pub(crate) mode: &'static str,
    pub(crate) length: u8,
    pub(crate) action: String,
    pub(crate) back: String,
}

/// Ten codes for paper are offered.
#[derive(Template)]
#[template(path = "recovery_offer.html")]
pub(crate) struct RecoveryOffer {
    pub(crate) f: Frame,
    pub(crate) later: String,
}

/// The ten codes, this once.
#[derive(Template)]
#[template(path = "recovery_codes.html")]
pub(crate) struct RecoveryCodes {
    pub(crate) f: Frame,
    pub(crate) codes: Vec<String>,
    pub(crate) account: String,
    pub(crate) done: String,
}

/// Ways to prove that it is you.
#[derive(Template)]
#[template(path = "methods.html")]
pub(crate) struct Methods {
    pub(crate) f: Frame,
    pub(crate) choices: Vec<Choice>,
    pub(crate) cancel: String,
}

/// One way, and where it leads.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) path: String,
    /// Whether choosing it changes something: a message or a request is sent.
    pub(crate) posts: bool,
    pub(crate) title: &'static str,
    pub(crate) hint: String,
}

/// What protects an account.
#[derive(Template)]
#[template(path = "security.html")]
pub(crate) struct Security {
    pub(crate) f: Frame,
    pub(crate) phones: Vec<PhoneCard>,
    pub(crate) may_add_phone: bool,
    pub(crate) methods: Vec<MethodCard>,
}

/// A phone on the security page.
#[derive(Debug)]
pub(crate) struct PhoneCard {
    pub(crate) name: String,
    pub(crate) lines: Vec<String>,
    pub(crate) active: bool,
    pub(crate) path: String,
}

/// Another method on the security page.
#[derive(Debug)]
pub(crate) struct MethodCard {
    pub(crate) title: String,
    pub(crate) state: String,
    pub(crate) links: Vec<Link>,
}

/// A last question before something changes.
#[derive(Template)]
#[template(path = "confirm.html")]
pub(crate) struct Confirm {
    pub(crate) f: Frame,
    pub(crate) question: String,
    pub(crate) action: String,
    pub(crate) button: &'static str,
    pub(crate) danger: bool,
}

/// Signed in.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct Home {
    pub(crate) f: Frame,
    pub(crate) text: String,
    pub(crate) notices: Vec<Notice>,
}

/// Something that changed.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) text: String,
    pub(crate) when: String,
}

/// What stands behind a set-up link.
#[derive(Template)]
#[template(path = "link.html")]
pub(crate) struct SetUpLink {
    pub(crate) f: Frame,
}
