//! Support: resources (D24), competence (D25) and documented information (D31).

mod competence;
mod document;
mod resource;

use mamori_persistence::kernel::{failure::Outcome, tx::Tx};

use super::Company;

/// What the ISMS rests on.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    resource::fill(tx, company)?;
    competence::fill(tx, company)?;
    document::fill(tx, company)
}
