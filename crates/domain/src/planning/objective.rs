//! Information security objectives and the plans to achieve them (6.2; the plan half of D22). What becomes of them is
//! evaluated elsewhere (9.1).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

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
    /// That day has passed, and it is neither ended nor replaced.
    pub overdue: bool,
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
    /// A later objective took its place.
    Replaced,
    /// Achieved, given up, or over.
    Ended,
}

impl ObjectiveState {
    /// Nothing is due any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Replaced | Self::Ended)
    }
}

impl Labelled for ObjectiveState {
    const NAME: &'static str = "objective_state";

    fn label(&self) -> Label {
        match self {
            Self::Draft => label("作成中", "draft"),
            Self::Submitted => label("承認待ち", "submitted"),
            Self::Approved => label("取組中", "approved"),
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

    /// `newer`, which was approved, takes its place. Refused where it is not pursued any more: then there is nothing
    /// that `newer` could replace.
    pub fn give_way(&mut self, newer: &Objective) -> Result<(), Refusal> {
        if self.state != ObjectiveState::Approved {
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

    /// Derives `due_on` and `overdue` as of `today`.
    pub fn derive(&mut self, today: NaiveDate) {
        self.due_on = self.draft.due.last_day();
        self.overdue = !self.state.is_over() && self.due_on < today;
    }

    /// Who prepared it: the last one who wrote in it.
    pub fn preparer(&self) -> Id<Person> {
        self.sign_off.prepared.person_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planning::metric::MetricComparison;

    fn by() -> Signature {
        let (person_id, at) = (Id::generate(DateTime::UNIX_EPOCH), DateTime::UNIX_EPOCH);
        Signature { person_id, name: "上田".into(), posts: vec![], at, provisional: false, reason: None }
    }

    fn draft(due: &str) -> ObjectiveDraft {
        ObjectiveDraft {
            objective: Title::new("活動の意味を理解する").unwrap(),
            policy_objective_number: None,
            additional: true,
            metric: ObjectiveMetric {
                name: Title::new("合格率").unwrap(),
                unit: "%".to_owned().try_into().unwrap(),
                comparison: MetricComparison::AtLeast,
                target_value: 100.into(),
                population: Note::default(),
            },
            measuring_interval_months: 12,
            action: Text::new("教育").unwrap(),
            required_resources: Text::new("時間").unwrap(),
            responsible_person_id: Id::generate(DateTime::UNIX_EPOCH),
            due: due.parse().unwrap(),
            evaluation_method: Text::new("数える").unwrap(),
            department_id: None,
            replaces_objective_id: None,
            remarks: Note::default(),
        }
    }

    fn objective(due: &str) -> Objective {
        Objective::draft(draft(due), 1, by(), DateTime::UNIX_EPOCH).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_37_it_serves_the_policy_or_is_additional() {
        let serving = |policy_objective_number, additional| ObjectiveDraft {
            policy_objective_number,
            additional,
            ..draft("2024-03")
        };
        assert!(serving(Some(1), false).check().is_ok());
        for wrong in [serving(None, false), serving(Some(1), true)] {
            assert_eq!(wrong.check().unwrap_err().errors[0].code, Code::ExactlyOne);
        }
    }

    #[test]
    fn a_37_what_the_policy_says_no_more_is_noted() {
        let says = |number, text| vec![PolicyObjective { number: Some(number), text: Text::new(text).unwrap() }];
        let shown =
            |objective: &Objective| objective.policy_objective.clone().map(|served| (served.text, served.in_force));
        let mut objective = objective("2024-03");
        objective.draft.policy_objective_number = Some(2);
        let refused = objective.name_served(&says(1, "事故を防ぐ")).unwrap_err();
        assert_eq!(refused.errors[0].code, Code::UnknownReference);
        objective.name_served(&says(2, "事故を防ぐ")).unwrap();
        objective.compare_served(&says(2, "事故を起こさない"));
        assert_eq!(shown(&objective), Some(("事故を起こさない".to_owned(), true)), "as the policy says it now");
        objective.compare_served(&says(3, "約束を守る"));
        assert_eq!(shown(&objective), Some(("事故を起こさない".to_owned(), false)));
        // What was written as text before numbers existed.
        objective.draft.policy_objective_number = None;
        objective.compare_served(&[PolicyObjective { number: None, ..says(3, "約束を守る").remove(0) }]);
        assert_eq!(shown(&objective), Some(("事故を起こさない".to_owned(), false)));
    }

    #[test]
    fn a_month_is_overdue_the_day_after_its_end() {
        for (due, in_time, late) in
            [("2024-02", "2024-02-29", "2024-03-01"), ("2024-02-10", "2024-02-10", "2024-02-11")]
        {
            let mut objective = objective(due);
            objective.derive(day(in_time));
            assert!(!objective.overdue, "{due}");
            objective.derive(day(late));
            assert!(objective.overdue, "{due}");
            let end = ObjectiveEnd { ended_on: day(late), reason: Text::new("達成").unwrap() };
            objective.end(end, day(late)).unwrap();
            objective.derive(day("2025-01-01"));
            assert!(!objective.overdue, "ended");
        }
    }

    #[test]
    fn sd_12_what_was_handed_in_does_not_change_and_a_newer_one_replaces_it() {
        let (mut old, mut newer) = (objective("2024-03"), objective("2025-03"));
        assert_eq!(old.give_way(&newer).unwrap_err().code, Code::NotReady, "a draft is not pursued");
        old.submit(by()).unwrap();
        assert_eq!(old.revise(draft("2024-04"), by()).unwrap_err().rule, Some("SD-12"));
        old.approve(by(), false).unwrap();
        assert_eq!(old.revise(draft("2024-04"), by()).unwrap_err().rule, Some("SD-12"));
        newer.submit(by()).unwrap();
        newer.approve(by(), false).unwrap();
        old.give_way(&newer).unwrap();
        assert_eq!(old.state, ObjectiveState::Replaced);
        assert_eq!(old.give_way(&newer).unwrap_err().code, Code::NotReady, "it gave way already");
        let end = ObjectiveEnd { ended_on: day("2024-03-01"), reason: Text::new("達成").unwrap() };
        assert_eq!(old.end(end, day("2024-03-01")).unwrap_err().code, Code::WrongState);
    }
}
