//! Who approves and who judges a corrective action: the audit manager where an audit found it, the chair otherwise, or who
//! stands in for that seat (§4.2, amendments §1).

use mamori_domain::{
    access::{Role, Standing},
    improvement::corrective_action::{
        CorrectiveAction, source::CorrectiveActionSource, step::CorrectiveActionState as S,
    },
    kernel::{
        id::Id,
        sign_off::{Approval, Signature},
        text::Note,
    },
    organization::person::Person,
};

use crate::{
    kernel::{failure::Outcome, tx::Tx},
    leadership::appointment::Approvers,
};

/// The seats of today.
pub struct Seats {
    audit: Approvers,
    chair: Approvers,
}

impl Seats {
    /// Those of today.
    pub fn of(tx: &mut Tx<'_>) -> Outcome<Self> {
        Ok(Self {
            audit: Approvers::along(tx, "SD-1", Role::InternalAuditManager)?,
            chair: Approvers::along(tx, "SD-1", Role::SecurityCommitteeChair)?,
        })
    }

    fn of_source(&self, source: CorrectiveActionSource) -> &Approvers {
        if source.is_audit() { &self.audit } else { &self.chair }
    }

    /// Who approves what waits in this state: the plan (②) and the report (③) the chair, the rest (①, ④) the seat of the
    /// source.
    fn approvers(&self, action: &CorrectiveAction) -> &Approvers {
        match action.state {
            S::PlanSubmitted | S::Implemented => &self.chair,
            _ => self.of_source(action.draft.source),
        }
    }

    /// Who does not approve: the preparer (SD-1), and of the judgement also who reported what is judged (SD-6).
    fn barred(action: &CorrectiveAction) -> Vec<Id<Person>> {
        let preparer = action.current_sign_off().prepared.person_id;
        let reporter = action.reporter().filter(|_| action.state == S::EffectivenessEvaluated);
        [Some(preparer), reporter].into_iter().flatten().collect()
    }

    /// The caller's mark under the approval that the action waits for, and whether they approve it alone.
    pub fn sign(&self, tx: &Tx<'_>, action: &CorrectiveAction, approval: &Approval) -> Outcome<(Signature, bool)> {
        self.approvers(action).sign_barring(tx, &Self::barred(action), approval)
    }

    pub(super) fn may_approve(&self, caller: &Standing, action: &CorrectiveAction) -> bool {
        self.approvers(action).may_approve_barring(caller, &Self::barred(action))
    }

    /// The caller's mark under the cancellation of an issued one: by the seat that approved it.
    pub fn sign_cancellation(&self, tx: &Tx<'_>, action: &CorrectiveAction, why: &Approval) -> Outcome<Signature> {
        Ok(self.of_source(action.draft.source).sign_barring(tx, &[], why)?.0)
    }

    pub(super) fn may_cancel(&self, caller: &Standing, action: &CorrectiveAction) -> bool {
        self.of_source(action.draft.source).may_approve_barring(caller, &[])
    }

    /// Who verifies and judges; a follow-up audit is always the audit manager's.
    fn verifiers(&self, action: &CorrectiveAction) -> Approvers {
        let seat = match action.state {
            S::FollowUpPending => &self.audit,
            _ => self.of_source(action.draft.source),
        };
        seat.under("SD-6")
    }

    /// The auditor who found it, unless they also carried it out.
    fn is_auditor(caller: &Standing, action: &CorrectiveAction) -> bool {
        let auditor = action.draft.auditor_id.filter(|_| caller.holds(Role::InternalAuditor));
        auditor.is_some() && auditor == caller.person && auditor != action.reporter()
    }

    /// The caller's mark under a verification or a judgement (SD-6): the auditor who found it, or the seat of the source.
    /// Who reported it does so only where nobody else can, with a reason.
    pub fn sign_verification(&self, tx: &Tx<'_>, action: &CorrectiveAction, reason: &Note) -> Outcome<Signature> {
        let approval = Approval { reason: reason.clone() };
        if Self::is_auditor(tx.standing(), action) {
            return tx.signature_as(Role::InternalAuditor, approval.reason());
        }
        let reporter: Vec<_> = action.reporter().into_iter().collect();
        Ok(self.verifiers(action).sign_barring(tx, &reporter, &approval)?.0)
    }

    pub(super) fn may_verify(&self, caller: &Standing, action: &CorrectiveAction) -> bool {
        let reporter: Vec<_> = action.reporter().into_iter().collect();
        Self::is_auditor(caller, action) || self.verifiers(action).may_approve_barring(caller, &reporter)
    }
}
