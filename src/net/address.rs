//! From an endpoint's address and a question's path to what is asked, and never a step to another host.

use url::Url;

use super::door::{Ask, Verb};
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// Reads an endpoint's own address.
///
/// # Errors
/// [`Fault::Garbled`] where it is none of HTTP.
pub fn base(text: &str) -> Result<Url, Fault> {
    let wrong = || Fault::Garbled { expected: "an HTTP address", why: Clean::line("another one") };
    let mut url = Url::parse(text).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong());
    }
    // Credentials belong into the fleet file's references; the reader refuses them, and here they are lost for good.
    let _ = url.set_username("").and(url.set_password(None));
    url.set_fragment(None);
    Ok(url)
}

/// The address of a question. A path that starts with `/` counts from the host's root, as in a `Link` header; any other
/// stands below the endpoint's own path. A full address keeps its path and query alone, and must name the same host:
/// behind a proxy servers often don't know their own scheme and port.
///
/// # Errors
/// [`Fault::Astray`] where a full address names another host.
pub fn of(base: &Url, ask: &Ask) -> Result<Url, Fault> {
    let mut url = base.clone();
    let full = ["http://", "https://"]
        .iter()
        .any(|scheme| ask.path.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    if full {
        let next = Url::parse(&ask.path).map_err(|_| astray("an address that cannot be read"))?;
        if next.host_str() != base.host_str() {
            return Err(astray(next.host_str().unwrap_or_default()));
        }
        url.set_path(next.path());
        url.set_query(next.query());
    } else {
        let (path, query) = match ask.path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (ask.path.as_str(), None),
        };
        if path.starts_with('/') {
            url.set_path(path);
        } else if !path.is_empty() {
            let below = format!("{}/{path}", base.path().trim_end_matches('/'));
            url.set_path(&below);
        }
        match query {
            Some(query) => url.set_query(Some(query)),
            // The endpoint's own query belongs to its own address alone.
            None if !path.is_empty() => url.set_query(None),
            None => {}
        }
    }
    url.set_fragment(None);
    if !ask.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&ask.query);
    }
    Ok(url)
}

/// Where a redirect leads, where it may be followed: the same host over the same or a safer scheme.
///
/// # Errors
/// [`Fault::Astray`] with the host it points to.
pub fn redirected(from: &Url, location: &str) -> Result<Url, Fault> {
    let mut to = from.join(location).map_err(|_| astray("an address that cannot be read"))?;
    let same_place = to.scheme() == from.scheme() && to.port_or_known_default() == from.port_or_known_default();
    let safer = from.scheme() == "http" && to.scheme() == "https";
    if to.host_str() != from.host_str() {
        return Err(astray(to.host_str().unwrap_or(to.scheme())));
    }
    if !same_place && !safer {
        return Err(astray(&format!("{}://{}", to.scheme(), authority(&to))));
    }
    let _ = to.set_username("").and(to.set_password(None));
    to.set_fragment(None);
    Ok(to)
}

/// Where a redirect leads, where it may lead to any host: never to a less safe scheme, and with no credential in it.
///
/// # Errors
/// [`Fault::Astray`] with the host it points to.
pub fn redirected_anywhere(from: &Url, location: &str) -> Result<Url, Fault> {
    let to = from.join(location).map_err(|_| astray("an address that cannot be read"))?;
    let as_safe = to.scheme() == "https" || (from.scheme(), to.scheme()) == ("http", "http");
    if !as_safe || to.host_str().is_none_or(str::is_empty) {
        return Err(astray(&format!("{}://{}", to.scheme(), authority(&to))));
    }
    base(to.as_str())
}

/// `host:port`, by which connections are told apart.
#[must_use]
pub fn authority(url: &Url) -> String {
    match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    }
}

/// The path as it is shown in a fault: no query, which may hold what nobody else should read.
#[must_use]
pub fn shown(url: &Url) -> Clean {
    Clean::line_within(url.path(), 200)
}

fn astray(to: &str) -> Fault {
    Fault::Astray { to: Clean::line_within(to, 200) }
}

