//! The annual plan (ISMS年間計画表, D32; 8.1): one per fiscal year, approved by the chair.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{annual_plan_template::AnnualPlanTemplate, week::FiscalYear};
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, SignOffState, Signature},
        text::{Note, Title},
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// What is done for the ISMS in one fiscal year; its rows say what, when and by whom.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnnualPlan {
    /// Its id.
    pub id: Id<AnnualPlan>,
    /// Rises with every change.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: AnnualPlanDraft,
    /// First day of its fiscal year.
    pub starts_on: NaiveDate,
    /// Last day of its fiscal year.
    pub ends_on: NaiveDate,
    /// Where it stands.
    pub state: AnnualPlanState,
    /// How much of it is done.
    pub progress: PlanProgress,
    /// Who prepared and approved it (SD-1). Whoever writes in a row of the draft prepares the plan.
    pub sign_off: SignOff,
    /// Who closed it.
    #[schema(required)]
    pub closure: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<AnnualPlanAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for AnnualPlan {
    const RESOURCE: Resource = Resource::AnnualPlan;
}

impl Revised for AnnualPlan {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnualPlanDraft {
    /// The fiscal year, called after the calendar year of its first day; one plan for each.
    #[schema(minimum = 1900, maximum = 2998)]
    pub fiscal_year: i32,
    /// Its title.
    pub title: Title,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
    /// The shipped plan whose rows it starts with; only when it is created.
    #[serde(default)]
    #[schema(required = false)]
    pub template: Option<AnnualPlanTemplate>,
}

/// How much of a plan is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanProgress {
    /// Rows, without those that were withdrawn.
    pub rows: i64,
    /// Occurrences that are done.
    pub done: i64,
    /// Occurrences that are still to be done.
    pub open: i64,
    /// Rows with an occurrence whose last week has ended.
    pub overdue_rows: i64,
}

/// Where a plan stands (§5.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AnnualPlanState {
    /// Being written, or returned to be mended.
    Draft,
    /// Waits for approval.
    Submitted,
    /// Approved; its year has not begun and nothing of it is done.
    Approved,
    /// Its year has begun, or something of it is done.
    InExecution,
    /// Everything in it is done or skipped, and it was closed.
    Closed,
    /// Nobody wanted the draft any more.
    Voided,
}

impl Labelled for AnnualPlanState {
    const NAME: &'static str = "annual_plan_state";

    fn label(&self) -> Label {
        match self {
            Self::Draft => label("作成中", "draft"),
            Self::Submitted => label("承認待ち", "submitted"),
            Self::Approved => label("承認済み", "approved"),
            Self::InExecution => label("実施中", "in execution"),
            Self::Closed => label("完了", "closed"),
            Self::Voided => label("取消し", "voided"),
        }
    }
}

impl AnnualPlanState {
    /// Out of the sign-off, whether the plan was closed, and whether its execution has begun.
    pub fn of(sign_off: SignOffState, closed: bool, begun: bool) -> Self {
        match sign_off {
            SignOffState::Draft | SignOffState::Returned => Self::Draft,
            SignOffState::Submitted => Self::Submitted,
            SignOffState::Voided => Self::Voided,
            SignOffState::Approved if closed => Self::Closed,
            SignOffState::Approved if begun => Self::InExecution,
            SignOffState::Approved => Self::Approved,
        }
    }

    /// Whether what it plans can be done.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Approved | Self::InExecution)
    }
}

/// A step of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AnnualPlanAction {
    /// Change the draft.
    Revise,
    /// Add a row (`/rows`); to an approved plan one that is marked as added later.
    AddRow,
    /// Hand it in (`/submission`).
    Submit,
    /// Approve it (`/approval`).
    Approve,
    /// Give it back (`/return`).
    Return,
    /// Void the draft (`/voiding`).
    Void,
    /// Close it (`/closure`).
    Close,
}

impl Labelled for AnnualPlanAction {
    const NAME: &'static str = "annual_plan_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::AddRow => label("行の追加", "add a row"),
            Self::Submit => label("提出", "submit"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
            Self::Void => label("取消し", "void"),
            Self::Close => label("完了", "close"),
        }
    }
}

use AnnualPlanState as S;

impl Stateful for AnnualPlan {
    type Action = AnnualPlanAction;
    type State = AnnualPlanState;

