//! What operators make of two values.

use std::rc::Rc;

use super::Worth;

/// How deep values may nest.
pub const DEEP: usize = 100;
/// How long a text or a list may get.
pub const LONG: usize = 64 << 10;

/// Two values joined by an operator; none where it does not join such values here.
pub fn join(mark: &str, left: &Rc<Worth>, right: &Rc<Worth>, deep: usize) -> Option<Worth> {
    match (mark, &**left, &**right) {
        ("//" | "⫽", Worth::Record(a), Worth::Record(b)) => {
            let both = a.iter().chain(b).map(|(name, value)| (name.clone(), Rc::clone(value)));
            Some(Worth::Record(both.collect()))
        }
        ("/\\" | "∧", Worth::Record(a), Worth::Record(b)) if deep < DEEP => {
            let mut both = a.clone();
            for (name, value) in b {
                let value = match both.get(name) {
                    Some(already) => Rc::new(join(mark, already, value, deep + 1)?),
                    None => Rc::clone(value),
                };
                both.insert(name.clone(), value);
            }
            Some(Worth::Record(both))
        }
        ("#", Worth::List(a), Worth::List(b)) if a.len() + b.len() <= LONG => {
            Some(Worth::List(a.iter().chain(b).map(Rc::clone).collect()))
        }
        ("++", Worth::Text(a), Worth::Text(b)) if a.len() + b.len() <= LONG => Some(Worth::Text(format!("{a}{b}"))),
        ("&&", Worth::Flag(a), Worth::Flag(b)) => Some(Worth::Flag(*a && *b)),
        ("||", Worth::Flag(a), Worth::Flag(b)) => Some(Worth::Flag(*a || *b)),
        ("==", Worth::Flag(a), Worth::Flag(b)) => Some(Worth::Flag(a == b)),
        ("!=", Worth::Flag(a), Worth::Flag(b)) => Some(Worth::Flag(a != b)),
        ("//\\\\" | "⩓", Worth::Type, Worth::Type) => Some(Worth::Type),
        _ => None,
    }
}
