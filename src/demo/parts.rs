//! The parts a platform is made of and when which version of each was published, told from the embedded lifecycle data.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use serde_json::Value;

use super::dice::number;
use super::onward::gone_on;
use crate::domain::clock::Moment;

const LIFECYCLE: &str = include_str!("../../assets/lifecycle.json");

/// One part of the platform.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// The product's id in the catalog.
    pub id: &'static str,
    /// Its name in the lifecycle data.
    pub lifecycle: &'static str,
    /// Its chart, and the folder of the chart index.
    pub chart: Option<(&'static str, &'static str)>,
    /// The image it runs from, without tag.
    pub image: &'static str,
    /// The namespace it lives in.
    pub namespace: &'static str,
    /// What kind of workload carries it.
    pub workload: &'static str,
    /// What stands before the version in an image tag and a chart's app version.
    pub prefix: &'static str,
}

const fn part(
    (id, lifecycle): (&'static str, &'static str),
    chart: Option<(&'static str, &'static str)>,
    (image, prefix): (&'static str, &'static str),
    (namespace, workload): (&'static str, &'static str),
) -> Part {
    Part { id, lifecycle, chart, image, namespace, workload, prefix }
}

/// Every part.
#[rustfmt::skip]
pub static PARTS: [Part; 16] = [
    part(("kubernetes", "kubernetes"), None, ("registry.k8s.io/kube-proxy", "v"), ("kube-system", "daemonset")),
    part(("mongodb", "mongodb"), Some(("psmdb-db", "percona")), ("docker.io/library/mongo", ""), ("mongodb", "statefulset")),
    part(("kafka", "apache-kafka"), Some(("kafka", "bitnami")), ("quay.io/strimzi/kafka", "0.48.0-kafka-"), ("kafka", "statefulset")),
    part(("cert-manager", "cert-manager"), Some(("cert-manager", "jetstack")), ("quay.io/jetstack/cert-manager-controller", "v"), ("cert-manager", "deployment")),
    part(("traefik", "traefik"), Some(("traefik", "traefik")), ("docker.io/library/traefik", "v"), ("traefik", "deployment")),
    part(("grafana", "grafana"), Some(("grafana", "grafana")), ("docker.io/grafana/grafana", ""), ("monitoring", "deployment")),
    part(("prometheus", "prometheus"), Some(("prometheus", "prometheus-community")), ("quay.io/prometheus/prometheus", "v"), ("monitoring", "statefulset")),
    part(("alertmanager", "alertmanager"), Some(("alertmanager", "prometheus-community")), ("quay.io/prometheus/alertmanager", "v"), ("monitoring", "statefulset")),
    part(("mimir", "grafana-mimir"), Some(("mimir-distributed", "grafana")), ("docker.io/grafana/mimir", ""), ("monitoring", "statefulset")),
    part(("loki", "grafana-loki"), Some(("loki", "grafana")), ("docker.io/grafana/loki", ""), ("logging", "statefulset")),
    part(("logging-operator", "logging-operator"), Some(("logging-operator", "kube-logging")), ("ghcr.io/kube-logging/logging-operator", ""), ("logging", "deployment")),
    part(("gitlab", "gitlab"), Some(("gitlab", "gitlab")), ("registry.gitlab.com/gitlab-org/build/cng/gitlab-webservice-ee", "v"), ("gitlab", "deployment")),
    part(("gitlab-runner", "gitlab-runner"), Some(("gitlab-runner", "gitlab")), ("registry.gitlab.com/gitlab-org/gitlab-runner", "v"), ("gitlab", "deployment")),
    part(("cilium", "cilium"), Some(("cilium", "cilium")), ("quay.io/cilium/cilium", "v"), ("kube-system", "daemonset")),
    part(("openvpn", "openvpn"), None, ("docker.io/northwind/openvpn", ""), ("vpn", "deployment")),
    part(("nexus", "nexus"), Some(("nexus-repository-manager", "sonatype")), ("docker.io/sonatype/nexus3", ""), ("nexus", "statefulset")),
];

