//! The lock counter of a record (not its issued version).

/// Rises by one with every change of the record; a client sends it back as `If-Match`.
pub type Revision = i32;

/// A record that is read with an `ETag` and changed with an `If-Match`.
pub trait Revised {
    /// The revision that was read.
    fn revision(&self) -> Revision;
}
