//! Who does what: the organization chart and the descriptions of the roles.

use actix_web::get;
use chrono::NaiveDate;
use mamori_domain::{
    kernel::{
        date::in_bounds,
        page::Page,
        refusal::{Code, Refusal},
    },
    leadership::{
        appointment::Appointment,
        organization_chart::{OrganizationChart, RoleDescription},
    },
};
use mamori_persistence::leadership::organization_chart as charts;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    permit::{Permit, verbs::Read},
    problem::Problem,
    query::{Paging, Query},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_organization_chart).service(list_role_descriptions);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChartQuery {
    /// As it was, or will be, on this day; today where it is left out.
    date: Option<NaiveDate>,
}

/// Get the organization chart
///
/// The roles of the ISMS as a tree with those who hold them on a day, and the seats that are vacant (D17). The internal
/// audit manager stands beside the chair, directly under top management.
#[utoipa::path(tag = "leadership", params(ChartQuery),
    responses((status = 200, description = "The chart.", body = OrganizationChart)),
    security(("bearer" = ["appointment:read"])))]
#[get("/v1/organization-chart")]
async fn get_organization_chart(
    permit: Permit<Read, Appointment>,
    query: Query<ChartQuery>,
) -> Result<Answer, Problem> {
    let date = query.date;
    if date.is_some_and(|date| !in_bounds(date)) {
        return Err(Refusal::field("date", Code::OutOfRange).into());
    }
    permit
        .read(move |tx| {
            let day = date.unwrap_or_else(|| tx.today());
            Answer::ok(&charts::chart(tx, day)?)
        })
        .await
}

/// List the descriptions of the roles
///
/// What each role is for, who appoints to it and who holds it today, formally or provisionally (D18).
#[utoipa::path(tag = "leadership", params(Paging),
    responses((status = 200, description = "A page of roles.", body = Page<RoleDescription>)),
    security(("bearer" = ["appointment:read"])))]
#[get("/v1/role-descriptions")]
async fn list_role_descriptions(permit: Permit<Read, Appointment>, paging: Paging) -> Result<Answer, Problem> {
    let page = paging.page(None, "order")?;
    permit.read(move |tx| Answer::ok(&charts::descriptions(tx, &page)?)).await
}
