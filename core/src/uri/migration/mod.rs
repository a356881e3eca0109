//! Google Authenticator's export: accounts in a few dense QR codes, `otpauth-migration://offline?data=…`.
//!
//! Google publishes no description; the field numbers are what its app writes, and several open authenticators
//! read. The period is always 30 s: there is no field for it.

mod batch;
mod entry;
mod print;
mod wire;

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, PAD_INDIFFERENT};
use prost::Message;
use zeroize::Zeroizing;

use super::otpauth::split_scheme;
use super::parameters::with_decoded_secret;
use super::{MAX_TEXT_BYTES, UriError};
use crate::account::Account;

pub use batch::{Adding, Batch};
pub use print::{ACCOUNTS_PER_PART, LeftOut, Printed, print};

/// The most entries one part may hold; Google's app writes ten.
pub const MAX_ENTRIES: usize = 1000;

/// The most parts one batch may have.
pub const MAX_PARTS: u32 = 1000;

/// What one QR code of an export says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    /// The accounts that can be used, in their order.
    pub accounts: Vec<Account>,
    /// The entries that cannot: their place in this part, from 0, and why.
    pub problems: Vec<(usize, UriError)>,
    /// Which part this is, from 1.
    pub part: u32,
    /// How many parts the batch has.
    pub parts: u32,
    /// What all parts of one export have in common; newer apps leave it out.
    pub batch_id: Option<i32>,
    /// The ids of its entries; older apps leave them out.
    pub entry_ids: Vec<String>,
}

/// Why a text is no usable part of an export. No part of the text is in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MigrationError {
    /// The text is longer than [`MAX_TEXT_BYTES`].
    #[error("a text of {0} bytes")]
    TooLong(usize),
    /// The text does not begin with `otpauth-migration://offline`.
    #[error("not an otpauth-migration link")]
    Scheme,
    /// The `data` parameter is absent or empty.
    #[error("no data")]
    NoData,
    /// The data is no base64: the code was cut, or copied by hand.
    #[error("the data is not base64")]
    Base64,
    /// The data cannot be taken apart.
    #[error("the data is damaged")]
    Damaged,
    /// There are more than [`MAX_ENTRIES`].
    #[error("{0} entries in one part")]
    TooManyEntries(usize),
    /// The part's own number does not fit the number of parts, or that is above [`MAX_PARTS`].
    #[error("part {index} of {size}, counted from 0")]
    Numbering {
        /// `batch_index`, from 0.
        index: i32,
        /// `batch_size`.
        size: i32,
    },
    /// There is no entry in it, so that nothing could be added.
    #[error("no entries")]
    Empty,
}

/// Returns what one part of an export says. Entries that cannot be used are problems; the others stay.
///
/// ```
/// use authenticator_core::uri::migration;
///
/// let part = migration::parse("otpauth-migration://offline?data=CgwKBUhlbGxvEgNhbm4QAQ")?;
/// assert_eq!((part.part, part.parts), (1, 1));
/// assert_eq!(part.accounts[0].account_name, "ann");
/// # Ok::<(), migration::MigrationError>(())
/// ```
///
/// # Errors
///
/// Every variant of [`MigrationError`]; none holds a part of the text.
pub fn parse(text: &str) -> Result<Part, MigrationError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(MigrationError::TooLong(text.len()));
    }
    let payload = payload(data(text)?)?;
    let part = wire::Payload::decode(payload.as_slice()).map_err(|_| MigrationError::Damaged)?;
    match part.entries.len() {
        0 => return Err(MigrationError::Empty),
        1..=MAX_ENTRIES => {}
        entries => return Err(MigrationError::TooManyEntries(entries)),
    }
    // An absent number of parts means that there is one.
    let (index, size) = (part.batch_index, if part.batch_size == 0 { 1 } else { part.batch_size });
    let numbering = MigrationError::Numbering { index, size };
    let parts = u32::try_from(size).ok().filter(|parts| *parts <= MAX_PARTS).ok_or(numbering)?;
    let before = u32::try_from(index).ok().filter(|before| *before < parts).ok_or(numbering)?;

    let batch_id = (part.batch_id != 0).then_some(part.batch_id);
    let (mut accounts, mut problems, mut entry_ids) = (Vec::new(), Vec::new(), Vec::new());
    for (place, bytes) in part.entries.iter().enumerate() {
        match entry::read(bytes) {
            Ok((account, id)) => {
                accounts.push(account);
                entry_ids.extend(id);
            }
            Err(problem) => problems.push((place, problem)),
        }
    }
    Ok(Part { accounts, problems, part: before + 1, parts, batch_id, entry_ids })
}

/// Returns the `data` parameter as it stands in the text.
fn data(text: &str) -> Result<&str, MigrationError> {
    let (scheme, rest) = split_scheme(text).ok_or(MigrationError::Scheme)?;
    if !scheme.eq_ignore_ascii_case("otpauth-migration") {
        return Err(MigrationError::Scheme);
    }
    let (host, query) = rest.split_once('?').unwrap_or((rest, ""));
    if !host.trim_end_matches('/').eq_ignore_ascii_case("offline") {
        return Err(MigrationError::Scheme);
    }
    let named = query.split('&').filter_map(|piece| piece.split_once('='));
    let data = named.filter(|(name, _)| name.eq_ignore_ascii_case("data")).map(|(_, value)| value).next();
    data.filter(|data| !data.is_empty()).ok_or(MigrationError::NoData)
}

/// Decodes base64 in either alphabet, padded or not; a space was a `+` before a form decoder met it.
fn payload(data: &str) -> Result<Zeroizing<Vec<u8>>, MigrationError> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        PAD_INDIFFERENT.with_decode_allow_trailing_bits(true),
    );
    // Mail and chat programs break lines, even inside an escape.
    let mut unbroken = Zeroizing::new(String::with_capacity(data.len()));
    unbroken.extend(data.split(['\n', '\r', '\t']));
    let mut base64 = Zeroizing::new(Vec::with_capacity(data.len()));
    with_decoded_secret(&unbroken, |text| {
        base64.extend(text.bytes().map(|byte| match byte {
            b' ' | b'-' => b'+',
            b'_' => b'/',
            _ => byte,
        }));
    });
    let mut bytes = Zeroizing::new(Vec::with_capacity(base64.len() / 4 * 3 + 3));
    LENIENT.decode_vec(&*base64, &mut bytes).map_err(|_| MigrationError::Base64)?;
    Ok(bytes)
}
