//! Notices.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    integration::notice::{Notice, NoticeDraft, NoticeKind, NoticeState},
    kernel::{id::Id, page::Page, sign_off::Because},
    organization::person::Person,
};
use mamori_persistence::integration::notice::{self as notices, Filter};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch},
    permit::{
        Permit,
        verbs::{Create, Execute, Read},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_notices)
        .service(create_notice)
        .service(get_notice)
        .service(cancel_notice)
        .service(retry_notice);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NoticeQuery {
    /// Text in the subject, or in the name of the person.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// To this person.
    #[param(value_type = Option<String>, format = Uuid)]
    person_id: Option<Id<Person>>,
    /// About this.
    #[param(inline)]
    kind: Option<NoticeKind>,
    /// In this state.
    #[param(inline)]
    state: Option<NoticeState>,
    /// The order.
    #[param(pattern = "^-?(created_at|updated_at)$", default = "-created_at")]
    sort: Option<String>,
}

/// List notices
///
/// What persons are told by e-mail. Whoever has no role sees what they were told themselves: without a mail server it is
/// read here.
#[utoipa::path(tag = "integration", params(Paging, NoticeQuery),
    responses((status = 200, description = "A page of notices.", body = Page<Notice>)),
    security(("bearer" = ["notice:read"])))]
#[get("/v1/notices")]
async fn list_notices(
    permit: Permit<Read, Notice>,
    paging: Paging,
    query: Query<NoticeQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "-created_at")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        person: query.person_id,
        kind: query.kind,
        state: query.state,
    };
    permit.read(move |tx| Answer::ok(&notices::list(tx, &filter, &page)?)).await
}

/// Write a notice
///
/// An announcement to one person. It is sent as soon as possible where the service knows a mail server.
#[utoipa::path(tag = "integration", params(ValidateOnly), request_body = NoticeDraft,
    responses((status = 201, description = "The new notice.", body = Notice)),
    security(("bearer" = ["notice:create"])))]
#[post("/v1/notices")]
async fn create_notice(permit: Permit<Create, Notice>, draft: Body<NoticeDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let notice = notices::post(tx, NoticeKind::Announcement, draft.0.clone(), None)?;
            Answer::created(&notice, format!("/v1/notices/{}", notice.id))
        })
        .await
}

/// Get a notice
///
/// Its text is as it was written: name and link are put in when it is sent.
#[utoipa::path(tag = "integration", params(InPath),
    responses((status = 200, description = "The notice.", body = Notice)),
    security(("bearer" = ["notice:read"])))]
#[get("/v1/notices/{id}")]
async fn get_notice(permit: Permit<Read, Notice>, id: Path<Notice>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&notices::find(tx, *id)?.value)).await
}

/// Cancel a notice
///
/// It is not sent, or not tried again. Refused while it is on its way.
#[utoipa::path(tag = "integration", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The notice.", body = Notice)),
    security(("bearer" = ["notice:execute"])))]
#[post("/v1/notices/{id}/cancellation")]
async fn cancel_notice(
    permit: Permit<Execute, Notice>,
    id: Path<Notice>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut notice = notices::find(tx, *id)?;
            read.check(&notice)?;
            let by = tx.signature(Some(because.0.reason.as_str().to_owned()))?;
            notice.cancel(by, tx.now())?;
            Answer::record(&notices::store(tx, notice)?)
        })
        .await
}

/// Retry a notice
///
/// It is sent as soon as possible, with all attempts anew: also one that failed or was cancelled.
#[utoipa::path(tag = "integration", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The notice.", body = Notice)),
    security(("bearer" = ["notice:execute"])))]
#[post("/v1/notices/{id}/retry")]
async fn retry_notice(permit: Permit<Execute, Notice>, id: Path<Notice>, read: IfMatch) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut notice = notices::find(tx, *id)?;
            read.check(&notice)?;
            notice.retry(tx.now())?;
            Answer::record(&notices::store(tx, notice)?)
        })
        .await
}
