//! The overview: of each clause what exists, what is approved, what is due and overdue, and for whom it waits; and how the
//! cycle turns.

use std::{cmp::Reverse, collections::BTreeMap};

use chrono::{Days, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use super::{cycle::Cycle, work_item::WorkItem};
use crate::{
    access::{Resource, Role},
    catalog::clause::{CLAUSES, Clause, PdcaPhase},
    kernel::reference::Reference,
};

/// How many days ahead something is due soon.
const SOON: Days = Days::new(30);

/// Where the programme stands on a day, as far as the caller may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Overview {
    /// Today in the organization's zone.
    pub on: NaiveDate,
    /// All work that waits.
    pub work: Workload,
    /// How many records in all registers were approved by who prepared them, because nobody else could (amendments
    /// §1.2).
    pub self_approved: i64,
    /// The sections 4.1 to 10.2, in the order of the standard; also those about which nothing exists.
    pub clauses: Vec<ClauseOverview>,
    /// How the cycle turns (10.1): this fiscal year and the two before it.
    pub cycles: Vec<Cycle>,
}

/// Where one section of the standard stands. What is about its parts (6.1.2) is counted here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClauseOverview {
    /// Its number in the standard.
    pub clause: &'static str,
    /// English title.
    pub title_en: &'static str,
    /// Japanese title.
    pub title_ja: &'static str,
    /// Its quadrant of the PDCA wheel.
    pub pdca: PdcaPhase,
    /// Its registers. One that the caller may not read, or of which nothing lies within the caller's reach, is left out.
    pub registers: Vec<RegisterOverview>,
    /// What waits on its records.
    pub work: Workload,
    /// For whom: who is late with most comes first.
    pub for_whom: Vec<Awaited>,
}

/// What a register holds. What left it is not counted: retired, disposed of, voided, withdrawn, superseded, closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RegisterOverview {
    /// Of what kind its records are.
    pub resource: Resource,
    /// The clause that it belongs to.
    pub clause: &'static str,
    /// Where it is read.
    pub path: &'static str,
    /// Whether the caller reads all of it; otherwise only what lies within reach is counted.
    pub whole: bool,
    /// How many records there are.
    pub records: i64,
    /// How many of them are approved: in force, confirmed by their owner (assets), accepted (risks). `null` where
    /// records of this kind are not approved.
    #[schema(required)]
    pub approved: Option<i64>,
    /// How many of them were handed in and wait for approval; `null` where records of this kind are not handed in.
    #[schema(required)]
    pub waiting_for_approval: Option<i64>,
    /// How many of them were approved by who prepared them; `null` where records of this kind are not handed in.
    #[schema(required)]
    pub self_approved: Option<i64>,
    /// The day on which one of them was approved last.
    #[schema(required)]
    pub last_approved_on: Option<NaiveDate>,
}

/// How much work waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Workload {
    /// How much in all.
    pub waiting: usize,
    /// How much of it is due today or within 30 days.
    pub due_soon: usize,
    /// How much of it should have been done before today.
    pub overdue: usize,
}

/// For whom work waits. Neither person nor role: for whoever will hold a position that is vacant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Awaited {
    /// The person, where it waits for one alone.
    #[schema(required)]
    pub person: Option<Reference>,
    /// Otherwise the role.
    #[schema(required)]
    pub role: Option<Role>,
    /// How much waits for them.
    pub work: Workload,
}

impl Overview {
    /// Lays registers and work out by section, beside the cycles.
    pub fn of(on: NaiveDate, registers: &[RegisterOverview], items: &[WorkItem], cycles: Vec<Cycle>) -> Self {
        let sections = CLAUSES.iter().filter(|clause| clause.is_section());
        Self {
            on,
            work: Workload::of(on, items),
            self_approved: registers.iter().filter_map(|register| register.self_approved).sum(),
            clauses: sections.map(|section| ClauseOverview::of(section, on, registers, items)).collect(),
            cycles,
        }
    }
}

impl ClauseOverview {
    fn of(section: &Clause, on: NaiveDate, registers: &[RegisterOverview], items: &[WorkItem]) -> Self {
        let items = || items.iter().filter(|item| section.includes(item.clause));
        Self {
            clause: section.id,
            title_en: section.title_en,
            title_ja: section.title_ja,
            pdca: section.pdca,
            registers: registers.iter().filter(|register| section.includes(register.clause)).cloned().collect(),
            work: Workload::of(on, items()),
            for_whom: Awaited::by(on, items()),
        }
    }
}

