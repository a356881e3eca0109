//! What the core does not have: a clock, a timer, printing, logging, unsafe code, a second door to randomness or to
//! the network.

use crate::tokens::{self, Token};
use crate::tree::{Finding, Tree};

/// Tokens that may not stand in the core.
struct Absent {
    tokens: &'static [&'static str],
    why: &'static str,
}

const fn absent(tokens: &'static [&'static str], why: &'static str) -> Absent {
    Absent { tokens, why }
}

const CLOCK: &str = "time is an argument: take a `UnixTime`";
const TIMER: &str = "the core waits for nothing: the shell calls again";
const PRINT: &str = "an error carries everything: the core neither prints nor logs";
const UNSAFE: &str = "the core has no unsafe code";
const RANDOM: &str = "randomness comes through `crypto::random` alone";
const SOCKET: &str = "only `core/src/net` opens a socket";

/// The one door to randomness.
const RANDOM_DOOR: &str = "core/src/crypto/random.rs";
/// The one door to the network.
const SOCKET_DOOR: &str = "core/src/net/";

const ABSENT: &[Absent] = &[
    absent(&["SystemTime"], CLOCK),
    absent(&["Instant"], CLOCK),
    absent(&["UNIX_EPOCH"], CLOCK),
    absent(&["chrono"], CLOCK),
    absent(&["sleep"], TIMER),
    absent(&["recv_timeout"], TIMER),
    absent(&["wait_timeout"], TIMER),
    absent(&["park_timeout"], TIMER),
    absent(&["println", "!"], PRINT),
    absent(&["eprintln", "!"], PRINT),
    absent(&["print", "!"], PRINT),
    absent(&["eprint", "!"], PRINT),
    absent(&["dbg", "!"], PRINT),
    absent(&["stdout"], PRINT),
    absent(&["stderr"], PRINT),
    absent(&["log", "::"], PRINT),
    absent(&["tracing", "::"], PRINT),
    absent(&["unsafe"], UNSAFE),
    absent(&["getrandom"], RANDOM),
    absent(&["rand", "::"], RANDOM),
    absent(&["fastrand", "::"], RANDOM),
    absent(&["OsRng"], RANDOM),
    absent(&["SysRng"], RANDOM),
    absent(&["RandomState"], RANDOM),
    absent(&["randomblob"], RANDOM),
    absent(&["reqwest"], SOCKET),
    absent(&["TcpStream"], SOCKET),
    absent(&["TcpListener"], SOCKET),
    absent(&["UdpSocket"], SOCKET),
    absent(&["UnixStream"], SOCKET),
    absent(&["lookup_host"], SOCKET),
    absent(&["ToSocketAddrs"], SOCKET),
    absent(&["tokio", "::", "net"], SOCKET),
    absent(&["tokio", "::", "time"], TIMER),
];

/// What SQL calls a clock or a die; looked for inside literals.
const ABSENT_IN_SQL: &[(&str, &str)] = &[
    ("current_timestamp", CLOCK),
    ("current_time", CLOCK),
    ("current_date", CLOCK),
    ("'now'", CLOCK),
    ("unixepoch(", CLOCK),
    ("random()", RANDOM),
    ("randomblob(", RANDOM),
];

/// Finds what should be absent from `core/src`; tests at the end of a file count as well.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, source) in tree.rust("core/src/") {
        let Ok(tokens) = tokens::read(source, &[]) else { continue };
        for n in 0..tokens.len() {
            let allowed = |why: &str| {
                why == RANDOM && path == RANDOM_DOOR || why == SOCKET && path.starts_with(SOCKET_DOOR)
            };
            if let Some(why) = broken(&tokens, n).filter(|why| !allowed(why)) {
                found.push(Finding::new(path, tokens[n].line, format!("`{}`: {why}", tokens[n].text)));
            }
        }
    }
    if tree.files().any(|(path, text)| path == "core/src/lib.rs" && !text.contains("#![forbid(unsafe_code)]"))
    {
        found.push(Finding::new("core/src/lib.rs", 0, "it does not forbid unsafe code"));
    }
    found
}

