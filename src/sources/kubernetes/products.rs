//! Whose workload is it, and which version does it ask for: by the catalog's images, and by the environment's namespace.

use crate::domain::fact::{Evidence, Sighting};
use crate::domain::id::ProductId;
use crate::domain::product::{Catalog, ImageReading, Product};
use crate::domain::scheme::Scheme;
use crate::domain::version::Version;
use crate::text::clean::Clean;

use super::resources::named;
use super::wire::WireWorkload;

/// By what workloads are recognised.
pub(super) struct Naming<'a> {
    /// The products and their images.
    pub(super) catalog: &'a Catalog,
    /// The environment's own product.
    pub(super) own: Option<&'a ProductId>,
    /// Where its own product lives; none where the cluster is its alone.
    pub(super) namespace: Option<&'a str>,
}

/// What a workload is recognised as.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The product it is part of.
    pub(super) product: Option<ProductId>,
    /// The version it asks for.
    pub(super) version: Option<Clean>,
    /// Every version its label and images tell.
    pub(super) sightings: Vec<Sighting>,
}

impl Naming<'_> {
    /// Recognises a workload.
    pub(super) fn tell(&self, workload: &WireWorkload) -> Told {
        let at_home = self.namespace.is_none_or(|namespace| namespace == workload.metadata.namespace);
        let images: Vec<ImageReading<'_>> = workload
            .images()
            .filter_map(|image| self.catalog.image(image))
            // Another environment's copy of the own product, on a cluster they share.
            .filter(|reading| at_home || Some(&reading.product.id) != self.own)
            .collect();
        // What nobody else is recognised as belongs to the product whose home this is, if it has a home of its own.
        let own = self.own.filter(|_| at_home && self.namespace.is_some());
        let Some(product) = images.first().map(|reading| &reading.product.id).or(own) else { return Told::default() };

        let mut sightings = Vec::new();
        let part = named(&workload.metadata.namespace, &workload.metadata.name);
        let mut note = |product: &Product, version: Option<&str>, evidence: Evidence| {
            let Some(version) = version.filter(|version| is_version(product.scheme, version)) else { return };
            let (product, version) = (product.id.clone(), Clean::line(version));
            let sighting = Sighting { product, version, evidence, part: Some(part.clone()) };
            if !sightings.contains(&sighting) {
                sightings.push(sighting);
            }
        };
        let labels = workload.metadata.labels.as_ref();
        let label = labels.and_then(|labels| labels.version.as_deref());
        if let Some(known) = self.catalog.get(product.as_str()) {
            // Where its images are known, a neighbour in its namespace that is none of them and comes from another chart is
            // not the product itself.
            let of_its_chart = labels.and_then(|labels| labels.chart.as_deref());
            let of_its_chart = of_its_chart.is_some_and(|chart| is_of_chart(known, chart));
            let itself = known.marks.images.is_empty() || of_its_chart;
            if !images.is_empty() || itself {
                note(known, label, Evidence::Labelled);
            }
            if images.is_empty() && itself {
                workload.images().take(1).for_each(|image| note(known, tag(image), Evidence::Imaged));
            }
        }
        for reading in &images {
            note(reading.product, reading.version, Evidence::Imaged);
        }
        let version = sightings.iter().find(|one| one.product == *product).map(|one| one.version.clone());
        Told { product: Some(product.clone()), version, sightings }
    }
}

impl Naming<'_> {
    /// The product a chart installs into a namespace; none where it is another environment's copy of the own product.
    pub(super) fn of_chart(&self, chart: &str, namespace: &str) -> Option<ProductId> {
        let product = self.catalog.chart(chart)?.id.clone();
        let at_home = self.namespace.is_none_or(|home| home == namespace);
        (at_home || Some(&product) != self.own).then_some(product)
    }
}

/// Whether a text tells a version: `latest` and branch names don't.
fn is_version(scheme: Scheme, text: &str) -> bool {
    match scheme {
        Scheme::Opaque => !text.is_empty() && text != "latest",
        // A year comes first: a Redis 7.2 beside the product is not its seventh year.
        Scheme::Calver => {
            Version::read(scheme, text).numbers().first().is_some_and(|year| (1990..10_000).contains(year))
        }
        Scheme::Semver | Scheme::Kubernetes => Version::read(scheme, text).is_ordered(),
    }
}

/// The tag of an image reference.
fn tag(image: &str) -> Option<&str> {
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    named.rsplit_once(':').map(|(_, tag)| tag).filter(|tag| !tag.contains('/'))
}

