//! What the device's keys and anchors are asked and answer.

use authenticator_core::device;
pub use authenticator_core::device::{KeyKind, Presence, Purpose};

use super::count;

/// A kind of key pair.
#[uniffi::remote(Enum)]
pub enum KeyKind {
    /// ECDSA on NIST P-256: the one kind that both platforms hold in hardware.
    P256,
    /// RSA with 2,048 bits, for servers that know nothing newer.
    Rsa2048,
}

/// Whether a person must be there when a key or a secret is used.
#[uniffi::remote(Enum)]
pub enum Presence {
    /// No: polling, denying and reporting work from the lock screen.
    None,
    /// Biometrics or the device's PIN, at each use; new biometrics do not invalidate it.
    EachUse,
    /// Biometrics as they are enrolled now; new ones invalidate it. Only for a way into the vault.
    Biometrics,
}

/// What a key or a secret is used for.
#[uniffi::remote(Enum)]
pub enum Purpose {
    /// Opening the vault.
    Unlock,
    /// Confirming that the owner is there, before a secret is shown, exported or erased.
    Confirm,
    /// Opening what push needs while the vault is locked. Nobody is asked.
    Push,
    /// Making an enrolment.
    Enrol,
    /// Approving a sign-in.
    Approve,
    /// Proving which phone asks, denying, reporting, upkeep. Nobody is asked.
    Device,
    /// Putting another key in a key's place.
    Rotate,
}

/// A key pair that was made.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct MadeKey {
    /// The public key: SubjectPublicKeyInfo in DER.
    pub spki: Vec<u8>,
    /// Whether the private key lies in hardware: TEE, StrongBox or Secure Enclave.
    pub hardware: bool,
    /// What the hardware says about the key, when it says something.
    pub attestation: Option<Attestation>,
}

/// What hardware says about a key that it made.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Attestation {
    /// The platform's format: `android-key`, `apple-appattest`.
    pub format: String,
    /// What the platform returned, as it is.
    pub statement: Vec<u8>,
}

/// What stands outside the vault's file and says how new the file must be. An app stores it as it is.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct AnchorRecord {
    /// The number of the newest commit. A higher one is never replaced by a lower.
    pub seq: i64,
    /// 32 bytes.
    pub root_mac: Vec<u8>,
    /// 32 bytes.
    pub prev_root: Vec<u8>,
    /// 16 bytes.
    pub branch: Vec<u8>,
}

/// What `Anchor.load` found.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum StoredAnchor {
    /// Nothing was ever stored for this vault: a new phone.
    Absent,
    /// Something is stored that cannot be read; the vault opens read-only until the user accepts it.
    Torn,
    /// The record as it was stored.
    Present {
        /// What `store` was given.
        record: AnchorRecord,
    },
}

impl From<MadeKey> for device::MadeKey {
    fn from(key: MadeKey) -> Self {
        let MadeKey { spki, hardware, attestation } = key;
        let attestation =
            attestation.map(|Attestation { format, statement }| device::Attestation { format, statement });
        Self { spki, hardware, attestation }
    }
}

impl From<device::AnchorRecord> for AnchorRecord {
    fn from(record: device::AnchorRecord) -> Self {
        let device::AnchorRecord { seq, root_mac, prev_root, branch } = record;
        Self {
            seq: count(seq),
            root_mac: root_mac.to_vec(),
            prev_root: prev_root.to_vec(),
            branch: branch.to_vec(),
        }
    }
}

impl From<StoredAnchor> for device::StoredAnchor {
    /// A record that has not the shape of one is torn, not absent.
    fn from(stored: StoredAnchor) -> Self {
        match stored {
            StoredAnchor::Absent => Self::Absent,
            StoredAnchor::Torn => Self::Torn,
            StoredAnchor::Present { record } => whole(record).map_or(Self::Torn, Self::Present),
        }
    }
}

fn whole(record: AnchorRecord) -> Option<device::AnchorRecord> {
    let AnchorRecord { seq, root_mac, prev_root, branch } = record;
    Some(device::AnchorRecord {
        seq: seq.try_into().ok()?,
        root_mac: root_mac.try_into().ok()?,
        prev_root: prev_root.try_into().ok()?,
        branch: branch.try_into().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_without_the_shape_of_one_is_torn_and_never_absent() {
        let record =
            AnchorRecord { seq: 7, root_mac: vec![1; 32], prev_root: vec![2; 32], branch: vec![3; 16] };
        let read = |record: &AnchorRecord| {
            device::StoredAnchor::from(StoredAnchor::Present { record: record.clone() })
        };
        assert!(matches!(read(&record), device::StoredAnchor::Present(_)));
        for short in [
            AnchorRecord { seq: -1, ..record.clone() },
            AnchorRecord { root_mac: vec![1; 31], ..record.clone() },
            AnchorRecord { branch: Vec::new(), ..record.clone() },
        ] {
            assert_eq!(read(&short), device::StoredAnchor::Torn);
        }
    }
}
