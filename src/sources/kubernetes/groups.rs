//! Which API groups a cluster serves, and in which version: asked, for versions of custom resources move.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::fault::Fault;
use crate::sources::reading::json;

/// The preferred version of every group.
#[derive(Debug, Default)]
pub(super) struct Groups(BTreeMap<String, String>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireGroups {
    groups: Vec<WireGroup>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireGroup {
    name: String,
    preferred_version: WireVersion,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireVersion {
    group_version: String,
}

impl Groups {
    /// Understands the list of groups.
    pub(super) fn read(body: &[u8]) -> Result<Self, Fault> {
        let wire: WireGroups = json(body, "the API groups of a Kubernetes")?;
        Ok(Self(wire.groups.into_iter().map(|group| (group.name, group.preferred_version.group_version)).collect()))
    }

    /// The path below which a group is asked; none where it is not installed.
    pub(super) fn path(&self, group: &str) -> Option<String> {
        let version = self.0.get(group)?;
        // `group/version`, and nothing that would lead elsewhere.
        let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        let (name, number) = version.split_once('/')?;
        (name == group && is_plain(number)).then(|| format!("apis/{group}/{number}"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_asked_in_the_version_its_server_prefers() {
        let group = include_str!("../../../tests/samples/kubernetes/1.33/with-operators/group-strimzi.json");
        let list = format!(
            r#"{{"kind":"APIGroupList","groups":[{group},{{"name":"evil.test","versions":[],
            "preferredVersion":{{"groupVersion":"evil.test/v1/../../secrets","version":"v1"}}}}]}}"#
        );
        let groups = Groups::read(list.as_bytes()).unwrap();
        assert_eq!(groups.path("kafka.strimzi.io").as_deref(), Some("apis/kafka.strimzi.io/v1"));
        assert_eq!(groups.path("evil.test"), None);
        assert_eq!(groups.path("velero.io"), None);
        assert!(Groups::read(b"<html>").is_err());
    }
}
