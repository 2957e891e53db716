use super::{
    coverage::{ApplicableControl, Audited, CoverageCounts, CoverageState},
    row::{AuditFrequency, AuditProgrammeRowState},
    *,
};
use crate::{
    access::Role,
    evaluation::audit::{AuditState, tests::by},
    kernel::text::Word,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn row(planned_for: &str, clauses: &[&str], controls: &[&str]) -> AuditProgrammeRow {
    let words = |words: &[&str]| words.iter().map(|word| Word::new(*word).unwrap()).collect();
    AuditProgrammeRow {
        number: None,
        planned_for: planned_for.parse().unwrap(),
        department_ids: Vec::new(),
        functions: vec![Role::IsmsSecretariat],
        clauses: words(clauses),
        controls: words(controls),
        frequency: AuditFrequency::Yearly,
        remarks: Note::default(),
    }
}

fn draft(rows: Vec<AuditProgrammeRow>) -> AuditProgrammeDraft {
    let text = |text: &str| Text::new(text).unwrap();
    AuditProgrammeDraft {
        fiscal_year: 2024,
        revises_id: None,
        revision_reason: Note::default(),
        purpose: text("規格と決まりのとおりか"),
        method: text("聞き取り"),
        criteria: text("規格と規程"),
        importance_considered: text("顧客の情報"),
        earlier_results_considered: text("初めて行う"),
        rows,
        remarks: Note::default(),
    }
}

fn programme(rows: Vec<AuditProgrammeRow>) -> AuditProgramme {
    AuditProgramme::draft(draft(rows), None, 1, 4, by(), DateTime::UNIX_EPOCH).unwrap()
}

/// A row with all clauses.
fn everything(controls: &[&str]) -> AuditProgrammeRow {
    row("2024-09", &["4", "5", "6", "7", "8", "9", "10"], controls)
}

fn applicable(ids: &[&str]) -> Vec<ApplicableControl> {
    ids.iter().map(|id| ApplicableControl { id: (*id).to_owned(), title: "社内の決まり".to_owned() }).collect()
}

fn audited(on: &str, clause: Option<&str>, control: Option<&str>) -> Audited {
    Audited { on: day(on), clause: clause.map(str::to_owned), control: control.map(str::to_owned) }
}

#[test]
fn a_row_says_who_is_audited_against_what_and_when_in_the_year() {
    let told = |row: AuditProgrammeRow| {
        let refused = AuditProgramme::draft(draft(vec![row]), None, 1, 4, by(), DateTime::UNIX_EPOCH).unwrap_err();
        refused.errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect::<Vec<_>>()
    };
    let at = |field: &str, code| vec![(format!("/rows/0/{field}"), code)];
    assert_eq!(told(row("2024-03", &["4.1"], &[])), at("planned_for", Code::OutOfRange));
    assert_eq!(told(row("2025-04", &["4.1"], &[])), at("planned_for", Code::OutOfRange));
    assert_eq!(told(row("2024-04", &[], &[])), at("clauses", Code::RequiredHere));
    assert_eq!(told(row("2024-04", &["4.1", "4.9"], &[])), at("clauses/1", Code::NotInList));
    assert_eq!(told(row("2024-04", &["4.1"], &["5.1", "5.1"])), at("controls/1", Code::Duplicate));
    let nobody = AuditProgrammeRow { functions: Vec::new(), ..row("2024-04", &["4.1"], &[]) };
    assert_eq!(told(nobody), at("department_ids", Code::RequiredHere));
    let numbered = AuditProgrammeRow { number: Some(7), ..row("2024-04", &["4.1"], &[]) };
    assert_eq!(told(numbered), at("number", Code::UnknownReference));
}

#[test]
fn a_revision_takes_the_rows_over_and_numbers_are_never_used_twice() {
    let first = programme(vec![row("2024-04", &["4"], &[]), row("2024-05", &["5"], &[])]);
    let revision = |rows| AuditProgrammeDraft {
        revises_id: Some(first.id),
        revision_reason: Note::new("法律が改められた").unwrap(),
        ..draft(rows)
    };
    let write = |draft| AuditProgramme::draft(draft, Some(&first), 2, 4, by(), DateTime::UNIX_EPOCH);
    let copied = write(revision(Vec::new())).unwrap();
    assert_eq!(copied.draft.rows, first.draft.rows);
    let kept = first.draft.rows.get(1).cloned().unwrap();
    let mut second = write(revision(vec![kept.clone(), row("2024-06", &["6"], &[])])).unwrap();
    assert_eq!(numbered::numbers(&second.draft.rows), [2, 3], "what stays keeps its number");
    second.revise(revision(vec![kept, row("2024-07", &["7"], &[])]), by()).unwrap();
    assert_eq!(numbered::numbers(&second.draft.rows), [2, 4]);
    let wordless = AuditProgrammeDraft { revision_reason: Note::default(), ..revision(Vec::new()) };
    assert_eq!(write(wordless).unwrap_err().errors[0].pointer, "/revision_reason");
    let elsewhere = AuditProgrammeDraft { fiscal_year: 2025, ..revision(Vec::new()) };
    assert_eq!(second.revise(elsewhere, by()).unwrap_err().errors[0].pointer, "/fiscal_year");
}

#[test]
fn every_clause_stands_in_a_row_before_it_is_handed_in() {
    let coverage = |programme: &AuditProgramme| programme.coverage(&[], Vec::new(), None, day("2024-04-01"));
    let mut gaps =
        programme(vec![row("2024-09", &["4", "5", "6.1.1", "6.1.2", "6.2", "6.3", "7", "8", "9", "10.2"], &[])]);
    let refused = gaps.submit(&coverage(&gaps), by()).unwrap_err();
    let told: Vec<_> = refused.errors.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!((refused.code, told), (Code::NotReady, vec!["/clauses/6.1.3", "/clauses/10.1"]));
    let mut whole = programme(vec![everything(&[])]);
    whole.submit(&coverage(&whole), by()).unwrap();
    assert_eq!(whole.revise(draft(Vec::new()), by()).unwrap_err().rule, Some("SD-12"));
    let own = whole.version.sign_off.prepared.clone();
    assert_eq!(whole.approve(&coverage(&whole), own, false, DateTime::UNIX_EPOCH).unwrap_err().rule, Some("SD-1"));
    whole.approve(&coverage(&whole), by(), false, DateTime::UNIX_EPOCH).unwrap();
    assert_eq!(whole.version.state, VersionState::InForce);
}

#[test]
fn an_applicable_control_is_due_three_years_after_its_last_audit_or_in_the_third_year_of_programmes() {
    let programme = programme(vec![everything(&["5.1", "X-1"])]);
    let seen = [audited("2021-06-01", None, Some("5.1")), audited("2022-06-01", None, Some("5.2"))];
    let of = |first, today| programme.coverage(&seen, applicable(&["5.1", "5.2", "X-1"]), first, day(today));
    let told = |first, today| -> Vec<_> {
        of(first, today).controls.into_iter().map(|one| (one.due_fiscal_year, one.state)).collect()
    };
    use CoverageState::{Covered, Due, Overdue};
    assert_eq!(told(None, "2024-04-01"), [(2024, Due), (2025, Covered), (2026, Due)]);
    assert_eq!(told(Some(2020), "2024-04-01"), [(2024, Due), (2025, Covered), (2022, Overdue)]);
    assert_eq!(told(Some(2021), "2025-04-01"), [(2024, Overdue), (2025, Covered), (2023, Overdue)]);
    let counts = of(None, "2024-04-01").control_counts;
    assert_eq!(counts, CoverageCounts { total: 3, planned: 2, covered: 1, due: 2, overdue: 0 });
}

#[test]
fn a_due_control_stands_in_a_row_before_it_is_handed_in() {
    let seen = [audited("2021-06-01", None, Some("5.1")), audited("2024-05-01", None, Some("5.2"))];
    let hand_in = |mut programme: AuditProgramme| {
        let coverage = programme.coverage(&seen, applicable(&["5.1", "5.2", "5.3"]), Some(2021), day("2024-06-01"));
        programme.submit(&coverage, by())
    };
    let refused = hand_in(programme(vec![everything(&[])])).unwrap_err();
    let told: Vec<_> = refused.errors.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(told, ["/controls/5.1", "/controls/5.3"]);
    hand_in(programme(vec![everything(&["5.1", "5.3"])])).unwrap();
}

#[test]
fn a_clause_is_covered_by_what_was_audited_in_the_year_itself_or_as_a_part() {
    let programme = programme(vec![everything(&[]), row("2024-10", &["9.2.1"], &[])]);
    let seen = [
        audited("2024-03-31", Some("4.1"), None),
        audited("2024-06-01", Some("4.2"), None),
        audited("2024-07-01", Some("9.2"), None),
    ];
    let find = |today, id: &str| {
        let coverage = programme.coverage(&seen, Vec::new(), None, day(today));
        coverage.clauses.into_iter().find(|one| one.clause == id).unwrap()
    };
    assert_eq!(find("2024-08-01", "4.1").state, CoverageState::Due, "the year before does not count");
    assert_eq!(find("2025-04-01", "4.1").state, CoverageState::Overdue);
    assert_eq!(find("2025-04-01", "4.2").audited_on, Some(day("2024-06-01")));
    let part = find("2024-08-01", "9.2.1");
    assert_eq!((part.state, part.planned_in), (CoverageState::Covered, vec![1, 2]));
    assert_eq!(find("2024-08-01", "9.2.2").planned_in, [1]);
}

#[test]
fn a_row_is_done_when_each_of_its_audits_is_reported_and_overdue_when_its_month_has_passed() {
    let half_yearly = AuditProgrammeRow { frequency: AuditFrequency::HalfYearly, ..row("2024-06", &["4"], &[]) };
    let told = |row: &AuditProgrammeRow, states: &[AuditState], today| {
        let progress = row.progress(day("2025-03-31"), Vec::new(), states, Vec::new(), day(today));
        (progress.state, progress.due_on)
    };
    use AuditProgrammeRowState::{Done, Overdue, Planned, UnderWay};
    assert_eq!(told(&half_yearly, &[], "2024-06-30"), (Planned, Some(day("2024-06-30"))));
    assert_eq!(told(&half_yearly, &[AuditState::Scheduled], "2024-07-01"), (Overdue, Some(day("2024-06-30"))));
    assert_eq!(told(&half_yearly, &[AuditState::Reporting], "2024-07-01").0, UnderWay);
    assert_eq!(told(&half_yearly, &[AuditState::Reported], "2024-07-01"), (Planned, Some(day("2024-12-31"))));
    assert_eq!(told(&half_yearly, &[AuditState::Reported, AuditState::Closed], "2025-03-31"), (Done, None));
    let late = AuditProgrammeRow { frequency: AuditFrequency::HalfYearly, ..row("2024-12", &["4"], &[]) };
    assert_eq!(told(&late, &[AuditState::Closed], "2025-03-31"), (Done, None), "the next one is in the next year");
}
