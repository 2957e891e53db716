//! Support: resources (D24), competence (D25), awareness (D06a, D29), communication (D30) and documented information (D31).

mod awareness;
mod communication;
mod competence;
mod document;
mod resource;

use mamori_domain::support::file::StoredContent;
use mamori_persistence::kernel::{failure::Outcome, tx::Tx};

pub(super) use self::document::PROCEDURE;
use super::Company;

/// What the ISMS rests on; `procedure` is the stored text of one document.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company, procedure: &StoredContent) -> Outcome<()> {
    resource::fill(tx, company)?;
    competence::fill(tx, company)?;
    awareness::fill(tx, company)?;
    communication::fill(tx, company)?;
    document::fill(tx, company, procedure)
}
