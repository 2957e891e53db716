//! Actions to address risks and opportunities.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Verb,
    context::{
        action::{
            ActionCompletion, ActionEffectivenessDraft, Addressed, ContextAction, ContextActionDraft,
            ContextActionState,
        },
        interested_party::InterestedParty,
        issue::ContextIssue,
    },
    kernel::{id::Id, page::Page, sign_off::Because},
    organization::person::Person,
};
use mamori_persistence::{
    context::action::{self as actions, Filter},
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    organization::organization as organizations,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
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
        .service(list_context_actions)
        .service(create_context_action)
        .service(get_context_action)
        .service(revise_context_action)
        .service(complete_context_action)
        .service(evaluate_context_action)
        .service(cancel_context_action);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ActionQuery {
    /// Text in number, action or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// That answer this issue.
    #[param(value_type = Option<String>, format = Uuid)]
    issue_id: Option<Id<ContextIssue>>,
    /// That answer a requirement of this interested party.
    #[param(value_type = Option<String>, format = Uuid)]
    party_id: Option<Id<InterestedParty>>,
    /// On the risk or on the opportunity.
    #[param(inline)]
    addresses: Option<Addressed>,
    /// In this state.
    #[param(inline)]
    state: Option<ContextActionState>,
    /// For which this person is responsible.
    #[param(value_type = Option<String>, format = Uuid)]
    responsible_person_id: Option<Id<Person>>,
    /// Past its day, and not done.
    overdue: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|due_on|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List context actions
///
/// The actions on risks and opportunities (6.1.1) in the issues and the requirements of interested parties: all of them,
/// or those that the caller is responsible for.
#[utoipa::path(tag = "context", params(Paging, ActionQuery),
    responses((status = 200, description = "A page of actions.", body = Page<ContextAction>)),
    security(("bearer" = ["context_action:read"])))]
#[get("/v1/context-actions")]
async fn list_context_actions(
    permit: Permit<Read, ContextAction>,
    paging: Paging,
    query: Query<ActionQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        issue: query.issue_id,
        party: query.party_id,
        addresses: query.addresses,
        state: query.state,
        responsible_person: query.responsible_person_id,
        overdue: query.overdue,
    };
    permit.read(move |tx| Answer::ok(&actions::list(tx, &filter, &page)?)).await
}

/// Create a context action
///
/// On the risk or the opportunity of one issue, or of one requirement of an interested party.
#[utoipa::path(tag = "context", params(ValidateOnly), request_body = ContextActionDraft,
    responses((status = 201, description = "The new action.", body = ContextAction)),
    security(("bearer" = ["context_action:create"])))]
#[post("/v1/context-actions")]
async fn create_context_action(
    permit: Permit<Create, ContextAction>,
    draft: Body<ContextActionDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = organizations::next_number(tx, "context_action")?;
            let action = ContextAction::plan(draft.0.clone(), number, tx.now())?;
            let action = actions::add(tx, &action)?;
            Answer::created(&action, format!("/v1/context-actions/{}", action.id))
        })
        .await
}

/// Get a context action
///
/// Also one that is over.
#[utoipa::path(tag = "context", params(InPath),
    responses((status = 200, description = "The action.", body = ContextAction)),
    security(("bearer" = ["context_action:read"])))]
#[get("/v1/context-actions/{id}")]
async fn get_context_action(permit: Permit<Read, ContextAction>, id: Path<ContextAction>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&actions::find(tx, *id)?.value)).await
}

/// What a step does to an action within the reach of `verb`.
fn step(
    tx: &mut Tx<'_>,
    id: Id<ContextAction>,
    verb: Verb,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<ContextAction>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut action = actions::find_for(tx, id, verb)?;
    read.check(&action)?;
    rule(tx, &mut action)?;
    Answer::record(&actions::store(tx, action)?)
}

/// Revise a context action
///
/// While it is open.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly),
    request_body(content = ContextActionDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The action.", body = ContextAction)),
    security(("bearer" = ["context_action:update"])))]
#[patch("/v1/context-actions/{id}")]
async fn revise_context_action(
    permit: Permit<Update, ContextAction>,
    id: Path<ContextAction>,
    read: IfMatch,
    patch: Patch<ContextActionDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, Verb::Update, read, |_, action| {
                let draft = patch.apply(&action.draft)?;
                Ok(action.revise(draft)?)
            })
        })
        .await
}

/// Complete a context action
///
/// Records when it was done, and what came of it; also by the responsible person.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = ActionCompletion,
    responses((status = 200, description = "The action.", body = ContextAction)),
    security(("bearer" = ["context_action:execute"])))]
#[post("/v1/context-actions/{id}/completion")]
async fn complete_context_action(
    permit: Permit<Execute, ContextAction>,
    id: Path<ContextAction>,
    read: IfMatch,
    completion: Body<ActionCompletion>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, Verb::Execute, read, |tx, action| Ok(action.complete(completion.0.clone(), tx.today())?))
        })
        .await
}

/// Evaluate the effectiveness of a context action
///
/// Whether it did what it was meant to do (6.1.1 e 2). One that did not answers nothing any more.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = ActionEffectivenessDraft,
    responses((status = 200, description = "The action.", body = ContextAction)),
    security(("bearer" = ["context_action:update"])))]
#[post("/v1/context-actions/{id}/effectiveness")]
async fn evaluate_context_action(
    permit: Permit<Update, ContextAction>,
    id: Path<ContextAction>,
    read: IfMatch,
    draft: Body<ActionEffectivenessDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, Verb::Update, read, |tx, action| {
                Ok(action.evaluate(draft.0.clone(), tx.signature(None)?, tx.today())?)
            })
        })
        .await
}

/// Cancel a context action
///
/// Gives it up, with a reason.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The action.", body = ContextAction)),
    security(("bearer" = ["context_action:update"])))]
#[post("/v1/context-actions/{id}/cancellation")]
async fn cancel_context_action(
    permit: Permit<Update, ContextAction>,
    id: Path<ContextAction>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| step(tx, *id, Verb::Update, read, |_, action| Ok(action.cancel(because.0.reason.clone())?)))
        .await
}
