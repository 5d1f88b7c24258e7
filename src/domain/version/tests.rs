//! Tables of what vendors really write, then properties over that and over garbage.

#![allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]

use std::cmp::Ordering::{Equal, Less};
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Difference, Line, Version};
use crate::domain::scheme::Scheme::{self, Calver, Kubernetes, Opaque, Semver};

fn read(scheme: Scheme, text: &str) -> Version {
    Version::read(scheme, text)
}

/// Each row is a chain from oldest to newest; every pair of it is compared, both ways.
fn rises(scheme: Scheme, chain: &[&str]) {
    for (n, older) in chain.iter().enumerate() {
        for newer in &chain[n + 1..] {
            let (older, newer) = (read(scheme, older), read(scheme, newer));
            assert_eq!(older.precedence(&newer), Some(Less), "{older} < {newer}");
            assert!(older < newer, "{older} sorts before {newer}");
        }
    }
}

/// All texts of a row count as the same, yet stay different texts.
fn level(scheme: Scheme, row: &[&str]) {
    for left in row {
        for right in row {
            let (left, right) = (read(scheme, left), read(scheme, right));
            assert_eq!(left.precedence(&right), Some(Equal), "{left} = {right}");
            assert_eq!(left == right, left.text() == right.text());
        }
    }
}

#[test]
fn calver_rises_by_numbers_through_the_eras() {
    rises(Calver, &["2026.9.0", "2026.40.0", "2026.41.0"]);
    rises(Calver, &["2025.52.3", "2026.1.0"]);
    rises(Calver, &["6.99.1", "7.9.0", "7.176.0", "2023.1.0", "2025.13.0", "2026.09.0", "2026.41"]);
    level(Calver, &["2026.41", "2026.41.0", "v2026.41.0", "2026.041.0"]);
    rises(Calver, &["2026.41.0-rc.1", "2026.41.0", "2026.41.0-1", "2026.41.1"]);
}

#[test]
fn semver_rises_through_prereleases_and_builds() {
    rises(Semver, &["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"]);
    rises(Semver, &["1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.0+1", "1.0.1-dev", "1.0.1"]);
    rises(Semver, &["v3.0.0-rc1", "v3.0.0-rc2", "v3.0.0-rc10", "v3.0.0"]);
    rises(Semver, &["2.6.9", "2.7_rc6", "2.7.0"]);
    rises(Semver, &["3.0.0rc1", "3.0.0", "3.0.1"]);
    rises(Semver, &["1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1"]);
    rises(Semver, &["2.0.0.M1", "2.0.0.M10", "2.0.0.RC1", "2.0.0.RELEASE"]);
    rises(Semver, &["1.5.0-0.dev.20260101", "1.5.0-0.dev.20260102", "1.5.0-alpha", "1.5.0"]);
    rises(Semver, &["3.76.0", "3.76.0-03", "3.76.0-04", "3.76.0-12", "3.76.0-1234567", "3.76.1-01"]);
    rises(Semver, &["11.3.0", "11.3.0+security-01", "11.3.0+security-02", "11.3.1"]);
    rises(Semver, &["7.0.14", "7.0.14-8", "7.0.14-12", "7.0.15-1"]);
    rises(Semver, &["13.1.0-19843215", "13.1.0", "13.1.0-20260101", "13.1.0-20260102"]);
    rises(Semver, &["0.10.2.2", "0.11.0", "0.11.0.2", "0.11.0.3"]);
    rises(Semver, &["v1.2.3", "v1.2.3-14-gabc1234", "v1.2.4-0.20260809021931-daa7c04131f5", "v1.2.4"]);
    rises(Semver, &["4.0", "4.0r9", "4.0r10"]);
    rises(Semver, &["18446744073709551614.0", "18446744073709551615.0"]);
    rises(Semver, &["1.0.0+99999999999999999999998", "1.0.0+99999999999999999999999"]);
}

