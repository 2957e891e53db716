//! The names of what audits refer to, looked up once for a whole page: one query for each kind.

use std::collections::HashMap;

use diesel::prelude::*;
use mamori_domain::{
    kernel::{id::Id, reference::Reference},
    organization::{department::Department, person::Person},
    support::document::Document,
};
use uuid::Uuid;

use crate::{
    kernel::{among::AmongExt, columns::KeyColumn, failure::Outcome, tx::Tx},
    on,
    organization::{department::department as d, person::person as p},
    support::document::document as doc,
};

/// Names by id.
pub(super) struct Names(HashMap<Uuid, String>);

impl Names {
    /// Of these people, departments and documents.
    pub(super) fn of(
        tx: &mut Tx<'_>,
        people: &[KeyColumn<Person>],
        departments: &[KeyColumn<Department>],
        documents: &[KeyColumn<Document>],
    ) -> Outcome<Self> {
        let organization = tx.organization();
        let mut names = HashMap::new();
        if !people.is_empty() {
            let asked = p::table.filter(p::organization_id.eq(organization)).filter(p::id.among(people));
            let found: Vec<(KeyColumn<Person>, String)> = on!(tx, asked.select((p::id, p::name)).load(tx))?;
            names.extend(found.into_iter().map(|(id, name)| (id.0.uuid(), name)));
        }
        if !departments.is_empty() {
            let asked = d::table.filter(d::organization_id.eq(organization)).filter(d::id.among(departments));
            let found: Vec<(KeyColumn<Department>, String)> = on!(tx, asked.select((d::id, d::name)).load(tx))?;
            names.extend(found.into_iter().map(|(id, name)| (id.0.uuid(), name)));
        }
        if !documents.is_empty() {
            let asked = doc::table.filter(doc::organization_id.eq(organization)).filter(doc::id.among(documents));
            let found: Vec<(KeyColumn<Document>, String)> = on!(tx, asked.select((doc::id, doc::title)).load(tx))?;
            names.extend(found.into_iter().map(|(id, title)| (id.0.uuid(), title)));
        }
        Ok(Self(names))
    }

    /// The name of one.
    pub(super) fn name<T>(&self, id: Id<T>) -> &str {
        self.0.get(&id.uuid()).map_or("", String::as_str)
    }

    /// One with its name.
    pub(super) fn reference<T>(&self, id: Id<T>) -> Reference {
        Reference::new(id, self.name(id))
    }
}
