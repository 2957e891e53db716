//! What is true of every record: made, read, changed, stepped on, refused, repeated, rehearsed, pressed by two at once.

use std::collections::BTreeSet;

use actix_web::http::Method;
use futures_util::future::join;
use mamori_domain::{access::Scope, kernel::id::Id};
use serde_json::{Value, json};

use super::{
    client::{Api, Call, OPERATIONS, operation, second, standings},
    specimen::{SECRETARY, Specimen, Stage, WORKER, belongs, specimens},
};
use crate::harness::{Reply, World, beginning, on_both};

/// Operations on one record that no specimen covers; this list may only shrink.
const WITHOUT_SPECIMEN: &[&str] = &[
    "add_applicability_control",        // makes the specimen of a control
    "add_education_material",           // takes bytes: support/education/campaign.rs
    "add_starter_checklist",            // many at once: evaluation/audit.rs
    "answer_survey",                    // the learner's own: support/education/campaign.rs
    "approve_leadership_commitment",    // eight that ship: nobody makes one
    "attach_answer_file",               // takes bytes: support/communication/customer_questionnaire.rs
    "attach_document_file",             // takes bytes: support/file.rs
    "attach_external_audit_report",     // takes bytes: evaluation/external_audit.rs
    "attach_questionnaire_file",        // takes bytes: support/communication/customer_questionnaire.rs
    "attach_scope_layout",              // takes bytes: context/scope.rs
    "cancel_review_action",             // made by the approval of a review: evaluation/review_action.rs
    "complete_review_action",           // made by the approval of a review: evaluation/review_action.rs
    "confirm_enrolment",                // the learner's own: support/education/campaign.rs
    "create_annual_plan_row",           // makes the specimen of a row
    "create_audit_guest",               // makes the specimen of a guest
    "create_checklist_run",             // makes the specimen of a run
    "create_enrolment",                 // makes the specimen of an enrolment
    "create_treatment_item",            // makes the specimen of an item
    "edit_applicability_controls",      // many at once: planning/applicability/edit.rs
    "enter_external_finding",           // makes the specimen of a finding
    "enter_finding",                    // makes the specimen of a finding
    "evaluate_review_action",           // made by the approval of a review: evaluation/review_action.rs
    "get_answer_file",                  // bytes: support/communication/customer_questionnaire.rs
    "get_audit_programme_coverage",     // numbers beside the record
    "get_audit_report",                 // a view beside the record
    "get_campaign_effectiveness",       // figures beside the record
    "get_context_review_rows",          // a view beside the record
    "get_document_file",                // bytes: support/file.rs
    "get_education_material",           // made of bytes: support/education/campaign.rs
    "get_education_material_file",      // bytes: support/education/campaign.rs
    "get_education_programme_progress", // numbers beside the record
    "get_external_audit_report",        // bytes: evaluation/external_audit.rs
    "get_isms_scope_consistency",       // a comparison beside the record
    "get_leadership_commitment",        // eight that ship: nobody makes one
    "get_learners",                     // a view beside the record
    "get_learning_material",            // bytes: support/education/learning.rs
    "get_management_review_inputs",     // a view beside the record
    "get_policy_checklist",             // a view beside the record
    "get_questionnaire_file",           // bytes: support/communication/customer_questionnaire.rs
    "get_review_action",                // made by the approval of a review: evaluation/review_action.rs
    "get_risk_criteria_effect",         // a preview beside the record
    "get_scope_layout",                 // bytes: context/scope.rs
    "get_survey_result",                // a view beside the record
    "get_test_attempt",                 // needs an open campaign: support/education/attempt.rs
    "get_test_results",                 // a view beside the record
    "get_treatment_plan_consistency",   // a report beside the record
    "import_audit_checklist_results",   // takes bytes: evaluation/audit_checklist_sheet.rs
    "list_applicability_controls",      // a list
    "list_audit_checklist_items",       // a list
    "list_audit_guests",                // a list
    "list_checklist_runs",              // a list
    "list_education_materials",         // a list
    "list_findings_of_audit",           // a list
    "list_findings_of_external_audit",  // a list
    "list_measurements_of_objective",   // a list
    "list_risk_assessment_proposals",   // a list
    "list_risk_assessment_rows",        // a list
    "list_rows_of_annual_plan",         // a list
    "list_similar_corrective_actions",  // a list
    "list_treatment_items_of_risk",     // a list
    "list_treatment_plan_rows",         // a list
    "make_learning_link",               // a secret beside the record: support/education/learning.rs
    "prepare_audit_checklist_item",     // makes the specimen of an item
    "record_audit_checklist_result",    // during the audit: evaluation/audit.rs
    "record_follow_up",                 // takes an audit: improvement/corrective_action.rs
    "record_measurement",               // makes the specimen of a measurement
    "remind_learners",                  // writes to many: support/education/campaign.rs
    "reopen_leadership_commitment",     // eight that ship: nobody makes one
    "report_review_action",             // made by the approval of a review: evaluation/review_action.rs
    "reset_password",                   // needs a principal with a password
    "revise_leadership_commitment",     // eight that ship: nobody makes one
    "revise_review_action",             // made by the approval of a review: evaluation/review_action.rs
    "start_enrolment",                  // the learner's own: support/education/campaign.rs
    "submit_test_attempt",              // needs an open campaign: support/education/attempt.rs
    "withdraw_education_material",      // made of bytes: support/education/campaign.rs
];

