//! Comprehension tests (7.2; D27): questions with points, a pass mark, and a key that nobody reads who still has to pass
//! (R-16, SD-9).

mod question;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

pub use self::question::{AnswerKey, GivenAnswer, QuestionKind, TestAnswer, TestQuestion};
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        retirement::Retirement,
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Title},
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// The most questions that a test has.
const MOST_QUESTIONS: usize = 100;

/// A test. Its key is not part of what is written out of it, before [`with_key`](Test::with_key) puts it there.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Test {
    /// Its id.
    pub id: Id<Test>,
    /// Rises with every change.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: TestDraft,
    /// The points of all questions together.
    pub total_points: i32,
    /// Whether the questions show their correct answers to the caller: to who wrote or published the test, and is exempt
    /// from it for that, and to who passed it (SD-9).
    pub key_shown: bool,
    /// Where it stands.
    pub state: TestState,
    /// Everybody who wrote in it. They are exempt: they know the key.
    pub authors: Vec<Signature>,
    /// Who published it, exempt as well.
    #[schema(required)]
    pub published: Option<Signature>,
    /// When and why it was given up.
    #[schema(required)]
    pub retirement: Option<Retirement>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<TestAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// The correct answers.
    #[serde(skip)]
    pub key: AnswerKey,
}

impl Governed for Test {
    const RESOURCE: Resource = Resource::Test;
}

impl Revised for Test {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestDraft {
    /// Its title.
    pub title: Title,
    /// The fiscal year for which it is made, called after the calendar year of its first day.
    #[schema(minimum = 1900, maximum = 2998)]
    pub fiscal_year: i32,
    /// What whoever takes it is told before the first question.
    #[serde(default)]
    pub instructions: Note,
    /// The points that it takes to pass.
    #[serde(default = "usual_pass_score")]
    #[schema(minimum = 1, maximum = 10_000, default = 100)]
    pub pass_score: i32,
    /// The questions, in order; answers name them by their number, from 1 on.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub questions: Vec<TestQuestion>,
}

fn usual_pass_score() -> i32 {
    100
}

/// What a test that begins with the questions of another one is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestCopy {
    /// Its title.
    pub title: Title,
    /// The fiscal year for which it is made.
    #[schema(minimum = 1900, maximum = 2998)]
    pub fiscal_year: i32,
}

/// Where a test stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TestState {
    /// Being written.
    Draft,
    /// People take it: it does not change any more.
    Published,
    /// No new campaign uses it.
    Retired,
}

impl Labelled for TestState {
    const NAME: &'static str = "test_state";

    fn label(&self) -> Label {
        match self {
            Self::Draft => label("作成中", "draft"),
            Self::Published => label("公開済み", "published"),
            Self::Retired => label("廃止", "retired"),
        }
    }
}

/// A step of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TestAction {
    /// Change the draft.
    Revise,
    /// Publish it (`/publication`).
    Publish,
    /// Give it up (`/retirement`).
    Retire,
    /// Begin another one with its questions (`/copies`).
    Copy,
}

impl Labelled for TestAction {
    const NAME: &'static str = "test_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Publish => label("公開", "publish"),
            Self::Retire => label("廃止", "retire"),
            Self::Copy => label("複製", "copy"),
        }
    }
}

impl Stateful for Test {
    type Action = TestAction;
    type State = TestState;

    const TRANSITIONS: &'static [Transition<TestAction, TestState>] = &[
        Transition { action: TestAction::Revise, from: &[TestState::Draft], grant: (Resource::Test, Verb::Update) },
        Transition { action: TestAction::Publish, from: &[TestState::Draft], grant: (Resource::Test, Verb::Update) },
        Transition {
            action: TestAction::Retire,
            from: &[TestState::Draft, TestState::Published],
            grant: (Resource::Test, Verb::Update),
        },
        Transition {
            action: TestAction::Copy,
            from: &[TestState::Draft, TestState::Published, TestState::Retired],
            grant: (Resource::Test, Verb::Create),
        },
    ];

    fn state(&self) -> TestState {
        self.state
    }
}

impl TestDraft {
    fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if !(1900..=2998).contains(&self.fiscal_year) {
            faults.push(Fault::new("/fiscal_year", Code::OutOfRange));
        }
        if !(1..=10_000).contains(&self.pass_score) {
            faults.push(Fault::new("/pass_score", Code::OutOfRange));
        }
        if self.questions.len() > MOST_QUESTIONS {
            faults.push(Fault::new("/questions", Code::TooLong));
        }
        for (at, question) in self.questions.iter().enumerate() {
            question.check(&format!("/questions/{at}"), &mut faults);
        }
        Refusal::unless_empty(faults)
    }

    /// Takes the correct answers out of it.
    pub fn take_key(&mut self) -> AnswerKey {
        AnswerKey::taken_from(&mut self.questions)
    }

    /// The points of all questions together.
    pub fn total_points(&self) -> i32 {
        self.questions.iter().map(|question| question.points).sum()
    }
}

