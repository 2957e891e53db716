//! Specimens of the module `planning`.

use serde_json::{Value, json};

use super::{CHAIR, EVALUATED, OWNER, SECRETARY, Specimen, TOP, WORKER, step};

pub(super) fn specimens() -> Vec<Specimen> {
    let none = Value::Null;
    let because = json!({ "reason": "契約の試験" });
    let control = json!([{ "description": "暗号化する", "annex_a_ids": ["8.24"] }]);
    let decision = json!({ "options": ["modify"], "controls": control });
    let retain = json!({ "options": ["retain"], "description": "受け入れる" });
    let item = json!({
        "control_number": 1, "tasks": ["調べる", "入れる"], "assignee_id": "@person",
        "planned_start": "2024-04-01", "planned_end": "2024-05-31",
    });
    let evaluated = || vec![(SECRETARY, "/v1/risks/{id}/evaluation", Value::Null)];
    let decided = |decision: &Value| {
        let mut steps = evaluated();
        steps.push((SECRETARY, "/v1/risks/{id}/treatment-decision", decision.clone()));
        steps
    };
    let planned = || {
        let mut steps = decided(&decision);
        steps.push((SECRETARY, "/v1/risks/{id}/treatment-items", item.clone()));
        steps
    };
    let treated = || {
        let mut steps = planned();
        steps.push((OWNER, "/v1/risks/{id}/treatment-approval", Value::Null));
        steps.push((WORKER, "/v1/treatment-items/@last/start", json!({ "actual_start": "2024-03-01" })));
        steps.push((WORKER, "/v1/treatment-items/@last/completion", json!({ "actual_end": "2024-03-29" })));
        steps
    };
    let started = || vec![(WORKER, "/v1/treatment-items/{id}/start", json!({ "actual_start": "2024-03-01" }))];
    let submitted = || vec![(SECRETARY, "/v1/risk-criteria/{id}/submission", Value::Null)];
    let declared = || vec![(SECRETARY, "/v1/statements-of-applicability/{id}/submission", Value::Null)];
    let assessed =
        || vec![(SECRETARY, EVALUATED, Value::Null), (SECRETARY, "/v1/risk-assessments/{id}/submission", Value::Null)];
    let handed_in = || vec![(SECRETARY, "/v1/treatment-plans/{id}/submission", Value::Null)];
    let signed = || [handed_in(), vec![(OWNER, "/v1/treatment-plans/{id}/approval", Value::Null)]].concat();
    vec![
        Specimen {
            name: "asset",
            collection: "/v1/assets",
            made_at: "",
            by: SECRETARY,
            draft: json!({
                "business_category": "人事", "name": "評価シート #", "authorized_users": "人事部",
                "risk_owner_position_id": "@position", "managing_department_id": "@department", "media": "office_pc",
                "confidentiality": 2, "integrity": 2, "availability": 1,
            }),
            patch: json!({ "availability": 3, "remarks": "更新" }),
            computed: "importance",
            shown_once: None,
            steps: vec![
                step("/confirmation", "confirm", OWNER, none.clone()),
                step("/disposal", "dispose", SECRETARY, json!({ "disposed_on": "2024-04-01", "reason": "廃棄" })),
            ],
        },
        Specimen {
            name: "risk_assessment",
            collection: "/v1/risk-assessments",
            made_at: "",
            by: SECRETARY,
            draft: json!({
                "title": "リスクアセスメント #", "performed_on": "2024-03-29", "trigger": "planned", "scope": "全社",
                "conclusions": "持ち出しを減らす",
            }),
            patch: json!({ "trigger": "significant_change", "occasion": "移転した" }),
            computed: "criteria_version",
            shown_once: None,
            steps: vec![
                step("/submission", "submit", SECRETARY, none.clone()).after(vec![(
                    SECRETARY,
                    EVALUATED,
                    none.clone(),
                )]),
                step("/approval", "approve", CHAIR, json!({})).after(assessed()),
                step("/return", "return", CHAIR, because.clone()).after(assessed()),
                step("/voiding", "void", SECRETARY, json!({ "reason": "契約の試験" })),
            ],
        },
        Specimen {
            name: "risk_criteria",
            collection: "/v1/risk-criteria",
            made_at: "",
            by: SECRETARY,
            draft: json!({ "title": "基準 #" }),
            patch: json!({ "conditions": "年に一度" }),
            computed: "version",
            shown_once: None,
            steps: vec![
                step("/submission", "submit", SECRETARY, none.clone()),
                step("/approval", "approve", TOP, json!({})).after(submitted()),
                step("/return", "return", TOP, because.clone()).after(submitted()),
                step("/voiding", "void", SECRETARY, json!({ "reason": "契約の試験" })),
            ],
        },
        Specimen {
            name: "risk",
            collection: "/v1/risks",
            made_at: "",
            by: SECRETARY,
            draft: json!({
                "asset_ids": ["@asset"], "risk_source": "置き忘れ #", "impact_area": "全社", "event": "紛失する",
                "cause": "決まりがない", "consequence": "信用を失う", "lost_properties": ["confidentiality"],
                "likelihood_basis": { "kind": "stated", "likelihood": 1 },
            }),
            patch: json!({ "remarks": "見直した" }),
            computed: "initial",
            shown_once: None,
            steps: vec![
                step("/evaluation", "evaluate", SECRETARY, none.clone()),
                step("/treatment-decision", "decide", SECRETARY, decision.clone()).after(evaluated()),
                step("/treatment-approval", "approve_treatment", OWNER, none.clone()).after(planned()),
                step(
                    "/residual-assessment",
                    "reassess",
                    SECRETARY,
                    json!({ "importance": 1, "likelihood_basis": { "kind": "stated", "likelihood": 1 } }),
                )
                .after(treated()),
                step(
                    "/acceptance-override",
                    "override",
                    TOP,
                    json!({ "reason": "移転する", "review_on": "2024-09-30" }),
                )
                .of(json!({ "likelihood_basis": { "kind": "stated", "likelihood": 3 } }))
                .after(decided(&retain)),
                step("/acceptance", "accept", OWNER, json!({ "comment": "分かった" })).after(evaluated()),
                step("/closure", "close", SECRETARY, json!({ "closed_on": "2024-04-01", "reason": "やめた" })),
            ],
        },
        Specimen {
            name: "treatment_item",
            collection: "/v1/treatment-items",
            made_at: "/v1/risks/@decided/treatment-items",
            by: SECRETARY,
            draft: item.clone(),
            patch: json!({ "tasks": ["調べる"] }),
            computed: "status",
            shown_once: None,
            steps: vec![
                step("/start", "start", WORKER, json!({ "actual_start": "2024-03-01" })),
                step("/completion", "complete", WORKER, json!({ "actual_end": "2024-03-29" })).after(started()),
                step("/reopening", "reopen", SECRETARY, because.clone()).after(started()),
                step("/cancellation", "cancel", SECRETARY, because.clone()),
            ],
        },
        Specimen {
            name: "treatment_plan",
            collection: "/v1/treatment-plans",
            made_at: "",
            by: SECRETARY,
            draft: json!({ "title": "対応計画 #", "risk_ids": ["@decided"] }),
            patch: json!({ "remarks": "四半期ごとに見直す" }),
            computed: "state",
            shown_once: None,
            steps: vec![
                step("/submission", "submit", SECRETARY, none.clone()),
                step("/approval", "approve", OWNER, none.clone()).after(handed_in()),
                step("/return", "return", OWNER, because.clone()).after(handed_in()),
                step("/voiding", "void", SECRETARY, json!({ "reason": "契約の試験" })),
                step("/review", "review", SECRETARY, json!({ "reviewed_on": "2024-04-01" }))
                    .of(json!({ "risk_ids": ["@treated"] }))
                    .after(signed()),
                step("/closure", "close", SECRETARY, none.clone())
                    .of(json!({ "risk_ids": ["@treated"] }))
                    .after(signed()),
            ],
        },
        // A copy of the newest version: every control is decided.
        Specimen {
            name: "statement_of_applicability",
            collection: "/v1/statements-of-applicability",
            made_at: "",
            by: SECRETARY,
            draft: json!({ "title": "適用宣言書 #" }),
            patch: json!({ "remarks": "見直した" }),
            computed: "counts",
            shown_once: None,
            steps: vec![
                step("/submission", "submit", SECRETARY, none.clone()),
                step("/approval", "approve", TOP, json!({})).after(declared()),
                step("/return", "return", TOP, because).after(declared()),
                step("/voiding", "void", SECRETARY, json!({ "reason": "契約の試験" })),
            ],
        },
        Specimen {
            name: "applicability_control",
            collection: "/v1/applicability-controls",
            made_at: "/v1/statements-of-applicability/@statement/controls",
            by: SECRETARY,
            draft: json!({
                "control_id": "X-#", "title": "独自の管理策 #", "decision": "applicable",
                "implementation_status": "implemented", "justification": "必要なため", "documents": ["規程 #"],
            }),
            patch: json!({ "implementation_status": "not_implemented", "title": "名を改めた管理策" }),
            computed: "annex_a",
            shown_once: None,
            steps: vec![step("/withdrawal", "withdraw", SECRETARY, json!({ "reason": "契約の試験" }))],
        },
        objective(),
        planned_change(),
    ]
}