/// A moment that is no id of anything.
fn nobody() -> String {
    Id::<()>::generate(beginning()).to_string()
}

/// Events leave one line per changed record and request, with the record before and after.
#[track_caller]
fn one_event_each(events: &[Value], reply: &Reply, record: &str, what: &str) {
    let request = reply.header("x-request-id");
    let mine: Vec<&Value> = events.iter().filter(|event| event["request_id"] == *request).collect();
    let records: BTreeSet<String> = mine.iter().map(|event| event["record_id"].to_string()).collect();
    assert_eq!(records.len(), mine.len(), "{what}: more than one event of a record");
    assert_eq!(mine.iter().filter(|event| event["record_id"] == record).count(), 1, "{what}: the event of the record");
    for event in mine {
        let revision = |side: &str| event[side]["revision"].as_i64();
        match (revision("before"), revision("after")) {
            (Some(before), Some(after)) => assert_eq!(after, before + 1, "{what}: {}", event["resource"]),
            (None, after) => assert_eq!(after.unwrap_or(1), 1, "{what}: {}", event["resource"]),
            (before, after) => panic!("{what}: from {before:?} to {after:?}"),
        }
    }
}

fn without(mut value: Value, field: Option<&str>) -> Value {
    if let (Some(field), Some(object)) = (field, value.as_object_mut()) {
        object.remove(field);
    }
    value
}

#[track_caller]
fn faults(reply: Reply, expected: &[(&str, &str)], what: &str) {
    let text = String::from_utf8_lossy(&reply.bytes).into_owned();
    assert_eq!(reply.status, 422, "{what}: {text}");
    let expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
    assert_eq!(reply.faults(), expected, "{what}: {text}");
}

#[test]
fn every_operation_on_a_record_has_a_specimen() {
    let specimens = specimens();
    let mut uncovered: Vec<&str> = OPERATIONS
        .iter()
        .filter(|operation| operation.path.contains('{'))
        .filter(|o| !specimens.iter().any(|specimen| belongs(specimen, &o.method, &o.path)))
        .map(|operation| operation.id())
        .collect();
    uncovered.sort_unstable();
    assert_eq!(uncovered, WITHOUT_SPECIMEN);
}

/// A body that a request takes, sent wrongly in every way; nothing of it may stay.
async fn badly_sent(call: Call<'_>, body: &Value, what: &str) {
    let media = if what.contains("PATCH") { "application/merge-patch+json" } else { "application/json" };
    for broken in ["", "{", "{\"name\": }", "nonsense"] {
        let reply = call.clone().bytes(media, broken).send().await.expect(400);
        assert_eq!(reply.code(), "malformed_body", "{what}");
    }
    let reply = call.clone().bytes(media, b"{\"name\":\"\xff\xfe\"}".to_vec()).send().await.expect(400);
    assert_eq!(reply.code(), "malformed_body", "{what}");
    for wrong in ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""] {
        let reply = call.clone().bytes(wrong, body.to_string()).send().await.expect(415);
        assert_eq!(reply.code(), "unsupported_media_type", "{what} as {wrong:?}");
    }
    let reply = call.clone().json(body).header("accept", "application/pdf").send().await.expect(406);
    assert_eq!(reply.code(), "not_acceptable", "{what}");
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(1 << 20));
    let reply = call.clone().bytes(media, large).send().await.expect(413);
    assert_eq!(reply.code(), "body_too_large", "{what}");
    let reply = call.clone().query("nonsense=1").json(body).send().await.expect(400);
    assert_eq!(reply.code(), "unknown_parameter", "{what}");
    let fields: Vec<&Value> = body.as_object().expect("an object").values().collect();
    let positional = json!(fields).to_string();
    for wrong in ["[]", "\"text\"", "1", "null", "true", positional.as_str()] {
        let reply = call.clone().bytes(media, wrong).send().await.expect(422);
        assert_eq!(reply.code(), "invalid", "{what}: {wrong}");
        assert_eq!(reply.faults(), [(String::new(), "wrong_type".to_owned())], "{what}: {wrong}");
    }
}

fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[field] = value;
    body
}

async fn is_made(stage: &Stage<'_>, specimen: &Specimen) {
    let (name, api) = (specimen.name, stage.api);
    let what = format!("POST of {name}");
    let path = stage.made_at(specimen);
    let call = || api.post(path.clone()).by(specimen.by);
    let draft = stage.draft(name, &json!({})).await;
    stage.events().await;

    badly_sent(call(), &draft, &what).await;
    let unknown = call().json(&with(&draft, "nonsense", json!(1))).send().await;
    faults(unknown, &[("/nonsense", "unknown_field")], &what);
    let computed = call().json(&with(&draft, specimen.computed, json!(null))).send().await;
    faults(computed, &[(&format!("/{}", specimen.computed), "read_only_field")], &what);
    for own in ["id", "revision", "created_at"] {
        let sent = call().json(&with(&draft, own, json!("x"))).send().await;
        faults(sent, &[(&format!("/{own}"), "read_only_field")], &what);
    }
    let empty = call().json(&json!({})).send().await.expect(422);
    assert!(empty.faults().iter().all(|(_, code)| code == "required"), "{what}: {:?}", empty.faults());

    // A rehearsal answers as if, and leaves nothing.
    let rehearsed = call().query("validate_only=true").json(&draft).send().await.expect(201);
    let gone = api.get(rehearsed.header("location")).by(specimen.by).send().await.expect(404);
    assert_eq!(gone.code(), "not_found", "{what}");
    assert_eq!(stage.events().await, Vec::<Value>::new(), "{what}: what was refused or rehearsed left events");

    // Made, once, however often it is asked for under one key.
    let key = format!("make-{name}");
    let made = call().header("idempotency-key", &key).json(&draft).send().await.expect(201);
    let events = stage.events().await;
    one_event_each(&events, &made, &made.id(), &what);
    let again = call().header("idempotency-key", &key).json(&draft).send().await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true", "{what}");
    assert_eq!(made.header("idempotency-replayed"), "", "{what}");
    let secret = specimen.shown_once;
    assert_eq!(again.json(), without(made.json(), secret), "{what}: the first answer again");
    for header in ["location", "etag", "content-type"] {
        assert_eq!(again.header(header), made.header(header), "{what}: {header}");
    }
    let other = with(&draft, "nonsense", json!(1));
    let reused = call().header("idempotency-key", &key).json(&other).send().await.expect(422);
    assert!(["idempotency_key_reused", "invalid"].contains(&reused.code().as_str()), "{what}: {}", reused.code());
    let other = stage.draft(name, &json!({})).await;
    if other != draft {
        stage.events().await;
        let reused = call().header("idempotency-key", &key).json(&other).send().await.expect(422);
        assert_eq!(reused.code(), "idempotency_key_reused", "{what}");
    }
    for bad in ["", "\"\"", &"k".repeat(256)] {
        let reply = call().header("idempotency-key", bad).json(&draft).send().await.expect(400);
        assert_eq!(reply.code(), "malformed_header", "{what}: {bad:?}");
    }
    assert_eq!(stage.events().await, Vec::<Value>::new(), "{what}: a repeated request left events");

    // Where it is told to be, with the tag it was told.
    let place = made.header("location");
    assert_eq!(place, format!("{}/{}", specimen.collection, made.id()), "{what}");
    let read = api.get(&place).by(specimen.by).send().await.expect(200);
    assert_eq!(read.json(), without(made.json(), secret), "{what}: what was answered is what is read");
    if secret.is_none() {
        assert_eq!(read.header("etag"), made.header("etag"), "{what}");
    }
    assert!(read.header("etag").starts_with(&format!("\"{}.", read.json()["revision"])), "{what}");
    for tag in [read.header("etag"), format!("\"other\", W/{}", read.header("etag"))] {
        let same = api.get(&place).by(specimen.by).header("if-none-match", tag).send().await.expect(304);
        assert_eq!((same.bytes.len(), same.header("etag")), (0, read.header("etag")), "{what}");
    }
    api.get(&place).by(specimen.by).header("if-none-match", "\"1.other\"").send().await.expect(200);
    api.get(&place).by(specimen.by).header("accept", "application/pdf").send().await.expect(406);
    api.get(&place).by(specimen.by).query("nonsense=1").send().await.expect(400);
}

