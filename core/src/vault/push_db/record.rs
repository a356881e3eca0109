//! What the sealed rows hold: CBOR maps with small integer keys.

use minicbor::bytes::ByteVec;
use minicbor::{CborLen, Decode, Encode};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::push::enrolment::Stage;
use crate::secret::SecretBytes;
use crate::vault::VaultError;
use crate::vault::record::padded_up_to;

/// Beyond this a row is refused before it is sealed: a logo of 64 KiB and its names fit.
const MOST_BYTES: usize = 128 * 1024;

/// One enrolment, without its names. The keys themselves lie in the device, but for a loose one. No `Debug`.
#[derive(Clone, Decode, Encode, CborLen)]
#[cbor(map)]
pub(crate) struct Enrolment {
    /// [`Stage`] by its number.
    #[n(0)]
    pub(crate) stage: u8,
    /// The service's origin, `https://host`; the one address of a server of another dialect.
    #[n(1)]
    pub(crate) issuer: String,
    /// The credential's id at the service; empty while enrolling.
    #[n(2)]
    pub(crate) credential: String,
    /// The name of the device key in the device.
    #[n(3)]
    pub(crate) device_alias: String,
    /// The name of the approval key in the device, or of the secret that stands before the one key.
    #[n(4)]
    pub(crate) approval_alias: String,
    /// The device key: a public point, 65 bytes, SEC 1 section 2.3.3 uncompressed; or an RSA key's
    /// SubjectPublicKeyInfo in DER.
    #[n(5)]
    pub(crate) device_key: ByteVec,
    /// The approval key's public point, 65 bytes; empty where one key signs all.
    #[n(6)]
    pub(crate) approval_key: ByteVec,
    /// The service's keys that are believed, points of 65 bytes or an `RSAPublicKey` in DER, the newest first, each with the Unix seconds at which
    /// it ends; 0 is never.
    #[n(7)]
    pub(crate) service_keys: Vec<(ByteVec, i64)>,
    /// Milliseconds that the service's clock is ahead of this phone's.
    #[n(8)]
    pub(crate) offset_ms: i64,
    /// What was scanned: the QR's own JWS, or a link of another dialect while enrolling.
    #[n(9)]
    pub(crate) offer: Option<String>,
    /// The body that was signed and is sent, while enrolling.
    #[n(10)]
    pub(crate) body: Option<ByteVec>,
    /// Unix seconds at which the offer ends.
    #[n(11)]
    pub(crate) offer_exp: i64,
    /// Six digits that both sides show, until the enrolment is active.
    #[n(12)]
    pub(crate) check_number: Option<String>,
    /// How the service wakes this phone.
    #[n(13)]
    pub(crate) wake_up: Option<WakeUp>,
    /// The account in the vault that came with it.
    #[n(14)]
    pub(crate) item: Option<ByteVec>,
    /// Unix ms: made at, last poll answered, last wake-up received.
    #[n(15)]
    pub(crate) created_ms: i64,
    #[n(16)]
    pub(crate) polled_ms: Option<i64>,
    #[n(17)]
    pub(crate) woken_ms: Option<i64>,
    /// Why it was revoked or refused: the service's word.
    #[n(18)]
    pub(crate) reason: Option<String>,
    /// Whether hardware holds both keys.
    #[n(19)]
    pub(crate) hardware: bool,
    /// The service lets this phone make a new approval key now.
    #[n(20)]
    pub(crate) renew: bool,
    /// A rotation that was signed and not yet answered: which key, the new alias, the new point, the body.
    #[n(21)]
    pub(crate) rotation: Option<Rotation>,
    /// Which protocol the service speaks: 1 ours, 2 privacyIDEA's, 3 the same behind eduMFA's own link.
    #[n(22)]
    pub(crate) dialect: u8,
    /// The private half of the one key that signs all, where the device keeps no key of its kind.
    #[n(23)]
    pub(crate) loose: Option<Loose>,
    /// Addresses at a relay that end once the service knows another one.
    #[n(24)]
    pub(crate) leaving: Option<Vec<String>>,
}

