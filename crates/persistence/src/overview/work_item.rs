//! What waits for whom: out of the lists of each kind of record, which mind the caller's reach and say which steps are
//! open. A constant number of queries, each bounded.

use mamori_domain::{
    access::{Role, Verb, standing::Standing},
    kernel::{
        id::Id,
        page::PageRequest,
        reference::Reference,
        sign_off::{SignOff, SignOffState},
        version::{Version, VersionAction, VersionState},
    },
    operation::week::FiscalYear,
    organization::{organization::OrganizationDraft, person::Person},
    overview::work_item::{Assignee, WorkItem, WorkKind},
};
use uuid::Uuid;

use super::kind::Kind;
use crate::{
    kernel::{failure::Outcome, tx::Tx},
    organization::organization as organizations,
};

mod audit;
mod awareness;
mod communication;
mod context;
mod evaluation;
mod improvement;
mod leadership;
mod operation;
mod planning;
mod support;

/// How many records of one kind are looked at: nobody works off more, and the answer stays small.
const MOST: i64 = 500;

/// Everything that waits for the caller, or for anybody.
pub fn list(tx: &mut Tx<'_>, assignee: Assignee) -> Outcome<Vec<WorkItem>> {
    let standing = tx.standing().clone();
    let settings = organizations::find(tx)?.value.draft;
    let mut desk = Desk { assignee, me: standing.person, standing, today: tx.today(), settings, items: Vec::new() };
    context::lay(tx, &mut desk)?;
    leadership::lay(tx, &mut desk)?;
    planning::lay(tx, &mut desk)?;
    support::lay(tx, &mut desk)?;
    awareness::lay(tx, &mut desk)?;
    communication::lay(tx, &mut desk)?;
    operation::lay(tx, &mut desk)?;
    audit::lay(tx, &mut desk)?;
    evaluation::lay(tx, &mut desk)?;
    improvement::lay(tx, &mut desk)?;
    desk.items.sort_by_key(WorkItem::order);
    Ok(desk.items)
}

fn bounded() -> PageRequest {
    PageRequest { limit: MOST, ..PageRequest::one() }
}

/// Where the work is laid.
struct Desk {
    assignee: Assignee,
    me: Option<Id<Person>>,
    /// Asked for the grant to read: a list minds the reach over its rows, and leaves the grant to its operation.
    standing: Standing,
    today: chrono::NaiveDate,
    /// Intervals and the beginning of the fiscal year.
    settings: OrganizationDraft,
    items: Vec<WorkItem>,
}

impl Desk {
    /// Whether the caller may read the records of a kind, as far as they reach.
    fn reads(&self, of: Kind) -> bool {
        self.standing.reach(of.resource, Verb::Read).is_some()
    }

    /// Lays an item down, where the caller may read its record; for the caller alone only where they may do it.
    fn lay(&mut self, mut item: WorkItem, open_to_me: bool) {
        if self.standing.reach(item.resource, Verb::Read).is_none() {
            return;
        }
        item.overdue = item.due_on.is_some_and(|due| due < self.today);
        if self.assignee == Assignee::Everybody || open_to_me {
            self.items.push(item);
        }
    }

    /// For whom this waits, as far as it is for one person alone.
    fn only_mine(&self) -> Option<Id<Person>> {
        self.me.filter(|_| self.assignee == Assignee::Me)
    }

    /// What waits for approval by a role, or for its preparer to mend it; `open` where the caller may approve it.
    fn sign_off(&mut self, of: Kind, id: Uuid, title: &str, sign_off: &SignOff, approver: Role, open: bool) {
        match sign_off.state {
            SignOffState::Submitted => {
                self.lay(WorkItem { role: Some(approver), ..of.item(WorkKind::Approve, id, title) }, open);
            }
            SignOffState::Returned => {
                let preparer = &sign_off.prepared;
                let person = Some(Reference::new(preparer.person_id, preparer.name.as_str()));
                let mine = self.me == Some(preparer.person_id);
                self.lay(WorkItem { person, ..of.item(WorkKind::Mend, id, title) }, mine);
            }
            SignOffState::Draft | SignOffState::Approved | SignOffState::Voided => {}
        }
    }

    /// A version, which top management approves.
    fn version(&mut self, of: Kind, id: Uuid, title: &str, version: &Version, open: &[VersionAction]) {
        let title = format!("{title} ({})", version.number);
        let may_approve = open.contains(&VersionAction::Approve);
        self.sign_off(of, id, &title, &version.sign_off, Role::TopManagement, may_approve);
    }

    /// Versions of what there is one of for each fiscal year: they wait for top management, and the running year without one
    /// that was handed in waits for `role`.
    fn yearly(&mut self, tx: &Tx<'_>, of: Kind, name: &str, role: Role, versions: &[OfYear<'_>]) {
        let start_month = self.settings.fiscal_year_start_month;
        let Some(running) = FiscalYear::containing(self.today, start_month) else { return };
        let title = |year: i32| format!("{year}年度の{name}");
        for one in versions {
            self.version(of, one.id, &title(one.year), one.version, one.open);
        }
        let mut of_year = versions.iter().filter(|one| one.year == running.year);
        if of_year.clone().any(|one| matches!(one.version.state, VersionState::InForce | VersionState::Submitted)) {
            return;
        }
        let work = match of_year.find(|one| one.version.state == VersionState::Draft) {
            Some(draft) if draft.version.sign_off.state == SignOffState::Returned => return,
            Some(draft) => of.item(WorkKind::CarryOut, draft.id, &title(running.year)),
            // There is no record yet: it is made where they are listed.
            None => {
                let organization = tx.organization().0.uuid();
                WorkItem { path: of.path.to_owned(), ..of.item(WorkKind::CarryOut, organization, &title(running.year)) }
            }
        };
        let may_submit = self.standing.reach(of.resource, Verb::Submit).is_some();
        self.lay(WorkItem { due_on: Some(running.starts_on), role: Some(role), ..work }, may_submit);
    }
}

/// A version of what there is one of for each fiscal year.
struct OfYear<'a> {
    year: i32,
    id: Uuid,
    version: &'a Version,
    /// The steps that are open to the caller.
    open: &'a [VersionAction],
}
