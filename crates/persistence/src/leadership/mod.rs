//! 5 Leadership.
