//! What the credential may read of a cluster, asked before it matters: so that "forbidden" is told apart from "not there".
//!
//! The answers come from access reviews: questions that are posted, change nothing, and need no grant of their own.

use serde::Deserialize;
use serde_json::json;

use super::Kubernetes;
use super::groups::Groups;
use crate::domain::fault::Fault;
use crate::net::door::{Ask, Door, Verb};
use crate::sources::kind::Right;
use crate::sources::reading::json;
use crate::text::clean::Clean;

const REVIEWS: &str = "apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// Where a resource lives, as far as asking for it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lives {
    /// In the cluster, or in namespaces of its own: asked for everywhere.
    Everywhere,
    /// In namespaces: home is enough.
    AtHome,
    /// In namespaces, and followed while it moves.
    Followed,
}

/// Everything this source lists, by its group. The role in `assets/clusterrole.yaml` grants these and nothing else.
const READS: &[(&str, Lives, &[&str])] = &[
    ("", Lives::Everywhere, &["nodes"]),
    ("apps", Lives::Followed, &["deployments", "statefulsets", "daemonsets"]),
    ("batch", Lives::AtHome, &["cronjobs"]),
    ("cert-manager.io", Lives::AtHome, &["certificates"]),
    ("velero.io", Lives::Everywhere, &["backups", "schedules", "backupstoragelocations", "restores"]),
    ("snapshot.storage.k8s.io", Lives::AtHome, &["volumesnapshots"]),
    (
        "psmdb.percona.com",
        Lives::AtHome,
        &["perconaservermongodbs", "perconaservermongodbbackups", "perconaservermongodbrestores"],
    ),
    ("mongodbcommunity.mongodb.com", Lives::AtHome, &["mongodbcommunity"]),
    ("kafka.strimzi.io", Lives::AtHome, &["kafkas"]),
    ("helm.toolkit.fluxcd.io", Lives::Everywhere, &["helmreleases"]),
    ("argoproj.io", Lives::Everywhere, &["applications"]),
    ("logging.banzaicloud.io", Lives::Everywhere, &["loggings", "fluentdconfigs"]),
    ("aquasecurity.github.io", Lives::AtHome, &["vulnerabilityreports"]),
];

impl Kubernetes {
    /// Every right that is needed for what is installed, and whether it is granted.
    pub(super) async fn reviewed(&self, door: &dyn Door) -> Result<Vec<Right>, Fault> {
        let groups = door.ask(Ask::get("apis")).await.and_then(|reply| Groups::read(&reply.body)).unwrap_or_default();
        let mut rights = Vec::new();
        for (group, lives, resources) in READS {
            // Who may not see the groups is asked about the usual ones alone.
            let is_usual = matches!(*group, "" | "apps");
            if !is_usual && groups.path(group).is_none() {
                continue;
            }
            for resource in *resources {
                let verbs: &[&str] = if *lives == Lives::Followed { &["list", "watch"] } else { &["list"] };
                for verb in verbs {
                    rights.push(self.right(door, (verb, group, resource), *lives).await?);
                }
            }
        }
        Ok(rights)
    }

    async fn right(
        &self,
        door: &dyn Door,
        (verb, group, resource): (&str, &str, &str),
        lives: Lives,
    ) -> Result<Right, Fault> {
        let named = if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") };
        let only = self.only.as_ref().filter(|_| lives != Lives::Everywhere);
        let place = |namespace: Option<&Clean>| match namespace {
            Some(namespace) => format!("{verb} {named} in `{namespace}`"),
            None => format!("{verb} {named} in all namespaces"),
        };
        let mut granted = allowed(door, (verb, group, resource), only).await?;
        let mut what = if lives == Lives::Everywhere { format!("{verb} {named}") } else { place(only) };
        if let (false, Some(home), None) = (granted, self.home.as_ref().filter(|_| lives != Lives::Everywhere), only) {
            granted = allowed(door, (verb, group, resource), Some(home)).await?;
            what = place(Some(home));
        }
        Ok(Right { what: Clean::line(&what), granted })
    }
}

