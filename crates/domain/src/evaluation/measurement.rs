//! Measurements of objectives (9.1): a series that is only ever added to. A mistaken one is voided, and stays to be read.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::Note,
        transition::{Stateful, Transition},
    },
    planning::{
        metric::{Decimal, KnownMeasure, MeasuredValue, Share},
        objective::{Objective, ObjectiveState},
    },
};

/// One measurement of an objective.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Measurement {
    /// Its id.
    pub id: Id<Measurement>,
    /// Rises with every change.
    pub revision: Revision,
    /// The objective.
    pub objective: Reference,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: MeasurementDraft,
    /// What came of it.
    pub measured: MeasuredValue,
    /// What the service measured; `null` where people did.
    #[schema(required)]
    pub known_measure: Option<KnownMeasure>,
    /// Whether it meets the target of the objective.
    pub meets_target: bool,
    /// Whether it counts.
    pub state: MeasurementState,
    /// Who recorded it, and when: the time of the service, beside the day that was stated.
    pub recorded: Signature,
    /// Who voided it, with the reason.
    #[schema(required)]
    pub voided: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<MeasurementAction>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Measurement {
    const RESOURCE: Resource = Resource::Measurement;
}

impl Revised for Measurement {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a measurement: a number or a share, or neither where the service measures it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasurementDraft {
    /// The day that was measured; not in the future. What the service measures, it measures today.
    pub measured_on: NaiveDate,
    /// The number, in the unit of the metric.
    #[serde(default)]
    #[schema(required = false)]
    pub value: Option<Decimal>,
    /// Or how many of how many, where the metric is in per cent.
    #[serde(default)]
    #[schema(required = false)]
    pub share: Option<Share>,
    /// How it was measured, what is to be known about it.
    #[serde(default)]
    pub remarks: Note,
}

/// Whether a measurement counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MeasurementState {
    /// It does.
    Recorded,
    /// It was a mistake.
    Voided,
}

impl Labelled for MeasurementState {
    const NAME: &'static str = "measurement_state";

    fn label(&self) -> Label {
        match self {
            Self::Recorded => label("記録済み", "recorded"),
            Self::Voided => label("取消し", "voided"),
        }
    }
}

/// A step of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MeasurementAction {
    /// Say that it was a mistake (`/voiding`).
    Void,
}

impl Labelled for MeasurementAction {
    const NAME: &'static str = "measurement_action";

    fn label(&self) -> Label {
        match self {
            Self::Void => label("取消し", "void"),
        }
    }
}

impl Stateful for Measurement {
    type Action = MeasurementAction;
    type State = MeasurementState;

    const TRANSITIONS: &'static [Transition<MeasurementAction, MeasurementState>] = &[Transition {
        action: MeasurementAction::Void,
        from: &[MeasurementState::Recorded],
        grant: (Resource::Measurement, Verb::Update),
    }];

    fn state(&self) -> MeasurementState {
        self.state
    }
}

impl MeasurementDraft {
    /// What was measured by hand: either a number or a share of what is not empty (EFF-5).
    fn stated(&self, in_per_cent: bool) -> Result<MeasuredValue, Refusal> {
        match (self.value, self.share) {
            (Some(value), None) => Ok(MeasuredValue::number(value)),
            (None, Some(_)) if !in_per_cent => Err(Refusal::field("/share", Code::Contradiction)),
            (None, Some(share)) if !(0..=Share::MAX_WHOLE).contains(&share.whole) => {
                Err(Refusal::field("/share/whole", Code::OutOfRange))
            }
            (None, Some(share)) if !(0..=share.whole).contains(&share.part) => {
                Err(Refusal::field("/share/part", Code::OutOfRange))
            }
            (None, Some(share)) => {
                MeasuredValue::share(share).ok_or_else(|| Refusal::field("/share/whole", Code::OutOfRange).by("R-17"))
            }
            _ => {
                let fault = Fault::new("/value", Code::ExactlyOne).with("other", "/share");
                Err(Refusal::new(Code::Invalid).at(fault))
            }
        }
    }
}

impl Measurement {
    /// A measurement of an objective that is pursued; `known` is what the service measured, where the metric has it do so.
    pub fn record(
        draft: MeasurementDraft,
        objective: &Objective,
        known: Option<MeasuredValue>,
        by: Signature,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        if objective.state != ObjectiveState::Approved {
            return Err(Refusal::wrong_state(objective.state));
        }
        if draft.measured_on > today {
            return Err(Refusal::field("/measured_on", Code::FutureDate));
        }
        let metric = &objective.draft.metric;
        let measured = match known {
            None => draft.stated(metric.is_in_per_cent())?,
            Some(known) => {
                let stated = [
                    ("/measured_on", draft.measured_on != today),
                    ("/value", draft.value.is_some()),
                    ("/share", draft.share.is_some()),
                ];
                let stated = stated.into_iter().filter(|(_, wrong)| *wrong);
                Refusal::unless_empty(stated.map(|(field, _)| Fault::new(field, Code::Contradiction)).collect())?;
                known
            }
        };
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            objective: Reference::new(objective.id, objective.draft.objective.as_str()),
            draft,
            meets_target: metric.is_met(&measured),
            measured,
            known_measure: metric.known_measure,
            state: MeasurementState::Recorded,
            recorded: by,
            voided: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Says that it was a mistake. Refused where an evaluation rests on it (SD-12).
    pub fn void(&mut self, objective: &Objective, by: Signature) -> Result<(), Refusal> {
        self.guard(MeasurementAction::Void)?;
        if objective.evaluation.as_ref().is_some_and(|found| found.measurement.id == self.id.uuid()) {
            return Err(Refusal::new(Code::InUse).by("SD-12"));
        }
        self.state = MeasurementState::Voided;
        self.voided = Some(by);
        Ok(())
    }
}
