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
        let url = match (source.kind.as_str(), topic.alert) {
            ("grafana", Some(alert)) => {
                let mut url = at("alerting/list")?;
                url.query_pairs_mut().append_pair("search", alert);
                url
            }
            ("grafana", None) => {
                let mut url = at("dashboards")?;
                let time = |at: Moment| at.timestamp_millis().to_string();
                url.query_pairs_mut().append_pair("from", &time(since)).append_pair("to", &time(until));
                url
            }
            ("alertmanager", Some(alert)) => {
                let mut url = at("")?;
                // The page reads what stands behind the `#`, written as a query.
                let filter = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("filter", &format!("{{alertname=\"{}\"}}", quoted(alert)))
                    .finish();
                url.set_fragment(Some(&format!("/alerts?{filter}")));
                url
            }
            ("prometheus", Some(alert)) => {
                let mut url = at("graph")?;
                let minutes = (until - since).num_minutes().clamp(15, 60 * 24 * 14);
                url.query_pairs_mut()
                    .append_pair("g0.expr", &format!("ALERTS{{alertname=\"{}\"}}", quoted(alert)))
                    .append_pair("g0.tab", "0")
                    .append_pair("g0.range_input", &format!("{minutes}m"))
                    .append_pair("g0.end_input", &until.format("%Y-%m-%d %H:%M:%S").to_string());
                url
            }
            ("gitlab" | "alertmanager" | "prometheus" | "github" | "concourse", None) => base,
            _ => return None,
        };
        let place = source.environment.as_ref().map_or(String::new(), |name| format!(" of {name}"));
        Link::new(&format!("{}{place}", source.kind), url.as_str())
    })
    .collect()
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
}
