//! Nobody does what the table does not grant, and what it grants is not refused for lack of a grant.

use mamori_domain::{access::Role, kernel::id::Id};
use serde_json::json;
use strum::IntoEnumIterator;

use super::client::{Api, Call, OPERATIONS, Operation, first, standings};
use crate::harness::{Backend, beginning, on};

/// Who reads the list of persons.
const SECRETARY: &str = "上田 直樹";

/// A request in which everything else is wrong too: a refusal for lack of a grant comes before that.
fn junk<'a>(api: &'a Api, operation: &Operation) -> Call<'a> {
    api.ask(operation.method.clone(), operation.at("not-an-id"))
        .query("nonsense=1")
        .header("accept", "application/pdf")
        .bytes("application/x-junk", "{")
}

/// A request that a handler would take as far as the path goes.
fn plain<'a>(api: &'a Api, operation: &Operation) -> Call<'a> {
    let call = api.ask(operation.method.clone(), operation.at(&Id::<()>::generate(beginning()).to_string()));
    match operation.value["requestBody"].is_object() {
        true => call.json(&json!({ "nonsense": true })),
        false => call,
    }
}

#[actix_web::test]
async fn without_a_valid_credential_every_operation_but_the_doors_is_401() {
    on(Backend::Sqlite, |world| async move {
        let api = Api::of(&world).await;
        let genuine = world.token(Role::TopManagement);
        let (last, forged) = genuine.split_at(genuine.len() - 4);
        let forged = format!("{last}{}", forged.chars().rev().collect::<String>());
        let jwt = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2ln";
        let credentials = [
            None,
            Some("Basic bWFtb3JpOm1hbW9yaQ==".to_owned()),
            Some("Bearer ".to_owned()),
            Some("Bearer nonsense".to_owned()),
            Some(format!("Bearer {jwt}")),
            Some(format!("Bearer {forged}")),
            Some(genuine),
        ];
        for operation in OPERATIONS.iter().filter(|operation| operation.scope().is_some()) {
            for credential in &credentials {
                let mut call = junk(&api, operation);
                if let Some(credential) = credential {
                    call = call.header("authorization", credential.clone());
                }
                let reply = call.send().await.expect(401);
                assert_eq!(reply.code(), "unauthenticated", "{} with {credential:?}", operation.id());
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn the_table_alone_decides_who_may_call_what() {
    on(Backend::Sqlite, |world| async move {
        let api = Api::of(&world).await;
        let everybody = standings(&api, SECRETARY, &first(&world)).await;
        // A guest is nobody of the sample: evaluation/audit_guest.rs.
        for role in Role::iter().filter(|role| *role != Role::ExternalAuditor) {
            let name = &world.people.first.iter().find(|one| one.roles.contains(&role)).expect("somebody in it").name;
            let somebody = everybody.iter().find(|one| one.name == *name).expect("their standing");
            for operation in OPERATIONS.iter() {
                let Some(scope) = operation.scope() else { continue };
                if somebody.may(scope.resource, scope.verb) {
                    let reply = plain(&api, operation).by(name).send().await;
                    let refused = ["unauthenticated", "not_granted", "out_of_scope"].contains(&reply.code().as_str());
                    assert!(!refused, "{role} may {}, and it answers {}", operation.id(), reply.code());
                } else {
                    let reply = junk(&api, operation).by(name).send().await;
                    let answer = (reply.status.as_u16(), reply.code());
                    assert_eq!(answer, (403, "not_granted".to_owned()), "{role} on {}", operation.id());
                    assert_eq!(reply.json()["params"]["scope"], scope.to_string(), "{role} on {}", operation.id());
                }
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_token_does_only_what_it_was_cut_down_to() {
    on(Backend::Sqlite, |world| async move {
        let api = Api::of(&world).await;
        let everybody = standings(&api, SECRETARY, &first(&world)).await;
        let secretary = everybody.iter().find(|one| one.name == SECRETARY).expect("the secretary");
        let draft = json!({ "name": "読むだけ", "scopes": ["asset:read"], "expires_at": "2024-06-01T00:00:00Z" });
        let made = api.post("/v1/access-tokens").by(SECRETARY).json(&draft).send().await.expect(201);
        let token = made.json()["token"].as_str().expect("the secret").to_owned();
        for operation in OPERATIONS.iter() {
            let Some(scope) = operation.scope() else { continue };
            let reply = match scope.to_string().as_str() {
                "asset:read" => plain(&api, operation).token(&token).send().await,
                _ => junk(&api, operation).token(&token).send().await.expect(403),
            };
            match (scope.to_string().as_str(), secretary.may(scope.resource, scope.verb)) {
                ("asset:read", _) => assert_ne!(reply.status, 403, "{}", operation.id()),
                (_, true) => assert_eq!(reply.code(), "out_of_scope", "{}", operation.id()),
                (_, false) => assert_eq!(reply.code(), "not_granted", "{}", operation.id()),
            }
        }
        // A token cannot make one that may more than itself, even where its owner may.
        let wider = json!({ "name": "広げる", "scopes": ["own_access:create"], "expires_at": "2024-06-01T00:00:00Z" });
        let made = api.post("/v1/access-tokens").by(SECRETARY).json(&wider).send().await.expect(201);
        let token = made.json()["token"].as_str().expect("the secret").to_owned();
        let reply = api.post("/v1/access-tokens").token(&token).json(&draft).send().await.expect(422);
        let faults = reply.faults();
        assert!(faults.iter().any(|(at, code)| at.starts_with("/scopes") && code == "not_granted"), "{faults:?}");
    })
    .await;
}
