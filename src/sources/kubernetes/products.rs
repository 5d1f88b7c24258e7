//! Whose workload is it, and which version does it ask for: by the catalog's images, and by the environment's namespace.

use crate::domain::fact::{Evidence, Sighting};
use crate::domain::id::ProductId;
use crate::domain::product::{Catalog, Product};
use crate::domain::scheme::Scheme;
use crate::domain::version::Version;
use crate::text::clean::Clean;

use super::workloads::WireWorkload;

/// The label in which a workload tells its version.
const VERSION_LABEL: &str = "app.kubernetes.io/version";

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
        let images: Vec<(&Product, Option<String>)> = workload
            .images()
            .filter_map(|image| self.catalog.image(image))
            // Another environment's copy of the own product, on a cluster they share.
            .filter(|reading| at_home || Some(&reading.product) != self.own)
            .filter_map(|reading| Some((&**self.catalog.get(reading.product.as_str())?, reading.version)))
            .collect();
        // What nobody else is recognised as belongs to the product whose home this is, if it has a home of its own.
        let own = self.own.filter(|_| at_home && self.namespace.is_some());
        let Some(product) = images.first().map(|(product, _)| &product.id).or(own) else { return Told::default() };

        let mut sightings = Vec::new();
        let mut note = |product: &Product, version: Option<&str>, evidence: Evidence| {
            let Some(version) = version.filter(|version| is_version(product.scheme, version)) else { return };
            let part = Some(Clean::line(&format!("{}/{}", workload.metadata.namespace, workload.metadata.name)));
            let sighting = Sighting { product: product.id.clone(), version: Clean::line(version), evidence, part };
            if !sightings.contains(&sighting) {
                sightings.push(sighting);
            }
        };
        let label = workload.metadata.label(VERSION_LABEL);
        if let Some(known) = self.catalog.get(product.as_str()) {
            // Where its images are known, a neighbour in its namespace that is none of them is not the product itself.
            if !images.is_empty() || known.marks.images.is_empty() {
                note(known, label, Evidence::Labelled);
            }
            if images.is_empty() && known.marks.images.is_empty() {
                workload.images().take(1).for_each(|image| note(known, tag(image), Evidence::Imaged));
            }
        }
        for (known, version) in &images {
            note(known, version.as_deref(), Evidence::Imaged);
        }
        let version = sightings.iter().find(|one| one.product == *product).map(|one| one.version.clone());
        Told { product: Some(product.clone()), version, sightings }
    }
}

impl WireWorkload {
    fn images(&self) -> impl Iterator<Item = &str> {
        self.spec.template.spec.containers.iter().flatten().map(|container| container.image.as_str())
    }
}

/// Whether a text tells a version: `latest` and branch names don't.
fn is_version(scheme: Scheme, text: &str) -> bool {
    match scheme {
        Scheme::Opaque => !text.is_empty() && text != "latest",
        Scheme::Calver | Scheme::Semver | Scheme::Kubernetes => Version::read(scheme, text).is_ordered(),
    }
}

/// The tag of an image reference.
fn tag(image: &str) -> Option<&str> {
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    named.rsplit_once(':').map(|(_, tag)| tag).filter(|tag| !tag.contains('/'))
}