#[test]
fn editions_flavours_commits_and_digests_never_count() {
    level(Semver, &["7", "7.0", "7.0.0", "v7.0", "V7", " 7.0.0 "]);
    level(Semver, &["17.5.2", "17.5.2-ee", "17.5.2-ce", "17.5.2-ee.0", "17.5.2-ce.0", "17.5.2-ee+ds"]);
    level(Semver, &["2.9.0", "2.9.0-alpine", "2.9.0-alpine3.20", "2.9.0-debian-12-r3", "2.9.0-ubi9", "2.9.0-slim"]);
    level(Semver, &["2.9.0", "2.9.0-bookworm", "2.9.0-distroless", "2.9.0-java17-ubi", "2.9.0-slim-bookworm"]);
    level(Semver, &["2.42.0", "2.42.0+ds", "2.42.0+ds1", "2.42.0-x86_64"]);
    level(Semver, &["3.76.0-03", "3.76.0-3", "3.76.0-03-alpine", "3.76.0-03-java17-ubi"]);
    level(
        Semver,
        &["v3.0.0-rc1", "v3.0.0-RC.1", "3.0.0-rc1-alpine", "3.0.0-rc.1-debian-12-r3", "3.0.0rc1", "3.0.0~rc1"],
    );
    level(Semver, &["v3.0.6", "v3.0.6+db93798", "v3.0.6+1234567"]);
    level(Semver, &["1.16.3", "1.16.3@sha256:5649db451c88d928", "v1.16.3@sha256:..."]);
    level(Semver, &["1.0.0", "1.0.0.Final", "1.0.0.RELEASE", "1.0.0.GA", "1.0.0+incompatible", "1.0.0-acme"]);
}

#[test]
fn what_a_kubernetes_vendor_appends_is_a_build() {
    rises(Kubernetes, &["v1.29.4-rc.1", "v1.29.4", "v1.29.4-gke.1043002", "v1.29.4-gke.1043003", "v1.29.5"]);
    rises(Kubernetes, &["v1.30.2", "v1.30.2+k3s1", "v1.30.2+k3s2", "v1.30.2+k3s10"]);
    rises(Kubernetes, &["v1.30.2", "v1.30.2+rke2r1", "v1.30.2+rke2r2"]);
    rises(Kubernetes, &["v1.35.9-eks-a737599", "1.36-eks-6", "1.36-eks-17", "v1.37.0"]);
    rises(Kubernetes, &["v1.36.0-alpha.2", "v1.36.0-alpha.2.12+3f4e", "v1.36.0-beta.0", "v1.36.0-rc.1"]);
    rises(Kubernetes, &["v1.36.0-rc.1", "v1.36.0-rc.1+k3s1", "v1.36.0", "v1.37.0-alpha.2.12+3f4e"]);
    rises(Kubernetes, &["v1.29.4-rc.1", "v1.29.4", "v1.29.4-19843215", "v1.29.5"]);
    rises(Kubernetes, &["v1.29.4", "v1.29.4-mirantis-1", "v1.29.4+vmware.2"]);
    level(Kubernetes, &["v1.31.1", "1.31.1", "v1.31.1-eks-a737599", "v1.31.1-eks-adc7111", "v1.31.1-eks-1234567"]);
    level(Kubernetes, &["v1.27.16", "v1.27.16+d8e449a", "v1.27.16+becb020", "v1.27.16-alpine3.20"]);
    level(Kubernetes, &["v1.30.2+k3s1", "v1.30.2-k3s1"]);
    level(Kubernetes, &["v1.30.2-rc1+k3s1", "v1.30.2-rc1-k3s1"]);
    level(Kubernetes, &["1.29", "1.29+"]);
}

