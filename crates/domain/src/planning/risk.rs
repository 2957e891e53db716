//! Risks on assets: assessment, treatment, acceptance (D03, D19; 6.1.2, 6.1.3, 8.2, 8.3; §5.1).

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{
    asset::Asset,
    owner::{RiskOwner, check_owner},
    rating::Rating,
    risk_criteria::{Assessment, Evaluation, RiskCriteria, RiskCriteriaDraft},
    treatment::{TreatmentDecision, TreatmentOption},
    treatment_item::{ControlProgress, ItemStatus, Progress, ResponseStatus, response_status},
};
use crate::{
    access::{Governed, Resource, Verb},
    catalog::control::ControlId,
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        numbered,
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text, Title},
        transition::{Stateful, Transition},
    },
    organization::{department::Department, organization::ProgrammeLevel, person::Person, position::Position},
};

/// A risk.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Risk {
    /// Its id.
    pub id: Id<Risk>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number (No), assigned by the service.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: RiskDraft,
    /// Where it stands.
    pub state: RiskState,
    /// The assets it is about.
    pub assets: Vec<AssetReference>,
    /// The department it belongs to.
    #[schema(required)]
    pub department: Option<Reference>,
    /// Who accepts it.
    pub risk_owner: RiskOwner,
    /// 一次評価: before treatment; `null` until likelihood and importance are known.
    #[schema(required)]
    pub initial: Option<Assessment>,
    /// 二次評価: after treatment.
    #[schema(required)]
    pub residual: Option<Assessment>,
    /// A suggestion by likelihood and importance.
    #[schema(required)]
    pub suggested_option: Option<TreatmentOption>,
    /// Options and controls.
    #[schema(required)]
    pub treatment: Option<TreatmentDecision>,
    /// The last number that a control was given, whether or not that one is still chosen.
    #[serde(skip)]
    pub last_control: i32,
    /// The risk owner's approval of the treatment.
    #[schema(required)]
    pub treatment_approval: Option<Signature>,
    /// How far the treatment items are.
    pub response_status: ResponseStatus,
    /// Top management's override of a risk that is too high to be accepted.
    #[schema(required)]
    pub acceptance_override: Option<Override>,
    /// The risk owner's acceptance.
    #[schema(required)]
    pub acceptance: Option<Acceptance>,
    /// What it was judged by has changed since: it must be evaluated, and accepted, again.
    pub needs_reanalysis: bool,
    /// When and why it was closed.
    #[schema(required)]
    pub closure: Option<Closure>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<RiskAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Risk {
    const RESOURCE: Resource = Resource::Risk;
}

impl Revised for Risk {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// An asset of a risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssetReference {
    /// Its id.
    pub id: Id<Asset>,
    /// Its number in the inventory.
    pub number: i32,
    /// Its name.
    pub name: String,
    /// Its importance.
    pub importance: Rating,
}

