//! Attempts at the test of a campaign (7.2; D27, R-16): scored by the service, as often as it takes to pass, and every one
//! is kept.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::{
    ToSchema,
    openapi::{Array, Ref, extensions::Extensions, schema::ArrayBuilder},
};

use super::{
    campaign::CampaignState,
    effectiveness::EducationRate,
    enrolment::{Completion, CompletionBasis, Enrolment, EnrolmentState},
    test::{GivenAnswer, Test},
};
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Refusal},
        revision::{Revised, Revision},
        transition::{Stateful, Transition},
    },
};

/// An attempt of one learner.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TestAttempt {
    /// Its id.
    pub id: Id<TestAttempt>,
    /// Rises with every change.
    pub revision: Revision,
    /// Of which enrolment.
    #[serde(flatten)]
    pub draft: TestAttemptDraft,
    /// Which attempt of the enrolment it is, from 1 on.
    pub number: i32,
    /// Who takes the test.
    pub person: Reference,
    /// The campaign.
    pub campaign: Reference,
    /// The test.
    pub test: Reference,
    /// Where it stands.
    pub state: AttemptState,
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// When the answers were sent.
    #[schema(required)]
    pub submitted_at: Option<DateTime<Utc>>,
    /// The points of the correct answers; `null` before they were sent.
    #[schema(required)]
    pub score: Option<i32>,
    /// The points that it takes to pass.
    pub pass_score: i32,
    /// The points of all questions together.
    pub total_points: i32,
    /// What was answered, where the caller may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = given_answers)]
    pub answers: Option<Vec<GivenAnswer>>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<AttemptAction>,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for TestAttempt {
    const RESOURCE: Resource = Resource::TestAttempt;
}

impl Revised for TestAttempt {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What an attempt is started with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestAttemptDraft {
    /// The own enrolment in a campaign that is open and has a test.
    pub enrolment_id: Id<Enrolment>,
}

/// The schema of answers that may lack: a plain list of [`GivenAnswer`] could not be marked so.
fn given_answers() -> Array {
    ArrayBuilder::new()
        .items(Ref::from_schema_name("GivenAnswer"))
        .description(Some(
            "What was answered. Absent before it was sent, and for whoever would learn the key from it: who still has to \
             pass the test reads the own answers alone (SD-9).",
        ))
        .extensions(Some(Extensions::builder().add("x-may-lack", true).build()))
        .build()
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestAnswers {
    /// One answer for each question, in any order; a question without one counts as answered wrongly.
    #[schema(max_items = 100)]
    pub answers: Vec<GivenAnswer>,
}

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AttemptState {
    /// The answers have not been sent.
    Started,
    /// As many points as it takes.
    Passed,
    /// Fewer.
    Failed,
}

impl Labelled for AttemptState {
    const NAME: &'static str = "attempt_state";

    fn label(&self) -> Label {
        match self {
            Self::Started => label("受験中", "started"),
            Self::Passed => label("合格", "passed"),
            Self::Failed => label("不合格", "failed"),
        }
    }
}

/// A step of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AttemptAction {
    /// Send the answers (`/submission`).
    Submit,
}

impl Labelled for AttemptAction {
    const NAME: &'static str = "attempt_action";

    fn label(&self) -> Label {
        match self {
            Self::Submit => label("解答の提出", "submit"),
        }
    }
}

impl Stateful for TestAttempt {
    type Action = AttemptAction;
    type State = AttemptState;

    const TRANSITIONS: &'static [Transition<AttemptAction, AttemptState>] = &[Transition {
        action: AttemptAction::Submit,
        from: &[AttemptState::Started],
        grant: (Resource::TestAttempt, Verb::Create),
    }];

    fn state(&self) -> AttemptState {
        self.state
    }
}

/// What decides whether somebody may take the test of a campaign.
#[derive(Clone, Debug)]
pub struct Sitting<'a> {
    /// The own enrolment.
    pub enrolment: &'a Enrolment,
    /// The test of the campaign.
    pub test: &'a Test,
    /// Whether the campaign lets a failed test be taken again.
    pub retake: bool,
    /// The attempts before.
    pub before: &'a [TestAttempt],
}

