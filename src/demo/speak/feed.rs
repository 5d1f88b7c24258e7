//! The vendor's release notes as a feed, the way a documentation site builds it: the newest twenty, dated to the day.

use super::times;
use crate::demo::answer::Answer;
use crate::demo::dice::hex;
use crate::demo::glance::Glance;
use crate::demo::question::Question;
use crate::demo::vendor::Release;

/// A documentation site's feed holds so many entries.
const LENGTH: usize = 20;

/// Answers `rss.xml` and `atom.xml`.
#[must_use]
pub fn answer(glance: &Glance<'_>, rest: &[&str], question: &Question) -> Answer {
    let newest: Vec<&Release> = glance.world.vendor.known(glance.at).iter().rev().take(LENGTH).collect();
    match rest {
        ["rss.xml"] => Answer::bytes("application/xml", rss(&newest, &question.origin).into_bytes()),
        ["atom.xml"] => Answer::bytes("application/xml", atom(&newest, &question.origin).into_bytes()),
        _ => Answer::nothing(),
    }
}

/// The address of a post: the day and how many posts the day already had.
fn link(release: &Release, origin: &str) -> String {
    format!("{origin}/vendor/blog/{}/Release-{}/", release.at.format("%Y/%m/%d"), hex(&release.version, 2))
}

fn midnight(release: &Release) -> crate::domain::clock::Moment {
    release.at.date_naive().and_time(chrono::NaiveTime::MIN).and_utc()
}

fn text(release: &Release) -> &'static str {
    match (release.security, release.triple.2) {
        (true, _) => "Closes a hole that lets a tenant read another tenant's metadata. Roll out at once.",
        (false, 0) => "A feature release. See what is new for platform engineers.",
        (false, _) => "Fixes for the feature release.",
    }
}

fn rss(releases: &[&Release], origin: &str) -> String {
    let built = releases.first().map(|release| times::http(midnight(release))).unwrap_or_default();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><?xml-stylesheet type=\"text/xsl\" href=\"rss.xsl\"?>\n\
         <rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">\n\
         <channel>\n<title>meshStack Documentation Blog</title>\n<link>{origin}/vendor/blog/</link>\n\
         <description>meshStack Documentation Blog</description>\n<lastBuildDate>{built}</lastBuildDate>\n\
         <docs>https://validator.w3.org/feed/docs/rss2.html</docs>\n<generator>https://github.com/jpmonette/feed</generator>\n\
         <language>en</language>\n"
    );
    for release in releases {
        let link = link(release, origin);
        let (version, at, words) = (&release.version, times::http(midnight(release)), text(release));
        out.push_str(&format!(
            "<item>\n<title><![CDATA[Release {version}]]></title>\n<link>{link}</link>\n<guid>{link}</guid>\n\
             <pubDate>{at}</pubDate>\n<description><![CDATA[{words}]]></description>\n\
             <content:encoded><![CDATA[<p>{words}</p>]]></content:encoded>\n</item>\n"
        ));
    }
    out.push_str("</channel>\n</rss>\n");
    out
}

fn atom(releases: &[&Release], origin: &str) -> String {
    let updated = releases.first().map(|release| times::millis(midnight(release))).unwrap_or_default();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><?xml-stylesheet type=\"text/xsl\" href=\"atom.xsl\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\">\n<id>{origin}/vendor/blog/</id>\n\
         <title>meshStack Documentation Blog</title>\n<updated>{updated}</updated>\n\
         <link rel=\"alternate\" href=\"{origin}/vendor/blog/\"/>\n"
    );
    for release in releases {
        let (link, at, words) = (link(release, origin), times::millis(midnight(release)), text(release));
        let version = &release.version;
        out.push_str(&format!(
            "<entry>\n<title type=\"html\"><![CDATA[Release {version}]]></title>\n<id>{link}</id>\n<link href=\"{link}\"/>\n\
             <updated>{at}</updated>\n<summary type=\"html\"><![CDATA[{words}]]></summary>\n</entry>\n"
        ));
    }
    out.push_str("</feed>\n");
    out
}