/// The two halves of `If-Match`: missing, stale, malformed.
async fn checks_the_revision(call: Call<'_>, what: &str) {
    let reply = call.clone().send().await.expect(428);
    assert_eq!(reply.code(), "precondition_required", "{what}");
    for stale in ["\"999.x\"", "\"0\"", "\"999\""] {
        let reply = call.clone().header("if-match", stale).send().await.expect(412);
        assert_eq!(reply.code(), "stale", "{what}");
    }
    for malformed in ["1", "\"\"", "\"x\"", "*", "W/\"1\"", "\"99999999999\""] {
        let reply = call.clone().header("if-match", malformed).send().await.expect(400);
        assert_eq!(reply.code(), "malformed_header", "{what}: {malformed}");
    }
}

async fn is_patched(stage: &Stage<'_>, specimen: &Specimen) {
    let (name, api) = (specimen.name, stage.api);
    let what = format!("PATCH of {name}");
    let made = stage.make(name, &json!({})).await;
    let path = made.header("location");
    let patch = stage.fill(&specimen.patch).await;
    let call = || api.patch(path.clone()).by(specimen.by);
    let read = stage.read(specimen, &made.id()).await;
    stage.events().await;

    checks_the_revision(call().json(&patch), &what).await;
    badly_sent(call().having_read(&read), &patch, &what).await;
    let unknown = call().having_read(&read).json(&with(&patch, "nonsense", json!(1))).send().await;
    faults(unknown, &[("/nonsense", "unknown_field")], &what);
    let computed = call().having_read(&read).json(&with(&patch, specimen.computed, json!("x"))).send().await;
    faults(computed, &[(&format!("/{}", specimen.computed), "read_only_field")], &what);
    let rehearsed = call().having_read(&read).query("validate_only=true").json(&patch).send().await.expect(200);
    assert_eq!(rehearsed.json()["revision"], 2, "{what}");
    assert_eq!(stage.read(specimen, &made.id()).await.bytes, read.bytes, "{what}: refused, rehearsed and yet changed");
    assert_eq!(stage.events().await, Vec::<Value>::new(), "{what}: what was refused left events");

    // Somebody without the grant: 403, one event of the refusal and nothing else. What everybody may propose and mend is not
    // there for others.
    let refused = api.patch(path.clone()).by(WORKER).having_read(&read).json(&patch).send().await;
    let events = stage.events().await;
    if name == "corrective_action" {
        refused.expect(404);
        assert_eq!(events, Vec::<Value>::new(), "{what}");
    } else {
        let refused = refused.expect(403);
        assert_eq!(events.len(), 1, "{what}: {events:?}");
        assert_eq!(events[0]["kind"], "refused", "{what}");
        assert_eq!(events[0]["request_id"], refused.header("x-request-id"), "{what}");
        assert_eq!(events[0]["record_id"], made.id(), "{what}");
    }
    assert_eq!(stage.read(specimen, &made.id()).await.bytes, read.bytes, "{what}");

    // The bare revision of a list row, and plain JSON.
    let done = call().header("if-match", "\"1\"").json(&patch).send().await.expect(200);
    one_event_each(&stage.events().await, &done, &made.id(), &what);
    assert_eq!(done.json()["revision"], 2, "{what}");
    assert_ne!(done.header("etag"), read.header("etag"), "{what}");
    for (field, value) in patch.as_object().expect("a patch") {
        assert_eq!(done.json()[field], *value, "{what}: {field}");
    }
    call().having_read(&read).json(&patch).send().await.expect(412);
    let plain = call().having_read(&done).bytes("application/json; charset=utf-8", patch.to_string());
    let plain = plain.send().await.expect(200);
    assert_eq!(stage.read(specimen, &made.id()).await.json(), plain.json(), "{what}");
}

