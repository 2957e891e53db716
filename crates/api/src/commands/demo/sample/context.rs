//! What surrounds the ISMS: issues, interested parties, actions and their review, scope, layout, network and entry log (D10
//! to D14).

mod interested_party;
mod issue;
mod review;
mod scope;

use mamori_persistence::kernel::{failure::Outcome, tx::Tx};

use super::Company;

/// The context of the organization.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    issue::fill(tx, company)?;
    interested_party::fill(tx, company)?;
    review::fill(tx, company)?;
    scope::fill(tx, company)
}
