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

/// Where the world is served: what speaks HTTP, such as `http://127.0.0.1:41234`, and what shows certificates, such as
/// `127.1.0.1:8443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The vendor's, and everybody's who has no own.
    pub usual: (String, String),
    /// Those of the installations, in their order. Where there are fewer than installations, they are shared.
    pub hosts: Vec<(String, String)>,
    /// The folder of the sockets on which each OpenVPN is managed.
    pub folder: PathBuf,
}

impl Places {
    /// Where the installation of that place in the cast is served.
    fn of(&self, n: usize) -> &(String, String) {
        n.checked_rem(self.hosts.len()).and_then(|n| self.hosts.get(n)).unwrap_or(&self.usual)
    }
}

/// In a fleet larger than this, most installations are looked at through the engine that holds everybody's metrics.
const LARGE: usize = 100;

/// So many of a large fleet are looked at as closely as those of a small one.
const CLOSE: usize = 40;

impl Wanted {
    /// What suits a world at a speed: a small fleet is asked often, a large one as usual.
    #[must_use]
    pub fn of(world: &World, places: Places, speed: f64) -> Self {
        // One machine serves the world and looks at it.
        let interval = if world.cast.len() <= LARGE { 5 } else { 60 };
        let real = std::time::Duration::from_secs(interval * 6).mul_f64(speed.clamp(1.0, super::clock::FASTEST));
        Self { places, interval, stale_after: real.as_secs().max(180) }
    }
}

/// The whole fleet file, as of a moment.
#[must_use]
pub fn fleet_file(world: &World, wanted: &Wanted, at: Moment) -> String {
    let mut out = Out {
        text: String::new(),
        origin: wanted.places.usual.0.clone(),
        host: wanted.places.usual.clone(),
        folder: wanted.places.folder.clone(),
        interval: wanted.interval,
        stale_after: wanted.stale_after,
        close: true,
    };
    out.head(world, wanted);
    out.products();
    out.windows();
    for (n, one) in world.cast.iter().enumerate() {
        out.host = wanted.places.of(n).clone();
        out.close = world.cast.len() <= LARGE || n < CLOSE;
        out.installation(world, one, at);
    }
    out.pages(world);
    out.calendar(at);
    out.text
}

struct Out {
    text: String,
    /// Where the vendor's own things are.
    origin: String,
    /// Where the installation that is written is served.
    host: (String, String),
    folder: PathBuf,
    /// How often a source is asked, and how old its answers may be, in seconds.
    interval: u64,
    stale_after: u64,
    /// Whether the installation that is written is looked at closely: all its systems, and often.
    close: bool,
}

