//! A plain list: one link a line, as our own parser and others' read it.

use super::ExportError;
use super::record::Record;
use crate::secret::{SecretBytes, SecretText};
use crate::uri;

pub(super) fn write(
    records: &[Record],
    go_on: &dyn Fn() -> Result<(), ExportError>,
) -> Result<SecretBytes, ExportError> {
    let mut lines: Vec<SecretText> = Vec::with_capacity(records.len());
    for record in records {
        go_on()?;
        lines.push(uri::print(&record.account));
    }
    // Growing would leave copies of secrets behind.
    let mut text = Vec::with_capacity(lines.iter().map(|line| line.expose().len() + 1).sum());
    for line in &lines {
        text.extend_from_slice(line.expose().as_bytes());
        text.push(b'\n');
    }
    Ok(SecretBytes::new(text))
}
