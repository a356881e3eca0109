//! A page to print and put in a drawer: a QR code, the names and the link of each account. No script, nothing fetched.

use super::ExportError;
use super::drawing::Drawing;
use super::record::Record;
use crate::secret::SecretBytes;
use crate::uri;

/// The words on the sheet: the core has none of its own.
#[derive(Clone, Debug)]
pub struct SheetWords {
    /// The language of the words, as BCP 47 writes it.
    pub language: String,
    /// The title, for instance with the date.
    pub title: String,
    /// What to do with the paper, and what not.
    pub warning: String,
    /// What stands for an account without a name.
    pub nameless: String,
}

const STYLE: &str = "\
body{font:14px/1.4 system-ui,sans-serif;margin:2em;color:#000;background:#fff}\
.w{border:2px solid #000;padding:.6em 1em;max-width:44em}\
article{display:flex;gap:1.5em;align-items:center;break-inside:avoid;border-top:1px solid #999;padding:1em 0}\
svg{width:4.5cm;height:4.5cm;flex:none}h2{font-size:1.1em;margin:0 0 .3em}\
code{overflow-wrap:anywhere;font-size:11px}";

pub(super) fn write(
    records: &[Record],
    words: &SheetWords,
    go_on: &dyn Fn() -> Result<(), ExportError>,
) -> Result<SecretBytes, ExportError> {
    let SheetWords { language, title, warning, nameless } = words;
    let (title, warning) = (escaped(title), escaped(warning));
    let mut pieces = vec![format!(
        "<!doctype html>\n<html lang=\"{}\"><meta charset=\"utf-8\"><title>{title}</title>\n<style>{STYLE}</style>\n\
         <h1>{title}</h1>\n<p class=\"w\">{warning}</p>\n",
        escaped(language)
    )];
    for record in records {
        go_on()?;
        let account = &record.account;
        let name = match (account.issuer.is_empty(), account.account_name.is_empty()) {
            (false, false) => format!("{} · {}", account.issuer, account.account_name),
            (false, true) => account.issuer.clone(),
            (true, false) => account.account_name.clone(),
            (true, true) => nameless.clone(),
        };
        let link = uri::print(account);
        let code = Drawing::of(link.expose()).map(|code| code.svg()).unwrap_or_default();
        let (name, note) = (escaped(&name), escaped(&record.note));
        pieces.push(format!(
            "<article>{code}<div><h2>{name}</h2><p>{note}</p><code>{}</code></div></article>\n",
            escaped(link.expose())
        ));
    }
    pieces.push("</html>\n".to_owned());
    let pieces: Vec<SecretBytes> =
        pieces.into_iter().map(|piece| SecretBytes::new(piece.into_bytes())).collect();
    let mut page = Vec::with_capacity(pieces.iter().map(SecretBytes::len).sum());
    pieces.iter().for_each(|piece| page.extend_from_slice(piece.expose()));
    Ok(SecretBytes::new(page))
}

/// Escapes a text for an element or an attribute in double quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A browser would take it for the end of the text, or refuse it.
            '\0' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
