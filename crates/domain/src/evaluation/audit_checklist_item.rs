//! The checklist of an audit (内部監査チェックリスト, D33): prepared before it, answered during it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{
    audit::{Audit, AuditState},
    criterion::{BilingualText, Criterion},
};
use crate::{
    access::{Governed, Resource, Role, Verb},
    catalog::control::ControlId,
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text, Title, Word},
        transition::{Stateful, Transition},
    },
    support::document::Document,
};

/// An item of a checklist.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditChecklistItem {
    /// Its id.
    pub id: Id<AuditChecklistItem>,
    /// Rises with every change of the record.
    pub revision: Revision,
    /// The audit.
    pub audit: Reference,
    /// Its number in the audit.
    pub number: i32,
    /// What was prepared.
    #[serde(flatten)]
    pub draft: AuditChecklistItemDraft,
    /// What it is measured against (監査項目), with its title.
    pub criterion: BilingualText,
    /// What was found out, and who wrote it down.
    #[schema(required)]
    pub result: Option<AuditChecklistResult>,
    /// Which part of it is open.
    pub state: AuditChecklistItemState,
    /// Who took it out, and why.
    #[schema(required)]
    pub withdrawal: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<AuditChecklistItemAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for AuditChecklistItem {
    const RESOURCE: Resource = Resource::AuditChecklist;
}

impl Revised for AuditChecklistItem {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// The part that is prepared before the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditChecklistItemDraft {
    /// The clause it is about, such as `5.2`; or a control or a document instead.
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
    /// What is checked (チェック事項).
    pub check_text: Text,
}

/// The part that is written during the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditChecklistResultDraft {
    /// What was seen, read or heard (確認結果・文書類).
    #[serde(default)]
    #[schema(max_items = 50)]
    pub evidence: Vec<Text>,
    /// What the auditor makes of it.
    pub judgement: AuditJudgement,
    /// The auditor from outside for whom the audit manager writes.
    #[serde(default)]
    #[schema(required = false)]
    pub on_behalf_of: Option<Title>,
}

/// What was found out about an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditChecklistResult {
    /// What was written.
    #[serde(flatten)]
    pub draft: AuditChecklistResultDraft,
    /// By whom.
    pub entered: Signature,
}

/// What an auditor makes of an item (判定).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditJudgement {
    /// As it is required.
    Conform,
    /// A major nonconformity.
    MajorNonconformity,
    /// A minor nonconformity.
    MinorNonconformity,
    /// Not a nonconformity, but better improved.
    Observation,
    /// Not looked at; the evidence says why.
    NotChecked,
}

impl Labelled for AuditJudgement {
    const NAME: &'static str = "audit_judgement";

    fn label(&self) -> Label {
        match self {
            Self::Conform => label("適合", "conform"),
            Self::MajorNonconformity => label("重大な不適合", "major nonconformity"),
            Self::MinorNonconformity => label("軽微な不適合", "minor nonconformity"),
            Self::Observation => label("観察事項", "observation"),
            Self::NotChecked => label("未確認", "not checked"),
        }
    }
}

impl AuditJudgement {
    /// Those from which a finding follows.
    pub const AS_FINDINGS: [Self; 3] = [Self::MajorNonconformity, Self::MinorNonconformity, Self::Observation];
}

/// Which part of an item is open: it follows from where the audit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditChecklistItemState {
    /// The part that is prepared.
    InPreparation,
    /// The result.
    InAudit,
    /// Neither: the fieldwork is over, or the audit was given up.
    Locked,
    /// It was taken out before the audit began.
    Withdrawn,
}

impl Labelled for AuditChecklistItemState {
    const NAME: &'static str = "audit_checklist_item_state";

    fn label(&self) -> Label {
        match self {
            Self::InPreparation => label("準備中", "in preparation"),
            Self::InAudit => label("監査中", "in audit"),
            Self::Locked => label("確定", "locked"),
            Self::Withdrawn => label("取下げ", "withdrawn"),
        }
    }
}

