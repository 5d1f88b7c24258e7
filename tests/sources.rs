//! The contract of all kinds: every sample is understood as written down beside it, and nothing an endpoint can answer
//! makes a source panic or believe nonsense.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::string_slice)]

#[path = "sources/replay.rs"]
mod replay;
#[path = "sources/wire.rs"]
mod wire;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use quarterdeck::domain::clock::{Clock, Moment, Tz};
use quarterdeck::domain::cycles::Cycle;
use quarterdeck::domain::fact::Heard;
use quarterdeck::domain::fault::Fault;
use quarterdeck::domain::id::{Place, ProductId, Scope};
use quarterdeck::domain::planned::Stream;
use quarterdeck::domain::product::{BuildMetric, Catalog, Lifecycle, Marks, Product, Step};
use quarterdeck::domain::scheme::Scheme;
use quarterdeck::fleetfile::endpoint::{Address, Auth, Endpoint, Trust};
use quarterdeck::fleetfile::section::{Defaults, Desk, Reached, Section, Shelf};
use quarterdeck::fleetfile::shape::{self, Form, Node, Value};
use quarterdeck::net::roads::Roads;
use quarterdeck::sources::KINDS;
use quarterdeck::sources::kind::{Kind, Setting, Source};
use quarterdeck::text::Clean;
use replay::{Exchange, Mangle, Replay};
use wire::{Manner, Wire};

/// The time all samples were written for.
const NOW: &str = "2026-11-21T01:17:00Z";

/// One sample: a folder with a section, an exchange, and what is to be heard.
struct Case {
    folder: PathBuf,
    kind: &'static Kind,
}

impl Case {
    /// Whether it goes on after the poll.
    fn is_followed(&self) -> bool {
        self.folder.join("watch.jsonl").exists()
    }
}

/// What was heard stands in this file; with `UPDATE=1` it is written down.
fn written(path: &Path, text: &str) {
    let text = format!("{text}\n");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let told = std::fs::read_to_string(path).unwrap_or_default();
    assert!(told == text, "{} (UPDATE=1 writes it down anew; read it before you commit):\n{text}", path.display());
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let folders = |path: &Path| {
        let mut found: Vec<PathBuf> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.retain(|path| path.is_dir());
        found.sort();
        found
    };
    let mut cases = Vec::new();
    // A name may stand in two places of a fleet file; its samples are those of the first.
    let first_of_name = |n: usize| !KINDS.iter().take(n).any(|kind| kind.name == KINDS[n].name);
    for kind in (0..KINDS.len()).filter(|n| first_of_name(*n)).map(|n| KINDS[n]) {
        let of_kind = root.join(kind.name);
        assert!(of_kind.is_dir(), "{} has no sample", kind.name);
        for version in folders(&of_kind) {
            cases.extend(folders(&version).into_iter().map(|folder| Case { folder, kind }));
        }
    }
    cases
}

/// A catalog with one product of each kind of mark, so that samples do not depend on the built-in one.
fn catalog() -> Arc<Catalog> {
    let product = |id: &str, metric: Option<(&str, &str)>, image: &str| Product {
        id: id.into(),
        title: Clean::line(id),
        group: Clean::line("test"),
        scheme: Scheme::Semver,
        lifecycle: Lifecycle::Rolling,
        upgrade_window: None,
        supported: None,
        step: Step::Any,
        stream: Stream::Infrastructure,
        chart: None,
        marks: Marks {
            images: vec![Clean::line(image)],
            charts: vec![Clean::line(id)],
            metrics: metric
                .map(|(name, label)| BuildMetric {
                    name: Clean::line(name),
                    label: Clean::line(label),
                    only: Default::default(),
                })
                .into_iter()
                .collect(),
            tag: None,
        },
        artifacts: Vec::new(),
        cycles: None::<Vec<Cycle>>,
        listed: Vec::new(),
        has_list: false,
        blocked: Vec::new(),
        sources: Vec::new(),
    };
    Arc::new(Catalog::new([
        product("meshstack", None, "meshstack/meshfed-api"),
        product("kubernetes", Some(("kubernetes_build_info", "git_version")), "kube-apiserver"),
        product("prometheus", Some(("prometheus_build_info", "version")), "prometheus/prometheus"),
        product("cilium", Some(("cilium_version", "version")), "cilium/cilium"),
        product("mongodb", Some(("mongodb_version_info", "mongodb")), "mongo"),
        product("cert-manager", None, "jetstack/cert-manager-controller"),
    ]))
}

fn tree(name: &str, text: &str) -> Node {
    let mut problems = Vec::new();
    let node = shape::read(Form::Toml, &name.into(), text, &mut problems);
    assert!(problems.is_empty(), "{name}: {problems:?}");
    node
}

