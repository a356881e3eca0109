//! Archives for the tests, made the other way round.

use std::io::{Cursor, Write};

use zip::unstable::write::FileOptionsExt;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

/// How a file of a test's archive is sealed.
#[derive(Clone, Copy)]
pub(in super::super) enum Seal<'a> {
    None,
    ZipCrypto(&'a str),
    Aes(&'a str),
}

/// Returns an archive of `files`, each with its path.
pub(in super::super) fn pack(files: &[(&str, &[u8])], method: CompressionMethod, seal: Seal<'_>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (path, bytes) in files {
        let options = match seal {
            Seal::None => options.into_full_options(),
            Seal::ZipCrypto(password) => {
                options.with_deprecated_encryption(password.as_bytes()).unwrap().into_full_options()
            }
            Seal::Aes(password) => options.with_aes_encryption(AesMode::Aes256, password).into_full_options(),
        };
        zip.start_file(*path, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
