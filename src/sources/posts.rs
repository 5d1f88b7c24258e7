//! The posts of a feed in any of the three forms: RSS, Atom, JSON Feed.

use chrono::DateTime;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::Deserialize;

use crate::domain::clock::Dated;
use crate::domain::fault::Fault;
use crate::sources::page;
use crate::sources::reading::{json, moment};
use crate::text::clean::Clean;

/// One entry of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post {
    /// Its title.
    pub title: String,
    /// What tells it from others, where it says so.
    pub id: Option<String>,
    /// Where it is read.
    pub link: Option<String>,
    /// When it was published, as written.
    pub published: Option<String>,
    /// When it was edited last, as written.
    pub updated: Option<String>,
    /// What it says, mostly HTML.
    pub body: Option<String>,
}

/// A publication: RFC 822 in RSS, RFC 3339 in the others. Midnight to the second is a date, for its author knew no hour.
#[must_use]
pub fn dated(text: &str) -> Option<Dated> {
    let at = DateTime::parse_from_rfc2822(text.trim()).map(|at| at.to_utc()).ok().or_else(|| moment(text))?;
    let midnight = at.time() == chrono::NaiveTime::MIN;
    Some(if midnight { Dated::On(at.date_naive()) } else { Dated::At(at) })
}

/// Understands a feed of any of the three forms.
///
/// # Errors
/// What came instead of a feed.
pub fn read_posts(body: &[u8]) -> Result<Vec<Post>, Fault> {
    let start = body.iter().position(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte));
    let body = start.and_then(|start| body.get(start..)).unwrap_or_default();
    if body.starts_with(b"{") { read_json(body) } else { read_xml(body) }
}

#[derive(Deserialize)]
struct WireFeed {
    items: Vec<WireItem>,
}

#[derive(Deserialize)]
struct WireItem {
    id: Option<serde_json::Value>,
    title: Option<String>,
    summary: Option<String>,
    content_html: Option<String>,
    content_text: Option<String>,
    url: Option<String>,
    date_published: Option<String>,
    date_modified: Option<String>,
}

fn read_json(body: &[u8]) -> Result<Vec<Post>, Fault> {
    let feed: WireFeed = json(body, "a JSON feed")?;
    let post = |item: WireItem| Post {
        title: item.title.unwrap_or_default(),
        id: item.id.as_ref().map(page::id),
        body: item.content_html.or(item.content_text).or(item.summary),
        link: item.url,
        published: item.date_published,
        updated: item.date_modified,
    };
    Ok(feed.items.into_iter().map(post).collect())
}

/// The most posts anybody reads out of one feed.
const MOST_POSTS: usize = 2000;

/// Understands RSS and Atom. Document types are refused: no entity of theirs is ever expanded.
fn read_xml(body: &[u8]) -> Result<Vec<Post>, Fault> {
    let garbled = |why: String| Fault::Garbled { expected: "an RSS, Atom or JSON feed", why: Clean::line(&why) };
    let mut reader = Reader::from_reader(body);
    reader.config_mut().check_end_names = false;
    let mut posts = Vec::new();
    let mut post: Option<Post> = None;
    let mut field: Option<Field> = None;
    let mut text = String::new();
    let mut root = None;
    let mut buffer = Vec::new();
    loop {
        let event = reader.read_event_into(&mut buffer).map_err(|error| garbled(format!("broken XML ({error})")))?;
        match event {
            Event::DocType(_) if root.is_none() => {
                return Err(garbled("HTML or a document type of its own".to_owned()));
            }
            Event::Start(tag) | Event::Empty(tag) => {
                let name = local(tag.name().into_inner());
                if root.is_none() {
                    root = Some(name.clone());
                    if !matches!(name.as_str(), "rss" | "feed" | "RDF") {
                        return Err(garbled(format!("a document `{}`", Clean::line_within(&name, 20))));
                    }
                }
                match (name.as_str(), &mut post) {
                    ("item" | "entry", None) => post = Some(Post::default()),
                    ("link", Some(post)) => {
                        let href = tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == "href");
                        if let Some(href) = href {
                            post.link.get_or_insert(href.value.into_owned());
                        }
                        field = Some(Field::Link);
                    }
                    (name, Some(_)) => field = Field::of(name).or(field.filter(|_| false)),
                    (_, None) => {}
                }
                text.clear();
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::CData(piece) => text.push_str(&piece),
            Event::GeneralRef(entity) => text.push_str(&resolved(&entity)),
            Event::End(tag) => {
                let name = local(tag.name().into_inner());
                if let Some(post) = &mut post
                    && let Some(field) = field.take_if(|field| field.is(&name))
                {
                    field.fill(post, text.trim());
                }
                if matches!(name.as_str(), "item" | "entry")
                    && let Some(post) = post.take()
                {
                    posts.push(post);
                }
                text.clear();
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
        buffer.clear();
        if posts.len() >= MOST_POSTS {
            break;
        }
    }
    if root.is_none() {
        return Err(garbled("an empty answer".to_owned()));
    }
    if post.is_some() {
        return Err(garbled("a feed that ends in the middle".to_owned()));
    }
    Ok(posts)
}

/// The fields of a post that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Title,
    Id,
    Link,
    Published,
    Updated,
    Body,
}

impl Field {
    fn of(name: &str) -> Option<Self> {
        match name {
            "title" => Some(Self::Title),
            "guid" | "id" => Some(Self::Id),
            "description" | "summary" | "content" | "encoded" => Some(Self::Body),
            "pubDate" | "published" | "date" => Some(Self::Published),
            "updated" => Some(Self::Updated),
            _ => None,
        }
    }

    fn is(self, name: &str) -> bool {
        Self::of(name) == Some(self) || (self == Self::Link && name == "link")
    }

    fn fill(self, post: &mut Post, text: &str) {
        let slot = match self {
            Self::Title => {
                post.title = text.to_owned();
                return;
            }
            Self::Id => &mut post.id,
            Self::Link => &mut post.link,
            Self::Body => &mut post.body,
            Self::Published => &mut post.published,
            Self::Updated => &mut post.updated,
        };
        if !text.is_empty() {
            slot.get_or_insert(text.to_owned());
        }
    }
}

/// A tag's name without its prefix.
fn local(name: &str) -> String {
    name.rsplit_once(':').map_or(name, |(_, local)| local).to_owned()
}

/// The text of an entity: the five of XML and characters by number. Nothing else is expanded.
fn resolved(entity: &str) -> String {
    let character = match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => entity.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok().and_then(char::from_u32),
            None => number.parse().ok().and_then(char::from_u32),
        }),
    };
    character.map_or_else(|| format!("&{entity};"), String::from)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_feed_is_refused_and_no_entity_is_ever_expanded() {
        for body in [
            "",
            "<!doctype html><html><title>Release 1.2.3</title></html>",
            "<html><body/></html>",
            "<rss><channel><item><title>Release 1.2.3",
            "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'Release 1.2.3'>]><rss><channel/></rss>",
            "{\"error\": 1}",
        ] {
            assert!(matches!(read_posts(body.as_bytes()), Err(Fault::Garbled { .. })), "{body}");
        }
    }
}
