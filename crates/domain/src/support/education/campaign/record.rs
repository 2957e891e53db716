//! The training record (D28): what was held, with the list of its learners as it stood when the record was handed in.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CampaignAction, CampaignState, EducationCampaign};
use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        reference::Reference,
        refusal::Refusal,
        sign_off::{SignOff, Signature},
        text::{Note, Text},
        transition::Stateful,
    },
    organization::person::Person,
    support::education::{
        effectiveness::EducationFigures,
        enrolment::{CompletionBasis, EnrolmentState, ExclusionGround},
    },
};

/// The record section of a campaign. Name, period, methods and textbook are those of its plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrainingRecord {
    /// What people wrote.
    #[serde(flatten)]
    pub draft: TrainingRecordDraft,
    /// What came of it, as it stood when the record was handed in; `null` before.
    #[schema(required)]
    pub figures: Option<EducationFigures>,
    /// Who prepared and approved it.
    pub sign_off: SignOff,
}

impl Governed for TrainingRecord {
    const RESOURCE: Resource = Resource::TrainingRecord;
}

/// What is written in a training record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingRecordDraft {
    /// What was taught, in short.
    pub summary: Text,
    /// Who was to take part, in words.
    pub target: Text,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// A learner of a campaign, as the list of learners (別紙 教育受講者一覧) has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LearnerRow {
    /// Their place in the list.
    pub number: i32,
    /// Who.
    pub person: Reference,
    /// Their department then.
    #[schema(required)]
    pub department: Option<Reference>,
    /// Where they stood.
    pub state: EnrolmentState,
    /// By when they were to complete it.
    pub due_on: NaiveDate,
    /// They joined within the period, with a due date of their own.
    pub joined_within: bool,
    /// When they began.
    #[schema(required)]
    pub started_on: Option<NaiveDate>,
    /// When they completed it.
    #[schema(required)]
    pub completed_on: Option<NaiveDate>,
    /// How: by the test, or how else.
    #[schema(required)]
    pub basis: Option<CompletionBasis>,
    /// Why they do not count, where they do not.
    #[schema(required)]
    pub exclusion: Option<ExclusionGround>,
}

/// The list of learners of a campaign.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LearnerList {
    /// The learners within the caller's reach, by department and name.
    pub rows: Vec<LearnerRow>,
    /// Whether these are the rows that the training record keeps; otherwise the learners as they stand.
    pub kept: bool,
}

impl EducationCampaign {
    /// Begins the training record, or changes it.
    pub fn record(&mut self, draft: TrainingRecordDraft, by: Signature) -> Result<(), Refusal> {
        self.guard(CampaignAction::Record).map_err(|refusal| refusal.by("SD-12"))?;
        match &mut self.record {
            None => self.record = Some(TrainingRecord { draft, figures: None, sign_off: SignOff::prepared(by) }),
            Some(record) => {
                record.sign_off.revise(by)?;
                record.draft = draft;
            }
        }
        Ok(())
    }

    /// Hands the training record in, with what came of the campaign.
    pub fn submit_record(&mut self, figures: EducationFigures, by: Signature) -> Result<(), Refusal> {
        let record = self.section(CampaignAction::SubmitRecord)?;
        record.sign_off.submit(by)?;
        record.figures = Some(figures);
        Ok(())
    }

    /// Approves the training record: from now on it does not change (SD-12).
    pub fn approve_record(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.section(CampaignAction::ApproveRecord)?.sign_off.approve(by, alone)?;
        self.state = CampaignState::Recorded;
        Ok(())
    }

    /// Gives the training record back with a reason; the next submission takes the learners as they stand then.
    pub fn return_record(&mut self, by: Signature) -> Result<(), Refusal> {
        let record = self.section(CampaignAction::ReturnRecord)?;
        record.sign_off.send_back(by)?;
        record.figures = None;
        Ok(())
    }

    fn section(&mut self, action: CampaignAction) -> Result<&mut TrainingRecord, Refusal> {
        self.guard(action)?;
        self.record.as_mut().ok_or_else(|| Refusal::not_ready(["/record"]))
    }

    /// Who prepared the training record, where it was begun.
    pub fn record_preparer(&self) -> Option<Id<Person>> {
        self.record.as_ref().map(|record| record.sign_off.prepared.person_id)
    }
}
