use super::{
    figures::{CorrectiveActionFigures, Counted},
    section::{
        ActionVerification, CauseEvaluation, CauseRemoval, Correction, EffectivenessEvaluation, FollowUp,
        Implementation,
    },
    step::CorrectiveActionState as S,
    *,
};
use crate::kernel::text::Note;

fn by() -> Signature {
    let (person_id, at) = (Id::generate(DateTime::UNIX_EPOCH), DateTime::UNIX_EPOCH);
    Signature { person_id, name: "上田".into(), posts: vec![], at, provisional: false, reason: None }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

const TODAY: &str = "2024-04-30";

/// The example of the form: an observation of an internal audit on competence.
fn draft() -> CorrectiveActionDraft {
    CorrectiveActionDraft {
        target_department_id: Id::generate(DateTime::UNIX_EPOCH),
        issued_on: day("2024-04-01"),
        source: CorrectiveActionSource::InternalAudit,
        external_body: None,
        source_other_text: None,
        audited_on: Some(day("2024-03-20")),
        auditor_id: Some(Id::generate(DateTime::UNIX_EPOCH)),
        auditor_name: None,
        finding_rank: Some(FindingRank::Observation),
        clause: Some(Word::new("7.2").unwrap()),
        control: None,
        document_section: None,
        source_record: None,
        description: text("委員の一部が仮任命のまま"),
        responsible_person_id: None,
        response_due_on: None,
    }
}

fn from(source: CorrectiveActionSource) -> CorrectiveActionDraft {
    CorrectiveActionDraft { source, audited_on: None, auditor_id: None, finding_rank: None, ..draft() }
}

fn begin(draft: CorrectiveActionDraft) -> Result<CorrectiveAction, Refusal> {
    CorrectiveAction::begin(draft, (2024, 1), by(), day(TODAY), DateTime::UNIX_EPOCH)
}

fn faults(refused: Refusal) -> Vec<(String, Code)> {
    refused.errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn one(pointer: &str, code: Code) -> Vec<(String, Code)> {
    vec![(pointer.to_owned(), code)]
}

fn evaluation(removal_plan_required: bool) -> CauseEvaluation {
    CauseEvaluation {
        similar_exists: false,
        could_occur_elsewhere: false,
        cause: text("本任命の手順が無かった"),
        removal_plan_required,
    }
}

fn removal() -> CauseRemoval {
    CauseRemoval { plan: text("力量確認を任命の前に行う"), planned_on: day("2024-04-15") }
}

fn done(completed_on: &str) -> Implementation {
    Implementation { report: text("力量確認表を更新した"), completed_on: day(completed_on) }
}

fn confirmed(confirmed_on: &str) -> ActionVerification {
    ActionVerification {
        result: text("力量確認表を見た"), confirmed_on: day(confirmed_on), reason: Note::default()
    }
}

fn judged(is_effective: bool, follow_up_audit_required: bool) -> EffectivenessEvaluation {
    EffectivenessEvaluation {
        result: text("仮任命は残っていない"),
        is_effective,
        evaluated_on: day("2024-04-25"),
        follow_up_audit_required,
        isms_change_required: false,
        planned_change_id: None,
        reason: Note::default(),
    }
}

/// Up to the evaluation of the cause.
fn issued() -> CorrectiveAction {
    let mut action = begin(draft()).unwrap();
    action.submit(by()).unwrap();
    action.approve(by(), false).unwrap();
    let correction = Correction { description: text("力量を確認する"), planned_on: day("2024-04-10") };
    action.plan_correction(correction, by()).unwrap();
    action
}

/// From the evaluation of the cause up to the approved report.
fn carry_out(action: &mut CorrectiveAction, completed_on: &str) {
    action.evaluate(evaluation(false), by()).unwrap();
    action.submit_plan(by()).unwrap();
    action.approve_plan(by(), false).unwrap();
    action.report(done(completed_on), by(), day(TODAY)).unwrap();
    action.approve_report(by(), false).unwrap();
}

/// Up to the approved judgement.
fn judge(is_effective: bool, follow_up: bool) -> CorrectiveAction {
    let mut action = issued();
    carry_out(&mut action, "2024-04-20");
    action.verify(confirmed("2024-04-20"), by(), day(TODAY)).unwrap();
    action.evaluate_effectiveness(judged(is_effective, follow_up), by(), day(TODAY)).unwrap();
    action.approve_effectiveness(by(), false, day(TODAY)).unwrap();
    action
}

#[test]
fn car_1_the_example_of_the_form_is_handed_in() {
    let mut action = begin(draft()).unwrap();
    action.submit(by()).unwrap();
    assert_eq!((action.state, action.reference_no.as_str()), (S::RequestSubmitted, "24-01"));
}

#[test]
fn car_2_an_audit_names_day_auditor_rank_and_requirement_when_it_is_handed_in() {
    let blank = CorrectiveActionDraft { clause: None, ..from(CorrectiveActionSource::InternalAudit) };
    let refused = begin(blank).unwrap().submit(by()).unwrap_err();
    assert_eq!((refused.code, refused.rule), (Code::NotReady, Some("R-19")));
    let pointers: Vec<String> = faults(refused).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/audited_on", "/auditor_id", "/finding_rank", "/clause"]);
}

#[test]
fn car_3_to_5_exactly_one_source_with_what_belongs_to_it() {
    let refused = |draft| faults(begin(draft).unwrap_err());
    let external = from(CorrectiveActionSource::ExternalAudit);
    assert_eq!(refused(external), one("/external_body", Code::RequiredHere), "CAR-3");
    let other = from(CorrectiveActionSource::Other);
    assert_eq!(refused(other), one("/source_other_text", Code::RequiredHere), "CAR-4");
    let two = CorrectiveActionDraft { external_body: Title::new("審査機関").ok(), ..draft() };
    assert_eq!(refused(two), one("/external_body", Code::Contradiction), "CAR-5");
    let two = CorrectiveActionDraft {
        finding_rank: Some(FindingRank::Observation),
        ..from(CorrectiveActionSource::DailyWork)
    };
    assert_eq!(refused(two), one("/finding_rank", Code::Contradiction));
    let both = CorrectiveActionDraft { auditor_name: Title::new("外部の監査人").ok(), ..draft() };
    assert_eq!(refused(both), one("/auditor_name", Code::Contradiction));
    let missed = begin(from(CorrectiveActionSource::MissedDeadline)).unwrap();
    assert_eq!(missed.form_box, CorrectiveActionSource::Other);
}

#[test]
fn dates_of_the_request_are_in_order() {
    let refused = |draft| faults(begin(draft).unwrap_err());
    let tomorrow = CorrectiveActionDraft { issued_on: day("2024-05-01"), ..draft() };
    assert_eq!(refused(tomorrow), one("/issued_on", Code::FutureDate));
    let later = CorrectiveActionDraft { audited_on: Some(day("2024-04-02")), ..draft() };
    assert_eq!(refused(later), one("/audited_on", Code::DateOrder));
    let due = CorrectiveActionDraft { response_due_on: Some(day("2024-03-31")), ..draft() };
    assert_eq!(refused(due), one("/response_due_on", Code::DateOrder));
    let unknown = CorrectiveActionDraft { clause: Word::new("7.9").ok(), ..draft() };
    assert_eq!(refused(unknown), one("/clause", Code::NotInList));
}

#[test]
fn car_6_and_7_a_removal_of_the_cause_if_and_only_if_one_is_needed() {
    let mut action = issued();
    action.evaluate(evaluation(true), by()).unwrap();
    let refused = action.submit_plan(by()).unwrap_err();
    assert_eq!((refused.code, refused.errors[0].pointer.as_str()), (Code::NotReady, "/cause_removal"), "CAR-6");
    action.plan_removal(removal(), by()).unwrap();
    assert_eq!((action.state, action.due()), (S::ActionPlanned, Some(day("2024-04-15"))));

    action.evaluate(evaluation(false), by()).unwrap();
    assert_eq!((action.state, &action.round.cause_removal), (S::Evaluated, &None), "what is not needed goes");
    let refused = action.plan_removal(removal(), by()).unwrap_err();
    assert_eq!((refused.code, refused.rule), (Code::RuleViolated, Some("R-19")));
    action.submit_plan(by()).unwrap();
    action.approve_plan(by(), false).unwrap();
    assert_eq!(action.state, S::PlanApproved, "CAR-7");
}

#[test]
fn car_8_dates_are_in_order_and_nothing_done_lies_in_the_future() {
    let mut action = issued();
    let early = Correction { description: text("力量を確認する"), planned_on: day("2024-03-31") };
    assert_eq!(faults(action.plan_correction(early, by()).unwrap_err()), one("/planned_on", Code::DateOrder));
    action.evaluate(evaluation(false), by()).unwrap();
    action.submit_plan(by()).unwrap();
    action.approve_plan(by(), false).unwrap();
    let mut refused = |on| faults(action.report(done(on), by(), day(TODAY)).unwrap_err());
    assert_eq!(refused("2024-03-31"), one("/completed_on", Code::DateOrder));
    assert_eq!(refused("2024-05-01"), one("/completed_on", Code::FutureDate));
    action.report(done("2024-04-20"), by(), day(TODAY)).unwrap();
    action.approve_report(by(), false).unwrap();
    let mut refused = |on| faults(action.verify(confirmed(on), by(), day(TODAY)).unwrap_err());
    assert_eq!(refused("2024-04-19"), one("/confirmed_on", Code::DateOrder));
    assert_eq!(refused("2024-05-01"), one("/confirmed_on", Code::FutureDate));
    action.verify(confirmed("2024-04-26"), by(), day(TODAY)).unwrap();
    let refused = action.evaluate_effectiveness(judged(true, false), by(), day(TODAY)).unwrap_err();
    assert_eq!(faults(refused), one("/evaluated_on", Code::DateOrder));
    let change =
        EffectivenessEvaluation { isms_change_required: true, evaluated_on: day("2024-04-26"), ..judged(true, false) };
    let refused = action.evaluate_effectiveness(change, by(), day(TODAY)).unwrap_err();
    assert_eq!(faults(refused), one("/planned_change_id", Code::RequiredHere));
}

#[test]
fn car_10_to_12_closed_waiting_for_the_audit_or_reopened() {
    let closed = judge(true, false);
    assert_eq!((closed.state, closed.closed_on), (S::Closed, Some(day(TODAY))), "CAR-10");

    let follow_up = |is_effective| FollowUp {
        audit_id: uuid::Uuid::nil(),
        result: text("フォロー監査で確かめた"),
        is_effective,
        confirmed_on: day("2024-04-28"),
    };
    let mut pending = judge(true, true);
    assert_eq!(pending.state, S::FollowUpPending, "CAR-11");
    let early = FollowUp { confirmed_on: day("2024-04-24"), ..follow_up(true) };
    assert_eq!(faults(pending.follow_up(early, by(), day(TODAY)).unwrap_err()), one("/confirmed_on", Code::DateOrder));
    let mut denied = pending.clone();
    pending.follow_up(follow_up(true), by(), day(TODAY)).unwrap();
    assert_eq!(pending.state, S::Closed);
    denied.follow_up(follow_up(false), by(), day(TODAY)).unwrap();
    assert_eq!((denied.state, denied.earlier_rounds.len()), (S::Reopened, 1));

    let mut reopened = judge(false, false);
    assert_eq!((reopened.state, reopened.round.round), (S::Reopened, 2), "CAR-12");
    assert!(reopened.round.correction.is_some() && reopened.round.evaluation.is_none());
    assert!(reopened.earlier_rounds[0].effectiveness.is_some(), "the round before is kept");
    reopened.evaluate(evaluation(false), by()).unwrap();
    reopened.submit_plan(by()).unwrap();
    reopened.approve_plan(by(), false).unwrap();
    let before = reopened.report(done("2024-04-20"), by(), day(TODAY)).unwrap_err();
    assert_eq!(faults(before), one("/completed_on", Code::DateOrder), "not before the judgement");
    reopened.report(done("2024-04-26"), by(), day(TODAY)).unwrap();
}

#[test]
fn car_13_nobody_approves_what_they_prepared() {
    let mut action = begin(draft()).unwrap();
    let preparer = action.request_sign_off.prepared.clone();
    action.submit(by()).unwrap();
    let refused = action.approve(preparer.clone(), false).unwrap_err();
    assert_eq!((refused.code, refused.rule), (Code::DutySeparated, Some("SD-1")));
    assert_eq!(action.current_sign_off().prepared.person_id, preparer.person_id);
}

#[test]
fn car_14_a_number_has_two_digits_and_three_from_100_on() {
    let numbers = [(2023, 1), (2023, 99), (2023, 100), (2105, 7)].map(|(year, serial)| reference_no(year, serial));
    assert_eq!(numbers, ["23-01", "23-99", "23-100", "05-07"]);
}

#[test]
fn sd_12_what_was_handed_in_or_is_over_does_not_change() {
    let mut action = begin(draft()).unwrap();
    action.submit(by()).unwrap();
    assert_eq!(action.revise(draft(), 2024, by(), day(TODAY)).unwrap_err().rule, Some("SD-12"));
    action.send_back(by()).unwrap();
    let refused = action.revise(draft(), 2023, by(), day(TODAY)).unwrap_err();
    assert_eq!(faults(refused), one("/issued_on", Code::Contradiction), "the year of its number stays");
    action.revise(draft(), 2024, by(), day(TODAY)).unwrap();
    action.submit(by()).unwrap();
    action.reject(by()).unwrap();
    assert_eq!((action.state, action.cancel(by()).unwrap_err().code), (S::Rejected, Code::WrongState));

    let mut returned = issued();
    carry_out(&mut returned, "2024-04-20");
    returned.verify(confirmed("2024-04-20"), by(), day(TODAY)).unwrap();
    returned.evaluate_effectiveness(judged(true, false), by(), day(TODAY)).unwrap();
    assert_eq!(returned.verify(confirmed("2024-04-21"), by(), day(TODAY)).unwrap_err().code, Code::WrongState);
    returned.return_effectiveness(by()).unwrap();
    returned.verify(confirmed("2024-04-21"), by(), day(TODAY)).unwrap();
}

#[test]
fn what_is_planned_is_overdue_after_its_day() {
    let mut action = issued();
    action.derive(day("2024-04-10"));
    assert!(!action.overdue);
    action.derive(day("2024-04-11"));
    assert_eq!((action.overdue, action.age_days), (true, 10));
    carry_out(&mut action, "2024-04-11");
    action.derive(day("2024-04-12"));
    assert!(!action.overdue, "it was done");
}

#[test]
fn figures_count_sources_states_ages_and_repeats() {
    let counted = |serial: i32, clause: &str, issued_on: &str, state: S| Counted {
        reference_no: reference_no(2024, serial),
        id: uuid::Uuid::from_u128(u128::try_from(serial).unwrap()),
        source: CorrectiveActionSource::DailyWork,
        state,
        department: Reference { id: uuid::Uuid::nil(), name: "営業部".into() },
        clause: Some(clause.into()),
        control: None,
        issued_on: day(issued_on),
        due_on: None,
        closed_on: (state == S::Closed).then(|| day(TODAY)),
        reopened: false,
    };
    let all = [
        counted(1, "7.2", "2023-04-01", S::Closed),
        counted(2, "7.2", "2024-04-01", S::Issued),
        counted(3, "7.2", "2024-04-02", S::Issued),
        counted(4, "7.5", "2024-04-02", S::Rejected),
    ];
    let figures = CorrectiveActionFigures::of(&all, day(TODAY));
    assert_eq!((figures.total, figures.open, figures.closed, figures.mean_days_to_close), (3, 2, 1, Some(395)));
    assert_eq!(figures.by_state.len(), 3);
    assert_eq!(figures.ages[0].open, 2);
    let repeats: Vec<_> = figures.repeats.iter().map(|one| (one.action.name.as_str(), one.earlier.len())).collect();
    assert_eq!(repeats, [("24-02", 1), ("24-03", 1)], "12 months to the day, and no longer");
}
