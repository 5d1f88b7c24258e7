//! One file an integration.

pub mod build;
pub mod kind;

use self::kind::Kind;

/// Every kind of integration.
pub static KINDS: &[&Kind] = &[];