/// Read-only by construction: what is posted can only ask. A form goes to the query endpoints of the Prometheus family,
/// a document to Kubernetes' reviews of our own rights.
///
/// # Errors
/// [`Fault::Denied`] for any other place.
pub fn only_reads(verb: &Verb, url: &Url) -> Result<(), Fault> {
    let path = url.path();
    let ends = |list: &[&str]| list.iter().any(|end| path.ends_with(end));
    let fine = match verb {
        Verb::Get | Verb::Head => true,
        Verb::Query(_) => ends(&[
            "/api/v1/query",
            "/api/v1/query_range",
            "/api/v1/query_exemplars",
            "/api/v1/series",
            "/api/v1/labels",
            "/api/v1/format_query",
        ]),
        Verb::Review(_) => ends(&[
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        ]),
    };
    let refused =
        || Fault::Denied { why: Clean::line(&format!("nothing is posted to `{}`: this door only reads", shown(url))) };
    if fine { Ok(()) } else { Err(refused()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        base(text).unwrap()
    }

    #[test]
    fn a_question_stands_below_the_endpoint_and_never_beside_it() {
        for (base, path, expected) in [
            ("https://a.test", "api/v1/query", Ok("https://a.test/api/v1/query")),
            ("https://a.test/", "api/v1/query", Ok("https://a.test/api/v1/query")),
            ("https://a.test/prom/", "api/v1/query?x=1", Ok("https://a.test/prom/api/v1/query?x=1")),
            ("https://a.test/gitlab/api/v4", "projects/a%2Fb", Ok("https://a.test/gitlab/api/v4/projects/a%2Fb")),
            ("https://a.test/prom", "/v2/x/tags?last=b", Ok("https://a.test/v2/x/tags?last=b")),
            ("https://a.test/index.yaml?x=1", "", Ok("https://a.test/index.yaml?x=1")),
            ("https://a.test:8443/p", "https://a.test/q?page=2", Ok("https://a.test:8443/q?page=2")),
            ("https://a.test", "http://a.test/q", Ok("https://a.test/q")),
            ("https://a.test", "https://b.test/q", Err("b.test")),
            ("https://a.test", "HTTPS://b.test/q", Err("b.test")),
            ("https://a.test", "https://a.test@b.test/q", Err("b.test")),
            ("https://a.test", "//b.test/q", Ok("https://a.test//b.test/q")),
            ("https://a.test/p", "../../q", Ok("https://a.test/q")),
            ("https://a.test", "@b.test", Ok("https://a.test/@b.test")),
            ("https://me:pw@a.test", "q", Ok("https://a.test/q")),
            ("https://a.test", "q#part", Ok("https://a.test/q%23part")),
        ] {
            let got = of(&url(base), &Ask::get(path));
            match expected {
                Ok(expected) => assert_eq!(got.unwrap().as_str(), expected, "{base} and {path}"),
                Err(to) => assert_eq!(got.unwrap_err(), astray(to), "{base} and {path}"),
            }
        }
        let with = Ask::get("q?a=1").with("match[]", "up{job=\"x y\"}");
        assert_eq!(of(&url("https://a.test"), &with).unwrap().query(), Some("a=1&match%5B%5D=up%7Bjob%3D%22x+y%22%7D"));
    }

    #[test]
    fn a_redirect_stays_on_its_host_and_never_becomes_plain() {
        for (from, location, expected) in [
            ("https://a.test/x", "/y", Ok("https://a.test/y")),
            ("https://a.test/x", "https://a.test/y?z=1", Ok("https://a.test/y?z=1")),
            ("http://a.test/x", "https://a.test/x", Ok("https://a.test/x")),
            ("https://a.test/x", "https://me:pw@a.test/y", Ok("https://a.test/y")),
            ("https://a.test/x", "http://a.test/x", Err("http://a.test:80")),
            ("https://a.test/x", "https://a.test:8443/x", Err("https://a.test:8443")),
            ("https://a.test/x", "https://login.test/x", Err("login.test")),
            ("https://a.test/x", "//b.test/x", Err("b.test")),
            ("https://a.test/x", "file:///etc/passwd", Err("file")),
            ("https://a.test/x", "javascript:alert(1)", Err("javascript")),
        ] {
            let got = redirected(&url(from), location);
            match expected {
                Ok(expected) => assert_eq!(got.unwrap().as_str(), expected, "{from} to {location}"),
                Err(to) => assert_eq!(got.unwrap_err(), astray(to), "{from} to {location}"),
            }
        }
    }

    #[test]
    fn what_may_lie_anywhere_never_becomes_plain() {
        for (from, location, expected) in [
            ("https://a.test/x", "https://b.test/y?sig=z", Ok("https://b.test/y?sig=z")),
            ("http://a.test/x", "http://b.test:8080/y", Ok("http://b.test:8080/y")),
            ("https://a.test/x", "https://me:pw@b.test/y#z", Ok("https://b.test/y")),
            ("https://a.test/x", "http://b.test/y", Err("http://b.test:80")),
            ("https://a.test/x", "file:///etc/passwd", Err("file://")),
        ] {
            let got = redirected_anywhere(&url(from), location);
            match expected {
                Ok(expected) => assert_eq!(got.unwrap().as_str(), expected, "{from} to {location}"),
                Err(to) => assert_eq!(got.unwrap_err(), astray(to), "{from} to {location}"),
            }
        }
    }

    #[test]
    fn nothing_is_posted_where_it_could_change_something() {
        let form = Verb::Query(vec![]);
        let review = Verb::Review(String::new());
        for (verb, path, fine) in [
            (&form, "/api/v1/query", true),
            (&form, "/prometheus/api/v1/query_range", true),
            (&form, "/api/v1/admin/tsdb/delete_series", false),
            (&form, "/api/v1/query/../admin/tsdb/clean_tombstones", false),
            (&form, "/-/reload", false),
            (&form, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", false),
            (&review, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", true),
            (&review, "/k8s/clusters/c-1/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", true),
            (&review, "/apis/authorization.k8s.io/v1/subjectaccessreviews", false),
            (&review, "/api/v1/namespaces/default/pods", false),
            (&Verb::Get, "/-/reload", true),
        ] {
            let url = of(&url("https://a.test"), &Ask::get(path)).unwrap();
            assert_eq!(only_reads(verb, &url).is_ok(), fine, "{verb:?} to {path}");
        }
    }
}
