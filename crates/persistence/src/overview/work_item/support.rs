//! Support (clause 7).

use mamori_domain::{
    access::Role,
    overview::work_item::{WorkItem, WorkKind},
    support::resource::{ProvidedResourceAction, ProvidedResourceState},
};

use super::{Desk, bounded};
use crate::{
    kernel::{failure::Outcome, tx::Tx},
    overview::kind,
    support::resource,
};

/// Resources wait for top management, and then to be provided (7.1).
pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for asked in resource::list(tx, &resource::Filter::default(), &bounded())?.items {
        let (id, title) = (asked.id.uuid(), asked.draft.description.as_str());
        let may_approve = asked.allowed_actions.contains(&ProvidedResourceAction::Approve);
        desk.sign_off(kind::RESOURCE, id, title, &asked.sign_off, Role::TopManagement, may_approve);
        if asked.state == ProvidedResourceState::Approved {
            let mine = desk.me == Some(asked.draft.responsible_person_id);
            let work = kind::RESOURCE.item(WorkKind::CarryOut, id, title);
            desk.lay(WorkItem { due_on: Some(asked.due_on), person: Some(asked.responsible_person), ..work }, mine);
        }
    }
    Ok(())
}
