//! Items of a risk treatment plan (D21; ).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::risk::{Risk, RiskState};
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        text::Text,
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// One control on its way into practice: tasks, who, when.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TreatmentItem {
    /// Its id.
    pub id: Id<TreatmentItem>,
    /// Rises with every change.
    pub revision: Revision,
    /// The risk it treats.
    pub risk_id: Id<Risk>,
    /// Its number within the risk.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: TreatmentItemDraft,
    /// Who does it.
    pub assignee: Reference,
    /// First day of the work.
    #[schema(required)]
    pub actual_start: Option<NaiveDate>,
    /// Last day of the work.
    #[schema(required)]
    pub actual_end: Option<NaiveDate>,
    /// Where it stands.
    pub status: ItemStatus,
    /// Its planned end has passed and it is not completed.
    pub overdue: bool,
    /// Why it was cancelled or opened again.
    #[schema(required)]
    pub status_reason: Option<String>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<ItemAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for TreatmentItem {
    const RESOURCE: Resource = Resource::TreatmentItem;
}

impl Revised for TreatmentItem {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TreatmentItemDraft {
    /// Which control of the risk's treatment decision, by its number.
    #[schema(minimum = 1)]
    pub control_number: i32,
    /// What has to be done, step by step.
    #[schema(min_items = 1, max_items = 100)]
    pub tasks: Vec<Text>,
    /// Who does it.
    pub assignee_id: Id<Person>,
    /// Planned first day; optional until the plan is approved.
    #[serde(default)]
    #[schema(required = false)]
    pub planned_start: Option<NaiveDate>,
    /// Planned last day.
    #[serde(default)]
    #[schema(required = false)]
    pub planned_end: Option<NaiveDate>,
}

/// Where an item stands: derived from its dates, never written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ItemStatus {
    /// 未着手
    NotStarted,
    /// 着手
    InProgress,
    /// 終了
    Completed,
    /// 取消
    Cancelled,
}

impl Labelled for ItemStatus {
    const NAME: &'static str = "item_status";

    fn label(&self) -> Label {
        match self {
            Self::NotStarted => label("未着手", "not started"),
            Self::InProgress => label("着手", "in progress"),
            Self::Completed => label("終了", "completed"),
            Self::Cancelled => label("取消", "cancelled"),
        }
    }
}

/// How far the response to a risk is: derived from its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ResponseStatus {
    /// 済み
    Done,
    /// 予定
    Planned,
    /// 未定
    Undecided,
}

impl Labelled for ResponseStatus {
    const NAME: &'static str = "response_status";

    fn label(&self) -> Label {
        match self {
            Self::Done => label("済み", "done"),
            Self::Planned => label("予定", "planned"),
            Self::Undecided => label("未定", "undecided"),
        }
    }
}

/// A step of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ItemAction {
    /// Change the plan.
    Revise,
    /// Record the first day (`/start`).
    Start,
    /// Record the last day (`/completion`).
    Complete,
    /// Clear the last recorded day (`/reopening`).
    Reopen,
    /// Give it up (`/cancellation`).
    Cancel,
}

impl Labelled for ItemAction {
    const NAME: &'static str = "item_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Start => label("着手", "start"),
            Self::Complete => label("終了", "complete"),
            Self::Reopen => label("取り消して戻す", "reopen"),
            Self::Cancel => label("取消", "cancel"),
        }
    }
}

impl ItemAction {
    /// Whether a risk in this state lets its items take the step. The plan is open from the decision until what remains
    /// is judged, which rests on the work done; the work itself goes on until the risk is closed (at LV.1 and LV.2 its
    /// owner accepts it before).
    pub fn is_open_in(self, risk: RiskState) -> bool {
        match self {
            Self::Revise | Self::Reopen => risk.is_planning(),
            Self::Start | Self::Complete | Self::Cancel => risk != RiskState::Closed,
        }
    }
}

use ItemStatus as S;

/// What R-14 allows. Whether the risk allows it too: [`ItemAction::is_open_in`].
impl Stateful for TreatmentItem {
    type Action = ItemAction;
    type State = ItemStatus;

    const TRANSITIONS: &'static [Transition<ItemAction, ItemStatus>] = &[
        Transition {
            action: ItemAction::Revise,
            from: &[S::NotStarted, S::InProgress],
            grant: (Resource::TreatmentItem, Verb::Update),
        },
        Transition {
            action: ItemAction::Start,
            from: &[S::NotStarted],
            grant: (Resource::TreatmentItem, Verb::Execute),
        },
        Transition {
            action: ItemAction::Complete,
            from: &[S::InProgress],
            grant: (Resource::TreatmentItem, Verb::Execute),
        },
        Transition {
            action: ItemAction::Reopen,
            from: &[S::InProgress, S::Completed],
            grant: (Resource::TreatmentItem, Verb::Update),
        },
        Transition {
            action: ItemAction::Cancel,
            from: &[S::NotStarted, S::InProgress],
            grant: (Resource::TreatmentItem, Verb::Update),
        },
    ];

    fn state(&self) -> ItemStatus {
        self.status
    }
}

