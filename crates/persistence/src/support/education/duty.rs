//! How education that somebody owes is kept. Duties are opened by what happens elsewhere, in the same transaction.

use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        date::date_in,
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::Signature,
        text::Note,
    },
    organization::{organization::Organization, person::Person},
    support::education::{
        duty::{
            DutyCause, DutyFulfilment, EducationDuty, EducationDutyAction, EducationDutyDraft, EducationDutyState, Owed,
        },
        theme::EducationTheme,
    },
};
use uuid::Uuid;

use self::education_duty as e;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on,
    organization::{organization as organizations, person::person as p},
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    education_duty (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        theme -> Text,
        cause -> Text,
        person_id -> Nullable<Key>,
        record_id -> Nullable<Key>,
        starts_on -> Date,
        due_on -> Date,
        subject -> Text,
        fulfilled_on -> Nullable<Date>,
        fulfilment -> Nullable<Document>,
        waiver -> Nullable<Document>,
        lapsed_on -> Nullable<Date>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = e, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<EducationDuty>,
    revision: i32,
    theme: WordColumn<EducationTheme>,
    cause: WordColumn<DutyCause>,
    person_id: Option<KeyColumn<Person>>,
    record_id: Option<KeyColumn<()>>,
    starts_on: NaiveDate,
    due_on: NaiveDate,
    subject: TextColumn<0, 10_000>,
    fulfilled_on: Option<NaiveDate>,
    fulfilment: Option<DocumentColumn<DutyFulfilment>>,
    waiver: Option<DocumentColumn<Signature>>,
    lapsed_on: Option<NaiveDate>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(duty: &EducationDuty, organization_id: KeyColumn<Organization>) -> Self {
        let EducationDuty {
            id,
            revision,
            draft,
            person: _,
            record_id,
            starts_on,
            state: _,
            overdue: _,
            fulfilment,
            waiver,
            lapsed_on,
            allowed_actions: _,
            created_at,
            updated_at,
        } = duty;
        let EducationDutyDraft { theme, cause, person_id, due_on, subject } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            theme: WordColumn(*theme),
            cause: WordColumn(*cause),
            person_id: person_id.map(KeyColumn),
            record_id: record_id.map(KeyColumn::of),
            starts_on: *starts_on,
            due_on: *due_on,
            subject: TextColumn(subject.clone()),
            fulfilled_on: fulfilment.as_ref().map(|done| done.fulfilled_on),
            fulfilment: fulfilment.clone().map(DocumentColumn),
            waiver: waiver.clone().map(DocumentColumn),
            lapsed_on: *lapsed_on,
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_duty(self, person: Option<String>, left_on: Option<NaiveDate>, today: NaiveDate) -> EducationDuty {
        let mut duty = EducationDuty {
            id: self.id.0,
            revision: self.revision,
            draft: EducationDutyDraft {
                theme: self.theme.0,
                cause: self.cause.0,
                person_id: self.person_id.map(|id| id.0),
                due_on: self.due_on,
                subject: self.subject.0,
            },
            person: self.person_id.zip(person).map(|(id, name)| Reference::new(id.0, name)),
            record_id: self.record_id.map(|id| id.0.uuid()),
            starts_on: self.starts_on,
            // What `derive` makes of the rest.
            state: EducationDutyState::Open,
            overdue: false,
            fulfilment: self.fulfilment.map(|done| done.0),
            waiver: self.waiver.map(|waiver| waiver.0),
            lapsed_on: self.lapsed_on,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        duty.derive(left_on.is_some_and(|left| left < today), today);
        duty
    }
}

/// Which duties are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<EducationDuty>>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of one of these themes; of any where there is none.
    pub themes: Vec<EducationTheme>,
    /// Why it is owed.
    pub cause: Option<DutyCause>,
    /// Owed by one of these.
    pub persons: Option<Vec<Id<Person>>>,
    /// Whether it concerns everybody.
    pub of_everybody: Option<bool>,
    /// Opened by this record.
    pub record: Option<Uuid>,
    /// Where it stands.
    pub state: Option<EducationDutyState>,
    /// Whether it is owed and its day has passed.
    pub overdue: Option<bool>,
}

/// A page of duties that the caller may read: those of everybody, and as far as they reach those of others; sorts by
/// `due_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<EducationDuty>> {
    let within = tx.within(Resource::EducationDuty, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

/// The duties with who owes them, as far as they are readable: inside [`on!`](crate::on).
macro_rules! readable {
    ($organization:expr, $within:expr) => {{
        use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl};
        use $crate::{
            kernel::among::AmongExt, organization::person::person as p, support::education::duty::education_duty as e,
        };
        let owed_by = p::organization_id.eq(e::organization_id).and(p::id.nullable().eq(e::person_id));
        let duties =
            e::table.left_join(p::table.on(owed_by)).filter(e::organization_id.eq($organization)).into_boxed::<Db>();
        match $within.all {
            true => duties,
            false => duties.filter(
                e::person_id
                    .is_null()
                    .or(e::person_id.among(&$within.own))
                    .or(p::department_id.among(&$within.departments)),
            ),
        }
    }};
}

/// Those of a query that are owed now, or will be: inside [`on!`](crate::on).
macro_rules! pending {
    ($query:expr, $today:expr) => {
        $query
            .filter(e::fulfilled_on.is_null())
            .filter(e::waiver.is_null())
            .filter(e::lapsed_on.is_null())
            .filter(p::left_on.is_null().or(p::left_on.ge($today)))
    };
}

pub(crate) use {pending, readable};

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<EducationDuty>> {
    let grants = Grants::of::<EducationDuty>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = readable!(organization, within);
            if let Some(id) = filter.id {
                query = query.filter(e::id.eq(KeyColumn(id)));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(e::updated_at.ge(MomentColumn(since)));
            }
            if !filter.themes.is_empty() {
                let themes: Vec<_> = filter.themes.iter().copied().map(WordColumn).collect();
                query = query.filter(e::theme.eq_any(themes));
            }
            if let Some(cause) = filter.cause {
                query = query.filter(e::cause.eq(WordColumn(cause)));
            }
            if let Some(persons) = &filter.persons {
                let persons: Vec<_> = persons.iter().copied().map(KeyColumn).collect();
                query = query.filter(e::person_id.among(&persons));
            }
            query = match filter.of_everybody {
                None => query,
                Some(true) => query.filter(e::person_id.is_null()),
                Some(false) => query.filter(e::person_id.is_not_null()),
            };
            if let Some(record) = filter.record {
                query = query.filter(e::record_id.eq(KeyColumn::<()>::of(record)));
            }
            query = match filter.state {
                None => query,
                Some(EducationDutyState::Upcoming) => pending!(query, today).filter(e::starts_on.gt(today)),
                Some(EducationDutyState::Open) => pending!(query, today).filter(e::starts_on.le(today)),
                Some(EducationDutyState::Fulfilled) => query.filter(e::fulfilled_on.is_not_null()),
                Some(EducationDutyState::Waived) => query.filter(e::waiver.is_not_null()),
                Some(EducationDutyState::Lapsed) => query
                    .filter(e::fulfilled_on.is_null())
                    .filter(e::waiver.is_null())
                    .filter(e::lapsed_on.is_not_null().or(p::left_on.lt(today))),
            };
            match filter.overdue {
                None => query,
                Some(true) => pending!(query, today).filter(e::due_on.lt(today)),
                Some(false) => query.filter(
                    e::due_on
                        .ge(today)
                        .or(e::fulfilled_on.is_not_null())
                        .or(e::waiver.is_not_null())
                        .or(e::lapsed_on.is_not_null())
                        .or(p::left_on.lt(today)),
                ),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, e::updated_at, e::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, e::due_on, e::id, NaiveDate),
        };
        let rows: Vec<(Row, Option<String>, Option<NaiveDate>)> = query
            .limit(one_more(page))
            .select((Row::as_select(), p::name.nullable(), p::left_on.nullable()))
            .load(tx)?;
        (rows, total)
    });
    let duties = rows
        .into_iter()
        .map(|(row, person, left_on)| {
            let mut duty = row.into_duty(person, left_on, today);
            duty.allowed_actions = grants.open(&duty, |within| within.all);
            // Nobody waives what they owe themselves (SD-8).
            let own = tx.standing().person.is_some_and(|me| duty.is_owed_by(me));
            duty.allowed_actions.retain(|action| !(own && *action == EducationDutyAction::Waive));
            duty
        })
        .collect();
    Ok(cut(duties, page, total, |duty: &EducationDuty| match page.sort_field() {
        "updated_at" => (serde_json::json!(duty.updated_at), duty.id.uuid()),
        _ => (serde_json::json!(duty.draft.due_on), duty.id.uuid()),
    }))
}

