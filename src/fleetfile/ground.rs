//! What installations stand on: products, windows and plans, all of them read before.

use super::plans::Plans;
use super::products::Products;
use super::section::{Defaults, Key, Placed, Section};
use super::windows::Windows;
use crate::diagnostic::did_you_mean;
use crate::domain::clock::Tz;
use crate::domain::id::ProductId;
use crate::text::clean::Clean;

/// What installations stand on: all of it read before them.
pub(super) struct Ground {
    pub zone: Tz,
    pub defaults: Defaults,
    pub products: Products,
    pub windows: Windows,
    pub plans: Plans,
}

/// A product by its id; one nobody knows is a problem.
pub(super) fn product(section: &mut Section<'_>, key: impl Into<Key>, products: &Products) -> Option<ProductId> {
    let placed = section.named(key)?;
    known_product(section, &placed, products)
}

/// The product that a text names.
pub(super) fn known_product(section: &Section<'_>, placed: &Placed<Clean>, products: &Products) -> Option<ProductId> {
    let name = placed.value.as_str();
    if let Some((id, _)) = products.get_key_value(name) {
        return Some(id.clone());
    }
    if !section.desk().is_torn() {
        let problem = section.problem(placed.span, format!("there is no product `{name}`"));
        let near = did_you_mean(name, products.keys().map(ProductId::as_str));
        section.note(problem.help(near.unwrap_or_else(|| format!("describe it as `[products.{name}]`"))));
    }
    None
}
