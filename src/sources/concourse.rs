//! Concourse: its version, and for one environment the job that deploys, the jobs a person has to start before it, and
//! the last builds of each, read again every time because running ones change; what ended is remembered.

mod line;
mod wire;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::stream::{self, StreamExt};
use regex::Regex;
use serde_json::value::RawValue;

use self::line::{Line, Naming};
use self::wire::{WireBuild, WireCarried, WireInfo, WireJob, WirePipeline, WireResources};
use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Gap, GapKind, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::id::Scope;
use crate::fleetfile::endpoint::{Auth, Endpoint};
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::{items, json, part};
use crate::text::clean::Clean;

/// Concourse.
pub static KIND: Kind = Kind {
    name: "concourse",
    about: "its version, the builds that deliver to an environment, and the jobs that wait for a person before them",
    example: r#"{ kind = "concourse", url = "https://ci.example.test", team = "acme", pipeline = "rollout", username = "viewer", password = { env = "ACME_CI" } }"#,
    stands: Stands::Place,
    build,
};

/// How many builds of a job are asked for at once.
const PAGE: &str = "10";
/// How many pages are turned to find a build that ended well.
const PAGES: usize = 5;
/// How many builds of a job are looked into.
const LOOKED_INTO: usize = 6;
/// How many builds that ended are remembered with what they carried, and how many builds of a job.
const REMEMBERED: usize = 2_000;
const OF_A_JOB: usize = 60;
/// How many questions are under way at a time: a server of its own has few workers for them.
const AT_ONCE: usize = 4;

struct Concourse {
    team: String,
    pipeline: Option<String>,
    /// What tells one instance of a pipeline from the others of its name.
    vars: BTreeMap<Clean, Clean>,
    naming: Naming,
    /// The input that carries the version.
    release: Option<String>,
    pattern: Option<Regex>,
    has_credential: bool,
    /// What is known of builds that ended: it never changes.
    memory: Mutex<Memory>,
}

/// Builds that ended: those of each job, and what each carried.
#[derive(Default)]
struct Memory {
    builds: BTreeMap<String, BTreeMap<u64, WireBuild>>,
    carried: BTreeMap<u64, Option<Clean>>,
}

impl Memory {
    /// The builds of a job that are older than these, where these reach back to one that is remembered.
    fn builds_before(&self, job: &str, these: &[WireBuild]) -> Option<Vec<WireBuild>> {
        let known = self.builds.get(job)?;
        let met = these.iter().map(|build| build.id).filter(|id| known.contains_key(id)).min()?;
        Some(known.range(..met).map(|(_, build)| build.clone()).collect())
    }

    fn ended(&mut self, job: &str, builds: &[WireBuild]) {
        let ended = builds.iter().filter(|build| build.has_ended()).map(|build| (build.id, build.clone()));
        self.builds.insert(job.to_owned(), ended.take(OF_A_JOB).collect());
    }

    fn carries(&mut self, build: u64, version: Option<Clean>) {
        if self.carried.len() >= REMEMBERED {
            self.carried.pop_first();
        }
        self.carried.insert(build, version);
    }
}

