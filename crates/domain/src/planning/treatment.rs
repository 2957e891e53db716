//! Treatment of a risk: options and controls (6.1.3 a–c).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{rating::Rating, treatment_item::ResponseStatus};
use crate::{
    catalog::control::ControlId,
    kernel::{
        label::{Label, Labelled, label},
        numbered::Numbered,
        refusal::{Code, Fault, Refusal},
        text::{Note, Text},
    },
};

/// What to do about a risk.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TreatmentOption {
    /// 保有(受容)
    Retain,
    /// 低減
    Modify,
    /// 回避
    Avoid,
    /// 移転(共有)
    Share,
}

impl Labelled for TreatmentOption {
    const NAME: &'static str = "treatment_option";

    fn label(&self) -> Label {
        match self {
            Self::Retain => label("保有", "retain"),
            Self::Modify => label("低減", "modify"),
            Self::Avoid => label("回避", "avoid"),
            Self::Share => label("移転", "share"),
        }
    }
}

impl TreatmentOption {
    /// The rule of thumb for a likelihood and an importance: a suggestion, never a rule.
    pub fn suggested(importance: Rating, likelihood: Rating) -> Self {
        match (likelihood >= Rating::MEDIUM, importance >= Rating::HIGH) {
            (true, true) => Self::Avoid,
            (true, false) => Self::Modify,
            (false, true) => Self::Share,
            (false, false) => Self::Retain,
        }
    }
}

/// A control chosen for a risk, and the controls of Annex A that it implements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TreatmentControl {
    /// Its number within the risk, assigned by the service and never used twice: items name it. In a new decision a
    /// control that stays keeps its number, and with it its items; one without a number is new.
    #[serde(default)]
    #[schema(required = false, minimum = 1)]
    pub number: Option<i32>,
    /// What is to be done, in own words.
    pub description: Text,
    /// Annex A controls, such as `8.1`.
    #[serde(default)]
    #[schema(max_items = 93)]
    pub annex_a_ids: Vec<ControlId>,
}

impl Numbered for TreatmentControl {
    fn number(&self) -> Option<i32> {
        self.number
    }

    fn assign(&mut self, number: i32) {
        self.number = Some(number);
    }
}

/// The decision on a risk: options and controls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TreatmentDecision {
    /// One or more options.
    #[schema(min_items = 1, max_items = 4)]
    pub options: Vec<TreatmentOption>,
    /// The controls; at least one unless the risk is only retained.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub controls: Vec<TreatmentControl>,
    /// How it is avoided or shared; required where it is.
    #[serde(default)]
    pub description: Note,
    /// What people say about how far the response is, beside what follows from its items: where the two differ, the
    /// consistency report of the treatment plan says so.
    #[serde(default)]
    #[schema(required = false)]
    pub stated_response_status: Option<ResponseStatus>,
}

impl TreatmentDecision {
    /// Only retained.
    pub fn retains_only(&self) -> bool {
        self.options == [TreatmentOption::Retain]
    }

    /// The controls of Annex A that it uses.
    pub fn annex_a_ids(&self) -> BTreeSet<ControlId> {
        self.controls.iter().flat_map(|control| control.annex_a_ids.iter().copied()).collect()
    }

    /// Options once each, controls unless only retained, a description of avoiding or sharing.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.options.is_empty() {
            faults.push(Fault::new("/options", Code::TooShort));
        }
        for (at, option) in self.options.iter().enumerate() {
            if self.options.iter().take(at).any(|earlier| earlier == option) {
                faults.push(Fault::new(format!("/options/{at}"), Code::Duplicate));
            }
        }
        if !self.retains_only() && !self.options.is_empty() && self.controls.is_empty() {
            faults.push(Fault::new("/controls", Code::RequiredHere));
        }
        for (at, control) in self.controls.iter().enumerate() {
            for (place, id) in control.annex_a_ids.iter().enumerate() {
                if control.annex_a_ids.iter().take(place).any(|earlier| earlier == id) {
                    faults.push(Fault::new(format!("/controls/{at}/annex_a_ids/{place}"), Code::Duplicate));
                }
            }
        }
        let explained = !self.description.as_str().trim().is_empty();
        let explains = |option: &TreatmentOption| matches!(option, TreatmentOption::Avoid | TreatmentOption::Share);
        if self.options.iter().any(explains) && !explained {
            faults.push(Fault::new("/description", Code::RequiredHere));
        }
        Refusal::unless_empty(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_30_suggests_by_likelihood_and_importance() {
        use Rating as R;
        assert_eq!(TreatmentOption::suggested(R::HIGH, R::HIGH), TreatmentOption::Avoid);
        assert_eq!(TreatmentOption::suggested(R::MEDIUM, R::MEDIUM), TreatmentOption::Modify);
        assert_eq!(TreatmentOption::suggested(R::HIGH, R::LOW), TreatmentOption::Share);
        assert_eq!(TreatmentOption::suggested(R::LOW, R::LOW), TreatmentOption::Retain);
    }

    #[test]
    fn a_decision_names_controls_unless_the_risk_is_only_retained() {
        let decision = |options: &[TreatmentOption]| TreatmentDecision {
            options: options.to_vec(),
            controls: vec![],
            description: Note::default(),
            stated_response_status: None,
        };
        assert!(decision(&[TreatmentOption::Retain]).check().is_ok());
        assert_eq!(decision(&[TreatmentOption::Modify]).check().unwrap_err().errors[0].pointer, "/controls");
        let avoid = decision(&[TreatmentOption::Avoid]).check().unwrap_err();
        assert_eq!(avoid.errors[1].pointer, "/description");
    }
}
