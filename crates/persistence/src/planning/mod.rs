//! 6 Planning: assets, risk criteria, risks, treatment, the statement of applicability.

pub mod applicability;
pub mod asset;
pub mod objective;
pub mod owner;
pub mod planned_change;
pub(crate) mod rating;
pub(crate) mod reference;
pub mod risk;
pub mod risk_assessment;
pub mod risk_criteria;
pub mod treatment_item;
pub mod treatment_plan;

use mamori_domain::access::{Resource, Verb};

use crate::kernel::{
    failure::Outcome,
    tx::Tx,
    versions::{ISSUED, NONE, Readable},
};

/// Which versions of what belongs to the whole organization the caller reads: whoever reads all of this resource, all;
/// whoever reads within a department or as the owner of a risk, those that are or were in force.
pub(crate) fn readable(tx: &mut Tx<'_>, resource: Resource) -> Outcome<Readable> {
    let within = tx.within(resource, Verb::Read)?;
    if within.all {
        return Ok(None);
    }
    match !within.departments.is_empty() || risk::is_owner(tx, &within)? {
        true => Ok(ISSUED),
        false => Ok(NONE),
    }
}
