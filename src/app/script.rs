//! A script the cockpit plays: keys, waits and words, line by line. The demo's tour is one, and the pictures are its stills.

use chrono::TimeDelta;
use crossterm::event::KeyEvent;

use crate::domain::clock::Moment;
use crate::ui::keymap::Chord;

/// Everything a script says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// When it begins.
    pub start: Option<Moment>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A few words to who watches.
    Say(String),
    /// A key is pressed.
    Press(KeyEvent),
    /// So much time passes, and everybody is asked again.
    Wait(TimeDelta),
    /// The terminal gets another size.
    Size(u16, u16),
    /// What is on screen is kept under this name.
    Picture(String),
}

impl Script {
    /// Reads a script: `start TIME`, `size 120x36`, `say WORDS`, `press KEYS`, `type TEXT`, `wait 20m`, `picture NAME`; what
    /// follows a `#` at the begin of a line is for readers.
    ///
    /// # Errors
    /// The first line that is none of that, with its number.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut script = Self::default();
        for (n, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                script.line(line).map_err(|why| format!("line {}: {why}", n + 1))?;
            }
        }
        Ok(script)
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "start" => self.start = Some(rest.parse().map_err(|_| format!("`{rest}` is no time of RFC 3339"))?),
            "size" => {
                let size = rest.split_once('x').and_then(|(wide, high)| Some((wide.parse().ok()?, high.parse().ok()?)));
                let (wide, high) = size.ok_or_else(|| format!("`{rest}` is no size such as `120x36`"))?;
                self.steps.push(Step::Size(wide, high));
            }
            "say" => self.steps.push(Step::Say(rest.to_owned())),
            "press" => {
                for key in rest.split_whitespace() {
                    self.steps.push(Step::Press(Chord::read(key)?.event()));
                }
            }
            "type" => {
                for c in rest.chars() {
                    let name = if c == ' ' { "space".to_owned() } else { c.to_string() };
                    self.steps.push(Step::Press(Chord::read(&name)?.event()));
                }
            }
            "wait" => {
                self.steps.push(Step::Wait(span(rest).ok_or_else(|| format!("`{rest}` is no span such as `20m`"))?))
            }
            "picture" => {
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                if rest.is_empty() || !rest.chars().all(plain) {
                    return Err(format!("`{rest}` is no name: small letters, digits and `-`"));
                }
                self.steps.push(Step::Picture(rest.to_owned()));
            }
            other => return Err(format!("`{other}` is nothing a script knows")),
        }
        Ok(())
    }
}

fn span(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().last()?;
    let amount: i64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    match unit {
        's' => TimeDelta::try_seconds(amount),
        'm' => TimeDelta::try_minutes(amount),
        'h' => TimeDelta::try_hours(amount),
        'd' => TimeDelta::try_days(amount),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    #[test]
    fn a_script_is_read_line_by_line() {
        let text = "# a tour\nstart 2026-11-20T23:40:00+01:00\n\nsize 80x24\npress 3 enter ctrl-p\ntype a b\nwait 20m\n\
                    say Look here.\npicture one-more";
        let script = Script::read(text).unwrap();
        let key = |code, held| Step::Press(KeyEvent::new(code, held));
        let plain = KeyModifiers::NONE;
        assert_eq!(script.start, Some("2026-11-20T22:40:00Z".parse().unwrap()));
        assert_eq!(
            script.steps,
            [
                Step::Size(80, 24),
                key(KeyCode::Char('3'), plain),
                key(KeyCode::Enter, plain),
                key(KeyCode::Char('p'), KeyModifiers::CONTROL),
                key(KeyCode::Char('a'), plain),
                key(KeyCode::Char(' '), plain),
                key(KeyCode::Char('b'), plain),
                Step::Wait(TimeDelta::minutes(20)),
                Step::Say("Look here.".to_owned()),
                Step::Picture("one-more".to_owned()),
            ]
        );
    }

    #[test]
    fn a_line_that_says_nothing_is_told_with_its_number() {
        for wrong in
            ["start now", "size 80", "press super-x", "wait long", "wait 5é", "picture ../x", "picture", "jump"]
        {
            let why = Script::read(&format!("# first\n{wrong}")).unwrap_err();
            assert!(why.starts_with("line 2: "), "{wrong}: {why}");
        }
    }
}
