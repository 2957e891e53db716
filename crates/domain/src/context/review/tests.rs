use super::*;
use crate::{
    context::{
        action::{Addressed, ContextAction, ContextActionDraft},
        interested_party::{InterestedParty, InterestedPartyDraft, PartyRequirement},
        issue::{ContextIssue, ContextIssueDraft, IssueType},
    },
    kernel::{sign_off::SignOffState, text::Title},
};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn today() -> NaiveDate {
    "2024-04-01".parse().unwrap()
}

fn text(words: &str) -> Text {
    Text::new(words).unwrap()
}

fn by() -> Signature {
    let person_id = Id::generate(NOW);
    Signature { person_id, name: "上田".into(), posts: vec![], at: NOW, provisional: false, reason: None }
}

fn issue(words: &str, no_action_because: Option<&str>) -> ContextIssue {
    let draft = ContextIssueDraft {
        issue_type: IssueType::External,
        issue: text(words),
        risk: text("漏えい"),
        opportunity: text("信頼"),
        no_action_because: no_action_because.map(text),
        reviewed_on: None,
        change_since_last_review: Note::default(),
    };
    ContextIssue::enter(draft, 1, NOW, today()).unwrap()
}

fn party() -> InterestedParty {
    let requirement = |words: &str| PartyRequirement {
        number: None,
        requirement: text(words),
        risk: text("案件減少"),
        opportunity: text("受注増"),
        addressed_by_isms: true,
        no_action_because: None,
    };
    let draft = InterestedPartyDraft {
        name: Title::new("取引先").unwrap(),
        requirements: vec![requirement("適切な取扱い"), requirement("法令遵守")],
        remarks: Note::default(),
        reviewed_on: None,
    };
    InterestedParty::enter(draft, NOW, today()).unwrap()
}

fn action(issue: Option<&ContextIssue>, requirement: Option<(&InterestedParty, i32)>) -> ContextAction {
    let draft = ContextActionDraft {
        issue_id: issue.map(|issue| issue.id),
        party_id: requirement.map(|(party, _)| party.id),
        requirement_number: requirement.map(|(_, number)| number),
        addresses: Addressed::Risk,
        action: text("教育を行う"),
        responsible_person_id: Id::generate(NOW),
        due_on: today(),
        link: None,
        remarks: Note::default(),
    };
    ContextAction::plan(draft, 1, NOW).unwrap()
}

fn review(relevant: Option<bool>, reason: &str) -> ContextReview {
    let draft = ContextReviewDraft {
        reviewed_on: today(),
        changes: text("取引先が増えた"),
        climate_change_relevant: relevant,
        climate_change_reason: Note::new(reason).unwrap(),
        remarks: Note::default(),
    };
    ContextReview::begin(draft, 1, by(), NOW, today()).unwrap()
}

#[test]
fn a_review_answers_on_climate_change_and_leaves_no_row_without_action_or_reason() {
    let (issue, party) = (issue("法改正", None), party());
    let (issues, parties) = ([issue.clone()], [party.clone()]);
    let mut given_up = action(Some(&issue), None);
    given_up.cancel(text("他で行う")).unwrap();
    let some = [given_up.clone(), action(None, Some((&party, 2)))];
    let rows = ContextRow::of_registers(&issues, &parties, &some, &[]);
    let answered: Vec<bool> = rows.iter().map(|row| row.answered).collect();
    assert_eq!(answered, [false, false, true], "an action that was given up answers nothing");

    let mut first = review(None, " ");
    let refused = first.submit(by(), rows).unwrap_err();
    let pointers: Vec<&str> = refused.errors.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(refused.code, Code::NotReady);
    assert_eq!(pointers, ["/climate_change_relevant", "/climate_change_reason", "/rows/0", "/rows/1"]);
    assert!(first.kept.is_empty() && first.version.sign_off.state == SignOffState::Draft);

    let all = [action(Some(&issue), None), action(None, Some((&party, 1))), action(None, Some((&party, 2)))];
    let mut first = review(Some(false), "拠点は高台にある");
    first.submit(by(), ContextRow::of_registers(&issues, &parties, &all, &[])).unwrap();
    assert_eq!(first.kept.len(), 3);
    first.send_back(by()).unwrap();
    assert!(first.kept.is_empty(), "what was returned takes the rows anew");
}

#[test]
fn a_reason_for_no_action_is_an_answer() {
    let rows = ContextRow::of_registers(&[issue("少子化", Some("影響が小さい"))], &[], &[], &[]);
    assert!(rows[0].answered);
}

#[test]
fn rows_say_what_moved_since_the_review_before() {
    let (mut law, people, party) = (issue("法改正", None), issue("人手不足", None), party());
    let before = ContextRow::of_registers(&[law.clone(), people], std::slice::from_ref(&party), &[], &[]);
    assert!(before.iter().all(|row| row.movement == RowMovement::New));
    law.draft.risk = text("罰則");
    let after = ContextRow::of_registers(&[law, issue("円安", None)], std::slice::from_ref(&party), &[], &before);
    let moved: Vec<(String, RowMovement)> = after.iter().map(|row| (row.text.to_string(), row.movement)).collect();
    let expected = [
        ("法改正", RowMovement::Changed),
        ("円安", RowMovement::New),
        ("適切な取扱い", RowMovement::Unchanged),
        ("法令遵守", RowMovement::Unchanged),
        ("人手不足", RowMovement::Dropped),
    ];
    assert_eq!(moved, expected.map(|(words, movement)| (words.to_owned(), movement)));
    let third = ContextRow::of_registers(&[], &[party], &[], &after);
    assert!(third.iter().all(|row| row.text.as_str() != "人手不足"), "what was dropped once is not dropped again");
}

#[test]
fn r_21_its_result_is_communicated_once_within_the_days_after_the_review() {
    let mut review = review(Some(false), "拠点は高台にある");
    review.submit(by(), Vec::new()).unwrap();
    let told = || InternalCommunication { communicated_on: today(), means: Title::new("朝礼").unwrap() };
    assert_eq!(
        review.communicate(told(), by(), today()).unwrap_err().code,
        Code::WrongState,
        "not before the approval"
    );
    review.approve(by(), false, ReviewTerms { months: 12, communication_days: 7 }, NOW).unwrap();
    assert_eq!(review.communication_due_on, Some("2024-04-08".parse().unwrap()));
    review.communicate(told(), by(), today()).unwrap();
    assert_eq!(review.communicated.as_ref().map(|told| told.in_time), Some(true));
    assert_eq!(review.communicate(told(), by(), today()).unwrap_err().rule, Some("R-21"));
}
