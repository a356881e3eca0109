//! Codes that enrol a vendor's own app and nobody else's: whose they are, and what the user can do instead.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD_INDIFFERENT;

/// Whose app a code is meant for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Vendor {
    /// Microsoft Authenticator: `phonefactor://`, or an https link to activate an account.
    Microsoft,
    /// Duo Mobile.
    Duo,
    /// Okta Verify.
    Okta,
    /// ForgeRock and Ping: `pushauth://`, `mfauth://`.
    ForgeRock,
    /// LinOTP: `lseqr://`.
    LinOtp,
    /// tiqr: `tiqrenroll://`, `tiqrauth://`.
    Tiqr,
    /// Salt Edge Authenticator: `authenticator://` with a configuration.
    SaltEdge,
}

/// What the user can do on the page that shows the code; the words are the shell's.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum VendorHint {
    /// The same page has a link "I want to use a different authenticator app": its code works here.
    UseDifferentApp,
    /// Go back and choose the method called "Google Authenticator": its code works here.
    ChooseGoogleAuthenticator,
    /// Look on the page for a method called authenticator app, verification code or TOTP: its code works here.
    LookForCodes,
    /// The service offers its own app alone; an administrator may allow others.
    VendorAppOnly,
}

impl Vendor {
    /// Returns the name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Microsoft => "microsoft",
            Self::Duo => "duo",
            Self::Okta => "okta",
            Self::ForgeRock => "forgerock",
            Self::LinOtp => "linotp",
            Self::Tiqr => "tiqr",
            Self::SaltEdge => "salt_edge",
        }
    }

    /// Returns what the user can do instead.
    pub const fn hint(self) -> VendorHint {
        match self {
            Self::Microsoft => VendorHint::UseDifferentApp,
            Self::Okta => VendorHint::ChooseGoogleAuthenticator,
            Self::ForgeRock | Self::LinOtp => VendorHint::LookForCodes,
            Self::Duo | Self::Tiqr | Self::SaltEdge => VendorHint::VendorAppOnly,
        }
    }
}

impl VendorHint {
    /// Returns the name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UseDifferentApp => "use_different_app",
            Self::ChooseGoogleAuthenticator => "choose_google_authenticator",
            Self::LookForCodes => "look_for_codes",
            Self::VendorAppOnly => "vendor_app_only",
        }
    }
}

/// Returns the vendor whose app `scheme://rest` opens.
pub(super) fn vendor_of_link(scheme: &str, rest: &str) -> Option<Vendor> {
    match scheme {
        "phonefactor" | "microsoft-authenticator" => Some(Vendor::Microsoft),
        "duo" => Some(Vendor::Duo),
        "oktaverify" => Some(Vendor::Okta),
        "pushauth" | "mfauth" => Some(Vendor::ForgeRock),
        "lseqr" => Some(Vendor::LinOtp),
        "tiqrenroll" | "tiqrauth" => Some(Vendor::Tiqr),
        "authenticator" if rest.contains("configuration=") => Some(Vendor::SaltEdge),
        "https" => vendor_of_page(rest),
        _ => None,
    }
}

/// Tells whether `text` is what Duo's codes hold besides links: a code, a dash, and its host in base64.
pub(super) fn is_duo_code(text: &str) -> bool {
    let host = text
        .split_once('-')
        .filter(|(code, _)| code.len() >= 10 && code.bytes().all(|b| b.is_ascii_alphanumeric()));
    let host = host.and_then(|(_, host)| STANDARD_NO_PAD_INDIFFERENT.decode(host).ok());
    host.is_some_and(|host| is_host_of(&String::from_utf8_lossy(&host), "duosecurity.com"))
}

fn vendor_of_page(rest: &str) -> Option<Vendor> {
    // Microsoft's clouds: the world, the United States' government, China.
    const SIGN_IN: [&str; 4] = [
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.chinacloudapi.cn",
    ];
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let host = host.split_once(':').map_or(host, |(host, _port)| host);
    let path = path.split(['?', '#']).next().unwrap_or("");
    let is_sign_in = SIGN_IN.iter().any(|known| known.eq_ignore_ascii_case(host));
    if is_sign_in && path.trim_end_matches('/').eq_ignore_ascii_case("/authenticatorApp/activateAccount") {
        return Some(Vendor::Microsoft);
    }
    // Before that, links to the host that activates; companies with a server of their own name the product.
    let names_product =
        path.split('/').any(|part| ["phonefactor", "mfawsmobile"].contains(&&*part.to_ascii_lowercase()));
    if host.eq_ignore_ascii_case("mobileappcommunicator.auth.microsoft.com")
        || is_host_of(host, "phonefactor.net")
        || names_product
    {
        return Some(Vendor::Microsoft);
    }
    is_host_of(host, "duosecurity.com").then_some(Vendor::Duo)
}

/// Tells whether `host` is `domain` or a host below it.
fn is_host_of(host: &str, domain: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host.strip_suffix(domain).is_some_and(|above| above.is_empty() || above.ends_with('.'))
}
