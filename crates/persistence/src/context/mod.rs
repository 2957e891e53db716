//! 4 Context of the organization: interested parties, scope, zones, entry log, network diagram.

pub mod entry_log;
pub mod interested_party;
mod named;
pub mod network_diagram;
pub mod scope;
pub mod zone;

use mamori_domain::access::{Resource, Verb};

use crate::kernel::{
    failure::Outcome,
    tx::Tx,
    versions::{ISSUED, NONE, Readable},
};

/// Which versions of the scope and of the network diagram the caller reads. Whoever may write, hand in or approve them
/// reads all (`None`); everybody else those that are or were in force.
fn readable(tx: &mut Tx<'_>) -> Outcome<Readable> {
    if !tx.within(Resource::Scope, Verb::Read)?.all {
        return Ok(NONE);
    }
    for verb in [Verb::Create, Verb::Update, Verb::Submit, Verb::Approve] {
        if tx.within(Resource::Scope, verb)?.all {
            return Ok(None);
        }
    }
    Ok(ISSUED)
}
