//! The self-check: what must be right before anybody relies on this phone, and what to do about what is not.
//!
//! It asks nobody anything. The shell reports what it can read without a prompt; what the core can try itself it
//! tries; [`judge`] decides from these facts alone.

use super::{Authenticator, Error};
use crate::device::{KeyKind, KeyStoreError, Presence, Purpose};
use crate::push::clock::Offset;
use crate::time::UnixTime;
use crate::vault::{Mode, Reason};

/// What a shell can read without asking anybody. `None` where the platform has no such thing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

/// What the system says of a permission.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Permission {
    /// Given.
    Granted,
    /// Refused: the system will not ask again.
    Denied,
    /// Nobody was asked yet.
    NotAsked,
}

/// All that [`judge`] needs to know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Facts {
    /// What the shell reported.
    pub shell: ShellFacts,
    /// Whether a key could be made, used and deleted, and whether hardware held it.
    pub keys: Result<bool, KeyStoreError>,
    /// How the vault took a write, and what came back.
    pub vault: VaultFact,
    /// Milliseconds that a service's clock is ahead; `None` before any told.
    pub clock_ahead_ms: Option<i64>,
    /// Whether there is an enrolment that works.
    pub enrolled: bool,
    /// When a wake-up last arrived.
    pub woken_at: Option<UnixTime>,
    /// When the newest backup was written, by itself or by hand; `None` before any. The vault's own snapshots are none: they go
    /// with the phone.
    pub backup_at: Option<UnixTime>,
    /// Whether the passphrase is to be asked for, to see that it is still known.
    pub check_passphrase: bool,
}

/// What became of the write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VaultFact {
    /// It was written, and every row was read back.
    Kept,
    /// It is locked: unlock it, then check again.
    Locked,
    /// It may not be changed.
    ReadOnly(Reason),
    /// It was written, and what came back has faults.
    Faulty,
    /// It could not be written.
    Failed,
}

/// One line of the check.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CheckLine {
    /// What was looked at.
    pub what: CheckItem,
    /// How it is.
    pub state: CheckState,
}

/// What was looked at, in the order in which it is shown.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
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

/// How it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CheckState {
    /// As it should be.
    Good,
    /// Nobody can tell yet; nothing is to be done.
    NotKnown,
    /// It works, and could be better: see how.
    Better(Advice),
    /// It does not work: see what to do.
    Bad(Advice),
}

/// What to do; the words are the shell's.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
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

/// A backup older than this is old: 30 days, in milliseconds.
const BACKUP_OLD_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Judges the facts; one line for each item that this device has, in the order of [`CheckItem`].
pub fn judge(facts: &Facts, at: UnixTime) -> Vec<CheckLine> {
    use Advice as A;
    use CheckState::{Bad, Better, Good, NotKnown};
    let Facts { shell, keys, vault, clock_ahead_ms, enrolled, woken_at, backup_at, check_passphrase } = facts;
    let permission = |permission| match permission {
        Permission::Granted => Good,
        Permission::NotAsked => Better(A::Allow),
        Permission::Denied => Bad(A::AllowInSettings),
    };
    let yes = |fine: bool, otherwise| if fine { Good } else { otherwise };
    let lines = [
        (CheckItem::ScreenLock, shell.screen_lock.map(|set| yes(set, Bad(A::SetScreenLock)))),
        (
            CheckItem::Keys,
            Some(match keys {
                Ok(hardware) => yes(*hardware, Better(A::KeysInSoftware)),
                Err(KeyStoreError::Unavailable | KeyStoreError::LockedOut | KeyStoreError::Cancelled) => {
                    Bad(A::Unlock)
                }
                Err(KeyStoreError::Invalidated | KeyStoreError::Missing | KeyStoreError::HardwareFault) => {
                    Bad(A::RestartDevice)
                }
            }),
        ),
        (
            CheckItem::Vault,
            Some(match vault {
                VaultFact::Kept => Good,
                VaultFact::Locked => Better(A::Unlock),
                VaultFact::ReadOnly(_) | VaultFact::Faulty => Bad(A::SeeVault),
                VaultFact::Failed => Bad(A::MakeRoom),
            }),
        ),
        (
            CheckItem::Clock,
            Some(
                clock_ahead_ms
                    .map_or(NotKnown, |ms| yes(!Offset::from_ms(ms).is_suspect(), Bad(A::SetClock))),
            ),
        ),
        (CheckItem::Notifications, shell.notifications.map(permission)),
        (CheckItem::Camera, shell.camera.map(permission)),
        (
            CheckItem::Battery,
            shell.battery_restricted.map(|held| yes(!held, Better(A::LiftBatteryRestriction))),
        ),
        (CheckItem::Hibernation, shell.hibernates.map(|rests| yes(!rests, Better(A::SwitchOffHibernation)))),
        (
            CheckItem::WakeUps,
            enrolled.then(|| match (shell.can_be_woken, woken_at) {
                (false, _) => Better(A::OpenToSee),
                (true, None) => Better(A::SendTest),
                (true, Some(_)) => Good,
            }),
        ),
        (
            CheckItem::Backup,
            (*vault != VaultFact::Locked).then(|| {
                let young =
                    backup_at.is_some_and(|backup| at.ms().saturating_sub(backup.ms()) < BACKUP_OLD_MS);
                yes(young, Better(A::BackUp))
            }),
        ),
        (
            CheckItem::Passphrase,
            (*vault != VaultFact::Locked).then(|| yes(!check_passphrase, Better(A::TypePassphrase))),
        ),
    ];
    lines.into_iter().filter_map(|(what, state)| state.map(|state| CheckLine { what, state })).collect()
}

