//! From the text of a fleet file to what real servers let us hear, over the whole way in between.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[path = "gathering/announced.rs"]
mod announced;
#[path = "gathering/collecting.rs"]
mod collecting;
#[path = "gathering/delivery.rs"]
mod delivery;
#[path = "gathering/lifecycle.rs"]
mod lifecycle;
mod real;
#[path = "gathering/repositories.rs"]
mod repositories;
#[path = "gathering/running.rs"]
mod running;
#[path = "gathering/tokens.rs"]
mod tokens;
#[path = "gathering/unchanged.rs"]
mod unchanged;
#[path = "gathering/ways.rs"]
mod ways;

use std::sync::Arc;

use quarterdeck::domain::alert::AlertState;
use quarterdeck::domain::clock::Clock;
use quarterdeck::domain::fact::{About, Heard, What};
use quarterdeck::domain::facts::Poll;
use quarterdeck::domain::fault::Fault;
use quarterdeck::domain::level::Level;
use quarterdeck::fleetfile::load::Options;
use quarterdeck::net::roads::Roads;
use quarterdeck::runtime::clock::MachineClock;
use quarterdeck::runtime::fleet::{Opened, open};
use quarterdeck::runtime::poller::{Ground, Patience, once};
use real::PrometheusSetup;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

/// A fleet whose only source is asked as often as a test likes.
struct Asking {
    opened: Opened,
    roads: Arc<Roads>,
    runtime: Runtime,
    folder: TempDir,
}

impl Asking {
    /// A fleet with this source at the production of `acme`.
    fn source(source: &str) -> Self {
        Self::fleet("", &format!("sources = [{source}]"))
    }

    fn fleet(hubs: &str, sources: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fleet.toml");
        let text = format!(
            "[fleet]\nname = \"tests\"\ntimezone = \"Europe/Berlin\"\n\n\
             [products.shop]\ntitle = \"Shop\"\nscheme = \"semver\"\nlifecycle = \"rolling\"\n\n{hubs}\n\
             [[installations]]\nid = \"acme\"\nplan = \"saas\"\n\n[[installations.environments]]\nname = \"production\"\n{sources}\n"
        );
        std::fs::write(&path, &text).unwrap();
        let opened = open(&path, &Options::default());
        assert!(!opened.problems.has_errors(), "{:?}\n{text}", opened.problems);
        assert_eq!(opened.asked.len(), 1, "{text}");
        Self::of(opened, folder)
    }

    /// What was opened of a file in this folder. As in the program, all polls go by the same roads.
    fn of(opened: Opened, folder: TempDir) -> Self {
        let roads = Roads::new(Arc::new(MachineClock), folder.path().join("cache"));
        Self { opened, roads, runtime: Runtime::new().unwrap(), folder }
    }

    fn poll(&mut self) -> Poll {
        let asked = Arc::new(self.opened.asked.remove(0));
        let clock: Arc<dyn Clock> = Arc::new(MachineClock);
        let (polls, _unused) = mpsc::channel(1);
        let (_never, paused) = watch::channel(false);
        let roads = Arc::clone(&self.roads);
        let poll = self.runtime.block_on(async {
            let ground = Ground { roads, clock, polls, paused };
            once(&asked, &ground, Patience::None).await
        });
        self.opened.asked.push(Arc::into_inner(asked).expect("the poll has ended"));
        poll
    }

    fn hear(&mut self) -> Heard {
        self.poll().brought.unwrap_or_else(|fault| panic!("{fault}; {}", fault.hint()))
    }

    fn fault(&mut self) -> Fault {
        self.poll().brought.expect_err("an answer where none was to be had")
    }

    fn until(&mut self, what: &str, so: impl Fn(&Heard) -> bool) {
        real::until(what, || so(&self.hear()));
    }
}

