//! How many lines were written when: the answer to a counting query.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::clock::Moment;
use crate::domain::fault::Fault;
use crate::sources::reading::{epoch, json};
use crate::text::clean::Clean;

#[derive(Deserialize)]
struct WireAnswer {
    status: String,
    data: Option<WireData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireData {
    result_type: String,
    #[serde(default)]
    result: Vec<WireSeries>,
}

#[derive(Deserialize)]
struct WireSeries {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
}

/// Counts over time, of one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The level, where a label tells.
    pub level: Option<Clean>,
    /// When a stretch ended, and how many lines were in it.
    pub counts: Vec<(Moment, u64)>,
}

/// Understands the answer to a counting query.
///
/// # Errors
/// When it is none.
pub fn read_volume(body: &[u8]) -> Result<Vec<Counted>, Fault> {
    const EXPECTED: &str = "counts of log lines";
    let answer: WireAnswer = json(body, EXPECTED)?;
    let data = match (answer.status.as_str(), answer.data) {
        ("success", Some(data)) if data.result_type == "matrix" => data,
        ("success", None) => return Ok(Vec::new()),
        ("success", Some(data)) => {
            return Err(Fault::Garbled { expected: EXPECTED, why: Clean::line(&format!("a {}", data.result_type)) });
        }
        (status, _) => return Err(Fault::Garbled { expected: EXPECTED, why: Clean::line(status) }),
    };
    Ok(data.result.into_iter().map(counted).collect())
}

fn counted(series: WireSeries) -> Counted {
    let named = ["level", "detected_level"].iter().find_map(|name| series.metric.get(*name));
    let level = named.filter(|level| !level.is_empty()).map(|level| Clean::line(level));
    let count = |(at, value): (f64, String)| Some((epoch(at)?, whole(&value)?));
    Counted { level, counts: series.values.into_iter().filter_map(count).collect() }
}

/// A count, as Loki writes one: a number without a fraction, in any of Go's ways.
fn whole(text: &str) -> Option<u64> {
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0)?;
    format!("{value:.0}").parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_and_what_is_none_is_not() {
        let body = include_bytes!("../../../tests/samples/loki/3.5/usual/query-range-matrix.json");
        let counted = read_volume(body).unwrap();
        assert!(!counted.is_empty());
        let body = br#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"level":"error"},
            "values":[[1795223820,"7"],[1795223880,"1e+03"],[1795223940,"NaN"],[0,"3"],[1795224000,"-1"]]}]}}"#;
        let counted = read_volume(body).unwrap();
        assert_eq!(counted[0].level, Some(Clean::line("error")));
        assert_eq!(counted[0].counts.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [7, 1000]);
        assert_eq!(read_volume(b"{\"status\":\"success\"}").unwrap(), []);
        let streams = include_bytes!("../../../tests/samples/loki/3.5/usual/query-range-streams.json");
        for body in [&streams[..], b"<html>", b"", b"parse error at line 1, col 1"] {
            assert!(read_volume(body).is_err());
        }
    }
}
