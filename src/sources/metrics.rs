//! Any exposition of metrics: versions by build-info metrics, certificates, backups and findings, read as it streams in.

pub mod exposition;
mod meanings;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use self::exposition::{Dialect, Scanner, Wanted};
use self::meanings::Meanings;
use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Gap, GapKind, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::product::Catalog;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::text::clean::Clean;

/// Any exposition of metrics.
pub static KIND: Kind = Kind {
    name: "metrics",
    about: "versions, certificates, backups and findings out of any exposition, Prometheus' text or OpenMetrics",
    example: r#"{ kind = "metrics", url = "https://cilium.example.test:9962/metrics" }"#,
    stands: Stands::Place,
    build,
};

/// OpenMetrics first: only it tells where it ends.
const ACCEPT: &str = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

struct Metrics {
    catalog: Arc<Catalog>,
    wanted: Arc<Wanted>,
}

fn build(_section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    Some(Built::new(Metrics { catalog: Arc::clone(setting.catalog), wanted: wanted(setting.catalog) }))
}

/// The names every exposition is searched for. One list for all sources of a fleet: ten thousand would be 50 MB.
fn wanted(catalog: &Arc<Catalog>) -> Arc<Wanted> {
    static LAST: Mutex<Option<(Weak<Catalog>, Arc<Wanted>)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, wanted)) = last.as_ref()
        && of.upgrade().is_some_and(|of| Arc::ptr_eq(&of, catalog))
    {
        return Arc::clone(wanted);
    }
    let names = catalog.metric_names();
    let wanted = Arc::new(Wanted::new(names.into_iter().chain(meanings::NAMES.iter().copied())));
    *last = Some((Arc::downgrade(catalog), Arc::clone(&wanted)));
    wanted
}

impl Source for Metrics {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut flow = door.stream(Ask::get("").header("Accept", ACCEPT)).await?;
            let content_type = flow.headers.iter().find(|(name, _)| name == "content-type");
            let dialect = Dialect::of(content_type.map(|(_, value)| value.as_str()));
            let mut reading =
                Reading { catalog: &self.catalog, heard: Heard::default(), meanings: Meanings::default() };
            let mut scanner = Scanner::new(&self.wanted, dialect);
            while let Some(piece) = flow.pieces.next().await? {
                scanner.feed(&piece, &mut |sample| reading.take(sample))?;
            }
            let ending = scanner.finish(&mut |sample| reading.take(sample))?;
            Ok(reading.end(ending))
        })
    }
}

/// What was understood so far.
struct Reading<'a> {
    catalog: &'a Catalog,
    heard: Heard,
    meanings: Meanings,
}

impl Reading<'_> {
    fn take(&mut self, sample: &exposition::Sample<'_>) {
        if let Some((product, metric)) = self.catalog.metric(&sample.name) {
            // The label tells, not the value: Cilium's is 0, Fluent Bit's a time.
            let version = sample.label(metric.label.as_str());
            let excluded = metric
                .only
                .iter()
                .any(|(label, wanted)| sample.label(label.as_str()).is_some_and(|v| v != wanted.as_str()));
            if let Some(version) = version.filter(|_| !excluded) {
                let part = ["instance", "node", "broker_id", "pod"].iter().find_map(|label| sample.label(label));
                let sighting = Fact::here(What::Sighting(Sighting {
                    product: product.id.clone(),
                    version: Clean::line(version),
                    evidence: Evidence::Measured,
                    part: part.map(Clean::line),
                }));
                if !self.heard.facts.contains(&sighting) {
                    self.heard.facts.push(sighting);
                }
            }
        }
        self.meanings.take(sample);
    }

    fn end(mut self, ending: exposition::Ending) -> Heard {
        self.heard.facts.extend(self.meanings.facts());
        let place = || Clean::line("metrics");
        if let Some(first) = ending.first_odd {
            let why = Clean::line(&format!("{} lines could not be read, first `{first}`", ending.n_odd));
            self.heard.gaps.push(Gap { place: place(), why, kind: GapKind::Odd });
        }
        if let Some(why) = ending.partial {
            self.heard.gaps.push(Gap { place: place(), why: Clean::line(why), kind: GapKind::Partial });
        }
        self.heard
    }
}
