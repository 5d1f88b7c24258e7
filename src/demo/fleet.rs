//! The fleet file of the simulated fleet: the same keys a person would write, with loopback addresses.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::assurance::host;
use super::calendar::{SLOTS, freezes};
use super::cast::{Gatekeeper, Installation, Plan};
use super::parts::PARTS;
use super::scenario::HOME;
use super::vendor::{ARTIFACTS, PLATFORM};
use super::world::World;
use crate::domain::clock::{Moment, day_of};

/// What the fleet file is written for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Where the world is served.
    pub places: Places,
    /// How often a source is asked, in seconds.
    pub interval: u64,
    /// After how many seconds an answer is stale, on the world's clock.
    pub stale_after: u64,
}

/// Where the world is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// All that speaks HTTP, such as `http://127.0.0.1:41234`.
    pub origin: String,
    /// Where every host shows its certificate, such as `127.0.0.1:41235`.
    pub tls: String,
    /// The folder of the sockets on which each OpenVPN is managed.
    pub folder: PathBuf,
}

impl Wanted {
    /// What suits a world at a speed: a small fleet is asked often, a large one as usual.
    #[must_use]
    pub fn of(world: &World, places: Places, speed: f64) -> Self {
        // One machine serves the world and looks at it.
        let interval = if world.cast.len() <= 100 { 5 } else { 60 };
        let real = std::time::Duration::from_secs(interval * 6).mul_f64(speed.clamp(1.0, super::clock::FASTEST));
        Self { places, interval, stale_after: real.as_secs().max(180) }
    }
}

/// The whole fleet file, as of a moment.
#[must_use]
pub fn fleet_file(world: &World, wanted: &Wanted, at: Moment) -> String {
    let Places { origin, tls, folder } = wanted.places.clone();
    let mut out = Out { text: String::new(), origin, tls, folder, seldom: wanted.interval * 4 };
    out.head(wanted);
    out.products();
    out.windows();
    for one in &world.cast {
        out.installation(world, one, at);
    }
    out.pages(world);
    out.calendar(at);
    out.text
}

struct Out {
    text: String,
    origin: String,
    tls: String,
    folder: PathBuf,
    /// How many seconds lie between questions that cost a program.
    seldom: u64,
}

