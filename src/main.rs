//! The program: hooks, arguments, exit code.

fn main() {}
