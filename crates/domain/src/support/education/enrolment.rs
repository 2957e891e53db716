//! Learners of a campaign (§5.5; R-28): invited, taught, done, or why they do not count.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{
    audience::Worker,
    campaign::{CampaignState, EducationCampaign, EducationCampaignDraft, LearnerRow},
    duty::DutyCause,
};
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::Text,
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// The enrolment of one person in one campaign.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Enrolment {
    /// Its id.
    pub id: Id<Enrolment>,
    /// Rises with every change.
    pub revision: Revision,
    /// Who.
    #[serde(flatten)]
    pub draft: EnrolmentDraft,
    /// Their name.
    pub person: Reference,
    /// The department that they work in.
    #[schema(required)]
    pub department: Option<Reference>,
    /// The campaign.
    pub campaign: Reference,
    /// What of the campaign its steps depend on.
    #[serde(skip)]
    pub terms: CampaignTerms,
    /// Whether they work here today.
    #[serde(skip)]
    pub at_work: bool,
    /// Where it stands.
    pub state: EnrolmentState,
    /// By when it is to be completed.
    pub due_on: NaiveDate,
    /// They joined within the period: that day is their own, and they count from it on.
    pub joined_within: bool,
    /// It is to be completed, and that day has passed.
    pub overdue: bool,
    /// When they were invited.
    #[schema(required)]
    pub invited_at: Option<DateTime<Utc>>,
    /// When they were last reminded.
    #[schema(required)]
    pub reminded_at: Option<DateTime<Utc>>,
    /// When they began.
    #[schema(required)]
    pub started_on: Option<NaiveDate>,
    /// That they completed it.
    #[schema(required)]
    pub completion: Option<Completion>,
    /// Why they do not count.
    #[schema(required)]
    pub exclusion: Option<Exclusion>,
    /// Whether they answered the survey; what they answered is kept without them.
    pub survey_answered: bool,
    /// Steps open to the caller.
    pub allowed_actions: Vec<EnrolmentAction>,
    /// When they were enrolled.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Enrolment {
    const RESOURCE: Resource = Resource::TrainingRecord;
}

impl Revised for Enrolment {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// Who is enrolled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentDraft {
    /// The person; works here on a day of the period, and is not enrolled yet.
    pub person_id: Id<Person>,
}

/// What of a campaign the steps of an enrolment depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignTerms {
    /// The campaign.
    pub campaign_id: Id<EducationCampaign>,
    /// Where it stands.
    pub state: CampaignState,
    /// Its first day.
    pub period_start: NaiveDate,
    /// Its last day.
    pub period_end: NaiveDate,
    /// Whether it is completed by passing a test.
    pub tested: bool,
    /// Whether it has a survey.
    pub surveyed: bool,
}

impl CampaignTerms {
    /// Those of a campaign.
    pub fn of(campaign_id: Id<EducationCampaign>, state: CampaignState, plan: &EducationCampaignDraft) -> Self {
        Self {
            campaign_id,
            state,
            period_start: plan.period_start,
            period_end: plan.period_end,
            tested: plan.test_id.is_some(),
            surveyed: !plan.survey.is_empty(),
        }
    }
}

/// That somebody completed a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Completion {
    /// When.
    pub completed_on: NaiveDate,
    /// How.
    pub basis: CompletionBasis,
    /// Who recorded it, where people did.
    #[schema(required)]
    pub recorded: Option<Signature>,
}

/// How somebody completed a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CompletionBasis {
    /// They passed the test.
    Passed,
    /// They wrote or approved the test, and are exempt from it (amendments §1.4).
    Authorship,
    /// They confirmed that they read the materials.
    Reading,
    /// The training manager recorded that they took part.
    Attendance,
}

impl Labelled for CompletionBasis {
    const NAME: &'static str = "completion_basis";

    fn label(&self) -> Label {
        match self {
            Self::Passed => label("テスト合格", "test passed"),
            Self::Authorship => label("テストの作成・承認", "authorship of the test"),
            Self::Reading => label("教材の確認", "materials read"),
            Self::Attendance => label("受講の記録", "attendance recorded"),
        }
    }
}

