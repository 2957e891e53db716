//! Of what audit a finding is, and what follows from that.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::FindingDraft;
use crate::{
    evaluation::{
        audit::{Audit, AuditAction, AuditState},
        external_audit::{ExternalAudit, ExternalAuditAction, ExternalAuditState},
    },
    improvement::corrective_action::source::FindingRank,
    kernel::{
        date::date_in,
        id::Id,
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        sign_off::Signature,
        transition::Stateful,
    },
};

/// Of an internal audit, or of one by an outside body: the audits themselves, or what is known of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfAudit<I, E> {
    /// Of an internal audit.
    Internal(I),
    /// Of an audit by an outside body.
    External(E),
}

/// The audit that a finding is of.
pub type FindingSource<'a> = OfAudit<&'a Audit, &'a ExternalAudit>;

impl<'a> From<&'a Audit> for FindingSource<'a> {
    fn from(audit: &'a Audit) -> Self {
        Self::Internal(audit)
    }
}

impl<'a> From<&'a ExternalAudit> for FindingSource<'a> {
    fn from(audit: &'a ExternalAudit) -> Self {
        Self::External(audit)
    }
}

/// Which audit a finding is of.
pub type FindingSourceId = OfAudit<Id<Audit>, Id<ExternalAudit>>;

impl From<Id<Audit>> for FindingSourceId {
    fn from(audit: Id<Audit>) -> Self {
        Self::Internal(audit)
    }
}

impl From<Id<ExternalAudit>> for FindingSourceId {
    fn from(audit: Id<ExternalAudit>) -> Self {
        Self::External(audit)
    }
}

impl FindingSource<'_> {
    /// The audit with its name: as an internal one, and as an external one.
    pub(super) fn references(self) -> (Option<Reference>, Option<Reference>) {
        match self {
            Self::Internal(audit) => (Some(Reference::new(audit.id, audit.draft.name.as_str())), None),
            Self::External(audit) => (None, Some(Reference::new(audit.id, audit.draft.name()))),
        }
    }

    /// Refuses findings while the audit takes none.
    pub(super) fn guard(self) -> Result<(), Refusal> {
        match self {
            Self::Internal(audit) => audit.guard(AuditAction::EnterFinding),
            Self::External(audit) => audit.guard(ExternalAuditAction::EnterFinding),
        }
    }

    /// What is wrong with a finding of this audit, beside what is wrong with any.
    pub(super) fn faults(self, draft: &FindingDraft, by: &Signature) -> Vec<Fault> {
        match self {
            Self::Internal(audit) => internal_faults(draft, audit, by),
            Self::External(audit) => external_faults(draft, audit),
        }
    }

    /// The day of the audit: on which an internal one was started, the last one of an external one. Before that, the day
    /// of `now`.
    pub fn audited_on(self, zone: Tz, now: DateTime<Utc>) -> NaiveDate {
        match self {
            Self::Internal(audit) => date_in(zone, audit.course.started.as_ref().map_or(now, |started| started.at)),
            Self::External(audit) => audit.audited_on().unwrap_or_else(|| date_in(zone, now)),
        }
    }
}

impl OfAudit<AuditState, ExternalAuditState> {
    /// Whether what was found does not change any more (SD-12): the report is handed in, or the external audit over.
    pub fn settles(self) -> bool {
        match self {
            Self::Internal(state) => !matches!(state, AuditState::InProgress | AuditState::Reporting),
            Self::External(state) => state != ExternalAuditState::Performed,
        }
    }
}

/// It is found in one department or function, by somebody who audits; opportunities are no finding here.
fn internal_faults(draft: &FindingDraft, audit: &Audit, by: &Signature) -> Vec<Fault> {
    let mut faults = Vec::new();
    if draft.rank == FindingRank::Opportunity {
        faults.push(Fault::new("/rank", Code::NotInList));
    }
    if draft.department_id.is_some() == draft.function.is_some() {
        faults.push(Fault::new("/department_id", Code::ExactlyOne).with("other", "function"));
    }
    faults.extend(audit.speaking_for(draft.on_behalf_of.as_ref(), by));
    faults
}

/// It may be about the organization as a whole. A nonconformity is answered by a day; checklist and auditors are those of the
/// outside body.
fn external_faults(draft: &FindingDraft, audit: &ExternalAudit) -> Vec<Fault> {
    let mut faults = Vec::new();
    if draft.department_id.is_some() && draft.function.is_some() {
        faults.push(Fault::new("/department_id", Code::Contradiction));
    }
    match draft.respond_by {
        None if draft.rank.is_nonconformity() => faults.push(Fault::new("/respond_by", Code::RequiredHere)),
        Some(due) if audit.audited_on().is_some_and(|audited| due < audited) => {
            faults.push(Fault::new("/respond_by", Code::DateOrder).with("other", "performed_until"));
        }
        _ => {}
    }
    let foreign =
        [("/checklist_item_id", draft.checklist_item_id.is_some()), ("/on_behalf_of", draft.on_behalf_of.is_some())];
    let given = foreign.into_iter().filter(|(_, given)| *given);
    faults.extend(given.map(|(pointer, _)| Fault::new(pointer, Code::Contradiction)));
    faults
}
