//! Slots: each wraps the vault key (VK) under what one way in gives. Bytes: `docs/vault-format.md`, "Slots".

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::VaultError;
use super::recovery::RecoveryCode;
use crate::crypto::kdf::{self, KdfParams};
use crate::crypto::{random, seal};
use crate::device::VaultId;
use crate::secret::SecretBytes;
use crate::time::UnixTime;

/// A way in, for a new vault or a new slot.
pub enum NewSlot<'a> {
    /// What the user types, in UTF-8 or any other bytes.
    Passphrase {
        /// The bytes; UTF-8 is put into NFKC first, so that every keyboard gives the same key.
        passphrase: &'a [u8],
        /// How much work a guess costs.
        kdf: KdfParams,
    },
    /// What the user wrote down.
    RecoveryCode(&'a RecoveryCode),
    /// 32 random bytes that the device gives back after a look or a finger.
    Device(&'a SecretBytes),
    /// 32 random bytes that the device gives back without asking anybody: the user turned the app's lock off.
    DeviceAlone(&'a SecretBytes),
}

/// What opens a vault.
pub enum Key<'a> {
    /// What the user types.
    Passphrase(&'a [u8]),
    /// What the user wrote down.
    RecoveryCode(&'a RecoveryCode),
    /// What the device gave back after a look or a finger.
    Device(&'a SecretBytes),
    /// What the device gave back without asking anybody.
    DeviceAlone(&'a SecretBytes),
}

/// What kind of way in a slot is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SlotKind {
    /// A passphrase.
    Passphrase,
    /// A recovery code.
    RecoveryCode,
    /// A device's secret behind biometrics.
    Device,
    /// A device's secret that nobody is asked for: the app's lock is off. It opens the vault and confirms nothing.
    DeviceAlone,
    /// A slot that a later version made; it is carried as it is.
    Unknown(u8),
}

/// What is known of a slot without opening it.
#[derive(Clone, Eq, PartialEq)]
pub struct SlotInfo {
    /// Names the slot: 16 random bytes.
    pub id: [u8; 16],
    /// The kind of way in.
    pub kind: SlotKind,
    /// When it was made; `None` when the slot is damaged.
    pub created_at: Option<UnixTime>,
    /// Whether its own checksum says that its bytes have changed, and no good copy was found.
    pub damaged: bool,
}

/// One slot as it stands in the file: the id, and a body that carries its own checksum.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct SlotRow {
    pub(super) id: [u8; 16],
    pub(super) body: Vec<u8>,
}

// Offsets in a body: version, kind, id, created, KDF, m, t, p, salt | commit | nonce, wrapped VK | checksum.
const VERSION: u8 = 1;
const HEADER: usize = 1 + 1 + 16 + 8 + 1 + 12 + 16;
const COMMIT: usize = 32;
const BODY: usize = HEADER + COMMIT + seal::OVERHEAD + seal::KEY;
const CHECKSUM: usize = 32;

const KDF_HKDF: u8 = 0;
const KDF_ARGON2ID: u8 = 1;

impl SlotKind {
    fn number(self) -> u8 {
        match self {
            Self::Passphrase => 1,
            Self::RecoveryCode => 2,
            Self::Device => 3,
            Self::DeviceAlone => 4,
            Self::Unknown(number) => number,
        }
    }

    /// Tells whether it opens the vault without the device that made it.
    pub fn is_portable(self) -> bool {
        match self {
            Self::Passphrase | Self::RecoveryCode => true,
            Self::Device | Self::DeviceAlone | Self::Unknown(_) => false,
        }
    }

    /// Tells whether a person has to do something for it: only then does it confirm, or change the ways in.
    pub fn needs_a_person(self) -> bool {
        match self {
            Self::Passphrase | Self::RecoveryCode | Self::Device => true,
            Self::DeviceAlone | Self::Unknown(_) => false,
        }
    }

    fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Passphrase,
            2 => Self::RecoveryCode,
            3 => Self::Device,
            4 => Self::DeviceAlone,
            other => Self::Unknown(other),
        }
    }
}

impl fmt::Debug for SlotInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlotInfo")
            .field("kind", &self.kind)
            .field("damaged", &self.damaged)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for NewSlot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase { .. } => "NewSlot::Passphrase",
            Self::RecoveryCode(_) => "NewSlot::RecoveryCode",
            Self::Device(_) => "NewSlot::Device",
            Self::DeviceAlone(_) => "NewSlot::DeviceAlone",
        })
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.kind())
    }
}

