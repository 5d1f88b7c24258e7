//! Whether a name is a person's: a machine's identity is never shown as somebody who approved.

use crate::domain::delivery::{Approver, ApproverEvidence};
use crate::text::clean::Clean;

/// Words that only machines carry in their names.
const MACHINES: &[&str] = &[
    "bot",
    "ci",
    "cd",
    "git",
    "robot",
    "automation",
    "automated",
    "concourse",
    "jenkins",
    "gitlab",
    "github",
    "actions",
    "runner",
    "token",
    "ghost",
    "noreply",
    "system",
    "daemon",
    "pipeline",
    "renovate",
    "dependabot",
    "argocd",
    "flux",
    "serviceaccount",
    "nobody",
    "localhost",
];
/// Names that are a machine's when there is nothing else beside them.
const ALONE: &[&str] = &["root", "admin", "service", "deploy", "deployer", "build", "builder", "release", "unknown"];

/// Whether a name, with the mail address it came with, is a machine's rather than a person's. In doubt it is a machine's.
#[must_use]
pub fn is_machine(name: &str, mail: &str) -> bool {
    let name = name.trim().to_lowercase();
    let local = mail.split('@').next().unwrap_or_default().to_lowercase();
    // A forge hides people's addresses behind `123+anna@users.noreply...`: what tells is before the `@`.
    let no_reply = matches!(local.as_str(), "noreply" | "no-reply" | "donotreply");
    let named = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|word| MACHINES.contains(&word));
    let own = name.split('@').next().unwrap_or_default();
    own.is_empty() || no_reply || named(own) || named(&local) || ALONE.contains(&own)
}

/// Who approved, known by this evidence; a machine's name is kept and is evidence of nothing.
#[must_use]
pub fn approver(name: &str, mail: &str, evidence: ApproverEvidence) -> Approver {
    let evidence = if is_machine(name, mail) { ApproverEvidence::Unknown } else { evidence };
    Approver { name: Clean::line_within(name.trim(), 80), evidence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_never_a_person() {
        for (name, mail, machine) in [
            ("Ada Groß", "ada@example.test", false),
            ("ada@example.test", "", false),
            ("Anna Smith", "123+anna@users.noreply.github.com", false),
            ("Cindy Botha", "cindy@git.example.test", false),
            ("Anna Root", "anna@example.test", false),
            ("git", "ci@example.test", true),
            ("Anna Smith", "ci@example.test", true),
            ("release-bot", "", true),
            ("root", "root@localhost", true),
            ("GitHub", "noreply@github.com", true),
            ("project_5_bot_ab12", "", true),
            ("  ", "anna@example.test", true),
        ] {
            assert_eq!(is_machine(name, mail), machine, "{name} <{mail}>");
        }
    }
}
