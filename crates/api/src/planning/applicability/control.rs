//! The controls of a statement of applicability: one by one, and many at once.

use std::collections::BTreeMap;

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    catalog::control::{
        ControlTheme, ControlType, CybersecurityConcept, OperationalCapability, SecurityDomain, SecurityProperty,
    },
    kernel::{page::Page, sign_off::Because, text::Word},
    planning::applicability::{
        StatementOfApplicability,
        control::{ApplicabilityControl, ApplicabilityControlDraft, ApplicabilityDecision, ImplementationStatus},
        edit::{ControlEditReport, ControlEdits, EditOutcome, OnRefusedEdit},
    },
};
use mamori_persistence::{
    kernel::loaded::Loaded,
    planning::applicability::{
        self as statements,
        control::{self as controls, Attributes, Filter},
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_applicability_controls)
        .service(add_applicability_control)
        .service(edit_applicability_controls)
        .service(get_applicability_control)
        .service(revise_applicability_control)
        .service(withdraw_applicability_control);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ControlQuery {
    /// Text in id, title, justification or documents.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// With this decision.
    #[param(inline)]
    decision: Option<ApplicabilityDecision>,
    /// With this implementation status.
    #[param(inline)]
    status: Option<ImplementationStatus>,
    /// Of this theme of Annex A. Own controls have no theme, nor any of the attributes below.
    #[param(inline)]
    theme: Option<ControlTheme>,
    /// Whether the edition of 2022 introduced it.
    new: Option<bool>,
    /// Of this type.
    #[param(inline)]
    control_type: Option<ControlType>,
    /// Which preserves this property.
    #[param(inline)]
    property: Option<SecurityProperty>,
    /// Which serves this function of cybersecurity.
    #[param(inline)]
    concept: Option<CybersecurityConcept>,
    /// Which this field of practice carries.
    #[param(inline)]
    capability: Option<OperationalCapability>,
    /// Which belongs to this domain of security.
    #[param(inline)]
    domain: Option<SecurityDomain>,
    /// Also own controls that were withdrawn from this version.
    #[param(default = false)]
    include_withdrawn: Option<bool>,
    /// The order; `order` is that of Annex A, with own controls after it.
    #[param(pattern = "^-?(order|updated_at)$", default = "order")]
    sort: Option<String>,
}

/// List the controls of a statement of applicability
///
/// Decision, status, justification and documents of each, with the open risks whose treatment uses it.
#[utoipa::path(tag = "planning", params(InPath, Paging, ControlQuery),
    responses((status = 200, description = "A page of controls.", body = Page<ApplicabilityControl>)),
    security(("bearer" = ["statement_of_applicability:read"])))]
#[get("/v1/statements-of-applicability/{id}/controls")]
async fn list_applicability_controls(
    permit: Permit<Read, ApplicabilityControl>,
    id: Path<StatementOfApplicability>,
    paging: Paging,
    query: Query<ControlQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "order")?;
    let filter = Filter {
        id: None,
        statement: Some(*id),
        q: query.q.clone(),
        updated_since: query.updated_since,
        decision: query.decision,
        status: query.status,
        attributes: Attributes {
            theme: query.theme,
            new: query.new,
            control_type: query.control_type,
            property: query.property,
            concept: query.concept,
            capability: query.capability,
            domain: query.domain,
        },
        include_withdrawn: query.include_withdrawn.unwrap_or_default(),
    };
    permit
        .read(move |tx| {
            statements::find(tx, *id)?;
            Answer::ok(&controls::list(tx, &filter, &page)?)
        })
        .await
}

/// Add an own control to a statement of applicability
///
/// Beside those of Annex A, in a draft (SOA-5). The draft is prepared by whoever wrote in it last.
#[utoipa::path(tag = "planning", params(InPath, ValidateOnly), request_body = ApplicabilityControlDraft,
    responses((status = 201, description = "The new control.", body = ApplicabilityControl)),
    security(("bearer" = ["statement_of_applicability:update"])))]
#[post("/v1/statements-of-applicability/{id}/controls")]
async fn add_applicability_control(
    permit: Permit<Update, ApplicabilityControl>,
    id: Path<StatementOfApplicability>,
    draft: Body<ApplicabilityControlDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut statement = statements::find(tx, *id)?;
            statement.version.revise(tx.signature(None)?)?;
            let order = controls::next_order(tx, *id)?;
            let control = ApplicabilityControl::own(draft.0.clone(), &statement, order, tx.now())?;
            controls::add(tx, &control)?;
            statements::store(tx, statement)?;
            let control = controls::find(tx, control.id)?.value;
            Answer::created(&control, format!("/v1/applicability-controls/{}", control.id))
        })
        .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EditQuery {
    /// `true`: tells control by control what would happen, and changes nothing.
    #[param(default = false)]
    validate_only: Option<bool>,
}

