//! What text messages say, in both languages. Short: a message has 160 characters.

use crate::accounts::notices::Kind;

/// A language of the service's words.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Dutch.
    Dutch,
}

impl Language {
    /// Reads a stored language tag; what is not Dutch is English.
    pub fn of_tag(tag: Option<&str>) -> Self {
        match tag {
            Some(tag) if tag == "nl" || tag.starts_with("nl-") => Self::Dutch,
            Some(_) | None => Self::English,
        }
    }
}

/// Words a code. The last line binds it to the page's host, so that browsers fill it in there and nowhere
/// else (WICG, Origin-bound one-time codes delivered via SMS).
pub(super) fn code(language: Language, code: &str, service: &str, host: &str) -> String {
    let sentence = match language {
        Language::English => format!("{code} is your code for {service}. Nobody will ask you for it."),
        Language::Dutch => format!("{code} is uw code voor {service}. Niemand zal u erom vragen."),
    };
    format!("{sentence}\n\n@{host} #{code}")
}

/// Words a notice; `detail` is the phone's name where there is one.
pub(super) fn notice(language: Language, kind: Kind, detail: &str, service: &str) -> String {
    let detail: String = detail.chars().take(40).collect();
    let (what, ask) = match language {
        Language::English => {
            (english(kind, &detail), "Not you? Look at your security info, or tell your organisation.")
        }
        Language::Dutch => (
            dutch(kind, &detail),
            "Was u dit niet? Bekijk uw beveiligingsgegevens of vertel het uw organisatie.",
        ),
    };
    format!("{service}: {what} {ask}")
}

fn english(kind: Kind, detail: &str) -> String {
    match kind {
        Kind::PhoneAdded => format!("the phone {detail} can now approve your sign-ins."),
        Kind::PhoneRemoved => format!("the phone {detail} was removed."),
        Kind::PhoneRenewed => format!("the phone {detail} has a new approval key."),
        Kind::AppAdded => "an authenticator app was added.".to_owned(),
        Kind::AppRemoved => "an authenticator app was removed.".to_owned(),
        Kind::NumberAdded => "a new phone number gets your codes.".to_owned(),
        Kind::NumberRemoved => "this phone number no longer gets your codes.".to_owned(),
        Kind::CodesMade => "new recovery codes were made.".to_owned(),
        Kind::CodeUsed => "a recovery code was used.".to_owned(),
        Kind::Reset => "your second steps were reset.".to_owned(),
        Kind::PassUsed => "a one-time pass was used.".to_owned(),
        Kind::Reported => "a sign-in was reported as not yours.".to_owned(),
    }
}

fn dutch(kind: Kind, detail: &str) -> String {
    match kind {
        Kind::PhoneAdded => format!("de telefoon {detail} kan nu uw aanmeldingen goedkeuren."),
        Kind::PhoneRemoved => format!("de telefoon {detail} is verwijderd."),
        Kind::PhoneRenewed => format!("de telefoon {detail} heeft een nieuwe goedkeuringssleutel."),
        Kind::AppAdded => "een authenticator-app is toegevoegd.".to_owned(),
        Kind::AppRemoved => "een authenticator-app is verwijderd.".to_owned(),
        Kind::NumberAdded => "een nieuw telefoonnummer krijgt uw codes.".to_owned(),
        Kind::NumberRemoved => "dit telefoonnummer krijgt uw codes niet meer.".to_owned(),
        Kind::CodesMade => "er zijn nieuwe herstelcodes gemaakt.".to_owned(),
        Kind::CodeUsed => "er is een herstelcode gebruikt.".to_owned(),
        Kind::Reset => "uw tweede stappen zijn gewist.".to_owned(),
        Kind::PassUsed => "er is een eenmalige pas gebruikt.".to_owned(),
        Kind::Reported => "een aanmelding is gemeld als niet van u.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_comes_first_and_is_bound_to_its_page() {
        assert_eq!(
            code(Language::English, "012345", "Example", "sign-in.example.org"),
            "012345 is your code for Example. Nobody will ask you for it.\n\n@sign-in.example.org #012345"
        );
        assert_eq!(
            code(Language::Dutch, "012345", "Example", "sign-in.example.org"),
            "012345 is uw code voor Example. Niemand zal u erom vragen.\n\n@sign-in.example.org #012345"
        );
    }

    #[test]
    fn a_notice_says_what_happened_and_what_to_do() {
        let text = notice(Language::Dutch, Kind::PhoneAdded, "Pixel", "Example");
        assert!(text.starts_with("Example: de telefoon Pixel kan nu"), "{text}");
        let long = notice(Language::English, Kind::PhoneRenewed, &"x".repeat(500), "Example");
        assert!(long.chars().count() < 160, "{long}");
    }

    #[test]
    fn what_is_not_dutch_is_english() {
        let all = [None, Some("nl"), Some("nl-BE"), Some("nlx"), Some("fr")].map(Language::of_tag);
        assert_eq!(
            all,
            [Language::English, Language::Dutch, Language::Dutch, Language::English, Language::English]
        );
    }
}