impl NewSlot<'_> {
    /// Tells whether it works without this device.
    pub(super) fn is_portable(&self) -> bool {
        self.key().kind().is_portable()
    }

    /// Returns what opens it.
    pub(super) fn key(&self) -> Key<'_> {
        match self {
            Self::Passphrase { passphrase, .. } => Key::Passphrase(passphrase),
            Self::RecoveryCode(code) => Key::RecoveryCode(code),
            Self::Device(secret) => Key::Device(secret),
            Self::DeviceAlone(secret) => Key::DeviceAlone(secret),
        }
    }

    /// Wraps `vk`. Takes as long as Argon2id does for a passphrase.
    pub(super) fn wrap(&self, vault: VaultId, vk: &SecretBytes, at: UnixTime) -> Result<SlotRow, VaultError> {
        let id: [u8; 16] = random::make_array()?;
        let salt: [u8; 16] = random::make_array()?;
        let (kdf, params) = match self {
            Self::Passphrase { kdf, .. } => {
                // Parameters from outside `KdfParams::new` cannot be weak here: its fields are private.
                let params = KdfParams::new(kdf.mem_kib(), kdf.passes(), kdf.lanes())?;
                (KDF_ARGON2ID, [params.mem_kib(), params.passes(), params.lanes()])
            }
            Self::RecoveryCode(_) | Self::Device(_) | Self::DeviceAlone(_) => (KDF_HKDF, [0; 3]),
        };
        let mut body = vec![VERSION, self.key().kind().number()];
        body.extend_from_slice(&id);
        body.extend_from_slice(&at.ms().to_be_bytes());
        body.push(kdf);
        params.iter().for_each(|param| body.extend_from_slice(&param.to_be_bytes()));
        body.extend_from_slice(&salt);
        let (kek, commit) = derive_kek(&self.key(), &body)?;
        body.extend_from_slice(commit.expose());
        let wrapped = seal::seal(&kek, &aad(vault, &body), vk.expose())?;
        body.extend_from_slice(&wrapped);
        let checksum = Sha256::digest(&body);
        body.extend_from_slice(&checksum);
        Ok(SlotRow { id, body })
    }
}

impl SlotRow {
    /// Tells whether the bytes are those that were written. Anybody can make this right: it tells damage, not malice.
    pub(super) fn is_whole(&self) -> bool {
        self.body.len() == BODY + CHECKSUM
            && self.body[0] == VERSION
            && self.body[2..18] == self.id
            && Sha256::digest(&self.body[..BODY])[..] == self.body[BODY..]
    }

    pub(super) fn kind(&self) -> SlotKind {
        SlotKind::from_number(self.body.get(1).copied().unwrap_or(0))
    }

    pub(super) fn info(&self) -> SlotInfo {
        let whole = self.is_whole();
        let created_at = whole.then(|| UnixTime::from_ms(i64::from_be_bytes(array(&self.body[18..26]))));
        SlotInfo { id: self.id, kind: self.kind(), created_at, damaged: !whole }
    }

    /// Unwraps the vault key.
    ///
    /// [`VaultError::SlotDamaged`] says that the bytes have changed, never that the key is wrong;
    /// [`VaultError::WrongKey`] that they are whole and the key is another.
    pub(super) fn unwrap(&self, vault: VaultId, key: &Key<'_>) -> Result<SecretBytes, VaultError> {
        if !self.is_whole() {
            return Err(VaultError::SlotDamaged);
        }
        let (kek, commit) = derive_kek(key, &self.body[..HEADER])?;
        let same: bool = commit.expose().ct_eq(&self.body[HEADER..HEADER + COMMIT]).into();
        if !same {
            return Err(VaultError::WrongKey);
        }
        let (bound, wrapped) = self.body[..BODY].split_at(HEADER + COMMIT);
        seal::open(&kek, &aad(vault, bound), wrapped).map_err(|_| VaultError::SlotDamaged)
    }
}

impl Key<'_> {
    /// Returns the kind of slot that this opens.
    pub fn kind(&self) -> SlotKind {
        match self {
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::RecoveryCode(_) => SlotKind::RecoveryCode,
            Self::Device(_) => SlotKind::Device,
            Self::DeviceAlone(_) => SlotKind::DeviceAlone,
        }
    }
}

/// Returns KEK and commitment, 32 bytes each, from a key and a slot's header.
fn derive_kek(key: &Key<'_>, header: &[u8]) -> Result<(SecretBytes, SecretBytes), VaultError> {
    let number = |n: usize| u32::from_be_bytes(array(&header[27 + 4 * n..31 + 4 * n]));
    let salt: [u8; 16] = array(&header[39..55]);
    let both = match key {
        Key::Passphrase(passphrase) => {
            let params = KdfParams::read(number(0), number(1), number(2))?;
            kdf::derive_from_passphrase(&normalised(passphrase), &salt, params, 64)?
        }
        Key::RecoveryCode(code) => kdf::derive(code.letters(), &salt, "klink/1/slot/recovery", 64),
        Key::Device(secret) => kdf::derive(secret.expose(), &salt, "klink/1/slot/device", 64),
        Key::DeviceAlone(secret) => kdf::derive(secret.expose(), &salt, "klink/1/slot/device-alone", 64),
    };
    let (kek, commit) = both.expose().split_at(32);
    Ok((kek.into(), commit.into()))
}

