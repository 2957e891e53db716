//! The statement of applicability (D20; 6.1.3 d, §5.3): issued versions that top management alone approves (SD-5), each
//! with a row for every control of Annex A and for own controls beside.

pub mod control;
pub mod edit;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::control::{ApplicabilityControl, ApplicabilityDecision, ImplementationStatus};
use crate::{
    access::{Governed, Resource},
    catalog::control::CONTROLS,
    kernel::{
        id::Id,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, TextFault, Title},
        transition::{Stateful, Transition},
        version::{Version, VersionAction, VersionState},
    },
};

/// One version of the statement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementOfApplicability {
    /// Its id.
    pub id: Id<StatementOfApplicability>,
    /// Rises with every change of this version, its controls included.
    pub revision: Revision,
    /// Which version it is.
    #[serde(flatten)]
    pub version: Version,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: StatementOfApplicabilityDraft,
    /// The version that it began as a copy of; `null` where it began empty.
    #[schema(required)]
    pub copied_from: Option<i32>,
    /// How far its controls are.
    pub counts: ControlCounts,
    /// Steps open to the caller.
    pub allowed_actions: Vec<VersionAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for StatementOfApplicability {
    const RESOURCE: Resource = Resource::StatementOfApplicability;
}

impl Revised for StatementOfApplicability {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written on the front of a version; its controls are records of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementOfApplicabilityDraft {
    /// Its title.
    pub title: Title,
    /// Which risk assessment it rests on.
    #[serde(default)]
    pub based_on_assessment: Note,
    /// Remarks, such as what changed since the version before.
    #[serde(default)]
    pub remarks: Note,
}

/// How many controls of a version are decided, and how far they are in practice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ControlCounts {
    /// All: the 93 of Annex A and the own ones.
    pub total: i64,
    /// Not decided yet.
    pub undecided: i64,
    /// Applicable (適用).
    pub applicable: i64,
    /// Not applicable (適用除外).
    pub not_applicable: i64,
    /// Applicable and in practice.
    pub implemented: i64,
    /// Applicable and partly in practice.
    pub partially_implemented: i64,
    /// Applicable and not in practice yet.
    pub not_implemented: i64,
}

impl ControlCounts {
    /// Counts `rows` more with this decision and status.
    pub fn add(&mut self, decision: ApplicabilityDecision, status: Option<ImplementationStatus>, rows: i64) {
        self.total += rows;
        *match decision {
            ApplicabilityDecision::Undecided => &mut self.undecided,
            ApplicabilityDecision::Applicable => &mut self.applicable,
            ApplicabilityDecision::NotApplicable => &mut self.not_applicable,
        } += rows;
        match status {
            Some(ImplementationStatus::Implemented) => self.implemented += rows,
            Some(ImplementationStatus::PartiallyImplemented) => self.partially_implemented += rows,
            Some(ImplementationStatus::NotImplemented) => self.not_implemented += rows,
            Some(ImplementationStatus::NotApplicable) | None => {}
        }
    }
}

impl Stateful for StatementOfApplicability {
    type Action = VersionAction;
    type State = VersionState;

    const TRANSITIONS: &'static [Transition<VersionAction, VersionState>] =
        &Version::steps(Resource::StatementOfApplicability);

    fn state(&self) -> VersionState {
        self.version.state
    }
}

