//! Measurements of objectives and their evaluation (9.1, R-17, EFF-1 to EFF-6).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, create, id_of, person, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
/// Manager of 営業部.
const MANAGER: &str = "小林 恵";
const WORKER: &str = "高橋 花";
const OTHER: &str = "千葉 理恵";
const LIST: &str = "/v1/measurements";

/// An approved objective in per cent, of which somebody without a role is in charge; `metric` replaces fields of it.
async fn objective(world: &World, metric: Value) -> String {
    let mut draft = json!({
        "objective": "全員が合格する", "additional": true,
        "metric": { "name": "合格率", "unit": "%", "comparison": "at_least", "target_value": "100" },
        "measuring_interval_months": 6, "action": "教育", "required_resources": "時間",
        "responsible_person_id": person(world, WORKER).await, "due": "2024-04", "evaluation_method": "数える",
    });
    for (name, value) in metric.as_object().into_iter().flatten() {
        draft["metric"][name] = value.clone();
    }
    let path = create(world, SECRETARY, "/v1/objectives", draft).await.expect(201).header("location");
    take(world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
    take(world, TOP, &path, "approval", json!({})).await.expect(200);
    path
}

fn share(part: i64, whole: i64) -> Value {
    json!({ "measured_on": "2024-04-01", "share": { "part": part, "whole": whole } })
}

#[actix_web::test]
async fn eff_1_2_3_5_6_measured_again_and_again_and_evaluated_by_top_management() {
    on_both(|world| async move {
        let path = objective(&world, json!({})).await;
        let series = format!("{path}/measurements");
        let found = json!({ "evaluated_on": "2024-04-01", "remarks": "有効と判断する" });
        let early = take(&world, TOP, &path, "evaluation", found.clone()).await.expect(409);
        assert_eq!((early.code(), early.faults()[0].0.as_str()), ("not_ready".into(), "/last_measurement"));

        let empty = create(&world, SECRETARY, &series, share(0, 0)).await.expect(422);
        assert_eq!(empty.faults()[0].0, "/share/whole", "EFF-5");
        let both = json!({ "measured_on": "2024-04-01", "value": "95", "share": { "part": 19, "whole": 20 } });
        let refused = create(&world, SECRETARY, &series, both).await.expect(422);
        assert_eq!(refused.faults(), [("/value".to_owned(), "exactly_one".to_owned())]);
        create(&world, SECRETARY, &series, share(21, 20)).await.expect(422);
        let beyond = create(&world, SECRETARY, &series, share(1, 1_000_000_001)).await.expect(422);
        assert_eq!(beyond.faults(), [("/share/whole".to_owned(), "out_of_range".to_owned())]);
        create(&world, SECRETARY, &series, json!({ "measured_on": "2024-04-02", "value": "1" })).await.expect(422);

        for (part, whole, value, meets) in
            [(18, 20, "90", false), (19, 20, "95", false), (9999, 10000, "99.9", false), (20, 20, "100", true)]
        {
            world.wait(TimeDelta::seconds(1));
            let made = create(&world, WORKER, &series, share(part, whole)).await.expect(201).json();
            assert_eq!((&made["measured"]["value"], &made["meets_target"]), (&json!(value), &json!(meets)));
            assert_eq!((&made["recorded"]["name"], &made["created_at"]), (&json!(WORKER), &made["recorded"]["at"]));
        }
        let shown = read(&world, TOP, &path).await;
        assert_eq!(shown["last_measurement"]["measured"]["value"], "100", "the latest of one day");
        assert_eq!(shown["next_measurement_due_on"], "2024-10-01");
        assert_eq!(read(&world, WORKER, &format!("{series}?include_total=true")).await["total"], 4);

        let refused = take(&world, SECRETARY, &path, "evaluation", found.clone()).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
        let silent = take(&world, TOP, &path, "evaluation", json!({ "evaluated_on": "2024-04-01" })).await.expect(422);
        assert_eq!(silent.faults(), [("/remarks".to_owned(), "required".to_owned())], "EFF-6");
        let evaluated = take(&world, TOP, &path, "evaluation", found).await.expect(200).json();
        assert_eq!(
            (&evaluated["state"], &evaluated["evaluation"]["result"]),
            (&json!("evaluated"), &json!("effective"))
        );
        let after = create(&world, WORKER, &series, share(20, 20)).await.expect(409);
        assert_eq!(after.code(), "wrong_state", "the form has one evaluation");
    })
    .await;
}

#[actix_web::test]
async fn a_mistaken_measurement_is_voided_and_counts_no_more() {
    on_both(|world| async move {
        let path = objective(&world, json!({})).await;
        let series = format!("{path}/measurements");
        let right = create(&world, SECRETARY, &series, share(19, 20)).await.expect(201).header("location");
        world.wait(TimeDelta::seconds(1));
        let wrong = create(&world, SECRETARY, &series, share(20, 20)).await.expect(201).header("location");
        let because = json!({ "reason": "数え間違い" });
        take(&world, WORKER, &wrong, "voiding", because.clone()).await.expect(403);
        take(&world, SECRETARY, &wrong, "voiding", because.clone()).await.expect(200);
        assert_eq!(read(&world, TOP, &path).await["last_measurement"]["measured"]["value"], "95");
        let counted = read(&world, TOP, &format!("{series}?state=recorded")).await;
        assert_eq!(counted["items"].as_array().map(Vec::len), Some(1));

        let found = json!({ "evaluated_on": "2024-04-01", "remarks": "1人が残った" });
        let evaluated = take(&world, TOP, &path, "evaluation", found).await.expect(200).json();
        assert_eq!(evaluated["evaluation"]["result"], "not_effective");
        let refused = take(&world, SECRETARY, &right, "voiding", because).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("in_use".into(), &json!("SD-12")));
    })
    .await;
}

