//! Rounds of risk assessment (D19; 6.1.2, 8.2): what was looked at when, why, under which criteria, and what came of it.
//!
//! A round is issued as a version: its number is the round. The approved one is in force until the next one is approved
//! (SD-12); from its submission on it keeps its rows.

mod row;

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

pub use self::row::AssessmentRow;
use super::{
    asset::Asset,
    owner::RiskOwner,
    rating::Rating,
    risk::{Risk, RiskState},
    risk_criteria::RiskCriteria,
};
use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text, Title},
        transition::{Stateful, Transition},
        version::{Version, VersionAction, VersionState},
    },
};

/// One round: the header of its report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RiskAssessment {
    /// Its id.
    pub id: Id<RiskAssessment>,
    /// Rises with every change.
    pub revision: Revision,
    /// Which round it is, and where it stands.
    #[serde(flatten)]
    pub version: Version,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: RiskAssessmentDraft,
    /// The criteria that were in force when the round began: it is held under them to its end.
    #[schema(value_type = String, format = Uuid)]
    pub criteria_id: Id<RiskCriteria>,
    /// Their version.
    pub criteria_version: i32,
    /// When the next round is due: the organization's interval after this one.
    pub next_due_on: NaiveDate,
    /// It is the round in force, and the next one has been due since yesterday or longer.
    pub overdue: bool,
    /// Steps open to the caller.
    pub allowed_actions: Vec<VersionAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for RiskAssessment {
    const RESOURCE: Resource = Resource::Risk;
}

impl Revised for RiskAssessment {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskAssessmentDraft {
    /// Its title.
    pub title: Title,
    /// The day on which it was performed; not in the future.
    pub performed_on: NaiveDate,
    /// Why it was performed.
    pub trigger: AssessmentTrigger,
    /// What changed, in words; required where a significant change brought it about.
    #[serde(default)]
    pub occasion: Note,
    /// What was looked at: departments, sites, systems.
    pub scope: Text,
    /// What came of it; required before it is handed in.
    #[serde(default)]
    pub conclusions: Note,
}

/// Why a round is performed (8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AssessmentTrigger {
    /// At the planned interval.
    Planned,
    /// Something significant changed.
    SignificantChange,
}

impl Labelled for AssessmentTrigger {
    const NAME: &'static str = "assessment_trigger";

    fn label(&self) -> Label {
        match self {
            Self::Planned => label("定期", "planned"),
            Self::SignificantChange => label("重大な変更", "significant change"),
        }
    }
}

impl Stateful for RiskAssessment {
    type Action = VersionAction;
    type State = VersionState;

    const TRANSITIONS: &'static [Transition<VersionAction, VersionState>] = &Version::steps(Resource::Risk);

    fn state(&self) -> VersionState {
        self.version.state
    }
}

/// An important asset in use that no open risk names: something for the round to look at (R-03c).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssessmentProposal {
    /// The asset.
    #[schema(value_type = String, format = Uuid)]
    pub asset_id: Id<Asset>,
    /// Its number in the inventory.
    pub number: i32,
    /// Its name.
    pub name: String,
    /// 1 to 3.
    pub confidentiality: Rating,
    /// 1 to 3.
    pub integrity: Rating,
    /// 1 to 3.
    pub availability: Rating,
    /// Its importance.
    pub importance: Rating,
    /// The department that manages it.
    pub managing_department: Reference,
    /// Who owns its risks.
    pub risk_owner: RiskOwner,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<Asset> for AssessmentProposal {
    fn from(asset: Asset) -> Self {
        Self {
            asset_id: asset.id,
            number: asset.number,
            name: asset.draft.name.into_string(),
            confidentiality: asset.draft.confidentiality,
            integrity: asset.draft.integrity,
            availability: asset.draft.availability,
            importance: asset.importance,
            managing_department: asset.managing_department,
            risk_owner: asset.risk_owner,
            updated_at: asset.updated_at,
        }
    }
}

