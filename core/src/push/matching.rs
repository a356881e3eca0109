//! The number that a person carries from the page to the phone: typed, or scanned as `pushmatch:<request>.<secret>`.

use super::ids::Id;
use super::wire::{How, MatchRule, MatchValue};

/// What a request asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Rule {
    /// So many digits, 2 to 8; the page's QR code will do as well.
    Type {
        /// How many.
        digits: u8,
    },
    /// The page's QR code alone.
    Scan,
    /// One of these, as they are: other people's servers let a person choose.
    Pick {
        /// Two to ten short lines.
        options: Vec<String>,
    },
    /// Nothing: other people's servers take a plain yes.
    Confirm,
}

/// Why a request's rule is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RuleError {
    /// A way that only a later version knows: update the app.
    #[error("a way to match that is not known")]
    UpdateApp,
    /// Fewer than 2 digits or more than 8, or a length where there is nothing to type.
    #[error("no rule to match by")]
    Length,
}

/// What the person gave.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Given<'a> {
    /// Typed digits, as they are; `"07"` is not `"7"`.
    Typed(&'a str),
    /// The text of a QR code that the app's own camera read while this request was open.
    Scanned(&'a str),
}

/// Why what the person gave cannot be sent. Nothing was sent: they may try again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GivenError {
    /// Not exactly as many digits.
    #[error("{digits} digits are needed")]
    Digits {
        /// How many are needed.
        digits: u8,
    },
    /// Not one of the options.
    #[error("not one of the options")]
    NotAnOption,
    /// The request wants a scanned code.
    #[error("only a scanned code will do")]
    ScanOnly,
    /// Not a `pushmatch:` text.
    #[error("the code is of another kind")]
    Kind,
    /// The code of another request.
    #[error("the code belongs to another request")]
    OtherRequest,
}

impl Rule {
    /// Reads the rule of a request.
    ///
    /// # Errors
    /// [`RuleError`].
    pub fn of(rule: &MatchRule) -> Result<Self, RuleError> {
        match (&rule.how, rule.len) {
            (How::Type, Some(digits @ 2..=8)) => Ok(Self::Type { digits }),
            (How::Scan, None) => Ok(Self::Scan),
            (How::Type, _) | (How::Scan, Some(_)) => Err(RuleError::Length),
            (How::Unknown(_), _) => Err(RuleError::UpdateApp),
        }
    }

    /// Checks the form of what was given for `request` and returns what is signed. Whether it is right, only the
    /// service knows.
    ///
    /// # Errors
    /// [`GivenError`].
    pub fn value(&self, request: Id, given: Given<'_>) -> Result<MatchValue, GivenError> {
        match (self, given) {
            (Self::Pick { .. } | Self::Confirm, _) => Err(GivenError::Kind),
            (Self::Type { .. } | Self::Scan, Given::Scanned(text)) => {
                let (of, secret) = parse_scan(text).ok_or(GivenError::Kind)?;
                if of != request {
                    return Err(GivenError::OtherRequest);
                }
                Ok(MatchValue { how: How::Scan, value: secret.to_string() })
            }
            (Self::Scan, Given::Typed(_)) => Err(GivenError::ScanOnly),
            (&Self::Type { digits }, Given::Typed(text)) => {
                let is_number = text.len() == usize::from(digits) && text.bytes().all(|b| b.is_ascii_digit());
                if !is_number {
                    return Err(GivenError::Digits { digits });
                }
                Ok(MatchValue { how: How::Type, value: text.to_owned() })
            }
        }
    }
}

/// Prints what a page shows as a QR code.
pub fn print_scan(request: Id, secret: Id) -> String {
    format!("{SCHEME}{request}.{secret}")
}

/// Reads what a page shows as a QR code: request and secret. The scheme may be in capitals, as QR codes are.
pub fn parse_scan(text: &str) -> Option<(Id, Id)> {
    let scheme = text.get(..SCHEME.len())?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let (request, secret) = text[SCHEME.len()..].split_once('.')?;
    Some((request.parse().ok()?, secret.parse().ok()?))
}

const SCHEME: &str = "pushmatch:";

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: Id = Id([1; 16]);
    const TYPE: Rule = Rule::Type { digits: 2 };

    #[track_caller]
    fn check(rule: &Rule, given: Given<'_>, expected: Result<&str, GivenError>) {
        assert_eq!(rule.value(REQUEST, given).map(|value| value.value).as_deref(), expected.as_deref());
    }

    #[test]
    fn a_number_has_its_exact_length() {
        check(&TYPE, Given::Typed("07"), Ok("07"));
        for bad in ["7", "007", "", " 7", "7 ", "-7", "0x", "٠٧", "07\n"] {
            check(&TYPE, Given::Typed(bad), Err(GivenError::Digits { digits: 2 }));
        }
        check(&Rule::Type { digits: 6 }, Given::Typed("012345"), Ok("012345"));
    }

    #[test]
    fn a_scanned_code_does_for_both_rules_and_for_its_request_alone() {
        let (own, other) = (print_scan(REQUEST, Id([2; 16])), print_scan(Id([9; 16]), Id([2; 16])));
        for rule in [TYPE, Rule::Scan] {
            check(&rule, Given::Scanned(&own), Ok("AgICAgICAgICAgICAgICAg"));
            check(
                &rule,
                Given::Scanned(&own.replace("pushmatch", "PUSHMATCH")),
                Ok("AgICAgICAgICAgICAgICAg"),
            );
            check(&rule, Given::Scanned(&other), Err(GivenError::OtherRequest));
            check(&rule, Given::Scanned("07"), Err(GivenError::Kind));
            check(&rule, Given::Scanned(&own[..own.len() - 1]), Err(GivenError::Kind));
        }
        check(&Rule::Scan, Given::Typed("07"), Err(GivenError::ScanOnly));
        assert_eq!(own.len(), 10 + 22 + 1 + 22);
    }

    #[test]
    fn rules_that_are_none_are_told_from_later_ones() {
        let rule = |how, len| Rule::of(&MatchRule { how, len });
        assert_eq!(rule(How::Type, Some(2)), Ok(TYPE));
        assert_eq!(rule(How::Type, Some(8)), Ok(Rule::Type { digits: 8 }));
        assert_eq!(rule(How::Scan, None), Ok(Rule::Scan));
        for (how, len) in
            [(How::Type, None), (How::Type, Some(1)), (How::Type, Some(9)), (How::Scan, Some(2))]
        {
            assert_eq!(rule(how, len), Err(RuleError::Length));
        }
        assert_eq!(rule(How::Unknown("pick".to_owned()), Some(2)), Err(RuleError::UpdateApp));
    }
}