#[test]
fn only_what_comes_before_its_release_is_a_prerelease() {
    for (scheme, text) in [
        (Semver, "v3.0.0-rc1"),
        (Semver, "2.7_rc6"),
        (Semver, "3.0.0rc1"),
        (Semver, "5.0.0-SNAPSHOT"),
        (Semver, "5.0.0-M1"),
        (Semver, "5.0.0-nightly"),
        (Semver, "5.0.0-pre"),
        (Semver, "5.0.0-next.3"),
        (Semver, "5.0.0-pr-1234"),
        (Semver, "5.0.0-dev"),
        (Semver, "1.5.0-0.dev.20260101"),
        (Semver, "v1.22.0-alpha.0"),
        (Semver, "17.5.0-rc42-ee"),
        (Semver, "17.5.0-ee-rc42"),
        (Semver, "12.0.0-12345pre"),
        (Semver, "13.1.0-19843215"),
        (Semver, "1.2.3-20260101-nightly"),
        (Kubernetes, "v1.36.0-rc.1"),
        (Kubernetes, "v1.37.0-alpha.2.12+3f4e"),
        (Calver, "2026.41.0-beta.2"),
    ] {
        assert!(read(scheme, text).is_prerelease(), "{text}");
    }
    for (scheme, text) in [
        (Semver, "17.5.2-ee"),
        (Semver, "3.76.0-03"),
        (Semver, "7.0.14-8"),
        (Semver, "2.9.0-alpine"),
        (Semver, "2.9.0-debian-12-r3"),
        (Semver, "11.3.0+security-01"),
        (Semver, "1.0.0+dev"),
        (Semver, "1.0.0-b12"),
        (Semver, "latest"),
        (Kubernetes, "v1.29.4-gke.1043002"),
        (Kubernetes, "v1.31.1-eks-a737599"),
        (Opaque, "1.0.0-rc1"),
    ] {
        assert!(!read(scheme, text).is_prerelease(), "{text}");
    }
}

#[test]
fn what_is_no_version_number_is_kept_and_has_no_order() {
    let digits = "1".repeat(10_000);
    let dotted = format!("{}1", "1.".repeat(5_000));
    for text in [
        "",
        " ",
        "v",
        "latest",
        "stable",
        "dev",
        "main",
        "RELEASE.2024-08-17T01-24-54Z",
        "sha256:5649db451c88d928",
        "@sha256:5649db451c88d928",
        "9a1c0a2e4a1f",
        "91c1ca0",
        "9b12",
        "7r2",
        "1234567",
        "k302-91c1ca0",
        "r368-91c1ca0",
        "(devel)",
        "mimir-3.2.0",
        "12.x",
        "1.2.X",
        "1.2.",
        "1..2",
        ".1.2",
        "1.2.-3",
        "1.1.1w",
        "1.3.1 r.6",
        "1.2.3 (OSS)",
        "Nexus/3.77.1-01",
        "-1.2.3",
        "+1.2.3",
        "99999999999999999999.0.0",
        "１.２.３",
        "١.٢.٣",
        "1.2.٣",
        "1.²",
        "1.2.3-é",
        "1.2.3\u{1b}[31m",
        "1.2.3\0",
        "deprecated",
        "go1.25.1",
        "vv1.2.3",
        &digits,
        &dotted,
    ] {
        for scheme in Scheme::ALL {
            let version = read(scheme, text);
            assert!(!version.is_ordered(), "{text:?}");
            assert_eq!((version.text(), version.to_string().as_str()), (text, text));
            assert_eq!((version.numbers(), version.major(), version.line()), (&[][..], None, None));
            assert_eq!(version.precedence(&read(scheme, text)), Some(Equal));
            assert_eq!(version.precedence(&read(scheme, "1.2.3")), None);
        }
    }
}

#[test]
fn an_opaque_version_is_equal_or_different() {
    let [one, two] = ["1.0.0", "2.0.0"].map(|text| read(Opaque, text));
    assert_eq!((one.precedence(&one.clone()), one.precedence(&two)), (Some(Equal), None));
    assert_eq!((one.difference(&one), one.difference(&two)), (Difference::Same, Difference::Incomparable));
    assert_eq!(read(Semver, "1.0.0").precedence(&read(Calver, "1.0.0")), None);
}

