//! Education (D06d, D26–D28): the programme and the comprehension test of this year, and the campaigns of last year and of this one.

mod campaign;
mod programme;
mod test;

use mamori_domain::support::file::StoredContent;
use mamori_persistence::kernel::{failure::Outcome, tx::Tx};

use super::super::Company;

/// What people learn, and what they are asked; `handbook` is the stored text that they read.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company, handbook: &StoredContent) -> Outcome<()> {
    programme::fill(tx, company)?;
    let test = test::fill(tx, company)?;
    campaign::fill(tx, company, handbook, &test)
}
