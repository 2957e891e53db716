//! The second half of D22 (9.1): what was measured last, and whether the objective was achieved.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Objective, ObjectiveAction, ObjectiveState};
use crate::{
    kernel::{
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        sign_off::Signature,
        text::Text,
        transition::Stateful,
    },
    planning::metric::MeasuredValue,
};

/// A measurement, as it bears on its objective.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ObjectiveMeasurement {
    /// The measurement.
    pub id: Uuid,
    /// The day that was measured.
    pub measured_on: NaiveDate,
    /// What was measured.
    pub measured: MeasuredValue,
    /// Whether it meets the target.
    pub meets_target: bool,
}

/// Whether what was done had the effect that was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EffectivenessResult {
    /// ○
    Effective,
    /// ×
    NotEffective,
}

impl Labelled for EffectivenessResult {
    const NAME: &'static str = "effectiveness_result";

    fn label(&self) -> Label {
        match self {
            Self::Effective => label("○ 有効", "effective"),
            Self::NotEffective => label("× 有効でない", "not effective"),
        }
    }
}

/// What top management found about an objective.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ObjectiveEvaluation {
    /// The day of the evaluation.
    pub evaluated_on: NaiveDate,
    /// ○ where the measured value meets the target, × otherwise.
    pub result: EffectivenessResult,
    /// The measurement that it rests on, as it was.
    pub measurement: ObjectiveMeasurement,
    /// What it means, and what follows.
    pub remarks: Text,
    /// Who evaluated.
    pub evaluated: Signature,
}

/// What whoever evaluates says; the result follows from what was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveEvaluationDraft {
    /// The day of the evaluation; not in the future, and not before the day of the latest measurement.
    pub evaluated_on: NaiveDate,
    /// What it means, and what follows.
    pub remarks: Text,
}

impl Objective {
    /// Finds whether it was achieved, out of the latest measurement; refused while nothing was measured.
    pub fn evaluate(
        &mut self,
        draft: ObjectiveEvaluationDraft,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(ObjectiveAction::Evaluate)?;
        let Some(measurement) = self.last_measurement.clone() else {
            return Err(Refusal::not_ready(["/last_measurement"]).by("R-17"));
        };
        let ObjectiveEvaluationDraft { evaluated_on, remarks } = draft;
        let mut faults = Vec::new();
        if evaluated_on > today {
            faults.push(Fault::new("/evaluated_on", Code::FutureDate));
        }
        if evaluated_on < measurement.measured_on {
            faults.push(Fault::new("/evaluated_on", Code::DateOrder).with("other", "/last_measurement/measured_on"));
        }
        Refusal::unless_empty(faults)?;
        let result = match self.draft.metric.is_met(&measurement.measured) {
            true => EffectivenessResult::Effective,
            false => EffectivenessResult::NotEffective,
        };
        self.state = ObjectiveState::Evaluated;
        self.evaluation = Some(ObjectiveEvaluation { evaluated_on, result, measurement, remarks, evaluated: by });
        Ok(())
    }
}
