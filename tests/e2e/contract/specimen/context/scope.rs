//! Scope, zones, entry log, network diagram.

use serde_json::{Value, json};

use super::super::{KEEPER, SECRETARY, Specimen, TOP, step};

pub(in super::super) fn specimens() -> Vec<Specimen> {
    let none = Value::Null;
    let because = json!({ "reason": "契約の試験" });
    let scope_submitted = || vec![(SECRETARY, "/v1/isms-scopes/{id}/submission", Value::Null)];
    let diagram_submitted = || vec![(SECRETARY, "/v1/network-diagrams/{id}/submission", Value::Null)];
    vec![
        Specimen {
            name: "isms_scope",
            collection: "/v1/isms-scopes",
            made_at: "",
            by: SECRETARY,
            draft: json!({
                "title": "適用範囲 #", "organizational_boundary": "全員", "department_ids": ["@department"],
                "physical_boundary": "本社", "business_boundary": "すべて", "boundary_nodes": ["ルータ"],
            }),
            patch: json!({ "remarks": "見直した", "person_ids": ["@person"] }),
            computed: "departments",
            shown_once: None,
            steps: vec![
                step("/submission", "submit", SECRETARY, none.clone()),
                step("/approval", "approve", TOP, json!({})).after(scope_submitted()),
                step("/return", "return", TOP, because.clone()).after(scope_submitted()),
                step("/voiding", "void", SECRETARY, json!({ "reason": "契約の試験" })),
            ],
        },
        Specimen {
            name: "zone",
            collection: "/v1/zones",
            made_at: "",
            by: SECRETARY,
            draft: json!({
                "name": "第#会議室", "security_level": 2, "in_scope": true, "equipment": ["机"], "doors": ["扉"],
                "allowed_person_ids": ["@person"],
            }),
            patch: json!({ "security_level": 3, "restrictions": "撮影を禁じる" }),
            computed: "no_food_or_drink",
            shown_once: None,
            steps: vec![step(
                "/retirement",
                "retire",
                SECRETARY,
                json!({ "retired_on": "2024-04-01", "reason": "改装" }),
            )],
        },
        Specimen {
            name: "entry_log_entry",
            collection: "/v1/entry-log-entries",
            made_at: "",
            // Everybody records their own visits; the secretariat also reads the log.
            by: SECRETARY,
            draft: json!({
                "zone_id": "@new:zone", "person_id": "@secretary", "entered_at": "2024-03-29T01:00:00Z",
                "permission": "委員長、点検 #",
            }),
            patch: none.clone(),
            computed: "violation",
            shown_once: None,
            steps: vec![
                step("/exit", "exit", SECRETARY, json!({ "left_at": "2024-03-29T02:00:00Z" })),
                step("/voiding", "void", KEEPER, because.clone()),
            ],
        },
        Specimen {
            name: "network_diagram",
            collection: "/v1/network-diagrams",
            made_at: "",
            by: SECRETARY,
            draft: json!({
                "title": "ネットワーク図 #",
                "nodes": [{
                    "name": "PC", "kind": "client_pc", "zone_id": "@new:zone", "department_id": "@department",
                    "in_scope": true,
                }],
            }),
            patch: json!({ "remarks": "見直した" }),
            computed: "boundary",
            shown_once: None,
            steps: vec![
                step("/submission", "submit", SECRETARY, none.clone()),
                step("/approval", "approve", TOP, json!({})).after(diagram_submitted()),
                step("/return", "return", TOP, because).after(diagram_submitted()),
                step("/voiding", "void", SECRETARY, json!({ "reason": "契約の試験" })),
            ],
        },
    ]
}
