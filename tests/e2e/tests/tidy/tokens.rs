//! A Rust source as a flat list of tokens. Comments are gone, so that a rule never trips over prose; what stands
//! inside a macro call is there like everything else.

use std::rc::Rc;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// One token; `::` is one, and so are each bracket and each literal.
pub(crate) struct Token {
    /// As it stands in the source.
    pub(crate) text: String,
    /// Its line, from 1.
    pub(crate) line: usize,
    /// The modules around it, from the root of the crate.
    pub(crate) module: Rc<[String]>,
}

/// Reads the tokens of `source`, which is the module `module` of its crate.
///
/// # Errors
/// The line where the source stops being Rust.
pub(crate) fn read(source: &str, module: &[String]) -> Result<Vec<Token>, usize> {
    let stream: TokenStream =
        source.parse().map_err(|error: proc_macro2::LexError| error.span().start().line)?;
    let mut tokens = Vec::new();
    flatten(stream, &module.into(), &mut tokens);
    Ok(tokens)
}

/// Tells whether the tokens from `start` on read as `texts`.
pub(crate) fn reads(tokens: &[Token], start: usize, texts: &[&str]) -> bool {
    texts.iter().enumerate().all(|(n, text)| tokens.get(start + n).is_some_and(|token| token.text == *text))
}

/// Returns the index of the bracket that closes the one at `open`, or the end.
pub(crate) fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0usize;
    for (n, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return n;
        }
    }
    tokens.len()
}

fn flatten(stream: TokenStream, module: &Rc<[String]>, tokens: &mut Vec<Token>) {
    let mut colon = false;
    for tree in stream {
        let line = tree.span().start().line;
        let mut push = |text: String, line| tokens.push(Token { text, line, module: module.clone() });
        match tree {
            TokenTree::Punct(mark) if mark.as_char() == ':' && colon => {
                colon = false;
                if let Some(last) = tokens.last_mut() {
                    last.text.push(':');
                }
            }
            TokenTree::Punct(mark) => {
                colon = mark.as_char() == ':' && mark.spacing() == Spacing::Joint;
                push(mark.as_char().to_string(), line);
            }
            TokenTree::Ident(name) => push(name.to_string(), line),
            TokenTree::Literal(value) => push(value.to_string(), line),
            TokenTree::Group(group) => {
                let (open, close) = brackets(group.delimiter());
                let inner = if open == "{" { entered(tokens, module) } else { None };
                let last_line = group.span_close().start().line;
                tokens.push(Token { text: open.to_owned(), line, module: module.clone() });
                flatten(group.stream(), inner.as_ref().unwrap_or(module), tokens);
                tokens.push(Token { text: close.to_owned(), line: last_line, module: module.clone() });
            }
        }
    }
}

/// Returns the module that a `{` opens when `mod name` stands before it.
fn entered(tokens: &[Token], module: &Rc<[String]>) -> Option<Rc<[String]>> {
    let [.., keyword, name] = tokens else { return None };
    (keyword.text == "mod").then(|| module.iter().chain([&name.text]).cloned().collect())
}

fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_macro_calls_stay() {
        let tokens = read("// a::b\nfn f() { m!(c::d); }", &[]).expect("this is Rust");
        let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(texts.join(" "), "fn f ( ) { m ! ( c :: d ) ; }");
        assert!(tokens.iter().all(|token| token.line == 2));
    }

    #[test]
    fn an_inner_module_is_part_of_the_path() {
        let tokens = read("mod tests { x }", &["otp".to_owned()]).expect("this is Rust");
        let x = tokens.iter().find(|token| token.text == "x").expect("x is there");
        assert_eq!(x.module.join("::"), "otp::tests");
    }
}
