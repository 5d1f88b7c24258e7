//! Assurance as a heat map: the five streams of every installation, each as good as its worst signal.

use crate::domain::level::Level;
use crate::domain::planned::Stream;
use crate::ui::panes::matrix::{Kind, Matrix};
use crate::views::assurance::Row;
use crate::views::cell::place;
use crate::views::column::Tone;
use crate::views::lens::Lens;

/// The matrix of assurance.
#[must_use]
pub fn matrix() -> Matrix<Row> {
    Matrix::of(&ASSURANCE)
}

static ASSURANCE: Kind<Row> = Kind {
    column: |row| {
        (Stream::ALL.iter().position(|stream| *stream == row.stream).unwrap_or(Stream::ALL.len()), row.stream.word())
    },
    cell: |row| format!("{} {}", row.signal, row.value.as_deref().unwrap_or("")).into(),
    brief: |row| if row.state == Level::Ok { "" } else { row.value.as_deref().unwrap_or_default() }.into(),
    short: |_| String::new(),
    about,
    beside: None,
    says: "five streams, worst first",
    legend: &[
        (Tone::Ok, "as it should be"),
        (Tone::Warning, "look at it soon"),
        (Tone::Critical, "now"),
        (Tone::Unknown, "unknown"),
        (Tone::Stale, "told too long ago"),
    ],
    shorts: "",
};

fn about(row: &Row, lens: &Lens<'_>) -> String {
    let place = place(&row.installation, row.environment.as_ref());
    let limit = row.limit.as_ref().map(|limit| format!("limit {limit}"));
    // How long that is from now the value tells.
    let at = row.at.map(|at| lens.when(at, Some(&row.installation)));
    let detail = Some(row.detail.clone()).filter(|detail| !detail.is_empty());
    let said: Vec<String> = [row.value.clone(), limit, at, detail].into_iter().flatten().collect();
    format!("{place}  {} {}  {}", row.signal, row.name, said.join(" · "))
}
