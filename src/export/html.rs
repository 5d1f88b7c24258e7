//! HTML: one file that needs nothing else, with the picture of the screen and every row of the view below it.

use crate::export::svg::{escaped, picture};
use crate::export::{Format, Sheet, Written};
use crate::text::width::Align;
use crate::text::words;
use crate::views::Visit;
use crate::views::column::Tone;
use crate::views::rows::{Rows, View};

/// A page for a browser.
pub static FORMAT: Format =
    Format { name: "html", about: "a page of its own: the screen, and every row below it", only: None, write };

/// Light and dark as the reader's machine is set; on paper without the dark.
const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1f2328;--quiet:#59636e;--line:#d1d9e0;--paper:#fff;--band:#f6f8fa;\
--ok:#1a7f37;--warning:#9a6700;--critical:#cf222e;--unknown:#8250df;--stale:#59636e;--waiting:#0969da;--ahead:#0e7c86}
@media(prefers-color-scheme:dark){:root{--ink:#d1d7e0;--quiet:#9198a1;--line:#3d444d;--paper:#151b23;--band:#1e252e;\
--ok:#57ab5a;--warning:#d4a72c;--critical:#f47067;--unknown:#b083f0;--stale:#9198a1;--waiting:#6cb6ff;--ahead:#56d4dd}}
body{margin:2rem auto;max-width:72rem;padding:0 1rem;font:15px/1.5 system-ui,sans-serif;color:var(--ink);\
background:var(--paper)}
h1{font-size:1.4rem;margin:0}
p{color:var(--quiet);margin:.25rem 0 1.5rem}
svg{max-width:100%;height:auto}
.wide{overflow-x:auto;margin-top:1.5rem}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top;\
white-space:nowrap}
th{position:sticky;top:0;background:var(--paper);color:var(--quiet);font-weight:600}
tbody tr:hover{background:var(--band)}
.right{text-align:right}
.ok{color:var(--ok)}.warning{color:var(--warning)}.critical{color:var(--critical);font-weight:600}
.unknown{color:var(--unknown)}.stale{color:var(--stale);font-style:italic}.waiting{color:var(--waiting)}
.ahead{color:var(--ahead)}.muted{color:var(--quiet)}
@media print{body{margin:0;max-width:none}th{position:static}}
";

fn write(sheet: &Sheet<'_>) -> Written {
    let head = &sheet.board.header;
    let zone = sheet.lens.zone_of(None);
    let told = format!(
        "{} · judged {} · {} of {} sources answer",
        head.fleet,
        words::stamp(&head.judged_at.with_timezone(&zone)),
        head.sources.ok,
        head.sources.ok + head.sources.stale + head.sources.failing + head.sources.never,
    );
    let title = sheet.view.title();
    let table = sheet.board.views.visit(sheet.view, Table { sheet });
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title} – {}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<h1>{title}</h1>\n<p>{}</p>\n{}{table}</body>\n</html>\n",
        escaped(&head.fleet),
        escaped(&told),
        picture(&sheet.drawn()?, title),
    ))
}

struct Table<'a, 's> {
    sheet: &'a Sheet<'s>,
}

impl Visit for Table<'_, '_> {
    type Out = String;

    fn see<R: View>(self, rows: &Rows<R>) -> String {
        if rows.is_empty() {
            return format!("<p>nothing to show: {}</p>\n", R::ABOUT);
        }
        let mut text = "<div class=\"wide\">\n<table>\n<thead><tr>".to_owned();
        for column in R::COLUMNS {
            text += &format!("<th scope=\"col\"{}>{}</th>", class(column.align, Tone::Plain), escaped(column.name));
        }
        text += "</tr></thead>\n<tbody>\n";
        for row in rows.ordered() {
            text += "<tr>";
            for column in R::COLUMNS {
                let tone = (column.tone)(row);
                let cell = escaped(&(column.cell)(row, self.sheet.lens));
                let mark = if column.marked { format!("{} ", tone.mark(false)) } else { String::new() };
                text += &format!("<td{}>{mark}{cell}</td>", class(column.align, tone));
            }
            text += "</tr>\n";
        }
        text + "</tbody>\n</table>\n</div>\n"
    }
}

/// The classes of a cell; the mark before the text says the same without colour.
fn class(align: Align, tone: Tone) -> String {
    let side = if align == Align::Right { "right" } else { "" };
    let tone = match tone {
        Tone::Plain => "",
        Tone::Muted => "muted",
        Tone::Ok => "ok",
        Tone::Ahead => "ahead",
        Tone::Waiting => "waiting",
        Tone::Stale => "stale",
        Tone::Unknown => "unknown",
        Tone::Warning => "warning",
        Tone::Critical => "critical",
    };
    match [side, tone].join(" ").trim() {
        "" => String::new(),
        both => format!(" class=\"{both}\""),
    }
}
