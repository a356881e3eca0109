//! A device's keys in software: a sealed file, for a terminal and for tests. It says so: `hardware: false`.
//!
//! The key of the seal lies beside the file, readable by its user alone. That keeps copies of the sealed file shut and
//! nothing else; a phone's own keys never leave its hardware. RSA keys are not kept here: the core seals them in the
//! vault's folder.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use authenticator_core::crypto::p256::PrivateKey;
use authenticator_core::crypto::{random, seal};
use authenticator_core::device::{DeviceKeys, KeyKind, KeyStoreError, LooseKey, MadeKey, Presence, Purpose};
use authenticator_core::secret::SecretBytes;
use serde::{Deserialize, Serialize};

/// Asks whether somebody is there.
pub type Ask = Box<dyn Fn(Purpose) -> Result<(), KeyStoreError> + Send + Sync>;

/// The keys of one device.
pub struct SoftKeys {
    folder: PathBuf,
    ask: Ask,
}

/// What the sealed file holds, by name.
type Kept = BTreeMap<String, Entry>;

#[derive(Deserialize, Serialize)]
struct Entry {
    /// A private key, or a secret of 32 bytes.
    key: bool,
    presence: bool,
    bytes: Vec<u8>,
}

const SEALED: &str = "keys.sealed";
const SECRET: &str = "keys.secret";
const AAD: &[u8] = b"klink/software-keys/1";

impl SoftKeys {
    /// Keeps keys in `folder`, which is made when it is needed; `ask` stands for a finger or a look.
    pub fn new(folder: PathBuf, ask: Ask) -> Self {
        Self { folder, ask }
    }

    fn read(&self) -> Result<Kept, KeyStoreError> {
        let Some(sealed) = read(&self.folder.join(SEALED))? else { return Ok(Kept::new()) };
        // A file that does not open is kept: it may open again when its key is back.
        let plain = seal::open(&self.secret()?, AAD, &sealed).map_err(|_| KeyStoreError::Unavailable)?;
        serde_json::from_slice(plain.expose()).map_err(|_| KeyStoreError::Unavailable)
    }

    /// Changes what is kept, and has it on the disk before this returns.
    fn change(&self, change: impl FnOnce(&mut Kept)) -> Result<(), KeyStoreError> {
        let _lock = self.locked()?;
        let mut kept = self.read()?;
        change(&mut kept);
        let plain = SecretBytes::new(serde_json::to_vec(&kept).map_err(|_| KeyStoreError::Unavailable)?);
        let sealed =
            seal::seal(&self.secret()?, AAD, plain.expose()).map_err(|_| KeyStoreError::Unavailable)?;
        self.replace(SEALED, &sealed)
    }

    /// Returns the key of the seal; it is made with the first thing that is kept, and never again.
    fn secret(&self) -> Result<SecretBytes, KeyStoreError> {
        if let Some(secret) = read(&self.folder.join(SECRET))? {
            return if secret.len() == seal::KEY {
                Ok(SecretBytes::new(secret))
            } else {
                Err(KeyStoreError::Unavailable)
            };
        }
        if self.folder.join(SEALED).exists() {
            return Err(KeyStoreError::Unavailable);
        }
        let secret = random::make_secret(seal::KEY).map_err(|_| KeyStoreError::Unavailable)?;
        self.replace(SECRET, secret.expose())?;
        Ok(secret)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), KeyStoreError> {
        let replace = || -> std::io::Result<()> {
            // A temporary file is readable by its user alone, and so is what it becomes.
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(self.folder.join(name))?;
            File::open(&self.folder)?.sync_all()
        };
        replace().map_err(|_| KeyStoreError::Unavailable)
    }

    fn locked(&self) -> Result<File, KeyStoreError> {
        let lock = || -> std::io::Result<File> {
            fs::create_dir_all(&self.folder)?;
            let path = self.folder.join("lock");
            let lock = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            lock.lock()?;
            Ok(lock)
        };
        lock().map_err(|_| KeyStoreError::Unavailable)
    }

    /// Returns what is kept under a name, after somebody was asked where that is needed.
    fn entry(&self, alias: &str, purpose: Purpose, key: bool) -> Result<SecretBytes, KeyStoreError> {
        let mut kept = self.read()?;
        let entry = kept.remove(alias).filter(|entry| entry.key == key).ok_or(KeyStoreError::Missing)?;
        let bytes = SecretBytes::new(entry.bytes);
        if entry.presence {
            (self.ask)(purpose)?;
        }
        Ok(bytes)
    }
}

/// Tells whether the vault should keep this key: P-256 stays here, where it stands for a phone's hardware.
fn is_loose(private: &SecretBytes) -> bool {
    PrivateKey::from_bytes(private).is_none()
}

impl DeviceKeys for SoftKeys {
    fn kinds(&self) -> Vec<KeyKind> {
        vec![KeyKind::P256, KeyKind::Rsa2048]
    }

