//! The steps of a corrective action, in their order (§5.10).

use chrono::NaiveDate;

use super::{
    CorrectiveAction, CorrectiveActionDraft,
    section::{
        ActionVerification, CauseEvaluation, CauseRemoval, Correction, EffectivenessEvaluation, FollowUp,
        Implementation, Round,
    },
    step::{CorrectiveActionState as S, CorrectiveActionStep as Step},
};
use crate::kernel::{
    refusal::{Code, Fault, Refusal},
    sign_off::{SignOff, Signature},
    transition::Stateful,
};

/// A day that lies before another one, which `other` names.
fn before(pointer: &str, day: NaiveDate, floor: Option<NaiveDate>, other: &str) -> Option<Fault> {
    floor.filter(|floor| day < *floor).map(|_| Fault::new(pointer, Code::DateOrder).with("other", other))
}

/// A day that has not come yet.
fn future(pointer: &str, day: NaiveDate, today: NaiveDate) -> Option<Fault> {
    (day > today).then(|| Fault::new(pointer, Code::FutureDate))
}

fn in_order(faults: impl IntoIterator<Item = Option<Fault>>) -> Result<(), Refusal> {
    Refusal::unless_empty(faults.into_iter().flatten().collect()).map_err(|refusal| refusal.by("R-19"))
}

/// Somebody wrote in a part that is signed as a whole.
fn prepare(sign_off: &mut Option<SignOff>, by: Signature) -> Result<(), Refusal> {
    match sign_off {
        Some(begun) => begun.revise(by),
        None => {
            *sign_off = Some(SignOff::prepared(by));
            Ok(())
        }
    }
}

/// The sign-off of a part that the state says was handed in.
fn begun(sign_off: &mut Option<SignOff>) -> Result<&mut SignOff, Refusal> {
    sign_off.as_mut().ok_or_else(|| Refusal::new(Code::NotReady))
}

impl CorrectiveAction {
    /// Changes the request. The year of its number stays.
    pub fn revise(
        &mut self,
        draft: CorrectiveActionDraft,
        fiscal_year: i32,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(Step::Revise).map_err(|refusal| refusal.by("SD-12"))?;
        draft.check(today)?;
        if fiscal_year != self.fiscal_year {
            return Err(Refusal::field("/issued_on", Code::Contradiction).by("R-19"));
        }
        self.request_sign_off.revise(by)?;
        self.draft = draft;
        Ok(())
    }

