//! What waits for whom: out of the lists of each kind of record, which mind the caller's reach and say which steps are
//! open. A constant number of queries, each bounded.

use mamori_domain::{
    access::{Resource, Role},
    kernel::{
        id::Id,
        page::PageRequest,
        reference::Reference,
        sign_off::SignOffState,
        version::{Version, VersionAction, VersionState},
    },
    leadership::appointment::{AppointmentAction, AppointmentState},
    organization::person::Person,
    overview::work_item::{Assignee, WorkItem, WorkKind},
    planning::{
        asset::AssetAction,
        risk::{Risk, RiskAction, RiskState},
        risk_criteria::Evaluation,
        treatment_item::ItemAction,
    },
};
use uuid::Uuid;

use crate::{
    kernel::{failure::Outcome, tx::Tx},
    leadership::appointment,
    planning::{asset, risk, risk_criteria, treatment_item},
};

/// How many records of one kind are looked at: nobody works off more, and the answer stays small.
const MOST: i64 = 500;

/// Everything that waits for the caller, or for anybody, in the order in which it is due.
pub fn list(tx: &mut Tx<'_>, assignee: Assignee) -> Outcome<Vec<WorkItem>> {
    let mut desk = Desk { assignee, me: tx.standing().person, today: tx.today(), items: Vec::new() };
    treatment_items(tx, &mut desk)?;
    assets(tx, &mut desk)?;
    risks(tx, &mut desk)?;
    appointments(tx, &mut desk)?;
    let criteria = risk_criteria::list(tx, &risk_criteria::Filter::default(), &bounded())?.items;
    let of = Kind::new(Resource::RiskCriteria, "6.1.2", "/v1/risk-criteria");
    for version in &criteria {
        desk.version(of, version.id.uuid(), version.draft.title.as_str(), &version.version, &version.allowed_actions);
    }
    desk.items.sort_by_key(WorkItem::order);
    Ok(desk.items)
}

fn bounded() -> PageRequest {
    PageRequest { limit: MOST, ..PageRequest::one() }
}

/// What is the same for every work item about records of one kind.
#[derive(Clone, Copy)]
struct Kind {
    resource: Resource,
    clause: &'static str,
    path: &'static str,
}

impl Kind {
    const fn new(resource: Resource, clause: &'static str, path: &'static str) -> Self {
        Self { resource, clause, path }
    }

    /// Something about `record`, for nobody in particular yet.
    fn item(self, kind: WorkKind, record_id: Uuid, title: &str) -> WorkItem {
        WorkItem {
            kind,
            resource: self.resource,
            record_id,
            path: format!("{}/{record_id}", self.path),
            title: title.to_owned(),
            clause: self.clause,
            due_on: None,
            overdue: false,
            person: None,
            role: None,
        }
    }
}

/// Where the work is laid.
struct Desk {
    assignee: Assignee,
    me: Option<Id<Person>>,
    today: chrono::NaiveDate,
    items: Vec<WorkItem>,
}

impl Desk {
    /// Lays an item down; for the caller alone only where they may do it.
    fn lay(&mut self, mut item: WorkItem, open_to_me: bool) {
        item.overdue = item.due_on.is_some_and(|due| due < self.today);
        if self.assignee == Assignee::Everybody || open_to_me {
            self.items.push(item);
        }
    }

    /// A version that waits for approval, or for its preparer to mend it.
    fn version(&mut self, of: Kind, id: Uuid, title: &str, version: &Version, open: &[VersionAction]) {
        let title = format!("{title} ({})", version.number);
        match version.state {
            VersionState::Submitted => {
                let item = WorkItem { role: Some(Role::TopManagement), ..of.item(WorkKind::Approve, id, &title) };
                self.lay(item, open.contains(&VersionAction::Approve));
            }
            VersionState::Draft if version.sign_off.state == SignOffState::Returned => {
                let preparer = &version.sign_off.prepared;
                let person = Some(Reference::new(preparer.person_id, preparer.name.as_str()));
                let mine = self.me == Some(preparer.person_id);
                self.lay(WorkItem { person, ..of.item(WorkKind::Mend, id, &title) }, mine);
            }
            _ => {}
        }
    }
}

