//! The rows of a statement of applicability: one per control.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::StatementOfApplicability;
use crate::{
    access::{Governed, Resource, Verb},
    catalog::control::{self, AnnexAControl},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, TextFault, Title, Word},
        transition::{Stateful, Transition},
        version::VersionState,
    },
    planning::risk::Risk,
};

/// A control in one version of the statement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApplicabilityControl {
    /// Its id.
    pub id: Id<ApplicabilityControl>,
    /// Rises with every change.
    pub revision: Revision,
    /// The version of the statement that it stands in.
    pub statement_id: Id<StatementOfApplicability>,
    /// The number of that version.
    pub version: i32,
    /// Where that version stands: its controls change only in a draft (SD-12).
    pub state: VersionState,
    /// Where it stands in the statement: Annex A in its order, own controls after it.
    pub order: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: ApplicabilityControlDraft,
    /// Titles and attributes of a control of Annex A; `null` for an own one.
    #[schema(required)]
    pub annex_a: Option<AnnexAControl>,
    /// The open risks whose treatment uses it, as far as the caller may read them.
    pub risks: Vec<ControlRisk>,
    /// Who withdrew it from this version on, with the reason; only an own one. It counts no more, and the next version
    /// does not have it.
    #[schema(required)]
    pub withdrawn: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<ApplicabilityControlAction>,
    /// When it was entered in this version.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for ApplicabilityControl {
    const RESOURCE: Resource = Resource::StatementOfApplicability;
}

impl Revised for ApplicabilityControl {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// A risk whose treatment uses a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ControlRisk {
    /// Its id.
    pub id: Id<Risk>,
    /// Its number.
    pub number: i32,
}

/// What is written about a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicabilityControlDraft {
    /// Its number in Annex A, or an own id such as `X-1`: without blanks, `/` and `~`, and not beginning with a digit.
    pub control_id: Word,
    /// Its title; of a control of Annex A the Japanese one of the catalog, which cannot be changed.
    pub title: Title,
    /// Whether it is applicable (適用).
    #[serde(default)]
    pub decision: ApplicabilityDecision,
    /// How far it is in practice (実施・未実施): given where it is applicable, `not_applicable` where it is not, `null`
    /// while that is undecided.
    #[serde(default)]
    #[schema(required = false)]
    pub implementation_status: Option<ImplementationStatus>,
    /// Why it was included or excluded; not empty when the version is handed in.
    #[serde(default)]
    pub justification: Note,
    /// Regulations and procedures that carry it out (規程・手順書), by title.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub documents: Vec<Title>,
}

/// Whether a control is applicable.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ApplicabilityDecision {
    /// Not decided yet: a version cannot be handed in with it.
    #[default]
    Undecided,
    /// 適用
    Applicable,
    /// 適用除外
    NotApplicable,
}

impl Labelled for ApplicabilityDecision {
    const NAME: &'static str = "applicability_decision";

    fn label(&self) -> Label {
        match self {
            Self::Undecided => label("未決定", "undecided"),
            Self::Applicable => label("適用", "applicable"),
            Self::NotApplicable => label("適用除外", "not applicable"),
        }
    }
}

/// How far a control is in practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ImplementationStatus {
    /// ○
    Implemented,
    /// 一部
    PartiallyImplemented,
    /// 未
    NotImplemented,
    /// ー: it is not applicable.
    NotApplicable,
}

impl Labelled for ImplementationStatus {
    const NAME: &'static str = "implementation_status";

    fn label(&self) -> Label {
        match self {
            Self::Implemented => label("実施済み", "implemented"),
            Self::PartiallyImplemented => label("一部実施", "partially implemented"),
            Self::NotImplemented => label("未実施", "not implemented"),
            Self::NotApplicable => label("対象外", "not applicable"),
        }
    }
}

/// A step of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ApplicabilityControlAction {
    /// Change what is written.
    Revise,
    /// Take an own control out of this version and those after it (`/withdrawal`).
    Withdraw,
}

impl Labelled for ApplicabilityControlAction {
    const NAME: &'static str = "applicability_control_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Withdraw => label("取下げ", "withdraw"),
        }
    }
}

/// A control changes with the draft that it stands in, and under the same grant.
impl Stateful for ApplicabilityControl {
    type Action = ApplicabilityControlAction;
    type State = VersionState;