#[derive(Deserialize)]
struct WireReview {
    status: WireReviewed,
}

#[derive(Deserialize)]
struct WireReviewed {
    allowed: bool,
}

async fn allowed(
    door: &dyn Door,
    (verb, group, resource): (&str, &str, &str),
    namespace: Option<&Clean>,
) -> Result<bool, Fault> {
    let namespace = namespace.map_or("", Clean::as_str);
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": { "resourceAttributes": { "namespace": namespace, "verb": verb, "group": group, "resource": resource } },
    });
    let ask = Ask { verb: Verb::Review(review.to_string()), ..Ask::get(REVIEWS) };
    let reply = door.ask(ask).await?;
    // No opinion is no.
    json::<WireReview>(&reply.body, "an access review").map(|review| review.status.allowed)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// `resource.group verb` of every rule that is not commented out.
    fn role() -> BTreeSet<String> {
        let mut granted = BTreeSet::new();
        let (mut groups, mut resources) = (Vec::new(), Vec::new());
        let list = |line: &str| -> Option<Vec<String>> {
            let inner = line.split_once('[')?.1.split_once(']')?.0;
            Some(inner.split(',').map(|word| word.trim().trim_matches('"').to_owned()).collect())
        };
        for line in include_str!("../../../assets/clusterrole.yaml").lines().map(str::trim) {
            match line.trim_start_matches("- ").split(':').next().unwrap_or_default() {
                "apiGroups" => groups = list(line).unwrap(),
                "resources" => resources = list(line).unwrap(),
                "nonResourceURLs" => groups.clear(),
                "verbs" => {
                    for (group, resource) in groups.iter().flat_map(|g| resources.iter().map(move |r| (g, r))) {
                        granted
                            .extend(list(line).unwrap().into_iter().map(|verb| format!("{resource}.{group} {verb}")));
                    }
                }
                _ => {}
            }
        }
        granted
    }

    fn needed() -> BTreeSet<String> {
        let of = |(group, lives, resources): &(&str, Lives, &[&str])| {
            let verbs: &[&str] = if *lives == Lives::Followed { &["list", "watch"] } else { &["list"] };
            let pairs = resources.iter().flat_map(|one| verbs.iter().map(move |verb| (one, verb)));
            pairs.map(|(one, verb)| format!("{one}.{group} {verb}")).collect::<Vec<_>>()
        };
        READS.iter().flat_map(of).collect()
    }

    #[test]
    fn the_role_grants_what_is_read_and_nothing_else() {
        assert_eq!(role(), needed());
    }

    #[test]
    fn what_the_samples_saw_being_asked_is_known_to_be_read() {
        let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/kubernetes");
        let mut seen = 0;
        for version in std::fs::read_dir(samples).unwrap() {
            for case in std::fs::read_dir(version.unwrap().path()).unwrap() {
                let text = std::fs::read_to_string(case.unwrap().path().join("exchange.txt")).unwrap();
                for path in text.lines().filter_map(|line| line.strip_prefix("GET ")?.split(' ').next()) {
                    let steps: Vec<&str> = path.split('/').collect();
                    let (group, resource) = match steps.as_slice() {
                        ["apis", group, _, "namespaces", _, resource] | ["apis", group, _, resource] => {
                            (*group, *resource)
                        }
                        ["api", "v1", resource] => ("", *resource),
                        _ => continue,
                    };
                    // Helm's records are read only where a person asks for it, and the role says so in a comment.
                    if matches!(resource, "secrets" | "configmaps") {
                        continue;
                    }
                    let known = READS.iter().any(|(g, _, resources)| *g == group && resources.contains(&resource));
                    assert!(known, "{path}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 20, "{seen}");
    }
}