#[actix_web::test]
async fn what_the_service_knows_it_measures_itself() {
    on_both(|world| async move {
        let treated = objective(&world, json!({ "known_measure": "treatment_progress" })).await;
        let series = format!("{treated}/measurements");
        let today = json!({ "measured_on": "2024-04-01" });
        let said = create(&world, SECRETARY, &series, share(1, 1)).await.expect(422);
        assert_eq!(said.faults(), [("/share".to_owned(), "contradiction".to_owned())]);
        let preview = format!("{series}?validate_only=true");
        let told = create(&world, SECRETARY, &preview, today.clone()).await.expect(201).json();
        let made = create(&world, WORKER, &series, today.clone()).await.expect(201).json();
        assert_eq!(made["measured"], told["measured"], "alike whoever asks");
        let items = read(&world, SECRETARY, "/v1/treatment-items?limit=200").await;
        let items: Vec<Value> = items["items"].as_array().cloned().unwrap_or_default();
        let count =
            |states: &[&str]| items.iter().filter(|item| states.iter().any(|one| item["status"] == *one)).count();
        let whole = count(&["not_started", "in_progress", "completed"]);
        assert_eq!(made["measured"]["share"], json!({ "part": count(&["completed"]), "whole": whole }));

        let unit =
            json!({ "known_measure": "overdue_work", "unit": "件", "comparison": "at_most", "target_value": "0" });
        let late = objective(&world, unit).await;
        let made = create(&world, WORKER, &format!("{late}/measurements"), today).await.expect(201).json();
        let work = read(&world, SECRETARY, "/v1/work-items?assignee=everybody&overdue=true&include_total=true").await;
        assert_eq!(made["measured"]["value"], work["total"].to_string());
    })
    .await;
}

#[actix_web::test]
async fn who_is_responsible_measures_and_nobody_beside() {
    on_both(|world| async move {
        let path = objective(&world, json!({})).await;
        let series = format!("{path}/measurements");
        let refused = create(&world, OTHER, &series, share(1, 2)).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        let refused = create(&world, MANAGER, &series, share(1, 2)).await.expect(403);
        assert_eq!(refused.code(), "outside_reach", "it is the whole organization's");
        create(&world, TOP, &series, share(1, 2)).await.expect(403);

        let work = read(&world, WORKER, "/v1/work-items?limit=200").await;
        let mine = |work: &Value, kind: &str| {
            let items = work["items"].as_array().cloned().unwrap_or_default();
            items.into_iter().find(|item| item["path"] == path.as_str() && item["kind"] == kind)
        };
        let measure = mine(&work, "measure").expect("to measure");
        assert_eq!((&measure["due_on"], &measure["clause"]), (&json!("2024-10-01"), &json!("9.1")));
        world.wait(TimeDelta::days(30));
        assert!(mine(&read(&world, TOP, "/v1/work-items?limit=200").await, "evaluate").is_some(), "its day has passed");
        let demo = id_of(&world, SECRETARY, "/v1/objectives", "number", 1).await;
        let shown = read(&world, CHAIR, &format!("/v1/objectives/{demo}/measurements")).await;
        assert_eq!(shown["items"].as_array().map(Vec::len), Some(3));
        let all = read(&world, WORKER, &format!("{LIST}?include_total=true")).await;
        assert_eq!(all["total"], 3);
    })
    .await;
}
