use super::*;
use crate::{
    evaluation::{
        audit::tests::by,
        finding::{CorrectiveActionOrder, FindingDraft},
    },
    improvement::corrective_action::source::{CorrectiveActionSource, FindingRank},
    kernel::text::Word,
    organization::department::Department,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn draft(kind: ExternalAuditKind) -> ExternalAuditDraft {
    ExternalAuditDraft {
        kind,
        body: Title::new("審査機構").unwrap(),
        auditors: vec![Title::new("本田 操").unwrap(), Title::new("三好 学").unwrap()],
        scope: Text::new("全社").unwrap(),
        criteria: Text::new("ISO/IEC 27001:2022").unwrap(),
        starts_on: day("2024-03-04"),
        ends_on: day("2024-03-05"),
        responsible_person_id: Id::generate(DateTime::UNIX_EPOCH),
        remarks: Note::default(),
    }
}

fn result() -> ExternalAuditResultDraft {
    ExternalAuditResultDraft {
        performed_from: day("2024-03-04"),
        performed_until: day("2024-03-05"),
        opinion: Text::new("有効に働いている").unwrap(),
        recommendation: Some(AuditRecommendation::GrantedAfterCorrection),
        certificate: None,
        report_received_on: None,
    }
}

fn planned() -> ExternalAudit {
    ExternalAudit::plan(draft(ExternalAuditKind::CertificationStage2), 1, DateTime::UNIX_EPOCH).unwrap()
}

fn performed() -> ExternalAudit {
    let mut audit = planned();
    audit.record_result(result(), by(), day("2024-03-05")).unwrap();
    audit
}

fn finding(rank: FindingRank) -> FindingDraft {
    FindingDraft {
        rank,
        clause: Some(Word::new("9.3").unwrap()),
        control: None,
        document_id: None,
        section: Note::default(),
        content: Text::new("記録が足りない").unwrap(),
        evidence: Note::default(),
        department_id: None,
        function: None,
        checklist_item_id: None,
        respond_by: Some(day("2024-04-05")),
        on_behalf_of: None,
    }
}

fn enter(draft: FindingDraft) -> Result<Finding, Refusal> {
    Finding::enter(draft, &performed(), 1, by(), DateTime::UNIX_EPOCH)
}

fn faults(refused: Result<impl std::fmt::Debug, Refusal>) -> Vec<(String, Code)> {
    refused.unwrap_err().errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn a_result_names_days_that_were_and_what_the_auditors_recommend() {
    let mut audit = planned();
    let today = day("2024-03-05");
    let wrong = ExternalAuditResultDraft {
        performed_from: day("2024-03-07"),
        performed_until: day("2024-03-06"),
        recommendation: None,
        report_received_on: Some(day("2024-03-06")),
        ..result()
    };
    assert_eq!(
        faults(audit.record_result(wrong, by(), today)),
        [
            ("/performed_until".to_owned(), Code::DateOrder),
            ("/report_received_on".to_owned(), Code::DateOrder),
            ("/performed_until".to_owned(), Code::FutureDate),
            ("/report_received_on".to_owned(), Code::FutureDate),
            ("/recommendation".to_owned(), Code::RequiredHere),
        ]
    );
    let nobody = ExternalAuditDraft { auditors: Vec::new(), ..draft(ExternalAuditKind::Customer) };
    let mut audit = ExternalAudit::plan(nobody, 2, DateTime::UNIX_EPOCH).unwrap();
    let said = ExternalAuditResultDraft { recommendation: None, ..result() };
    let refused = audit.record_result(said, by(), today).unwrap_err();
    assert_eq!((refused.code, refused.errors[0].pointer.as_str()), (Code::NotReady, "/auditors"));
}

#[test]
fn a_certificate_comes_of_what_certifies_and_was_not_refused() {
    let certificate = || Certificate {
        number: Title::new("JP-1").unwrap(),
        valid_from: day("2024-04-01"),
        valid_until: day("2027-03-31"),
    };
    let said = |recommendation| ExternalAuditResultDraft {
        recommendation: Some(recommendation),
        certificate: Some(certificate()),
        ..result()
    };
    let today = day("2024-03-05");
    let stage_1 = draft(ExternalAuditKind::CertificationStage1);
    let mut audit = ExternalAudit::plan(stage_1.clone(), 1, DateTime::UNIX_EPOCH).unwrap();
    let refused = audit.record_result(said(AuditRecommendation::Granted), by(), today);
    assert_eq!(faults(refused), [("/certificate".to_owned(), Code::Contradiction)]);
    let mut audit = planned();
    assert!(audit.record_result(said(AuditRecommendation::NotGranted), by(), today).is_err());
    audit.record_result(said(AuditRecommendation::Granted), by(), today).unwrap();
    assert_eq!(faults(audit.revise(stage_1)), [("/kind".to_owned(), Code::Contradiction)]);
    let mut ends = said(AuditRecommendation::Granted);
    ends.certificate = Some(Certificate { valid_until: day("2024-03-31"), ..certificate() });
    assert_eq!(
        faults(audit.record_result(ends, by(), today)),
        [("/certificate/valid_until".to_owned(), Code::DateOrder)]
    );
}

#[test]
fn findings_have_a_deadline_and_nothing_of_our_own_audits() {
    enter(finding(FindingRank::Opportunity)).unwrap();
    let open_end = FindingDraft { respond_by: None, ..finding(FindingRank::MinorNonconformity) };
    assert_eq!(faults(enter(open_end)), [("/respond_by".to_owned(), Code::RequiredHere)]);
    let wrong = FindingDraft {
        respond_by: Some(day("2024-03-04")),
        checklist_item_id: Some(Id::generate(DateTime::UNIX_EPOCH)),
        on_behalf_of: Some(Title::new("本田 操").unwrap()),
        ..finding(FindingRank::Observation)
    };
    assert_eq!(
        faults(enter(wrong)),
        [
            ("/respond_by".to_owned(), Code::DateOrder),
            ("/checklist_item_id".to_owned(), Code::Contradiction),
            ("/on_behalf_of".to_owned(), Code::Contradiction),
        ]
    );
    let early = Finding::enter(finding(FindingRank::Observation), &planned(), 1, by(), DateTime::UNIX_EPOCH);
    assert_eq!(early.unwrap_err().code, Code::WrongState);
}

#[test]
fn a_corrective_action_begins_with_what_the_body_found() {
    let audit = performed();
    let found = enter(finding(FindingRank::MinorNonconformity)).unwrap();
    let target: Id<Department> = Id::generate(DateTime::UNIX_EPOCH);
    let order = CorrectiveActionOrder { target_department_id: Some(target), ..CorrectiveActionOrder::default() };
    let audited_on = audit.audited_on().unwrap();
    let request = found.corrective_action_draft(order, day("2024-03-08"), &audit, audited_on).unwrap();
    assert_eq!(request.source, CorrectiveActionSource::ExternalAudit);
    assert_eq!((request.external_body.as_ref(), request.audited_on), (Some(&audit.draft.body), Some(audited_on)));
    assert_eq!((request.auditor_id, request.auditor_name.as_ref()), (None, audit.draft.auditors.first()));
    assert_eq!(request.response_due_on, found.draft.respond_by);
}

#[test]
fn it_is_closed_when_everything_is_answered_and_then_stays_as_it_is() {
    let mut audit = performed();
    let minor = enter(finding(FindingRank::MinorNonconformity)).unwrap();
    let other = Finding { number: 2, ..enter(finding(FindingRank::Opportunity)).unwrap() };
    let refused = audit.close(&[minor, other], by()).unwrap_err();
    assert_eq!(refused.code, Code::NotReady);
    let lacking: Vec<_> = refused.errors.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(lacking, ["/findings/1/corrective_action", "/findings/2/response"]);
    audit.close(&[], by()).unwrap();
    assert_eq!(audit.revise(audit.draft.clone()).unwrap_err().rule, Some("SD-12"));
    assert_eq!(audit.record_result(result(), by(), day("2024-03-05")).unwrap_err().rule, Some("SD-12"));
    assert_eq!(audit.close(&[], by()).unwrap_err().code, Code::WrongState);
    assert_eq!(performed().cancel(by()).unwrap_err().code, Code::WrongState);
}

#[test]
fn one_whose_day_has_passed_without_a_result_is_overdue() {
    let mut audit = planned();
    for (today, overdue) in [("2024-03-05", false), ("2024-03-06", true)] {
        audit.derive(day(today));
        assert_eq!(audit.overdue, overdue);
    }
    let mut audit = performed();
    audit.derive(day("2024-05-01"));
    assert!(!audit.overdue);
}