impl Out {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        let _ = self.text.write_fmt(line);
        self.text.push('\n');
    }

    fn head(&mut self, wanted: &Wanted) {
        let Wanted { interval, stale_after, .. } = wanted;
        self.line(format_args!("# A simulated fleet. Everything below is real but the world behind it.\n"));
        self.line(format_args!("[fleet]\nname     = \"northwind\"\ntimezone = \"{}\"\n", HOME.name()));
        self.line(format_args!(
            "[defaults]\ninterval    = \"{interval}s\"\ntimeout     = \"4s\"\nstale_after = \"{stale_after}s\"\n"
        ));
    }

    fn products(&mut self) {
        let artifacts: Vec<String> = ARTIFACTS.iter().map(|name| quoted(name)).collect();
        let origin = self.origin.clone();
        self.line(format_args!(
            "[products.{PLATFORM}]\ntitle          = \"meshStack\"\nscheme         = \"calver\"\nlifecycle      = \"rolling\"\nupgrade_window = \"30d\"\n\
             releases       = [\n  {{ kind = \"feed\", url = \"{origin}/vendor/blog/rss.xml\", pattern = 'Release (\\d{{4}}\\.\\d+\\.\\d+)' }},\n  \
             {{ kind = \"oci\", url = \"{origin}/vendor/registry\" }},\n]\n\
             artifacts      = [{}]\n",
            artifacts.join(", ")
        ));
        for part in &PARTS {
            let mut told = vec![format!(
                "{{ kind = \"endoflife\", url = \"{origin}/vendor/endoflife\", product = \"{}\" }}",
                part.lifecycle
            )];
            if let Some((chart, repository)) = part.chart {
                told.push(format!(
                    "{{ kind = \"chart\", url = \"{origin}/vendor/charts/{repository}\", chart = \"{chart}\" }}"
                ));
            }
            self.line(format_args!("[products.{}]\nreleases = [\n  {},\n]\n", part.id, told.join(",\n  ")));
        }
    }

    fn windows(&mut self) {
        for slot in SLOTS {
            let since = slot.since.map(|day| format!("since    = \"{day}\"\n")).unwrap_or_default();
            self.line(format_args!(
                "[windows.{}]\nrrule    = \"{}\"\n{since}start    = \"{:02}:00\"\nduration = \"{}h\"\nzone     = \"{}\"\n",
                slot.name,
                slot.rrule,
                slot.hour,
                slot.hours,
                slot.zone.name()
            ));
        }
    }

    fn installation(&mut self, world: &World, one: &Installation, at: Moment) {
        let Installation { id, name, plan, infrastructure, zone, .. } = one;
        self.line(format_args!(
            "[[installations]]\nid             = \"{id}\"\nname           = {}\ncustomer       = \"{id}\"\nplan           = \"{}\"\n\
             infrastructure = \"{infrastructure}\"\nzone           = \"{zone}\"\nlogs           = {}",
            quoted(name),
            plan.name(),
            consent(one, at)
        ));
        if let Some(line) = world.vendor.long_line(at).filter(|_| one.habit.extended) {
            let until = day_of(at, HOME) + chrono::TimeDelta::days(130);
            self.line(format_args!(
                "extended_support = [{{ product = \"{PLATFORM}\", line = \"{line}\", until = \"{until}\" }}]"
            ));
        }
        if one.plan == Plan::OnPrem {
            let issued = day_of(at, HOME) - chrono::TimeDelta::days(300);
            let until = issued + chrono::TimeDelta::days(365);
            self.line(format_args!(
                "evidence       = [{{ framework = \"ISO 27001\", title = \"Statement of applicability\", issued = \"{issued}\", valid_until = \"{until}\" }}]"
            ));
        }
        self.line(format_args!(""));
        for environment in one.environments() {
            self.environment(one, environment);
        }
    }

    fn environment(&mut self, one: &Installation, environment: &str) {
        self.line(format_args!("  [[installations.environments]]\n  name    = \"{environment}\""));
        if one.plan != Plan::Paas {
            self.line(format_args!("  product = \"{PLATFORM}\""));
        }
        match (one.plan, environment) {
            (Plan::OnPrem, "staging") => self.line(format_args!("  rollout = \"automatic\"")),
            (Plan::OnPrem, _) => {
                self.line(format_args!("  rollout = \"approval\"\n  window  = \"{}\"", one.slot.name));
            }
            (Plan::Saas | Plan::Paas, _) => self.line(format_args!("  window  = \"{}\"", one.slot.name)),
        }
        self.line(format_args!("  sources = ["));
        for source in self.sources(one, environment) {
            self.line(format_args!("    {{ {source} }},"));
        }
        self.line(format_args!("  ]\n"));
    }

    fn sources(&self, one: &Installation, environment: &str) -> Vec<String> {
        let (origin, id) = (&self.origin, &one.id);
        let base = format!("{origin}/{id}/{environment}");
        let version = format!("version = {{ product = \"{PLATFORM}\", json = \"/version\" }}");
        let mut found = Vec::new();
        if one.plan == Plan::Saas {
            let shared = format!("{origin}/shared");
            found.push(format!("kind = \"prometheus\", url = \"{shared}/mimir/prometheus\", tenant = \"{id}\""));
            found.push(format!("kind = \"alertmanager\", url = \"{shared}/mimir/alertmanager\", tenant = \"{id}\""));
            found.push(format!("kind = \"loki\", url = \"{shared}/loki\", tenant = \"{id}\""));
        } else {
            found.push(format!("kind = \"prometheus\", url = \"{base}/prometheus\""));
            found.push(format!("kind = \"alertmanager\", url = \"{base}/alertmanager\""));
            for kind in ["loki", "grafana"] {
                found.push(format!("kind = \"{kind}\", url = \"{base}/{kind}\""));
            }
        }
        let token = "token = { file = \"demo.token\" }";
        let namespace =
            if one.plan == Plan::Paas { String::new() } else { format!("namespace = \"{}\", ", one.namespace()) };
        found.push(format!("kind = \"kubernetes\", url = \"{base}/kubernetes\", {namespace}{token}"));
        if environment == "production" {
            match (one.plan, one.gatekeeper) {
                (Plan::OnPrem, Gatekeeper::GitLab) => found.push(format!(
                    "kind = \"gitlab\", url = \"{base}/gitlab\", project = \"ops/rollout\", environment = \"production\", {token}"
                )),
                (Plan::Paas, _) => {
                    found.push(format!("kind = \"gitlab\", url = \"{base}/gitlab\", {token}"));
                    found.push(format!("kind = \"nexus\", url = \"{base}/nexus\""));
                }
                (Plan::OnPrem, Gatekeeper::Concourse) => {
                    let password = "username = \"viewer\", password = { file = \"demo.token\" }";
                    found.push(format!(
                        "kind = \"concourse\", url = \"{base}/concourse\", team = \"main\", pipeline = \"meshstack\", {password}"
                    ));
                    // Git is a program that is started: not as often as a question is asked.
                    found.push(format!(
                        "kind = \"gate\", repository = \"{base}/gates.git\", gate = \"production\", interval = \"{}s\"",
                        self.seldom
                    ));
                }
                (Plan::Saas, _) => {}
            }
        }
        if one.plan == Plan::OnPrem && environment == "production" {
            found.push(format!("kind = \"oci\", url = \"{base}/registry\""));
        }
        if one.plan != Plan::Saas && environment == "production" {
            found.push(self.port(one, "panel"));
        }
        if one.plan == Plan::Paas {
            found.push(self.port(one, "vpn"));
            let socket = quoted(&format!("unix:{}", self.folder.join(format!("{id}.vpn")).display()));
            found.push(format!("kind = \"openvpn\", address = {socket}, password = {{ file = \"vpn.password\" }}"));
        }
        if one.plan != Plan::Paas {
            found.push(format!("kind = \"http\", name = \"api\", url = \"{base}/product/mesh/info\", {version}"));
        }
        found
    }

    /// A port that shows the certificate of a host.
    fn port(&self, one: &Installation, name: &str) -> String {
        let (tls, host) = (&self.tls, host(one, "production", name));
        format!(
            "kind = \"tls\", name = \"{name}\", address = \"{tls}\", server_name = \"{host}\", ca = \"demo-ca.pem\""
        )
    }

    fn pages(&mut self, world: &World) {
        let origin = self.origin.clone();
        let affected = |plan: Plan| -> String {
            let ids: Vec<String> =
                world.cast.iter().filter(|one| one.plan == plan).map(|one| quoted(&one.id)).collect();
            ids.join(", ")
        };
        self.line(format_args!(
            "[[status_pages]]\nname    = \"Northwind\"\nkind    = \"statuspage\"\nurl     = \"{origin}/status\"\nown     = true\naffects = [{}]\n",
            affected(Plan::Paas)
        ));
        self.line(format_args!(
            "[[status_pages]]\nname    = \"Skyline Cloud\"\nkind    = \"statuspage\"\nurl     = \"{origin}/cloud\"\naffects = [{}]\n",
            affected(Plan::Saas)
        ));
    }

    fn calendar(&mut self, at: Moment) {
        for freeze in freezes(at) {
            self.line(format_args!(
                "[[freezes]]\ntitle = {}\nstart = \"{}\"\nend   = \"{}\"\n",
                quoted(&freeze.title),
                freeze.first,
                freeze.last
            ));
        }
    }
}

fn consent(one: &Installation, at: Moment) -> String {
    match one.logs {
        "granted" => format!("\"granted until {}\"", day_of(at, HOME) + chrono::TimeDelta::days(20)),
        other => quoted(other),
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Every address in a fleet file, in order.
#[must_use]
pub fn addresses(file: &str) -> Vec<String> {
    file.split('"').filter(|text| text.starts_with("http://")).map(str::to_owned).collect()
}