fn build(case: &Case) -> (Box<dyn Source>, Option<Endpoint>) {
    let text = std::fs::read_to_string(case.folder.join("section.toml")).unwrap();
    let desk = Desk::new("section.toml", &case.folder);
    let node = tree("section.toml", &text);
    let Value::Table(table) = &node.value else { panic!("a section is a table") };
    let product = ProductId::from("meshstack");
    // What may stand in two places says in its first line where this one does.
    let place = match text.starts_with("# stands among the releases of a product") {
        true => Scope::Product(product.clone()),
        false => Scope::Place(Place::new(&"acme".into(), &"production".into())),
    };
    let setting = Setting {
        scope: &place,
        catalog: &catalog(),
        product: Some(&product),
        namespace: Some("meshstack"),
        places: &[("acme".into(), "production".into())],
        folder: &case.folder,
        zone: Tz::Europe__Berlin,
    };
    let mut section = Section::new(&desk, "a source", table, node.span);
    let Reached { address, reach } = section.usual_keys(Shelf::Place, &Defaults::default()).reached;
    let built = (case.kind.build)(&mut section, &setting);
    section.finish();
    let problems = desk.take();
    assert!(problems.is_empty(), "{}: {problems:?}", case.folder.display());
    let built = built.unwrap_or_else(|| panic!("{} builds nothing", case.folder.display()));
    (built.source, built.endpoint.or_else(|| Some(reach.to(address?))))
}

fn poll(case: &Case, mangle: Option<Mangle>) -> Result<Heard, Fault> {
    let (source, _) = build(case);
    let now: Moment = NOW.parse().unwrap();
    let door = Replay::new(Exchange::read(&case.folder), mangle, now);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let heard = runtime.block_on(source.poll(&door, now));
    if mangle.is_none() && case.is_followed() {
        let mut followed = Vec::new();
        while let Some(news) = source.follow(&door) {
            match runtime.block_on(news) {
                Ok(news) => followed.push(news),
                Err(_) => break,
            }
        }
        written(&case.folder.join("followed.json"), &serde_json::to_string_pretty(&followed).unwrap());
    }
    if mangle.is_none() {
        door.all_asked(&case.folder);
        asked_again(case, &*source, &heard);
    }
    heard
}

/// Where a sample says what is asked the next time: that and no more, and the same is heard.
fn asked_again(case: &Case, source: &dyn Source, heard: &Result<Heard, Fault>) {
    if !case.folder.join("again.txt").exists() {
        return;
    }
    let now: Moment = NOW.parse().unwrap();
    let door = Replay::new(Exchange::read_from(&case.folder, "again.txt"), None, now);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(&runtime.block_on(source.poll(&door, now)), heard, "{}", case.folder.display());
    door.all_asked(&case.folder);
}

