//! Corrective actions (10.2; D37, R-19): every state with its guards, the four sign-offs, rounds, numbers, similar ones.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const AUDIT: &str = "大野 誠";
const AUDITOR: &str = "川上 由美";
const MANAGER: &str = "小林 恵";
const ADMINISTRATOR: &str = "斎藤 翔";
const WORKER: &str = "高橋 花";
const STRANGER: &str = "林 一郎";
const LIST: &str = "/v1/corrective-actions";

async fn department(world: &World, name: &str) -> String {
    id_of(world, SECRETARY, "/v1/departments", "name", name).await
}

/// A request about the sales department, whose manager answers it.
async fn draft(world: &World, patch: Value) -> Value {
    let mut draft = json!({
        "target_department_id": department(world, "営業部").await, "issued_on": "2024-04-01", "source": "daily_work",
        "clause": "7.5.3", "description": "台帳の更新が3月から止まっている",
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// A finding of an internal audit that the auditor writes down.
async fn finding(world: &World) -> Value {
    let auditor = person(world, AUDITOR).await;
    draft(
        world,
        json!({
            "source": "internal_audit", "audited_on": "2024-03-20", "auditor_id": auditor,
            "finding_rank": "observation", "clause": "7.2",
        }),
    )
    .await
}

fn correction() -> Value {
    json!({ "description": "台帳を更新する", "planned_on": "2024-04-01" })
}

fn evaluation(required: bool) -> Value {
    json!({
        "similar_exists": false, "could_occur_elsewhere": false, "cause": "担当が決まっていなかった",
        "removal_plan_required": required,
    })
}

fn judgement(is_effective: bool, follow_up: bool) -> Value {
    json!({
        "result": "更新が続いている", "is_effective": is_effective, "evaluated_on": "2024-04-01",
        "follow_up_audit_required": follow_up,
    })
}

/// A request that `who` hands in and `approver` approves.
async fn issued(world: &World, who: &str, approver: &str, draft: Value) -> String {
    let path = create(world, who, LIST, draft).await.expect(201).header("location");
    take(world, who, &path, "submission", Value::Null).await.expect(200);
    take(world, approver, &path, "approval", json!({})).await.expect(200);
    path
}

/// From the evaluation of the cause up to the approved report.
async fn carried_out(world: &World, path: &str) {
    take(world, MANAGER, path, "evaluation", evaluation(false)).await.expect(200);
    take(world, MANAGER, path, "plan-submission", Value::Null).await.expect(200);
    take(world, CHAIR, path, "plan-approval", json!({})).await.expect(200);
    let done = json!({ "report": "台帳を更新した", "completed_on": "2024-04-01" });
    take(world, MANAGER, path, "implementation", done).await.expect(200);
    take(world, CHAIR, path, "implementation-approval", json!({})).await.expect(200);
}

/// From there up to the judgement that was handed in by the chair.
async fn judged(world: &World, path: &str, judgement: Value) {
    let seen = json!({ "result": "台帳を見た", "confirmed_on": "2024-04-01" });
    take(world, CHAIR, path, "verification", seen).await.expect(200);
    take(world, CHAIR, path, "effectiveness", judgement).await.expect(200);
}

#[actix_web::test]
async fn car_1_to_5_a_request_has_one_source_with_what_belongs_to_it() {
    on_both(|world| async move {
        let path = create(&world, AUDITOR, LIST, finding(&world).await).await.expect(201).header("location");
        let made = read(&world, AUDIT, &path).await;
        assert_eq!(
            (&made["reference_no"], &made["state"]),
            (&json!("24-02"), &json!("requested")),
            "CAR-1, after the one of the sample"
        );
        assert_eq!(made["auditor"]["name"], AUDITOR);
        take(&world, AUDITOR, &path, "submission", Value::Null).await.expect(200);

        let blank = draft(&world, json!({ "source": "internal_audit", "clause": null })).await;
        let path = create(&world, AUDIT, LIST, blank).await.expect(201).header("location");
        let refused = take(&world, AUDIT, &path, "submission", Value::Null).await.expect(409);
        let pointers: Vec<String> = refused.faults().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers, ["/audited_on", "/auditor_id", "/finding_rank", "/clause"], "CAR-2");

        for (patch, pointer, code) in [
            (json!({ "source": "external_audit" }), "/external_body", "required_here"),
            (json!({ "source": "other" }), "/source_other_text", "required_here"),
            (json!({ "source": ["daily_work", "other"] }), "/source", "wrong_type"),
            (json!({ "external_body": "審査機関" }), "/external_body", "contradiction"),
            (json!({ "reference_no": "2023-1" }), "/reference_no", "read_only_field"),
            (json!({ "issued_on": "2024-04-03" }), "/issued_on", "future_date"),
            (
                json!({ "source_record": { "resource": "risk", "id": "00000000-0000-7000-8000-000000000000" } }),
                "/source_record/id",
                "unknown_reference",
            ),
        ] {
            let refused = create(&world, SECRETARY, LIST, draft(&world, patch).await).await.expect(422);
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
        // An auditor writes down what they found themselves.
        let refused = create(&world, AUDITOR, LIST, draft(&world, json!({})).await).await;
        assert_eq!(refused.status.as_u16(), 201, "as everybody who works here may propose one");
    })
    .await;
}

#[actix_web::test]
async fn car_6_to_10_the_form_is_filled_in_section_by_section_and_closed() {
    on_both(|world| async move {
        let path = issued(&world, AUDITOR, AUDIT, finding(&world).await).await;
        let early = json!({ "description": "台帳を更新する", "planned_on": "2024-03-31" });
        let refused = take(&world, MANAGER, &path, "correction", early).await.expect(422);
        assert_eq!(refused.faults(), [("/planned_on".into(), "date_order".into())]);
        take(&world, ADMINISTRATOR, &path, "correction", correction()).await.expect(403);
        take(&world, MANAGER, &path, "correction", correction()).await.expect(200);
        take(&world, MANAGER, &path, "evaluation", evaluation(true)).await.expect(200);
        let refused = take(&world, MANAGER, &path, "plan-submission", Value::Null).await.expect(409);
        assert_eq!(refused.faults(), [("/cause_removal".into(), "required".into())], "CAR-6");
        take(&world, MANAGER, &path, "evaluation", evaluation(false)).await.expect(200);
        let removal = json!({ "plan": "担当を決める", "planned_on": "2024-04-02" });
        let refused = take(&world, MANAGER, &path, "cause-removal", removal).await.expect(409);
        assert_eq!((refused.code(), refused.json()["rule"].clone()), ("rule_violated".into(), json!("R-19")));
        carried_out(&world, &path).await;
        assert_eq!(read(&world, TOP, &path).await["state"], "report_approved", "CAR-7");

        let early = json!({ "result": "見た", "confirmed_on": "2024-03-31" });
        let refused = take(&world, AUDITOR, &path, "verification", early).await.expect(422);
        assert_eq!(refused.faults(), [("/confirmed_on".into(), "date_order".into())], "CAR-8");
        let seen = json!({ "result": "見た", "confirmed_on": "2024-04-01" });
        let refused = take(&world, CHAIR, &path, "verification", seen.clone()).await.expect(403);
        assert_eq!((&refused.json()["rule"], refused.code().as_str()), (&json!("SD-6"), "duty_separated"));
        take(&world, AUDITOR, &path, "verification", seen).await.expect(200);
        let change =
            json!({ "isms_change_required": true, "planned_change_id": "00000000-0000-7000-8000-000000000000" });
        let mut unknown = judgement(true, false);
        unknown["isms_change_required"] = change["isms_change_required"].clone();
        unknown["planned_change_id"] = change["planned_change_id"].clone();
        let refused = take(&world, AUDITOR, &path, "effectiveness", unknown.clone()).await.expect(422);
        assert_eq!(refused.faults(), [("/planned_change_id".into(), "unknown_reference".into())]);
        let planned = json!({
            "what": "台帳の手順を改める", "purpose": "更新を続ける", "consequences": "担当が変わる",
            "integrity_of_isms": "手順書を改版する", "resources": "半日", "planned_on": "2024-05-01",
            "responsible_person_id": person(&world, MANAGER).await,
            "source_record_id": path.rsplit_once('/').expect("an id").1,
        });
        unknown["planned_change_id"] =
            json!(create(&world, SECRETARY, "/v1/planned-changes", planned).await.expect(201).id());
        take(&world, AUDITOR, &path, "effectiveness", unknown).await.expect(200);
        let closed = take(&world, AUDIT, &path, "effectiveness-approval", json!({})).await.expect(200).json();
        assert_eq!((&closed["state"], &closed["closed_on"]), (&json!("closed"), &json!("2024-04-01")), "CAR-10");
        assert_eq!(closed["allowed_actions"], json!([]), "SD-12");
        take(&world, AUDIT, &path, "cancellation", json!({ "reason": "不要" })).await.expect(409);
    })
    .await;
}

#[actix_web::test]
async fn car_9_and_13_nobody_judges_or_approves_their_own() {
    on_both(|world| async move {
        let refused = |reply: crate::harness::Reply, rule: &str, next: &str| {
            let problem = reply.expect(403).json();
            assert_eq!(
                (&problem["rule"], &problem["params"]["next_approver"][0]["name"]),
                (&json!(rule), &json!(next))
            );
        };
        // The chair asks for it and answers it: top management approves all of it.
        let chair = person(&world, CHAIR).await;
        let own = draft(&world, json!({ "responsible_person_id": chair })).await;
        let path = create(&world, CHAIR, LIST, own).await.expect(201).header("location");
        take(&world, CHAIR, &path, "submission", Value::Null).await.expect(200);
        refused(take(&world, CHAIR, &path, "approval", json!({})).await, "SD-1", TOP);
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
        take(&world, CHAIR, &path, "correction", correction()).await.expect(200);
        take(&world, CHAIR, &path, "evaluation", evaluation(false)).await.expect(200);
        take(&world, CHAIR, &path, "plan-submission", Value::Null).await.expect(200);
        refused(take(&world, CHAIR, &path, "plan-approval", json!({})).await, "SD-1", TOP);
        take(&world, TOP, &path, "plan-approval", json!({})).await.expect(200);
        let done = json!({ "report": "更新した", "completed_on": "2024-04-01" });
        take(&world, CHAIR, &path, "implementation", done).await.expect(200);
        refused(take(&world, CHAIR, &path, "implementation-approval", json!({})).await, "SD-1", TOP);
        take(&world, TOP, &path, "implementation-approval", json!({})).await.expect(200);
        let seen = json!({ "result": "台帳を見た", "confirmed_on": "2024-04-01" });
        refused(take(&world, CHAIR, &path, "verification", seen.clone()).await, "SD-6", TOP);
        take(&world, TOP, &path, "verification", seen).await.expect(200);
        take(&world, TOP, &path, "effectiveness", judgement(true, false)).await.expect(200);
        // Neither who reported nor who judged approves: top management does, with a reason that stays on record.
        let alone = take(&world, TOP, &path, "effectiveness-approval", json!({})).await.expect(422);
        assert_eq!(alone.faults(), [("/reason".into(), "required_here".into())]);
        let reason = json!({ "reason": "委員長が実施したため" });
        let closed = take(&world, TOP, &path, "effectiveness-approval", reason).await.expect(200).json();
        assert_eq!(
            (&closed["state"], &closed["verification_sign_off"]["self_approved"]),
            (&json!("closed"), &json!(true))
        );
    })
    .await;
}

#[actix_web::test]
async fn car_11_and_12_a_follow_up_audit_is_waited_for_and_what_did_not_help_is_reopened() {
    on_both(|world| async move {
        let path = issued(&world, SECRETARY, CHAIR, draft(&world, json!({})).await).await;
        take(&world, MANAGER, &path, "correction", correction()).await.expect(200);
        carried_out(&world, &path).await;
        judged(&world, &path, judgement(true, true)).await;
        let returned = take(&world, TOP, &path, "effectiveness-return", json!({ "reason": "根拠を足す" })).await;
        assert_eq!(returned.expect(200).json()["state"], "verified");
        take(&world, CHAIR, &path, "effectiveness", judgement(true, true)).await.expect(200);
        let pending = take(&world, TOP, &path, "effectiveness-approval", json!({})).await.expect(200).json();
        assert_eq!(pending["state"], "follow_up_pending", "CAR-11");
        let follow_up = json!({
            "audit_id": "00000000-0000-7000-8000-000000000000", "result": "確かめた", "is_effective": true,
            "confirmed_on": "2024-04-01",
        });
        let refused = take(&world, AUDIT, &path, "follow-up", follow_up.clone()).await.expect(422);
        assert_eq!(refused.faults(), [("/audit_id".into(), "unknown_reference".into())], "it names an audit");

        let path = issued(&world, SECRETARY, CHAIR, draft(&world, json!({})).await).await;
        take(&world, MANAGER, &path, "correction", correction()).await.expect(200);
        carried_out(&world, &path).await;
        judged(&world, &path, judgement(false, false)).await;
        let reopened = take(&world, TOP, &path, "effectiveness-approval", json!({})).await.expect(200).json();
        assert_eq!((&reopened["state"], &reopened["round"]), (&json!("reopened"), &json!(2)), "CAR-12");
        assert_eq!(reopened["earlier_rounds"][0]["effectiveness"]["is_effective"], false);
        assert_eq!((&reopened["evaluation"], &reopened["plan_sign_off"]), (&Value::Null, &Value::Null));
        carried_out(&world, &path).await;
        judged(&world, &path, judgement(true, false)).await;
        let closed = take(&world, TOP, &path, "effectiveness-approval", json!({})).await.expect(200).json();
        assert_eq!((&closed["state"], closed["earlier_rounds"].as_array().map(Vec::len)), (&json!("closed"), Some(1)));
    })
    .await;
}

#[actix_web::test]
async fn car_14_twenty_at_once_have_numbers_without_gap_in_their_fiscal_year() {
    on_both(|world| async move {
        let draft = draft(&world, json!({})).await;
        let posts = (0..20).map(|number| {
            let mut draft = draft.clone();
            // Every fifth one is refused: it takes no number.
            draft["clause"] = json!(if number % 5 == 4 { "99" } else { "7.2" });
            world.post(LIST).person(SECRETARY).json(draft).send()
        });
        let mut numbers: Vec<String> = join_all(posts)
            .await
            .into_iter()
            .filter(|reply| reply.status.as_u16() == 201)
            .map(|reply| reply.json()["reference_no"].as_str().unwrap_or_default().to_owned())
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (2..=17).map(|number| format!("24-{number:02}")).collect::<Vec<_>>());
        // Three of the sample lie in the year before.
        let mut earlier = draft.clone();
        earlier["issued_on"] = json!("2024-03-31");
        let made = create(&world, SECRETARY, LIST, earlier).await.expect(201);
        assert_eq!(made.json()["reference_no"], "23-04");
        let moved = change(&world, SECRETARY, &made.header("location"), json!({ "issued_on": "2024-04-01" })).await;
        assert_eq!(moved.expect(422).faults(), [("/issued_on".into(), "contradiction".into())]);
    })
    .await;
}

#[actix_web::test]
async fn two_who_approve_at_once_have_one_effect() {
    on_both(|world| async move {
        let path = create(&world, SECRETARY, LIST, draft(&world, json!({})).await).await.expect(201).header("location");
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let read = world.get(&path).person(CHAIR).send().await.expect(200);
        let posts = [("approval", json!({})), ("approval", json!({})), ("rejection", json!({ "reason": "不要" }))].map(
            |(step, body)| world.post(format!("{path}/{step}")).person(CHAIR).having_read(&read).json(body).send(),
        );
        let mut statuses: Vec<u16> = join_all(posts).await.iter().map(|reply| reply.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412]);
    })
    .await;
}

#[actix_web::test]
async fn a_proposal_is_its_own_authors_and_is_answered_by_who_was_named() {
    on_both(|world| async move {
        let worker = person(&world, WORKER).await;
        let path = create(&world, WORKER, LIST, draft(&world, json!({ "source": "internal_proposal" })).await)
            .await
            .expect(201)
            .header("location");
        assert_eq!(read(&world, WORKER, LIST).await["items"].as_array().map(Vec::len), Some(1), "their own");
        change(&world, WORKER, &path, json!({ "description": "台帳の更新を自動にする" })).await.expect(200);
        change(&world, ADMINISTRATOR, &path, json!({ "description": "別" })).await.expect(403);
        world.get(&path).person(STRANGER).send().await.expect(404);
        take(&world, WORKER, &path, "submission", Value::Null).await.expect(200);
        world.post(format!("{path}/approval")).person(WORKER).json(json!({})).send().await.expect(403);
        let rejected = take(&world, CHAIR, &path, "rejection", json!({ "reason": "費用に合わない" })).await;
        let rejected = rejected.expect(200).json();
        assert_eq!(
            (&rejected["state"], &rejected["called_off"]["reason"]),
            (&json!("rejected"), &json!("費用に合わない"))
        );

        let other = draft(&world, json!({ "responsible_person_id": worker })).await;
        let path = issued(&world, SECRETARY, CHAIR, other).await;
        let items = read(&world, WORKER, "/v1/work-items").await;
        assert!(items["items"].as_array().into_iter().flatten().any(|item| item["path"] == path.as_str()), "{items}");
        take(&world, WORKER, &path, "correction", correction()).await.expect(200);
        world.wait(TimeDelta::days(1));
        let overdue = read(&world, SECRETARY, &format!("{LIST}?overdue=true&min_age_days=1&sort=-issued_on")).await;
        assert_eq!(overdue["items"][0]["path"], Value::Null);
        assert!(overdue["items"].as_array().into_iter().flatten().any(|item| item["due_on"] == "2024-04-01"));
        take(&world, CHAIR, &path, "cancellation", json!({ "reason": "業務をやめた" })).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn similar_ones_of_other_departments_are_found_and_figures_told() {
    on_both(|world| async move {
        let risk = read(&world, SECRETARY, "/v1/risks").await["items"][0]["id"].clone();
        let link = json!({ "resource": "risk", "id": risk });
        let path = issued(&world, SECRETARY, CHAIR, draft(&world, json!({ "source_record": link })).await).await;
        let elsewhere = |clause: &str, text: &str| {
            let patch = json!({ "clause": clause, "description": text });
            let world = &world;
            async move {
                let mut draft = draft(world, patch).await;
                draft["target_department_id"] = json!(department(world, "人事部").await);
                create(world, SECRETARY, LIST, draft).await.expect(201).json()["reference_no"].clone()
            }
        };
        let clause = elsewhere("7.5.3", "機密の表示が無い").await;
        let alike = elsewhere("8.1", "台帳の更新が2月から止まっている").await;
        elsewhere("9.1", "測定が行われていない").await;
        let similar = read(&world, MANAGER, &format!("{path}/similar?include_total=true")).await;
        let numbers: Vec<Value> =
            similar["items"].as_array().into_iter().flatten().map(|one| one["reference_no"].clone()).collect();
        assert_eq!(numbers, [clause, alike], "{similar}");
        assert_eq!((&similar["items"][0]["same_clause"], &similar["total"]), (&json!(true), &json!(2)));

        let linked = read(&world, SECRETARY, &format!("{LIST}?source_record={}", risk.as_str().expect("an id"))).await;
        assert_eq!(linked["items"].as_array().map(Vec::len), Some(1), "found from the record that it answers");
        let second = issued(&world, SECRETARY, CHAIR, draft(&world, json!({})).await).await;
        let figures = read(&world, TOP, &format!("{LIST}/figures?fiscal_year=2024")).await;
        assert_eq!((&figures["total"], &figures["open"], &figures["closed"]), (&json!(6), &json!(6), &json!(0)));
        let mut sources = figures["by_source"].as_array().into_iter().flatten();
        assert!(sources.any(|one| *one == json!({ "source": "daily_work", "total": 5, "open": 5 })), "{figures}");
        let repeat = &figures["repeats"][0];
        assert!(second.ends_with(repeat["action"]["id"].as_str().expect("an id")), "{figures}");
        assert_eq!(repeat["earlier"][0]["name"], "24-02");
        world.get(format!("{LIST}/figures")).person(WORKER).send().await.expect(403);
    })
    .await;
}
