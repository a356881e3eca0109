//! The self-check: what an app reports, and what it shows.

use authenticator_core::authenticator as flows;
pub use authenticator_core::authenticator::{Advice, CheckItem, Permission};

/// What the system says of a permission.
#[uniffi::remote(Enum)]
pub enum Permission {
    /// Given.
    Granted,
    /// Refused: the system will not ask again.
    Denied,
    /// Nobody was asked yet.
    NotAsked,
}

/// What was looked at, in the order in which it is shown.
#[uniffi::remote(Enum)]
pub enum CheckItem {
    /// The device's screen lock.
    ScreenLock,
    /// The device's keys.
    Keys,
    /// The vault.
    Vault,
    /// The device's clock.
    Clock,
    /// Notifications.
    Notifications,
    /// The camera.
    Camera,
    /// The system's saving of battery.
    Battery,
    /// The system's rest for apps that are not used.
    Hibernation,
    /// Wake-ups.
    WakeUps,
    /// The copies of the vault.
    Backup,
    /// The passphrase.
    Passphrase,
}

/// What to do; the words are the app's.
#[uniffi::remote(Enum)]
pub enum Advice {
    /// Set a screen lock in the system's settings.
    SetScreenLock,
    /// Keys lie in software: they are as safe as this device is.
    KeysInSoftware,
    /// Start the device anew; if that does not help, approvals do not work on it.
    RestartDevice,
    /// Unlock, then check again.
    Unlock,
    /// Look at the vault's own screen: it says what can be done.
    SeeVault,
    /// Make room, then check again.
    MakeRoom,
    /// Set the clock by the network in the system's settings.
    SetClock,
    /// Allow it; the app asks at the moment when it is needed.
    Allow,
    /// Allow it in the system's settings: the system does not ask again.
    AllowInSettings,
    /// Take this app out of the battery's restrictions.
    LiftBatteryRestriction,
    /// Switch off the rest for this app.
    SwitchOffHibernation,
    /// Open the app to see requests: nothing wakes it.
    OpenToSee,
    /// Ask the service's page for a test.
    SendTest,
    /// Write a backup.
    BackUp,
    /// Type the passphrase once, to see that it is known.
    TypePassphrase,
}

/// What an app can read without asking anybody. Nothing where the platform has no such thing: it then has no line.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Record)]
pub struct ShellFacts {
    /// Whether the device has a screen lock.
    pub screen_lock: Option<bool>,
    /// Whether notifications may be shown, their channel included.
    pub notifications: Option<Permission>,
    /// Whether the camera may be used.
    pub camera: Option<Permission>,
    /// Whether the system holds this app back to save the battery.
    pub battery_restricted: Option<bool>,
    /// Whether the system takes permissions from this app when it is not opened for months.
    pub hibernates: Option<bool>,
    /// Whether this app can be woken at all; one without wake-ups asks while it is open.
    pub can_be_woken: bool,
}

/// One line of the check.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Record)]
pub struct CheckLine {
    /// What was looked at.
    pub what: CheckItem,
    /// How it is.
    pub state: CheckState,
}

/// How something is that was looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum CheckState {
    /// As it should be.
    Good,
    /// Nobody can tell yet; nothing is to be done.
    NotKnown,
    /// It works, and could be better.
    Better {
        /// How.
        advice: Advice,
    },
    /// It does not work.
    Bad {
        /// What to do.
        advice: Advice,
    },
}

impl From<ShellFacts> for flows::ShellFacts {
    fn from(facts: ShellFacts) -> Self {
        let ShellFacts { screen_lock, notifications, camera, battery_restricted, hibernates, can_be_woken } =
            facts;
        Self { screen_lock, notifications, camera, battery_restricted, hibernates, can_be_woken }
    }
}

impl From<flows::CheckLine> for CheckLine {
    fn from(line: flows::CheckLine) -> Self {
        let flows::CheckLine { what, state } = line;
        let state = match state {
            flows::CheckState::Good => CheckState::Good,
            flows::CheckState::NotKnown => CheckState::NotKnown,
            flows::CheckState::Better(advice) => CheckState::Better { advice },
            flows::CheckState::Bad(advice) => CheckState::Bad { advice },
        };
        Self { what, state }
    }
}
