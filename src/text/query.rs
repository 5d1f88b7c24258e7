//! What is typed behind `/`: words, `key:value` terms and their opposites, asked of any table's rows.
//!
//! | typed | keeps the rows |
//! | --- | --- |
//! | `acme` | in which some name has these letters in this order, or some longer text has them side by side |
//! | `"two words"` | in which some cell has just this |
//! | `sev:critical` | whose column named so, or beginning so, has this |
//! | `sev:critical,warning` | that have either |
//! | `plan:=saas` | whose cell is this and no more |
//! | `behind:>3` `left:<14d` | whose number is so; a bare number means days where the cell is a duration |
//! | `-plan:saas` `!kube` | that the rest of the term does not keep |
//!
//! All terms must agree. Case doesn't count. What is unfinished is ignored, what is no column's key is looked for as it stands.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::fuzzy::Needle;

/// Terms that are looked at; nobody types more.
const MOST_TERMS: usize = 32;

/// What was typed, understood as far as that goes without knowing the table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq)]
struct Term {
    negated: bool,
    key: Option<String>,
    /// The whole term as a text, should its key be no column's.
    literal: Needle,
    tests: Vec<Test>,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Has(Needle),
    Compare { wanted: [Ordering; 2], than: Amount },
}

impl Query {
    /// Understands any text at all.
    #[must_use]
    pub fn parse(typed: &str) -> Self {
        Self { terms: tokens(typed).iter().filter_map(|token| term(token)).take(MOST_TERMS).collect() }
    }

    /// Whether every row is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The query for a table with these columns. Done once; asking a row costs little after that.
    #[must_use]
    pub fn over(&self, columns: &[&str]) -> Filter {
        let mut unknown = Vec::new();
        let bind = |term: &Term| {
            let Some(key) = &term.key else {
                return Bound { negated: term.negated, columns: None, tests: term.tests.clone() };
            };
            let found = resolve(key, columns);
            if found.is_empty() {
                unknown.push(key.clone());
                return Bound { negated: term.negated, columns: None, tests: vec![Test::Has(term.literal.clone())] };
            }
            Bound { negated: term.negated, columns: Some(found), tests: term.tests.clone() }
        };
        let terms = self.terms.iter().map(bind).collect();
        Filter { terms, unknown, n_columns: columns.len() }
    }
}

/// A query bound to the columns of one table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    terms: Vec<Bound>,
    unknown: Vec<String>,
    n_columns: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Bound {
    negated: bool,
    /// None: any column.
    columns: Option<Vec<usize>>,
    tests: Vec<Test>,
}

impl Filter {
    /// Keys that no column has.
    #[must_use]
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Whether a row is kept. `cell` gives the text of a column by its place; each is asked for once at most.
    pub fn keeps<'r>(&self, cell: impl Fn(usize) -> Cow<'r, str>) -> bool {
        self.score(cell).is_some()
    }

    /// How well a row is matched; none if it isn't kept.
    pub fn score<'r>(&self, cell: impl Fn(usize) -> Cow<'r, str>) -> Option<u32> {
        let mut best = [None::<u32>; MOST_TERMS];
        for column in 0..self.n_columns {
            let mut text = None;
            for (term, best) in self.terms.iter().zip(&mut best).filter(|(term, _)| term.asks(column)) {
                let found = term.score(text.get_or_insert_with(|| cell(column)));
                if term.negated && found.is_some() {
                    return None;
                }
                *best = found.max(*best);
            }
        }
        self.terms
            .iter()
            .zip(best)
            .filter(|(term, _)| !term.negated)
            .try_fold(0, |sum: u32, (_, best)| Some(sum.saturating_add(best?)))
    }

    /// Which graphemes of a cell to show as found, in order.
    #[must_use]
    pub fn spots(&self, column: usize, text: &str) -> Vec<usize> {
        let terms = self.terms.iter().filter(|term| !term.negated && term.asks(column));
        let needles = terms.flat_map(|term| &term.tests).filter_map(|test| match test {
            Test::Has(needle) => Some(needle),
            Test::Compare { .. } => None,
        });
        let mut spots: Vec<usize> = needles.filter_map(|needle| needle.spots(text)).flatten().collect();
        spots.sort_unstable();
        spots.dedup();
        spots
    }
}

impl Bound {
    fn asks(&self, column: usize) -> bool {
        self.columns.as_ref().is_none_or(|columns| columns.contains(&column))
    }

    fn score(&self, text: &str) -> Option<u32> {
        self.tests.iter().filter_map(|test| test.score(text)).max()
    }
}

impl Test {
    fn score(&self, text: &str) -> Option<u32> {
        match self {
            Self::Has(needle) => needle.score(text),
            Self::Compare { wanted, than } => wanted.contains(&Amount::read(text)?.against(*than)?).then_some(0),
        }
    }
}

/// A number as tables show it, perhaps of time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Amount {
    number: f64,
    /// Seconds in its unit, if that is one of time.
    unit: Option<f64>,
}

const DAY: f64 = 86_400.0;

