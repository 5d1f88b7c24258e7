//! Reads lifecycle data: `null`, `false`, `true` and a date each mean something of their own there.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Cycle, CycleSet, Cycles, Ending};
use crate::domain::clock::Day;
use crate::text::clean::Clean;

#[derive(Deserialize)]
struct WireMeta {
    #[serde(default)]
    aliases: BTreeMap<String, String>,
    snapshot_commit_date: Option<String>,
}

#[derive(Deserialize)]
struct WireSet {
    source: Option<Clean>,
    fetched: Option<Day>,
    #[serde(default)]
    aliases: Vec<String>,
    cycles: Vec<WireCycle>,
}

#[derive(Deserialize)]
struct WireCycle {
    cycle: Clean,
    released: Option<Day>,
    support_until: Option<Ending>,
    eol: Option<Ending>,
    latest: Option<Clean>,
    latest_date: Option<Day>,
    lts: Option<WireLts>,
    extended_until: Option<Ending>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WireLts {
    From(Day),
    Flag(bool),
}

/// A whole file.
pub(super) fn file(json: &[u8]) -> Result<Cycles, String> {
    let tables: BTreeMap<String, &RawValue> = serde_json::from_slice(json)
        .map_err(|e| format!("lifecycle data is one JSON object, with a product's cycles under its name: {e}"))?;
    let meta = match tables.get("_meta") {
        Some(raw) => serde_json::from_str(raw.get()).map_err(|e| format!("`_meta` of the lifecycle data: {e}"))?,
        None => WireMeta { aliases: BTreeMap::new(), snapshot_commit_date: None },
    };
    let snapshot: Option<Day> =
        meta.snapshot_commit_date.as_deref().and_then(|text| text.split('T').next()?.parse().ok());
    let mut read = Cycles { products: BTreeMap::new(), aliases: meta.aliases };
    for (name, raw) in tables.into_iter().filter(|(name, _)| name != "_meta") {
        let set: WireSet =
            serde_json::from_str(raw.get()).map_err(|e| format!("`{name}` in the lifecycle data: {e}"))?;
        for alias in set.aliases {
            read.aliases.entry(alias).or_insert_with(|| name.clone());
        }
        let key = Clean::line(&name);
        let set = CycleSet {
            key,
            taken: set.fetched.or(snapshot),
            origin: set.source.unwrap_or_else(|| Clean::line("lifecycle data")),
            cycles: set.cycles.into_iter().map(WireCycle::into_cycle).collect(),
        };
        read.products.insert(name, set);
    }
    Ok(read)
}

impl WireCycle {
    fn into_cycle(self) -> Cycle {
        let (lts, lts_from) = match self.lts {
            Some(WireLts::From(day)) => (true, Some(day)),
            Some(WireLts::Flag(lts)) => (lts, None),
            None => (false, None),
        };
        Cycle {
            name: self.cycle,
            released: self.released,
            active_until: self.support_until,
            eol: self.eol,
            latest: self.latest,
            latest_on: self.latest_date,
            lts,
            lts_from,
            extended_until: self.extended_until,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_data_reads_whole() {
        let json = include_bytes!("../../../assets/lifecycle.json");
        let read = file(json).unwrap();
        assert_eq!(*Cycles::embedded(), read);
        assert_eq!(read.products.len(), 21);
        assert_eq!(read.products.values().map(|set| set.cycles.len()).sum::<usize>(), 513);
        assert!(read.products.values().all(|set| set.taken.is_some() && !set.cycles.is_empty()));
        for (alias, of) in &read.aliases {
            assert!(read.get(alias).is_some(), "{alias} -> {of}");
        }
    }

    #[test]
    fn null_false_true_and_a_date_are_four_things() {
        let read = file(
            br#"{"x": {"fetched": "2026-08-22", "aliases": ["y"], "cycles": [
                {"cycle": "4", "eol": false, "lts": "2026-10-01"},
                {"cycle": "3", "eol": "2027-01-31", "support_until": false, "lts": true},
                {"cycle": "2", "eol": true, "support_until": true, "lts": false},
                {"cycle": "1.10", "eol": null}
            ]}}"#,
        )
        .unwrap();
        let cycles = &read.get("y").unwrap().cycles;
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(
            cycles.iter().map(|cycle| cycle.eol).collect::<Vec<_>>(),
            [Some(Ending::Open), Some(Ending::On(day("2027-01-31"))), Some(Ending::Over), None]
        );
        assert_eq!(
            cycles.iter().map(|cycle| cycle.active_until).collect::<Vec<_>>(),
            [None, Some(Ending::Open), Some(Ending::Over), None]
        );
        assert_eq!(cycles[3].name, "1.10");
        let lts: Vec<(bool, bool)> =
            cycles.iter().map(|cycle| (cycle.is_lts(day("2026-09-30")), cycle.is_lts(day("2026-10-01")))).collect();
        assert_eq!(lts, [(false, true), (true, true), (false, false), (false, false)]);
    }

    #[test]
    fn what_is_no_lifecycle_data_is_refused_with_its_place() {
        for (json, says) in [
            ("", "one JSON object"),
            ("[]", "one JSON object"),
            ("<html>", "one JSON object"),
            (r#"{"_meta": 3}"#, "`_meta`"),
            (r#"{"x": {}}"#, "`x`"),
            (r#"{"x": {"cycles": [{"cycle": 1.3}]}}"#, "`x`"),
            (r#"{"x": {"cycles": [{"cycle": "1.3", "eol": "soon"}]}}"#, "`x`"),
        ] {
            let said = file(json.as_bytes()).unwrap_err();
            assert!(said.contains(says), "{json} -> {said}");
        }
    }
}
