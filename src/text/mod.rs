//! Outside text made harmless, measured, shortened and spoken.