impl Out {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        let _ = self.text.write_fmt(line);
        self.text.push('\n');
    }

    fn head(&mut self, world: &World, wanted: &Wanted) {
        let Wanted { interval, stale_after, .. } = wanted;
        let is_large = world.cast.len() > LARGE;
        // Whoever asks thousands at once on the machine that answers them waits a while.
        let timeout = if is_large { 15 } else { 4 };
        self.line(format_args!("# A simulated fleet. Everything below is real but the world behind it.\n"));
        self.line(format_args!("[fleet]\nname     = \"northwind\"\ntimezone = \"{}\"\n", HOME.name()));
        self.line(format_args!(
            "[defaults]\ninterval    = \"{interval}s\"\ntimeout     = \"{timeout}s\"\nstale_after = \"{stale_after}s\"\n"
        ));
        if is_large {
            let url = format!("{}/shared/engine", self.origin);
            self.line(format_args!("# The versions and alerts of everybody, with one question each.\n[[hubs]]\nkind = \"prometheus\"\nurl  = \"{url}\"\n"));
        }
    }

    fn products(&mut self) {
        let artifacts: Vec<String> = ARTIFACTS.iter().map(|name| quoted(name)).collect();
        let origin = self.origin.clone();
        self.line(format_args!(
            "[products.{PLATFORM}]\ntitle          = \"meshStack\"\nscheme         = \"calver\"\nlifecycle      = \"rolling\"\nupgrade_window = \"30d\"\n\
             releases       = [\n  {{ kind = \"feed\", url = \"{origin}/vendor/blog/rss.xml\", pattern = 'Release (\\d{{4}}\\.\\d+\\.\\d+)' }},\n  \
             {{ kind = \"oci\", url = \"{origin}/vendor/registry\" }},\n]\n\
             artifacts      = [{}]\nmetrics        = [{{ name = \"meshstack_build_info\", label = \"version\" }}]\n",
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
        let (origin, id) = (&self.host.0, &one.id);
        let base = format!("{origin}/{id}/{environment}");
        let version = format!("version = {{ product = \"{PLATFORM}\", json = \"/version\" }}");
        let is_production = environment == "production";
        let mut found = Vec::new();
        // What changes slowly, or is told by the engine that holds everybody's metrics, is asked less often.
        let mut add = |(near, far): (u64, u64), source: String| {
            found.push(format!("{source}{}", self.pace(if self.close { near } else { far })));
        };
        if one.plan == Plan::Saas {
            let shared = format!("{}/shared", self.origin);
            if self.close {
                add((1, 1), format!("kind = \"prometheus\", url = \"{shared}/mimir/prometheus\", tenant = \"{id}\""));
                add((1, 1), format!("kind = \"loki\", url = \"{shared}/loki\", tenant = \"{id}\""));
            }
            add((1, 5), format!("kind = \"alertmanager\", url = \"{shared}/mimir/alertmanager\", tenant = \"{id}\""));
        } else {
            if self.close {
                add((1, 1), format!("kind = \"prometheus\", url = \"{base}/prometheus\""));
                add((1, 1), format!("kind = \"grafana\", url = \"{base}/grafana\""));
            }
            if self.close || is_production {
                add((1, 5), format!("kind = \"alertmanager\", url = \"{base}/alertmanager\""));
                add((1, 15), format!("kind = \"loki\", url = \"{base}/loki\""));
            }
        }
        let token = "token = { file = \"demo.token\" }";
        let namespace =
            if one.plan == Plan::Paas { String::new() } else { format!("namespace = \"{}\", ", one.namespace()) };
        if self.close || (is_production && one.plan != Plan::Saas) {
            add((1, 5), format!("kind = \"kubernetes\", url = \"{base}/kubernetes\", {namespace}{token}"));
        }
        match (one.plan, one.gatekeeper) {
            _ if !is_production => {}
            (Plan::OnPrem, Gatekeeper::GitLab) => add(
                (1, 5),
                format!(
                    "kind = \"gitlab\", url = \"{base}/gitlab\", project = \"ops/rollout\", environment = \"production\", {token}"
                ),
            ),
            (Plan::Paas, _) => {
                add((1, 5), format!("kind = \"gitlab\", url = \"{base}/gitlab\", {token}"));
                add((1, 15), format!("kind = \"nexus\", url = \"{base}/nexus\""));
            }
            (Plan::OnPrem, Gatekeeper::Concourse) => {
                let password = "username = \"viewer\", password = { file = \"demo.token\" }";
                add(
                    (1, 5),
                    format!(
                        "kind = \"concourse\", url = \"{base}/concourse\", team = \"main\", pipeline = \"meshstack\", {password}"
                    ),
                );
                // Git is a program that is started: not as often as a question is asked.
                add((4, 15), format!("kind = \"gate\", repository = \"{base}/gates.git\", gate = \"production\""));
            }
            (Plan::Saas, _) => {}
        }
        if one.plan == Plan::OnPrem && is_production && self.close {
            add((1, 1), format!("kind = \"oci\", url = \"{base}/registry\""));
        }
        if one.plan != Plan::Saas && is_production {
            add((1, 60), self.port(one, "panel"));
        }
        if one.plan == Plan::Paas {
            add((1, 60), self.port(one, "vpn"));
            let socket = quoted(&format!("unix:{}", self.folder.join(format!("{id}.vpn")).display()));
            add((1, 5), format!("kind = \"openvpn\", address = {socket}, password = {{ file = \"vpn.password\" }}"));
        }
        if one.plan != Plan::Paas && self.close {
            add((1, 1), format!("kind = \"http\", name = \"api\", url = \"{base}/product/mesh/info\", {version}"));
        }
        found
    }

    /// How often what is asked so many times less often than usual is asked, and how old its answers may be.
    fn pace(&self, times: u64) -> String {
        if times <= 1 {
            return String::new();
        }
        let (interval, stale_after) = (times * self.interval, self.stale_after.max(self.stale_after * times / 2));
        format!(", interval = \"{interval}s\", stale_after = \"{stale_after}s\"")
    }

    /// A port that shows the certificate of a host.
    fn port(&self, one: &Installation, name: &str) -> String {
        let (tls, host) = (&self.host.1, host(one, "production", name));
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
