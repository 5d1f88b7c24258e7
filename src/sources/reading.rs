//! What every reader of answers needs: JSON that may be HTML, lists with odd items, times in every form.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::clock::Moment;
use crate::domain::fact::{Gap, GapKind, Heard};
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// How much of an answer an error quotes.
const QUOTED: usize = 60;

/// Reads a whole JSON answer.
///
/// # Errors
/// Says what was expected and what came instead: nothing, a page, another document.
pub fn json<'b, T: Deserialize<'b>>(body: &'b [u8], expected: &'static str) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| Fault::Garbled { expected, why: instead(body, &error) })
}

/// What came instead of the JSON that was due.
fn instead(body: &[u8], error: &serde_json::Error) -> Clean {
    let start = body.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    match start {
        None => Clean::line("an empty answer"),
        Some(b'<') => Clean::line("HTML (a login page or a wrong address)"),
        Some(b'{' | b'[' | b'"') if error.is_eof() => Clean::line("a document that ends in the middle"),
        Some(b'{' | b'[' | b'"') => Clean::line(&format!("another document ({error})")),
        Some(_) => {
            let text = String::from_utf8_lossy(body.get(..body.len().min(4 * QUOTED)).unwrap_or_default());
            Clean::line(&format!("the text `{}`", Clean::line_within(&text, QUOTED)))
        }
    }
}

/// Reads a list item by item: one odd item is a gap beside the good ones.
///
/// # Errors
/// When it is no list at all.
pub fn items<'b, T: Deserialize<'b>>(
    body: &'b [u8],
    expected: &'static str,
    heard: &mut Heard,
    each: impl FnMut(T, &mut Heard),
) -> Result<(), Fault> {
    raw_items(json(body, expected)?, expected, heard, each);
    Ok(())
}

/// Reads items that were taken out of a document already.
pub fn raw_items<'b, T: Deserialize<'b>>(
    items: Vec<&'b RawValue>,
    what: &str,
    heard: &mut Heard,
    mut each: impl FnMut(T, &mut Heard),
) {
    for (n, item) in items.into_iter().enumerate() {
        match serde_json::from_str::<T>(item.get()) {
            Ok(item) => each(item, heard),
            Err(error) => heard.gaps.push(Gap {
                place: Clean::line(&format!("{what}, item {}", n + 1)),
                why: Clean::line(&error.to_string()),
                kind: GapKind::Odd,
            }),
        }
    }
}

/// A time as RFC 3339, with `Z`, `+02:00` or `+0000`, and any fraction. `0001-01-01` means never.
#[must_use]
pub fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    let read = chrono::DateTime::parse_from_rfc3339(text)
        .or_else(|_| chrono::DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    let moment = read.ok()?.to_utc();
    (moment.timestamp() > -62_000_000_000).then_some(moment)
}

/// Seconds since 1970 as a moment; 0 and nonsense mean never.
#[must_use]
pub fn epoch(seconds: f64) -> Option<Moment> {
    if !(seconds.is_finite() && seconds > 0.0 && seconds < 253_402_300_799.0) {
        return None;
    }
    let whole = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    Moment::UNIX_EPOCH.checked_add_signed(chrono::TimeDelta::from_std(whole).ok()?)
}

/// An optional text, made harmless; empty counts as absent.
#[must_use]
pub fn told(text: Option<&str>) -> Option<Clean> {
    text.map(Clean::line).filter(|text| !text.is_empty())
}

/// What came of a part that an endpoint may not have or not show: a gap where it is forbidden or odd, nothing where it is
/// missing.
///
/// # Errors
/// The faults that concern the whole endpoint.
pub fn part<T: Default>(outcome: Result<T, Fault>, place: &str, heard: &mut Heard) -> Result<T, Fault> {
    let kind = match &outcome {
        Ok(_) | Err(Fault::Missing { .. }) => return Ok(outcome.unwrap_or_default()),
        Err(Fault::Forbidden { .. }) => GapKind::Forbidden,
        Err(Fault::Refused { .. } | Fault::Garbled { .. } | Fault::TooLarge { .. }) => GapKind::Odd,
        Err(_) => return outcome,
    };
    let why = outcome.err().map(|fault| fault.to_string()).unwrap_or_default();
    heard.gaps.push(Gap { place: Clean::line(place), why: Clean::line(&why), kind });
    Ok(T::default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_named_for_what_it_is() {
        for (body, said) in [
            ("", "an empty answer"),
            ("  <!doctype html><title>Sign in</title>", "HTML (a login page or a wrong address)"),
            ("[1, 2", "a document that ends in the middle"),
            ("no org id", "the text `no org id`"),
        ] {
            let fault = json::<Vec<u8>>(body.as_bytes(), "a list").unwrap_err();
            assert_eq!(fault, Fault::Garbled { expected: "a list", why: Clean::line(said) });
        }
    }

    #[test]
    fn one_odd_item_is_a_gap_beside_the_good_ones() {
        let mut heard = Heard::default();
        let mut good = Vec::new();
        items(b"[1, \"x\", 3]", "a list", &mut heard, |n: u8, _| good.push(n)).unwrap();
        assert_eq!(good, [1, 3]);
        assert_eq!(heard.gaps.len(), 1);
    }

    #[test]
    fn times_are_read_in_every_form_and_never_is_never() {
        assert_eq!(moment("2026-11-21T00:27:12.60602144Z").unwrap().timestamp(), 1_795_220_832);
        assert_eq!(moment("2026-11-21T01:27:12+01:00"), moment("2026-11-21T01:27:12+0100"));
        for never in ["", "0001-01-01T00:00:00Z", "yesterday"] {
            assert_eq!(moment(never), None);
        }
        assert_eq!(epoch(0.0), None);
        assert_eq!(epoch(f64::NAN), None);
        assert_eq!(epoch(1_795_223_820.781).unwrap().timestamp(), 1_795_223_820);
    }
}
