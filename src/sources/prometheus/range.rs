//! One key figure over time: a range query, asked while somebody looks.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Sample, WireResult, open};
use crate::domain::clock::Moment;
use crate::domain::fact::Heard;
use crate::domain::fault::Fault;
use crate::net::door::{Ask, Door, Verb};
use crate::sources::reading::{epoch, json};
use crate::text::clean::Clean;

/// A stretch of time, in even steps.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// The time of the last value.
    pub until: Moment,
    /// From one value to the next.
    pub step: Duration,
    /// How many values.
    pub steps: usize,
}

impl Stretch {
    fn back(self, n: usize) -> Moment {
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        let back = chrono::TimeDelta::from_std(self.step.saturating_mul(n)).unwrap_or_default();
        self.until.checked_sub_signed(back).unwrap_or(self.until)
    }
}

#[derive(Deserialize)]
struct WireSeries {
    #[serde(default)]
    metric: Sample,
    /// Native histograms come without.
    #[serde(default)]
    values: Vec<(f64, String)>,
}

/// One series in even steps, oldest first. A hole is a hole.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its values.
    pub values: Vec<Option<f64>>,
}

/// What a query tells over a stretch of time.
///
/// # Errors
/// Why it tells nothing.
pub async fn range(door: &dyn Door, query: &str, over: Stretch) -> Result<Vec<Line>, Fault> {
    let form = [
        ("query", query.to_owned()),
        ("start", over.back(over.steps.saturating_sub(1)).timestamp().to_string()),
        ("end", over.until.timestamp().to_string()),
        ("step", over.step.as_secs().max(1).to_string()),
    ];
    let mut ask = Ask::get("api/v1/query_range");
    if query.len() > LONG {
        // Longer than what proxies take in an address.
        ask.verb = Verb::Query(form.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    } else {
        ask = form.into_iter().fold(ask, |ask, (name, value)| ask.with(name, value));
    }
    read_range(&door.ask(ask).await?.body, over)
}

/// Queries longer than this are sent in the body.
const LONG: usize = 2000;

/// Understands a matrix. A value that is no number, or out of step, leaves a hole.
fn read_range(body: &[u8], over: Stretch) -> Result<Vec<Line>, Fault> {
    const EXPECTED: &str = "a matrix";
    let mut heard = Heard::default();
    let result: WireResult<&RawValue> = open(body, EXPECTED, &mut heard)?;
    if result.result_type != "matrix" {
        return Err(Fault::Garbled { expected: EXPECTED, why: Clean::line(&format!("a {}", result.result_type)) });
    }
    let series: Vec<WireSeries> = json(result.result.get().as_bytes(), "a list of series")?;
    Ok(series.into_iter().map(|one| Line { labels: one.metric, values: stepped(&one.values, over) }).collect())
}

fn stepped(values: &[(f64, String)], over: Stretch) -> Vec<Option<f64>> {
    let mut slots = vec![None; over.steps];
    let step = i64::try_from(over.step.as_secs().max(1)).unwrap_or(i64::MAX);
    for (at, value) in values {
        let (Some(at), Ok(value)) = (epoch(*at), value.parse::<f64>()) else { continue };
        let back = (over.until - at).num_seconds().saturating_add(step / 2).div_euclid(step);
        let slot = usize::try_from(back).ok().and_then(|back| over.steps.checked_sub(back + 1));
        if let Some(slot) = slot.and_then(|slot| slots.get_mut(slot)) {
            *slot = Some(value).filter(|value| value.is_finite());
        }
    }
    slots
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn over() -> Stretch {
        Stretch { until: Moment::from_timestamp(1_795_223_820, 0).unwrap(), step: Duration::from_secs(60), steps: 4 }
    }

    #[test]
    fn values_stand_in_their_step_and_a_hole_is_a_hole() {
        let body = br#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"code":"500"},"values":[
            [1795223000,"9"],[1795223640,"1"],[1795223700.4,"2.5"],[1795223760,"NaN"],[1795223820,"+Inf"],[1795229999,"7"]]}]}}"#;
        let lines = read_range(body, over()).unwrap();
        assert_eq!(lines[0].values, [Some(1.0), Some(2.5), None, None]);
        assert_eq!(lines[0].labels.get("code").map(String::as_str), Some("500"));
    }

    #[test]
    fn what_is_no_matrix_is_a_fault() {
        for body in [
            &br#"{"status":"success","data":{"resultType":"vector","result":[]}}"#[..],
            br#"{"status":"error","errorType":"bad_data","error":"no"}"#,
            b"<html>",
            b"",
        ] {
            assert!(read_range(body, over()).is_err());
        }
    }
}
