//! So much of PromQL as a cockpit asks: selectors with matchers, rates, sums by labels, a comparison at the end.

use std::collections::BTreeSet;

use regex::Regex;

use crate::demo::writes::Matcher;

/// Labels in a fixed order.
pub type Labels = Vec<(String, String)>;

/// One series at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Its labels, `__name__` among them, in a fixed order.
    pub labels: Labels,
    /// Its value.
    pub value: f64,
    /// How much it grows in a second, for what only grows.
    pub rate: f64,
}

impl Sample {
    /// A gauge.
    #[must_use]
    pub fn gauge(name: &str, labels: &[(&str, &str)], value: f64) -> Self {
        let mut all: Vec<(String, String)> = vec![("__name__".to_owned(), name.to_owned())];
        all.extend(labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        all.sort();
        Self { labels: all, value, rate: 0.0 }
    }

    /// A label's value; the empty text where there is none, as Prometheus has it.
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        self.labels.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// A query, understood.
#[derive(Clone, Debug, Default)]
pub struct Query {
    selectors: Vec<Vec<Condition>>,
    rate: bool,
    group: Option<Group>,
    compare: Option<(String, f64)>,
    /// Whether nothing is answered as nought: `or vector(0)`.
    nought: bool,
}

/// A matcher that meets thousands of series: its pattern is made once.
#[derive(Clone, Debug)]
struct Condition {
    name: String,
    test: Test,
    is_equal: bool,
}

#[derive(Clone, Debug)]
enum Test {
    /// One text.
    Is(String),
    /// Words and nothing else between bars, as a cockpit asks for the names of metrics.
    Among(BTreeSet<String>),
    /// A pattern; none where it is none.
    Pattern(Option<Regex>),
}

impl Condition {
    fn of(Matcher { name, value, is_regex, is_equal }: Matcher) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '|');
        let test = match is_regex {
            false => Test::Is(value),
            true if value.chars().all(plain) => Test::Among(value.split('|').map(str::to_owned).collect()),
            true => Test::Pattern(Regex::new(&format!("^(?:{value})$")).ok()),
        };
        Self { name, test, is_equal }
    }

    fn holds(&self, value: &str) -> bool {
        let meets = match &self.test {
            Test::Is(text) => text == value,
            Test::Among(words) => words.contains(value),
            Test::Pattern(pattern) => pattern.as_ref().is_some_and(|pattern| pattern.is_match(value)),
        };
        meets == self.is_equal
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Group {
    how: String,
    by: Vec<String>,
    without: bool,
}

const GROUPS: [&str; 6] = ["sum", "count", "max", "min", "avg", "group"];
const RATES: [&str; 3] = ["rate", "irate", "increase"];

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// What Prometheus would say to it.
    pub fn read(text: &str) -> Result<Self, String> {
        let (text, nought) = match text.trim().strip_suffix("or vector(0)") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let mut query = Self { nought, ..Self::default() };
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err("unknown position: parse error: no expression found in input".to_owned());
        }
        while let Some(first) = rest.chars().next() {
            if first.is_ascii_alphabetic() || first == '_' || first == ':' {
                let end =
                    rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                rest = query.word(word, after.trim_start())?;
            } else if first == '{' {
                let (matchers, after) = matchers(rest)?;
                query.selectors.push(matchers.into_iter().map(Condition::of).collect());
                rest = after;
            } else if first == '[' {
                rest = rest.split_once(']').ok_or("1:1: parse error: unclosed range")?.1;
            } else if let Some((operator, after)) = comparison(rest) {
                let number = after.trim().trim_end_matches(')').trim();
                match number.parse::<f64>() {
                    Ok(number) => query.compare = Some((operator.to_owned(), number)),
                    Err(_) => query.compare = None,
                }
                rest = after;
            } else {
                rest = rest.strip_prefix(first).unwrap_or_default();
            }
        }
        Ok(query)
    }

    fn word<'t>(&mut self, word: &str, after: &'t str) -> Result<&'t str, String> {
        let calls = after.starts_with('(');
        if GROUPS.contains(&word)
            && self.group.is_none()
            && (calls || after.starts_with("by") || after.starts_with("without"))
        {
            self.group = Some(Group { how: word.to_owned(), by: Vec::new(), without: false });
            return Ok(after);
        }
        if matches!(word, "by" | "without") && calls {
            let (list, rest) = after.trim_start_matches('(').split_once(')').ok_or("1:1: parse error: unclosed by")?;
            if let Some(group) = &mut self.group {
                group.by = list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
                group.without = word == "without";
            }
            return Ok(rest);
        }
        if RATES.contains(&word) && calls {
            self.rate = true;
        }
        let keyword = matches!(
            word,
            "or" | "and" | "unless" | "on" | "ignoring" | "bool" | "offset" | "group_left" | "group_right"
        );
        if calls || keyword {
            return Ok(after);
        }
        let (mut all, rest) = if after.starts_with('{') { matchers(after)? } else { (Vec::new(), after) };
        all.push(Matcher { name: "__name__".to_owned(), value: word.to_owned(), is_regex: false, is_equal: true });
        self.selectors.push(all.into_iter().map(Condition::of).collect());
        Ok(rest)
    }

    /// Whether a metric of that name can be among the answers.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        self.selectors.iter().any(|all| all.iter().filter(|one| one.name == "__name__").all(|one| one.holds(name)))
    }

    /// The answer, from every series there is.
    #[must_use]
    pub fn answer(&self, mut samples: Vec<Sample>) -> Vec<Sample> {
        samples
            .retain(|sample| self.selectors.iter().any(|all| all.iter().all(|one| one.holds(sample.label(&one.name)))));
        if self.rate {
            for sample in &mut samples {
                sample.value = sample.rate;
                sample.labels.retain(|(key, _)| key != "__name__");
            }
        }
        if let Some(group) = &self.group {
            samples = group.of(&samples);
        }
        if let Some((operator, number)) = &self.compare {
            samples.retain(|sample| compares(sample.value, operator, *number));
        }
        if self.nought && samples.is_empty() {
            samples.push(Sample { labels: Vec::new(), value: 0.0, rate: 0.0 });
        }
        samples
    }
}

