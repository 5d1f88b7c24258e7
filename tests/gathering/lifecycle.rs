//! Lifecycle data from a server, and from what the program brings along where that does not answer.

use serde_json::Value;

use super::announced::rows;
use super::real;

const CYCLES: &str = r#"{"schema_version":"1.2.1","generated_at":"2026-11-20T08:00:00+00:00","result":{"name":"kubernetes","releases":[
    {"name":"1.34","releaseDate":"2025-08-27","isLts":false,"ltsFrom":null,"isEol":false,"eolFrom":"2031-10-27","latest":{"name":"1.34.9","date":"2026-11-10"}}]}}"#;

#[test]
fn without_its_server_the_embedded_data_is_taken_and_its_age_is_shown() {
    let Some(nginx) = real::nginx() else { return };
    nginx.serve("version.json", r#"{"gitVersion":"v1.34.2"}"#);
    let folder = tempfile::tempdir().unwrap();
    let url = nginx.url();
    let fleet = format!(
        r#"
[fleet]
name = "northwind"
timezone = "UTC"
[products.kubernetes]
releases = [{{ kind = "endoflife", url = "{url}" }}]
[[installations]]
id = "acme"
plan = "on-prem"
[[installations.environments]]
name = "production"
sources = [{{ kind = "http", url = "{url}/version.json", version = {{ product = "kubernetes", json = "/gitVersion" }} }}]
"#
    );
    std::fs::write(folder.path().join("fleet.toml"), fleet).unwrap();
    let life = || {
        let rows = rows(folder.path(), &["lifecycle"]);
        let row: &Value = rows.iter().find(|row| row["component"] == "kubernetes").unwrap();
        [&row["running"], &row["data_taken"], &row["eol_at"]].map(|value| value.as_str().unwrap_or("?").to_owned())
    };
    // The server has nothing of it: the data of August 2026 stands in, and says so.
    assert_eq!(life(), ["v1.34.2", "2026-08-22", "2026-10-27"]);
    nginx.serve("api/v1/products/kubernetes", CYCLES);
    assert_eq!(life(), ["v1.34.2", "2026-11-20", "2031-10-27"]);
    // An older mirror is no better than what is known.
    nginx.serve("api/v1/products/kubernetes", &CYCLES.replace("2026-11-20T", "2025-11-20T"));
    assert_eq!(life(), ["v1.34.2", "2026-08-22", "2026-10-27"]);
}
