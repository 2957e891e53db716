//! Operation checklists (運用チェックリスト; 8.1): what is checked again and again, by whom and how often.

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::checklist_run::{ChecklistRun, LastRun};
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text, Title},
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// A checklist.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OperationChecklist {
    /// Its id.
    pub id: Id<OperationChecklist>,
    /// Rises with every change, and with every run.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: OperationChecklistDraft,
    /// Who goes through it.
    pub assignee: Reference,
    /// Whether it is still used.
    pub state: ChecklistState,
    /// The run performed last.
    #[schema(required)]
    pub last_run: Option<LastRun>,
    /// The day by which it is to be run next; `null` once it is retired.
    #[schema(required)]
    pub next_due_on: Option<NaiveDate>,
    /// That day has passed.
    pub overdue: bool,
    /// Who retired it, and why.
    #[schema(required)]
    pub retirement: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<ChecklistAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for OperationChecklist {
    const RESOURCE: Resource = Resource::AnnualPlan;
}

impl Revised for OperationChecklist {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationChecklistDraft {
    /// Its title.
    pub title: Title,
    /// What is checked; an item has its place, from 1 on, as its number.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<Text>,
    /// How often.
    pub frequency: ChecklistFrequency,
    /// The day by which it is run for the first time.
    pub first_due_on: NaiveDate,
    /// Who goes through it.
    pub assignee_id: Id<Person>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// How often a checklist is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChecklistFrequency {
    /// 毎日
    Daily,
    /// 毎週
    Weekly,
    /// 毎月
    Monthly,
    /// 四半期ごと
    Quarterly,
    /// 半年ごと
    HalfYearly,
    /// 毎年
    Yearly,
}

impl Labelled for ChecklistFrequency {
    const NAME: &'static str = "checklist_frequency";

    fn label(&self) -> Label {
        match self {
            Self::Daily => label("毎日", "daily"),
            Self::Weekly => label("毎週", "weekly"),
            Self::Monthly => label("毎月", "monthly"),
            Self::Quarterly => label("四半期ごと", "quarterly"),
            Self::HalfYearly => label("半年ごと", "half-yearly"),
            Self::Yearly => label("毎年", "yearly"),
        }
    }
}

impl ChecklistFrequency {
    /// The day by which it is run again after `day`.
    pub fn after(self, day: NaiveDate) -> NaiveDate {
        let next = match self {
            Self::Daily => day.checked_add_days(Days::new(1)),
            Self::Weekly => day.checked_add_days(Days::new(7)),
            Self::Monthly => day.checked_add_months(Months::new(1)),
            Self::Quarterly => day.checked_add_months(Months::new(3)),
            Self::HalfYearly => day.checked_add_months(Months::new(6)),
            Self::Yearly => day.checked_add_months(Months::new(12)),
        };
        next.unwrap_or(day)
    }
}

/// Whether a checklist is still used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChecklistState {
    /// It is.
    InUse,
    /// It was taken out of use; its runs stay to be read.
    Retired,
}

impl Labelled for ChecklistState {
    const NAME: &'static str = "checklist_state";

    fn label(&self) -> Label {
        match self {
            Self::InUse => label("使用中", "in use"),
            Self::Retired => label("使用終了", "retired"),
        }
    }
}

/// A step of a checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChecklistAction {
    /// Change it.
    Revise,
    /// Record a run (`/runs`).
    Run,
    /// Take it out of use (`/retirement`).
    Retire,
}

impl Labelled for ChecklistAction {
    const NAME: &'static str = "checklist_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Run => label("点検の記録", "record a run"),
            Self::Retire => label("使用終了", "retire"),
        }
    }
}

impl Stateful for OperationChecklist {
    type Action = ChecklistAction;
    type State = ChecklistState;

    const TRANSITIONS: &'static [Transition<ChecklistAction, ChecklistState>] = &[
        Transition {
            action: ChecklistAction::Revise,
            from: &[ChecklistState::InUse],
            grant: (Resource::AnnualPlan, Verb::Update),
        },
        Transition {
            action: ChecklistAction::Run,
            from: &[ChecklistState::InUse],
            grant: (Resource::AnnualPlan, Verb::Execute),
        },
        Transition {
            action: ChecklistAction::Retire,
            from: &[ChecklistState::InUse],
            grant: (Resource::AnnualPlan, Verb::Update),
        },
    ];

    fn state(&self) -> ChecklistState {
        self.state
    }
}

