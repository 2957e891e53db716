use super::*;
use crate::{
    kernel::text::Text,
    operation::annual_plan::tests::{approved, plan, somebody},
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn draft(recurrence: Recurrence, weeks: &[&str]) -> AnnualPlanRowDraft {
    AnnualPlanRowDraft {
        clause: Word::new("6.1").unwrap(),
        group: None,
        activity: Title::new("資産を洗い出す").unwrap(),
        document_name: Title::new("資産目録").unwrap(),
        assignee_id: Id::generate(DateTime::UNIX_EPOCH),
        recurrence,
        scheduled_weeks: weeks.iter().map(|week| day(week)).collect(),
        fulfilled_by: None,
        remarks: Note::default(),
    }
}

fn row(plan: &AnnualPlan, recurrence: Recurrence, weeks: &[&str]) -> Result<AnnualPlanRow, Refusal> {
    AnnualPlanRow::plan(draft(recurrence, weeks), plan, 1, DateTime::UNIX_EPOCH)
}

fn faults(recurrence: Recurrence, weeks: &[&str]) -> Vec<(String, Code)> {
    let refused = row(&plan(), recurrence, weeks).unwrap_err();
    assert_eq!(refused.rule, Some("R-22"));
    refused.errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn done(occurrence: Option<i32>, on: &str) -> OccurrenceCompletion {
    OccurrenceCompletion { occurrence, done_on: day(on), evidence: Note::new("議事録").unwrap(), link: None }
}

fn because(occurrence: Option<i32>) -> OccurrenceBecause {
    OccurrenceBecause { occurrence, reason: Text::new("延期").unwrap() }
}

#[test]
fn apl_1_and_2_weeks_are_mondays_of_the_fiscal_year() {
    assert!(row(&plan(), Recurrence::Once, &["2023-05-08"]).is_ok(), "APL-1");
    assert_eq!(
        faults(Recurrence::Once, &["2023-05-08", "2023-05-09"]),
        [("/scheduled_weeks/1".into(), Code::InvalidFormat)],
        "APL-2"
    );
    for outside in ["2023-03-27", "2024-04-01"] {
        assert_eq!(faults(Recurrence::Once, &[outside]), [("/scheduled_weeks/0".into(), Code::OutOfRange)]);
    }
    let twice = ["2023-05-08", "2023-05-08"];
    assert_eq!(faults(Recurrence::Yearly, &twice), [("/scheduled_weeks/1".into(), Code::Duplicate)]);
    assert_eq!(faults(Recurrence::Once, &[]), [("/scheduled_weeks".into(), Code::TooShort)]);
    assert_eq!(faults(Recurrence::AsNeeded, &["2023-05-08"]), [("/scheduled_weeks".into(), Code::Contradiction)]);
}

#[test]
fn r_22_the_clause_is_one_of_the_standard() {
    let draft = AnnualPlanRowDraft { clause: Word::new("11.1").unwrap(), ..draft(Recurrence::Once, &["2023-05-08"]) };
    let refused = AnnualPlanRow::plan(draft, &plan(), 1, DateTime::UNIX_EPOCH).unwrap_err();
    assert_eq!((refused.errors[0].pointer.as_str(), refused.errors[0].code), ("/clause", Code::NotInList));
}

#[test]
fn apl_5_overdue_from_the_day_after_the_last_week() {
    let weeks = ["2023-06-12", "2023-06-26", "2023-06-19"];
    let plan = approved("2023-06-01");
    let mut row = row(&plan, Recurrence::Once, &weeks).unwrap();
    assert_eq!(row.due_on, Some(day("2023-07-02")));
    row.derive(plan.state, day("2023-07-02"));
    assert_eq!(row.state, AnnualPlanRowState::Scheduled, "the last Sunday is in time");
    row.derive(plan.state, day("2023-07-03"));
    assert_eq!(row.state, AnnualPlanRowState::Overdue, "APL-5");
    row.derive(AnnualPlanState::Submitted, day("2023-07-03"));
    assert_eq!(row.state, AnnualPlanRowState::Scheduled, "what is not approved is not overdue");
}

#[test]
fn what_recurs_has_an_occurrence_for_each_time() {
    let monthly = row(&plan(), Recurrence::Monthly, &[]).unwrap();
    assert_eq!(monthly.occurrences.len(), 12);
    assert_eq!(monthly.occurrences[0].weeks, [day("2023-04-03")]);
    assert_eq!(monthly.occurrences[11].weeks, [day("2024-03-04")]);
    let quarterly = row(&plan(), Recurrence::Quarterly, &["2023-06-05", "2023-05-29", "2023-07-03"]).unwrap();
    let weeks: Vec<usize> = quarterly.occurrences.iter().map(|one| one.weeks.len()).collect();
    assert_eq!(weeks, [2, 1], "two weeks of the first quarter are one occurrence");
    assert_eq!(row(&plan(), Recurrence::AsNeeded, &[]).unwrap().occurrences, []);
}

#[test]
fn the_earliest_open_occurrence_is_done_first_and_the_rest_stays() {
    let plan = approved("2023-05-10");
    let today = day("2023-05-10");
    let mut row = row(&plan, Recurrence::Monthly, &["2023-04-03", "2023-05-01", "2023-06-05"]).unwrap();
    row.derive(plan.state, today);
    assert_eq!(row.state, AnnualPlanRowState::Overdue);
    let by_assignee = CompletionSource::Assignee;
    let refused = row.complete(done(None, "2023-05-11"), by_assignee, &plan, somebody(), today).unwrap_err();
    assert_eq!(refused.errors[0].code, Code::FutureDate);
    let nothing = OccurrenceCompletion { evidence: Note::default(), ..done(None, "2023-05-10") };
    let refused = row.complete(nothing, by_assignee, &plan, somebody(), today).unwrap_err();
    assert_eq!(refused.errors[0].pointer, "/evidence");
    row.complete(done(None, "2023-05-10"), by_assignee, &plan, somebody(), today).unwrap();
    assert!(row.occurrences[0].done.is_some() && row.occurrences[1].is_open());
    row.complete(done(Some(3), "2023-05-10"), by_assignee, &plan, somebody(), today).unwrap();
    let again = row.complete(done(Some(3), "2023-05-10"), by_assignee, &plan, somebody(), today).unwrap_err();
    assert_eq!(again.code, Code::WrongState);
    row.skip(&because(None), &plan, somebody(), today).unwrap();
    assert_eq!((row.state, row.due_on, row.counts()), (AnnualPlanRowState::Done, None, (0, 2)));
    row.reopen(&because(None), &plan, somebody(), today).unwrap();
    assert_eq!((row.state, row.changes[0].occurrence), (AnnualPlanRowState::Scheduled, 3));
    assert!(row.changes[0].undone.is_some(), "what was recorded stays to be read");
}

#[test]
fn what_is_done_as_needed_gets_an_occurrence_when_it_is_done() {
    let plan = approved("2023-05-10");
    let today = day("2023-05-10");
    let mut row = row(&plan, Recurrence::AsNeeded, &[]).unwrap();
    for _ in 0..2 {
        row.complete(done(None, "2023-05-10"), CompletionSource::Assignee, &plan, somebody(), today).unwrap();
    }
    assert_eq!((row.state, row.counts()), (AnnualPlanRowState::Scheduled, (0, 2)));
    assert_eq!(row.occurrences[1].weeks, [day("2023-05-08")]);
    row.reopen(&because(Some(1)), &plan, somebody(), today).unwrap();
    assert_eq!(row.occurrences.len(), 1, "it was never planned");
}

#[test]
fn a_week_is_moved_with_its_history() {
    let plan = approved("2023-05-10");
    let today = day("2023-06-15");
    let mut row = row(&plan, Recurrence::Quarterly, &["2023-06-05", "2023-09-04"]).unwrap();
    let to = |week: &str| OccurrenceReschedule {
        occurrence: Some(1),
        scheduled_weeks: vec![day(week)],
        reason: Text::new("担当者の不在").unwrap(),
    };
    assert_eq!(row.reschedule(to("2023-06-20"), &plan, somebody(), today).unwrap_err().rule, Some("R-22"));
    row.reschedule(to("2023-10-02"), &plan, somebody(), today).unwrap();
    assert_eq!(row.draft.scheduled_weeks, [day("2023-09-04"), day("2023-10-02")]);
    assert_eq!(row.occurrences.iter().map(|one| one.number).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((&row.changes[0].before, &row.changes[0].after), (&vec![day("2023-06-05")], &vec![day("2023-10-02")]));
}

#[test]
fn sd_12_an_approved_row_does_not_change_and_a_new_one_is_marked() {
    let approved = approved("2023-05-10");
    let mut added = row(&approved, Recurrence::Once, &["2023-06-05"]).unwrap();
    assert!(added.added_later);
    let other = draft(Recurrence::Once, &["2023-06-12"]);
    assert_eq!(added.revise(other.clone(), &approved).unwrap_err().rule, Some("SD-12"));
    assert_eq!(added.withdraw(&approved, somebody()).unwrap_err().rule, Some("SD-12"));
    let mut drafted = row(&plan(), Recurrence::Once, &["2023-06-05"]).unwrap();
    assert!(!drafted.added_later);
    drafted.revise(other, &plan()).unwrap();
    let refused = drafted.skip(&because(None), &plan(), somebody(), day("2023-06-05")).unwrap_err();
    assert_eq!(refused.code, Code::WrongState, "nothing is done before the plan is approved");
}

#[test]
fn the_record_that_does_it_marks_the_earliest_occurrence() {
    let plan = approved("2023-05-10");
    let mut row = row(&plan, Recurrence::Once, &["2023-06-05"]).unwrap();
    let link = RecordLink { resource: Resource::RiskCriteria, id: uuid::Uuid::nil() };
    assert!(row.fulfil(link, day("2023-06-01"), None));
    assert!(!row.fulfil(link, day("2023-06-02"), None), "once");
    row.derive(plan.state, day("2023-06-02"));
    assert_eq!(row.state, AnnualPlanRowState::Done);
    assert_eq!(row.occurrences[0].done.as_ref().unwrap().source, CompletionSource::Record);
}
