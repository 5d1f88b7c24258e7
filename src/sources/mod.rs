//! One file an integration.
