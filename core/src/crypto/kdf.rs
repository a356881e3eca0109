//! From what a person or a device gives to keys: Argon2id (RFC 9106) and HKDF-SHA256 (RFC 5869).

use argon2::{Argon2, Block, Params, Version};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::scrub_stack;
use crate::secret::SecretBytes;

/// How much work turns a passphrase into a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KdfParams {
    mem_kib: u32,
    passes: u32,
    lanes: u32,
}

/// Why a passphrase was not turned into a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KdfError {
    /// Less work than is safe: at least 32 MiB and 3 passes.
    #[error("{mem_kib} KiB and {passes} passes are too little work")]
    TooWeak {
        /// Memory in KiB.
        mem_kib: u32,
        /// Passes over the memory.
        passes: u32,
    },
    /// More than we ever ask of a device: refused before any memory was taken.
    #[error("{mem_kib} KiB, {passes} passes and {lanes} lanes are beyond the limits")]
    TooExpensive {
        /// Memory in KiB.
        mem_kib: u32,
        /// Passes over the memory.
        passes: u32,
        /// Lanes that run side by side.
        lanes: u32,
    },
    /// The device has not that much memory now.
    #[error("not enough memory for {mem_kib} KiB")]
    OutOfMemory {
        /// Memory in KiB.
        mem_kib: u32,
    },
}

impl KdfParams {
    /// 64 MiB, 3 passes, 4 lanes: the second choice of RFC 9106 section 4.
    pub const DEFAULT: Self = Self { mem_kib: 64 * 1024, passes: 3, lanes: 4 };
    /// 32 MiB, 6 passes, 4 lanes: for a device that cannot take 64 MiB.
    pub const SMALL: Self = Self { mem_kib: 32 * 1024, passes: 6, lanes: 4 };

    /// Below this a guess is too cheap.
    const LEAST_MS: u64 = 400;
    const LEAST_MEM_KIB: u32 = 32 * 1024;
    const LEAST_PASSES: u32 = 3;
    const MOST_MEM_KIB: u32 = 256 * 1024;
    const MOST_PASSES: u32 = 16;
    const MOST_LANES: u32 = 8;

    /// Checks parameters for a new slot: at least 32 MiB and 3 passes, at most 256 MiB, 16 passes, 8 lanes.
    ///
    /// # Errors
    /// [`KdfError::TooWeak`], [`KdfError::TooExpensive`].
    pub fn new(mem_kib: u32, passes: u32, lanes: u32) -> Result<Self, KdfError> {
        if mem_kib < Self::LEAST_MEM_KIB || passes < Self::LEAST_PASSES {
            return Err(KdfError::TooWeak { mem_kib, passes });
        }
        Self::read(mem_kib, passes, lanes)
    }

    /// Checks parameters that stand in a file: only the upper limits, and what Argon2 itself needs.
    pub(crate) fn read(mem_kib: u32, passes: u32, lanes: u32) -> Result<Self, KdfError> {
        let within = mem_kib <= Self::MOST_MEM_KIB && (1..=Self::MOST_PASSES).contains(&passes);
        if !within || !(1..=Self::MOST_LANES).contains(&lanes) || mem_kib < 8 * lanes {
            return Err(KdfError::TooExpensive { mem_kib, passes, lanes });
        }
        Ok(Self { mem_kib, passes, lanes })
    }

    /// Returns the memory in KiB.
    pub fn mem_kib(self) -> u32 {
        self.mem_kib
    }

    /// Returns the passes over the memory.
    pub fn passes(self) -> u32 {
        self.passes
    }

    /// Returns the lanes that run side by side.
    pub fn lanes(self) -> u32 {
        self.lanes
    }

    /// Returns parameters that take 0.4 s or a little more on this device: memory first, then passes.
    ///
    /// `measure` does the work once ([`KdfParams::try_out`]) and returns how many milliseconds it took; `None` when the
    /// device could not.
    pub fn calibrated(mut measure: impl FnMut(Self) -> Option<u64>) -> Self {
        let mut params = Self::DEFAULT;
        loop {
            match measure(params) {
                None => return Self::SMALL,
                Some(ms) if ms >= Self::LEAST_MS => return params,
                Some(_) => {}
            }
            let more = if params.mem_kib < Self::MOST_MEM_KIB {
                Self::new(params.mem_kib * 2, params.passes, params.lanes)
            } else {
                Self::new(params.mem_kib, params.passes + 1, params.lanes)
            };
            match more {
                Ok(more) => params = more,
                Err(_) => return params,
            }
        }
    }

    /// Does the work once and throws the result away, so that a caller with a clock can measure it.
    ///
    /// # Errors
    /// [`KdfError::OutOfMemory`].
    pub fn try_out(self) -> Result<(), KdfError> {
        derive_from_passphrase(b"how long does it take", &[0; 16], self, 64).map(drop)
    }
}