impl StatementOfApplicability {
    /// A new version, as a draft. Its controls: [`begin`](Self::begin).
    pub fn draft(draft: StatementOfApplicabilityDraft, number: i32, by: Signature, now: DateTime<Utc>) -> Self {
        Self {
            id: Id::generate(now),
            revision: 1,
            version: Version::draft(number, by),
            draft,
            copied_from: None,
            counts: ControlCounts::default(),
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// The controls it begins with: a copy of those of the version `before`, where there is one to begin with. What Annex
    /// A has and the copy lacks is born undecided, so that all 93 stand in every version; own controls that were
    /// withdrawn stay behind.
    pub fn begin(
        &mut self,
        before: Option<(&Self, &[ApplicabilityControl])>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ApplicabilityControl>, TextFault> {
        let old = before.map(|(_, controls)| controls).unwrap_or_default();
        let copied = |id: &str| old.iter().find(|control| control.draft.control_id.as_str() == id);
        let of_annex_a = CONTROLS.iter().map(|control| match copied(control.id) {
            Some(row) => Ok(row.copied_to(self, now)),
            None => ApplicabilityControl::of_annex_a(control, self, now),
        });
        let own = old.iter().filter(|control| control.annex_a.is_none() && control.withdrawn.is_none());
        let own = own.map(|control| Ok(control.copied_to(self, now)));
        let controls: Vec<_> = of_annex_a.chain(own).collect::<Result<_, _>>()?;
        self.copied_from = before.map(|(before, _)| before.version.number);
        self.count(&controls);
        Ok(controls)
    }

    /// Counts its controls anew.
    pub fn count(&mut self, controls: &[ApplicabilityControl]) {
        self.counts = ControlCounts::default();
        for control in controls {
            self.counts.add(control.draft.decision, control.draft.implementation_status, 1);
        }
    }

    /// Changes the front of a draft.
    pub fn revise(&mut self, draft: StatementOfApplicabilityDraft, by: Signature) -> Result<(), Refusal> {
        self.version.revise(by)?;
        self.draft = draft;
        Ok(())
    }

    /// Hands it in: every control is decided and justified, and those that the treatment of a risk uses are applicable
    /// (R-13; SOA-2, SOA-4).
    pub fn submit(&mut self, by: Signature, controls: &[ApplicabilityControl]) -> Result<(), Refusal> {
        self.guard(VersionAction::Submit)?;
        check_complete(controls)?;
        self.version.submit(by)
    }

    /// Puts it in force. Risks may have been decided on since it was handed in: their controls are asked for again.
    pub fn approve(
        &mut self,
        by: Signature,
        alone: bool,
        controls: &[ApplicabilityControl],
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        self.guard(VersionAction::Approve)?;
        check_complete(controls)?;
        self.version.approve(by, alone, now)
    }
}

/// Refuses a statement with gaps, naming each by the control and its field.
fn check_complete(controls: &[ApplicabilityControl]) -> Result<(), Refusal> {
    let errors: Vec<Fault> = controls.iter().flat_map(ApplicabilityControl::gaps).collect();
    if errors.is_empty() { Ok(()) } else { Err(Refusal { errors, ..Refusal::new(Code::NotReady).by("R-13") }) }
}

#[cfg(test)]
mod tests {
    use super::{control::ControlRisk, *};
    use crate::{catalog::control::ControlTheme, organization::person::Person};

    fn signature() -> Signature {
        Signature {
            person_id: Id::<Person>::generate(DateTime::UNIX_EPOCH),
            name: "上田".to_owned(),
            posts: Vec::new(),
            at: DateTime::UNIX_EPOCH,
            provisional: false,
            reason: None,
        }
    }

    fn version(number: i32) -> StatementOfApplicability {
        let draft = StatementOfApplicabilityDraft {
            title: Title::new("適用宣言書").unwrap(),
            based_on_assessment: Note::default(),
            remarks: Note::default(),
        };
        StatementOfApplicability::draft(draft, number, signature(), DateTime::UNIX_EPOCH)
    }

    fn decided(controls: &mut [ApplicabilityControl]) {
        for control in controls {
            control.draft.decision = ApplicabilityDecision::Applicable;
            control.draft.implementation_status = Some(ImplementationStatus::Implemented);
            control.draft.justification = Note::new("必要なため").unwrap();
        }
    }

    #[test]
    fn soa_1_a_first_version_has_the_93_controls_of_annex_a_undecided() {
        let mut first = version(1);
        let controls = first.begin(None, DateTime::UNIX_EPOCH).unwrap();
        let of =
            |theme| controls.iter().filter(|control| control.annex_a.is_some_and(|known| known.theme == theme)).count();
        use ControlTheme::{Organizational, People, Physical, Technological};
        assert_eq!([Organizational, People, Physical, Technological].map(of), [37, 8, 14, 34]);
        assert_eq!((first.counts.total, first.counts.undecided, first.copied_from), (93, 93, None));
        assert!(controls.is_sorted_by(|a, b| a.order < b.order));
    }

    #[test]
    fn soa_2_and_4_what_is_missing_is_named_by_control_and_field() {
        let mut first = version(1);
        let mut controls = first.begin(None, DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(first.submit(signature(), &controls).unwrap_err().errors.len(), 2 * 93);
        decided(&mut controls);
        controls[0].draft.justification = Note::new("　\n").unwrap();
        controls[1].draft.decision = ApplicabilityDecision::Undecided;
        controls[11].draft.decision = ApplicabilityDecision::NotApplicable;
        controls[11].risks = vec![ControlRisk { id: Id::generate(DateTime::UNIX_EPOCH), number: 3 }];
        let refused = first.submit(signature(), &controls).unwrap_err();
        assert_eq!((refused.code, refused.rule), (Code::NotReady, Some("R-13")));
        let faults: Vec<_> = refused.errors.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(
            faults,
            [
                ("/controls/5.1/justification", Code::Required),
                ("/controls/5.2/decision", Code::Required),
                ("/controls/5.12/decision", Code::RuleViolated),
            ]
        );
        assert_eq!(refused.errors[2].params["risks"], serde_json::json!([3]));
        decided(&mut controls);
        assert!(first.submit(signature(), &controls).is_ok());
        // A risk is decided on while the version waits for approval.
        controls[11].draft.decision = ApplicabilityDecision::NotApplicable;
        let refused = first.approve(signature(), false, &controls, DateTime::UNIX_EPOCH).unwrap_err();
        assert_eq!((refused.code, refused.errors.len()), (Code::NotReady, 1));
    }

    #[test]
    fn a_copy_keeps_decisions_and_own_controls_and_has_all_of_annex_a() {
        let (mut first, mut second) = (version(1), version(2));
        let mut controls = first.begin(None, DateTime::UNIX_EPOCH).unwrap();
        decided(&mut controls);
        let own = control::ApplicabilityControlDraft::own("X-1", "委託先の立入り");
        controls.push(ApplicabilityControl::own(own, &first, 1001, DateTime::UNIX_EPOCH).unwrap());
        controls.remove(5);
        let copies = second.begin(Some((&first, &controls)), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!((second.copied_from, second.counts.total, second.counts.applicable), (Some(1), 94, 92));
        assert_eq!(copies[5].draft.decision, ApplicabilityDecision::Undecided, "what the copy lacked");
        assert!(copies.iter().all(|copy| controls.iter().all(|control| control.id != copy.id)));
        assert!(copies.iter().all(|copy| copy.statement_id == second.id && copy.revision == 1));
    }

    #[test]
    fn an_own_control_is_withdrawn_from_a_draft_and_one_of_annex_a_never() {
        let (mut first, mut second) = (version(1), version(2));
        let mut controls = first.begin(None, DateTime::UNIX_EPOCH).unwrap();
        let refused = controls[0].withdraw(signature()).unwrap_err();
        assert_eq!((refused.code, refused.rule), (Code::RuleViolated, Some("R-13")));
        let draft = control::ApplicabilityControlDraft::own("X-1", "委託先の立入り");
        let mut own = ApplicabilityControl::own(draft.clone(), &first, 1001, DateTime::UNIX_EPOCH).unwrap();
        let mut handed_in = ApplicabilityControl { state: VersionState::Submitted, ..own.clone() };
        assert_eq!(handed_in.withdraw(signature()).unwrap_err().rule, Some("SD-12"));
        own.withdraw(signature()).unwrap();
        assert_eq!(own.withdraw(signature()).unwrap_err().code, Code::WrongState);
        assert_eq!(own.revise(draft).unwrap_err().code, Code::WrongState);
        assert_eq!(own.open_transitions().count(), 0);
        controls.push(own);
        let copies = second.begin(Some((&first, &controls)), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(copies.len(), 93, "it stays behind");
    }
}