/// The day on which something was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Started {
    /// First day of the work; not in the future.
    pub actual_start: NaiveDate,
}

/// The day on which something was finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Completed {
    /// Last day of the work; not in the future, not before the first.
    pub actual_end: NaiveDate,
}

/// What a status needs to be derived.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// First day of the work.
    pub actual_start: Option<NaiveDate>,
    /// Last day of the work.
    pub actual_end: Option<NaiveDate>,
    /// Planned first day.
    pub planned_start: Option<NaiveDate>,
    /// Planned last day.
    pub planned_end: Option<NaiveDate>,
    /// Given up.
    pub cancelled: bool,
}

impl Progress {
    /// no start → 未着手; start → 着手; end → 終了.
    pub fn status(&self) -> ItemStatus {
        match (self.cancelled, self.actual_start, self.actual_end) {
            (true, ..) => ItemStatus::Cancelled,
            (_, _, Some(_)) => ItemStatus::Completed,
            (_, Some(_), None) => ItemStatus::InProgress,
            (_, None, None) => ItemStatus::NotStarted,
        }
    }

    /// the planned end has passed and it is neither completed nor cancelled.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        matches!(self.status(), ItemStatus::NotStarted | ItemStatus::InProgress)
            && self.planned_end.is_some_and(|end| end < today)
    }
}

/// How far an item is, beside the control that it carries out.
#[derive(Clone, Copy, Debug)]
pub struct ControlProgress {
    /// The number of the control.
    pub control: i32,
    /// How far.
    pub progress: Progress,
}

/// R-11 over the items of one risk: all completed → 済み; one with both planned dates → 予定; else 未定.
/// Cancelled items do not count.
pub fn response_status(items: &[Progress]) -> ResponseStatus {
    let mut counted = items.iter().filter(|item| !item.cancelled).peekable();
    if counted.peek().is_none() {
        return ResponseStatus::Undecided;
    }
    let (mut done, mut planned) = (true, false);
    for item in counted {
        done &= item.status() == ItemStatus::Completed;
        planned |= item.planned_start.is_some() && item.planned_end.is_some();
    }
    match (done, planned) {
        (true, _) => ResponseStatus::Done,
        (false, true) => ResponseStatus::Planned,
        (false, false) => ResponseStatus::Undecided,
    }
}

impl TreatmentItemDraft {
    /// `controls`: the numbers of the controls that the decision of the risk has.
    fn check(&self, controls: &[i32]) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if !controls.contains(&self.control_number) {
            faults.push(Fault::new("/control_number", Code::UnknownReference));
        }
        if self.tasks.is_empty() {
            faults.push(Fault::new("/tasks", Code::TooShort));
        }
        if self.planned_end.is_some_and(|end| self.planned_start.is_some_and(|start| end < start)) {
            faults.push(Fault::new("/planned_end", Code::DateOrder).with("other", "/planned_start"));
        }
        Refusal::unless_empty(faults)
    }
}

