//! What stands around the installations: hubs, status pages, calendars, who may see what, where records go.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::entries::Entries;
use super::known::Known;
use super::loaded::{AccessRules, History, Soc, Viewer, Who};
use super::section::{Defaults, Key, Section, Shelf, need};
use super::spell;
use crate::domain::fleet::Calendar;
use crate::domain::id::{InstallationId, Scope};
use crate::domain::page::{PagePart, StatusPage};
use crate::text::clean::Clean;

/// How long history is kept, where the file doesn't say.
const KEEP: Duration = Duration::from_secs(400 * 86_400);

/// Reads `fleet.history`.
pub(super) fn history(section: &mut Section<'_>) -> Option<History> {
    section.table(("history", "where what was heard is kept"), "`history`", |inner| {
        let path: Option<PathBuf> = inner.path(need(("path", "the file it is kept in")));
        let keep = inner.duration(("keep", "for how long; 400 days unless said"));
        Some(History { path: path?, keep: keep.unwrap_or(KEEP) })
    })?
}

/// Reads `[[hubs]]`.
pub(super) fn hubs(section: &mut Section<'_>, defaults: &Defaults, entries: &mut Entries) {
    let key = ("hubs", "engines that hold the metrics of many installations");
    section.sources(key, Shelf::Hub, "a hub", |inner| {
        entries.keep(inner, Shelf::Hub, Scope::Fleet, defaults, |_| {});
    });
}

/// Reads `[[calendars]]`.
pub(super) fn calendars(
    section: &mut Section<'_>,
    defaults: &Defaults,
    known: &Known,
    entries: &mut Entries,
) -> Vec<Calendar> {
    let defaults = Defaults::slow(defaults);
    let mut calendars = Vec::new();
    section.sources(("calendars", "calendars of others, .ics"), Shelf::Calendar, "a calendar", |inner| {
        let affects = installations(inner, "installations", known);
        let source = entries.keep(inner, Shelf::Calendar, Scope::Fleet, &defaults, |_| {});
        calendars.extend(source.map(|source| Calendar { source, affects }));
    });
    calendars
}

/// Reads `[[status_pages]]`.
pub(super) fn pages(
    section: &mut Section<'_>,
    defaults: &Defaults,
    known: &Known,
    entries: &mut Entries,
) -> Vec<StatusPage> {
    let mut pages = Vec::new();
    let key = ("status_pages", "status pages that are watched: one's own and upstream's");
    section.sources(key, Shelf::Page, "a status page", |inner| {
        let own = inner.flag("own").unwrap_or(false);
        let affects = installations(inner, "affects", known);
        let parts = parts(inner, affects.as_ref(), known);
        let name = inner.required("name");
        let source = entries.keep(inner, Shelf::Page, Scope::Fleet, defaults, |_| {});
        if let (Some(source), Some(name)) = (source, name) {
            pages.push(StatusPage { name, source, own, affects, parts });
        }
    });
    pages
}

/// Reads `components = [{ name = "Europe / API", affects = ["acme"] }]`.
fn parts(section: &mut Section<'_>, whole: Option<&BTreeSet<InstallationId>>, known: &Known) -> Vec<PagePart> {
    let read = |inner: &mut Section<'_>| {
        let affects = installations(inner, need("affects"), known);
        let stranger = whole.and_then(|whole| affects.iter().flatten().find(|id| !whole.contains(*id)));
        if let Some(stranger) = stranger {
            inner.refuse("affects", format!("`{stranger}` is not among those the page itself affects"));
        }
        affects
    };
    let parts = section.page_parts(read).into_iter();
    parts.filter_map(|(name, affects)| Some(PagePart { name: name?, affects: affects?, withheld: false })).collect()
}

/// A list of installations' ids.
fn installations(section: &mut Section<'_>, key: impl Into<Key>, known: &Known) -> Option<BTreeSet<InstallationId>> {
    let named = section.names(key)?;
    let ids = named.into_iter().filter(|id| known.installation(section, id.value.as_str(), id.span));
    Some(ids.map(|id| InstallationId::from(id.value.as_str())).collect())
}

/// Reads `[access]`.
pub(super) fn access(section: &mut Section<'_>, known: &Known) -> Option<AccessRules> {
    section.table(("access", "who may see and do what through `serve`"), "`access`", |inner| {
        let operators = inner.table(("operators", "who may see and do everything"), "`operators`", who);
        let readers = inner.table(("readers", "who may see everything and do nothing"), "`readers`", who);
        let viewers = inner.tables(("viewers", "who may see some installations"), "a viewer", |viewer| {
            let who = who(viewer);
            let key = need(("installations", "what they may see"));
            installations(viewer, key, known).map(|installations| Viewer { who, installations })
        });
        AccessRules {
            operators: operators.unwrap_or_default(),
            readers: readers.unwrap_or_default(),
            viewers: viewers.into_iter().flatten().flatten().collect(),
        }
    })
}

fn who(section: &mut Section<'_>) -> Who {
    let users = section.texts(("users", "by unix user"));
    let groups = section.texts(("groups", "by unix group"));
    if !section.has("users") && !section.has("groups") && !section.is_recording() && !section.desk().is_torn() {
        let problem = section.problem(section.span(), format!("nobody is named in {}", section.what()));
        section.note(problem.help("name `users` or `groups`"));
    }
    Who { users: users.unwrap_or_default(), groups: groups.unwrap_or_default() }
}

/// Reads `[[soc]]`.
pub(super) fn soc(section: &mut Section<'_>, known: &Known) -> Vec<Soc> {
    let read = |inner: &mut Section<'_>| {
        inner.choice(need(("kind", "how they are sent")), &[("syslog", ())]);
        let wants = "an address like `tls://host.example.test:6514`";
        let address = inner.spelt(need(("address", "where to")), wants, |text| {
            let bare = ["tls://", "tcp://", "udp://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
            spell::socket(bare.unwrap_or(text)).ok().map(|()| Clean::line(text))
        });
        let ca = inner.path(("ca", "a private authority's certificate, PEM"));
        let only = installations(inner, ("only", "only what concerns these installations"), known);
        Some(Soc { address: address?, ca, only })
    };
    let key = ("soc", "where security events and audit records are sent on");
    section.tables(key, "an entry of `soc`", read).into_iter().flatten().flatten().collect()
}
