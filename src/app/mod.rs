//! The cockpit as a pure machine.
