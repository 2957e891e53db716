//! Which records answer the fourteen rows of documented information: one query for each kind of record that exists.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    evaluation::{audit::report::AuditReport, measurement::MeasurementState},
    improvement::corrective_action::step::CorrectiveActionState,
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
        education::campaign::CampaignState,
    },
};

use super::{
    awareness::obligation::obligation_set as obligation,
    competence_check::competence_check as check,
    document::{document as doc, version::document_version as v},
    education::{campaign::education_campaign as campaign, programme::education_programme as programme},
};
use crate::{
    context::scope::isms_scope as scope,
    evaluation::{
        audit::audit, audit_programme::audit_programme, management_review::management_review as review,
        measurement::measurement,
    },
    improvement::corrective_action::corrective_action as action,
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

/// The sign-off of each plan of a year, with the year's first and last day.
type OfYears = Vec<(DocumentColumn<SignOff>, chrono::NaiveDate, chrono::NaiveDate)>;

/// The sign-off of each record of a kind that answers a row.
type SignOffs = Vec<DocumentColumn<SignOff>>;

impl Evidence {
    fn gather(mut self, tx: &mut Tx<'_>) -> Outcome<Vec<Answering>> {
        let organization = tx.organization();
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

        let standing = [ObjectiveState::Approved, ObjectiveState::Evaluated].map(WordColumn);
        let rows: SignOffs = on!(
            tx,
            objective::table
                .filter(objective::organization_id.eq(organization))
                .filter(objective::state.eq_any(standing))
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

        // And the programme of the year, which belongs to its own.
        let rows: OfYears = on!(
            tx,
            audit_programme::table
                .filter(audit_programme::organization_id.eq(organization))
                .filter(audit_programme::state.eq(in_force))
                .select((audit_programme::sign_off, audit_programme::starts_on, audit_programme::ends_on))
                .load(tx)
        )?;
        self.of_years(tx, 12, Resource::AuditProgramme, "/v1/audit-programmes", rows);

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

        // And training records that were approved, each in the year of its campaign.
        let recorded = WordColumn(CampaignState::Recorded);
        let rows: Vec<(Option<DocumentColumn<SignOff>>, i32)> = on!(
            tx,
            campaign::table
                .filter(campaign::organization_id.eq(organization))
                .filter(campaign::state.eq(recorded))
                .select((campaign::record_sign_off, campaign::fiscal_year))
                .load(tx)
        )?;
        for (sign_off, year) in rows.into_iter().filter_map(|(sign_off, year)| Some((sign_off?, year))) {
            let in_cycle = self.cycle.year == year;
            self.add(tx, 6, Resource::TrainingRecord, "/v1/education-campaigns", &sign_off.0, Some(in_cycle));
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

        // The education programme is one of the organization's own procedures (D06d); it belongs to its own year.
        let rows: OfYears = on!(
            tx,
            programme::table
                .filter(programme::organization_id.eq(organization))
                .filter(programme::state.eq(in_force))
                .select((programme::sign_off, programme::starts_on, programme::ends_on))
                .load(tx)
        )?;
        self.of_years(tx, 7, Resource::EducationPlan, "/v1/education-programmes", rows);
        let rows: SignOffs = on!(
            tx,
            obligation::table
                .filter(obligation::organization_id.eq(organization))
                .filter(obligation::state.eq(in_force))
                .select(obligation::sign_off)
                .load(tx)
        )?;
        self.approved(tx, 7, Resource::Obligation, "/v1/obligations", rows);

        // A plan belongs to its own year, whenever it was approved.
        let signed = WordColumn(SignOffState::Approved);
        let rows: OfYears = on!(
            tx,
            plan::table
                .filter(plan::organization_id.eq(organization))
                .filter(plan::sign_off_state.eq(signed))
                .select((plan::sign_off, plan::starts_on, plan::ends_on))
                .load(tx)
        )?;
        self.of_years(tx, 8, Resource::AnnualPlan, "/v1/annual-plans", rows);

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

        // What was measured is recorded by one; it is evidence in the year of its day.
        let counts = WordColumn(MeasurementState::Recorded);
        let measured: Vec<chrono::NaiveDate> = on!(
            tx,
            measurement::table
                .filter(measurement::organization_id.eq(organization))
                .filter(measurement::state.eq(counts))
                .select(measurement::measured_on)
                .load(tx)
        )?;
        for approved_on in measured {
            let in_cycle = self.has(approved_on);
            let (resource, path) = (Resource::Measurement, "/v1/measurements");
            self.found.push(Answering { row: 11, resource, path, approved_on, in_cycle });
        }

        // A review belongs to the year in which it was held; only one that was approved answers.
        let rows: Vec<(DocumentColumn<SignOff>, Option<chrono::NaiveDate>)> = on!(
            tx,
            review::table
                .filter(review::organization_id.eq(organization))
                .filter(review::held_on.is_not_null())
                .select((review::sign_off, review::held_on))
                .load(tx)
        )?;
        for (sign_off, held_on) in rows {
            let in_cycle = held_on.map(|held_on| self.has(held_on));
            self.add(tx, 13, Resource::ManagementReview, "/v1/management-reviews", &sign_off.0, in_cycle);
        }

        let called_off = CorrectiveActionState::CALLED_OFF.map(WordColumn);
        let rows: SignOffs = on!(
            tx,
            action::table
                .filter(action::organization_id.eq(organization))
                .filter(action::state.ne_all(called_off))
                .select(action::request_sign_off)
                .load(tx)
        )?;
        self.approved(tx, 14, Resource::CorrectiveActionRequest, "/v1/corrective-actions", rows);
        Ok(self.found)
    }

    fn approved(&mut self, tx: &Tx<'_>, row: usize, resource: Resource, path: &'static str, sign_offs: SignOffs) {
        for sign_off in sign_offs {
            self.add(tx, row, resource, path, &sign_off.0, None);
        }
    }

    /// What was made for a year, whenever it was approved, belongs to that year.
    fn of_years(&mut self, tx: &Tx<'_>, row: usize, resource: Resource, path: &'static str, plans: OfYears) {
        for (sign_off, starts_on, ends_on) in plans {
            let runs = (starts_on..=ends_on).contains(&tx.today());
            self.add(tx, row, resource, path, &sign_off.0, Some(runs));
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
