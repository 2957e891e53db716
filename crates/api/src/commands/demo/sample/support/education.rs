//! Education (D26–D28): the comprehension test of this year.

mod test;

use mamori_persistence::kernel::{failure::Outcome, tx::Tx};

use super::super::Company;

/// What people learn, and what they are asked.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    test::fill(tx, company)?;
    Ok(())
}
