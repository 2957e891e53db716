//! Findings of audits (9.2; D35), internal and external: nonconformities lead to a corrective action, observations to an
//! answer (R-18, §5.7).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{
    audit_checklist_item::AuditChecklistItem,
    criterion::{BilingualText, Criterion},
};
use crate::{
    access::{Governed, Resource, Role, Verb},
    catalog::control::ControlId,
    improvement::corrective_action::{
        CorrectiveActionDraft,
        source::{CorrectiveActionSource, FindingRank},
        step::CorrectiveActionState,
    },
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text, Title, Word},
        transition::{Stateful, Transition},
    },
    operation::occurrence::RecordLink,
    organization::{department::Department, person::Person},
    support::document::Document,
};

mod source;

pub use source::{FindingSource, FindingSourceId, OfAudit};

/// A finding.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Finding {
    /// Its id.
    pub id: Id<Finding>,
    /// Rises with every change of the record.
    pub revision: Revision,
    /// Its number among the findings of the audit.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: FindingDraft,
    /// The internal audit that it is of; or an external one instead.
    #[schema(required)]
    pub audit: Option<Reference>,
    /// The external audit that it is of.
    #[schema(required)]
    pub external_audit: Option<Reference>,
    /// What is not met (規格), with its title.
    pub criterion: BilingualText,
    /// The department where it was found.
    #[schema(required)]
    pub department: Option<Reference>,
    /// Who entered it.
    pub entered: Signature,
    /// The report was handed in, or the external audit closed: what was found does not change any more (SD-12).
    pub reported: bool,
    /// The answer to it.
    #[schema(required)]
    pub response: Option<FindingResponse>,
    /// The corrective action that answers it.
    #[schema(required)]
    pub corrective_action: Option<Reference>,
    /// The answer is missing, and its day has passed.
    pub overdue: bool,
    /// Who followed it up, and what they saw.
    #[schema(required)]
    pub follow_up: Option<Signature>,
    /// Who took it back, and why.
    #[schema(required)]
    pub withdrawal: Option<Signature>,
    /// Where it stands.
    pub state: FindingState,
    /// Steps open to the caller.
    pub allowed_actions: Vec<FindingAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Finding {
    const RESOURCE: Resource = Resource::Finding;
}

impl Revised for Finding {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingDraft {
    /// How grave it is (指摘のランク).
    pub rank: FindingRank,
    /// The clause that is not met, such as `5.2`; or a control or a document instead.
    #[serde(default)]
    #[schema(required = false)]
    pub clause: Option<Word>,
    /// The control of Annex A.
    #[serde(default)]
    #[schema(required = false)]
    pub control: Option<ControlId>,
    /// The own document.
    #[serde(default)]
    #[schema(required = false)]
    pub document_id: Option<Id<Document>>,
    /// Which section of the document.
    #[serde(default)]
    pub section: Note,
    /// What is required, what was seen, and what is missing.
    pub content: Text,
    /// What shows it.
    #[serde(default)]
    pub evidence: Note,
    /// The department in which it was found; or a function, and neither where an external audit found it in the whole.
    #[serde(default)]
    #[schema(required = false)]
    pub department_id: Option<Id<Department>>,
    /// The function in which it was found, such as top management.
    #[serde(default)]
    #[schema(required = false)]
    pub function: Option<Role>,
    /// The item of the checklist from which it comes.
    #[serde(default)]
    #[schema(required = false)]
    pub checklist_item_id: Option<Id<AuditChecklistItem>>,
    /// The day by which it is to be answered; a nonconformity of an external audit has one.
    #[serde(default)]
    #[schema(required = false)]
    pub respond_by: Option<NaiveDate>,
    /// The auditor from outside for whom the audit manager writes.
    #[serde(default)]
    #[schema(required = false)]
    pub on_behalf_of: Option<Title>,
}

impl FindingRank {
    /// Whether it takes a corrective action (AUD-7, AUD-8).
    pub fn is_nonconformity(self) -> bool {
        matches!(self, Self::MajorNonconformity | Self::MinorNonconformity)
    }
}

/// The answer to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingResponse {
    /// What was written.
    #[serde(flatten)]
    pub draft: FindingResponseDraft,
    /// By whom.
    pub entered: Signature,
}

/// What is answered, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingResponseDraft {
    /// What was done, or why nothing is done.
    pub answer: Text,
    /// When it was answered; not in the future.
    pub responded_on: NaiveDate,
}

