//! What is wrong in a file a person wrote, and how it is said.
