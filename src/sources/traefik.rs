//! Traefik: its version, and whether its routers, services and middlewares are in order. Its API is off by default.

use serde::Deserialize;

use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Gap, GapKind, Health, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::level::Level;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::{json, part};
use crate::text::clean::Clean;

/// Traefik.
pub static KIND: Kind = Kind {
    name: "traefik",
    about: "version, and faults in routers, services and middlewares",
    example: r#"{ kind = "traefik", url = "https://traefik.example.test" }"#,
    stands: Stands::Place,
    build,
};

struct Traefik;

fn build(_section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    Some(Built::new(Traefik))
}

impl Source for Traefik {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = Heard::default();
            match door.ask(Ask::get("api/version")).await {
                Ok(reply) => {
                    heard.facts.push(read_version(&reply.body)?);
                    let overview = door.ask(Ask::get("api/overview")).await;
                    let overview = overview.and_then(|reply| read_overview(&reply.body).map(Some));
                    let overview = part(overview, "overview", &mut heard)?;
                    heard.facts.extend(overview);
                }
                // No API, no version: that is a setting of theirs. Whether it lives is told by `ping`, or by nothing.
                Err(Fault::Missing { .. }) => {
                    let ping = door.ask(Ask::get("ping").even(503)).await?;
                    heard.facts.push(read_ping(ping.status, &ping.body)?);
                    heard.gaps.push(Gap {
                        place: Clean::line("version"),
                        why: Clean::line("its API is not enabled (`--api`)"),
                        kind: GapKind::Partial,
                    });
                }
                Err(fault) => return Err(fault),
            }
            Ok(heard)
        })
    }
}

#[derive(Deserialize)]
struct WireVersion {
    #[serde(rename = "Version")]
    version: String,
}

/// Understands the version. An unreleased build says `dev` or a commit.
fn read_version(body: &[u8]) -> Result<Fact, Fault> {
    let version: WireVersion = json(body, "the version of a Traefik")?;
    Ok(Fact::here(What::Sighting(Sighting {
        product: "traefik".into(),
        version: Clean::line(&version.version),
        evidence: Evidence::Answered,
        part: None,
    })))
}

#[derive(Deserialize)]
struct WireOverview {
    http: WireScheme,
    #[serde(default)]
    tcp: WireScheme,
    #[serde(default)]
    udp: WireScheme,
}

/// What one protocol has; UDP knows no middlewares.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WireScheme {
    routers: WireCount,
    services: WireCount,
    middlewares: WireCount,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireCount {
    total: u32,
    warnings: u32,
    errors: u32,
}

/// Understands the overview: what has an error is out of service.
fn read_overview(body: &[u8]) -> Result<Fact, Fault> {
    let overview: WireOverview = json(body, "the overview of a Traefik")?;
    let all = [("http", &overview.http), ("tcp", &overview.tcp), ("udp", &overview.udp)];
    let mut faulty = Vec::new();
    let (mut total, mut warnings) = (0_u32, 0_u32);
    for (name, scheme) in all {
        for (what, count) in
            [("router", &scheme.routers), ("service", &scheme.services), ("middleware", &scheme.middlewares)]
        {
            total = total.saturating_add(count.total);
            warnings = warnings.saturating_add(count.warnings);
            if count.errors > 0 {
                let plural = if count.errors == 1 { "" } else { "s" };
                faulty.push(format!("{} {name} {what}{plural} in error", count.errors));
            }
        }
    }
    let (level, detail) = match (faulty.is_empty(), warnings) {
        (false, _) => (Level::Warning, faulty.join(", ")),
        (true, 0) => (Level::Ok, format!("{total} routers, services and middlewares in order")),
        (true, n) => (Level::Ok, format!("{total} routers, services and middlewares, {n} with warnings")),
    };
    Ok(health("configuration", level, &detail))
}

/// Understands `ping`: 200 `OK`, or 503 while it ends.
fn read_ping(status: u16, body: &[u8]) -> Result<Fact, Fault> {
    let text = String::from_utf8_lossy(body);
    match (status, text.trim()) {
        (200, "OK") => Ok(health("ping", Level::Ok, "answers")),
        (503, _) => Ok(health("ping", Level::Critical, "is shutting down")),
        (_, said) => Err(Fault::Garbled { expected: "the ping of a Traefik", why: Clean::line_within(said, 60) }),
    }
}

fn health(what: &str, level: Level, detail: &str) -> Fact {
    let (what, detail) = (Clean::line(what), Clean::line(detail));
    Fact::here(What::Health(Health { product: Some("traefik".into()), what, level, detail }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn level(fact: Fact) -> (Level, String) {
        let What::Health(health) = fact.what else { panic!("{fact:?}") };
        (health.level, health.detail.to_string())
    }

    #[test]
    fn what_has_an_error_is_named() {
        for (body, expected, detail) in [
            (r#"{"http":{"routers":{"total":2}}}"#, Level::Ok, "2 routers, services and middlewares in order"),
            (
                r#"{"http":{"routers":{"total":2,"warnings":1}}}"#,
                Level::Ok,
                "2 routers, services and middlewares, 1 with warnings",
            ),
            (
                r#"{"http":{"routers":{"total":2,"errors":2}},"udp":{"services":{"total":1,"errors":1}}}"#,
                Level::Warning,
                "2 http routers in error, 1 udp service in error",
            ),
        ] {
            assert_eq!(level(read_overview(body.as_bytes()).unwrap()), (expected, detail.to_owned()));
        }
        assert!(read_overview(br#"{"http":{"routers":{"total":-1}}}"#).is_err());
    }

    #[test]
    fn a_ping_is_ok_or_the_end_of_it() {
        assert_eq!(level(read_ping(200, b"OK").unwrap()).0, Level::Ok);
        assert_eq!(level(read_ping(503, b"Service Unavailable").unwrap()).0, Level::Critical);
        assert!(read_ping(200, b"<html>").is_err());
    }
}
