//! Ciphers and key derivation of other apps' exports, over library ciphers. Klink itself seals with none of them.
//!
//! What a password costs is judged before any work begins. That a seal does not open says nothing of the cause:
//! each format tells a wrong password from damage in its own way.

use aes::Aes256;
use aes::cipher::block_padding::{NoPadding, Pkcs7};
use aes::cipher::{BlockCipherEncrypt, BlockModeDecrypt, KeyIvInit};
use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{AeadInOut, KeyInit, Nonce};
use aes_gcm::{Aes128Gcm, Aes256Gcm, AesGcm};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::budget::{KdfBudget, KdfCost};
use super::error::ImportError;
use super::format::Format;
use super::found::Place;
use crate::crypto::kdf;
use crate::secret::SecretBytes;

/// The hash under PBKDF2's HMAC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// Which of the functions of RFC 9106, and whether in the older version 1.0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Argon2Kind {
    D,
    Id,
    OldD,
    OldId,
}

/// What Argon2 asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Argon2Params {
    pub(super) memory_kib: u64,
    pub(super) passes: u64,
    pub(super) lanes: u64,
}

/// What scrypt asks for, RFC 7914 section 2.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct ScryptParams {
    pub(super) n: u64,
    pub(super) r: u64,
    pub(super) p: u64,
}

/// Why a password was not turned into a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum KdfError {
    /// More than the budget, or than the device has.
    TooExpensive(KdfCost),
    /// Nobody can derive with these parameters: the file is damaged.
    Parameters,
}

impl KdfError {
    /// Returns it as the error of a whole file.
    pub(super) fn of(self, format: Format) -> ImportError {
        match self {
            Self::TooExpensive(cost) => ImportError::TooExpensive { format, cost },
            Self::Parameters => ImportError::Damaged(format, Place::file("key derivation")),
        }
    }
}

/// Returns `PBKDF2-HMAC-hash[salt, rounds](password, len)`, RFC 8018 section 5.2.
///
/// # Errors
/// [`KdfError::TooExpensive`] before any work; [`KdfError::Parameters`] for no rounds at all.
pub(super) fn pbkdf2(
    hash: Hash,
    password: &[u8],
    salt: &[u8],
    rounds: u64,
    len: usize,
    budget: KdfBudget,
) -> Result<SecretBytes, KdfError> {
    let cost = KdfCost { memory_bytes: 0, passes: rounds };
    if !budget.allows(cost) {
        return Err(KdfError::TooExpensive(cost));
    }
    let rounds = match u32::try_from(rounds) {
        Ok(0) | Err(_) => return Err(KdfError::Parameters),
        Ok(rounds) => rounds,
    };
    let mut key = SecretBytes::new(vec![0; len]);
    let derive = match hash {
        Hash::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>,
        Hash::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>,
        Hash::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>,
    };
    derive(password, salt, rounds, key.expose_mut());
    Ok(key)
}

/// Returns `Argon2id[params, salt](password, len)` of version 1.3, RFC 9106.
///
/// # Errors
/// As [`argon2`].
pub(super) fn argon2id(
    password: &[u8],
    salt: &[u8],
    params: Argon2Params,
    len: usize,
    budget: KdfBudget,
) -> Result<SecretBytes, KdfError> {
    argon2(Argon2Kind::Id, password, salt, params, len, budget)
}

/// Returns `Argon2[kind, params, salt](password, len)`, RFC 9106.
///
/// # Errors
/// [`KdfError::TooExpensive`] before any memory is taken, and when there is not as much;
/// [`KdfError::Parameters`] for what Argon2 does not have.
pub(super) fn argon2(
    kind: Argon2Kind,
    password: &[u8],
    salt: &[u8],
    params: Argon2Params,
    len: usize,
    budget: KdfBudget,
) -> Result<SecretBytes, KdfError> {
    let Argon2Params { memory_kib, passes, lanes } = params;
    let cost = KdfCost { memory_bytes: memory_kib.saturating_mul(1024), passes };
    if !budget.allows(cost) {
        return Err(KdfError::TooExpensive(cost));
    }
    // The reference implementation's own limits; RFC 9106 section 3.1 leaves room for more lanes.
    let [memory_kib, passes, lanes] =
        [memory_kib, passes, lanes].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    if lanes > 255 || salt.len() > 1024 {
        return Err(KdfError::Parameters);
    }
    let params =
        argon2::Params::new(memory_kib, passes, lanes, Some(len)).map_err(|_| KdfError::Parameters)?;
    let kind = match kind {
        Argon2Kind::D => (argon2::Algorithm::Argon2d, argon2::Version::V0x13),
        Argon2Kind::Id => (argon2::Algorithm::Argon2id, argon2::Version::V0x13),
        Argon2Kind::OldD => (argon2::Algorithm::Argon2d, argon2::Version::V0x10),
        Argon2Kind::OldId => (argon2::Algorithm::Argon2id, argon2::Version::V0x10),
    };
    kdf::argon2(kind, password, salt, params, len).map_err(|error| match error {
        kdf::Argon2Error::OutOfMemory => KdfError::TooExpensive(cost),
        kdf::Argon2Error::Parameters => KdfError::Parameters,
    })
}

