//! Who approves a plan, and how it follows its items.

use super::*;
use crate::planning::{
    owner::OwnerKind,
    rating::Rating,
    risk::{LikelihoodBasis, RiskDraft},
    risk_criteria::{RiskCriteria, RiskCriteriaDraft},
    treatment::{TreatmentDecision, TreatmentOption},
    treatment_item::{Completed, ResponseStatus, Started, TreatmentItem, TreatmentItemDraft},
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn somebody() -> Id<Person> {
    Id::generate(DateTime::UNIX_EPOCH)
}

fn by(person_id: Id<Person>) -> Signature {
    Signature {
        person_id,
        name: "上田".to_owned(),
        posts: Vec::new(),
        at: DateTime::UNIX_EPOCH,
        provisional: false,
        reason: None,
    }
}

fn criteria() -> RiskCriteria {
    let draft = RiskCriteriaDraft::shipped(Title::new("リスク基準").unwrap());
    RiskCriteria::draft(draft, 1, by(somebody()), DateTime::UNIX_EPOCH).unwrap()
}

/// A decided risk of `owner` with one control and, where there are dates, one item for it.
fn covered(number: i32, owner: Id<Person>, dates: Option<(&str, &str)>, stated: Option<ResponseStatus>) -> Covered {
    let draft = RiskDraft {
        asset_ids: BTreeSet::new(),
        risk_source: Text::new("置き忘れ").unwrap(),
        impact_area: Title::new("全社").unwrap(),
        event: Text::new("紛失する").unwrap(),
        lost_properties: BTreeSet::new(),
        cause: Text::new("決まりがない").unwrap(),
        consequence: Text::new("信用を失う").unwrap(),
        risk_owner_person_id: Some(owner),
        risk_owner_position_id: None,
        department_id: None,
        stated_importance: Some(Rating::HIGH),
        likelihood_basis: Some(LikelihoodBasis::Stated { likelihood: Rating::MEDIUM }),
        remarks: Note::default(),
    };
    let person = Some(Reference::new(owner, "中村"));
    let owner = RiskOwner { kind: OwnerKind::Person, id: owner.uuid(), name: "中村".to_owned(), person };
    let mut risk = Risk::identify(draft, vec![], owner, number, &criteria(), DateTime::UNIX_EPOCH).unwrap();
    risk.evaluate(&criteria()).unwrap();
    let control = TreatmentControl { number: None, description: Text::new("暗号化").unwrap(), annex_a_ids: vec![] };
    let decision = TreatmentDecision {
        options: vec![TreatmentOption::Modify],
        controls: vec![control],
        description: Note::default(),
        stated_response_status: stated,
    };
    risk.decide(decision, &[]).unwrap();
    let item = dates.map(|(start, end)| {
        let draft = TreatmentItemDraft {
            control_number: 1,
            tasks: vec![Text::new("入れる").unwrap()],
            assignee_id: somebody(),
            planned_start: Some(day(start)),
            planned_end: Some(day(end)),
        };
        TreatmentItem::plan(draft, &risk, 1, DateTime::UNIX_EPOCH).unwrap()
    });
    Covered { risk, items: item.into_iter().collect() }
}

const DATES: Option<(&str, &str)> = Some(("2024-04-01", "2024-04-30"));

fn plan(covered: &[Covered]) -> TreatmentPlan {
    let risks: Vec<Risk> = covered.iter().map(|covered| covered.risk.clone()).collect();
    let draft = TreatmentPlanDraft {
        title: Title::new("リスク対応計画").unwrap(),
        risk_assessment_id: None,
        risk_ids: risks.iter().map(|risk| risk.id).collect(),
        remarks: Note::default(),
    };
    TreatmentPlan::draft(draft, &risks, 1, by(somebody()), DateTime::UNIX_EPOCH).unwrap()
}

/// The owner approves the treatment of each of these that waits for them.
fn approve(plan: &mut TreatmentPlan, covered: &mut [Covered], owner: Id<Person>) -> Option<Vec<PlanRow>> {
    let waiting = plan.waiting_for(owner).unwrap();
    for covered in covered.iter_mut().filter(|covered| waiting.contains(&covered.risk.id)) {
        let progress = covered.progress();
        covered.risk.approve_treatment(by(owner), &progress, &BTreeSet::new()).unwrap();
    }
    plan.approve(by(owner), covered).unwrap()
}

#[test]
fn it_is_handed_in_when_every_control_is_planned_through() {
    let owner = somebody();
    let mut undated = covered(2, owner, DATES, None);
    undated.items[0].draft.planned_end = None;
    let mut undecided = covered(3, owner, DATES, None);
    undecided.risk.evaluate(&criteria()).unwrap();
    let lacking = [covered(1, owner, None, None), undated, undecided];
    let refused = plan(&lacking).submit(by(owner), &lacking).unwrap_err();
    let faults: Vec<_> = refused.errors.iter().map(|f| (f.pointer.as_str(), f.params["missing"].clone())).collect();
    let expected = [
        ("/risks/0/controls/0", "item".into()),
        ("/risks/1/controls/0", "planned_dates".into()),
        ("/risks/2", "treatment_decision".into()),
    ];
    assert_eq!((refused.code, faults), (Code::NotReady, expected.to_vec()));
}

#[test]
fn sd_4_the_owner_of_every_covered_risk_approves() {
    let (one, other) = (somebody(), somebody());
    let mut covered = [covered(1, one, DATES, None), covered(2, other, DATES, None)];
    let mut plan = plan(&covered);
    plan.submit(by(one), &covered).unwrap();
    let refused = plan.waiting_for(somebody()).unwrap_err();
    assert_eq!((refused.rule, refused.params["next_approver"].as_array().map(Vec::len)), (Some("SD-4"), Some(2)));

    assert!(approve(&mut plan, &mut covered, one).is_none());
    assert_eq!(plan.state, PlanState::Submitted);
    let refused = plan.waiting_for(one).unwrap_err();
    assert_eq!(refused.params["next_approver"][0]["id"], other.to_string(), "the one who is missing");

    let rows = approve(&mut plan, &mut covered, other).unwrap();
    assert_eq!((plan.state, rows.len(), rows[1].number, rows[1].risk_number), (PlanState::Approved, 2, 2, 2));
    assert!(plan.awaited_owners.is_empty() && plan.risks.iter().all(|risk| risk.approval.is_some()));
    let rule = plan.revise(plan.draft.clone(), &[], by(one)).unwrap_err().rule;
    assert_eq!(rule, Some("SD-12"));
}

#[test]
fn what_was_approved_risk_by_risk_the_owner_signs_as_a_plan() {
    let owner = somebody();
    let mut covered = [covered(1, owner, DATES, None)];
    let progress = covered[0].progress();
    covered[0].risk.approve_treatment(by(owner), &progress, &BTreeSet::new()).unwrap();
    let mut plan = plan(&covered);
    plan.submit(by(owner), &covered).unwrap();
    assert!(plan.waiting_for(somebody()).is_err());
    assert_eq!(plan.waiting_for(owner).unwrap(), []);
    assert!(approve(&mut plan, &mut covered, owner).is_some());
}

#[test]
fn an_owner_gives_it_back_and_nobody_else() {
    let owner = somebody();
    let covered = [covered(1, owner, DATES, None)];
    let mut plan = plan(&covered);
    plan.submit(by(owner), &covered).unwrap();
    let reason = || Text::new("担当を見直すこと").unwrap();
    assert_eq!(plan.send_back(by(somebody()), reason()).unwrap_err().rule, Some("SD-4"));
    plan.send_back(by(owner), reason()).unwrap();
    assert_eq!((plan.state, plan.sign_off.state), (PlanState::Draft, SignOffState::Returned));
}

#[test]
fn it_follows_its_items_until_it_is_closed() {
    let (owner, today) = (somebody(), day("2024-04-20"));
    let mut covered = [covered(1, owner, DATES, None), covered(2, owner, DATES, None)];
    let mut plan = plan(&covered);
    plan.submit(by(owner), &covered).unwrap();
    approve(&mut plan, &mut covered, owner).unwrap();
    assert_eq!(plan.close(by(owner)).unwrap_err().code, Code::WrongState);

    let Covered { risk, items } = &mut covered[0];
    items[0].start(Started { actual_start: day("2024-04-02") }, risk, today).unwrap();
    plan.items_moved(&covered);
    assert_eq!(plan.state, PlanState::InExecution);
    let Covered { risk, items } = &mut covered[0];
    items[0].complete(Completed { actual_end: day("2024-04-19") }, risk, today).unwrap();
    plan.items_moved(&covered);
    assert_eq!(plan.state, PlanState::InExecution, "the other one is open");
    let Covered { risk, items } = &mut covered[1];
    items[0].cancel(Text::new("不要になった").unwrap(), risk).unwrap();
    plan.items_moved(&covered);
    assert_eq!(plan.state, PlanState::Completed, "completed or cancelled");
    let review = PlanReview { reviewed_on: day("2024-04-21") };
    assert_eq!(plan.review(&review, today).unwrap_err().errors[0].code, Code::FutureDate);
    plan.close(by(owner)).unwrap();
    plan.items_moved(&covered[..1]);
    assert_eq!(plan.state, PlanState::Closed);
}

#[test]
fn rsp_5_a_stated_status_that_contradicts_the_items_is_reported() {
    let (owner, today) = (somebody(), day("2024-05-01"));
    let mut rows = [
        covered(1, owner, DATES, Some(ResponseStatus::Done)),
        covered(2, owner, DATES, Some(ResponseStatus::Planned)),
        covered(3, owner, DATES, Some(ResponseStatus::Undecided)),
        covered(4, owner, None, None),
    ];
    // As in the source's tables of 8.2 and 8.3: 終了, 終了, 着手.
    for (at, ends) in [(0, true), (1, true), (2, false)] {
        let Covered { risk, items } = &mut rows[at];
        items[0].start(Started { actual_start: day("2024-04-02") }, risk, today).unwrap();
        if ends {
            items[0].complete(Completed { actual_end: day("2024-04-19") }, risk, today).unwrap();
        }
        let progress = rows[at].progress();
        rows[at].risk.items_moved(&progress);
    }
    let report = PlanConsistency::of(&rows);
    let found: Vec<_> = report.contradictions.iter().map(|c| (c.risk_number, c.stated, c.derived)).collect();
    assert_eq!(
        found,
        [(2, ResponseStatus::Planned, ResponseStatus::Done), (3, ResponseStatus::Undecided, ResponseStatus::Planned)]
    );
    assert_eq!(report.contradictions[1].items[0].status, ItemStatus::InProgress);
    assert_eq!(report.without_items.iter().map(|risk| risk.risk_number).collect::<Vec<_>>(), [4]);
    assert_eq!(report.overdue_items.iter().map(|item| item.risk_number).collect::<Vec<_>>(), [3]);
}
