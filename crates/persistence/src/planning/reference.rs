//! Whether the records exist that a body names: asked before they are written, so that the refusal names the field.

use diesel::prelude::*;
use mamori_domain::{
    kernel::{
        id::Id,
        refusal::{Code, Refusal},
    },
    organization::{
        department::Department,
        person::{Person, WorkerKind},
        position::Position,
    },
    planning::planned_change::PlannedChange,
};

use super::planned_change::planned_change as c;
use crate::{
    kernel::{
        columns::{KeyColumn, WordColumn},
        failure::Outcome,
        tx::Tx,
    },
    on,
    organization::{department::department as d, person::person as p, position::position as pos},
};

/// A department that has not been abolished.
pub(crate) fn department(tx: &mut Tx<'_>, id: Id<Department>, pointer: &str) -> Outcome<()> {
    let today = tx.today();
    let known = d::table
        .find((tx.organization(), KeyColumn(id)))
        .filter(d::abolished_on.is_null().or(d::abolished_on.gt(today)));
    known_or_refused(on!(tx, known.count().get_result(tx))?, pointer)
}

/// A person who works here and has not left.
pub(crate) fn person(tx: &mut Tx<'_>, id: Id<Person>, pointer: &str) -> Outcome<()> {
    let today = tx.today();
    let known = p::table
        .find((tx.organization(), KeyColumn(id)))
        .filter(p::worker_kind.ne(WordColumn(WorkerKind::Guest)))
        .filter(p::left_on.is_null().or(p::left_on.ge(today)));
    known_or_refused(on!(tx, known.count().get_result(tx))?, pointer)
}

/// A position.
pub(crate) fn position(tx: &mut Tx<'_>, id: Id<Position>, pointer: &str) -> Outcome<()> {
    let known = pos::table.find((tx.organization(), KeyColumn(id)));
    known_or_refused(on!(tx, known.count().get_result(tx))?, pointer)
}

/// A planned change.
pub(crate) fn planned_change(tx: &mut Tx<'_>, id: Id<PlannedChange>, pointer: &str) -> Outcome<()> {
    let known = c::table.find((tx.organization(), KeyColumn(id)));
    known_or_refused(on!(tx, known.count().get_result(tx))?, pointer)
}

fn known_or_refused(found: i64, pointer: &str) -> Outcome<()> {
    if found == 1 { Ok(()) } else { Err(Refusal::field(pointer, Code::UnknownReference).into()) }
}