/// Returns `scrypt[params, salt](password, len)`, RFC 7914.
///
/// # Errors
/// [`KdfError::TooExpensive`] before any memory is taken; [`KdfError::Parameters`] for what scrypt does not have.
pub(super) fn scrypt(
    password: &[u8],
    salt: &[u8],
    params: ScryptParams,
    len: usize,
    budget: KdfBudget,
) -> Result<SecretBytes, KdfError> {
    let ScryptParams { n, r, p } = params;
    let cost = KdfCost { memory_bytes: n.saturating_add(p).saturating_mul(r).saturating_mul(128), passes: p };
    if !budget.allows(cost) {
        return Err(KdfError::TooExpensive(cost));
    }
    let [r, p] = [r, p].map(|number| u32::try_from(number).unwrap_or(0));
    if n < 2 || !n.is_power_of_two() {
        return Err(KdfError::Parameters);
    }
    let params = scrypt::Params::new(n.ilog2() as u8, r, p).map_err(|_| KdfError::Parameters)?;
    let mut key = SecretBytes::new(vec![0; len]);
    scrypt::scrypt(password, salt, &params, key.expose_mut()).map_err(|_| KdfError::Parameters)?;
    Ok(key)
}

/// Opens `sealed`, ciphertext and the 16-byte tag behind it, by AES-GCM.
///
/// `None` when the seal does not open, or when the key has not 16 or 32 bytes or the nonce not 12 or 16.
pub(super) fn open_gcm(key: &[u8], nonce: &[u8], aad: &[u8], sealed: &[u8]) -> Option<SecretBytes> {
    match (key.len(), nonce.len()) {
        (16, 12) => open_with(Aes128Gcm::new_from_slice(key).ok()?, nonce, aad, sealed),
        (32, 12) => open_with(Aes256Gcm::new_from_slice(key).ok()?, nonce, aad, sealed),
        (32, 16) => open_with(AesGcm::<Aes256, U16>::new_from_slice(key).ok()?, nonce, aad, sealed),
        _ => None,
    }
}

/// Opens `sealed` by AES-256-CBC with PKCS #7 padding.
///
/// `None` when the padding is none, or when the key has not 32 bytes or the IV not 16. One wrong key in about 256
/// leaves something that looks like padding: look at what comes out.
pub(super) fn open_cbc(key: &[u8], iv: &[u8], sealed: &[u8]) -> Option<SecretBytes> {
    let mut plain = Zeroizing::new(sealed.to_vec());
    let cbc = cbc::Decryptor::<Aes256>::new_from_slices(key, iv).ok()?;
    let len = cbc.decrypt_padded::<Pkcs7>(&mut plain).ok()?.len();
    plain.truncate(len);
    Some(SecretBytes::new(std::mem::take(&mut *plain)))
}

/// Opens sealed JSON by AES-256-GCM with a nonce of 12 bytes, and says why when it does not open.
///
/// # Errors
/// [`SealError`].
pub(super) fn open_gcm_json(key: &[u8], nonce: &[u8], sealed: &[u8]) -> Result<SecretBytes, SealError> {
    let beginning = || {
        // NIST SP 800-38D section 6.5: the first block is under the counter 2.
        let counter: [u8; 16] = [nonce, &[0, 0, 0, 2]].concat().try_into().ok()?;
        let mut block = counter.into();
        Aes256::new_from_slice(key).ok()?.encrypt_block(&mut block);
        let text = sealed.get(..sealed.len().checked_sub(16)?)?;
        Some(Zeroizing::new(block.iter().zip(text).map(|(key, sealed)| key ^ sealed).collect::<Vec<u8>>()))
    };
    open_gcm(key, nonce, b"", sealed).ok_or_else(|| SealError::by(beginning().as_deref()))
}

