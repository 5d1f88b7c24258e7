//! What real registries let us hear of releases and of what was delivered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use quarterdeck::domain::fact::What;
use quarterdeck::fleetfile::load::Options;
use quarterdeck::runtime::fleet::open;
use tempfile::TempDir;

use super::{Asking, real};

/// The vendor's registry and a customer's, and between them a fleet that looks at both.
fn delivery(vendor: &real::Registry, customer: &real::Registry) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.toml");
    let text = format!(
        r#"[fleet]
name = "tests"

[products.shop]
title = "Shop"
scheme = "calver"
lifecycle = "rolling"
artifacts = ["platform/shop", "platform/till"]
releases = [
  {{ kind = "list", releases = [{{ version = "2026.40.0", published = "2026-01-01" }}, {{ version = "2026.41.0", published = "2026-02-01" }}] }},
  {{ kind = "oci", url = "{}" }},
]

[[installations]]
id = "acme"
plan = "on-prem"

[[installations.environments]]
name = "production"
product = "shop"
running = {{ shop = "2026.40.0" }}
sources = [{{ kind = "oci", url = "{}", folder = "mirror" }}]
"#,
        vendor.url(),
        customer.url()
    );
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

/// The rows of a view, as `show` has them.
fn rows(path: &Path, view: &str) -> Vec<serde_json::Value> {
    let said = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .args(["show", view, "--format", "json", "--wait", "20s", "--fleet"])
        .arg(path)
        .output()
        .unwrap();
    let shown: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap_or_else(|_| {
        panic!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr))
    });
    shown["rows"].as_array().unwrap().clone()
}

/// The station `delivered` of the newest release on its way into production.
fn delivered(path: &Path) -> (String, String) {
    let rows = rows(path, "rollouts");
    let row = rows.iter().find(|row| row["to"] == "2026.41.0").unwrap_or_else(|| panic!("{rows:#?}"));
    let station = row["stations"].as_array().unwrap().iter().find(|station| station["name"] == "delivered").unwrap();
    let text = |key: &str| station[key].as_str().unwrap_or_default().to_owned();
    (text("state"), text("detail"))
}

#[test]
fn a_release_is_delivered_when_every_artifact_of_it_lies_in_the_customers_registry_with_the_vendors_digest() {
    let (Some(vendor), Some(customer)) = (real::registry(), real::registry()) else { return };
    for (name, layer) in [("platform/shop", b"the shop"), ("platform/till", b"the till")] {
        vendor.push(name, "2026.40.0", b"of old");
        vendor.push(name, "2026.41.0", layer);
    }
    let (_folder, path) = delivery(&vendor, &customer);
    assert_eq!(delivered(&path), ("waiting".to_owned(), "not in the customer's store".to_owned()));
    customer.push("mirror/platform/shop", "2026.41.0", b"the shop");
    assert_eq!(delivered(&path), ("active".to_owned(), "1 of 2 artifacts".to_owned()));
    customer.push("mirror/platform/till", "2026.41.0", b"another till");
    let why = "mirror/platform/till has another content than the vendor's";
    assert_eq!(delivered(&path), ("failed".to_owned(), why.to_owned()));
    let signals: Vec<String> = rows(&path, "assurance")
        .iter()
        .filter(|row| row["signal"] == "artifact")
        .map(|row| format!("{} {} {}", row["name"], row["state"], row["value"]).replace('"', ""))
        .collect();
    let expected =
        ["mirror/platform/till:2026.41.0 critical other content", "mirror/platform/shop:2026.41.0 ok delivered"];
    assert_eq!(signals, expected);
    // A tag can be moved.
    customer.push("mirror/platform/till", "2026.41.0", b"the till");
    assert_eq!(delivered(&path), ("done".to_owned(), String::new()));
}

#[test]
fn a_registry_tells_what_lies_in_it_newest_first_though_it_sorts_nothing_and_knows_no_pages() {
    let Some(registry) = real::registry() else { return };
    let mut digests = BTreeMap::new();
    for n in 0..105 {
        let tag = format!("1.{n}.0");
        digests.insert(tag.clone(), registry.push("platform/shop", &tag, tag.as_bytes()));
    }
    registry.push("platform/shop", "latest", b"?");
    let source = format!("{{ kind = \"oci\", url = \"{}\", artifacts = [\"platform/shop\"] }}", registry.url());
    let heard = Asking::source(&source).hear();
    let told = heard.facts.iter().filter_map(|fact| match &fact.what {
        What::Artifact(one) => Some((one.tag.to_string(), one.digest.as_ref().map(ToString::to_string))),
        _ => None,
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told[0], ("1.104.0".to_owned(), digests.get("1.104.0").cloned()));
    assert_eq!(told[1].0, "1.103.0");
    assert!(heard.gaps.is_empty(), "{:?}", heard.gaps);
}

#[test]
fn a_chart_in_a_registry_tells_the_app_versions_it_carries() {
    let Some(registry) = real::registry() else { return };
    registry.push_chart("charts/shop", "1.2.0", "7.0.1");
    registry.push_chart("charts/shop", "1.3.0-rc.1", "7.1.0");
    registry.push("charts/shop", "1.1.0", b"an image among charts");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.toml");
    let text = format!(
        "[fleet]\nname = \"tests\"\n\n[products.shop]\nscheme = \"semver\"\nlifecycle = \"latest-stable\"\n\
         releases = [{{ kind = \"chart\", url = \"oci://127.0.0.1:{}/charts\", chart = \"shop\" }}]\n\n\
         [[installations]]\nid = \"acme\"\nplan = \"saas\"\n\n[[installations.environments]]\nname = \"production\"\n",
        registry.port()
    );
    std::fs::write(&path, &text).unwrap();
    let opened = open(&path, &Options::default());
    assert!(!opened.problems.has_errors(), "{:?}", opened.problems);
    let mut asking = Asking::of(opened, folder);
    for _ in 0..2 {
        let heard = asking.hear();
        let told = heard.facts.iter().map(|fact| match &fact.what {
            What::Release(one) => (one.version.to_string(), one.chart.as_ref().unwrap().to_string(), one.prerelease),
            other => panic!("{other:?}"),
        });
        let told: Vec<_> = told.collect();
        let row = |app: &str, chart: &str, pre| (app.to_owned(), chart.to_owned(), pre);
        assert_eq!(told, [row("7.1.0", "1.3.0-rc.1", true), row("7.0.1", "1.2.0", false)]);
        assert_eq!(heard.gaps.len(), 1, "{:?}", heard.gaps);
    }
}
