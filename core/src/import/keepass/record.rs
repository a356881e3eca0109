//! One entry of a KeePass database: its names, and the accounts that its fields make.
//!
//! Four ways of writing a one-time password are in use: KeePassXC's field `otp` with a link; KeeOtp's, a query in the
//! same field; KeePass 2.47's `TimeOtp-…` and `HmacOtp-…`; KeeTrayTOTP's `TOTP Seed` with `TOTP Settings`.
//! Source: keepass.info/help/base/placeholders.html#otp, and the sources of the two plug-ins.

use zeroize::Zeroizing;

use crate::account::{Account, Kind};
use crate::import::encodings::{self, base32_secret, hex_secret};
use crate::import::found::Reason;
use crate::import::parts::{self, OtpParts};
use crate::otp::{Digits, Otp};
use crate::secret::{SecretBytes, SecretText};
use crate::uri::{self, UriError};

/// The most bytes of a field, and of all that are kept of one entry.
const MAX_FIELD_BYTES: usize = uri::MAX_TEXT_BYTES;

/// The most fields that are kept of one entry.
const MAX_FIELDS: usize = 100;

/// What is kept of an entry.
pub(super) struct Record {
    pub(super) title: String,
    pub(super) username: String,
    pub(super) notes: String,
    /// The name of the innermost group; empty for the root.
    pub(super) group: String,
    pub(super) tags: Vec<String>,
    pub(super) icon: Option<Vec<u8>>,
    fields: Vec<(String, SecretText)>,
}

impl Record {
    pub(super) fn new(group: String) -> Self {
        Self {
            title: String::new(),
            username: String::new(),
            notes: String::new(),
            group,
            tags: Vec::new(),
            icon: None,
            fields: Vec::new(),
        }
    }

    /// Returns how many bytes an account of it may take.
    pub(super) fn size(&self) -> usize {
        let texts = [&self.title, &self.username, &self.notes, &self.group].into_iter().chain(&self.tags);
        let fields = self.fields.iter().map(|(name, value)| name.len() + value.expose().len());
        texts.map(String::len).chain(fields).chain(self.icon.iter().map(Vec::len)).sum::<usize>() + 500
    }

    /// Keeps a field if it says something about one-time passwords or names.
    pub(super) fn field(&mut self, name: &str, value: &str) {
        if value.is_empty() || value.len() > MAX_FIELD_BYTES {
            return;
        }
        match name {
            "Title" => value.clone_into(&mut self.title),
            "UserName" => value.clone_into(&mut self.username),
            "Notes" => value.clone_into(&mut self.notes),
            _ if is_otp_field(name) && self.fields.len() < MAX_FIELDS => {
                self.fields.push((name.to_owned(), SecretText::from(value)));
            }
            _ => {}
        }
    }

    /// Takes the tags, which stand between semicolons or commas.
    pub(super) fn tags(&mut self, text: &str) {
        let tags = text.split([';', ',']).map(str::trim).filter(|tag| !tag.is_empty());
        self.tags = tags.take(MAX_FIELDS).map(|tag| tag.chars().take(200).collect()).collect();
    }

