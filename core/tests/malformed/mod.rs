//! Ways to spoil a link, each by itself; see `tests/malformed_uris.rs`.

use crate::seeded::Seeded;

/// A way to spoil a text: its name, and what it does.
pub(crate) type Mutation = (&'static str, fn(&str, &mut Seeded) -> String);

/// Links that are right, of every kind.
pub(crate) const RIGHT: [&str; 16] = [
    "otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME&algorithm=SHA1&digits=6&period=30",
    "otpauth://totp/ACME%20Co:ann%40example.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co",
    "otpauth://totp/ann?secret=jbsw+y3dp&algorithm=HmacSHA512&digits=8&period=86400&image=https%3A%2F%2Fx.example",
    "otpauth://hotp/ACME:ann?secret=JBSWY3DPEHPK3PXP&counter=18446744073709551615&digits=10",
    "otpauth://hotp/ann?secret=JBSWY3DP&counter=0&algorithm=SHA224",
    "otpauth://steam/Steam:ann?secret=JBSWY3DPEHPK3PXP&issuer=Steam",
    "otpauth://totp/Steam:ann?secret=JBSWY3DPEHPK3PXP&digits=5&deviceid=android%3A1",
    "otpauth://totp/ann?secret=JBSWY3DPEHPK3PXP&encoder=steam",
    "otpauth://yaotp/ann?secret=LA2V6KMCGYMWWVEW64RNP3JA3I&pin=G42TQNQ",
    "otpauth://totp/a:b?secret=MZXW6&klink_name=a%3Ab&issuer=",
    "steam://JBSWY3DPEHPK3PXP",
    "motp://ACME:ann?secret=e3152afee62599c8&pin=1234&digits=6&period=10",
    "otpauth-migration://offline?data=CgwKBUhlbGxvEgNhbm4QAQ%3D%3D",
    "otpauth-migration://offline?data=CiYKChEiM0RVZneImaoSCEFDTUU6YW5uGgRBQ01FIAEoATACOABCBGlkLTEQAhgDIAEo-____w8",
    "pushenrol:#eyJhIjoxfQ.eyJiIjoyfQ.c2ln",
    "phonefactor://activate_account?code=123456789&url=https%3A%2F%2Fexample.com%2F1",
];

/// All ways to spoil a text.
pub(crate) const MUTATIONS: [Mutation; 56] = [
    ("cut the end off", |t, r| t[..place(t, r)].to_owned()),
    ("cut the beginning off", |t, r| t[place(t, r)..].to_owned()),
    ("drop a character", |t, r| {
        let (before, rest) = t.split_at(place(t, r));
        let mut rest = rest.chars();
        rest.next();
        [before, rest.as_str()].concat()
    }),
    ("drop a stretch", |t, r| {
        let (from, to) = stretch(t, r);
        [&t[..from], &t[to..]].concat()
    }),
    ("repeat a stretch", |t, r| {
        let (from, to) = stretch(t, r);
        [&t[..to], &t[from..]].concat()
    }),
    ("move a stretch to the end", |t, r| {
        let (from, to) = stretch(t, r);
        [&t[..from], &t[to..], &t[from..to]].concat()
    }),
    ("turn round", |t, _| t.chars().rev().collect()),
    ("flip a bit", |t, r| {
        let mut bytes = t.as_bytes().to_vec();
        if !bytes.is_empty() {
            let index = r.below(bytes.len());
            bytes[index] ^= 1 << r.below(8);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }),
    ("put any ASCII in", |t, r| {
        let character = char::from(r.bits() as u8 & 127);
        inserted(t, r, &character.to_string())
    }),
    ("put any character in", |t, r| {
        let character = char::from_u32(r.bits() as u32 % 0x11_0000).unwrap_or('\u{fffd}');
        inserted(t, r, &character.to_string())
    }),
    ("put a zero in", |t, r| inserted(t, r, "\0")),
    ("put a line break in", |t, r| inserted(t, r, "\r\n")),
    ("put a space in", |t, r| inserted(t, r, " ")),
    ("put a plus in", |t, r| inserted(t, r, "+")),
    ("put a hash in", |t, r| inserted(t, r, "#")),
    ("put a question mark in", |t, r| inserted(t, r, "?")),
    ("put an ampersand in", |t, r| inserted(t, r, "&")),
    ("put an equals sign in", |t, r| inserted(t, r, "=")),
    ("put a slash in", |t, r| inserted(t, r, "/")),
    ("put colons in", |t, r| {
        let colons = 1 + r.below(7);
        inserted(t, r, &":".repeat(colons))
    }),
    ("put a percent sign in", |t, r| inserted(t, r, "%")),
    ("put half an escape in", |t, r| inserted(t, r, "%4")),
    ("put a false escape in", |t, r| inserted(t, r, "%zz")),
    ("put an escaped zero in", |t, r| inserted(t, r, "%00")),
    ("put an escape that is no UTF-8 in", |t, r| inserted(t, r, "%ff%C3")),
    ("put a change of direction in", |t, r| inserted(t, r, "\u{202e}")),
    ("put a byte order mark in", |t, r| inserted(t, r, "\u{feff}")),
    ("put space around", |t, _| format!(" \t\u{a0}{t}\u{2003}\n")),
    ("capitals", |t, _| t.to_uppercase()),
    ("small letters", |t, _| t.to_lowercase()),
    ("escape the escapes", |t, _| t.replace('%', "%25")),
    ("escape everything", |t, _| t.bytes().map(|byte| format!("%{byte:02x}")).collect()),
    ("undo the escapes", |t, _| percent_encoding::percent_decode_str(t).decode_utf8_lossy().into_owned()),
    ("escape for HTML", |t, _| t.replace('&', "&amp;")),
    ("part with semicolons", |t, _| t.replace('&', ";")),
    ("one slash", |t, _| t.replacen("://", ":/", 1)),
    ("no slash", |t, _| t.replacen("://", ":", 1)),
    ("another scheme", |t, r| {
        let (_, rest) = t.split_once(':').unwrap_or((t, ""));
        format!(
            "{}:{rest}",
            r.choose(&["otpauth", "motp", "steam", "otpauth-migration", "http", "", "é", "a b", "9"])
        )
    }),
    ("another kind", |t, r| {
        let kind = *r.choose(&["totp", "hotp", "steam", "yaotp", "motp", "xotp", "", "TOTP%20", "offline"]);
        t.replacen("totp", kind, 1).replacen("hotp", kind, 1)
    }),
    ("a parameter less", |t, r| {
        let mut pieces: Vec<_> = t.split('&').collect();
        pieces.remove(r.below(pieces.len()));
        pieces.join("&")
    }),
    ("a parameter twice", |t, r| {
        let mut pieces: Vec<_> = t.split('&').collect();
        pieces.push(pieces[r.below(pieces.len())]);
        pieces.join("&")
    }),
    ("parameters in another order", |t, r| {
        let (path, query) = t.split_once('?').unwrap_or((t, ""));
        let mut pieces: Vec<_> = query.split('&').collect();
        for index in (1..pieces.len()).rev() {
            pieces.swap(index, r.below(index + 1));
        }
        format!("{path}?{}", pieces.join("&"))
    }),
    ("a parameter's value less", |t, r| {
        let name =
            *r.choose(&["secret", "digits", "period", "counter", "algorithm", "issuer", "data", "pin"]);
        with_value(t, name, "")
    }),
    ("a number out of bounds", |t, r| {
        let name = *r.choose(&["digits", "period", "counter"]);
        let number = *r.choose(&[
            "0",
            "11",
            "255",
            "256",
            "262",
            "86401",
            "4294967296",
            "4294967302",
            "18446744073709551616",
            "-1",
            "-6",
        ]);
        with_value(t, name, number)
    }),
    ("a number that is none", |t, r| {
        let name = *r.choose(&["digits", "period", "counter"]);
        let text =
            *r.choose(&["six", "6.0", "6e0", "0x6", "6,", "٦", "６", "+6", "%2B6", "6 6", "NaN", "\u{0}6"]);
        with_value(t, name, text)
    }),
    ("a number of a thousand digits", |t, r| {
        let digit = r.below(10).to_string();
        let name = *r.choose(&["digits", "period", "counter"]);
        with_value(t, name, &digit.repeat(1000))
    }),
    ("another hash", |t, r| {
        let name =
            *r.choose(&["SHA3", "", "sha", "MD5", "SHA384", "HMAC", "HMACHMAC", "Algorithm.", "%00", "١"]);
        with_value(t, "algorithm", name)
    }),
    ("a secret with a foreign character", |t, r| {
        let character = *r.choose(&["0", "1", "8", "9", "!", "é", "\u{1f511}", "%", "%3", "/", "\u{0}"]);
        with_value(t, "secret", &format!("JBSW{character}Y3DP"))
    }),
    ("a secret of odd length", |t, r| {
        let length = r.below(20);
        with_value(t, "secret", &"abcdef2345JBSWY3DPEHPK"[..length])
    }),
    ("a long secret", |t, r| {
        let length = r.below(4000);
        with_value(t, "secret", &"7".repeat(length))
    }),
    ("a long name", |t, r| {
        let length = r.below(3000);
        with_value(t, "issuer", &"%F0%9F%94%91".repeat(length / 12))
    }),
    ("hundreds of parameters", |t, r| {
        let count = r.below(300);
        format!("{t}{}", "&a=b&=&c".repeat(count))
    }),
    ("a PIN of anything", |t, r| {
        let pin = *r.choose(&["", "%00", "MFRGG", "======", "%C3%A9", "1234", "2222", "0", "%ff"]);
        with_value(t, "pin", pin)
    }),
    ("data of anything", |t, r| {
        let length = r.below(60);
        let bytes = r.bytes(length);
        let data: String =
            bytes.iter().map(|byte| char::from(b"ABab01+/-_=CgKIE"[usize::from(byte & 15)])).collect();
        with_value(t, "data", &data)
    }),
    ("two links in one", |t, r| format!("{t}{}", r.choose(&RIGHT))),
    ("longer than the cap", |t, r| {
        let length = if r.below(16) == 0 { 70_000 } else { 500 };
        format!("{t}&x={}", "y".repeat(length))
    }),
];

/// Returns a place between two characters.
fn place(text: &str, random: &mut Seeded) -> usize {
    let places = text.char_indices().map(|(index, _)| index).chain([text.len()]);
    let wanted = random.below(text.chars().count() + 1);
    places.into_iter().nth(wanted).unwrap_or(0)
}

fn stretch(text: &str, random: &mut Seeded) -> (usize, usize) {
    let (one, other) = (place(text, random), place(text, random));
    (one.min(other), one.max(other))
}

fn inserted(text: &str, random: &mut Seeded, what: &str) -> String {
    let place = place(text, random);
    [&text[..place], what, &text[place..]].concat()
}

/// Returns `text` with another value of the parameter called `name`; with one more when it has none.
fn with_value(text: &str, name: &str, value: &str) -> String {
    let wanted = format!("{name}=");
    let Some(at) = text.find(&wanted) else { return format!("{text}&{wanted}{value}") };
    let (before, old) = text.split_at(at + wanted.len());
    let rest = old.find('&').map_or("", |end| &old[end..]);
    format!("{before}{value}{rest}")
}
