//! The sections of the form (D37) that open one after the other, and the round that they make.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    kernel::{
        id::Id,
        sign_off::{SignOff, Signature},
        text::{Note, Text},
    },
    planning::planned_change::PlannedChange,
};

/// What is done at once about the nonconformity and its consequences (修正).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// What.
    pub description: Text,
    /// The day for which it is planned; not before the request was issued.
    pub planned_on: NaiveDate,
}

/// Why it happened, and whether it may happen elsewhere (評価).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CauseEvaluation {
    /// Similar nonconformities were found elsewhere.
    pub similar_exists: bool,
    /// Similar ones could occur elsewhere.
    pub could_occur_elsewhere: bool,
    /// The cause; where no plan is needed to remove it, also why not.
    pub cause: Text,
    /// A plan is needed to remove the cause.
    pub removal_plan_required: bool,
}

/// How the cause is removed (原因除去).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CauseRemoval {
    /// How.
    pub plan: Text,
    /// The day for which it is planned; not before the request was issued.
    pub planned_on: NaiveDate,
}

/// What was done (実施報告).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Implementation {
    /// What.
    pub report: Text,
    /// The day on which it was complete; neither before the request was issued nor in the future.
    pub completed_on: NaiveDate,
}

/// Whether it was done (処置確認／確認): by somebody else than who reported it (SD-6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionVerification {
    /// What was seen.
    pub result: Text,
    /// The day; neither before the completion nor in the future.
    pub confirmed_on: NaiveDate,
    /// Why, where who reported it also verifies it and nobody else can (amendments §1.2).
    #[serde(default)]
    pub reason: Note,
}

/// Whether it helped (処置確認／有効性): by somebody else than who reported it (SD-6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EffectivenessEvaluation {
    /// What came of it.
    pub result: Text,
    /// The cause is gone; otherwise a new round begins with the evaluation.
    pub is_effective: bool,
    /// The day; neither before the verification nor in the future.
    pub evaluated_on: NaiveDate,
    /// An audit has to confirm it before the action is closed.
    pub follow_up_audit_required: bool,
    /// The ISMS itself has to change (6.3); then `planned_change_id` names the change.
    #[serde(default)]
    pub isms_change_required: bool,
    /// The planned change.
    #[serde(default)]
    #[schema(required = false)]
    pub planned_change_id: Option<Id<PlannedChange>>,
    /// Why, where who reported it also judges it and nobody else can (amendments §1.2).
    #[serde(default)]
    pub reason: Note,
}

/// What an audit said about it afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    /// The audit.
    pub audit_id: Uuid,
    /// What it found.
    pub result: Text,
    /// The cause is gone; otherwise a new round begins with the evaluation.
    pub is_effective: bool,
    /// The day; neither before the effectiveness was evaluated nor in the future.
    pub confirmed_on: NaiveDate,
}

/// One way through the form, from the correction to the follow-up audit. What was reopened keeps its rounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Round {
    /// Its number, from 1.
    pub round: i32,
    /// What is done at once.
    #[schema(required)]
    pub correction: Option<Correction>,
    /// Why it happened.
    #[schema(required)]
    pub evaluation: Option<CauseEvaluation>,
    /// How the cause is removed; only where that is needed.
    #[schema(required)]
    pub cause_removal: Option<CauseRemoval>,
    /// Who prepared and approved the plan (②).
    #[schema(required)]
    pub plan_sign_off: Option<SignOff>,
    /// What was done.
    #[schema(required)]
    pub implementation: Option<Implementation>,
    /// Who reported it, and who approved the report (③).
    #[schema(required)]
    pub report_sign_off: Option<SignOff>,
    /// Whether it was done.
    #[schema(required)]
    pub verification: Option<ActionVerification>,
    /// Whether it helped.
    #[schema(required)]
    pub effectiveness: Option<EffectivenessEvaluation>,
    /// Who verified and judged it, and who approved that (④).
    #[schema(required)]
    pub verification_sign_off: Option<SignOff>,
    /// What an audit said about it afterwards.
    #[schema(required)]
    pub follow_up: Option<FollowUp>,
    /// Who recorded that.
    #[schema(required)]
    pub followed_up: Option<Signature>,
}

impl Round {
    /// The first round: nothing is written yet.
    pub fn first() -> Self {
        Self::new(1, None)
    }

    /// The round after this one: the correction was made, everything from the evaluation on begins anew (§5.10).
    pub fn next(&self) -> Self {
        Self::new(self.round + 1, self.correction.clone())
    }

    fn new(round: i32, correction: Option<Correction>) -> Self {
        Self {
            round,
            correction,
            evaluation: None,
            cause_removal: None,
            plan_sign_off: None,
            implementation: None,
            report_sign_off: None,
            verification: None,
            effectiveness: None,
            verification_sign_off: None,
            follow_up: None,
            followed_up: None,
        }
    }

    /// The last day for which something is planned.
    pub fn planned_on(&self) -> Option<NaiveDate> {
        let correction = self.correction.as_ref().map(|correction| correction.planned_on);
        correction.max(self.cause_removal.as_ref().map(|removal| removal.planned_on))
    }

    /// The day of the last judgement: what a further round plans or does is not earlier.
    pub fn judged_on(&self) -> Option<NaiveDate> {
        let evaluated = self.effectiveness.as_ref().map(|effectiveness| effectiveness.evaluated_on);
        evaluated.max(self.follow_up.as_ref().map(|follow_up| follow_up.confirmed_on))
    }

    /// The sign-offs that were begun in it.
    pub fn sign_offs(&self) -> impl Iterator<Item = &SignOff> {
        [&self.plan_sign_off, &self.report_sign_off, &self.verification_sign_off].into_iter().flatten()
    }
}
