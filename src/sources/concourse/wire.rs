//! What Concourse writes: only the fields that are used.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::text::clean::Clean;

#[derive(Deserialize)]
pub(super) struct WireInfo {
    pub version: String,
    pub external_url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WirePipeline {
    pub name: String,
    pub instance_vars: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    pub paused: bool,
    pub paused_by: Option<String>,
    pub paused_at: Option<f64>,
    #[serde(default)]
    pub archived: bool,
}

impl WirePipeline {
    /// Whether it is the instance with these values; without any, the pipeline that is no instance or the first that is.
    pub fn is_instance(&self, wanted: &BTreeMap<Clean, Clean>) -> bool {
        let flat = self.flat_vars();
        wanted.iter().all(|(name, value)| {
            flat.iter().any(|(known, told)| known == name.as_str() && bare(told) == value.as_str())
        })
    }

    /// The pairs that address this instance: `vars.env="production"`.
    pub fn address_vars(&self) -> Vec<(String, String)> {
        self.flat_vars().into_iter().map(|(name, value)| (format!("vars.{name}"), value.to_string())).collect()
    }

    fn flat_vars(&self) -> Vec<(String, &Value)> {
        let mut left: Vec<(String, &Value)> =
            self.instance_vars.iter().flatten().map(|(name, value)| (name.clone(), value)).collect();
        let mut flat = Vec::new();
        while let Some((name, value)) = left.pop() {
            match value {
                Value::Object(inner) => {
                    left.extend(inner.iter().map(|(inner, value)| (format!("{name}.{inner}"), value)));
                }
                _ => flat.push((name, value)),
            }
        }
        flat.sort_by(|a, b| a.0.cmp(&b.0));
        flat
    }
}

/// A value as a person writes it: texts without their quotes.
fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[derive(Deserialize)]
pub(super) struct WireJob {
    pub name: String,
    #[serde(default)]
    pub paused: bool,
    pub paused_by: Option<String>,
    pub paused_at: Option<f64>,
    #[serde(default)]
    pub has_new_inputs: bool,
    pub next_build: Option<WireBuild>,
    pub finished_build: Option<WireBuild>,
    pub inputs: Option<Vec<WireInput>>,
    pub groups: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct WireInput {
    #[serde(default)]
    pub trigger: bool,
    pub passed: Option<Vec<String>>,
}

impl WireJob {
    /// The jobs whose work this one takes over.
    pub fn passed(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().flatten().flat_map(|input| input.passed.iter().flatten()).map(String::as_str)
    }

    /// Whether a person has to start it: nothing new starts it, and what it takes has come through another job.
    pub fn is_manual(&self) -> bool {
        let inputs = self.inputs.as_deref().unwrap_or_default();
        !inputs.is_empty() && inputs.iter().all(|input| !input.trigger) && self.passed().next().is_some()
    }
}

#[derive(Clone, Deserialize)]
pub(super) struct WireBuild {
    pub id: u64,
    pub name: String,
    pub status: String,
    pub resource_name: Option<String>,
    pub start_time: Option<f64>,
    pub end_time: Option<f64>,
    pub created_by: Option<String>,
}

impl WireBuild {
    pub fn has_ended(&self) -> bool {
        // A word nobody knows may still become another.
        matches!(self.status.as_str(), "succeeded" | "failed" | "errored" | "aborted")
    }
}

#[derive(Deserialize)]
pub(super) struct WireResources<'a> {
    #[serde(borrow)]
    pub inputs: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
pub(super) struct WireCarried {
    pub name: String,
    #[serde(default)]
    version: BTreeMap<String, Value>,
}

/// What a version's own field is called, best first.
const FIELDS: &[&str] = &["version", "tag", "number", "semver", "name", "path", "ref"];

impl WireCarried {
    /// What it says of itself.
    pub fn told(&self) -> Option<&str> {
        let known = FIELDS.iter().find_map(|field| self.version.get(*field));
        let any = || self.version.values().next().filter(|_| self.version.len() == 1);
        known.or_else(any).and_then(Value::as_str)
    }

    /// What it says of itself, where that is a version: a commit is none.
    pub fn told_as_version(&self) -> Option<&str> {
        let told = FIELDS.iter().take(4).find_map(|field| self.version.get(*field)).and_then(Value::as_str)?;
        let begins = told.trim_start_matches(['v', 'V']).starts_with(|c: char| c.is_ascii_digit());
        (begins && told.contains('.')).then_some(told)
    }
}
