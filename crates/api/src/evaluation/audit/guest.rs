//! Guests of internal audits: auditors from outside who log in for some days and see exactly that audit.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    evaluation::audit::{
        Audit,
        guest::{AuditGuest, AuditGuestAction, AuditGuestDraft},
    },
    identity::principal::{LinkPurpose, OneTimeLink, PrincipalState},
    kernel::{id::Id, page::Page, sign_off::Because, transition::Stateful},
};
use mamori_persistence::{
    evaluation::audit::{
        self as audits,
        guest::{self as guests, Filter},
    },
    identity::principal as principals,
    kernel::failure::OrNotFound,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    identity::principal::made_link,
    kernel::{
        answer::Answer,
        body::{Body, IfMatch},
        permit::{
            Permit,
            verbs::{Create, Read, Update},
        },
        problem::Problem,
        query::{InPath, Paging, Path, Query, ValidateOnly},
    },
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_audit_guests)
        .service(create_audit_guest)
        .service(get_audit_guest)
        .service(invite_audit_guest)
        .service(withdraw_audit_guest);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct GuestQuery {
    /// Text in name, company or address.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// The order.
    #[param(pattern = "^-?(valid_from|updated_at)$", default = "valid_from")]
    sort: Option<String>,
}

/// List the guests of an internal audit
///
/// Also those whose days are over.
#[utoipa::path(tag = "evaluation", params(InPath, Paging, GuestQuery),
    responses((status = 200, description = "A page of guests.", body = Page<AuditGuest>)),
    security(("bearer" = ["audit_guest:read"])))]
#[get("/v1/audits/{id}/guests")]
async fn list_audit_guests(
    permit: Permit<Read, AuditGuest>,
    id: Path<Audit>,
    paging: Paging,
    query: Query<GuestQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "valid_from")?;
    let GuestQuery { q, updated_since, sort: _ } = query.0;
    let filter = Filter { audit: Some(*id), q, updated_since, ..Filter::default() };
    permit
        .read(move |tx| {
            audits::find(tx, *id)?;
            Answer::ok(&guests::list(tx, &filter, &page)?)
        })
        .await
}

/// Create a guest of an internal audit
///
/// For an auditor from outside whom the approved plan names. They log in from the first to the last of these days, see
/// exactly this audit, its checklist and its findings, and sign for themselves; when the audit is closed or cancelled, it
/// is over for them too. They set a password through an invitation.
#[utoipa::path(tag = "evaluation", params(InPath, ValidateOnly), request_body = AuditGuestDraft,
    responses((status = 201, description = "The new guest.", body = AuditGuest)),
    security(("bearer" = ["audit_guest:create"])))]
#[post("/v1/audits/{id}/guests")]
async fn create_audit_guest(
    permit: Permit<Create, AuditGuest>,
    id: Path<Audit>,
    draft: Body<AuditGuestDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let audit = audits::find(tx, *id)?.value;
            let guest = guests::invite(tx, draft.0.clone(), &audit)?;
            Answer::created(&guest, format!("/v1/audit-guests/{}", guest.id))
        })
        .await
}

/// Get a guest of an internal audit
///
/// With the days on which they may log in.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The guest.", body = AuditGuest)),
    security(("bearer" = ["audit_guest:read"])))]
#[get("/v1/audit-guests/{id}")]
async fn get_audit_guest(permit: Permit<Read, AuditGuest>, id: Path<AuditGuest>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&guests::find(tx, *id)?.value)).await
}

/// Invite a guest of an internal audit
///
/// Makes a one-time link for a password: the first one, or a new one. Hand it to the guest; an earlier link is void.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 201, description = "The link, shown once.", body = OneTimeLink)),
    security(("bearer" = ["audit_guest:update"])))]
#[post("/v1/audit-guests/{id}/invitations")]
async fn invite_audit_guest(permit: Permit<Update, AuditGuest>, id: Path<AuditGuest>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let guest = guests::find(tx, *id)?;
            guest.guard(AuditGuestAction::Invite)?;
            let principal = principals::by_person(tx, Id::from_uuid(guest.person.id))?.or_not_found()?;
            let purpose = match principal.state {
                PrincipalState::Active => LinkPurpose::PasswordReset,
                PrincipalState::Invited | PrincipalState::Deactivated => LinkPurpose::Invitation,
            };
            principal.guard(purpose.action())?;
            made_link(tx, principal.id, purpose)
        })
        .await
}

/// Withdraw the invitation of a guest
///
/// From the next request on every credential of theirs is refused, and their address is forgotten; what they signed stays.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The guest.", body = AuditGuest)),
    security(("bearer" = ["audit_guest:update"])))]
#[post("/v1/audit-guests/{id}/withdrawal")]
async fn withdraw_audit_guest(
    permit: Permit<Update, AuditGuest>,
    id: Path<AuditGuest>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut guest = guests::find(tx, *id)?;
            read.check(&guest)?;
            guest.withdraw(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&guests::store(tx, guest)?)
        })
        .await
}
