//! A line a person types into: letters, corrections, paste. Graphemes stay whole.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

use crate::text::clean::Clean;

/// A line being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// What stands before the cursor, grapheme by grapheme.
    before: Vec<String>,
    /// What stands after it.
    after: Vec<String>,
}

/// The longest line anybody types.
const LONGEST: usize = 200;

/// What a key did to the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// It changed, or the cursor moved.
    Changed,
    /// It is finished.
    Entered,
    /// It is given up.
    Left,
    /// The key is none of its own.
    Passed,
}

impl Prompt {
    /// A line with a text in it, the cursor behind.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut prompt = Self::default();
        prompt.paste(text);
        prompt
    }

    /// The whole line.
    #[must_use]
    pub fn text(&self) -> String {
        self.before.concat() + &self.after.concat()
    }

    /// What stands before the cursor, and after it.
    #[must_use]
    pub fn parts(&self) -> (String, String) {
        (self.before.concat(), self.after.concat())
    }

    /// Puts text in at the cursor, made harmless.
    pub fn paste(&mut self, text: &str) {
        let clean = Clean::line(text);
        for grapheme in clean.as_str().graphemes(true) {
            if self.before.len() + self.after.len() < LONGEST {
                self.before.push(grapheme.to_owned());
            }
        }
    }

    /// Takes a key.
    pub fn key(&mut self, event: &KeyEvent) -> Typed {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        match event.code {
            KeyCode::Enter => return Typed::Entered,
            KeyCode::Esc => return Typed::Left,
            KeyCode::Backspace if self.before.is_empty() && self.after.is_empty() => return Typed::Left,
            KeyCode::Backspace => drop(self.before.pop()),
            KeyCode::Delete if !self.after.is_empty() => drop(self.after.remove(0)),
            KeyCode::Left => self.after.splice(0..0, self.before.pop()).for_each(drop),
            KeyCode::Right if !self.after.is_empty() => self.before.push(self.after.remove(0)),
            KeyCode::Home => drop(self.after.splice(0..0, std::mem::take(&mut self.before))),
            KeyCode::End => self.before.append(&mut self.after),
            KeyCode::Char('a') if control => drop(self.after.splice(0..0, std::mem::take(&mut self.before))),
            KeyCode::Char('e') if control => self.before.append(&mut self.after),
            KeyCode::Char('u') if control => self.before.clear(),
            KeyCode::Char('w') if control => {
                while self.before.last().is_some_and(|last| last == " ") {
                    self.before.pop();
                }
                while self.before.last().is_some_and(|last| last != " ") {
                    self.before.pop();
                }
            }
            KeyCode::Char(c) if !control && !event.modifiers.contains(KeyModifiers::ALT) => {
                self.paste(c.encode_utf8(&mut [0; 4]));
                // A cleaned blank at the end of a line would be lost; typed ones are meant.
                if c == ' ' && self.before.last().is_none_or(|last| last != " ") {
                    self.before.push(" ".to_owned());
                }
            }
            _ => return Typed::Passed,
        }
        Typed::Changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[KeyCode]) -> String {
        let mut prompt = Prompt::default();
        for code in keys {
            prompt.key(&KeyEvent::new(*code, KeyModifiers::NONE));
        }
        prompt.text()
    }

    #[test]
    fn letters_go_in_at_the_cursor_and_come_out_again() {
        use KeyCode::{Backspace, Char, Delete, End, Home, Left};
        assert_eq!(typed(&[Char('a'), Char('c'), Left, Char('b'), End, Char('d')]), "abcd");
        assert_eq!(typed(&[Char('a'), Char('b'), Backspace]), "a");
        assert_eq!(typed(&[Char('a'), Char('b'), Home, Delete]), "b");
        assert_eq!(typed(&[Char('a'), Char(' '), Char('b')]), "a b");
    }

    #[test]
    fn pasted_text_is_harmless_and_bounded() {
        let prompt = Prompt::of(&format!("\u{1b}[31mred\n{}", "x".repeat(5000)));
        assert!(!prompt.text().contains('\u{1b}'));
        assert!(prompt.text().chars().count() <= LONGEST);
    }
}