#[test]
fn a_difference_is_named_after_the_largest_part() {
    use Difference::{Ahead, Build, Incomparable, Major, Minor, Patch, Same};
    for (scheme, running, target, difference) in [
        (Calver, "2026.41.0", "2026.41.0", Same),
        (Calver, "2026.40.0", "2026.41.0", Minor),
        (Calver, "2026.38.1", "2026.38.2", Patch),
        (Calver, "2026.42.0", "2026.41.0", Ahead),
        (Calver, "2025.51.4", "2026.41.0", Major),
        (Calver, "7.176.0", "2023.1.0", Major),
        (Semver, "17.5.2", "17.5.2-ee", Same),
        (Semver, "3.76.0-03", "3.76.0-04", Build),
        (Semver, "11.3.0", "11.3.0+security-01", Build),
        (Semver, "11.3.0+security-01", "11.3.0", Ahead),
        (Semver, "3.0.0-rc1", "3.0.0", Patch),
        (Semver, "0.11.0.2", "0.11.0.3", Patch),
        (Semver, "7.0", "7.0.1", Patch),
        (Semver, "latest", "7.0.1", Incomparable),
        (Semver, "latest", "latest", Same),
        (Kubernetes, "v1.29.4-gke.1043002", "v1.29.4", Ahead),
        (Kubernetes, "v1.29.4-gke.1043002", "v1.30.1-gke.1000", Minor),
        (Kubernetes, "v1.31.1-eks-a737599", "1.31.1", Same),
        (Kubernetes, "v1.36.1-eks-a737599", "1.36-eks-6", Incomparable),
        (Kubernetes, "v1.35.1-eks-a737599", "1.36-eks-6", Minor),
    ] {
        assert_eq!(read(scheme, running).difference(&read(scheme, target)), difference, "{running} -> {target}");
    }
}

#[test]
fn a_line_keeps_its_digits_and_compares_by_number() {
    for (scheme, text, line) in [
        (Calver, "2026.41.3", "2026.41"),
        (Kubernetes, "v1.29.4-gke.1043002", "1.29"),
        (Semver, "24.04.4", "24.04"),
        (Semver, "7", "7.0"),
        (Semver, "1.16.3@sha256:ab", "1.16"),
    ] {
        assert_eq!(read(scheme, text).line().unwrap().to_string(), line, "{text}");
    }
    let line = Line::read("2026.9").unwrap();
    assert_eq!(read(Calver, "2026.09.1").line().unwrap(), line);
    assert!(line.holds(&read(Calver, "2026.9.4")) && !line.holds(&read(Calver, "2026.90.0")));
    assert!(Line::read("2026.9").unwrap() < Line::read("2026.40").unwrap());
    assert_eq!([Line::read(""), Line::read("stable"), Line::read("99999999999999999999.1")], [None, None, None]);
}

#[test]
fn a_cycle_is_the_longest_dotted_prefix() {
    for (text, cycles, cycle) in [
        ("13.6", &["13", "12", "1"][..], Some("13")),
        ("1.36.3", &["1.36", "1.3", "1"], Some("1.36")),
        ("1.36.3", &["1.3"], None),
        ("v1.36.1-eks-a737599", &["1.36", "1.35"], Some("1.36")),
        ("1.36-eks-6", &["1.36", "1.36-eks-6"], Some("1.36-eks-6")),
        ("17.5.2-ee", &["17", "16"], Some("17")),
        ("24.04.4", &["24.04", "24.10"], Some("24.04")),
        ("8.5.27", &["9.0", "8"], Some("8")),
        ("19.5.0", &["19.3", "19.2"], None),
        ("latest", &["19.3"], None),
        ("bookworm", &["bookworm", "12"], Some("bookworm")),
        ("7.0", &["", ".", "7.", "x"], None),
    ] {
        assert_eq!(read(Semver, text).line_among(cycles.iter().copied()), cycle, "{text}");
    }
}

