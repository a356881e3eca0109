//! From the bytes of a payload to its text.

use rxing::common::cpp_essentials::DecoderResult;

/// Returns what a payload says; none when it is binary.
///
/// UTF-8 wins unless the code names a character set itself: nearly every app writes UTF-8 without saying so.
/// Anything else is what rxing makes of it (by the code's modes, by ECI, or by a guess), unless that holds
/// what no text does. A short binary payload can still look like text.
pub(super) fn text_of(decoded: &DecoderResult<bool>) -> Option<String> {
    let content = decoded.content();
    if !content.has_eci
        && let Ok(text) = std::str::from_utf8(content.bytes())
    {
        return Some(text.to_owned());
    }
    let text = decoded.text();
    let is_text =
        !text.is_empty() && !text.contains(|c| matches!(c, '\0' | '\u{80}'..='\u{9f}' | '\u{fffd}'));
    is_text.then_some(text)
}