/// A private key in the device's own form. No `Debug`.
#[derive(Clone, Decode, Encode, CborLen, Zeroize, ZeroizeOnDrop)]
#[cbor(map)]
pub(crate) struct Loose {
    #[cbor(n(0), with = "minicbor::bytes")]
    private: Vec<u8>,
}

impl Loose {
    pub(crate) fn new(private: &SecretBytes) -> Self {
        Self { private: private.expose().to_vec() }
    }

    pub(crate) fn private(&self) -> SecretBytes {
        SecretBytes::from(self.private.as_slice())
    }
}

/// A rotation under way.
#[derive(Clone, Decode, Encode, CborLen)]
#[cbor(map)]
pub(crate) struct Rotation {
    /// Whether it is the approval key; else the device key.
    #[n(0)]
    pub(crate) approval: bool,
    #[n(1)]
    pub(crate) alias: String,
    #[n(2)]
    pub(crate) key: ByteVec,
    #[n(3)]
    pub(crate) body: ByteVec,
    /// Unix seconds at which the signed body ends.
    #[n(4)]
    pub(crate) exp: i64,
    /// The service lets the device key stand for a lost approval key: the new one waits for a test.
    #[n(5)]
    pub(crate) renewed: bool,
}

/// The address a service sends wake-ups to, and the phone's half of their keys (RFC 8291). No `Debug`.
#[derive(Clone, Decode, Encode, CborLen, Zeroize, ZeroizeOnDrop)]
#[cbor(map)]
pub(crate) struct WakeUp {
    #[n(0)]
    pub(crate) endpoint: String,
    /// The private key, 32 bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) private: Vec<u8>,
    /// The authentication secret, 16 bytes.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) auth: Vec<u8>,
    /// Whether a relay gave the address to this phone, which may then end it there.
    #[n(3)]
    pub(crate) relayed: Option<bool>,
}

/// What people call an enrolment; shown only while the vault is unlocked.
#[derive(Clone, Debug, Default, Decode, Encode, Eq, PartialEq, CborLen)]
#[cbor(map)]
pub(crate) struct Names {
    /// The organisation, as the service calls itself.
    #[n(0)]
    pub(crate) service: String,
    /// The account's label at the service.
    #[n(1)]
    pub(crate) account_name: String,
    /// The user's own name for it.
    #[n(2)]
    pub(crate) own_name: Option<String>,
    /// PNG or JPEG, at most 64 KiB.
    #[n(3)]
    pub(crate) logo: Option<ByteVec>,
}

/// When requests of one enrolment are not announced.
#[derive(Clone, Debug, Default, Decode, Encode, Eq, PartialEq, CborLen)]
#[cbor(map)]
pub(crate) struct Quiet {
    /// Unix ms until which nothing is announced; 0 is never.
    #[n(0)]
    pub(crate) until_ms: i64,
    /// Unix ms of the newest denials.
    #[n(1)]
    pub(crate) denials_ms: Vec<i64>,
    /// Unix ms of the newest requests that were announced.
    #[n(2)]
    pub(crate) announced_ms: Vec<i64>,
}

/// Returns the number of a stage in the file.
pub(crate) fn number_of(stage: Stage) -> u8 {
    match stage {
        Stage::Enrolling => 1,
        Stage::PendingTest => 2,
        Stage::Active => 3,
        Stage::NeedsApprovalKey => 4,
        Stage::Revoked => 5,
        Stage::Failed => 6,
    }
}

/// Returns the stage of a number; `None` for one that a later version knows.
pub(super) fn stage_of(number: u8) -> Option<Stage> {
    const ALL: [Stage; 6] = [
        Stage::Enrolling,
        Stage::PendingTest,
        Stage::Active,
        Stage::NeedsApprovalKey,
        Stage::Revoked,
        Stage::Failed,
    ];
    ALL.into_iter().find(|stage| number_of(*stage) == number)
}

pub(super) fn padded<T: Encode<()> + CborLen<()>>(record: &T) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    padded_up_to(record, MOST_BYTES)
}