    const TRANSITIONS: &'static [Transition<ApplicabilityControlAction, VersionState>] = &[
        Transition {
            action: ApplicabilityControlAction::Revise,
            from: &[VersionState::Draft],
            grant: (Resource::StatementOfApplicability, Verb::Update),
        },
        Transition {
            action: ApplicabilityControlAction::Withdraw,
            from: &[VersionState::Draft],
            grant: (Resource::StatementOfApplicability, Verb::Update),
        },
    ];

    fn state(&self) -> VersionState {
        self.state
    }

    /// None of one that was withdrawn, and nobody withdraws a control of Annex A.
    fn open_transitions(&self) -> impl Iterator<Item = &'static Transition<ApplicabilityControlAction, VersionState>> {
        let (state, own, stands) = (self.state, self.annex_a.is_none(), self.withdrawn.is_none());
        let open = move |step: &ApplicabilityControlAction| own || *step != ApplicabilityControlAction::Withdraw;
        Self::TRANSITIONS.iter().filter(move |step| stands && step.from.contains(&state) && open(&step.action))
    }
}

/// Most documents of a control.
const MOST_DOCUMENTS: usize = 50;

impl ApplicabilityControlDraft {
    /// An own control about which nothing is decided yet.
    #[cfg(test)]
    pub(super) fn own(control_id: &str, title: &str) -> Self {
        Self {
            control_id: Word::new(control_id).unwrap(),
            title: Title::new(title).unwrap(),
            decision: ApplicabilityDecision::Undecided,
            implementation_status: None,
            justification: Note::default(),
            documents: Vec::new(),
        }
    }

    /// Refuses a status that does not go with the decision (R-13, SOA-3). Where a control is not applicable there is only
    /// one, which may be left out.
    fn settle(&mut self) -> Result<(), Refusal> {
        use ApplicabilityDecision as D;
        use ImplementationStatus as S;
        let fault = |code| Fault::new("/implementation_status", code).with("rule", "R-13");
        let mut faults = Vec::new();
        match (self.decision, self.implementation_status) {
            (D::NotApplicable, None) => self.implementation_status = Some(S::NotApplicable),
            (D::Undecided, None) | (D::NotApplicable, Some(S::NotApplicable)) => {}
            (D::Applicable, Some(S::Implemented | S::PartiallyImplemented | S::NotImplemented)) => {}
            (D::Applicable, None) => faults.push(fault(Code::RequiredHere)),
            _ => faults.push(fault(Code::Contradiction).with("decision", self.decision.to_string())),
        }
        if self.documents.len() > MOST_DOCUMENTS {
            faults.push(Fault::new("/documents", Code::TooLong));
        }
        for (at, document) in self.documents.iter().enumerate() {
            if self.documents.iter().take(at).any(|earlier| earlier == document) {
                faults.push(Fault::new(format!("/documents/{at}"), Code::Duplicate));
            }
        }
        Refusal::unless_empty(faults)
    }

    /// An own id is not taken for a number of Annex A, and can stand in a pointer.
    fn check_own_id(&self) -> Result<(), Refusal> {
        let id = self.control_id.as_str();
        let misleads = id.starts_with(|first: char| first.is_numeric());
        let breaks = id.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '~'));
        if misleads || breaks { Err(Refusal::field("/control_id", Code::InvalidFormat)) } else { Ok(()) }
    }
}

impl ApplicabilityControl {
    /// The row of a control of Annex A, about which nothing is decided yet.
    pub(super) fn of_annex_a(
        control: &'static AnnexAControl,
        statement: &StatementOfApplicability,
        now: DateTime<Utc>,
    ) -> Result<Self, TextFault> {
        let draft = ApplicabilityControlDraft {
            control_id: Word::new(control.id)?,
            title: Title::new(control.title_ja)?,
            decision: ApplicabilityDecision::Undecided,
            implementation_status: None,
            justification: Note::default(),
            documents: Vec::new(),
        };
        Ok(Self::new(draft, statement, i32::from(control.order), now))
    }

    /// An own control at the place `order`.
    pub fn own(
        mut draft: ApplicabilityControlDraft,
        statement: &StatementOfApplicability,
        order: i32,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        draft.check_own_id()?;
        draft.settle()?;
        Ok(Self::new(draft, statement, order, now))
    }

    /// The same row in another version.
    pub(super) fn copied_to(&self, statement: &StatementOfApplicability, now: DateTime<Utc>) -> Self {
        Self::new(self.draft.clone(), statement, self.order, now)
    }

