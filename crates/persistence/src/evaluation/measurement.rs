//! How measurements are kept: they are added, and at most voided.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{dsl::exists, prelude::*};
use mamori_domain::{
    access::{Resource, Verb},
    evaluation::measurement::{Measurement, MeasurementDraft, MeasurementState},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::Signature,
    },
    organization::{department::Department, organization::Organization, person::Person},
    planning::{
        metric::{KnownMeasure, MeasuredValue},
        objective::{Objective, ObjectiveDraft, ObjectiveMeasurement},
    },
};

use self::measurement as m;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on,
    planning::objective::objective as o,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    measurement (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        objective_id -> Key,
        measured_on -> Date,
        content -> Document,
        measured -> Document,
        meets_target -> Bool,
        known_measure -> Nullable<Text>,
        state -> Text,
        recorded -> Document,
        voided -> Nullable<Document>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; `measured_on` is there to be sorted by.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = m, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Measurement>,
    revision: i32,
    objective_id: KeyColumn<Objective>,
    measured_on: NaiveDate,
    content: DocumentColumn<MeasurementDraft>,
    measured: DocumentColumn<MeasuredValue>,
    meets_target: bool,
    known_measure: Option<WordColumn<KnownMeasure>>,
    state: WordColumn<MeasurementState>,
    recorded: DocumentColumn<Signature>,
    voided: Option<DocumentColumn<Signature>>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// What of its objective says who reaches a measurement: the title, the department, who is responsible.
type OfObjective = (String, Option<KeyColumn<Department>>, KeyColumn<Person>);

diesel::alias! {
    const LATER: Alias<Later> = measurement as later;
}

impl Row {
    fn of(measurement: &Measurement, organization_id: KeyColumn<Organization>) -> Self {
        let Measurement {
            id,
            revision,
            objective,
            draft,
            measured,
            known_measure,
            meets_target,
            state,
            recorded,
            voided,
            allowed_actions: _,
            created_at,
            updated_at,
        } = measurement;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            objective_id: KeyColumn::of(objective.id),
            measured_on: draft.measured_on,
            content: DocumentColumn(draft.clone()),
            measured: DocumentColumn(*measured),
            meets_target: *meets_target,
            known_measure: known_measure.map(WordColumn),
            state: WordColumn(*state),
            recorded: DocumentColumn(recorded.clone()),
            voided: voided.clone().map(DocumentColumn),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_measurement(self, title: String) -> Measurement {
        Measurement {
            id: self.id.0,
            revision: self.revision,
            objective: Reference::new(self.objective_id.0, title),
            draft: self.content.0,
            measured: self.measured.0,
            known_measure: self.known_measure.map(|known| known.0),
            meets_target: self.meets_target,
            state: self.state.0,
            recorded: self.recorded.0,
            voided: self.voided.map(|voided| voided.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Which measurements are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Measurement>>,
    /// Changed since.
    pub updated_since: Option<DateTime<Utc>>,
    /// Recorded since.
    pub recorded_since: Option<DateTime<Utc>>,
    /// Of this objective.
    pub objective: Option<Id<Objective>>,
    /// Whether they meet the target.
    pub meets_target: Option<bool>,
    /// In this state.
    pub state: Option<MeasurementState>,
}

/// A page of measurements that the caller may read; sorts by `measured_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Measurement>> {
    let within = tx.within(Resource::Measurement, Verb::Read)?;
    let grants = Grants::of::<Measurement>(tx)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = m::table
                .inner_join(o::table.on(o::organization_id.eq(m::organization_id).and(o::id.eq(m::objective_id))))
                .filter(m::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                let department = o::department_id.among(&within.departments);
                query = query.filter(department.or(o::responsible_person_id.among(&within.persons)));
            }
            if let Some(id) = filter.id {
                query = query.filter(m::id.eq(KeyColumn(id)));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(m::updated_at.ge(MomentColumn(since)));
            }
            if let Some(since) = filter.recorded_since {
                query = query.filter(m::created_at.ge(MomentColumn(since)));
            }
            if let Some(objective) = filter.objective {
                query = query.filter(m::objective_id.eq(KeyColumn(objective)));
            }
            if let Some(meets) = filter.meets_target {
                query = query.filter(m::meets_target.eq(meets));
            }
            match filter.state {
                Some(state) => query.filter(m::state.eq(WordColumn(state))),
                None => query,
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, m::updated_at, m::id, DateTime<Utc>),
            _ => sorted!(filtered(), page, m::measured_on, m::id, NaiveDate),
        };
        let of_objective = (o::title, o::department_id, o::responsible_person_id);
        let rows: Vec<(Row, OfObjective)> =
            query.limit(one_more(page)).select((Row::as_select(), of_objective)).load(tx)?;
        (rows, total)
    });
    let measurements = rows
        .into_iter()
        .map(|(row, (title, department, responsible))| {
            let mut measurement = row.into_measurement(title);
            let covers = |within: &Within| within.covers(department.map(|id| id.0), Some(responsible.0), None);
            measurement.allowed_actions = grants.open(&measurement, covers);
            measurement
        })
        .collect();
    Ok(cut(measurements, page, total, |measurement: &Measurement| match page.sort_field() {
        "updated_at" => (serde_json::json!(measurement.updated_at), measurement.id.uuid()),
        _ => (serde_json::json!(measurement.draft.measured_on), measurement.id.uuid()),
    }))
}

/// Refuses to do `verb` to measurements of an objective that lies outside what the caller may do that to.
pub fn require_reach(tx: &mut Tx<'_>, objective: &ObjectiveDraft, verb: Verb) -> Outcome<()> {
    let within = tx.within(Resource::Measurement, verb)?;
    require_within(within.covers(objective.department_id, Some(objective.responsible_person_id), None))
}

/// One measurement that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<Measurement>) -> Outcome<Loaded<Measurement>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// The measurement with the latest day that counts, of each of these objectives.
pub(crate) fn latest(
    tx: &mut Tx<'_>,
    objectives: &[KeyColumn<Objective>],
) -> Outcome<HashMap<Id<Objective>, ObjectiveMeasurement>> {
    type Found = (KeyColumn<Objective>, KeyColumn<Measurement>, NaiveDate, DocumentColumn<MeasuredValue>, bool);
    let (organization, later) = (tx.organization(), LATER);
    let counts = WordColumn(MeasurementState::Recorded);
    let found: Vec<Found> = on!(tx, {
        let is_later = later
            .field(m::measured_on)
            .gt(m::measured_on)
            .or(later.field(m::measured_on).eq(m::measured_on).and(later.field(m::id).gt(m::id)));
        let after = later
            .filter(later.field(m::organization_id).eq(m::organization_id))
            .filter(later.field(m::objective_id).eq(m::objective_id))
            .filter(later.field(m::state).eq(counts))
            .filter(is_later);
        m::table
            .filter(m::organization_id.eq(organization))
            .filter(m::objective_id.among(objectives))
            .filter(m::state.eq(counts))
            .filter(diesel::dsl::not(exists(after)))
            .select((m::objective_id, m::id, m::measured_on, m::measured, m::meets_target))
            .load(tx)
    })?;
    let last = |(objective, id, measured_on, measured, meets_target): Found| {
        (objective.0, ObjectiveMeasurement { id: id.0.uuid(), measured_on, measured: measured.0, meets_target })
    };
    Ok(found.into_iter().map(last).collect())
}

/// Adds a measurement.
pub fn add(tx: &mut Tx<'_>, measurement: &Measurement) -> Outcome<Measurement> {
    let row = Row::of(measurement, tx.organization());
    on!(tx, diesel::insert_into(m::table).values(&row).execute(tx))?;
    tx.record(Resource::Measurement, measurement.id.uuid(), None, measurement)?;
    Ok(find(tx, measurement.id)?.value)
}

/// Stores a measurement that was voided over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut measurement: Loaded<Measurement>) -> Outcome<Measurement> {
    measurement.revision += 1;
    measurement.updated_at = tx.now();
    let row = Row::of(&measurement, tx.organization());
    let read = m::table.find((row.organization_id, row.id)).filter(m::revision.eq(measurement.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    tx.record(Resource::Measurement, measurement.id.uuid(), Some(&measurement.original), &measurement.value)?;
    Ok(find(tx, measurement.id)?.value)
}