    const TRANSITIONS: &'static [Transition<AnnualPlanAction, AnnualPlanState>] = &[
        Transition { action: AnnualPlanAction::Revise, from: &[S::Draft], grant: (Resource::AnnualPlan, Verb::Update) },
        Transition {
            action: AnnualPlanAction::AddRow,
            from: &[S::Draft, S::Approved, S::InExecution],
            grant: (Resource::AnnualPlan, Verb::Create),
        },
        Transition { action: AnnualPlanAction::Submit, from: &[S::Draft], grant: (Resource::AnnualPlan, Verb::Submit) },
        Transition {
            action: AnnualPlanAction::Approve,
            from: &[S::Submitted],
            grant: (Resource::AnnualPlan, Verb::Approve),
        },
        Transition {
            action: AnnualPlanAction::Return,
            from: &[S::Submitted],
            grant: (Resource::AnnualPlan, Verb::Approve),
        },
        Transition { action: AnnualPlanAction::Void, from: &[S::Draft], grant: (Resource::AnnualPlan, Verb::Update) },
        Transition {
            action: AnnualPlanAction::Close,
            from: &[S::Approved, S::InExecution],
            grant: (Resource::AnnualPlan, Verb::Update),
        },
    ];

    fn state(&self) -> AnnualPlanState {
        self.state
    }
}

impl AnnualPlanDraft {
    fn year(&self, start_month: u8) -> Result<FiscalYear, Refusal> {
        FiscalYear::of_plan(self.fiscal_year, start_month)
            .ok_or_else(|| Refusal::field("/fiscal_year", Code::OutOfRange))
    }
}

impl AnnualPlan {
    /// A new plan, as a draft without rows. `start_month`: that of the organization's fiscal year.
    pub fn draft(draft: AnnualPlanDraft, start_month: u8, by: Signature, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let year = draft.year(start_month)?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            draft,
            starts_on: year.starts_on,
            ends_on: year.ends_on,
            state: AnnualPlanState::Draft,
            progress: PlanProgress::default(),
            sign_off: SignOff::prepared(by),
            closure: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Its fiscal year, as it was when the plan was written.
    pub fn fiscal_year(&self) -> FiscalYear {
        FiscalYear { year: self.draft.fiscal_year, starts_on: self.starts_on, ends_on: self.ends_on }
    }

    /// Changes the draft (SD-12: only that). `weeks` are those of its rows: they have to lie in another year too.
    pub fn revise(
        &mut self,
        draft: AnnualPlanDraft,
        start_month: u8,
        weeks: &[NaiveDate],
        by: Signature,
    ) -> Result<(), Refusal> {
        self.prepare(by)?;
        if draft.template != self.draft.template {
            return Err(Refusal::field("/template", Code::ReadOnlyField));
        }
        if draft.fiscal_year != self.draft.fiscal_year {
            let year = draft.year(start_month)?;
            if !weeks.iter().all(|week| year.has(*week)) {
                return Err(Refusal::field("/fiscal_year", Code::Contradiction).by("R-22"));
            }
            (self.starts_on, self.ends_on) = (year.starts_on, year.ends_on);
        }
        self.draft = draft;
        Ok(())
    }

    /// Somebody wrote in the draft, or in a row of it. Refused once it was handed in (SD-12).
    pub fn prepare(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(AnnualPlanAction::Revise).map_err(|refusal| refusal.by("SD-12"))?;
        self.sign_off.revise(by)
    }

    /// Hands it in; there is something in it.
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(AnnualPlanAction::Submit)?;
        if self.progress.rows == 0 {
            return Err(Refusal::not_ready(["/rows"]));
        }
        self.sign_off.submit(by)
    }

    /// Approves it (SD-1). `alone`: nobody but its preparer could.
    pub fn approve(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(AnnualPlanAction::Approve)?;
        self.sign_off.approve(by, alone)
    }

