//! Comprehension tests. Whoever still has to pass one reads it without its key (SD-9).

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{
        id::Id,
        page::Page,
        refusal::{Code, Refusal},
        retirement::Retirement,
    },
    support::education::test::{Test, TestCopy, TestDraft, TestState},
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    support::education::test::{self as tests, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Create, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_tests)
        .service(create_test)
        .service(get_test)
        .service(revise_test)
        .service(publish_test)
        .service(retire_test)
        .service(copy_test);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TestQuery {
    /// Text in the title.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Made for this fiscal year.
    #[param(minimum = 1900, maximum = 2998)]
    fiscal_year: Option<i32>,
    /// In this state.
    #[param(inline)]
    state: Option<TestState>,
    /// The order.
    #[param(pattern = "^-?(title|updated_at)$", default = "title")]
    sort: Option<String>,
}

/// List comprehension tests
///
/// With their questions. The correct answers stand there for who wrote or published the test, and for who passed it;
/// nobody who still has to pass it reads them (SD-9).
#[utoipa::path(tag = "support", params(Paging, TestQuery),
    responses((status = 200, description = "A page of tests.", body = Page<Test>)),
    security(("bearer" = ["test:read"])))]
#[get("/v1/tests")]
async fn list_tests(permit: Permit<Read, Test>, paging: Paging, query: Query<TestQuery>) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "title")?;
    let filter = Filter {
        ids: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        fiscal_year: query.fiscal_year,
        state: query.state,
    };
    permit
        .read(move |tx| {
            let Page { items, next, total } = tests::list(tx, &filter, &page)?;
            Answer::ok(&Page { items: tests::shown(tx, items)?, next, total })
        })
        .await
}

/// Create a comprehension test
///
/// A draft. Whoever writes in a test knows its key and is exempt from it.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = TestDraft,
    responses((status = 201, description = "The draft.", body = Test)),
    security(("bearer" = ["test:create"])))]
#[post("/v1/tests")]
async fn create_test(permit: Permit<Create, Test>, draft: Body<TestDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let test = Test::write(draft.0.clone(), tx.signature(None)?, tx.now())?;
            created(tx, &test)
        })
        .await
}

fn created(tx: &mut Tx<'_>, test: &Test) -> Outcome<Answer> {
    let test = tests::add(tx, test)?;
    let test = tests::shown_one(tx, test)?;
    Answer::created(&test, format!("/v1/tests/{}", test.id))
}

/// Get a comprehension test
///
/// Without the key for whoever still has to pass it (SD-9).
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The test.", body = Test)),
    security(("bearer" = ["test:read"])))]
#[get("/v1/tests/{id}")]
async fn get_test(permit: Permit<Read, Test>, id: Path<Test>) -> Result<Answer, Problem> {
    permit
        .read(move |tx| {
            let test = tests::find(tx, *id)?.value;
            Answer::record(&tests::shown_one(tx, test)?)
        })
        .await
}

/// What a step does to a test.
fn step(
    tx: &mut Tx<'_>,
    id: Id<Test>,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<Test>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut test = tests::find(tx, id)?;
    read.check(&test)?;
    rule(tx, &mut test)?;
    let test = tests::store(tx, test)?;
    Answer::record(&tests::shown_one(tx, test)?)
}

/// Revise a comprehension test
///
/// Only before it is published (SD-12). Whoever writes in it is one of its authors from then on.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = TestDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = Test)),
    security(("bearer" = ["test:update"])))]
#[patch("/v1/tests/{id}")]
async fn revise_test(
    permit: Permit<Update, Test>,
    id: Path<Test>,
    read: IfMatch,
    patch: Patch<TestDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, test| {
                let draft = patch.apply(&test.whole_draft())?;
                Ok(test.revise(draft, tx.signature(None)?)?)
            })
        })
        .await
}

/// Publish a comprehension test
///
/// From then on it does not change. Every question needs choices and exactly one correct answer, and the points of all
/// questions together must reach the pass mark.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The test.", body = Test)),
    security(("bearer" = ["test:update"])))]
#[post("/v1/tests/{id}/publication")]
async fn publish_test(permit: Permit<Update, Test>, id: Path<Test>, read: IfMatch) -> Result<Answer, Problem> {
    permit.transact(move |tx| step(tx, *id, read, |tx, test| Ok(test.publish(tx.signature(None)?)?))).await
}

/// Retire a comprehension test
///
/// No new campaign uses it; what was answered in it stays. Refused while a campaign that is not over needs it.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Retirement,
    responses((status = 200, description = "The test.", body = Test)),
    security(("bearer" = ["test:update"])))]
#[post("/v1/tests/{id}/retirement")]
async fn retire_test(
    permit: Permit<Update, Test>,
    id: Path<Test>,
    read: IfMatch,
    retirement: Body<Retirement>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, test| {
                test.retire(retirement.0.clone(), tx.today())?;
                tests::require_unused(tx, test.id)
            })
        })
        .await
}

/// Copy a comprehension test
///
/// A new draft that begins with the questions of this one, and with its key: only for who may know that (SD-9).
#[utoipa::path(tag = "support", params(InPath), request_body = TestCopy,
    responses((status = 201, description = "The new draft.", body = Test)),
    security(("bearer" = ["test:create"])))]
#[post("/v1/tests/{id}/copies")]
async fn copy_test(permit: Permit<Create, Test>, id: Path<Test>, copy: Body<TestCopy>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let original = tests::find(tx, *id)?.value;
            let original = tests::shown_one(tx, original)?;
            if !original.key_shown {
                return Err(Refusal::new(Code::DutySeparated).by("SD-9").into());
            }
            let test = original.copy(copy.0.clone(), tx.signature(None)?, tx.now())?;
            created(tx, &test)
        })
        .await
}