async fn takes_its_steps(stage: &Stage<'_>, specimen: &Specimen) {
    let api = stage.api;
    for step in &specimen.steps {
        let what = format!("{}{}", specimen.name, step.path);
        let (read, _) = stage.brink_of(specimen.name, step.path).await;
        let id = read.id();
        let path = format!("{}/{id}{}", specimen.collection, step.path);
        let open = api.get(format!("{}/{id}", specimen.collection)).by(step.by).send().await;
        // Who keeps the entry log does not read it: its table row has C and X without R.
        if open.code() != "not_granted" {
            let open = open.expect(200).json();
            let actions = open["allowed_actions"].as_array().expect("allowed actions");
            assert!(actions.contains(&json!(step.action)), "{what} is open to {}: {actions:?}", step.by);
        }
        let described = operation_of(specimen, step.path);
        let body = stage.fill(&step.body).await;
        let call = || {
            let call = api.post(path.clone()).by(step.by);
            if body.is_null() { call } else { call.json(&body) }
        };
        stage.events().await;
        if !step.beside {
            checks_the_revision(call(), &what).await;
        }
        if !body.is_null() {
            let bare = || api.post(path.clone()).by(step.by).having_read(&read);
            badly_sent(bare(), &body, &what).await;
            let unknown = bare().json(&with(&body, "nonsense", json!(1))).send().await;
            faults(unknown, &[("/nonsense", "unknown_field")], &what);
        }
        if described.parameter("query", "validate_only").is_some() {
            call().having_read(&read).query("validate_only=true").send().await.expect(200);
        }
        assert_eq!(stage.read(specimen, &id).await.bytes, read.bytes, "{what}: refused, rehearsed and yet changed");
        assert_eq!(stage.events().await, Vec::<Value>::new(), "{what}: what was refused left events");

        // Two press the same button at once: one effect, and one is told that it is too late.
        let revision = format!("\"{}\"", read.json()["revision"]);
        let press = |key: &str| call().header("if-match", revision.clone()).header("idempotency-key", key).send();
        let keys = [format!("step-{id}"), format!("step-{id}-too")];
        let (done, key) = if step.beside {
            (press(&keys[0]).await, &keys[0])
        } else {
            let (one, other) = join(press(&keys[0]), press(&keys[1])).await;
            let (done, late, key) =
                if one.status.is_success() { (one, other, &keys[0]) } else { (other, one, &keys[1]) };
            assert!(matches!(late.status.as_u16(), 409 | 412), "{what}: {}", String::from_utf8_lossy(&late.bytes));
            (done, key)
        };
        assert!(done.status.is_success(), "{what}: {}", String::from_utf8_lossy(&done.bytes));
        let events = stage.events().await;
        if step.beside {
            // What is made beside the record is told as itself.
            assert_eq!(events.len(), 1, "{what}: {events:?}");
        } else {
            one_event_each(&events, &done, &id, &what);
        }
        let again = press(key).await;
        assert_eq!((again.status, again.header("idempotency-replayed")), (done.status, "true".to_owned()), "{what}");
        assert_eq!(stage.events().await, Vec::<Value>::new(), "{what}: a repeated request left events");
        if !step.beside {
            assert_eq!(again.bytes, done.bytes, "{what}");
            assert_eq!(done.json()["id"], id, "{what}");
            assert_ne!(done.header("etag"), read.header("etag"), "{what}");
            call().having_read(&read).send().await.expect(412);
        }
    }
}

fn operation_of(specimen: &Specimen, end: &str) -> &'static super::client::Operation {
    let path = format!("{}/{{id}}{end}", specimen.collection);
    OPERATIONS.iter().find(|o| o.method == Method::POST && o.path == path).expect("a documented step")
}

