//! `quarterdeck doctor`: asks every source once, around every rest, and says what to do about each failure.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::args::{Common, Doctor, ReportFormat};
use crate::cli::ending::{Ending, print, say};
use crate::cli::gather::{self, Found};
use crate::cli::open::{Ready, open};
use crate::cli::time;
use crate::domain::clock::days_between;
use crate::domain::fact::{GapKind, What};
use crate::domain::facts::Poll;
use crate::domain::fault::Fault;
use crate::domain::fleet::Fleet;
use crate::text::plain::ascii;
use crate::text::width::{Align, pad, width};

/// What is found about one source.
#[derive(Debug, Serialize)]
struct Finding {
    source: String,
    url: String,
    reachable: bool,
    authorised: Option<bool>,
    tls: &'static str,
    certificate_days: Option<i64>,
    latency_ms: Option<u64>,
    versions: Vec<String>,
    gaps: Vec<String>,
    /// What its credential is not granted, where the other side tells.
    missing_rights: Vec<String>,
    error: Option<String>,
    next_step: Option<String>,
}

/// Asks, and says what was found.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(common: &Common, words: &Doctor) -> color_eyre::Result<Ending> {
    let wait = match time::duration(&words.wait) {
        Ok(wait) => wait,
        Err(why) => {
            say(&why);
            return Ok(Ending::Wrong);
        }
    };
    let Ready { loaded, mut asked, .. } = match open(common) {
        Ok(ready) => ready,
        Err(ending) => return Ok(ending),
    };
    if !words.installations.is_empty() {
        let known = |id: &String| loaded.fleet.installation(id).is_some();
        if let Some(unknown) = words.installations.iter().find(|id| !known(id)) {
            say(&format!("there is no installation `{unknown}`"));
            return Ok(Ending::Wrong);
        }
        let wanted = |id: &str| words.installations.iter().any(|wanted| wanted == id);
        asked.retain(|one| one.id.installation().is_some_and(|id| wanted(id.as_str())));
    }
    let all: Vec<_> = asked.iter().map(|one| one.id.clone()).collect();
    let Found { polls, mut rights } = gather::examine(asked, wait)?;
    let mut polls: BTreeMap<_, _> = polls.into_iter().map(|poll| (poll.from.clone(), poll)).collect();
    let findings = all.iter().map(|id| {
        let (poll, rights) = (polls.remove(id), rights.remove(id).unwrap_or_default());
        let missing_rights = rights.into_iter().filter(|one| !one.granted).map(|one| one.what.to_string()).collect();
        Finding { missing_rights, ..Finding::of(&loaded.fleet, &id.to_string(), id, poll) }
    });
    let findings: Vec<Finding> = findings.collect();
    match words.format {
        ReportFormat::Json => print(&(serde_json::to_string_pretty(&findings)? + "\n"))?,
        ReportFormat::Text if common.ascii => print(&ascii(&told(&findings)))?,
        ReportFormat::Text => print(&told(&findings))?,
    }
    let well = findings.iter().filter(|finding| finding.error.is_none()).count();
    Ok(match (findings.len(), well) {
        (all, well) if all == well => Ending::Done,
        (_, 0) => Ending::Unreached,
        _ => Ending::Found,
    })
}