/// Opens sealed JSON by AES-256-CBC with PKCS #7 padding, and says why when it does not open.
///
/// # Errors
/// [`SealError`].
pub(super) fn open_cbc_json(key: &[u8], iv: &[u8], sealed: &[u8]) -> Result<SecretBytes, SealError> {
    if !sealed.len().is_multiple_of(16) {
        return Err(SealError::Damaged);
    }
    let mut beginning = Zeroizing::new(sealed.get(..16).ok_or(SealError::Damaged)?.to_vec());
    decrypt_cbc_blocks(key, iv, &mut beginning).ok_or(SealError::Damaged)?;
    if !begins_as_json(&beginning) {
        return Err(SealError::Key);
    }
    open_cbc(key, iv, sealed).ok_or(SealError::Damaged)
}

/// Why sealed JSON does not open. A seal alone cannot tell, but 16 bytes under a wrong key do not look like JSON.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum SealError {
    /// The key, and so the password, is another one.
    Key,
    /// The key is right, and what stands behind the first block was changed or cut off.
    Damaged,
}

impl SealError {
    /// Returns it as the error of a whole file, `part` being what is sealed.
    pub(super) fn of(self, format: Format, part: &str) -> ImportError {
        match self {
            Self::Key => ImportError::WrongPassword(format),
            Self::Damaged => ImportError::Damaged(format, Place::file(part)),
        }
    }

    fn by(beginning: Option<&Vec<u8>>) -> Self {
        match beginning {
            Some(bytes) if begins_as_json(bytes) => Self::Damaged,
            Some(_) => Self::Key,
            None => Self::Damaged,
        }
    }
}

/// Tells whether these bytes can begin a JSON list or object with something in it.
fn begins_as_json(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    let Some((b'[' | b'{', rest)) = text.split_first() else { return false };
    let next = rest.trim_ascii_start().first();
    next.is_none_or(|next| b"\"{[]}".contains(next))
        && rest.iter().all(|byte| *byte >= b' ' || byte.is_ascii_whitespace())
}

/// Decrypts whole blocks of 16 bytes in place by AES-256-CBC, without padding.
///
/// `None`, and nothing is decrypted, when the key has not 32 bytes, the IV not 16, or a block is cut off.
pub(super) fn decrypt_cbc_blocks(key: &[u8], iv: &[u8], blocks: &mut [u8]) -> Option<()> {
    let cbc = cbc::Decryptor::<Aes256>::new_from_slices(key, iv).ok()?;
    cbc.decrypt_padded::<NoPadding>(blocks).ok().map(drop)
}

fn open_with<C: AeadInOut>(cipher: C, nonce: &[u8], aad: &[u8], sealed: &[u8]) -> Option<SecretBytes> {
    let mut plain = Zeroizing::new(sealed.to_vec());
    let nonce = Nonce::<C>::try_from(nonce).ok()?;
    cipher.decrypt_in_place(&nonce, aad, &mut *plain).ok()?;
    Some(SecretBytes::new(std::mem::take(&mut *plain)))
}

#[cfg(test)]
pub(super) mod sealing {
    //! The other way round, for the fixtures of every importer's tests.

    use aes::cipher::BlockModeEncrypt;
    use aes_gcm::aead::consts::U12;

    use super::*;

    /// Returns ciphertext and tag by AES-256-GCM; the nonce has 12 or 16 bytes.
    pub(in super::super) fn seal_gcm(key: &[u8], nonce: &[u8], aad: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut sealed = plain.to_vec();
        if nonce.len() == 12 {
            let nonce = Nonce::<AesGcm<Aes256, U12>>::try_from(nonce).unwrap();
            Aes256Gcm::new_from_slice(key).unwrap().encrypt_in_place(&nonce, aad, &mut sealed).unwrap();
        } else {
            let nonce = Nonce::<AesGcm<Aes256, U16>>::try_from(nonce).unwrap();
            let cipher = AesGcm::<Aes256, U16>::new_from_slice(key).unwrap();
            cipher.encrypt_in_place(&nonce, aad, &mut sealed).unwrap();
        }
        sealed
    }

