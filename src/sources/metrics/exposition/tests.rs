use proptest::prelude::*;

use super::*;

type Told = (String, Vec<(String, String)>, String, Option<i64>);
type One = (Vec<(String, String)>, String, Option<i64>);

fn scan_in(body: &[u8], size: usize, names: &[&str], dialect: Dialect) -> Result<(Vec<Told>, Ending), Fault> {
    let wanted = Wanted::new(names.iter().copied());
    let mut scanner = Scanner::new(&wanted, dialect);
    let mut told = Vec::new();
    let mut each = |sample: &Sample<'_>| {
        let labels = sample.labels.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        told.push((sample.name.to_string(), labels, sample.value.to_string(), sample.timestamp));
    };
    for piece in body.chunks(size.max(1)) {
        scanner.feed(piece, &mut each)?;
    }
    let ending = scanner.finish(&mut each)?;
    Ok((told, ending))
}

fn scan(body: &str, names: &[&str], dialect: Dialect) -> (Vec<Told>, Ending) {
    scan_in(body.as_bytes(), usize::MAX, names, dialect).unwrap()
}

/// One sample of `m`, as it is read alone.
fn one(line: &str) -> Option<One> {
    let (told, _) = scan(&format!("# a comment\n{line}\n"), &["m"], Dialect::Text);
    told.into_iter().next().map(|(_, labels, value, timestamp)| (labels, value, timestamp))
}