impl Finding {
    fn of(fleet: &Fleet, name: &str, id: &crate::domain::id::SourceId, poll: Option<Poll>) -> Self {
        let card = fleet.sources.get(id);
        let url = card.map(|card| card.url.to_string()).unwrap_or_default();
        let fault = match &poll {
            None => Some(("no answer while there was time".to_owned(), "raise `--wait`".to_owned())),
            Some(poll) => poll.brought.as_ref().err().map(|fault| (fault.to_string(), fault.hint())),
        };
        let reached = |poll: &Poll| {
            !matches!(
                poll.brought,
                Err(Fault::Unreachable { .. }
                    | Fault::Proxy { .. }
                    | Fault::Slow { .. }
                    | Fault::Secret { .. }
                    | Fault::Program { .. })
            )
        };
        let is_reached = poll.as_ref().is_some_and(reached);
        let untrusted = matches!(poll.as_ref().map(|poll| &poll.brought), Some(Err(Fault::Untrusted { .. })));
        let tls = match (url.starts_with("https://"), card.is_some_and(|card| card.insecure)) {
            (_, true) => "not checked",
            (false, false) => "none",
            (true, false) if untrusted => "not trusted",
            (true, false) if is_reached => "trusted",
            (true, false) => "not reached",
        };
        let heard = poll.as_ref().and_then(|poll| poll.brought.as_ref().ok());
        let versions = heard.into_iter().flat_map(|heard| &heard.facts).filter_map(|fact| match &fact.what {
            What::Sighting(sighting) => Some(format!("{} {}", sighting.product, sighting.version)),
            _ => None,
        });
        let mut versions: Vec<String> = versions.collect();
        versions.sort();
        versions.dedup();
        let forbidden = heard.is_some_and(|heard| heard.gaps.iter().any(|gap| gap.kind == GapKind::Forbidden));
        Self {
            source: name.to_owned(),
            reachable: is_reached,
            authorised: match poll.as_ref().map(|poll| &poll.brought) {
                Some(Ok(_)) => Some(!forbidden),
                Some(Err(Fault::Unauthorised { .. } | Fault::Forbidden { .. })) => Some(false),
                Some(Err(_)) | None => None,
            },
            tls,
            certificate_days: poll
                .as_ref()
                .and_then(|poll| poll.certificate_ends.map(|ends| days_between(poll.at, ends, fleet.zone))),
            latency_ms: poll.as_ref().and_then(|poll| u64::try_from(poll.took.as_millis()).ok()),
            versions,
            missing_rights: Vec::new(),
            gaps: heard
                .map(|heard| heard.gaps.iter().map(|gap| format!("{}: {}", gap.place, gap.why)).collect())
                .unwrap_or_default(),
            url,
            error: fault.as_ref().map(|(error, _)| error.clone()),
            next_step: fault.map(|(_, next)| next),
        }
    }
}

/// The findings for people: a line each, what is wrong and what to do below it.
fn told(findings: &[Finding]) -> String {
    let wide = findings.iter().map(|finding| width(&finding.source)).max().unwrap_or(0);
    let mut text = String::new();
    for finding in findings {
        let mark = if finding.error.is_some() {
            "✖"
        } else if finding.gaps.is_empty() && finding.missing_rights.is_empty() {
            "●"
        } else {
            "▲"
        };
        let took = finding.latency_ms.map_or(String::from("–"), |ms| format!("{ms} ms"));
        let certificate = finding.certificate_days.map_or(String::new(), |days| format!(", certificate {days} d"));
        let versions = finding.versions.join(", ");
        let line = format!(
            "{mark} {}  {}  TLS {}{certificate}  {versions}",
            pad(&finding.source, wide, Align::Left),
            pad(&took, 8, Align::Right),
            finding.tls,
        );
        text += line.trim_end();
        text.push('\n');
        if let (Some(error), Some(next)) = (&finding.error, &finding.next_step) {
            let place = if finding.url.is_empty() { String::new() } else { format!("    at {}\n", finding.url) };
            text += &format!("    {error}\n{place}    {next}\n");
        }
        if !finding.missing_rights.is_empty() {
            let what = finding.missing_rights.join(", ");
            text += &format!("    not granted: {what}\n    the role in assets/clusterrole.yaml grants it\n");
        }
        for gap in &finding.gaps {
            text += &format!("    not understood or not allowed: {gap}\n");
        }
    }
    let failed = findings.iter().filter(|finding| finding.error.is_some()).count();
    text + &format!("{} sources asked, {failed} failed\n", findings.len())
}
