//! Rows and queries of mamori on SQLite and PostgreSQL, each query written once. Knows no HTTP.
//!
//! Every function takes a [`kernel::tx::Tx`]: the connection together with organization, actor, clock and reach.
//! Modules mirror `mamori-domain`; each file holds its `table!` beside its queries.

#![expect(missing_docs, reason = "diesel::table! writes public modules without documentation")]

pub mod context;
pub mod evaluation;
pub mod identity;
pub mod improvement;
pub mod integration;
pub mod kernel;
pub mod leadership;
pub mod operation;
pub mod organization;
pub mod overview;
pub mod planning;
pub mod support;

use context::{
    action::context_action, entry_log::entry_log_entry, interested_party::interested_party, issue::context_issue,
    zone::zone,
};
use evaluation::{
    audit::{audit, audit_party, guest::audit_guest},
    audit_checklist_item::audit_checklist_item,
    external_audit::external_audit,
    feedback::interested_party_feedback,
    finding::finding,
    management_review::management_review,
    measurement::measurement,
    review_action::review_action,
};
use identity::{
    principal::principal,
    session::{credential, refresh_token},
};
use improvement::corrective_action::corrective_action;
use integration::{event::event, notice::notice};
use leadership::appointment::appointment;
use operation::{
    annual_plan::annual_plan,
    annual_plan_row::annual_plan_row,
    checklist::operation_checklist,
    supplier::{supplier, supplier_asset},
};
use organization::{
    department::department,
    organization::organization as organization_settings,
    person::person,
    position::{position, position_holder},
};
use planning::{
    applicability::{control::applicability_control, statement_of_applicability},
    asset::asset,
    objective::objective,
    planned_change::planned_change,
    risk::{risk, risk_asset},
    risk_assessment::{risk_assessment, risk_assessment_row},
    treatment_item::treatment_item,
    treatment_plan::{treatment_plan, treatment_plan_risk, treatment_plan_row},
};
use support::{
    awareness::acknowledgement::acknowledgement,
    communication::{
        communication::communication, customer_questionnaire::customer_questionnaire,
        procedure::communication_procedure,
    },
    competence_check::competence_check,
    document::{document, version::document_version},
    education::{
        attempt::test_attempt, campaign::education_campaign, duty::education_duty, enrolment::enrolment,
        learning::learning_link, material::education_material, test::comprehension_test,
    },
    file::stored_file,
    legal_requirement::legal_requirement,
    resource::provided_resource,
};

// Tables that stand together in a query.
diesel::allow_tables_to_appear_in_same_query!(
    corrective_action,
    event,
    department,
    organization_settings,
    person,
    position,
    position_holder,
    applicability_control,
    statement_of_applicability,
    asset,
    objective,
    planned_change,
    risk,
    risk_asset,
    risk_assessment,
    risk_assessment_row,
    treatment_item,
    treatment_plan,
    treatment_plan_risk,
    treatment_plan_row,
    acknowledgement,
    communication,
    communication_procedure,
    customer_questionnaire,
    competence_check,
    document,
    document_version,
    comprehension_test,
    test_attempt,
    learning_link,
    education_campaign,
    education_material,
    enrolment,
    education_duty,
    stored_file,
    legal_requirement,
    provided_resource,
    appointment,
    principal,
    credential,
    refresh_token,
    notice,
    context_action,
    context_issue,
    interested_party,
    entry_log_entry,
    zone,
    audit,
    audit_party,
    audit_guest,
    audit_checklist_item,
    external_audit,
    finding,
    annual_plan,
    annual_plan_row,
    operation_checklist,
    supplier,
    supplier_asset,
    measurement,
    interested_party_feedback,
    management_review,
    review_action,
);