impl OperationChecklistDraft {
    fn check(&self) -> Result<(), Refusal> {
        let code = match self.items.len() {
            0 => Code::TooShort,
            1..=100 => return Ok(()),
            _ => Code::TooLong,
        };
        Refusal::unless_empty(vec![Fault::new("/items", code)])
    }
}

impl OperationChecklist {
    /// A new checklist.
    pub fn enter(draft: OperationChecklistDraft, now: DateTime<Utc>, today: NaiveDate) -> Result<Self, Refusal> {
        draft.check()?;
        let mut checklist = Self {
            id: Id::generate(now),
            revision: 1,
            assignee: Reference::new(draft.assignee_id, ""),
            draft,
            state: ChecklistState::InUse,
            last_run: None,
            next_due_on: None,
            overdue: false,
            retirement: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        checklist.derive(today);
        Ok(checklist)
    }

    /// Changes it; runs keep the items as they read then.
    pub fn revise(&mut self, draft: OperationChecklistDraft, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(ChecklistAction::Revise)?;
        draft.check()?;
        self.draft = draft;
        self.derive(today);
        Ok(())
    }

    /// A run was recorded. One that is entered late does not take the place of a later one.
    pub fn was_run(&mut self, run: &ChecklistRun, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(ChecklistAction::Run)?;
        if self.last_run.is_none_or(|last| last.performed_on <= run.draft.performed_on) {
            self.last_run = Some(LastRun::of(run));
        }
        self.derive(today);
        Ok(())
    }

    /// Takes it out of use, with a reason.
    pub fn retire(&mut self, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(ChecklistAction::Retire)?;
        self.retirement = Some(by);
        self.state = ChecklistState::Retired;
        self.derive(today);
        Ok(())
    }

    /// Derives when it is due next, and whether that has passed.
    pub fn derive(&mut self, today: NaiveDate) {
        let due = match self.last_run {
            Some(last) => self.draft.frequency.after(last.performed_on),
            None => self.draft.first_due_on,
        };
        self.next_due_on = (self.state == ChecklistState::InUse).then_some(due);
        self.overdue = self.next_due_on.is_some_and(|due| due < today);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A monthly checklist of two items, from 2024-04-05 on.
    pub(in super::super) fn checklist() -> OperationChecklist {
        let draft = OperationChecklistDraft {
            title: Title::new("月次点検").unwrap(),
            items: vec![Text::new("施錠").unwrap(), Text::new("更新").unwrap()],
            frequency: ChecklistFrequency::Monthly,
            first_due_on: day("2024-04-05"),
            assignee_id: Id::generate(DateTime::UNIX_EPOCH),
            remarks: Note::default(),
        };
        OperationChecklist::enter(draft, DateTime::UNIX_EPOCH, day("2024-04-01")).unwrap()
    }

    #[test]
    fn it_is_due_on_the_first_day_and_then_as_often_as_it_says() {
        let mut checklist = checklist();
        assert_eq!((checklist.next_due_on, checklist.overdue), (Some(day("2024-04-05")), false));
        checklist.derive(day("2024-04-06"));
        assert!(checklist.overdue);
        assert_eq!(ChecklistFrequency::Monthly.after(day("2024-01-31")), day("2024-02-29"));
        assert_eq!(ChecklistFrequency::Weekly.after(day("2024-12-30")), day("2025-01-06"));
    }

    #[test]
    fn what_is_retired_is_neither_due_nor_run() {
        let mut checklist = checklist();
        checklist.retire(crate::operation::annual_plan::tests::somebody(), day("2024-05-01")).unwrap();
        assert_eq!((checklist.next_due_on, checklist.overdue), (None, false));
        assert_eq!(checklist.guard(ChecklistAction::Run).unwrap_err().code, Code::WrongState);
    }
}
