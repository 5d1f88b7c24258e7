//! Any HTTP endpoint: a version out of JSON, a header or text, and health by status, a JSON value or the body.

use regex::Regex;
use serde_json::Value;

use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Health, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::id::ProductId;
use crate::domain::level::Level;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending, Reply};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::json;
use crate::text::clean::Clean;

/// Any HTTP endpoint.
pub static KIND: Kind = Kind {
    name: "http",
    about: "any endpoint: a version by JSON pointer, header or pattern, health by status, JSON value or body",
    example: r#"{ kind = "http", url = "https://acme.example.test/version", version = { product = "meshstack", json = "/version" } }"#,
    stands: Stands::Place,
    build,
};

struct Http {
    version: Option<VersionRule>,
    health: Option<HealthRule>,
}

/// Where the version stands.
struct VersionRule {
    product: ProductId,
    spot: Spot,
    /// Cuts the version out of the text found: its first group, or all of it.
    pattern: Option<Regex>,
}

/// A spot in an answer.
enum Spot {
    /// A JSON pointer such as `/build/version`.
    Json(String),
    /// A header.
    Header(String),
    /// The body as it is.
    Body,
}

/// What healthy looks like.
struct HealthRule {
    product: Option<ProductId>,
    spot: Spot,
    /// The texts that mean it is well.
    ok: Vec<Clean>,
    /// The texts that mean it limps.
    warning: Vec<Clean>,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let version = section.table(("version", "where the version stands"), "the `version` of an endpoint", |table| {
        let product = table.optional(("product", "which product it is; the environment's own unless said"));
        let spot = spot(table);
        let pattern = table.pattern(("pattern", "cuts the version out of the text: its first group"));
        let product = product.map(|id| ProductId::from(id.as_str())).or_else(|| setting.product.cloned());
        if product.is_none() {
            table.refuse("product", "`version` wants a `product`: this environment has none of its own");
        }
        if let Some(id) = &product
            && setting.catalog.get(id.as_str()).is_none()
            && !table.is_recording()
        {
            table.refuse("product", format!("unknown product `{id}`"));
        }
        Some(VersionRule { product: product?, spot, pattern })
    });
    let health = section.table(
        ("health", "what healthy looks like; a status below 400 unless said"),
        "the `health` of an endpoint",
        |table| {
            let spot = spot(table);
            let ok = table.texts(("ok", "the texts that mean it is well")).unwrap_or_default();
            let warning = table.texts(("warning", "the texts that mean it limps")).unwrap_or_default();
            if ok.is_empty() && !matches!(spot, Spot::Body) && !table.is_recording() {
                table.refuse("ok", "`health` wants `ok`: the texts that mean it is well");
            }
            Some(HealthRule { product: setting.product.cloned(), spot, ok, warning })
        },
    );
    Some(Built::new(Http { version: version.flatten(), health: health.flatten() }))
}

fn spot(table: &mut Section<'_>) -> Spot {
    let json = table.optional(("json", "a JSON pointer such as `/build/version`"));
    let header = table.optional(("header", "the name of a header"));
    if json.is_some() && header.is_some() {
        table.refuse("header", "`json` and `header` exclude each other");
    }
    match (json, header) {
        (Some(pointer), _) => {
            if !pointer.as_str().is_empty() && !pointer.as_str().starts_with('/') {
                table.refuse_with("json", format!("`{pointer}` is no JSON pointer"), format!("write `/{pointer}`"));
            }
            Spot::Json(pointer.to_string())
        }
        (None, Some(header)) => Spot::Header(header.as_str().to_ascii_lowercase()),
        (None, None) => Spot::Body,
    }
}

impl Source for Http {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut ask = Ask::get("");
            if self.health.is_some() {
                // Health endpoints say "down" with a 503 whose body tells more than the status.
                ask = ask.even(503).even(500);
            }
            let reply = door.ask(ask).await?;
            self.read(&reply)
        })
    }
}

impl Http {
    fn read(&self, reply: &Reply) -> Result<Heard, Fault> {
        let mut heard = Heard::default();
        let well = reply.status < 400;
        if let Some(rule) = &self.version
            && (well || self.health.is_none())
        {
            let found = rule.spot.text(reply, "a document with a version")?;
            let version = match &rule.pattern {
                None => Some(found.as_str()),
                Some(pattern) => pattern
                    .captures(&found)
                    .and_then(|groups| groups.get(1).or_else(|| groups.get(0)))
                    .map(|group| group.as_str()),
            };
            let Some(version) = version.map(str::trim).filter(|version| !version.is_empty()) else {
                let why =
                    Clean::line(&format!("`{}`, in which the pattern finds none", Clean::line_within(&found, 60)));
                return Err(Fault::Garbled { expected: "a version", why });
            };
            heard.facts.push(Fact::here(What::Sighting(Sighting {
                product: rule.product.clone(),
                version: Clean::line_within(version, 100),
                evidence: Evidence::Answered,
                part: None,
            })));
        }
        let health = match &self.health {
            None => Health {
                product: self.version.as_ref().map(|rule| rule.product.clone()),
                what: Clean::line("answers"),
                level: if well { Level::Ok } else { Level::Critical },
                detail: Clean::line(&format!("status {}", reply.status)),
            },
            Some(rule) => rule.read(reply)?,
        };
        heard.facts.push(Fact::here(What::Health(health)));
        Ok(heard)
    }
}

