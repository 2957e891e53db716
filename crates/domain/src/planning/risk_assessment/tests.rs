//! What a round needs, and when the next one is due.

use super::*;
use crate::{
    kernel::reference::Reference,
    planning::{
        owner::{OwnerKind, RiskOwner},
        rating::Rating,
        risk::{LikelihoodBasis, RiskDraft},
        risk_criteria::RiskCriteriaDraft,
        treatment::{TreatmentDecision, TreatmentOption},
    },
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn by() -> Signature {
    Signature {
        person_id: Id::generate(DateTime::UNIX_EPOCH),
        name: "上田".to_owned(),
        posts: Vec::new(),
        at: DateTime::UNIX_EPOCH,
        provisional: false,
        reason: None,
    }
}

fn criteria(version: i32) -> RiskCriteria {
    let draft = RiskCriteriaDraft::shipped(Title::new("リスク基準").unwrap());
    RiskCriteria::draft(draft, version, by(), DateTime::UNIX_EPOCH).unwrap()
}

fn written() -> RiskAssessmentDraft {
    RiskAssessmentDraft {
        title: Title::new("年次リスクアセスメント").unwrap(),
        performed_on: day("2024-03-29"),
        trigger: AssessmentTrigger::Planned,
        occasion: Note::default(),
        scope: Text::new("全社").unwrap(),
        conclusions: Note::new("持ち出しの決まりを急ぐ").unwrap(),
    }
}

fn round(draft: RiskAssessmentDraft) -> Result<RiskAssessment, Refusal> {
    RiskAssessment::begin(draft, &criteria(1), 1, by(), DateTime::UNIX_EPOCH, day("2024-04-01"))
}

fn risk(number: i32) -> Risk {
    let draft = RiskDraft {
        asset_ids: Default::default(),
        risk_source: Text::new("置き忘れ").unwrap(),
        impact_area: Title::new("全社").unwrap(),
        event: Text::new("紛失する").unwrap(),
        lost_properties: Default::default(),
        cause: Text::new("決まりがない").unwrap(),
        consequence: Text::new("信用を失う").unwrap(),
        risk_owner_person_id: Some(Id::generate(DateTime::UNIX_EPOCH)),
        risk_owner_position_id: None,
        department_id: None,
        stated_importance: Some(Rating::MEDIUM),
        likelihood_basis: Some(LikelihoodBasis::Stated { likelihood: Rating::MEDIUM }),
        remarks: Note::default(),
    };
    let id = draft.risk_owner_person_id.unwrap().uuid();
    let owner = RiskOwner { kind: OwnerKind::Person, id, name: String::new(), person: None };
    Risk::identify(draft, vec![], owner, number, &criteria(1), DateTime::UNIX_EPOCH).unwrap()
}

fn pointers(refused: &Refusal) -> Vec<&str> {
    refused.errors.iter().map(|fault| fault.pointer.as_str()).collect()
}

#[test]
fn a_round_tells_what_brought_it_about_and_lies_in_the_past() {
    assert!(round(written()).is_ok());
    let mut unexplained = written();
    unexplained.trigger = AssessmentTrigger::SignificantChange;
    unexplained.performed_on = day("2024-04-02");
    assert_eq!(pointers(&round(unexplained).unwrap_err()), ["/performed_on", "/occasion"]);
}

#[test]
fn it_is_handed_in_with_conclusions_and_every_open_risk_settled() {
    let (analysed, mut stale, mut old) = (risk(1), risk(2), risk(3));
    stale.evaluate(&criteria(1)).unwrap();
    stale.inputs_changed();
    old.evaluate(&criteria(2)).unwrap();
    let mut unsaid = written();
    unsaid.conclusions = Note::new("　").unwrap();
    let mut round = round(unsaid).unwrap();
    let refused = round.submit(by(), &[analysed, stale, old]).unwrap_err();
    assert_eq!(refused.code, Code::NotReady);
    assert_eq!(pointers(&refused), ["/conclusions", "/rows/1", "/rows/2", "/rows/3"]);
    let missing: Vec<_> = refused.errors[1..].iter().map(|fault| fault.params["missing"].clone()).collect();
    assert_eq!(missing, ["evaluation", "reanalysis", "evaluation"]);
    assert_eq!(round.version.state, VersionState::Draft);

    round.revise(written(), by(), day("2024-04-01")).unwrap();
    let mut settled = risk(4);
    settled.evaluate(&criteria(1)).unwrap();
    let rows = round.submit(by(), &[settled]).unwrap();
    assert_eq!((rows.len(), rows[0].number, round.keeps_rows()), (1, 4, true));
    assert_eq!(round.revise(written(), by(), day("2024-04-01")).unwrap_err().rule, Some("SD-12"));
}

#[test]
fn a_treatment_under_way_is_carried_into_the_round_as_it_stands() {
    let mut risk = risk(1);
    risk.evaluate(&criteria(2)).unwrap();
    let retain = TreatmentDecision {
        options: vec![TreatmentOption::Retain],
        controls: vec![],
        description: Note::default(),
        stated_response_status: None,
    };
    risk.decide(retain, &[]).unwrap();
    assert!(round(written()).unwrap().submit(by(), std::slice::from_ref(&risk)).is_err());
    let owner = Reference::new(risk.draft.risk_owner_person_id.unwrap(), "中村");
    let mine = Signature { person_id: Id::from_uuid(owner.id), ..by() };
    risk.risk_owner.person = Some(owner);
    risk.approve_treatment(mine, &[], &std::collections::BTreeSet::new()).unwrap();
    risk.inputs_changed();
    let rows = round(written()).unwrap().submit(by(), &[risk]).unwrap();
    assert!(rows[0].needs_reanalysis, "and the row says that it went stale");
}

#[test]
fn r_34_the_next_round_is_due_after_the_interval_and_overdue_the_day_after() {
    let mut round = round(RiskAssessmentDraft { performed_on: day("2023-08-31"), ..written() }).unwrap();
    round.derive(6, day("2024-02-29"));
    assert_eq!(round.next_due_on, day("2024-02-29"), "the last day of a shorter month");
    let mut overdue = |today| {
        round.derive(6, day(today));
        round.overdue
    };
    assert!(!overdue("2024-03-01"), "a draft replaces nothing yet");
    round.version.state = VersionState::InForce;
    let mut overdue = |today| {
        round.derive(6, day(today));
        round.overdue
    };
    assert!(!overdue("2024-02-29"));
    assert!(overdue("2024-03-01"));
}