/// Asks several questions, a few of them at a time, and brings the answers in their order.
async fn at_once<T>(questions: Vec<Pending<'_, T>>) -> Vec<T> {
    stream::iter(questions).buffered(AT_ONCE).collect().await
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let text = |text: Clean| text.as_str().to_owned();
    let team = section.optional(("team", "the team; `main` unless said")).map_or_else(|| "main".to_owned(), text);
    let pipeline =
        section.optional(("pipeline", "the pipeline that delivers here; none to hear its version alone")).map(text);
    let vars = section.labels(("vars", "what tells an instance of the pipeline from the others")).unwrap_or_default();
    let job =
        section.optional(("job", "the job that deploys here; found by the environment's name unless said")).map(text);
    let environment =
        section.optional(("environment", "the environment's name there; this one's unless said")).map(text);
    let release = section
        .optional(("release", "the input that carries the version; `release` or `version` unless said"))
        .map(text);
    let pattern = section.pattern(("pattern", "cuts the version out of what the input says: its first group"));
    for key in ["vars", "job", "release", "pattern"].into_iter().filter(|_| pipeline.is_none()) {
        if section.has(key) {
            section.refuse(key, format!("`{key}` is of no use without `pipeline`"));
        }
    }
    let (own, others): (Option<String>, Vec<String>) = match setting.scope {
        Scope::Place(place) => {
            let own = place.environment.as_ref().map(|name| name.as_str().to_owned());
            let here = setting.places.iter().filter(|(installation, _)| *installation == place.installation);
            (own, here.map(|(_, name)| name.as_str().to_owned()).collect())
        }
        Scope::Product(_) | Scope::Fleet => (None, Vec::new()),
    };
    let has_credential = section.has("token") || section.has("password") || section.has("oauth");
    // A local user's password is sold for a token; it is of no use by itself.
    let endpoint =
        section.known_address().map(|address| section.endpoint(address.clone())).map(|endpoint| match endpoint.auth {
            Auth::Basic(name, password) => Endpoint { auth: Auth::Concourse(name, password), ..endpoint },
            _ => endpoint,
        });
    let naming = Naming::new(environment.or(own), others, job);
    let memory = Mutex::default();
    let source = Concourse { team, pipeline, vars, naming, release, pattern, has_credential, memory };
    Some(Built { source: Box::new(source), endpoint })
}

impl Source for Concourse {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = Heard::default();
            let info = read_info(&door.ask(Ask::get("api/v1/info")).await?.body, &mut heard)?;
            let Some(name) = &self.pipeline else { return Ok(heard) };
            let pipelines = format!("api/v1/teams/{}/pipelines", encoded(&self.team));
            let listed = read_pipelines(&door.ask(Ask::get(&*pipelines)).await?.body, &mut heard)?;
            let pipeline = self.chosen(name, listed)?;
            let base = format!("{pipelines}/{}", encoded(name));
            let place = Place { base: &base, vars: pipeline.address_vars() };
            let jobs = read_jobs(&door.ask(place.ask("/jobs")).await?.body, &mut heard)?;
            let mut line = Line::of(pipeline, jobs, &self.naming)?;
            line.seen_at(info.external_url.as_deref(), &self.team);
            let jobs = line.to_read();
            let mut lists: Vec<Pending<'_, _>> = Vec::new();
            for job in &jobs {
                lists.push(Box::pin(self.list(door, &place, job)));
            }
            let lists = at_once(lists).await;
            let mut builds = Vec::new();
            for list in lists {
                let (list, gaps) = list?;
                heard.gaps.extend(gaps);
                builds.push(list);
            }
            let mut carried: Vec<Pending<'_, _>> = Vec::new();
            for build in builds.iter().flatten() {
                carried.push(Box::pin(self.carried(door, build)));
            }
            let mut carried = at_once(carried).await.into_iter();
            for (job, builds) in jobs.iter().zip(builds) {
                let mut with = Vec::new();
                // Both lists are in one order.
                for (build, told) in builds.into_iter().zip(carried.by_ref()) {
                    let (version, gap) = told?;
                    heard.gaps.extend(gap);
                    with.push((build, version));
                }
                line.builds(job, with);
            }
            line.tell(&mut heard);
            Ok(heard)
        })
    }
}

/// A pipeline's place below the endpoint.
struct Place<'a> {
    base: &'a str,
    vars: Vec<(String, String)>,
}

impl Place<'_> {
    fn ask(&self, below: &str) -> Ask {
        let ask = Ask::get(format!("{}{below}", self.base));
        self.vars.iter().fold(ask, |ask, (name, value)| ask.with(name.as_str(), value.as_str()))
    }
}

impl Concourse {
    /// The pipeline meant. A list without a token holds public ones alone: one that is not in it may be there all the same.
    fn chosen(&self, name: &str, listed: Vec<WirePipeline>) -> Result<WirePipeline, Fault> {
        let n = listed.len();
        let chosen = listed.into_iter().find(|one| one.name == *name && one.is_instance(&self.vars));
        match chosen {
            Some(one) => Ok(one),
            None if !self.has_credential => Err(Fault::Unauthorised { credential: None }),
            None => {
                let team = &self.team;
                let path = format!("pipeline {name} of team {team}, among the {n} this credential may see");
                Err(Fault::Missing { path: Clean::line_within(&path, 200) })
            }
        }
    }

