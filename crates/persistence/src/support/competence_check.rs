//! How competence checks are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Standing, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::{Approval, SignOff, Signature},
    },
    organization::{organization::Organization, person::Person},
    support::competence_check::{
        CompetenceCheck, CompetenceCheckAction, CompetenceCheckDraft, CompetenceCheckState, CompetenceClass,
        CompetenceItem, decided_by,
    },
};

use self::competence_check as c;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{as_written, cut, lower, one_more},
        tx::{Tx, Within, require_within},
    },
    leadership::appointment::Approvers,
    on,
    organization::person::person as p,
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    competence_check (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        role -> Text,
        person_id -> Key,
        checked_on -> Date,
        content -> Document,
        items -> Document,
        appointment_class -> Text,
        improvement_due_on -> Nullable<Date>,
        state -> Text,
        sign_off -> Document,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is filtered, sorted or joined stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = c, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<CompetenceCheck>,
    revision: i32,
    role: WordColumn<Role>,
    person_id: KeyColumn<Person>,
    checked_on: chrono::NaiveDate,
    content: DocumentColumn<CompetenceCheckDraft>,
    items: DocumentColumn<Vec<CompetenceItem>>,
    appointment_class: WordColumn<CompetenceClass>,
    improvement_due_on: Option<chrono::NaiveDate>,
    state: WordColumn<CompetenceCheckState>,
    sign_off: DocumentColumn<SignOff>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(check: &CompetenceCheck, organization_id: KeyColumn<Organization>) -> Self {
        let CompetenceCheck {
            id,
            revision,
            draft,
            person: _,
            items,
            appointment_class,
            improvement_due_on,
            improvement_overdue: _,
            next_check_on: _,
            state,
            sign_off,
            allowed_actions: _,
            created_at,
            updated_at,
        } = check;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            role: WordColumn(draft.role),
            person_id: KeyColumn(draft.person_id),
            checked_on: draft.checked_on,
            content: DocumentColumn(draft.clone()),
            items: DocumentColumn(items.clone()),
            appointment_class: WordColumn(*appointment_class),
            improvement_due_on: *improvement_due_on,
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_check(self, person: String, today: chrono::NaiveDate) -> CompetenceCheck {
        let mut check = CompetenceCheck {
            id: self.id.0,
            revision: self.revision,
            draft: self.content.0,
            person: Reference::new(self.person_id.0, person),
            items: self.items.0,
            appointment_class: self.appointment_class.0,
            improvement_due_on: self.improvement_due_on,
            // What `derive` makes of the rest.
            improvement_overdue: false,
            next_check_on: self.checked_on,
            state: self.state.0,
            sign_off: self.sign_off.0,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        check.derive(today);
        check
    }
}

/// Who approves checks: for each role the seat that appoints to it, or who stands in for that.
pub struct Deciders(Vec<(Role, Approvers)>);

impl Deciders {
    /// Those of today.
    pub fn of(tx: &mut Tx<'_>) -> Outcome<Self> {
        let seats = [Role::TopManagement, Role::SecurityCommitteeChair, Role::InternalAuditManager];
        let deciders = seats.into_iter().map(|seat| Ok((seat, Approvers::along(tx, "SD-8", seat)?)));
        Ok(Self(deciders.collect::<Outcome<_>>()?))
    }

    fn on(&self, role: Role) -> Option<&Approvers> {
        let seat = decided_by(role);
        self.0.iter().find(|(of, _)| *of == seat).map(|(_, approvers)| approvers)
    }

    /// The caller's mark under the approval of a check, and whether they approve it alone. Neither who assessed nor who was
    /// assessed approves (SD-8).
    pub fn sign(&self, tx: &Tx<'_>, check: &CompetenceCheck, approval: &Approval) -> Outcome<(Signature, bool)> {
        let barred = [check.preparer(), check.draft.person_id];
        self.on(check.draft.role).or_not_found()?.sign_barring(tx, &barred, approval)
    }

    fn may_approve(&self, caller: &Standing, check: &CompetenceCheck) -> bool {
        let barred = [check.preparer(), check.draft.person_id];
        self.on(check.draft.role).is_some_and(|approvers| approvers.may_approve_barring(caller, &barred))
    }
}

/// The steps that are open to the caller: on other people's checks alone, and approving only where the duty lets them
/// (SD-8).
fn open_to(
    check: &CompetenceCheck,
    grants: &Grants,
    deciders: &Deciders,
    caller: &Standing,
) -> Vec<CompetenceCheckAction> {
    let mut open = grants.open(check, |within| within.all);
    open.retain(|action| match action {
        CompetenceCheckAction::Approve => deciders.may_approve(caller, check),
        CompetenceCheckAction::Return => true,
        _ => caller.person != Some(check.draft.person_id),
    });
    open
}

/// Which checks are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<CompetenceCheck>>,
    /// Of people whose name contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// For this role.
    pub role: Option<Role>,
    /// Of this person.
    pub person: Option<Id<Person>>,
    /// Of this class.
    pub class: Option<CompetenceClass>,
    /// In this state.
    pub state: Option<CompetenceCheckState>,
    /// Whether an improvement is overdue.
    pub improvement_overdue: Option<bool>,
}

/// A page of checks that the caller may read: all, or their own; sorts by `checked_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<CompetenceCheck>> {
    let within = tx.within(Resource::CompetenceCheck, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(
    tx: &mut Tx<'_>,
    filter: &Filter,
    page: &PageRequest,
    within: &Within,
) -> Outcome<Page<CompetenceCheck>> {
    let (grants, deciders) = (Grants::of::<CompetenceCheck>(tx)?, Deciders::of(tx)?);
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = c::table
                .inner_join(p::table.on(p::organization_id.eq(c::organization_id).and(p::id.eq(c::person_id))))
                .filter(c::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(c::person_id.among(&within.own));
            }
            if let Some(id) = filter.id {
                query = query.filter(c::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(lower(p::name).like(as_written(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(c::updated_at.ge(MomentColumn(since)));
            }
            if let Some(role) = filter.role {
                query = query.filter(c::role.eq(WordColumn(role)));
            }
            if let Some(person) = filter.person {
                query = query.filter(c::person_id.eq(KeyColumn(person)));
            }
            if let Some(class) = filter.class {
                query = query.filter(c::appointment_class.eq(WordColumn(class)));
            }
            if let Some(state) = filter.state {
                query = query.filter(c::state.eq(WordColumn(state)));
            }
            match filter.improvement_overdue {
                None => query,
                Some(true) => query.filter(c::improvement_due_on.lt(today)),
                Some(false) => {
                    query.filter(c::improvement_due_on.is_null().or(c::improvement_due_on.ge(today).assume_not_null()))
                }
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, c::updated_at, c::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, c::checked_on, c::id, chrono::NaiveDate),
        };
        let rows: Vec<(Row, String)> = query.limit(one_more(page)).select((Row::as_select(), p::name)).load(tx)?;
        (rows, total)
    });
    let checks = rows
        .into_iter()
        .map(|(row, person)| {
            let mut check = row.into_check(person, today);
            check.allowed_actions = open_to(&check, &grants, &deciders, tx.standing());
            check
        })
        .collect();
    Ok(cut(checks, page, total, |check: &CompetenceCheck| match page.sort_field() {
        "updated_at" => (serde_json::json!(check.updated_at), check.id.uuid()),
        _ => (serde_json::json!(check.draft.checked_on), check.id.uuid()),
    }))
}

/// One check that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<CompetenceCheck>) -> Outcome<Loaded<CompetenceCheck>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One check that the caller may read, to do `verb` to it.
pub fn find_for(tx: &mut Tx<'_>, id: Id<CompetenceCheck>, verb: Verb) -> Outcome<Loaded<CompetenceCheck>> {
    let check = find(tx, id)?;
    require_within(tx.within(Resource::CompetenceCheck, verb)?.all)?;
    Ok(check)
}

/// The check that an appointment of this person to this role rests on: the last approved one, whoever asks.
pub fn standing_for(tx: &mut Tx<'_>, role: Role, person: Id<Person>) -> Outcome<Option<CompetenceCheck>> {
    let state = Some(CompetenceCheckState::Approved);
    let filter = Filter { role: Some(role), person: Some(person), state, ..Filter::default() };
    let latest = PageRequest { sort: "-checked_on".into(), ..PageRequest::one() };
    let within = Within::everything();
    Ok(list_within(tx, &filter, &latest, &within)?.items.pop())
}

/// One check, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<CompetenceCheck>) -> Outcome<CompetenceCheck> {
    let (filter, within) = (Filter { id: Some(id), ..Filter::default() }, Within::everything());
    list_within(tx, &filter, &PageRequest::one(), &within)?.items.pop().or_not_found()
}

/// Adds a new check.
pub fn add(tx: &mut Tx<'_>, check: &CompetenceCheck) -> Outcome<CompetenceCheck> {
    reference::person(tx, check.draft.person_id, "/person_id")?;
    let row = Row::of(check, tx.organization());
    on!(tx, diesel::insert_into(c::table).values(&row).execute(tx))?;
    let added = look_up(tx, check.id)?;
    tx.record(Resource::CompetenceCheck, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed check over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut check: Loaded<CompetenceCheck>) -> Outcome<CompetenceCheck> {
    if check.draft.person_id != check.original.draft.person_id {
        reference::person(tx, check.draft.person_id, "/person_id")?;
    }
    check.revision += 1;
    check.updated_at = tx.now();
    let row = Row::of(&check, tx.organization());
    let read = c::table.find((row.organization_id, row.id)).filter(c::revision.eq(check.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, check.id)?;
    tx.record(Resource::CompetenceCheck, stored.id.uuid(), Some(&check.original), &stored)?;
    Ok(stored)
}