/// A step of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditChecklistItemAction {
    /// Change what is prepared.
    Revise,
    /// Take it out (`/withdrawal`).
    Withdraw,
    /// Write the result (`/result`).
    RecordResult,
}

impl Labelled for AuditChecklistItemAction {
    const NAME: &'static str = "audit_checklist_item_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Withdraw => label("取下げ", "withdraw"),
            Self::RecordResult => label("結果の記録", "record the result"),
        }
    }
}

use AuditChecklistItemState as S;

impl Stateful for AuditChecklistItem {
    type Action = AuditChecklistItemAction;
    type State = AuditChecklistItemState;

    const TRANSITIONS: &'static [Transition<AuditChecklistItemAction, AuditChecklistItemState>] = &[
        Transition {
            action: AuditChecklistItemAction::Revise,
            from: &[S::InPreparation],
            grant: (Resource::AuditChecklist, Verb::Update),
        },
        Transition {
            action: AuditChecklistItemAction::Withdraw,
            from: &[S::InPreparation],
            grant: (Resource::AuditChecklist, Verb::Update),
        },
        Transition {
            action: AuditChecklistItemAction::RecordResult,
            from: &[S::InAudit],
            grant: (Resource::AuditChecklist, Verb::Update),
        },
    ];

    fn state(&self) -> AuditChecklistItemState {
        self.state
    }
}

impl AuditChecklistItemState {
    /// Out of where the audit stands.
    pub fn of(audit: AuditState, withdrawn: bool) -> Self {
        match audit {
            _ if withdrawn => Self::Withdrawn,
            AuditState::Draft | AuditState::Submitted | AuditState::Scheduled => Self::InPreparation,
            AuditState::InProgress => Self::InAudit,
            AuditState::Reporting
            | AuditState::ReportSubmitted
            | AuditState::Reported
            | AuditState::Closed
            | AuditState::Cancelled => Self::Locked,
        }
    }
}

impl AuditChecklistItemDraft {
    /// What it is measured against.
    pub fn criterion(&self) -> Criterion<'_> {
        Criterion {
            clause: self.clause.as_ref(),
            control: self.control,
            document: self.document_id,
            section: &self.section,
        }
    }
}

impl AuditChecklistItem {
    /// A new item, before the audit begins.
    pub fn prepare(
        draft: AuditChecklistItemDraft,
        audit: &Audit,
        number: i32,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let state = AuditChecklistItemState::of(audit.state, false);
        if state != AuditChecklistItemState::InPreparation {
            return Err(Refusal::wrong_state(audit.state).by("R-27"));
        }
        Refusal::unless_empty(draft.criterion().faults())?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            audit: Reference::new(audit.id, audit.draft.name.as_str()),
            number,
            draft,
            criterion: BilingualText::default(),
            result: None,
            state,
            withdrawal: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes what is prepared; not during the audit any more (AUD-3).
    pub fn revise(&mut self, draft: AuditChecklistItemDraft) -> Result<(), Refusal> {
        self.guard(AuditChecklistItemAction::Revise).map_err(|refusal| refusal.by("R-27"))?;
        Refusal::unless_empty(draft.criterion().faults())?;
        self.draft = draft;
        Ok(())
    }

    /// Takes it out before the audit begins.
    pub fn withdraw(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(AuditChecklistItemAction::Withdraw).map_err(|refusal| refusal.by("R-27"))?;
        self.withdrawal = Some(by);
        self.state = AuditChecklistItemState::Withdrawn;
        Ok(())
    }

    /// Writes the result; during the audit only (AUD-4, AUD-5).
    pub fn record(&mut self, result: AuditChecklistResultDraft, audit: &Audit, by: Signature) -> Result<(), Refusal> {
        self.guard(AuditChecklistItemAction::RecordResult).map_err(|refusal| refusal.by("R-27"))?;
        let mut faults = Vec::new();
        if result.evidence.len() > 50 {
            faults.push(Fault::new("/evidence", Code::TooLong));
        }
        if result.judgement == AuditJudgement::NotChecked && result.evidence.is_empty() {
            faults.push(Fault::new("/evidence", Code::RequiredHere));
        }
        faults.extend(audit.speaking_for(result.on_behalf_of.as_ref(), &by));
        Refusal::unless_empty(faults)?;
        self.result = Some(AuditChecklistResult { draft: result, entered: by });
        Ok(())
    }
}

impl Audit {
    /// What is wrong with for whom somebody writes: who audits themselves writes for nobody else, nor does a guest; the audit
    /// manager for an auditor from outside whom the plan names (amendments §1.4).
    pub(super) fn speaking_for(&self, other: Option<&Title>, by: &Signature) -> Option<Fault> {
        let guest = by.posts.contains(&Role::ExternalAuditor);
        let audits = guest || self.draft.auditors().any(|person| person == by.person_id);
        let code = match other {
            None if audits => return None,
            None => Code::RequiredHere,
            Some(name) if !guest && self.draft.has_external(name.as_str()) => return None,
            Some(_) => Code::UnknownReference,
        };
        Some(Fault::new("/on_behalf_of", code))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::audit::tests::{by, started},
        *,
    };

