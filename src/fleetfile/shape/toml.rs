//! TOML to a tree: all its mistakes at once, and what is sound between them.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{DEEPEST, Item, Mistakes, Node, Table, Value};
use crate::diagnostic::Span;

/// Dots in one line from which on it is looked at whether a key nests too deep.
const MANY_DOTS: usize = 300;
/// Dots in one line from which on the parser gets a stack of its own: a dotted key nests a table per dot.
const SOME_DOTS: usize = 24;
/// That stack.
const STACK: usize = 256 << 20;

pub(super) fn read(text: &str, mistakes: &mut Mistakes<'_>) -> Node {
    let nothing = Node { span: Span { start: 0, end: 0 }, value: Value::Table(Table::default()) };
    let mut start = 0;
    let mut most = 0;
    for line in text.split_inclusive('\n') {
        let n_dots = memchr::memchr_iter(b'.', line.as_bytes()).count();
        if n_dots > MANY_DOTS {
            let span = Span { start, end: start + line.trim_end().len() };
            mistakes.note(span, format!("a line with {n_dots} dots: no fleet file nests so deep"), None);
            return nothing;
        }
        most = most.max(n_dots);
        start += line.len();
    }
    if most <= SOME_DOTS {
        return parse(text, mistakes);
    }
    std::thread::scope(|scope| {
        let deep = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || parse(text, mistakes));
        deep.ok().and_then(|thread| thread.join().ok())
    })
    .unwrap_or(nothing)
}

fn parse(text: &str, mistakes: &mut Mistakes<'_>) -> Node {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().map_or(Span { start: 0, end: 0 }, Span::from);
        mistakes.note(span, error.message().trim(), None);
    }
    let span = root.span().into();
    let value = Value::Table(table(root.get_ref(), 1, mistakes));
    Node { span: mistakes.within(span), value }
}

fn table(from: &DeTable<'_>, depth: usize, mistakes: &mut Mistakes<'_>) -> Table {
    let mut items = Vec::with_capacity(from.len());
    for (key, value) in from {
        let span = mistakes.within(key.span().into());
        if let Some(node) = node(value, span, depth, mistakes) {
            items.push(Item { key: key.get_ref().as_ref().into(), span, node });
        }
    }
    Table::new(items)
}

fn node(from: &Spanned<DeValue<'_>>, key: Span, depth: usize, mistakes: &mut Mistakes<'_>) -> Option<Node> {
    let span = mistakes.within(from.span().into());
    // A table that only dotted keys or the headers below it speak of has no place but its key's.
    let span = if span.start == span.end { key } else { span };
    let deep = |mistakes: &mut Mistakes<'_>| {
        let fits = depth < DEEPEST;
        if !fits {
            mistakes.note(key, format!("more than {DEEPEST} levels deep"), None);
        }
        fits
    };
    let value = match from.get_ref() {
        DeValue::String(text) => Value::Text(text.as_ref().into()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(whole) => Value::Whole(whole),
            Err(_) => Value::Broken(f64::INFINITY),
        },
        DeValue::Float(number) => Value::Broken(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(dated) => Value::Dated(dated.to_string().into()),
        DeValue::Array(list) if deep(mistakes) => Value::List(
            list.iter()
                .filter_map(|item| node(item, mistakes.within(item.span().into()), depth + 1, mistakes))
                .collect(),
        ),
        DeValue::Table(inner) if deep(mistakes) => Value::Table(table(inner, depth + 1, mistakes)),
        DeValue::Array(_) | DeValue::Table(_) => return None,
    };
    Some(Node { span, value })
}
