//! Times, durations and zones as they are written on the command line.

use std::time::Duration;

use chrono::NaiveDate;

use crate::domain::clock::{Dated, Tz};
use crate::views::lens::Zone;

/// Reads RFC 3339 or a date.
///
/// # Errors
/// Says what a time looks like.
pub fn dated(text: &str) -> Result<Dated, String> {
    if let Ok(at) = chrono::DateTime::parse_from_rfc3339(text.trim()) {
        return Ok(Dated::At(at.to_utc()));
    }
    text.trim()
        .parse::<NaiveDate>()
        .map(Dated::On)
        .map_err(|_| format!("`{text}` is no time: write `2026-12-03` or `2026-12-03T17:00:00+01:00`"))
}

/// Reads `10s`, `3m`, `12h`.
///
/// # Errors
/// Says what a duration looks like.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration: write `10s`, `3m` or `12h`");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let amount: u64 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    amount.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

/// Reads the zone times are shown in.
///
/// # Errors
/// Says which there are.
pub fn zone(text: Option<&str>) -> Result<Zone, String> {
    Ok(match text {
        None | Some("fleet") => Zone::Fleet,
        Some("installation") => Zone::Installation,
        Some("local") => Zone::Local(local()),
        Some("utc" | "UTC") => Zone::Utc,
        Some(name) => Zone::Named(name.parse::<Tz>().map_err(|_| {
            format!("`{name}` is no zone: write `installation`, `fleet`, `local`, `utc` or a name like `Europe/Berlin`")
        })?),
    })
}

/// The viewer's own zone: `TZ`, or what the system is set to.
#[must_use]
pub fn local() -> Tz {
    let named = |name: &str| name.trim_start_matches(':').parse::<Tz>().ok();
    let from_variable = std::env::var("TZ").ok().and_then(|name| named(&name));
    from_variable
        .or_else(|| {
            let link = std::fs::read_link("/etc/localtime").ok()?;
            let path = link.to_str()?.to_owned();
            named(path.split_once("zoneinfo/")?.1)
        })
        .unwrap_or(Tz::UTC)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn times_durations_and_zones_are_read_as_people_write_them() {
        assert_eq!(dated("2026-12-03").unwrap(), Dated::On("2026-12-03".parse().unwrap()));
        assert_eq!(dated("2026-12-03T17:00:00+01:00").unwrap(), Dated::At("2026-12-03T16:00:00Z".parse().unwrap()));
        assert!(dated("tomorrow").is_err());
        assert_eq!(duration("90s").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("2h").unwrap(), Duration::from_secs(7200));
        for wrong in ["", "s", "10", "10 s", "ten seconds", "99999999999999999999d", "1é"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert_eq!(zone(Some("Europe/Rome")).unwrap(), Zone::Named(Tz::Europe__Rome));
        assert!(zone(Some("Mars/Olympus")).is_err());
    }
}