fn broken(tokens: &[Token], n: usize) -> Option<&'static str> {
    let text = &tokens[n].text;
    let literal = text.starts_with('"') || text.starts_with('r');
    let doc = n >= 4 && tokens::reads(tokens, n - 4, &["#", "[", "doc", "="])
        || n >= 5 && tokens::reads(tokens, n - 5, &["#", "!", "[", "doc", "="]);
    let standard_time = tokens::reads(tokens, n, &["std", "::", "time"]);
    if standard_time && !tokens::reads(tokens, n + 3, &["::", "Duration"]) {
        return Some(CLOCK);
    }
    if literal && !doc && text.contains('"') {
        let small = text.to_ascii_lowercase();
        return ABSENT_IN_SQL.iter().find(|(word, _)| small.contains(word)).map(|(_, why)| *why);
    }
    ABSENT.iter().find(|absent| tokens::reads(tokens, n, absent.tokens)).map(|absent| absent.why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, source: &str, lines: &[usize]) {
        let found: Vec<String> = lines.iter().map(|line| format!("{path}:{line}")).collect();
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        crate::check(findings, &[(path, source)], &found);
    }

    #[test]
    fn a_clock_is_found_wherever_it_is_read() {
        for source in [
            "fn f() { SystemTime::now(); }",
            "fn f() { let a = Instant::now(); }",
            "use std::time;",
            "mod tests { fn f() { std::thread::sleep(a); } }",
            "const A: &str = \"SELECT strftime('%s', 'now')\";",
            "const A: &str = r\"DEFAULT CURRENT_TIMESTAMP\";",
        ] {
            check("core/src/vault/store.rs", source, &[1]);
        }
        check("core/src/vault/store.rs", "\nuse std::time::Instant;", &[2, 2]);
    }

    #[test]
    fn a_length_of_time_is_no_clock() {
        check(
            "core/src/vault/store.rs",
            "use std::time::Duration;\n/// Instant, 'now', println!\nfn f() {}",
            &[],
        );
    }

    #[test]
    fn printing_and_logging_are_found() {
        for source in
            ["println!(\"x\")", "f(dbg!(x))", "log::warn!(\"x\")", "write!(io::stderr(), \"\")", "eprint!()"]
        {
            check("core/src/a.rs", source, &[1]);
        }
        check("core/src/a.rs", "fn print() { uri::print(&x); }\nlet log = print;", &[]);
    }

    #[test]
    fn randomness_has_one_door() {
        for source in ["getrandom::fill(x)", "use rand::Rng;", "OsRng", "\"SELECT randomblob(16)\""] {
            check("core/src/vault/store.rs", source, &[1]);
            check(RANDOM_DOOR, source, &[]);
        }
        check(RANDOM_DOOR, "SystemTime", &[1]);
    }

    #[test]
    fn the_network_has_one_door() {
        for source in ["use reqwest::Client;", "use std::net::TcpStream;", "f(tokio::net::lookup_host)"] {
            let found = if source.contains("tokio") { vec![1, 1] } else { vec![1] };
            check("core/src/vault/store.rs", source, &found);
            check("core/src/net/hosts.rs", source, &[]);
        }
        check("core/src/net/hosts.rs", "tokio::time::timeout(a, b)", &[1]);
        check("core/src/vault/store.rs", "use std::net::IpAddr;", &[]);
    }

    #[test]
    fn unsafe_code_is_found_and_must_be_forbidden() {
        check("core/src/a.rs", "\n\nunsafe fn f() {}", &[3]);
        check("core/src/lib.rs", "#![forbid(unsafe_code)]", &[]);
        crate::check(findings, &[("core/src/lib.rs", "")], &["core/src/lib.rs"]);
    }
}