/// Who is asked for a corrective action, and by when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectiveActionOrder {
    /// The department that corrects it; that of the finding where this is left out.
    #[serde(default)]
    #[schema(required = false)]
    pub target_department_id: Option<Id<Department>>,
    /// Who answers it, where that is not the department's manager.
    #[serde(default)]
    #[schema(required = false)]
    pub responsible_person_id: Option<Id<Person>>,
    /// The day by which the plan has to be handed in; that of the finding where this is left out.
    #[serde(default)]
    #[schema(required = false)]
    pub response_due_on: Option<NaiveDate>,
}

/// Where a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FindingState {
    /// Nothing was done about it yet.
    Open,
    /// A corrective action is on its way.
    CorrectiveActionLinked,
    /// The corrective action is closed, or what is no nonconformity was answered.
    Resolved,
    /// Followed up.
    Closed,
    /// Taken back before it was settled.
    Withdrawn,
}

impl FindingState {
    /// Where a finding stands that was neither taken back nor followed up: by its rank, whether it was answered, and where
    /// its corrective action stands.
    pub fn after(rank: FindingRank, answered: bool, action: Option<CorrectiveActionState>) -> Self {
        match action {
            Some(CorrectiveActionState::Closed) => Self::Resolved,
            Some(_) => Self::CorrectiveActionLinked,
            None if answered && !rank.is_nonconformity() => Self::Resolved,
            None => Self::Open,
        }
    }
}

impl Labelled for FindingState {
    const NAME: &'static str = "finding_state";

    fn label(&self) -> Label {
        match self {
            Self::Open => label("未対応", "open"),
            Self::CorrectiveActionLinked => label("是正処置中", "corrective action linked"),
            Self::Resolved => label("対応済み", "resolved"),
            Self::Closed => label("確認済み", "closed"),
            Self::Withdrawn => label("取下げ", "withdrawn"),
        }
    }
}

/// A step of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FindingAction {
    /// Change it; not after it was reported.
    Revise,
    /// Take it back (`/withdrawal`); not after it was reported.
    Withdraw,
    /// Ask for a corrective action (`/corrective-action`).
    RequestCorrectiveAction,
    /// Answer it (`/response`).
    Respond,
    /// Say that it was followed up (`/follow-up`).
    FollowUp,
}

impl Labelled for FindingAction {
    const NAME: &'static str = "finding_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Withdraw => label("取下げ", "withdraw"),
            Self::RequestCorrectiveAction => label("是正要求", "request a corrective action"),
            Self::Respond => label("回答", "respond"),
            Self::FollowUp => label("フォローアップ", "follow up"),
        }
    }
}

use FindingState as S;

impl Stateful for Finding {
    type Action = FindingAction;
    type State = FindingState;

    const TRANSITIONS: &'static [Transition<FindingAction, FindingState>] = &[
        Transition {
            action: FindingAction::Revise,
            from: &[S::Open, S::CorrectiveActionLinked, S::Resolved],
            grant: (Resource::Finding, Verb::Update),
        },
        Transition { action: FindingAction::Withdraw, from: &[S::Open], grant: (Resource::Finding, Verb::Update) },
        Transition {
            action: FindingAction::RequestCorrectiveAction,
            from: &[S::Open],
            grant: (Resource::CorrectiveActionRequest, Verb::Create),
        },
        Transition {
            action: FindingAction::Respond,
            from: &[S::Open, S::CorrectiveActionLinked],
            grant: (Resource::Finding, Verb::Execute),
        },
        Transition { action: FindingAction::FollowUp, from: &[S::Resolved], grant: (Resource::Finding, Verb::Approve) },
    ];

    fn state(&self) -> FindingState {
        self.state
    }
}

impl FindingDraft {
    /// What is not met.
    pub fn criterion(&self) -> Criterion<'_> {
        Criterion {
            clause: self.clause.as_ref(),
            control: self.control,
            document: self.document_id,
            section: &self.section,
        }
    }

    /// What is wrong with it as a finding of this audit.
    fn check(&self, audit: FindingSource<'_>, by: &Signature) -> Result<(), Refusal> {
        let mut faults = self.criterion().faults();
        faults.extend(audit.faults(self, by));
        Refusal::unless_empty(faults)
    }
}

