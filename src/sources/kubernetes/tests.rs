use super::*;

fn ready(status: u16, body: &str) -> (Level, String) {
    let reply = Reply { status, body: body.as_bytes().to_vec(), ..Reply::default() };
    match read_ready(&reply).what {
        What::Health(health) => (health.level, health.detail.to_string()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn readiness_names_what_fails() {
    let failed = "[+]ping ok\n[-]etcd failed: reason withheld\n[-]log failed: reason withheld\nreadyz check failed\n";
    for (status, body, level, detail) in [
        (200, "ok", Level::Ok, "ready"),
        (200, "[+]ping ok\n[+]etcd excluded: ok\nreadyz check passed\n", Level::Ok, "ready"),
        (500, failed, Level::Critical, "not ready: etcd, log"),
        (500, "", Level::Critical, "not ready"),
        (200, "<html>", Level::Unknown, "an answer nobody knows"),
    ] {
        assert_eq!(ready(status, body), (level, detail.to_owned()));
    }
}

#[test]
fn the_version_is_what_git_calls_it() {
    for version in ["v1.31.4", "v1.33.5-gke.1080000", "v1.30.2+k3s1"] {
        let body = format!(r#"{{"major":"1","minor":"29+","gitVersion":"{version}","emulationMajor":"1"}}"#);
        let What::Sighting(sighting) = read_version(body.as_bytes()).unwrap().what else { panic!("no sighting") };
        assert_eq!(sighting.version.as_str(), version);
    }
    assert!(matches!(read_version(b"<html>"), Err(Fault::Garbled { .. })));
}

#[test]
fn a_node_that_stopped_reporting_is_neither_ready_nor_not() {
    for (status, ready) in [("True", Some(true)), ("False", Some(false)), ("Unknown", None)] {
        let node = format!(
            r#"{{"metadata":{{"name":"a"}},"spec":{{"unschedulable":true}},"status":{{"conditions":[{{"type":"Ready","status":"{status}"}}],"nodeInfo":{{"kubeletVersion":""}}}}}}"#
        );
        let node = serde_json::from_str::<WireNode>(&node).unwrap().into_node();
        assert_eq!((node.ready, node.kubelet, node.schedulable), (ready, None, false));
    }
}

#[test]
fn a_namespace_is_one_step_of_a_path() {
    assert_eq!(segment(&Clean::line("mesh-acme")), "mesh-acme");
    assert_eq!(segment(&Clean::line("../../secrets?x=1")), "secretsx1");
}
