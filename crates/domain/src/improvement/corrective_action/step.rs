//! Where a corrective action stands, and what may be done there (§5.10).

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::CorrectiveAction;
use crate::{
    access::{
        Resource::{
            CorrectiveActionRequest as Request, CorrectiveActionResponse as Response,
            CorrectiveActionVerification as Verification,
        },
        Verb,
    },
    kernel::{
        label::{Label, Labelled, label},
        transition::{Stateful, Transition},
    },
};

/// Where a corrective action stands: each state says who has to do what next.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CorrectiveActionState {
    /// The request is being written.
    Requested,
    /// The request waits for approval (①).
    RequestSubmitted,
    /// The request was approved: the department plans the correction.
    Issued,
    /// The correction is planned: its cause is to be evaluated.
    CorrectionPlanned,
    /// The cause was evaluated: its removal is planned, where that is needed, and the plan is handed in.
    Evaluated,
    /// The removal of the cause is planned: the plan is handed in.
    ActionPlanned,
    /// The plan waits for approval (②).
    PlanSubmitted,
    /// The plan was approved: it is carried out and reported.
    PlanApproved,
    /// It was carried out: the report waits for approval (③).
    Implemented,
    /// The report was approved: somebody else verifies it.
    ReportApproved,
    /// It was verified: its effectiveness is evaluated.
    Verified,
    /// Its effectiveness was evaluated, which waits for approval (④).
    EffectivenessEvaluated,
    /// Effective; a follow-up audit has to confirm it.
    FollowUpPending,
    /// Over.
    Closed,
    /// It did not help: the cause is evaluated anew.
    Reopened,
    /// The request was rejected.
    Rejected,
    /// Nobody needs it any more.
    Cancelled,
}

impl CorrectiveActionState {
    /// Nothing is to be done any more.
    pub fn is_over(self) -> bool {
        Self::OVER.contains(&self)
    }

    /// Those in which nothing came of it.
    pub const CALLED_OFF: [Self; 2] = [Self::Rejected, Self::Cancelled];

    /// Those in which nothing is to be done any more.
    pub const OVER: [Self; 3] = [Self::Closed, Self::Rejected, Self::Cancelled];
}

impl Labelled for CorrectiveActionState {
    const NAME: &'static str = "corrective_action_state";

    fn label(&self) -> Label {
        match self {
            Self::Requested => label("要求作成中", "request being written"),
            Self::RequestSubmitted => label("要求の承認待ち", "request submitted"),
            Self::Issued => label("発行済み", "issued"),
            Self::CorrectionPlanned => label("修正計画済み", "correction planned"),
            Self::Evaluated => label("原因評価済み", "cause evaluated"),
            Self::ActionPlanned => label("原因除去計画済み", "removal of the cause planned"),
            Self::PlanSubmitted => label("処置計画の承認待ち", "plan submitted"),
            Self::PlanApproved => label("処置計画承認済み", "plan approved"),
            Self::Implemented => label("実施報告の承認待ち", "implemented, report submitted"),
            Self::ReportApproved => label("実施報告承認済み", "report approved"),
            Self::Verified => label("確認済み", "verified"),
            Self::EffectivenessEvaluated => label("有効性評価の承認待ち", "effectiveness evaluated"),
            Self::FollowUpPending => label("フォロー監査待ち", "follow-up audit pending"),
            Self::Closed => label("完了", "closed"),
            Self::Reopened => label("再開", "reopened"),
            Self::Rejected => label("却下", "rejected"),
            Self::Cancelled => label("取消し", "cancelled"),
        }
    }
}

/// A step of a corrective action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CorrectiveActionStep {
    /// Change the request.
    Revise,
    /// Hand the request in (`/submission`).
    Submit,
    /// Approve the request (`/approval`).
    Approve,
    /// Give the request back (`/return`).
    Return,
    /// Reject the request (`/rejection`).
    Reject,
    /// Void a request that was not handed in (`/voiding`).
    Void,
    /// Call an issued one off (`/cancellation`).
    Cancel,
    /// Plan the correction (`/correction`).
    PlanCorrection,
    /// Evaluate the cause (`/evaluation`).
    Evaluate,
    /// Plan the removal of the cause (`/cause-removal`).
    PlanRemoval,
    /// Hand the plan in (`/plan-submission`).
    SubmitPlan,
    /// Approve the plan (`/plan-approval`).
    ApprovePlan,
    /// Give the plan back (`/plan-return`).
    ReturnPlan,
    /// Report what was done (`/implementation`).
    Report,
    /// Approve the report (`/implementation-approval`).
    ApproveReport,
    /// Give the report back (`/implementation-return`).
    ReturnReport,
    /// Verify that it was done (`/verification`).
    Verify,
    /// Evaluate whether it helped (`/effectiveness`).
    EvaluateEffectiveness,
    /// Approve the judgement (`/effectiveness-approval`).
    ApproveEffectiveness,
    /// Give the judgement back (`/effectiveness-return`).
    ReturnEffectiveness,
    /// Record what the follow-up audit said (`/follow-up`).
    FollowUp,
}

