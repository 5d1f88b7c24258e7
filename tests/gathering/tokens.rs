//! A registry that serves only those who bought a token elsewhere, as most public ones do.

use std::rc::Rc;

use quarterdeck::domain::fact::{GapKind, Heard, What};
use quarterdeck::domain::fault::Fault;
use tempfile::TempDir;

use super::{Asking, private, real};

/// A registry behind tokens, what it holds, and a folder for the password.
struct Guarded {
    tokens: Rc<real::TokenServer>,
    registry: real::Registry,
    folder: TempDir,
    digests: Vec<String>,
}

fn guarded() -> Option<Guarded> {
    let tokens = Rc::new(real::token_server()?);
    let registry = real::registry_behind(&tokens, &tokens.realm())?;
    let digests =
        ["platform/shop", "platform/till", "private/ledger"].map(|name| registry.push(name, "1.0.0", name.as_bytes()));
    Some(Guarded { tokens, registry, folder: tempfile::tempdir().unwrap(), digests: digests.to_vec() })
}

impl Guarded {
    fn asking(&self, artifacts: &str, credential: Option<(&str, &str)>) -> Asking {
        self.asking_at(&self.registry.url(), artifacts, credential)
    }

    fn asking_at(&self, url: &str, artifacts: &str, credential: Option<(&str, &str)>) -> Asking {
        let password = self.folder.path().join("password");
        let credential = credential.map(|(name, word)| {
            std::fs::write(&password, word).unwrap();
            private(&password);
            format!(", username = \"{name}\", password = {{ file = \"{}\" }}", password.display())
        });
        let ca = self.tokens.authority();
        Asking::source(&format!(
            "{{ kind = \"oci\", url = \"{url}\", ca = \"{}\", artifacts = [{artifacts}]{} }}",
            ca.display(),
            credential.unwrap_or_default()
        ))
    }
}

/// What was told of every artifact: its name, tag and digest.
fn told(heard: &Heard) -> Vec<(String, String, Option<String>)> {
    let artifacts = heard.facts.iter().filter_map(|fact| match &fact.what {
        What::Artifact(one) => {
            Some((one.name.to_string(), one.tag.to_string(), one.digest.as_ref().map(ToString::to_string)))
        }
        _ => None,
    });
    artifacts.collect()
}

const BOTH: &str = "\"platform/shop\", \"platform/till\"";

#[test]
fn digests_are_read_with_a_token_for_each_repository_that_is_bought_once() {
    let Some(guarded) = guarded() else { return };
    let mut asking = guarded.asking(BOTH, Some(("pull", "secret")));
    let row = |n: usize, name: &str| (name.to_owned(), "1.0.0".to_owned(), Some(guarded.digests[n].clone()));
    for _ in 0..3 {
        let heard = asking.hear();
        assert_eq!(told(&heard), [row(0, "platform/shop"), row(1, "platform/till")]);
        assert!(heard.gaps.is_empty(), "{:?}", heard.gaps);
    }
    let mut bought: Vec<(String, Option<String>)> =
        guarded.tokens.bought().into_iter().map(|one| (one.scope, one.who)).collect();
    bought.sort();
    let scope = |name: &str| (format!("repository:{name}:pull"), Some("pull".to_owned()));
    assert_eq!(bought, [scope("platform/shop"), scope("platform/till")]);
}

#[test]
fn a_token_the_registry_takes_no_longer_is_bought_anew_once() {
    let Some(guarded) = guarded() else { return };
    // The registry forgives a minute.
    guarded.tokens.sells_for(-54);
    let mut asking = guarded.asking("\"platform/shop\"", Some(("pull", "secret")));
    let first = asking.hear();
    let bought = guarded.tokens.bought();
    let [first_token] = &bought[..] else { panic!("{bought:?}") };
    let token = first_token.token.clone().unwrap();
    real::until("the end of the token", || !guarded.registry.takes(&token, "platform/shop"));
    guarded.tokens.sells_for(3_600);
    assert_eq!(asking.hear(), first);
    assert_eq!(guarded.tokens.bought().len(), 2);
    // One that is over when it is sold is not bought again and again.
    guarded.tokens.sells_for(-600);
    let fault = guarded.asking("\"platform/shop\"", Some(("pull", "secret"))).fault();
    assert!(matches!(fault, Fault::Unauthorised { .. }), "{fault}");
    assert_eq!(guarded.tokens.bought().len(), 3);
}

#[test]
fn who_is_not_known_to_the_token_server_is_told_which_credential_is_wrong() {
    let Some(guarded) = guarded() else { return };
    let fault = guarded.asking("\"platform/shop\"", Some(("pull", "guessed"))).fault();
    let Fault::Unauthorised { credential: Some(credential) } = &fault else { panic!("{fault}") };
    assert!(credential.as_str().ends_with("password"), "{credential}");
    assert!(!fault.hint().is_empty());
    assert!(!format!("{fault} {}", fault.hint()).contains("guessed"), "{fault}");
    let fault = guarded.asking("\"platform/shop\"", None).fault();
    assert!(matches!(fault, Fault::Unauthorised { credential: None }), "{fault}");
    let shown: Vec<Option<String>> = guarded.tokens.bought().into_iter().map(|one| one.who).collect();
    assert_eq!(shown, [Some("pull".to_owned()), None]);
}

#[test]
fn a_repository_the_credential_may_not_see_is_a_gap_beside_the_others() {
    let Some(guarded) = guarded() else { return };
    let heard = guarded.asking("\"platform/shop\", \"private/ledger\"", Some(("pull", "secret"))).hear();
    assert_eq!(told(&heard).len(), 1, "{heard:?}");
    let gaps: Vec<_> = heard.gaps.iter().map(|gap| (gap.place.as_str(), gap.kind)).collect();
    assert_eq!(gaps, [("private/ledger", GapKind::Forbidden)]);
}

#[test]
fn a_credential_is_shown_to_nobody_the_registry_sends_us_to_over_a_plain_line_or_by_a_detour() {
    let Some(guarded) = guarded() else { return };
    let Some(nginx) = real::nginx() else { return };
    let stranger = format!("{}/token", nginx.url());
    let Some(lying) = real::registry_behind(&guarded.tokens, &stranger) else { return };
    let credential = Some(("pull", "secret"));
    let fault = guarded.asking_at(&lying.url(), "\"platform/shop\"", credential).fault();
    assert!(matches!(fault, Fault::Astray { .. }), "{fault}");
    guarded.tokens.sends_to(&stranger);
    let fault = guarded.asking("\"platform/shop\"", credential).fault();
    assert!(matches!(fault, Fault::Refused { status: 302, .. } | Fault::Astray { .. }), "{fault}");
    // The log is written in its order: once this stands in it, all before it does.
    nginx.get("/index.txt");
    real::until("nginx's log", || !nginx.asked().is_empty());
    assert!(nginx.asked().iter().all(|line| line.contains("/index.txt")), "{:?}", nginx.asked());
}