/// What is written about a risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskDraft {
    /// The assets it is about; none for a risk that hangs on an event alone.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub asset_ids: BTreeSet<Id<Asset>>,
    /// Where it comes from (リスク源).
    pub risk_source: Text,
    /// What it reaches (影響領域).
    pub impact_area: Title,
    /// What happens (事象).
    pub event: Text,
    /// Which properties are lost.
    #[serde(default)]
    #[schema(max_items = 3)]
    pub lost_properties: BTreeSet<LostProperty>,
    /// Why it happens (原因).
    pub cause: Text,
    /// What may follow (起こり得る結果).
    pub consequence: Text,
    /// The owner, as a person. Where neither is given: the owner of the first asset.
    #[serde(default)]
    #[schema(required = false)]
    pub risk_owner_person_id: Option<Id<Person>>,
    /// The owner, as a position.
    #[serde(default)]
    #[schema(required = false)]
    pub risk_owner_position_id: Option<Id<Position>>,
    /// The department it belongs to. Where none is given: the one that manages the first asset.
    #[serde(default)]
    #[schema(required = false)]
    pub department_id: Option<Id<Department>>,
    /// Importance stated directly: only for a risk without assets (R-03b).
    #[serde(default)]
    #[schema(required = false)]
    pub stated_importance: Option<Rating>,
    /// What the likelihood follows from; without it the risk is identified, not analysed.
    #[serde(default)]
    #[schema(required = false)]
    pub likelihood_basis: Option<LikelihoodBasis>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// What a likelihood follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum LikelihoodBasis {
    /// Judged directly, as in the incident case (LV.1).
    #[schema(title = "LikelihoodStated")]
    Stated {
        /// 1 to 3.
        likelihood: Rating,
    },
    /// Out of threat and vulnerability by the criteria's table.
    #[schema(title = "LikelihoodOfThreat")]
    ThreatAndVulnerability {
        /// 3 any time, 2 in particular situations, 1 not normally.
        threat_likelihood: Rating,
        /// 3 no measures, 2 partly, 1 all necessary measures.
        vulnerability_exploitability: Rating,
    },
}

impl LikelihoodBasis {
    /// The likelihood that the criteria make of it.
    pub fn likelihood(self, criteria: &RiskCriteriaDraft) -> Rating {
        match self {
            Self::Stated { likelihood } => likelihood,
            Self::ThreatAndVulnerability { threat_likelihood, vulnerability_exploitability } => {
                criteria.likelihood(threat_likelihood, vulnerability_exploitability)
            }
        }
    }
}

/// A property of information that an event takes away.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LostProperty {
    /// 機密性
    Confidentiality,
    /// 完全性
    Integrity,
    /// 可用性
    Availability,
}

impl Labelled for LostProperty {
    const NAME: &'static str = "lost_property";

    fn label(&self) -> Label {
        match self {
            Self::Confidentiality => label("機密性の喪失", "loss of confidentiality"),
            Self::Integrity => label("完全性の喪失", "loss of integrity"),
            Self::Availability => label("可用性の喪失", "loss of availability"),
        }
    }
}

/// Where a risk stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RiskState {
    /// Described.
    Identified,
    /// Importance and likelihood are known.
    Analysed,
    /// Held against the criteria in force.
    Evaluated,
    /// Options and controls are chosen.
    Decided,
    /// The risk owner approved the treatment.
    TreatmentApproved,
    /// At least one item has been started.
    InTreatment,
    /// Every item is completed.
    Treated,
    /// Importance and likelihood after treatment are known.
    Reassessed,
    /// Accepted by its owner.
    Accepted,
    /// The asset is gone, or the activity was stopped.
    Closed,
}

impl Labelled for RiskState {
    const NAME: &'static str = "risk_state";

    fn label(&self) -> Label {
        match self {
            Self::Identified => label("特定済み", "identified"),
            Self::Analysed => label("分析済み", "analysed"),
            Self::Evaluated => label("評価済み", "evaluated"),
            Self::Decided => label("対応決定済み", "decided"),
            Self::TreatmentApproved => label("対応計画承認済み", "treatment approved"),
            Self::InTreatment => label("対応中", "in treatment"),
            Self::Treated => label("対応完了", "treated"),
            Self::Reassessed => label("再評価済み", "reassessed"),
            Self::Accepted => label("受容済み", "accepted"),
            Self::Closed => label("終了", "closed"),
        }
    }
}

impl RiskState {
    /// Between the decision on its treatment and the judgement of what remains.
    pub fn is_planning(self) -> bool {
        matches!(self, Self::Decided | Self::TreatmentApproved | Self::InTreatment | Self::Treated)
    }
}

