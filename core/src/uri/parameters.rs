//! The part of a URI after `?`: taking it apart, and its parameters that we know.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::UriError;

/// The parameters that mean something to us; an account never has one of them in
/// [`Account::extra`](crate::account::Account::extra), and printing leaves it out if it has.
pub const KNOWN_PARAMETERS: [&str; 10] =
    ["algorithm", "counter", "digits", "encoder", "issuer", "klink_name", "period", "pin", "secret", "steam"];

/// The parameters of a query, not yet checked; those that we know are as they stand in the text.
#[derive(Default)]
pub(super) struct Parameters<'a> {
    pub(super) algorithm: Option<&'a str>,
    pub(super) counter: Option<&'a str>,
    pub(super) digits: Option<&'a str>,
    pub(super) encoder: Option<&'a str>,
    pub(super) issuer: Option<&'a str>,
    /// Our own: the account name, where a label would not read back as it was. The issuer is then exact too.
    pub(super) exact_name: Option<&'a str>,
    pub(super) period: Option<&'a str>,
    pub(super) pin: Option<&'a str>,
    pub(super) secret: Option<&'a str>,
    pub(super) steam: Option<&'a str>,
    /// All others, decoded, in their order.
    pub(super) extra: Vec<(String, String)>,
}

impl<'a> Parameters<'a> {
    /// Takes `query` apart. Names count in any case; of two equal names the first counts.
    ///
    /// # Errors
    ///
    /// [`UriError::TwoSecrets`].
    pub(super) fn read(query: &'a str) -> Result<Self, UriError> {
        let mut read = Self::default();
        for piece in query.split('&').filter(|piece| !piece.is_empty()) {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            // Pages that escaped the link for HTML leave `&amp;` in it.
            let name = decode_form(name.strip_prefix("amp;").unwrap_or(name));
            match read.known(&name) {
                Some(slot @ None) => *slot = Some(value),
                Some(Some(earlier)) if name.eq_ignore_ascii_case("secret") && *earlier != value => {
                    return Err(UriError::TwoSecrets);
                }
                Some(Some(_)) => {}
                None => read.extra.push((name.into_owned(), decode_form(value).into_owned())),
            }
        }
        read.take_period_off_issuer();
        Ok(read)
    }

    /// Returns where the parameter called `name` goes; `None` when it means nothing to us.
    fn known(&mut self, name: &str) -> Option<&mut Option<&'a str>> {
        let slots = [
            &mut self.algorithm,
            &mut self.counter,
            &mut self.digits,
            &mut self.encoder,
            &mut self.issuer,
            &mut self.exact_name,
            &mut self.period,
            &mut self.pin,
            &mut self.secret,
            &mut self.steam,
        ];
        let mut named = KNOWN_PARAMETERS.into_iter().zip(slots);
        named.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, slot)| slot)
    }

    /// Mends `issuer=Shopperiod=30`: some issuers forget the `&`.
    fn take_period_off_issuer(&mut self) {
        if let Some((issuer, period)) = self.issuer.and_then(|issuer| issuer.split_once("period=")) {
            self.issuer = Some(issuer);
            self.period = self.period.or(Some(period));
        }
    }
}

/// Tells whether a parameter called `name` means something to us.
pub(super) fn is_known(name: &str) -> bool {
    KNOWN_PARAMETERS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Decodes percent escapes, and `+` as the space that forms write so.
pub(super) fn decode_form(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte == b'+') {
        return Cow::Owned(decode(&text.replace('+', " ")).into_owned());
    }
    decode(text)
}

/// Decodes percent escapes. A `%` without two hex digits stays; escapes that are no UTF-8 count as Latin-1.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte != b'%') {
        return Cow::Borrowed(text);
    }
    let escapes = percent_decode_str(text);
    escapes.clone().decode_utf8().unwrap_or_else(|_| Cow::Owned(escapes.map(char::from).collect()))
}

/// Calls `read` with the decoded `text`; what is decoded is wiped, and never moves before that.
pub(super) fn with_decoded_secret<R>(text: &str, read: impl FnOnce(&str) -> R) -> R {
    if !text.contains('%') {
        return read(text);
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    bytes.extend(percent_decode_str(text));
    read(&String::from_utf8_lossy(&bytes))
}
