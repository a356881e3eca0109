//! Pages of links, as Stratum writes them, or of pictures of links, as Aegis does.
//!
//! Sources: `HtmlBackup` of stratumauth/app; `VaultHtmlExporter` of beemdevelopment/Aegis.

use html5gum::{Token, Tokenizer};
use zeroize::Zeroizing;

use super::encodings::base64;
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::Place;
use super::links::{self, Links};
use super::sight::Sight;
use super::{Source, encodings};
use crate::qr;
use crate::secret::SecretBytes;

pub(super) const IMPORTER: Importer = Importer::new(Format::Html, knows, links::read).of_links();

fn knows(sight: &Sight<'_>) -> bool {
    sight.text_begins("<!doctype html") || sight.text_begins("<html")
}

/// Takes every text of the page that is a link; of a page without any, the codes in its pictures.
pub(super) fn read(
    source: &Source<'_>,
    number: usize,
    links: &mut Links,
    opening: &Opening<'_>,
) -> Result<(), ImportError> {
    let mut page = Page::default();
    for Ok(token) in Tokenizer::new(encodings::without_mark(source.bytes)) {
        opening.go_on()?;
        match token {
            Token::String(text) => page.text.extend_from_slice(&text),
            Token::StartTag(tag) => {
                page.end_of_text();
                if *tag.name == *b"img" {
                    let address = tag.attributes.get(&b"src"[..]).map(|address| address.value.to_vec());
                    page.pictures.extend(address.as_deref().and_then(picture));
                }
            }
            Token::EndTag(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => page.end_of_text(),
        }
    }
    page.end_of_text();
    for link in &page.links {
        links.take(link, number, false);
    }
    if page.links.is_empty() {
        page.take_pictures(number, links, opening)?;
    }
    Ok(())
}

#[derive(Default)]
struct Page {
    /// The text since the last tag.
    text: Zeroizing<Vec<u8>>,
    links: Vec<Zeroizing<String>>,
    pictures: Vec<SecretBytes>,
}

impl Page {
    fn end_of_text(&mut self) {
        let text = Zeroizing::new(String::from_utf8_lossy(&self.text).into_owned());
        self.text.clear();
        if links::SCHEMES.iter().any(|scheme| links::begins(text.trim(), scheme)) {
            self.links.push(text);
        }
    }

    fn take_pictures(
        self,
        number: usize,
        links: &mut Links,
        opening: &Opening<'_>,
    ) -> Result<(), ImportError> {
        if self.pictures.is_empty() {
            return Err(ImportError::Damaged(Format::Html, Place::file("links")));
        }
        for picture in self.pictures {
            opening.go_on()?;
            let texts = qr::read_image(picture.expose(), opening.stop).map_or(Vec::new(), |scan| {
                scan.found.into_iter().filter_map(|found| found.text).collect::<Vec<_>>()
            });
            if texts.is_empty() {
                links.take_nothing(number);
            }
            texts.iter().for_each(|text| links.take(text, number, false));
        }
        Ok(())
    }
}

/// Returns the picture that a `data:` address holds, RFC 2397.
fn picture(address: &[u8]) -> Option<SecretBytes> {
    let address = std::str::from_utf8(address).ok()?;
    let (kind, data) = address.strip_prefix("data:image/")?.split_once(',')?;
    base64(data).filter(|_| kind.ends_with(";base64"))
}

#[cfg(test)]
mod tests;