/// A step of a risk; each is an endpoint named as the fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RiskAction {
    /// Change what is written.
    Revise,
    /// Hold it against the criteria in force (`/evaluation`).
    Evaluate,
    /// Choose options and controls (`/treatment-decision`).
    Decide,
    /// Approve the treatment as its owner (`/treatment-approval`).
    ApproveTreatment,
    /// Judge what remains after treatment (`/residual-assessment`).
    Reassess,
    /// Allow a risk that is too high to be accepted (`/acceptance-override`).
    Override,
    /// Accept it as its owner (`/acceptance`).
    Accept,
    /// Close it (`/closure`).
    Close,
}

impl Labelled for RiskAction {
    const NAME: &'static str = "risk_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Evaluate => label("評価", "evaluate"),
            Self::Decide => label("対応の決定", "decide treatment"),
            Self::ApproveTreatment => label("対応計画の承認", "approve treatment"),
            Self::Reassess => label("二次評価", "reassess"),
            Self::Override => label("トップマネジメントの特例", "override"),
            Self::Accept => label("受容", "accept"),
            Self::Close => label("終了", "close"),
        }
    }
}

use RiskState as S;

/// The state machine of a risk (§5.1).
impl Stateful for Risk {
    type Action = RiskAction;
    type State = RiskState;

    const TRANSITIONS: &'static [Transition<RiskAction, RiskState>] = &[
        Transition {
            action: RiskAction::Revise,
            from: &[S::Identified, S::Analysed, S::Evaluated, S::Decided, S::Reassessed, S::Accepted],
            grant: (Resource::Risk, Verb::Update),
        },
        Transition {
            action: RiskAction::Evaluate,
            from: &[S::Analysed, S::Evaluated, S::Decided, S::Reassessed, S::Accepted],
            grant: (Resource::Risk, Verb::Submit),
        },
        Transition {
            action: RiskAction::Decide,
            from: &[S::Evaluated, S::Decided, S::Reassessed],
            grant: (Resource::TreatmentDecision, Verb::Update),
        },
        Transition {
            action: RiskAction::ApproveTreatment,
            from: &[S::Decided],
            grant: (Resource::TreatmentDecision, Verb::Approve),
        },
        Transition { action: RiskAction::Reassess, from: &[S::Treated], grant: (Resource::Risk, Verb::Submit) },
        Transition {
            action: RiskAction::Override,
            from: &[S::Decided, S::Reassessed],
            grant: (Resource::RiskAcceptance, Verb::Execute),
        },
        Transition {
            action: RiskAction::Accept,
            from: &[S::Evaluated, S::Decided, S::Reassessed],
            grant: (Resource::RiskAcceptance, Verb::Approve),
        },
        Transition {
            action: RiskAction::Close,
            from: &[
                S::Identified,
                S::Analysed,
                S::Evaluated,
                S::Decided,
                S::TreatmentApproved,
                S::InTreatment,
                S::Treated,
                S::Reassessed,
                S::Accepted,
            ],
            grant: (Resource::Risk, Verb::Submit),
        },
    ];

    fn state(&self) -> RiskState {
        self.state
    }
}

/// Importance and likelihood after treatment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidualAssessment {
    /// 1 to 3; it may have fallen too.
    pub importance: Rating,
    /// What the likelihood follows from now.
    pub likelihood_basis: LikelihoodBasis,
}

/// The owner's acceptance, as it is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceDraft {
    /// When it is looked at again; required where it is acceptable only under control.
    #[serde(default)]
    #[schema(required = false)]
    pub follow_up_on: Option<NaiveDate>,
    /// What the owner says.
    #[serde(default)]
    pub comment: Note,
}

/// The owner's acceptance, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Acceptance {
    /// Who accepted, and when.
    pub signature: Signature,
    /// When it is looked at again.
    #[schema(required)]
    pub follow_up_on: Option<NaiveDate>,
    /// It rests on top management's override.
    pub by_override: bool,
    /// What was accepted.
    pub assessment: Assessment,
    /// The owner also prepared the assessment (SD-4: a warning in a small company).
    pub owner_prepared_it: bool,
}

