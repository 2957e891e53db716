//! Specimens of the module `evaluation`.

use serde_json::{Value, json};

use super::{AUDIT, CHAIR, SECRETARY, Specimen, TOP, step};

const EXTERNAL: &str = "本田 操";

pub(super) fn specimens() -> Vec<Specimen> {
    vec![programme(), audit(), guest(), item(), finding(), external_audit(), external_finding()]
}

fn because() -> Value {
    json!({ "reason": "契約の試験" })
}

/// Of years before all others: controls become due in the third year after the first one that is approved.
fn programme() -> Specimen {
    let submitted = || vec![(AUDIT, "/v1/audit-programmes/{id}/submission", Value::Null)];
    Specimen {
        name: "audit_programme",
        collection: "/v1/audit-programmes",
        made_at: "",
        by: AUDIT,
        draft: json!({
            "fiscal_year": "@past-year", "purpose": "第#期の監査", "method": "聞き取り", "criteria": "規格と規程",
            "importance_considered": "顧客の情報", "earlier_results_considered": "前回の指摘",
            "rows": [{
                "planned_for": "@past-month", "department_ids": ["@department"], "functions": ["top_management"],
                "clauses": ["4", "5", "6", "7", "8", "9", "10"], "controls": ["5.12"], "frequency": "half_yearly",
            }],
        }),
        patch: json!({ "remarks": "見直した", "purpose": "改めた目的" }),
        computed: "progress",
        shown_once: None,
        steps: vec![
            step("/submission", "submit", AUDIT, Value::Null),
            step("/approval", "approve", TOP, json!({})).after(submitted()),
            step("/return", "return", TOP, because()).after(submitted()),
            step("/voiding", "void", AUDIT, because()),
        ],
    }
}

fn audit() -> Specimen {
    let submitted = || vec![(AUDIT, "/v1/audits/{id}/submission", Value::Null)];
    let approved = || [submitted(), vec![(TOP, "/v1/audits/{id}/approval", json!({}))]].concat();
    let check = json!({ "clause": "5.2", "check_text": "方針が掲げられているか" });
    let ready = || [approved(), vec![(AUDIT, "/v1/audits/{id}/checklist-items", check.clone())]].concat();
    let result = json!({ "judgement": "conform", "evidence": ["掲示を見た"], "on_behalf_of": EXTERNAL });
    let answered = || {
        let rest = vec![
            (AUDIT, "/v1/audits/{id}/start", Value::Null),
            (AUDIT, "/v1/audit-checklist-items/@last/result", result.clone()),
        ];
        [ready(), rest].concat()
    };
    let reporting = || [answered(), vec![(AUDIT, "/v1/audits/{id}/fieldwork-completion", Value::Null)]].concat();
    let report = json!({ "performed_in": "2024-04", "overall_opinion": "有効に働いている" });
    let written = || [reporting(), vec![(AUDIT, "/v1/audits/{id}/report", report.clone())]].concat();
    let reported = || [written(), vec![(AUDIT, "/v1/audits/{id}/report-submission", Value::Null)]].concat();
    let signed = || [reported(), vec![(TOP, "/v1/audits/{id}/report-approval", json!({}))]].concat();
    let moved = json!({ "reason": "都合", "rows": [{ "number": 1, "scheduled_at": "2024-04-11T01:00:00Z" }] });
    Specimen {
        name: "audit",
        collection: "/v1/audits",
        made_at: "",
        by: AUDIT,
        draft: json!({
            "name": "第#回の監査", "purpose": "運用の確認", "themes": ["管理策の運用"], "methods": ["interview"],
            "method": "聞き取り", "criteria": "規格と規程", "report_due": "2024-05", "report_method": "報告会",
            "rows": [{
                "department_id": "@department", "auditors": [{ "external": { "name": EXTERNAL, "company": "監査法人" } }],
                "respondent_id": "@person", "scheduled_at": "2024-04-10T01:00:00Z",
            }],
        }),
        patch: json!({ "themes": ["前回の指摘"], "methods": ["interview", "site_visit"], "report_due": "2024-05-20" }),
        computed: "team",
        shown_once: None,
        steps: vec![
            step("/submission", "submit", AUDIT, Value::Null),
            step("/approval", "approve", TOP, json!({})).after(submitted()),
            step("/return", "return", TOP, because()).after(submitted()),
            step("/rescheduling", "reschedule", AUDIT, moved).after(approved()),
            step("/cancellation", "cancel", AUDIT, because()).after(approved()),
            step("/start", "start", AUDIT, Value::Null).after(ready()),
            step("/fieldwork-completion", "finish_fieldwork", AUDIT, Value::Null).after(answered()),
            step("/report", "write_report", AUDIT, report.clone()).after(reporting()),
            step("/report-submission", "submit_report", AUDIT, Value::Null).after(written()),
            step("/report-approval", "approve_report", TOP, json!({})).after(reported()),
            step("/report-return", "return_report", TOP, because()).after(reported()),
            step("/closure", "close", AUDIT, Value::Null).after(signed()),
        ],
    }
}

