//! 4 Context of the organization: issues, interested parties, actions on both, reviews; scope, zones, entry log, network
//! diagram.

pub mod action;
pub mod entry_log;
pub mod interested_party;
pub mod issue;
pub(crate) mod named;
pub mod network_diagram;
pub mod review;
pub mod scope;
pub mod zone;

use mamori_domain::access::{Resource, Verb};

use crate::{
    kernel::{
        failure::Outcome,
        tx::Tx,
        versions::{ISSUED, NONE, Readable},
    },
    planning::risk,
};

/// Which versions of what is issued in versions the caller reads. Whoever may write, hand in or approve them reads all
/// (`None`); everybody else those that are or were in force.
pub(crate) fn readable(tx: &mut Tx<'_>, resource: Resource) -> Outcome<Readable> {
    if !tx.within(resource, Verb::Read)?.all {
        return Ok(NONE);
    }
    for verb in [Verb::Create, Verb::Update, Verb::Submit, Verb::Approve] {
        if tx.within(resource, verb)?.all {
            return Ok(None);
        }
    }
    Ok(ISSUED)
}

/// Whether the caller reads a register: all of it, also as the owner of a risk, or nothing.
pub(crate) fn reads_register(tx: &mut Tx<'_>, resource: Resource) -> Outcome<bool> {
    let within = tx.within(resource, Verb::Read)?;
    Ok(within.all || risk::is_owner(tx, &within)?)
}
