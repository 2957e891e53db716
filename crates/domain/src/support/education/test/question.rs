//! Questions, what may be answered, and the key.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoEnumIterator};
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type, extensions::Extensions},
};

use crate::kernel::{
    label::{Label, Labelled, label},
    refusal::{Code, Fault},
    text::{Text, Title, normalized},
};

/// What may be answered to a question of single choice, as many of these as it has choices.
const LETTERS: [TestAnswer; 6] =
    [TestAnswer::A, TestAnswer::B, TestAnswer::C, TestAnswer::D, TestAnswer::E, TestAnswer::F];

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestQuestion {
    /// What may be answered to it.
    pub kind: QuestionKind,
    /// The question.
    pub text: Text,
    /// What is offered, in order: the first is answered with `a`, the second with `b`. At least two at publication; none
    /// where it is true or false.
    #[serde(default)]
    #[schema(max_items = 6)]
    pub choices: Vec<Title>,
    /// The one correct answer; needed at publication. Left out for whoever still has to pass the test (SD-9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = shown_answer, required = false)]
    pub correct_answer: Option<TestAnswer>,
    /// What it counts.
    #[serde(default = "usual_points")]
    #[schema(minimum = 1, maximum = 100, default = 10)]
    pub points: i32,
}

/// The schema of an answer that may lack: a reference to that of [`TestAnswer`] could not be marked so.
fn shown_answer() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(TestAnswer::iter().map(|answer| answer.to_string())))
        .description(Some(
            "The one correct answer; needed at publication. Absent for whoever still has to pass (SD-9).",
        ))
        .extensions(Some(Extensions::builder().add("x-may-lack", true).build()))
        .build()
}

fn usual_points() -> i32 {
    10
}

/// What may be answered to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum QuestionKind {
    /// One of its choices.
    SingleChoice,
    /// True or false.
    TrueFalse,
}

impl Labelled for QuestionKind {
    const NAME: &'static str = "question_kind";

    fn label(&self) -> Label {
        match self {
            Self::SingleChoice => label("択一", "single choice"),
            Self::TrueFalse => label("○×", "true or false"),
        }
    }
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TestAnswer {
    /// The first choice.
    A,
    /// The second choice.
    B,
    /// The third choice.
    C,
    /// The fourth choice.
    D,
    /// The fifth choice.
    E,
    /// The sixth choice.
    F,
    /// It is true.
    True,
    /// It is false.
    False,
}

impl Labelled for TestAnswer {
    const NAME: &'static str = "test_answer";

    fn label(&self) -> Label {
        match self {
            Self::A => label("A", "A"),
            Self::B => label("B", "B"),
            Self::C => label("C", "C"),
            Self::D => label("D", "D"),
            Self::E => label("E", "E"),
            Self::F => label("F", "F"),
            Self::True => label("○", "true"),
            Self::False => label("×", "false"),
        }
    }
}

/// What somebody answered to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenAnswer {
    /// The number of the question: the first one is 1.
    #[schema(minimum = 1, maximum = 100)]
    pub number: i32,
    /// The answer.
    pub answer: TestAnswer,
}

impl TestQuestion {
    /// What the body gets wrong, at `pointer`.
    pub(super) fn check(&self, pointer: &str, faults: &mut Vec<Fault>) {
        if !(1..=100).contains(&self.points) {
            faults.push(Fault::new(format!("{pointer}/points"), Code::OutOfRange));
        }
        if self.kind == QuestionKind::TrueFalse && !self.choices.is_empty() {
            faults.push(Fault::new(format!("{pointer}/choices"), Code::Contradiction).with("other", "kind"));
        }
        if self.choices.len() > LETTERS.len() {
            faults.push(Fault::new(format!("{pointer}/choices"), Code::TooLong));
        }
        let texts: Vec<String> = self.choices.iter().map(|choice| normalized(choice.as_str())).collect();
        for (at, text) in texts.iter().enumerate() {
            // Of two choices that say the same neither is the one correct answer.
            if texts.iter().take(at).any(|earlier| earlier == text) {
                faults.push(Fault::new(format!("{pointer}/choices/{at}"), Code::Duplicate));
            }
        }
        if self.correct_answer.is_some_and(|answer| !self.offers(answer)) {
            faults.push(Fault::new(format!("{pointer}/correct_answer"), Code::NotInList));
        }
    }

    /// What it lacks to be published, at `pointer`: choices, and exactly one correct answer.
    pub(super) fn lacking(&self, pointer: &str, faults: &mut Vec<Fault>) {
        if self.kind == QuestionKind::SingleChoice && self.choices.len() < 2 {
            faults.push(Fault::new(format!("{pointer}/choices"), Code::Required));
        }
        if self.correct_answer.is_none() {
            faults.push(Fault::new(format!("{pointer}/correct_answer"), Code::Required));
        }
    }

    /// Whether this may be answered.
    pub(super) fn offers(&self, answer: TestAnswer) -> bool {
        match self.kind {
            QuestionKind::TrueFalse => matches!(answer, TestAnswer::True | TestAnswer::False),
            QuestionKind::SingleChoice => LETTERS.iter().take(self.choices.len()).any(|letter| *letter == answer),
        }
    }
}

/// The correct answers of all questions, in order. Nothing prints them by accident.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AnswerKey(Vec<Option<TestAnswer>>);

impl fmt::Debug for AnswerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnswerKey(…)")
    }
}

impl AnswerKey {
    pub(super) fn taken_from(questions: &mut [TestQuestion]) -> Self {
        Self(questions.iter_mut().map(|question| question.correct_answer.take()).collect())
    }

    pub(super) fn put_into(&self, questions: &mut [TestQuestion]) {
        for (question, answer) in questions.iter_mut().zip(&self.0) {
            question.correct_answer = *answer;
        }
    }

    /// Whether this is the correct answer to the question at `place`.
    pub(super) fn is_correct(&self, place: usize, answer: TestAnswer) -> bool {
        self.0.get(place).copied().flatten() == Some(answer)
    }
}
