use super::*;
use crate::kernel::text::Text;

use TestAnswer::{A, B, C, False, True};

/// The correct answers of the sample, in order.
pub(in super::super::super) const KEY: [TestAnswer; 10] = [C, C, A, A, B, True, True, True, True, False];

fn by(person: Id<Person>) -> Signature {
    let at = DateTime::UNIX_EPOCH;
    Signature { person_id: person, name: "森".into(), posts: vec![], at, provisional: false, reason: None }
}

fn somebody() -> Signature {
    by(Id::generate(DateTime::UNIX_EPOCH))
}

fn question(answer: TestAnswer) -> TestQuestion {
    let true_false = matches!(answer, True | False);
    TestQuestion {
        kind: if true_false { QuestionKind::TrueFalse } else { QuestionKind::SingleChoice },
        text: Text::new("どれか").unwrap(),
        choices: if true_false { vec![] } else { ["一", "二", "三"].map(|text| Title::new(text).unwrap()).into() },
        correct_answer: Some(answer),
        points: 10,
    }
}

fn draft(answers: &[TestAnswer]) -> TestDraft {
    TestDraft {
        title: Title::new("理解度確認テスト").unwrap(),
        fiscal_year: 2024,
        instructions: Note::default(),
        pass_score: 100,
        questions: answers.iter().copied().map(question).collect(),
    }
}

/// A published test of ten questions with ten points each.
pub(in super::super::super) fn published() -> Test {
    let mut test = Test::write(draft(&KEY), somebody(), DateTime::UNIX_EPOCH).unwrap();
    test.publish(somebody()).unwrap();
    test
}

/// Answers to the first questions, in order.
pub(in super::super::super) fn answers(given: &[TestAnswer]) -> Vec<GivenAnswer> {
    (1..).zip(given).map(|(number, answer)| GivenAnswer { number, answer: *answer }).collect()
}

fn told(refusal: &Refusal) -> Vec<(&str, Code)> {
    refusal.errors.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect()
}

#[test]
fn tst_1_2_6_points_are_those_of_correct_answers() {
    let test = published();
    let score = |given: &[GivenAnswer]| test.score(given).map(|score| (score, test.passes(score)));
    assert_eq!(score(&answers(&KEY)), Ok((100, true)), "TST-1");
    let mut wrong = KEY;
    wrong[4] = A;
    assert_eq!(score(&answers(&wrong)), Ok((90, false)), "TST-2");
    let mut unanswered = answers(&KEY);
    unanswered.remove(6);
    assert_eq!(score(&unanswered), Ok((90, false)), "TST-6");
    assert_eq!(score(&[]), Ok((0, false)));
}

#[test]
fn an_answer_names_a_question_once_and_one_of_its_choices() {
    let given = |number, answer| GivenAnswer { number, answer };
    let refused = published().score(&[given(0, A), given(11, A), given(1, True), given(1, C), given(6, A)]);
    assert_eq!(
        told(&refused.unwrap_err()),
        [
            ("/answers/0/number", Code::UnknownReference),
            ("/answers/1/number", Code::UnknownReference),
            ("/answers/2/answer", Code::NotInList),
            ("/answers/3/number", Code::Duplicate),
            ("/answers/4/answer", Code::NotInList),
        ]
    );
}

#[test]
fn tst_5_a_test_is_published_with_enough_points_and_a_whole_key() {
    let mut five = Test::write(draft(&KEY[..5]), somebody(), DateTime::UNIX_EPOCH).unwrap();
    let refused = five.publish(somebody()).unwrap_err();
    assert_eq!((refused.code, refused.rule), (Code::NotReady, Some("R-16")));
    assert_eq!(told(&refused), [("/pass_score", Code::OutOfRange)]);
    assert_eq!(refused.errors[0].params["total_points"], 50);
    let mut unfinished = draft(&KEY);
    unfinished.questions[0].correct_answer = None;
    unfinished.questions[1].choices.truncate(1);
    unfinished.questions[1].correct_answer = None;
    five.revise(unfinished, somebody()).unwrap();
    assert_eq!(
        told(&five.publish(somebody()).unwrap_err()),
        [
            ("/questions/0/correct_answer", Code::Required),
            ("/questions/1/choices", Code::Required),
            ("/questions/1/correct_answer", Code::Required),
        ]
    );
    five.revise(draft(&[]), somebody()).unwrap();
    assert_eq!(told(&five.publish(somebody()).unwrap_err())[0], ("/questions", Code::Required));
    five.revise(draft(&KEY), somebody()).unwrap();
    assert_eq!(five.publish(somebody()), Ok(()));
}

