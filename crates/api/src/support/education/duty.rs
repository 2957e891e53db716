//! Education that somebody owes.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Verb,
    kernel::{id::Id, page::Page, sign_off::Because},
    organization::person::Person,
    support::education::{
        duty::{DutyCause, DutyFulfilmentDraft, EducationDuty, EducationDutyDraft, EducationDutyState},
        theme::EducationTheme,
    },
};
use mamori_persistence::support::education::duty::{self as duties, Filter};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch},
    permit::{
        Permit,
        verbs::{Create, Execute, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_education_duties)
        .service(create_education_duty)
        .service(get_education_duty)
        .service(fulfil_education_duty)
        .service(waive_education_duty);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EducationDutyQuery {
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// On this theme.
    #[param(inline)]
    theme: Option<EducationTheme>,
    /// Why it is owed.
    #[param(inline)]
    cause: Option<DutyCause>,
    /// Owed by this person.
    #[param(value_type = Option<String>, format = Uuid)]
    person_id: Option<Id<Person>>,
    /// Whether it concerns everybody.
    of_everybody: Option<bool>,
    /// Opened by this record.
    record_id: Option<Uuid>,
    /// Where it stands.
    #[param(inline)]
    state: Option<EducationDutyState>,
    /// Owed, and its day has passed.
    overdue: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(due_on|updated_at)$", default = "due_on")]
    sort: Option<String>,
}

/// List education duties
///
/// Education that is owed, was done, waived, or lapsed: what concerns everybody, and what is owed by those within the
/// caller's reach.
#[utoipa::path(tag = "support", params(Paging, EducationDutyQuery),
    responses((status = 200, description = "A page of duties.", body = Page<EducationDuty>)),
    security(("bearer" = ["education_duty:read"])))]
#[get("/v1/education-duties")]
async fn list_education_duties(
    permit: Permit<Read, EducationDuty>,
    paging: Paging,
    query: Query<EducationDutyQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "due_on")?;
    let filter = Filter {
        id: None,
        updated_since: query.updated_since,
        themes: query.theme.into_iter().collect(),
        cause: query.cause,
        persons: query.person_id.map(|person| vec![person]),
        of_everybody: query.of_everybody,
        record: query.record_id,
        state: query.state,
        overdue: query.overdue,
    };
    permit.read(move |tx| Answer::ok(&duties::list(tx, &filter, &page)?)).await
}

/// Enter an education duty
///
/// Of somebody who broke rules or comes back from leave. Joining, laws and campaigns open theirs themselves.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = EducationDutyDraft,
    responses((status = 201, description = "The new duty.", body = EducationDuty)),
    security(("bearer" = ["education_duty:create"])))]
#[post("/v1/education-duties")]
async fn create_education_duty(
    permit: Permit<Create, EducationDuty>,
    draft: Body<EducationDutyDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let duty = duties::add(tx, &EducationDuty::enter(draft.0.clone(), tx.now(), tx.today())?)?;
            Answer::created(&duty, format!("/v1/education-duties/{}", duty.id))
        })
        .await
}

/// Get an education duty
///
/// With how it was done, or who waived it.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The duty.", body = EducationDuty)),
    security(("bearer" = ["education_duty:read"])))]
#[get("/v1/education-duties/{id}")]
async fn get_education_duty(permit: Permit<Read, EducationDuty>, id: Path<EducationDuty>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&duties::find(tx, *id)?.value)).await
}

/// Record that an education duty was done
///
/// By hand, with what shows it; a campaign does those of its learners when it is closed.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = DutyFulfilmentDraft,
    responses((status = 200, description = "The duty.", body = EducationDuty)),
    security(("bearer" = ["education_duty:execute"])))]
#[post("/v1/education-duties/{id}/fulfilment")]
async fn fulfil_education_duty(
    permit: Permit<Execute, EducationDuty>,
    id: Path<EducationDuty>,
    read: IfMatch,
    fulfilment: Body<DutyFulfilmentDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut duty = duties::find_for(tx, *id, Verb::Execute)?;
            read.check(&duty)?;
            duty.fulfil(fulfilment.0.clone(), tx.signature(None)?, tx.today())?;
            Answer::record(&duties::store(tx, duty)?)
        })
        .await
}

/// Waive an education duty
///
/// Decides, with a reason, that it need not be done. Nobody waives what they owe themselves (SD-8).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The duty.", body = EducationDuty)),
    security(("bearer" = ["education_duty:update"])))]
#[post("/v1/education-duties/{id}/waiver")]
async fn waive_education_duty(
    permit: Permit<Update, EducationDuty>,
    id: Path<EducationDuty>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut duty = duties::find_for(tx, *id, Verb::Update)?;
            read.check(&duty)?;
            duty.waive(tx.signature(Some(because.0.reason.as_str().to_owned()))?, tx.today())?;
            Answer::record(&duties::store(tx, duty)?)
        })
        .await
}
