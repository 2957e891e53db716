//! Education campaigns (D26, D28; 7.2): one record with two sections, each with its own sign-off. The plan is approved before
//! it starts, opened within its period to the learners that its audience is resolved to, and closed; then
//! the training record says what was held and who took part.

mod draft;
mod letter;
mod record;
mod state;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::{
    draft::{DeliveryMethod, EducationCampaignDraft},
    record::{LearnerList, LearnerRow, TrainingRecord, TrainingRecordDraft},
    state::{CampaignAction, CampaignState},
};
use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, Signature},
        text::Text,
        transition::Stateful,
    },
    organization::person::Person,
};

/// A campaign of education.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EducationCampaign {
    /// Its id.
    pub id: Id<EducationCampaign>,
    /// Rises with every change of either section.
    pub revision: Revision,
    /// What the plan says (D26).
    #[serde(flatten)]
    pub draft: EducationCampaignDraft,
    /// The departments, positions or persons that the audience names, with their names.
    pub audience_members: Vec<Reference>,
    /// Where it stands.
    pub state: CampaignState,
    /// Who prepared and approved the plan.
    pub sign_off: SignOff,
    /// Who cancelled it before it was opened, with the reason.
    #[schema(required)]
    pub cancelled: Option<Signature>,
    /// Who opened it, and when.
    #[schema(required)]
    pub opened: Option<Signature>,
    /// By how much its period was extended, and why.
    pub extensions: Vec<CampaignExtension>,
    /// Who closed it, and when.
    #[schema(required)]
    pub closed: Option<Signature>,
    /// It is open, and its period is over.
    pub overdue: bool,
    /// The training record (D28), once somebody began it; `null` also for whom training records are not to be read.
    #[schema(required)]
    pub record: Option<TrainingRecord>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<CampaignAction>,
    /// When it was planned.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for EducationCampaign {
    const RESOURCE: Resource = Resource::EducationPlan;
}

impl Revised for EducationCampaign {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// A longer period for a campaign that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CampaignExtension {
    /// The last day before.
    pub from_end: NaiveDate,
    /// The last day since.
    pub until_end: NaiveDate,
    /// Who extended it, with the reason.
    pub extended: Signature,
}

/// What is decided when a period is extended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignExtensionDraft {
    /// The new last day: after the one before, and not over yet.
    pub period_end: NaiveDate,
    /// Why.
    pub reason: Text,
}

impl EducationCampaign {
    /// A new plan, as a draft.
    pub fn plan(draft: EducationCampaignDraft, by: Signature, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            draft,
            audience_members: Vec::new(),
            state: CampaignState::Draft,
            sign_off: SignOff::prepared(by),
            cancelled: None,
            opened: None,
            extensions: Vec::new(),
            closed: None,
            overdue: false,
            record: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes what the plan says.
    pub fn revise(&mut self, draft: EducationCampaignDraft, by: Signature) -> Result<(), Refusal> {
        self.guard(CampaignAction::Revise).map_err(|refusal| refusal.by("SD-12"))?;
        draft.check()?;
        self.sign_off.revise(by)?;
        self.draft = draft;
        Ok(())
    }

    /// Hands the plan in, before it starts.
    pub fn submit(&mut self, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(CampaignAction::Submit)?;
        self.not_begun(today)?;
        self.sign_off.submit(by)?;
        self.state = CampaignState::InReview;
        Ok(())
    }

    /// Approves the plan, before it starts.
    pub fn approve(&mut self, by: Signature, alone: bool, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(CampaignAction::Approve)?;
        self.not_begun(today)?;
        self.sign_off.approve(by, alone)?;
        self.state = CampaignState::Approved;
        Ok(())
    }

    /// Gives the plan back with a reason.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(CampaignAction::Return)?;
        self.sign_off.send_back(by)?;
        self.state = CampaignState::Draft;
        Ok(())
    }

    /// Gives it up before it was opened: it stays to be read, and nothing comes of it.
    pub fn cancel(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(CampaignAction::Cancel)?;
        self.cancelled = Some(by);
        self.state = CampaignState::Cancelled;
        Ok(())
    }

    /// Opens it to its learners: within its period, and where there are any.
    pub fn open(&mut self, learners: usize, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(CampaignAction::Open)?;
        if !(self.draft.period_start..=self.draft.period_end).contains(&today) {
            let refused = Refusal::new(Code::RuleViolated).by("R-33");
            return Err(refused.at(Fault::new("/period_start", Code::OutOfRange).with("today", today.to_string())));
        }
        if learners == 0 {
            return Err(Refusal::not_ready(["/audience"]).by("R-28"));
        }
        self.opened = Some(by);
        self.state = CampaignState::Open;
        Ok(())
    }

    /// Gives it more time.
    pub fn extend(&mut self, draft: CampaignExtensionDraft, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(CampaignAction::Extend)?;
        let (from_end, until_end) = (self.draft.period_end, draft.period_end);
        if until_end <= from_end || until_end < today {
            return Err(Refusal::field("/period_end", Code::DateOrder).with("other", "period_end"));
        }
        self.extensions.push(CampaignExtension { from_end, until_end, extended: by });
        self.draft.period_end = until_end;
        self.derive(today);
        Ok(())
    }

    /// Closes it: nobody completes it any more.
    pub fn close(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(CampaignAction::Close)?;
        self.closed = Some(by);
        self.state = CampaignState::Closed;
        Ok(())
    }

    /// Refused once the planned period has begun.
    fn not_begun(&self, today: NaiveDate) -> Result<(), Refusal> {
        match today > self.draft.period_start {
            true => Err(Refusal::new(Code::RuleViolated)
                .by("R-33")
                .at(Fault::new("/period_start", Code::DateOrder).with("other", today.to_string()))),
            false => Ok(()),
        }
    }

    /// Derives what depends on the day.
    pub fn derive(&mut self, today: NaiveDate) {
        self.overdue = self.state == CampaignState::Open && self.draft.period_end < today;
    }

    /// Who prepared the plan: the last one who wrote in it.
    pub fn preparer(&self) -> Id<Person> {
        self.sign_off.prepared.person_id
    }
}

#[cfg(test)]
pub(super) mod tests;
