//! Suppliers and cloud services.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{id::Id, page::Page},
    operation::supplier::{Supplier, SupplierDraft, SupplierEvaluationDraft, SupplierExit, SupplierKind},
    organization::department::Department,
    planning::asset::Asset,
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    operation::supplier::{self as suppliers, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Create, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_suppliers)
        .service(create_supplier)
        .service(get_supplier)
        .service(revise_supplier)
        .service(evaluate_supplier)
        .service(exit_supplier);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SupplierQuery {
    /// Text in name, services or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this kind.
    #[param(inline)]
    kind: Option<SupplierKind>,
    /// Used by this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<Department>>,
    /// Handling this asset.
    #[param(value_type = Option<String>, format = Uuid)]
    asset_id: Option<Id<Asset>>,
    /// Whether it handles personal data.
    handles_personal_data: Option<bool>,
    /// Past the day of the next evaluation.
    evaluation_overdue: Option<bool>,
    /// Also suppliers that were left.
    #[param(default = false)]
    include_exited: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(name|updated_at)$", default = "name")]
    sort: Option<String>,
}

/// List suppliers
///
/// Suppliers and cloud services in use within the caller's reach (A.5.19 to A.5.23).
#[utoipa::path(tag = "operation", params(Paging, SupplierQuery),
    responses((status = 200, description = "A page of suppliers.", body = Page<Supplier>)),
    security(("bearer" = ["supplier:read"])))]
#[get("/v1/suppliers")]
async fn list_suppliers(
    permit: Permit<Read, Supplier>,
    paging: Paging,
    query: Query<SupplierQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "name")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        kind: query.kind,
        department: query.department_id,
        asset: query.asset_id,
        handles_personal_data: query.handles_personal_data,
        evaluation_overdue: query.evaluation_overdue,
        include_exited: query.include_exited.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&suppliers::list(tx, &filter, &page)?)).await
}

/// Enter a supplier
///
/// A supplier or a cloud service: what it does, which assets it handles, its contract.
#[utoipa::path(tag = "operation", params(ValidateOnly), request_body = SupplierDraft,
    responses((status = 201, description = "The new supplier.", body = Supplier)),
    security(("bearer" = ["supplier:create"])))]
#[post("/v1/suppliers")]
async fn create_supplier(permit: Permit<Create, Supplier>, draft: Body<SupplierDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let supplier = Supplier::enter(draft.0.clone(), tx.now(), tx.today())?;
            let supplier = suppliers::add(tx, &supplier)?;
            Answer::created(&supplier, format!("/v1/suppliers/{}", supplier.id))
        })
        .await
}

/// Get a supplier
///
/// With its evaluations; also one that was left.
#[utoipa::path(tag = "operation", params(InPath),
    responses((status = 200, description = "The supplier.", body = Supplier)),
    security(("bearer" = ["supplier:read"])))]
#[get("/v1/suppliers/{id}")]
async fn get_supplier(permit: Permit<Read, Supplier>, id: Path<Supplier>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&suppliers::find(tx, *id)?.value)).await
}

/// What a step does to a supplier that the caller may change.
fn step(
    tx: &mut Tx<'_>,
    id: Id<Supplier>,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<Supplier>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut supplier = suppliers::find_for_update(tx, id)?;
    read.check(&supplier)?;
    rule(tx, &mut supplier)?;
    Answer::record(&suppliers::store(tx, supplier)?)
}

/// Revise a supplier
///
/// Changes what is written about it; not of one that was left.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly),
    request_body(content = SupplierDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The supplier.", body = Supplier)),
    security(("bearer" = ["supplier:update"])))]
#[patch("/v1/suppliers/{id}")]
async fn revise_supplier(
    permit: Permit<Update, Supplier>,
    id: Path<Supplier>,
    read: IfMatch,
    patch: Patch<SupplierDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, supplier| {
                let draft = patch.apply(&supplier.draft)?;
                Ok(supplier.revise(draft, tx.today())?)
            })
        })
        .await
}

/// Record an evaluation of a supplier
///
/// Answers the supplier with its new evaluation; the next one is due an interval later.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly), request_body = SupplierEvaluationDraft,
    responses((status = 200, description = "The supplier.", body = Supplier)),
    security(("bearer" = ["supplier:update"])))]
#[post("/v1/suppliers/{id}/evaluations")]
async fn evaluate_supplier(
    permit: Permit<Update, Supplier>,
    id: Path<Supplier>,
    read: IfMatch,
    evaluation: Body<SupplierEvaluationDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, supplier| {
                Ok(supplier.evaluate(evaluation.0.clone(), tx.signature(None)?, tx.today())?)
            })
        })
        .await
}

/// Leave a supplier
///
/// With what became of the data that it held, and what shows it (A.5.20).
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly), request_body = SupplierExit,
    responses((status = 200, description = "The supplier.", body = Supplier)),
    security(("bearer" = ["supplier:update"])))]
#[post("/v1/suppliers/{id}/exit")]
async fn exit_supplier(
    permit: Permit<Update, Supplier>,
    id: Path<Supplier>,
    read: IfMatch,
    exit: Body<SupplierExit>,
) -> Result<Answer, Problem> {
    permit.transact(move |tx| step(tx, *id, read, |tx, supplier| Ok(supplier.leave(exit.0.clone(), tx.today())?))).await
}
