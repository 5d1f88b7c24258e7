use proptest::prelude::*;

use super::*;
use crate::domain::assurance::{
    Backup, BackupKind, BackupOutcome, Certificate, ConfigState, Findings, Objective, Ticket, Tunnel,
};
use crate::domain::clock::Dated;
use crate::domain::delivery::Artifact;
use crate::domain::fleet::Evidence;
use crate::domain::scheme::Scheme;
use crate::domain::version::Version;
use crate::rules::drift::{Drift, DriftKind};
use crate::rules::fixture::{Did, Sources, Spoken, acme, ago, clean, now, said, told};
use crate::rules::lifecycle::{Life, LifeState};

const DAY: i64 = 24 * 60;

fn signals_of(installation: &Installation, spoken: &[Spoken], components: &[Component]) -> Vec<Signal> {
    let told = told(spoken);
    signals(&Case {
        installation,
        zone: Tz::Europe__Berlin,
        told: &told,
        tellers: &[],
        components,
        originals: &[],
        at: now(),
    })
}

fn one(what: What) -> Signal {
    signals_of(&acme(), &[said("kubernetes", what)], &[]).remove(0)
}

fn certificate(left: Option<i64>, renews: Option<i64>, failures: u32) -> What {
    What::Certificate(Box::new(Certificate {
        name: clean("panel"),
        ends: left.map(|minutes| ago(-minutes)),
        renews: renews.map(ago),
        failures,
        issuer: None,
        distrust: None,
        detail: clean(""),
    }))
}

#[test]
fn a_certificate_is_critical_under_seven_days_and_a_warning_under_twenty_one() {
    for (left, renews, failures, state, value) in [
        (Some(7 * DAY - 1), None, 0, Level::Critical, "6 d left"),
        (Some(7 * DAY), None, 0, Level::Warning, "7 d left"),
        (Some(21 * DAY - 1), None, 0, Level::Warning, "20 d left"),
        (Some(21 * DAY), None, 0, Level::Ok, "21 d left"),
        (Some(-3 * DAY), None, 0, Level::Critical, "3 d over"),
        (Some(60 * DAY), Some(DAY), 3, Level::Warning, "60 d left"), // renewal is due and fails
        (Some(60 * DAY), Some(-DAY), 3, Level::Ok, "60 d left"),     // it failed once, but is not due
        (Some(60 * DAY), Some(DAY), 0, Level::Ok, "60 d left"),
        (None, None, 0, Level::Unknown, ""),
    ] {
        let signal = one(certificate(left, renews, failures));
        assert_eq!((signal.state, signal.value.as_deref().unwrap_or("")), (state, value), "{left:?} {failures}");
    }
    assert_eq!(one(certificate(Some(60 * DAY), Some(DAY), 3)).detail, "renewal fails, 3 tries");
}

#[test]
fn a_certificate_nobody_trusts_needs_somebody_however_long_it_lasts() {
    for (left, state) in [(60 * DAY, Level::Warning), (3 * DAY, Level::Critical)] {
        let What::Certificate(mut presented) = certificate(Some(left), None, 0) else { panic!("a certificate") };
        presented.distrust = Some(clean("the certificate is for `elsewhere.test`"));
        let signal = one(What::Certificate(presented));
        assert_eq!((signal.state, signal.detail.as_str()), (state, "the certificate is for `elsewhere.test`"));
    }
}

fn backup(succeeded: Option<i64>, due: Option<i64>, last: BackupOutcome) -> What {
    What::Backup(Box::new(Backup {
        name: clean("nightly"),
        kind: BackupKind::Backup,
        succeeded: succeeded.map(ago),
        started: Some(ago(7 * 60)),
        due: due.map(ago),
        last,
        size: None,
        detail: clean(""),
    }))
}

#[test]
fn a_backup_is_held_against_its_schedule() {
    use BackupOutcome::{Failed, Partial, Running, Succeeded, Unknown};
    // A daily one has a grace of a tenth of a day: 144 minutes.
    for (succeeded, due, last, state) in [
        (Some(600), Some(600 - DAY), Succeeded, Level::Ok),
        (Some(DAY + 144), Some(144), Succeeded, Level::Ok),
        (Some(DAY + 145), Some(145), Succeeded, Level::Warning),
        (Some(2 * DAY + 144), Some(DAY + 144), Succeeded, Level::Warning),
        (Some(2 * DAY + 145), Some(DAY + 145), Succeeded, Level::Critical),
        (Some(600), Some(600 - DAY), Partial, Level::Warning), // holes are no success
        (Some(600), Some(600 - DAY), Failed, Level::Warning),
        (Some(600), Some(600 - DAY), Running, Level::Warning), // for seven hours
        (Some(600), Some(600 - DAY), Unknown, Level::Ok),
        (None, None, Failed, Level::Critical),
        (None, None, Partial, Level::Critical),
        (None, None, Succeeded, Level::Unknown),
        (None, None, Unknown, Level::Unknown),
        (Some(25 * 60), None, Succeeded, Level::Ok),
        (Some(26 * 60), None, Succeeded, Level::Unknown), // too old for a daily one; nobody says it is not weekly
        (Some(-60), None, Succeeded, Level::Unknown),     // from the future
    ] {
        let signal = one(backup(succeeded, due, last));
        assert_eq!(signal.state, state, "{succeeded:?} {due:?} {last:?}: {}", signal.detail);
    }
}

