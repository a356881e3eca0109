//! What sealed rows hold: CBOR maps with small integer keys, padded. Keys: `docs/vault-format.md`, "Rows".

use minicbor::bytes::ByteVec;
use minicbor::{CborLen, Decode, Encode};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::VaultError;
use super::ids::{GroupId, ItemId};
use super::item::{Item, ItemState, NewItem};
use crate::account::Kind;
use crate::otp::{Algorithm, Digits, Hotp, Motp, MotpSecret, Otp, Period, Steam, Totp, Yandex};
use crate::secret::{SecretBytes, SecretText};
use crate::time::UnixTime;

/// The names and settings of an account: opened at unlock.
#[derive(Clone, Debug, Decode, Encode, CborLen)]
#[cbor(map)]
pub(super) struct Meta {
    #[n(0)]
    pub(super) kind: u8,
    #[n(1)]
    pub(super) issuer: String,
    #[n(2)]
    pub(super) account_name: String,
    #[n(3)]
    pub(super) algorithm: Option<u8>,
    #[n(4)]
    pub(super) digits: Option<u32>,
    #[n(5)]
    pub(super) period_s: Option<u32>,
    #[n(6)]
    pub(super) note: String,
    #[n(7)]
    pub(super) favorite: bool,
    #[n(8)]
    pub(super) icon: Option<String>,
    #[n(9)]
    pub(super) groups: Vec<ByteVec>,
    #[n(10)]
    pub(super) extra: Vec<(String, String)>,
    #[n(11)]
    pub(super) created_ms: i64,
    #[n(12)]
    pub(super) trashed_ms: Option<i64>,
    #[n(13)]
    pub(super) index: ByteVec,
    #[n(14)]
    pub(super) needs_pin: bool,
    /// Grows with every account that is added: the order of those that the user has not moved.
    #[n(15)]
    pub(super) place: u64,
    /// Absent where nobody asked for it, as in every row of before.
    #[cbor(n(16), skip_if = "std::ops::Not::not")]
    pub(super) asks_every_time: bool,
}

/// The secret of an account: opened for one code, then wiped. No `Debug`.
#[derive(Decode, Encode, CborLen, Zeroize, ZeroizeOnDrop)]
#[cbor(map)]
pub(super) struct SecretPart {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(super) secret: Vec<u8>,
    #[n(1)]
    pub(super) counter: Option<u64>,
    #[n(2)]
    pub(super) pin: Option<String>,
    /// The counter of the code that was given last.
    #[n(3)]
    pub(super) last: Option<u64>,
    /// [`TEXT`] when a Mobile-OTP secret is text instead of bytes that are written in hex.
    #[n(4)]
    pub(super) written: Option<u8>,
}

/// The bytes of a Mobile-OTP secret are hashed as they are.
const TEXT: u8 = 1;

/// Sizes beyond this are refused before they are sealed.
const MOST_BYTES: usize = 64 * 1024;
/// The same for documents, which have a few bytes of every account: enough for 100,000.
pub(super) const MOST_DOC_BYTES: usize = 4 * 1024 * 1024;

impl Meta {
    pub(super) fn new(new: &NewItem, index: [u8; 32], place: u64, at: UnixTime) -> Self {
        let otp = &new.account.otp;
        Self {
            kind: kind_number(otp.kind()),
            issuer: new.account.issuer.clone(),
            account_name: new.account.account_name.clone(),
            algorithm: otp.algorithm().map(algorithm_number),
            digits: Some(otp.digits()),
            period_s: otp.period().map(Period::seconds),
            note: new.note.clone(),
            favorite: new.favorite,
            icon: new.icon.clone(),
            groups: new.groups.iter().map(|group| group.0.to_vec().into()).collect(),
            extra: new.account.extra.clone(),
            created_ms: at.ms(),
            trashed_ms: None,
            index: index.to_vec().into(),
            needs_pin: otp.needs_pin(),
            place,
            asks_every_time: new.asks_every_time,
        }
    }

    /// Returns what a list shows.
    pub(super) fn item(&self, id: ItemId) -> Item {
        let kind = kind_of(self.kind);
        let readable = kind != Kind::Unknown && self.settings().is_some();
        Item {
            id,
            kind,
            issuer: self.issuer.clone(),
            account_name: self.account_name.clone(),
            algorithm: self.algorithm.and_then(algorithm_of),
            digits: self.digits,
            period_s: self.period_s,
            groups: self
                .groups
                .iter()
                .filter_map(|group| Some(GroupId(group[..].try_into().ok()?)))
                .collect(),
            favorite: self.favorite,
            asks_every_time: self.asks_every_time,
            note: self.note.clone(),
            icon: self.icon.clone(),
            extra: self.extra.clone(),
            created_at: UnixTime::from_ms(self.created_ms),
            trashed_at: self.trashed_ms.map(UnixTime::from_ms),
            usage_count: 0,
            last_used_at: None,
            apart: None,
            state: match (readable, self.needs_pin) {
                (false, _) => ItemState::Unknown,
                (true, true) => ItemState::NeedsPin,
                (true, false) => ItemState::Ok,
            },
        }
    }

