//! Surveys after education: what the learners are asked, and what they say together.
//!
//! Answers are anonymous: what is kept of an answer names nobody, has no time, and no event tells it; the enrolment only
//! says that it was given. What few said is not shown, because it could be told who they are.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::kernel::{
    label::{Label, Labelled, label},
    list::some_once_each,
    refusal::{Code, Fault, Refusal},
    text::{Note, Title},
};

/// From how many answers on they are shown.
pub const FEWEST_SHOWN: usize = 3;

/// A question of a survey; its number is its place, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyQuestion {
    /// What is asked.
    pub text: Title,
    /// How it is answered.
    pub kind: SurveyQuestionKind,
    /// What can be chosen; needed for a choice.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub choices: Vec<Title>,
}

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SurveyQuestionKind {
    /// From 1 (not at all) to 5 (very much).
    Scale,
    /// One of its choices.
    Choice,
    /// In own words; may be left out.
    Text,
}

impl Labelled for SurveyQuestionKind {
    const NAME: &'static str = "survey_question_kind";

    fn label(&self) -> Label {
        match self {
            Self::Scale => label("5段階", "scale"),
            Self::Choice => label("選択", "choice"),
            Self::Text => label("自由記述", "text"),
        }
    }
}

impl SurveyQuestion {
    pub(super) fn faults(&self, pointer: &str) -> Vec<Fault> {
        let choices = format!("{pointer}/choices");
        match self.kind {
            SurveyQuestionKind::Choice => some_once_each(&self.choices, 20, &choices),
            _ if self.choices.is_empty() => Vec::new(),
            _ => vec![Fault::new(choices, Code::Contradiction)],
        }
    }

    /// How many values an answer by number may have.
    fn values(&self) -> usize {
        match self.kind {
            SurveyQuestionKind::Scale => 5,
            SurveyQuestionKind::Choice => self.choices.len(),
            SurveyQuestionKind::Text => 0,
        }
    }
}

/// What one learner answers: every question but those in own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyAnswers {
    /// An answer for each question, in any order.
    #[schema(min_items = 1, max_items = 50)]
    pub answers: Vec<SurveyAnswer>,
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyAnswer {
    /// The number of the question.
    #[schema(minimum = 1, maximum = 50)]
    pub number: i32,
    /// On a scale from 1 to 5; of a choice the place of what is chosen, from 1.
    #[serde(default)]
    #[schema(required = false, minimum = 1, maximum = 20)]
    pub value: Option<i32>,
    /// In own words.
    #[serde(default)]
    pub text: Note,
}

impl SurveyAnswers {
    /// Refuses answers that do not fit the questions.
    pub fn check(&self, questions: &[SurveyQuestion]) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        for (at, answer) in self.answers.iter().enumerate() {
            let pointer = |field: &str| format!("/answers/{at}/{field}");
            let twice = self.answers.iter().take(at).any(|earlier| earlier.number == answer.number);
            let Some(question) = question(questions, answer.number) else {
                faults.push(Fault::new(pointer("number"), Code::UnknownReference));
                continue;
            };
            if twice {
                faults.push(Fault::new(pointer("number"), Code::Duplicate));
            }
            match (question.kind, answer.place()) {
                (SurveyQuestionKind::Text, None) if answer.value.is_none() => {}
                (SurveyQuestionKind::Text, _) => faults.push(Fault::new(pointer("value"), Code::Contradiction)),
                (_, Some(place)) if place < question.values() => {}
                (_, _) => {
                    faults.push(Fault::new(pointer("value"), Code::OutOfRange).with("maximum", question.values()))
                }
            }
        }
        let answered = |number| self.answers.iter().any(|answer| answer.number == number);
        let numbered = (1..).zip(questions).filter(|(_, question)| question.kind != SurveyQuestionKind::Text);
        let unanswered = numbered.filter(|(number, _)| !answered(*number));
        faults.extend(unanswered.map(|(number, _)| Fault::new("/answers", Code::Required).with("number", number)));
        Refusal::unless_empty(faults)
    }
}

impl SurveyAnswer {
    /// The place of what was answered, from 0.
    fn place(&self) -> Option<usize> {
        usize::try_from(self.value? - 1).ok()
    }
}

fn question(questions: &[SurveyQuestion], number: i32) -> Option<&SurveyQuestion> {
    questions.get(usize::try_from(number - 1).ok()?)
}