fn alert(heard: &Heard, name: &str, state: AlertState) -> bool {
    heard
        .facts
        .iter()
        .any(|fact| matches!(&fact.what, What::Alert(alert) if alert.name() == name && alert.state == state))
}

fn version(heard: &Heard, product: &str) -> Vec<String> {
    let told = heard.facts.iter().filter_map(|fact| match &fact.what {
        What::Sighting(seen) if seen.product.as_str() == product => Some(seen.version.as_str().to_owned()),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_prometheus_tells_what_fires_what_is_pending_who_is_unwell_and_its_version() {
    let Some(server) = real::prometheus() else { return };
    let mut asking = Asking::source(&format!("{{ kind = \"prometheus\", url = \"{}\" }}", server.url()));
    asking.until("a firing and a pending alert, and an unhealthy target", |heard| {
        let pending = heard
            .facts
            .iter()
            .any(|fact| matches!(&fact.what, What::Alert(alert) if alert.state == AlertState::Pending));
        let unwell =
            heard.facts.iter().any(|fact| matches!(&fact.what, What::Health(health) if health.level > Level::Unknown));
        alert(heard, "Watchdog", AlertState::Firing) && pending && unwell && !version(heard, "prometheus").is_empty()
    });
    server.rules("groups: [ { name: other, rules: [ { alert: Other, expr: vector(1) } ] } ]");
    asking.until("the other rule alone", |heard| {
        alert(heard, "Other", AlertState::Firing) && !alert(heard, "Watchdog", AlertState::Firing)
    });
}

#[test]
fn an_alertmanager_tells_alerts_and_silences() {
    let Some(server) = real::alertmanager() else { return };
    let mut asking = Asking::source(&format!("{{ kind = \"alertmanager\", url = \"{}\" }}", server.url()));
    server.raise(r#"{"alertname":"Loose","severity":"critical"}"#);
    asking.until("the alert", |heard| alert(heard, "Loose", AlertState::Firing));
    let id = server.silence("alertname", "Loose", "the cable is known");
    asking.until("the silence, and the alert under it", |heard| {
        let lies = heard.facts.iter().any(|fact| {
            matches!(&fact.what, What::Silence(silence)
                if silence.id.as_str() == id && silence.comment.as_str() == "the cable is known")
        });
        lies && alert(heard, "Loose", AlertState::Silenced)
    });
}

#[test]
fn a_hub_tells_versions_and_alerts_of_the_places_its_labels_name() {
    let Some(server) = real::victoria_metrics() else { return };
    let hub = format!(
        "[[hubs]]\nkind = \"prometheus\"\nurl = \"{}\"\nlabels = {{ installation = \"cluster\", environment = \"env\" }}\n",
        server.url()
    );
    let mut asking = Asking::fleet(&hub, "");
    let told = "prometheus_build_info{cluster=\"acme\",env=\"production\",version=\"3.5.0\"} 1\n\
                prometheus_build_info{cluster=\"stranger\",env=\"production\",version=\"3.5.0\"} 1\n\
                ALERTS{cluster=\"acme\",env=\"production\",alertname=\"Loose\",alertstate=\"firing\"} 1\n";
    assert_eq!(server.post("/api/v1/import/prometheus", told).status, 204);
    asking.until("the version and the alert", |heard| {
        version(heard, "prometheus") == ["3.5.0"]
            && alert(heard, "Loose", AlertState::Firing)
            && heard
                .facts
                .iter()
                .all(|fact| matches!(&fact.about, About::There(place) if place.installation.as_str() == "acme"))
            && heard.gaps.iter().any(|gap| gap.why.as_str().contains("stranger"))
    });
}

#[test]
fn doors_open_to_those_they_know_and_say_why_to_others() {
    let Some(nginx) = real::nginx() else { return };
    nginx.serve("version", "{\"version\":\"1.2.3\"}");
    let password = nginx.pki.path("password");
    std::fs::write(&password, "secret").unwrap();
    private(&password);
    let key = nginx.pki.path("anna.key");
    private(&key);
    let ca = format!("ca = \"{}\"", nginx.pki.path("ca.pem").display());
    let ours = format!(
        "client_certificate = \"{}\", client_key = {{ file = \"{}\" }}",
        nginx.pki.path("anna.pem").display(),
        key.display()
    );
    let basic = format!("username = \"anna\", password = {{ file = \"{}\" }}", password.display());
    let source = |address: String, more: &str| {
        let version = "version = { product = \"shop\", json = \"/version\" }";
        let more = if more.is_empty() { String::new() } else { format!(", {more}") };
        Asking::source(&format!("{{ kind = \"http\", url = \"{address}\", {version}{more} }}"))
    };
    let tls = |port: u16| format!("https://127.0.0.1:{port}/version");
    let guarded = format!("{}/behind-basic/version", plain(&nginx));
    for (address, more) in
        [(tls(nginx.tls()), ca.clone()), (tls(nginx.wants_client()), format!("{ca}, {ours}")), (guarded.clone(), basic)]
    {
        assert_eq!(version(&source(address, &more).hear(), "shop"), ["1.2.3"], "{more}");
    }
    for (port, more) in [
        (nginx.tls(), ""),
        (nginx.expired(), ca.as_str()),
        (nginx.misnamed(), ca.as_str()),
        (nginx.stranger(), ca.as_str()),
    ] {
        let fault = source(tls(port), more).fault();
        assert!(matches!(fault, Fault::Untrusted { .. }), "{fault}");
        assert!(!fault.hint().is_empty());
    }
    let fault = source(guarded, "").fault();
    assert!(matches!(fault, Fault::Unauthorised { credential: None }), "{fault}");
    assert!(!fault.hint().is_empty());

    let mut changing = source(tls(nginx.tls()), &ca);
    assert_eq!(version(&changing.hear(), "shop"), ["1.2.3"]);
    nginx.serve("version", "{\"version\":\"1.3.0\"}");
    assert_eq!(version(&changing.hear(), "shop"), ["1.3.0"]);
}

/// The door without TLS.
fn plain(nginx: &real::Nginx) -> String {
    format!("http://127.0.0.1:{}", nginx.port())
}

fn private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_changed_version_is_heard_through_exporter_prometheus_and_hub_question() {
    let Some(exporter) = real::node_exporter() else { return };
    let setup = PrometheusSetup { targets: &[("shop", exporter.port())], ..PrometheusSetup::default() };
    let Some(prometheus) = real::prometheus_with(&setup) else { return };
    let hub = format!(
        "[[hubs]]\nkind = \"prometheus\"\nurl = \"{}\"\nlabels = {{ installation = \"cluster\", environment = \"env\" }}\n",
        prometheus.url()
    );
    let mut asking = Asking::fleet(&hub, "");
    for told in ["11.2.3", "11.3.0"] {
        let line = format!(
            "# TYPE grafana_build_info gauge\ngrafana_build_info{{cluster=\"acme\",env=\"production\",version=\"{told}\"}} 1\n"
        );
        exporter.tell("grafana", &line);
        asking.until(told, |heard| version(heard, "grafana") == [told]);
    }
}

#[test]
fn a_port_tells_its_certificate_whether_it_is_good_or_not() {
    let Some(nginx) = real::nginx() else { return };
    let ca = format!("ca = \"{}\"", nginx.pki.path("ca.pem").display());
    for (port, more, distrust, over) in [
        (nginx.tls(), ca.as_str(), None, false),
        (nginx.tls(), "", Some("signed by an unknown authority, `quarterdeck-tests`"), false),
        (nginx.expired(), ca.as_str(), Some("the certificate expired on 2020-02-01"), true),
        (nginx.misnamed(), ca.as_str(), Some("the certificate is for `elsewhere.example.test`"), false),
        (nginx.stranger(), ca.as_str(), Some("the certificate is self-signed"), false),
    ] {
        let more = if more.is_empty() { String::new() } else { format!(", {more}") };
        let mut asking = Asking::source(&format!("{{ kind = \"tls\", address = \"127.0.0.1:{port}\"{more} }}"));
        let poll = asking.poll();
        let heard = poll.brought.unwrap_or_else(|fault| panic!("{fault}"));
        let [What::Certificate(told)] = &heard.facts.iter().map(|fact| &fact.what).collect::<Vec<_>>()[..] else {
            panic!("{heard:?}")
        };
        assert_eq!(told.name.as_str(), format!("127.0.0.1:{port}"));
        assert_eq!(told.distrust.as_ref().map(|why| why.as_str()), distrust);
        assert_eq!((told.ends.unwrap() < MachineClock.now(), poll.certificate_ends), (over, told.ends));
    }
    // A port without TLS has no certificate: that is a fault of this source.
    let mut plain = Asking::source(&format!("{{ kind = \"tls\", address = \"127.0.0.1:{}\" }}", nginx.port()));
    assert!(matches!(plain.fault(), Fault::Untrusted { .. }));
}

#[test]
fn an_openvpn_tells_its_version_and_how_many_are_in_and_serves_one_at_a_time() {
    let Some(mut vpn) = real::openvpn() else { return };
    let source = format!("{{ kind = \"openvpn\", address = \"127.0.0.1:{}\", timeout = \"3s\" }}", vpn.port());
    let mut asking = Asking::source(&source);
    let clients = |heard: &Heard| {
        heard.facts.iter().find_map(|fact| match &fact.what {
            What::Tunnel(tunnel) => Some((tunnel.said.as_str().to_owned(), tunnel.clients)),
            _ => None,
        })
    };
    let heard = asking.hear();
    assert!(version(&heard, "openvpn")[0].starts_with("2."), "{heard:?}");
    assert_eq!((clients(&heard), &heard.gaps[..]), (Some(("CONNECTED".to_owned(), Some(0))), &[][..]));
    vpn.connect("laptop-anna");
    vpn.connect("laptop-ben");
    asking.until("two clients", |heard| clients(heard) == Some(("CONNECTED".to_owned(), Some(2))));
    let told = asking.hear().facts;
    assert!(!format!("{told:?}").contains("laptop"), "who is in is nobody's business here");

    let held = real::connect(vpn.port()).unwrap();
    let fault = asking.fault();
    assert!(matches!(fault, Fault::Occupied { .. }), "{fault}");
    assert!(fault.hint().contains("one client at a time"), "{}", fault.hint());
    drop(held);
    asking.until("an answer again", |_| true);
    vpn.leave();
    asking.until("nobody", |heard| clients(heard) == Some(("CONNECTED".to_owned(), Some(0))));
}

#[test]
fn an_openvpn_behind_a_password_lets_in_who_knows_it() {
    let Some(vpn) = real::openvpn_behind("secret-word\n") else { return };
    let folder = tempfile::tempdir().unwrap();
    let source = |word: Option<&str>| {
        let password = folder.path().join("password");
        std::fs::write(&password, word.unwrap_or_default()).unwrap();
        private(&password);
        let more = word.map(|_| format!(", password = {{ file = \"{}\" }}", password.display())).unwrap_or_default();
        let address = format!("127.0.0.1:{}", vpn.port());
        Asking::source(&format!("{{ kind = \"openvpn\", address = \"{address}\", timeout = \"3s\"{more} }}"))
    };
    assert_eq!(version(&source(Some("secret-word")).hear(), "openvpn").len(), 1);
    let fault = source(Some("another")).fault();
    assert!(matches!(&fault, Fault::Unauthorised { credential: Some(_) }), "{fault}");
    assert!(!fault.to_string().contains("another"), "{fault}");
    assert!(matches!(source(None).fault(), Fault::Unauthorised { credential: None }));
}
