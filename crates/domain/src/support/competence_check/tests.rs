use super::*;
use crate::{kernel::text::Text, support::competence_requirement::CompetenceRequirementDraft};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn today() -> NaiveDate {
    day("2024-04-01")
}

fn somebody() -> Signature {
    let person_id = Id::generate(NOW);
    Signature { person_id, name: "上田".into(), posts: vec![], at: NOW, provisional: false, reason: None }
}

fn demanded() -> Vec<CompetenceRequirement> {
    let demand = |(number, text): (i32, &str)| {
        let (role, requirement) = (Role::DepartmentManager, Text::new(text).unwrap());
        let draft = CompetenceRequirementDraft { role, requirement, remarks: Note::default() };
        CompetenceRequirement::enter(draft, number, NOW).unwrap()
    };
    let texts = ["規程に通じていること", "ISMSの知識", "情報セキュリティの知識", "公正な判断"];
    (1..).zip(texts).map(demand).collect()
}

fn rating(number: i64) -> CompetenceRating {
    number.try_into().unwrap()
}

/// A check with these ratings, and plans for these items.
fn check(ratings: [i64; 4], planned: &[i32]) -> CompetenceCheck {
    let plan = |number: i32| {
        planned.contains(&number).then(|| ImprovementPlan {
            due_on: Some(day("2024-06-30")),
            action: Note::new("ISMSの構築を通して身に付ける").unwrap(),
        })
    };
    let rated = |(number, value): (i32, i64)| ItemRating { number, rating: rating(value), improvement: plan(number) };
    let draft = CompetenceCheckDraft {
        role: Role::DepartmentManager,
        person_id: Id::generate(NOW),
        checked_on: today(),
        ratings: (1..).zip(ratings).map(rated).collect(),
        remarks: Note::default(),
    };
    CompetenceCheck::assess(draft, &demanded(), somebody(), NOW, today()).unwrap()
}

fn approved(ratings: [i64; 4], planned: &[i32]) -> CompetenceCheck {
    let mut check = check(ratings, planned);
    check.submit(somebody()).unwrap();
    check.approve(somebody(), false).unwrap();
    check
}

fn confirm(check: &mut CompetenceCheck, number: i32, post: i64, on: &str) -> Result<(), Refusal> {
    let draft = ImprovementConfirmationDraft { number, post_rating: rating(post), confirmed_on: day(on) };
    check.confirm(draft, somebody(), day("2024-12-31"))
}

#[test]
fn cmp_1_with_a_plan_for_every_gap_the_class_is_b() {
    let check = check([2, 2, 2, 5], &[1, 2, 3]);
    assert_eq!((check.appointment_class, check.formal_from()), (CompetenceClass::B, None));
    assert_eq!(check.improvement_due_on, Some(day("2024-06-30")));
}

#[test]
fn cmp_2_confirmed_improvements_make_it_a_from_the_last_confirmation() {
    let mut check = approved([2, 2, 2, 5], &[1, 2, 3]);
    confirm(&mut check, 1, 3, "2024-06-10").unwrap();
    confirm(&mut check, 2, 3, "2024-06-25").unwrap();
    confirm(&mut check, 3, 3, "2024-06-20").unwrap();
    assert_eq!((check.appointment_class, check.formal_from()), (CompetenceClass::A, Some(day("2024-06-25"))));
    assert_eq!(check.improvement_due_on, None);
}

#[test]
fn cmp_3_and_4_three_is_enough() {
    for ratings in [[3, 3, 4, 5], [3, 3, 3, 3]] {
        let check = check(ratings, &[]);
        assert_eq!((check.appointment_class, check.formal_from()), (CompetenceClass::A, Some(today())));
    }
}

#[test]
fn cmp_5_and_6_a_gap_without_a_plan_is_c() {
    assert_eq!(check([2, 3, 3, 5], &[]).appointment_class, CompetenceClass::C);
    assert_eq!(check([2, 2, 3, 5], &[1]).appointment_class, CompetenceClass::C);
}

#[test]
fn cmp_7_an_improvement_that_did_not_help_needs_a_new_plan() {
    let mut check = approved([1, 3, 3, 3], &[1]);
    confirm(&mut check, 1, 2, "2024-06-10").unwrap();
    assert_eq!((check.appointment_class, check.formal_from()), (CompetenceClass::C, None));
    assert!(confirm(&mut check, 1, 3, "2024-06-11").is_err(), "nothing is open");
    let again = |number| ImprovementDraft { number, due_on: day("2024-09-30"), action: Text::new("研修").unwrap() };
    assert!(check.replan(again(2), &somebody(), today()).is_err(), "nothing is lacking");
    check.replan(again(1), &somebody(), today()).unwrap();
    assert_eq!(check.appointment_class, CompetenceClass::B);
    assert!(check.replan(again(1), &somebody(), today()).is_err(), "one is open");
    confirm(&mut check, 1, 3, "2024-09-30").unwrap();
    assert_eq!(check.formal_from(), Some(day("2024-09-30")));
    assert_eq!(check.items[0].improvements.len(), 2, "the first one stays on record");
}

#[test]
fn cmp_8_two_of_three_confirmed_is_still_b() {
    let mut check = approved([2, 2, 2, 5], &[1, 2, 3]);
    confirm(&mut check, 1, 3, "2024-06-10").unwrap();
    confirm(&mut check, 2, 3, "2024-06-10").unwrap();
    assert_eq!(check.appointment_class, CompetenceClass::B);
    check.derive(day("2024-07-01"));
    assert!(check.improvement_overdue);
}

#[test]
fn cmp_9_the_scale_is_1_to_5() {
    for wrong in [0, 6] {
        assert!(CompetenceRating::try_from(wrong).is_err());
    }
}

#[test]
fn cmp_10_a_day_without_an_action_is_no_plan() {
    let mut lacking = check([2, 3, 3, 3], &[1]);
    let mut draft = lacking.draft.clone();
    draft.ratings[0].improvement.as_mut().unwrap().action = Note::default();
    lacking.revise(draft, &demanded(), somebody(), today()).unwrap();
    assert_eq!(lacking.appointment_class, CompetenceClass::C);
    let refused = lacking.submit(somebody()).unwrap_err();
    assert_eq!((refused.code, refused.errors[0].pointer.as_str()), (Code::NotReady, "/ratings/0/improvement/action"));
}

#[test]
fn sd_8_nobody_assesses_or_approves_themselves() {
    let mut check = check([3, 3, 3, 3], &[]);
    let themselves = Signature { person_id: check.draft.person_id, ..somebody() };
    let refused = check.revise(check.draft.clone(), &demanded(), themselves.clone(), today()).unwrap_err();
    assert_eq!(refused.rule, Some("SD-8"));
    check.submit(somebody()).unwrap();
    assert_eq!(check.approve(themselves, false).unwrap_err().rule, Some("SD-8"));
}

#[test]
fn every_requirement_is_rated_once() {
    let base = check([3, 3, 3, 3], &[]).draft;
    let mut wrong = base.clone();
    wrong.ratings[3].number = 1;
    wrong.ratings[2].number = 9;
    let refused = CompetenceCheck::assess(wrong, &demanded(), somebody(), NOW, today()).unwrap_err();
    let found: Vec<_> = refused.errors.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
    let expected = [
        ("/ratings/2/number", Code::UnknownReference),
        ("/ratings/3/number", Code::Duplicate),
        ("/ratings", Code::Required),
        ("/ratings", Code::Required),
    ];
    assert_eq!(found, expected);
}
