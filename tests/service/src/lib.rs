//! The reference service: set-up pages, push approvals, text messages and relying parties.

pub mod outgoing;
pub mod texts;
