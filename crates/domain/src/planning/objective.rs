//! Information security objectives and the plans to achieve them (6.2) and their evaluation (9.1): the two halves of D22.

mod evaluation;

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

pub use self::evaluation::{EffectivenessResult, ObjectiveEvaluation, ObjectiveEvaluationDraft, ObjectiveMeasurement};
use super::metric::ObjectiveMetric;
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        partial_date::PartialDate,
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, Signature},
        text::{Note, Text, Title},
        transition::{Stateful, Transition},
    },
    leadership::policy::PolicyObjective,
    organization::{department::Department, person::Person},
};

/// An objective with its plan: approved by top management, and from then on immutable (SD-12). A change is a new
/// objective that replaces it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Objective {
    /// Its id.
    pub id: Id<Objective>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: ObjectiveDraft,
    /// The objective of the policy that it serves; `null` where it is additional.
    #[schema(required)]
    pub policy_objective: Option<ServedPolicyObjective>,
    /// Who is responsible.
    pub responsible_person: Reference,
    /// The department whose objective it is; `null`: the whole organization's.
    #[schema(required)]
    pub department: Option<Reference>,
    /// The objective that this one takes the place of.
    #[schema(required)]
    pub replaces: Option<Reference>,
    /// The objective that took its place.
    #[schema(required)]
    pub replaced_by: Option<Reference>,
    /// The last day that is in time: `due` itself, or the end of that month.
    pub due_on: NaiveDate,
    /// That day has passed, and it is neither evaluated, ended nor replaced.
    pub overdue: bool,
    /// The measurement with the latest day.
    #[schema(required)]
    pub last_measurement: Option<ObjectiveMeasurement>,
    /// The day by which it is measured again, while it is pursued.
    #[schema(required)]
    pub next_measurement_due_on: Option<NaiveDate>,
    /// What top management found: whether it was achieved (9.1).
    #[schema(required)]
    pub evaluation: Option<ObjectiveEvaluation>,
    /// Where it stands.
    pub state: ObjectiveState,
    /// Who prepared and approved it.
    pub sign_off: SignOff,
    /// When and why it was ended.
    #[schema(required)]
    pub end: Option<ObjectiveEnd>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<ObjectiveAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Objective {
    const RESOURCE: Resource = Resource::Objective;
}

impl Revised for Objective {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// The objective of the policy that an objective serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServedPolicyObjective {
    /// What it says in the policy in force; where it stands there no more, what it said before.
    pub text: String,
    /// Whether it stands in the policy in force. `false` is a note: the two do not fit together any more.
    pub in_force: bool,
}

/// What is written about an objective.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveDraft {
    /// The objective itself (情報セキュリティ目的).
    pub objective: Title,
    /// The number of the objective of the policy in force that it serves; without one it is marked `additional`.
    #[serde(default)]
    #[schema(required = false, minimum = 1)]
    pub policy_objective_number: Option<i32>,
    /// It stands beside the objectives of the policy.
    #[serde(default)]
    pub additional: bool,
    /// What it is measured by (評価指標).
    pub metric: ObjectiveMetric,
    /// Months between two measurements.
    #[schema(minimum = 1, maximum = 60)]
    pub measuring_interval_months: u8,
    /// What is done to achieve it (実施事項).
    pub action: Text,
    /// What that takes (必要な資源).
    pub required_resources: Text,
    /// Who is responsible (責任者).
    pub responsible_person_id: Id<Person>,
    /// By when it is achieved (達成期限).
    pub due: PartialDate,
    /// How the result is judged (評価方法).
    pub evaluation_method: Text,
    /// The department whose objective it is; left out for the whole organization.
    #[serde(default)]
    #[schema(required = false)]
    pub department_id: Option<Id<Department>>,
    /// The approved objective that this one takes the place of: it is replaced when this one is approved.
    #[serde(default)]
    #[schema(required = false)]
    pub replaces_objective_id: Option<Id<Objective>>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// Where an objective stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ObjectiveState {
    /// Being written, or returned to be mended.
    Draft,
    /// Waits for approval.
    Submitted,
    /// Approved by top management: it is pursued.
    Approved,
    /// Top management found whether it was achieved.
    Evaluated,
    /// A later objective took its place.
    Replaced,
    /// Achieved, given up, or over.
    Ended,
}

