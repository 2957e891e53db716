//! Which records answer the fourteen rows of documented information: one query for each kind of record that exists.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    evaluation::audit::report::AuditReport,
    kernel::{
        date::date_in,
        refusal::{Code, Refusal},
        sign_off::{SignOff, SignOffState},
        version::VersionState,
    },
    operation::week::FiscalYear,
    planning::{objective::ObjectiveState, treatment_plan::PlanState},
    support::{
        competence_check::CompetenceCheckState,
        document::{DocumentKind, version::DocumentVersionState},
        documented_information::{Answering, DocumentedInformation},
    },
};

use super::{
    competence_check::competence_check as check,
    document::{document as doc, version::document_version as v},
};
use crate::{
    context::scope::isms_scope as scope,
    evaluation::audit::audit,
    kernel::{
        columns::{DocumentColumn, WordColumn},
        failure::Outcome,
        tx::{Tx, require_within},
    },
    leadership::policy::policy,
    on,
    operation::annual_plan::annual_plan as plan,
    organization::organization as organizations,
    planning::{
        applicability::statement_of_applicability as statement, objective::objective, risk_assessment::risk_assessment,
        risk_criteria::risk_criteria as criteria, treatment_plan::treatment_plan,
    },
};

/// The number of the criteria that every organization is founded with: nobody here decided on them.
const SHIPPED: i32 = 1;

/// The view of the whole organization: for those who read every document.
pub fn find(tx: &mut Tx<'_>) -> Outcome<DocumentedInformation> {
    let within = tx.within(Resource::Document, Verb::Read)?;
    require_within(within.all)?;
    let today = tx.today();
    let start_month = organizations::find(tx)?.draft.fiscal_year_start_month;
    let cycle = FiscalYear::containing(today, start_month).ok_or_else(|| Refusal::new(Code::OutOfRange))?;
    Ok(DocumentedInformation::of(cycle, &Evidence { cycle, found: Vec::new() }.gather(tx)?))
}

/// What has been found so far.
struct Evidence {
    cycle: FiscalYear,
    found: Vec<Answering>,
}

/// The sign-off of each record of a kind that answers a row.
type SignOffs = Vec<DocumentColumn<SignOff>>;

