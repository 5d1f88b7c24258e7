//! Feeds of release notes: RSS, Atom and JSON Feed. A pattern cuts the version out of a title.

use std::collections::BTreeSet;

use regex::Regex;

use crate::domain::clock::Moment;
use crate::domain::delivery::{ListKind, Release};
use crate::domain::fact::{Fact, Gap, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::id::ProductId;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::net::kept::Kept;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::posts::{Post, dated, read_posts};
use crate::sources::reading::told;
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
    kept: Kept<Heard>,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let pattern = section.pattern(("pattern", "cuts the version out of a title: its first group"));
    Some(Built::new(Feed { product: setting.product?.clone(), pattern, kept: Kept::default() }))
}

impl Source for Feed {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(self.kept.ask(door, Ask::get(""), |body| Ok(self.understand(read_posts(body)?))))
    }
}

impl Feed {
    /// Turns posts into releases. A version that was announced twice counts once, at its first time.
    fn understand(&self, posts: Vec<Post>) -> Heard {
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
                heard.facts.push(Fact::here(What::Release(Box::new(Release {
                    product: self.product.clone(),
                    version: Clean::line_within(&version, 100),
                    published: published.as_deref().and_then(dated),
                    prerelease: false,
                    chart: None,
                    url: told(post.link.as_deref()),
                    list: ListKind::Newest,
                }))));
            }
        }
        if posts_in_all > 0 && without == posts_in_all {
            heard.gaps.push(Gap {
                place: Clean::line("titles"),
                why: Clean::line("the pattern finds a version in none of them"),
                kind: GapKind::Odd,
            });
        }
        heard
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::clock::Dated;

    fn releases(body: &str) -> Vec<(String, Option<Dated>)> {
        let pattern = Some(Regex::new(r"Release (\d+\.\d+\.\d+)").unwrap());
        let feed = Feed { product: "meshstack".into(), pattern, kept: Kept::default() };
        let heard = feed.understand(read_posts(body.as_bytes()).unwrap());
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
}
