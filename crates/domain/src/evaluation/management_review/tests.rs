//! Inputs, outputs and deadlines of management reviews (R-20, R-21, §6.14).

use super::*;
use crate::{
    access::Role,
    kernel::{reference::Reference, text::Note},
};

const TERMS: ReviewTerms = ReviewTerms { months: 12, communication_days: 7 };

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn by() -> Signature {
    let (person_id, at) = (Id::generate(DateTime::UNIX_EPOCH), DateTime::UNIX_EPOCH);
    Signature { person_id, name: "上田".into(), posts: vec![], at, provisional: false, reason: None }
}

fn inputs() -> ReviewInputs {
    let said = || Note::new("変化なし").unwrap();
    ReviewInputs {
        previous_actions: Note::default(),
        issue_changes: said(),
        interested_party_changes: said(),
        performance: ReviewPerformance {
            nonconformities: said(),
            monitoring: said(),
            audit_results: said(),
            objectives: said(),
        },
        feedback: said(),
        risk_status: said(),
        improvement_proposals: said(),
    }
}

fn draft(inputs: ReviewInputs) -> ManagementReviewDraft {
    ManagementReviewDraft { planned_on: day("2023-12-15"), inputs, remarks: Note::default() }
}

fn planned(inputs: ReviewInputs, is_first: bool) -> ManagementReview {
    ManagementReview::plan(draft(inputs), 1, is_first, by(), DateTime::UNIX_EPOCH).unwrap()
}

fn attendee(role: Role) -> Attendee {
    Attendee { person: Reference::new(Id::<Person>::generate(DateTime::UNIX_EPOCH), "青木"), posts: vec![role] }
}

fn hold(review: &mut ManagementReview, with: Role) -> Result<(), Refusal> {
    let draft = HoldingDraft { held_on: day("2023-12-15"), time_from: None, time_to: None, attendee_ids: Vec::new() };
    review.hold(draft, vec![attendee(with)], None, TERMS, by(), day("2023-12-20"))
}

#[test]
fn the_next_one_is_held_when_the_instructions_of_the_one_before_are_approved() {
    let draft =
        || HoldingDraft { held_on: day("2024-12-10"), time_from: None, time_to: None, attendee_ids: Vec::new() };
    for (state, open) in [(S::Held, false), (S::Decided, false), (S::Approved, true), (S::Closed, true)] {
        let mut review = planned(ReviewInputs { previous_actions: Note::new("完了").unwrap(), ..inputs() }, false);
        let previous = Some(PreviousReview { held_on: day("2023-12-15"), state });
        let attendees = vec![attendee(Role::TopManagement)];
        let held = review.hold(draft(), attendees, previous, TERMS, by(), day("2024-12-10"));
        assert_eq!(held.err().map(|refusal| refusal.rule), (!open).then_some(Some("R-20")), "{state}");
    }
}

#[test]
fn mrv_1_a_first_review_needs_the_inputs_2_to_7() {
    let mut review = planned(inputs(), true);
    assert_eq!(review.state, S::InputsReady);
    hold(&mut review, Role::TopManagement).unwrap();
    assert_eq!(review.state, S::Held);
}

#[test]
fn mrv_2_a_second_review_needs_input_1() {
    let mut review = planned(inputs(), false);
    assert_eq!(review.state, S::Planned);
    let refused = hold(&mut review, Role::TopManagement).unwrap_err();
    assert_eq!((refused.code, refused.errors[0].pointer.as_str()), (Code::NotReady, "/inputs/previous_actions"));
    let said = ReviewInputs { previous_actions: Note::new("2件とも完了").unwrap(), ..inputs() };
    review.revise(draft(said)).unwrap();
    hold(&mut review, Role::TopManagement).unwrap();
}

#[test]
fn mrv_3_input_4_has_four_parts() {
    let mut without = inputs();
    without.performance.audit_results = Note::default();
    let refused = hold(&mut planned(without, true), Role::TopManagement).unwrap_err();
    let told: Vec<_> = refused.errors.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!((refused.code, told), (Code::NotReady, vec!["/inputs/performance/audit_results"]));
}

#[test]
fn r_20_top_management_is_there() {
    let refused = hold(&mut planned(inputs(), true), Role::SecurityCommitteeChair).unwrap_err();
    assert_eq!((refused.rule, refused.errors[0].pointer.as_str()), (Some("R-20"), "/attendee_ids"));
}

#[test]
fn mrv_4_outputs_that_were_not_decided_are_not_handed_in_and_none_is_an_answer() {
    let mut review = planned(inputs(), true);
    hold(&mut review, Role::TopManagement).unwrap();
    assert_eq!(review.approve(by(), false, TERMS).unwrap_err().code, Code::WrongState);
    let half = ReviewOutputs { improvement_instructions: Some(Vec::new()), isms_change_instructions: None };
    review.record_outputs(half, by()).unwrap();
    let refused = review.submit(by()).unwrap_err();
    assert_eq!(
        (refused.code, refused.errors[0].pointer.as_str()),
        (Code::NotReady, "/outputs/isms_change_instructions")
    );
    let none = ReviewOutputs { improvement_instructions: Some(Vec::new()), isms_change_instructions: Some(Vec::new()) };
    review.record_outputs(none, by()).unwrap();
    review.submit(by()).unwrap();
    review.send_back(by()).unwrap();
    assert_eq!((review.state, review.sign_off.returned.is_some()), (S::Held, true));
    review.submit(by()).unwrap();
    let other = Signature { person_id: Id::generate(DateTime::from_timestamp(1, 0).unwrap()), ..by() };
    review.approve(other, false, TERMS).unwrap();
    assert_eq!(review.communication_due_on, Some(day("2023-12-22")), "a week after it was held");
    let told = |on| InternalCommunication { communicated_on: day(on), means: "朝礼".to_owned().try_into().unwrap() };
    let mut late = review.clone();
    late.communicate(told("2023-12-23"), by(), day("2023-12-23")).unwrap();
    assert!(late.communicated.as_ref().is_some_and(|told| !told.in_time));
    review.communicate(told("2023-12-22"), by(), day("2023-12-23")).unwrap();
    assert!(review.communicated.as_ref().is_some_and(|told| told.in_time));
    review.close(by()).unwrap();
    assert_eq!(review.state, S::Closed);
}

#[test]
fn mrv_6_the_next_review_is_due_a_year_later_and_overdue_the_day_after() {
    let mut review = planned(inputs(), true);
    hold(&mut review, Role::TopManagement).unwrap();
    assert_eq!(review.next_due_on, Some(day("2024-12-15")));
    for (today, last, overdue) in [
        ("2024-12-15", Some(review.id), false),
        ("2024-12-16", Some(review.id), true),
        ("2024-12-16", Some(Id::generate(DateTime::from_timestamp(1, 0).unwrap())), false),
    ] {
        review.derive(day(today), last);
        assert_eq!(review.overdue, overdue, "{today}");
    }
    assert!(review.is_first, "it was, and stays so");
}

#[test]
fn mrv_8_input_1_of_a_first_review_is_the_service_s() {
    let said = ReviewInputs { previous_actions: Note::new("なし").unwrap(), ..inputs() };
    let refused = ManagementReview::plan(draft(said), 1, true, by(), DateTime::UNIX_EPOCH).unwrap_err();
    assert_eq!(refused.errors[0].code, Code::ReadOnlyField);
    let mut review = planned(inputs(), true);
    review.derive(day("2023-12-01"), None);
    assert!(review.first_review_note.is_some_and(|note| note.contains("初回")));
}
