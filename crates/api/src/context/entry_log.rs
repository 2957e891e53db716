//! The entry log.

use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use mamori_domain::{
    access::Verb,
    context::{
        entry_log::{EntryLogEntry, EntryLogEntryDraft, EntryState, EntryViolation, Exit},
        zone::Zone,
    },
    kernel::{id::Id, page::Page, sign_off::Because},
    organization::person::Person,
};
use mamori_persistence::context::{
    entry_log::{self as entries, Filter},
    zone as zones,
};
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
        .service(list_entry_log_entries)
        .service(create_entry_log_entry)
        .service(get_entry_log_entry)
        .service(exit_entry_log_entry)
        .service(void_entry_log_entry);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EntryQuery {
    /// Text in the name of who entered, or of their company.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// To this zone.
    #[param(value_type = Option<String>, format = Uuid)]
    zone_id: Option<Id<Zone>>,
    /// Of this person.
    #[param(value_type = Option<String>, format = Uuid)]
    person_id: Option<Id<Person>>,
    /// Entered on this day, in the organization's zone.
    day: Option<NaiveDate>,
    /// With this violation, as of now.
    #[param(inline)]
    violation: Option<EntryViolation>,
    /// In this state; `inside` finds who has not left.
    #[param(inline)]
    state: Option<EntryState>,
    /// Also those that are void, where no state is given.
    #[param(default = false)]
    include_voided: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(entered_at|updated_at)$", default = "entered_at")]
    sort: Option<String>,
}

/// List the entry log
///
/// Who was in which zone, and whether it was in order.
#[utoipa::path(tag = "context", params(Paging, EntryQuery),
    responses((status = 200, description = "A page of entries.", body = Page<EntryLogEntry>)),
    security(("bearer" = ["entry_log:read"])))]
#[get("/v1/entry-log-entries")]
async fn list_entry_log_entries(
    permit: Permit<Read, EntryLogEntry>,
    paging: Paging,
    query: Query<EntryQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "entered_at")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        zone: query.zone_id,
        person: query.person_id,
        day: query.day,
        violation: query.violation,
        state: query.state,
        include_voided: query.include_voided.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&entries::list(tx, &filter, &page)?)).await
}

/// Record an entry
///
/// Who entered which zone. The log never refuses to know: what was not in order is recorded as a violation.
/// Everybody may record their own visits.
#[utoipa::path(tag = "context", params(ValidateOnly), request_body = EntryLogEntryDraft,
    responses((status = 201, description = "The new entry.", body = EntryLogEntry)),
    security(("bearer" = ["entry_log:create"])))]
#[post("/v1/entry-log-entries")]
async fn create_entry_log_entry(
    permit: Permit<Create, EntryLogEntry>,
    draft: Body<EntryLogEntryDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let zone = zones::require(tx, draft.0.zone_id, "/zone_id")?;
            let (party, by) = (entries::party(tx, &draft.0)?, tx.signature(None)?);
            let entry = EntryLogEntry::record(draft.0.clone(), &zone, party, by, tx.context().time_zone)?;
            let entry = entries::add(tx, &entry)?;
            Answer::created(&entry, format!("/v1/entry-log-entries/{}", entry.id))
        })
        .await
}

/// Get an entry of the log
///
/// Also one that is void.
#[utoipa::path(tag = "context", params(InPath),
    responses((status = 200, description = "The entry.", body = EntryLogEntry)),
    security(("bearer" = ["entry_log:read"])))]
#[get("/v1/entry-log-entries/{id}")]
async fn get_entry_log_entry(permit: Permit<Read, EntryLogEntry>, id: Path<EntryLogEntry>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&entries::find(tx, *id)?.value)).await
}

/// Record leaving
///
/// Completes an entry: whoever may record a visit may record its end.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Exit,
    responses((status = 200, description = "The entry.", body = EntryLogEntry)),
    security(("bearer" = ["entry_log:create"])))]
#[post("/v1/entry-log-entries/{id}/exit")]
async fn exit_entry_log_entry(
    permit: Permit<Create, EntryLogEntry>,
    id: Path<EntryLogEntry>,
    read: IfMatch,
    exit: Body<Exit>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut entry = entries::find_for(tx, *id, Verb::Create)?;
            read.check(&entry)?;
            entry.exit(exit.0.clone(), tx.now())?;
            Answer::record(&entries::store(tx, entry)?)
        })
        .await
}

/// Declare an entry void
///
/// One that was recorded by mistake: it stays to be seen, with the reason. A corrected one is recorded anew.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The entry.", body = EntryLogEntry)),
    security(("bearer" = ["entry_log:execute"])))]
#[post("/v1/entry-log-entries/{id}/voiding")]
async fn void_entry_log_entry(
    permit: Permit<Execute, EntryLogEntry>,
    id: Path<EntryLogEntry>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut entry = entries::find_for(tx, *id, Verb::Execute)?;
            read.check(&entry)?;
            entry.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?, tx.now())?;
            Answer::record(&entries::store(tx, entry)?)
        })
        .await
}
