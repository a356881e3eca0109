//! The cookies of the pages: session, form and language. All are for this host alone, unseen by scripts.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite, time::Duration};

use crate::{Failure, ids};

/// A cookie of ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Name {
    /// The token of a sign-in session.
    Session,
    /// Random bytes that every form's token is derived from, before a session too.
    Form,
    /// The language that was chosen.
    Language,
}

/// The cookies of one visit, and those that its answer sets.
#[derive(Debug)]
pub(crate) struct Cookies {
    secure: bool,
    known: Vec<(Name, String)>,
    set: Vec<(Name, Option<String>)>,
}

/// Characters of the longest value that is read; ours have 43.
const LONGEST: usize = 64;

impl Cookies {
    /// Reads the cookies of a visit. A visitor without a form cookie gets one.
    ///
    /// `secure` says that the pages are served by https alone: only then browsers take the `__Host-` prefix, which
    /// keeps other hosts from setting these cookies.
    ///
    /// # Errors
    /// [`Failure::Random`].
    pub(crate) fn read(headers: &HeaderMap, secure: bool) -> Result<Self, Failure> {
        let mut cookies = Self { secure, known: Vec::new(), set: Vec::new() };
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        for cookie in lines.flat_map(Cookie::split_parse).flatten() {
            let name = ALL.into_iter().find(|name| cookies.printed(*name) == cookie.name());
            if let Some(name) =
                name.filter(|name| cookies.get(*name).is_none() && cookie.value().len() <= LONGEST)
            {
                cookies.known.push((name, cookie.value().to_owned()));
            }
        }
        if cookies.get(Name::Form).is_none_or(|value| value.len() < 43) {
            cookies.set(Name::Form, ids::make_token()?);
        }
        Ok(cookies)
    }

    /// Returns a cookie's value.
    pub(crate) fn get(&self, name: Name) -> Option<&str> {
        self.known.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Sets a cookie.
    pub(crate) fn set(&mut self, name: Name, value: String) {
        self.known.retain(|(known, _)| *known != name);
        self.known.push((name, value.clone()));
        self.set.push((name, Some(value)));
    }

    /// Removes a cookie.
    pub(crate) fn remove(&mut self, name: Name) {
        self.known.retain(|(known, _)| *known != name);
        self.set.push((name, None));
    }

    /// Prints the `Set-Cookie` headers of the answer.
    pub(crate) fn print(&self) -> Vec<HeaderValue> {
        self.set
            .iter()
            .filter_map(|(name, value)| HeaderValue::from_str(&self.line(*name, value.as_deref())).ok())
            .collect()
    }

    fn line(&self, name: Name, value: Option<&str>) -> String {
        let mut cookie = Cookie::build((self.printed(name), value.unwrap_or_default().to_owned()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .build();
        if self.secure {
            cookie.set_secure(true);
        }
        match (value, name) {
            (None, Name::Session | Name::Form | Name::Language) => cookie.set_max_age(Duration::ZERO),
            (Some(_), Name::Language) => cookie.set_max_age(Duration::days(365)),
            // Gone with the browser.
            (Some(_), Name::Session | Name::Form) => {}
        }
        cookie.to_string()
    }

    fn printed(&self, name: Name) -> String {
        let name = match name {
            Name::Session => "klink-session",
            Name::Form => "klink-form",
            Name::Language => "klink-language",
        };
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }
}

const ALL: [Name; 3] = [Name::Session, Name::Form, Name::Language];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, secure: bool) -> Cookies {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, line.parse().unwrap());
        Cookies::read(&headers, secure).unwrap()
    }

    #[test]
    fn a_session_is_for_this_host_alone_over_tls_and_unseen_by_scripts() {
        let mut cookies = read("__Host-klink-form=0123456789012345678901234567890123456789012", true);
        cookies.set(Name::Session, "token".to_owned());
        let printed = cookies.print();
        assert_eq!(printed.len(), 1);
        let line = printed[0].to_str().unwrap();
        let mut parts: Vec<&str> = line.split("; ").collect();
        parts.sort_unstable();
        assert_eq!(parts, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure", "__Host-klink-session=token"]);
    }

    #[test]
    fn on_loopback_without_tls_the_prefix_and_secure_are_left_out() {
        let mut cookies = read("klink-session=a", false);
        assert_eq!(cookies.get(Name::Session), Some("a"));
        cookies.remove(Name::Session);
        let last = cookies.print().pop().unwrap();
        let line = last.to_str().unwrap();
        assert!(
            line.starts_with("klink-session=;") && line.contains("Max-Age=0") && !line.contains("Secure"),
            "{line}"
        );
    }

    #[test]
    fn a_cookie_that_another_host_could_have_set_is_not_ours() {
        assert_eq!(read("klink-session=a; __Host-klink-session=b", true).get(Name::Session), Some("b"));
        assert_eq!(read("klink-session=a", true).get(Name::Session), None);
    }

    #[test]
    fn a_visitor_without_a_form_cookie_gets_one_and_keeps_it() {
        let first = read("a=b", true);
        let value = first.get(Name::Form).unwrap().to_owned();
        assert_eq!((value.len(), first.print().len()), (43, 1));
        let second = read(&format!("__Host-klink-form={value}"), true);
        assert_eq!((second.get(Name::Form), second.print().len()), (Some(value.as_str()), 0));
        assert_eq!(read("__Host-klink-form=short", true).print().len(), 1);
    }
}
