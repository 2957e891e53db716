//! `mamori openapi`: the document that the code describes.

use super::{Fault, print};
use crate::kernel::openapi;

/// Prints it.
pub fn run() -> Result<(), Fault> {
    print(&openapi::text(&openapi::document()));
    Ok(())
}