    /// Returns every account of the entry; the same one written in two ways is one.
    pub(super) fn accounts(&self) -> Vec<Result<Account, Reason>> {
        let links =
            self.fields.iter().filter(|(name, _)| is_link_field(name)).map(|(_, text)| self.link(text));
        let time = self.has("TimeOtp-").then(|| self.account(self.keepass("TimeOtp", Kind::Totp)));
        let counter = self.has("HmacOtp-").then(|| self.account(self.keepass("HmacOtp", Kind::Hotp)));
        let tray = self.get("TOTP Seed").map(|seed| self.account(self.tray(seed)));
        let mut accounts: Vec<Result<Account, Reason>> = Vec::new();
        for account in links.chain(time).chain(counter).chain(tray) {
            let known = account
                .as_ref()
                .is_ok_and(|account| accounts.iter().flatten().any(|known| known.same_credential(account)));
            if !known {
                accounts.push(account);
            }
        }
        accounts
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, text)| text.expose())
    }

    /// Tells whether there is a secret among the fields that begin with `prefix`.
    fn has(&self, prefix: &str) -> bool {
        self.fields
            .iter()
            .any(|(name, _)| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with("Secret")))
    }

    /// Returns an account with the entry's own names.
    fn account(&self, otp: Result<Otp, Reason>) -> Result<Account, Reason> {
        let (issuer, account_name) = (self.title.clone(), self.username.clone());
        otp.map(|otp| Account { issuer, account_name, otp, extra: Vec::new() })
    }

    /// Reads field `otp`: a link, a query as KeeOtp writes it, or a bare secret.
    fn link(&self, text: &SecretText) -> Result<Account, Reason> {
        let text = text.expose().trim();
        if text.contains("://") {
            let mut account = uri::parse(text).map_err(Reason::Uri)?;
            if matches!(account.otp, Otp::Steam(_)) && !says_steam(text) {
                account.otp = five_digits(text)?;
            }
            if account.issuer.is_empty() && account.account_name.is_empty() {
                (account.issuer, account.account_name) = (self.title.clone(), self.username.clone());
            }
            return Ok(account);
        }
        let is_query = text.split('&').any(|pair| pair.starts_with("key="));
        self.account(if is_query {
            query(text)
        } else {
            OtpParts::new(Kind::Totp, base32_secret(text)?).otp()
        })
    }

    /// Reads `TimeOtp-…` and `HmacOtp-…`.
    fn keepass(&self, prefix: &str, kind: Kind) -> Result<Otp, Reason> {
        let field = |name: &str| self.get(&format!("{prefix}-{name}"));
        let secret = if let Some(text) = field("Secret") {
            SecretBytes::from(text.as_bytes())
        } else if let Some(hex) = field("Secret-Hex") {
            hex_secret(hex)?
        } else if let Some(base32) = field("Secret-Base32") {
            base32_secret(base32)?
        } else if let Some(base64) = field("Secret-Base64") {
            encodings::base64(base64).ok_or(Reason::Field("Secret-Base64"))?
        } else {
            return Err(Reason::Uri(UriError::NoSecret));
        };
        OtpParts {
            algorithm: parts::algorithm(field("Algorithm").unwrap_or(""))?,
            digits: number(field("Length"), "Length")?,
            period: number(field("Period"), "Period")?,
            counter: number(field("Counter"), "Counter")?,
            ..OtpParts::new(kind, secret)
        }
        .otp()
    }

    /// Reads `TOTP Seed` and `TOTP Settings`: period, digits or `S` for Steam, and a time server's address.
    fn tray(&self, seed: &str) -> Result<Otp, Reason> {
        let mut settings = self.get("TOTP Settings").unwrap_or("").split(';').map(str::trim);
        let (period, digits) = (settings.next(), settings.next());
        let secret = base32_secret(seed)?;
        if digits.is_some_and(|digits| digits.eq_ignore_ascii_case("s")) {
            return OtpParts::new(Kind::Steam, secret).otp();
        }
        OtpParts {
            period: number(period, "TOTP Settings")?,
            digits: number(digits, "TOTP Settings")?,
            ..OtpParts::new(Kind::Totp, secret)
        }
        .otp()
    }
}

/// Tells whether a link says that it is Steam's, as KeePassXC writes it.
fn says_steam(text: &str) -> bool {
    text.contains("encoder=steam") || text.starts_with("steam://") || text.starts_with("otpauth://steam/")
}

/// Reads a link for the issuer Steam with five digits. Elsewhere that means Steam's letters; where KeePassXC wrote it, it
/// means five digits, because letters it says.
fn five_digits(text: &str) -> Result<Otp, Reason> {
    let six = Zeroizing::new(text.replace("digits=5", "digits=6"));
    let mut otp = uri::parse(&six).map_err(Reason::Uri)?.otp;
    if let Otp::Totp(totp) = &mut otp {
        totp.digits = Digits::try_from(5).expect("five is a number of digits");
    }
    Ok(otp)
}

/// Reads KeeOtp's query: `key=…&type=Hotp&counter=…&size=8&step=60&otpHashMode=Sha256&encoding=Base64`.
fn query(text: &str) -> Result<Otp, Reason> {
    let pairs: Vec<(String, Zeroizing<String>)> = url::form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.to_ascii_lowercase(), Zeroizing::new(value.into_owned())))
        .collect();
    let get = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let key = get("key").unwrap_or("");
    let secret = match get("encoding").unwrap_or("base32").to_ascii_lowercase().as_str() {
        "base32" => base32_secret(key)?,
        "hex" => hex_secret(key)?,
        // A form makes a space of a plus sign.
        "base64" => encodings::base64(&Zeroizing::new(key.replace(' ', "+"))).ok_or(Reason::Field("key"))?,
        "utf8" => SecretBytes::from(key.as_bytes()),
        _ => return Err(Reason::Field("encoding")),
    };
    let kind = match get("type").unwrap_or("totp").to_ascii_lowercase().as_str() {
        "totp" if get("encoder").is_some_and(|encoder| encoder.eq_ignore_ascii_case("steam")) => Kind::Steam,
        "totp" => Kind::Totp,
        "hotp" => Kind::Hotp,
        "steam" => Kind::Steam,
        _ => return Err(Reason::UnknownKind),
    };
    OtpParts {
        algorithm: parts::algorithm(get("otphashmode").unwrap_or(""))?,
        digits: number(get("size"), "size")?,
        period: number(get("step"), "step")?,
        counter: number(get("counter"), "counter")?,
        ..OtpParts::new(kind, secret)
    }
    .otp()
}

fn number<N: std::str::FromStr>(text: Option<&str>, name: &'static str) -> Result<Option<N>, Reason> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map(Some).map_err(|_| Reason::Field(name)),
        None => Ok(None),
    }
}

/// KeePassXC calls further ones of an entry `otp_1`, `otp_2`.
fn is_link_field(name: &str) -> bool {
    name.strip_prefix("otp").is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

fn is_otp_field(name: &str) -> bool {
    is_link_field(name) || ["TimeOtp-", "HmacOtp-", "TOTP Se"].iter().any(|prefix| name.starts_with(prefix))
}
