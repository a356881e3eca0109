//! Who may use whom inside the core: lower floors only.

use crate::tokens::{self, Token};
use crate::tree::{Finding, Tree};

/// The floor of each module of the core, lowest first. `docs/architecture.md` draws it.
const FLOORS: &[(u8, &[&str])] = &[
    (0, &["base32", "crypto", "device", "otp", "secret", "time"]),
    (1, &["account"]),
    (2, &["push", "qr", "uri"]),
    (3, &["export", "import", "moving", "net", "vault"]),
    (4, &["authenticator"]),
];

/// Uses that break the rule, and why they may. One that nobody uses any more is a finding too.
const EXCEPTIONS: &[(&str, &str, &str)] =
    &[("otp", "account", "`Otp::kind` answers with the kind of account that it belongs to")];

/// Finds modules without a floor, and uses that go up or sideways.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    with(tree, EXCEPTIONS)
}

fn with(tree: &Tree, exceptions: &[(&str, &str, &str)]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut used_exceptions = vec![false; exceptions.len()];
    for (path, source) in tree.rust("core/src/") {
        let module = module_of(path);
        let Some(own) = module.first() else { continue };
        let Some(floor) = floor_of(own) else {
            found.push(Finding::new(path, 0, format!("`{own}` stands on no floor")));
            continue;
        };
        let tokens = match tokens::read(source, &module) {
            Ok(tokens) => tokens,
            Err(line) => {
                found.push(Finding::new(path, line, "this is not Rust"));
                continue;
            }
        };
        for (used, line) in uses(&tokens) {
            let below = floor_of(&used).is_none_or(|other| other < floor || (other == 0 && floor == 0));
            if used == *own || below {
                continue;
            }
            match exceptions.iter().position(|(from, to, _)| from == own && *to == used) {
                Some(n) => used_exceptions[n] = true,
                None => found.push(Finding::new(
                    path,
                    line,
                    format!("`{own}` uses `{used}`, which is not below it"),
                )),
            }
        }
    }
    for (used, (from, to, _)) in used_exceptions.iter().zip(exceptions) {
        if !used && tree.has("core/src/lib.rs") {
            found.push(Finding::new(
                "tests/e2e/tests/tidy/floors.rs",
                0,
                format!("`{from}` no longer uses `{to}`"),
            ));
        }
    }
    found
}

/// Returns the modules that a file of the core stands for: `core/src/otp/totp.rs` is `otp::totp`.
fn module_of(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("core/src/").trim_end_matches(".rs");
    inside.split('/').filter(|name| !matches!(*name, "lib" | "mod")).map(str::to_owned).collect()
}

fn floor_of(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(_, modules)| modules.contains(&module)).map(|(floor, _)| *floor)
}

/// Returns the top module that each path from `crate`, `self` or `super` leads to, with its line.
fn uses(tokens: &[Token]) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    for (n, token) in tokens.iter().enumerate() {
        let starts = matches!(token.text.as_str(), "crate" | "self" | "super")
            && tokens::reads(tokens, n + 1, &["::"]);
        let goes_on = n > 0 && tokens[n - 1].text == "::";
        if starts && !goes_on {
            follow(tokens, n, token.module.to_vec(), &mut out);
        }
    }
    out
}

/// Follows one path from token `n` on; `at` is the module it has reached.
fn follow(tokens: &[Token], mut n: usize, mut at: Vec<String>, out: &mut Vec<(String, usize)>) {
    while let Some(token) = tokens.get(n) {
        match token.text.as_str() {
            "crate" => at.clear(),
            "super" => drop(at.pop()),
            "self" => {}
            "{" => {
                let end = tokens::closing(tokens, n);
                let mut item = n + 1;
                while item < end {
                    follow(tokens, item, at.clone(), out);
                    item = next_item(tokens, item, end);
                }
                return;
            }
            name => {
                out.push((at.first().map_or(name, String::as_str).to_owned(), token.line));
                return;
            }
        }
        if !tokens::reads(tokens, n + 1, &["::"]) {
            return;
        }
        n += 2;
    }
}

/// Returns the index after the comma that ends the item at `n` of a group that closes at `end`.
fn next_item(tokens: &[Token], mut n: usize, end: usize) -> usize {
    while n < end && tokens[n].text != "," {
        n = if tokens[n].text == "{" { tokens::closing(tokens, n) } else { n } + 1;
    }
    n + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, source: &str, expected: &[&str]) {
        let found: Vec<String> =
            with(&Tree::made(&[(path, source)]), &[]).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lower_floors_and_its_own_inside_may_be_used() {
        let source =
            "use crate::{account::Account, otp::{Digits, Otp}};\nuse super::label;\nuse crate::uri::x;";
        check("core/src/uri/otpauth.rs", source, &[]);
    }

    #[test]
    fn the_floor_above_may_not_be_used() {
        let found = "core/src/otp/totp.rs:1: `otp` uses `vault`, which is not below it";
        for source in [
            "use crate::vault::Vault;",
            "use crate::{secret, vault};",
            "use super::super::vault::Vault;",
            "use super::super::{time::UnixTime, vault::Vault};",
            "fn f() { crate::vault::open() }",
            "fn f() { assert_eq!(crate::vault::open(), 1) }",
            "mod tests { use super::super::super::vault; }",
            "type T = crate::vault::Vault;",
        ] {
            check("core/src/otp/totp.rs", source, &[found]);
        }
    }

    #[test]
    fn a_neighbour_may_be_used_on_the_lowest_floor_alone() {
        check("core/src/otp/mod.rs", "use crate::secret::SecretBytes;", &[]);
        let found = "core/src/qr/mod.rs:2: `qr` uses `uri`, which is not below it";
        check("core/src/qr/mod.rs", "// crate::vault\nuse crate::uri::parse;", &[found]);
    }

    #[test]
    fn the_front_door_may_name_everything() {
        check("core/src/lib.rs", "pub use crate::vault::Vault;", &[]);
    }

    #[test]
    fn a_module_without_a_floor_is_found() {
        check("core/src/attic.rs", "", &["core/src/attic.rs: `attic` stands on no floor"]);
    }

    #[test]
    fn an_exception_that_nobody_uses_is_found() {
        let exceptions = [("otp", "account", "for the test")];
        let used = [("core/src/lib.rs", ""), ("core/src/otp/mod.rs", "use crate::account::Kind;")];
        assert_eq!(with(&Tree::made(&used), &exceptions).len(), 0);
        assert_eq!(with(&Tree::made(&used[..1]), &exceptions).len(), 1);
    }
}
