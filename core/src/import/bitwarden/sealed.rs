//! An export under a password of its own: PBKDF2 or Argon2id, then AES-256-CBC with HMAC-SHA-256.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::super::ciphers::{self, Argon2Params, Hash, KdfError};
use super::super::encodings::base64;
use super::super::error::{ImportError, Needs};
use super::super::format::Format;
use super::super::formats::Opening;
use super::super::found::Place;
use super::super::json::Json;
use crate::secret::{SecretBytes, SecretText};

const PBKDF2: u32 = 0;
const ARGON2ID: u32 = 1;

/// Returns the JSON inside. `encKeyValidation_DO_NOT_EDIT` is sealed under the same keys: it tells a wrong password
/// from damaged data.
pub(super) fn open(file: &Json, opening: &Opening<'_>) -> Result<SecretBytes, ImportError> {
    let sealed = |name| file.get(name).as_text().and_then(Sealed::read).ok_or_else(|| damaged(name));
    let data = sealed("data")?;
    let kdf = Kdf::read(file)?;
    let Some(password) = &opening.secrets.password else {
        return Err(ImportError::NeedsPassword(Format::Bitwarden, Needs::Password));
    };
    opening.go_on()?;
    let key = kdf.derive(password, opening).map_err(|error| error.of(Format::Bitwarden))?;
    let keys = [b"enc", b"mac"].map(|info| expand(&key, info));
    if let Some(plain) = data.open(&keys) {
        return Ok(plain);
    }
    let right = sealed("encKeyValidation_DO_NOT_EDIT").is_ok_and(|check| check.open(&keys).is_some());
    Err(if right { damaged("data") } else { ImportError::WrongPassword(Format::Bitwarden) })
}

/// How the password becomes a key; the salt is the text as it stands in the file.
struct Kdf<'a> {
    salt: &'a str,
    kind: u32,
    passes: u64,
    /// Of Argon2id.
    memory_mib: u64,
    lanes: u64,
}

impl<'a> Kdf<'a> {
    fn read(file: &'a Json) -> Result<Self, ImportError> {
        let number = |name| file.number::<u64>(name).map_err(|_| damaged(name));
        let kind = file.number("kdfType").ok().flatten().filter(|kind| [PBKDF2, ARGON2ID].contains(kind));
        Ok(Self {
            salt: file.need("salt").map_err(|_| damaged("salt"))?,
            kind: kind.ok_or_else(|| damaged("kdfType"))?,
            passes: number("kdfIterations")?.unwrap_or(0),
            memory_mib: number("kdfMemory")?.unwrap_or(0),
            lanes: number("kdfParallelism")?.unwrap_or(0),
        })
    }

    fn derive(&self, password: &SecretText, opening: &Opening<'_>) -> Result<SecretBytes, KdfError> {
        let password = password.expose().as_bytes();
        if self.kind == PBKDF2 {
            return ciphers::pbkdf2(
                Hash::Sha256,
                password,
                self.salt.as_bytes(),
                self.passes,
                32,
                opening.budget,
            );
        }
        let memory_kib = self.memory_mib.saturating_mul(1024);
        let params = Argon2Params { memory_kib, passes: self.passes, lanes: self.lanes };
        ciphers::argon2id(password, &Sha256::digest(self.salt), params, 32, opening.budget)
    }
}

/// `2.` IV `|` ciphertext `|` MAC, each in Base64.
struct Sealed {
    iv: SecretBytes,
    ciphertext: SecretBytes,
    mac: SecretBytes,
}

impl Sealed {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("2.")?.split('|').map(base64);
        let (iv, ciphertext, mac) = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(Self { iv, ciphertext, mac })
    }

    fn open(&self, [enc, mac]: &[SecretBytes; 2]) -> Option<SecretBytes> {
        let mut hmac = Hmac::<Sha256>::new_from_slice(mac.expose()).ok()?;
        hmac.update(self.iv.expose());
        hmac.update(self.ciphertext.expose());
        hmac.verify_slice(self.mac.expose()).ok()?;
        ciphers::open_cbc(enc.expose(), self.iv.expose(), self.ciphertext.expose())
    }
}

/// Returns HKDF-Expand of RFC 5869 with SHA-256: the derived key is taken for the pseudorandom one.
pub(super) fn expand(key: &SecretBytes, info: &[u8]) -> SecretBytes {
    let mut expanded = SecretBytes::new(vec![0; 32]);
    Hkdf::<Sha256>::from_prk(key.expose())
        .expect("32 bytes are as long as the hash")
        .expand(info, expanded.expose_mut())
        .expect("32 bytes are one block");
    expanded
}

fn damaged(part: &str) -> ImportError {
    ImportError::Damaged(Format::Bitwarden, Place::file(part))
}
