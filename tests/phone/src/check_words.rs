//! What the self-check says, in both languages: short, second person, no blame.

use authenticator_core::authenticator::{Advice, CheckItem, CheckLine, CheckState};

/// A language: English, Dutch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tongue {
    /// English.
    En,
    /// Dutch.
    Nl,
}

/// Returns a line as a screen shows it: a sign, what was looked at, and what to do.
pub fn line(tongue: Tongue, line: &CheckLine) -> String {
    let what = pick(tongue, item(line.what));
    match line.state {
        CheckState::Good => format!("✓ {what}"),
        CheckState::NotKnown => format!("· {what}: {}", pick(tongue, ["not known yet", "nog niet bekend"])),
        CheckState::Better(advice) => format!("· {what}: {}", pick(tongue, words(advice))),
        CheckState::Bad(advice) => format!("! {what}: {}", pick(tongue, words(advice))),
    }
}

/// Returns the stable word for what was looked at.
pub fn item_word(item: CheckItem) -> &'static str {
    match item {
        CheckItem::ScreenLock => "screen_lock",
        CheckItem::Keys => "keys",
        CheckItem::Vault => "vault",
        CheckItem::Clock => "clock",
        CheckItem::Notifications => "notifications",
        CheckItem::Camera => "camera",
        CheckItem::Battery => "battery",
        CheckItem::Hibernation => "hibernation",
        CheckItem::WakeUps => "wake_ups",
        CheckItem::Backup => "backup",
        CheckItem::Passphrase => "passphrase",
    }
}

/// Returns the stable words for how it is, and for what to do.
pub fn state_words(state: CheckState) -> (&'static str, Option<&'static str>) {
    match state {
        CheckState::Good => ("good", None),
        CheckState::NotKnown => ("not_known", None),
        CheckState::Better(advice) => ("better", Some(advice_word(advice))),
        CheckState::Bad(advice) => ("bad", Some(advice_word(advice))),
    }
}

fn advice_word(advice: Advice) -> &'static str {
    match advice {
        Advice::SetScreenLock => "set_screen_lock",
        Advice::KeysInSoftware => "keys_in_software",
        Advice::RestartDevice => "restart_device",
        Advice::Unlock => "unlock",
        Advice::SeeVault => "see_vault",
        Advice::MakeRoom => "make_room",
        Advice::SetClock => "set_clock",
        Advice::Allow => "allow",
        Advice::AllowInSettings => "allow_in_settings",
        Advice::LiftBatteryRestriction => "lift_battery_restriction",
        Advice::SwitchOffHibernation => "switch_off_hibernation",
        Advice::OpenToSee => "open_to_see",
        Advice::SendTest => "send_test",
        Advice::BackUp => "back_up",
        Advice::TypePassphrase => "type_passphrase",
    }
}

fn item(item: CheckItem) -> [&'static str; 2] {
    match item {
        CheckItem::ScreenLock => ["Screen lock", "Schermvergrendeling"],
        CheckItem::Keys => ["Keys", "Sleutels"],
        CheckItem::Vault => ["Vault", "Kluis"],
        CheckItem::Clock => ["Clock", "Klok"],
        CheckItem::Notifications => ["Notifications", "Meldingen"],
        CheckItem::Camera => ["Camera", "Camera"],
        CheckItem::Battery => ["Battery", "Batterij"],
        CheckItem::Hibernation => ["Unused apps", "Ongebruikte apps"],
        CheckItem::WakeUps => ["Wake-ups", "Wekken"],
        CheckItem::Backup => ["Backup", "Back-up"],
        CheckItem::Passphrase => ["Passphrase", "Wachtzin"],
    }
}

fn words(advice: Advice) -> [&'static str; 2] {
    match advice {
        Advice::SetScreenLock => ["set a screen lock", "stel een schermvergrendeling in"],
        Advice::KeysInSoftware => ["kept in software here", "staan hier in software"],
        Advice::RestartDevice => ["start the device again", "start het apparaat opnieuw"],
        Advice::Unlock => ["unlock first", "ontgrendel eerst"],
        Advice::SeeVault => ["see what the vault's screen says", "kijk wat het scherm van de kluis zegt"],
        Advice::MakeRoom => ["make room on the device", "maak ruimte op het apparaat"],
        Advice::SetClock => ["set it by the network", "stel hem in met het netwerk"],
        Advice::Allow => ["you are asked when it is needed", "dat wordt gevraagd als het nodig is"],
        Advice::AllowInSettings => ["allow it in the settings", "sta het toe in de instellingen"],
        Advice::LiftBatteryRestriction => ["lift the restriction", "hef de beperking op"],
        Advice::SwitchOffHibernation => ["switch off the pause", "zet het pauzeren uit"],
        Advice::OpenToSee => ["open Klink to see requests", "open Klink om verzoeken te zien"],
        Advice::SendTest => ["send a test from the page", "stuur een test vanaf de pagina"],
        Advice::BackUp => ["write one now", "maak er nu een"],
        Advice::TypePassphrase => ["type it once, to be sure", "typ hem eens, voor de zekerheid"],
    }
}

fn pick(tongue: Tongue, [en, nl]: [&'static str; 2]) -> &'static str {
    match tongue {
        Tongue::En => en,
        Tongue::Nl => nl,
    }
}