    fn new(
        draft: ApplicabilityControlDraft,
        statement: &StatementOfApplicability,
        order: i32,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: Id::generate(now),
            revision: 1,
            statement_id: statement.id,
            version: statement.version.number,
            state: statement.version.state,
            order,
            annex_a: control::find(draft.control_id.as_str()).copied(),
            draft,
            risks: Vec::new(),
            withdrawn: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Changes what is written. Number and title of a control of Annex A stay.
    pub fn revise(&mut self, mut draft: ApplicabilityControlDraft) -> Result<(), Refusal> {
        self.check_open()?;
        if self.annex_a.is_some() {
            let moved = [
                ("/control_id", draft.control_id != self.draft.control_id),
                ("/title", draft.title != self.draft.title),
            ];
            let faults = moved.into_iter().filter(|(_, moved)| *moved);
            Refusal::unless_empty(faults.map(|(at, _)| Fault::new(at, Code::ReadOnlyField)).collect())?;
        } else {
            draft.check_own_id()?;
        }
        draft.settle()?;
        self.draft = draft;
        Ok(())
    }

    /// Takes an own control out of this version and those after it; approved versions keep it. The 93 of Annex A stand in
    /// every version.
    pub fn withdraw(&mut self, by: Signature) -> Result<(), Refusal> {
        self.check_open()?;
        if self.annex_a.is_some() {
            return Err(Refusal::new(Code::RuleViolated).by("R-13"));
        }
        self.withdrawn = Some(by);
        Ok(())
    }

    /// Refuses a change outside a draft (SD-12), and of what was withdrawn.
    fn check_open(&self) -> Result<(), Refusal> {
        match (self.state, &self.withdrawn) {
            (VersionState::Draft, None) => Ok(()),
            (VersionState::Draft, Some(_)) => Err(Refusal::wrong_state("withdrawn")),
            (state, _) => Err(Refusal::wrong_state(state).by("SD-12")),
        }
    }

    /// What keeps the version from being handed in: undecided, without a justification, or not applicable although
    /// the treatment of a risk uses it.
    pub(super) fn gaps(&self) -> Vec<Fault> {
        let at = |field: &str| format!("/controls/{}/{field}", self.draft.control_id);
        let mut faults = Vec::new();
        match self.draft.decision {
            ApplicabilityDecision::Undecided => faults.push(Fault::new(at("decision"), Code::Required)),
            ApplicabilityDecision::NotApplicable if !self.risks.is_empty() => {
                let risks: Vec<i32> = self.risks.iter().map(|risk| risk.number).collect();
                faults.push(Fault::new(at("decision"), Code::RuleViolated).with("risks", risks));
            }
            _ => {}
        }
        if self.draft.justification.as_str().trim().is_empty() {
            faults.push(Fault::new(at("justification"), Code::Required));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(decision: ApplicabilityDecision, status: Option<ImplementationStatus>) -> Result<(), Code> {
        let own = ApplicabilityControlDraft::own("X-1", "独自の管理策");
        let mut draft = ApplicabilityControlDraft { decision, implementation_status: status, ..own };
        draft.settle().map_err(|refusal| {
            assert_eq!(refusal.errors[0].pointer, "/implementation_status");
            refusal.errors[0].code
        })?;
        assert_eq!(draft.implementation_status.is_some(), decision != ApplicabilityDecision::Undecided);
        Ok(())
    }

    #[test]
    fn soa_3_status_and_decision_go_together() {
        use ApplicabilityDecision::{Applicable, NotApplicable, Undecided};
        use ImplementationStatus as S;
        assert_eq!(settled(NotApplicable, Some(S::Implemented)), Err(Code::Contradiction), "SOA-3");
        assert_eq!(settled(NotApplicable, Some(S::NotApplicable)), Ok(()));
        assert_eq!(settled(NotApplicable, None), Ok(()), "there is only one");
        assert_eq!(settled(Applicable, Some(S::NotApplicable)), Err(Code::Contradiction));
        assert_eq!(settled(Applicable, None), Err(Code::RequiredHere));
        for status in [S::Implemented, S::PartiallyImplemented, S::NotImplemented] {
            assert_eq!(settled(Applicable, Some(status)), Ok(()));
            assert_eq!(settled(Undecided, Some(status)), Err(Code::Contradiction));
        }
        assert_eq!(settled(Undecided, None), Ok(()));
    }

    #[test]
    fn an_own_id_is_not_taken_for_a_number_of_annex_a() {
        let check = |id: &str| ApplicabilityControlDraft::own(id, "独自の管理策").check_own_id();
        assert!(["X-1", "独自1", "A.5.1"].iter().all(|id| check(id).is_ok()));
        assert!(["5.1", "5.99", "９.1", "X 1", " X", "X/1", "X~1"].iter().all(|id| check(id).is_err()));
    }
}
