//! What is shown to convince an endpoint, what happens when it is refused, and that it is seen nowhere else.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use quarterdeck::domain::fault::Fault;
use quarterdeck::fleetfile::endpoint::{Auth, Endpoint, ExecPlugin, HeaderValue};
use quarterdeck::fleetfile::secret::Secret;
use quarterdeck::net::door::{Ask, Door};
use quarterdeck::text::clean::Clean;

use crate::ground::{endpoint, roads};
use crate::rude::{Act, Asked, Rude, answer, fine, redirect};

/// The credential that must be seen nowhere.
const PLANTED: &str = "hunter2-hunter2";

fn keep(folder: &Path, text: &str) -> Secret {
    let path: PathBuf = folder.join("secret");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    Secret::File(path)
}

fn with(url: &str, auth: Auth) -> Endpoint {
    Endpoint { auth, ..endpoint(url) }
}

fn unauthorised() -> Act {
    Act::Say(answer("401 Unauthorized", &[], b"no"))
}

fn shows(asked: &Asked, expected: &str) -> bool {
    asked.header("authorization") == Some(expected)
}

#[tokio::test]
async fn each_way_of_convincing_shows_what_it_should() {
    let folder = tempfile::tempdir().unwrap();
    let secret = || keep(folder.path(), PLANTED);
    for (auth, header, expected) in [
        (Auth::Bearer(secret()), "authorization", format!("Bearer {PLANTED}")),
        (Auth::Header(Clean::line("PRIVATE-TOKEN"), secret()), "private-token", PLANTED.to_owned()),
        (Auth::Basic(Clean::line("anna"), secret()), "authorization", "Basic YW5uYTpodW50ZXIyLWh1bnRlcjI=".to_owned()),
    ] {
        let rude = Rude::new(|_| fine("")).await;
        let mut endpoint = with(&rude.url(), auth);
        endpoint.headers = vec![(Clean::line("X-Scope-OrgID"), HeaderValue::Plain(Clean::line("a|b")))];
        roads().1.door(&endpoint).ask(Ask::get("x")).await.unwrap();
        let asked = rude.asked.lock().unwrap()[0].clone();
        assert_eq!(asked.header(header), Some(expected.as_str()));
        assert_eq!(asked.header("x-scope-orgid"), Some("a|b"));
    }
}

#[tokio::test]
async fn a_changed_credential_is_shown_after_a_401_and_an_unchanged_one_is_not_shown_twice() {
    let folder = tempfile::tempdir().unwrap();
    let count = folder.path().join("count");
    let script = format!("echo x >> {0}; wc -l < {0} | tr -d ' '", count.display());
    let renewing = Secret::Command(vec!["sh".to_owned(), "-c".to_owned(), script]);
    let rude = Rude::new(|asked| if shows(asked, "Bearer 2") { fine("in") } else { unauthorised() }).await;
    let (_, roads) = roads();
    let door = roads.door(&with(&rude.url(), Auth::Bearer(renewing)));
    assert_eq!(door.ask(Ask::get("x")).await.unwrap().body, b"in");
    assert_eq!(rude.lines().len(), 2);
    door.ask(Ask::get("x")).await.unwrap();
    assert_eq!(rude.lines().len(), 3, "what was taken is kept");

    let door = roads.door(&with(&rude.url(), Auth::Bearer(keep(folder.path(), PLANTED))));
    let Fault::Unauthorised { credential } = door.ask(Ask::get("x")).await.unwrap_err() else { panic!() };
    assert!(credential.unwrap().as_str().starts_with("file "));
    assert_eq!(rude.lines().len(), 4, "the same again would only lock someone out");
}