#[test]
fn configuration_evidence_findings_objectives_tickets_and_tunnels_have_their_limits() {
    let config = |applied: Option<&str>, behind, rewritten, signature: Option<&str>| {
        What::Config(Box::new(ConfigState {
            name: clean("config.git"),
            head: clean("0123456789abcdef"),
            head_at: None,
            author: None,
            subject: clean("more memory"),
            applied: applied.map(clean),
            behind,
            rewritten,
            signature: signature.map(clean),
            wants: None,
            broken: None,
        }))
    };
    let findings = |critical, high, unknown, scanned| {
        let (subject, scanned) = (clean("meshpanel"), Some(ago(scanned)));
        What::Findings(Box::new(Findings { subject, critical, high, medium: 4, low: 0, unknown, scanned }))
    };
    let objective =
        |reached, promised| What::Objective(Objective { name: clean("panel"), reached, promised, over: clean("30d") });
    let ticket = |level, due| {
        What::Ticket(Box::new(Ticket {
            id: clean("#12"),
            title: clean("slow"),
            level,
            open: true,
            opened: Some(ago(DAY)),
            updated: None,
            due,
            assignee: None,
            url: None,
        }))
    };
    let tunnel = |level, word| {
        let said = clean(word);
        What::Tunnel(Box::new(Tunnel {
            name: clean("acme"),
            said,
            level,
            clients: None,
            received: None,
            sent: None,
            since: None,
        }))
    };
    for (what, state, value) in [
        (config(Some("0123456"), None, false, Some("G")), Level::Ok, "0123456"),
        (config(Some("0123456"), Some(3), false, None), Level::Warning, "0123456"),
        (config(Some("fedcba9"), None, false, None), Level::Warning, "fedcba9"),
        (config(None, None, false, None), Level::Unknown, ""),
        (config(Some("0123456"), Some(0), true, None), Level::Critical, "0123456"),
        (config(Some("0123456"), Some(0), false, Some("B")), Level::Critical, "0123456"),
        (findings(0, 0, 0, 60), Level::Ok, "4 medium"),
        (findings(0, 2, 0, 60), Level::Warning, "2 high, 4 medium"),
        (findings(1, 2, 0, 60), Level::Critical, "1 critical, 2 high, 4 medium"),
        (findings(0, 0, 1, 60), Level::Unknown, "4 medium, 1 unrated"),
        (findings(0, 0, 0, 9 * DAY), Level::Unknown, "4 medium"),
        (objective(0.9995, 0.999), Level::Ok, "99.95 %"),
        (objective(0.9991, 0.999), Level::Warning, "99.91 %"),
        (objective(0.998, 0.999), Level::Critical, "99.80 %"),
        (objective(f64::NAN, 0.999), Level::Unknown, ""),
        (ticket(Level::Ok, None), Level::Ok, "open for 24 h"),
        (ticket(Level::Critical, None), Level::Critical, "open for 24 h"),
        (ticket(Level::Ok, Some(Dated::On("2026-11-20".parse().unwrap()))), Level::Warning, "open for 24 h"),
        (tunnel(Level::Critical, "RECONNECTING"), Level::Critical, "RECONNECTING"),
    ] {
        let signal = one(what);
        assert_eq!((signal.state, signal.value.as_deref().unwrap_or("")), (state, value), "{signal:?}");
    }
}

#[test]
fn evidence_ends_with_its_last_day() {
    for (until, state, value) in [
        ("2026-11-20", Level::Critical, "1 d over"),
        ("2026-11-21", Level::Warning, "0 d left"),
        ("2026-12-20", Level::Warning, "29 d left"),
        ("2026-12-21", Level::Ok, "30 d left"),
    ] {
        let mut acme = acme();
        acme.evidence = vec![Evidence {
            framework: clean("ISO 27001"),
            control: Some(clean("A.12")),
            title: clean("restore test"),
            issued: None,
            valid_until: Some(until.parse().unwrap()),
        }];
        let signal = signals_of(&acme, &[], &[]).remove(0);
        assert_eq!((signal.state, signal.value.unwrap().as_str()), (state, value));
        assert_eq!(signal.name, "ISO 27001 A.12: restore test");
    }
}