impl Test {
    /// A new test by its first author.
    pub fn write(mut draft: TestDraft, by: Signature, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        let key = draft.take_key();
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            total_points: draft.total_points(),
            draft,
            key_shown: false,
            state: TestState::Draft,
            authors: vec![by],
            published: None,
            retirement: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
            key,
        })
    }

    /// A new test that begins with the questions and the key of this one.
    pub fn copy(&self, copy: TestCopy, by: Signature, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let TestCopy { title, fiscal_year } = copy;
        Self::write(TestDraft { title, fiscal_year, ..self.whole_draft() }, by, now)
    }

    /// Changes a draft. Whoever writes in it is one of its authors from then on.
    pub fn revise(&mut self, mut draft: TestDraft, by: Signature) -> Result<(), Refusal> {
        self.guard(TestAction::Revise).map_err(|refusal| refusal.by("SD-12"))?;
        draft.check()?;
        self.key = draft.take_key();
        self.total_points = draft.total_points();
        self.draft = draft;
        self.authors.retain(|author| author.person_id != by.person_id);
        self.authors.push(by);
        Ok(())
    }

    /// Publishes it: from then on it does not change. Every question needs its correct answer, and the points of all
    /// questions together must reach the pass mark.
    pub fn publish(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(TestAction::Publish)?;
        let mut errors = Vec::new();
        if self.draft.questions.is_empty() {
            errors.push(Fault::new("/questions", Code::Required));
        }
        for (at, question) in self.whole_draft().questions.iter().enumerate() {
            question.lacking(&format!("/questions/{at}"), &mut errors);
        }
        if self.total_points < self.draft.pass_score {
            errors.push(Fault::new("/pass_score", Code::OutOfRange).with("total_points", self.total_points));
        }
        if !errors.is_empty() {
            return Err(Refusal { errors, ..Refusal::new(Code::NotReady).by("R-16") });
        }
        self.state = TestState::Published;
        self.published = Some(by);
        Ok(())
    }

    /// Gives it up; what was answered in it stays.
    pub fn retire(&mut self, retirement: Retirement, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(TestAction::Retire)?;
        retirement.check(today)?;
        self.state = TestState::Retired;
        self.retirement = Some(retirement);
        Ok(())
    }

    /// Who does not take it because they know the key: who wrote in it, and who published it (amendments §1.4).
    pub fn exempt(&self) -> impl Iterator<Item = Id<Person>> {
        self.authors.iter().chain(&self.published).map(|signature| signature.person_id)
    }

    /// What was written about it, with the key.
    pub fn whole_draft(&self) -> TestDraft {
        let mut draft = self.draft.clone();
        self.key.put_into(&mut draft.questions);
        draft
    }

    /// Showing the key, to somebody who may know it.
    #[must_use]
    pub fn with_key(self) -> Self {
        Self { draft: self.whole_draft(), key_shown: true, ..self }
    }

    /// The points of what was answered; what was not answered is wrong. Refused where an answer is to no question
    /// of this test, to a question that was answered before, or none of those that were offered.
    pub fn score(&self, answers: &[GivenAnswer]) -> Result<i32, Refusal> {
        let mut faults = Vec::new();
        let mut score = 0;
        for (at, given) in answers.iter().enumerate() {
            let place = usize::try_from(given.number).ok().and_then(|number| number.checked_sub(1));
            let question = place.and_then(|place| self.draft.questions.get(place));
            if answers.iter().take(at).any(|earlier| earlier.number == given.number) {
                faults.push(Fault::new(format!("/answers/{at}/number"), Code::Duplicate));
            }
            match question {
                None => faults.push(Fault::new(format!("/answers/{at}/number"), Code::UnknownReference)),
                Some(question) if !question.offers(given.answer) => {
                    faults.push(Fault::new(format!("/answers/{at}/answer"), Code::NotInList));
                }
                Some(question) if place.is_some_and(|place| self.key.is_correct(place, given.answer)) => {
                    score += question.points;
                }
                Some(_) => {}
            }
        }
        Refusal::unless_empty(faults)?;
        Ok(score)
    }

    /// Whether so many points pass it.
    pub fn passes(&self, score: i32) -> bool {
        score >= self.draft.pass_score
    }
}

#[cfg(test)]
pub(in super::super) mod tests;