impl Sitting<'_> {
    /// Refuses an attempt that counts no more: after the campaign was closed, and after the enrolment was completed, by
    /// passing the test or by having written it (TST-4).
    fn allow(&self) -> Result<(), Refusal> {
        if self.enrolment.terms.state != CampaignState::Open {
            return Err(Refusal::wrong_state(self.enrolment.terms.state));
        }
        if !self.enrolment.is_waiting() {
            return Err(Refusal::wrong_state(self.enrolment.state).by("R-16"));
        }
        Ok(())
    }

    /// Starts an attempt. Refused while another one is under way, and after one that failed where the campaign lets nobody
    /// take the test again.
    pub fn start(&self, now: DateTime<Utc>) -> Result<TestAttempt, Refusal> {
        self.allow()?;
        match self.before.iter().find(|attempt| attempt.state != AttemptState::Failed) {
            Some(open) => return Err(Refusal::new(Code::AlreadyExists).with("id", open.id.to_string())),
            None if !self.retake && !self.before.is_empty() => {
                return Err(Refusal::wrong_state(AttemptState::Failed).by("R-16"));
            }
            None => {}
        }
        let last = self.before.iter().map(|attempt| attempt.number).max();
        Ok(TestAttempt {
            id: Id::generate(now),
            revision: 1,
            draft: TestAttemptDraft { enrolment_id: self.enrolment.id },
            number: last.unwrap_or_default() + 1,
            person: self.enrolment.person.clone(),
            campaign: self.enrolment.campaign.clone(),
            test: Reference::new(self.test.id, self.test.draft.title.as_str()),
            state: AttemptState::Started,
            started_at: now,
            submitted_at: None,
            score: None,
            pass_score: self.test.draft.pass_score,
            total_points: self.test.total_points,
            answers: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Scores what was answered in an attempt; from then on it does not change (SD-12). Says whether it passed.
    pub fn submit(&self, attempt: &mut TestAttempt, given: TestAnswers, now: DateTime<Utc>) -> Result<bool, Refusal> {
        attempt.guard(AttemptAction::Submit).map_err(|refusal| refusal.by("SD-12"))?;
        self.allow()?;
        let score = self.test.score(&given.answers)?;
        let passed = self.test.passes(score);
        attempt.state = if passed { AttemptState::Passed } else { AttemptState::Failed };
        attempt.score = Some(score);
        attempt.answers = Some(given.answers);
        attempt.submitted_at = Some(now);
        Ok(passed)
    }
}

/// What came of the test of a campaign, in numbers that name nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TestResults {
    /// Who is to pass it: of the learners, those who count and are not exempt.
    pub learners: i64,
    /// Of these, who sent answers.
    pub attempted: i64,
    /// Of these, who passed.
    pub passed: i64,
    /// Of these, who passed with the first attempt.
    pub passed_at_first: i64,
    /// How many attempts were scored, of all learners.
    pub attempts: i64,
    /// Who sent answers, of who is to pass it; `null` where nobody is.
    #[schema(required)]
    pub attempt_rate: Option<EducationRate>,
    /// Who passed, of who is to pass it; `null` where nobody is.
    #[schema(required)]
    pub pass_rate: Option<EducationRate>,
    /// Who passed with the first attempt, of who sent answers; `null` where nobody did.
    #[schema(required)]
    pub first_pass_rate: Option<EducationRate>,
}

impl TestResults {
    /// Out of the enrolments in a campaign and their attempts.
    pub fn of(enrolments: &[Enrolment], attempts: &[TestAttempt]) -> Self {
        let counts = |enrolment: &&Enrolment| {
            let exempt = |done: &Completion| done.basis == CompletionBasis::Authorship;
            enrolment.state != EnrolmentState::Excluded && !enrolment.completion.as_ref().is_some_and(exempt)
        };
        let learners: HashSet<_> = enrolments.iter().filter(counts).map(|enrolment| enrolment.id).collect();
        let scored: Vec<_> = attempts
            .iter()
            .filter(|attempt| attempt.score.is_some() && learners.contains(&attempt.draft.enrolment_id))
            .collect();
        let number = |ids: HashSet<Id<Enrolment>>| i64::try_from(ids.len()).unwrap_or(i64::MAX);
        let of = |which: fn(&TestAttempt) -> bool| {
            number(scored.iter().filter(|attempt| which(attempt)).map(|attempt| attempt.draft.enrolment_id).collect())
        };
        let attempted = of(|_| true);
        let passed = of(|attempt| attempt.state == AttemptState::Passed);
        let passed_at_first = of(|attempt| attempt.state == AttemptState::Passed && attempt.number == 1);
        let learners = number(learners);
        Self {
            learners,
            attempted,
            passed,
            passed_at_first,
            attempts: i64::try_from(scored.len()).unwrap_or(i64::MAX),
            attempt_rate: EducationRate::of(attempted, learners),
            pass_rate: EducationRate::of(passed, learners),
            first_pass_rate: EducationRate::of(passed_at_first, attempted),
        }
    }
}

/// A permit on the numbers alone: for who does not read the attempts of each learner.
impl Governed for TestResults {
    const RESOURCE: Resource = Resource::TestResult;
}

#[cfg(test)]
mod tests;
