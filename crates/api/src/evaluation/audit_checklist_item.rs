//! The checklists of audits: prepared before, answered during the audit.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Verb,
    evaluation::{
        audit::{Audit, AuditState},
        audit_checklist_item::{
            AuditChecklistItem, AuditChecklistItemDraft, AuditChecklistResultDraft, AuditJudgement,
        },
        audit_checklist_sheet::{AuditChecklistImport, Column, export_row},
        audit_starter,
    },
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::Refusal,
        sheet::SheetColumn,
        sign_off::Because,
    },
};
use mamori_persistence::{
    evaluation::audit_checklist_item::{self as items, Filter},
    kernel::{
        failure::{Failure, Outcome},
        loaded::Loaded,
        paging::all,
        tx::Tx,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::integration::event::note_export;
use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch, RawBody},
    permit::{
        Permit,
        verbs::{Create, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
    sheet::{ListFormat, OnError, SentAs, Sheet},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_audit_checklist_items)
        .service(prepare_audit_checklist_item)
        .service(add_starter_checklist)
        .service(get_audit_checklist_item)
        .service(revise_audit_checklist_item)
        .service(withdraw_audit_checklist_item)
        .service(record_audit_checklist_result)
        .service(import_audit_checklist_results);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ItemQuery {
    /// Text in what is checked.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Judged like this.
    #[param(inline)]
    judgement: Option<AuditJudgement>,
    /// About this clause.
    #[param(max_length = 50)]
    clause: Option<String>,
    /// Also items that were taken out.
    #[param(default = false)]
    include_withdrawn: Option<bool>,
    /// `csv` and `xlsx` give every item that matches, without pages, as a sheet to take along and to hand back with results.
    #[param(inline, default = "json")]
    format: Option<ListFormat>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List the checklist of an internal audit
///
/// For who manages audits, and for its auditors.
#[utoipa::path(tag = "evaluation", params(InPath, Paging, ItemQuery),
    responses((status = 200, description = "A page of items, or all of them as a file.", content(
        (Page<AuditChecklistItem> = "application/json"), (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))),
    security(("bearer" = ["audit_checklist:read"])))]
#[get("/v1/audits/{id}/checklist-items")]
async fn list_audit_checklist_items(
    permit: Permit<Read, AuditChecklistItem>,
    id: Path<Audit>,
    paging: Paging,
    query: Query<ItemQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let ItemQuery { q, updated_since, judgement, clause, include_withdrawn, format, sort: _ } = query.0;
    let include_withdrawn = include_withdrawn.unwrap_or_default();
    let filter = Filter { id: None, audit: Some(*id), q, updated_since, judgement, clause, include_withdrawn };
    match format.unwrap_or(ListFormat::Json) {
        ListFormat::Json => {
            permit
                .read(move |tx| {
                    items::find_audit(tx, *id, Verb::Read)?;
                    Answer::ok(&items::list(tx, &filter, &page)?)
                })
                .await
        }
        format => {
            let (answer, count) = permit
                .report(move |tx| {
                    items::find_audit(tx, *id, Verb::Read)?;
                    let found = all(tx, &page, |tx, page| items::list(tx, &filter, page))?;
                    let rows: Vec<_> = found.iter().map(export_row).collect();
                    let count = rows.len();
                    let (headers, choices) = (Column::headers(), Column::choices());
                    Ok((Sheet { name: "audit-checklist", headers, rows, choices }.answer(format)?, count))
                })
                .await?;
            permit.transact(move |tx| note_export(tx, "audit_checklist", count, &answer)).await
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ResultsQuery {
    /// `true`: tells row by row what would happen, and changes nothing.
    #[param(default = false)]
    validate_only: Option<bool>,
    /// What happens with rows that have errors.
    #[param(inline, default = "refuse")]
    on_error: Option<OnError>,
}

/// Hand in the results of a checklist
///
/// Takes the sheet of the checklist back, as CSV (UTF-8 or CP932) or xlsx, during the audit. A row is about the item with
/// its number; an empty cell leaves what is there, and what was prepared must not differ. Nothing is stored unless
/// every row passes, or `on_error=skip`.
#[utoipa::path(tag = "evaluation", params(InPath, ResultsQuery),
    request_body(description = "The file.", content((String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = 200, description = "What was done, row by row.", body = AuditChecklistImport)),
    security(("bearer" = ["audit_checklist:update"])))]
#[post("/v1/audits/{id}/checklist-results")]
async fn import_audit_checklist_results(
    permit: Permit<Update, AuditChecklistItem>,
    id: Path<Audit>,
    query: Query<ResultsQuery>,
    sent_as: SentAs,
    body: RawBody,
) -> Result<Answer, Problem> {
    let table = sent_as.read(body).await?;
    let validate_only = query.validate_only.unwrap_or_default();
    let skip = query.on_error == Some(OnError::Skip);
    permit
        .transact(move |tx| {
            let audit = items::find_audit(tx, *id, Verb::Update)?.value;
            if audit.state != AuditState::InProgress {
                return Err(Refusal::wrong_state(audit.state).by("R-27").into());
            }
            let filter = Filter { audit: Some(*id), include_withdrawn: true, ..Filter::default() };
            let found = all(tx, &PageRequest::one(), |tx, page| items::list(tx, &filter, page))?;
            let mut found: Vec<Loaded<AuditChecklistItem>> = found.into_iter().map(Loaded::new).collect();
            let mut items_of: Vec<_> = found.iter_mut().map(|item| &mut item.value).collect();
            let mut done = AuditChecklistImport::apply(&table, &mut items_of, &audit, &tx.signature(None)?);
            done.validate_only = validate_only;
            if done.refused > 0 && !skip && !validate_only {
                return Err(done.refusal().into());
            }
            for item in found.into_iter().filter(|item| done.wrote(item.id)) {
                items::store(tx, item)?;
            }
            Answer::ok(&done)
        })
        .await
}

/// Prepare an item of a checklist
///
/// What is checked, against a clause, a control or an own document; before the audit begins.
#[utoipa::path(tag = "evaluation", params(InPath, ValidateOnly), request_body = AuditChecklistItemDraft,
    responses((status = 201, description = "The new item.", body = AuditChecklistItem)),
    security(("bearer" = ["audit_checklist:create"])))]
#[post("/v1/audits/{id}/checklist-items")]
async fn prepare_audit_checklist_item(
    permit: Permit<Create, AuditChecklistItem>,
    id: Path<Audit>,
    draft: Body<AuditChecklistItemDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let audit = items::find_audit(tx, *id, Verb::Create)?.value;
            let item = add(tx, draft.0.clone(), &audit)?;
            Answer::created(&item, format!("/v1/audit-checklist-items/{}", item.id))
        })
        .await
}

