//! What a screen is made of.

pub mod colour;
pub mod role;
pub mod signs;
pub mod theme;
