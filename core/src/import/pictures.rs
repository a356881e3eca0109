//! Pictures with codes in them: of one account, or of a part of a Google migration; several in one picture too.

use super::Source;
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::Place;
use super::links::{self, Links};
use super::sight::Sight;
use crate::qr::{self, QrError};

pub(super) const IMPORTER: Importer = Importer::new(Format::Picture, knows, links::read).of_links();

fn knows(sight: &Sight<'_>) -> bool {
    let webp = sight.begins(b"RIFF") && sight.source.bytes.get(8..12) == Some(b"WEBP");
    // BMP has only two letters of its own; a text may begin with them.
    let bmp = sight.begins(b"BM") && sight.source.bytes.get(6..10) == Some(&[0; 4]);
    webp || bmp
        || [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"GIF8"].iter().any(|magic| sight.begins(magic))
}

/// Takes every code of a picture. One of several pictures that shows none is named; a single one gives an error.
pub(super) fn read(
    source: &Source<'_>,
    number: usize,
    links: &mut Links,
    opening: &Opening<'_>,
) -> Result<(), ImportError> {
    let alone = opening.sources.len() == 1;
    match qr::read_image(source.bytes, opening.stop) {
        Ok(scan) if scan.stopped => Err(ImportError::Stopped),
        Ok(scan) if scan.found.is_empty() && alone => Err(ImportError::NotRecognised),
        Ok(scan) => {
            if scan.found.is_empty() {
                links.take_nothing(number);
            }
            let texts = scan.found.iter().map(|found| found.text.as_deref().unwrap_or(""));
            texts.for_each(|text| links.take(text, number, true));
            Ok(())
        }
        Err(error) if alone => Err(match error {
            QrError::TooManyPixels { .. } | QrError::TooMuchMemory => {
                ImportError::TooLarge(source.bytes.len() as u64)
            }
            QrError::Format
            | QrError::Damaged
            | QrError::Empty
            | QrError::Stride { .. }
            | QrError::Short { .. } => ImportError::Damaged(Format::Picture, Place::default()),
        }),
        Err(_) => {
            links.take_nothing(number);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
