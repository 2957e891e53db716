//! Objectives, their due day and their evaluation.

use super::*;
use crate::planning::metric::{KnownMeasure, MeasuredValue, MetricComparison, Share};

fn by() -> Signature {
    let (person_id, at) = (Id::generate(DateTime::UNIX_EPOCH), DateTime::UNIX_EPOCH);
    Signature { person_id, name: "上田".into(), posts: vec![], at, provisional: false, reason: None }
}

fn draft(due: &str) -> ObjectiveDraft {
    ObjectiveDraft {
        objective: Title::new("活動の意味を理解する").unwrap(),
        policy_objective_number: None,
        additional: true,
        metric: ObjectiveMetric {
            name: Title::new("合格率").unwrap(),
            unit: "%".to_owned().try_into().unwrap(),
            comparison: MetricComparison::AtLeast,
            target_value: 100.into(),
            population: Note::default(),
            known_measure: None,
        },
        measuring_interval_months: 12,
        action: Text::new("教育").unwrap(),
        required_resources: Text::new("時間").unwrap(),
        responsible_person_id: Id::generate(DateTime::UNIX_EPOCH),
        due: due.parse().unwrap(),
        evaluation_method: Text::new("数える").unwrap(),
        department_id: None,
        replaces_objective_id: None,
        remarks: Note::default(),
    }
}

