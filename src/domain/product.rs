//! Products: how each one's versions are read, how long they live, and by what marks they are recognised.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::clock::Dated;
use super::cycles::Cycle;
use super::id::{ProductId, SourceId};
use super::planned::Stream;
use super::scheme::Scheme;
use super::version::{Version, VersionRange};
use crate::text::clean::Clean;

/// Something with versions and a lifecycle.
#[derive(Clone, Debug)]
pub struct Product {
    /// Its id, such as `cert-manager`.
    pub id: ProductId,
    /// Its name for people, such as `cert-manager`.
    pub title: Clean,
    /// The part of a platform it belongs to, such as `runtime`.
    pub group: Clean,
    /// How its versions are read.
    pub scheme: Scheme,
    /// How long a version lives.
    pub lifecycle: Lifecycle,
    /// How long an end-of-life version is still operated, in days, where the product says so.
    pub upgrade_window: Option<u32>,
    /// The versions our own platform works with.
    pub supported: Option<VersionRange>,
    /// How far one upgrade may go.
    pub step: Step,
    /// Which stream its work belongs to.
    pub stream: Stream,
    /// Its official chart.
    pub chart: Option<Chart>,
    /// Marks by which a source recognises it.
    pub marks: Marks,
    /// What `delivered` looks for in an artifact store.
    pub artifacts: Vec<Clean>,
    /// Cycles written in the fleet file, where the lifecycle data has none.
    pub cycles: Option<Vec<Cycle>>,
    /// Releases written in the fleet file.
    pub listed: Vec<ListedRelease>,
    /// Whether `listed` was given at all: an empty list is a list.
    pub has_list: bool,
    /// Versions that must not roll out anywhere.
    pub blocked: Vec<Version>,
    /// The sources that tell its releases.
    pub sources: Vec<SourceId>,
}

/// A release written in the fleet file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRelease {
    /// The version.
    pub version: Clean,
    /// When it was published.
    pub published: Option<Dated>,
}

/// How long a version lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// End-of-life as soon as a higher version is published.
    Rolling,
    /// End-of-life on its cycle's date, under this name in the lifecycle data.
    Dated {
        /// The name, such as `apache-kafka`.
        cycles: Clean,
    },
    /// Like rolling, measured against the official chart.
    LatestStable,
}

impl Lifecycle {
    /// The name in rows and files.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Rolling => "rolling",
            Self::Dated { .. } => "dated",
            Self::LatestStable => "latest-stable",
        }
    }
}

/// How far one upgrade may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To any version.
    Any,
    /// One minor at a time.
    Minor,
}

/// An official chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The repository's address, `https://...` or `oci://...`.
    pub repository: Clean,
    /// The chart's name there.
    pub name: Clean,
}

/// Marks by which a source recognises a product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Image names without registry and tag, matched from the right: `cilium/cilium`.
    pub images: Vec<Clean>,
    /// Helm chart names.
    pub charts: Vec<Clean>,
    /// Build-info metrics.
    pub metrics: Vec<BuildMetric>,
    /// A pattern for versions inside image tags where the tag carries more: `kafka-(.+)$`.
    pub tag: Option<Clean>,
}

/// A metric that tells a version in a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildMetric {
    /// The metric's name.
    pub name: Clean,
    /// The label that holds the version.
    pub label: Clean,
    /// Other labels that must have these values, such as `job="apiserver"`, where the series has that label at all.
    pub only: BTreeMap<Clean, Clean>,
}

/// Every product known, by id.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    products: BTreeMap<ProductId, Arc<Product>>,
    /// The image marks by the last step of their path, the longest first: a cluster names thousands of images.
    by_image: BTreeMap<Box<str>, Vec<(Clean, ProductId)>>,
}

/// What an image reference says.
#[derive(Clone, Debug)]
pub struct ImageReading<'a> {
    /// Whose image it is.
    pub product: &'a Product,
    /// The version in its tag; none for a reference by digest alone.
    pub version: Option<&'a str>,
}

