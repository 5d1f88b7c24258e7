//! One question as it came in over HTTP, taken apart.

use std::collections::BTreeMap;

/// One question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The parts of the path, decoded.
    pub path: Vec<String>,
    /// The pairs of the query string, and of a form in the body.
    pub query: Vec<(String, String)>,
    /// Headers by their lower-case names.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
    /// Scheme, host and port under which it came in.
    pub origin: String,
}

impl Question {
    /// A question from its method and target, without headers and body.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_owned(),
            path: path.split('/').filter(|part| !part.is_empty()).map(decoded).collect(),
            query: pairs(query),
            origin: "http://127.0.0.1".to_owned(),
            ..Self::default()
        }
    }

    /// The first value of that name in the query.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of that name, `name[]` among them.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query
            .iter()
            .filter(move |(key, _)| key == name || key.strip_suffix("[]") == Some(name))
            .map(|(_, value)| value.as_str())
    }

    /// A number in the query.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(|text| text.parse().ok())
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Takes the pairs of a form in the body into the query.
    pub fn read_form(&mut self) {
        let is_form =
            self.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        if is_form {
            let body = String::from_utf8_lossy(&self.body).into_owned();
            self.query.extend(pairs(&body));
        }
    }
}

/// The pairs of a query string.
fn pairs(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).map(|(k, v)| (k.into_owned(), v.into_owned())).collect()
}

/// One part of a path with its percent signs resolved.
fn decoded(part: &str) -> String {
    let escaped = part.replace('+', "%2B");
    url::form_urlencoded::parse(format!("x={escaped}").as_bytes())
        .next()
        .map(|(_, v)| v.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_pairs_are_decoded() {
        let question = Question::new("GET", "/a/ops%2Frollout/v1.2+x?match[]=up&match[]=a%20b&limit=5");
        assert_eq!(question.path, ["a", "ops/rollout", "v1.2+x"]);
        assert_eq!(question.all("match").collect::<Vec<_>>(), ["up", "a b"]);
        assert_eq!((question.number("limit"), question.number("match")), (Some(5), None));
    }

    #[test]
    fn a_form_is_read_like_a_query() {
        let mut question = Question::new("POST", "/query");
        question.headers.insert("content-type".into(), "application/x-www-form-urlencoded".into());
        question.body = b"query=up%7Bjob%3D%22a%22%7D".to_vec();
        question.read_form();
        assert_eq!(question.get("query"), Some("up{job=\"a\"}"));
    }
}
