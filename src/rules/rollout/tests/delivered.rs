//! What counts as delivered where the vendor's own store was heard too.

use super::*;

#[test]
fn delivered_means_the_vendors_content_wherever_the_store_keeps_it() {
    let lies = |name: &str, digest: Option<&str>| Artifact {
        name: clean(name),
        tag: clean(V),
        digest: digest.map(clean),
        present: true,
    };
    let vendors = || vec![lies("meshstack/panel", Some("sha256:aa")), lies("meshstack/api", Some("sha256:bb"))];
    for (panel, api, expected) in [
        (Some("sha256:aa"), Some("sha256:bb"), (StationState::Done, "")),
        (
            Some("sha256:bb"),
            Some("sha256:bb"),
            (StationState::Failed, "mirror/meshstack/panel has another content than the vendor's"),
        ),
        (Some("sha256:aa"), None, (StationState::Waiting, "the digest of 1 of 2 artifacts is not known")),
    ] {
        let held = [lies("mirror/meshstack/panel", panel), lies("meshstack/api", api)];
        let mut scene = Scene::new().with(held.map(|one| said("oci", What::Artifact(Box::new(one)))));
        scene.originals = vendors();
        let one = scene.one();
        let station = &one.stations[1];
        assert_eq!((station.state, station.detail.as_str()), expected);
    }
    let mut scene =
        Scene::new().with([said("oci", What::Artifact(Box::new(lies("meshstack/panel", Some("sha256:aa")))))]);
    scene.originals = vendors();
    assert_eq!(scene.one().stations[1].detail, "1 of 2 artifacts");
    // Two of the vendor's own stores that disagree prove nothing against a customer's.
    let mut torn = vendors();
    torn.push(lies("meshstack/panel", Some("sha256:cc")));
    let mut scene = Scene::new().with(["meshstack/panel", "meshstack/api"].map(|name| {
        said(
            "oci",
            What::Artifact(Box::new(lies(name, Some(if name.ends_with("api") { "sha256:bb" } else { "sha256:dd" })))),
        )
    }));
    scene.originals = torn;
    assert_eq!(scene.one().stations[1].state, StationState::Done);
}
