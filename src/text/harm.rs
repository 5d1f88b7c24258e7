//! Which characters and sequences of an outside text can do harm on a terminal, in a clipboard or in a log.

use std::str::Chars;

/// What becomes of one character of an outside text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Harmless: stays as it is.
    Plain,
    /// A blank of any kind but the ideographic one: becomes one plain blank.
    Blank,
    /// Ends a line.
    Break,
    /// Begins an escape sequence, in its seven-bit or eight-bit form.
    Escape(Start),
    /// The zero-width joiner: only of use between two parts of one emoji.
    Joiner,
    /// Draws whatever a font likes (private use): a replacement character tells that something was there.
    Strange,
    /// Controls, direction overrides, invisible characters: vanish.
    Harmful,
}

/// How an escape sequence begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// The escape character itself; what follows says which kind it is.
    Escape,
    /// A control sequence: parameters and one final letter.
    Control,
    /// A string (title, link, clipboard, device control) up to its terminator.
    Text,
}

/// Sorts one character.
pub(super) fn class(c: char) -> Class {
    match c {
        '\u{20}'..='\u{7e}' => Class::Plain,
        '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => Class::Blank,
        '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Class::Break,
        '\u{1b}' => Class::Escape(Start::Escape),
        '\u{9b}' => Class::Escape(Start::Control),
        '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => Class::Escape(Start::Text),
        '\u{200d}' => Class::Joiner,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => Class::Strange,
        c if c.is_control() || is_invisible(c) => Class::Harmful,
        _ => Class::Plain,
    }
}

/// Characters that are told to be ignored, turn the direction of others, or are none at all. The two variation selectors
/// that choose between the text and the picture of an emoji are not among them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        // Signs that draw themselves around the number after them, however long that is.
        | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{110bd}' | '\u{110cd}'
        // Zero-width blanks; direction marks, embeddings, overrides and isolates.
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{61c}' | '\u{feff}'
        | '\u{3164}' | '\u{ffa0}' | '\u{fe00}'..='\u{fe0d}' | '\u{fff0}'..='\u{fffc}' | '\u{fdd0}'..='\u{fdef}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{effff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Leaves out the rest of an escape sequence. A sequence that is cut off, or broken by something that can't belong to
/// it, ends there: what follows is text again.
pub(super) fn skip(start: Start, rest: &mut Chars<'_>) {
    match start {
        Start::Escape => skip_escape(rest),
        Start::Control => skip_control(rest),
        Start::Text => skip_text(rest),
    }
}

fn skip_escape(rest: &mut Chars<'_>) {
    match peek(rest) {
        Some('[') => {
            rest.next();
            skip_control(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            rest.next();
            skip_text(rest);
        }
        Some(' '..='/') => {
            skip_while(rest, |c| matches!(c, ' '..='/'));
            skip_one(rest, |c| matches!(c, '0'..='~'));
        }
        Some('0'..='~') => {
            rest.next();
        }
        _ => {}
    }
}

fn skip_control(rest: &mut Chars<'_>) {
    skip_while(rest, |c| matches!(c, '0'..='?'));
    skip_while(rest, |c| matches!(c, ' '..='/'));
    skip_one(rest, |c| matches!(c, '@'..='~'));
}

fn skip_text(rest: &mut Chars<'_>) {
    while let Some(c) = peek(rest) {
        match c {
            '\u{7}' | '\u{18}' | '\u{1a}' | '\u{9c}' => {
                rest.next();
                return;
            }
            '\u{1b}' => {
                let mut after = rest.clone();
                after.next();
                if peek(&after) == Some('\\') {
                    after.next();
                    *rest = after;
                }
                return;
            }
            // A line break or the start of another sequence: this one was cut off.
            c if matches!(class(c), Class::Break | Class::Escape(_)) => return,
            _ => {
                rest.next();
            }
        }
    }
}

fn peek(rest: &Chars<'_>) -> Option<char> {
    rest.clone().next()
}

fn skip_one(rest: &mut Chars<'_>, belongs: impl Fn(char) -> bool) {
    if peek(rest).is_some_and(belongs) {
        rest.next();
    }
}

fn skip_while(rest: &mut Chars<'_>, belongs: impl Fn(char) -> bool) {
    while peek(rest).is_some_and(&belongs) {
        rest.next();
    }
}