impl HealthRule {
    fn read(&self, reply: &Reply) -> Result<Health, Fault> {
        let said = self.spot.text(reply, "a document about health")?;
        let said = Clean::line_within(said.trim(), 100);
        let is = |words: &[Clean]| words.iter().any(|word| word.as_str().eq_ignore_ascii_case(said.as_str()));
        let level = match (is(&self.ok), is(&self.warning)) {
            (true, _) if reply.status < 400 => Level::Ok,
            (_, true) => Level::Warning,
            _ if self.ok.is_empty() && reply.status < 400 => Level::Ok,
            _ => Level::Critical,
        };
        let detail = Clean::line(&format!("`{said}`, status {}", reply.status));
        Ok(Health { product: self.product.clone(), what: Clean::line("health"), level, detail })
    }
}

impl Spot {
    fn text(&self, reply: &Reply, expected: &'static str) -> Result<String, Fault> {
        match self {
            Self::Body => Ok(String::from_utf8_lossy(&reply.body).into_owned()),
            Self::Header(name) => reply.header(name).map(str::to_owned).ok_or_else(|| Fault::Garbled {
                expected,
                why: Clean::line(&format!("an answer without the header `{name}`")),
            }),
            Self::Json(pointer) => {
                let document: Value = json(&reply.body, expected)?;
                match document.pointer(pointer) {
                    Some(Value::String(text)) => Ok(text.clone()),
                    Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string()),
                    Some(_) | None => Err(Fault::Garbled {
                        expected,
                        why: Clean::line(&format!("a document without a text at `{pointer}`")),
                    }),
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        let headers = vec![("server".to_owned(), "Nexus/3.77.1-01 (OSS)".to_owned())];
        Reply { status, headers, body: body.as_bytes().to_vec(), certificate_ends: None }
    }

    fn version(spot: Spot, pattern: Option<&str>, reply: &Reply) -> Result<String, Fault> {
        let pattern = pattern.map(|pattern| Regex::new(pattern).unwrap());
        let http = Http { version: Some(VersionRule { product: "x".into(), spot, pattern }), health: None };
        http.read(reply).map(|heard| match &heard.facts[0].what {
            What::Sighting(sighting) => sighting.version.to_string(),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_version_is_found_in_json_a_header_or_the_body() {
        let json = reply(200, r#"{"build":{"version":"2026.41.0"}}"#);
        assert_eq!(version(Spot::Json("/build/version".to_owned()), None, &json).unwrap(), "2026.41.0");
        let pattern = Some(r"Nexus/(\S+)");
        assert_eq!(version(Spot::Header("server".to_owned()), pattern, &json).unwrap(), "3.77.1-01");
        assert_eq!(version(Spot::Body, Some("v[0-9.]+"), &reply(200, "runs v1.2.3 here")).unwrap(), "v1.2.3");
    }

    #[test]
    fn what_is_not_there_is_a_fault_that_says_so() {
        let page = reply(200, "<html><title>Sign in</title>");
        assert!(matches!(version(Spot::Json("/v".to_owned()), None, &page), Err(Fault::Garbled { .. })));
        assert!(matches!(version(Spot::Body, Some("v[0-9]+"), &page), Err(Fault::Garbled { .. })));
        assert!(matches!(version(Spot::Header("x-version".to_owned()), None, &page), Err(Fault::Garbled { .. })));
    }

    #[test]
    fn down_with_a_503_is_an_answer_about_health_not_a_fault() {
        let rule = || HealthRule {
            product: None,
            spot: Spot::Json("/status".to_owned()),
            ok: vec![Clean::line("UP")],
            warning: vec![Clean::line("OUT_OF_SERVICE")],
        };
        for (status, body, level) in [
            (200, r#"{"status":"UP"}"#, Level::Ok),
            (503, r#"{"status":"DOWN"}"#, Level::Critical),
            (503, r#"{"status":"OUT_OF_SERVICE"}"#, Level::Warning),
            (503, r#"{"status":"UP"}"#, Level::Critical),
            (200, r#"{"status":"UNKNOWN"}"#, Level::Critical),
        ] {
            assert_eq!(rule().read(&reply(status, body)).unwrap().level, level, "{status} {body}");
        }
    }
}