#[tokio::test]
async fn oauth_buys_a_token_once_and_another_when_it_ends_or_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bought = std::sync::Mutex::new(0);
    let rude = Rude::new(move |asked| match asked.path() {
        "/token" => {
            assert!(shows(asked, "Basic cXVhcnRlcjpodW50ZXIyLWh1bnRlcjI="));
            assert_eq!(asked.body(), "grant_type=client_credentials&scope=read");
            let mut n = bought.lock().unwrap();
            *n += 1;
            fine(&format!(r#"{{"access_token":"t{n}","expires_in":"120"}}"#))
        }
        "/revoked" if shows(asked, "Bearer t2") => unauthorised(),
        _ => fine(asked.header("authorization").unwrap()),
    })
    .await;
    let auth = Auth::OAuth {
        token_url: Clean::line(&format!("{}/token", rude.url())),
        client: Clean::line("quarter"),
        secret: keep(folder.path(), PLANTED),
        scope: Some(Clean::line("read")),
    };
    let (clock, roads) = roads();
    let (one, other) = (roads.door(&with(&rude.url(), auth.clone())), roads.door(&with(&rude.url(), auth)));
    assert_eq!(one.ask(Ask::get("x")).await.unwrap().body, b"Bearer t1");
    assert_eq!(other.ask(Ask::get("x")).await.unwrap().body, b"Bearer t1", "one token for both");
    clock.forward(101);
    assert_eq!(one.ask(Ask::get("x")).await.unwrap().body, b"Bearer t2", "renewed before it ends");
    assert_eq!(one.ask(Ask::get("revoked")).await.unwrap().body, b"Bearer t3");
}

#[tokio::test]
async fn a_concourse_password_is_bought_into_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let rude = Rude::new(|asked| match asked.path() {
        "/sky/issuer/token" => {
            assert!(shows(asked, "Basic Zmx5OlpteDU="));
            assert!(
                asked.body().starts_with("grant_type=password&username=anna&password=hunter2-hunter2&scope=openid")
            );
            fine(r#"{"access_token":"abc","token_type":"bearer"}"#)
        }
        _ => fine(asked.header("authorization").unwrap()),
    })
    .await;
    let auth = Auth::Concourse(Clean::line("anna"), keep(folder.path(), PLANTED));
    let door = roads().1.door(&with(&format!("{}/api/v1", rude.url()), auth));
    assert_eq!(door.ask(Ask::get("info")).await.unwrap().body, b"Bearer abc");
}

#[tokio::test]
async fn an_exec_plugin_runs_again_after_a_401() {
    let folder = tempfile::tempdir().unwrap();
    let count = folder.path().join("count");
    let script = format!(
        r#"echo x >> {0}; printf '{{"kind":"ExecCredential","status":{{"token":"p%s"}}}}' $(wc -l < {0})"#,
        count.display()
    );
    let plugin = ExecPlugin {
        command: vec!["sh".to_owned(), "-c".to_owned(), script],
        env: vec![],
        api_version: Clean::line("client.authentication.k8s.io/v1"),
        install_hint: None,
    };
    let rude = Rude::new(|asked| if shows(asked, "Bearer p2") { fine("in") } else { unauthorised() }).await;
    let door = roads().1.door(&with(&rude.url(), Auth::Exec(plugin)));
    for _ in 0..3 {
        assert_eq!(door.ask(Ask::get("x")).await.unwrap().body, b"in");
    }
    assert_eq!(rude.lines().len(), 4, "once refused, then kept");
}

#[tokio::test]
async fn a_registrys_challenge_is_answered_per_scope_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let port = std::sync::Arc::new(std::sync::atomic::AtomicU16::new(0));
    let known = port.clone();
    let rude = Rude::new(move |asked| {
        let realm = format!("http://127.0.0.1:{}/token", known.load(std::sync::atomic::Ordering::SeqCst));
        let scope = if asked.path().contains("/b/") { "repository:b:pull" } else { "repository:a:pull" };
        if let Some(query) = asked.path().strip_prefix("/token?") {
            assert!(shows(asked, "Basic YW5uYTpodW50ZXIyLWh1bnRlcjI="));
            let token = if query.contains("%3Ab%3A") { "B" } else { "A" };
            return fine(&format!(r#"{{"token":"{token}"}}"#));
        }
        if shows(asked, "Bearer A") && asked.path().contains("/a/") {
            return fine("in");
        }
        let challenge = format!(r#"WWW-Authenticate: Bearer realm="{realm}",service="s",scope="{scope}""#);
        Act::Say(answer("401 Unauthorized", &[&challenge], b""))
    })
    .await;
    port.store(rude.port, std::sync::atomic::Ordering::SeqCst);
    let auth = Auth::Basic(Clean::line("anna"), keep(folder.path(), PLANTED));
    let door = roads().1.door(&with(&rude.url(), auth));
    for _ in 0..2 {
        let ask = Ask::get("v2/a/tags/list").scoped("repository:a:pull");
        assert_eq!(door.ask(ask).await.unwrap().body, b"in");
    }
    assert_eq!(rude.lines()[1], "GET /token?service=s&scope=repository%3Aa%3Apull");
    assert_eq!(rude.lines().len(), 4, "the token is kept");
    let refused = door.ask(Ask::get("v2/b/tags/list").scoped("repository:b:pull")).await.unwrap_err();
    assert!(matches!(refused, Fault::Unauthorised { .. }));
    assert_eq!(rude.lines().len(), 7, "asked, bought, asked, and no more");
}

#[tokio::test]
async fn a_token_server_elsewhere_gets_no_credential_in_plain_text() {
    let folder = tempfile::tempdir().unwrap();
    let thief = Rude::new(|_| fine(r#"{"token":"x"}"#)).await;
    let realm = format!(r#"WWW-Authenticate: Bearer realm="{}/token""#, thief.url());
    let rude = Rude::new(move |_| Act::Say(answer("401 Unauthorized", &[&realm], b""))).await;
    let auth = Auth::Basic(Clean::line("anna"), keep(folder.path(), PLANTED));
    let fault = roads().1.door(&with(&rude.url(), auth)).ask(Ask::get("v2/")).await.unwrap_err();
    assert!(matches!(fault, Fault::Astray { .. }), "{fault:?}");
    assert!(thief.lines().is_empty());
}

#[tokio::test]
async fn a_planted_credential_is_seen_in_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    // A server that repeats everything it is shown, in every way it can.
    let parrot = Rude::new(|asked| {
        let shown = asked.header("authorization").or(asked.header("private-token")).unwrap_or_default().to_owned();
        let body = format!("{{\"message\":\"you sent {shown} {PLANTED}\"}}");
        match asked.path() {
            "/redirect" => redirect(&format!("https://{PLANTED}.test/")),
            path => Act::Say(answer(&format!("{} Oh", path.trim_start_matches('/')), &[], body.as_bytes())),
        }
    })
    .await;
    let secret = || keep(folder.path(), PLANTED);
    let broken = keep(folder.path(), &format!("{PLANTED}\u{1}"));
    for auth in [
        Auth::Bearer(secret()),
        Auth::Basic(Clean::line("anna"), secret()),
        Auth::Header(Clean::line("PRIVATE-TOKEN"), secret()),
        Auth::OAuth {
            token_url: Clean::line(&format!("{}/400", parrot.url())),
            client: Clean::line("q"),
            secret: secret(),
            scope: None,
        },
        Auth::Concourse(Clean::line("anna"), secret()),
        Auth::Bearer(broken),
    ] {
        let endpoint = with(&parrot.url(), auth);
        let (_, roads) = roads();
        let door = roads.door(&endpoint);
        for path in ["400", "401", "403", "404", "429", "500", "redirect"] {
            let fault = door.ask(Ask::get(path)).await.unwrap_err();
            let seen = format!("{fault} {fault:?} {} {}", fault.hint(), serde_json::to_string(&fault).unwrap());
            // A host's name in a redirect is the server's own word; the credential was planted there by this test.
            let packed = "YW5uYTpodW50ZXIyLWh1bnRlcjI=";
            let clean = !seen.contains(packed) && (path == "redirect" || !seen.contains(PLANTED));
            assert!(clean, "{path}: {seen}");
        }
        assert!(!format!("{endpoint:?}").contains(PLANTED));
    }
}
