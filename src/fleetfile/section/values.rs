//! The things one may ask a section for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveTime;
use regex::Regex;
use url::Url;

use super::super::secret::Secret;
use super::super::shape::{Node, Value};
use super::super::spell;
use super::ask::Unfit;
use super::credential;
use super::key::{Key, Placed, need};
use super::reader::Section;
use super::wants::Wants;
use super::words;
use crate::diagnostic::did_you_mean;
use crate::domain::clock::{Dated, Day, Tz};
use crate::domain::recurrence::Rule;
use crate::domain::scheme::Scheme;
use crate::domain::version::Version;
use crate::text::clean::Clean;

impl Section<'_> {
    /// A text that may be missing.
    pub fn optional(&mut self, key: impl Into<Key>) -> Option<Clean> {
        self.named(key).map(|placed| placed.value)
    }

    /// A text that must be there.
    pub fn required(&mut self, key: impl Into<Key>) -> Option<Clean> {
        self.optional(need(key))
    }

    /// A text with its place, for names that must point somewhere.
    pub fn named(&mut self, key: impl Into<Key>) -> Option<Placed<Clean>> {
        self.read(key.into(), &Wants::Text, placed)
    }

    /// A text that is one of a few words.
    pub fn choice<T: Copy>(&mut self, key: impl Into<Key>, words: &[(&str, T)]) -> Option<T> {
        let wants = Wants::OneOf(words.iter().map(|(word, _)| (*word).to_owned()).collect());
        self.read(key.into(), &wants, |node| {
            let text = node.text().ok_or(Unfit::Other)?;
            words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
                match did_you_mean(text, words.iter().map(|(word, _)| *word)) {
                    Some(question) => Unfit::Because(format!("does not know {}: {question}", words::quoted(text))),
                    None => Unfit::Other,
                }
            })
        })
    }

    /// A length of time: `30s`, `3m`, `48h`, `30d`.
    pub fn duration(&mut self, key: impl Into<Key>) -> Option<Duration> {
        self.read(key.into(), &Wants::Duration, |node| spelt(node, spell::duration))
    }

    /// A recurrence rule of days.
    pub fn rule(&mut self, key: impl Into<Key>) -> Option<Clean> {
        self.read(key.into(), &Wants::Rule, |node| {
            let text = node.text().ok_or(Unfit::Other)?;
            Rule::read(text).map(|_| Clean::line(text)).map_err(|why| Unfit::Because(format!("is no rule: {why}")))
        })
    }

    /// A length of time in whole days: `30d`.
    pub fn days(&mut self, key: impl Into<Key>) -> Option<u32> {
        self.read(key.into(), &Wants::Days, |node| spelt(node, spell::days))
    }

    /// A time of day: `17:00`.
    pub fn time(&mut self, key: impl Into<Key>) -> Option<NaiveTime> {
        self.read(key.into(), &Wants::Time, |node| spelt(node, spell::time))
    }

    /// A date.
    pub fn day(&mut self, key: impl Into<Key>) -> Option<Day> {
        self.read(key.into(), &Wants::Day, |node| spelt(node, spell::day))
    }

    /// A date, or a moment.
    pub fn dated(&mut self, key: impl Into<Key>) -> Option<Dated> {
        self.read(key.into(), &Wants::Dated, |node| spelt(node, spell::dated))
    }

    /// A date, or a flag in its place.
    pub fn day_or_flag(&mut self, key: impl Into<Key>) -> Option<Result<Day, bool>> {
        let wants = Wants::Either(vec![Wants::Day, Wants::Flag]);
        self.read(key.into(), &wants, |node| match node.value {
            Value::Flag(flag) => Ok(Err(flag)),
            _ => spelt(node, spell::day).map(Ok),
        })
    }

    /// A text that a reader of its own understands; `wants` is what it wants, in words.
    pub fn spelt<T>(
        &mut self,
        key: impl Into<Key>,
        wants: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.read(key.into(), &Wants::Called(wants), |node| spelt(node, read))
    }

    /// A version that its product's scheme can order.
    pub fn version(&mut self, key: impl Into<Key>, scheme: Scheme) -> Option<Version> {
        let placed = self.named(key)?;
        self.ordered(scheme, &placed)
    }

    /// A text as a version, if its scheme can order it.
    pub fn ordered(&self, scheme: Scheme, placed: &Placed<Clean>) -> Option<Version> {
        let version = Version::read(scheme, placed.value.as_str());
        if version.is_ordered() || scheme == Scheme::Opaque {
            return Some(version);
        }
        let what = format!("{} is no `{scheme}` version", words::quoted(placed.value.as_str()));
        let like = match scheme {
            Scheme::Calver => "2026.41.0",
            Scheme::Semver => "3.9.0",
            Scheme::Kubernetes | Scheme::Opaque => "v1.31.4",
        };
        self.note(self.problem(placed.span, what).help(format!("write one like `{like}`")));
        None
    }

    /// An IANA zone.
    pub fn zone(&mut self, key: impl Into<Key>) -> Option<Tz> {
        self.read(key.into(), &Wants::Zone, |node| {
            let text = node.text().ok_or(Unfit::Other)?;
            text.parse().map_err(|_| {
                let near = did_you_mean(text, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
                let near = near.unwrap_or_else(|| "it wants one like `Europe/Berlin`".to_owned());
                Unfit::Because(format!("does not know the zone {}: {near}", words::quoted(text)))
            })
        })
    }

    /// An address of one of these schemes, without credentials in it.
    pub fn url(&mut self, key: impl Into<Key>, schemes: &[&str]) -> Option<Url> {
        self.read(key.into(), &Wants::Url, |node| {
            let text = node.text().ok_or(Unfit::Other)?;
            spell::url(text, schemes).map_err(Unfit::Because)
        })
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: impl Into<Key>) -> Option<bool> {
        self.read(key.into(), &Wants::Flag, |node| match node.value {
            Value::Flag(flag) => Ok(flag),
            _ => Err(Unfit::Other),
        })
    }

    /// A whole number from 0.
    pub fn whole(&mut self, key: impl Into<Key>) -> Option<u32> {
        self.read(key.into(), &Wants::Whole, |node| match node.value {
            Value::Whole(number) => u32::try_from(number).map_err(|_| Unfit::Other),
            _ => Err(Unfit::Other),
        })
    }

    /// A list of texts; none where the key is missing or holds no list.
    pub fn texts(&mut self, key: impl Into<Key>) -> Option<Vec<Clean>> {
        Some(self.names(key)?.into_iter().map(|placed| placed.value).collect())
    }

    /// A list of texts with their places.
    pub fn names(&mut self, key: impl Into<Key>) -> Option<Vec<Placed<Clean>>> {
        self.read_list(key.into(), &Wants::Text, placed)
    }

    /// A table of texts by names a person chose, such as labels.
    pub fn labels(&mut self, key: impl Into<Key>) -> Option<BTreeMap<Clean, Clean>> {
        let pairs = self.pairs(key)?;
        Some(pairs.into_iter().map(|(name, placed)| (name.value, placed.value)).collect())
    }

    /// A table of texts by names a person chose, both with their places.
    pub fn pairs(&mut self, key: impl Into<Key>) -> Option<Vec<(Placed<Clean>, Placed<Clean>)>> {
        let key = key.into();
        let wants = Wants::Map(Box::new(Wants::Text));
        let table = self.read(key, &wants, |node| node.table().ok_or(Unfit::Other))?;
        let mut pairs = Vec::new();
        for item in table.iter() {
            match item.node.text() {
                Some(text) => {
                    let name = Placed { value: Clean::line(&item.key), span: item.span };
                    pairs.push((name, Placed { value: Clean::line(text), span: item.node.span }));
                }
                None => {
                    let found = words::found(&item.key, &item.node);
                    let name = words::quoted(&item.key);
                    self.complain(item.node.span, format!("{name} in `{}` wants a text, found {found}", key.name));
                }
            }
        }
        Some(pairs)
    }

    /// A regular expression.
    pub fn pattern(&mut self, key: impl Into<Key>) -> Option<Regex> {
        self.read(key.into(), &Wants::Pattern, |node| {
            let text = node.text().ok_or(Unfit::Other)?;
            let built = regex::RegexBuilder::new(text).size_limit(1 << 20).build();
            built.map_err(|error| {
                Unfit::Because(match error {
                    regex::Error::CompiledTooBig(_) => "is too large a regular expression".to_owned(),
                    other => format!("is no regular expression: {}", last_line(&other.to_string())),
                })
            })
        })
    }

    /// A path, relative ones from the file's folder.
    pub fn path(&mut self, key: impl Into<Key>) -> Option<PathBuf> {
        let folder = self.desk().folder().to_owned();
        self.read(key.into(), &Wants::Called("a path"), |node| {
            spell::path(node.text().unwrap_or_default(), &folder).ok_or(Unfit::Other)
        })
    }

    /// A reference to a credential. One that is written out is a problem, and the line is shown without it.
    pub fn secret(&mut self, key: impl Into<Key>) -> Option<Secret> {
        let key = key.into();
        let node = &self.item(key, &Wants::Secret)?.node;
        credential::read(self, key.name, node)
    }
}

fn placed(node: &Node) -> Result<Placed<Clean>, Unfit> {
    match node.text() {
        Some("") => Err(Unfit::Because("is empty".to_owned())),
        Some(text) => match words::plain(text) {
            Some(value) => Ok(Placed { value, span: node.span }),
            None => Err(Unfit::Because("holds characters that can't be shown".to_owned())),
        },
        None => Err(Unfit::Other),
    }
}

/// Dates may be written with or without quotes.
fn spelt<T>(node: &Node, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Unfit> {
    match &node.value {
        Value::Text(text) | Value::Dated(text) => read(text).ok_or(Unfit::Other),
        _ => Err(Unfit::Other),
    }
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default().trim_start_matches("error: ")
}