/// Why somebody does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Exclusion {
    /// Why.
    pub ground: ExclusionGround,
    /// The day on which they are expected back from leave.
    #[schema(required)]
    pub returns_on: Option<NaiveDate>,
    /// Who decided it, with the reason, where people did.
    #[schema(required)]
    pub decided: Option<Signature>,
}

/// Why somebody does not count (amendments §2).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ExclusionGround {
    /// They left before it was closed.
    Left,
    /// They were on leave for the whole period; they owe it on their return.
    OnLeave,
    /// They joined within the period, and it was closed before their own due date; they owe it by then.
    NotYetDue,
}

impl Labelled for ExclusionGround {
    const NAME: &'static str = "exclusion_ground";

    fn label(&self) -> Label {
        match self {
            Self::Left => label("退職", "left"),
            Self::OnLeave => label("休職", "on leave"),
            Self::NotYetDue => label("期限前の入社者", "joined, not yet due"),
        }
    }
}

/// What is decided when somebody on leave is excluded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveDraft {
    /// The day on which they are expected back: after the period, for who is there on a day of it takes part.
    pub returns_on: NaiveDate,
    /// Why.
    pub reason: Text,
}

/// What is recorded when somebody took part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttendanceDraft {
    /// When; within the period, and not in the future.
    pub completed_on: NaiveDate,
}

/// Where an enrolment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EnrolmentState {
    /// They have not begun.
    Invited,
    /// They began.
    Studying,
    /// They completed it.
    Completed,
    /// The campaign was closed before they did.
    Incomplete,
    /// They do not count.
    Excluded,
}

impl Labelled for EnrolmentState {
    const NAME: &'static str = "enrolment_state";

    fn label(&self) -> Label {
        match self {
            Self::Invited => label("未受講", "invited"),
            Self::Studying => label("受講中", "studying"),
            Self::Completed => label("修了", "completed"),
            Self::Incomplete => label("未修了", "incomplete"),
            Self::Excluded => label("対象外", "excluded"),
        }
    }
}

/// A step of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EnrolmentAction {
    /// Begin, as the learner (`/start`).
    Start,
    /// Confirm that the materials were read, as the learner (`/confirmation`); where no test is to be passed.
    Confirm,
    /// Answer the survey, as the learner (`/survey-answers`).
    AnswerSurvey,
    /// Record that they took part (`/attendance`); where no test is to be passed.
    RecordAttendance,
    /// Exclude somebody on leave (`/exclusion`).
    Exclude,
    /// Take that back (`/reinstatement`).
    Reinstate,
}

impl EnrolmentAction {
    /// Whether it is the learner's own.
    pub fn is_the_learners(self) -> bool {
        matches!(self, Self::Start | Self::Confirm | Self::AnswerSurvey)
    }
}

impl Labelled for EnrolmentAction {
    const NAME: &'static str = "enrolment_action";

    fn label(&self) -> Label {
        match self {
            Self::Start => label("受講の開始", "start"),
            Self::Confirm => label("教材の確認", "confirm"),
            Self::AnswerSurvey => label("アンケートの回答", "answer the survey"),
            Self::RecordAttendance => label("受講の記録", "record attendance"),
            Self::Exclude => label("対象外とする", "exclude"),
            Self::Reinstate => label("対象に戻す", "reinstate"),
        }
    }
}

use EnrolmentAction as A;
use EnrolmentState as S;

/// A step and the states it leaves: each records what somebody did.
const fn step(action: A, from: &'static [S]) -> Transition<A, S> {
    Transition { action, from, grant: (Resource::TrainingRecord, Verb::Execute) }
}

impl Stateful for Enrolment {
    type Action = EnrolmentAction;
    type State = EnrolmentState;

    const TRANSITIONS: &'static [Transition<EnrolmentAction, EnrolmentState>] = &[
        step(A::Start, &[S::Invited]),
        step(A::Confirm, &[S::Invited, S::Studying]),
        step(A::AnswerSurvey, &[S::Studying, S::Completed]),
        step(A::RecordAttendance, &[S::Invited, S::Studying]),
        step(A::Exclude, &[S::Invited, S::Studying]),
        step(A::Reinstate, &[S::Excluded]),
    ];

    fn state(&self) -> EnrolmentState {
        self.state
    }
}