impl Evidence {
    fn gather(mut self, tx: &mut Tx<'_>) -> Outcome<Vec<Answering>> {
        let (organization, today) = (tx.organization(), tx.today());
        let in_force = WordColumn(VersionState::InForce);

        let rows: SignOffs = on!(
            tx,
            scope::table
                .filter(scope::organization_id.eq(organization))
                .filter(scope::state.eq(in_force))
                .select(scope::sign_off)
                .load(tx)
        )?;
        self.approved(tx, 1, Resource::Scope, "/v1/isms-scopes", rows);

        let rows: SignOffs = on!(
            tx,
            policy::table
                .filter(policy::organization_id.eq(organization))
                .filter(policy::state.eq(in_force))
                .select(policy::sign_off)
                .load(tx)
        )?;
        self.approved(tx, 2, Resource::Policy, "/v1/policies", rows);

        let rows: SignOffs = on!(
            tx,
            criteria::table
                .filter(criteria::organization_id.eq(organization))
                .filter(criteria::state.eq(in_force))
                .filter(criteria::version.gt(SHIPPED))
                .select(criteria::sign_off)
                .load(tx)
        )?;
        self.approved(tx, 3, Resource::RiskCriteria, "/v1/risk-criteria", rows);

        let rows: SignOffs = on!(
            tx,
            statement::table
                .filter(statement::organization_id.eq(organization))
                .filter(statement::state.eq(in_force))
                .select(statement::sign_off)
                .load(tx)
        )?;
        self.approved(tx, 4, Resource::StatementOfApplicability, "/v1/statements-of-applicability", rows);

        let approved = WordColumn(ObjectiveState::Approved);
        let rows: SignOffs = on!(
            tx,
            objective::table
                .filter(objective::organization_id.eq(organization))
                .filter(objective::state.eq(approved))
                .select(objective::sign_off)
                .load(tx)
        )?;
        self.approved(tx, 5, Resource::Objective, "/v1/objectives", rows);

        // Audits whose report is approved, each in the year of the approval.
        let rows: Vec<DocumentColumn<AuditReport>> = on!(
            tx,
            audit::table
                .filter(audit::organization_id.eq(organization))
                .filter(audit::report.is_not_null())
                .select(audit::report.assume_not_null())
                .load(tx)
        )?;
        for DocumentColumn(report) in rows {
            self.add(tx, 12, Resource::Audit, "/v1/audits", &report.sign_off, None);
        }

        // Evidence of competence: checks that were approved, each in the year of its day.
        let decided = WordColumn(CompetenceCheckState::Approved);
        let rows: Vec<(DocumentColumn<SignOff>, chrono::NaiveDate)> = on!(
            tx,
            check::table
                .filter(check::organization_id.eq(organization))
                .filter(check::state.eq(decided))
                .select((check::sign_off, check::checked_on))
                .load(tx)
        )?;
        for (sign_off, checked_on) in rows {
            let in_cycle = self.has(checked_on);
            self.add(tx, 6, Resource::CompetenceCheck, "/v1/competence-checks", &sign_off.0, Some(in_cycle));
        }

        let published = WordColumn(DocumentVersionState::Published);
        let (record, external) = (WordColumn(DocumentKind::Record), WordColumn(DocumentKind::External));
        let rows: SignOffs = on!(
            tx,
            v::table
                .inner_join(doc::table.on(doc::organization_id.eq(v::organization_id).and(doc::id.eq(v::document_id))))
                .filter(v::organization_id.eq(organization))
                .filter(v::state.eq(published))
                .filter(doc::kind.ne(record))
                .filter(doc::kind.ne(external))
                .select(v::sign_off)
                .load(tx)
        )?;
        self.approved(tx, 7, Resource::Document, "/v1/documents", rows);

        // A plan belongs to its own year, whenever it was approved.
        let signed = WordColumn(SignOffState::Approved);
        let rows: Vec<(DocumentColumn<SignOff>, chrono::NaiveDate, chrono::NaiveDate)> = on!(
            tx,
            plan::table
                .filter(plan::organization_id.eq(organization))
                .filter(plan::sign_off_state.eq(signed))
                .select((plan::sign_off, plan::starts_on, plan::ends_on))
                .load(tx)
        )?;
        for (sign_off, starts_on, ends_on) in rows {
            let runs = starts_on <= today && today <= ends_on;
            self.add(tx, 8, Resource::AnnualPlan, "/v1/annual-plans", &sign_off.0, Some(runs));
        }

        // A round belongs to the year in which it was performed.
        let rows: Vec<(DocumentColumn<SignOff>, chrono::NaiveDate)> = on!(
            tx,
            risk_assessment::table
                .filter(risk_assessment::organization_id.eq(organization))
                .filter(risk_assessment::state.eq(in_force))
                .select((risk_assessment::sign_off, risk_assessment::performed_on))
                .load(tx)
        )?;
        for (sign_off, performed_on) in rows {
            let in_cycle = self.has(performed_on);
            self.add(tx, 9, Resource::Risk, "/v1/risk-assessments", &sign_off.0, Some(in_cycle));
        }

        let (draft, submitted) = (WordColumn(PlanState::Draft), WordColumn(PlanState::Submitted));
        let rows: SignOffs = on!(
            tx,
            treatment_plan::table
                .filter(treatment_plan::organization_id.eq(organization))
                .filter(treatment_plan::state.ne(draft))
                .filter(treatment_plan::state.ne(submitted))
                .select(treatment_plan::sign_off)
                .load(tx)
        )?;
        self.approved(tx, 10, Resource::TreatmentDecision, "/v1/treatment-plans", rows);
        Ok(self.found)
    }

    fn approved(&mut self, tx: &Tx<'_>, row: usize, resource: Resource, path: &'static str, sign_offs: SignOffs) {
        for sign_off in sign_offs {
            self.add(tx, row, resource, path, &sign_off.0, None);
        }
    }

    /// One record; where nothing else says so, it belongs to the cycle in which it was approved.
    fn add(
        &mut self,
        tx: &Tx<'_>,
        row: usize,
        resource: Resource,
        path: &'static str,
        sign_off: &SignOff,
        in_cycle: Option<bool>,
    ) {
        let Some(approved) = &sign_off.approved else { return };
        let approved_on = date_in(tx.context().time_zone, approved.at);
        let in_cycle = in_cycle.unwrap_or_else(|| self.has(approved_on));
        self.found.push(Answering { row, resource, path, approved_on, in_cycle });
    }

    fn has(&self, day: chrono::NaiveDate) -> bool {
        self.cycle.starts_on <= day && day <= self.cycle.ends_on
    }
}
