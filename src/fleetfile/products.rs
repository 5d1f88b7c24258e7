//! Products: the built-in catalog, and what the fleet file adds to it or overrides, key by key.

use std::collections::{BTreeMap, BTreeSet};

use super::entries::Entries;
use super::section::{Defaults, Key, Section, Shelf, need};
use super::spell;
use crate::domain::cycles::{Cycle, Ending};
use crate::domain::id::{ProductId, Scope};
use crate::domain::planned::Stream;
use crate::domain::product::{BuildMetric, Chart, Lifecycle, ListedRelease, Marks, Product, Step};
use crate::domain::scheme::Scheme;
use crate::domain::version::VersionRange;
use crate::text::clean::Clean;

/// Products by id while they are read.
pub(super) type Products = BTreeMap<ProductId, Product>;

/// Reads `[products.X]`, each over the product of that id that is known already.
pub(super) fn read(section: &mut Section<'_>, known: &mut Products, defaults: &Defaults, entries: &mut Entries) {
    section.map(("products", "products by id; the usual ones are known"), "the product", |name, inner| {
        let id = ProductId::from(name.value.as_str());
        if !inner.is_recording() && !spell::is_id(name.value.as_str()) {
            inner.complain(name.span, format!("`{}` {}", name.value, spell::ID_WORDS));
        }
        let base = known.get(&id).cloned();
        let product = product(inner, &id, base, defaults, entries);
        known.insert(id, product);
    });
}

fn product(
    section: &mut Section<'_>,
    id: &ProductId,
    base: Option<Product>,
    defaults: &Defaults,
    entries: &mut Entries,
) -> Product {
    let is_new = base.is_none();
    let mut product = base.unwrap_or_else(|| blank(id));
    let over = |slot: &mut Clean, given: Option<Clean>| *slot = given.unwrap_or_else(|| slot.clone());
    over(&mut product.title, section.optional(("title", "its name for people")));
    over(&mut product.group, section.optional(("group", "the part of a platform it belongs to")));
    let schemes = Scheme::ALL.map(|scheme| (scheme.name(), scheme));
    let scheme = Key::from(("scheme", "how its versions are read"));
    let rescheme = section.choice(if is_new && !section.is_recording() { need(scheme) } else { scheme }, &schemes);
    product.scheme = rescheme.unwrap_or(product.scheme);
    let lifecycle = lifecycle(section);
    if is_new && !section.has("lifecycle") && !section.is_recording() && !section.desk().is_torn() {
        let problem = section.problem(section.span(), format!("`lifecycle` is missing in {}", section.what()));
        section.note(problem.help(
            "it wants `rolling`, `latest-stable`, or `{ kind = \"dated\", cycles = \"NAME\" }` with a name in the lifecycle data",
        ));
    }
    product.lifecycle = lifecycle.unwrap_or(product.lifecycle);
    product.upgrade_window =
        section.days(("upgrade_window", "how long an ended version is still operated")).or(product.upgrade_window);
    if let Some(range) =
        section.optional(("supported", "the versions our platform works with, such as `>=1.21, <=1.27`"))
    {
        match VersionRange::parse(product.scheme, range.as_str()) {
            Ok(range) => product.supported = Some(range),
            Err(why) => section.refuse("supported", format!("`supported`: {why}")),
        }
    }
    let steps = [("any", Step::Any), ("minor", Step::Minor)];
    product.step = section.choice(("step", "how far one upgrade may go"), &steps).unwrap_or(product.step);
    product.stream = section.choice(("stream", "whose work it is"), &streams()).unwrap_or(product.stream);
    let chart = section.table(("chart", "its official chart"), "`chart`", |inner| {
        let repository = inner.url(need(("repository", "its address")), &["https", "http", "oci"]);
        let name = inner.required(("name", "its name there"));
        Some(Chart { repository: Clean::line(repository?.as_str()), name: name? })
    });
    product.chart = chart.flatten().or(product.chart);
    marks(section, &mut product.marks);
    let artifacts = section.texts(("artifacts", "what `delivered` looks for in an artifact store"));
    product.artifacts = artifacts.unwrap_or(product.artifacts);
    let blocked = section.names(("blocked", "versions that must not roll out anywhere"));
    if let Some(blocked) = blocked {
        product.blocked = blocked.into_iter().filter_map(|placed| section.ordered(product.scheme, &placed)).collect();
    }
    let cycles = section.tables(("cycles", "release cycles, where the lifecycle data has none"), "a cycle", cycle);
    if let Some(cycles) = cycles {
        product.cycles = Some(cycles.into_iter().flatten().collect());
    }
    releases(section, &mut product, defaults, entries);
    product
}

fn blank(id: &ProductId) -> Product {
    Product {
        id: id.clone(),
        title: Clean::line(id.as_str()),
        group: Clean::line(""),
        scheme: Scheme::Semver,
        lifecycle: Lifecycle::Rolling,
        upgrade_window: None,
        supported: None,
        step: Step::Any,
        stream: Stream::Infrastructure,
        chart: None,
        marks: Marks::default(),
        artifacts: Vec::new(),
        cycles: None,
        listed: Vec::new(),
        has_list: false,
        blocked: Vec::new(),
        sources: Vec::new(),
    }
}

