//! Lists of a Kubernetes API: page after page, from the beginning again where a page's token grew too old.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::domain::fact::{Gap, GapKind, Heard};
use crate::domain::fault::Fault;
use crate::net::door::{Ask, Door};
use crate::sources::reading::{json, raw_items};
use crate::text::clean::Clean;

/// How many items a page may hold.
const PAGE: &str = "500";
/// How many pages of one list are asked for.
const MOST_PAGES: usize = 100;
/// How often a list is begun anew before it is a fault.
const MOST_TRIES: usize = 3;

/// What was read of a list.
pub(super) struct Page<T> {
    /// The items that could be read.
    pub(super) items: Vec<T>,
    /// Those that could not.
    pub(super) gaps: Vec<Gap>,
    /// The token of the next page.
    next: Option<String>,
    /// The version of the list, to watch it from.
    version: String,
}

/// A whole list, and what is needed to go on from it.
pub(super) struct Listed<T> {
    /// Its items.
    pub(super) items: Vec<T>,
    /// Its version; empty where nobody told.
    pub(super) version: String,
    /// What was asked; none where it may not be seen.
    pub(super) path: Option<String>,
}

#[derive(Deserialize)]
struct WirePage<T> {
    kind: String,
    #[serde(default)]
    metadata: WireListMeta,
    items: Option<Vec<T>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireListMeta {
    r#continue: Option<String>,
    resource_version: Option<String>,
}

impl<T: DeserializeOwned> Page<T> {
    /// Understands one page.
    ///
    /// # Errors
    /// When it is no list of this API.
    pub(super) fn read(body: &[u8], what: &'static str) -> Result<Self, Fault> {
        // In one go where every item is sound; one odd item makes each be read by itself.
        let (kind, metadata, items, gaps) = match serde_json::from_slice::<WirePage<T>>(body) {
            Ok(page) => (page.kind, page.metadata, page.items.unwrap_or_default(), Vec::new()),
            Err(_) => {
                let page: WirePage<&RawValue> = json(body, "a list of a Kubernetes API")?;
                let (mut heard, mut items) = (Heard::default(), Vec::new());
                raw_items(page.items.unwrap_or_default(), what, &mut heard, |item, _| items.push(item));
                (page.kind, page.metadata, items, heard.gaps)
            }
        };
        if !kind.ends_with("List") {
            let why = Clean::line(&format!("a document of the kind `{kind}`"));
            return Err(Fault::Garbled { expected: "a list of a Kubernetes API", why });
        }
        let WireListMeta { r#continue: next, resource_version } = metadata;
        let next = next.filter(|token| !token.is_empty());
        Ok(Self { items, gaps, next, version: resource_version.unwrap_or_default() })
    }
}

/// Asks for a whole list, and tells its version. What could not be read is noted as gaps of `what`.
///
/// # Errors
/// The fault of the first page that did not come.
pub(super) async fn list<T: DeserializeOwned>(
    door: &dyn Door,
    ask: Ask,
    what: &'static str,
    heard: &mut Heard,
) -> Result<(Vec<T>, String), Fault> {
    for _ in 0..MOST_TRIES {
        if let Some(whole) = run(door, &ask, what).await? {
            heard.gaps.extend(whole.gaps);
            return Ok((whole.items, whole.version));
        }
    }
    Err(Fault::Refused { status: 410, why: Clean::line("the list changes faster than its pages can be read") })
}

/// One run over all pages; none where a token was too old in the middle.
async fn run<T: DeserializeOwned>(door: &dyn Door, ask: &Ask, what: &'static str) -> Result<Option<Page<T>>, Fault> {
    let mut whole: Page<T> = Page { items: Vec::new(), gaps: Vec::new(), next: None, version: String::new() };
    for n in 0..MOST_PAGES {
        let has_its_own = ask.query.iter().any(|(name, _)| name == "limit");
        let mut ask = if has_its_own { ask.clone() } else { ask.clone().with("limit", PAGE) };
        if let Some(token) = whole.next.take() {
            ask = ask.with("continue", token).even(410);
        }
        let reply = door.ask(ask).await?;
        // The 410 carries a token for the inconsistent rest: a list that mixes two moments is not taken.
        if n > 0 && reply.status == 410 {
            return Ok(None);
        }
        let page = Page::read(&reply.body, what)?;
        whole.items.extend(page.items);
        whole.gaps.extend(page.gaps);
        (whole.next, whole.version) = (page.next, page.version);
        if whole.next.is_none() {
            return Ok(Some(whole));
        }
    }
    let why = Clean::line(&format!("cut after {} items", whole.items.len()));
    whole.gaps.push(Gap { place: Clean::line(what), why, kind: GapKind::Partial });
    Ok(Some(whole))
}

/// A name as one step of a path. Names of namespaces need no encoding; anything else finds nothing.
pub(super) fn segment(name: &Clean) -> String {
    name.as_str().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}