    fn draft(clause: Option<&str>) -> AuditChecklistItemDraft {
        AuditChecklistItemDraft {
            clause: clause.map(|clause| Word::new(clause).unwrap()),
            control: None,
            document_id: None,
            section: Note::default(),
            check_text: Text::new("方針は外から見えるか").unwrap(),
        }
    }

    fn result(name: Option<&str>) -> AuditChecklistResultDraft {
        AuditChecklistResultDraft {
            evidence: vec![Text::new("質問で確認").unwrap()],
            judgement: AuditJudgement::Conform,
            on_behalf_of: name.map(|name| Title::new(name).unwrap()),
        }
    }

    #[test]
    fn aud_3_to_5_what_is_prepared_is_frozen_by_the_start_and_results_are_written_during_the_audit_only() {
        let mut audit = started();
        assert_eq!(
            AuditChecklistItem::prepare(draft(Some("5.2")), &audit, 1, DateTime::UNIX_EPOCH).unwrap_err().rule,
            Some("R-27")
        );
        audit.state = AuditState::Scheduled;
        let mut item = AuditChecklistItem::prepare(draft(Some("5.2")), &audit, 1, DateTime::UNIX_EPOCH).unwrap();
        item.revise(draft(Some("5.3"))).unwrap();
        assert_eq!(item.record(result(Some("本田 操")), &audit, by()).unwrap_err().code, Code::WrongState);
        item.state = AuditChecklistItemState::of(AuditState::InProgress, false);
        assert_eq!(item.revise(draft(Some("5.2"))).unwrap_err().code, Code::WrongState);
        item.record(result(Some("本田 操")), &audit, by()).unwrap();
        let told = |name| item.clone().record(result(name), &audit, by()).unwrap_err().errors[0].code;
        assert_eq!((told(None), told(Some("誰か"))), (Code::RequiredHere, Code::UnknownReference));
        let guest = Signature { posts: vec![Role::ExternalAuditor], ..by() };
        assert!(item.clone().record(result(None), &audit, guest.clone()).is_ok());
        assert!(item.clone().record(result(Some("本田 操")), &audit, guest).is_err(), "a guest writes for nobody else");
        item.state = AuditChecklistItemState::of(AuditState::Reporting, false);
        assert_eq!(item.record(result(Some("本田 操")), &audit, by()).unwrap_err().code, Code::WrongState);
    }

    #[test]
    fn an_item_is_about_exactly_one_thing_that_is_known() {
        let mut audit = started();
        audit.state = AuditState::Draft;
        let told =
            |draft| AuditChecklistItem::prepare(draft, &audit, 1, DateTime::UNIX_EPOCH).unwrap_err().errors[0].code;
        assert_eq!(told(draft(None)), Code::ExactlyOne);
        assert_eq!(told(draft(Some("99"))), Code::NotInList);
        let both = AuditChecklistItemDraft { control: Some("5.12".parse().unwrap()), ..draft(Some("5.2")) };
        assert_eq!(told(both), Code::ExactlyOne);
    }
}
