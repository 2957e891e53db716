use super::*;

fn somebody() -> Signature {
    let at = DateTime::UNIX_EPOCH;
    let person_id = Id::generate(at);
    Signature { person_id, name: "木村".into(), posts: vec![], at, provisional: false, reason: None }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn owed(cause: DutyCause, starts_on: &str, due_on: &str) -> Owed {
    Owed {
        theme: EducationTheme::LegalUnderstanding,
        cause,
        record_id: Uuid::nil(),
        person_id: None,
        starts_on: day(starts_on),
        due_on: day(due_on),
        subject: Note::new("個人情報の法律").unwrap(),
    }
}

fn opened(today: &str) -> EducationDuty {
    EducationDuty::open(owed(DutyCause::LawPromulgated, "2024-05-10", "2024-06-09"), DateTime::UNIX_EPOCH, day(today))
}

#[test]
fn edu_4_a_duty_waits_for_its_day_and_is_overdue_after_its_last() {
    for (today, state, overdue) in [
        ("2024-05-09", EducationDutyState::Upcoming, false),
        ("2024-05-10", EducationDutyState::Open, false),
        ("2024-06-09", EducationDutyState::Open, false),
        ("2024-06-10", EducationDutyState::Open, true),
    ] {
        let duty = opened(today);
        assert_eq!((duty.state, duty.overdue), (state, overdue), "{today}");
    }
}

#[test]
fn a_duty_is_done_once_and_not_before_it_is_owed() {
    let today = day("2024-05-20");
    let record = |on: &str| {
        let mut duty = opened("2024-05-20");
        let draft = DutyFulfilmentDraft { fulfilled_on: day(on), evidence: Text::new("出席簿").unwrap() };
        duty.fulfil(draft, somebody(), today).map(|()| duty)
    };
    assert_eq!(record("2024-05-09").unwrap_err().errors[0].code, Code::DateOrder);
    assert_eq!(record("2024-05-21").unwrap_err().errors[0].code, Code::FutureDate);
    let mut done = record("2024-05-20").unwrap();
    assert_eq!(done.state, EducationDutyState::Fulfilled);
    assert_eq!(done.fulfil_by(Uuid::nil(), today, somebody(), today).unwrap_err().code, Code::WrongState);
    assert!(!done.lapse(today), "what was done stays done");
}

#[test]
fn nobody_waives_what_they_owe_themselves() {
    let (today, by) = (day("2024-05-20"), somebody());
    let mut duty = opened("2024-05-20");
    duty.draft.person_id = Some(by.person_id);
    assert_eq!(duty.clone().waive(by, today).unwrap_err().rule, Some("SD-8"));
    duty.waive(somebody(), today).unwrap();
    assert_eq!(duty.state, EducationDutyState::Waived);
}

#[test]
fn a_duty_follows_its_record_until_it_is_settled() {
    let today = day("2024-05-20");
    let mut duty = opened("2024-05-20");
    assert!(!duty.follow(&owed(DutyCause::LawPromulgated, "2024-05-10", "2024-12-31")), "its term stays");
    let moved = owed(DutyCause::LawPromulgated, "2024-06-01", "2024-07-01");
    assert!(duty.answers(&moved) && duty.follow(&moved) && !duty.follow(&moved));
    assert!(duty.lapse(today) && !duty.lapse(today));
    assert!(duty.follow(&moved), "the cause is back");
    duty.waive(somebody(), today).unwrap();
    assert!(!duty.follow(&owed(DutyCause::LawPromulgated, "2025-06-01", "2025-07-01")));
    assert!(duty.answers(&moved) && !duty.answers(&owed(DutyCause::LawPromulgated, "2025-06-01", "2025-07-01")));
    duty.draft.cause = DutyCause::Joining;
    assert!(duty.answers(&owed(DutyCause::Joining, "2025-06-01", "2025-07-01")), "nobody joins twice");
}

#[test]
fn by_hand_it_is_of_a_person_and_for_what_no_record_tells() {
    let draft = |cause| EducationDutyDraft {
        theme: EducationTheme::Compliance,
        cause,
        person_id: None,
        due_on: day("2024-05-19"),
        subject: Note::default(),
    };
    let enter = |draft| EducationDuty::enter(draft, DateTime::UNIX_EPOCH, day("2024-05-20"));
    let refused = enter(draft(DutyCause::Joining)).unwrap_err();
    let faults: Vec<_> = refused.errors.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(faults, ["/cause", "/person_id", "/due_on"]);
    let person_id = Some(somebody().person_id);
    let entered =
        enter(EducationDutyDraft { person_id, due_on: day("2024-06-30"), ..draft(DutyCause::BrokeRules) }).unwrap();
    assert_eq!((entered.state, entered.record_id), (EducationDutyState::Open, None));
}