impl RiskAssessmentDraft {
    fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.performed_on > today {
            faults.push(Fault::new("/performed_on", Code::FutureDate));
        }
        if self.trigger == AssessmentTrigger::SignificantChange && self.occasion.as_str().trim().is_empty() {
            faults.push(Fault::new("/occasion", Code::RequiredHere));
        }
        Refusal::unless_empty(faults)
    }
}

impl RiskAssessment {
    /// Begins round `number` under the criteria in force.
    pub fn begin(
        draft: RiskAssessmentDraft,
        criteria: &RiskCriteria,
        number: i32,
        by: Signature,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        draft.check(today)?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            version: Version::draft(number, by),
            next_due_on: draft.performed_on,
            draft,
            criteria_id: criteria.id,
            criteria_version: criteria.version.number,
            overdue: false,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes what is written.
    pub fn revise(&mut self, draft: RiskAssessmentDraft, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.version.revise(by)?;
        draft.check(today)?;
        self.draft = draft;
        Ok(())
    }

    /// Hands it in over the `open` risks; answers with the rows that it keeps from now on. Refused while nobody wrote
    /// its conclusions, or an open risk is not settled: each is named by its number.
    pub fn submit(&mut self, by: Signature, open: &[Risk]) -> Result<Vec<AssessmentRow>, Refusal> {
        self.guard(VersionAction::Submit)?;
        let mut faults = Vec::new();
        if self.draft.conclusions.as_str().trim().is_empty() {
            faults.push(Fault::new("/conclusions", Code::Required));
        }
        faults.extend(open.iter().filter_map(|risk| {
            let missing = self.missing(risk)?;
            let fault = Fault::new(format!("/rows/{}", risk.number), Code::Required);
            Some(fault.with("number", risk.number).with("missing", missing))
        }));
        if !faults.is_empty() {
            return Err(Refusal { errors: faults, ..Refusal::new(Code::NotReady) });
        }
        self.version.submit(by)?;
        Ok(open.iter().map(AssessmentRow::of).collect())
    }

    /// What an open risk lacks for this round: it must be evaluated under the round's criteria, and nothing may have
    /// moved since. A treatment under way rests on the assessment that the owner approved; such a risk can be judged
    /// anew only when the work is done (§5.1), so it is carried into the round as it stands.
    fn missing(&self, risk: &Risk) -> Option<&'static str> {
        match risk.state {
            RiskState::TreatmentApproved | RiskState::InTreatment | RiskState::Treated | RiskState::Closed => None,
            RiskState::Identified | RiskState::Analysed => Some("evaluation"),
            RiskState::Evaluated | RiskState::Decided | RiskState::Reassessed | RiskState::Accepted => {
                let judged = risk.remaining().map(|assessment| assessment.criteria_version);
                match (risk.needs_reanalysis, judged == Some(self.criteria_version)) {
                    (true, _) => Some("reanalysis"),
                    (false, false) => Some("evaluation"),
                    (false, true) => None,
                }
            }
        }
    }

    /// Derives when the next round is due, `months` after this one: overdue the day after.
    pub fn derive(&mut self, months: u8, today: NaiveDate) {
        let due = self.draft.performed_on.checked_add_months(Months::new(u32::from(months)));
        self.next_due_on = due.unwrap_or(NaiveDate::MAX);
        self.overdue = self.version.state == VersionState::InForce && today > self.next_due_on;
    }

    /// Whether its rows are kept as they were when it was handed in.
    pub fn keeps_rows(&self) -> bool {
        self.version.state != VersionState::Draft
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planning::{
        owner::OwnerKind,
        risk::{LikelihoodBasis, RiskDraft},
        risk_criteria::RiskCriteriaDraft,
        treatment::{TreatmentDecision, TreatmentOption},
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
        risk.approve_treatment(mine, &[]).unwrap();
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
}
