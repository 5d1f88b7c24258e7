//! Pages of a list: where the next one is, by the `Link` header of RFC 8288.

use crate::net::door::Reply;

/// The address of the next page, to be followed as it is; none on the last.
#[must_use]
pub fn next(reply: &Reply) -> Option<String> {
    let links = reply.headers.iter().filter(|(name, _)| name == "link");
    links.into_iter().find_map(|(_, value)| next_of(value))
}

/// Several links may stand in one header, with their parameters in any order and commas inside the brackets.
fn next_of(value: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        let (parameters, other) = until_next_link(after);
        if !target.trim().is_empty() && parameters.split(';').any(says_next) {
            return Some(target.trim().to_owned());
        }
        rest = other;
    }
    None
}

/// The parameters of a link, up to the comma outside quotes that ends it.
fn until_next_link(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let end = text.find(|c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    end.and_then(|end| text.split_at_checked(end)).unwrap_or((text, ""))
}

fn says_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let mut relations = value.trim().trim_matches('"').split_whitespace();
    name.trim().eq_ignore_ascii_case("rel") && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_links_in_any_order() {
        for (value, expected) in [
            (r#"</v2/a/tags/list?last=b&n=4>; rel="next""#, Some("/v2/a/tags/list?last=b&n=4")),
            (
                r#"<https://a.test/x?page=1>; rel="prev", <https://a.test/x?page=3>; rel="next""#,
                Some("https://a.test/x?page=3"),
            ),
            (r#"<https://a.test/x?ids=1,2>; title="a, b"; rel=next"#, Some("https://a.test/x?ids=1,2")),
            (r#"<https://a.test/x>; rel="last NEXT""#, Some("https://a.test/x")),
            (r#"<https://a.test/x>; rel="last""#, None),
            (r#"<>; rel="next""#, None),
            ("<https://a.test/x; rel=next", None),
            ("", None),
        ] {
            assert_eq!(next_of(value).as_deref(), expected, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_panics(text in "[<>;,=\" a-z/\\PC]{0,60}") {
            let _ = next_of(&text);
        }
    }
}
