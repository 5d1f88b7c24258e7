//! A board as text.
