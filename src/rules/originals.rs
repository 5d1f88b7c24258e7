//! What the vendor's own store holds of a product: the digests a customer's store is compared with.

use std::collections::BTreeMap;

use crate::domain::delivery::Artifact;
use crate::domain::product::Product;
use crate::text::clean::Clean;

/// The vendor's own digests of one product's artifacts, by artifact and tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Originals(BTreeMap<(String, String), Clean>);

impl Originals {
    /// What the vendor's stores told. Where two tell another digest of one tag, neither is held against anybody.
    #[must_use]
    pub fn of<'a>(product: &Product, told: impl IntoIterator<Item = &'a Artifact>) -> Self {
        let mut all: BTreeMap<_, Option<Clean>> = BTreeMap::new();
        for one in told.into_iter().filter(|one| one.present) {
            let Some(digest) = &one.digest else { continue };
            let slot = all.entry(key(product, one)).or_insert_with(|| Some(digest.clone()));
            if slot.as_ref().is_some_and(|known| known != digest) {
                *slot = None;
            }
        }
        Self(all.into_iter().filter_map(|(key, digest)| Some((key, digest?))).collect())
    }

    /// The digest an artifact should have.
    #[must_use]
    pub fn wanted(&self, product: &Product, one: &Artifact) -> Option<&Clean> {
        self.0.get(&key(product, one))
    }

    /// Whether an artifact has another content than the vendor's.
    #[must_use]
    pub fn differ(&self, product: &Product, one: &Artifact) -> bool {
        matches!((&one.digest, self.wanted(product, one)), (Some(has), Some(wants)) if has != wants)
    }
}

/// By what one artifact is the same in two stores: each may keep it under a folder of its own.
fn key(product: &Product, one: &Artifact) -> (String, String) {
    let name = one.name.as_str();
    let known = product.artifacts.iter().map(Clean::as_str).filter(|wanted| is_named(name, wanted));
    (known.max_by_key(|wanted| wanted.len()).unwrap_or(name).to_owned(), one.tag.as_str().to_owned())
}

/// Whether a name in a store is that of an artifact, under whatever folder the store keeps it.
#[must_use]
pub fn is_named(name: &str, artifact: &str) -> bool {
    name.strip_suffix(artifact).is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
}