impl Labelled for CorrectiveActionStep {
    const NAME: &'static str = "corrective_action_step";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("要求の変更", "revise the request"),
            Self::Submit => label("要求の提出", "submit the request"),
            Self::Approve => label("要求の承認", "approve the request"),
            Self::Return => label("要求の差戻し", "return the request"),
            Self::Reject => label("要求の却下", "reject the request"),
            Self::Void => label("要求の取消し", "void the request"),
            Self::Cancel => label("中止", "cancel"),
            Self::PlanCorrection => label("修正の計画", "plan the correction"),
            Self::Evaluate => label("原因の評価", "evaluate the cause"),
            Self::PlanRemoval => label("原因除去の計画", "plan the removal of the cause"),
            Self::SubmitPlan => label("処置計画の提出", "submit the plan"),
            Self::ApprovePlan => label("処置計画の承認", "approve the plan"),
            Self::ReturnPlan => label("処置計画の差戻し", "return the plan"),
            Self::Report => label("実施報告", "report the implementation"),
            Self::ApproveReport => label("実施報告の承認", "approve the report"),
            Self::ReturnReport => label("実施報告の差戻し", "return the report"),
            Self::Verify => label("処置の確認", "verify"),
            Self::EvaluateEffectiveness => label("有効性の評価", "evaluate the effectiveness"),
            Self::ApproveEffectiveness => label("有効性評価の承認", "approve the evaluation"),
            Self::ReturnEffectiveness => label("有効性評価の差戻し", "return the evaluation"),
            Self::FollowUp => label("フォロー監査の記録", "record the follow-up audit"),
        }
    }
}

use CorrectiveActionState as S;
use CorrectiveActionStep as Step;

const REQUESTED: &[S] = &[S::Requested];
const REQUEST_SUBMITTED: &[S] = &[S::RequestSubmitted];
/// The plan is written; what was reopened begins at its evaluation.
const PLANNING: &[S] = &[S::CorrectionPlanned, S::Evaluated, S::ActionPlanned, S::Reopened];

impl Stateful for CorrectiveAction {
    type Action = Step;
    type State = S;

    #[rustfmt::skip]
    const TRANSITIONS: &'static [Transition<Step, S>] = &[
        Transition { action: Step::Revise, from: REQUESTED, grant: (Request, Verb::Update) },
        Transition { action: Step::Submit, from: REQUESTED, grant: (Request, Verb::Submit) },
        Transition { action: Step::Approve, from: REQUEST_SUBMITTED, grant: (Request, Verb::Approve) },
        Transition { action: Step::Return, from: REQUEST_SUBMITTED, grant: (Request, Verb::Approve) },
        Transition { action: Step::Reject, from: REQUEST_SUBMITTED, grant: (Request, Verb::Approve) },
        Transition { action: Step::Void, from: REQUESTED, grant: (Request, Verb::Update) },
        Transition {
            action: Step::Cancel,
            from: &[S::Issued, S::CorrectionPlanned, S::Evaluated, S::ActionPlanned, S::PlanApproved, S::Reopened],
            grant: (Request, Verb::Approve),
        },
        Transition {
            action: Step::PlanCorrection,
            from: &[S::Issued, S::CorrectionPlanned, S::Evaluated, S::ActionPlanned],
            grant: (Response, Verb::Update),
        },
        Transition { action: Step::Evaluate, from: PLANNING, grant: (Response, Verb::Update) },
        Transition {
            action: Step::PlanRemoval,
            from: &[S::Evaluated, S::ActionPlanned],
            grant: (Response, Verb::Update),
        },
        Transition {
            action: Step::SubmitPlan,
            from: &[S::Evaluated, S::ActionPlanned],
            grant: (Response, Verb::Submit),
        },
        Transition { action: Step::ApprovePlan, from: &[S::PlanSubmitted], grant: (Response, Verb::Approve) },
        Transition { action: Step::ReturnPlan, from: &[S::PlanSubmitted], grant: (Response, Verb::Approve) },
        Transition { action: Step::Report, from: &[S::PlanApproved], grant: (Response, Verb::Submit) },
        Transition { action: Step::ApproveReport, from: &[S::Implemented], grant: (Response, Verb::Approve) },
        Transition { action: Step::ReturnReport, from: &[S::Implemented], grant: (Response, Verb::Approve) },
        Transition {
            action: Step::Verify,
            from: &[S::ReportApproved, S::Verified],
            grant: (Verification, Verb::Verify),
        },
        Transition { action: Step::EvaluateEffectiveness, from: &[S::Verified], grant: (Verification, Verb::Verify) },
        Transition {
            action: Step::ApproveEffectiveness,
            from: &[S::EffectivenessEvaluated],
            grant: (Verification, Verb::Approve),
        },
        Transition {
            action: Step::ReturnEffectiveness,
            from: &[S::EffectivenessEvaluated],
            grant: (Verification, Verb::Approve),
        },
        Transition { action: Step::FollowUp, from: &[S::FollowUpPending], grant: (Verification, Verb::Verify) },
    ];

    fn state(&self) -> S {
        self.state
    }
}
