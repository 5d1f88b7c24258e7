//! Where a row can be looked at elsewhere: its own addresses, and its installation's tools with the right query and time.

use chrono::TimeDelta;
use url::Url;

use crate::domain::clock::Moment;
use crate::domain::id::InstallationId;
use crate::views::board::Board;
use crate::views::rows::{Topic, View};

/// An address, and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What is there.
    pub name: String,
    /// The address.
    pub url: String,
}

impl Link {
    /// A link, where the address is one that a browser opens. Anything else from outside is none.
    #[must_use]
    pub fn new(name: &str, url: &str) -> Option<Self> {
        let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        Some(Self { name: name.to_owned(), url: url.into() })
    }
}

/// Everywhere a row can be looked at: its own addresses first.
#[must_use]
pub fn links<R: View>(row: &R, board: &Board) -> Vec<Link> {
    let mut links: Vec<Link> = row.urls().into_iter().filter_map(|(name, url)| Link::new(name, url)).collect();
    if let Some(id) = row.installation() {
        links.extend(tools(id, row.topic(), board));
    }
    let mut known = std::collections::BTreeSet::new();
    links.retain(|link| known.insert(link.url.clone()));
    links
}

/// The tools of an installation, asked about a topic.
#[must_use]
pub fn tools(id: &InstallationId, topic: Topic<'_>, board: &Board) -> Vec<Link> {
    let until = board.header.judged_at;
    let since = topic.since.unwrap_or(until - TimeDelta::hours(1)) - TimeDelta::minutes(15);
    let ours = board.views.sources.iter().filter(|row| row.installation.as_ref() == Some(id));
    ours.filter_map(|source| {
        let base = Url::parse(&source.url).ok()?;
        let at = |path: &str| {
            let mut url = base.clone();
            url.path_segments_mut().ok()?.pop_if_empty().extend(path.split('/').filter(|part| !part.is_empty()));
            Some(url)
        };
        let url = match source.kind.as_str() {
            "grafana" => explore(at("explore")?, topic, since, until),
            "alertmanager" => alertmanager(at("")?, topic),
            "prometheus" => prometheus(at("graph")?, topic, since, until),
            "gitlab" | "github" | "concourse" if topic.alert.is_none() && topic.silence.is_none() => base,
            _ => return None,
        };
        let place = source.environment.as_ref().map_or(String::new(), |name| format!(" of {name}"));
        Link::new(&format!("{}{place}", source.kind), url.as_str())
    })
    .collect()
}

/// What fires, as a query: one alert, or all of them.
fn firing(topic: Topic<'_>) -> String {
    topic.alert.map_or("ALERTS".to_owned(), |alert| format!("ALERTS{{alertname=\"{}\"}}", quoted(alert)))
}

/// Grafana's Explore, over the usual data source. The form is the one of before 10.0, which later ones still take up.
fn explore(mut url: Url, topic: Topic<'_>, since: Moment, until: Moment) -> Url {
    let pane = serde_json::json!({
        "datasource": null,
        "queries": [{ "refId": "A", "expr": firing(topic) }],
        "range": { "from": since.timestamp_millis().to_string(), "to": until.timestamp_millis().to_string() },
    });
    url.query_pairs_mut().append_pair("left", &pane.to_string());
    url
}

/// Alertmanager's page reads what stands behind the `#`, written as a query, and hides what is silenced or inhibited
/// unless told otherwise. It takes `%20` for a blank, and no `+`.
fn alertmanager(mut url: Url, topic: Topic<'_>) -> Url {
    let place = match topic {
        Topic { silence: Some(id), .. } => format!("/silences/{}", encoded(id)),
        Topic { alert: Some(alert), .. } => {
            let filter = encoded(&format!("{{alertname=\"{}\"}}", quoted(alert)));
            format!("/alerts?silenced=true&inhibited=true&muted=true&active=true&filter={filter}")
        }
        Topic { .. } => "/alerts".to_owned(),
    };
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url.set_fragment(Some(&place));
    url
}

/// Prometheus' page of graphs: 3.0 and later send it on to theirs, with the same words.
fn prometheus(mut url: Url, topic: Topic<'_>, since: Moment, until: Moment) -> Url {
    let minutes = (until - since).num_minutes().clamp(15, 60 * 24 * 14);
    url.query_pairs_mut()
        .append_pair("g0.expr", &firing(topic))
        .append_pair("g0.tab", "0")
        .append_pair("g0.range_input", &format!("{minutes}m"))
        .append_pair("g0.end_input", &until.format("%Y-%m-%d %H:%M:%S").to_string());
    url
}

/// A text where an address wants it, without a sign that means something there.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A text inside double quotes of a query.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_browser_opens_is_a_link() {
        for (url, is) in [
            ("https://grafana.acme.test/d/1", true),
            ("javascript:alert(1)", false),
            ("file:///etc/passwd", false),
            ("not an address", false),
        ] {
            assert_eq!(Link::new("x", url).is_some(), is, "{url}");
        }
    }

    #[test]
    fn tools_are_asked_the_right_thing_about_the_right_time() {
        let (since, until) = ("2026-11-21T00:02:00Z", "2026-11-21T01:17:00Z");
        let (since, until): (Moment, Moment) = (since.parse().unwrap_or_default(), until.parse().unwrap_or_default());
        let at = |url: &str| Url::parse(url).unwrap_or_else(|_| unreachable!("{url}"));
        let alert = Topic { alert: Some("Disk \"full\""), ..Topic::default() };
        let silence = Topic { silence: Some("1-2-3"), ..Topic::default() };
        for (url, means) in [
            (
                alertmanager(at("https://a.test/am/"), alert),
                "https://a.test/am/#/alerts?silenced=true&inhibited=true&muted=true&active=true\
                 &filter=%7Balertname%3D%22Disk%20%5C%22full%5C%22%22%7D",
            ),
            (alertmanager(at("https://a.test/am"), silence), "https://a.test/am/#/silences/1-2-3"),
            (alertmanager(at("https://a.test/"), Topic::default()), "https://a.test/#/alerts"),
            (
                prometheus(at("https://p.test/x/graph"), Topic::default(), since, until),
                "https://p.test/x/graph?g0.expr=ALERTS&g0.tab=0&g0.range_input=75m&g0.end_input=2026-11-21+01%3A17%3A00",
            ),
        ] {
            assert_eq!(url.as_str(), means);
        }
        let url = explore(at("https://g.test/explore"), alert, since, until);
        let (_, pane) = url.query_pairs().next().unwrap_or_default();
        let pane: serde_json::Value = serde_json::from_str(&pane).unwrap_or_default();
        let query = pane.pointer("/queries/0/expr").and_then(serde_json::Value::as_str);
        assert_eq!(query, Some(r#"ALERTS{alertname="Disk \"full\""}"#));
        assert_eq!(pane.pointer("/range/from").and_then(serde_json::Value::as_str), Some("1795219320000"));
    }
}
