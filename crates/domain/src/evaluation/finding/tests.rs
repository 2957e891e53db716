use super::{
    super::audit::tests::{by, started},
    *,
};

fn draft(rank: FindingRank) -> FindingDraft {
    FindingDraft {
        rank,
        clause: Some(Word::new("5.2").unwrap()),
        control: None,
        document_id: None,
        section: Note::default(),
        content: Text::new("取引先が方針を見られない").unwrap(),
        evidence: Note::default(),
        department_id: Some(Id::generate(DateTime::UNIX_EPOCH)),
        function: None,
        checklist_item_id: None,
        respond_by: Some("2024-04-30".parse().unwrap()),
        on_behalf_of: Some(Title::new("本田 操").unwrap()),
    }
}

fn enter(draft: FindingDraft) -> Result<Finding, Refusal> {
    Finding::enter(draft, &started(), 1, by(), DateTime::UNIX_EPOCH)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn aud_9_a_finding_says_what_is_not_met_and_where() {
    let without = FindingDraft { clause: None, ..draft(FindingRank::MinorNonconformity) };
    let refused = enter(without).unwrap_err();
    assert_eq!((refused.errors[0].pointer.as_str(), refused.errors[0].code), ("/clause", Code::ExactlyOne));
    let nowhere = FindingDraft { department_id: None, ..draft(FindingRank::MinorNonconformity) };
    assert_eq!(enter(nowhere).unwrap_err().errors[0].pointer, "/department_id");
    assert_eq!(enter(draft(FindingRank::Opportunity)).unwrap_err().errors[0].pointer, "/rank");
}

#[test]
fn car_1_a_corrective_action_begins_with_what_the_finding_says() {
    let (mut finding, today) = (enter(draft(FindingRank::Observation)).unwrap(), day("2024-04-01"));
    let order = CorrectiveActionOrder::default();
    let audit = started();
    let request = finding.corrective_action_draft(order.clone(), today, &audit, day("2024-03-01")).unwrap();
    assert_eq!(request.finding_rank, Some(FindingRank::Observation));
    assert_eq!((request.auditor_id, request.auditor_name.as_ref()), (None, finding.draft.on_behalf_of.as_ref()));
    assert_eq!((request.audited_on, request.response_due_on), (Some(day("2024-03-01")), finding.draft.respond_by));
    assert_eq!(request.source_record.unwrap().id, finding.id.uuid());
    finding.derive(true, Some(CorrectiveActionState::Issued), today);
    assert_eq!(finding.state, FindingState::CorrectiveActionLinked);
    assert_eq!(finding.corrective_action_draft(order, today, &audit, today).unwrap_err().code, Code::WrongState);
    finding.derive(true, Some(CorrectiveActionState::Closed), today);
    assert_eq!(finding.state, FindingState::Resolved);
}

#[test]
fn what_was_reported_does_not_change_and_an_observation_is_resolved_by_an_answer() {
    let answer =
        || FindingResponseDraft { answer: Text::new("掲示した").unwrap(), responded_on: day("2024-05-01") };
    let today = day("2024-05-01");
    for (rank, state) in
        [(FindingRank::Observation, FindingState::Resolved), (FindingRank::MinorNonconformity, FindingState::Open)]
    {
        let mut finding = enter(draft(rank)).unwrap();
        finding.derive(true, None, today);
        assert!(finding.overdue && finding.reported);
        assert_eq!(finding.withdraw(by()).unwrap_err().rule, Some("SD-12"));
        assert_eq!(finding.respond(answer(), by(), day("2024-04-30")).unwrap_err().errors[0].code, Code::FutureDate);
        finding.respond(answer(), by(), today).unwrap();
        finding.derive(true, None, today);
        assert_eq!((finding.state, finding.overdue), (state, false));
    }
}