/// What the learners of a campaign said together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SurveyResult {
    /// How many answered.
    pub answered: usize,
    /// From how many answers on they are shown; with fewer there are no `questions`.
    pub fewest_shown: usize,
    /// Each question with what was answered.
    pub questions: Vec<QuestionResult>,
}

/// What was answered to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuestionResult {
    /// Its number.
    pub number: i32,
    /// The question.
    #[serde(flatten)]
    pub question: SurveyQuestion,
    /// How many chose each value, from the first; empty where it is answered in own words.
    pub counts: Vec<usize>,
    /// What was said in own words, sorted by the text.
    pub texts: Vec<String>,
}

impl SurveyResult {
    /// Out of all answers.
    pub fn of(questions: &[SurveyQuestion], answers: &[SurveyAnswers]) -> Self {
        let shown = answers.len() >= FEWEST_SHOWN;
        let results = (1..).zip(questions).filter(|_| shown).map(|(number, question)| {
            let given = || answers.iter().flat_map(|one| &one.answers).filter(move |answer| answer.number == number);
            let chose = |place| given().filter(|answer| answer.place() == Some(place)).count();
            let mut texts: Vec<String> =
                given().map(|answer| answer.text.as_str().trim().to_owned()).filter(|text| !text.is_empty()).collect();
            texts.sort();
            let counts = (0..question.values()).map(chose).collect();
            QuestionResult { number, question: question.clone(), counts, texts }
        });
        Self { answered: answers.len(), fewest_shown: FEWEST_SHOWN, questions: results.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn questions() -> Vec<SurveyQuestion> {
        let question = |text: &str, kind, choices: &[&str]| SurveyQuestion {
            text: Title::new(text).unwrap(),
            kind,
            choices: choices.iter().map(|choice| Title::new(*choice).unwrap()).collect(),
        };
        vec![
            question("分かりやすかったか", SurveyQuestionKind::Scale, &[]),
            question("長さ", SurveyQuestionKind::Choice, &["短い", "適切", "長い"]),
            question("意見", SurveyQuestionKind::Text, &[]),
        ]
    }

    fn answers(scale: i32, choice: i32, text: &str) -> SurveyAnswers {
        let answer = |number, value, text| SurveyAnswer { number, value, text: Note::new(text).unwrap() };
        SurveyAnswers { answers: vec![answer(1, Some(scale), ""), answer(2, Some(choice), ""), answer(3, None, text)] }
    }

    #[test]
    fn answers_fit_their_questions() {
        assert!(answers(5, 3, "").check(&questions()).is_ok());
        let refused = answers(6, 4, "").check(&questions()).unwrap_err();
        let told: Vec<_> = refused.errors.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(told, [("/answers/0/value", Code::OutOfRange), ("/answers/1/value", Code::OutOfRange)]);
        let mut few = answers(1, 1, "");
        few.answers.remove(0);
        assert_eq!(few.check(&questions()).unwrap_err().errors[0].code, Code::Required);
        few.answers.remove(1);
        few.answers.push(SurveyAnswer { number: 1, value: Some(1), text: Note::default() });
        assert!(few.check(&questions()).is_ok(), "own words may be left out");
    }

    #[test]
    fn what_few_said_is_not_shown() {
        let two = [answers(5, 2, "よかった"), answers(4, 2, "")];
        let hidden = SurveyResult::of(&questions(), &two);
        assert_eq!((hidden.answered, hidden.questions.len()), (2, 0));
        let three = [two.as_slice(), &[answers(4, 1, "あれこれ")]].concat();
        let shown = SurveyResult::of(&questions(), &three).questions;
        assert_eq!(shown[0].counts, [0, 0, 0, 2, 1]);
        assert_eq!(shown[1].counts, [1, 2, 0]);
        assert_eq!(shown[2].texts, ["あれこれ", "よかった"], "not in the order of their answers");
    }

    #[test]
    fn only_a_choice_has_choices() {
        let [mut scale, mut choice, _] = <[_; 3]>::try_from(questions()).unwrap();
        std::mem::swap(&mut scale.choices, &mut choice.choices);
        assert_eq!(scale.faults("/survey/0")[0].code, Code::Contradiction);
        assert_eq!(choice.faults("/survey/1")[0].code, Code::TooShort);
    }
}