impl Workload {
    fn of<'a>(on: NaiveDate, items: impl IntoIterator<Item = &'a WorkItem>) -> Self {
        items.into_iter().fold(Self::default(), |load, item| load.with(on, item))
    }

    fn with(self, on: NaiveDate, item: &WorkItem) -> Self {
        let soon = item.due_on.is_some_and(|due| on <= due && due <= on + SOON);
        Self {
            waiting: self.waiting + 1,
            due_soon: self.due_soon + usize::from(soon),
            overdue: self.overdue + usize::from(item.overdue),
        }
    }
}

impl Awaited {
    fn by<'a>(on: NaiveDate, items: impl Iterator<Item = &'a WorkItem>) -> Vec<Self> {
        let mut by = BTreeMap::new();
        for item in items {
            let person = item.person.as_ref();
            let whom = (person.map(|person| (person.name.as_str(), person.id)), item.role);
            let awaited =
                by.entry(whom).or_insert(Self { person: person.cloned(), role: item.role, work: Workload::default() });
            awaited.work = awaited.work.with(on, item);
        }
        let mut by: Vec<Self> = by.into_values().collect();
        by.sort_by_key(|awaited| Reverse((awaited.work.overdue, awaited.work.waiting)));
        by
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::overview::work_item::WorkKind;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn item(clause: &'static str, due: Option<&str>, person: Option<&str>) -> WorkItem {
        WorkItem {
            kind: WorkKind::CarryOut,
            resource: Resource::Risk,
            record_id: Uuid::nil(),
            path: String::new(),
            title: String::new(),
            clause,
            due_on: due.map(day),
            overdue: due.is_some_and(|due| day(due) < day("2024-04-01")),
            person: person.map(|name| Reference { id: Uuid::nil(), name: name.to_owned() }),
            role: person.is_none().then_some(Role::IsmsSecretariat),
        }
    }

    fn register(clause: &'static str, self_approved: Option<i64>) -> RegisterOverview {
        RegisterOverview {
            resource: Resource::Risk,
            clause,
            path: "/v1/risks",
            whole: true,
            records: 3,
            approved: Some(1),
            waiting_for_approval: None,
            self_approved,
            last_approved_on: None,
        }
    }

    #[test]
    fn parts_are_counted_in_their_section_and_every_section_is_there() {
        let registers = [register("6.1.2", Some(1)), register("6.1.3", None), register("6.2", Some(2))];
        let items = [item("6.1.3", None, None), item("6.2", None, None)];
        let overview = Overview::of(day("2024-04-01"), &registers, &items, Vec::new());
        assert_eq!((overview.self_approved, overview.work.waiting), (3, 2));
        let clauses: Vec<_> = overview.clauses.iter().map(|clause| clause.clause).collect();
        assert_eq!((clauses.len(), clauses[0], clauses[22]), (23, "4.1", "10.2"));
        let of = |id: &str| overview.clauses.iter().find(|clause| clause.clause == id).unwrap();
        assert_eq!((of("6.1").registers.len(), of("6.1").work.waiting), (2, 1));
        assert_eq!((of("6.2").registers.len(), of("6.2").work.waiting), (1, 1));
        assert_eq!((of("9.3").registers.len(), of("9.3").pdca), (0, PdcaPhase::Check));
    }

    #[test]
    fn what_is_due_today_is_due_soon_and_the_day_before_it_was_overdue() {
        let due = ["2024-03-31", "2024-04-01", "2024-05-01", "2024-05-02"];
        let mut items: Vec<_> = due.map(|due| item("8.1", Some(due), None)).into();
        items.push(item("8.1", None, None));
        let work = Workload::of(day("2024-04-01"), &items);
        assert_eq!(work, Workload { waiting: 5, due_soon: 2, overdue: 1 });
    }

    #[test]
    fn who_is_late_with_most_comes_first() {
        let (late, ahead) = (Some("2024-03-01"), Some("2024-09-01"));
        let items =
            [item("8.1", ahead, Some("青木")), item("8.1", ahead, Some("青木")), item("8.1", late, Some("石田"))];
        let items = [&items[..], &[item("8.1", ahead, None)]].concat();
        let for_whom = Awaited::by(day("2024-04-01"), items.iter());
        let names: Vec<_> =
            for_whom.iter().map(|awaited| awaited.person.as_ref().map(|person| person.name.as_str())).collect();
        assert_eq!(names, [Some("石田"), Some("青木"), None]);
        assert_eq!(for_whom[1].work, Workload { waiting: 2, due_soon: 0, overdue: 0 });
    }
}