#[test]
fn the_probe_cases_are_all_read_right() {
    for (line, labels, value, timestamp) in [
        ("m 1", &[][..], "1", None),
        ("m\t1\t5", &[], "1", Some(5)),
        ("m{} 1", &[], "1", None),
        ("m {a=\"b\"} 1", &[("a", "b")], "1", None),
        ("m{a=\"b\",} 1", &[("a", "b")], "1", None),
        ("m{ a = \"b\" , c = \"d\" } 1", &[("a", "b"), ("c", "d")], "1", None),
        ("m{a=\"x,y=z\"} 1", &[("a", "x,y=z")], "1", None),
        ("m{a=\"}\"} 1", &[("a", "}")], "1", None),
        ("m{a=\"{ # \"} 1", &[("a", "{ # ")], "1", None),
        (r#"m{a="C:\\DIR\\F",b="say \"no\"\nmore"} 1"#, &[("a", r"C:\DIR\F"), ("b", "say \"no\"\nmore")], "1", None),
        (r#"m{a="\d"} 1"#, &[("a", r"\d")], "1", None),
        ("m{a=\"\"} 1", &[("a", "")], "1", None),
        ("m{a=\"ä😀\"} 1", &[("a", "ä😀")], "1", None),
        ("m{\"a.b\"=\"c\"} 1", &[("a.b", "c")], "1", None),
        ("{\"m\",a=\"b\"} 1", &[("a", "b")], "1", None),
        ("{\"m\"} 1", &[], "1", None),
        ("m NaN", &[], "NaN", None),
        ("m +Inf -3982045", &[], "inf", Some(-3_982_045)),
        ("m -Inf", &[], "-inf", None),
        ("m 1.458255915e9", &[], "1458255915", None),
        ("m 0x1F", &[], "", None),
        ("m 3 1395066363000", &[], "3", Some(1_395_066_363_000)),
        ("m 17.0 # {trace_id=\"KOO5S4vxi0o\"} 0.67", &[], "17", None),
        ("m 1\r", &[], "1", None),
        ("   m 1", &[], "1", None),
    ] {
        let expected = (!value.is_empty()).then(|| {
            let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            (labels, value.to_owned(), timestamp)
        });
        assert_eq!(one(line), expected, "{line}");
    }
}

#[test]
fn a_name_is_wanted_whole_or_not_at_all() {
    let body = "m_total 1\nmm 2\nm 3\nm:rate 4\njob:m:rate5m{a=\"b\"} 5\n";
    let names = |names: &[&str]| scan(body, names, Dialect::Text).0.into_iter().map(|one| one.0).collect::<Vec<_>>();
    assert_eq!(names(&["m"]), ["m"]);
    assert_eq!(names(&["job:m:rate5m", "m:rate"]), ["m:rate", "job:m:rate5m"]);
    assert_eq!(names(&["", "zzz"]), Vec::<String>::new());
}

#[test]
fn what_is_odd_is_counted_and_the_rest_stands() {
    let body = "m 1\nm{a=\"b} 2\nm{a=b} 3\nm one\nm 1 2 3\nm{a=\"b\"c=\"d\"} 4\nm 5\n";
    let (told, ending) = scan(body, &["m"], Dialect::Text);
    assert_eq!(told.len(), 2);
    assert_eq!((ending.n_odd, ending.partial), (5, None));
    assert_eq!(ending.first_odd, Some(Clean::line("m{a=\"b} 2")));
}

#[test]
fn what_is_no_exposition_is_named() {
    for body in
        ["", "\n\n", "<!DOCTYPE html><html>", "  \n <html>", "{\"unexpected\":[1,2,3]}", "404 page not found", "[1]"]
    {
        let outcome = scan_in(body.as_bytes(), usize::MAX, &["m"], Dialect::Text);
        assert!(matches!(outcome, Err(Fault::Garbled { .. })), "{body}: {outcome:?}");
    }
}

#[test]
fn an_open_exposition_ends_with_its_end() {
    for (body, partial) in [
        ("m 1 1520879607.789\n# EOF\n", None),
        ("m 1 1520879607.789\n# EOF", None),
        ("m 1 1520879607.789\n", Some("it breaks off: `# EOF` is missing")),
    ] {
        let (told, ending) = scan(body, &["m"], Dialect::Open);
        assert_eq!(told[0].3, Some(1_520_879_607_789));
        assert_eq!(ending.partial, partial, "{body}");
    }
    let (told, _) = scan("m 1\n# EOF\nm 2\n", &["m"], Dialect::Open);
    assert_eq!(told.len(), 1, "what comes after the end is not of it");
    for (word, milliseconds) in [
        ("1", Some(1000)),
        ("-1.5", Some(-1500)),
        ("1.5e9", Some(1_500_000_000_000)),
        ("x", None),
        ("99999999999999999999", None),
    ] {
        assert_eq!(super::milliseconds(word, Dialect::Open), milliseconds, "{word}");
    }
}

#[test]
fn a_cut_text_says_that_it_is_cut() {
    let (told, ending) = scan("m 1\nm 2", &["m"], Dialect::Text);
    assert_eq!((told.len(), ending.partial), (2, Some("it ends in the middle of a line")));
}

#[test]
fn a_line_without_end_costs_no_memory() {
    let wanted = Wanted::new(["m"]);
    let mut scanner = Scanner::new(&wanted, Dialect::Text);
    let mut n_told = 0;
    let mut each = |_: &Sample<'_>| n_told += 1;
    scanner.feed(b"m 1\nm{a=\"", &mut each).unwrap();
    for _ in 0..64 {
        scanner.feed(&[b'x'; 100_000], &mut each).unwrap();
        assert!(scanner.rest.capacity() <= 2 * LONGEST_LINE);
    }
    scanner.feed(b"\nm 2\n", &mut each).unwrap();
    let ending = scanner.finish(&mut each).unwrap();
    assert_eq!((n_told, ending.n_odd > 0), (2, true));
}

/// Why prometheus-parse is not used: on these lines it is silently wrong, and we are not.
#[test]
fn the_given_parser_is_wrong_where_this_one_is_right() {
    for (line, label, value) in [
        (r#"m{a="C:\\DIR"} 1"#, "a", r"C:\DIR"),
        (r#"m{a="x,y"} 1"#, "a", "x,y"),
        (r#"m{a="x=y"} 1"#, "a", "x=y"),
        (r#"m{a="}"} 1"#, "a", "}"),
    ] {
        let lines = [format!("{line}\n")];
        let theirs = prometheus_parse::Scrape::parse(lines.iter().map(|line| Ok(line.clone()))).unwrap();
        let theirs = theirs.samples.first().and_then(|sample| sample.labels.get(label).map(str::to_owned));
        assert_ne!(theirs.as_deref(), Some(value), "{line}: mended upstream; think again");
        assert_eq!(one(line).unwrap().0, [(label.to_owned(), value.to_owned())]);
    }
    let page = ["<html>".to_owned()];
    assert!(prometheus_parse::Scrape::parse(page.iter().map(|line| Ok(line.clone()))).unwrap().samples.is_empty());
}

proptest! {
    #[test]
    fn where_the_pieces_are_cut_makes_no_difference(body in "(m|n|#| |\\{|\\}|\"|a=|,|1|\\\\|\n|\r|é){0,80}", size in 1_usize..9) {
        let body = format!("# start\n{body}");
        let whole = scan_in(body.as_bytes(), usize::MAX, &["m"], Dialect::Text);
        prop_assert_eq!(scan_in(body.as_bytes(), size, &["m"], Dialect::Text), whole);
    }

    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..200), size in 1_usize..20) {
        let _ = scan_in(&body, size, &["m", "n"], Dialect::Open);
    }

    #[test]
    fn a_label_survives_its_own_escaping(value in "\\PC{0,20}") {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let read = one(&format!("m{{a=\"{escaped}\"}} 1")).unwrap();
        prop_assert_eq!(&read.0[0].1, &value);
    }
}
