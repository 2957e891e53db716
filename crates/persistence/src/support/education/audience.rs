//! To whom an audience is resolved: people who work here on a day of the period, within the approved scope.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use mamori_domain::{
    access::Role,
    kernel::{
        id::Id,
        reference::Reference,
        refusal::{Fault, Refusal},
    },
    organization::{
        department::Department,
        person::{Person, WorkerKind},
        position::Position,
    },
    support::education::audience::{Audience, Worker},
};

use crate::{
    context::{
        named::{self, Named, pointed},
        scope,
    },
    kernel::{
        columns::{KeyColumn, WordColumn},
        failure::Outcome,
        tx::Tx,
    },
    leadership::appointment,
    on,
    organization::{department, person::person as p, position},
};

/// A person, as far as it matters here.
type PersonRow =
    (KeyColumn<Person>, WordColumn<WorkerKind>, Option<KeyColumn<Department>>, NaiveDate, Option<NaiveDate>);

/// Whom the audience covers of who works here on at least one day of the period and has not left. Roles and positions
/// count as they are held today.
pub fn resolve(tx: &mut Tx<'_>, audience: &Audience, from: NaiveDate, until: NaiveDate) -> Outcome<Vec<Worker>> {
    let scope = scope::in_force(tx)?.map(|scope| scope.draft);
    let today = tx.today();
    let mut workers = workers(tx, audience)?;
    workers.retain(|worker| {
        worker.works_between(from.max(today.min(until)), until)
            && worker.is_in(scope.as_ref())
            && audience.covers(worker)
    });
    Ok(workers)
}

/// Everybody, with what the audience asks of them.
fn workers(tx: &mut Tx<'_>, audience: &Audience) -> Outcome<Vec<Worker>> {
    let mut above: HashMap<Id<Department>, Vec<Id<Department>>> = HashMap::new();
    for (department, ancestor) in department::lineage(tx)? {
        above.entry(department).or_default().push(ancestor);
    }
    let mut roles: HashMap<Id<Person>, Vec<Role>> = HashMap::new();
    if let Audience::Roles { roles: asked } = audience {
        for holder in appointment::holders(tx, asked)? {
            roles.entry(holder.person).or_default().push(holder.role);
        }
    }
    let mut positions: HashMap<Id<Person>, Vec<Id<Position>>> = HashMap::new();
    if let Audience::Positions { position_ids } = audience {
        for (person, held) in position::holders(tx, position_ids)? {
            positions.entry(person).or_default().push(held);
        }
    }
    let everybody = p::table
        .filter(p::organization_id.eq(tx.organization()))
        .filter(p::worker_kind.ne(WordColumn(WorkerKind::Guest)))
        .order((p::name.asc(), p::id.asc()));
    let columns = (p::id, p::worker_kind, p::department_id, p::joined_on, p::left_on);
    let everybody: Vec<PersonRow> = on!(tx, everybody.select(columns).load(tx))?;
    let worker = |(id, kind, department, joined_on, left_on): PersonRow| Worker {
        person_id: id.0,
        worker_kind: kind.0,
        joined_on,
        left_on,
        departments: department.and_then(|id| above.get(&id.0).cloned()).unwrap_or_default(),
        roles: roles.remove(&id.0).unwrap_or_default(),
        positions: positions.remove(&id.0).unwrap_or_default(),
    };
    Ok(everybody.into_iter().map(worker).collect())
}

/// What audiences name, with its names: looked up once for a whole page.
pub(super) struct Members {
    departments: Named<Department>,
    positions: Named<Position>,
    persons: Named<Person>,
}

impl Members {
    pub(super) fn of<'a>(tx: &mut Tx<'_>, audiences: impl Iterator<Item = &'a Audience> + Clone) -> Outcome<Self> {
        Ok(Self {
            departments: named::departments(tx, audiences.clone().flat_map(|one| one.department_ids().to_vec()))?,
            positions: named::positions(tx, audiences.clone().flat_map(|one| one.position_ids().to_vec()))?,
            persons: named::persons(tx, audiences.flat_map(|one| one.person_ids().to_vec()))?,
        })
    }

    /// What one audience names.
    pub(super) fn references(&self, audience: &Audience) -> Vec<Reference> {
        let mut members = self.departments.references(audience.department_ids());
        members.extend(self.positions.references(audience.position_ids()));
        members.extend(self.persons.references(audience.person_ids()));
        members
    }
}

/// Refuses an audience that names what is not there today, unless it named it before.
pub(super) fn check(tx: &mut Tx<'_>, audience: &Audience, before: Option<&Audience>) -> Outcome<()> {
    let members = Members::of(tx, std::iter::once(audience))?;
    let nobody = Audience::default();
    let before = before.unwrap_or(&nobody);
    let mut faults: Vec<Fault> = members
        .departments
        .unknown(pointed(audience.department_ids(), "/audience/department_ids"), before.department_ids())
        .collect();
    let named = pointed(audience.position_ids(), "/audience/position_ids");
    faults.extend(members.positions.unknown(named, before.position_ids()));
    let named = pointed(audience.person_ids(), "/audience/person_ids");
    faults.extend(members.persons.unknown(named, before.person_ids()));
    Ok(Refusal::unless_empty(faults)?)
}
