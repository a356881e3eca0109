//! Issuer and account name from a label, Key URI Format "Label".

/// Returns issuer and account name of a decoded label, `issuer:account name`, beside an issuer that may be empty.
///
/// ```
/// use authenticator_core::uri::names_of_label;
///
/// assert_eq!(names_of_label("ACME: ann", ""), ("ACME".to_owned(), "ann".to_owned()));
/// assert_eq!(names_of_label("ann", "ACME"), ("ACME".to_owned(), "ann".to_owned()));
/// ```
pub fn names_of_label(label: &str, issuer: &str) -> (String, String) {
    let Names { issuer, account_name } = Names::from_label(label, issuer);
    (issuer, account_name)
}

/// Issuer and account name.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Names {
    pub(super) issuer: String,
    pub(super) account_name: String,
}

impl Names {
    /// Reads a decoded label (`issuer:account name`) beside the decoded `issuer` parameter.
    ///
    /// The label's prefix is the issuer when there is no other, and is left out when it repeats the parameter;
    /// any other prefix belongs to the account name. Space around names is left out.
    pub(super) fn from_label(label: &str, issuer: &str) -> Self {
        let (label, issuer) = (label.trim(), issuer.trim());
        let (issuer, account_name) = if issuer.is_empty() {
            label.split_once(':').unwrap_or(("", label))
        } else {
            (issuer, without_issuer(label, issuer))
        };
        Self { issuer: issuer.trim().to_owned(), account_name: account_name.trim().to_owned() }
    }

    /// Writes a label that other apps understand; `from_label` may read it differently when names hold colons.
    pub(super) fn to_label(issuer: &str, account_name: &str) -> String {
        if issuer.is_empty() { account_name.to_owned() } else { format!("{issuer}:{account_name}") }
    }
}

/// Returns the label after `issuer:` or `:`, whole when it begins with neither.
fn without_issuer<'a>(label: &'a str, issuer: &str) -> &'a str {
    // An issuer may hold colons itself, so it is not enough to look at the first one.
    let prefix = label.get(..issuer.len()).filter(|prefix| same_issuer(prefix, issuer));
    let after_prefix = prefix.and_then(|prefix| label[prefix.len()..].trim_start().strip_prefix(':'));
    after_prefix.or_else(|| label.strip_prefix(':')).unwrap_or(label)
}

/// Tells whether a label's prefix repeats the issuer; `+` may still stand for a space in it.
fn same_issuer(prefix: &str, issuer: &str) -> bool {
    prefix.len() == issuer.len()
        && prefix
            .bytes()
            .zip(issuer.bytes())
            .all(|(a, b)| a.eq_ignore_ascii_case(&b) || (a == b'+' && b == b' '))
}
