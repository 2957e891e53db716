//! How corrective actions are kept.

mod seats;
mod survey;

use diesel::{dsl::Or, prelude::*};
use mamori_domain::{
    access::{Resource, Standing, Verb},
    catalog::control::ControlId,
    improvement::corrective_action::{
        CorrectiveAction, CorrectiveActionDraft, reference_no,
        section::Round,
        source::CorrectiveActionSource,
        step::{CorrectiveActionState, CorrectiveActionStep},
    },
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        sign_off::{SignOff, Signature},
        text::normalized,
        transition::Stateful,
    },
    operation::week::FiscalYear,
    organization::{department::Department, organization::Organization, person::Person},
    planning::planned_change::PlannedChange,
};

use self::corrective_action as c;
pub use self::{
    seats::Seats,
    survey::{LinkedAction, counted, figures, is_closed, of_records, similar},
};
use crate::{
    kernel::{
        among::{Among, AmongExt},
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on,
    operation::annual_plan_row::require_linked,
    organization::{department::department as d, organization as organizations, person::person as p},
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    corrective_action (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        fiscal_year -> Integer,
        serial -> Integer,
        ordinal -> Integer,
        source -> Text,
        target_department_id -> Key,
        issued_on -> Date,
        clause -> Nullable<Text>,
        control -> Nullable<Text>,
        requested_by_id -> Key,
        responsible_person_id -> Nullable<Key>,
        auditor_id -> Nullable<Key>,
        source_resource -> Nullable<Text>,
        source_record_id -> Nullable<Key>,
        state -> Text,
        due_on -> Nullable<Date>,
        closed_on -> Nullable<Date>,
        self_approved -> Bool,
        content -> Document,
        request_sign_off -> Document,
        round -> Document,
        earlier_rounds -> Document,
        called_off -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole request; what of it is searched, filtered, sorted or joined stands beside it. `ordinal` orders by
/// reference number.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = c, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<CorrectiveAction>,
    revision: i32,
    fiscal_year: i32,
    serial: i32,
    ordinal: i32,
    source: WordColumn<CorrectiveActionSource>,
    target_department_id: KeyColumn<Department>,
    issued_on: chrono::NaiveDate,
    clause: Option<String>,
    control: Option<WordColumn<ControlId>>,
    requested_by_id: KeyColumn<Person>,
    responsible_person_id: Option<KeyColumn<Person>>,
    auditor_id: Option<KeyColumn<Person>>,
    source_resource: Option<WordColumn<Resource>>,
    source_record_id: Option<KeyColumn<()>>,
    state: WordColumn<CorrectiveActionState>,
    due_on: Option<chrono::NaiveDate>,
    closed_on: Option<chrono::NaiveDate>,
    self_approved: bool,
    content: DocumentColumn<CorrectiveActionDraft>,
    request_sign_off: DocumentColumn<SignOff>,
    round: DocumentColumn<Round>,
    earlier_rounds: DocumentColumn<Vec<Round>>,
    called_off: Option<DocumentColumn<Signature>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// The names of the department, of who asked, of who answers, and of the auditor.
type Names = (String, String, Option<String>, Option<String>);

diesel::alias! {
    const RESPONSIBLE: Alias<Responsible> = p as responsible;
    const AUDITOR: Alias<Auditor> = p as auditor;
}

/// Where an action stands among all.
fn ordinal(action: &CorrectiveAction) -> i32 {
    action.fiscal_year.saturating_mul(100_000).saturating_add(action.serial)
}

impl Row {
    fn of(action: &CorrectiveAction, organization_id: KeyColumn<Organization>) -> Self {
        let CorrectiveAction {
            id,
            revision,
            fiscal_year,
            serial,
            reference_no,
            draft,
            form_box: _,
            target_department: _,
            responsible_person: _,
            auditor: _,
            requested_by,
            state,
            request_sign_off,
            round,
            earlier_rounds,
            due_on: _,
            overdue: _,
            age_days: _,
            closed_on,
            called_off,
            allowed_actions: _,
            created_at,
            updated_at,
        } = action;
        let cause = round.evaluation.as_ref().map(|evaluation| evaluation.cause.as_str());
        let search = [Some(reference_no.as_str()), Some(draft.description.as_str()), cause];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            fiscal_year: *fiscal_year,
            serial: *serial,
            ordinal: ordinal(action),
            source: WordColumn(draft.source),
            target_department_id: KeyColumn(draft.target_department_id),
            issued_on: draft.issued_on,
            clause: draft.clause.as_ref().map(ToString::to_string),
            control: draft.control.map(WordColumn),
            requested_by_id: KeyColumn::of(requested_by.id),
            responsible_person_id: draft.responsible_person_id.map(KeyColumn),
            auditor_id: draft.auditor_id.map(KeyColumn),
            source_resource: draft.source_record.map(|link| WordColumn(link.resource)),
            source_record_id: draft.source_record.map(|link| KeyColumn::of(link.id)),
            state: WordColumn(*state),
            due_on: action.due(),
            closed_on: *closed_on,
            self_approved: action.self_approved(),
            content: DocumentColumn(draft.clone()),
            request_sign_off: DocumentColumn(request_sign_off.clone()),
            round: DocumentColumn(round.clone()),
            earlier_rounds: DocumentColumn(earlier_rounds.clone()),
            called_off: called_off.clone().map(DocumentColumn),
            search: normalized(&search.into_iter().flatten().collect::<Vec<_>>().join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_action(self, names: Names, today: chrono::NaiveDate) -> CorrectiveAction {
        let (department, requested_by, responsible, auditor) = names;
        let named = |id: Option<KeyColumn<Person>>, name: Option<String>| {
            id.zip(name).map(|(id, name)| Reference::new(id.0, name))
        };
        let mut action = CorrectiveAction {
            id: self.id.0,
            revision: self.revision,
            fiscal_year: self.fiscal_year,
            serial: self.serial,
            reference_no: reference_no(self.fiscal_year, self.serial),
            draft: self.content.0,
            target_department: Reference::new(self.target_department_id.0, department),
            responsible_person: named(self.responsible_person_id, responsible),
            auditor: named(self.auditor_id, auditor),
            requested_by: Reference::new(self.requested_by_id.0, requested_by),
            state: self.state.0,
            request_sign_off: self.request_sign_off.0,
            round: self.round.0,
            earlier_rounds: self.earlier_rounds.0,
            closed_on: self.closed_on,
            called_off: self.called_off.map(|signature| signature.0),
            // What `derive` makes of the rest.
            form_box: self.source.0,
            due_on: None,
            overdue: false,
            age_days: 0,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        action.derive(today);
        action
    }
}

/// Whether an action lies within a reach on a part of it: by its department, by who asked for it, who answers it (the
/// response) or found it (the request, the verification).
fn covers(draft: &CorrectiveActionDraft, requested_by: uuid::Uuid, resource: Resource, within: &Within) -> bool {
    let assigned = match resource {
        Resource::CorrectiveActionResponse => draft.responsible_person_id,
        _ => draft.auditor_id,
    };
    within.own.contains(&KeyColumn::of(requested_by)) || within.covers(Some(draft.target_department_id), assigned, None)
}

/// Whether an action lies within what the caller reads, as a condition: they asked for it, answer it or found it.
pub(crate) fn lies_within(
    within: &Within,
) -> Or<Among<c::requested_by_id>, Or<Among<c::responsible_person_id>, Among<c::auditor_id>>> {
    let assigned = c::responsible_person_id.among(&within.persons).or(c::auditor_id.among(&within.persons));
    c::requested_by_id.among(&within.own).or(assigned)
}

/// The steps that are open to the caller: approving and judging only where the duties let them (SD-1, SD-6).
fn open_to(action: &CorrectiveAction, grants: &Grants, seats: &Seats, caller: &Standing) -> Vec<CorrectiveActionStep> {
    use CorrectiveActionStep as Step;
    let mut open =
        grants.open_by(action, |(resource, _), within| covers(&action.draft, action.requested_by.id, resource, within));
    open.retain(|step| match step {
        Step::Approve | Step::Reject | Step::ApprovePlan | Step::ApproveReport | Step::ApproveEffectiveness => {
            seats.may_approve(caller, action)
        }
        Step::Cancel => seats.may_cancel(caller, action),
        Step::Verify | Step::EvaluateEffectiveness | Step::FollowUp => seats.may_verify(caller, action),
        _ => true,
    });
    open
}

/// Which corrective actions are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<CorrectiveAction>>,
    /// Whose reference number, description or cause contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this department.
    pub department: Option<Id<Department>>,
    /// About this clause.
    pub clause: Option<String>,
    /// About this control.
    pub control: Option<ControlId>,
    /// From this source.
    pub source: Option<CorrectiveActionSource>,
    /// In this state.
    pub state: Option<CorrectiveActionState>,
    /// Whether something is still to be done.
    pub open: Option<bool>,
    /// Whether something planned is overdue.
    pub overdue: Option<bool>,
    /// Issued on this day or before.
    pub issued_until: Option<chrono::NaiveDate>,
    /// That answer this record.
    pub source_record: Option<uuid::Uuid>,
}

/// A page of corrective actions that the caller may read; sorts by `reference_no`, `issued_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<CorrectiveAction>> {
    let within = tx.within(Resource::CorrectiveActionRequest, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(
    tx: &mut Tx<'_>,
    filter: &Filter,
    page: &PageRequest,
    within: &Within,
) -> Outcome<Page<CorrectiveAction>> {
    let (grants, seats) = (Grants::of::<CorrectiveAction>(tx)?, Seats::of(tx)?);
    let (organization, today) = (tx.organization(), tx.today());
    let (responsible, auditor) = (RESPONSIBLE, AUDITOR);
    let over = CorrectiveActionState::OVER.map(WordColumn);
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = c::table
                .inner_join(
                    d::table.on(d::organization_id.eq(c::organization_id).and(d::id.eq(c::target_department_id))),
                )
                .inner_join(p::table.on(p::organization_id.eq(c::organization_id).and(p::id.eq(c::requested_by_id))))
                .left_join(
                    responsible.on(responsible
                        .field(p::organization_id)
                        .eq(c::organization_id)
                        .and(responsible.field(p::id).nullable().eq(c::responsible_person_id))),
                )
                .left_join(
                    auditor.on(auditor
                        .field(p::organization_id)
                        .eq(c::organization_id)
                        .and(auditor.field(p::id).nullable().eq(c::auditor_id))),
                )
                .filter(c::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(lies_within(within));
            }
            if let Some(id) = filter.id {
                query = query.filter(c::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(c::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(c::updated_at.ge(MomentColumn(since)));
            }
            if let Some(department) = filter.department {
                query = query.filter(c::target_department_id.eq(KeyColumn(department)));
            }
            if let Some(clause) = &filter.clause {
                query = query.filter(c::clause.eq(clause.clone()));
            }
            if let Some(control) = filter.control {
                query = query.filter(c::control.eq(WordColumn(control)));
            }
            if let Some(source) = filter.source {
                query = query.filter(c::source.eq(WordColumn(source)));
            }
            if let Some(state) = filter.state {
                query = query.filter(c::state.eq(WordColumn(state)));
            }
            match filter.open {
                None => {}
                Some(true) => query = query.filter(c::state.ne_all(over)),
                Some(false) => query = query.filter(c::state.eq_any(over)),
            }
            if let Some(until) = filter.issued_until {
                query = query.filter(c::issued_on.le(until));
            }
            if let Some(record) = filter.source_record {
                query = query.filter(c::source_record_id.eq(KeyColumn::<()>::of(record)));
            }
            match filter.overdue {
                None => query,
                Some(true) => query.filter(c::due_on.lt(today)),
                Some(false) => query.filter(c::due_on.is_null().or(c::due_on.ge(today).assume_not_null())),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "issued_on" => sorted!(filtered(), page, c::issued_on, c::id, chrono::NaiveDate),
            "updated_at" => sorted!(filtered(), page, c::updated_at, c::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, c::ordinal, c::id, i32),
        };
        let names = (d::name, p::name, responsible.field(p::name).nullable(), auditor.field(p::name).nullable());
        let rows: Vec<(Row, Names)> = query.limit(one_more(page)).select((Row::as_select(), names)).load(tx)?;
        (rows, total)
    });
    let actions = rows
        .into_iter()
        .map(|(row, names)| {
            let mut action = row.into_action(names, today);
            action.allowed_actions = open_to(&action, &grants, &seats, tx.standing());
            action
        })
        .collect();
    Ok(cut(actions, page, total, |action: &CorrectiveAction| match page.sort_field() {
        "issued_on" => (serde_json::json!(action.draft.issued_on), action.id.uuid()),
        "updated_at" => (serde_json::json!(action.updated_at), action.id.uuid()),
        _ => (serde_json::json!(ordinal(action)), action.id.uuid()),
    }))
}

/// One corrective action that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<CorrectiveAction>) -> Outcome<Loaded<CorrectiveAction>> {
    let within = tx.within(Resource::CorrectiveActionRequest, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One corrective action that the caller may read, to take a step of it: refused where it lies outside what the grant of
/// the step reaches.
pub fn find_for(
    tx: &mut Tx<'_>,
    id: Id<CorrectiveAction>,
    step: CorrectiveActionStep,
) -> Outcome<Loaded<CorrectiveAction>> {
    let action = find(tx, id)?;
    let transition = CorrectiveAction::TRANSITIONS.iter().find(|transition| transition.action == step);
    let (part, verb) = transition.or_not_found()?.grant;
    let within = tx.within(part, verb)?;
    require_within(covers(&action.draft, action.requested_by.id, part, &within))?;
    Ok(action)
}

/// One corrective action, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<CorrectiveAction>) -> Outcome<CorrectiveAction> {
    Ok(find_within(tx, id, &Within::everything())?.value)
}

fn find_within(tx: &mut Tx<'_>, id: Id<CorrectiveAction>, within: &Within) -> Outcome<Loaded<CorrectiveAction>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// The fiscal year in which a day lies.
pub fn fiscal_year(tx: &mut Tx<'_>, day: chrono::NaiveDate) -> Outcome<i32> {
    let start_month = organizations::find(tx)?.draft.fiscal_year_start_month;
    let year = FiscalYear::containing(day, start_month).map(|year| year.year);
    year.ok_or_else(|| Refusal::field("/issued_on", Code::OutOfRange).into())
}

/// The next reference number of the fiscal year in which a day lies: its transaction takes it, or leaves no gap.
pub fn next_number(tx: &mut Tx<'_>, issued_on: chrono::NaiveDate) -> Outcome<(i32, i32)> {
    let year = fiscal_year(tx, issued_on)?;
    Ok((year, organizations::next_number(tx, &format!("corrective_action {year}"))?))
}

/// Adds a new corrective action.
pub fn add(tx: &mut Tx<'_>, action: &CorrectiveAction) -> Outcome<CorrectiveAction> {
    let within = tx.within(Resource::CorrectiveActionRequest, Verb::Create)?;
    require_within(covers(&action.draft, action.requested_by.id, Resource::CorrectiveActionRequest, &within))?;
    check_references(tx, &action.draft, None)?;
    let row = Row::of(action, tx.organization());
    on!(tx, diesel::insert_into(c::table).values(&row).execute(tx))?;
    let added = look_up(tx, action.id)?;
    tx.record(Resource::CorrectiveActionRequest, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed corrective action over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut action: Loaded<CorrectiveAction>) -> Outcome<CorrectiveAction> {
    check_references(tx, &action.draft, Some(&action.original.draft))?;
    action.revision += 1;
    action.updated_at = tx.now();
    let row = Row::of(&action, tx.organization());
    let read = c::table.find((row.organization_id, row.id)).filter(c::revision.eq(action.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, action.id)?;
    tx.record(Resource::CorrectiveActionRequest, stored.id.uuid(), Some(&action.original), &stored)?;
    Ok(stored)
}

/// The planned change that a judgement names must be there (6.3).
pub fn require_planned_change(tx: &mut Tx<'_>, id: Option<Id<PlannedChange>>) -> Outcome<()> {
    match id {
        Some(id) => reference::planned_change(tx, id, "/planned_change_id"),
        None => Ok(()),
    }
}

/// What a request names must be there. What it named before stays, whatever became of it.
fn check_references(
    tx: &mut Tx<'_>,
    draft: &CorrectiveActionDraft,
    before: Option<&CorrectiveActionDraft>,
) -> Outcome<()> {
    if before.map(|before| before.target_department_id) != Some(draft.target_department_id) {
        reference::department(tx, draft.target_department_id, "/target_department_id")?;
    }
    let persons = |draft: &CorrectiveActionDraft| [draft.responsible_person_id, draft.auditor_id];
    let pointers = ["/responsible_person_id", "/auditor_id"];
    let known = before.map(persons).unwrap_or_default();
    for ((person, before), pointer) in persons(draft).into_iter().zip(known).zip(pointers) {
        if let Some(person) = person.filter(|_| person != before) {
            reference::person(tx, person, pointer)?;
        }
    }
    if before.map(|before| before.source_record) != Some(draft.source_record) {
        require_linked(tx, draft.source_record, "/source_record/id")?;
    }
    Ok(())
}