/// Why top management allows a risk that is too high.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideDraft {
    /// Why.
    pub reason: Text,
    /// When it is looked at again.
    pub review_on: NaiveDate,
}

/// Top management's override, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Override {
    /// Who, when and why.
    pub signature: Signature,
    /// When it is looked at again.
    pub review_on: NaiveDate,
}

/// Why a risk is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closure {
    /// The day it ended.
    pub closed_on: NaiveDate,
    /// Why: the asset is gone, the activity was stopped.
    pub reason: Text,
}

impl RiskDraft {
    /// Refuses what contradicts itself in it.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if !self.asset_ids.is_empty() && self.stated_importance.is_some() {
            faults.push(Fault::new("/stated_importance", Code::Contradiction).with("rule", "R-03b"));
        }
        if self.asset_ids.is_empty() && self.stated_importance.is_none() {
            faults.push(Fault::new("/stated_importance", Code::RequiredHere).with("rule", "R-03b"));
        }
        let owners = (self.risk_owner_person_id, self.risk_owner_position_id);
        if owners.0.is_some() && owners.1.is_some() || self.asset_ids.is_empty() {
            faults.extend(check_owner(owners.0, owners.1));
        }
        Refusal::unless_empty(faults)
    }

    /// Importance: the highest of the assets', or the stated one where there are none (R-03b).
    pub fn importance(&self, assets: &[AssetReference]) -> Option<Rating> {
        assets.iter().map(|asset| asset.importance).max().or(self.stated_importance)
    }
}

