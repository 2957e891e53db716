//! Education that somebody owes (EDU-5, R-33, SD-8).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, person, read, take},
};

const TOP: &str = "青木 健一";
const TRAINER: &str = "木村 拓";
const HR: &str = "杉本 玲";
/// Manager of 営業部, in which 高橋 works.
const MANAGER: &str = "小林 恵";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/education-duties";

/// What `who` reads of the duties of a query.
async fn duties(world: &World, who: &str, query: &str) -> Vec<Value> {
    read(world, who, &format!("{LIST}?limit=200{query}")).await["items"].as_array().cloned().unwrap_or_default()
}

fn path(duty: &Value) -> String {
    format!("{LIST}/{}", duty["id"].as_str().expect("an id"))
}

/// The path of a duty of 高橋, entered by the training manager.
async fn entered(world: &World) -> String {
    let draft = json!({
        "theme": "compliance", "cause": "broke_rules", "person_id": person(world, WORKER).await, "due_on": "2024-04-30",
        "subject": "無許可の持ち出し",
    });
    create(world, TRAINER, LIST, draft).await.expect(201).header("location")
}

/// What waits for `who`, as path and whether it is overdue.
async fn work(world: &World, who: &str) -> Vec<(String, bool)> {
    let items = read(world, who, "/v1/work-items?limit=200").await["items"].as_array().cloned().unwrap_or_default();
    let owed = items.iter().filter(|item| item["resource"] == "education_duty");
    owed.map(|item| (item["path"].as_str().unwrap_or_default().to_owned(), item["overdue"] == true)).collect()
}

