//! The fourteen rows of documented information (D31, R-24; DOC-1, DOC-2).

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, create, id_of, read, take},
};

const PATH: &str = "/v1/documented-information";
/// Chair, secretariat and documents of the five-person company.
const ALL: &str = "林 一郎";
const TOP: &str = "森 正子";

async fn complete(world: &World) -> Vec<u64> {
    let view = read(world, ALL, PATH).await;
    let rows = view["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 14);
    let current: Vec<u64> =
        rows.iter().filter(|row| row["current"] == true).map(|row| row["number"].as_u64().expect("a number")).collect();
    assert_eq!(view["complete"], current.len());
    current
}

#[actix_web::test]
async fn doc_1_an_empty_organization_has_nothing() {
    on_both(|world| async move {
        // It was founded with criteria, which nobody here decided on.
        assert!(!read(&world, ALL, "/v1/risk-criteria?state=in_force").await["items"][0].is_null());
        let organization = world.get("/v1/organization").person(ALL).send().await.expect(200);
        let level = json!({ "level": "lv3_comprehensive" });
        let patch = world.patch("/v1/organization").person(ALL).having_read(&organization).json(level);
        patch.send().await.expect(200);
        assert_eq!(complete(&world).await, Vec::<u64>::new());
        let view = read(&world, ALL, PATH).await;
        assert_eq!(
            (&view["fiscal_year"], &view["cycle_starts_on"], &view["cycle_ends_on"]),
            (&json!(2024), &json!("2024-04-01"), &json!("2025-03-31"))
        );
    })
    .await;
}

#[actix_web::test]
async fn doc_2_an_approved_scope_is_row_1() {
    on_both(|world| async move {
        let scope = json!({
            "title": "ISMS適用範囲", "organizational_boundary": "全員", "physical_boundary": "工房の建物",
            "business_boundary": "すべての事業", "boundary_nodes": ["ルータ"],
        });
        let scope = create(&world, ALL, "/v1/isms-scopes", scope).await.expect(201).header("location");
        let diagram = json!({ "title": "ネットワーク図", "links": [{ "a": 1, "b": 2, "medium": "光回線" }], "nodes": [
            { "name": "インターネット", "kind": "internet", "in_scope": false },
            { "name": "ルータ", "kind": "router", "in_scope": true },
        ] });
        let diagram = create(&world, ALL, "/v1/network-diagrams", diagram).await.expect(201).header("location");
        for path in [&diagram, &scope] {
            take(&world, ALL, path, "submission", Value::Null).await.expect(200);
            assert_eq!(complete(&world).await, Vec::<u64>::new());
            take(&world, TOP, path, "approval", json!({})).await.expect(200);
        }
        assert_eq!(complete(&world).await, [1]);
        let row = &read(&world, ALL, PATH).await["rows"][0];
        let records =
            json!([{ "resource": "scope", "path": "/v1/isms-scopes", "count": 1, "last_approved_on": "2024-04-01" }]);
        assert_eq!((&row["present"], &row["records"]), (&json!(true), &records));

        // A published procedure is row 7; a form is not, and neither is one that waits.
        for (kind, row_7) in [("record", false), ("procedure", true)] {
            let document = json!({ "kind": kind, "title": "来客" });
            let document = create(&world, ALL, "/v1/documents", document).await.expect(201).header("location");
            let version = super::document::submitted(&world, ALL, &document).await;
            take(&world, TOP, &version, "approval", json!({})).await.expect(200);
            assert_eq!(complete(&world).await, [1]);
            let publication = json!({ "issued_on": "2024-04-01", "next_review_on": "2025-04-01" });
            take(&world, ALL, &version, "publication", publication).await.expect(200);
            assert_eq!(complete(&world).await.contains(&7), row_7);
        }
    })
    .await;
}

#[actix_web::test]
async fn the_view_counts_the_records_of_every_module() {
    on_both(|world| async move {
        let view = read(&world, SECRETARY, PATH).await;
        let row = |number: usize| &view["rows"][number - 1];
        for (number, path) in [
            (1, "/v1/isms-scopes"),
            (2, "/v1/policies"),
            (5, "/v1/objectives"),
            (6, "/v1/competence-checks"),
            (7, "/v1/documents"),
            (11, "/v1/measurements"),
            (12, "/v1/audits"),
            (13, "/v1/management-reviews"),
            (14, "/v1/corrective-actions"),
        ] {
            assert_eq!((&row(number)["present"], &row(number)["records"][0]["path"]), (&json!(true), &json!(path)));
        }
        assert_eq!(row(7)["records"][0]["count"], 3, "the basic document, the manual and one procedure hold");
        // A view of the whole organization is for those who read all of it.
        let id = id_of(&world, SECRETARY, "/v1/documents", "number", "C-01").await;
        world.get(format!("/v1/documents/{id}")).person("高橋 花").send().await.expect(200);
        let refused = world.get(PATH).person("高橋 花").send().await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
    })
    .await;
}
