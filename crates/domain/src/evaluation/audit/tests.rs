//! The life of an internal audit, and what it refuses.

use super::*;
use crate::{evaluation::audit::row::Auditor, organization::department::Department};

pub(in super::super) fn by() -> Signature {
    let at = DateTime::UNIX_EPOCH;
    Signature {
        person_id: Id::generate(at), name: "大野".into(), posts: vec![], at, provisional: false, reason: None
    }
}

fn draft() -> AuditDraft {
    let text = |text: &str| Text::new(text).unwrap();
    let title = |text: &str| Title::new(text).unwrap();
    let external = row::ExternalAuditor { name: title("本田 操"), company: title("監査法人") };
    let department: Id<Department> = Id::generate(DateTime::UNIX_EPOCH);
    AuditDraft {
        name: title("内部監査"),
        purpose: text("運用の確認"),
        themes: vec![text("管理策の運用")],
        methods: vec![AuditMethod::Interview],
        method: text("聞き取り"),
        criteria: text("規格と社内の規程"),
        rows: vec![AuditRow {
            number: None,
            department_id: Some(department),
            function: None,
            auditors: vec![Auditor { person_id: None, external: Some(external) }],
            respondent_id: Id::generate(DateTime::UNIX_EPOCH),
            scheduled_at: DateTime::UNIX_EPOCH,
        }],
        report_due: "2024-03".parse().unwrap(),
        report_method: text("報告会"),
        programme: None,
    }
}

fn audit() -> Audit {
    Audit::plan(draft(), 1, &Independence::default(), by(), DateTime::UNIX_EPOCH).unwrap()
}

/// An audit that was started.
pub(in super::super) fn started() -> Audit {
    let mut audit = audit();
    audit.submit(by()).unwrap();
    audit.approve(by(), false).unwrap();
    audit.checklist.items = 1;
    audit.start(&Independence::default(), by()).unwrap();
    audit
}

fn report() -> AuditReportDraft {
    AuditReportDraft {
        performed_in: "2024-03".parse().unwrap(),
        overall_opinion: Text::new("有効に働いている").unwrap(),
        follow_up_note: crate::kernel::text::Note::default(),
    }
}

#[test]
fn aud_11_it_does_not_start_without_a_checklist() {
    let mut audit = audit();
    audit.submit(by()).unwrap();
    audit.approve(by(), false).unwrap();
    let refused = audit.start(&Independence::default(), by()).unwrap_err();
    assert_eq!((refused.code, refused.errors[0].pointer.as_str()), (Code::NotReady, "/checklist_items"));
}

#[test]
fn rows_keep_their_numbers_and_what_was_handed_in_does_not_change() {
    let mut audit = audit();
    let mut more = audit.draft.clone();
    more.rows.insert(0, draft().rows.remove(0));
    audit.revise(more, &Independence::default(), by()).unwrap();
    let numbers: Vec<_> = audit.draft.rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [Some(2), Some(1)]);
    audit.submit(by()).unwrap();
    let refused = audit.revise(audit.draft.clone(), &Independence::default(), by()).unwrap_err();
    assert_eq!(refused.rule, Some("SD-12"));
}

#[test]
fn it_is_reported_and_closed_when_every_nonconformity_has_its_corrective_action() {
    let mut audit = started();
    assert_eq!(audit.finish_fieldwork(&[3], by()).unwrap_err().errors[0].pointer, "/checklist_items/3");
    audit.finish_fieldwork(&[], by()).unwrap();
    assert_eq!(audit.submit_report(&[], by()).unwrap_err().errors[0].pointer, "/report");
    let writer = by();
    audit.write_report(report(), writer.clone()).unwrap();
    audit.submit_report(&[], writer.clone()).unwrap();
    assert_eq!(audit.approve_report(writer, false).unwrap_err().rule, Some("SD-1"));
    audit.return_report(by()).unwrap();
    audit.write_report(report(), by()).unwrap();
    audit.submit_report(&[], by()).unwrap();
    audit.approve_report(by(), false).unwrap();
    assert_eq!(audit.write_report(report(), by()).unwrap_err().rule, Some("SD-12"));
    let aud_7 = audit.close(&[1], by()).unwrap_err();
    assert_eq!((aud_7.code, aud_7.errors[0].pointer.as_str()), (Code::NotReady, "/findings/1"));
    audit.close(&[], by()).unwrap();
    assert_eq!(audit.state, AuditState::Closed);
}