impl Catalog {
    /// A catalog of these products; of two with one id the later counts.
    #[must_use]
    pub fn new(products: impl IntoIterator<Item = Product>) -> Self {
        let products: BTreeMap<ProductId, Arc<Product>> =
            products.into_iter().map(|product| (product.id.clone(), Arc::new(product))).collect();
        let mut by_image: BTreeMap<Box<str>, Vec<(Clean, ProductId)>> = BTreeMap::new();
        for product in products.values() {
            for mark in &product.marks.images {
                let marks = by_image.entry(last_step(mark.as_str()).into()).or_default();
                marks.push((mark.clone(), product.id.clone()));
            }
        }
        for marks in by_image.values_mut() {
            marks.sort_by_key(|(mark, _)| std::cmp::Reverse(mark.as_str().len()));
        }
        Self { products, by_image }
    }

    /// The product of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Product>> {
        self.products.get(id)
    }

    /// All products, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Product>> {
        self.products.values()
    }

    /// The product an image belongs to, and the version its tag tells.
    ///
    /// An image name matches from the right at a path boundary, so mirrors below any registry or folder are recognised;
    /// of several the longest wins.
    #[must_use]
    pub fn image<'a>(&'a self, reference: &'a str) -> Option<ImageReading<'a>> {
        let (path, tag) = split_image(reference);
        let ends_with =
            |mark: &str| path.strip_suffix(mark).is_some_and(|before| before.is_empty() || before.ends_with('/'));
        let (_, product) = self.by_image.get(last_step(path))?.iter().find(|(mark, _)| ends_with(mark.as_str()))?;
        let product = self.get(product.as_str())?;
        let version = tag.map(|tag| match &product.marks.tag {
            // The catalog's mark is a plain text that stands before the version: `kafka-` in `0.48.0-kafka-4.1.0`.
            // Other builds of the same product have the version alone.
            Some(before) => tag.rsplit_once(before.as_str()).map_or(tag, |(_, version)| version),
            None => tag,
        });
        Some(ImageReading { product, version })
    }

    /// The products a chart name may stand for.
    #[must_use]
    pub fn chart(&self, name: &str) -> Option<&Arc<Product>> {
        self.iter().find(|product| product.marks.charts.iter().any(|chart| chart.as_str() == name))
    }

    /// The product a build-info metric belongs to, with the label that holds its version.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<(&Arc<Product>, &BuildMetric)> {
        self.iter().find_map(|product| {
            product.marks.metrics.iter().find(|metric| metric.name.as_str() == name).map(|metric| (product, metric))
        })
    }

    /// Every build-info metric's name, sorted.
    #[must_use]
    pub fn metric_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.iter().flat_map(|product| product.marks.metrics.iter().map(|metric| metric.name.as_str())).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// What stands behind the last slash of a path.
fn last_step(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, last)| last)
}

/// An image reference as path and tag: `[host[:port]/]path[:tag][@sha256:...]`.
fn split_image(reference: &str) -> (&str, Option<&str>) {
    let named = reference.split_once('@').map_or(reference, |(named, _)| named);
    match named.rsplit_once(':') {
        // A colon before the last slash belongs to the registry's port.
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        Some(_) | None => (named, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_reference_is_cut_at_the_tag_not_at_the_port() {
        for (reference, path, tag) in [
            ("quay.io/cilium/cilium:v1.18.3@sha256:00", "quay.io/cilium/cilium", Some("v1.18.3")),
            ("registry.test:5000/a/b", "registry.test:5000/a/b", None),
            ("registry.test:5000/a/b:7.0", "registry.test:5000/a/b", Some("7.0")),
            ("a/b@sha256:00", "a/b", None),
            ("mongo:7.0.14", "mongo", Some("7.0.14")),
        ] {
            assert_eq!(split_image(reference), (path, tag));
        }
    }
}
