//! Disposal of records and of personal data.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{
        page::Page,
        sign_off::{Approval, Because, SignOffAction, SignOffState},
        transition::Stateful,
    },
    support::{
        disposal::{Disposal, DisposalDraft, DueDisposals},
        retention_rule::RetentionSubject,
    },
};
use mamori_persistence::{
    organization::organization as organizations,
    support::disposal::{self as disposals, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Approve, Create, Read, Submit, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_disposals)
        .service(list_due_disposals)
        .service(begin_disposal)
        .service(get_disposal)
        .service(revise_disposal)
        .service(submit_disposal)
        .service(approve_disposal)
        .service(return_disposal)
        .service(void_disposal);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DisposalQuery {
    /// Text in description and reason.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this.
    #[param(inline)]
    subject: Option<RetentionSubject>,
    /// In this state.
    #[param(inline)]
    state: Option<SignOffState>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List disposals
///
/// What was disposed of, by whom and why, and what waits for approval (7.5.3 f).
#[utoipa::path(tag = "support", params(Paging, DisposalQuery),
    responses((status = 200, description = "A page of disposals.", body = Page<Disposal>)),
    security(("bearer" = ["disposal:read"])))]
#[get("/v1/disposals")]
async fn list_disposals(
    permit: Permit<Read, Disposal>,
    paging: Paging,
    query: Query<DisposalQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let DisposalQuery { q, updated_since, subject, state, sort: _ } = query.0;
    let filter = Filter { id: None, q, updated_since, subject, state };
    permit.read(move |tx| Answer::ok(&disposals::list(tx, &filter, &page)?)).await
}

/// List what is due for disposal
///
/// Records whose time is over today, under the retention rules and the years that documents say themselves.
#[utoipa::path(tag = "support",
    responses((status = 200, description = "What is due, by kind of record.", body = DueDisposals)),
    security(("bearer" = ["disposal:read"])))]
#[get("/v1/disposals/due")]
async fn list_due_disposals(permit: Permit<Read, Disposal>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::ok(&DueDisposals { items: disposals::due_today(tx)? })).await
}

/// Begin a disposal
///
/// Of what is due under the rules; of leavers who ask for it; or of what is kept elsewhere, with how it is done.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = DisposalDraft,
    responses((status = 201, description = "The draft.", body = Disposal)),
    security(("bearer" = ["disposal:create"])))]
#[post("/v1/disposals")]
async fn begin_disposal(permit: Permit<Create, Disposal>, draft: Body<DisposalDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = organizations::next_number(tx, "disposal")?;
            let new = Disposal::begin(draft.0.clone(), number, tx.signature(None)?, tx.now())?;
            let new = disposals::add(tx, &new)?;
            Answer::created(&new, format!("/v1/disposals/{}", new.id))
        })
        .await
}

/// Get a disposal
///
/// With the records that it lists.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The disposal.", body = Disposal)),
    security(("bearer" = ["disposal:read"])))]
#[get("/v1/disposals/{id}")]
async fn get_disposal(permit: Permit<Read, Disposal>, id: Path<Disposal>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&disposals::find(tx, *id)?.value)).await
}

/// Revise a disposal
///
/// Only before it is handed in, or after it was returned.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = DisposalDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = Disposal)),
    security(("bearer" = ["disposal:update"])))]
#[patch("/v1/disposals/{id}")]
async fn revise_disposal(
    permit: Permit<Update, Disposal>,
    id: Path<Disposal>,
    read: IfMatch,
    patch: Patch<DisposalDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut disposal = disposals::find(tx, *id)?;
            read.check(&disposal)?;
            let draft = patch.apply(&disposal.draft)?;
            disposal.revise(draft, tx.signature(None)?)?;
            Answer::record(&disposals::store(tx, disposal)?)
        })
        .await
}

/// Submit a disposal
///
/// Hands it in with the records that are due today, at most 500; refused where none is.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The disposal with its records.", body = Disposal)),
    security(("bearer" = ["disposal:submit"])))]
#[post("/v1/disposals/{id}/submission")]
async fn submit_disposal(
    permit: Permit<Submit, Disposal>,
    id: Path<Disposal>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut disposal = disposals::find(tx, *id)?;
            read.check(&disposal)?;
            let due = disposals::due(tx, &disposal.draft)?;
            disposal.submit(due, tx.signature(None)?)?;
            Answer::record(&disposals::store(tx, disposal)?)
        })
        .await
}

/// Approve a disposal
///
/// What it lists is erased for good: who the visitors were, what is known of the leavers beyond what they signed, the files
/// of obsolete versions. That it was there, and the chain of events, stay. By the chair, or who stands in for that seat, and
/// not by who prepared it (SD-1).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The disposal that was carried out.", body = Disposal)),
    security(("bearer" = ["disposal:approve"])))]
#[post("/v1/disposals/{id}/approval")]
async fn approve_disposal(
    permit: Permit<Approve, Disposal>,
    id: Path<Disposal>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    let (service, organization) = (permit.service().clone(), permit.caller().organization);
    let approved = permit
        .transact(move |tx| {
            let mut disposal = disposals::find(tx, *id)?;
            read.check(&disposal)?;
            disposal.guard(SignOffAction::Approve)?;
            let (by, alone) = disposals::approvers(tx)?.sign(tx, disposal.preparer(), &approval.0)?;
            let due = disposals::due(tx, &disposal.draft)?;
            disposal.approve(&due, by, alone)?;
            Answer::record(&disposals::carry_out(tx, disposal)?)
        })
        .await?;
    service.remove_erased_files(organization).await;
    Ok(approved)
}

/// Return a disposal
///
/// Gives it back to its preparer.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = Disposal)),
    security(("bearer" = ["disposal:approve"])))]
#[post("/v1/disposals/{id}/return")]
async fn return_disposal(
    permit: Permit<Approve, Disposal>,
    id: Path<Disposal>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut disposal = disposals::find(tx, *id)?;
            read.check(&disposal)?;
            disposal.send_back(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&disposals::store(tx, disposal)?)
        })
        .await
}

/// Void a disposal
///
/// Nobody wants the draft any more: it stays to be read with the reason, and nothing comes of it. What was handed in is
/// returned first.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided draft.", body = Disposal)),
    security(("bearer" = ["disposal:update"])))]
#[post("/v1/disposals/{id}/voiding")]
async fn void_disposal(
    permit: Permit<Update, Disposal>,
    id: Path<Disposal>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut disposal = disposals::find(tx, *id)?;
            read.check(&disposal)?;
            disposal.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&disposals::store(tx, disposal)?)
        })
        .await
}
