//! Records that a list of ids names: their names to show beside the ids, and whether they may be named at all.

use std::collections::HashMap;

use diesel::prelude::*;
use mamori_domain::{
    context::zone::Zone,
    kernel::{
        id::Id,
        reference::Reference,
        refusal::{Code, Fault},
    },
    organization::{
        department::Department,
        person::{Person, WorkerKind},
        position::Position,
    },
};

use super::zone::zone as z;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{KeyColumn, WordColumn},
        failure::Outcome,
        tx::Tx,
    },
    on,
    organization::{department::department as d, person::person as p, position::position as pos},
};

/// A record with its name, and whether it is there today.
type Found<T> = (KeyColumn<T>, String, bool);

/// Names by id, looked up once for a whole page.
#[derive(Debug)]
pub(crate) struct Named<T: 'static>(HashMap<Id<T>, (String, bool)>);

impl<T> Named<T> {
    fn of(found: Vec<Found<T>>) -> Self {
        Self(found.into_iter().map(|(id, name, is_there)| (id.0, (name, is_there))).collect())
    }

    /// The ids with their names, in their order.
    pub(crate) fn references(&self, ids: &[Id<T>]) -> Vec<Reference> {
        ids.iter().filter_map(|id| Some(Reference::new(*id, self.0.get(id)?.0.clone()))).collect()
    }

    /// A fault for every id that names nothing that is there today, unless it is one of `before`, which stay as they
    /// were. The ids come with their pointers.
    pub(crate) fn unknown(
        &self,
        ids: impl IntoIterator<Item = (String, Id<T>)>,
        before: &[Id<T>],
    ) -> impl Iterator<Item = Fault> {
        let unknown = |id: &Id<T>| !before.contains(id) && !self.0.get(id).is_some_and(|(_, is_there)| *is_there);
        ids.into_iter()
            .filter(move |(_, id)| unknown(id))
            .map(|(pointer, _)| Fault::new(pointer, Code::UnknownReference))
    }
}

/// The ids of a list with their pointers.
pub(crate) fn pointed<T>(ids: &[Id<T>], pointer: &str) -> impl Iterator<Item = (String, Id<T>)> {
    ids.iter().enumerate().map(move |(at, id)| (format!("{pointer}/{at}"), *id))
}

fn keys<T>(ids: impl IntoIterator<Item = Id<T>>) -> Vec<KeyColumn<T>> {
    ids.into_iter().map(KeyColumn).collect()
}

/// Departments, and whether they exist today.
pub(crate) fn departments(
    tx: &mut Tx<'_>,
    ids: impl IntoIterator<Item = Id<Department>>,
) -> Outcome<Named<Department>> {
    let (organization, today, ids) = (tx.organization(), tx.today(), keys(ids));
    let found: Vec<(KeyColumn<Department>, String, Option<chrono::NaiveDate>)> = on!(
        tx,
        d::table
            .filter(d::organization_id.eq(organization))
            .filter(d::id.among(&ids))
            .select((d::id, d::name, d::abolished_on))
            .load(tx)
    )?;
    Ok(Named::of(found.into_iter().map(|(id, name, ends)| (id, name, ends.is_none_or(|ends| ends > today))).collect()))
}

/// Persons who work here, and whether they have not left.
pub(crate) fn persons(tx: &mut Tx<'_>, ids: impl IntoIterator<Item = Id<Person>>) -> Outcome<Named<Person>> {
    let (organization, today, ids) = (tx.organization(), tx.today(), keys(ids));
    let found: Vec<(KeyColumn<Person>, String, Option<chrono::NaiveDate>)> = on!(
        tx,
        p::table
            .filter(p::organization_id.eq(organization))
            .filter(p::id.among(&ids))
            .filter(p::worker_kind.ne(WordColumn(WorkerKind::Guest)))
            .select((p::id, p::name, p::left_on))
            .load(tx)
    )?;
    Ok(Named::of(found.into_iter().map(|(id, name, left)| (id, name, left.is_none_or(|left| left >= today))).collect()))
}

/// Positions; they are there as long as they are kept.
pub(crate) fn positions(tx: &mut Tx<'_>, ids: impl IntoIterator<Item = Id<Position>>) -> Outcome<Named<Position>> {
    let (organization, ids) = (tx.organization(), keys(ids));
    let found: Vec<(KeyColumn<Position>, String)> = on!(
        tx,
        pos::table
            .filter(pos::organization_id.eq(organization))
            .filter(pos::id.among(&ids))
            .select((pos::id, pos::title))
            .load(tx)
    )?;
    Ok(Named::of(found.into_iter().map(|(id, title)| (id, title, true)).collect()))
}

/// Zones, and whether they were not given up.
pub(crate) fn zones(tx: &mut Tx<'_>, ids: impl IntoIterator<Item = Id<Zone>>) -> Outcome<Named<Zone>> {
    let (organization, ids) = (tx.organization(), keys(ids));
    let found: Vec<(KeyColumn<Zone>, String, Option<chrono::NaiveDate>)> = on!(
        tx,
        z::table
            .filter(z::organization_id.eq(organization))
            .filter(z::id.among(&ids))
            .select((z::id, z::name, z::retired_on))
            .load(tx)
    )?;
    Ok(Named::of(found.into_iter().map(|(id, name, retired)| (id, name, retired.is_none())).collect()))
}
