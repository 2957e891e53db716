//! What surrounds the ISMS: interested parties, scope, layout, network and entry log (D11 to D14).

mod interested_party;
mod scope;

use mamori_persistence::kernel::{failure::Outcome, tx::Tx};

use super::Company;

/// The context of the organization.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    interested_party::fill(tx)?;
    scope::fill(tx, company)
}