impl Authenticator {
    /// Tries what the core can try, asks nobody, and judges it together with what the shell reports.
    pub async fn self_check(&self, shell: ShellFacts, at: UnixTime) -> Vec<CheckLine> {
        let enrolments = self.enrolments().await.unwrap_or_default();
        let vault = self.try_the_vault();
        let newest = enrolments.iter().max_by_key(|one| one.last_poll_answered);
        let facts = Facts {
            shell,
            keys: self.try_a_key().await,
            vault,
            clock_ahead_ms: newest
                .filter(|one| one.last_poll_answered.is_some())
                .map(|one| one.clock_offset_ms),
            enrolled: enrolments.iter().any(|one| one.state.works()),
            woken_at: enrolments.iter().filter_map(|one| one.last_push_received).max(),
            backup_at: self.read(|vault| Ok(vault.backed_up_at())).unwrap_or(None),
            check_passphrase: self.read(|vault| Ok(vault.duties(at).check_passphrase)).unwrap_or(false),
        };
        judge(&facts, at)
    }

    /// Makes a key, signs with it and deletes it; says whether hardware held it.
    async fn try_a_key(&self) -> Result<bool, KeyStoreError> {
        const ALIAS: &str = "klink.check";
        let Some(device) = self.device() else { return Err(KeyStoreError::Missing) };
        let tried = device
            .ask(|keys| {
                let made = keys.make(ALIAS, KeyKind::P256, Presence::None, None)?;
                let signed = keys.sign(ALIAS, b"check", Purpose::Device)?;
                let public = crate::crypto::p256::PublicKey::from_spki(&made.spki);
                let raw = crate::crypto::p256::raw_signature(&signed);
                match (public, raw) {
                    (Ok(public), Ok(raw)) if public.verifies(b"check", &raw) => Ok(made.hardware),
                    _ => Err(KeyStoreError::HardwareFault),
                }
            })
            .await;
        let deleted = device.delete(ALIAS.to_owned()).await;
        tried.and_then(|hardware| deleted.map(|()| hardware))
    }

    /// Writes the order of the accounts as it is, and reads every row back.
    fn try_the_vault(&self) -> VaultFact {
        let read_only = match self.mode() {
            Ok(Mode::ReadWrite) => None,
            Ok(Mode::ReadOnly(reason)) => Some(VaultFact::ReadOnly(reason)),
            Err(_) => return VaultFact::Locked,
        };
        let written = match read_only {
            Some(_) => Ok(()),
            None => self.list().and_then(|items| {
                let order: Vec<_> = items.into_iter().map(|item| item.id).collect();
                self.set_order(&order)
            }),
        };
        match written.and_then(|()| self.verify()) {
            Ok(health) => {
                let whole = health.damaged.is_empty() && health.problems.is_empty();
                read_only.unwrap_or(if whole { VaultFact::Kept } else { VaultFact::Faulty })
            }
            Err(Error::Locked | Error::Suspended) => VaultFact::Locked,
            Err(_) => VaultFact::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);

    fn facts() -> Facts {
        Facts {
            shell: ShellFacts {
                screen_lock: Some(true),
                notifications: Some(Permission::Granted),
                camera: Some(Permission::Granted),
                battery_restricted: Some(false),
                hibernates: Some(false),
                can_be_woken: true,
            },
            keys: Ok(true),
            vault: VaultFact::Kept,
            clock_ahead_ms: Some(0),
            enrolled: true,
            woken_at: Some(AT),
            backup_at: Some(AT),
            check_passphrase: false,
        }
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Facts), what: CheckItem, expected: Option<CheckState>) {
        let mut changed = facts();
        change(&mut changed);
        let found = judge(&changed, AT).into_iter().find(|line| line.what == what).map(|line| line.state);
        assert_eq!(found, expected, "{what:?}");
    }

