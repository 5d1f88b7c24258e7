//! Helm charts: which app version each stable version of a chart carries. A chart lies in a repository with an index, or
//! in a registry (`oci://`). An index of many megabytes is read as it arrives: only the lines of the wanted chart are held,
//! and only their fields kept.

mod excerpt;
mod oci;

use saphyr_parser::{Event, Parser, ScalarStyle};

use self::excerpt::Excerpt;
use crate::domain::clock::{Dated, Moment};
use crate::domain::delivery::{ListKind, Release};
use crate::domain::fact::{Fact, Gap, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::id::ProductId;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::net::kept::{Kept, News};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::moment;
use crate::text::clean::Clean;

/// A Helm chart repository.
pub static KIND: Kind = Kind {
    name: "chart",
    about: "app versions out of a Helm chart repository's index, or of a chart in an OCI registry",
    example: r#"{ kind = "chart", url = "https://charts.example.test", chart = "traefik" }"#,
    stands: Stands::Product,
    build,
};

/// The largest index that is read: the largest public ones have forty megabytes.
const LARGEST: u64 = 64_000_000;

struct Chart {
    product: ProductId,
    name: Clean,
    kept: Kept<Heard>,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let name = section
        .optional(("chart", "the chart's name; the catalog's unless said, and under `oci://` the last part of `url`"));
    let product = setting.product?;
    let known = setting.catalog.get(product.as_str()).and_then(|product| product.chart.as_ref());
    if let Some(address) = section.optional(("url", "its address")).filter(|url| url.as_str().starts_with("oci://")) {
        return oci::build(section, product, name.as_ref(), &address);
    }
    let name = name.or_else(|| known.map(|chart| chart.name.clone())).unwrap_or_else(|| Clean::line(product.as_str()));
    Some(Built::new(Chart { product: product.clone(), name, kept: Kept::default() }))
}

impl Source for Chart {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let ask = || Ask::get("index.yaml").at_most(LARGEST);
            let (mut flow, slot) = match self.kept.stream(door, ask()).await? {
                News::Same(heard) => return Ok(heard),
                News::Changed(flow, slot) => (flow, slot),
            };
            let mut excerpt = Excerpt::of(self.name.as_str());
            while let Some(piece) = flow.pieces.next().await? {
                excerpt.take(&piece);
            }
            let (taken, is_less) = excerpt.done();
            let heard = match self.read_index(&taken) {
                // An index may be written in lines and hang together in other ways: then it is read whole.
                Err(fault) if is_less => {
                    let whole = door.ask(ask()).await.and_then(|reply| self.read_index(&reply.body));
                    whole.map_err(|_| fault)?
                }
                read => read?,
            };
            slot.keep(heard.clone());
            Ok(heard)
        })
    }
}

/// What is kept of one version of a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entry {
    version: Option<String>,
    app_version: Option<String>,
    created: Option<String>,
    deprecated: bool,
    removed: bool,
    library: bool,
}

impl Chart {
    fn read_index(&self, body: &[u8]) -> Result<Heard, Fault> {
        let text = std::str::from_utf8(body).map_err(|_| garbled("bytes that are no text"))?;
        if text.trim_start().starts_with('<') {
            return Err(garbled("HTML (a login page or a wrong address)"));
        }
        let Walk { found, has_end, .. } = entries(text, self.name.as_str())?;
        let mut heard = Heard::default();
        if !has_end {
            heard.gaps.push(Gap {
                place: Clean::line("index.yaml"),
                why: Clean::line("no `generated` in it: cut off, or not written by Helm"),
                kind: GapKind::Partial,
            });
        }
        let Some(found) = found else {
            heard.gaps.push(Gap {
                place: Clean::line("index.yaml"),
                why: Clean::line(&format!("no chart `{}` in it", self.name)),
                kind: GapKind::Odd,
            });
            return Ok(heard);
        };
        for entry in found {
            let (Some(version), Some(app_version)) = (entry.version, entry.app_version) else { continue };
            if entry.deprecated || entry.removed || entry.library {
                continue;
            }
            heard.facts.push(Fact::here(What::Release(Box::new(Release {
                product: self.product.clone(),
                version: Clean::line_within(&app_version, 100),
                published: entry.created.as_deref().and_then(moment).map(Dated::At),
                // The chart version decides: an app version is free text.
                prerelease: is_prerelease(&version),
                chart: Some(Clean::line_within(&version, 100)),
                url: None,
                list: ListKind::Whole,
            }))));
        }
        Ok(heard)
    }
}

/// Whether a chart version is a pre-release: strictly, as Helm reads them. What is no version at all never wins.
fn is_prerelease(version: &str) -> bool {
    let plain = version.strip_prefix('v').unwrap_or(version);
    let plain = plain.split_once('+').map_or(plain, |(before, _)| before);
    plain.contains('-') || !plain.starts_with(|c: char| c.is_ascii_digit())
}

fn garbled(why: &str) -> Fault {
    Fault::Garbled { expected: "the index of a chart repository", why: Clean::line(why) }
}

/// The entries of one chart, and how far the index goes.
fn entries(text: &str, chart: &str) -> Result<Walk, Fault> {
    let mut walk = Walk::default();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| garbled(&format!("broken YAML ({error})")))?;
        walk.take(event, chart);
    }
    match walk {
        Walk { has_entries: false, .. } => Err(garbled("a document without `entries`")),
        Walk { open: true, .. } => Err(garbled("an index that ends in the middle")),
        whole => Ok(whole),
    }
}

