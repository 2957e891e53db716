use super::{
    super::{
        audience::tests::{day, worker},
        campaign::tests::plan,
    },
    *,
};

pub(crate) fn terms(state: CampaignState, tested: bool) -> CampaignTerms {
    let terms = CampaignTerms::of(Id::generate(DateTime::UNIX_EPOCH), state, &plan());
    CampaignTerms { tested, ..terms }
}

fn by() -> Signature {
    let at = DateTime::UNIX_EPOCH;
    Signature {
        person_id: Id::generate(at), name: "木村".into(), posts: vec![], at, provisional: false, reason: None
    }
}

fn enrolled(joined: &str, tested: bool) -> Enrolment {
    let terms = terms(CampaignState::Open, tested);
    Enrolment::enrol(&worker(joined, None), &terms, 30, DateTime::UNIX_EPOCH, day("2024-10-01"))
}

#[test]
fn r_28_who_joins_within_the_period_has_a_due_date_of_their_own() {
    let old = enrolled("2024-10-01", false);
    assert_eq!((old.due_on, old.joined_within), (day("2024-10-31"), false), "there on the first day");
    let new = enrolled("2024-10-15", false);
    assert_eq!((new.due_on, new.joined_within, new.at_work), (day("2024-11-14"), true, false));
    let (mut old, mut new) = (old, new);
    for one in [&mut old, &mut new] {
        one.extend(day("2024-11-10"));
    }
    assert_eq!((old.due_on, new.due_on), (day("2024-11-10"), day("2024-11-14")));
}

#[test]
fn what_is_not_completed_is_owed() {
    let closed = |joined, tested, started: bool| {
        let mut one = enrolled(joined, tested);
        if started {
            one.start(day("2024-10-20")).unwrap();
        }
        one.close(day("2024-11-01"));
        (one.state, one.owes(30, day("2024-11-01")))
    };
    let (today, later) = (day("2024-11-01"), day("2024-12-01"));
    assert_eq!(closed("2020-04-01", false, true), (S::Incomplete, Some((DutyCause::MissedCampaign, today, later))));
    assert_eq!(closed("2020-04-01", true, false), (S::Incomplete, Some((DutyCause::MissedCampaign, today, later))));
    assert_eq!(closed("2020-04-01", true, true), (S::Incomplete, Some((DutyCause::FailedTest, today, later))));
    let joiner = closed("2024-10-20", false, false);
    assert_eq!(joiner, (S::Excluded, Some((DutyCause::MissedCampaign, today, day("2024-11-19")))));
    let mut done = enrolled("2020-04-01", false);
    done.confirm(day("2024-10-05")).unwrap();
    done.close(today);
    assert_eq!((done.state, done.owes(30, today)), (S::Completed, None));
}

#[test]
fn only_a_leave_for_the_whole_period_excludes() {
    let leave = |returns| LeaveDraft { returns_on: day(returns), reason: Text::new("育児休業").unwrap() };
    let mut one = enrolled("2020-04-01", false);
    assert_eq!(one.exclude(&leave("2024-10-31"), by()).unwrap_err().rule, Some("R-28"));
    one.exclude(&leave("2025-04-01"), by()).unwrap();
    assert!(one.confirm(day("2024-10-05")).is_err());
    let owed = Some((DutyCause::ReturnedFromLeave, day("2025-04-01"), day("2025-05-01")));
    assert_eq!(one.owes(30, day("2024-11-01")), owed);
    one.reinstate().unwrap();
    assert_eq!((one.state, one.exclusion), (S::Invited, None));
}

#[test]
fn a_test_is_passed_and_not_confirmed() {
    let mut one = enrolled("2020-04-01", true);
    assert_eq!(one.confirm(day("2024-10-05")).unwrap_err().code, Code::WrongState);
    let attendance = AttendanceDraft { completed_on: day("2024-10-05") };
    assert!(one.record_attendance(&attendance, by(), day("2024-10-05")).is_err());
    one.pass(CompletionBasis::Passed, day("2024-10-05")).unwrap();
    assert_eq!(one.pass(CompletionBasis::Passed, day("2024-10-06")).unwrap_err().code, Code::WrongState);
    let mut late = enrolled("2020-04-01", true);
    late.terms.state = CampaignState::Closed;
    assert!(late.pass(CompletionBasis::Passed, day("2024-11-05")).is_err());
}

#[test]
fn attendance_is_recorded_within_the_period() {
    let record = |on| {
        let draft = AttendanceDraft { completed_on: day(on) };
        enrolled("2020-04-01", false).record_attendance(&draft, by(), day("2024-10-05"))
    };
    assert_eq!(record("2024-09-30").unwrap_err().errors[0].code, Code::DateOrder);
    assert_eq!(record("2024-10-06").unwrap_err().errors[0].code, Code::FutureDate);
    assert!(record("2024-10-01").is_ok());
}

#[test]
fn who_leaves_before_it_is_closed_counts_no_more() {
    let mut one = enrolled("2020-04-01", false);
    one.confirm(day("2024-10-05")).unwrap();
    one.derive(day("2020-04-01"), Some(day("2024-10-20")), day("2024-10-20"));
    assert_eq!(one.state, S::Completed, "the last day is a day of work");
    let mut later = one.clone();
    later.derive(day("2020-04-01"), Some(day("2024-10-20")), day("2024-10-21"));
    assert_eq!((later.state, later.exclusion.unwrap().ground), (S::Excluded, ExclusionGround::Left));
    one.terms.state = CampaignState::Recorded;
    one.derive(day("2020-04-01"), Some(day("2024-12-31")), day("2025-01-01"));
    assert_eq!(one.state, S::Completed, "what was recorded stays");
}
