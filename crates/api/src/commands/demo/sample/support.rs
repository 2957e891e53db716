//! Support: resources (D24), competence (D25), what the law demands (A.5.31), education (D06d, D26–D28), awareness (D06a, D29),
//! communication (D30) and documented information (D31).

mod awareness;
mod communication;
mod competence;
mod document;
mod education;
mod legal_requirement;
mod resource;
mod retention;

use mamori_domain::support::file::StoredContent;
use mamori_persistence::kernel::{failure::Outcome, tx::Tx};

pub(super) use self::document::PROCEDURE;
use super::Company;

/// What the ISMS rests on; `procedure` is the stored text of one document.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company, procedure: &StoredContent) -> Outcome<()> {
    resource::fill(tx, company)?;
    competence::fill(tx, company)?;
    legal_requirement::fill(tx, company)?;
    education::fill(tx, company, procedure)?;
    awareness::fill(tx, company)?;
    communication::fill(tx, company)?;
    document::fill(tx, company, procedure)?;
    retention::fill(tx, company)
}
