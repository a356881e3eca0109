//! The boot clock: it goes on while the machine sleeps, and no setting moves it.

use authenticator_core::time::BootTime;

use crate::session::now;

/// Returns the time since this machine was started; where the system does not tell, the wall clock has to do.
pub fn boot() -> BootTime {
    let uptime = std::fs::read_to_string("/proc/uptime").ok();
    let ms = uptime.as_deref().and_then(parse).unwrap_or_else(|| now().ms().unsigned_abs());
    BootTime::from_ms(ms)
}

/// Reads the seconds since the start, with two decimals, of `/proc/uptime`.
fn parse(text: &str) -> Option<u64> {
    let (seconds, hundredths) = text.split_whitespace().next()?.split_once('.')?;
    Some(seconds.parse::<u64>().ok()?.checked_mul(1000)? + hundredths.parse::<u64>().ok()? * 10)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn seconds_with_two_decimals_are_milliseconds() {
        assert_eq!(parse("350735.47 234388.90\n"), Some(350_735_470));
        assert_eq!(parse("soon"), None);
    }
}
