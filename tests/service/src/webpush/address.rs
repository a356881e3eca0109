//! Where a phone is woken: the address that its push service gave it, RFC 8030 section 4 and RFC 8291.

use authenticator_core::push::wakeup::Subscription;
use url::Url;

use crate::outgoing::{self, Reach};

/// Characters that an endpoint may have.
const MOST_ENDPOINT: usize = 2048;

/// A push address that was checked. What is in its URL is a secret between the phone and us: it is not logged.
#[derive(Clone)]
pub struct PushAddress {
    endpoint: Url,
    subscription: Subscription,
}

/// Why an address is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddressError {
    /// The endpoint is no https URL, is longer than 2048 characters, or has a user or a fragment in it.
    #[error("the endpoint is no plain https URL")]
    Endpoint,
    /// The endpoint's host is one that only this network knows.
    #[error("the endpoint is not on the open Internet")]
    Inside,
    /// `p256dh` is not base64url of an uncompressed point of P-256, or `auth` not of 16 bytes.
    #[error("p256dh or auth is not of the form")]
    Keys,
}

impl PushAddress {
    /// Checks what a phone sent.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn check(endpoint: &str, p256dh: &str, auth: &str, reach: Reach) -> Result<Self, AddressError> {
        if endpoint.len() > MOST_ENDPOINT {
            return Err(AddressError::Endpoint);
        }
        let url = Url::parse(endpoint).map_err(|_| AddressError::Endpoint)?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if url.scheme() != "https" || !plain {
            return Err(AddressError::Endpoint);
        }
        if !outgoing::reaches(&url, reach) {
            return Err(AddressError::Inside);
        }
        let subscription = Subscription::parse(p256dh, auth).ok_or(AddressError::Keys)?;
        Ok(Self { endpoint: url, subscription })
    }

    /// Returns where pushes are posted.
    pub fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// Returns the origin of the push service: `https://push.example.net`.
    pub fn origin(&self) -> String {
        self.endpoint.origin().ascii_serialization()
    }

    /// Returns what wake-ups are sealed with.
    pub fn subscription(&self) -> &Subscription {
        &self.subscription
    }
}

impl std::fmt::Debug for PushAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PushAddress({})", self.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8291 section 5: the receiver's key and authentication secret.
    const KEY: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    #[track_caller]
    fn check(endpoint: &str, key: &str, auth: &str, expected: Result<(), AddressError>) {
        assert_eq!(
            PushAddress::check(endpoint, key, auth, Reach::Public).map(|_| ()),
            expected,
            "{endpoint}"
        );
    }

    #[test]
    fn only_https_on_the_open_internet_is_an_endpoint() {
        check("https://push.example.net/push/abc?x=1", KEY, AUTH, Ok(()));
        for endpoint in [
            "",
            "push",
            "http://push.example.net/",
            "ftp://push.example.net/",
            "https://user@push.example.net/",
            "https://:pw@push.example.net/",
            "https://push.example.net/#x",
            "file:///etc/passwd",
            &format!("https://push.example.net/{}", "x".repeat(2048)),
        ] {
            check(endpoint, KEY, AUTH, Err(AddressError::Endpoint));
        }
        for endpoint in [
            "https://localhost/",
            "https://127.1/",
            "https://[::1]:8443/",
            "https://169.254.169.254/",
            "https://db/",
        ] {
            check(endpoint, KEY, AUTH, Err(AddressError::Inside));
            assert!(PushAddress::check(endpoint, KEY, AUTH, Reach::Anywhere).is_ok());
        }
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let at = "https://push.example.net/";
        let off_the_curve = KEY.replace("Aiw4", "Aiw8");
        for key in ["", "AAAA", &KEY[1..], &off_the_curve, &format!("{KEY}=")] {
            check(at, key, AUTH, Err(AddressError::Keys));
        }
        for auth in ["", "BTBZMqHH6r4Tts7J_aSI", &format!("{AUTH}=="), "BTBZMqHH6r4Tts7J/aSIgg"] {
            check(at, KEY, auth, Err(AddressError::Keys));
        }
    }

    #[test]
    fn printing_an_address_shows_the_push_service_alone() {
        let address =
            PushAddress::check("https://push.example.net/secret", KEY, AUTH, Reach::Public).unwrap();
        assert_eq!(format!("{address:?}"), "PushAddress(https://push.example.net)");
    }
}