/// Where one is in the document: the keys on the way, and what is being read.
#[derive(Default)]
struct Walk {
    /// The keys and list marks from the root to here.
    path: Vec<Step>,
    has_entries: bool,
    /// Whether the line stands there that Helm writes behind all entries.
    has_end: bool,
    open: bool,
    entry: Entry,
    found: Option<Vec<Entry>>,
}

/// One step of the way.
enum Step {
    /// Inside a mapping, at this key; none while the key itself is due.
    Key(Option<String>),
    /// Inside a list.
    Item,
}

impl Walk {
    fn take(&mut self, event: Event<'_>, chart: &str) {
        match event {
            Event::DocumentStart(_) => self.open = true,
            Event::DocumentEnd => self.open = false,
            Event::MappingStart(..) => {
                if self.at(&["entries", chart]) {
                    self.entry = Entry::default();
                }
                self.path.push(Step::Key(None));
            }
            Event::SequenceStart(..) => {
                if self.is_key(&["entries", chart]) {
                    self.found = Some(Vec::new());
                }
                self.path.push(Step::Item);
            }
            Event::MappingEnd => {
                self.path.pop();
                if self.at(&["entries", chart])
                    && let Some(found) = &mut self.found
                {
                    found.push(std::mem::take(&mut self.entry));
                }
                self.value_done();
            }
            Event::SequenceEnd => {
                self.path.pop();
                self.value_done();
            }
            Event::Scalar(text, style, ..) => self.scalar(&text, style, chart),
            Event::Alias(_) => self.value_done(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd => {}
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, chart: &str) {
        if let Some(Step::Key(key @ None)) = self.path.last_mut() {
            *key = Some(text.to_owned());
            self.has_entries |= self.path.len() == 1 && text == "entries";
            self.has_end |= self.path.len() == 1 && text == "generated";
            return;
        }
        if let [Step::Key(Some(entries)), Step::Key(Some(name)), Step::Item, Step::Key(Some(field))] = &self.path[..]
            && entries == "entries"
            && name == chart
        {
            // A scalar is kept as it was written: `1.10` is no number here.
            let null = style == ScalarStyle::Plain && matches!(text, "" | "~" | "null");
            let value = (!null).then(|| text.to_owned());
            let yes = text == "true";
            match field.as_str() {
                "version" => self.entry.version = value,
                "appVersion" => self.entry.app_version = value,
                "created" => self.entry.created = value,
                "deprecated" => self.entry.deprecated = yes,
                "removed" => self.entry.removed = yes,
                "type" => self.entry.library = text == "library",
                _ => {}
            }
        }
        self.value_done();
    }

    /// A value is complete: in a mapping the next key is due.
    fn value_done(&mut self) {
        if let Some(Step::Key(key)) = self.path.last_mut() {
            *key = None;
        }
    }

    /// Whether this is an item of the list under these keys.
    fn at(&self, keys: &[&str]) -> bool {
        matches!(self.path.last(), Some(Step::Item)) && self.path.len() == keys.len() + 1 && self.leads(keys)
    }

    /// Whether this is the value of the last of these keys.
    fn is_key(&self, keys: &[&str]) -> bool {
        self.path.len() == keys.len() && self.leads(keys)
    }

    fn leads(&self, keys: &[&str]) -> bool {
        self.path.iter().zip(keys).all(|(step, key)| matches!(step, Step::Key(Some(at)) if at == key))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn releases(index: &str) -> Vec<(String, bool)> {
        let chart = Chart { product: "x".into(), name: Clean::line("x"), kept: Kept::default() };
        let release = |fact: Fact| match fact.what {
            What::Release(release) => (release.version.to_string(), release.prerelease),
            other => panic!("{other:?}"),
        };
        chart.read_index(index.as_bytes()).unwrap().facts.into_iter().map(release).collect()
    }

    #[test]
    fn only_usable_entries_of_the_chart_count_and_numbers_stay_text() {
        let index = "apiVersion: v1\nentries:\n  other:\n  - version: 9.0.0\n    appVersion: 9\n  x:\n  - version: 1.1.0\n    \
            appVersion: 1.10\n    annotations:\n      version: 7.7.7\n    urls: [a, b]\n  - version: v1.2.0-rc.1\n    appVersion: 1.11\n  \
            - version: 1.0.0\n    appVersion: 1.9\n    deprecated: true\n  - null\n  - {version: 0.9.0, appVersion: \"v1.8\"}\n  \
            - version: 0.8.0\ngenerated: now\n";
        let expected = [("1.10", false), ("1.11", true), ("v1.8", false)];
        assert_eq!(releases(index), expected.map(|(version, pre)| (version.to_owned(), pre)));
    }

    #[test]
    fn json_is_yaml_too_and_what_is_neither_is_refused() {
        assert_eq!(releases(r#"{"entries": {"x": [{"version": "1.0.0", "appVersion": "2"}]}}"#).len(), 1);
        let chart = Chart { product: "x".into(), name: Clean::line("x"), kept: Kept::default() };
        for wrong in ["", "<html>", "apiVersion: v1\n", "entries:\n  x:\n  - version: [", "a: b: c"] {
            assert!(matches!(chart.read_index(wrong.as_bytes()), Err(Fault::Garbled { .. })), "{wrong}");
        }
        assert_eq!(chart.read_index(b"{entries: {y: []}, generated: now}").unwrap().gaps.len(), 1);
        assert_eq!(chart.read_index(b"entries: {x: []}").unwrap().gaps.len(), 1);
    }
}
