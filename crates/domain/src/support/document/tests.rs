use super::{version::*, *};
use crate::kernel::text::Text;

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, day).unwrap()
}

fn somebody(name: &str) -> Signature {
    let at = DateTime::UNIX_EPOCH;
    Signature {
        person_id: Id::generate(at),
        name: name.into(),
        posts: Vec::new(),
        at,
        provisional: false,
        reason: None,
    }
}

fn draft(kind: DocumentKind) -> DocumentDraft {
    let title = Title::new("在宅勤務の手順").unwrap();
    let remarks = Note::default();
    DocumentDraft { kind, title, issuer: None, clause: None, department_id: None, retention_years: None, remarks }
}

fn document() -> Document {
    Document::register(draft(DocumentKind::Procedure), 1, DateTime::UNIX_EPOCH).unwrap()
}

fn version(document: &Document, by: Signature) -> DocumentVersion {
    let draft = DocumentVersionDraft {
        document_id: document.id,
        change_reason: Text::new("初版").unwrap(),
        medium: DocumentMedium::Paper,
        location: Some("書庫3".to_owned().try_into().unwrap()),
    };
    DocumentVersion::begin(draft, document, 1, by, DateTime::UNIX_EPOCH)
}

fn issue() -> DocumentPublicationDraft {
    DocumentPublicationDraft { issued_on: day(3), distribution: Note::default(), next_review_on: day(30) }
}

#[test]
fn numbers_tell_the_kind_and_external_documents_have_none() {
    assert_eq!(document().number.as_deref(), Some("C-01"));
    assert_eq!(DocumentKind::Basic.number(12).as_deref(), Some("A-12"));
    assert_eq!(DocumentKind::External.number(1), None);
    let refused = Document::register(draft(DocumentKind::External), 1, DateTime::UNIX_EPOCH).unwrap_err();
    assert_eq!((refused.errors[0].pointer.as_str(), refused.errors[0].code), ("/issuer", Code::RequiredHere));
    let refused = document().revise(draft(DocumentKind::Basic)).unwrap_err();
    assert_eq!(refused.errors[0].code, Code::ReadOnlyField);
}

#[test]
fn sd_12_a_version_does_not_change_once_it_was_handed_in() {
    let (author, mut document) = (somebody("林"), document());
    let mut one = version(&document, author.clone());
    document.draft.title = Title::new("在宅勤務の規則").unwrap();
    one.document = VersionedDocument::from(&document);
    one.submit(author.clone()).unwrap();
    assert_eq!(one.title, "在宅勤務の規則");
    let draft = one.draft.clone();
    assert_eq!(one.revise(draft, author.clone()).unwrap_err().rule, Some("SD-12"));
    one.send_back(somebody("森")).unwrap();
    one.revise(one.draft.clone(), author.clone()).unwrap();
    one.submit(author.clone()).unwrap();
    assert_eq!(one.approve(author.clone(), false).unwrap_err().rule, Some("SD-1"), "DOC-3");
    one.approve(somebody("森"), false).unwrap();
    let refused = one.publish(DocumentPublicationDraft { issued_on: day(4), ..issue() }, author.clone(), day(3));
    assert_eq!(refused.unwrap_err().errors[0].code, Code::FutureDate);
    one.publish(issue(), author, day(3)).unwrap();
    assert_eq!(one.state, DocumentVersionState::Published);
}

#[test]
fn what_says_nothing_is_not_handed_in() {
    let author = somebody("林");
    let mut one = version(&document(), author.clone());
    one.draft.location = None;
    assert_eq!(one.submit(author).unwrap_err().code, Code::NotReady);
}

#[test]
fn a_withdrawal_takes_two_and_may_be_returned() {
    let (controller, mut document) = (somebody("林"), document());
    document.withdraw("統合した", controller.clone()).unwrap();
    assert_eq!(document.revise(document.draft.clone()).unwrap_err().code, Code::WrongState);
    document.return_withdrawal(somebody("森")).unwrap();
    assert_eq!(document.state, DocumentState::InPreparation);
    document.withdraw("統合した", controller.clone()).unwrap();
    assert_eq!(document.approve_withdrawal(controller, false).unwrap_err().rule, Some("SD-1"));
    document.approve_withdrawal(somebody("森"), false).unwrap();
    assert_eq!(document.state, DocumentState::Withdrawn);
}

#[test]
fn a_review_moves_the_next_one_on() {
    let mut document = document();
    let review = |reviewed_on, next_review_on| DocumentReviewDraft {
        reviewed_on,
        needs_new_version: false,
        findings: Note::default(),
        next_review_on,
    };
    assert!(document.review(review(day(1), day(2)), somebody("林"), day(5)).is_err(), "nothing is published");
    document.publish(day(4));
    document.derive(day(4));
    assert!(document.review_due);
    assert_eq!(document.review(review(day(6), day(6)), somebody("林"), day(5)).unwrap_err().errors.len(), 2);
    document.review(review(day(5), day(20)), somebody("林"), day(5)).unwrap();
    document.derive(day(5));
    assert!(!document.review_due);
}
