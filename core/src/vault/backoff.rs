//! Waiting after wrong passphrases. It slows down who holds the phone; who has the file has only Argon2id against
//! him. Nothing is ever wiped for a wrong passphrase.
//!
//! Times are of the boot clock, which no setting moves. The count is written before the passphrase is tried, so that
//! killing the app in between does not help.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::VaultError;
use crate::time::BootTime;

/// Wrong passphrases that cost no waiting.
pub const FREE_TRIES: u32 = 5;

const NAME: &str = "tries";
const MAGIC: &[u8; 8] = b"KLTRIES\n";
const FIRST_WAIT_MS: u64 = 1_000;
const LONGEST_WAIT_MS: u64 = 5 * 60 * 1_000;

/// Wrong passphrases in a row, and when the last one was.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Tries {
    failures: u32,
    last: BootTime,
}

impl Tries {
    /// Returns how long to wait still, in milliseconds. After a reboot the wait begins anew.
    pub(super) fn wait_ms(self, now: BootTime) -> u64 {
        let Some(beyond) = self.failures.checked_sub(FREE_TRIES) else { return 0 };
        let wait = FIRST_WAIT_MS.saturating_mul(1 << beyond.min(20)).min(LONGEST_WAIT_MS);
        // The clock of another start of the device says nothing of the last try.
        let since = if now < self.last { now.ms() } else { now.ms() - self.last.ms() };
        wait.saturating_sub(since)
    }

    fn after_another(self, now: BootTime) -> Self {
        Self { failures: self.failures.saturating_add(1), last: now }
    }

    fn read(folder: &Path) -> Self {
        let Ok(bytes) = fs::read(folder.join(NAME)) else { return Self::default() };
        let parse = || {
            let rest = bytes.strip_prefix(MAGIC)?;
            let (failures, rest) = rest.split_first_chunk::<4>()?;
            let last: [u8; 8] = rest.try_into().ok()?;
            Some(Self {
                failures: u32::from_be_bytes(*failures),
                last: BootTime::from_ms(u64::from_be_bytes(last)),
            })
        };
        parse().unwrap_or_default()
    }

    fn write(self, folder: &Path) -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(MAGIC)?;
        file.write_all(&self.failures.to_be_bytes())?;
        file.write_all(&self.last.ms().to_be_bytes())?;
        file.as_file().sync_all()?;
        file.persist(folder.join(NAME))?;
        File::open(folder)?.sync_all()
    }
}

/// Runs `attempt` unless it is too soon, and counts it as wrong when it ends in [`VaultError::WrongKey`].
///
/// # Errors
/// [`VaultError::TooSoon`]; what `attempt` answers. That the count cannot be written, on a full disk for instance, keeps
/// nobody out.
pub fn with_backoff<T>(
    folder: &Path,
    now: BootTime,
    attempt: impl FnOnce() -> Result<T, VaultError>,
) -> Result<T, VaultError> {
    let tries = Tries::read(folder);
    match tries.wait_ms(now) {
        0 => {}
        wait_ms => return Err(VaultError::TooSoon { wait_ms }),
    }
    let _ = tries.after_another(now).write(folder);
    let result = attempt();
    match &result {
        Err(VaultError::WrongKey) => {}
        Ok(_) => forget(folder),
        // Not a wrong passphrase: damage, or a busy file.
        Err(_) if tries == Tries::default() => forget(folder),
        Err(_) => drop(tries.write(folder)),
    }
    result
}

fn forget(folder: &Path) {
    match fs::remove_file(folder.join(NAME)) {
        Ok(()) => {}
        // A count that stays makes the next wait longer than it should be, no more.
        Err(error) => debug_assert!(matches!(
            error.kind(),
            ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(failures: u32, last_ms: u64) -> Tries {
        Tries { failures, last: BootTime::from_ms(last_ms) }
    }

    #[test]
    fn the_wait_doubles_from_one_second_to_five_minutes() {
        let now = BootTime::from_ms(1_000_000);
        let waits: Vec<u64> = (4..16).map(|n| after(n, now.ms()).wait_ms(now)).collect();
        assert_eq!(waits[..4], [0, 1_000, 2_000, 4_000]);
        assert_eq!(waits.last(), Some(&300_000));
        assert_eq!(after(u32::MAX, now.ms()).wait_ms(now), 300_000);
    }

    #[test]
    fn it_ends_at_the_millisecond_and_not_before() {
        let tries = after(6, 50_000);
        assert_eq!(tries.wait_ms(BootTime::from_ms(51_999)), 1);
        assert_eq!(tries.wait_ms(BootTime::from_ms(52_000)), 0);
    }

    #[test]
    fn after_a_reboot_it_begins_anew() {
        let tries = after(20, 10_000_000);
        assert_eq!(tries.wait_ms(BootTime::from_ms(0)), 300_000);
        assert_eq!(tries.wait_ms(BootTime::from_ms(299_999)), 1);
    }

    #[test]
    fn wrong_ones_are_counted_across_processes_and_a_right_one_ends_the_count() {
        let folder = tempfile::tempdir().unwrap();
        let wrong =
            |at| with_backoff(folder.path(), BootTime::from_ms(at), || Err::<(), _>(VaultError::WrongKey));
        (0..5).for_each(|n| assert!(matches!(wrong(n), Err(VaultError::WrongKey))));
        assert!(matches!(wrong(10), Err(VaultError::TooSoon { wait_ms: 994 })));
        let right = with_backoff(folder.path(), BootTime::from_ms(2_000), || Ok(7));
        assert!(matches!(right, Ok(7)));
        (0..5).for_each(|n| assert!(matches!(wrong(n), Err(VaultError::WrongKey))));
    }

    #[test]
    fn a_killed_attempt_counts() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..5 {
            let killed = std::panic::catch_unwind(|| {
                with_backoff(folder.path(), BootTime::from_ms(n), || -> Result<(), _> { panic!("killed") })
            });
            assert!(killed.is_err());
        }
        let now = BootTime::from_ms(5);
        assert!(matches!(with_backoff(folder.path(), now, || Ok(())), Err(VaultError::TooSoon { .. })));
    }

    #[test]
    fn damage_is_no_wrong_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..20 {
            let now = BootTime::from_ms(n);
            let damaged = with_backoff(folder.path(), now, || Err::<(), _>(VaultError::SlotDamaged));
            assert!(matches!(damaged, Err(VaultError::SlotDamaged)));
        }
    }
}
