//! Other apps' exports: says what a file is, and takes every account out of it that can be had.
//!
//! [`detect`] looks at content alone, so that a damaged file still says what it is; [`open`] reads. One bad entry
//! never stops a file: it becomes a [`Problem`] with a place and a reason. One file per format, registered in
//! `formats.rs`; what each one keeps and cannot keep is in `docs/importers.md`. Nothing here touches the vault.

mod aegis;
mod andotp;
mod archive;
mod authenticator_plus;
mod authy;
mod battle_net;
mod bitwarden;
mod budget;
mod ciphers;
mod cxf;
mod database;
mod duo;
mod elsewhere;
mod encodings;
mod ente;
mod error;
mod format;
mod formats;
mod found;
mod free_otp;
mod free_otp_1;
mod free_otp_2;
mod google_database;
mod html;
mod java_map;
mod json;
mod keepass;
mod lastpass;
mod links;
mod microsoft;
mod one_password;
mod openpgp;
mod parts;
mod pictures;
mod privacyidea;
mod proton;
mod raivo;
mod secretstream;
mod sight;
mod sqlcipher;
mod steam;
mod stratum;
mod totp_authenticator;
mod two_fas;
mod winauth;
mod xml;

pub use budget::{KdfBudget, KdfCost};
pub use error::{ImportError, Needs, NotReadable};
pub use format::Format;
pub use formats::{detect, open, within_limits};
pub use found::{Entry, Icon, Imported, Place, Problem, Reason};

use crate::secret::{SecretBytes, SecretText};

/// The most that is read, in bytes, all sources together.
pub const MAX_SOURCE_BYTES: usize = 64 * 1024 * 1024;

/// The most sources of one import: as many pictures may a long migration have.
pub const MAX_SOURCES: usize = 1000;

/// The most entries that are read of one file; further ones are counted and named in one problem.
pub const MAX_ENTRIES: usize = 10_000;

/// One file or picture. Several make one import where an app writes several: parts of a migration, a database
/// and its `-wal`, the two files of Authy.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The file's name; it only breaks ties.
    pub name: &'a str,
    /// The whole file.
    pub bytes: &'a [u8],
}

/// What opens an encrypted file.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// The password, as the user typed it.
    pub password: Option<SecretText>,
    /// The key file of a KeePass database.
    pub key_file: Option<SecretBytes>,
}