impl Amount {
    /// The number a text begins with: `1,240`, `-14`, `12 d`, `96 %`, `< 1 s`.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim_start_matches(['<', ' ']);
        let belongs = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+');
        let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
        let (digits, rest) = text.split_at_checked(end)?;
        let number = digits.replace(',', "").parse().ok()?;
        let unit = rest.trim_start().split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        let unit = match unit {
            "s" => Some(1.0),
            "m" | "min" => Some(60.0),
            "h" => Some(3600.0),
            "d" => Some(DAY),
            "w" => Some(7.0 * DAY),
            "y" => Some(365.0 * DAY),
            _ => None,
        };
        Some(Self { number, unit })
    }

    /// None if the two can't be compared: a time and something that is none.
    fn against(self, than: Self) -> Option<Ordering> {
        let (mine, other) = match (self.unit, than.unit) {
            (Some(mine), other) => (self.number * mine, than.number * other.unwrap_or(DAY)),
            (None, None) => (self.number, than.number),
            (None, Some(_)) => return None,
        };
        mine.partial_cmp(&other)
    }
}

/// The columns a key names: the one called so, or else those that begin so.
fn resolve(key: &str, columns: &[&str]) -> Vec<usize> {
    let fold = |name: &str| name.to_lowercase().replace(['-', ' '], "_");
    let key = fold(key);
    let which = |is: &dyn Fn(&str) -> bool| {
        columns.iter().enumerate().filter(|(_, name)| is(&fold(name))).map(|(at, _)| at).collect::<Vec<_>>()
    };
    let exact = which(&|name| name == key);
    if exact.is_empty() { which(&|name| name.starts_with(&key)) } else { exact }
}

/// A character, and whether it was quoted.
type Typed = (char, bool);

/// What blanks divide, unless they are quoted. A quote that isn't closed goes to the end.
fn tokens(typed: &str) -> Vec<Vec<Typed>> {
    let mut tokens = vec![Vec::new()];
    let mut quoted = false;
    for c in typed.chars() {
        match (c, tokens.last_mut()) {
            ('"', _) => quoted = !quoted,
            (c, _) if c.is_whitespace() && !quoted => tokens.push(Vec::new()),
            (c, Some(token)) => token.push((c, quoted)),
            (_, None) => {}
        }
    }
    tokens
}

fn term(token: &[Typed]) -> Option<Term> {
    let (negated, token) = match token {
        [('-' | '!', false), rest @ ..] => (true, rest),
        all => (false, all),
    };
    let colon = token.iter().position(|typed| *typed == (':', false));
    let (key, value) = match colon.and_then(|at| token.split_at_checked(at)) {
        Some((key, [_, value @ ..])) if is_key(key) => (Some(plain(key)), value),
        _ => (None, token),
    };
    let tests: Vec<Test> = match key {
        // The opposite of a loose match would leave out half of everything.
        None => vec![has(value, !negated)?],
        Some(_) => value.split(|typed| *typed == (',', false)).filter_map(test).collect(),
    };
    (!tests.is_empty()).then(|| Term { negated, key, literal: Needle::tight(&plain(token)), tests })
}

fn is_key(typed: &[Typed]) -> bool {
    matches!(typed, [(first, false), ..] if first.is_alphabetic())
        && typed.iter().all(|(c, quoted)| !quoted && (c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))
}

/// One of the values of a `key:value` term.
fn test(value: &[Typed]) -> Option<Test> {
    let compare = |wanted, than: &[Typed]| Amount::read(&plain(than)).map(|than| Test::Compare { wanted, than });
    match value {
        [('>', false), ('=', false), than @ ..] => compare([Ordering::Greater, Ordering::Equal], than),
        [('<', false), ('=', false), than @ ..] => compare([Ordering::Less, Ordering::Equal], than),
        [('>', false), than @ ..] => compare([Ordering::Greater; 2], than),
        [('<', false), than @ ..] => compare([Ordering::Less; 2], than),
        [('=', false), whole @ ..] => (!whole.is_empty()).then(|| Test::Has(Needle::whole(&plain(whole)))),
        value => has(value, false),
    }
}

fn has(value: &[Typed], loosely: bool) -> Option<Test> {
    let text = plain(value);
    let loosely = loosely && !value.iter().any(|(_, quoted)| *quoted);
    (!text.is_empty()).then(|| Test::Has(if loosely { Needle::loose_in_names(&text) } else { Needle::tight(&text) }))
}

