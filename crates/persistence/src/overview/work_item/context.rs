//! Context (clause 4).

use mamori_domain::access::Resource;

use super::{Desk, Kind, bounded};
use crate::{
    context::{network_diagram, scope},
    kernel::{failure::Outcome, tx::Tx},
};

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    const SCOPE: Kind = Kind::new(Resource::Scope, "4.3", "/v1/isms-scopes");
    for of in scope::list(tx, &scope::Filter::default(), &bounded())?.items {
        desk.version(SCOPE, of.id.uuid(), of.draft.title.as_str(), &of.version, &of.allowed_actions);
    }
    const DIAGRAM: Kind = Kind::new(Resource::Scope, "4.3", "/v1/network-diagrams");
    for of in network_diagram::list(tx, &network_diagram::Filter::default(), &bounded())?.items {
        desk.version(DIAGRAM, of.id.uuid(), of.draft.title.as_str(), &of.version, &of.allowed_actions);
    }
    Ok(())
}