/// Edit many controls of a statement of applicability
///
/// With a result for each. Nothing is changed unless every change passes, or `on_error` is `skip`; `errors` then name
/// change and field: `/edits/3/implementation_status`. What a change leaves out stays.
#[utoipa::path(tag = "planning", params(InPath, EditQuery), request_body = ControlEdits,
    responses((status = 200, description = "What was changed, control by control.", body = ControlEditReport)),
    security(("bearer" = ["statement_of_applicability:update"])))]
#[post("/v1/statements-of-applicability/{id}/control-edits")]
async fn edit_applicability_controls(
    permit: Permit<Update, ApplicabilityControl>,
    id: Path<StatementOfApplicability>,
    query: Query<EditQuery>,
    edits: Body<ControlEdits>,
) -> Result<Answer, Problem> {
    let validate_only = query.validate_only.unwrap_or_default();
    permit
        .transact(move |tx| {
            let mut statement = statements::find(tx, *id)?;
            statement.version.revise(tx.signature(None)?)?;
            let rows = controls::of(tx, &statement)?;
            let mut before: BTreeMap<Word, ApplicabilityControl> =
                rows.into_iter().map(|control| (control.draft.control_id.clone(), control)).collect();
            let mut after = before.clone();
            let mut report = edits.0.apply(&mut after)?;
            report.validate_only = validate_only;
            if report.refused > 0 && edits.0.on_error == OnRefusedEdit::Refuse && !validate_only {
                return Err(report.refusal().into());
            }
            for row in report.rows.iter_mut().filter(|row| row.outcome == EditOutcome::Changed) {
                let stored = (after.remove(&row.control_id), before.remove(&row.control_id));
                if let (Some(value), Some(original)) = stored {
                    row.revision = Some(original.revision + 1);
                    controls::store(tx, Loaded { value, original })?;
                }
            }
            if report.changed > 0 {
                statements::store(tx, statement)?;
            }
            Answer::ok(&report)
        })
        .await
}

/// Get a control of a statement of applicability
///
/// By its own id, in whichever version it stands.
#[utoipa::path(tag = "planning", params(InPath),
    responses((status = 200, description = "The control.", body = ApplicabilityControl)),
    security(("bearer" = ["statement_of_applicability:read"])))]
#[get("/v1/applicability-controls/{id}")]
async fn get_applicability_control(
    permit: Permit<Read, ApplicabilityControl>,
    id: Path<ApplicabilityControl>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&controls::find(tx, *id)?.value)).await
}

/// Revise a control of a statement of applicability
///
/// In a draft. The status goes with the decision: where it is not applicable there is only `not_applicable`. The
/// draft is prepared by whoever wrote in it last.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    request_body(content = ApplicabilityControlDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The control.", body = ApplicabilityControl)),
    security(("bearer" = ["statement_of_applicability:update"])))]
#[patch("/v1/applicability-controls/{id}")]
async fn revise_applicability_control(
    permit: Permit<Update, ApplicabilityControl>,
    id: Path<ApplicabilityControl>,
    read: IfMatch,
    patch: Patch<ApplicabilityControlDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut control = controls::find(tx, *id)?;
            read.check(&control)?;
            let draft = patch.apply(&control.draft)?;
            control.revise(draft)?;
            let mut statement = statements::find(tx, control.statement_id)?;
            statement.version.revise(tx.signature(None)?)?;
            controls::store(tx, control)?;
            statements::store(tx, statement)?;
            Answer::record(&controls::find(tx, *id)?.value)
        })
        .await
}

/// Withdraw an own control from a statement of applicability
///
/// From a draft, with a reason: one that was only just added, or one of earlier versions, which keep it. It counts no
/// more, and later versions do not have it. The controls of Annex A stand in every version.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The control.", body = ApplicabilityControl)),
    security(("bearer" = ["statement_of_applicability:update"])))]
#[post("/v1/applicability-controls/{id}/withdrawal")]
async fn withdraw_applicability_control(
    permit: Permit<Update, ApplicabilityControl>,
    id: Path<ApplicabilityControl>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut control = controls::find(tx, *id)?;
            read.check(&control)?;
            control.withdraw(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            let mut statement = statements::find(tx, control.statement_id)?;
            statement.version.revise(tx.signature(None)?)?;
            controls::store(tx, control)?;
            statements::store(tx, statement)?;
            Answer::record(&controls::find(tx, *id)?.value)
        })
        .await
}