    /// Puts settings and secret together; `None` when a later version wrote something else.
    pub(super) fn otp(&self, part: &SecretPart) -> Option<Otp> {
        let secret = SecretBytes::from(part.secret.as_slice());
        let pin = part.pin.as_deref().map(SecretText::from);
        let (algorithm, digits, period) = self.settings()?;
        Some(match kind_of(self.kind) {
            Kind::Totp => Otp::Totp(Totp { secret, algorithm, digits, period }),
            Kind::Hotp => Otp::Hotp(Hotp { secret, algorithm, digits, counter: part.counter? }),
            Kind::Steam => Otp::Steam(Steam { secret }),
            Kind::Motp => {
                let written = match part.written {
                    None => MotpSecret::Hex,
                    Some(TEXT) => MotpSecret::Text,
                    Some(_) => return None,
                };
                Otp::Motp(Motp { secret, written, pin, digits, period })
            }
            Kind::Yandex => Otp::Yandex(Yandex { secret, pin }),
            Kind::Unknown => return None,
        })
    }

    fn settings(&self) -> Option<(Algorithm, Digits, Period)> {
        let algorithm = self.algorithm.map_or(Some(Algorithm::Sha1), algorithm_of)?;
        let digits = Digits::try_from(self.digits?).ok()?;
        let period = Period::try_from(self.period_s.unwrap_or(30)).ok()?;
        Some((algorithm, digits, period))
    }
}

impl SecretPart {
    pub(super) fn new(otp: &Otp) -> Self {
        Self {
            secret: otp.secret().expose().to_vec(),
            counter: otp.counter(),
            pin: otp.pin().map(|pin| pin.expose().to_owned()),
            last: None,
            written: match otp.written() {
                MotpSecret::Hex => None,
                MotpSecret::Text => Some(TEXT),
            },
        }
    }
}

/// Encodes and pads: u32 length, the bytes, zeros to 256 (up to 4 KiB) or 1,024 bytes, so that a name's length
/// does not show.
pub(super) fn padded<T: Encode<()> + CborLen<()>>(record: &T) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    padded_up_to(record, MOST_BYTES)
}

/// The same for records that may hold up to `most` bytes.
pub(super) fn padded_up_to<T: Encode<()> + CborLen<()>>(
    record: &T,
    most: usize,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let len = minicbor::len(record);
    if len > most {
        return Err(VaultError::TooLarge);
    }
    let full = 4 + len;
    let block = if full <= 4096 { 256 } else { 1024 };
    let mut bytes = Zeroizing::new(Vec::with_capacity(full.next_multiple_of(block)));
    bytes.extend_from_slice(&u32::try_from(len).expect("far below 4 GiB").to_be_bytes());
    minicbor::encode(record, &mut *bytes).expect("a vector takes all bytes");
    bytes.resize(full.next_multiple_of(block), 0);
    Ok(bytes)
}

/// Decodes what [`padded`] made; `None` when a later version wrote something else.
pub(super) fn unpadded<T: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Option<T> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
    minicbor::decode(rest.get(..len)?).ok()
}

const KINDS: [(u8, Kind); 5] =
    [(1, Kind::Totp), (2, Kind::Hotp), (3, Kind::Steam), (4, Kind::Motp), (5, Kind::Yandex)];

const ALGORITHMS: [(u8, Algorithm); 6] = [
    (1, Algorithm::Sha1),
    (2, Algorithm::Sha256),
    (3, Algorithm::Sha512),
    (4, Algorithm::Md5),
    (5, Algorithm::Sha224),
    (6, Algorithm::Sha384),
];

fn kind_of(number: u8) -> Kind {
    KINDS.iter().find(|(n, _)| *n == number).map_or(Kind::Unknown, |(_, kind)| *kind)
}

pub(super) fn kind_number(kind: Kind) -> u8 {
    KINDS.iter().find(|(_, k)| *k == kind).map_or(0, |(n, _)| *n)
}

fn algorithm_of(number: u8) -> Option<Algorithm> {
    ALGORITHMS.iter().find(|(n, _)| *n == number).map(|(_, algorithm)| *algorithm)
}

pub(super) fn algorithm_number(algorithm: Algorithm) -> u8 {
    ALGORITHMS.iter().find(|(_, a)| *a == algorithm).map_or(0, |(n, _)| *n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;

    fn meta(asks_every_time: bool) -> Meta {
        let otp = Otp::Steam(Steam { secret: [7; 20].as_slice().into() });
        let names = Account { issuer: "ACME".into(), account_name: "ann".into(), otp, extra: Vec::new() };
        let new = NewItem { asks_every_time, ..NewItem::from(names) };
        Meta::new(&new, [1; 32], 0, UnixTime::from_ms(0))
    }

    #[test]
    fn a_row_without_the_mark_is_written_as_it_always_was() {
        let written = padded(&meta(false)).unwrap();
        let mut from = minicbor::Decoder::new(&written[4..]);
        let pairs = from.map().unwrap().unwrap();
        let mut keys = Vec::new();
        for _ in 0..pairs {
            keys.push(from.u8().unwrap());
            from.skip().unwrap();
        }
        assert!(keys.contains(&15) && !keys.contains(&16), "{keys:?}");
        assert!(!unpadded::<Meta>(&written).unwrap().asks_every_time);
        // The control: with the mark there is one key more, and it comes back.
        let marked = padded(&meta(true)).unwrap();
        assert_eq!(minicbor::Decoder::new(&marked[4..]).map().unwrap(), Some(pairs + 1));
        assert!(unpadded::<Meta>(&marked).unwrap().asks_every_time);
    }
}