    /// Returns the ciphertext by AES-256-CBC with PKCS #7 padding.
    pub(in super::super) fn seal_cbc(key: &[u8], iv: &[u8], plain: &[u8]) -> Vec<u8> {
        let cbc = cbc::Encryptor::<Aes256>::new_from_slices(key, iv).unwrap();
        cbc.encrypt_padded_vec::<Pkcs7>(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::sealing::{seal_cbc, seal_gcm};
    use super::*;

    const KEY: [u8; 32] = *b"0123456789abcdef0123456789abcdef";

    #[track_caller]
    fn check(key: Result<SecretBytes, KdfError>, expected: &str) {
        let hex: String = key.unwrap().expose().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }

    /// RFC 6070 for SHA-1; for the others `openssl kdf -keylen 20 -kdfopt digest:SHA256 -kdfopt pass:password
    /// -kdfopt salt:salt -kdfopt iter:4096 PBKDF2`.
    #[test]
    fn pbkdf2_gives_what_rfc_6070_and_openssl_give() {
        for (hash, expected) in [
            (Hash::Sha1, "4b007901b765489abead49d926f721d065a429c1"),
            (Hash::Sha256, "c5e478d59288c841aa530db6845c4c8d962893a0"),
            (Hash::Sha512, "d197b1b33db0143e018b12f3d1d1479e6cdebdcc"),
        ] {
            check(pbkdf2(hash, b"password", b"salt", 4096, 20, KdfBudget::PHONE), expected);
        }
    }

    /// RFC 7914 section 12.
    #[test]
    fn scrypt_gives_what_rfc_7914_gives() {
        let params = ScryptParams { n: 16, r: 1, p: 1 };
        check(
            scrypt(b"", b"", params, 64, KdfBudget::PHONE),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442\
             fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
        );
    }

    /// By Python's cryptography 48 over OpenSSL: `Argon2id(salt=b"saltsalt", length=32, iterations=2, lanes=1,
    /// memory_cost=64).derive(b"password")`.
    #[test]
    fn argon2id_gives_what_openssl_gives() {
        let params = Argon2Params { memory_kib: 64, passes: 2, lanes: 1 };
        check(
            argon2id(b"password", b"saltsalt", params, 32, KdfBudget::PHONE),
            "e74503f7bcb438e4d537b71ad25022224c4015b2683bc218324a48dcea3a6a46",
        );
    }

    /// By the same, with `Argon2d`.
    #[test]
    fn argon2d_gives_what_openssl_gives() {
        let params = Argon2Params { memory_kib: 64, passes: 2, lanes: 1 };
        check(
            argon2(Argon2Kind::D, b"password", b"saltsalt", params, 32, KdfBudget::PHONE),
            "d43a673f4f3cdd43681ace7ae5c55ced69faa4ad5a3eccc3abd614c58854b611",
        );
    }

    #[test]
    fn what_is_beyond_the_budget_is_refused_with_its_cost_before_any_work() {
        let budget = KdfBudget { memory_bytes: 1 << 20, passes: 10 };
        let too_expensive =
            |memory_bytes, passes| Err(KdfError::TooExpensive(KdfCost { memory_bytes, passes }));
        assert_eq!(pbkdf2(Hash::Sha1, b"", b"", u64::MAX, 32, budget), too_expensive(0, u64::MAX));
        let params = Argon2Params { memory_kib: 1025, passes: 1, lanes: 1 };
        assert_eq!(argon2id(b"", b"saltsalt", params, 32, budget), too_expensive(1025 * 1024, 1));
        let params = Argon2Params { memory_kib: u64::MAX, passes: u64::MAX, lanes: 1 };
        assert_eq!(argon2id(b"", b"saltsalt", params, 32, budget), too_expensive(u64::MAX, u64::MAX));
        let params = ScryptParams { n: 1 << 62, r: 8, p: 1 };
        assert_eq!(scrypt(b"", b"", params, 32, budget), too_expensive(u64::MAX, 1));
    }

    #[test]
    fn parameters_that_nobody_can_use_are_damage() {
        let budget = KdfBudget::PHONE;
        assert_eq!(pbkdf2(Hash::Sha1, b"", b"", 0, 32, budget), Err(KdfError::Parameters));
        for (memory_kib, passes, lanes, salt) in [
            (64, 0, 1, 16),
            (64, 1, 0, 16),
            (7, 1, 1, 16),
            (64, 1, 16, 16),
            (64, 1, 1, 4),
            (65_536, 1, 256, 16),
        ] {
            let params = Argon2Params { memory_kib, passes, lanes };
            assert_eq!(
                argon2id(b"", &vec![0; salt], params, 32, budget),
                Err(KdfError::Parameters),
                "{params:?}"
            );
        }
        for (n, r, p) in [(0, 8, 1), (3, 8, 1), (1, 8, 1), (16, 0, 1), (16, 8, 0)] {
            let params = ScryptParams { n, r, p };
            assert_eq!(scrypt(b"", b"", params, 32, budget), Err(KdfError::Parameters), "{params:?}");
        }
    }

    /// By Python's cryptography 48: `AESGCM(key).encrypt(nonce, b"hello", b"aad")`, and AES-CBC with PKCS #7.
    #[test]
    fn seals_made_by_another_library_open() {
        for (key, nonce, sealed) in [
            (&KEY[..], &[7; 12][..], "dce79b6b60b70b011020bf27ae10f21220ac42e2e9"),
            (&KEY, &[7; 16], "28df6bc75c9461df98861a821748472c373c2474e2"),
            (&KEY[..16], &[7; 12], "93e265791a9330f3f0367eb079abfa1a1ec0bd3feb"),
        ] {
            assert_eq!(open_gcm(key, nonce, b"aad", &bytes(sealed)).unwrap().expose(), b"hello");
        }
        let sealed = bytes("5c87771a35b078032a67f79ffed3cf8d");
        assert_eq!(open_cbc(&KEY, &[9; 16], &sealed).unwrap().expose(), b"hello");
    }

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
    }

    #[test]
    fn a_changed_seal_does_not_open() {
        for nonce in [&[7; 12][..], &[7; 16]] {
            let sealed = seal_gcm(&KEY, nonce, b"aad", b"hello");
            assert_eq!(open_gcm(&KEY, nonce, b"aad", &sealed).unwrap().expose(), b"hello");
            for bit in 0..sealed.len() * 8 {
                let mut changed = sealed.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(open_gcm(&KEY, nonce, b"aad", &changed), None);
            }
            assert_eq!(open_gcm(&KEY, nonce, b"", &sealed), None);
            assert_eq!(open_gcm(&KEY, nonce, b"aad", &sealed[..15]), None);
            assert_eq!(open_gcm(&KEY[1..], nonce, b"aad", &sealed), None);
        }
        assert_eq!(open_gcm(&KEY, &[7; 13], b"", &[0; 32]), None);
    }

    #[track_caller]
    fn check_seal(opened: Result<SecretBytes, SealError>, expected: Result<&[u8], SealError>) {
        assert_eq!(opened.as_ref().map(SecretBytes::expose), expected.as_ref().copied());
    }

    #[test]
    fn a_wrong_key_is_told_from_damage_behind_the_first_block() {
        let json = b"[ {\"name\": \"ann\", \"secret\": \"JBSWY3DP\"}]";
        let (gcm, cbc) = (seal_gcm(&KEY, &[7; 12], b"", json), seal_cbc(&KEY, &[7; 16], json));
        check_seal(open_gcm_json(&KEY, &[7; 12], &gcm), Ok(json));
        check_seal(open_cbc_json(&KEY, &[7; 16], &cbc), Ok(json));
        for other in 0..200 {
            let mut key = KEY;
            key[3] ^= other + 1;
            check_seal(open_gcm_json(&key, &[7; 12], &gcm), Err(SealError::Key));
            check_seal(open_cbc_json(&key, &[7; 16], &cbc), Err(SealError::Key));
        }
        for at in 17..gcm.len() {
            let mut changed = gcm.clone();
            changed[at] ^= 1;
            check_seal(open_gcm_json(&KEY, &[7; 12], &changed), Err(SealError::Damaged));
            check_seal(open_gcm_json(&KEY, &[7; 12], &gcm[..at]), Err(SealError::Damaged));
        }
        check_seal(open_cbc_json(&KEY, &[7; 16], &cbc[..32]), Err(SealError::Damaged));
        check_seal(open_cbc_json(&KEY, &[7; 16], &cbc[..40]), Err(SealError::Damaged));
        check_seal(open_cbc_json(&KEY, &[7; 16], &[]), Err(SealError::Damaged));
        check_seal(open_gcm_json(&KEY, &[7; 12], &gcm[..15]), Err(SealError::Damaged));
    }

    #[test]
    fn padding_and_lengths_are_checked() {
        let sealed = seal_cbc(&KEY, &[9; 16], b"hello, hello, hello");
        assert_eq!(open_cbc(&KEY, &[9; 16], &sealed).unwrap().expose(), b"hello, hello, hello");
        assert_eq!(open_cbc(&KEY, &[9; 16], &sealed[..16]), None);
        assert_eq!(open_cbc(&KEY, &[9; 16], &sealed[..17]), None);
        assert_eq!(open_cbc(&KEY, &[9; 16], b""), None);
        assert_eq!(open_cbc(&KEY, &[9; 15], &sealed), None);
        let mut blocks = sealed.clone();
        decrypt_cbc_blocks(&KEY, &[9; 16], &mut blocks).unwrap();
        assert_eq!(blocks, b"hello, hello, hello\x0d\x0d\x0d\x0d\x0d\x0d\x0d\x0d\x0d\x0d\x0d\x0d\x0d");
        assert_eq!(decrypt_cbc_blocks(&KEY, &[9; 16], &mut blocks[1..]), None);
    }
}
