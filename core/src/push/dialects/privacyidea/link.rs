//! The QR code of a set-up page: `otpauth://pipush/`, `pia://pipush/` and `edumfa-push://edumfa/`.

use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

use super::super::super::enrolment::OfferError;
use super::super::super::wire::{Label, Origin};
use crate::secret::SecretText;

/// A link that enrols; nobody vouches for it. Whoever sends its credential first owns the token.
#[derive(Clone)]
pub struct Link {
    text: String,
    url: String,
    origin: Origin,
    serial: String,
    credential: SecretText,
    issuer: String,
    account_name: String,
    ttl_s: i64,
    edumfa: bool,
}

/// Characters of a link; the servers' own have 220.
const CAP: usize = 4096;
/// How long an offer is good when it does not say, in minutes: what the vendor's app takes.
const TTL_MIN: i64 = 3;

impl Link {
    /// Tells whether a text is meant as such a link.
    pub fn is_meant(text: &str) -> bool {
        let starts =
            |with: &str| text.trim().get(..with.len()).is_some_and(|is| is.eq_ignore_ascii_case(with));
        starts("otpauth://pipush/") || starts("pia://pipush/") || starts("edumfa-push://")
    }

    /// Reads a link. `sslverify=0` is passed over: certificates are always checked.
    ///
    /// # Errors
    /// [`OfferError::Link`] with a parameter twice or missing; `UpdateApp` for another version; `NotHttps`; `Claims` for
    /// a name that is no line for people.
    pub fn parse(text: &str) -> Result<Self, OfferError> {
        let text = text.trim();
        if text.len() > CAP || !Self::is_meant(text) {
            return Err(OfferError::Link);
        }
        let link = Url::parse(text).map_err(|_| OfferError::Link)?;
        let edumfa = link.scheme() == "edumfa-push";
        let mut parameters = BTreeMap::new();
        for (name, value) in link.query_pairs() {
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(OfferError::Link);
            }
        }
        let needed = |name: &str| {
            parameters.get(name).filter(|value| !value.is_empty()).cloned().ok_or(OfferError::Link)
        };
        if needed("v")? != "1" {
            return Err(OfferError::UpdateApp);
        }
        let (url, origin) = address(&needed("url")?)?;
        let (serial, credential) = (needed("serial")?, needed("enrollment_credential")?);
        let plain = |text: &str, most| text.len() <= most && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain(&serial, 64) || !plain(&credential, 256) {
            return Err(OfferError::Link);
        }
        let ttl = match parameters.get("ttl") {
            Some(minutes) => {
                minutes.parse().ok().filter(|m| (1..=1440).contains(m)).ok_or(OfferError::Link)?
            }
            None => TTL_MIN,
        };
        let label = percent_decode_str(link.path().trim_start_matches('/')).decode_utf8();
        let label = label.map_err(|_| OfferError::Link)?.into_owned();
        let issuer = parameters.get("issuer").cloned().unwrap_or_default();
        let (issuer, account_name) = names(issuer, label, &serial);
        if issuer.parse::<Label>().is_err() || account_name.parse::<Label>().is_err() {
            return Err(OfferError::Claims);
        }
        Ok(Self {
            text: text.to_owned(),
            url,
            origin,
            serial,
            credential: SecretText::new(credential),
            issuer,
            account_name,
            ttl_s: ttl * 60,
            edumfa,
        })
    }

    /// Returns the link as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the one address of the server, as it stood in the link.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the server's origin.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns how the server calls the enrolment.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Returns what owns the token, once.
    pub fn credential(&self) -> &SecretText {
        &self.credential
    }

    /// Returns the organisation, or the host when the link does not say.
    pub fn issuer(&self) -> &str {
        if self.issuer.is_empty() { self.origin.host() } else { &self.issuer }
    }

    /// Returns the account's label.
    pub fn account_name(&self) -> &str {
        &self.account_name
    }

    /// Returns for how many seconds the offer is good, from the moment it is taken up.
    pub fn ttl_s(&self) -> i64 {
        self.ttl_s
    }

    /// Tells whether it is eduMFA's own link, whose server takes P-256 as well.
    pub fn is_edumfa(&self) -> bool {
        self.edumfa
    }
}

/// Reads the server's address: https, with nothing in it that would lead elsewhere.
fn address(text: &str) -> Result<(String, Origin), OfferError> {
    let url = Url::parse(text).map_err(|_| OfferError::Link)?;
    if url.scheme() != "https" {
        return Err(OfferError::NotHttps);
    }
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !plain || text.len() > 512 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(OfferError::Link);
    }
    let origin = url.origin().ascii_serialization().parse().map_err(|_| OfferError::Link)?;
    // As it stood: requests are compared with it byte for byte.
    Ok((text.to_owned(), origin))
}

/// A label may carry the issuer before a colon; an empty one is the serial.
fn names(issuer: String, label: String, serial: &str) -> (String, String) {
    let (before, after) = match label.split_once(':') {
        Some((before, after)) if issuer.is_empty() || before == issuer => {
            (before.to_owned(), after.to_owned())
        }
        Some(_) | None => (issuer, label),
    };
    let name = after.trim().to_owned();
    (before, if name.is_empty() { serial.to_owned() } else { name })
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({}, {})", self.origin, self.serial)
    }
}
