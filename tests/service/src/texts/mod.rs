//! Text messages: numbers, the gateway, codes with their limits, and the words.

mod codes;
mod gateway;
mod notices;
mod numbers;
mod words;

pub use codes::{Checked, Sending, add_number, check_code, resend, send_code, sent_to};
pub use gateway::{Gateway, GatewayConfig, GatewayConfigError, GatewayError};
pub use numbers::{NumberError, PhoneNumber, region_of_languages, regions};
pub use words::Language;

pub(crate) use codes::TABLES;
pub(crate) use notices::tell;