/// Items of treatment plans that are not finished wait for their assignee (8.3).
fn treatment_items(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    const OF: Kind = Kind::new(Resource::TreatmentItem, "8.3", "/v1/treatment-items");
    let assignee = desk.me.filter(|_| desk.assignee == Assignee::Me);
    let filter = treatment_item::Filter { assignee, unfinished: true, ..treatment_item::Filter::default() };
    for item in treatment_item::list(tx, &filter, &bounded())?.items {
        let open = [ItemAction::Start, ItemAction::Complete].iter().any(|step| item.allowed_actions.contains(step));
        let title = item.draft.tasks.first().map_or("", |task| task.as_str());
        let work = OF.item(WorkKind::CarryOut, item.id.uuid(), title);
        let mine = open && desk.me == Some(item.draft.assignee_id);
        desk.lay(WorkItem { due_on: item.draft.planned_end, person: Some(item.assignee), ..work }, mine);
    }
    Ok(())
}

/// Assets wait for their owner's confirmation (A.5.9).
fn assets(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    const OF: Kind = Kind::new(Resource::Asset, "6.1.2", "/v1/assets");
    let risk_owner_person = desk.me.filter(|_| desk.assignee == Assignee::Me);
    let filter = asset::Filter { risk_owner_person, confirmed: Some(false), ..asset::Filter::default() };
    for asset in asset::list(tx, &filter, &bounded())?.items {
        let work = OF.item(WorkKind::Confirm, asset.id.uuid(), asset.draft.name.as_str());
        let mine = asset.allowed_actions.contains(&AssetAction::Confirm);
        desk.lay(WorkItem { person: asset.risk_owner.person, role: None, ..work }, mine);
    }
    Ok(())
}

/// Risks wait for their next step (§5.1); accepted ones for the day on which they are looked at again.
fn risks(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    const OF: Kind = Kind::new(Resource::Risk, "6.1.2", "/v1/risks");
    for risk in risk::list(tx, &risk::Filter::default(), &bounded())?.items {
        let Some((kind, step)) = next_step(&risk) else { continue };
        let work = OF.item(kind, risk.id.uuid(), risk.draft.event.as_str());
        let mine = risk.allowed_actions.contains(&step);
        let of_owner = matches!(step, RiskAction::Accept | RiskAction::ApproveTreatment);
        let due_on = risk.acceptance.as_ref().and_then(|acceptance| acceptance.follow_up_on);
        let (person, role) = match of_owner {
            true => (risk.risk_owner.person, Some(Role::RiskOwner)),
            false => (None, Some(Role::IsmsSecretariat)),
        };
        let role = role.filter(|_| person.is_none());
        desk.lay(WorkItem { due_on, person, role, ..work }, mine);
    }
    Ok(())
}

fn next_step(risk: &Risk) -> Option<(WorkKind, RiskAction)> {
    let acceptable = risk.remaining().is_some_and(|remains| remains.evaluation != Evaluation::Unacceptable);
    match risk.state {
        _ if risk.needs_reanalysis => Some((WorkKind::Evaluate, RiskAction::Evaluate)),
        RiskState::Analysed => Some((WorkKind::Evaluate, RiskAction::Evaluate)),
        RiskState::Evaluated if acceptable => Some((WorkKind::Accept, RiskAction::Accept)),
        RiskState::Evaluated => Some((WorkKind::Evaluate, RiskAction::Decide)),
        RiskState::Decided => Some((WorkKind::Approve, RiskAction::ApproveTreatment)),
        RiskState::Treated => Some((WorkKind::Evaluate, RiskAction::Reassess)),
        RiskState::Reassessed => Some((WorkKind::Accept, RiskAction::Accept)),
        RiskState::Accepted => {
            risk.acceptance.as_ref()?.follow_up_on?;
            Some((WorkKind::Review, RiskAction::Evaluate))
        }
        RiskState::Identified | RiskState::TreatmentApproved | RiskState::InTreatment | RiskState::Closed => None,
    }
}

/// Proposed appointments wait for whoever appoints to the role (5.3).
fn appointments(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    const OF: Kind = Kind::new(Resource::Appointment, "5.3", "/v1/appointments");
    let filter = appointment::Filter { state: Some(AppointmentState::Proposed), ..appointment::Filter::default() };
    for proposal in appointment::list(tx, &filter, &bounded())?.items {
        let work = OF.item(WorkKind::Approve, proposal.id.uuid(), &proposal.person.name);
        let mine = proposal.allowed_actions.contains(&AppointmentAction::Approve);
        let role = proposal.draft.role.appointed_by().first().copied();
        desk.lay(WorkItem { due_on: Some(proposal.draft.starts_on), role, ..work }, mine);
    }
    Ok(())
}