/// Returns `Argon2id[params, salt](passphrase, len)`. The work memory is wiped; the call cannot be stopped.
///
/// # Errors
/// [`KdfError::OutOfMemory`].
#[inline(never)]
pub fn derive_from_passphrase(
    passphrase: &[u8],
    salt: &[u8; 16],
    params: KdfParams,
    len: usize,
) -> Result<SecretBytes, KdfError> {
    let KdfParams { mem_kib, passes, lanes } = params;
    let argon =
        Params::new(mem_kib, passes, lanes, Some(len)).expect("the limits of Argon2 are wider than ours");
    let kind = (argon2::Algorithm::Argon2id, Version::V0x13);
    argon2(kind, passphrase, salt, argon, len).map_err(|_| KdfError::OutOfMemory { mem_kib })
}

/// Why Argon2 gave no key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Argon2Error {
    /// The device has not that much memory now.
    OutOfMemory,
    /// The salt has fewer than 8 bytes, or the library refuses something else.
    Parameters,
}

/// Returns `Argon2[kind, params, salt](passphrase, len)` for parameters that the caller has capped; the work memory
/// is wiped.
#[inline(never)]
pub(crate) fn argon2(
    kind: (argon2::Algorithm, Version),
    passphrase: &[u8],
    salt: &[u8],
    params: Params,
    len: usize,
) -> Result<SecretBytes, Argon2Error> {
    let blocks = params.block_count();
    let mut memory: Zeroizing<Vec<Block>> = Zeroizing::new(Vec::new());
    memory.try_reserve_exact(blocks).map_err(|_| Argon2Error::OutOfMemory)?;
    memory.resize(blocks, Block::default());
    let mut key = SecretBytes::new(vec![0; len]);
    Argon2::new(kind.0, kind.1, params)
        .hash_password_into_with_memory(passphrase, salt, key.expose_mut(), &mut memory[..])
        .map_err(|_| Argon2Error::Parameters)?;
    scrub_stack();
    Ok(key)
}

/// Returns `HKDF-SHA256[salt, info](secret, len)`.
#[inline(never)]
pub fn derive(secret: &[u8], salt: &[u8], info: &str, len: usize) -> SecretBytes {
    let mut key = SecretBytes::new(vec![0; len]);
    Hkdf::<Sha256>::new(Some(salt), secret)
        .expand(info.as_bytes(), key.expose_mut())
        .expect("HKDF-SHA256 gives up to 8,160 bytes");
    scrub_stack();
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_beyond_the_limits_are_refused_before_memory_is_taken() {
        for (mem_kib, passes, lanes) in [
            (u32::MAX, 3, 4),
            (256 * 1024 + 1, 3, 4),
            (65_536, u32::MAX, 1),
            (65_536, 17, 1),
            (65_536, 3, 9),
            (65_536, 3, 1 << 24),
            (65_536, 0, 1),
            (65_536, 3, 0),
        ] {
            assert_eq!(
                KdfParams::read(mem_kib, passes, lanes),
                Err(KdfError::TooExpensive { mem_kib, passes, lanes })
            );
        }
    }

    #[test]
    fn weak_parameters_are_read_but_never_made() {
        assert!(KdfParams::read(64, 1, 1).is_ok());
        assert_eq!(KdfParams::new(64, 1, 1), Err(KdfError::TooWeak { mem_kib: 64, passes: 1 }));
        assert_eq!(KdfParams::new(65_536, 2, 1), Err(KdfError::TooWeak { mem_kib: 65_536, passes: 2 }));
    }

    /// `openssl kdf -keylen 42 -kdfopt digest:SHA256 -kdfopt info:klink/1/test … HKDF`, version 3.0.19.
    #[test]
    fn hkdf_gives_what_openssl_gives() {
        let key = derive(&[0x0b; 22], &(0..=0x0c).collect::<Vec<u8>>(), "klink/1/test", 42);
        assert_eq!(
            hex(key.expose()),
            "f68cd1d6b438dfa1572ddaab4ce37bcd7235c6b1664e321fe67089f8246d881e23d5c0dbdf546849dff2"
        );
    }

    /// By the reference implementation (argon2-cffi 25.1), with four lanes and with one.
    #[test]
    fn argon2id_gives_what_the_reference_implementation_gives() {
        for (lanes, expected) in [
            (
                4,
                "53c17346168770b73bbde5eb22385331064acd4778b12f28b8d57810dd3aadccc7c83235303055bd11bda91503bab49d316ee3e6643f2f93f5e4e32ba50dcf89",
            ),
            (
                1,
                "d7ac4e81b1afbb139d5267025ea04530566e4f1d2e8ec593ff7f2d7b977b241c419ca40241f0b713f35868fc3b32887687a57d779888c6098b5e04636e1a31fe",
            ),
        ] {
            let params = KdfParams::new(32 * 1024, 3, lanes).unwrap();
            let key = derive_from_passphrase(b"correct horse", b"sixteen bytes ok", params, 64).unwrap();
            assert_eq!(hex(key.expose()), expected);
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