/// The five streams by name.
pub(super) fn streams() -> [(&'static str, Stream); 5] {
    Stream::ALL.map(|stream| (stream.word(), stream))
}

fn lifecycle(section: &mut Section<'_>) -> Option<Lifecycle> {
    let words = [("rolling", Lifecycle::Rolling), ("latest-stable", Lifecycle::LatestStable)];
    section.word_or_table(("lifecycle", "how long a version lives"), "`lifecycle`", &words, |inner| {
        let kinds = [("rolling", 0), ("latest-stable", 1), ("dated", 2)];
        let kind = inner.choice(need("kind"), &kinds);
        let cycles = inner.optional(("cycles", "the product's name in the lifecycle data"));
        match kind? {
            0 => Some(Lifecycle::Rolling),
            1 => Some(Lifecycle::LatestStable),
            _ if cycles.is_none() && !inner.has("cycles") => {
                let problem = inner.problem(inner.span(), "a `dated` lifecycle without `cycles`");
                inner.note(
                    problem.help("name the product as the lifecycle data does, such as `cycles = \"kubernetes\"`"),
                );
                None
            }
            _ => Some(Lifecycle::Dated { cycles: cycles? }),
        }
    })
}

fn marks(section: &mut Section<'_>, marks: &mut Marks) {
    if let Some(images) = section.texts(("images", "image names, matched from the right")) {
        marks.images = images;
    }
    if let Some(charts) = section.texts(("charts", "Helm chart names")) {
        marks.charts = charts;
    }
    let metrics = section.tables(("metrics", "metrics that tell its version in a label"), "a metric", |inner| {
        let name = inner.required(("name", "the metric"));
        let label = inner.required(("label", "the label with the version"));
        let only = inner.labels(("only", "other labels that must have these values")).unwrap_or_default();
        Some(BuildMetric { name: name?, label: label?, only })
    });
    if let Some(metrics) = metrics {
        marks.metrics = metrics.into_iter().flatten().collect();
    }
    marks.tag = section.optional(("tag", "what stands before the version in an image's tag")).or(marks.tag.take());
}

fn cycle(section: &mut Section<'_>) -> Option<Cycle> {
    let name = section.required(("cycle", "its name, a dotted prefix of its versions"));
    let released = section.day(("released", "when it began"));
    let active_until = ending(section, ("support_until", "the last day of active support"));
    let eol = ending(section, ("eol", "its last day, or whether it has ended"));
    let latest = section.optional(("latest", "its newest version"));
    let latest_on = section.day(("latest_on", "when that was"));
    let lts = section.flag(("lts", "whether it is supported for long")).unwrap_or(false);
    let lts_from = section.day(("lts_from", "from when it is"));
    let extended_until = ending(section, ("extended_until", "the last day of an extension"));
    if let (Some(released), Some(Ending::On(eol))) = (released, eol)
        && eol < released
    {
        section.refuse("eol", format!("`eol` lies before `released`, {released}"));
    }
    Some(Cycle { name: name?, released, active_until, eol, latest, latest_on, lts, lts_from, extended_until })
}

fn ending(section: &mut Section<'_>, key: impl Into<Key>) -> Option<Ending> {
    section.day_or_flag(key).map(|given| match given {
        Ok(day) => Ending::On(day),
        Err(true) => Ending::Over,
        Err(false) => Ending::Open,
    })
}

fn releases(section: &mut Section<'_>, product: &mut Product, defaults: &Defaults, entries: &mut Entries) {
    if !section.is_recording() && section.has("releases") {
        entries.forget(&product.sources);
        (product.listed, product.has_list, product.sources) = (Vec::new(), false, Vec::new());
    }
    let what = format!("a source of the product `{}`", product.id);
    let defaults = Defaults::slow(defaults);
    section.sources(("releases", "where its releases are told"), Shelf::Product, &what, |inner| {
        if inner.is_recording() || inner.is("kind", "list") {
            list(inner, product);
            inner.finish();
        } else {
            let scope = Scope::Product(product.id.clone());
            let kept =
                entries.keep(inner, Shelf::Product, scope, &defaults, |entry| entry.product = Some(product.id.clone()));
            product.sources.extend(kept);
        }
    });
}

/// Releases written in the file.
fn list(section: &mut Section<'_>, product: &mut Product) {
    let _kind = section.required("kind");
    product.has_list = true;
    let scheme = product.scheme;
    let mut seen = BTreeSet::new();
    let releases = section.tables(need(("releases", "the releases")), "a release", |inner| {
        let version = inner.named(need(("version", "the version")));
        let published = inner.dated(("published", "when it was published"));
        let version = version?;
        let read = inner.ordered(scheme, &version)?;
        if !seen.insert(read) {
            // Vendors do announce a release twice. It was published when it was first announced.
            let what = format!("release `{}` is listed twice: the earlier day counts", version.value);
            inner.note(inner.warning(version.span, what));
        }
        Some(ListedRelease { version: version.value, published })
    });
    product.listed.extend(releases.into_iter().flatten().flatten());
}

/// What a `list` source may hold, for the schema.
pub(super) fn record_list(section: &mut Section<'_>) {
    list(section, &mut blank(&ProductId::from("name")));
}