    fn make(
        &self,
        alias: &str,
        kind: KeyKind,
        presence: Presence,
        _challenge: Option<&[u8]>,
    ) -> Result<MadeKey, KeyStoreError> {
        let (bytes, spki) = match kind {
            KeyKind::P256 => {
                let key = PrivateKey::make().map_err(|_| KeyStoreError::Unavailable)?;
                (key.to_bytes().expose().to_vec(), key.public().spki())
            }
            KeyKind::Rsa2048 => rsa::make()?,
        };
        let entry = Entry { key: true, presence: asks(presence), bytes };
        self.change(|kept| drop(kept.insert(alias.to_owned(), entry)))?;
        Ok(MadeKey { spki, hardware: false, attestation: None })
    }

    fn sign(&self, alias: &str, message: &[u8], purpose: Purpose) -> Result<Vec<u8>, KeyStoreError> {
        let bytes = self.entry(alias, purpose, true)?;
        match PrivateKey::from_bytes(&bytes) {
            Some(key) => Ok(key.sign_der(message)),
            None => rsa::sign(&bytes, message),
        }
    }

    fn make_loose(&self, kind: KeyKind) -> Result<Option<LooseKey>, KeyStoreError> {
        match kind {
            KeyKind::P256 => Ok(None),
            KeyKind::Rsa2048 => {
                let (private, spki) = rsa::make()?;
                Ok(Some(LooseKey { spki, private: SecretBytes::new(private) }))
            }
        }
    }

    fn sign_loose(&self, private: &SecretBytes, message: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        rsa::sign(private, message)
    }

    fn release(&self, alias: &str) -> Result<Option<SecretBytes>, KeyStoreError> {
        match self.entry(alias, Purpose::Device, true) {
            Ok(private) => Ok(Some(private).filter(is_loose)),
            Err(KeyStoreError::Missing) => Ok(None),
            Err(other) => Err(other),
        }
    }

    fn put(&self, slot: &str, secret: &SecretBytes, presence: Presence) -> Result<(), KeyStoreError> {
        let entry = Entry { key: false, presence: asks(presence), bytes: secret.expose().to_vec() };
        self.change(|kept| drop(kept.insert(slot.to_owned(), entry)))
    }

    fn get(&self, slot: &str, purpose: Purpose) -> Result<SecretBytes, KeyStoreError> {
        self.entry(slot, purpose, false)
    }

    fn delete(&self, alias: &str) -> Result<(), KeyStoreError> {
        self.change(|kept| drop(kept.remove(alias)))
    }

    fn cancel(&self, _alias: &str) {
        // A question on a terminal cannot be taken back; what it answers is thrown away.
    }
}

/// RSA, for servers that know nothing newer: one crate makes the keys, `ring` signs (decision 0027).
mod rsa {
    use ::rsa::PrivateKey;
    use ::rsa::pkcs8::{EncodePrivateKey, EncodePublicKey};
    use ::rsa::rand_core::{TryCryptoRng, TryRng};
    use authenticator_core::crypto::random::{self, RandomError};
    use authenticator_core::device::KeyStoreError;
    use authenticator_core::secret::SecretBytes;
    use ring::rand::SystemRandom;
    use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

    /// Makes a key: PKCS#8 and SubjectPublicKeyInfo, both in DER.
    pub(super) fn make() -> Result<(Vec<u8>, Vec<u8>), KeyStoreError> {
        let key = PrivateKey::new(&mut OneDoor, 2048).map_err(|_| KeyStoreError::Unavailable)?;
        let private = key.to_pkcs8_der().map_err(|_| KeyStoreError::Unavailable)?;
        let public = key.to_public_key().to_public_key_der().map_err(|_| KeyStoreError::Unavailable)?;
        Ok((private.as_bytes().to_vec(), public.as_bytes().to_vec()))
    }

    pub(super) fn sign(pkcs8: &SecretBytes, message: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8.expose()).map_err(|_| KeyStoreError::Missing)?;
        let mut signature = vec![0; pair.public().modulus_len()];
        let signed = pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        signed.map(|()| signature).map_err(|_| KeyStoreError::HardwareFault)
    }

    /// The core's one door to randomness, as the crate asks for it.
    struct OneDoor;

    impl TryCryptoRng for OneDoor {}

    impl TryRng for OneDoor {
        type Error = RandomError;

        fn try_next_u32(&mut self) -> Result<u32, RandomError> {
            random::make_array().map(u32::from_le_bytes)
        }

        fn try_next_u64(&mut self) -> Result<u64, RandomError> {
            random::make_array().map(u64::from_le_bytes)
        }

        fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), RandomError> {
            random::fill(into)
        }
    }
}

