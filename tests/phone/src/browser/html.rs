//! What a page says, as a browser without a screen sees it: texts, fields, forms, links and pictures, in order.
//!
//! It reads the pages of our service and needs no more: no scripts, no styles, no repair of broken nesting.

use html5gum::{StartTag, Token, Tokenizer};

use super::picture::Svg;

/// One page.
#[derive(Debug, Default)]
pub struct Document {
    /// Whose page it is, from its top.
    pub organisation: String,
    /// What the page waits for: the address of its events, and the state that it shows.
    pub live: Option<(String, String)>,
    /// Everything in the page's middle, in its order.
    pub parts: Vec<Part>,
    /// All forms.
    pub forms: Vec<Form>,
    named: Vec<(String, String)>,
}

/// One thing on a page.
#[derive(Debug)]
pub enum Part {
    /// Where in the set-up this is.
    Step(String),
    /// The page's title.
    Title(String),
    /// A heading.
    Heading(String),
    /// A sentence.
    Text(String),
    /// A number to compare or to type.
    Number(String),
    /// A field.
    Field {
        /// What it asks for.
        label: String,
        /// What stands in it.
        value: String,
    },
    /// A button.
    Button(String),
    /// A link.
    Link {
        /// What it says.
        text: String,
        /// What a screen reader calls it, when that is something else.
        name: String,
        /// Where it leads.
        to: String,
        /// Whether it looks like a button.
        button: bool,
    },
    /// A QR code.
    Picture(Svg),
}

/// A form and what it would send.
#[derive(Debug, Default)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// Names and values as they stand.
    pub fields: Vec<(String, String)>,
    /// Names and values of its buttons.
    pub buttons: Vec<(String, String)>,
}

