//! Every way out, bounded.
