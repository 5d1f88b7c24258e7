//! Feeds of release notes: RSS, Atom and JSON Feed. A pattern cuts the version out of a title.

use std::collections::BTreeSet;

use chrono::DateTime;
use quick_xml::Reader;
use quick_xml::events::Event;
use regex::Regex;
use serde::Deserialize;

use crate::domain::clock::{Dated, Moment};
use crate::domain::delivery::{ListKind, Release};
use crate::domain::fact::{Fact, Gap, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::id::ProductId;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::{json, moment, told};
use crate::text::clean::Clean;

/// A feed of release notes.
pub static KIND: Kind = Kind {
    name: "feed",
    about: "releases out of an RSS, Atom or JSON feed, by a pattern on its titles",
    example: r#"{ kind = "feed", url = "https://docs.example.test/blog/rss.xml", pattern = 'Release (\d{4}\.\d+\.\d+)' }"#,
    stands: Stands::Product,
    build,
};

struct Feed {
    product: ProductId,
    pattern: Option<Regex>,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let pattern = section.pattern(("pattern", "cuts the version out of a title: its first group"));
    Some(Built::new(Feed { product: setting.product?.clone(), pattern }))
}

impl Source for Feed {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let reply = door.ask(Ask::get("")).await?;
            self.understand(read_posts(&reply.body)?)
        })
    }
}

/// One entry of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Post {
    title: String,
    link: Option<String>,
    published: Option<String>,
    updated: Option<String>,
}

impl Feed {
    /// Turns posts into releases. A version that was announced twice counts once, at its first time.
    fn understand(&self, posts: Vec<Post>) -> Result<Heard, Fault> {
        let mut heard = Heard::default();
        let mut seen = BTreeSet::new();
        let (posts_in_all, mut without) = (posts.len(), 0_usize);
        // Feeds begin with the newest: read backwards, so that the first announcement comes first.
        for post in posts.into_iter().rev() {
            let Some(version) = self.version(&post.title) else {
                without += 1;
                continue;
            };
            // `updated` moves when a post is edited; the publication does not.
            let published = post.published.or(post.updated);
            if seen.insert(version.clone()) {
                heard.facts.push(Fact::here(What::Release(Release {
                    product: self.product.clone(),
                    version: Clean::line_within(&version, 100),
                    published: published.as_deref().and_then(dated),
                    prerelease: false,
                    chart: None,
                    url: told(post.link.as_deref()),
                    list: ListKind::Newest,
                })));
            }
        }
        if posts_in_all > 0 && without == posts_in_all {
            heard.gaps.push(Gap {
                place: Clean::line("titles"),
                why: Clean::line("the pattern finds a version in none of them"),
                kind: GapKind::Odd,
            });
        }
        Ok(heard)
    }

    fn version(&self, title: &str) -> Option<String> {
        let found = match &self.pattern {
            None => title.trim(),
            Some(pattern) => {
                let groups = pattern.captures(title)?;
                groups.get(1).or_else(|| groups.get(0))?.as_str()
            }
        };
        (!found.is_empty()).then(|| found.to_owned())
    }
}

/// A publication: RFC 822 in RSS, RFC 3339 in the others. Midnight to the second is a date, for its author knew no hour.
fn dated(text: &str) -> Option<Dated> {
    let at = DateTime::parse_from_rfc2822(text.trim()).map(|at| at.to_utc()).ok().or_else(|| moment(text))?;
    let midnight = at.time() == chrono::NaiveTime::MIN;
    Some(if midnight { Dated::On(at.date_naive()) } else { Dated::At(at) })
}

/// Understands a feed of any of the three forms.
fn read_posts(body: &[u8]) -> Result<Vec<Post>, Fault> {
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
    title: Option<String>,
    url: Option<String>,
    date_published: Option<String>,
    date_modified: Option<String>,
}

fn read_json(body: &[u8]) -> Result<Vec<Post>, Fault> {
    let feed: WireFeed = json(body, "a JSON feed")?;
    let post = |item: WireItem| Post {
        title: item.title.unwrap_or_default(),
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
    Link,
    Published,
    Updated,
}

impl Field {
    fn of(name: &str) -> Option<Self> {
        match name {
            "title" => Some(Self::Title),
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
            Self::Link => &mut post.link,
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
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn releases(body: &str) -> Vec<(String, Option<Dated>)> {
        let feed = Feed { product: "meshstack".into(), pattern: Some(Regex::new(r"Release (\d+\.\d+\.\d+)").unwrap()) };
        let heard = feed.understand(read_posts(body.as_bytes()).unwrap()).unwrap();
        let release = |fact: Fact| match fact.what {
            What::Release(release) => (release.version.to_string(), release.published),
            other => panic!("{other:?}"),
        };
        heard.facts.into_iter().map(release).collect()
    }

    #[test]
    fn rss_with_cdata_entities_and_rfc_822_dates_is_read() {
        let body = "\u{feff}<?xml version=\"1.0\"?><rss><channel><title>Release 1.1.1</title>\
            <item><title><![CDATA[Rel]]><![CDATA[ease 2026.41.0]]></title>\
            <pubDate>Tue, 10 Nov 2026 10:02:00 GMT</pubDate></item>\
            <item><title>Release 2026.40.1 &amp; more &#8211;</title>\
            <pubDate>Tue, 03 Nov 2026 00:00:00 GMT</pubDate></item></channel></rss>";
        let at = "2026-11-10T10:02:00Z".parse().unwrap();
        let on = "2026-11-03".parse().unwrap();
        let expected = [("2026.40.1", Dated::On(on)), ("2026.41.0", Dated::At(at))];
        assert_eq!(releases(body), expected.map(|(version, when)| (version.to_owned(), Some(when))));
    }

    #[test]
    fn atom_prefers_publication_over_update() {
        let body = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title type='html'>Release 1.2.3</title>\
            <updated>2026-11-12T09:00:00Z</updated><published>2026-11-10T09:00:00+01:00</published>\
            <link href='/blog/1'/></entry></feed>";
        let at = "2026-11-10T08:00:00Z".parse().unwrap();
        assert_eq!(releases(body), [("1.2.3".to_owned(), Some(Dated::At(at)))]);
    }

    #[test]
    fn a_version_announced_twice_counts_at_its_first_time() {
        let item = |day: &str| {
            format!("<item><title>Release 1.2.3</title><pubDate>{day} Nov 2026 00:00:00 GMT</pubDate></item>")
        };
        let body = format!("<rss><channel>{}{}</channel></rss>", item("12"), item("10"));
        assert_eq!(releases(&body), [("1.2.3".to_owned(), Some(Dated::On("2026-11-10".parse().unwrap())))]);
    }

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
