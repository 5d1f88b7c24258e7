//! A kubeconfig's exec plugin: a program that prints an `ExecCredential`.

use chrono::DateTime;
use serde::Deserialize;
use tokio::process::Command;

use super::clients::Pair;
use super::secrets::Hidden;
use super::tokens::Token;
use super::{limits, program};
use crate::domain::fault::Fault;
use crate::fleetfile::endpoint::ExecPlugin;
use crate::text::clean::Clean;

/// What a plugin brought: a token, a certificate, or both.
#[derive(Clone, Debug)]
pub struct Brought {
    /// The token; empty where there is only a certificate.
    pub token: Token,
    /// The certificate.
    pub pair: Option<Pair>,
}

#[derive(Deserialize)]
struct WireCredential {
    kind: Option<String>,
    status: Option<WireStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStatus {
    expiration_timestamp: Option<String>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Runs the plugin.
///
/// # Errors
/// [`Fault::Program`] where it is missing or fails, [`Fault::Garbled`] where it prints something else.
pub async fn run(plugin: &ExecPlugin, owner: &str) -> Result<Brought, Fault> {
    let [name, arguments @ ..] = plugin.command.as_slice() else {
        return Err(Fault::Program { why: Clean::line("the exec plugin names no program") });
    };
    let mut command = Command::new(name);
    // The plugin is told what it is asked for, as kubectl does: no one is there to answer questions.
    let asked = serde_json::json!({
        "apiVersion": plugin.api_version.as_str(), "kind": "ExecCredential", "spec": { "interactive": false },
    });
    command.args(arguments).env("KUBERNETES_EXEC_INFO", asked.to_string());
    command.envs(plugin.env.iter().map(|(name, value)| (name, value)));
    let failed = |what: &str| Fault::Program { why: Clean::line(&format!("the exec plugin `{name}` {what}")) };
    let output = program::run(command, limits::CREDENTIAL_PROGRAM, limits::SECRET).await.map_err(|failure| {
        match (&failure, &plugin.install_hint) {
            (program::Failure::Absent, Some(hint)) => failed(&format!("{}: {hint}", failure.words())),
            _ => failed(&failure.words()),
        }
    })?;
    if !output.good {
        return Err(failed(&format!("failed ({})", output.ended)));
    }
    read(&output.out, owner)
}

fn read(output: &[u8], owner: &str) -> Result<Brought, Fault> {
    let garbled = |why: &str| Fault::Garbled { expected: "an ExecCredential", why: Clean::line(why) };
    // Its output isn't repeated: it holds the credential.
    let wire: WireCredential = serde_json::from_slice(output).map_err(|_| garbled("another output"))?;
    if wire.kind.is_some_and(|kind| kind != "ExecCredential") {
        return Err(garbled("another kind of document"));
    }
    let status = wire.status.ok_or_else(|| garbled("one without status"))?;
    let ends = status.expiration_timestamp.as_deref().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let pair = match (status.client_certificate_data, status.client_key_data) {
        (Some(certificate), Some(key)) => Some(Pair { owner: owner.to_owned(), certificate, key: Hidden::new(&key) }),
        _ => None,
    };
    let token = status.token.unwrap_or_default();
    if token.is_empty() && pair.is_none() {
        return Err(garbled("one without token or certificate"));
    }
    Ok(Brought { token: Token { value: Hidden::new(&token), ends: ends.map(|at| at.to_utc()) }, pair })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_brings_a_token_or_a_certificate_or_a_fault_that_tells_neither() {
        for (output, token, pair) in [
            (
                r#"{"kind":"ExecCredential","status":{"token":"abc","expirationTimestamp":"2026-11-21T02:00:00Z"}}"#,
                "abc",
                false,
            ),
            (r#"{"kind":"ExecCredential","status":{"clientCertificateData":"C","clientKeyData":"K"}}"#, "", true),
        ] {
            let brought = read(output.as_bytes(), "p").unwrap();
            assert_eq!((brought.token.value.reveal(), brought.pair.is_some()), (token, pair), "{output}");
        }
        for output in [
            "hunter2",
            r#"{"status":{"token":7,"x":"hunter2"}}"#,
            r#"{"kind":"ExecCredential"}"#,
            r#"{"kind":"Pod","status":{"token":"hunter2"}}"#,
            r#"{"kind":"ExecCredential","status":{"clientCertificateData":"hunter2"}}"#,
        ] {
            let fault = read(output.as_bytes(), "p").unwrap_err();
            assert!(!format!("{fault} {fault:?}").contains("hunter2"), "{fault:?}");
        }
    }

    #[tokio::test]
    async fn a_missing_plugin_says_how_to_install_it() {
        let plugin = ExecPlugin {
            command: vec!["quarterdeck-no-such-plugin".to_owned()],
            env: vec![],
            api_version: Clean::line("client.authentication.k8s.io/v1"),
            install_hint: Some(Clean::line("run `apt install plugin`")),
        };
        let fault = run(&plugin, "p").await.unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the exec plugin `quarterdeck-no-such-plugin` is not installed: run `apt install plugin`"
        );
    }

    #[tokio::test]
    async fn a_plugin_gets_its_variables_and_is_told_what_is_asked() {
        let script = r#"case "$KUBERNETES_EXEC_INFO" in *ExecCredential*) ;; *) exit 1;; esac
            printf '{"kind":"ExecCredential","status":{"token":"%s"}}' "$MINE""#;
        let plugin = ExecPlugin {
            command: vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()],
            env: vec![("MINE".to_owned(), "xyz".to_owned())],
            api_version: Clean::line("client.authentication.k8s.io/v1"),
            install_hint: None,
        };
        assert_eq!(run(&plugin, "p").await.unwrap().token.value.reveal(), "xyz");
    }
}