/// The part of that id.
#[must_use]
pub fn part_named(id: &str) -> Option<&'static Part> {
    PARTS.iter().find(|part| part.id == id)
}

/// One published version of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its text.
    pub version: String,
    /// Its cycle, such as `1.31`.
    pub cycle: String,
    /// When it was published.
    pub at: Moment,
    /// The chart's version that brought it.
    pub chart: String,
    /// Where its cycle stands among the cycles; higher is newer.
    rank: usize,
    patch: i64,
}

/// What was published of every part.
#[derive(Clone, Debug)]
pub struct Parts {
    issues: BTreeMap<&'static str, Vec<Issue>>,
    data: Value,
}

impl Default for Parts {
    fn default() -> Self {
        Self::new()
    }
}

impl Parts {
    /// Reads the lifecycle data.
    #[must_use]
    pub fn new() -> Self {
        let mut data: Value = serde_json::from_str(LIFECYCLE).unwrap_or_default();
        for part in &PARTS {
            let real = real_name(&data, part.lifecycle).to_owned();
            if let Some(cycles) = data.get_mut(&real).and_then(|product| product.get_mut("cycles")) {
                *cycles = gone_on(part.id, cycles.as_array().map_or(&[], Vec::as_slice), data_ends()).into();
            }
        }
        let issues = PARTS.iter().map(|part| (part.id, issues_of(part, &data))).collect();
        Self { issues, data }
    }

    /// What was published of a part until that moment, oldest first.
    #[must_use]
    pub fn known(&self, id: &str, at: Moment) -> &[Issue] {
        let all = self.issues.get(id).map(Vec::as_slice).unwrap_or_default();
        all.get(..all.partition_point(|issue| issue.at <= at)).unwrap_or_default()
    }

    /// The highest version of a part published until that moment.
    #[must_use]
    pub fn newest(&self, id: &str, at: Moment) -> Option<&Issue> {
        self.known(id, at).iter().max_by_key(|issue| (issue.rank, issue.patch))
    }

    /// The highest version of a cycle published until that moment.
    #[must_use]
    pub fn newest_of(&self, id: &str, cycle: &str, at: Moment) -> Option<&Issue> {
        self.known(id, at).iter().filter(|issue| issue.cycle == cycle).max_by_key(|issue| issue.patch)
    }

    /// The cycle that lies so many behind the newest at that moment.
    #[must_use]
    pub fn behind(&self, id: &str, cycles: usize, at: Moment) -> Option<&Issue> {
        let newest = self.newest(id, at)?;
        let wanted = newest.rank.saturating_sub(cycles);
        self.known(id, at).iter().filter(|issue| issue.rank == wanted).max_by_key(|issue| issue.patch).or(Some(newest))
    }

    /// The lifecycle data of a product, by its name there.
    #[must_use]
    pub fn lifecycle(&self, name: &str) -> Option<&Value> {
        let real = real_name(&self.data, name);
        self.data.get(real).filter(|_| !real.starts_with('_'))
    }
}

/// What the data calls a product that goes by another name too.
fn real_name<'a>(data: &'a Value, name: &'a str) -> &'a str {
    let aliases = data.get("_meta").and_then(|meta| meta.get("aliases"));
    aliases.and_then(|aliases| aliases.get(name)).and_then(Value::as_str).unwrap_or(name)
}

/// The day the embedded data ends; patches after it are the world's own.
fn data_ends() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 8, 22).unwrap_or_default()
}