/// Whether a chart label, `NAME-VERSION`, names a chart of the product.
fn is_of_chart(product: &Product, label: &str) -> bool {
    product.marks.charts.iter().any(|chart| {
        let version = label.strip_prefix(chart.as_str()).and_then(|rest| rest.strip_prefix('-'));
        version.is_some_and(|version| version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::planned::Stream;
    use crate::domain::product::{Lifecycle, Marks, Step};

    pub(in crate::sources::kubernetes) fn product(
        id: &str,
        scheme: Scheme,
        images: &[&str],
        charts: &[&str],
    ) -> Product {
        let clean = |texts: &[&str]| texts.iter().map(|text| Clean::line(text)).collect();
        Product {
            id: id.into(),
            title: Clean::line(id),
            group: Clean::line(""),
            scheme,
            lifecycle: Lifecycle::Rolling,
            upgrade_window: None,
            supported: None,
            step: Step::Any,
            stream: Stream::Infrastructure,
            chart: None,
            marks: Marks { images: clean(images), charts: clean(charts), ..Marks::default() },
            artifacts: Vec::new(),
            cycles: None,
            listed: Vec::new(),
            has_list: false,
            blocked: Vec::new(),
            sources: Vec::new(),
        }
    }

    fn tell(own_images: &[&str], namespace: Option<&str>, labels: &[(&str, &str)], images: &[&str]) -> String {
        let catalog = Catalog::new([
            product("own", Scheme::Calver, own_images, &["meshfed"]),
            product("mongodb", Scheme::Semver, &["percona/percona-server-mongodb"], &[]),
        ]);
        let labels: BTreeMap<&str, &str> = labels.iter().copied().collect();
        let containers: Vec<_> = images.iter().map(|image| serde_json::json!({ "image": image })).collect();
        let workload = serde_json::json!({
            "metadata": { "name": "x", "namespace": "home", "labels": labels },
            "spec": { "template": { "spec": { "containers": containers } } },
        });
        let workload: WireWorkload = serde_json::from_value(workload).unwrap();
        let own = ProductId::from("own");
        let naming = Naming { catalog: &catalog, own: Some(&own), namespace };
        let told = naming.tell(&workload);
        let seen: Vec<String> =
            told.sightings.iter().map(|one| format!("{} {} {:?}", one.product, one.version, one.evidence)).collect();
        format!("{} {}", told.product.map_or("nobody".to_owned(), |id| id.to_string()), seen.join(", "))
            .trim()
            .to_owned()
    }

    #[test]
    fn images_labels_and_the_namespace_say_whose_a_workload_is() {
        const LABEL: (&str, &str) = ("app.kubernetes.io/version", "2026.41.0");
        const CHART: (&str, &str) = ("helm.sh/chart", "meshfed-12.4.1");
        let home = Some("home");
        for (own_images, namespace, labels, images, told) in [
            // At home, without known images: label and tag.
            (&[][..], home, &[LABEL][..], &["r/api:2026.41.1"][..], "own own 2026.41.0 Labelled, own 2026.41.1 Imaged"),
            (&[], home, &[], &["r/api@sha256:00"], "own"),
            // A neighbour's version does not read as one of ours.
            (&[], home, &[], &["r/redis:7.2"], "own"),
            // Somebody else's at home is somebody else's.
            (&[], home, &[], &["docker.io/percona/percona-server-mongodb:7.0.14-8"], "mongodb mongodb 7.0.14-8 Imaged"),
            // Known images say what it is, wherever the mirror; others at home don't tell its version.
            (&["meshfed/api"], home, &[], &["mirror:5000/x/meshfed/api:2026.41.0"], "own own 2026.41.0 Imaged"),
            (&["meshfed/api"], home, &[LABEL], &["r/other:1"], "own"),
            (&["meshfed/api"], home, &[LABEL, CHART], &["r/other:1"], "own own 2026.41.0 Labelled"),
            // Another environment's copy on a cluster they share is not ours.
            (&["meshfed/api"], Some("elsewhere"), &[LABEL], &["r/meshfed/api:2026.40.0"], "nobody"),
            (
                &["meshfed/api"],
                None,
                &[LABEL],
                &["r/meshfed/api:2026.41.0"],
                "own own 2026.41.0 Labelled, own 2026.41.0 Imaged",
            ),
            // Without a home of its own nothing is taken for it by its place.
            (&[], None, &[LABEL], &["r/api:2026.41.1"], "nobody"),
            (&["meshfed/api"], home, &[], &["r/meshfed/api:latest"], "own"),
        ] {
            assert_eq!(tell(own_images, namespace, labels, images), told, "{labels:?} {images:?} in {namespace:?}");
        }
    }

    #[test]
    fn a_chart_label_names_the_chart_before_its_version() {
        let product = product("own", Scheme::Calver, &[], &["meshfed"]);
        for (label, is) in
            [("meshfed-12.4.1", true), ("meshfed-v12.4.1_b1", true), ("meshfed-extra-1.0.0", false), ("meshfed", false)]
        {
            assert_eq!(is_of_chart(&product, label), is, "{label}");
        }
    }
}