impl TreatmentItem {
    /// A new item of `risk`.
    pub fn plan(draft: TreatmentItemDraft, risk: &Risk, number: i32, now: DateTime<Utc>) -> Result<Self, Refusal> {
        if !risk.state.is_planning() {
            return Err(Refusal::wrong_state(risk.state));
        }
        draft.check(&risk.control_numbers())?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            risk_id: risk.id,
            number,
            assignee: Reference::new(draft.assignee_id, ""),
            draft,
            actual_start: None,
            actual_end: None,
            status: ItemStatus::NotStarted,
            overdue: false,
            status_reason: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes the plan; not of a completed or cancelled item.
    pub fn revise(&mut self, draft: TreatmentItemDraft, risk: &Risk) -> Result<(), Refusal> {
        self.guard_in(ItemAction::Revise, risk)?;
        draft.check(&risk.control_numbers())?;
        self.draft = draft;
        Ok(())
    }

    /// Records the first day.
    pub fn start(&mut self, started: Started, risk: &Risk, today: NaiveDate) -> Result<(), Refusal> {
        self.guard_in(ItemAction::Start, risk)?;
        if started.actual_start > today {
            return Err(Refusal::field("/actual_start", Code::FutureDate).by("R-14"));
        }
        self.actual_start = Some(started.actual_start);
        self.derive(today);
        Ok(())
    }

    /// Records the last day. Without a first day there is none (TPI-4).
    pub fn complete(&mut self, completed: Completed, risk: &Risk, today: NaiveDate) -> Result<(), Refusal> {
        let Some(start) = self.actual_start else {
            return Err(Refusal::field("/actual_end", Code::RequiredHere).by("R-14").with("missing", "actual_start"));
        };
        self.guard_in(ItemAction::Complete, risk)?;
        if completed.actual_end > today {
            return Err(Refusal::field("/actual_end", Code::FutureDate).by("R-14"));
        }
        if completed.actual_end < start {
            return Err(Refusal::field("/actual_end", Code::DateOrder).by("R-14").with("other", start.to_string()));
        }
        self.actual_end = Some(completed.actual_end);
        self.derive(today);
        Ok(())
    }

    /// Clears the last recorded day, with a reason: completed → in progress → not started. Not once it was judged what
    /// remains of the risk: that rests on the work done.
    pub fn reopen(&mut self, reason: Text, risk: &Risk, today: NaiveDate) -> Result<(), Refusal> {
        self.guard_in(ItemAction::Reopen, risk)?;
        if self.actual_end.take().is_none() {
            self.actual_start = None;
        }
        self.status_reason = Some(reason.into_string());
        self.derive(today);
        Ok(())
    }

    /// Gives it up, with a reason.
    pub fn cancel(&mut self, reason: Text, risk: &Risk) -> Result<(), Refusal> {
        self.guard_in(ItemAction::Cancel, risk)?;
        self.status = ItemStatus::Cancelled;
        self.status_reason = Some(reason.into_string());
        self.overdue = false;
        Ok(())
    }

    /// What its status is derived from.
    pub fn progress(&self) -> Progress {
        Progress {
            actual_start: self.actual_start,
            actual_end: self.actual_end,
            planned_start: self.draft.planned_start,
            planned_end: self.draft.planned_end,
            cancelled: self.status == ItemStatus::Cancelled,
        }
    }

    /// Derives status and `overdue` as of `today`.
    pub fn derive(&mut self, today: NaiveDate) {
        self.status = self.progress().status();
        self.overdue = self.progress().is_overdue(today);
    }

    /// The state of the item, then that of its risk.
    fn guard_in(&self, action: ItemAction, risk: &Risk) -> Result<(), Refusal> {
        self.guard(action)?;
        if action.is_open_in(risk.state) { Ok(()) } else { Err(Refusal::wrong_state(risk.state)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn dates(start: Option<&str>, end: Option<&str>) -> Progress {
        Progress { actual_start: start.map(day), actual_end: end.map(day), ..Progress::default() }
    }

    fn planned(mut progress: Progress) -> Progress {
        progress.planned_start = Some(day("2023-08-10"));
        progress.planned_end = Some(day("2023-09-29"));
        progress
    }

    #[test]
    fn tpi_1_to_3_status_follows_from_the_actual_dates() {
        assert_eq!(dates(Some("2023-08-10"), Some("2023-09-01")).status(), ItemStatus::Completed, "TPI-1");
        assert_eq!(dates(Some("2023-08-10"), None).status(), ItemStatus::InProgress, "TPI-2");
        assert_eq!(dates(None, None).status(), ItemStatus::NotStarted, "TPI-3");
    }

    #[test]
    fn tpi_6_and_7_overdue_after_the_planned_end() {
        let today = day("2023-09-30");
        let waiting = planned(dates(None, None));
        assert_eq!((waiting.status(), waiting.is_overdue(today)), (ItemStatus::NotStarted, true), "TPI-6");
        let begun = planned(dates(Some("2023-08-10"), None));
        assert_eq!((begun.status(), begun.is_overdue(today)), (ItemStatus::InProgress, true), "TPI-7");
        assert!(!begun.is_overdue(day("2023-09-29")), "the planned end itself is still in time");
    }

    #[test]
    fn rsp_1_to_4_response_status_of_a_risk() {
        let done = planned(dates(Some("2023-08-10"), Some("2023-09-01")));
        let begun = planned(dates(Some("2023-08-10"), None));
        assert_eq!(response_status(&[done, done]), ResponseStatus::Done, "RSP-1");
        assert_eq!(response_status(&[begun]), ResponseStatus::Planned, "RSP-2");
        assert_eq!(response_status(&[]), ResponseStatus::Undecided, "RSP-3");
        assert_eq!(response_status(&[dates(None, None)]), ResponseStatus::Undecided, "RSP-3");
        assert_eq!(response_status(&[done, begun]), ResponseStatus::Planned, "RSP-4");
        let cancelled = Progress { cancelled: true, ..begun };
        assert_eq!(response_status(&[done, cancelled]), ResponseStatus::Done, "cancelled items do not count");
        assert_eq!(response_status(&[cancelled]), ResponseStatus::Undecided);
    }
}
