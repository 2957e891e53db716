//! Context (clause 4).

use mamori_domain::{
    access::{Resource, Role},
    context::action::{ContextActionState, ContextActionStep},
    overview::work_item::{WorkItem, WorkKind},
};

use super::{Desk, Kind, bounded};
use crate::{
    context::{action, network_diagram, review, scope},
    kernel::{failure::Outcome, tx::Tx},
};

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    actions(tx, desk)?;
    const REVIEW: Kind = Kind::new(Resource::ContextReview, "4.1", "/v1/context-reviews");
    for of in review::list(tx, &review::Filter::default(), &bounded())?.items {
        desk.version(REVIEW, of.id.uuid(), of.draft.changes.as_str(), &of.version, &of.allowed_actions);
    }
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

/// Open actions wait for who sees to them, those that are done for somebody who judges whether they worked (6.1.1).
fn actions(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    const OF: Kind = Kind::new(Resource::ContextAction, "6.1", "/v1/context-actions");
    for state in [ContextActionState::Open, ContextActionState::Done] {
        let filter = action::Filter { state: Some(state), ..action::Filter::default() };
        for of in action::list(tx, &filter, &bounded())?.items {
            let (id, title) = (of.id.uuid(), of.draft.action.as_str());
            if state == ContextActionState::Open {
                let mine = desk.me == Some(of.draft.responsible_person_id);
                let work = OF.item(WorkKind::CarryOut, id, title);
                let (due_on, person) = (Some(of.draft.due_on), Some(of.responsible_person));
                desk.lay(WorkItem { due_on, person, ..work }, mine);
            } else {
                let mine = of.allowed_actions.contains(&ContextActionStep::Evaluate);
                let work = OF.item(WorkKind::Evaluate, id, title);
                desk.lay(WorkItem { role: Some(Role::IsmsSecretariat), ..work }, mine);
            }
        }
    }
    Ok(())
}
