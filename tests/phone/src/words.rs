//! What `klink` says: short, second person, no blame.

use authenticator_core::account::Account;
use authenticator_core::authenticator::Added;
use authenticator_core::time::UnixTime;
use authenticator_core::uri::{Text, VendorHint};
use authenticator_core::vault::{Item, Reason, SlotInfo, SlotKind};

use crate::tables::safe;

/// An empty vault.
pub const EMPTY: &str = "No accounts yet. Next: klink scan PICTURE, or klink add 'otpauth://…'";
/// An empty trash.
pub const EMPTY_TRASH: &str = "The trash is empty.";
/// A search without a find.
pub const NOTHING_FOUND: &str = "No account has those words.";
/// A picture without a code.
pub const NO_CODE: &str = "no QR code was found in this picture";

/// Returns the names of an account as one line.
pub fn names(account: &Account) -> String {
    joined(&account.issuer, &account.account_name)
}

/// Returns the names of a row as one line.
pub fn names_of(item: &Item) -> String {
    joined(&item.issuer, &item.account_name)
}

fn joined(issuer: &str, account_name: &str) -> String {
    match (issuer.is_empty(), account_name.is_empty()) {
        (false, false) => format!("{} ({})", safe(issuer), safe(account_name)),
        (false, true) => safe(issuer),
        (true, false) => safe(account_name),
        (true, true) => "an account without a name".to_owned(),
    }
}

/// Says what became of an account.
pub fn added(names: &str, added: Added) -> String {
    match added {
        Added::New(_) => format!("added {names}"),
        Added::AlreadyThere(_) => format!("{names} is there already; nothing was added"),
        Added::SameSecretOtherName { .. } => {
            format!("added {names}; the same secret stands under another name")
        }
        Added::SameNameOtherSecret { .. } => format!("added {names}; another account has the same names"),
    }
}

/// Returns the stable word for what became of an account.
pub fn status(added: Added) -> &'static str {
    match added {
        Added::New(_) => "added",
        Added::AlreadyThere(_) => "already_there",
        Added::SameSecretOtherName { .. } => "same_secret_other_name",
        Added::SameNameOtherSecret { .. } => "same_name_other_secret",
    }
}

/// Says how far a Google export has come.
pub fn migration(
    part: u32,
    parts: u32,
    missing: &[u32],
    accounts: usize,
    new: usize,
    problems: usize,
) -> String {
    let mut line =
        format!("part {part} of {parts} of a Google export: {accounts} accounts, {new} of them new");
    if problems > 0 {
        line.push_str(&format!("; {problems} entries cannot be used"));
    }
    match missing {
        [] => line.push_str("; all parts are in"),
        [one] => line.push_str(&format!("; part {one} is missing still")),
        several => {
            let list: Vec<String> = several.iter().map(u32::to_string).collect();
            line.push_str(&format!("; parts {} are missing still", list.join(", ")));
        }
    }
    line
}

/// Returns the stable word for what a code is.
pub fn what(text: &Text) -> &'static str {
    match text {
        Text::Account(_) => "account",
        Text::Migration(_) => "migration",
        Text::Enrolment { .. } => "enrolment",
        Text::PushMatch(_) => "push_match",
        Text::Move(_) => "move",
        Text::VendorPush { .. } => "vendor_push",
        Text::OtpauthWithoutSecret => "otpauth_without_secret",
        Text::Wifi => "wifi",
        Text::Url => "url",
        Text::OtherLink => "link",
        Text::Passkey => "passkey",
        Text::Contact => "contact",
        Text::Plain => "text",
        Text::Broken(_) | Text::BrokenMigration(_) => "broken",
    }
}

/// Returns the stable word for what to do instead.
pub fn hint(text: &Text) -> Option<&'static str> {
    let Text::VendorPush { hint, .. } = text else { return None };
    Some(match hint {
        VendorHint::UseDifferentApp => "use_different_app",
        VendorHint::ChooseGoogleAuthenticator => "choose_google_authenticator",
        VendorHint::LookForCodes => "look_for_codes",
        VendorHint::VendorAppOnly => "vendor_app_only",
    })
}

/// Says what a code is, when it is no account, and what to do.
pub fn instead(text: &Text) -> String {
    let words = match text {
        Text::Account(_) | Text::Migration(_) => "an account",
        Text::Enrolment { .. } => {
            "an invitation to approve sign-ins from here. Take it with: klink enrol PICTURE"
        }
        Text::PushMatch(_) => "the number of a sign-in; open the request it belongs to and scan it there",
        Text::Move(_) => "a code of a move from another device. Take it with: klink move --receive PICTURE",
        Text::VendorPush { hint, .. } => return format!("{NOT_OURS} {}", on_that_page(*hint)),
        Text::OtpauthWithoutSecret => {
            "this code pairs another company's app and holds no secret; choose another method on that page"
        }
        Text::Wifi => "a Wi-Fi network, no account",
        Text::Url => "a link to a page, no account",
        Text::OtherLink => "a link for another app, no account",
        Text::Passkey => "a passkey; scan it with the phone's own camera",
        Text::Contact => "a contact, no account",
        Text::Plain => "plain text, no account",
        Text::Broken(error) => return format!("an account that is not whole: {error}"),
        Text::BrokenMigration(error) => {
            return format!("a part of a Google export that is not whole: {error}");
        }
    };
    words.to_owned()
}

const NOT_OURS: &str = "this code belongs to another company's app. On the page where you found it,";

fn on_that_page(hint: VendorHint) -> &'static str {
    match hint {
        VendorHint::UseDifferentApp => "choose \"I want to use a different authenticator app\"",
        VendorHint::ChooseGoogleAuthenticator => "go back and choose \"Google Authenticator\"",
        VendorHint::LookForCodes => "look for a method called authenticator app or verification code",
        VendorHint::VendorAppOnly => "only that app is offered; ask the administrator for codes",
    }
}

/// Returns a moment in UTC, to the minute.
pub fn moment(at: UnixTime) -> String {
    match jiff::Timestamp::from_millisecond(at.ms()) {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => format!("{} s", at.seconds()),
    }
}

/// Returns what a slot is and when it was made: people know their passphrases by the date.
pub fn slot(slot: &SlotInfo) -> String {
    let kind = match slot.kind {
        SlotKind::Passphrase => "passphrase",
        SlotKind::RecoveryCode => "recovery code",
        SlotKind::Device => "this device",
        SlotKind::DeviceAlone => "this device, unasked",
        SlotKind::Unknown(_) => "a way in of a later version",
    };
    match slot.created_at {
        Some(at) => format!("{kind} of {}", &moment(at)[..10.min(moment(at).len())]),
        None => format!("{kind}, damaged"),
    }
}

/// Returns the stable word for a read-only mode.
pub fn mode(reason: Reason) -> &'static str {
    match reason {
        Reason::RolledBack => "rolled_back",
        Reason::Tampered => "tampered",
        Reason::NewerFormat => "newer_format",
        Reason::DamagedRows => "damaged_rows",
        Reason::OtherBranch => "other_branch",
        Reason::NoAnchor => "no_anchor",
        Reason::AnchorTorn => "anchor_torn",
        Reason::AnchorUnavailable => "anchor_unavailable",
    }
}