#[actix_web::test]
async fn edu_5_who_joins_owes_a_briefing_on_the_rules() {
    on_both(|world| async move {
        assert_eq!(duties(&world, TRAINER, "&cause=joining").await.len(), 0, "nobody of the sample is new");
        let joiner = json!({ "name": "新井 一", "worker_kind": "regular", "joined_on": "2024-04-01" });
        let joined = create(&world, HR, "/v1/persons", joiner).await.expect(201);
        let owed = duties(&world, TRAINER, "&cause=joining").await;
        assert_eq!(owed.len(), 1, "{owed:?}");
        let duty = &owed[0];
        assert_eq!((&duty["theme"], &duty["state"]), (&json!("regulations_briefing"), &json!("open")));
        assert_eq!((&duty["person"]["name"], &duty["record_id"]), (&json!("新井 一"), &json!(joined.id())));
        assert_eq!((&duty["starts_on"], &duty["due_on"]), (&json!("2024-04-01"), &json!("2024-05-01")));

        // The day is put right: the duty moves with it, and there is still one.
        let who = joined.header("location");
        change(&world, HR, &who, json!({ "joined_on": "2024-04-08" })).await.expect(200);
        let moved = read(&world, TRAINER, &path(duty)).await;
        assert_eq!((&moved["state"], &moved["due_on"]), (&json!("upcoming"), &json!("2024-05-08")));
        assert_eq!(duties(&world, TRAINER, "&cause=joining").await.len(), 1);
        change(&world, HR, &who, json!({ "name": "新井 肇" })).await.expect(200);
        assert_eq!(read(&world, TRAINER, &path(duty)).await["revision"], moved["revision"]);

        // Who never comes owes nothing; who had been here for long before the records began is not new.
        change(&world, HR, &who, json!({ "left_on": "2024-04-09" })).await.expect(200);
        world.wait(TimeDelta::days(9));
        assert_eq!(read(&world, TRAINER, &path(duty)).await["state"], "lapsed");
        assert_eq!(duties(&world, TRAINER, "&cause=joining&state=lapsed").await.len(), 1);
        let veteran = json!({ "name": "古川 茂", "worker_kind": "regular", "joined_on": "2019-04-01" });
        create(&world, HR, "/v1/persons", veteran).await.expect(201);
        assert_eq!(duties(&world, TRAINER, "&cause=joining").await.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn the_days_of_a_joiner_are_the_organizations() {
    on_both(|world| async move {
        let intervals = json!({ "intervals": { "joiner_education_days": 7 } });
        change(&world, SECRETARY, "/v1/organization", intervals).await.expect(200);
        let joiner = json!({ "name": "新井 一", "worker_kind": "contractor", "joined_on": "2024-04-15" });
        create(&world, HR, "/v1/persons", joiner).await.expect(201);
        let owed = duties(&world, TRAINER, "&cause=joining").await;
        assert_eq!((&owed[0]["due_on"], &owed[0]["state"]), (&json!("2024-04-22"), &json!("upcoming")));
    })
    .await;
}

#[actix_web::test]
async fn a_duty_is_entered_done_and_seen_by_those_whom_it_concerns() {
    on_both(|world| async move {
        let path = entered(&world).await;
        for who in [WORKER, MANAGER, SECRETARY] {
            assert_eq!(read(&world, who, &path).await["subject"], "無許可の持ち出し", "{who}");
        }
        world.get(&path).person("千葉 理恵").send().await.expect(404);
        world.get(&path).person("林 一郎").send().await.expect(404);
        assert_eq!(read(&world, WORKER, &path).await["allowed_actions"], json!([]));
        assert_eq!(work(&world, WORKER).await, [(path.clone(), false)], "it waits for who owes it");
        assert_eq!(work(&world, TRAINER).await, []);
        world.wait(TimeDelta::days(30));
        assert_eq!(work(&world, TRAINER).await, [(path.clone(), true)], "and, overdue, for the training manager");
        assert_eq!(duties(&world, TRAINER, "&overdue=true").await.len(), 1);

        let done = json!({ "fulfilled_on": "2024-05-01", "evidence": "面談の記録" });
        take(&world, WORKER, &path, "fulfilment", done.clone()).await.expect(403);
        let late = json!({ "fulfilled_on": "2024-05-02", "evidence": "面談の記録" });
        let refused = take(&world, TRAINER, &path, "fulfilment", late).await.expect(422);
        assert_eq!(refused.faults(), [("/fulfilled_on".to_owned(), "future_date".to_owned())]);
        let early = json!({ "fulfilled_on": "2024-03-31", "evidence": "面談の記録" });
        let refused = take(&world, TRAINER, &path, "fulfilment", early).await.expect(422);
        assert_eq!(refused.faults(), [("/fulfilled_on".to_owned(), "date_order".to_owned())]);
        let fulfilled = take(&world, TRAINER, &path, "fulfilment", done.clone()).await.expect(200).json();
        assert_eq!((&fulfilled["state"], &fulfilled["overdue"]), (&json!("fulfilled"), &json!(false)));
        assert_eq!(fulfilled["fulfilment"]["recorded"]["name"], TRAINER);
        take(&world, TRAINER, &path, "fulfilment", done).await.expect(409);
        assert_eq!(work(&world, WORKER).await, []);
    })
    .await;
}

#[actix_web::test]
async fn by_hand_only_what_no_record_tells() {
    on_both(|world| async move {
        let draft = json!({ "theme": "compliance", "cause": "joining", "due_on": "2024-03-01" });
        let refused = create(&world, TRAINER, LIST, draft.clone()).await.expect(422);
        let expected = [("/cause", "not_in_list"), ("/person_id", "required_here"), ("/due_on", "date_order")];
        assert_eq!(refused.faults(), expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
        create(&world, HR, LIST, draft).await.expect(403);
    })
    .await;
}

#[actix_web::test]
async fn sd_8_nobody_waives_what_they_owe_themselves() {
    on_both(|world| async move {
        let (path, because) = (entered(&world).await, json!({ "reason": "規則の方が改められた" }));
        let waived = take(&world, TRAINER, &path, "waiver", because.clone()).await.expect(200).json();
        assert_eq!((&waived["state"], &waived["waiver"]["reason"]), (&json!("waived"), &because["reason"]));

        let own = json!({
            "theme": "compliance", "cause": "returned_from_leave", "person_id": person(&world, TRAINER).await,
            "due_on": "2024-04-30",
        });
        let own = create(&world, TRAINER, LIST, own).await.expect(201).header("location");
        assert_eq!(read(&world, TRAINER, &own).await["allowed_actions"], json!(["fulfil"]));
        let refused = take(&world, TRAINER, &own, "waiver", because.clone()).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-8")));
        take(&world, TOP, &own, "waiver", because).await.expect(200);
    })
    .await;
}
