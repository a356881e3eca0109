//! How things look in the terminal: tables with a rule under the head, codes in groups, QR codes in half blocks.

use std::io::IsTerminal;

use authenticator_core::authenticator::{CodeRow, NoCode};
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{Group, Item, ItemState, Reason};
use comfy_table::{Attribute, Cell, CellAlignment, Color, Table, presets};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use crate::json::group_names;

/// Returns a table with this head and a rule under it; coloured only on a terminal.
pub fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_header(head.iter().map(|text| Cell::new(text).add_attribute(Attribute::Bold)));
    table.set_style(comfy_table::TableComponent::HeaderLines, '─');
    table.set_style(comfy_table::TableComponent::MiddleHeaderIntersections, '─');
    if !std::io::stdout().is_terminal() {
        table.force_no_tty();
    }
    table
}

/// Draws accounts without codes.
pub fn accounts(items: &[Item], groups: &[Group], counter: impl Fn(&Item) -> Option<u64>) -> Table {
    let mut table = table(&["id", "issuer", "account", "kind", "groups", "note"]);
    for item in items {
        let kind = match (item.state, counter(item)) {
            (ItemState::Damaged, _) => "damaged".to_owned(),
            (ItemState::NeedsPin, _) => format!("{} (needs a PIN)", item.kind),
            (ItemState::Ok | ItemState::Unknown, Some(counter)) => format!("{} #{counter}", item.kind),
            (ItemState::Ok | ItemState::Unknown, None) => item.kind.to_string(),
        };
        let kind = if item.asks_every_time { format!("{kind} (asks every time)") } else { kind };
        let issuer = if item.favorite { format!("★ {}", safe(&item.issuer)) } else { safe(&item.issuer) };
        table.add_row([
            short(&item.id.to_string()),
            issuer,
            safe(&item.account_name),
            kind,
            safe(&group_names(item, groups).join(", ")),
            safe(&item.note),
        ]);
    }
    table
}

/// Draws codes with the seconds that they are still good at `at`.
pub fn codes(rows: &[(Item, CodeRow)], at: UnixTime) -> Table {
    let mut table = table(&["issuer", "account", "code", "left", "next"]);
    for column in [2, 3, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for (item, row) in rows {
        let (code, left) = match &row.code {
            Ok(code) => {
                let left = (code.valid_until.ms() - at.ms()).div_euclid(1000);
                let colour = if left < 5 { Color::Yellow } else { Color::Green };
                (
                    Cell::new(grouped(&code.text)).fg(colour).add_attribute(Attribute::Bold),
                    format!("{left} s"),
                )
            }
            Err(NoCode::Counts) => (Cell::new("klink next"), String::new()),
            Err(NoCode::NeedsPin) => (Cell::new("needs a PIN"), String::new()),
            Err(NoCode::Unreadable) => (Cell::new("damaged").fg(Color::Red), String::new()),
            Err(NoCode::NoSuchCode) => (Cell::new("no code now"), String::new()),
            Err(NoCode::AsksEveryTime) => (Cell::new("klink show --code"), String::new()),
            Err(NoCode::BadTime) => (Cell::new("no code at that time"), String::new()),
        };
        let next = row.next.as_ref().map(|code| grouped(&code.text)).unwrap_or_default();
        table.add_row([
            Cell::new(safe(&item.issuer)),
            Cell::new(safe(&item.account_name)),
            code,
            Cell::new(left),
            Cell::new(next).add_attribute(Attribute::Dim),
        ]);
    }
    table
}

/// Returns a code as people read it aloud: 3 + 3, 4 + 4.
pub fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let size = match letters.len() {
        6 | 9 => 3,
        8 => 4,
        7 | 10 => 4,
        _ => return code.to_owned(),
    };
    letters.chunks(size).map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Returns `text` so that it cannot steer a terminal or hide what it says: control and direction marks escaped.
pub fn safe(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let hidden = c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
            if hidden { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }
        })
        .collect()
}

/// Draws a QR code with half blocks, dark on light whatever the terminal's colours are.
pub fn qr(text: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    Some(code.render::<Dense1x2>().dark_color(Dense1x2::Dark).light_color(Dense1x2::Light).build())
}

/// Says why a vault is read-only, and what to do.
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::RolledBack => {
            "this file is older than it was when it was last used. See what a newer snapshot has besides with: klink recover"
        }
        Reason::Tampered => "the file was changed from outside. See what can be had back with: klink recover",
        Reason::NewerFormat => "a newer version of Klink wrote this file. Update Klink.",
        Reason::DamagedRows => {
            "part of the file is damaged; what can be read is shown. See what can be had back with: klink recover"
        }
        Reason::OtherBranch => {
            "this file lived on elsewhere, apart from the one used here. Compare them with: klink recover"
        }
        Reason::NoAnchor => {
            "this file was not used on this machine before. If that is right: klink verify --accept"
        }
        Reason::AnchorTorn => {
            "the note of how new this file must be cannot be read. If the file is right: klink verify --accept"
        }
        Reason::AnchorUnavailable => {
            "the note of how new this file must be cannot be reached now. Try again."
        }
    }
}

/// Returns the beginning of an id, enough to name an account by.
pub fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_grouped_as_people_say_them() {
        for (code, shown) in
            [("123456", "123 456"), ("12345678", "1234 5678"), ("FR8RV", "FR8RV"), ("1234567", "1234 567")]
        {
            assert_eq!(grouped(code), shown);
        }
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(safe("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
    }
}
