//! JSON: one object a view, in the shape people script against.

use serde::Serialize;

use crate::domain::clock::Moment;
use crate::export::{Format, Sheet, Written};
use crate::text::clean::Clean;
use crate::views::Visit;
use crate::views::board::{Header, SourceCount};
use crate::views::rows::{Rows, View};

/// For programs.
pub static FORMAT: Format = Format { name: "json", about: "for programs", only: None, write };

/// The version of the shape.
pub const SCHEMA: &str = "quarterdeck/v1";

#[derive(Serialize)]
struct Envelope<'a, R> {
    schema: &'static str,
    view: &'static str,
    fleet: &'a str,
    access: &'a str,
    judged_at: Moment,
    zone: &'static str,
    sources: SourceCount,
    rows: Vec<&'a R>,
}

struct Write<'a> {
    header: &'a Header,
}

impl Visit for Write<'_> {
    type Out = serde_json::Result<String>;

    fn see<R: View>(self, rows: &Rows<R>) -> Self::Out {
        serde_json::to_string_pretty(&Envelope {
            schema: SCHEMA,
            view: R::NAME,
            fleet: &self.header.fleet,
            access: &self.header.access,
            judged_at: self.header.judged_at,
            zone: self.header.zone().name(),
            sources: self.header.sources,
            rows: rows.ordered(),
        })
    }
}

/// A view as one JSON object, with a line end.
fn write(sheet: &Sheet<'_>) -> Written {
    let text = sheet.board.views.visit(sheet.view, Write { header: &sheet.board.header });
    text.map(|text| text + "\n").map_err(|error| Clean::line(&error.to_string()))
}