    /// The last builds of a job that matter, newest first: as many pages as it takes to meet one that ended well, or one
    /// that is remembered.
    async fn list(&self, door: &dyn Door, place: &Place<'_>, job: &str) -> Result<(Vec<WireBuild>, Vec<Gap>), Fault> {
        let mut heard = Heard::default();
        let mut builds: Vec<WireBuild> = Vec::new();
        let mut below: Option<String> = None;
        for _ in 0..PAGES {
            let mut ask = place.ask(&format!("/jobs/{}/builds", encoded(job))).with("limit", PAGE);
            if let Some(to) = &below {
                ask = ask.with("to", to.as_str());
            }
            let reply = door.ask(ask).await?;
            read_builds(&reply.body, &mut heard, &mut builds)?;
            below = reply.header("link").and_then(older);
            let known = self.memory().builds_before(job, &builds);
            if below.is_none() || known.is_some() || builds.iter().any(|build| build.status == "succeeded") {
                builds.extend(known.into_iter().flatten());
                break;
            }
        }
        // Where a build stands among the others is its number: pages may overlap while new ones come.
        builds.sort_by_key(|build| std::cmp::Reverse(build.id));
        builds.dedup_by_key(|build| build.id);
        self.memory().ended(job, &builds);
        // Those in between that ended badly say nothing about what passed.
        let good = builds.iter().position(|build| build.status == "succeeded").unwrap_or(0);
        let mut n = 0..;
        builds.retain(|_| n.next().is_some_and(|n| n < LOOKED_INTO || n == good));
        Ok((builds, heard.gaps))
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version a build carried.
    async fn carried(&self, door: &dyn Door, build: &WireBuild) -> Result<(Option<Clean>, Option<Gap>), Fault> {
        if let Some(carried) = self.memory().carried.get(&build.id) {
            return Ok((carried.clone(), None));
        }
        let mut heard = Heard::default();
        let answer = door.ask(Ask::get(format!("api/v1/builds/{}/resources", build.id))).await;
        let is_gone = matches!(answer, Err(Fault::Missing { .. }));
        let place = format!("what build {} carried", build.id);
        let carried = match part(answer.map(|reply| Some(reply.body)), &place, &mut heard)? {
            Some(body) => self.version(&read_carried(&body)?),
            None if is_gone => None,
            None => return Ok((None, heard.gaps.pop())),
        };
        if build.has_ended() {
            self.memory().carries(build.id, carried.clone());
        }
        Ok((carried, None))
    }

    /// The version among the inputs of a build: of the input named for it, or else of the only one that has any.
    fn version(&self, inputs: &[WireCarried]) -> Option<Clean> {
        let of = |name: &str| inputs.iter().find(|input| input.name == name);
        let named = match &self.release {
            Some(name) => of(name),
            None => of("release").or_else(|| of("version")),
        };
        let told = match (named, &self.release) {
            (Some(input), _) => input.told(),
            (None, Some(_)) => None,
            (None, None) => inputs.iter().find_map(WireCarried::told_as_version),
        }?;
        let cut = match &self.pattern {
            Some(pattern) => pattern.captures(told).and_then(|groups| groups.get(1)).map(|group| group.as_str())?,
            None => told,
        };
        Some(Clean::line_within(cut, 100))
    }
}

/// One part of a path.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The build the next page ends at. The address in the header is the one people use, which may not lead here: only what
/// it asks for counts.
fn older(link: &str) -> Option<String> {
    let next = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    let address = next.split_once('<')?.1.split_once('>')?.0;
    let query = address.split_once('?')?.1;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let to = pairs.find(|(name, _)| name == "to").map(|(_, value)| value.into_owned())?;
    to.bytes().all(|byte| byte.is_ascii_digit()).then_some(to).filter(|to| !to.is_empty())
}

fn read_info(body: &[u8], heard: &mut Heard) -> Result<WireInfo, Fault> {
    let info: WireInfo = json(body, "the version of a Concourse")?;
    heard.facts.push(Fact::here(What::Sighting(Sighting {
        product: "concourse".into(),
        version: Clean::line_within(&info.version, 100),
        evidence: Evidence::Answered,
        part: None,
    })));
    Ok(info)
}

fn read_pipelines(body: &[u8], heard: &mut Heard) -> Result<Vec<WirePipeline>, Fault> {
    let mut all = Vec::new();
    items(body, "a list of pipelines", heard, |one: WirePipeline, _| all.push(one))?;
    Ok(all)
}

fn read_jobs(body: &[u8], heard: &mut Heard) -> Result<Vec<WireJob>, Fault> {
    let mut all = Vec::new();
    items(body, "the jobs of a pipeline", heard, |one: WireJob, _| all.push(one))?;
    Ok(all)
}

/// Checks of resources are builds too, and no work of the job.
fn read_builds(body: &[u8], heard: &mut Heard, all: &mut Vec<WireBuild>) -> Result<(), Fault> {
    items(body, "the builds of a job", heard, |one: WireBuild, _| {
        if one.resource_name.is_none() {
            all.push(one);
        }
    })
}

fn read_carried(body: &[u8]) -> Result<Vec<WireCarried>, Fault> {
    let whole: WireResources<'_> = json(body, "what a build carried")?;
    let inputs: Vec<&RawValue> = whole.inputs.unwrap_or_default();
    Ok(inputs.into_iter().filter_map(|one| serde_json::from_str(one.get()).ok()).collect())
}

/// A hole in what was told.
fn gap(place: &str, why: &str, kind: GapKind) -> Gap {
    Gap { place: Clean::line_within(place, 120), why: Clean::line_within(why, 300), kind }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_link_asks_for_counts() {
        for (link, expected) in [
            ("<https://ci.test/api/v1/teams/a/pipelines/p/jobs/j/builds?limit=10&to=41>; rel=\"next\"", Some("41")),
            (
                "<http://10.0.0.1/x?from=60&limit=10>; rel=\"previous\", <http://10.0.0.1/x?limit=10&to=9>; rel=\"next\"",
                Some("9"),
            ),
            ("<https://ci.test/x?from=60>; rel=\"previous\"", None),
            ("<https://ci.test/x?to=4%2F..>; rel=\"next\"", None),
            ("<https://ci.test/x?to=>; rel=\"next\"", None),
            ("rel=\"next\"", None),
        ] {
            assert_eq!(older(link).as_deref(), expected, "{link}");
        }
    }

    #[tokio::test]
    async fn answers_come_in_the_order_of_their_questions_and_few_are_under_way_at_a_time() {
        let (under_way, most) = (std::sync::atomic::AtomicUsize::new(0), std::sync::atomic::AtomicUsize::new(0));
        let mut questions: Vec<Pending<'_, usize>> = Vec::new();
        for n in 0..20 {
            let (under_way, most) = (&under_way, &most);
            questions.push(Box::pin(async move {
                use std::sync::atomic::Ordering::SeqCst;
                most.fetch_max(under_way.fetch_add(1, SeqCst) + 1, SeqCst);
                for _ in 0..(20 - n) {
                    tokio::task::yield_now().await;
                }
                under_way.fetch_sub(1, SeqCst);
                n
            }));
        }
        assert_eq!(at_once(questions).await, (0..20).collect::<Vec<_>>());
        assert_eq!(most.into_inner(), AT_ONCE);
    }

    #[test]
    fn older_builds_are_remembered_only_where_the_newer_ones_reach_back_to_them() {
        let build = |id: u64, status: &str| -> WireBuild {
            serde_json::from_str(&format!(r#"{{"id":{id},"name":"{id}","status":"{status}"}}"#)).unwrap()
        };
        let mut memory = Memory::default();
        let first = [build(9, "started"), build(7, "failed"), build(5, "failed"), build(3, "succeeded")];
        memory.ended("deploy", &first);
        for (page, expected) in [
            (&[build(9, "failed"), build(7, "failed")][..], Some(vec![3, 5])),
            (&[build(12, "failed"), build(9, "failed")], None),
            (&[build(5, "failed")], Some(vec![3])),
            (&[], None),
        ] {
            let known = memory.builds_before("deploy", page);
            assert_eq!(known.map(|known| known.iter().map(|build| build.id).collect::<Vec<_>>()), expected);
        }
        assert!(memory.builds_before("another", &first).is_none());
    }

    #[test]
    fn a_name_is_one_part_of_a_path() {
        assert_eq!(encoded("a b/c?d"), "a%20b%2Fc%3Fd");
    }
}