fn asks(presence: Presence) -> bool {
    match presence {
        Presence::None => false,
        Presence::EachUse | Presence::Biometrics => true,
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, KeyStoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(_) => Err(KeyStoreError::Unavailable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use authenticator_core::crypto::p256::{PublicKey, raw_signature};

    fn keys(folder: &Path, present: bool) -> SoftKeys {
        let answer = if present { Ok(()) } else { Err(KeyStoreError::Cancelled) };
        SoftKeys::new(folder.to_owned(), Box::new(move |_| answer))
    }

    #[test]
    fn a_key_signs_after_the_program_has_ended_and_begun_again() {
        let folder = tempfile::tempdir().unwrap();
        let made = keys(folder.path(), true).make("a", KeyKind::P256, Presence::None, None).unwrap();
        let der = keys(folder.path(), false).sign("a", b"message", Purpose::Device).unwrap();
        let public = PublicKey::from_spki(&made.spki).unwrap();
        assert!(public.verifies(b"message", &raw_signature(&der).unwrap()));
        assert!(!made.hardware);
    }

    #[test]
    fn an_rsa_key_signs_what_its_public_half_verifies() {
        use authenticator_core::crypto::rsa::RsaPublicKey;
        let folder = tempfile::tempdir().unwrap();
        let made = keys(folder.path(), true).make("r", KeyKind::Rsa2048, Presence::None, None).unwrap();
        let signature = keys(folder.path(), false).sign("r", b"message", Purpose::Device).unwrap();
        let public = RsaPublicKey::from_spki(&made.spki).unwrap();
        assert!(public.verifies(b"message", &signature));
        assert!(!public.verifies(b"massage", &signature));
        assert_eq!(signature.len(), 256);
    }

    #[test]
    fn a_loose_key_signs_and_leaves_nothing_in_the_folder() {
        use authenticator_core::crypto::rsa::RsaPublicKey;
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(folder.path(), false);
        let LooseKey { spki, private } = keys.make_loose(KeyKind::Rsa2048).unwrap().unwrap();
        let signature = keys.sign_loose(&private, b"message").unwrap();
        assert!(RsaPublicKey::from_spki(&spki).unwrap().verifies(b"message", &signature));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(keys.make_loose(KeyKind::P256), Ok(None), "these stand for a phone's hardware");
    }

    #[test]
    fn what_is_released_is_rsa_and_signs_as_it_did() {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(folder.path(), true);
        for (alias, kind) in [("r", KeyKind::Rsa2048), ("p", KeyKind::P256)] {
            keys.make(alias, kind, Presence::None, None).unwrap();
        }
        let private = keys.release("r").unwrap().unwrap();
        // PKCS#1 v1.5 has one signature for one message.
        assert_eq!(keys.sign_loose(&private, b"m"), keys.sign("r", b"m", Purpose::Device));
        assert_eq!((keys.release("p"), keys.release("none")), (Ok(None), Ok(None)));
    }

    #[test]
    fn nobody_there_means_no_signature_and_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let absent = keys(folder.path(), false);
        absent.make("a", KeyKind::P256, Presence::EachUse, None).unwrap();
        absent.put("s", &SecretBytes::new(vec![7; 32]), Presence::Biometrics).unwrap();
        assert_eq!(absent.sign("a", b"", Purpose::Approve), Err(KeyStoreError::Cancelled));
        assert_eq!(absent.get("s", Purpose::Unlock), Err(KeyStoreError::Cancelled));
        // The control: with somebody there both work.
        let present = keys(folder.path(), true);
        assert!(present.sign("a", b"", Purpose::Approve).is_ok());
        assert_eq!(present.get("s", Purpose::Unlock), Ok(SecretBytes::new(vec![7; 32])));
    }

    #[test]
    fn what_is_not_there_is_missing_and_a_lost_seal_makes_nothing_new() {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(folder.path(), true);
        assert_eq!(keys.get("s", Purpose::Push), Err(KeyStoreError::Missing));
        keys.put("s", &SecretBytes::new(vec![7; 32]), Presence::None).unwrap();
        assert_eq!(keys.sign("s", b"", Purpose::Device), Err(KeyStoreError::Missing));
        keys.delete("s").unwrap();
        assert_eq!(keys.get("s", Purpose::Push), Err(KeyStoreError::Missing));
        fs::remove_file(folder.path().join(SECRET)).unwrap();
        let put = keys.put("s", &SecretBytes::new(vec![7; 32]), Presence::None);
        assert_eq!(put, Err(KeyStoreError::Unavailable));
        assert!(!folder.path().join(SECRET).exists());
    }

    #[test]
    fn the_file_shows_neither_names_nor_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(folder.path(), true);
        keys.put(
            "klink.push.0",
            &SecretBytes::new(b"0123456789abcdef0123456789abcdef".to_vec()),
            Presence::None,
        )
        .unwrap();
        let bytes = fs::read(folder.path().join(SEALED)).unwrap();
        for text in [b"klink.push.0".as_slice(), b"0123456789abcdef", b"[48,49,50"] {
            assert!(!bytes.windows(text.len()).any(|window| window == text));
        }
    }
}
