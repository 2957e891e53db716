//! The overview out of the registers and the work on their records. A constant number of statements: one or two for each
//! register, and those of the work items and of the cycles.

use mamori_domain::{
    access::Verb,
    kernel::date::date_in,
    overview::{
        overview::{Overview, RegisterOverview},
        work_item::Assignee,
    },
};

use self::tally::Tally;
use super::{
    cycle::cycles,
    kind::{self, Kind},
    work_item,
};
use crate::kernel::{
    failure::Outcome,
    tx::{Tx, Within},
};

mod audit;
mod awareness;
mod communication;
mod context;
mod evaluation;
mod improvement;
mod leadership;
mod operation;
mod planning;
mod support;
mod tally;

/// Counts one register: what its list shows to the caller, without what left it. Given how far the caller reads.
type Count = fn(&mut Tx<'_>, &Within) -> Outcome<Tally>;

/// Every register, in the order of the standard. A new kind of record is one line here, its [`Kind`] in `kind.rs`, and a
/// function that counts it.
const REGISTERS: &[(Kind, Count)] = &[
    (kind::CONTEXT_ISSUE, context::issues),
    (kind::CONTEXT_REVIEW, context::reviews),
    (kind::INTERESTED_PARTY, context::interested_parties),
    (kind::LEGAL_REQUIREMENT, support::legal_requirements),
    (kind::SCOPE, context::scopes),
    (kind::ZONE, context::zones),
    (kind::NETWORK_DIAGRAM, context::network_diagrams),
    (kind::COMMITMENT, leadership::commitments),
    (kind::POLICY, leadership::policies),
    (kind::APPOINTMENT, leadership::appointments),
    (kind::CONTEXT_ACTION, context::actions),
    (kind::ASSET, planning::assets),
    (kind::RISK_CRITERIA, planning::risk_criteria),
    (kind::RISK, planning::risks),
    (kind::STATEMENT_OF_APPLICABILITY, planning::statements_of_applicability),
    (kind::TREATMENT_PLAN, planning::treatment_plans),
    (kind::OBJECTIVE, planning::objectives),
    (kind::PLANNED_CHANGE, planning::planned_changes),
    (kind::RESOURCE, support::resources),
    (kind::COMPETENCE_REQUIREMENT, support::competence_requirements),
    (kind::COMPETENCE_CHECK, support::competence_checks),
    (kind::EDUCATION_PROGRAMME, support::education_programmes),
    (kind::EDUCATION_CAMPAIGN, support::education_campaigns),
    (kind::ENROLMENT, support::enrolments),
    (kind::TEST, support::tests),
    (kind::EDUCATION_DUTY, support::education_duties),
    (kind::OBLIGATION, awareness::obligations),
    (kind::ACKNOWLEDGEMENT, awareness::acknowledgements),
    (kind::COMMUNICATION_PROCEDURE, communication::procedures),
    (kind::COMMUNICATION, communication::communications),
    (kind::CUSTOMER_QUESTIONNAIRE, communication::customer_questionnaires),
    (kind::DOCUMENT, support::documents),
    (kind::RETENTION_RULE, support::retention_rules),
    (kind::DISPOSAL, support::disposals),
    (kind::ANNUAL_PLAN, operation::annual_plans),
    (kind::CHECKLIST, operation::checklists),
    (kind::SUPPLIER, operation::suppliers),
    (kind::RISK_ASSESSMENT, planning::risk_assessments),
    (kind::TREATMENT_ITEM, planning::treatment_items),
    (kind::MEASUREMENT, evaluation::measurements),
    (kind::AUDIT_PROGRAMME, audit::programmes),
    (kind::AUDIT, audit::audits),
    (kind::EXTERNAL_AUDIT, audit::external_audits),
    (kind::FINDING, audit::findings),
    (kind::FEEDBACK, evaluation::feedback),
    (kind::MANAGEMENT_REVIEW, evaluation::management_reviews),
    (kind::REVIEW_ACTION, evaluation::review_actions),
    (kind::CORRECTIVE_ACTION, improvement::corrective_actions),
];

/// Where the programme stands today, as far as the caller may read it.
pub fn overview(tx: &mut Tx<'_>) -> Outcome<Overview> {
    let mut registers = Vec::new();
    for &(kind, count) in REGISTERS {
        if tx.standing().reach(kind.resource, Verb::Read).is_some() {
            let within = tx.within(kind.resource, Verb::Read)?;
            let tally = count(tx, &within)?;
            // A part that is empty says nothing about the register.
            if tally.whole || tally.records > 0 {
                registers.push(register(tx, kind, tally));
            }
        }
    }
    let items = work_item::list(tx, Assignee::Everybody)?;
    let cycles = cycles(tx)?;
    Ok(Overview::of(tx.today(), &registers, &items, cycles))
}

fn register(tx: &Tx<'_>, kind: Kind, tally: Tally) -> RegisterOverview {
    RegisterOverview {
        resource: kind.resource,
        clause: kind.clause,
        path: kind.path,
        whole: tally.whole,
        records: tally.records,
        approved: tally.approved,
        waiting_for_approval: tally.submitted,
        self_approved: tally.self_approved,
        last_approved_on: tally.last_approved_at.map(|at| date_in(tx.context().time_zone, at)),
    }
}

#[cfg(test)]
mod tests {
    use mamori_domain::catalog::clause;

    use super::*;

    #[test]
    fn every_register_belongs_to_a_clause_and_stands_in_the_order_of_the_standard() {
        let places: Vec<_> =
            REGISTERS.iter().map(|(kind, _)| clause::find(kind.clause).map(|clause| clause.order)).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(places.is_sorted());
    }
}
