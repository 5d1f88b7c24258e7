//! What a screen is made of.

pub mod action;
pub mod choices;
pub mod colour;
pub mod developed;
pub mod keymap;
pub mod pane;
pub mod panes;
pub mod role;
pub mod sheet;
pub mod signs;
pub mod theme;
pub mod widgets;
