//! Principals, sessions, tokens.
