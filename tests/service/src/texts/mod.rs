//! Text messages: numbers, the gateway, codes and their limits.

mod gateway;
mod numbers;

pub use gateway::{Gateway, GatewayConfig, GatewayConfigError, GatewayError};
pub use numbers::{NumberError, PhoneNumber, region_of_languages, regions};
