//! Runs of operation checklists (8.1): what was found at each item. A run is evidence, and does not change (SD-12).

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::checklist::{ChecklistAction, OperationChecklist};
use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text},
        transition::Stateful,
    },
};

/// A run of a checklist.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChecklistRun {
    /// Its id.
    pub id: Id<ChecklistRun>,
    /// Stays 1: a run does not change.
    pub revision: Revision,
    /// The checklist.
    pub checklist_id: Id<OperationChecklist>,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: ChecklistRunDraft,
    /// The items of the checklist as they read then, in the order of their numbers.
    pub items: Vec<Text>,
    /// How many items were not in order.
    pub not_ok: i32,
    /// Who went through it.
    pub performed_by: Signature,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// The same moment.
    pub updated_at: DateTime<Utc>,
}

impl Governed for ChecklistRun {
    const RESOURCE: Resource = Resource::AnnualPlan;
}

impl Revised for ChecklistRun {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChecklistRunDraft {
    /// The day on which it was performed; not in the future.
    pub performed_on: NaiveDate,
    /// What was found, for every item once.
    #[schema(min_items = 1, max_items = 100)]
    pub results: Vec<ItemResult>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// What was found at an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemResult {
    /// The number of the item.
    #[schema(minimum = 1, maximum = 100)]
    pub number: i32,
    /// Whether it is in order.
    pub finding: ItemFinding,
    /// What was seen. Required where it is not in order.
    #[serde(default)]
    pub note: Note,
}

/// Whether an item of a checklist is in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ItemFinding {
    /// ○
    Ok,
    /// ×
    NotOk,
    /// ー
    NotApplicable,
}

impl Labelled for ItemFinding {
    const NAME: &'static str = "item_finding";

    fn label(&self) -> Label {
        match self {
            Self::Ok => label("○ 問題なし", "in order"),
            Self::NotOk => label("× 問題あり", "not in order"),
            Self::NotApplicable => label("ー 該当なし", "not applicable"),
        }
    }
}

/// The run of a checklist that was performed last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LastRun {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id<ChecklistRun>,
    /// The day on which it was performed.
    pub performed_on: NaiveDate,
    /// How many items were not in order.
    pub not_ok: i32,
}

impl LastRun {
    /// What a checklist keeps of a run.
    pub fn of(run: &ChecklistRun) -> Self {
        Self { id: run.id, performed_on: run.draft.performed_on, not_ok: run.not_ok }
    }
}

impl ChecklistRunDraft {
    fn check(&self, items: usize, today: NaiveDate) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.performed_on > today {
            faults.push(Fault::new("/performed_on", Code::FutureDate));
        }
        let known = |number: i32| usize::try_from(number).is_ok_and(|number| (1..=items).contains(&number));
        let mut seen = BTreeSet::new();
        for (at, result) in self.results.iter().enumerate() {
            if !known(result.number) {
                faults.push(Fault::new(format!("/results/{at}/number"), Code::UnknownReference));
            } else if !seen.insert(result.number) {
                faults.push(Fault::new(format!("/results/{at}/number"), Code::Duplicate));
            }
            if result.finding == ItemFinding::NotOk && result.note.as_str().trim().is_empty() {
                faults.push(Fault::new(format!("/results/{at}/note"), Code::RequiredHere));
            }
        }
        if seen.len() < items {
            faults.push(Fault::new("/results", Code::TooShort));
        }
        Refusal::unless_empty(faults)
    }
}

impl ChecklistRun {
    /// A run of `checklist`: every item of it has its result.
    pub fn record(
        draft: ChecklistRunDraft,
        checklist: &OperationChecklist,
        by: Signature,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        checklist.guard(ChecklistAction::Run)?;
        draft.check(checklist.draft.items.len(), today)?;
        let not_ok = draft.results.iter().filter(|result| result.finding == ItemFinding::NotOk).count();
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            checklist_id: checklist.id,
            draft,
            items: checklist.draft.items.clone(),
            not_ok: i32::try_from(not_ok).unwrap_or(i32::MAX),
            performed_by: by,
            created_at: now,
            updated_at: now,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{annual_plan::tests::somebody, checklist::tests::checklist};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn draft(results: &[(i32, ItemFinding, &str)]) -> ChecklistRunDraft {
        let result = |(number, finding, note): &(i32, ItemFinding, &str)| ItemResult {
            number: *number,
            finding: *finding,
            note: Note::new(*note).unwrap(),
        };
        ChecklistRunDraft {
            performed_on: day("2024-04-05"),
            results: results.iter().map(result).collect(),
            remarks: Note::default(),
        }
    }

    fn record(draft: ChecklistRunDraft) -> Result<ChecklistRun, Refusal> {
        ChecklistRun::record(draft, &checklist(), somebody(), DateTime::UNIX_EPOCH, day("2024-04-05"))
    }

    #[test]
    fn every_item_has_one_result_and_what_is_not_in_order_a_note() {
        use ItemFinding::{NotApplicable, NotOk, Ok};
        let run = record(draft(&[(2, NotOk, "1台が未更新"), (1, Ok, "")])).unwrap();
        assert_eq!((run.not_ok, run.items.len()), (1, 2));
        for (results, pointer, code) in [
            (&[(1, Ok, "")][..], "/results", Code::TooShort),
            (&[(1, Ok, ""), (2, NotOk, " ")][..], "/results/1/note", Code::RequiredHere),
            (&[(1, Ok, ""), (1, Ok, ""), (2, Ok, "")][..], "/results/1/number", Code::Duplicate),
            (&[(1, Ok, ""), (2, NotApplicable, ""), (3, Ok, "")][..], "/results/2/number", Code::UnknownReference),
        ] {
            let refused = record(draft(results)).unwrap_err();
            assert_eq!((refused.errors[0].pointer.as_str(), refused.errors[0].code), (pointer, code));
        }
    }

    #[test]
    fn the_next_run_is_due_after_the_last_one() {
        let run = record(draft(&[(1, ItemFinding::Ok, ""), (2, ItemFinding::Ok, "")])).unwrap();
        let mut checklist = checklist();
        checklist.was_run(&run, day("2024-04-05")).unwrap();
        assert_eq!(checklist.next_due_on, Some(day("2024-05-05")));
        let mut earlier = run;
        earlier.draft.performed_on = day("2024-03-05");
        checklist.was_run(&earlier, day("2024-04-05")).unwrap();
        assert_eq!(checklist.next_due_on, Some(day("2024-05-05")), "a late entry does not count back");
    }
}