#[test]
fn every_sample_is_understood_as_written_down_beside_it() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        // Where nothing was heard, the reason stands beside the exchange, with what to do about it.
        let (text, path) = match poll(&case, None) {
            Ok(heard) => (serde_json::to_string_pretty(&heard).unwrap() + "\n", case.folder.join("heard.json")),
            Err(fault) => (format!("{fault}\n{}\n", fault.hint()), case.folder.join("fault.txt")),
        };
        if update {
            std::fs::write(&path, &text).unwrap();
        } else if std::fs::read_to_string(&path).ok().as_deref() != Some(&text) {
            wrong.push(format!("{}\n{text}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "heard otherwise (UPDATE=1 writes it down anew; read it before you commit):\n{wrong:#?}");
}

/// The same over real connections, through the transport with all its limits. None where the sample is not HTTP.
async fn over_the_wire(case: &Case, manner: Manner) -> Option<(Result<Heard, Fault>, Wire)> {
    let (source, endpoint) = build(case);
    let exchange = Exchange::read(&case.folder);
    let mut endpoint = endpoint?;
    let Address::Url(address) = &endpoint.address else { return None };
    if !exchange.is_http() {
        return None;
    }
    // The listener stands in the way of every host by being the proxy; the samples' credentials are nobody's.
    let plain = address.as_str().replace("https://", "http://");
    let (wire, proxy) = Wire::listen(exchange, &plain.parse().unwrap(), manner).await;
    endpoint.address = Address::Url(Clean::line(&plain));
    endpoint.proxy = Some(Clean::line(&proxy));
    endpoint.auth = Auth::None;
    endpoint.trust = Trust::default();
    endpoint.limit = (manner == Manner::Flood).then_some(10_000);
    let now: Moment = NOW.parse().unwrap();
    let roads = Roads::new(Arc::new(Stopped(now)), std::env::temp_dir());
    let heard = source.poll(&roads.door(&endpoint).around_the_breaker(), now).await;
    Some((heard, wire))
}

struct Stopped(Moment);

impl Clock for Stopped {
    fn now(&self) -> Moment {
        self.0
    }
}

#[tokio::test]
async fn every_sample_is_understood_the_same_over_real_http() {
    let mut n_heard = 0;
    for case in cases() {
        let Some((heard, wire)) = over_the_wire(&case, Manner::AsRecorded).await else { continue };
        if case.folder.join("fault.txt").exists() {
            assert!(heard.is_err(), "{}", case.folder.display());
            continue;
        }
        let heard = heard.unwrap_or_else(|fault| panic!("{}: {fault}", case.folder.display()));
        let told = std::fs::read(case.folder.join("heard.json")).unwrap();
        let told: Heard = serde_json::from_slice(&told).unwrap();
        assert_eq!(heard.facts, told.facts, "{}", case.folder.display());
        // A refusal is told in the server's own words here.
        let places = |heard: &Heard| heard.gaps.iter().map(|gap| (gap.place.clone(), gap.kind)).collect::<Vec<_>>();
        assert_eq!(places(&heard), places(&told), "{}", case.folder.display());
        // What is asked only while something moves is told by the test of what is followed.
        let followed = case.folder.join("followed.json").exists();
        assert!(followed || wire.left().is_empty(), "{}: never asked for {:?}", case.folder.display(), wire.left());
        n_heard += 1;
    }
    assert!(n_heard > 20, "most samples are HTTP: {n_heard}");
}

#[tokio::test]
async fn a_server_without_manners_is_a_fault_that_names_them() {
    for case in cases() {
        // What a sample of a refusal does without manners is one more refusal.
        if case.folder.join("fault.txt").exists() {
            continue;
        }
        for manner in [Manner::BrokenOff, Manner::Elsewhere, Manner::Flood, Manner::Silent] {
            let Some((heard, _)) = over_the_wire(&case, manner).await else { continue };
            let fits = match (&heard, manner) {
                (Err(Fault::Cut { .. } | Fault::Garbled { .. }), Manner::BrokenOff)
                | (Err(Fault::Astray { .. }), Manner::Elsewhere)
                | (Err(Fault::TooLarge { .. }), Manner::Flood)
                | (Err(Fault::Cut { .. } | Fault::Unreachable { .. } | Fault::Proxy { .. }), Manner::Silent) => true,
                // Who guesses the make of a page says that none fits, whatever each guess met with.
                (Err(Fault::Garbled { .. }), _) if case.kind.name == "auto" => true,
                // A part that may be missing is a gap; nothing may be believed then.
                (Ok(heard), _) => heard.facts.is_empty() && !heard.gaps.is_empty(),
                _ => false,
            };
            assert!(fits, "{} with {manner:?}: {heard:?}", case.folder.display());
        }
    }
}

#[test]
fn what_is_no_answer_is_a_fault_that_says_what_was_expected() {
    for case in cases().into_iter().filter(|case| !case.folder.join("fault.txt").exists()) {
        for mangle in [Mangle::Empty, Mangle::Html, Mangle::Cut, Mangle::OtherType] {
            match poll(&case, Some(mangle)) {
                Err(Fault::Garbled { .. }) => {}
                // Git notices itself when a pack ends early.
                Err(Fault::Cut { .. }) if mangle == Mangle::Cut => {}
                // Half a YAML document may be a whole one; then at least the doubt is told.
                Ok(heard) if mangle == Mangle::Cut && !heard.gaps.is_empty() => {}
                Err(other) => panic!("{} with {mangle:?}: {other:?}", case.folder.display()),
                Ok(heard) => panic!("{} with {mangle:?} heard {heard:?}", case.folder.display()),
            }
        }
    }
}

#[test]
fn odd_bytes_anywhere_never_make_a_source_panic() {
    for case in cases() {
        for seed in 0..40 {
            // Whatever comes of it, it comes as a value.
            let _ = poll(&case, Some(Mangle::Flip(seed)));
        }
    }
}

#[test]
fn an_answer_that_never_comes_is_the_fault_the_door_told() {
    for case in cases() {
        assert!(matches!(poll(&case, Some(Mangle::Slow)), Err(Fault::Slow { .. })), "{}", case.folder.display());
    }
}

#[test]
fn every_kind_has_an_example_it_reads_itself() {
    for kind in KINDS {
        let text = kind.example.trim().trim_start_matches('{').trim_end_matches('}');
        assert!(text.contains(&format!("kind = \"{}\"", kind.name)), "{}", kind.name);
        let whole = format!("example = {}", kind.example);
        tree(kind.name, &whole);
    }
}
