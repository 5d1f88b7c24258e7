//! One answer, before it goes out over HTTP.

use serde_json::Value;

use super::writes::Write;

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body, or how it comes.
    pub body: Body,
    /// What was written with the question.
    pub write: Option<Box<Write>>,
}

/// The body, or how it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// All at once.
    Whole(Vec<u8>),
    /// A watch of a Kubernetes list, from that resource version on: seconds since 1970.
    Watch {
        /// The resource version.
        since: i64,
    },
    /// Log lines as they come, over a websocket.
    Tail,
}

impl Answer {
    /// A JSON document.
    #[must_use]
    pub fn json(value: &Value) -> Self {
        Self::bytes("application/json", value.to_string().into_bytes())
    }

    /// A JSON document with its status.
    #[must_use]
    pub fn json_with(status: u16, value: &Value) -> Self {
        Self { status, ..Self::json(value) }
    }

    /// A text.
    #[must_use]
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        Self { status, ..Self::bytes("text/plain; charset=utf-8", text.into().into_bytes()) }
    }

    /// Bytes of a kind.
    #[must_use]
    pub fn bytes(kind: &'static str, body: Vec<u8>) -> Self {
        let headers = vec![("content-type", kind.to_owned())];
        Self { status: 200, headers, body: Body::Whole(body), write: None }
    }

    /// A status and nothing else.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Whole(Vec::new()), write: None }
    }

    /// There is no such page.
    #[must_use]
    pub fn nothing() -> Self {
        Self::text(404, "404 page not found\n")
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With something written.
    #[must_use]
    pub fn writing(mut self, write: Write) -> Self {
        self.write = Some(Box::new(write));
        self
    }

    /// The body, where it comes all at once.
    #[must_use]
    pub fn whole(&self) -> &[u8] {
        match &self.body {
            Body::Whole(bytes) => bytes,
            Body::Watch { .. } | Body::Tail => &[],
        }
    }
}
