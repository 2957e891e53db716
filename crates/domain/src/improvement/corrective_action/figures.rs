//! Figures for continual improvement (10.1): how many corrective actions there are, where they come from, where they stand,
//! how old they are, and what happens again.

use chrono::{Months, NaiveDate};
use serde::Serialize;
use strum::IntoEnumIterator;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{source::CorrectiveActionSource, step::CorrectiveActionState};
use crate::{catalog::control::ControlId, kernel::reference::Reference};

/// Within how many months the same nonconformity of a department counts as a repeat.
const REPEAT_MONTHS: Months = Months::new(12);

/// Where the ages of the open ones are cut, in days.
const AGES: [(i64, Option<i64>); 4] = [(0, Some(30)), (31, Some(90)), (91, Some(180)), (181, None)];

/// What is counted of a corrective action.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Its reference number.
    pub reference_no: String,
    /// Its id.
    pub id: Uuid,
    /// Where it comes from.
    pub source: CorrectiveActionSource,
    /// Where it stands.
    pub state: CorrectiveActionState,
    /// The department that it is about.
    pub department: Reference,
    /// The clause that was not met.
    pub clause: Option<String>,
    /// The control that was not met.
    pub control: Option<ControlId>,
    /// The day of its issue.
    pub issued_on: NaiveDate,
    /// The day by which the next thing planned is to be done.
    pub due_on: Option<NaiveDate>,
    /// The day on which it was closed.
    pub closed_on: Option<NaiveDate>,
    /// It was reopened.
    pub reopened: bool,
}

impl Counted {
    fn is_open(&self) -> bool {
        !self.state.is_over()
    }

    fn called_off(&self) -> bool {
        CorrectiveActionState::CALLED_OFF.contains(&self.state)
    }

    /// It repeats one of `all`.
    pub fn is_repeat(&self, all: &[Self]) -> bool {
        !self.called_off() && all.iter().any(|other| !other.called_off() && self.repeats(other))
    }

    /// It repeats `earlier`: the same clause or control of the same department, within 12 months.
    fn repeats(&self, earlier: &Self) -> bool {
        let same_clause = self.clause.is_some() && self.clause == earlier.clause;
        let same_control = self.control.is_some() && self.control == earlier.control;
        let until = earlier.issued_on.checked_add_months(REPEAT_MONTHS);
        self.department.id == earlier.department.id
            && (same_clause || same_control)
            && (earlier.issued_on, &earlier.reference_no) < (self.issued_on, &self.reference_no)
            && until.is_some_and(|until| self.issued_on <= until)
    }
}

/// Corrective actions in numbers. What was rejected or cancelled counts only under its state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CorrectiveActionFigures {
    /// The day that they hold for.
    pub as_of: NaiveDate,
    /// How many there are.
    pub total: usize,
    /// How many of them are open.
    pub open: usize,
    /// How many of them are overdue.
    pub overdue: usize,
    /// How many of them were closed.
    pub closed: usize,
    /// How many of them were reopened at least once.
    pub reopened: usize,
    /// How many days the closed ones took, rounded down; none where none was closed.
    #[schema(required)]
    pub mean_days_to_close: Option<i64>,
    /// By source, sources without any left out.
    pub by_source: Vec<SourceFigure>,
    /// By state, states without any left out.
    pub by_state: Vec<StateFigure>,
    /// By department, in the order of the names.
    pub by_department: Vec<DepartmentFigure>,
    /// How old the open ones are.
    pub ages: Vec<AgeFigure>,
    /// What happened again: the same clause or control of the same department within 12 months.
    pub repeats: Vec<RepeatedAction>,
}

/// How many come from a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceFigure {
    /// The source.
    pub source: CorrectiveActionSource,
    /// How many.
    pub total: usize,
    /// How many of them are open.
    pub open: usize,
}

/// How many stand in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StateFigure {
    /// The state.
    pub state: CorrectiveActionState,
    /// How many.
    pub total: usize,
}

/// How many a department has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DepartmentFigure {
    /// The department.
    pub department: Reference,
    /// How many.
    pub total: usize,
    /// How many of them are open.
    pub open: usize,
}

/// How many open ones are this old.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgeFigure {
    /// Days since the issue, from.
    pub from_days: i64,
    /// Up to, and with; none: and more.
    #[schema(required)]
    pub to_days: Option<i64>,
    /// How many.
    pub open: usize,
}

/// A corrective action that repeats earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RepeatedAction {
    /// The later one, by its reference number.
    pub action: Reference,
    /// The department.
    pub department: Reference,
    /// The clause.
    #[schema(required)]
    pub clause: Option<String>,
    /// The control.
    #[schema(required)]
    pub control: Option<ControlId>,
    /// Those before it, by their reference numbers.
    pub earlier: Vec<Reference>,
}

impl CorrectiveActionFigures {
    /// The figures of these on `today`.
    pub fn of(all: &[Counted], today: NaiveDate) -> Self {
        let counted: Vec<&Counted> = all.iter().filter(|one| !one.called_off()).collect();
        let open = |of: &[&Counted]| of.iter().filter(|one| one.is_open()).count();
        let days: Vec<i64> =
            counted.iter().filter_map(|one| Some((one.closed_on? - one.issued_on).num_days())).collect();
        let mut departments: Vec<Reference> = counted.iter().map(|one| one.department.clone()).collect();
        departments.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
        departments.dedup();
        let among = |fits: &dyn Fn(&Counted) -> bool| -> Vec<&Counted> {
            counted.iter().copied().filter(|one| fits(one)).collect()
        };
        Self {
            as_of: today,
            total: counted.len(),
            open: open(&counted),
            overdue: among(&|one| one.due_on.is_some_and(|due| due < today)).len(),
            closed: among(&|one| one.closed_on.is_some()).len(),
            reopened: among(&|one| one.reopened).len(),
            mean_days_to_close: days.iter().sum::<i64>().checked_div(i64::try_from(days.len()).unwrap_or_default()),
            by_source: CorrectiveActionSource::iter()
                .map(|source| (source, among(&|one| one.source == source)))
                .filter(|(_, of)| !of.is_empty())
                .map(|(source, of)| SourceFigure { source, total: of.len(), open: open(&of) })
                .collect(),
            by_state: CorrectiveActionState::iter()
                .map(|state| StateFigure { state, total: all.iter().filter(|one| one.state == state).count() })
                .filter(|figure| figure.total > 0)
                .collect(),
            by_department: departments
                .into_iter()
                .map(|department| {
                    let of = among(&|one| one.department.id == department.id);
                    DepartmentFigure { department, total: of.len(), open: open(&of) }
                })
                .collect(),
            ages: AGES
                .into_iter()
                .map(|(from_days, to_days)| {
                    let age = |one: &Counted| (today - one.issued_on).num_days();
                    let fits = |days: i64| days >= from_days && to_days.is_none_or(|to| days <= to);
                    AgeFigure { from_days, to_days, open: among(&|one| one.is_open() && fits(age(one))).len() }
                })
                .collect(),
            repeats: counted.iter().filter_map(|one| RepeatedAction::of(one, &counted)).collect(),
        }
    }
}

impl RepeatedAction {
    fn of(one: &Counted, all: &[&Counted]) -> Option<Self> {
        let reference = |one: &Counted| Reference { id: one.id, name: one.reference_no.clone() };
        let earlier: Vec<Reference> = all.iter().filter(|other| one.repeats(other)).map(|one| reference(one)).collect();
        (!earlier.is_empty()).then(|| Self {
            action: reference(one),
            department: one.department.clone(),
            clause: one.clause.clone(),
            control: one.control,
            earlier,
        })
    }
}