/// Returns the passphrase in NFKC; bytes that are no UTF-8 stay as they are.
fn normalised(passphrase: &[u8]) -> Zeroizing<Vec<u8>> {
    match std::str::from_utf8(passphrase) {
        Ok(text) => {
            // Room for the longest that NFKC makes of a character, so that no copy is left by growing.
            let mut out = String::with_capacity(text.len() * 18);
            out.extend(text.nfkc());
            Zeroizing::new(out.into_bytes())
        }
        Err(_) => Zeroizing::new(passphrase.to_vec()),
    }
}

fn aad(vault: VaultId, bound: &[u8]) -> Vec<u8> {
    [b"klink/1/slot".as_slice(), &vault.0, bound].concat()
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("the caller cut the right length")
}

#[cfg(test)]
mod tests {
    use super::*;

    const VAULT: VaultId = VaultId([3; 16]);

    fn device() -> SecretBytes {
        SecretBytes::new(vec![9; 32])
    }

    fn wrapped() -> (SlotRow, SecretBytes) {
        let vk = SecretBytes::new(vec![1; 32]);
        (NewSlot::Device(&device()).wrap(VAULT, &vk, UnixTime::from_ms(0)).unwrap(), vk)
    }

    #[test]
    fn every_changed_bit_is_damage_and_never_a_wrong_key() {
        let (row, vk) = wrapped();
        assert_eq!(row.unwrap(VAULT, &Key::Device(&device())).unwrap(), vk);
        for bit in 0..row.body.len() * 8 {
            let mut changed = row.clone();
            changed.body[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(changed.unwrap(VAULT, &Key::Device(&device())), Err(VaultError::SlotDamaged)));
        }
    }

    #[test]
    fn with_the_checksum_made_right_every_changed_bit_is_refused_still() {
        let (row, _) = wrapped();
        for bit in 0..BODY * 8 {
            let mut changed = row.clone();
            changed.body[bit / 8] ^= 1 << (bit % 8);
            let checksum = Sha256::digest(&changed.body[..BODY]);
            changed.body[BODY..].copy_from_slice(&checksum);
            assert!(changed.unwrap(VAULT, &Key::Device(&device())).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_slot_of_another_vault_is_refused() {
        let (row, _) = wrapped();
        assert!(row.unwrap(VaultId([4; 16]), &Key::Device(&device())).is_err());
    }

    /// S05: less work asked for, or more, within the limits: another key comes out, and the commitment tells.
    #[test]
    fn a_passphrase_slot_with_other_costs_is_refused() {
        let vk = SecretBytes::new(vec![1; 32]);
        let kdf = KdfParams::new(32 * 1024, 3, 1).unwrap();
        let new = NewSlot::Passphrase { passphrase: b"right", kdf };
        let row = new.wrap(VAULT, &vk, UnixTime::from_ms(0)).unwrap();
        assert_eq!(row.unwrap(VAULT, &Key::Passphrase(b"right")).unwrap(), vk);
        assert!(matches!(row.unwrap(VAULT, &Key::Passphrase(b"wrong")), Err(VaultError::WrongKey)));
        for (mem_kib, passes, lanes) in
            [(64u32, 1u32, 1u32), (32 * 1024, 1, 1), (33 * 1024, 3, 1), (32 * 1024, 3, 2)]
        {
            let mut changed = row.clone();
            changed.body[27..39].copy_from_slice(&[mem_kib, passes, lanes].map(u32::to_be_bytes).concat());
            let checksum = Sha256::digest(&changed.body[..BODY]);
            changed.body[BODY..].copy_from_slice(&checksum);
            assert!(matches!(changed.unwrap(VAULT, &Key::Passphrase(b"right")), Err(VaultError::WrongKey)));
        }
    }

    #[test]
    fn costs_beyond_the_limits_are_refused_before_memory_is_taken() {
        let (mut row, _) = wrapped();
        row.body[1] = 1;
        row.body[26] = KDF_ARGON2ID;
        row.body[27..39].copy_from_slice(&[0xff; 12]);
        let checksum = Sha256::digest(&row.body[..BODY]);
        row.body[BODY..].copy_from_slice(&checksum);
        assert!(matches!(row.unwrap(VAULT, &Key::Passphrase(b"x")), Err(VaultError::Kdf(_))));
    }

    #[test]
    fn the_same_letters_from_two_keyboards_are_the_same_passphrase() {
        assert_eq!(normalised("caf\u{e9}".as_bytes()), normalised("cafe\u{301}".as_bytes()));
        assert_eq!(normalised(b"\xff\xfe")[..], b"\xff\xfe"[..]);
    }
}
