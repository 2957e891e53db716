//! Support: resources (D24), competence (D25), education (D26–D28) and documented information (D31).

mod competence;
mod document;
mod education;
mod resource;

use mamori_domain::support::file::StoredContent;
use mamori_persistence::kernel::{failure::Outcome, tx::Tx};

pub(super) use self::document::PROCEDURE;
use super::Company;

/// What the ISMS rests on; `procedure` is the stored text of one document.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company, procedure: &StoredContent) -> Outcome<()> {
    resource::fill(tx, company)?;
    competence::fill(tx, company)?;
    education::fill(tx, company, procedure)?;
    document::fill(tx, company, procedure)
}
