use chrono::DateTime;

use super::{super::audience::tests::day, *};
use crate::{
    kernel::{
        id::Id,
        refusal::Code,
        text::{Note, Title, Word},
    },
    organization::{department::Department, person::Person},
    planning::metric::{MeasuredValue, MetricComparison, ObjectiveMetric},
};

fn row(state: EnrolmentState) -> LearnerRow {
    LearnerRow {
        number: 1,
        person: Reference::new(Id::<Person>::generate(DateTime::UNIX_EPOCH), "高橋"),
        department: None,
        state,
        due_on: day("2024-10-31"),
        joined_within: false,
        started_on: (state != EnrolmentState::Invited).then(|| day("2024-10-02")),
        completed_on: (state == EnrolmentState::Completed).then(|| day("2024-10-05")),
        basis: (state == EnrolmentState::Completed).then_some(CompletionBasis::Passed),
        exclusion: None,
    }
}

fn rows(passed: usize, failed: usize) -> Vec<LearnerRow> {
    let mut rows = vec![row(EnrolmentState::Completed); passed];
    rows.extend(vec![row(EnrolmentState::Studying); failed]);
    rows
}

fn taught(rows: Vec<LearnerRow>) -> Taught {
    Taught {
        campaign: Reference::new(Id::<Person>::generate(DateTime::UNIX_EPOCH), "ISMS教育"),
        state: CampaignState::Open,
        period_start: day("2024-10-01"),
        period_end: day("2024-10-31"),
        tested: true,
        rows,
    }
}

fn all() -> ObjectiveMetric {
    ObjectiveMetric {
        name: Title::new("ISMS教育受講/合格").unwrap(),
        unit: Word::new("%").unwrap(),
        comparison: MetricComparison::AtLeast,
        target_value: 100.into(),
        population: Note::default(),
        known_measure: None,
    }
}

fn meets(rate: &EducationRate, metric: &ObjectiveMetric) -> bool {
    metric.is_met(&MeasuredValue::share(rate.share()).unwrap())
}

/// The measured rate as it is printed, and whether it satisfies 100 %.
fn judged(rows: Vec<LearnerRow>) -> (String, bool) {
    let figures = taught(rows).figures(day("2024-10-31"));
    let rate = figures.measured().unwrap();
    (rate.percent.clone(), meets(rate, &all()))
}

#[test]
fn eff_1_everybody_passed() {
    assert_eq!(judged(rows(20, 0)), ("100.0".to_owned(), true));
}

#[test]
fn eff_2_one_of_twenty_did_not() {
    let mut one_missing = rows(19, 0);
    one_missing.push(row(EnrolmentState::Invited));
    assert_eq!(judged(one_missing), ("95.0".to_owned(), false));
}

#[test]
fn eff_3_who_took_it_and_did_not_pass_does_not_count_as_passed() {
    assert_eq!(judged(rows(18, 2)), ("90.0".to_owned(), false));
    let figures = taught(rows(18, 2)).figures(day("2024-10-31"));
    assert_eq!(figures.participation_rate.unwrap().percent, "100.0", "all took it");
    assert_eq!(figures.pass_rate.unwrap().percent, "90.0");
}

#[test]
fn eff_4_who_left_before_it_counts_in_neither_number() {
    let mut with_leaver = rows(20, 0);
    let left = LearnerRow { exclusion: Some(ExclusionGround::Left), ..row(EnrolmentState::Excluded) };
    with_leaver.push(left);
    assert_eq!(judged(with_leaver.clone()), ("100.0".to_owned(), true));
    let figures = taught(with_leaver).figures(day("2024-10-31"));
    assert_eq!((figures.enrolled, figures.population), (21, 20));
    assert_eq!(figures.excluded[0], ExclusionCount { ground: ExclusionGround::Left, count: 1 });
}

#[test]
fn eff_5_an_empty_population_has_no_rate() {
    let nobody = taught(vec![]).figures(day("2024-10-31"));
    assert_eq!((&nobody.completion_rate, &nobody.pass_rate), (&None, &None));
    let refused = nobody.measured().unwrap_err();
    assert_eq!((refused.code, refused.rule), (Code::NotReady, Some("R-17")));
    assert_eq!(refused.errors[0].pointer, "/population");
}

#[test]
fn rates_are_compared_unrounded_and_printed_rounded_down() {
    let rate = EducationRate::of(1999, 2000).unwrap();
    assert_eq!(rate.percent, "99.9");
    let target = |text: &str| ObjectiveMetric { target_value: text.parse().unwrap(), ..all() };
    assert!(meets(&rate, &target("99.95")) && !meets(&rate, &target("99.951")) && !meets(&rate, &all()));
    let third = EducationRate::of(2, 3).unwrap();
    assert_eq!(third.percent, "66.6");
    assert!(!meets(&third, &ObjectiveMetric { comparison: MetricComparison::Equal, ..target("66.667") }));
    assert!(meets(&third, &ObjectiveMetric { comparison: MetricComparison::AtMost, ..target("66.667") }));
}

#[test]
fn r_28_who_joined_within_counts_from_the_own_due_date_on() {
    let joiner = LearnerRow { joined_within: true, due_on: day("2024-11-14"), ..row(EnrolmentState::Invited) };
    let with = [rows(4, 0), vec![joiner]].concat();
    let before = taught(with.clone()).figures(day("2024-11-13"));
    assert_eq!(
        (before.population, before.not_yet_due, before.completion_rate.unwrap().percent.as_str()),
        (4, 1, "100.0")
    );
    let then = taught(with).figures(day("2024-11-14"));
    assert_eq!((then.population, then.not_yet_due, then.completion_rate.unwrap().percent.as_str()), (5, 0, "80.0"));
}

#[test]
fn it_is_told_by_department_and_over_time() {
    let department = |name: &str| Some(Reference::new(Id::<Department>::generate(DateTime::UNIX_EPOCH), name));
    let (sales, hr) = (department("営業部"), department("人事部"));
    let of = |department: &Option<Reference>, state, on: &str| LearnerRow {
        department: department.clone(),
        completed_on: (state == EnrolmentState::Completed).then(|| day(on)),
        ..row(state)
    };
    let done = EnrolmentState::Completed;
    let taught = taught(vec![
        of(&sales, done, "2024-10-07"),
        of(&sales, EnrolmentState::Invited, ""),
        of(&hr, done, "2024-10-03"),
        of(&None, done, "2024-10-07"),
    ]);
    let told = EducationEffectiveness::of(&[taught], true, day("2024-10-10"));
    let names: Vec<_> = told.departments.iter().map(|one| one.department.as_ref().map(|d| d.name.as_str())).collect();
    assert_eq!(names, [Some("人事部"), Some("営業部"), None]);
    assert_eq!(told.departments[1].figures.completion_rate.as_ref().unwrap().percent, "50.0");
    let progress: Vec<_> = told.progress.iter().map(|point| (point.on, point.completed)).collect();
    assert_eq!(progress, [(day("2024-10-03"), 1), (day("2024-10-07"), 3)]);
    assert_eq!((told.figures.population, told.campaigns[0].figures.completed), (4, 3));
}
