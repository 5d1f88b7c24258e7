//! Good fleet files are silent, and mean what they say.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use quarterdeck::diagnostic::{Look, show_all};
use quarterdeck::domain::fleet::{LogConsent, RolloutMode};
use quarterdeck::domain::product::{Lifecycle, Step};
use quarterdeck::fleetfile::load::Options;
use quarterdeck::fleetfile::schema::schema;
use quarterdeck::runtime::fleet::{Opened, open};
use quarterdeck::sources::build::definitions;

/// Copies a folder of the tests to where secrets can have the mode they need, which git does not keep.
fn copied(name: &str) -> tempfile::TempDir {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let target = to.join(path.file_name().unwrap());
            if path.is_dir() {
                copy(&path, &target);
            } else {
                std::fs::copy(&path, &target).unwrap();
                let mode = if from.ends_with("secrets") { 0o600 } else { 0o644 };
                std::fs::set_permissions(&target, std::fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    }
    let home = tempfile::tempdir().unwrap();
    copy(&Path::new("tests/fleetfile/good").join(name), home.path());
    home
}

/// Opens a fleet file that must be silent.
fn silent(path: &Path) -> Opened {
    let opened = open(path, &Options::default());
    assert_eq!(show_all(&opened.problems, &opened.texts, Look::default()), "");
    opened
}

#[test]
fn the_example_with_every_key_in_use_is_silent_and_means_what_it_says() {
    let home = copied("example");
    let opened = silent(&home.path().join("fleet.toml"));
    let loaded = &opened.loaded;
    let fleet = &loaded.fleet;
    assert_eq!(fleet.name.as_str(), "northwind");
    assert_eq!(
        fleet.installations.keys().map(|id| id.as_str()).collect::<Vec<_>>(),
        ["acme", "globex", "hooli", "initech", "stark", "umbrella"]
    );

    let acme = fleet.installation("acme").unwrap();
    assert_eq!((acme.terms.upgrade_window, acme.terms.notice, acme.terms.cadence), (Some(45), 21, None));
    assert_eq!(acme.terms.extended_support[0].line.as_str(), "2026.38");
    assert_eq!(acme.terms.frameworks.len(), 2);
    assert_eq!(acme.terms.watchdog.as_ref().unwrap().as_str(), "Watchdog");
    assert_eq!(acme.environments[0].name.as_str(), "production");
    assert_eq!(acme.environments[0].windows[0].as_str(), "thursday");
    assert_eq!(acme.environments[0].pins["kafka"].text(), "3.9.0");
    assert_eq!(acme.environments[0].rollout, RolloutMode::Approval);
    assert_eq!(acme.environments[1].rollout, RolloutMode::Automatic);
    assert!(acme.environments[1].windows.is_empty());
    assert_eq!(acme.environments[0].sources.len(), 10);
    assert_eq!(acme.environments[0].sources[0].to_string(), "acme/production/prometheus");
    let loki = loaded.entries.iter().find(|entry| entry.id.to_string() == "acme/production/loki").unwrap();
    assert_eq!(loki.endpoint().unwrap().proxy.unwrap().as_str(), "socks5h://127.0.0.1:1080");

    let initech = fleet.installation("initech").unwrap();
    assert_eq!((initech.terms.cadence, initech.terms.notice), (Some(3), 14));
    assert_eq!(
        fleet.maintenances[0].reach,
        quarterdeck::domain::planned::Reach::Only([("initech".into(), None)].into())
    );
    assert_eq!(fleet.pages[0].source.to_string(), "@fleet/-/statuspage[Northwind]");
    assert!(fleet.pages[0].own);

    let kubernetes = fleet.catalog.get("kubernetes").unwrap();
    assert!(matches!(&kubernetes.lifecycle, Lifecycle::Dated { cycles } if cycles.as_str() == "kubernetes"));
    assert_eq!(kubernetes.step, Step::Minor, "a key that is not overridden stays");
    assert_eq!(fleet.catalog.get("meshstack").unwrap().upgrade_window, Some(30));

    let access = loaded.access.as_ref().unwrap();
    assert_eq!(access.operators.groups[0].as_str(), "oncall");
    assert!(access.viewers[0].installations.contains("acme"));
    assert_eq!(loaded.history.as_ref().unwrap().keep.as_secs(), 400 * 86_400);
    assert_eq!(loaded.soc[0].address.as_str(), "tls://soc.acme.example.test:6514");
}

#[test]
fn included_files_hold_one_installation_or_several_in_toml_or_json() {
    let home = copied("example");
    let opened = silent(&home.path().join("fleet.toml"));
    let fleet = &opened.loaded.fleet;
    let umbrella = fleet.installation("umbrella").unwrap();
    assert_eq!(umbrella.environments[0].windows[0].as_str(), "monday", "the window of the plan");
    let stark = fleet.installation("stark").unwrap();
    assert_eq!(stark.terms.logs, LogConsent::GrantedUntil("2026-12-31".parse().unwrap()));
    assert!(stark.terms.log_reason);
    assert_eq!(stark.terms.watchdog, None);
    assert_eq!(stark.terms.soak.unwrap().as_secs(), 48 * 3_600);
    assert_eq!(stark.terms.blocked[0].text(), "2026.40.0");
    assert_eq!(stark.environments[0].declared["openvpn"].as_str(), "2.6.12");
    assert_eq!(stark.environments[0].namespace.as_ref().unwrap().as_str(), "platform");
    assert_eq!(fleet.installation("hooli").unwrap().plan.as_str(), "paas");
    let files = &opened.loaded.files;
    assert!(files.iter().any(|path| path.ends_with("installations")), "a new file there is noticed: {files:?}");
    assert!(files.iter().any(|path| path.ends_with("installations/stark.toml")));
}

#[test]
fn a_credential_that_others_may_read_is_refused() {
    let home = copied("example");
    let secret = home.path().join("secrets/acme.token");
    for (mode, refused) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(mode)).unwrap();
        let opened = open(&home.path().join("fleet.toml"), &Options::default());
        assert_eq!(opened.problems.has_errors(), refused, "{mode:o}");
    }
}

#[test]
fn the_least_that_is_needed_is_enough() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("fleet.toml");
    for plan in ["saas", "on-prem", "paas"] {
        let text = format!(
            "[fleet]\nname = 't'\n[[installations]]\nid = 'a'\nplan = '{plan}'\n[[installations.environments]]\nname = 'production'\n"
        );
        std::fs::write(&path, text).unwrap();
        silent(&path);
    }
}

/// `UPDATE=1 cargo test --test fleetfile` writes it anew.
#[test]
fn the_schema_is_what_the_readers_tell() {
    let told = format!("{:#}\n", schema(definitions()));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write("assets/fleet.schema.json", &told).unwrap();
    }
    assert!(
        std::fs::read_to_string("assets/fleet.schema.json").unwrap_or_default() == told,
        "assets/fleet.schema.json is stale: UPDATE=1 cargo test --test fleetfile"
    );
}

#[test]
fn the_fleet_file_of_the_readme_is_silent() {
    let readme = include_str!("../../README.md");
    let text = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    // The credential is read from the environment of whoever follows the README; here it lies in a file.
    let text = text.replace("{ env = \"ACME_TOKEN\" }", "{ file = \"token\" }");
    let home = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = home.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    put("token", "planted");
    let opened = silent(&put("fleet.toml", &text));
    let acme = opened.loaded.fleet.installation("acme").unwrap();
    assert_eq!(acme.environments[0].windows[0].as_str(), "monday");
    assert_eq!(opened.loaded.fleet.sources.len(), 4);
}