impl Finding {
    /// A new finding of an audit.
    pub fn enter<'a>(
        draft: FindingDraft,
        audit: impl Into<FindingSource<'a>>,
        number: i32,
        by: Signature,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let of = audit.into();
        of.guard()?;
        draft.check(of, &by)?;
        let (audit, external_audit) = of.references();
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            number,
            draft,
            audit,
            external_audit,
            criterion: BilingualText::default(),
            department: None,
            entered: by,
            reported: false,
            response: None,
            corrective_action: None,
            overdue: false,
            follow_up: None,
            withdrawal: None,
            state: FindingState::Open,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes it; not after it was reported (SD-12).
    pub fn revise(&mut self, draft: FindingDraft, audit: FindingSource<'_>, by: Signature) -> Result<(), Refusal> {
        self.guard(FindingAction::Revise)?;
        self.require_unreported()?;
        draft.check(audit, &by)?;
        self.draft = draft;
        self.entered = by;
        Ok(())
    }

    /// Takes it back; not after it was reported (SD-12).
    pub fn withdraw(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(FindingAction::Withdraw)?;
        self.require_unreported()?;
        self.withdrawal = Some(by);
        Ok(())
    }

    /// Answers it.
    pub fn respond(&mut self, response: FindingResponseDraft, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(FindingAction::Respond)?;
        if response.responded_on > today {
            return Err(Refusal::field("/responded_on", Code::FutureDate));
        }
        self.response = Some(FindingResponse { draft: response, entered: by });
        Ok(())
    }

    /// It was followed up, in the next audit say.
    pub fn followed_up(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(FindingAction::FollowUp)?;
        self.follow_up = Some(by);
        Ok(())
    }

    /// The request of a corrective action for it, with what is known of it and of its audit, which was on `audited_on`
    /// (CAR-1).
    pub fn corrective_action_draft<'a>(
        &self,
        order: CorrectiveActionOrder,
        today: NaiveDate,
        audit: impl Into<FindingSource<'a>>,
        audited_on: NaiveDate,
    ) -> Result<CorrectiveActionDraft, Refusal> {
        self.guard(FindingAction::RequestCorrectiveAction)?;
        let department = order.target_department_id.or(self.draft.department_id);
        let (source, external_body, auditor_name) = match audit.into() {
            OfAudit::Internal(_) => (CorrectiveActionSource::InternalAudit, None, self.draft.on_behalf_of.clone()),
            OfAudit::External(audit) => {
                let lead = audit.draft.auditors.first().cloned();
                (CorrectiveActionSource::ExternalAudit, Some(audit.draft.body.clone()), lead)
            }
        };
        let section = self.draft.document_id.is_some().then_some(self.criterion.ja.as_str());
        Ok(CorrectiveActionDraft {
            target_department_id: department
                .ok_or_else(|| Refusal::field("/target_department_id", Code::RequiredHere))?,
            issued_on: today,
            source,
            external_body,
            source_other_text: None,
            audited_on: Some(audited_on),
            auditor_id: auditor_name.is_none().then_some(self.entered.person_id),
            auditor_name,
            finding_rank: Some(self.draft.rank),
            clause: self.draft.clause.clone(),
            control: self.draft.control,
            document_section: section
                .and_then(|section| Title::new(section.chars().take(200).collect::<String>()).ok()),
            source_record: Some(RecordLink { resource: Resource::Finding, id: self.id.uuid() }),
            description: self.draft.content.clone(),
            responsible_person_id: order.responsible_person_id,
            response_due_on: order.response_due_on.or(self.draft.respond_by.filter(|due| *due >= today)),
        })
    }

    fn require_unreported(&self) -> Result<(), Refusal> {
        if self.reported { Err(Refusal::wrong_state(self.state).by("SD-12")) } else { Ok(()) }
    }

    /// Derives where it stands as of `today`, with a corrective action at `action`; its audit has `settled` it or not.
    pub fn derive(&mut self, settled: bool, action: Option<CorrectiveActionState>, today: NaiveDate) {
        self.reported = settled;
        self.state = match () {
            () if self.withdrawal.is_some() => FindingState::Withdrawn,
            () if self.follow_up.is_some() => FindingState::Closed,
            () => FindingState::after(self.draft.rank, self.response.is_some(), action),
        };
        let waits = self.response.is_none() && matches!(self.state, S::Open | S::CorrectiveActionLinked);
        self.overdue = waits && self.draft.respond_by.is_some_and(|due| due < today);
    }

    /// Keeps of the steps that a caller has those that the report leaves open.
    pub fn keep_open(&self, mut steps: Vec<FindingAction>) -> Vec<FindingAction> {
        steps.retain(|step| !self.reported || !matches!(step, FindingAction::Revise | FindingAction::Withdraw));
        steps
    }
}

#[cfg(test)]
mod tests;
