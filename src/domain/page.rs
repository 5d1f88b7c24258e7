//! Status pages that are watched, and who feels what happens on them.

use std::collections::BTreeSet;

use super::id::{InstallationId, SourceId};
use crate::text::clean::Clean;

/// A status page that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusPage {
    /// Its name.
    pub name: Clean,
    /// The source that reads it.
    pub source: SourceId,
    /// Whether it is our own: maintenances announced there are notice to customers.
    pub own: bool,
    /// Which installations feel it; none means all of them.
    pub affects: Option<BTreeSet<InstallationId>>,
    /// Parts of it that only some of these feel, or nobody.
    pub parts: Vec<PagePart>,
}

/// A part of a status page, and who feels it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagePart {
    /// Its name there, with or without its group; or a group's name.
    pub name: Clean,
    /// Which installations feel it.
    pub affects: BTreeSet<InstallationId>,
    /// Whether others feel it, who may not be seen here.
    pub withheld: bool,
}

impl PagePart {
    /// How exactly it means a name on the page: `Europe / API` is meant by itself, less so by `API`, and least by `Europe`.
    fn means(&self, name: &str) -> Option<u8> {
        let (own, name) = (self.name.as_str().to_lowercase(), name.to_lowercase());
        let mut pieces = name.rsplit(" / ");
        if own == name {
            Some(2)
        } else if pieces.next() == Some(own.as_str()) {
            Some(1)
        } else {
            pieces.any(|group| group == own).then_some(0)
        }
    }
}

impl StatusPage {
    fn part(&self, name: &Clean) -> Option<&PagePart> {
        let meant = self.parts.iter().filter_map(|part| Some((part.means(name.as_str())?, part)));
        meant.max_by_key(|(exactly, _)| *exactly).map(|(_, part)| part)
    }

    /// Who feels what happens to these parts of the page; none means everybody there is. What names no part, or one that
    /// nobody said anything about, is felt by all whom the page concerns.
    #[must_use]
    pub fn felt_by(&self, names: &[Clean]) -> Option<BTreeSet<InstallationId>> {
        let parts: Option<Vec<&PagePart>> = names.iter().map(|name| self.part(name)).collect();
        match parts.filter(|parts| !parts.is_empty()) {
            Some(parts) => Some(parts.into_iter().flat_map(|part| part.affects.iter().cloned()).collect()),
            None => self.affects.clone(),
        }
    }

    /// Whether these parts of the page are felt by others alone, who may not be seen here.
    #[must_use]
    pub fn is_withheld(&self, names: &[Clean]) -> bool {
        let nobody = self.felt_by(names).is_some_and(|felt| felt.is_empty());
        nobody && names.iter().any(|name| self.part(name).is_some_and(|part| part.withheld))
    }

    /// Cuts it down to what these may see; says whether it concerns any of them.
    pub fn cut_down_to(&mut self, these: &BTreeSet<InstallationId>) -> bool {
        for part in &mut self.parts {
            let n_before = part.affects.len();
            part.affects.retain(|id| these.contains(id));
            part.withheld |= part.affects.len() < n_before;
        }
        let Some(affects) = &mut self.affects else { return true };
        affects.retain(|id| these.contains(id));
        !affects.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::Scope;

    fn ids(text: &str) -> BTreeSet<InstallationId> {
        text.split_whitespace().map(InstallationId::from).collect()
    }

    fn page() -> StatusPage {
        let part =
            |name: &str, affects: &str| PagePart { name: Clean::line(name), affects: ids(affects), withheld: false };
        StatusPage {
            name: Clean::line("Cloud"),
            source: SourceId { scope: Scope::Fleet, kind: "rss".into(), name: None },
            own: false,
            affects: Some(ids("acme globex hooli")),
            parts: vec![
                part("Europe", "acme globex"),
                part("API", "hooli"),
                part("Europe / API", "acme"),
                part("Billing", ""),
            ],
        }
    }

    #[test]
    fn who_feels_an_incident_is_who_feels_the_parts_it_names() {
        for (names, expected) in [
            (&["Europe / API"][..], "acme"),
            (&["europe / Storage"], "acme globex"),
            (&["US / api"], "hooli"),
            (&["US / API", "Europe / API"], "acme hooli"),
            (&["Billing"], ""),
            (&["US / API", "Weather"], "acme globex hooli"),
            (&["Europe / Storage / Europe / API"], "hooli"),
            (&[], "acme globex hooli"),
        ] {
            let names: Vec<Clean> = names.iter().map(|name| Clean::line(name)).collect();
            assert_eq!(page().felt_by(&names), Some(ids(expected)), "{names:?}");
        }
    }

    #[test]
    fn what_others_alone_feel_is_withheld_and_what_nobody_feels_is_not() {
        let mut seen = page();
        assert!(seen.cut_down_to(&ids("globex")));
        for (name, withheld, felt) in [
            ("Europe / API", true, ""),
            ("Europe / Storage", false, "globex"),
            ("API", true, ""),
            ("Billing", false, ""),
            ("Weather", false, "globex"),
        ] {
            let names = [Clean::line(name)];
            assert_eq!((seen.is_withheld(&names), seen.felt_by(&names)), (withheld, Some(ids(felt))), "{name}");
        }
        assert!(!page().cut_down_to(&ids("initech")), "it concerns them not at all");
    }
}