/// Requests on a record, as valid as they can be.
async fn requests(stage: &Stage<'_>, specimen: &Specimen) -> Vec<(Method, String, Scope, Value)> {
    let mut found = Vec::new();
    for operation in OPERATIONS.iter().filter(|operation| operation.path.contains('{')) {
        let scope = operation.scope().expect("a grant");
        let body = if operation.path.starts_with(specimen.collection) && operation.method == Method::GET {
            Value::Null
        } else if !belongs(specimen, &operation.method, &operation.path) {
            continue;
        } else if operation.method == Method::PATCH {
            stage.fill(&specimen.patch).await
        } else {
            let step = specimen.steps.iter().find(|step| operation.path.ends_with(step.path)).expect("a step");
            stage.fill(&step.body).await
        };
        found.push((operation.method.clone(), operation.path.clone(), scope, body));
    }
    found
}

async fn exists_for_its_organization_alone(stage: &Stage<'_>, world: &World) {
    let strangers = standings(stage.api, "林 一郎", &second(world)).await;
    for specimen in specimens() {
        let made = stage.make(specimen.name, &json!({})).await;
        let before = stage.read(&specimen, &made.id()).await;
        for (method, path, scope, body) in requests(stage, &specimen).await {
            let stranger = strangers.iter().find(|one| one.may(scope.resource, scope.verb)).expect("who may");
            let send = |id: &str, by: &str| {
                let call = stage.api.ask(method.clone(), path.replace("{id}", id)).by(by).header("if-match", "\"1\"");
                if body.is_null() { call } else { call.json(&body) }
            };
            let what = format!("{method} {path} by a stranger");
            for (id, status, code) in [
                (made.id().as_str(), 404, "not_found"),
                (nobody().as_str(), 404, "not_found"),
                ("00000000-0000-0000-0000-000000000000", 404, "not_found"),
                ("not-an-id", 400, "malformed_path"),
                ("%00", 400, "malformed_path"),
                ("1", 400, "malformed_path"),
            ] {
                let reply = send(id, &stranger.name).send().await;
                assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{what}: {id}");
            }
        }
        assert_eq!(stage.read(&specimen, &made.id()).await.bytes, before.bytes, "{}", specimen.name);
    }
}

#[actix_web::test]
async fn every_record_is_made_and_read() {
    on_both(|world| async move {
        let api = Api::of(&world).await;
        let stage = Stage::set(&api, &world).await;
        for specimen in specimens() {
            is_made(&stage, &specimen).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn every_record_is_patched() {
    on_both(|world| async move {
        let api = Api::of(&world).await;
        let stage = Stage::set(&api, &world).await;
        for specimen in specimens().iter().filter(|specimen| !specimen.patch.is_null()) {
            is_patched(&stage, specimen).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn every_record_takes_its_steps() {
    on_both(|world| async move {
        let api = Api::of(&world).await;
        let stage = Stage::set(&api, &world).await;
        for specimen in specimens() {
            takes_its_steps(&stage, &specimen).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn every_record_exists_for_its_organization_alone() {
    on_both(|world| async move {
        let api = Api::of(&world).await;
        let stage = Stage::set(&api, &world).await;
        exists_for_its_organization_alone(&stage, &world).await;
    })
    .await;
}

#[actix_web::test]
async fn the_organization_itself_is_a_record() {
    on_both(|world| async move {
        let api = Api::of(&world).await;
        let stage = Stage::set(&api, &world).await;
        let by = SECRETARY;
        let call = || api.patch("/v1/organization").by(by);
        let read = api.get("/v1/organization").by(by).send().await.expect(200);
        let patch = json!({ "fiscal_year_start_month": 10 });
        checks_the_revision(call().json(&patch), "PATCH of the organization").await;
        badly_sent(call().having_read(&read), &patch, "PATCH of the organization").await;
        let computed = call().having_read(&read).json(&json!({ "created_at": "x" })).send().await;
        faults(computed, &[("/created_at", "read_only_field")], "PATCH of the organization");
        call().having_read(&read).query("validate_only=true").json(&patch).send().await.expect(200);
        assert_eq!(api.get("/v1/organization").by(by).send().await.bytes, read.bytes);
        assert_eq!(stage.events().await, Vec::<Value>::new());
        let done = call().having_read(&read).json(&patch).send().await.expect(200);
        one_event_each(&stage.events().await, &done, &done.id(), "PATCH of the organization");
        let same = api.get("/v1/organization").by(by).header("if-none-match", done.header("etag"));
        same.send().await.expect(304);
        assert!(operation("get_organization").parameter("header", "If-None-Match").is_some());
    })
    .await;
}
