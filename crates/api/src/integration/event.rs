//! Events: history, feed, verification.

use actix_web::get;
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Resource,
    integration::event::{Event, EventKind, Verification},
    kernel::page::Page,
};
use mamori_persistence::{
    integration::event::{self as events, Filter},
    kernel::{
        failure::{Failure, Outcome},
        paging,
        tx::Tx,
    },
};
use serde::Deserialize;
use strum::{Display, EnumString};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::kernel::{
    answer::Answer,
    permit::{Permit, verbs::Read},
    problem::Problem,
    query::{Paging, Query},
    sheet,
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_events).service(verify_events);
}

/// As what a list of events is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Display, EnumString, ToSchema)]
#[serde(rename_all = "snake_case")]
enum EventFormat {
    Json,
    Jsonl,
    Csv,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventQuery {
    /// Only after this number: what is new since the last call.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// The history of one record.
    record: Option<Uuid>,
    /// Of one type of record, as in the scopes (`asset`, `risk` …).
    #[param(inline)]
    resource: Option<Resource>,
    /// What this person did.
    person: Option<Uuid>,
    /// What this operation did.
    #[param(max_length = 100, pattern = "^[a-z_]+$")]
    operation: Option<String>,
    /// Of one kind.
    #[param(inline)]
    kind: Option<EventKind>,
    /// Not before this moment.
    from: Option<DateTime<Utc>>,
    /// Before this moment.
    until: Option<DateTime<Utc>>,
    /// `jsonl` and `csv` give everything that matches, without pages.
    #[param(inline, default = "json")]
    format: Option<EventFormat>,
    /// The order.
    #[param(pattern = "^-?(sequence)$", default = "sequence")]
    sort: Option<String>,
}

/// List events
///
/// What happened, in the order in which it was sealed: the audit trail, the history of a record (`record`) and a pull
/// feed (`after`). Only sealed events are shown, so that nothing that was committed late is ever skipped.
#[utoipa::path(tag = "integration", params(Paging, EventQuery),
    responses((status = 200, description = "A page of events, or all of them as a file.", content(
        (Page<Event> = "application/json"), (String = "application/jsonl"), (String = "text/csv")))),
    security(("bearer" = ["event:read"])))]
#[get("/v1/events")]
async fn list_events(permit: Permit<Read, Event>, paging: Paging, query: Query<EventQuery>) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "sequence")?;
    let filter = Filter {
        after: query.after,
        record: query.record,
        resource: query.resource,
        person: query.person,
        operation: query.operation.clone(),
        kind: query.kind,
        from: query.from,
        until: query.until,
    };
    match query.format.unwrap_or(EventFormat::Json) {
        EventFormat::Json => permit.read(move |tx| Answer::ok(&events::list(tx, &filter, &page)?)).await,
        format => {
            let (answer, count) = permit
                .report(move |tx| {
                    let all = paging::all(tx, &page, |tx, page| events::list(tx, &filter, page))?;
                    Ok((export(format, &all)?, all.len()))
                })
                .await?;
            permit.transact(move |tx| note_export(tx, "event", count, &answer)).await
        }
    }
}

/// An export leaves a trace of its own.
pub(crate) fn note_export(tx: &mut Tx<'_>, resource: &str, rows: usize, answer: &Answer) -> Outcome<Answer> {
    let what = serde_json::json!({ "rows": rows });
    tx.log(EventKind::Exported, resource, None, None, Some(what))?;
    Ok(answer.clone())
}

fn export(format: EventFormat, events: &[Event]) -> Outcome<Answer> {
    let corrupt = |error: serde_json::Error| Failure::Corrupt(error.to_string());
    if format == EventFormat::Csv {
        let headers = [
            "sequence",
            "at",
            "kind",
            "operation",
            "request_id",
            "actor",
            "person_id",
            "resource",
            "record_id",
            "before",
            "after",
            "hash",
        ];
        let rows = events.iter().map(|event| {
            let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
            let json = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
            vec![
                event.sequence.to_string(),
                event.at.to_rfc3339(),
                event.kind.to_string(),
                event.operation.clone(),
                event.request_id.clone(),
                event.actor.clone(),
                id(event.person_id),
                event.resource.clone(),
                id(event.record_id),
                json(&event.before),
                json(&event.after),
                event.hash.clone(),
            ]
        });
        return Ok(Answer::file("text/csv", "events.csv", sheet::write_csv(&headers, &rows.collect::<Vec<_>>())));
    }
    let mut lines = Vec::new();
    for event in events {
        serde_json::to_writer(&mut lines, event).map_err(corrupt)?;
        lines.push(b'\n');
    }
    Ok(Answer::file("application/jsonl", "events.jsonl", lines))
}

/// Verify the events
///
/// Walks the whole chain and tells every row that was changed, is missing or stands in another place, and how many
/// rows are not sealed yet.
#[utoipa::path(tag = "integration",
    responses((status = 200, description = "What was found.", body = Verification)),
    security(("bearer" = ["event:read"])))]
#[get("/v1/events/verification")]
async fn verify_events(permit: Permit<Read, Event>) -> Result<Answer, Problem> {
    permit.report(|tx| Answer::ok(&events::verify(tx)?)).await
}
