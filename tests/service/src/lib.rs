//! The reference service: set-up pages, push approvals, text messages and relying parties.

pub mod outgoing;
pub mod relay;
#[cfg(test)]
mod stand_in;
pub mod texts;
pub mod webpush;