impl ObjectiveState {
    /// Nothing is due any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Evaluated | Self::Replaced | Self::Ended)
    }
}

impl Labelled for ObjectiveState {
    const NAME: &'static str = "objective_state";

    fn label(&self) -> Label {
        match self {
            Self::Draft => label("作成中", "draft"),
            Self::Submitted => label("承認待ち", "submitted"),
            Self::Approved => label("取組中", "approved"),
            Self::Evaluated => label("評価済み", "evaluated"),
            Self::Replaced => label("差替済み", "replaced"),
            Self::Ended => label("終了", "ended"),
        }
    }
}

/// A step of an objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ObjectiveAction {
    /// Change the draft.
    Revise,
    /// Hand it in (`/submission`).
    Submit,
    /// Approve it (`/approval`).
    Approve,
    /// Give it back (`/return`).
    Return,
    /// Find whether it was achieved (`/evaluation`).
    Evaluate,
    /// End it (`/end`).
    End,
}

impl Labelled for ObjectiveAction {
    const NAME: &'static str = "objective_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Submit => label("提出", "submit"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
            Self::Evaluate => label("有効性の評価", "evaluate"),
            Self::End => label("終了", "end"),
        }
    }
}

use ObjectiveState as S;

impl Stateful for Objective {
    type Action = ObjectiveAction;
    type State = ObjectiveState;

    const TRANSITIONS: &'static [Transition<ObjectiveAction, ObjectiveState>] = &[
        Transition { action: ObjectiveAction::Revise, from: &[S::Draft], grant: (Resource::Objective, Verb::Update) },
        Transition { action: ObjectiveAction::Submit, from: &[S::Draft], grant: (Resource::Objective, Verb::Submit) },
        Transition {
            action: ObjectiveAction::Approve,
            from: &[S::Submitted],
            grant: (Resource::Objective, Verb::Approve),
        },
        Transition {
            action: ObjectiveAction::Return,
            from: &[S::Submitted],
            grant: (Resource::Objective, Verb::Approve),
        },
        Transition {
            action: ObjectiveAction::Evaluate,
            from: &[S::Approved],
            grant: (Resource::Objective, Verb::Execute),
        },
        Transition {
            action: ObjectiveAction::End,
            from: &[S::Draft, S::Submitted, S::Approved],
            grant: (Resource::Objective, Verb::Update),
        },
    ];

    fn state(&self) -> ObjectiveState {
        self.state
    }
}

/// How an objective ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveEnd {
    /// The day it ended; not in the future.
    pub ended_on: NaiveDate,
    /// Why: achieved, given up, the year is over.
    pub reason: Text,
}

impl ObjectiveDraft {
    /// It serves an objective of the policy or is marked as additional, never both.
    fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.policy_objective_number.is_some() == self.additional {
            faults.push(Fault::new("/policy_objective_number", Code::ExactlyOne).with("other", "/additional"));
        }
        if !(1..=60).contains(&self.measuring_interval_months) {
            faults.push(Fault::new("/measuring_interval_months", Code::OutOfRange));
        }
        if !self.metric.fits_its_measure() {
            faults.push(Fault::new("/metric/unit", Code::Contradiction).with("other", "/metric/known_measure"));
        }
        Refusal::unless_empty(faults)
    }
}

impl Objective {
    /// A new objective, as a draft.
    pub fn draft(draft: ObjectiveDraft, number: i32, by: Signature, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            number,
            policy_objective: None,
            responsible_person: Reference::new(draft.responsible_person_id, ""),
            department: None,
            replaces: None,
            replaced_by: None,
            due_on: draft.due.last_day(),
            overdue: false,
            last_measurement: None,
            next_measurement_due_on: None,
            evaluation: None,
            state: ObjectiveState::Draft,
            sign_off: SignOff::prepared(by),
            end: None,
            draft,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes a draft. Refused once it was handed in (SD-12).
    pub fn revise(&mut self, draft: ObjectiveDraft, by: Signature) -> Result<(), Refusal> {
        self.guard(ObjectiveAction::Revise).map_err(|refusal| refusal.by("SD-12"))?;
        draft.check()?;
        self.sign_off.revise(by)?;
        self.draft = draft;
        Ok(())
    }

    /// Hands it in.
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(ObjectiveAction::Submit)?;
        self.sign_off.submit(by)?;
        self.state = ObjectiveState::Submitted;
        Ok(())
    }

