//! Specimens of the module `identity`.

use serde_json::{Value, json};

use super::{ADMIN, SECRETARY, Specimen, step};

pub(super) fn specimens() -> Vec<Specimen> {
    let none = Value::Null;
    let because = json!({ "reason": "契約の試験" });
    vec![
        Specimen {
            name: "principal",
            collection: "/v1/principals",
            made_at: "",
            by: ADMIN,
            draft: json!({ "person_id": "@new:person" }),
            patch: none.clone(),
            computed: "state",
            shown_once: None,
            steps: vec![
                step("/deactivation", "deactivate", ADMIN, because.clone()),
                step("/reactivation", "reactivate", ADMIN, none.clone()).after(vec![(
                    ADMIN,
                    "/v1/principals/{id}/deactivation",
                    because.clone(),
                )]),
                step("/invitations", "invite", ADMIN, none.clone()).beside(),
            ],
        },
        Specimen {
            name: "access_token",
            collection: "/v1/access-tokens",
            made_at: "",
            by: SECRETARY,
            draft: json!({ "name": "台帳の取込 #", "scopes": ["asset:read"], "expires_at": "2024-12-31T00:00:00Z" }),
            patch: none.clone(),
            computed: "prefix",
            shown_once: Some("token"),
            steps: vec![step("/revocation", "revoke", SECRETARY, none.clone())],
        },
    ]
}