    /// Gives it back with a reason.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(AnnualPlanAction::Return)?;
        self.sign_off.send_back(by)
    }

    /// Voids the draft: its fiscal year is free for another one.
    pub fn void(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(AnnualPlanAction::Void)?;
        self.sign_off.void(by)
    }

    /// Closes it. `open` are the numbers of the rows of which something is still to be done: that is done or skipped
    /// first, so that the plan answers for everything it promised.
    pub fn close(&mut self, by: Signature, open: &[i32]) -> Result<(), Refusal> {
        self.guard(AnnualPlanAction::Close)?;
        if !open.is_empty() {
            let errors = open.iter().map(|number| Fault::new(format!("/rows/{number}"), Code::Required));
            return Err(Refusal { errors: errors.collect(), ..Refusal::new(Code::NotReady) });
        }
        self.closure = Some(by);
        Ok(())
    }

    /// Derives its state as of `today`, out of what is kept and of its progress.
    pub fn derive(&mut self, today: NaiveDate) {
        let begun = self.starts_on <= today || self.progress.done > 0;
        self.state = AnnualPlanState::of(self.sign_off.state, self.closure.is_some(), begun);
    }

    /// Who prepared it: the last one who wrote in it.
    pub fn preparer(&self) -> Id<Person> {
        self.sign_off.prepared.person_id
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// The mark of a new person.
    pub(in super::super) fn somebody() -> Signature {
        let now = DateTime::UNIX_EPOCH;
        Signature {
            person_id: Id::generate(now),
            name: "山田".into(),
            posts: Vec::new(),
            at: now,
            provisional: false,
            reason: None,
        }
    }

    /// A plan for the fiscal year 2023.
    pub(in super::super) fn plan() -> AnnualPlan {
        let draft = AnnualPlanDraft {
            fiscal_year: 2023,
            title: Title::new("2023年度の計画").unwrap(),
            remarks: Note::default(),
            template: None,
        };
        AnnualPlan::draft(draft, 4, somebody(), DateTime::UNIX_EPOCH).unwrap()
    }

    /// A plan that is approved, as of `today`.
    pub(in super::super) fn approved(today: &str) -> AnnualPlan {
        let mut plan = plan();
        plan.progress.rows = 1;
        plan.submit(somebody()).unwrap();
        plan.derive(day(today));
        plan.approve(somebody(), false).unwrap();
        plan.derive(day(today));
        plan
    }

    #[test]
    fn it_is_in_execution_from_the_first_day_or_the_first_thing_done() {
        assert_eq!(approved("2023-03-31").state, AnnualPlanState::Approved);
        assert_eq!(approved("2023-04-01").state, AnnualPlanState::InExecution);
        let mut plan = approved("2023-03-31");
        plan.progress.done = 1;
        plan.derive(day("2023-03-31"));
        assert_eq!(plan.state, AnnualPlanState::InExecution);
    }

    #[test]
    fn sd_1_and_sd_12_the_preparer_does_not_approve_and_what_is_handed_in_does_not_change() {
        let mut plan = plan();
        assert_eq!(plan.submit(somebody()).unwrap_err().errors[0].pointer, "/rows");
        plan.progress.rows = 1;
        let preparer = plan.sign_off.prepared.clone();
        plan.submit(preparer.clone()).unwrap();
        plan.derive(day("2023-03-01"));
        assert_eq!(plan.approve(preparer, false).unwrap_err().rule, Some("SD-1"));
        let draft = plan.draft.clone();
        assert_eq!(plan.revise(draft, 4, &[], somebody()).unwrap_err().rule, Some("SD-12"));
    }

    #[test]
    fn another_year_takes_its_weeks_along() {
        let mut plan = plan();
        let next = AnnualPlanDraft { fiscal_year: 2024, ..plan.draft.clone() };
        let refused = plan.revise(next.clone(), 4, &[day("2023-05-08")], somebody()).unwrap_err();
        assert_eq!(refused.errors[0].pointer, "/fiscal_year");
        plan.revise(next, 1, &[], somebody()).unwrap();
        assert_eq!((plan.starts_on, plan.ends_on), (day("2024-01-01"), day("2024-12-31")));
    }

    #[test]
    fn it_closes_when_everything_is_done_or_skipped() {
        let mut plan = approved("2023-06-01");
        let refused = plan.close(somebody(), &[3, 7]).unwrap_err();
        assert_eq!(refused.code, Code::NotReady);
        assert_eq!(refused.errors[1].pointer, "/rows/7");
        plan.close(somebody(), &[]).unwrap();
        plan.derive(day("2023-06-01"));
        assert_eq!(plan.state, AnnualPlanState::Closed);
        assert_eq!(plan.close(somebody(), &[]).unwrap_err().code, Code::WrongState);
    }
}