impl Group {
    fn of(&self, samples: &[Sample]) -> Vec<Sample> {
        let mut found: Vec<(Labels, Vec<f64>)> = Vec::new();
        for sample in samples {
            let named = |key: &str| self.by.iter().any(|name| name == key);
            let key: Vec<_> = sample
                .labels
                .iter()
                .filter(|(key, _)| key != "__name__" && named(key) != self.without)
                .cloned()
                .collect();
            match found.iter_mut().find(|(known, _)| *known == key) {
                Some((_, values)) => values.push(sample.value),
                None => found.push((key, vec![sample.value])),
            }
        }
        let of = |values: &[f64]| -> f64 {
            let count = f64::from(u32::try_from(values.len()).unwrap_or(u32::MAX));
            match self.how.as_str() {
                "count" => count,
                "max" => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                "min" => values.iter().copied().fold(f64::INFINITY, f64::min),
                "avg" => values.iter().sum::<f64>() / count,
                "group" => 1.0,
                _ => values.iter().sum(),
            }
        };
        found.into_iter().map(|(labels, values)| Sample { labels, value: of(&values), rate: 0.0 }).collect()
    }
}

fn comparison(text: &str) -> Option<(&'static str, &str)> {
    ["==", "!=", ">=", "<=", ">", "<"].into_iter().find_map(|operator| Some((operator, text.strip_prefix(operator)?)))
}

#[expect(clippy::float_cmp, reason = "PromQL compares exactly")]
fn compares(value: f64, operator: &str, number: f64) -> bool {
    match operator {
        "==" => value == number,
        "!=" => value != number,
        ">=" => value >= number,
        "<=" => value <= number,
        ">" => value > number,
        _ => value < number,
    }
}

/// The matchers between braces, and what stands behind them.
///
/// # Errors
/// What Prometheus would say to it.
pub fn matchers(text: &str) -> Result<(Vec<Matcher>, &str), String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches('{').trim_start();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((found, after));
        }
        let end = rest.find(['=', '!', '}']).ok_or("1:1: parse error: unexpected end of input inside braces")?;
        let (name, after) = rest.split_at(end);
        let (is_regex, is_equal, after) =
            [("=~", true, true), ("!~", true, false), ("!=", false, false), ("=", false, true)]
                .into_iter()
                .find_map(|(operator, regex, equal)| Some((regex, equal, after.strip_prefix(operator)?)))
                .ok_or("1:1: parse error: unexpected character inside braces")?;
        let (value, after) = quoted(after.trim_start())?;
        found.push(Matcher { name: name.trim().to_owned(), value, is_regex, is_equal });
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
}

/// A quoted text and what stands behind it.
///
/// # Errors
/// When the quotes do not end.
pub fn quoted(text: &str) -> Result<(String, &str), String> {
    let wrong = || "1:1: parse error: unterminated quoted string".to_owned();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')).ok_or_else(wrong)?;
    let mut value = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if quote != '`' => match letters.next().ok_or_else(wrong)?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            letter if letter == quote => return Ok((value, text.split_at(at + letter.len_utf8()).1)),
            letter => value.push(letter),
        }
    }
    Err(wrong())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn world() -> Vec<Sample> {
        let mut requests = Sample::gauge("requests_total", &[("job", "api"), ("code", "200")], 1000.0);
        requests.rate = 12.0;
        let mut errors = Sample::gauge("requests_total", &[("job", "api"), ("code", "500")], 10.0);
        errors.rate = 0.5;
        vec![
            Sample::gauge("up", &[("job", "api")], 1.0),
            Sample::gauge("up", &[("job", "node")], 0.0),
            Sample::gauge("loki_build_info", &[("version", "3.5.7")], 1.0),
            requests,
            errors,
        ]
    }

    #[test]
    fn what_a_cockpit_asks_is_answered() {
        for (query, values) in [
            ("up", vec![1.0, 0.0]),
            ("up == 0", vec![0.0]),
            (r#"up{job="api"}"#, vec![1.0]),
            (r#"up{job!~"a.*"}"#, vec![0.0]),
            (r#"{__name__=~"up|loki_build_info"}"#, vec![1.0, 0.0, 1.0]),
            (r#"{__name__!~"up|loki_build_info"}"#, vec![1000.0, 10.0]),
            ("sum(up)", vec![1.0]),
            ("count by (job) (up)", vec![1.0, 1.0]),
            ("sum by (job) (rate(requests_total[5m]))", vec![12.5]),
            (r#"sum(rate(requests_total{code=~"5.."}[5m]))"#, vec![0.5]),
            ("nothing", vec![]),
            ("count(nothing) or vector(0)", vec![0.0]),
            ("count(up) or vector(0)", vec![2.0]),
        ] {
            let found: Vec<f64> = Query::read(query).unwrap().answer(world()).iter().map(|one| one.value).collect();
            assert_eq!(found, values, "{query}");
        }
    }

    #[test]
    fn nonsense_is_refused_as_prometheus_refuses_it() {
        for query in ["", "up{", "up{job}", "up{job=api}", "up{job=\"api}"] {
            assert!(Query::read(query).unwrap_err().contains("parse error"), "{query}");
        }
    }
}
