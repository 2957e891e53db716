//! Scope, layout, network and entry log: D12 to D14.

mod scope;

use mamori_persistence::kernel::{failure::Outcome, tx::Tx};

use super::Company;

/// What surrounds the ISMS.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    scope::fill(tx, company)
}