fn objective() -> Specimen {
    let (none, because) = (Value::Null, json!({ "reason": "契約の試験" }));
    let submitted = || vec![(SECRETARY, "/v1/objectives/{id}/submission", Value::Null)];
    let measured = || {
        let value = json!({ "measured_on": "2024-04-01", "value": "1" });
        let approved =
            [(TOP, "/v1/objectives/{id}/approval", json!({})), (SECRETARY, "/v1/objectives/{id}/measurements", value)];
        submitted().into_iter().chain(approved).collect()
    };
    Specimen {
        name: "objective",
        collection: "/v1/objectives",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "objective": "事故を減らす #", "additional": true, "measuring_interval_months": 6,
            "metric": { "name": "事故", "unit": "件", "comparison": "at_most", "target_value": "2" },
            "action": "周知する", "required_resources": "時間", "responsible_person_id": "@person", "due": "2024-09",
            "evaluation_method": "数える", "department_id": "@department",
        }),
        patch: json!({ "action": "訓練する", "due": "2024-09-15", "department_id": null }),
        computed: "overdue",
        shown_once: None,
        steps: vec![
            step("/submission", "submit", SECRETARY, none),
            step("/approval", "approve", TOP, json!({})).after(submitted()),
            step("/return", "return", TOP, because).after(submitted()),
            step("/evaluation", "evaluate", TOP, json!({ "evaluated_on": "2024-04-01", "remarks": "減った" }))
                .after(measured()),
            step("/end", "end", SECRETARY, json!({ "ended_on": "2024-04-01", "reason": "達成した" })),
        ],
    }
}

