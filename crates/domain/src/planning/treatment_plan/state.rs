//! Where a plan stands, and its steps (§5.2).

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::TreatmentPlan;
use crate::{
    access::{Resource, Verb},
    kernel::{
        label::{Label, Labelled, label},
        transition::{Stateful, Transition},
    },
};

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PlanState {
    /// Being written, or returned to be mended.
    Draft,
    /// Waits for the owners of its risks.
    Submitted,
    /// Approved by the owner of every covered risk.
    Approved,
    /// At least one item has been started.
    InExecution,
    /// Every item is completed or cancelled.
    Completed,
    /// Looked through for the last time, and put away.
    Closed,
    /// Nobody wanted the draft any more.
    Voided,
}

impl Labelled for PlanState {
    const NAME: &'static str = "plan_state";

    fn label(&self) -> Label {
        match self {
            Self::Draft => label("作成中", "draft"),
            Self::Submitted => label("承認待ち", "submitted"),
            Self::Approved => label("承認済み", "approved"),
            Self::InExecution => label("実施中", "in execution"),
            Self::Completed => label("実施済み", "completed"),
            Self::Closed => label("完了", "closed"),
            Self::Voided => label("取消し", "voided"),
        }
    }
}

impl PlanState {
    /// Between the owners' approval and the closure: it follows its items.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Approved | Self::InExecution | Self::Completed)
    }
}

/// A step of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PlanAction {
    /// Change the draft.
    Revise,
    /// Hand it in (`/submission`).
    Submit,
    /// Approve the treatment of the own risks (`/approval`).
    Approve,
    /// Give it back (`/return`).
    Return,
    /// Void the draft (`/voiding`).
    Void,
    /// Record that it was looked through (`/review`).
    Review,
    /// Put it away (`/closure`).
    Close,
}

impl Labelled for PlanAction {
    const NAME: &'static str = "plan_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Submit => label("提出", "submit"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
            Self::Void => label("取消し", "void"),
            Self::Review => label("見直し", "review"),
            Self::Close => label("完了", "close"),
        }
    }
}

use PlanState as S;

/// The state machine of a plan (§5.2).
impl Stateful for TreatmentPlan {
    type Action = PlanAction;
    type State = PlanState;

    const TRANSITIONS: &'static [Transition<PlanAction, PlanState>] = &[
        Transition {
            action: PlanAction::Revise,
            from: &[S::Draft],
            grant: (Resource::TreatmentDecision, Verb::Update),
        },
        Transition {
            action: PlanAction::Submit,
            from: &[S::Draft],
            grant: (Resource::TreatmentDecision, Verb::Update),
        },
        Transition {
            action: PlanAction::Approve,
            from: &[S::Submitted],
            grant: (Resource::TreatmentDecision, Verb::Approve),
        },
        Transition {
            action: PlanAction::Return,
            from: &[S::Submitted],
            grant: (Resource::TreatmentDecision, Verb::Approve),
        },
        Transition { action: PlanAction::Void, from: &[S::Draft], grant: (Resource::TreatmentDecision, Verb::Update) },
        Transition {
            action: PlanAction::Review,
            from: &[S::Approved, S::InExecution, S::Completed],
            grant: (Resource::TreatmentDecision, Verb::Update),
        },
        Transition {
            action: PlanAction::Close,
            from: &[S::Completed],
            grant: (Resource::TreatmentDecision, Verb::Update),
        },
    ];

    fn state(&self) -> PlanState {
        self.state
    }
}
