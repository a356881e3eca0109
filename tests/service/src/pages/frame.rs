//! What every page has around its content.

use super::language::Language;
use super::words::{Words, fill, words};

/// What stands around the content of a page.
#[derive(Debug)]
pub(crate) struct Frame {
    /// All texts in the page's language.
    pub(crate) w: &'static Words,
    language: Language,
    /// Whose service this is.
    pub(crate) organisation: String,
    /// The heading, and what the browser's tab says.
    pub(crate) title: String,
    /// The token that makes a form ours (`super::forms`).
    pub(crate) form: String,
    /// Where this page is asked for, with its query.
    pub(crate) path: String,
    /// What forms of the set-up keep in their query: where all this leads.
    pub(crate) tail: String,
    /// "Step 2 of 6".
    pub(crate) step: Option<String>,
    /// What is said above the content.
    pub(crate) say: Option<Say>,
    /// What the page waits for.
    pub(crate) live: Option<Live>,
    /// Whether there is something to sign out of.
    pub(crate) has_session: bool,
}

/// Steps of the set-up, for "Step 2 of 6".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    App = 1,
    Prepare,
    Scan,
    Test,
    Phone,
    Recovery,
}

/// How many steps there are.
const STEPS: u8 = Step::Recovery as u8;

/// What a page waits for: where its state is told, and the state that it shows.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) path: String,
    pub(crate) state: String,
}

/// Something that is said above the content of a page.
#[derive(Debug)]
pub(crate) struct Say {
    kind: Kind,
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Problem,
    Warning,
    Good,
}

impl Frame {
    /// Makes the frame of a page in `language` that is asked for at `path`.
    pub(crate) fn new(language: Language, organisation: &str, form: String, path: String) -> Self {
        Self {
            w: words(language),
            language,
            organisation: organisation.to_owned(),
            title: String::new(),
            form,
            path,
            tail: String::new(),
            step: None,
            say: None,
            live: None,
            has_session: false,
        }
    }

    /// Gives the page its heading.
    pub(crate) fn titled(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    /// Says which step of the set-up this is; none when the person is beyond the first set-up.
    pub(crate) fn step(mut self, step: Option<Step>) -> Self {
        self.step =
            step.map(|step| fill(self.w.common.step, &[&(step as u8).to_string(), &STEPS.to_string()]));
        self
    }

    /// Says something above the content.
    pub(crate) fn say(mut self, say: Option<Say>) -> Self {
        self.say = say;
        self
    }

    /// Makes the page wait for another state than `state`.
    pub(crate) fn live(mut self, path: &str, state: &str) -> Self {
        self.live = Some(Live { path: path.to_owned(), state: state.to_owned() });
        self
    }

    /// Returns the tag of the language that the page can be had in too.
    pub(crate) fn other_tag(&self) -> &'static str {
        self.language.other().tag()
    }

    /// Returns where this page shows a QR code instead of the number.
    pub(crate) fn with_qr(&self) -> String {
        self.shown_as(Some("as=qr"))
    }

    /// Returns where this page shows the number.
    pub(crate) fn with_number(&self) -> String {
        self.shown_as(None)
    }

    /// Returns the path with its query, but for how the number is shown.
    fn shown_as(&self, how: Option<&str>) -> String {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("as="));
        let pairs: Vec<&str> = kept.chain(how).collect();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }

    /// Tells whether the page has bad news.
    pub(crate) fn is_problem(&self) -> bool {
        self.say.as_ref().is_some_and(Say::is_problem)
    }
}

impl Say {
    /// Something went wrong, and the text says what to do.
    pub(crate) fn problem(text: impl Into<String>) -> Self {
        Self { kind: Kind::Problem, text: text.into() }
    }

    /// Something to know before going on.
    pub(crate) fn warning(text: impl Into<String>) -> Self {
        Self { kind: Kind::Warning, text: text.into() }
    }

    /// Something went well.
    pub(crate) fn good(text: impl Into<String>) -> Self {
        Self { kind: Kind::Good, text: text.into() }
    }

    pub(crate) fn is_problem(&self) -> bool {
        self.kind == Kind::Problem
    }

    pub(crate) fn is_good(&self) -> bool {
        self.kind == Kind::Good
    }

    /// Returns the class of the box.
    pub(crate) fn class(&self) -> &'static str {
        match self.kind {
            Kind::Problem => "danger",
            Kind::Warning => "warn",
            Kind::Good => "good",
        }
    }

    /// Returns the word that says what the colour says.
    pub(crate) fn word(&self, w: &Words) -> &'static str {
        match self.kind {
            Kind::Problem => w.common.problem,
            Kind::Warning => w.common.warning,
            Kind::Good => w.common.good,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, with_qr: &str, with_number: &str) {
        let frame = Frame::new(Language::English, "Example", String::new(), path.to_owned());
        assert_eq!([frame.with_qr(), frame.with_number()], [with_qr, with_number]);
    }

    #[test]
    fn a_qr_code_instead_of_the_number_keeps_the_way_back() {
        check("/approve", "/approve?as=qr", "/approve");
        check("/approve?as=qr", "/approve?as=qr", "/approve");
        let (asked, back) = ("/security/phone?asked=abc&next=/security", "&as=qr");
        check(asked, &format!("{asked}{back}"), asked);
        check(&format!("{asked}{back}"), &format!("{asked}{back}"), asked);
    }
}
