//! Risk treatment plans (D21; 6.1.3 e, 8.3): which risks are treated together, who approved it, and how far it is.
//!
//! The owner of every covered risk approves (SD-4); from then on the plan follows the items of its risks until it is
//! closed, and keeps the rows that were approved (SD-12; §5.2).

mod consistency;
mod covered;
mod row;
mod state;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::{
    consistency::{ItemStanding, PlanConsistency, RiskWithoutItems, StatusContradiction},
    covered::Covered,
    row::PlanRow,
    state::{PlanAction, PlanState},
};
use super::{
    owner::RiskOwner,
    risk::{Risk, RiskState},
    risk_assessment::RiskAssessment,
    treatment::TreatmentControl,
    treatment_item::ItemStatus,
};
use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, SignOffState, Signature},
        text::{Note, Text, Title},
        transition::Stateful,
    },
    organization::person::Person,
};

/// A plan: the header of the table of items.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TreatmentPlan {
    /// Its id.
    pub id: Id<TreatmentPlan>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number, assigned by the service.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: TreatmentPlanDraft,
    /// Where it stands.
    pub state: PlanState,
    /// The round of risk assessment that it follows.
    #[schema(required)]
    pub risk_assessment: Option<Reference>,
    /// The covered risks by number, with their owners' approvals.
    pub risks: Vec<PlannedRisk>,
    /// The owners whose approval is missing.
    pub awaited_owners: Vec<RiskOwner>,
    /// Who prepared it and handed it in; the approval is the mark of the last owner.
    pub sign_off: SignOff,
    /// When it was last looked through while it was carried out.
    #[schema(required)]
    pub reviewed_on: Option<NaiveDate>,
    /// Who closed it.
    #[schema(required)]
    pub closed: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<PlanAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for TreatmentPlan {
    const RESOURCE: Resource = Resource::TreatmentDecision;
}

impl Revised for TreatmentPlan {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TreatmentPlanDraft {
    /// Its title.
    pub title: Title,
    /// The round of risk assessment that it follows.
    #[serde(default)]
    #[schema(required = false, value_type = Option<String>, format = Uuid)]
    pub risk_assessment_id: Option<Id<RiskAssessment>>,
    /// The risks whose treatment it covers; decided before it is handed in.
    #[schema(min_items = 1, max_items = 200)]
    pub risk_ids: BTreeSet<Id<Risk>>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// A covered risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlannedRisk {
    /// Its id.
    pub id: Id<Risk>,
    /// Its number.
    pub number: i32,
    /// Where it stands.
    pub state: RiskState,
    /// Who approves its treatment.
    pub risk_owner: RiskOwner,
    /// The chosen controls.
    pub controls: Vec<TreatmentControl>,
    /// The owner's approval of its treatment; kept as it was given once the plan is approved.
    #[schema(required)]
    pub approval: Option<Signature>,
    /// The owner also prepared the plan (SD-4: a warning in a small company).
    pub owner_prepared_it: bool,
}

/// The day on which a plan was looked through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanReview {
    /// The day; not in the future.
    pub reviewed_on: NaiveDate,
}

impl PlannedRisk {
    /// A risk as it stands.
    pub fn of(risk: &Risk) -> Self {
        Self {
            id: risk.id,
            number: risk.number,
            state: risk.state,
            risk_owner: risk.risk_owner.clone(),
            controls: risk.treatment.as_ref().map(|decision| decision.controls.clone()).unwrap_or_default(),
            approval: risk.treatment_approval.clone(),
            owner_prepared_it: false,
        }
    }

    /// Whether its owner's approval is missing. A closed risk is not treated any more.
    fn waits(&self) -> bool {
        self.approval.is_none() && self.state != RiskState::Closed
    }

    fn is_owned_by(&self, person: Id<Person>) -> bool {
        self.risk_owner.person.as_ref().is_some_and(|owner| owner.id == person.uuid())
    }
}

