use chrono::NaiveDate;

use super::*;
use crate::{
    kernel::text::Title,
    support::education::{
        audience::tests::worker,
        campaign::EducationCampaign,
        enrolment::{CampaignTerms, CompletionBasis},
        test::{
            TestAnswer,
            tests::{KEY, answers, published},
        },
    },
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    "2024-06-03T00:00:00Z".parse().unwrap()
}

fn enrolment(state: CampaignState) -> Enrolment {
    let terms = CampaignTerms {
        campaign_id: Id::<EducationCampaign>::generate(now()),
        state,
        period_start: day("2024-06-01"),
        period_end: day("2024-06-30"),
        tested: true,
        surveyed: false,
    };
    Enrolment::enrol(&worker("2020-04-01", None), &terms, 30, now(), now().date_naive())
}

/// The correct answers but for the last so many.
fn but(wrong: usize) -> TestAnswers {
    TestAnswers { answers: answers(&KEY[..KEY.len() - wrong]) }
}

fn code(refused: Result<TestAttempt, Refusal>) -> Code {
    refused.unwrap_err().code
}

#[test]
fn tst_3_and_4_it_is_taken_until_it_is_passed_and_not_again() {
    let (mut enrolment, test) = (enrolment(CampaignState::Open), published());
    let mut before = Vec::new();
    for (wrong, score) in [(2, 80), (1, 90), (0, 100)] {
        let sitting = Sitting { enrolment: &enrolment, test: &test, retake: true, before: &before };
        let mut attempt = sitting.start(now()).unwrap();
        assert_eq!((attempt.state, attempt.score), (AttemptState::Started, None));
        let passed = sitting.submit(&mut attempt, but(wrong), now()).unwrap();
        assert_eq!((attempt.score, passed), (Some(score), wrong == 0), "TST-3");
        let refused = sitting.submit(&mut attempt, but(0), now()).unwrap_err();
        assert_eq!((refused.code, refused.rule), (Code::WrongState, Some("SD-12")));
        before.push(attempt);
    }
    assert_eq!(before.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2, 3]);
    enrolment.pass(CompletionBasis::Passed, day("2024-06-03")).unwrap();
    let again = Sitting { enrolment: &enrolment, test: &test, retake: true, before: &before };
    assert_eq!(code(again.start(now())), Code::WrongState, "TST-4");
}

#[test]
fn one_attempt_at_a_time_and_only_while_the_campaign_is_open() {
    let (mut open, test) = (enrolment(CampaignState::Open), published());
    let start = |enrolment: &Enrolment, before: &[TestAttempt], retake| {
        Sitting { enrolment, test: &test, retake, before }.start(now())
    };
    let first = start(&open, &[], false).unwrap();
    assert_eq!(code(start(&open, std::slice::from_ref(&first), true)), Code::AlreadyExists);
    let failed = TestAttempt { state: AttemptState::Failed, ..first.clone() };
    assert_eq!(start(&open, std::slice::from_ref(&failed), true).unwrap().number, 2);
    assert_eq!(code(start(&open, &[failed], false)), Code::WrongState, "where there is no second time");
    assert_eq!(code(start(&enrolment(CampaignState::Closed), &[], true)), Code::WrongState);
    // Closed in between: what was started is not scored any more.
    open.terms.state = CampaignState::Closed;
    let late = Sitting { enrolment: &open, test: &test, retake: true, before: &[] };
    assert_eq!(late.submit(&mut first.clone(), but(0), now()).unwrap_err().code, Code::WrongState);
}

#[test]
fn what_was_answered_is_written_out_only_where_it_is_there() {
    let attempt = start_of(&enrolment(CampaignState::Open));
    assert!(!serde_json::to_string(&attempt).unwrap().contains("answers"));
    let given = GivenAnswer { number: 1, answer: TestAnswer::C };
    let shown = serde_json::to_value(TestAttempt { answers: Some(vec![given]), ..attempt }).unwrap();
    assert_eq!(shown["answers"][0]["answer"], "c");
    assert!(Title::new(shown["test"]["name"].as_str().unwrap()).is_ok());
}

fn start_of(enrolment: &Enrolment) -> TestAttempt {
    Sitting { enrolment, test: &published(), retake: true, before: &[] }.start(now()).unwrap()
}

#[test]
fn results_count_learners_once_and_leave_out_who_is_exempt() {
    let test = published();
    let mut learners: Vec<Enrolment> = (0..4).map(|_| enrolment(CampaignState::Open)).collect();
    let mut attempts = Vec::new();
    for (learner, wrong) in [(0, 0), (1, 1), (1, 0)] {
        let before: Vec<_> = attempts
            .iter()
            .filter(|one: &&TestAttempt| one.draft.enrolment_id == learners[learner].id)
            .cloned()
            .collect();
        let sitting = Sitting { enrolment: &learners[learner], test: &test, retake: true, before: &before };
        let mut attempt = sitting.start(now()).unwrap();
        sitting.submit(&mut attempt, but(wrong), now()).unwrap();
        attempts.push(attempt);
    }
    attempts.push(start_of(&learners[2]));
    learners[3].pass(CompletionBasis::Authorship, day("2024-06-03")).unwrap();
    let results = TestResults::of(&learners, &attempts);
    let TestResults { learners, attempted, passed, passed_at_first, attempts, .. } = results;
    assert_eq!((learners, attempted, passed, passed_at_first, attempts), (3, 2, 2, 1, 3));
    assert_eq!(results.pass_rate.map(|rate| rate.percent), Some("66.6".into()));
    assert_eq!(results.first_pass_rate.map(|rate| rate.percent), Some("50.0".into()));
    assert_eq!(TestResults::of(&[], &[]).pass_rate, None, "an empty population has no rate");
}
