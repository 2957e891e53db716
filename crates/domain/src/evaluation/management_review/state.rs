//! The state machine of a management review (§5.8).

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::ManagementReview;
use crate::{
    access::{Resource, Verb},
    kernel::{
        label::{Label, Labelled, label},
        transition::{Stateful, Transition},
    },
};

/// Where a management review stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ManagementReviewState {
    /// Being prepared.
    Planned,
    /// All inputs are written: it can be held.
    InputsReady,
    /// It was held; what was decided is being written down.
    Held,
    /// The outputs wait for top management's approval.
    Decided,
    /// Approved: its instructions are registered, its result is to be communicated.
    Approved,
    /// Its result was communicated.
    Communicated,
    /// Closed.
    Closed,
    /// Voided before it was held.
    Voided,
}

impl Labelled for ManagementReviewState {
    const NAME: &'static str = "management_review_state";

    fn label(&self) -> Label {
        match self {
            Self::Planned => label("準備中", "planned"),
            Self::InputsReady => label("インプット完了", "inputs ready"),
            Self::Held => label("開催済み", "held"),
            Self::Decided => label("承認待ち", "decided"),
            Self::Approved => label("承認済み", "approved"),
            Self::Communicated => label("周知済み", "communicated"),
            Self::Closed => label("完了", "closed"),
            Self::Voided => label("取消し", "voided"),
        }
    }
}

/// A step of a management review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ManagementReviewAction {
    /// Change the plan and the inputs.
    Revise,
    /// Record that it was held (`/holding`).
    Hold,
    /// Write down what was decided (`/outputs`).
    RecordOutputs,
    /// Hand the outputs in (`/submission`).
    Submit,
    /// Approve the outputs (`/approval`).
    Approve,
    /// Give the outputs back (`/return`).
    Return,
    /// Record that its result was communicated (`/communication`).
    Communicate,
    /// Close it (`/closure`).
    Close,
    /// Void it before it is held (`/voiding`).
    Void,
}

impl Labelled for ManagementReviewAction {
    const NAME: &'static str = "management_review_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("インプットの記入", "write the inputs"),
            Self::Hold => label("開催の記録", "record as held"),
            Self::RecordOutputs => label("アウトプットの記録", "record the outputs"),
            Self::Submit => label("提出", "submit"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
            Self::Communicate => label("結果の周知の記録", "communicate"),
            Self::Close => label("完了", "close"),
            Self::Void => label("取消し", "void"),
        }
    }
}

use ManagementReviewAction as A;
use ManagementReviewState as S;

const BEFORE: &[S] = &[S::Planned, S::InputsReady];

const fn step(action: A, from: &'static [S], verb: Verb) -> Transition<A, S> {
    Transition { action, from, grant: (Resource::ManagementReview, verb) }
}

impl Stateful for ManagementReview {
    type Action = A;
    type State = S;

    const TRANSITIONS: &'static [Transition<A, S>] = &[
        step(A::Revise, BEFORE, Verb::Update),
        step(A::Hold, BEFORE, Verb::Submit),
        step(A::RecordOutputs, &[S::Held], Verb::Submit),
        step(A::Submit, &[S::Held], Verb::Submit),
        step(A::Approve, &[S::Decided], Verb::Approve),
        step(A::Return, &[S::Decided], Verb::Approve),
        step(A::Communicate, &[S::Approved], Verb::Submit),
        step(A::Close, &[S::Communicated], Verb::Submit),
        step(A::Void, BEFORE, Verb::Submit),
    ];

    fn state(&self) -> S {
        self.state
    }
}