/// One duty that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<EducationDuty>) -> Outcome<Loaded<EducationDuty>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One duty that the caller may read, to do `verb` to it.
pub fn find_for(tx: &mut Tx<'_>, id: Id<EducationDuty>, verb: Verb) -> Outcome<Loaded<EducationDuty>> {
    let duty = find(tx, id)?;
    require_within(tx.within(Resource::EducationDuty, verb)?.all)?;
    Ok(duty)
}

/// All of them, whoever asks.
fn all(tx: &mut Tx<'_>, filter: &Filter) -> Outcome<Vec<EducationDuty>> {
    Ok(list_within(tx, filter, &PageRequest::whole(), &Within::everything())?.items)
}

fn look_up(tx: &mut Tx<'_>, id: Id<EducationDuty>) -> Outcome<EducationDuty> {
    all(tx, &Filter { id: Some(id), ..Filter::default() })?.pop().or_not_found()
}

/// Adds a new duty that somebody entered.
pub fn add(tx: &mut Tx<'_>, duty: &EducationDuty) -> Outcome<EducationDuty> {
    if let Some(person) = duty.draft.person_id {
        reference::person(tx, person, "/person_id")?;
    }
    insert(tx, duty)
}

fn insert(tx: &mut Tx<'_>, duty: &EducationDuty) -> Outcome<EducationDuty> {
    let row = Row::of(duty, tx.organization());
    on!(tx, diesel::insert_into(e::table).values(&row).execute(tx))?;
    let added = look_up(tx, duty.id)?;
    tx.record(Resource::EducationDuty, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed duty over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut duty: Loaded<EducationDuty>) -> Outcome<EducationDuty> {
    duty.revision += 1;
    duty.updated_at = tx.now();
    let row = Row::of(&duty, tx.organization());
    let read = e::table.find((row.organization_id, row.id)).filter(e::revision.eq(duty.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, duty.id)?;
    tx.record(Resource::EducationDuty, stored.id.uuid(), Some(&duty.original), &stored)?;
    Ok(stored)
}

/// Opens what is owed, once: where the same cause, record, theme and person owe it already, that duty is moved to the
/// days that are given, as long as it is not settled.
pub fn open(tx: &mut Tx<'_>, owed: Owed) -> Outcome<()> {
    let filter = Filter {
        themes: vec![owed.theme],
        cause: Some(owed.cause),
        persons: owed.person_id.map(|person| vec![person]),
        of_everybody: Some(owed.person_id.is_none()),
        record: Some(owed.record_id),
        ..Filter::default()
    };
    let latest = all(tx, &filter)?.into_iter().max_by_key(|duty| duty.id);
    match latest.filter(|duty| duty.answers(&owed)).map(Loaded::new) {
        Some(mut duty) => {
            if duty.follow(&owed) {
                store(tx, duty)?;
            }
        }
        None => {
            insert(tx, &EducationDuty::open(owed, tx.now(), tx.today()))?;
        }
    }
    Ok(())
}

/// The cause of what a record opened has fallen away: what is not settled lapses.
pub fn withdraw(tx: &mut Tx<'_>, cause: DutyCause, record: Uuid) -> Outcome<()> {
    let filter = Filter { cause: Some(cause), record: Some(record), ..Filter::default() };
    for duty in all(tx, &filter)? {
        let mut duty = Loaded::new(duty);
        if duty.lapse(tx.today()) {
            store(tx, duty)?;
        }
    }
    Ok(())
}

/// A campaign on these themes, in which these persons took part, does what they owed on that day. What is done, or not
/// owed yet, stays as it is.
pub fn fulfil(
    tx: &mut Tx<'_>,
    themes: &[EducationTheme],
    persons: &[Id<Person>],
    on: NaiveDate,
    campaign: Uuid,
) -> Outcome<()> {
    fulfil_all(tx, themes, Filter { persons: Some(persons.to_vec()), ..Filter::default() }, on, campaign)
}

/// A campaign on these themes, which was held for everybody, does what concerned everybody on that day.
pub fn fulfil_for_everybody(tx: &mut Tx<'_>, themes: &[EducationTheme], on: NaiveDate, campaign: Uuid) -> Outcome<()> {
    fulfil_all(tx, themes, Filter { of_everybody: Some(true), ..Filter::default() }, on, campaign)
}

fn fulfil_all(tx: &mut Tx<'_>, themes: &[EducationTheme], of: Filter, on: NaiveDate, campaign: Uuid) -> Outcome<()> {
    if themes.is_empty() {
        return Ok(());
    }
    let filter = Filter { themes: themes.to_vec(), state: Some(EducationDutyState::Open), ..of };
    for duty in all(tx, &filter)?.into_iter().filter(|duty| duty.starts_on <= on) {
        let mut duty = Loaded::new(duty);
        duty.fulfil_by(campaign, on, tx.signature(None)?, tx.today())?;
        store(tx, duty)?;
    }
    Ok(())
}

/// The last day on which what is owed from `day` on is done in time: the organization's days for the education of who
/// joins, for whatever else makes education due too.
pub fn due_after(tx: &mut Tx<'_>, day: NaiveDate) -> Outcome<NaiveDate> {
    Ok(after(day, &organizations::find(tx)?.value))
}

fn after(day: NaiveDate, organization: &Organization) -> NaiveDate {
    let days = Days::new(u64::from(organization.draft.intervals.joiner_education_days));
    day.checked_add_days(days).unwrap_or(NaiveDate::MAX)
}

/// Who joins is briefed on the rules (EDU-5), by the end of the days that they are given. Who had been here for longer when
/// the organization began to keep its records here is not new.
pub fn follow_person(tx: &mut Tx<'_>, person: &Person) -> Outcome<()> {
    let organization = organizations::find(tx)?.value;
    let due_on = after(person.draft.joined_on, &organization);
    if due_on < date_in(tx.context().time_zone, organization.created_at) {
        return withdraw(tx, DutyCause::Joining, person.id.uuid());
    }
    let owed = Owed {
        theme: EducationTheme::RegulationsBriefing,
        cause: DutyCause::Joining,
        record_id: person.id.uuid(),
        person_id: Some(person.id),
        starts_on: person.draft.joined_on,
        due_on,
        subject: Note::default(),
    };
    open(tx, owed)
}
