//! The cockpit as a pure machine: messages in, effects out, a picture of the state at any time.

pub mod asking;
pub mod detail;
pub mod draw;
pub mod drawer;
pub mod effect;
pub mod forms;
pub mod held;
pub mod help;
pub mod keys;
pub mod layer;
pub mod layout;
pub mod message;
pub mod mouse;
pub mod overlay;
pub mod palette;
pub mod picture;
pub mod prompt;
pub mod running;
pub mod script;
pub mod settings;
pub mod state;
pub mod tour;
pub mod travel;
pub mod update;
pub mod urgent;
pub mod window;
