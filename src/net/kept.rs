//! Asking again only for what changed: what was understood is kept beside the marks its server put on it (`ETag`,
//! `Last-Modified`). Where the server answers 304, there is no body to read, and what was understood still stands.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::door::{Ask, Door, Flow, Reply};
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// How many questions of one source are kept: beyond, the oldest path goes.
const MOST: usize = 64;

/// The longest mark that is sent back. No honest one comes near.
const LONGEST: usize = 1024;

/// What was understood of the answers of one endpoint, per question.
pub struct Kept<T> {
    by_question: Mutex<BTreeMap<String, (Marks, T)>>,
}

/// What a server marked an answer with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Marks {
    etag: Option<String>,
    modified: Option<String>,
}

/// What came of a question that may find nothing new.
pub enum News<'k, T> {
    /// Nothing new: what was understood last time.
    Same(T),
    /// An answer to be read, and where to keep what is understood of it.
    Changed(Flow, Slot<'k, T>),
}

/// Where what was understood of one answer is to be kept.
pub struct Slot<'k, T> {
    kept: &'k Kept<T>,
    question: String,
    marks: Marks,
}

impl<T: Clone> Default for Kept<T> {
    fn default() -> Self {
        Self { by_question: Mutex::default() }
    }
}

impl<T: Clone> Kept<T> {
    /// Asks, and reads the answer where it is another than last time.
    ///
    /// # Errors
    /// What the door or the reader says. An answer that could not be read is asked for whole the next time.
    pub async fn ask(
        &self,
        door: &dyn Door,
        ask: Ask,
        read: impl FnOnce(&[u8]) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (ask, question, known) = self.prepare(ask);
        let reply: Reply = door.ask(ask).await?;
        if let (304, Some((_, understood))) = (reply.status, known) {
            return Ok(understood);
        }
        let slot = self.slot(question, reply.status, &reply.headers)?;
        let understood = read(&reply.body)?;
        slot.keep(understood.clone());
        Ok(understood)
    }

    /// The same for an answer that is read piece by piece.
    ///
    /// # Errors
    /// What the door says.
    pub async fn stream(&self, door: &dyn Door, ask: Ask) -> Result<News<'_, T>, Fault> {
        let (ask, question, known) = self.prepare(ask);
        let flow = door.stream(ask).await?;
        if let (304, Some((_, understood))) = (flow.status, known) {
            return Ok(News::Same(understood));
        }
        let slot = self.slot(question, flow.status, &flow.headers)?;
        Ok(News::Changed(flow, slot))
    }

    fn prepare(&self, mut ask: Ask) -> (Ask, String, Option<(Marks, T)>) {
        let question = format!("{}?{:?}", ask.path, ask.query);
        let known = self.by_question.lock().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
        if let Some((marks, _)) = &known {
            ask = ask.even(304);
            if let Some(etag) = &marks.etag {
                ask = ask.header("if-none-match", etag.clone());
            }
            if let Some(modified) = &marks.modified {
                ask = ask.header("if-modified-since", modified.clone());
            }
        }
        (ask, question, known)
    }

    /// Forgets what was understood: until the new answer is, the next question is for a whole one.
    fn slot(&self, question: String, status: u16, headers: &[(String, String)]) -> Result<Slot<'_, T>, Fault> {
        self.by_question.lock().unwrap_or_else(PoisonError::into_inner).remove(&question);
        if status == 304 {
            // Nobody asked whether anything changed.
            return Err(Fault::Refused { status, why: Clean::line("not modified, and nothing is known") });
        }
        Ok(Slot { kept: self, question, marks: Marks::of(headers) })
    }
}

impl<T> Slot<'_, T> {
    /// Keeps what was understood, where the server marked it.
    pub fn keep(self, understood: T) {
        if self.marks == Marks::default() {
            return;
        }
        let mut kept = self.kept.by_question.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.pop_first();
        }
        kept.insert(self.question, (self.marks, understood));
    }
}

impl Marks {
    fn of(headers: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let (_, value) = headers.iter().find(|(header, _)| header == name)?;
            let is_fit = !value.is_empty() && value.len() <= LONGEST && value.bytes().all(|byte| byte >= b' ');
            is_fit.then(|| value.clone())
        };
        Self { etag: value("etag"), modified: value("last-modified") }
    }
}