fn plain(typed: &[Typed]) -> String {
    typed.iter().map(|(c, _)| c).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COLUMNS: &[&str] = &["installation", "plan", "severity", "what", "behind", "left", "state", "stage"];
    const ROWS: &[&[&str]] = &[
        &["acme", "on-prem", "critical", "KubePersistentVolumeFillingUp", "1,240", "12 d", "up", "two words"],
        &["globex", "saas", "warning", "deploy/meshfed-api: 2 of 3", "3", "3 h 10", "down", "words two"],
        &["acme-saas", "saas", "info", "backup older than its schedule", "?", "-14 d", "upper", ""],
    ];

    fn kept(typed: &str) -> Vec<usize> {
        let filter = Query::parse(typed).over(COLUMNS);
        (0..ROWS.len()).filter(|row| filter.keeps(|column| ROWS[*row][column].into())).collect()
    }

    #[test]
    fn terms_keep_what_they_say() {
        for (typed, rows) in [
            ("", &[0usize, 1, 2][..]),
            ("   ", &[0, 1, 2]),
            ("acme", &[0, 2]),
            ("ACME crit", &[0]),
            ("kpv", &[0]),
            ("sev:critical", &[0]),
            ("SEV:Crit", &[0]),
            ("severity:critical,info", &[0, 2]),
            ("plan:saas", &[1, 2]),
            ("-plan:saas", &[0]),
            ("!plan:saas acme", &[0]),
            ("!kube", &[1, 2]),
            ("-saas", &[0]),
            ("\"two words\"", &[0]),
            ("stage:\"two words\"", &[0]),
            ("-\"two words\" -info", &[1]),
            ("\"two wor", &[0]),
            ("state:up", &[0, 2]),
            ("state:=up", &[0]),
            ("st:up", &[0, 2]), // either of two columns that begin so
            ("st:words", &[0, 1]),
            ("installation:acme", &[0, 2]),
            ("installation:=acme", &[0]),
            ("behind:>3", &[0]),
            ("behind:>=3", &[0, 1]),
            ("behind:<4", &[1]),
            ("left:<14d", &[0, 1, 2]),
            ("left:<1", &[1, 2]),
            ("left:<4h", &[1, 2]),
            ("left:>=12 left:<0", &[]),
            ("-behind:>0", &[2]),
            ("behind:>", &[0, 1, 2]), // unfinished
            ("sev:", &[0, 1, 2]),
            ("-", &[0, 1, 2]),
            ("!", &[0, 1, 2]),
            ("\"", &[0, 1, 2]),
            ("sev:,", &[0, 1, 2]),
            ("sev:=", &[0, 1, 2]),
            ("deploy/meshfed-api:", &[1]), // no key: it has a slash
            ("api:2", &[]),                // no column: looked for as it stands
            (":", &[1]),
            ("nothing", &[]),
        ] {
            assert_eq!(kept(typed), rows, "{typed}");
        }
    }

    #[test]
    fn keys_of_no_column_are_told() {
        let filter = Query::parse("sevv:critical plan:saas image:1.2").over(COLUMNS);
        assert_eq!(filter.unknown(), ["sevv", "image"]);
        assert!(
            filter.keeps(|column| ["sevv:critical", "saas", "x/image:1.2"].get(column).copied().unwrap_or("").into())
        );
    }

    #[test]
    fn what_was_found_can_be_shown() {
        let filter = Query::parse("acme sev:crit -saas \"me\"").over(COLUMNS);
        assert_eq!(filter.spots(0, "acme"), [0, 1, 2, 3]);
        assert_eq!(filter.spots(2, "critical"), [0, 1, 2, 3]);
        assert_eq!(filter.spots(1, "saas"), [0usize; 0]);
        assert!(Query::parse("").is_empty() && !Query::parse("a").is_empty());
    }

    #[test]
    fn a_better_match_scores_higher() {
        let filter = Query::parse("prod").over(&["where"]);
        let score = |text: &'static str| filter.score(|_| text.into());
        assert!(score("acme/production") > score("pirates/only/dead"));
        assert_eq!(score("acme/staging"), None);
    }

    #[test]
    fn no_cell_is_asked_for_twice_and_none_in_vain() {
        let asked = std::cell::RefCell::new(Vec::new());
        let filter = Query::parse("plan:saas -plan:x severity:info").over(COLUMNS);
        assert!(filter.keeps(|column| {
            asked.borrow_mut().push(column);
            ROWS[2][column].into()
        }));
        assert_eq!(asked.into_inner(), [1, 2]);
    }

    proptest! {
        #[test]
        fn anything_can_be_typed(typed in "(\\PC|[-!:\",=<> a-z0-9]){0,120}", text in "\\PC{0,80}") {
            let filter = Query::parse(&typed).over(COLUMNS);
            let _ = filter.score(|_| text.as_str().into());
            let n = text.chars().count();
            prop_assert!(filter.spots(3, &text).iter().all(|at| *at < n));
        }

        #[test]
        fn a_term_and_its_opposite_share_the_rows(
            term in "(sev|plan|what|nokey|behind):(=|>|<)?[a-c0-9]{1,2}|\"[a-c ]{1,2}\"",
            rows in prop::collection::vec(prop::collection::vec("[a-c0-9 ]{0,6}", 8), 0..8),
        ) {
            let (one, other) = (Query::parse(&term).over(COLUMNS), Query::parse(&format!("-{term}")).over(COLUMNS));
            for row in rows {
                let cell = |column: usize| Cow::from(row[column].clone());
                // An unfinished term is no term, and keeps all both ways.
                if !Query::parse(&term).is_empty() && !term.trim_matches('"').trim().is_empty() {
                    prop_assert_ne!(one.keeps(cell), other.keeps(cell), "{} on {:?}", term, row);
                }
            }
        }
    }
}
