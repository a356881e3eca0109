//! Collects what is scanned one after the other; the secrets of what was found stay here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authenticator_core::account::Account;
use authenticator_core::authenticator::{self as flows, MigrationPart, ScanOutcome};
use authenticator_core::import::{Entry, Format, Imported, Place, Reason};
use authenticator_core::qr::{self, Found, Frame, Scan};
use authenticator_core::uri::{Entered, Text};

use crate::error::ScanError;
use crate::panics::contained;
use crate::records::{EnteredKey, MigrationProgress, Scanned, ScannedAccount, ScannedCode, small};
use crate::running::on_worker;

/// What a camera, pictures and pasted texts have brought so far: accounts, and the parts of an export in any order.
#[derive(uniffi::Object)]
pub struct ScanSession {
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    session: flows::ScanSession,
    /// Single accounts, in the order they came; `ScannedAccount.number` is the place.
    accounts: Vec<Account>,
    /// What the parts of exports hold, and the parts that the last of them still misses.
    migrated: Option<Imported>,
}

#[uniffi::export]
impl ScanSession {
    /// Begins with nothing seen.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(Self { seen: Mutex::default() })
    }

    /// Says what one scanned or pasted text is. Never fails: a text that is nothing of ours is named. Any thread; at once.
    pub fn take_text(&self, text: String) -> Scanned {
        let text = zeroize::Zeroizing::new(text);
        contained(|| self.seen().take(&text)).unwrap_or_else(|fault| Scanned::Broken { report: fault.place })
    }

    /// Takes an account whose key was typed by hand; `add_scanned` adds it by its number. Any thread; at once.
    pub fn take_key(&self, key: EnteredKey) -> Result<ScannedAccount, ScanError> {
        let account = Entered::try_from(key)?.account()?;
        Ok(self.seen().keep(account))
    }

    /// Looks for codes in one camera frame and says what each is: the luma plane, row-major, one byte per pixel, rows
    /// `stride` bytes apart. Not copied on its way here. Call it on the camera's own thread; a frame takes some
    /// milliseconds, and what comes meanwhile is best dropped.
    pub fn take_frame(
        &self,
        luma: &[u8],
        width: i32,
        height: i32,
        stride: i32,
    ) -> Result<Vec<ScannedCode>, ScanError> {
        let side = |n: i32| u32::try_from(n).map_err(|_| ScanError::Empty);
        let stride = usize::try_from(stride).map_err(|_| ScanError::Shape)?;
        let frame = Frame::new(luma, side(width)?, side(height)?, stride)?;
        // A frame that a reader fails on is a frame without a code: the camera brings the next one.
        Ok(contained(|| self.seen().take_all(&qr::read_frame(&frame, &|| false))).unwrap_or_default())
    }

    /// Looks for codes in a picture file (PNG, JPEG, WebP, GIF or BMP), trying harder than with a frame.
    pub async fn take_picture(self: Arc<Self>, bytes: Vec<u8>) -> Result<Vec<ScannedCode>, ScanError> {
        let read = on_worker(move || {
            let scan = qr::read_image(&bytes, &|| false)?;
            Ok(self.seen().take_all(&scan))
        });
        // The readers are written to be safe on any input; should one panic all the same, the file is damaged.
        read.await.unwrap_or(Err(ScanError::Damaged))
    }
}

impl ScanSession {
    /// Returns a single account that was found.
    pub(crate) fn account(&self, number: i32) -> Option<Account> {
        self.seen().accounts.get(usize::try_from(number).ok()?).cloned()
    }

    /// Returns everything that exports hold; nothing when none was seen.
    pub(crate) fn migrated(&self) -> Option<Imported> {
        self.seen().migrated.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn take_all(&mut self, scan: &Scan) -> Vec<ScannedCode> {
        let take = |found: &Found| {
            let what = found.text.as_deref().map_or(Scanned::Plain, |text| self.take(text));
            ScannedCode::of(what, found)
        };
        scan.found.iter().map(take).collect()
    }

    fn take(&mut self, text: &str) -> Scanned {
        match self.session.take_text(text) {
            ScanOutcome::Account(account) => Scanned::Account { account: self.keep(*account) },
            ScanOutcome::Migration(part) => Scanned::Migration { progress: self.migrate(part) },
            ScanOutcome::Other(text) => other(text),
        }
    }

    fn keep(&mut self, account: Account) -> ScannedAccount {
        // A camera sees the same code many times.
        let known = self.accounts.iter().position(|known| *known == account);
        let number = known.unwrap_or(self.accounts.len());
        let shown = ScannedAccount::of(number, &account);
        if known.is_none() {
            self.accounts.push(account);
        }
        shown
    }

    fn migrate(&mut self, part: MigrationPart) -> MigrationProgress {
        let MigrationPart { part, parts, missing, accounts, problems, seen_before } = part;
        let progress = MigrationProgress {
            part: small(part),
            parts: small(parts),
            missing: missing.iter().map(|part| small(*part)).collect(),
            accounts: small(accounts.len()),
            damaged: small(problems.len()),
            seen_before,
        };
        let all = self.migrated.get_or_insert_with(|| Imported::new(Format::GoogleMigration));
        all.missing_parts = missing;
        if !seen_before {
            let source = usize::try_from(part.saturating_sub(1)).unwrap_or(0);
            let place = |index: usize, name: &str| Place { source, ..Place::entry(index, name) };
            let mut problems = problems.into_iter().peekable();
            let mut accounts = accounts.into_iter();
            // Entries stand in the part in one order, with those that cannot be used between the others.
            for index in 0.. {
                if let Some((_, why)) = problems.next_if(|(at, _)| *at == index) {
                    all.take(place(index, ""), Err(Reason::Uri(why)));
                } else if let Some(account) = accounts.next() {
                    let place =
                        Place { source, ..Place::account(index, &account.issuer, &account.account_name) };
                    all.take(place.clone(), Ok(Entry::new(place, account)));
                } else {
                    break;
                }
            }
            // What stands beyond the accounts.
            problems.for_each(|(index, why)| all.take(place(index, ""), Err(Reason::Uri(why))));
        }
        progress
    }
}

/// Says what a text is that is no account. Secrets in it do not cross, but for what `offer` and an answer take back.
fn other(text: Text) -> Scanned {
    match text {
        Text::Account(_) | Text::Migration(_) => unreachable!("the session has taken these"),
        Text::Enrolment { dialect, text } => Scanned::Enrolment { dialect, text: text.expose().to_owned() },
        Text::PushMatch(text) => Scanned::PushMatch { text: text.expose().to_owned() },
        Text::Move(text) => Scanned::Move { text: text.expose().to_owned() },
        Text::VendorPush { vendor, hint } => Scanned::VendorPush { vendor, hint },
        Text::OtpauthWithoutSecret => Scanned::AccountWithoutSecret,
        Text::Broken(why) => Scanned::Broken { report: why.to_string() },
        Text::BrokenMigration(why) => Scanned::Broken { report: why.to_string() },
        Text::Passkey => Scanned::Passkey,
        Text::Wifi => Scanned::Wifi,
        Text::Contact => Scanned::Contact,
        Text::Url => Scanned::Url,
        Text::OtherLink => Scanned::OtherLink,
        Text::Plain => Scanned::Plain,
    }
}