pub(crate) fn component(product: &str, running: &str, target: &str) -> Component {
    let version = |text: &str| Some(Version::read(Scheme::Calver, text));
    Component {
        environment: "production".into(),
        product: product.into(),
        running: version(running),
        disagreement: Vec::new(),
        pinned: false,
        drift: Drift {
            kind: DriftKind::Minor,
            target: version(target),
            latest: version(target),
            releases_behind: None,
            days_behind: None,
            skew: None,
        },
        life: Life {
            lifecycle: "rolling",
            state: LifeState::Supported,
            line: None,
            eol_at: None,
            no_date: false,
            deadline: None,
            days_left: None,
            extended_until: None,
            next_window: None,
            exposed: None,
            suggest: None,
            hops: None,
            hops_fit: None,
            reason: None,
            data_taken: None,
            changes_at: None,
        },
        basis: Basis::default(),
    }
}

#[test]
fn artifacts_count_for_versions_that_run_or_should_and_wherever_their_content_is_another() {
    let components = [component("meshstack", "2026.40.1", "2026.41.0")];
    let artifact = |name: &str, tag: &str, digest: Option<&str>, present| Artifact {
        name: clean(name),
        tag: clean(tag),
        digest: digest.map(clean),
        present,
    };
    let product = crate::rules::example::product(Scheme::Calver, crate::domain::product::Lifecycle::Rolling);
    let product = Product { artifacts: vec![clean("meshstack/panel")], ..product };
    for (tag, present, digest, vendors, state) in [
        ("2026.41.0", true, Some("sha256:aa"), Some("sha256:aa"), Some(Level::Ok)),
        ("2026.41.0", true, Some("sha256:aa"), None, Some(Level::Ok)),
        ("2026.41.0", true, None, None, Some(Level::Ok)),
        ("2026.41.0", true, None, Some("sha256:aa"), Some(Level::Unknown)), // a tag is not the content
        ("2026.41.0", false, None, None, Some(Level::Warning)),
        ("2026.41.0", true, Some("sha256:aa"), Some("sha256:bb"), Some(Level::Critical)),
        ("2026.39.0", false, None, None, None),
        ("2026.39.0", true, Some("sha256:aa"), Some("sha256:bb"), Some(Level::Critical)),
    ] {
        let originals = Originals::of(&product, &[artifact("meshstack/panel", tag, vendors, true)]);
        let spoken = [said("oci", What::Artifact(Box::new(artifact("mirror/meshstack/panel", tag, digest, present))))];
        let (installation, told) = (acme(), told(&spoken));
        let case = Case {
            installation: &installation,
            zone: Tz::Europe__Berlin,
            told: &told,
            tellers: &[],
            components: &components,
            originals: &[(&product, &originals)],
            at: now(),
        };
        let signals = signals(&case);
        assert_eq!(signals.first().map(|signal| signal.state), state, "{tag} {present} {digest:?} {vendors:?}");
    }
}

#[test]
fn the_same_signal_counts_once_and_the_fresher_teller_counts() {
    let spoken = [
        said("kubernetes", certificate(Some(60 * DAY), None, 0)).stale(),
        said("prometheus", certificate(Some(5 * DAY), None, 0)),
    ];
    let signals = signals_of(&acme(), &spoken, &[]);
    assert_eq!(signals.len(), 1);
    assert_eq!((signals[0].state, signals[0].basis.stale), (Level::Critical, false));
}

#[test]
fn a_connection_whose_certificate_ends_soon_is_a_signal() {
    let mut sources = Sources::new([("prometheus", Did::Answered), ("loki", Did::Answered)]);
    sources.ends("prometheus", ago(-3 * DAY));
    sources.ends("loki", ago(-90 * DAY));
    let tellers = sources.tellers();
    let acme = acme();
    let case = Case {
        installation: &acme,
        zone: Tz::UTC,
        told: &[],
        tellers: &tellers,
        components: &[],
        originals: &[],
        at: now(),
    };
    let signals = signals(&case);
    assert_eq!(signals.len(), 1);
    assert_eq!(
        (signals[0].name.as_str(), signals[0].state),
        ("connection to acme/production/prometheus", Level::Critical)
    );
}

proptest! {
    #[test]
    fn nothing_stale_is_ok_and_the_order_does_not_matter(
        left in -40i64..60, success in 0i64..100, due in -50i64..100, high in 0u32..2, seed in any::<u64>(),
    ) {
        let what = [
            certificate(Some(left * DAY), None, 0),
            backup(Some(success * 60), Some(due * 60), BackupOutcome::Succeeded),
            What::Findings(Box::new(Findings {
                subject: clean("image"), critical: 0, high, medium: 0, low: 0, unknown: 0, scanned: Some(ago(1)),
            })),
        ];
        let mut spoken: Vec<Spoken> = what.into_iter().map(|what| said("kubernetes", what)).collect();
        let fresh = signals_of(&acme(), &spoken, &[]);
        fastrand::Rng::with_seed(seed).shuffle(&mut spoken);
        prop_assert_eq!(&fresh, &signals_of(&acme(), &spoken, &[]));
        let stale: Vec<Spoken> = spoken.into_iter().map(Spoken::stale).collect();
        for (old, new) in signals_of(&acme(), &stale, &[]).iter().zip(&fresh) {
            prop_assert!(old.state != Level::Ok);
            prop_assert!(old.state >= new.state);
        }
    }
}
