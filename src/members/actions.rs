//! What changes members.