impl Risk {
    /// A new risk with the number `number` on `assets`.
    pub fn identify(
        draft: RiskDraft,
        assets: Vec<AssetReference>,
        owner: RiskOwner,
        number: i32,
        criteria: &RiskCriteria,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        draft.check()?;
        let mut risk = Self {
            id: Id::generate(now),
            revision: 1,
            number,
            draft,
            state: RiskState::Identified,
            assets,
            department: None,
            risk_owner: owner,
            initial: None,
            residual: None,
            suggested_option: None,
            treatment: None,
            last_control: 0,
            treatment_approval: None,
            response_status: ResponseStatus::Undecided,
            acceptance_override: None,
            acceptance: None,
            needs_reanalysis: false,
            closure: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        risk.analyse(criteria);
        Ok(risk)
    }

    /// Changes what is written. Where that moves the assessment, an earlier evaluation or acceptance goes stale.
    pub fn revise(
        &mut self,
        draft: RiskDraft,
        assets: Vec<AssetReference>,
        criteria: &RiskCriteria,
    ) -> Result<(), Refusal> {
        self.guard(RiskAction::Revise)?;
        draft.check()?;
        let judged = self.draft.importance(&self.assets) != draft.importance(&assets)
            || self.draft.likelihood_basis != draft.likelihood_basis;
        self.draft = draft;
        self.assets = assets;
        match self.state {
            RiskState::Identified | RiskState::Analysed => self.analyse(criteria),
            _ => self.needs_reanalysis |= judged,
        }
        Ok(())
    }

    /// An asset's importance moved (§5.1).
    pub fn inputs_changed(&mut self) {
        if self.state != RiskState::Closed && self.initial.is_some() {
            self.needs_reanalysis = true;
        }
    }

    /// Holds it against the criteria in force. A risk that was decided or accepted before begins a new cycle.
    pub fn evaluate(&mut self, criteria: &RiskCriteria) -> Result<(), Refusal> {
        self.guard(RiskAction::Evaluate)?;
        let Some(assessment) = self.assessment_under(criteria) else {
            return Err(Refusal::not_ready(["/likelihood_basis"]));
        };
        self.initial = Some(assessment);
        self.suggested_option = Some(TreatmentOption::suggested(assessment.importance, assessment.likelihood));
        self.residual = None;
        self.treatment_approval = None;
        self.acceptance_override = None;
        self.acceptance = None;
        self.needs_reanalysis = false;
        self.state = RiskState::Evaluated;
        Ok(())
    }

    /// Chooses options and controls, over the `items` of the decision before. A control that stays keeps its items; those
    /// of one that is dropped stay on record and count no more. The owner approves anew.
    pub fn decide(&mut self, mut decision: TreatmentDecision, items: &[ControlProgress]) -> Result<(), Refusal> {
        self.guard(RiskAction::Decide)?;
        self.check_fresh()?;
        decision.check()?;
        Refusal::unless_empty(numbered::faults("/controls", &decision.controls, &self.control_numbers()))?;
        self.last_control = numbered::assign(&mut decision.controls, self.last_control);
        self.treatment = Some(decision);
        self.response_status = response_status(&self.counted(items));
        self.treatment_approval = None;
        self.acceptance_override = None;
        self.residual = None;
        self.state = RiskState::Decided;
        Ok(())
    }

    /// The owner approves the treatment (SD-4): every control needs an item with planned dates, and none may be among
    /// those that the statement of applicability in force `excludes`.
    pub fn approve_treatment(
        &mut self,
        by: Signature,
        items: &[ControlProgress],
        excludes: &BTreeSet<ControlId>,
    ) -> Result<(), Refusal> {
        self.guard(RiskAction::ApproveTreatment)?;
        self.check_owner(&by)?;
        self.check_fresh()?;
        let unplanned = self.unplanned(items);
        let missing = unplanned.iter().filter(|(_, missing)| *missing == "item").map(|(at, missing)| {
            Fault::new(format!("/treatment/controls/{at}"), Code::Required).with("missing", *missing)
        });
        let mut faults: Vec<Fault> = missing.collect();
        if faults.len() < unplanned.len() {
            faults.push(Fault::new("/planned_start", Code::Required));
        }
        if !faults.is_empty() {
            return Err(Refusal { errors: faults, ..Refusal::new(Code::NotReady) });
        }
        self.check_applicable(excludes)?;
        self.treatment_approval = Some(by);
        self.state = RiskState::TreatmentApproved;
        self.items_moved(items);
        Ok(())
    }

    /// The chosen controls, by place, that are not planned through, and what is missing: an `item`, or its
    /// `planned_dates`.
    pub fn unplanned(&self, items: &[ControlProgress]) -> Vec<(usize, &'static str)> {
        let undated = |item: &Progress| item.planned_start.is_none() || item.planned_end.is_none();
        let missing = |number: i32| {
            let mut items = items.iter().filter(|item| item.control == number && !item.progress.cancelled).peekable();
            if items.peek().is_none() {
                return Some("item");
            }
            items.any(|item| undated(&item.progress)).then_some("planned_dates")
        };
        let controls = self.control_numbers().into_iter().enumerate();
        controls.filter_map(|(at, number)| missing(number).map(|missing| (at, missing))).collect()
    }

    /// Follows its items: response status, and the state once the treatment is approved.
    pub fn items_moved(&mut self, items: &[ControlProgress]) {
        let items = self.counted(items);
        self.response_status = response_status(&items);
        if matches!(self.state, RiskState::TreatmentApproved | RiskState::InTreatment | RiskState::Treated) {
            let begun =
                items.iter().any(|item| matches!(item.status(), ItemStatus::InProgress | ItemStatus::Completed));
            self.state = match (self.response_status, begun) {
                (ResponseStatus::Done, _) => RiskState::Treated,
                (_, true) => RiskState::InTreatment,
                _ => RiskState::TreatmentApproved,
            };
        }
    }

    /// Judges what remains after treatment; not before every item is completed (RES-7).
    pub fn reassess(&mut self, residual: &ResidualAssessment, criteria: &RiskCriteria) -> Result<(), Refusal> {
        self.guard(RiskAction::Reassess)?;
        let likelihood = residual.likelihood_basis.likelihood(&criteria.draft);
        self.residual = Some(criteria.assess(residual.importance, likelihood));
        self.state = RiskState::Reassessed;
        Ok(())
    }

    /// Top management allows a risk that is too high (R-10; narrow override of amendments §4).
    pub fn allow(&mut self, by: Signature, draft: &OverrideDraft, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(RiskAction::Override)?;
        self.check_fresh()?;
        if self.remaining().is_none_or(|assessment| assessment.evaluation != Evaluation::Unacceptable) {
            return Err(Refusal::new(Code::WrongState).by("R-10").with("state", "acceptable"));
        }
        if self.state == RiskState::Decided && !self.treatment.as_ref().is_some_and(TreatmentDecision::retains_only) {
            return Err(Refusal::wrong_state(self.state).by("R-10"));
        }
        if draft.review_on <= today {
            return Err(Refusal::field("/review_on", Code::OutOfRange));
        }
        let signature = Signature { reason: Some(draft.reason.as_str().to_owned()), ..by };
        self.acceptance_override = Some(Override { signature, review_on: draft.review_on });
        Ok(())
    }

    /// The owner accepts what remains (R-10, SD-4).
    pub fn accept(
        &mut self,
        by: Signature,
        draft: &AcceptanceDraft,
        level: ProgrammeLevel,
        prepared_by: Option<Id<Person>>,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(RiskAction::Accept)?;
        self.check_owner(&by)?;
        self.check_fresh()?;
        let Some(assessment) = self.remaining() else { return Err(Refusal::not_ready(["/likelihood_basis"])) };
        let retains = self.treatment.as_ref().is_none_or(TreatmentDecision::retains_only);
        if self.state == RiskState::Decided && !retains && level == ProgrammeLevel::Lv3Comprehensive {
            return Err(Refusal::not_ready(["/residual"]).by("R-10").with("state", self.state.to_string()));
        }
        match (assessment.evaluation, &self.acceptance_override) {
            (Evaluation::Acceptable, _) => {}
            (Evaluation::AcceptableUnderControl, _) => match draft.follow_up_on {
                None => return Err(Refusal::field("/follow_up_on", Code::RequiredHere).by("R-10")),
                Some(day) if day <= today => return Err(Refusal::field("/follow_up_on", Code::OutOfRange)),
                Some(_) => {}
            },
            (Evaluation::Unacceptable, Some(_)) => {}
            (Evaluation::Unacceptable, None) => {
                return Err(Refusal::new(Code::RuleViolated).by("R-10").with("risk_level", assessment.risk_level));
            }
        }
        let comment = draft.comment.as_str();
        self.acceptance = Some(Acceptance {
            owner_prepared_it: prepared_by == Some(by.person_id),
            signature: Signature { reason: (!comment.is_empty()).then(|| comment.to_owned()), ..by },
            follow_up_on: draft.follow_up_on,
            by_override: assessment.evaluation == Evaluation::Unacceptable,
            assessment,
        });
        self.state = RiskState::Accepted;
        Ok(())
    }

    /// Closes it.
    pub fn close(&mut self, closure: Closure, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(RiskAction::Close)?;
        if closure.closed_on > today {
            return Err(Refusal::field("/closed_on", Code::FutureDate));
        }
        self.closure = Some(closure);
        self.needs_reanalysis = false;
        self.state = RiskState::Closed;
        Ok(())
    }

    /// What the criteria make of what is written; `None` while the likelihood is not known.
    pub fn assessment_under(&self, criteria: &RiskCriteria) -> Option<Assessment> {
        let importance = self.draft.importance(&self.assets)?;
        let likelihood = self.draft.likelihood_basis?.likelihood(&criteria.draft);
        Some(criteria.assess(importance, likelihood))
    }

    /// What is there to be accepted: after treatment where there was one, before it otherwise.
    pub fn remaining(&self) -> Option<Assessment> {
        self.residual.or(self.initial)
    }

    /// The numbers of the chosen controls.
    pub fn control_numbers(&self) -> Vec<i32> {
        self.treatment.as_ref().map(|treatment| numbered::numbers(&treatment.controls)).unwrap_or_default()
    }

    /// How far the items of the chosen controls are.
    fn counted(&self, items: &[ControlProgress]) -> Vec<Progress> {
        let chosen = self.control_numbers();
        items.iter().filter(|item| chosen.contains(&item.control)).map(|item| item.progress).collect()
    }

    /// Whether this person owns it today.
    pub fn is_owned_by(&self, person: Option<Id<Person>>) -> bool {
        let owner = self.risk_owner.person.as_ref();
        person.is_some_and(|person| owner.is_some_and(|owner| owner.id == person.uuid()))
    }

    /// SD-4: only the owner of the risk.
    fn check_owner(&self, by: &Signature) -> Result<(), Refusal> {
        if self.is_owned_by(Some(by.person_id)) {
            return Ok(());
        }
        let owner = self.risk_owner.person.as_ref();
        let owner = owner.map(|owner| serde_json::json!({ "id": owner.id, "name": owner.name }));
        Err(Refusal::new(Code::DutySeparated).by("SD-4").with("next_approver", serde_json::json!([owner])))
    }

    /// a control that the treatment uses is applicable.
    fn check_applicable(&self, excludes: &BTreeSet<ControlId>) -> Result<(), Refusal> {
        let mut refusal = Refusal::new(Code::RuleViolated).by("R-13");
        let controls = self.treatment.iter().flat_map(|decision| &decision.controls);
        for (at, control) in controls.enumerate() {
            for (place, id) in control.annex_a_ids.iter().enumerate().filter(|(_, id)| excludes.contains(id)) {
                let pointer = format!("/treatment/controls/{at}/annex_a_ids/{place}");
                refusal.errors.push(Fault::new(pointer, Code::RuleViolated).with("control_id", id.as_str()));
            }
        }
        if refusal.errors.is_empty() { Ok(()) } else { Err(refusal) }
    }

    /// What it was judged by must not have changed since.
    fn check_fresh(&self) -> Result<(), Refusal> {
        if self.needs_reanalysis { Err(Refusal::not_ready(["/needs_reanalysis"])) } else { Ok(()) }
    }

    fn analyse(&mut self, criteria: &RiskCriteria) {
        self.initial = self.assessment_under(criteria);
        self.suggested_option = self.initial.map(|a| TreatmentOption::suggested(a.importance, a.likelihood));
        self.state = if self.initial.is_some() { RiskState::Analysed } else { RiskState::Identified };
    }
}

/// The heat map: how many open risks stand at each importance and likelihood.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RiskMatrix {
    /// Which assessment was counted.
    pub assessment: MatrixKind,
    /// All nine cells, from importance 3 and likelihood 3 downwards.
    #[schema(min_items = 9, max_items = 9)]
    pub cells: Vec<MatrixCell>,
    /// Open risks that are not yet assessed.
    pub not_assessed: i64,
}

/// Which assessment a matrix counts.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MatrixKind {
    /// Before treatment.
    #[default]
    Initial,
    /// After treatment where there was one, before it otherwise.
    Remaining,
}

impl Labelled for MatrixKind {
    const NAME: &'static str = "matrix_kind";

    fn label(&self) -> Label {
        match self {
            Self::Initial => label("一次評価", "initial"),
            Self::Remaining => label("残留", "remaining"),
        }
    }
}

/// A cell of the heat map.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MatrixCell {
    /// 1 to 3.
    pub importance: Rating,
    /// 1 to 3.
    pub likelihood: Rating,
    /// Their product.
    pub risk_level: u8,
    /// What the criteria in force make of it.
    pub evaluation: Evaluation,
    /// How many risks stand here.
    pub risks: i64,
}