    /// Hands the request in.
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(Step::Submit)?;
        self.draft.require_complete()?;
        self.request_sign_off.submit(by)?;
        self.state = S::RequestSubmitted;
        Ok(())
    }

    /// Approves the request (①): the department has to answer it.
    pub fn approve(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(Step::Approve)?;
        self.request_sign_off.approve(by, alone)?;
        self.state = S::Issued;
        Ok(())
    }

    /// Gives the request back with a reason.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(Step::Return)?;
        self.request_sign_off.send_back(by)?;
        self.state = S::Requested;
        Ok(())
    }

    /// Rejects the request with a reason: nothing comes of it.
    pub fn reject(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(Step::Reject)?;
        self.call_off(S::Rejected, by);
        Ok(())
    }

    /// Voids a request that was not handed in.
    pub fn void(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(Step::Void)?;
        self.request_sign_off.void(by.clone())?;
        self.call_off(S::Cancelled, by);
        Ok(())
    }

    /// Calls an issued one off with a reason, before it is carried out.
    pub fn cancel(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(Step::Cancel)?;
        self.call_off(S::Cancelled, by);
        Ok(())
    }

    fn call_off(&mut self, state: S, by: Signature) {
        self.state = state;
        self.called_off = Some(by);
    }

    /// The earliest day that this round may plan or do something on, and what that day is called.
    fn earliest(&self) -> (Option<NaiveDate>, &'static str) {
        match self.earlier_rounds.last().and_then(Round::judged_on) {
            Some(judged_on) => (Some(judged_on), "evaluated_on"),
            None => (Some(self.draft.issued_on), "issued_on"),
        }
    }

    /// Plans the correction.
    pub fn plan_correction(&mut self, correction: Correction, by: Signature) -> Result<(), Refusal> {
        self.guard(Step::PlanCorrection)?;
        let (earliest, called) = self.earliest();
        in_order([before("/planned_on", correction.planned_on, earliest, called)])?;
        prepare(&mut self.round.plan_sign_off, by)?;
        self.round.correction = Some(correction);
        if self.state == S::Issued {
            self.state = S::CorrectionPlanned;
        }
        Ok(())
    }

    /// Evaluates the cause. Where no plan is needed to remove it, one that was written before goes.
    pub fn evaluate(&mut self, evaluation: CauseEvaluation, by: Signature) -> Result<(), Refusal> {
        self.guard(Step::Evaluate)?;
        prepare(&mut self.round.plan_sign_off, by)?;
        if !evaluation.removal_plan_required {
            self.round.cause_removal = None;
        }
        self.round.evaluation = Some(evaluation);
        self.state = self.planned();
        Ok(())
    }

    /// Plans the removal of the cause, where the evaluation says that one is needed.
    pub fn plan_removal(&mut self, removal: CauseRemoval, by: Signature) -> Result<(), Refusal> {
        self.guard(Step::PlanRemoval)?;
        if !self.requires_removal() {
            let fault = Fault::new("/evaluation/removal_plan_required", Code::Contradiction);
            return Err(Refusal::new(Code::RuleViolated).by("R-19").at(fault));
        }
        let (earliest, called) = self.earliest();
        in_order([before("/planned_on", removal.planned_on, earliest, called)])?;
        prepare(&mut self.round.plan_sign_off, by)?;
        self.round.cause_removal = Some(removal);
        self.state = self.planned();
        Ok(())
    }

    fn requires_removal(&self) -> bool {
        self.round.evaluation.as_ref().is_some_and(|evaluation| evaluation.removal_plan_required)
    }

    fn planned(&self) -> S {
        if self.round.cause_removal.is_some() { S::ActionPlanned } else { S::Evaluated }
    }

    /// Hands the plan in: with a removal of the cause if and only if one is needed (CAR-6, CAR-7).
    pub fn submit_plan(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(Step::SubmitPlan)?;
        if self.requires_removal() && self.round.cause_removal.is_none() {
            return Err(Refusal::not_ready(["/cause_removal"]).by("R-19"));
        }
        begun(&mut self.round.plan_sign_off)?.submit(by)?;
        self.state = S::PlanSubmitted;
        Ok(())
    }

    /// Approves the plan (②).
    pub fn approve_plan(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(Step::ApprovePlan)?;
        begun(&mut self.round.plan_sign_off)?.approve(by, alone)?;
        self.state = S::PlanApproved;
        Ok(())
    }

    /// Gives the plan back with a reason.
    pub fn return_plan(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(Step::ReturnPlan)?;
        begun(&mut self.round.plan_sign_off)?.send_back(by)?;
        self.state = self.planned();
        Ok(())
    }

    /// Reports what was done, and hands the report in.
    pub fn report(&mut self, done: Implementation, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(Step::Report)?;
        let (earliest, called) = self.earliest();
        in_order([
            before("/completed_on", done.completed_on, earliest, called),
            future("/completed_on", done.completed_on, today),
        ])?;
        prepare(&mut self.round.report_sign_off, by.clone())?;
        begun(&mut self.round.report_sign_off)?.submit(by)?;
        self.round.implementation = Some(done);
        self.state = S::Implemented;
        Ok(())
    }

    /// Approves the report (③).
    pub fn approve_report(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(Step::ApproveReport)?;
        begun(&mut self.round.report_sign_off)?.approve(by, alone)?;
        self.state = S::ReportApproved;
        Ok(())
    }

    /// Gives the report back with a reason: it is written anew.
    pub fn return_report(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(Step::ReturnReport)?;
        begun(&mut self.round.report_sign_off)?.send_back(by)?;
        self.state = S::PlanApproved;
        Ok(())
    }

    /// Verifies that it was done (CAR-8). `by` is somebody else than who reported it, unless nobody else can (SD-6).
    pub fn verify(&mut self, verification: ActionVerification, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(Step::Verify)?;
        let completed_on = self.round.implementation.as_ref().map(|done| done.completed_on);
        in_order([
            before("/confirmed_on", verification.confirmed_on, completed_on, "completed_on"),
            future("/confirmed_on", verification.confirmed_on, today),
        ])?;
        prepare(&mut self.round.verification_sign_off, by)?;
        self.round.verification = Some(verification);
        self.state = S::Verified;
        Ok(())
    }

    /// Evaluates whether it helped, and hands the judgement in. `by` as in [`verify`](Self::verify).
    pub fn evaluate_effectiveness(
        &mut self,
        judged: EffectivenessEvaluation,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(Step::EvaluateEffectiveness)?;
        let confirmed_on = self.round.verification.as_ref().map(|verification| verification.confirmed_on);
        let change = match (judged.isms_change_required, judged.planned_change_id) {
            (true, None) => Some(Code::RequiredHere),
            (false, Some(_)) => Some(Code::Contradiction),
            _ => None,
        };
        in_order([
            before("/evaluated_on", judged.evaluated_on, confirmed_on, "confirmed_on"),
            future("/evaluated_on", judged.evaluated_on, today),
            change.map(|code| Fault::new("/planned_change_id", code)),
        ])?;
        prepare(&mut self.round.verification_sign_off, by.clone())?;
        begun(&mut self.round.verification_sign_off)?.submit(by)?;
        self.round.effectiveness = Some(judged);
        self.state = S::EffectivenessEvaluated;
        Ok(())
    }

    /// Approves the judgement (④): what helped is closed or waits for its follow-up audit (CAR-10, CAR-11), what did not
    /// is reopened (CAR-12).
    pub fn approve_effectiveness(&mut self, by: Signature, alone: bool, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(Step::ApproveEffectiveness)?;
        begun(&mut self.round.verification_sign_off)?.approve(by, alone)?;
        let judged = self.round.effectiveness.as_ref().map(|one| (one.is_effective, one.follow_up_audit_required));
        match judged {
            Some((true, true)) => self.state = S::FollowUpPending,
            Some((true, false)) => self.close(today),
            Some((false, _)) | None => self.reopen(),
        }
        Ok(())
    }

    /// Gives the judgement back with a reason: what was verified may be written anew too.
    pub fn return_effectiveness(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(Step::ReturnEffectiveness)?;
        begun(&mut self.round.verification_sign_off)?.send_back(by)?;
        self.state = S::Verified;
        Ok(())
    }

    /// Records what the follow-up audit said: closed, or reopened.
    pub fn follow_up(&mut self, follow_up: FollowUp, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(Step::FollowUp)?;
        in_order([
            before("/confirmed_on", follow_up.confirmed_on, self.round.judged_on(), "evaluated_on"),
            future("/confirmed_on", follow_up.confirmed_on, today),
        ])?;
        let is_effective = follow_up.is_effective;
        self.round.follow_up = Some(follow_up);
        self.round.followed_up = Some(by);
        if is_effective {
            self.close(today)
        } else {
            self.reopen()
        }
        Ok(())
    }

    fn close(&mut self, today: NaiveDate) {
        self.state = S::Closed;
        self.closed_on = Some(today);
    }

    fn reopen(&mut self) {
        let next = self.round.next();
        self.earlier_rounds.push(std::mem::replace(&mut self.round, next));
        self.state = S::Reopened;
    }
}
