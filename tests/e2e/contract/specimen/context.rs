//! Specimens of the module `context`.

mod scope;

use serde_json::json;

use super::{SECRETARY, Specimen, step};

pub(super) fn specimens() -> Vec<Specimen> {
    let party = Specimen {
        name: "interested_party",
        collection: "/v1/interested-parties",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "name": "第#組合",
            "requirements": [{ "requirement": "窓口を置く", "risk": "苦情になる", "opportunity": "早く気付く" }],
        }),
        patch: json!({ "remarks": "見直した", "reviewed_on": "2024-04-01" }),
        computed: "retirement",
        shown_once: None,
        steps: vec![step("/retirement", "retire", SECRETARY, json!({ "retired_on": "2024-04-01", "reason": "解散" }))],
    };
    [vec![party], scope::specimens()].concat()
}