fn planned_change() -> Specimen {
    let (none, because) = (Value::Null, json!({ "reason": "契約の試験" }));
    let submitted = || vec![(SECRETARY, "/v1/planned-changes/{id}/submission", Value::Null)];
    let approved = || {
        let mut steps = submitted();
        steps.push((TOP, "/v1/planned-changes/{id}/approval", json!({})));
        steps
    };
    let done = json!({ "done_on": "2024-04-01", "result": "支障なし" });
    Specimen {
        name: "planned_change",
        collection: "/v1/planned-changes",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "what": "拠点を増やす #", "purpose": "受注を増やす", "consequences": "適用範囲が広がる",
            "integrity_of_isms": "適用宣言書を見直す", "resources": "入退室の設備", "responsible_person_id": "@person",
            "planned_on": "2024-09-30",
        }),
        patch: json!({ "occasion": "取引先の求め", "planned_on": "2024-10-31" }),
        computed: "overdue",
        shown_once: None,
        steps: vec![
            step("/submission", "submit", SECRETARY, none),
            step("/approval", "approve", TOP, json!({})).after(submitted()),
            step("/return", "return", TOP, because.clone()).after(submitted()),
            step("/completion", "complete", SECRETARY, done).after(approved()),
            step("/cancellation", "cancel", SECRETARY, because),
        ],
    }
}
