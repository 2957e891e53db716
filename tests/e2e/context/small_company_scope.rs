//! The five people of 有限会社ちいさな工房 draw their scope and keep their entry log themselves (SD-0).

use serde_json::{Value, json};

use crate::{
    harness::on_both,
    planning::steps::{change, create, id_of, read, take},
};

/// Chair, secretariat, training, documents, systems.
const HAYASHI: &str = "林 一郎";
/// Top management, and the platform's administrator.
const MORI: &str = "森 正子";
/// Audit manager and auditor.
const HARA: &str = "原 次郎";
/// Head and manager of 業務部.
const OKA: &str = "岡 三枝";
/// Head and manager of 開発部.
const TSUJI: &str = "辻 四郎";

#[actix_web::test]
async fn scope_and_network_are_drawn_by_one_and_approved_by_the_other() {
    on_both(|world| async move {
        let scope = json!({
            "title": "ISMS適用範囲", "organizational_boundary": "全員", "physical_boundary": "工房の建物",
            "business_boundary": "すべての事業", "boundary_nodes": ["ルータ"],
        });
        let scope = create(&world, HAYASHI, "/v1/isms-scopes", scope).await.expect(201).header("location");
        let nodes = json!([
            { "name": "インターネット", "kind": "internet", "in_scope": false },
            { "name": "ルータ", "kind": "router", "in_scope": true },
            { "name": "PC", "kind": "client_pc", "in_scope": true },
        ]);
        let links = json!([{ "a": 1, "b": 2, "medium": "光回線" }, { "a": 2, "b": 3, "medium": "LAN" }]);
        let diagram = json!({ "title": "ネットワーク図", "nodes": nodes, "links": links });
        let diagram = create(&world, HAYASHI, "/v1/network-diagrams", diagram).await.expect(201).header("location");
        let consistency = format!("{scope}/consistency");
        assert_eq!(read(&world, HAYASHI, &consistency).await["verdict"], "no_diagram");
        for path in [&diagram, &scope] {
            take(&world, HAYASHI, path, "submission", Value::Null).await.expect(200);
            let refused = take(&world, HAYASHI, path, "approval", json!({})).await.expect(403);
            assert_eq!(refused.code(), "not_granted", "the chair does not stand in (SD-5)");
            take(&world, MORI, path, "return", json!({ "reason": "題を直すこと" })).await.expect(200);
            change(&world, HAYASHI, path, json!({ "title": "第1版" })).await.expect(200);
            take(&world, HAYASHI, path, "submission", Value::Null).await.expect(200);
            let done = take(&world, MORI, path, "approval", json!({})).await.expect(200).json();
            assert_eq!((&done["state"], &done["sign_off"]["self_approved"]), (&json!("in_force"), &json!(false)));
        }
        for who in [HAYASHI, MORI, HARA, OKA, TSUJI] {
            assert_eq!(read(&world, who, &consistency).await["verdict"], "consistent", "{who}");
        }
    })
    .await;
}

#[actix_web::test]
async fn the_entry_log_is_kept_without_outside_help() {
    on_both(|world| async move {
        let person = async |name: &str| id_of(&world, HAYASHI, "/v1/persons", "name", name).await;
        let zone = json!({
            "name": "開発室", "security_level": 3, "in_scope": true, "allowed_person_ids": [person(TSUJI).await],
        });
        let zone = create(&world, HAYASHI, "/v1/zones", zone).await.expect(201);
        let list = "/v1/entry-log-entries";
        let enter = async |who: &str, patch: Value| {
            let mut draft = json!({ "zone_id": zone.id(), "entered_at": "2024-03-31T23:30:00Z" });
            for (name, value) in patch.as_object().into_iter().flatten() {
                draft[name] = value.clone();
            }
            create(&world, who, list, draft).await
        };
        // Managers record their own people and the visitors that these bring along.
        let own = enter(TSUJI, json!({ "person_id": person(TSUJI).await })).await.expect(201);
        assert_eq!(own.json()["violation"], "none");
        let guest = json!({ "visitor_name": "来客", "escorted_by_id": person(TSUJI).await });
        assert_eq!(enter(TSUJI, guest.clone()).await.expect(201).json()["violation"], "none");
        assert_eq!(enter(OKA, guest).await.expect(403).code(), "outside_reach");
        // Everybody records themselves, also who manages nothing.
        let audit = json!({ "person_id": person(HARA).await, "escorted_by_id": person(TSUJI).await });
        assert_eq!(enter(HARA, audit).await.expect(201).json()["violation"], "none");
        let alone = enter(MORI, json!({ "person_id": person(MORI).await })).await.expect(201);
        assert_eq!(alone.json()["violation"], "unlisted_without_escort");
        // The administrator keeps the log and, as secretariat, reads it; the auditor reads it.
        let left = json!({ "left_at": "2024-04-01T00:00:00Z" });
        take(&world, HAYASHI, &own.header("location"), "exit", left).await.expect(200);
        let why = json!({ "reason": "別の部屋だった" });
        take(&world, HAYASHI, &alone.header("location"), "voiding", why).await.expect(200);
        let inside = read(&world, HARA, &format!("{list}?state=inside")).await;
        assert_eq!(inside["items"].as_array().map(Vec::len), Some(2));
        let away = json!({ "retired_on": "2024-04-01", "reason": "移転" });
        let refused = take(&world, HAYASHI, &zone.header("location"), "retirement", away).await.expect(409);
        assert_eq!(refused.code(), "in_use");
    })
    .await;
}