impl Document {
    /// Reads a page.
    pub fn parse(html: &str) -> Self {
        let mut reader = Reader::default();
        for Ok(token) in Tokenizer::new(html) {
            match token {
                Token::StartTag(tag) => reader.start(&tag),
                Token::EndTag(tag) => reader.end(&text(&tag.name)),
                Token::String(string) => reader.text.push_str(&text(&string)),
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        reader.document
    }

    /// Returns the text of the element with this id.
    pub fn by_id(&self, id: &str) -> Option<&str> {
        self.named.iter().find(|(name, _)| name == id).map(|(_, text)| text.as_str())
    }

    /// Returns the page's title.
    pub fn title(&self) -> &str {
        let title = self.parts.iter().find_map(|part| match part {
            Part::Title(text) => Some(text.as_str()),
            _ => None,
        });
        title.unwrap_or_default()
    }

    /// Returns the QR codes in their order.
    pub fn pictures(&self) -> Vec<&Svg> {
        let pictures = self.parts.iter().filter_map(|part| match part {
            Part::Picture(svg) => Some(svg),
            _ => None,
        });
        pictures.collect()
    }
}

/// What is being read.
#[derive(Default)]
struct Reader {
    document: Document,
    in_main: bool,
    /// Text since the last flush.
    text: String,
    block: Option<Block>,
    label: String,
    /// Chosen option and the options' count, in a select.
    select: Option<Select>,
    svg: Option<Svg>,
    in_qr: bool,
    /// In a paragraph that browsers with a script hide.
    hidden: bool,
    list: u32,
}

#[derive(Default)]
struct Select {
    name: String,
    chosen: Option<(String, String)>,
    is_chosen: Option<String>,
    count: usize,
}

/// The element whose text is being read.
struct Block {
    kind: Kind,
    id: Option<String>,
}

enum Kind {
    Step,
    Title,
    Heading,
    Text(String),
    Number,
    Label,
    Button,
    Link { name: String, to: String, button: bool },
    Organisation,
    Area,
    Hidden,
}

impl Reader {
    fn start(&mut self, tag: &StartTag<()>) {
        let name = text(&tag.name);
        let class = attribute(tag, "class").unwrap_or_default();
        let has = |wanted: &str| class.split(' ').any(|one| one == wanted);
        match name.as_str() {
            "main" => {
                self.in_main = true;
                self.document.live = attribute(tag, "data-live").zip(attribute(tag, "data-state"));
            }
            "svg" => self.svg = Some(Svg::new(&attribute(tag, "viewbox").unwrap_or_default())),
            "path" => {
                if let (Some(svg), Some(path)) = (&mut self.svg, attribute(tag, "d")) {
                    svg.add(&attribute(tag, "fill").unwrap_or_default(), &path);
                }
            }
            "form" => {
                let action = attribute(tag, "action").unwrap_or_default();
                self.document.forms.push(Form { action, ..Form::default() });
            }
            "input" => self.input(tag),
            "select" => {
                let name = attribute(tag, "name").unwrap_or_default();
                self.select = Some(Select { name, ..Select::default() });
            }
            "option" => {
                self.flush();
                if let Some(select) = &mut self.select {
                    select.count += 1;
                    select.is_chosen =
                        attribute(tag, "selected").map(|_| attribute(tag, "value").unwrap_or_default());
                }
            }
            "ol" => {
                self.flush();
                self.list = 1;
            }
            "ul" => {
                self.flush();
                self.list = 0;
            }
            "div" => {
                self.flush();
                self.in_qr = has("qr");
            }
            "p" if has("step") => self.begin(tag, Kind::Step),
            "p" if has("number") => self.begin(tag, Kind::Number),
            "p" if has("no-script") => {
                self.flush();
                self.hidden = true;
            }
            "p" | "dt" | "dd" | "summary" => self.begin(tag, Kind::Text(String::new())),
            "li" => {
                let mark = if self.list > 0 { format!("{}. ", self.list) } else { String::new() };
                self.list += u32::from(self.list > 0);
                self.begin(tag, Kind::Text(mark));
            }
            "h1" => self.begin(tag, Kind::Title),
            "h2" | "h3" => self.begin(tag, Kind::Heading),
            "label" => self.begin(tag, Kind::Label),
            "textarea" => self.begin(tag, Kind::Area),
            "button" => {
                let sent = attribute(tag, "name").zip(attribute(tag, "value"));
                if let (Some(form), Some(sent)) = (self.document.forms.last_mut(), sent) {
                    form.buttons.push(sent);
                }
                self.begin(tag, if has("script-only") { Kind::Hidden } else { Kind::Button });
            }
            "a" => {
                let to = attribute(tag, "href").unwrap_or_default();
                let name = attribute(tag, "aria-label").unwrap_or_default();
                self.begin(tag, Kind::Link { name, to, button: has("button") });
            }
            "span" if has("organisation") => self.begin(tag, Kind::Organisation),
            "span" => self.text.push(' '),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "main" => {
                self.flush();
                self.in_main = false;
            }
            "svg" => {
                let svg = self.svg.take();
                if let Some(svg) = svg.filter(|_| self.in_qr) {
                    self.part(Part::Picture(svg));
                }
                self.text.clear();
            }
            "option" => {
                let text = words(&std::mem::take(&mut self.text));
                if let Some(select) = &mut self.select
                    && let Some(value) = select.is_chosen.take()
                {
                    select.chosen = Some((value, text));
                }
            }
            "select" => {
                let Some(Select { name, chosen, count, .. }) = self.select.take() else { return };
                let (value, shown) = chosen.unwrap_or_default();
                self.named(Some(format!("{name}-count")), &count.to_string());
                self.field(name, value, format!("{shown}  ▾ {count}"));
            }
            // What is said has a word for its kind first; a choice has a title, and a line below it.
            "strong" => self.text.push_str(": "),
            "p" | "dt" | "dd" | "summary" | "li" | "h1" | "h2" | "h3" | "label" | "textarea" | "button"
            | "a" | "div" | "form" => {
                self.flush();
                self.hidden &= name != "p";
            }
            "span" if matches!(self.block, Some(Block { kind: Kind::Organisation, .. })) => self.flush(),
            _ => {}
        }
    }

    fn begin(&mut self, tag: &StartTag<()>, kind: Kind) {
        self.flush();
        self.block = Some(Block { kind, id: attribute(tag, "id") });
    }

    /// Ends the text that is being read.
    fn flush(&mut self) {
        let text = words(&std::mem::take(&mut self.text));
        let Some(Block { kind, id }) = self.block.take() else { return };
        if text.is_empty() {
            return;
        }
        self.named(id, &text);
        match kind {
            Kind::Organisation => self.document.organisation = text,
            Kind::Label => self.label = text,
            Kind::Area => {
                let label = std::mem::take(&mut self.label);
                self.part(Part::Field { label, value: text });
            }
            Kind::Step => self.part(Part::Step(text)),
            Kind::Title => self.part(Part::Title(text)),
            Kind::Heading => self.part(Part::Heading(text)),
            Kind::Text(mark) => self.part(Part::Text(mark + &text)),
            Kind::Number => self.part(Part::Number(text)),
            Kind::Button => self.part(Part::Button(text)),
            Kind::Link { name, to, button } => self.part(Part::Link { text, name, to, button }),
            Kind::Hidden => {}
        }
    }

    fn input(&mut self, tag: &StartTag<()>) {
        let name = attribute(tag, "name").unwrap_or_default();
        let value = attribute(tag, "value").unwrap_or_default();
        match attribute(tag, "type").as_deref() {
            Some("hidden") => {
                if let Some(form) = self.document.forms.last_mut() {
                    form.fields.push((name, value));
                }
            }
            _ => self.field(name, value.clone(), value),
        }
    }

    fn field(&mut self, name: String, value: String, shown: String) {
        if let Some(form) = self.document.forms.last_mut() {
            form.fields.push((name, value));
        }
        let label = std::mem::take(&mut self.label);
        self.part(Part::Field { label, value: shown });
    }

    fn named(&mut self, id: Option<String>, text: &str) {
        self.document.named.extend(id.map(|id| (id, text.to_owned())));
    }

    fn part(&mut self, part: Part) {
        if self.in_main && !self.hidden {
            self.document.parts.push(part);
        }
    }
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| text(value))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns the words of a text with one space between them, as a browser shows it.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<span class="organisation">Example</span><main data-live="/live/a" data-state="one open">
        <p class="step">Step 1</p><h1>Title</h1><div class="say problem"><svg viewBox="0 0 24 24"><path d="M1"/></svg>
        <p id="said"><strong>Problem</strong> It&#39;s wrong.</p></div>
        <p class="number" id="number">07</p>
        <form method="post" action="/go?next=/a"><input type="hidden" name="form" value="t">
        <label for="r">Country</label><select id="r" name="region"><option value="A">One</option>
        <option value="B" selected>Two (+2)</option></select>
        <label for="n">Number</label><input id="n" name="number" value="1&amp;2">
        <button name="same" value="yes">Yes</button></form><p><a href="/next" aria-label="Next: x">Next</a></p>
        <p class="no-script"><a href="/again">Again</a></p></main>"#;

    #[test]
    fn a_page_gives_its_texts_forms_and_links_in_order() {
        let page = Document::parse(PAGE);
        assert_eq!(page.live, Some(("/live/a".to_owned(), "one open".to_owned())));
        assert_eq!((page.organisation.as_str(), page.title()), ("Example", "Title"));
        assert_eq!((page.by_id("number"), page.by_id("said")), (Some("07"), Some("Problem: It's wrong.")));
        let [form] = &page.forms[..] else { panic!("{:?}", page.forms) };
        let fields = [("form", "t"), ("region", "B"), ("number", "1&2")];
        assert_eq!(form.fields, fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(form.buttons, [("same".to_owned(), "yes".to_owned())]);
        assert!(page.parts.iter().any(|part| matches!(part, Part::Link { to, .. } if to == "/next")));
        assert!(!page.parts.iter().any(|part| matches!(part, Part::Link { to, .. } if to == "/again")));
        assert!(page.pictures().is_empty(), "a sign is no code");
    }
}