    /// Approves it (SD-1). What it replaces is replaced by whoever stores this.
    pub fn approve(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(ObjectiveAction::Approve)?;
        self.sign_off.approve(by, alone)?;
        self.state = ObjectiveState::Approved;
        Ok(())
    }

    /// Gives it back with a reason.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(ObjectiveAction::Return)?;
        self.sign_off.send_back(by)?;
        self.state = ObjectiveState::Draft;
        Ok(())
    }

    /// Whether a new objective can take its place: it is pursued, or was evaluated.
    pub fn can_give_way(&self) -> bool {
        matches!(self.state, ObjectiveState::Approved | ObjectiveState::Evaluated)
    }

    /// `newer`, which was approved, takes its place. Refused where there is nothing any more that `newer` could replace.
    pub fn give_way(&mut self, newer: &Objective) -> Result<(), Refusal> {
        if !self.can_give_way() {
            let fault = Fault::new("/replaces_objective_id", Code::UnknownReference);
            return Err(Refusal::new(Code::NotReady).at(fault));
        }
        self.state = ObjectiveState::Replaced;
        self.replaced_by = Some(Reference::new(newer.id, newer.draft.objective.as_str()));
        self.overdue = false;
        Ok(())
    }

    /// Ends it, or gives a draft up.
    pub fn end(&mut self, end: ObjectiveEnd, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(ObjectiveAction::End)?;
        if end.ended_on > today {
            return Err(Refusal::field("/ended_on", Code::FutureDate));
        }
        self.state = ObjectiveState::Ended;
        self.end = Some(end);
        Ok(())
    }

    /// Names the objective of the policy that it serves, out of those `in_force`. Refused where there is none of that number
    ///
    pub fn name_served(&mut self, in_force: &[PolicyObjective]) -> Result<(), Refusal> {
        self.policy_objective = None;
        if self.draft.policy_objective_number.is_some() {
            self.compare_served(in_force);
            if self.policy_objective.is_none() {
                return Err(Refusal::field("/policy_objective_number", Code::UnknownReference));
            }
        }
        Ok(())
    }

    /// Compares the objective of the policy that it serves with those `in_force` now.
    pub fn compare_served(&mut self, in_force: &[PolicyObjective]) {
        let number = self.draft.policy_objective_number;
        match in_force.iter().find(|objective| number.is_some() && objective.number == number) {
            Some(found) => {
                let text = found.text.as_str().to_owned();
                self.policy_objective = Some(ServedPolicyObjective { text, in_force: true });
            }
            None => {
                if let Some(served) = &mut self.policy_objective {
                    served.in_force = false;
                }
            }
        }
    }

    /// Derives what follows from `today` and from the `last` measurement, where there is one. Who approved it said so on
    /// `approved_on`: from then on it is measured.
    pub fn derive(&mut self, today: NaiveDate, last: Option<ObjectiveMeasurement>, approved_on: Option<NaiveDate>) {
        self.due_on = self.draft.due.last_day();
        self.overdue = !self.state.is_over() && self.due_on < today;
        let interval = Months::new(u32::from(self.draft.measuring_interval_months));
        let measured_on = last.as_ref().map(|last| last.measured_on).or(approved_on);
        let pursued = self.state == ObjectiveState::Approved;
        self.next_measurement_due_on = measured_on.filter(|_| pursued).and_then(|day| day.checked_add_months(interval));
        self.last_measurement = last;
    }

    /// Who prepared it: the last one who wrote in it.
    pub fn preparer(&self) -> Id<Person> {
        self.sign_off.prepared.person_id
    }
}

#[cfg(test)]
mod tests;