#[test]
fn tst_7_what_is_written_out_has_no_key_before_it_is_put_there() {
    let test = published();
    let written = serde_json::to_string(&test).unwrap();
    assert!(!written.contains("correct_answer") && !written.contains("key\":["), "{written}");
    assert!(!format!("{test:?}").contains("Some(True)"), "nor does debugging print it");
    let shown = serde_json::to_value(test.clone().with_key()).unwrap();
    assert_eq!((&shown["key_shown"], &shown["questions"][9]["correct_answer"]), (&true.into(), &"false".into()));
    let copy = TestCopy { title: Title::new("次の年").unwrap(), fiscal_year: 2025 };
    let copy = test.copy(copy, somebody(), DateTime::UNIX_EPOCH).unwrap();
    assert_eq!((copy.state, copy.whole_draft().questions), (TestState::Draft, test.whole_draft().questions));
}

#[test]
fn sd_12_what_was_published_does_not_change() {
    let mut test = published();
    let refused = test.revise(draft(&KEY), somebody()).unwrap_err();
    assert_eq!((refused.code, refused.rule), (Code::WrongState, Some("SD-12")));
    assert_eq!(test.publish(somebody()).unwrap_err().code, Code::WrongState);
    let today: NaiveDate = "2024-06-01".parse().unwrap();
    let retirement =
        |on: &str| Retirement { retired_on: on.parse().unwrap(), reason: Text::new("翌年度版あり").unwrap() };
    assert_eq!(told(&test.retire(retirement("2024-06-02"), today).unwrap_err())[0].1, Code::FutureDate);
    test.retire(retirement("2024-06-01"), today).unwrap();
    assert_eq!(test.retire(retirement("2024-06-01"), today).unwrap_err().code, Code::WrongState);
}

#[test]
fn who_wrote_in_it_and_who_published_it_are_exempt() {
    let (one, other, publisher) = (somebody(), somebody(), somebody());
    let mut test = Test::write(draft(&KEY), one.clone(), DateTime::UNIX_EPOCH).unwrap();
    test.revise(draft(&KEY), other.clone()).unwrap();
    test.revise(draft(&KEY), one.clone()).unwrap();
    test.publish(publisher.clone()).unwrap();
    let exempt: Vec<_> = test.exempt().collect();
    assert_eq!(exempt, [other.person_id, one.person_id, publisher.person_id]);
}

#[test]
fn a_question_offers_what_it_has() {
    let refused = |change: fn(&mut TestQuestion)| {
        let mut draft = draft(&[A, True]);
        draft.questions.iter_mut().for_each(change);
        Test::write(draft, somebody(), DateTime::UNIX_EPOCH).unwrap_err()
    };
    let doubled = refused(|question| question.choices = ["Ａ", "ｂ", "a"].map(|text| Title::new(text).unwrap()).into());
    assert_eq!(
        told(&doubled),
        [
            ("/questions/0/choices/2", Code::Duplicate),
            ("/questions/1/choices", Code::Contradiction),
            ("/questions/1/choices/2", Code::Duplicate)
        ]
    );
    let beyond = refused(|question| question.correct_answer = Some(TestAnswer::D));
    assert_eq!(told(&beyond).iter().map(|(_, code)| *code).collect::<Vec<_>>(), [Code::NotInList; 2]);
    let worth = refused(|question| question.points = 0);
    assert_eq!(told(&worth)[0], ("/questions/0/points", Code::OutOfRange));
    let whole =
        Test::write(TestDraft { fiscal_year: 1, pass_score: 0, ..draft(&[A; 101]) }, somebody(), DateTime::UNIX_EPOCH);
    assert_eq!(
        told(&whole.unwrap_err()),
        [("/fiscal_year", Code::OutOfRange), ("/pass_score", Code::OutOfRange), ("/questions", Code::TooLong)]
    );
}
