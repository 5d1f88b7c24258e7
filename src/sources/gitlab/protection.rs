//! Who may deploy to a protected environment, and who must approve.

use serde::Deserialize;

use crate::domain::fact::Heard;
use crate::domain::fault::Fault;
use crate::net::door::{Ask, Door};
use crate::sources::reading::{json, part};
use crate::text::clean::Clean;

/// What protects an environment; nothing where it is not protected, or where this GitLab knows no protection.
#[derive(Debug, Default)]
pub(super) struct Protection {
    deployers: Vec<Clean>,
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Rule {
    access_level_description: Option<String>,
    #[serde(default)]
    required_approvals: u32,
    #[serde(default)]
    deployment_approvals: Vec<WireGiven>,
}

#[derive(Clone, Debug, Deserialize)]
struct WireGiven {
    status: String,
}

#[derive(Deserialize)]
struct WireProtected {
    #[serde(rename = "name")]
    _name: String,
    #[serde(default)]
    deploy_access_levels: Vec<WireLevel>,
    #[serde(default)]
    approval_rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct WireLevel {
    access_level_description: Option<String>,
}

/// Asks how an environment is protected. That there is no such thing is no gap: most environments are not protected.
pub(super) async fn ask(
    door: &dyn Door,
    project: &str,
    environment: &Clean,
    heard: &mut Heard,
) -> Result<Protection, Fault> {
    let name = super::encoded(environment.as_str());
    let answer = door.ask(Ask::get(format!("{project}/protected_environments/{name}"))).await;
    let body = part(answer.map(|reply| reply.body), "protected environment", heard)?;
    if body.is_empty() { Ok(Protection::default()) } else { read(&body) }
}

fn read(body: &[u8]) -> Result<Protection, Fault> {
    let wire: WireProtected = json(body, "a protected environment")?;
    let mut deployers: Vec<Clean> = wire.deploy_access_levels.iter().filter_map(WireLevel::name).collect();
    deployers.dedup();
    Ok(Protection { deployers, rules: wire.approval_rules })
}

impl WireLevel {
    fn name(&self) -> Option<Clean> {
        self.access_level_description
            .as_deref()
            .map(|text| Clean::line_within(text, 80))
            .filter(|text| !text.is_empty())
    }
}

impl Protection {
    /// Who may start a job that deploys here.
    pub(super) fn deployers(&self) -> Vec<Clean> {
        self.deployers.clone()
    }

    /// Whose approvals a deployment still lacks: by its own summary, or else by the rules of the environment.
    pub(super) fn lacking(&self, summary: Option<&[Rule]>, pending: u32) -> Vec<Clean> {
        let rules = summary.filter(|rules| !rules.is_empty()).unwrap_or(&self.rules);
        let named: Vec<Clean> = rules.iter().filter_map(Rule::lacks).collect();
        let approvals = if pending == 1 { "approval" } else { "approvals" };
        if named.is_empty() { vec![Clean::line(&format!("{pending} more {approvals}"))] } else { named }
    }
}

impl Rule {
    fn lacks(&self) -> Option<Clean> {
        let given = self.deployment_approvals.iter().filter(|one| one.status == "approved").count();
        let left = usize::try_from(self.required_approvals).ok()?.checked_sub(given).filter(|left| *left > 0)?;
        let who = self.access_level_description.as_deref().unwrap_or("somebody entitled");
        Some(Clean::line_within(&if left == 1 { who.to_owned() } else { format!("{left} of {who}") }, 80))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn who_must_still_approve_is_named() {
        let protected = read(
            br#"{"name":"production","approval_rules":[{"access_level_description":"Change board","required_approvals":2}],
            "deploy_access_levels":[{"access_level_description":"Maintainers"},{"access_level_description":null}]}"#,
        );
        let protected = protected.unwrap();
        assert_eq!(protected.deployers(), [Clean::line("Maintainers")]);
        let rules: Vec<Rule> = serde_json::from_str(
            r#"[{"access_level_description":"Change board","required_approvals":1,"deployment_approvals":[{"status":"approved"}]},
                {"access_level_description":null,"required_approvals":1,"deployment_approvals":[{"status":"rejected"}]}]"#,
        )
        .unwrap();
        for (told, summary, expected) in [
            (&protected, Some(rules.as_slice()), "somebody entitled"),
            (&protected, None, "2 of Change board"),
            (&protected, Some(&[][..]), "2 of Change board"),
            (&Protection::default(), None, "1 more approval"),
        ] {
            assert_eq!(told.lacking(summary, 1), [Clean::line(expected)]);
        }
        assert!(read(b"[]").is_err());
    }
}