fn guest() -> Specimen {
    Specimen {
        name: "audit_guest",
        collection: "/v1/audit-guests",
        made_at: "/v1/audits/@running-audit/guests",
        by: AUDIT,
        draft: json!({
            "name": EXTERNAL, "company": "監査法人", "email": "guest#@audit.example",
            "valid_from": "2024-04-01", "valid_until": "2024-04-30",
        }),
        patch: Value::Null,
        computed: "state",
        shown_once: None,
        steps: vec![
            step("/invitations", "invite", AUDIT, Value::Null).beside(),
            step("/withdrawal", "withdraw", AUDIT, because()),
        ],
    }
}

fn item() -> Specimen {
    Specimen {
        name: "audit_checklist_item",
        collection: "/v1/audit-checklist-items",
        made_at: "/v1/audits/@planned-audit/checklist-items",
        by: AUDIT,
        draft: json!({ "clause": "4.3", "check_text": "第#の境界が図と一致しているか" }),
        patch: json!({ "clause": null, "control": "5.12" }),
        computed: "criterion",
        shown_once: None,
        steps: vec![step("/withdrawal", "withdraw", AUDIT, because())],
    }
}

fn finding() -> Specimen {
    let response = json!({ "answer": "直した", "responded_on": "2024-04-01" });
    let answered = vec![(SECRETARY, "/v1/findings/{id}/response", response.clone())];
    Specimen {
        name: "finding",
        collection: "/v1/findings",
        made_at: "/v1/audits/@running-audit/findings",
        by: AUDIT,
        draft: json!({
            "rank": "minor_nonconformity", "clause": "5.2", "content": "第#の掲示がない", "department_id": "@department",
            "respond_by": "2024-04-30", "on_behalf_of": EXTERNAL,
        }),
        patch: json!({ "rank": "observation", "evidence": "掲示板を見た" }),
        computed: "criterion",
        shown_once: None,
        steps: vec![
            step("/withdrawal", "withdraw", AUDIT, because()),
            step("/corrective-action", "request_corrective_action", AUDIT, json!({})).beside(),
            step("/response", "respond", CHAIR, response),
            step("/follow-up", "follow_up", AUDIT, because()).of(json!({ "rank": "observation" })).after(answered),
        ],
    }
}

fn external_audit() -> Specimen {
    let result = json!({
        "performed_from": "2024-03-30", "performed_until": "2024-04-01", "opinion": "有効に働いている",
        "recommendation": "granted",
        "certificate": { "number": "JP-#", "valid_from": "2024-04-01", "valid_until": "2027-03-31" },
    });
    let performed = || vec![(SECRETARY, "/v1/external-audits/{id}/result", result.clone())];
    Specimen {
        name: "external_audit",
        collection: "/v1/external-audits",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "kind": "renewal", "body": "認証機構#", "auditors": ["本田 操"], "scope": "全社", "criteria": "規格",
            "starts_on": "2024-04-10", "ends_on": "2024-04-11", "responsible_person_id": "@secretary",
        }),
        patch: json!({ "auditors": ["本田 操", "三好 学"], "ends_on": "2024-04-12", "responsible_person_id": "@person" }),
        computed: "counts",
        shown_once: None,
        steps: vec![
            step("/result", "record_result", SECRETARY, result.clone()),
            step("/closure", "close", SECRETARY, Value::Null).after(performed()),
            step("/cancellation", "cancel", SECRETARY, because()),
        ],
    }
}

fn external_finding() -> Specimen {
    let response = json!({ "answer": "直した", "responded_on": "2024-04-01" });
    let answered = vec![(SECRETARY, "/v1/findings/{id}/response", response.clone())];
    Specimen {
        name: "external_finding",
        collection: "/v1/findings",
        made_at: "/v1/external-audits/@performed-audit/findings",
        by: SECRETARY,
        draft: json!({
            "rank": "minor_nonconformity", "clause": "5.2", "content": "第#の掲示がない", "department_id": "@department",
            "respond_by": "2024-04-30",
        }),
        patch: json!({ "rank": "opportunity", "respond_by": null, "department_id": null }),
        computed: "criterion",
        shown_once: None,
        steps: vec![
            step("/withdrawal", "withdraw", SECRETARY, because()),
            step("/corrective-action", "request_corrective_action", AUDIT, json!({})).beside(),
            step("/response", "respond", CHAIR, response),
            step("/follow-up", "follow_up", AUDIT, because()).of(json!({ "rank": "opportunity" })).after(answered),
        ],
    }
}