impl Enrolment {
    /// Enrols somebody. Who joined within the period has `joiner_days` from then on.
    pub fn enrol(
        worker: &Worker,
        terms: &CampaignTerms,
        joiner_days: u16,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Self {
        let joined_within = worker.joined_on > terms.period_start;
        let own = worker.joined_on.checked_add_days(Days::new(u64::from(joiner_days))).unwrap_or(NaiveDate::MAX);
        Self {
            id: Id::generate(now),
            revision: 1,
            draft: EnrolmentDraft { person_id: worker.person_id },
            person: Reference::new(worker.person_id, ""),
            department: None,
            campaign: Reference::new(terms.campaign_id, ""),
            terms: terms.clone(),
            at_work: worker.joined_on <= today,
            state: S::Invited,
            due_on: if joined_within { own } else { terms.period_end },
            joined_within,
            overdue: false,
            invited_at: None,
            reminded_at: None,
            started_on: None,
            completion: None,
            exclusion: None,
            survey_answered: false,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether the campaign lets a step be taken, whoever takes it.
    pub fn campaign_allows(&self, action: EnrolmentAction) -> bool {
        let fits = match action {
            A::Start | A::Exclude => true,
            A::Confirm | A::RecordAttendance => !self.terms.tested,
            A::AnswerSurvey => self.terms.surveyed && !self.survey_answered,
            A::Reinstate => self.exclusion.as_ref().is_some_and(|why| why.ground == ExclusionGround::OnLeave),
        };
        fits && self.terms.state == CampaignState::Open
    }

    fn allow(&self, action: EnrolmentAction) -> Result<(), Refusal> {
        self.guard(action)?;
        match (self.campaign_allows(action), self.terms.state) {
            (true, _) => Ok(()),
            (false, CampaignState::Open) => Err(Refusal::wrong_state(self.state)),
            (false, closed) => Err(Refusal::wrong_state(closed)),
        }
    }

    /// The learner begins.
    pub fn start(&mut self, today: NaiveDate) -> Result<(), Refusal> {
        self.allow(A::Start)?;
        self.begin(today);
        Ok(())
    }

    fn begin(&mut self, on: NaiveDate) {
        self.state = S::Studying;
        self.started_on = self.started_on.or(Some(on));
    }

    /// The learner confirms that the materials were read.
    pub fn confirm(&mut self, today: NaiveDate) -> Result<(), Refusal> {
        self.allow(A::Confirm)?;
        self.complete(today, CompletionBasis::Reading, None);
        Ok(())
    }

    /// The training manager records that they took part.
    pub fn record_attendance(
        &mut self,
        draft: &AttendanceDraft,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.allow(A::RecordAttendance)?;
        let on = draft.completed_on;
        if on > today {
            return Err(Refusal::field("/completed_on", Code::FutureDate));
        }
        if on < self.terms.period_start {
            return Err(Refusal::field("/completed_on", Code::DateOrder).with("other", "period_start"));
        }
        self.complete(on, CompletionBasis::Attendance, Some(by));
        Ok(())
    }

    /// They passed the test, or are exempt from it. Refused where they do not take part any more.
    pub fn pass(&mut self, basis: CompletionBasis, on: NaiveDate) -> Result<(), Refusal> {
        match (self.state, self.terms.state) {
            (S::Invited | S::Studying, CampaignState::Open) => {
                self.complete(on, basis, None);
                Ok(())
            }
            (state, CampaignState::Open) => Err(Refusal::wrong_state(state)),
            (_, closed) => Err(Refusal::wrong_state(closed)),
        }
    }

    fn complete(&mut self, completed_on: NaiveDate, basis: CompletionBasis, recorded: Option<Signature>) {
        self.begin(completed_on);
        self.state = S::Completed;
        self.completion = Some(Completion { completed_on, basis, recorded });
    }

    /// They are on leave for the whole period: they do not count, and owe it on their return.
    pub fn exclude(&mut self, draft: &LeaveDraft, by: Signature) -> Result<(), Refusal> {
        self.allow(A::Exclude)?;
        if draft.returns_on <= self.terms.period_end {
            return Err(Refusal::field("/returns_on", Code::DateOrder).with("other", "period_end").by("R-28"));
        }
        self.state = S::Excluded;
        self.exclusion =
            Some(Exclusion { ground: ExclusionGround::OnLeave, returns_on: Some(draft.returns_on), decided: Some(by) });
        Ok(())
    }

    /// They are not on leave, or not for the whole period.
    pub fn reinstate(&mut self) -> Result<(), Refusal> {
        self.allow(A::Reinstate)?;
        self.exclusion = None;
        self.state = if self.started_on.is_some() { S::Studying } else { S::Invited };
        Ok(())
    }

    /// They answered the survey.
    pub fn answer_survey(&mut self) -> Result<(), Refusal> {
        self.allow(A::AnswerSurvey)?;
        self.survey_answered = true;
        Ok(())
    }

    /// The campaign has more time; who joined within the period keeps the own due date.
    pub fn extend(&mut self, period_end: NaiveDate) {
        if !self.joined_within {
            self.due_on = period_end;
        }
    }

    /// The campaign is closed: says where this stands for good. Leavers are out already (see [`derive`](Self::derive)).
    pub fn close(&mut self, today: NaiveDate) {
        if self.is_waiting() {
            if self.joined_within && self.due_on > today {
                self.state = S::Excluded;
                self.exclusion =
                    Some(Exclusion { ground: ExclusionGround::NotYetDue, returns_on: None, decided: None });
            } else {
                self.state = S::Incomplete;
            }
        }
    }

    /// What they owe, now that the campaign is closed: why, from which day, and by when. Who missed it or did not pass
    /// has `days` from today on, who was on leave from their return, and who joined until the own due date.
    pub fn owes(&self, days: u16, today: NaiveDate) -> Option<(DutyCause, NaiveDate, NaiveDate)> {
        let later = |from: NaiveDate| from.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX);
        match (self.state, &self.exclusion) {
            (S::Incomplete, _) if self.terms.tested && self.started_on.is_some() => {
                Some((DutyCause::FailedTest, today, later(today)))
            }
            (S::Incomplete, _) => Some((DutyCause::MissedCampaign, today, later(today))),
            (S::Excluded, Some(Exclusion { ground: ExclusionGround::NotYetDue, .. })) => {
                Some((DutyCause::MissedCampaign, today, self.due_on))
            }
            (S::Excluded, Some(Exclusion { returns_on: Some(back), .. })) => {
                Some((DutyCause::ReturnedFromLeave, *back, later(*back)))
            }
            _ => None,
        }
    }

    /// Whether it is still to be completed.
    pub fn is_waiting(&self) -> bool {
        matches!(self.state, S::Invited | S::Studying)
    }

    /// Derives what depends on the day. While the campaign is open, who left counts no more, completed or not.
    pub fn derive(&mut self, joined_on: NaiveDate, left_on: Option<NaiveDate>, today: NaiveDate) {
        self.at_work = joined_on <= today && left_on.is_none_or(|left| left >= today);
        if self.terms.state == CampaignState::Open && left_on.is_some_and(|left| left < today) {
            self.state = S::Excluded;
            self.exclusion = Some(Exclusion { ground: ExclusionGround::Left, returns_on: None, decided: None });
        }
        self.overdue = self.is_waiting() && self.terms.state == CampaignState::Open && self.due_on < today;
    }

    /// As the list of learners has it.
    pub fn into_row(self, number: i32) -> LearnerRow {
        LearnerRow {
            number,
            person: self.person,
            department: self.department,
            state: self.state,
            due_on: self.due_on,
            joined_within: self.joined_within,
            started_on: self.started_on,
            completed_on: self.completion.as_ref().map(|done| done.completed_on),
            basis: self.completion.map(|done| done.basis),
            exclusion: self.exclusion.map(|why| why.ground),
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
