//! How disposals are kept, and how they are carried out.

use chrono::NaiveDate;
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::{Code, Fault, Refusal},
        sign_off::{SignOff, SignOffAction, SignOffState},
        text::normalized,
    },
    organization::{organization::Organization, person::Person},
    support::{
        disposal::{Disposal, DisposalDraft, DisposalItem, DueDisposal, MOST},
        retention_rule::{RetentionSubject, due_until, kept_until},
    },
};

use self::disposal as d;
use super::{document::version as versions, retention_rule as rules};
use crate::{
    context::entry_log as visits,
    identity::principal as principals,
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::Tx,
    },
    leadership::appointment::Approvers,
    on,
    organization::person as persons,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    disposal (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        subject -> Text,
        content -> Document,
        items -> Document,
        state -> Text,
        sign_off -> Document,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is searched or filtered stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = d, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Disposal>,
    revision: i32,
    number: i32,
    subject: WordColumn<RetentionSubject>,
    content: DocumentColumn<DisposalDraft>,
    items: DocumentColumn<Vec<DisposalItem>>,
    state: WordColumn<SignOffState>,
    sign_off: DocumentColumn<SignOff>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(disposal: &Disposal, organization_id: KeyColumn<Organization>) -> Self {
        let Disposal {
            id,
            revision,
            number,
            draft,
            items,
            state,
            sign_off,
            allowed_actions: _,
            created_at,
            updated_at,
        } = disposal;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            subject: WordColumn(draft.subject),
            content: DocumentColumn(draft.clone()),
            items: DocumentColumn(items.clone()),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            search: normalized(&[draft.description.as_str(), draft.reason.as_str()].join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_disposal(self) -> Disposal {
        Disposal {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            draft: self.content.0,
            items: self.items.0,
            state: self.state.0,
            sign_off: self.sign_off.0,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Who approves disposals: the chair, or who stands in for that seat.
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::SecurityCommitteeChair)
}

/// Which disposals are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Disposal>>,
    /// Whose description or reason contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this.
    pub subject: Option<RetentionSubject>,
    /// In this state.
    pub state: Option<SignOffState>,
}

/// A page of disposals; sorts by `number` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Disposal>> {
    let (grants, approvers) = (Grants::of::<Disposal>(tx)?, approvers(tx)?);
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = d::table.filter(d::organization_id.eq(organization)).into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(d::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(d::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(d::updated_at.ge(MomentColumn(since)));
            }
            if let Some(subject) = filter.subject {
                query = query.filter(d::subject.eq(WordColumn(subject)));
            }
            if let Some(state) = filter.state {
                query = query.filter(d::state.eq(WordColumn(state)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, d::updated_at, d::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, d::number, d::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let mut disposals: Vec<Disposal> = rows.into_iter().map(Row::into_disposal).collect();
    for disposal in &mut disposals {
        let mut open = grants.open(disposal, |within| within.all);
        let may_approve = approvers.may_approve(tx.standing(), disposal.preparer());
        open.retain(|action| *action != SignOffAction::Approve || may_approve);
        disposal.allowed_actions = open;
    }
    Ok(cut(disposals, page, total, |disposal: &Disposal| match page.sort_field() {
        "updated_at" => (serde_json::json!(disposal.updated_at), disposal.id.uuid()),
        _ => (serde_json::json!(disposal.number), disposal.id.uuid()),
    }))
}

/// One disposal.
pub fn find(tx: &mut Tx<'_>, id: Id<Disposal>) -> Outcome<Loaded<Disposal>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new disposal.
pub fn add(tx: &mut Tx<'_>, disposal: &Disposal) -> Outcome<Disposal> {
    require_leavers(tx, &disposal.draft)?;
    let row = Row::of(disposal, tx.organization());
    on!(tx, diesel::insert_into(d::table).values(&row).execute(tx))?;
    tx.record(Resource::Disposal, disposal.id.uuid(), None, disposal)?;
    Ok(find(tx, disposal.id)?.value)
}

/// Stores a changed disposal over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut disposal: Loaded<Disposal>) -> Outcome<Disposal> {
    if disposal.draft.person_ids != disposal.original.draft.person_ids {
        require_leavers(tx, &disposal.draft)?;
    }
    disposal.revision += 1;
    disposal.updated_at = tx.now();
    let row = Row::of(&disposal, tx.organization());
    let read = d::table.find((row.organization_id, row.id)).filter(d::revision.eq(disposal.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let (id, original) = (disposal.id, &disposal.original);
    tx.record(Resource::Disposal, id.uuid(), Some(original), &disposal.value)?;
    Ok(find(tx, id)?.value)
}

/// Refuses to name somebody who has not left: as long as they work here, what is known of them is needed.
fn require_leavers(tx: &mut Tx<'_>, draft: &DisposalDraft) -> Outcome<()> {
    let known = persons::left_before(tx, None, &draft.person_ids)?;
    let unknown = draft.person_ids.iter().enumerate().filter(|(_, id)| !known.iter().any(|(person, _)| person == *id));
    let faults = unknown.map(|(at, _)| Fault::new(format!("/person_ids/{at}"), Code::UnknownReference));
    Ok(Refusal::unless_empty(faults.collect())?)
}

/// What a disposal of this draft takes today: what is due longest first, at most [`MOST`].
pub fn due(tx: &mut Tx<'_>, draft: &DisposalDraft) -> Outcome<Vec<DisposalItem>> {
    match draft.person_ids.as_slice() {
        [] => {
            let years = rules::years(tx)?.get(&draft.subject).copied();
            Ok(due_by_rule(tx, draft.subject, years)?.items)
        }
        persons => {
            let found = persons::left_before(tx, None, persons)?;
            Ok(found.into_iter().map(|(id, left)| leaver(id, left, None)).collect())
        }
    }
}

/// What is due for disposal today under the rules, for each kind of record that has any.
pub fn due_today(tx: &mut Tx<'_>) -> Outcome<Vec<DueDisposal>> {
    let kept_here = [RetentionSubject::Visits, RetentionSubject::Leavers, RetentionSubject::ObsoleteVersions];
    let years = rules::years(tx)?;
    let by_rule = kept_here.into_iter().map(|subject| due_by_rule(tx, subject, years.get(&subject).copied()));
    let due = by_rule.collect::<Outcome<Vec<_>>>()?;
    Ok(due.into_iter().filter(|due| !due.items.is_empty()).collect())
}

fn due_by_rule(tx: &mut Tx<'_>, subject: RetentionSubject, years: Option<i32>) -> Outcome<DueDisposal> {
    let today = tx.today();
    let mut items = match (subject, years) {
        (RetentionSubject::ObsoleteVersions, years) => versions::kept_beyond(tx, years)?,
        (RetentionSubject::Elsewhere, _) | (_, None) => Vec::new(),
        (RetentionSubject::Visits, Some(years)) => visits::recorded_until(tx, due_until(today, years))?
            .into_iter()
            .map(|(id, zone, day)| DisposalItem {
                record_id: id.uuid(),
                path: format!("/v1/entry-log-entries/{id}"),
                title: format!("{zone} {day}"),
                kept_until: Some(kept_until(day, years)),
            })
            .collect(),
        (RetentionSubject::Leavers, Some(years)) => persons::left_before(tx, Some(due_until(today, years)), &[])?
            .into_iter()
            .map(|(id, left)| leaver(id, left, Some(kept_until(left, years))))
            .collect(),
    };
    let more = items.len() > MOST;
    items.truncate(MOST);
    Ok(DueDisposal { subject, items, more })
}

fn leaver(id: Id<Person>, left: NaiveDate, kept_until: Option<NaiveDate>) -> DisposalItem {
    DisposalItem { record_id: id.uuid(), path: format!("/v1/persons/{id}"), title: left.to_string(), kept_until }
}

/// Stores an approved disposal and carries it out: what it lists is erased in the same transaction. Bytes of files are
/// removed from their store afterwards.
pub fn carry_out(tx: &mut Tx<'_>, disposal: Loaded<Disposal>) -> Outcome<Disposal> {
    let disposed = store(tx, disposal)?;
    for item in &disposed.items {
        let record = item.record_id;
        match disposed.draft.subject {
            RetentionSubject::Visits => visits::erase(tx, Id::from_uuid(record))?,
            RetentionSubject::Leavers => {
                let mut person = persons::look_up_signer(tx, Id::from_uuid(record))?;
                person.erase(tx.now())?;
                let person = persons::store(tx, person)?;
                principals::forget_person(tx, person.id)?;
            }
            RetentionSubject::ObsoleteVersions => versions::erase_file(tx, Id::from_uuid(record))?,
            RetentionSubject::Elsewhere => {}
        }
    }
    Ok(disposed)
}