    #[test]
    fn a_phone_in_good_order_has_eleven_good_lines() {
        let lines = judge(&facts(), AT);
        assert_eq!(lines.len(), 11);
        assert!(lines.iter().all(|line| line.state == CheckState::Good), "{lines:?}");
    }

    #[test]
    fn each_thing_that_is_wrong_has_its_own_line_and_its_own_advice() {
        use Advice as A;
        use CheckState::{Bad, Better, NotKnown};
        check(|f| f.shell.screen_lock = Some(false), CheckItem::ScreenLock, Some(Bad(A::SetScreenLock)));
        check(|f| f.keys = Ok(false), CheckItem::Keys, Some(Better(A::KeysInSoftware)));
        check(|f| f.keys = Err(KeyStoreError::HardwareFault), CheckItem::Keys, Some(Bad(A::RestartDevice)));
        check(|f| f.keys = Err(KeyStoreError::Unavailable), CheckItem::Keys, Some(Bad(A::Unlock)));
        check(|f| f.vault = VaultFact::Failed, CheckItem::Vault, Some(Bad(A::MakeRoom)));
        check(|f| f.vault = VaultFact::Faulty, CheckItem::Vault, Some(Bad(A::SeeVault)));
        check(|f| f.clock_ahead_ms = None, CheckItem::Clock, Some(NotKnown));
        check(|f| f.clock_ahead_ms = Some(-120_001), CheckItem::Clock, Some(Bad(A::SetClock)));
        check(|f| f.clock_ahead_ms = Some(120_000), CheckItem::Clock, Some(CheckState::Good));
        let denied = |f: &mut Facts| f.shell.notifications = Some(Permission::Denied);
        check(denied, CheckItem::Notifications, Some(Bad(A::AllowInSettings)));
        let not_asked = |f: &mut Facts| f.shell.camera = Some(Permission::NotAsked);
        check(not_asked, CheckItem::Camera, Some(Better(A::Allow)));
        let held = |f: &mut Facts| f.shell.battery_restricted = Some(true);
        check(held, CheckItem::Battery, Some(Better(A::LiftBatteryRestriction)));
        let rests = |f: &mut Facts| f.shell.hibernates = Some(true);
        check(rests, CheckItem::Hibernation, Some(Better(A::SwitchOffHibernation)));
        check(|f| f.woken_at = None, CheckItem::WakeUps, Some(Better(A::SendTest)));
        check(|f| f.shell.can_be_woken = false, CheckItem::WakeUps, Some(Better(A::OpenToSee)));
        check(|f| f.backup_at = None, CheckItem::Backup, Some(Better(A::BackUp)));
        let old = |f: &mut Facts| f.backup_at = Some(AT.plus_ms(-BACKUP_OLD_MS));
        check(old, CheckItem::Backup, Some(Better(A::BackUp)));
        check(|f| f.check_passphrase = true, CheckItem::Passphrase, Some(Better(A::TypePassphrase)));
    }

    #[test]
    fn what_the_device_does_not_have_and_what_nobody_can_see_has_no_line() {
        check(|f| f.shell.camera = None, CheckItem::Camera, None);
        check(|f| f.shell.hibernates = None, CheckItem::Hibernation, None);
        check(|f| f.enrolled = false, CheckItem::WakeUps, None);
        check(|f| f.vault = VaultFact::Locked, CheckItem::Backup, None);
        check(|f| f.vault = VaultFact::Locked, CheckItem::Vault, Some(CheckState::Better(Advice::Unlock)));
    }
}
