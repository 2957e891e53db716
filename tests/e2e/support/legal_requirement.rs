//! Laws, regulations, guidelines, contracts and standards (A.5.31; EDU-4).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const CHAIR: &str = "石田 洋子";
const TRAINER: &str = "木村 拓";
/// Manager of 営業部.
const MANAGER: &str = "小林 恵";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/legal-requirements";

async fn department(world: &World, name: &str) -> String {
    id_of(world, SECRETARY, "/v1/departments", "name", name).await
}

/// A law; `patch` replaces fields of it.
async fn law(world: &World, patch: Value) -> Value {
    let mut draft = json!({
        "kind": "law", "title": "新しい法律", "duty": "届け出る", "department_id": department(world, "総務部").await,
        "next_review_on": "2025-03-31",
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// The duties that a requirement opened: cause, first and last day, state.
async fn opened(world: &World, path: &str) -> Vec<Value> {
    let id = path.rsplit('/').next().unwrap_or_default();
    let list = read(world, TRAINER, &format!("/v1/education-duties?limit=200&record_id={id}")).await;
    let duties = list["items"].as_array().cloned().unwrap_or_default();
    duties.iter().map(|duty| json!([duty["cause"], duty["starts_on"], duty["due_on"], duty["state"]])).collect()
}

#[actix_web::test]
async fn edu_4_promulgation_and_coming_into_force_each_make_education_due() {
    on_both(|world| async move {
        world.wait(TimeDelta::days(39));
        let draft = law(&world, json!({ "promulgated_on": "2024-05-10", "in_force_on": "2024-06-01" })).await;
        let entered = create(&world, SECRETARY, LIST, draft).await.expect(201);
        let path = entered.header("location");
        assert_eq!(entered.json()["calls_for_education"], true);
        let promulgated = |state: &str| json!(["law_promulgated", "2024-05-10", "2024-06-09", state]);
        let in_force = |state: &str| json!(["law_in_force", "2024-06-01", "2024-07-01", state]);
        assert_eq!(opened(&world, &path).await, [promulgated("open"), in_force("upcoming")]);

        // It concerns everybody, who may read it, and is the training manager's to arrange.
        let id = path.rsplit('/').next().unwrap_or_default().to_owned();
        let seen = read(&world, WORKER, &format!("/v1/education-duties?record_id={id}&state=open")).await;
        let duty = &seen["items"][0];
        assert_eq!((&duty["person"], &duty["theme"]), (&Value::Null, &json!("legal_understanding")));
        assert_eq!(duty["subject"], "新しい法律");
        let work = read(&world, TRAINER, "/v1/work-items?limit=200&kind=carry_out").await;
        let mine = work["items"].as_array().into_iter().flatten().find(|item| item["record_id"] == duty["id"]);
        let mine = mine.expect("work");
        assert_eq!(
            (&mine["role"], &mine["title"]),
            (&json!("training_manager"), &json!("関連法令の理解 (法令の公布: 新しい法律)"))
        );

        // Its day comes without anybody doing anything; what is done stays done when the law is amended.
        world.wait(TimeDelta::days(22));
        assert_eq!(opened(&world, &path).await, [promulgated("open"), in_force("open")]);
        let duty = format!("/v1/education-duties/{}", duty["id"].as_str().expect("an id"));
        let done = json!({ "fulfilled_on": "2024-05-20", "evidence": "説明会の出席簿" });
        take(&world, TRAINER, &duty, "fulfilment", done).await.expect(200);
        change(&world, SECRETARY, &path, json!({ "title": "新しい法律（略称）" })).await.expect(200);
        assert_eq!(opened(&world, &path).await, [promulgated("fulfilled"), in_force("open")]);
        let amended = json!({ "promulgated_on": "2024-06-10", "in_force_on": "2024-07-01" });
        change(&world, SECRETARY, &path, amended).await.expect(200);
        let again = json!(["law_promulgated", "2024-06-10", "2024-07-10", "upcoming"]);
        let moved = json!(["law_in_force", "2024-07-01", "2024-07-31", "upcoming"]);
        assert_eq!(opened(&world, &path).await, [promulgated("fulfilled"), again, moved]);
    })
    .await;
}

#[actix_web::test]
async fn what_is_old_is_taught_from_today_on_and_what_is_not_taught_makes_nothing_due() {
    on_both(|world| async move {
        let old = law(&world, json!({ "promulgated_on": "2003-05-30", "in_force_on": "2005-04-01" })).await;
        let path = create(&world, CHAIR, LIST, old).await.expect(201).header("location");
        let promulgated = |state: &str| json!(["law_promulgated", "2003-05-30", "2024-05-01", state]);
        let in_force = |state: &str| json!(["law_in_force", "2005-04-01", "2024-05-01", state]);
        assert_eq!(opened(&world, &path).await, [promulgated("open"), in_force("open")]);
        // It turns out that nobody needs to be taught, and then that everybody does.
        world.wait(TimeDelta::days(10));
        for (calls, state) in [(false, "lapsed"), (true, "open")] {
            change(&world, CHAIR, &path, json!({ "calls_for_education": calls })).await.expect(200);
            assert_eq!(opened(&world, &path).await, [promulgated(state), in_force(state)]);
        }
        let gone = json!({ "retired_on": "2024-04-11", "reason": "廃止された" });
        take(&world, CHAIR, &path, "retirement", gone).await.expect(200);
        assert_eq!(opened(&world, &path).await, [promulgated("lapsed"), in_force("lapsed")]);
        assert_eq!(read(&world, CHAIR, &path).await["allowed_actions"], json!([]));

        let contract = json!({
            "kind": "contract", "counterparty": "取引先", "in_force_on": "2024-04-01", "valid_until": "2024-04-30",
        });
        let contract = create(&world, CHAIR, LIST, law(&world, contract).await).await.expect(201);
        assert_eq!(contract.json()["calls_for_education"], false);
        assert_eq!(opened(&world, &contract.header("location")).await, Vec::<Value>::new());
    })
    .await;
}

#[actix_web::test]
async fn somebody_looks_at_it_again_and_a_contract_by_its_last_day() {
    on_both(|world| async move {
        let contract = json!({
            "kind": "contract", "counterparty": "取引先", "valid_until": "2024-05-10", "next_review_on": "2024-12-31",
        });
        let path = create(&world, SECRETARY, LIST, law(&world, contract).await).await.expect(201).header("location");
        let work = async |who: &str| {
            let list = read(&world, who, "/v1/work-items?limit=200&kind=review").await;
            let items = list["items"].as_array().cloned().unwrap_or_default();
            let of_contract = items.into_iter().find(|item| item["path"] == json!(path));
            of_contract.map(|item| (item["due_on"].clone(), item["overdue"] == true))
        };
        assert_eq!(work(SECRETARY).await, None, "not yet");
        world.wait(TimeDelta::days(10));
        assert_eq!(work(SECRETARY).await, Some((json!("2024-05-10"), false)));
        assert_eq!(work(MANAGER).await, None, "another department's");
        world.wait(TimeDelta::days(30));
        assert_eq!(work(SECRETARY).await, Some((json!("2024-05-10"), true)));
        assert_eq!(read(&world, SECRETARY, &path).await["expired"], true);
        change(&world, SECRETARY, &path, json!({ "valid_until": "2025-05-10" })).await.expect(200);
        assert_eq!(work(SECRETARY).await, None);

        let review =
            |on: &str, next: &str| json!({ "reviewed_on": on, "findings": "変わりない", "next_review_on": next });
        let early = take(&world, SECRETARY, &path, "reviews", review("2024-05-12", "2025-05-01")).await.expect(422);
        assert_eq!(early.faults(), [("/reviewed_on".to_owned(), "future_date".to_owned())]);
        let reviewed = take(&world, SECRETARY, &path, "reviews", review("2024-05-11", "2025-05-01")).await.expect(200);
        let reviewed = reviewed.json();
        assert_eq!(
            (&reviewed["next_review_on"], &reviewed["reviews"][0]["recorded"]["name"]),
            (&json!("2025-05-01"), &json!(SECRETARY))
        );
    })
    .await;
}

#[actix_web::test]
async fn a_department_that_sees_to_something_is_not_abolished() {
    on_both(|world| async move {
        let made = create(&world, SECRETARY, "/v1/departments", json!({ "name": "法務部" })).await.expect(201);
        let seen_to = json!({ "department_id": made.id() });
        let path = create(&world, SECRETARY, LIST, law(&world, seen_to).await).await.expect(201).header("location");
        let (department, over) =
            (made.header("location"), json!({ "abolished_on": "2024-04-01", "reason": "組織変更" }));
        assert_eq!(take(&world, SECRETARY, &department, "abolition", over.clone()).await.expect(409).code(), "in_use");
        let gone = json!({ "retired_on": "2024-04-01", "reason": "対象外" });
        take(&world, SECRETARY, &path, "retirement", gone).await.expect(200);
        take(&world, SECRETARY, &department, "abolition", over).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn departments_keep_their_own_and_workers_do_not_read_them() {
    on_both(|world| async move {
        let own = json!({ "department_id": department(&world, "営業部").await });
        let path = create(&world, MANAGER, LIST, law(&world, own).await).await.expect(201).header("location");
        change(&world, MANAGER, &path, json!({ "remarks": "確認した" })).await.expect(200);
        let other = law(&world, json!({})).await;
        assert_eq!(create(&world, MANAGER, LIST, other.clone()).await.expect(403).code(), "outside_reach");
        let other = create(&world, SECRETARY, LIST, other).await.expect(201).header("location");
        assert_eq!(read(&world, MANAGER, &other).await["allowed_actions"], json!([]));
        assert_eq!(change(&world, MANAGER, &other, json!({ "remarks": "" })).await.expect(403).code(), "outside_reach");
        world.get(&path).person(WORKER).send().await.expect(403);
        world.get(&path).person("林 一郎").send().await.expect(404);
        let nobody = law(&world, json!({ "department_id": null })).await;
        let refused = create(&world, SECRETARY, LIST, nobody).await.expect(422);
        assert_eq!(refused.faults(), [("/department_id".to_owned(), "required_here".to_owned())]);
        let stranger = json!({ "responsible_person_id": "00000000-0000-7000-8000-000000000000" });
        let refused = create(&world, SECRETARY, LIST, law(&world, stranger).await).await.expect(422);
        assert_eq!(refused.faults(), [("/responsible_person_id".to_owned(), "unknown_reference".to_owned())]);
        let seen_to = json!({ "department_id": null, "responsible_person_id": person(&world, WORKER).await });
        create(&world, SECRETARY, LIST, law(&world, seen_to).await).await.expect(201);
    })
    .await;
}
