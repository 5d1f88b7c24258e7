//! The cockpit's loop: the only one that owns the terminal. One inbox, one order, frames only when something changed.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Rect;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::app::draw::draw;
use crate::app::effect::Effect;
use crate::app::layer::Layer;
use crate::app::message::{Happening, Message};
use crate::app::overlay::link_lines;
use crate::app::state::State;
use crate::app::update::update;
use crate::domain::clock::Clock;
use crate::runtime::clock::instant;
use crate::runtime::line::Line;
use crate::runtime::screen::Screen;
use crate::runtime::terminal;
use crate::text::lasting::listen;

/// The shortest time between two frames: thirty a second are enough for the eye, and kind to a bad line.
const FRAME: Duration = Duration::from_millis(33);

/// How often shown ages are looked at again. What has not changed its words is not written.
const TICK: Duration = Duration::from_secs(1);

/// Does what the machine asks of the world.
pub trait Perform {
    /// Starts an effect of a state. What comes of it arrives as a message.
    fn start(&mut self, effect: Effect, state: &State) -> Next;
}

/// How the loop goes on after an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// As before.
    On,
    /// With a terminal that may look like anything.
    Redraw,
    /// With this for the terminal, beside the picture.
    Write(Vec<u8>),
    /// Not at all.
    Quit,
}

/// Runs until somebody leaves.
///
/// # Errors
/// When the terminal can no longer be written to.
pub async fn run(
    mut state: State,
    mut inbox: mpsc::UnboundedReceiver<Happening>,
    mut perform: impl Perform,
    clock: Arc<dyn Clock>,
) -> io::Result<()> {
    let mut pen = Pen::start();
    let mut screen = Screen::new(state.size, terminal::erase());
    let mut next_frame = instant();
    let mut next_tick = instant() + TICK;
    // What is for the terminal and no picture waits for the pen as well: nothing here may wait for a terminal.
    let mut aside = Vec::new();
    loop {
        let due = state.changed && pen.is_free();
        let wake = if due { next_frame.min(next_tick) } else { next_tick };
        let first = tokio::select! {
            biased;
            happening = inbox.recv() => match happening {
                Some(happening) => Some(happening),
                None => return Ok(()),
            },
            written = pen.written() => {
                written?;
                None
            }
            () = sleep_until(wake) => None,
        };
        let mut effects = Vec::new();
        // A burst costs one frame: everything that has arrived is taken in before anything is drawn.
        let arrived = first.into_iter().chain(std::iter::from_fn(|| inbox.try_recv().ok()));
        for what in arrived.take(BURST) {
            effects.extend(update(&mut state, Message { now: clock.now(), what }));
        }
        let now = instant();
        if now >= next_tick {
            next_tick = now + TICK;
            effects.extend(update(&mut state, Message { now: clock.now(), what: Happening::Tick }));
        }
        for effect in effects {
            match perform.start(effect, &state) {
                Next::On => {}
                Next::Redraw => {
                    screen.forget();
                    state.changed = true;
                }
                Next::Write(bytes) => aside.extend(bytes),
                Next::Quit => {
                    pen.finish(aside).await;
                    return Ok(());
                }
            }
        }
        if state.changed && pen.is_free() && now >= next_frame {
            state.changed = false;
            let (frame, lasts) = listen(|| screen.frame(state.size, |area, buf| draw(&state, area, buf)));
            state.drawn(lasts.words.min(lasts.meaning));
            if let Some(mut bytes) = frame? {
                bytes.extend(hyperlink(&state));
                bytes.append(&mut aside);
                pen.write(bytes);
                next_frame = instant() + FRAME;
            }
        }
        if !aside.is_empty() && pen.is_free() {
            pen.write(std::mem::take(&mut aside));
        }
    }
}

/// The bytes that make a shown link one for the terminal's own hand (OSC 8). Its text is written over itself.
fn hyperlink(state: &State) -> Vec<u8> {
    let Some(Layer::Link { url }) = state.layers.last() else { return Vec::new() };
    let (area, lines) = link_lines(url, Rect::new(0, 0, state.size.0, state.size.1));
    let mut bytes = b"\x1b[0;4m".to_vec();
    for (n, line) in (3..).zip(&lines).take(usize::from(area.height.saturating_sub(4))) {
        let (row, column) = (area.y.saturating_add(n).saturating_sub(1), area.x.saturating_add(3));
        bytes.extend_from_slice(format!("\x1b[{row};{column}H\x1b]8;id=qd;{url}\x1b\\{line}\x1b]8;;\x1b\\").as_bytes());
    }
    bytes
}

/// How many messages one frame takes in at most, so that a flood of them cannot keep the screen from being drawn.
const BURST: usize = 1000;

/// Writes frames on a thread of its own: a slow line holds up frames, never keys. The next frame shows what is so when
/// the line has taken this one.
struct Pen {
    frames: std::sync::mpsc::Sender<Vec<u8>>,
    done: mpsc::UnboundedReceiver<io::Result<()>>,
    free: bool,
}

impl Pen {
    fn start() -> Self {
        let (frames, to_write) = std::sync::mpsc::channel::<Vec<u8>>();
        let (tell, done) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            let mut line = Line::ours();
            for bytes in to_write {
                let mut out = io::stdout();
                let written = out.write_all(&bytes).and_then(|()| out.flush());
                if written.is_ok() {
                    line.ready(bytes.len());
                }
                if tell.send(written).is_err() {
                    return;
                }
            }
        });
        Self { frames, done, free: true }
    }

    fn is_free(&self) -> bool {
        self.free
    }

    fn write(&mut self, bytes: Vec<u8>) {
        self.free = self.frames.send(bytes).is_err();
    }

    async fn written(&mut self) -> io::Result<()> {
        if self.free {
            return std::future::pending().await;
        }
        let result = self.done.recv().await;
        self.free = true;
        result.unwrap_or(Ok(()))
    }

    /// Waits a moment for the last frame and what is to be written after it, so that leaving does not cut them in two.
    async fn finish(mut self, last: Vec<u8>) {
        let patience: Instant = instant() + Duration::from_millis(200);
        let all = async {
            if !self.free {
                let _ = self.written().await;
            }
            if !last.is_empty() {
                self.write(last);
                let _ = self.written().await;
            }
        };
        tokio::select! {
            () = all => {}
            () = sleep_until(patience) => {}
        }
    }
}
