//! Screens as text: a page or a phone in a box, side by side.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, TableComponent, Width, presets};

use super::stage::Failed;
use crate::tables::safe;
use klink::browser::html::{Document, Part};

/// Columns between the borders of a page.
const PAGE: u16 = 56;
/// Columns between the borders of a phone.
const PHONE: u16 = 36;
/// Columns of everything side by side.
const ALL: u16 = PAGE + PHONE + 8;

/// Draws a page with its address on top; its QR codes are drawn when `pictures` says so, else named.
///
/// # Errors
/// A picture is not of modules.
pub fn page(at: &str, page: &Document, pictures: bool) -> Result<String, Failed> {
    let mut lines = Vec::new();
    let mut wide = PAGE;
    for part in &page.parts {
        match part {
            Part::Step(text) => lines.push(safe(text)),
            Part::Title(text) => lines.extend([safe(text).to_uppercase(), String::new()]),
            Part::Heading(text) => lines.extend([String::new(), format!("— {} —", safe(text))]),
            Part::Text(text) => lines.push(safe(text)),
            Part::Number(text) => {
                lines.extend([String::new(), format!("      {}", spread(text)), String::new()])
            }
            Part::Field { label, value } => {
                let value = shortened(&safe(value));
                lines.extend([format!("{}:", safe(label)), format!("  │ {value:<40} │")]);
            }
            Part::Button(text) => lines.push(format!("[ {} ]", safe(text))),
            Part::Link { text, button: true, .. } => lines.push(format!("[ {} ]", safe(text))),
            Part::Link { text, button: false, .. } => lines.push(format!("› {}", safe(text))),
            Part::Picture(svg) => {
                let drawn = svg.modules()?.half_blocks();
                let columns = drawn.first().map_or(0, |line| line.chars().count());
                if pictures {
                    wide = wide.max(u16::try_from(columns)?);
                    lines.extend(drawn);
                } else {
                    lines.push(format!("▄▀▄ QR {columns} × {columns}"));
                }
            }
        }
    }
    Ok(framed(&format!("{} · {at}", safe(&page.organisation)), &lines, wide))
}

/// Draws a phone.
pub fn phone(title: &str, lines: &[String]) -> String {
    framed(title, lines, PHONE)
}

/// Puts two drawings side by side.
pub fn beside(left: &str, right: &str) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.force_no_tty().add_row([left, right]).set_width(ALL);
    let drawn = table.to_string();
    drawn.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn framed(title: &str, lines: &[String], wide: u16) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    let corners = [
        (TableComponent::TopLeftCorner, '╭'),
        (TableComponent::TopRightCorner, '╮'),
        (TableComponent::BottomLeftCorner, '╰'),
        (TableComponent::BottomRightCorner, '╯'),
        (TableComponent::LeftHeaderIntersection, '├'),
        (TableComponent::RightHeaderIntersection, '┤'),
        (TableComponent::HeaderLines, '─'),
    ];
    for (component, character) in corners {
        table.set_style(component, character);
    }
    table.set_header([title]).add_row([lines.join("\n")]).force_no_tty().set_width(wide + 4);
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(wide + 2)));
    }
    table.to_string()
}

fn spread(number: &str) -> String {
    number.chars().flat_map(|digit| [digit, ' ']).collect::<String>().trim_end().to_owned()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(39) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_a_box_of_one_width() {
        let drawn =
            phone("Klink", &["one".to_owned(), "a line that is longer than the phone is wide".to_owned()]);
        let widths: Vec<usize> = drawn.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == usize::from(PHONE) + 4), "{drawn}");
        assert!(drawn.starts_with('╭') && drawn.ends_with('╯') && drawn.lines().count() == 7, "{drawn}");
    }

    #[test]
    fn two_drawings_stand_side_by_side() {
        assert_eq!(beside("aa\nb", "c\nd\ne"), " aa  c\n b   d\n     e");
    }
}
