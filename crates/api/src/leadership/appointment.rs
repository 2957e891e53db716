//! Appointments: the authorization itself.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Role,
    kernel::{
        id::Id,
        page::Page,
        refusal::{Code, Refusal},
    },
    leadership::appointment::{Appointment, AppointmentDraft, AppointmentEnd, AppointmentState},
    organization::{department::Department, person::Person},
};
use mamori_persistence::{
    identity::principal as principals,
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    leadership::appointment::{self as appointments, Filter},
    support::{competence_check as checks, competence_requirement as requirements},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Approve, Create, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_appointments)
        .service(create_appointment)
        .service(get_appointment)
        .service(revise_appointment)
        .service(approve_appointment)
        .service(end_appointment);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AppointmentQuery {
    /// Text in the person's name.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// To this role.
    #[param(inline)]
    role: Option<Role>,
    /// Of this person.
    #[param(value_type = Option<String>, format = Uuid)]
    person_id: Option<Id<Person>>,
    /// For this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<Department>>,
    /// In this state today.
    #[param(inline)]
    state: Option<AppointmentState>,
    /// Also ended and withdrawn ones.
    #[param(default = false)]
    include_ended: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(role|starts_on|updated_at)$", default = "role")]
    sort: Option<String>,
}

/// List appointments
///
/// Who holds which role, from when; the organization chart's data (D17, D18).
#[utoipa::path(tag = "leadership", params(Paging, AppointmentQuery),
    responses((status = 200, description = "A page of appointments.", body = Page<Appointment>)),
    security(("bearer" = ["appointment:read"])))]
#[get("/v1/appointments")]
async fn list_appointments(
    permit: Permit<Read, Appointment>,
    paging: Paging,
    query: Query<AppointmentQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "role")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        role: query.role,
        person: query.person_id,
        department: query.department_id,
        state: query.state,
        include_ended: query.include_ended.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&appointments::list(tx, &filter, &page)?)).await
}

/// Propose an appointment
///
/// It grants nothing until whoever appoints to the role has approved it.
#[utoipa::path(tag = "leadership", params(ValidateOnly), request_body = AppointmentDraft,
    responses((status = 201, description = "The proposal.", body = Appointment)),
    security(("bearer" = ["appointment:create"])))]
#[post("/v1/appointments")]
async fn create_appointment(
    permit: Permit<Create, Appointment>,
    draft: Body<AppointmentDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let appointment = Appointment::propose(draft.0.clone(), tx.signature(None)?, tx.now())?;
            let appointment = appointments::add(tx, &appointment)?;
            Answer::created(&appointment, format!("/v1/appointments/{}", appointment.id))
        })
        .await
}

/// Get an appointment
///
/// Also one that has ended.
#[utoipa::path(tag = "leadership", params(InPath),
    responses((status = 200, description = "The appointment.", body = Appointment)),
    security(("bearer" = ["appointment:read"])))]
#[get("/v1/appointments/{id}")]
async fn get_appointment(permit: Permit<Read, Appointment>, id: Path<Appointment>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&appointments::find(tx, *id)?.value)).await
}

/// Revise an appointment
///
/// Changes a proposal; of an appointment in force only the deputy and the remarks, by whoever appoints to the role.
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly),
    request_body(content = AppointmentDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The appointment.", body = Appointment)),
    security(("bearer" = ["appointment:update"])))]
#[patch("/v1/appointments/{id}")]
async fn revise_appointment(
    permit: Permit<Update, Appointment>,
    id: Path<Appointment>,
    read: IfMatch,
    patch: Patch<AppointmentDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut appointment = appointments::find(tx, *id)?;
            read.check(&appointment)?;
            let draft = patch.apply(&appointment.draft)?;
            if appointment.state != AppointmentState::Proposed {
                require_appointer(tx, appointment.draft.role)?;
            }
            appointment.revise(draft)?;
            if appointment.state != AppointmentState::Proposed {
                appointment.check_against(&appointments::current(tx)?)?;
            }
            Answer::record(&appointments::store(tx, appointment)?)
        })
        .await
}

/// Approve an appointment
///
/// Appoints. Top management appoints the chair and the audit manager, the chair the others, the audit manager the
/// auditors (5.3); where the one who appoints is missing, top management stands in. Roles that exclude each other
/// are refused by SD-3. Where the role demands a competence check, the appointment rests on the last approved one: class C
/// appoints nobody, class B provisionally.
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The appointment.", body = Appointment)),
    security(("bearer" = ["appointment:approve"])))]
#[post("/v1/appointments/{id}/approval")]
async fn approve_appointment(
    permit: Permit<Approve, Appointment>,
    id: Path<Appointment>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut appointment = appointments::find(tx, *id)?;
            read.check(&appointment)?;
            let role = require_appointer(tx, appointment.draft.role)?;
            rest_on_check(tx, &mut appointment)?;
            let others = appointments::current(tx)?;
            appointment.approve(tx.signature_as(role, None)?, &others, tx.today())?;
            Answer::record(&appointments::store(tx, appointment)?)
        })
        .await
}

/// End an appointment
///
/// With its last day, or withdraws a proposal. What it granted is gone with the first request of the day after. The last
/// active platform administrator stays until there is another one.
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly), request_body = AppointmentEnd,
    responses((status = 200, description = "The appointment.", body = Appointment)),
    security(("bearer" = ["appointment:update"])))]
#[post("/v1/appointments/{id}/end")]
async fn end_appointment(
    permit: Permit<Update, Appointment>,
    id: Path<Appointment>,
    read: IfMatch,
    end: Body<AppointmentEnd>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut appointment = appointments::find(tx, *id)?;
            read.check(&appointment)?;
            if appointment.state != AppointmentState::Proposed {
                require_appointer(tx, appointment.draft.role)?;
                if appointment.draft.role == Role::PlatformAdmin {
                    principals::require_other_admin(tx, appointment.draft.person_id)?;
                }
            }
            appointment.end(end.0.clone(), &appointments::current(tx)?)?;
            Answer::record(&appointments::store(tx, appointment)?)
        })
        .await
}

/// The last approved check of the person for the role, where there is one.
fn rest_on_check(tx: &mut Tx<'_>, appointment: &mut Loaded<Appointment>) -> Outcome<()> {
    let AppointmentDraft { role, person_id, .. } = appointment.draft;
    let demanded = !requirements::of_role(tx, role)?.is_empty();
    let check = checks::standing_for(tx, role, person_id)?;
    Ok(appointment.rest_on(check.as_ref(), demanded)?)
}

/// In which role the caller appoints to `role`: the one that does, or top management where nobody holds that seat
/// (amendments §1.1).
fn require_appointer(tx: &mut Tx<'_>, role: Role) -> Outcome<Role> {
    let mut vacant = Vec::new();
    for by in role.appointed_by() {
        if appointments::is_vacant(tx, *by)? {
            vacant.push(*by);
        }
    }
    if let Some(by) = Appointment::appointer(role, tx.standing(), |by| vacant.contains(&by)) {
        return Ok(by);
    }
    let holders = appointments::holders(tx, role.appointed_by())?;
    let next: Vec<_> = holders
        .iter()
        .map(|holder| serde_json::json!({ "id": holder.person, "name": holder.name, "role": holder.role }))
        .collect();
    Err(Refusal::new(Code::DutySeparated).by("ISO 5.3").with("next_approver", next).into())
}