fn objective(due: &str) -> Objective {
    Objective::draft(draft(due), 1, by(), DateTime::UNIX_EPOCH).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_37_it_serves_the_policy_or_is_additional() {
    let serving = |policy_objective_number, additional| ObjectiveDraft {
        policy_objective_number,
        additional,
        ..draft("2024-03")
    };
    assert!(serving(Some(1), false).check().is_ok());
    for wrong in [serving(None, false), serving(Some(1), true)] {
        assert_eq!(wrong.check().unwrap_err().errors[0].code, Code::ExactlyOne);
    }
}

#[test]
fn a_37_what_the_policy_says_no_more_is_noted() {
    let says = |number, text| vec![PolicyObjective { number: Some(number), text: Text::new(text).unwrap() }];
    let shown = |objective: &Objective| objective.policy_objective.clone().map(|served| (served.text, served.in_force));
    let mut objective = objective("2024-03");
    objective.draft.policy_objective_number = Some(2);
    let refused = objective.name_served(&says(1, "事故を防ぐ")).unwrap_err();
    assert_eq!(refused.errors[0].code, Code::UnknownReference);
    objective.name_served(&says(2, "事故を防ぐ")).unwrap();
    objective.compare_served(&says(2, "事故を起こさない"));
    assert_eq!(shown(&objective), Some(("事故を起こさない".to_owned(), true)), "as the policy says it now");
    objective.compare_served(&says(3, "約束を守る"));
    assert_eq!(shown(&objective), Some(("事故を起こさない".to_owned(), false)));
    // What was written as text before numbers existed.
    objective.draft.policy_objective_number = None;
    objective.compare_served(&[PolicyObjective { number: None, ..says(3, "約束を守る").remove(0) }]);
    assert_eq!(shown(&objective), Some(("事故を起こさない".to_owned(), false)));
}

#[test]
fn a_month_is_overdue_the_day_after_its_end() {
    for (due, in_time, late) in [("2024-02", "2024-02-29", "2024-03-01"), ("2024-02-10", "2024-02-10", "2024-02-11")] {
        let mut objective = objective(due);
        objective.derive(day(in_time), None, None);
        assert!(!objective.overdue, "{due}");
        objective.derive(day(late), None, None);
        assert!(objective.overdue, "{due}");
        let end = ObjectiveEnd { ended_on: day(late), reason: Text::new("達成").unwrap() };
        objective.end(end, day(late)).unwrap();
        objective.derive(day("2025-01-01"), None, None);
        assert!(!objective.overdue, "ended");
    }
}

#[test]
fn sd_12_what_was_handed_in_does_not_change_and_a_newer_one_replaces_it() {
    let (mut old, mut newer) = (objective("2024-03"), objective("2025-03"));
    assert_eq!(old.give_way(&newer).unwrap_err().code, Code::NotReady, "a draft is not pursued");
    old.submit(by()).unwrap();
    assert_eq!(old.revise(draft("2024-04"), by()).unwrap_err().rule, Some("SD-12"));
    old.approve(by(), false).unwrap();
    assert_eq!(old.revise(draft("2024-04"), by()).unwrap_err().rule, Some("SD-12"));
    newer.submit(by()).unwrap();
    newer.approve(by(), false).unwrap();
    old.give_way(&newer).unwrap();
    assert_eq!(old.state, ObjectiveState::Replaced);
    assert_eq!(old.give_way(&newer).unwrap_err().code, Code::NotReady, "it gave way already");
    let end = ObjectiveEnd { ended_on: day("2024-03-01"), reason: Text::new("達成").unwrap() };
    assert_eq!(old.end(end, day("2024-03-01")).unwrap_err().code, Code::WrongState);
}

/// An approved objective whose latest measurement found `part` of `whole`.
fn measured(part: i64, whole: i64) -> Objective {
    let mut objective = objective("2024-03");
    objective.submit(by()).unwrap();
    objective.approve(by(), false).unwrap();
    let measured = MeasuredValue::share(Share { part, whole }).unwrap();
    let meets_target = objective.draft.metric.is_met(&measured);
    let last = ObjectiveMeasurement { id: uuid::Uuid::nil(), measured_on: day("2024-03-01"), measured, meets_target };
    objective.derive(day("2024-03-02"), Some(last), Some(day("2023-04-01")));
    objective
}

fn evaluated_on(text: &str) -> ObjectiveEvaluationDraft {
    ObjectiveEvaluationDraft { evaluated_on: day(text), remarks: Text::new("全員が合格した").unwrap() }
}

#[test]
fn eff_1_2_3_the_result_follows_from_the_unrounded_rate() {
    for (part, whole, printed, result) in [
        (20, 20, "100", EffectivenessResult::Effective),
        (19, 20, "95", EffectivenessResult::NotEffective),
        (18, 20, "90", EffectivenessResult::NotEffective),
        (9_999, 10_000, "99.9", EffectivenessResult::NotEffective),
    ] {
        let mut objective = measured(part, whole);
        objective.evaluate(evaluated_on("2024-03-02"), by(), day("2024-03-02")).unwrap();
        let evaluation = objective.evaluation.as_ref().unwrap();
        assert_eq!((evaluation.measurement.measured.value.to_string().as_str(), evaluation.result), (printed, result));
        assert_eq!(objective.state, ObjectiveState::Evaluated);
    }
    let mut objective = objective("2024-03");
    objective.draft.metric.target_value = "66.6".parse().unwrap();
    objective.draft.metric.comparison = MetricComparison::AtMost;
    let two_thirds = MeasuredValue::share(Share { part: 2, whole: 3 }).unwrap();
    assert_eq!(two_thirds.value.to_string(), "66.6");
    assert!(!objective.draft.metric.is_met(&two_thirds), "two thirds are more than 66.6 %");
}

#[test]
fn eff_5_an_empty_population_has_no_share() {
    assert_eq!(MeasuredValue::share(Share { part: 0, whole: 0 }), None);
}

#[test]
fn r_17_an_objective_is_evaluated_once_and_only_after_it_was_measured() {
    let refused =
        |objective: &mut Objective, on| objective.evaluate(evaluated_on(on), by(), day("2024-03-02")).unwrap_err();
    let mut unmeasured = measured(20, 20);
    unmeasured.last_measurement = None;
    assert_eq!(refused(&mut unmeasured, "2024-03-02").code, Code::NotReady);
    let mut objective = measured(20, 20);
    assert_eq!(objective.next_measurement_due_on, Some(day("2025-03-01")), "a year after the last one");
    assert_eq!(refused(&mut objective, "2024-03-03").errors[0].code, Code::FutureDate);
    assert_eq!(refused(&mut objective, "2024-02-29").errors[0].code, Code::DateOrder);
    objective.evaluate(evaluated_on("2024-03-02"), by(), day("2024-03-02")).unwrap();
    assert_eq!(refused(&mut objective, "2024-03-02").code, Code::WrongState);
    let last = objective.last_measurement.clone();
    objective.derive(day("2024-05-01"), last, None);
    assert_eq!((objective.overdue, objective.next_measurement_due_on), (false, None), "nothing is due any more");
    let mut newer = self::objective("2025-03");
    newer.submit(by()).unwrap();
    newer.approve(by(), false).unwrap();
    objective.give_way(&newer).unwrap();
}

#[test]
fn what_the_service_measures_is_in_its_unit() {
    let mut draft = draft("2024-03");
    draft.metric.known_measure = Some(KnownMeasure::TreatmentProgress);
    assert!(draft.check().is_ok());
    draft.metric.known_measure = Some(KnownMeasure::OverdueWork);
    assert_eq!(draft.check().unwrap_err().errors[0].pointer, "/metric/unit");
}