fn add(tx: &mut Tx<'_>, draft: AuditChecklistItemDraft, audit: &Audit) -> Outcome<AuditChecklistItem> {
    let number = items::next_number(tx, audit.id)?;
    items::add(tx, &AuditChecklistItem::prepare(draft, audit, number, tx.now())?)
}

/// Begin a checklist with starter rows
///
/// Adds a row for every clause from 4 to 10 that the checklist does not ask about yet, to be edited.
#[utoipa::path(tag = "evaluation", params(InPath, ValidateOnly),
    responses((status = 200, description = "The checklist.", body = Page<AuditChecklistItem>)),
    security(("bearer" = ["audit_checklist:create"])))]
#[post("/v1/audits/{id}/starter-checklist")]
async fn add_starter_checklist(permit: Permit<Create, AuditChecklistItem>, id: Path<Audit>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let audit = items::find_audit(tx, *id, Verb::Create)?.value;
            let asked = items::clauses(tx, *id)?;
            let rows = audit_starter::rows(|clause| asked.iter().any(|asked| asked == clause));
            for row in rows.map_err(|fault| Failure::Corrupt(fault.to_string()))? {
                add(tx, row, &audit)?;
            }
            let filter = Filter { audit: Some(*id), ..Filter::default() };
            Answer::ok(&items::list(tx, &filter, &PageRequest { limit: PageRequest::MAX_LIMIT, ..PageRequest::one() })?)
        })
        .await
}

/// Get an item of a checklist
///
/// With its result.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The item.", body = AuditChecklistItem)),
    security(("bearer" = ["audit_checklist:read"])))]
#[get("/v1/audit-checklist-items/{id}")]
async fn get_audit_checklist_item(
    permit: Permit<Read, AuditChecklistItem>,
    id: Path<AuditChecklistItem>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&items::find(tx, *id, Verb::Read)?.0.value)).await
}

/// What a step does to an item, with its audit at hand.
fn step(
    tx: &mut Tx<'_>,
    id: Id<AuditChecklistItem>,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<AuditChecklistItem>, &Audit) -> Outcome<()>,
) -> Outcome<Answer> {
    let (mut item, audit) = items::find(tx, id, Verb::Update)?;
    read.check(&item)?;
    rule(tx, &mut item, &audit)?;
    Answer::record(&items::store(tx, item)?)
}

/// Revise an item of a checklist
///
/// What is prepared; not any more once the audit has begun.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    request_body(content = AuditChecklistItemDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The item.", body = AuditChecklistItem)),
    security(("bearer" = ["audit_checklist:update"])))]
#[patch("/v1/audit-checklist-items/{id}")]
async fn revise_audit_checklist_item(
    permit: Permit<Update, AuditChecklistItem>,
    id: Path<AuditChecklistItem>,
    read: IfMatch,
    patch: Patch<AuditChecklistItemDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |_, item, _| {
                let draft = patch.apply(&item.draft)?;
                Ok(item.revise(draft)?)
            })
        })
        .await
}

/// Withdraw an item of a checklist
///
/// Takes it out before the audit begins, with a reason.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The item.", body = AuditChecklistItem)),
    security(("bearer" = ["audit_checklist:update"])))]
#[post("/v1/audit-checklist-items/{id}/withdrawal")]
async fn withdraw_audit_checklist_item(
    permit: Permit<Update, AuditChecklistItem>,
    id: Path<AuditChecklistItem>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, item, _| {
                Ok(item.withdraw(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?)
            })
        })
        .await
}

/// Record the result of an item of a checklist
///
/// During the audit only: by an auditor, or by the audit manager on behalf of one from outside.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = AuditChecklistResultDraft,
    responses((status = 200, description = "The item.", body = AuditChecklistItem)),
    security(("bearer" = ["audit_checklist:update"])))]
#[post("/v1/audit-checklist-items/{id}/result")]
async fn record_audit_checklist_result(
    permit: Permit<Update, AuditChecklistItem>,
    id: Path<AuditChecklistItem>,
    read: IfMatch,
    result: Body<AuditChecklistResultDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, item, audit| Ok(item.record(result.0.clone(), audit, tx.signature(None)?)?))
        })
        .await
}
