//! The information security policy (D16; POL-1, POL-2, R-23, SD-5, SD-12).

use serde_json::{Value, json};

use super::steps::{
    CHAIR, CONTROLLER, SECRETARY, TOP, WORKER, change, create, person, policy_draft, read, take, told, unconfirmed,
};
use crate::harness::{World, on_both};

const LIST: &str = "/v1/policies";

/// A whole draft of `who`.
async fn drafted(world: &World, who: &str) -> String {
    create(world, who, LIST, policy_draft(json!({}))).await.expect(201).header("location")
}

/// An edition in force.
async fn approved(world: &World) -> String {
    let path = drafted(world, SECRETARY).await;
    take(world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
    take(world, TOP, &path, "approval", json!({})).await.expect(200);
    path
}

/// The edition of the sample that is in force.
async fn first_edition(world: &World) -> String {
    let list = read(world, SECRETARY, "/v1/policies?state=in_force").await;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "one is in force");
    format!("{LIST}/{}", list["items"][0]["id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn pol_1_a_policy_without_objectives_is_not_handed_in() {
    on_both(|world| async move {
        let path = drafted(&world, SECRETARY).await;
        change(&world, SECRETARY, &path, json!({ "objectives": null, "improvement_section": " " })).await.expect(200);
        let refused = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        assert_eq!(refused.code(), "not_ready");
        let missing = ["/objectives", "/improvement_section"].map(|at| (at.to_owned(), "required".to_owned()));
        assert_eq!(refused.faults(), missing);
        let patch = json!({ "objectives": [{ "text": "事故を防ぐ" }], "improvement_section": "毎年" });
        change(&world, SECRETARY, &path, patch).await.expect(200);
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn pol_2_the_sample_is_not_confirmed_to_be_available_outside() {
    on_both(|world| async move {
        let path = first_edition(&world).await;
        let open = unconfirmed(&world, SECRETARY, &path).await;
        assert_eq!(open, [("available".to_owned(), json!(["/publications"]))], "the sample's minor nonconformity");
        let website = |url: Value| {
            json!({ "external": {
                "available_on": "2024-04-01", "means": "website", "url": url, "evidence": "画面の写し",
            } })
        };
        take(&world, CONTROLLER, &path, "publication", website(Value::Null)).await.expect(200);
        let open = unconfirmed(&world, SECRETARY, &path).await;
        assert_eq!(open, [("available".to_owned(), json!(["/publications/1/external/url"]))]);
        let published = website(json!("https://moriya.example/security"));
        let published = take(&world, CONTROLLER, &path, "publication", published).await.expect(200).json();
        assert_eq!(published["publications"].as_array().map(Vec::len), Some(3), "each one is kept");
        assert_eq!(published["publications"][2]["recorded"]["name"], CONTROLLER);
        assert!(unconfirmed(&world, WORKER, &path).await.is_empty(), "whoever reads it may look");
    })
    .await;
}

#[actix_web::test]
async fn r_23_each_point_follows_from_the_facts() {
    on_both(|world| async move {
        let bare = json!({ "company_name": "有限会社ちいさな工房" });
        let path = create(&world, "林 一郎", LIST, bare).await.expect(201).header("location");
        let open: Vec<String> = unconfirmed(&world, "林 一郎", &path).await.into_iter().map(|(at, _)| at).collect();
        let all = ["purpose", "objectives", "requirements", "improvement", "documented", "communicated", "available"];
        assert_eq!(open, all);
        let whole = policy_draft(json!({ "company_name": "有限会社ちいさな工房", "commits_to_requirements": false }));
        change(&world, "林 一郎", &path, whole).await.expect(200);
        let open = unconfirmed(&world, "林 一郎", &path).await;
        assert_eq!(open[0], ("requirements".to_owned(), json!(["/commits_to_requirements"])));
        assert_eq!(open[1], ("documented".to_owned(), json!(["/sign_off/approved"])));
        change(&world, "林 一郎", &path, json!({ "commits_to_requirements": true })).await.expect(200);
        take(&world, "林 一郎", &path, "submission", Value::Null).await.expect(200);
        take(&world, "森 正子", &path, "approval", json!({})).await.expect(200);
        let handed =
            json!({ "external": { "available_on": "2024-04-01", "means": "handed_over", "evidence": "送付状" } });
        take(&world, "林 一郎", &path, "publication", handed).await.expect(200);
        let open = unconfirmed(&world, "林 一郎", &path).await;
        assert_eq!(open, [("communicated".to_owned(), json!(["/publications"]))]);
        take(&world, "林 一郎", &path, "publication", told()).await.expect(200);
        assert!(unconfirmed(&world, "林 一郎", &path).await.is_empty());
    })
    .await;
}

#[actix_web::test]
async fn sd_5_top_management_alone_approves_and_not_its_own() {
    on_both(|world| async move {
        let path = drafted(&world, SECRETARY).await;
        let early = take(&world, TOP, &path, "approval", json!({})).await.expect(409);
        assert_eq!(early.code(), "wrong_state");
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        assert_eq!(take(&world, CHAIR, &path, "approval", json!({})).await.expect(403).code(), "not_granted");
        assert_eq!(read(&world, TOP, &path).await["allowed_actions"], json!(["approve", "return"]));
        let unexplained = take(&world, TOP, &path, "return", json!({})).await.expect(422);
        assert_eq!(unexplained.faults(), [("/reason".to_owned(), "required".to_owned())]);
        let back = take(&world, TOP, &path, "return", json!({ "reason": "目標を見直すこと" })).await.expect(200);
        assert_eq!(back.json()["state"], "draft");

        // For a day top management does the secretariat's work too, and mends it.
        let person = person(&world, TOP).await;
        let role = json!({ "role": "isms_secretariat", "person_id": person, "starts_on": "2024-04-01" });
        let proposed = create(&world, SECRETARY, "/v1/appointments", role).await.expect(201).header("location");
        take(&world, CHAIR, &proposed, "approval", Value::Null).await.expect(200);
        change(&world, TOP, &path, json!({ "objectives": [{ "text": "約束を守る" }] })).await.expect(200);
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let refused = take(&world, TOP, &path, "approval", json!({ "reason": "急ぐ" })).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-5")));
        assert_eq!(refused.json()["params"]["next_approver"], json!([]), "nobody stands in");
        assert_eq!(read(&world, TOP, &path).await["allowed_actions"], json!(["return"]));
    })
    .await;
}

#[actix_web::test]
async fn sd_11_an_approval_under_a_provisional_appointment_is_marked() {
    on_both(|world| async move {
        let path = drafted(&world, SECRETARY).await;
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let seat = world.first_id("/v1/appointments?role=top_management&state=in_force").await;
        let person = person(&world, CHAIR).await;
        let gone = json!({ "ends_on": "2024-04-01", "reason": "交代" });
        take(&world, TOP, &format!("/v1/appointments/{seat}"), "end", gone).await.expect(200);
        let next = json!({
            "role": "top_management", "person_id": person, "starts_on": "2024-04-02", "kind": "provisional",
        });
        let proposed = create(&world, SECRETARY, "/v1/appointments", next).await.expect(201).header("location");
        take(&world, TOP, &proposed, "approval", Value::Null).await.expect(200);
        world.wait(chrono::TimeDelta::days(1));
        let approved = take(&world, CHAIR, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!(approved["sign_off"]["approved"]["provisional"], json!(true));
    })
    .await;
}

#[actix_web::test]
async fn sd_12_an_edition_in_force_does_not_change_and_the_next_one_starts_as_its_copy() {
    on_both(|world| async move {
        let path = first_edition(&world).await;
        let before = read(&world, SECRETARY, &path).await;
        let refused = change(&world, SECRETARY, &path, json!({ "service_name": "配送" })).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("wrong_state".into(), &json!("SD-12")));
        for (who, step, body) in [
            (SECRETARY, "submission", Value::Null),
            (TOP, "approval", json!({})),
            (TOP, "return", json!({ "reason": "やり直し" })),
        ] {
            assert_eq!(take(&world, who, &path, step, body).await.expect(409).code(), "wrong_state", "{step}");
        }
        let copy = json!({ "company_name": "守屋商事株式会社", "service_name": "卸売と在庫管理" });
        let made = create(&world, SECRETARY, LIST, copy).await.expect(201);
        assert_eq!((&made.json()["version"], &made.json()["state"]), (&json!(3), &json!("draft")));
        for same in ["objectives", "purpose_section", "business_context_section", "commits_to_requirements"] {
            assert_eq!(made.json()[same], before[same], "{same}");
        }
        assert_eq!((&made.json()["service_name"], &made.json()["issued_on"]), (&json!("卸売と在庫管理"), &Value::Null));
        let next = made.header("location");
        change(&world, SECRETARY, &next, json!({ "issued_on": "2024-04-01" })).await.expect(200);
        take(&world, SECRETARY, &next, "submission", Value::Null).await.expect(200);
        take(&world, TOP, &next, "approval", json!({})).await.expect(200);
        assert_eq!(first_edition(&world).await, next);
        let old = read(&world, SECRETARY, &path).await;
        assert_eq!((&old["state"], &old["objectives"]), (&json!("superseded"), &before["objectives"]));
        assert_eq!(take(&world, CONTROLLER, &path, "publication", told()).await.expect(409).code(), "wrong_state");
    })
    .await;
}

#[actix_web::test]
async fn a_worker_reads_the_edition_that_was_published_last() {
    on_both(|world| async move {
        let first = first_edition(&world).await;
        let seen = async || {
            let list = read(&world, WORKER, LIST).await;
            let items = list["items"].as_array().cloned().unwrap_or_default();
            items.iter().map(|item| item["version"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(seen().await, [json!(1)]);
        let next = approved(&world).await;
        assert_eq!(seen().await, [json!(1)], "nobody was told about the next one yet");
        world.get(&next).person(WORKER).send().await.expect(404);
        world.get(format!("{next}/checklist")).person(WORKER).send().await.expect(404);
        let published = take(&world, CONTROLLER, &next, "publication", told()).await.expect(200).json();
        assert_eq!(published["published_on"], "2024-04-01");
        assert_eq!(seen().await, [json!(3)]);
        world.get(&first).person(WORKER).send().await.expect(404);
        assert_eq!(read(&world, "大野 誠", &first).await["state"], "superseded", "an auditor reads the old one");
    })
    .await;
}

#[actix_web::test]
async fn the_document_controller_publishes_or_who_stands_in_for_the_empty_seat() {
    on_both(|world| async move {
        let path = approved(&world).await;
        for who in [SECRETARY, WORKER] {
            let refused = world.post(format!("{path}/publication")).person(who).header("if-match", "\"3\"");
            assert_eq!(refused.json(told()).send().await.expect(403).code(), "not_granted", "{who}");
        }
        for who in [CHAIR, TOP] {
            let refused = take(&world, who, &path, "publication", told()).await.expect(403);
            assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("R-23")), "{who}");
            assert_eq!(refused.json()["params"]["next_approver"][0]["name"], CONTROLLER);
            let open = read(&world, who, &path).await["allowed_actions"].clone();
            assert!(open.as_array().is_some_and(|open| !open.contains(&json!("publish"))), "{who}: {open}");
        }
        assert_eq!(read(&world, CONTROLLER, &path).await["allowed_actions"], json!(["publish"]));
        let vacate = async |role: &str, by: &str| {
            let seat = world.first_id(&format!("/v1/appointments?role={role}&state=in_force")).await;
            let gone = json!({ "ends_on": "2024-03-31", "reason": "退任" });
            take(&world, by, &format!("/v1/appointments/{seat}"), "end", gone).await.expect(200);
        };
        vacate("document_controller", CHAIR).await;
        let refused = take(&world, TOP, &path, "publication", told()).await.expect(403);
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], CHAIR);
        let by_chair = take(&world, CHAIR, &path, "publication", told()).await.expect(200).json();
        assert_eq!(by_chair["publications"][0]["recorded"]["posts"], json!(["security_committee_chair"]));
        vacate("security_committee_chair", TOP).await;
        let by_top = take(&world, TOP, &path, "publication", told()).await.expect(200).json();
        assert_eq!(by_top["publications"][1]["recorded"]["posts"], json!(["top_management"]));
    })
    .await;
}

/// What waits about the policy for `who`: kind and day.
async fn waiting(world: &World, who: &str) -> Vec<(Value, Value)> {
    let list = read(world, who, "/v1/work-items?limit=200").await;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let of_policy = items.iter().filter(|item| item["resource"] == "policy");
    of_policy.map(|item| (item["kind"].clone(), item["due_on"].clone())).collect()
}

#[actix_web::test]
async fn r_21_the_policy_is_reviewed_as_planned_and_the_result_communicated_within_a_week() {
    on_both(|world| async move {
        let path = approved(&world).await;
        assert_eq!(read(&world, SECRETARY, &path).await["next_review_on"], "2025-04-01", "a year after its approval");
        assert_eq!(waiting(&world, TOP).await, [(json!("review"), json!("2025-04-01"))]);
        let review = |on: &str, next: Value| {
            json!({ "reviewed_on": on, "outcome": "no_change_needed", "reason": "変わりない", "next_review_on": next })
        };
        for (body, fault) in [
            (review("2024-04-02", Value::Null), ("/reviewed_on", "future_date")),
            (review("2024-04-01", json!("2024-04-01")), ("/next_review_on", "date_order")),
        ] {
            let refused = take(&world, TOP, &path, "review", body).await.expect(422);
            assert_eq!(refused.faults(), [(fault.0.to_owned(), fault.1.to_owned())]);
        }
        let refused = take(&world, SECRETARY, &path, "review", review("2024-04-01", Value::Null)).await.expect(403);
        assert_eq!(refused.code(), "not_granted", "top management reviews");
        let told = |on: &str| json!({ "communicated_on": on, "means": "朝礼" });
        let early = take(&world, SECRETARY, &path, "review-communication", told("2024-04-01")).await.expect(409);
        assert_eq!((early.code(), &early.json()["rule"]), ("wrong_state".into(), &json!("R-21")));

        let done = take(&world, TOP, &path, "review", review("2024-04-01", json!("2024-10-01"))).await.expect(200).json();
        let (first, due) = (&done["reviews"][0], json!("2024-04-08"));
        assert_eq!((&first["communication_due_on"], &first["communicated"]), (&due, &Value::Null), "COM-1");
        assert_eq!((&first["reviewed"]["name"], &done["next_review_on"]), (&json!(TOP), &json!("2024-10-01")));
        assert_eq!(waiting(&world, TOP).await, [(json!("review"), json!("2024-10-01"))]);
        assert!(waiting(&world, SECRETARY).await.contains(&(json!("carry_out"), due)));
        world.wait(chrono::TimeDelta::days(8));
        let done = take(&world, SECRETARY, &path, "review-communication", told("2024-04-09")).await.expect(200).json();
        let communicated = &done["reviews"][0]["communicated"];
        assert_eq!((&communicated["in_time"], &communicated["means"]), (&json!(false), &json!("朝礼")), "COM-3");
        assert_eq!(communicated["recorded"]["name"], SECRETARY);
        assert_eq!(waiting(&world, SECRETARY).await, []);
        // The intervals are the organization's.
        let intervals = json!({ "intervals": { "policy_review_months": 6, "review_communication_days": 3 } });
        change(&world, SECRETARY, "/v1/organization", intervals).await.expect(200);
        let done = take(&world, TOP, &path, "review", review("2024-04-09", Value::Null)).await.expect(200).json();
        let second = &done["reviews"][1];
        assert_eq!(
            (&second["next_review_on"], &second["communication_due_on"]),
            (&json!("2024-10-09"), &json!("2024-04-12"))
        );
        // A review that asks for a new edition waits for somebody to draft it.
        assert_eq!(waiting(&world, SECRETARY).await, [(json!("carry_out"), json!("2024-04-12"))]);
        let mut needed = review("2024-04-09", Value::Null);
        needed["outcome"] = json!("new_version_needed");
        take(&world, TOP, &path, "review", needed).await.expect(200);
        let to_draft = (json!("carry_out"), Value::Null);
        assert!(!waiting(&world, SECRETARY).await.contains(&to_draft), "the sample has a draft on its way");
        let drafts = read(&world, SECRETARY, "/v1/policies?state=draft").await;
        let draft = format!("{LIST}/{}", drafts["items"][0]["id"].as_str().expect("an id"));
        take(&world, SECRETARY, &draft, "voiding", json!({ "reason": "書き直す" })).await.expect(200);
        let waits = waiting(&world, SECRETARY).await;
        assert!(waits.contains(&to_draft), "{waits:?}");
        // A later edition takes its place: it is reviewed no more, and what was found is still told.
        let next = approved(&world).await;
        let old = read(&world, SECRETARY, &path).await;
        assert_eq!((&old["state"], &old["next_review_on"]), (&json!("superseded"), &Value::Null));
        assert!(!waiting(&world, SECRETARY).await.contains(&to_draft));
        take(&world, SECRETARY, &path, "review-communication", told("2024-04-09")).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &next).await["reviews"], json!([]));
    })
    .await;
}

#[actix_web::test]
async fn top_management_withdraws_the_edition_in_force_with_a_reason() {
    on_both(|world| async move {
        let path = first_edition(&world).await;
        let because = || json!({ "reason": "事業を譲渡した" });
        let refused = take(&world, CHAIR, &path, "withdrawal", because()).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
        let gone = take(&world, TOP, &path, "withdrawal", because()).await.expect(200).json();
        assert_eq!((&gone["state"], &gone["next_review_on"]), (&json!("withdrawn"), &Value::Null));
        assert_eq!((&gone["withdrawn"]["name"], &gone["withdrawn"]["reason"]), (&json!(TOP), &because()["reason"]));
        assert_eq!(read(&world, SECRETARY, "/v1/policies?state=in_force").await["items"], json!([]));
        assert_eq!(read(&world, WORKER, LIST).await["items"], json!([]), "nobody is shown what holds no more");
        assert_eq!(take(&world, TOP, &path, "withdrawal", because()).await.expect(409).code(), "wrong_state");
        let next = approved(&world).await;
        assert_eq!(first_edition(&world).await, next);
        assert_eq!(read(&world, SECRETARY, &path).await["state"], "withdrawn");
    })
    .await;
}

#[actix_web::test]
async fn a_faulty_edition_or_publication_is_refused_with_every_fault() {
    on_both(|world| async move {
        let draft = policy_draft(json!({
            "company_name": "", "objectives": [{ "text": "守る" }, { "text": "守る" }], "issued_on": "1800-01-01", "version": 9,
        }));
        create(&world, SECRETARY, LIST, draft).await.expect(422);
        let twice = policy_draft(json!({ "objectives": [{ "text": "守る" }, { "text": "守る" }] }));
        let refused = create(&world, SECRETARY, LIST, twice).await.expect(422);
        assert_eq!(refused.faults(), [("/objectives/1".to_owned(), "duplicate".to_owned())]);
        let many: Vec<Value> = (0..51).map(|number| json!({ "text": format!("目標{number}") })).collect();
        let refused = create(&world, SECRETARY, LIST, policy_draft(json!({ "objectives": many }))).await.expect(422);
        assert_eq!(refused.faults(), [("/objectives".to_owned(), "too_long".to_owned())]);

        let path = approved(&world).await;
        let outside = |patch: Value| {
            let mut external = json!({ "available_on": "2024-04-01", "means": "website", "evidence": "写し" });
            patch.as_object().into_iter().flatten().for_each(|(name, value)| external[name] = value.clone());
            json!({ "external": external })
        };
        for (body, expected) in [
            (json!({}), vec![("/internal", "required_here"), ("/external", "required_here")]),
            (
                json!({ "internal": { "communicated_on": "2024-04-02", "means": "朝礼" } }),
                vec![("/internal/communicated_on", "future_date")],
            ),
            (
                outside(json!({ "available_on": "2024-05-01", "url": "moriya.example" })),
                vec![("/external/available_on", "future_date"), ("/external/url", "invalid_format")],
            ),
            (outside(json!({ "means": "rumour" })), vec![("/external/means", "not_in_list")]),
            (json!({ "internal": { "communicated_on": "2024-04-01" } }), vec![("/internal/means", "required")]),
        ] {
            let refused = take(&world, CONTROLLER, &path, "publication", body.clone()).await.expect(422);
            let expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
            assert_eq!(refused.faults(), expected, "{body}");
        }
        assert_eq!(read(&world, SECRETARY, &path).await["publications"], json!([]));
    })
    .await;
}