impl TreatmentPlan {
    /// A new plan over these risks, as a draft.
    pub fn draft(
        draft: TreatmentPlanDraft,
        risks: &[Risk],
        number: i32,
        by: Signature,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        draft.check()?;
        let mut plan = Self {
            id: Id::generate(now),
            revision: 1,
            number,
            draft,
            state: PlanState::Draft,
            risk_assessment: None,
            risks: Vec::new(),
            awaited_owners: Vec::new(),
            sign_off: SignOff::prepared(by),
            reviewed_on: None,
            closed: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        plan.cover(risks.iter().map(PlannedRisk::of).collect());
        Ok(plan)
    }

    /// Changes what is written; not once it was handed in (SD-12).
    pub fn revise(&mut self, draft: TreatmentPlanDraft, risks: &[Risk], by: Signature) -> Result<(), Refusal> {
        self.sign_off.revise(by)?;
        draft.check()?;
        self.draft = draft;
        self.cover(risks.iter().map(PlannedRisk::of).collect());
        Ok(())
    }

    /// Takes the covered risks as they stand, and who has still to approve.
    pub fn cover(&mut self, risks: Vec<PlannedRisk>) {
        let preparer = self.sign_off.prepared.person_id;
        self.risks = risks;
        for risk in &mut self.risks {
            risk.owner_prepared_it = risk.approval.as_ref().is_some_and(|approval| approval.person_id == preparer);
        }
        self.awaited_owners.clear();
        for owner in self.risks.iter().filter(|risk| risk.waits()).map(|risk| &risk.risk_owner) {
            if self.awaited_owners.iter().all(|awaited| awaited.id != owner.id) {
                self.awaited_owners.push(owner.clone());
            }
        }
    }

    /// Hands it in: every covered risk is decided, every control has an item with planned dates.
    pub fn submit(&mut self, by: Signature, covered: &[Covered]) -> Result<(), Refusal> {
        self.guard(PlanAction::Submit)?;
        let faults: Vec<Fault> = covered.iter().enumerate().flat_map(|(at, covered)| covered.faults(at)).collect();
        if !faults.is_empty() {
            return Err(Refusal { errors: faults, ..Refusal::new(Code::NotReady) });
        }
        self.sign_off.submit(by)?;
        self.state = PlanState::Submitted;
        Ok(())
    }

    /// The covered risks that wait for the approval of this person. Refused where none does while others do, or where
    /// the person owns none of them: SD-4, naming the owners whose approval is missing.
    pub fn waiting_for(&self, person: Id<Person>) -> Result<Vec<Id<Risk>>, Refusal> {
        self.guard(PlanAction::Approve)?;
        self.may_sign(person)?;
        let own = self.risks.iter().filter(|risk| risk.is_owned_by(person));
        Ok(own.filter(|risk| risk.waits()).map(|risk| risk.id).collect())
    }

    /// Whether this person may approve: some of their risks wait, or some are theirs and none waits any more.
    pub fn may_sign(&self, person: Id<Person>) -> Result<(), Refusal> {
        let all_there = self.awaited_owners.is_empty();
        let signs = self.risks.iter().any(|risk| risk.is_owned_by(person) && (risk.waits() || all_there));
        if signs { Ok(()) } else { Err(self.left_to_owners()) }
    }

    /// An owner approved the treatment of their risks, here or risk by risk. When no owner is missing the plan is
    /// approved; it answers with the rows that it keeps from now on.
    pub fn approve(&mut self, by: Signature, covered: &[Covered]) -> Result<Option<Vec<PlanRow>>, Refusal> {
        self.guard(PlanAction::Approve)?;
        self.cover(covered.iter().map(|covered| PlannedRisk::of(&covered.risk)).collect());
        if !self.awaited_owners.is_empty() {
            return Ok(None);
        }
        self.sign_off.state = SignOffState::Approved;
        self.sign_off.approved = Some(by);
        self.state = PlanState::Approved;
        self.items_moved(covered);
        Ok(Some(PlanRow::of(covered)))
    }

    /// An owner of a covered risk gives it back, with a reason (SD-4).
    pub fn send_back(&mut self, by: Signature, reason: Text) -> Result<(), Refusal> {
        self.guard(PlanAction::Return)?;
        if !self.is_owners(by.person_id) {
            return Err(self.left_to_owners());
        }
        self.sign_off.send_back(Signature { reason: Some(reason.into_string()), ..by })?;
        self.state = PlanState::Draft;
        Ok(())
    }

    /// Voids the draft: nobody wants the plan any more. What was decided about its risks stays.
    pub fn void(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(PlanAction::Void)?;
        self.sign_off.void(by)?;
        self.state = PlanState::Voided;
        Ok(())
    }

    /// Whether this person owns a covered risk.
    pub fn is_owners(&self, person: Id<Person>) -> bool {
        self.risks.iter().any(|risk| risk.is_owned_by(person))
    }

    /// Follows its items while it runs: in execution from the first start, completed when each is completed or
    /// cancelled. Items of a closed risk count no more.
    pub fn items_moved(&mut self, covered: &[Covered]) {
        if !self.state.is_running() {
            return;
        }
        let open = covered.iter().filter(|covered| covered.risk.state != RiskState::Closed);
        let (mut begun, mut settled) = (false, true);
        for status in open.flat_map(|covered| covered.counted().map(|item| item.status)) {
            begun |= matches!(status, ItemStatus::InProgress | ItemStatus::Completed);
            settled &= matches!(status, ItemStatus::Completed | ItemStatus::Cancelled);
        }
        self.state = match (settled, begun) {
            (true, _) => PlanState::Completed,
            (false, true) => PlanState::InExecution,
            (false, false) => PlanState::Approved,
        };
    }

    /// Records that it was looked through.
    pub fn review(&mut self, review: &PlanReview, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(PlanAction::Review)?;
        if review.reviewed_on > today {
            return Err(Refusal::field("/reviewed_on", Code::FutureDate));
        }
        self.reviewed_on = Some(review.reviewed_on);
        Ok(())
    }

    /// Puts it away, once every item is completed or cancelled.
    pub fn close(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(PlanAction::Close)?;
        self.closed = Some(by);
        self.state = PlanState::Closed;
        Ok(())
    }

    /// SD-4: only the owners of the covered risks.
    fn left_to_owners(&self) -> Refusal {
        let owners: Vec<&Reference> = self.awaited_owners.iter().filter_map(|owner| owner.person.as_ref()).collect();
        Refusal::new(Code::DutySeparated).by("SD-4").with("next_approver", serde_json::json!(owners))
    }
}

impl TreatmentPlanDraft {
    fn check(&self) -> Result<(), Refusal> {
        match self.risk_ids.len() {
            0 => Err(Refusal::field("/risk_ids", Code::TooShort)),
            1..=200 => Ok(()),
            _ => Err(Refusal::field("/risk_ids", Code::TooLong)),
        }
    }
}

#[cfg(test)]
mod tests;