#[test]
fn a_version_is_written_as_its_text() {
    let versions = BTreeMap::from([("a", read(Semver, "v7.0-ee")), ("b", read(Opaque, "\"<"))]);
    assert_eq!(serde_json::to_string(&versions).unwrap(), r#"{"a":"v7.0-ee","b":"\"<"}"#);
    assert_eq!(format!("[{:>6}]", read(Semver, "7.0")), "[   7.0]");
}

/// Debian's revisions of 1997 stand behind a blank; nothing else in the data is beyond us.
const UNORDERED_IN_DATA: [&str; 1] = ["1.3.1 r.6"];

#[test]
fn every_latest_of_the_lifecycle_data_falls_into_its_own_cycle() {
    let data: serde_json::Value = serde_json::from_str(include_str!("../../../assets/lifecycle.json")).unwrap();
    let mut n_read = 0;
    for (name, product) in data.as_object().unwrap().iter().filter(|(name, _)| !name.starts_with('_')) {
        let scheme = match name.as_str() {
            "kubernetes" | "google-kubernetes-engine" | "azure-kubernetes-service" | "amazon-eks" => Kubernetes,
            _ => Semver,
        };
        let cycles = product["cycles"].as_array().unwrap();
        let names = || cycles.iter().map(|cycle| cycle["cycle"].as_str().unwrap());
        for cycle in cycles {
            let Some(latest) = cycle["latest"].as_str() else { continue };
            let version = read(scheme, latest);
            if UNORDERED_IN_DATA.contains(&latest) {
                assert!(!version.is_ordered());
                continue;
            }
            assert!(version.is_ordered() && !version.is_prerelease(), "{name} {latest}");
            assert_eq!(version.line_among(names()), cycle["cycle"].as_str(), "{name} {latest}");
            n_read += 1;
        }
        // The data lists cycles newest first.
        let latest = cycles.iter().filter_map(|c| c["latest"].as_str()).map(|l| read(scheme, l));
        let latest: Vec<_> = latest.filter(Version::is_ordered).collect();
        assert!(latest.is_sorted_by(|newer, older| newer > older), "{name}");
    }
    assert!(n_read > 450, "{n_read}");
}

fn any_scheme() -> impl Strategy<Value = Scheme> {
    proptest::sample::select(Scheme::ALL.to_vec())
}

/// Texts close together, so that equal and nearly equal ones meet.
fn realistic() -> impl Strategy<Value = String> {
    let numbers = "v?[0-2](\\.[0-2]){0,3}";
    let lowering = "((-|_|\\.|~)?(alpha|beta|rc|M|dev|snapshot)[.-]?[0-2]{0,2}|-0\\.dev\\.[0-2])?";
    let build = "(-0[0-2]|-[0-2]|\\+security-0[0-2]|-gke\\.[0-2]|-eks-(a737599|[0-2])|\\+k3s[0-2]|\\+d8e449a)?";
    let flavour = "(-ee|-ce\\.[0-2]|-alpine|-debian-12-r[0-2]|\\+ds|@sha256:[0-2])?";
    (numbers, lowering, build, flavour).prop_map(|(a, b, c, d)| format!("{a}{b}{c}{d}"))
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![6 => realistic(), 2 => "[v0-2a-c.+_~@ -]{0,12}", 1 => ".*", 1 => "[0-9]{0,400}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_bytes_make_reading_fail(scheme in any_scheme(), bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        let version = read(scheme, &text);
        prop_assert_eq!(version.text(), &*text);
    }

    #[test]
    fn reading_what_is_shown_is_identity(scheme in any_scheme(), text in any_text()) {
        let version = read(scheme, &text);
        let again = read(scheme, &version.to_string());
        prop_assert_eq!(&again, &version);
        prop_assert_eq!(again.cmp(&version), Equal);
        prop_assert_eq!((again.numbers(), again.is_prerelease()), (version.numbers(), version.is_prerelease()));
    }

    #[test]
    fn the_order_is_total_and_antisymmetric(scheme in any_scheme(), a in any_text(), b in any_text()) {
        let (a, b) = (read(scheme, &a), read(scheme, &b));
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.cmp(&b) == Equal, a == b);
        match a.precedence(&b) {
            Some(Equal) => prop_assert_eq!(b.precedence(&a), Some(Equal)),
            Some(order) => {
                prop_assert_eq!(a.cmp(&b), order);
                prop_assert_eq!(b.precedence(&a), Some(order.reverse()));
            }
            None => prop_assert!(b.precedence(&a).is_none() && a != b),
        }
    }

    #[test]
    fn the_order_is_transitive(scheme in any_scheme(), texts in [any_text(), any_text(), any_text()]) {
        let mut row = texts.map(|text| read(scheme, &text));
        row.sort();
        let [low, mid, high] = &row;
        prop_assert!(low <= mid && mid <= high && low <= high);
        if let (Some(first), Some(second)) = (low.precedence(mid), mid.precedence(high)) {
            prop_assert_eq!(low.precedence(high), Some(first.then(second)));
        }
    }

    #[test]
    fn packaging_never_changes_precedence(
        scheme in proptest::sample::select(vec![Calver, Semver, Kubernetes]),
        text in realistic().prop_filter("ordered, and without the digest that ends a text", |text| {
            !text.contains('@') && read(Semver, text).is_ordered()
        }),
        packaging in proptest::sample::select(vec![
            "-ee", "-ce.0", "-alpine", "-alpine3.20", "-debian-12-r3", "-ubi9", "-bookworm", "-slim", "-distroless",
            "-slim-bookworm", "+ds", "-java17", "@sha256:5649db451c88d928",
        ]),
    ) {
        let (plain, packed) = (read(scheme, &text), read(scheme, &format!("{text}{packaging}")));
        prop_assert_eq!(plain.precedence(&packed), Some(Equal), "{} {}", plain, packed);
        prop_assert_eq!(plain.difference(&packed), Difference::Same);
    }

    #[test]
    fn a_prerelease_is_lower_and_a_build_is_not(
        scheme in proptest::sample::select(vec![Calver, Semver, Kubernetes]),
        release in "v?[0-9]{1,3}\\.[0-9]{1,4}(\\.[0-9]{1,4}){0,2}",
        lowering in "-(alpha|beta|rc|dev|pre|snapshot|nightly|M[0-9])(\\.?[0-9]{1,3})?|_rc[0-9]|rc[0-9]|-0\\.dev\\.[0-9]{8}",
        build in "-[0-9]{1,6}|\\+security-[0-9]{2}|-gke\\.[0-9]{1,9}|-eks-[0-9a-f]{7}|\\+k3s[0-9]|\\+rke2r[0-9]|\\+[0-9a-f]{7}",
    ) {
        let base = read(scheme, &release);
        let early = read(scheme, &format!("{release}{lowering}"));
        let built = read(scheme, &format!("{release}{build}"));
        prop_assert!(early.is_prerelease() && early.precedence(&base) == Some(Less), "{} {}", early, base);
        prop_assert!(built >= base && built.precedence(&base) != Some(Less), "{} {}", built, base);
        prop_assert!(!built.is_prerelease() && built.line() == base.line());
        let both = read(scheme, &format!("{release}{lowering}{build}"));
        prop_assert!(both.precedence(&early) != Some(Less) && both.precedence(&base) == Some(Less), "{}", both);
    }

    #[test]
    fn numbers_order_versions_as_numbers(a in any::<[u32; 3]>(), b in any::<[u32; 3]>()) {
        let text = |n: [u32; 3]| format!("{}.{}.{}", n[0], n[1], n[2]);
        prop_assert_eq!(read(Calver, &text(a)).precedence(&read(Calver, &text(b))), Some(a.cmp(&b)));
    }
}
