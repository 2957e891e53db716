//! Where a campaign stands, and its steps (§5.5).

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::EducationCampaign;
use crate::{
    access::{Resource, Verb},
    kernel::{
        label::{Label, Labelled, label},
        sign_off::SignOffState,
        transition::{Stateful, Transition},
    },
};

/// Where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CampaignState {
    /// The plan is being written, or was returned to be mended.
    Draft,
    /// The plan waits for approval.
    InReview,
    /// The plan was approved; the campaign has not been opened.
    Approved,
    /// Its learners take part.
    Open,
    /// It is over; the training record is written.
    Closed,
    /// The training record was approved.
    Recorded,
    /// It was given up before it was opened.
    Cancelled,
}

impl Labelled for CampaignState {
    const NAME: &'static str = "campaign_state";

    fn label(&self) -> Label {
        match self {
            Self::Draft => label("作成中", "draft"),
            Self::InReview => label("承認待ち", "in review"),
            Self::Approved => label("承認済み", "approved"),
            Self::Open => label("実施中", "open"),
            Self::Closed => label("終了", "closed"),
            Self::Recorded => label("記録済み", "recorded"),
            Self::Cancelled => label("中止", "cancelled"),
        }
    }
}

/// A step of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CampaignAction {
    /// Change the plan.
    Revise,
    /// Add a material, or withdraw one (`/materials`).
    Supply,
    /// Hand the plan in (`/submission`).
    Submit,
    /// Approve the plan (`/approval`).
    Approve,
    /// Give the plan back (`/return`).
    Return,
    /// Give it up (`/cancellation`).
    Cancel,
    /// Open it to its learners (`/opening`).
    Open,
    /// Enrol somebody whom the audience did not have when it was opened (`/enrolments`).
    Enrol,
    /// Remind all who have not completed it (`/reminder`).
    Remind,
    /// Give it more time (`/extension`).
    Extend,
    /// Close it (`/closure`).
    Close,
    /// Write the training record (`/record`).
    Record,
    /// Hand the training record in (`/record-submission`).
    SubmitRecord,
    /// Approve the training record (`/record-approval`).
    ApproveRecord,
    /// Give the training record back (`/record-return`).
    ReturnRecord,
}

impl Labelled for CampaignAction {
    const NAME: &'static str = "campaign_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Supply => label("教材の追加", "add materials"),
            Self::Submit => label("提出", "submit"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
            Self::Cancel => label("中止", "cancel"),
            Self::Open => label("開始", "open"),
            Self::Enrol => label("受講者の追加", "enrol"),
            Self::Remind => label("督促", "remind"),
            Self::Extend => label("期間の延長", "extend"),
            Self::Close => label("終了", "close"),
            Self::Record => label("実施記録の作成", "write the record"),
            Self::SubmitRecord => label("実施記録の提出", "submit the record"),
            Self::ApproveRecord => label("実施記録の承認", "approve the record"),
            Self::ReturnRecord => label("実施記録の差戻し", "return the record"),
        }
    }
}

use CampaignAction as A;
use CampaignState as S;

const PLAN: Resource = Resource::EducationPlan;
const RECORD: Resource = Resource::TrainingRecord;

/// A step, the states it leaves, and the grant it takes.
const fn step(
    action: CampaignAction,
    from: &'static [CampaignState],
    resource: Resource,
    verb: Verb,
) -> Transition<CampaignAction, CampaignState> {
    Transition { action, from, grant: (resource, verb) }
}

impl Stateful for EducationCampaign {
    type Action = CampaignAction;
    type State = CampaignState;

    const TRANSITIONS: &'static [Transition<CampaignAction, CampaignState>] = &[
        step(A::Revise, &[S::Draft], PLAN, Verb::Update),
        step(A::Supply, &[S::Draft, S::Approved, S::Open], PLAN, Verb::Update),
        step(A::Submit, &[S::Draft], PLAN, Verb::Submit),
        step(A::Approve, &[S::InReview], PLAN, Verb::Approve),
        step(A::Return, &[S::InReview], PLAN, Verb::Approve),
        step(A::Cancel, &[S::Draft, S::Approved], PLAN, Verb::Update),
        step(A::Open, &[S::Approved], PLAN, Verb::Execute),
        step(A::Enrol, &[S::Open], RECORD, Verb::Create),
        step(A::Remind, &[S::Open], PLAN, Verb::Execute),
        step(A::Extend, &[S::Open], PLAN, Verb::Execute),
        step(A::Close, &[S::Open], PLAN, Verb::Execute),
        step(A::Record, &[S::Closed], RECORD, Verb::Update),
        step(A::SubmitRecord, &[S::Closed], RECORD, Verb::Submit),
        step(A::ApproveRecord, &[S::Closed], RECORD, Verb::Approve),
        step(A::ReturnRecord, &[S::Closed], RECORD, Verb::Approve),
    ];

    fn state(&self) -> CampaignState {
        self.state
    }
}

impl EducationCampaign {
    /// Whether the sign-off of the training record allows a step; those of the plan do not ask it.
    pub fn record_allows(&self, action: CampaignAction) -> bool {
        let stands = self.record.as_ref().map(|record| record.sign_off.state);
        match action {
            A::Record => stands != Some(SignOffState::Submitted),
            A::SubmitRecord => matches!(stands, Some(SignOffState::Draft | SignOffState::Returned)),
            A::ApproveRecord | A::ReturnRecord => stands == Some(SignOffState::Submitted),
            _ => true,
        }
    }
}
