//! 6 Planning.
