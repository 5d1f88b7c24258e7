//! Maintenances and freezes written in the fleet file, and whom they reach.

use std::collections::BTreeSet;

use super::known::Known;
use super::products::streams;
use super::section::{Key, Section, need};
use crate::domain::clock::{Dated, Tz};
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::domain::planned::{Freeze, Maintenance, MaintenanceKind, Reach};
use crate::text::clean::Clean;

/// Reads `[[maintenances]]`.
pub(super) fn maintenances(section: &mut Section<'_>, known: &Known, zone: Tz) -> Vec<Maintenance> {
    let mut ids = BTreeSet::new();
    let read = |inner: &mut Section<'_>| maintenance(inner, known, zone, &mut ids);
    section
        .tables(("maintenances", "dated, announced work"), "a maintenance", read)
        .into_iter()
        .flatten()
        .flatten()
        .collect()
}

fn maintenance(section: &mut Section<'_>, known: &Known, zone: Tz, ids: &mut BTreeSet<Clean>) -> Option<Maintenance> {
    let given = section.named(("id", "tells it from others; made from title and start where none is given"));
    let title = section.required(("title", "what is done"));
    let stream = section.choice(("stream", "whose work it is"), &streams());
    let kinds = [("regular", MaintenanceKind::Regular), ("emergency", MaintenanceKind::Emergency)];
    let kind = section.choice(("kind", "whether the rules of notice hold"), &kinds).unwrap_or(MaintenanceKind::Regular);
    let start = section.dated(need(("start", "from when")));
    let end = section.dated(("end", "until when"));
    let announced = section.dated(("announced", "when customers were told"));
    let reach = reach(section, known);
    let url = section.url(("url", "where to read about it"), &["https", "http"]);
    in_order(section, start, end, zone);
    if let (Some(announced), Some(start)) = (announced, start)
        && announced.begins(zone) > start.begins(zone)
    {
        section.note(section.warning(section.spot("announced"), "announced after it starts"));
    }
    let (title, start) = (title?, start?);
    let id = match given {
        Some(given) => {
            if !ids.insert(given.value.clone()) {
                section.complain(given.span, format!("`{}` is already the id of another maintenance", given.value));
            }
            given.value
        }
        None => {
            // The same title on the same day is told apart by its turn, so that ids stay when others come and go.
            let bare = format!("{}-{}", slug(title.as_str()), start.day(zone));
            let turns = std::iter::once(bare.clone()).chain((2..).map(|n| format!("{bare}-{n}")));
            turns.map(|id| Clean::line(&id)).find(|id| ids.insert(id.clone()))?
        }
    };
    Some(Maintenance {
        id,
        title,
        stream,
        kind,
        start: start.begins(zone),
        end: end.map(|end| end.ends(zone)),
        announced,
        reach,
        url: url.map(|url| Clean::line(url.as_str())),
        said: None,
        components: Vec::new(),
    })
}

/// Reads `[[freezes]]`.
pub(super) fn freezes(section: &mut Section<'_>, known: &Known, zone: Tz) -> Vec<Freeze> {
    let read = |inner: &mut Section<'_>| {
        let title = inner.required(("title", "why"));
        let start = inner.dated(need(("start", "from when")));
        let end = inner.dated(need(("end", "until when; a date's whole day")));
        let reach = reach(inner, known);
        in_order(inner, start, end, zone);
        Some(Freeze { title: title?, start: start?.begins(zone), end: end?.ends(zone), reach })
    };
    let freezes = section.tables(("freezes", "times in which nothing may roll out"), "a freeze", read);
    freezes.into_iter().flatten().flatten().collect()
}

fn in_order(section: &Section<'_>, start: Option<Dated>, end: Option<Dated>, zone: Tz) {
    if let (Some(start), Some(end)) = (start, end)
        && end.ends(zone) <= start.begins(zone)
    {
        section.refuse("end", "`end` does not lie after `start`");
    }
}

/// Reads `installations = ["acme", "globex/production"]`; without it everybody is meant.
fn reach(section: &mut Section<'_>, known: &Known) -> Reach {
    let key =
        Key::from(("installations", "whom it is for, as `id` or `id/environment`; everybody where none is named"));
    let Some(named) = section.names(key) else { return Reach::Fleet };
    let mut reach = BTreeSet::new();
    for placed in named {
        let text = placed.value.as_str();
        let (id, environment) = text.split_once('/').map_or((text, None), |(id, environment)| (id, Some(environment)));
        if known.installation(section, id, placed.span)
            && environment.is_none_or(|environment| known.environment(section, id, environment, placed.span))
        {
            reach.insert((InstallationId::from(id), environment.map(EnvironmentName::from)));
        }
    }
    Reach::Only(reach)
}

fn slug(title: &str) -> String {
    let letters = title.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let mut slug: String = letters.take(64).collect();
    while slug.contains("--") {
        slug = slug.replace("--", "-");
    }
    slug.trim_matches('-').to_owned()
}
