//! Assurance as a heat map: the five streams of every installation, each as good as its worst signal.

use crate::domain::planned::Stream;
use crate::ui::panes::matrix::{Kind, Matrix};
use crate::views::assurance::Row;
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
    short: |_| String::new(),
    about,
    beside: None,
    says: "five streams, worst first",
};

fn about(row: &Row, lens: &Lens<'_>) -> String {
    let place = match &row.environment {
        Some(environment) => format!("{}/{environment}", row.installation),
        None => row.installation.to_string(),
    };
    let mut said = format!("{place}  {} {}", row.signal, row.name);
    if let Some(value) = &row.value {
        said.push_str(&format!("  ·  {value}"));
    }
    if let Some(limit) = &row.limit {
        said.push_str(&format!("  ·  limit {limit}"));
    }
    if let Some(at) = row.at {
        said.push_str(&format!("  ·  {}", lens.until(at)));
    }
    if !row.detail.is_empty() {
        said.push_str(&format!("  ·  {}", row.detail));
    }
    said
}
