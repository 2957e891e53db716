//! How guests of audits are kept: the invitation here, name, address and days with the person who signs.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    evaluation::audit::{
        Audit,
        guest::{AuditGuest, AuditGuestDraft, AuditGuestState},
    },
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::Signature,
    },
    organization::{
        organization::Organization,
        person::{Email, Person},
    },
};

use self::audit_guest as g;
use super::audit as a;
use crate::{
    identity::principal as principals,
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn},
        failure::{Failure, OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::Tx,
    },
    on,
    organization::person::{self as persons, person as p},
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    audit_guest (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        audit_id -> Key,
        person_id -> Key,
        ended -> Nullable<Document>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = g, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<AuditGuest>,
    revision: i32,
    audit_id: KeyColumn<Audit>,
    person_id: KeyColumn<Person>,
    ended: Option<DocumentColumn<Signature>>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// What is joined to a row: the name of the audit; name, address and days of the person.
type Joined = (String, (String, Option<String>, chrono::NaiveDate, Option<chrono::NaiveDate>));

impl Row {
    fn of(guest: &AuditGuest, organization_id: KeyColumn<Organization>) -> Self {
        let AuditGuest {
            id,
            revision,
            audit,
            person,
            email: _,
            valid_from: _,
            valid_until: _,
            ended,
            state: _,
            allowed_actions: _,
            created_at,
            updated_at,
        } = guest;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            audit_id: KeyColumn(Id::from_uuid(audit.id)),
            person_id: KeyColumn(Id::from_uuid(person.id)),
            ended: ended.clone().map(DocumentColumn),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_guest(self, joined: Joined, grants: &Grants, today: chrono::NaiveDate) -> Outcome<AuditGuest> {
        let (audit, (name, email, valid_from, valid_until)) = joined;
        let valid_until = valid_until.unwrap_or(valid_from);
        let email = email.map(Email::try_from).transpose();
        let mut guest = AuditGuest {
            id: self.id.0,
            revision: self.revision,
            audit: Reference::new(self.audit_id.0, audit),
            person: Reference::new(self.person_id.0, name),
            email: email.map_err(|error| Failure::Corrupt(error.to_string()))?,
            valid_from,
            valid_until,
            state: AuditGuestState::on(today, &(valid_from..=valid_until), self.ended.is_some()),
            ended: self.ended.map(|ended| ended.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        guest.allowed_actions = grants.open(&guest, |within| within.all);
        Ok(guest)
    }
}

/// Which guests are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<AuditGuest>>,
    /// Of this audit.
    pub audit: Option<Id<Audit>>,
    /// Who logs in with this address.
    pub email: Option<Email>,
    /// Whose name, company or address contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<DateTime<Utc>>,
}

/// A page of guests; sorts by `valid_from` and `updated_at`. Who may read guests reads those of every audit.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<AuditGuest>> {
    let grants = Grants::of::<AuditGuest>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = g::table
                .inner_join(a::table.on(a::organization_id.eq(g::organization_id).and(a::id.eq(g::audit_id))))
                .inner_join(p::table.on(p::organization_id.eq(g::organization_id).and(p::id.eq(g::person_id))))
                .filter(g::organization_id.eq(organization))
                .into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(g::id.eq(KeyColumn(id)));
            }
            if let Some(audit) = filter.audit {
                query = query.filter(g::audit_id.eq(KeyColumn(audit)));
            }
            if let Some(email) = &filter.email {
                query = query.filter(p::email.eq(email.as_str().to_owned()));
            }
            if let Some(q) = &filter.q {
                query = query.filter(p::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(g::updated_at.ge(MomentColumn(since)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, g::updated_at, g::id, DateTime<Utc>),
            _ => sorted!(filtered(), page, p::joined_on, g::id, chrono::NaiveDate),
        };
        let person = (p::name, p::email, p::joined_on, p::left_on);
        let rows: Vec<(Row, Joined)> =
            query.limit(one_more(page)).select((Row::as_select(), (a::name, person))).load(tx)?;
        (rows, total)
    });
    let guests =
        rows.into_iter().map(|(row, joined)| row.into_guest(joined, &grants, today)).collect::<Outcome<_>>()?;
    Ok(cut(guests, page, total, |guest: &AuditGuest| match page.sort_field() {
        "updated_at" => (serde_json::json!(guest.updated_at), guest.id.uuid()),
        _ => (serde_json::json!(guest.valid_from), guest.id.uuid()),
    }))
}

/// One guest.
pub fn find(tx: &mut Tx<'_>, id: Id<AuditGuest>) -> Outcome<Loaded<AuditGuest>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// Invites an auditor from outside. An invitation for the same address whose last day is over makes room.
pub fn invite(tx: &mut Tx<'_>, draft: AuditGuestDraft, audit: &Audit) -> Outcome<AuditGuest> {
    let earlier = Filter { email: Some(draft.email.clone()), ..Filter::default() };
    let expired = |guest: &AuditGuest| guest.state == AuditGuestState::Expired;
    for guest in list(tx, &earlier, &PageRequest::one())?.items.into_iter().filter(expired) {
        let mut guest = Loaded::new(guest);
        guest.end(tx.signature(None)?);
        store(tx, guest)?;
    }
    let person = persons::add(tx, &draft.person(audit, tx.now(), tx.today())?)?;
    principals::add(tx, &person)?;
    let guest = AuditGuest::invite(audit, &person, tx.now());
    let row = Row::of(&guest, tx.organization());
    on!(tx, diesel::insert_into(g::table).values(&row).execute(tx))?;
    let added = find(tx, guest.id)?.value;
    tx.record(Resource::AuditGuest, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed invitation over the revision it was read at. With one that ended the login is closed for good.
pub fn store(tx: &mut Tx<'_>, mut guest: Loaded<AuditGuest>) -> Outcome<AuditGuest> {
    guest.revision += 1;
    guest.updated_at = tx.now();
    let row = Row::of(&guest, tx.organization());
    let read = g::table.find((row.organization_id, row.id)).filter(g::revision.eq(guest.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    if guest.ended.is_some() && guest.original.ended.is_none() {
        let mut person = persons::look_up_signer(tx, Id::from_uuid(guest.person.id))?;
        principals::forget_person(tx, person.id)?;
        person.draft.email = None;
        persons::store(tx, person)?;
    }
    let stored = find(tx, guest.id)?.value;
    tx.record(Resource::AuditGuest, stored.id.uuid(), Some(&guest.original), &stored)?;
    Ok(stored)
}

/// Ends the invitations to an audit that is over.
pub(super) fn end_all(tx: &mut Tx<'_>, audit: Id<Audit>) -> Outcome<()> {
    let filter = Filter { audit: Some(audit), ..Filter::default() };
    for guest in list(tx, &filter, &PageRequest::whole())?.items.into_iter().filter(|guest| guest.ended.is_none()) {
        let mut guest = Loaded::new(guest);
        guest.end(tx.signature(None)?);
        store(tx, guest)?;
    }
    Ok(())
}

/// An invitation that was not ended, as far as the plan shows it.
pub(super) struct OpenGuest {
    pub(super) id: KeyColumn<AuditGuest>,
    pub(super) audit: KeyColumn<Audit>,
    pub(super) name: String,
}

/// The invitations to these audits that were not ended.
pub(super) fn open(tx: &mut Tx<'_>, audits: &[KeyColumn<Audit>]) -> Outcome<Vec<OpenGuest>> {
    let invited = g::table
        .inner_join(p::table.on(p::organization_id.eq(g::organization_id).and(p::id.eq(g::person_id))))
        .filter(g::organization_id.eq(tx.organization()))
        .filter(g::audit_id.among(audits))
        .filter(g::ended.is_null())
        .order(g::id.asc());
    let found: Vec<(KeyColumn<AuditGuest>, KeyColumn<Audit>, String)> =
        on!(tx, invited.select((g::id, g::audit_id, p::name)).load(tx))?;
    Ok(found.into_iter().map(|(id, audit, name)| OpenGuest { id, audit, name }).collect())
}
