//! What a learner sees of a campaign, on one page: what it is about, what to read, the test, and how far they are.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    attempt::TestAttempt,
    campaign::{CampaignState, EducationCampaign},
    enrolment::{Enrolment, EnrolmentState},
    material::EducationMaterial,
    survey::SurveyQuestion,
    test::Test,
};
use crate::{
    kernel::{
        id::Id,
        reference::Reference,
        refusal::Refusal,
        text::{Note, Text, Title},
    },
    support::file::StoredFile,
};

/// What a learner is invited to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Learning {
    /// Who learns.
    pub person: Reference,
    /// The open campaigns that they are enrolled in, the one that is due first at the front; by a link the one that it was
    /// made for.
    pub courses: Vec<Course>,
}

/// A campaign, as one of its learners sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Course {
    /// How far they are, and by when it is to be completed.
    pub enrolment: Enrolment,
    /// The name of the campaign.
    pub name: Title,
    /// What it is for.
    pub purpose: Text,
    /// How it goes on.
    pub method_text: Note,
    /// What is taught.
    pub contents: Vec<Title>,
    /// The textbook that is used.
    pub textbook: Note,
    /// Its first day.
    pub period_start: NaiveDate,
    /// Its last day.
    pub period_end: NaiveDate,
    /// What to read.
    pub materials: Vec<CourseMaterial>,
    /// What completes it, without its key before it is passed; `null` where there is no test.
    #[schema(required)]
    pub test: Option<Test>,
    /// Whether a failed test may be taken again.
    pub retake_until_pass: bool,
    /// Their own attempts, the first one at the front.
    pub attempts: Vec<TestAttempt>,
    /// What they are asked afterwards; empty where there is no survey.
    pub survey: Vec<SurveyQuestion>,
}

/// A file to read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CourseMaterial {
    /// Its id; the bytes are at `/v1/learning/materials/{id}`.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id<EducationMaterial>,
    /// The file.
    pub file: StoredFile,
}

impl Course {
    /// Puts the page together.
    pub fn of(
        enrolment: Enrolment,
        campaign: &EducationCampaign,
        materials: &[EducationMaterial],
        test: Option<Test>,
        attempts: &[TestAttempt],
    ) -> Self {
        let plan = &campaign.draft;
        let materials = materials.iter().filter(|material| material.campaign_id == campaign.id);
        let attempts = attempts.iter().filter(|attempt| attempt.draft.enrolment_id == enrolment.id);
        Self {
            name: plan.name.clone(),
            purpose: plan.purpose.clone(),
            method_text: plan.method_text.clone(),
            contents: plan.contents.clone(),
            textbook: plan.textbook.clone(),
            period_start: plan.period_start,
            period_end: plan.period_end,
            materials: materials
                .map(|material| CourseMaterial { id: material.id, file: material.file.clone() })
                .collect(),
            test,
            retake_until_pass: plan.retake_until_pass,
            attempts: attempts.cloned().collect(),
            survey: plan.survey.clone(),
            enrolment,
        }
    }
}

/// A personal link, for who has no login: it opens one enrolment and nothing else, as long as its campaign is open.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LearningLink {
    /// The front end hands it over as `Authorization: Bearer …`. Absent in a replayed answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, extensions(("x-may-lack" = json!(true))))]
    pub token: Option<String>,
    /// Its last day; a longer period of the campaign makes it later.
    pub expires_on: NaiveDate,
}

impl Enrolment {
    /// The last day of a link: that of the campaign, or the own due date of who joined within it.
    pub fn last_day_of_link(period_end: NaiveDate, due_on: NaiveDate) -> NaiveDate {
        period_end.max(due_on)
    }

    /// The last day of a link to it. Refused where a link would open nothing.
    pub fn link_expires_on(&self, today: NaiveDate) -> Result<NaiveDate, Refusal> {
        let last = Self::last_day_of_link(self.terms.period_end, self.due_on);
        match (self.terms.state, self.state) {
            (CampaignState::Open, EnrolmentState::Excluded) => Err(Refusal::wrong_state(self.state)),
            (CampaignState::Open, _) if today <= last => Ok(last),
            (CampaignState::Open, _) => Err(Refusal::not_ready(["/period_end"])),
            (closed, _) => Err(Refusal::wrong_state(closed)),
        }
    }
}
