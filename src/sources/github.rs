//! GitHub: releases of a product, and for one environment the deployments, the workflow runs and the reviews that are
//! waited for.

mod deliveries;

use regex::Regex;
use serde::Deserialize;

use crate::domain::clock::{Dated, Moment};
use crate::domain::delivery::{ListKind, Release};
use crate::domain::fact::{Fact, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::id::{ProductId, Scope};
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::oci::gap;
use crate::sources::paging;
use crate::sources::reading::{items, moment, told};
use crate::text::clean::Clean;
use deliveries::Deliveries;

/// GitHub, or a GitHub Enterprise Server.
pub static KIND: Kind = Kind {
    name: "github",
    about: "deployments with the reviews they wait for, and workflow runs; releases of a product",
    example: r#"{ kind = "github", url = "https://api.github.com", project = "northwind/rollout", environment = "production", token = { env = "GITHUB" } }"#,
    stands: Stands::PlaceOrProduct,
    build,
};

/// How many pages of a hundred releases are turned.
const PAGES: usize = 10;

struct Releases {
    /// `repos/OWNER/NAME`.
    base: String,
    product: ProductId,
    pattern: Option<Regex>,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let project = section.required(("project", "the repository, `owner/name`"));
    let pattern = section.pattern(("pattern", "cuts the version out of a tag or title: its first group"));
    let environment = section.optional(("environment", "the environment's name there; this one's unless said"));
    let workflow = section.optional(("workflow", "the file of the workflow that rolls out, such as `rollout.yml`"));
    let project = project?;
    if !is_project(project.as_str()) {
        section.refuse("project", format!("`{project}` is no repository: it wants `owner/name`"));
    }
    let base = format!("repos/{project}");
    match (setting.scope, setting.product) {
        (Scope::Product(_), Some(product)) => Some(Built::new(Releases { base, product: product.clone(), pattern })),
        (Scope::Place(place), _) => {
            let own = place.environment.as_ref().map(|name| Clean::line(name.as_str()));
            Some(Built::new(Deliveries { base, environment: environment.or(own), workflow, pattern }))
        }
        (Scope::Product(_) | Scope::Fleet, _) => None,
    }
}

/// `owner/name`, so that it stands for nothing else in an address.
fn is_project(text: &str) -> bool {
    let part = |part: &str| {
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        !part.is_empty() && !part.chars().all(|c| c == '.') && part.chars().all(fine)
    };
    text.split('/').count() == 2 && text.split('/').all(part)
}

/// A question as GitHub wants it put.
fn asking(path: String) -> Ask {
    Ask::get(path).header("accept", "application/vnd.github+json").header("x-github-api-version", "2022-11-28")
}

/// What a text says of a version: the pattern's first group, or else the first word that reads like one.
fn version_in<'t>(pattern: Option<&Regex>, text: &'t str) -> Option<&'t str> {
    if let Some(pattern) = pattern {
        let groups = pattern.captures(text)?;
        return Some(groups.get(1).or_else(|| groups.get(0))?.as_str()).filter(|found| !found.is_empty());
    }
    text.split(|c: char| c.is_whitespace() || "()[],:".contains(c)).find(|word| reads_like_one(word))
}

/// `2026.41.0`, `v3.7.6-rc.1`: a number, a dot, a number.
fn reads_like_one(word: &str) -> bool {
    let plain = word.strip_prefix('v').unwrap_or(word);
    let mut parts = plain.split('.');
    let number =
        |part: Option<&str>| part.is_some_and(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()));
    let first = number(parts.next());
    // The last number may carry more: `3.8-rc`.
    first && parts.next().is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()))
}

impl Source for Releases {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = Heard::default();
            let mut ask = asking(format!("{}/releases", self.base)).with("per_page", "100");
            let (mut others, mut whole) = (0, false);
            for _ in 0..PAGES {
                let reply = door.ask(ask).await?;
                others += self.read(&reply.body, &mut heard)?;
                match paging::next(&reply) {
                    Some(next) => ask = asking(next),
                    None => {
                        whole = true;
                        break;
                    }
                }
            }
            if heard.facts.is_empty() && others > 0 {
                heard.gaps.push(gap(
                    "releases",
                    "no tag of them reads like a version: say so with `pattern`",
                    GapKind::Odd,
                ));
            }
            for fact in &mut heard.facts {
                if let What::Release(release) = &mut fact.what {
                    release.list = if whole { ListKind::Whole } else { ListKind::Newest };
                }
            }
            Ok(heard)
        })
    }
}

#[derive(Deserialize)]
struct WireRelease {
    tag_name: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    prerelease: bool,
    published_at: Option<String>,
    html_url: Option<String>,
}

impl Releases {
    /// Understands one page, and says how many of it are of another thing: one repository may release several.
    fn read(&self, body: &[u8], heard: &mut Heard) -> Result<usize, Fault> {
        let mut others = 0;
        items(body, "a list of releases", heard, |one: WireRelease, heard| {
            if one.draft {
                return;
            }
            let version = version_in(self.pattern.as_ref(), &one.tag_name)
                .filter(|version| self.pattern.is_some() || *version == one.tag_name);
            let Some(version) = version else {
                others += 1;
                return;
            };
            heard.facts.push(Fact::here(What::Release(Box::new(Release {
                product: self.product.clone(),
                version: Clean::line_within(version, 100),
                published: one.published_at.as_deref().and_then(moment).map(Dated::At),
                prerelease: one.prerelease,
                chart: None,
                url: told(one.html_url.as_deref()),
                list: ListKind::Newest,
            }))));
        })?;
        Ok(others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_owner_and_name() {
        for (text, is) in [
            ("northwind/rollout", true),
            ("a.b/c_d-e", true),
            ("northwind", false),
            ("a/b/c", false),
            ("../b", false),
            ("a/..", false),
            ("a/b?x", false),
            ("/", false),
        ] {
            assert_eq!(is_project(text), is, "{text}");
        }
    }

    #[test]
    fn a_version_is_found_in_a_title() {
        for (text, version) in [
            ("Roll out 2026.41.0", Some("2026.41.0")),
            ("release (v3.7.6-rc.1): all", Some("v3.7.6-rc.1")),
            ("3.8-rc", Some("3.8-rc")),
            ("helm-loki-7.3.0", None),
            ("Fix issue 42", None),
            ("e.g. this", None),
            ("", None),
        ] {
            assert_eq!(version_in(None, text), version, "{text}");
        }
        let pattern = Regex::new(r"helm-loki-(.+)$").ok();
        assert_eq!(version_in(pattern.as_ref(), "helm-loki-7.3.0"), Some("7.3.0"));
        assert_eq!(version_in(pattern.as_ref(), "v3.7.6"), None);
    }
}