fn issues_of(part: &Part, data: &Value) -> Vec<Issue> {
    let cycles = data.get(part.lifecycle).and_then(|product| product.get("cycles")).and_then(Value::as_array);
    let mut found = Vec::new();
    let count = cycles.map_or(0, Vec::len);
    for (n, cycle) in cycles.into_iter().flatten().enumerate().take(64) {
        let Some(name) = cycle.get("cycle").and_then(Value::as_str) else { continue };
        let day = |key: &str| cycle.get(key).and_then(Value::as_str).and_then(|text| text.parse::<NaiveDate>().ok());
        // The data leaves some dates out: those cycles are set three months apart.
        let back = i64::try_from(n).unwrap_or_default();
        let born = day("released").unwrap_or(data_ends() - TimeDelta::days(40 + 100 * back));
        let latest = cycle.get("latest").and_then(Value::as_str).map_or_else(|| format!("{name}.2"), str::to_owned);
        let last = day("latest_date").unwrap_or(born + TimeDelta::days(60)).max(born);
        let over = day("eol").is_some_and(|eol| eol < data_ends());
        found.extend(patches(part, (name, count - n), &latest, (born, last), over));
    }
    found.sort_by_key(|issue: &Issue| (issue.at, issue.rank, issue.patch));
    found
}

/// The patches of one cycle, spread evenly over its life, and on after the data ends while it lives.
fn patches(
    part: &Part,
    (cycle, rank): (&str, usize),
    latest: &str,
    (born, last): (NaiveDate, NaiveDate),
    over: bool,
) -> Vec<Issue> {
    let rest = latest.strip_prefix(cycle).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let suffix = rest.strip_prefix(digits.as_str()).unwrap_or_default();
    let Ok(highest) = digits.parse::<i64>() else { return Vec::new() };
    let step = if highest > 0 { (last - born).num_days() / highest } else { 0 };
    let further = if over { 0 } else { 4 };
    (0..=highest + further)
        .map(|patch| {
            let day = match patch <= highest {
                true => born + TimeDelta::days(step * patch),
                false => last.max(data_ends()) + TimeDelta::days((patch - highest) * step.clamp(14, 45)),
            };
            let seconds = number(&format!("{}{cycle}{patch}", part.id), 36_000);
            let at = day.and_time(chrono::NaiveTime::MIN).and_utc()
                + TimeDelta::seconds(25_200 + i64::try_from(seconds).unwrap_or_default());
            let chart = match part.id {
                "cert-manager" => format!("v{cycle}.{patch}"),
                "cilium" => format!("{cycle}.{patch}"),
                _ => format!("{}.{patch}.0", 10 + rank),
            };
            Issue { version: format!("{cycle}.{patch}{suffix}"), cycle: cycle.to_owned(), at, chart, rank, patch }
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn every_part_has_a_past_that_ends_in_what_the_data_says() {
        let parts = Parts::new();
        let day = at("2026-08-22T00:00:00Z");
        for part in &PARTS {
            assert!(parts.known(part.id, day).len() > 3, "{}", part.id);
        }
        for (id, version) in
            [("kubernetes", "1.36.4"), ("mongodb", "8.3.8"), ("cilium", "1.20.1"), ("nexus", "3.95.1-01")]
        {
            assert_eq!(parts.newest(id, day).unwrap().version, version, "{id}");
        }
    }

    #[test]
    fn versions_appear_only_once_they_are_out() {
        let parts = Parts::new();
        let early = parts.newest("kubernetes", at("2026-01-15T00:00:00Z")).unwrap();
        assert_eq!(early.cycle, "1.35");
        assert_eq!(parts.behind("kubernetes", 4, at("2026-01-15T00:00:00Z")).unwrap().cycle, "1.31");
        assert!(parts.newest("kubernetes", at("2026-11-21T00:00:00Z")).unwrap().version != "1.36.4");
    }

    #[test]
    fn aliases_lead_to_their_product() {
        let parts = Parts::new();
        assert_eq!(parts.lifecycle("k8s"), parts.lifecycle("kubernetes"));
        assert!(parts.lifecycle("_meta").is_none() && parts.lifecycle("nothing").is_none());
    }
}
