//! Acknowledgements: everybody for themselves, of the edition in force; who is missing.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{Reply, World, on_both},
    planning::steps::{SECRETARY, change, create, person, read, take},
};

const LIST: &str = "/v1/acknowledgements";
const GAPS: &str = "/v1/acknowledgement-gaps?limit=200";
const TOP: &str = "青木 健一";
const TRAINER: &str = "木村 拓";
const MANAGER: &str = "小林 恵";
/// In the department of the manager; was not at the training.
const ABSENT: &str = "中村 隆";
/// Of another department; was not there either.
const ELSEWHERE: &str = "西川 悟";

/// `who` records that `of` acknowledged this.
async fn recorded(world: &World, who: &str, of: &str, item: &str, source: &str) -> Reply {
    let draft = json!({ "person_id": person(world, of).await, "item": item, "acknowledged_on": "2024-04-01",
        "source": source });
    create(world, who, LIST, draft).await
}

/// Who owes what, as `who` sees it.
async fn owed(world: &World, who: &str) -> Vec<(String, String)> {
    let list = read(world, who, GAPS).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let gaps = list["items"].as_array().expect("gaps");
    gaps.iter().map(|gap| (text(&gap["person"]["name"]), text(&gap["item"]))).collect()
}

/// Missing and percent of an item, as top management sees it.
async fn count(world: &World, item: &str) -> (Value, Value) {
    let summary = read(world, TOP, "/v1/acknowledgement-summary").await;
    let counts = summary["counts"].as_array().cloned().unwrap_or_default();
    let found = counts.into_iter().find(|count| count["item"] == item).expect("a count");
    (found["missing"].clone(), found["percent"].clone())
}

#[actix_web::test]
async fn everybody_acknowledges_for_themselves_and_owes_it_until_then() {
    on_both(|world| async move {
        let all = ["policy", "contribution", "consequences", "obligations"];
        let expected: Vec<_> = all.iter().map(|item| (ABSENT.to_owned(), (*item).to_owned())).collect();
        assert_eq!(owed(&world, ABSENT).await, expected);
        let work = read(&world, ABSENT, "/v1/work-items?kind=carry_out&limit=200").await;
        let of_me = |item: &&Value| item["resource"] == "acknowledgement";
        let paths = work["items"].as_array().expect("work").iter().filter(of_me).map(|item| item["path"].clone());
        let paths: Vec<Value> = paths.collect();
        assert_eq!(paths.len(), 2, "the policy and the duties");
        for path in paths {
            read(&world, ABSENT, path.as_str().expect("a path")).await;
        }
        for item in all {
            let one = recorded(&world, ABSENT, ABSENT, item, "own").await.expect(201).json();
            assert_eq!((&one["on_behalf"], &one["counts"]), (&json!(false), &json!(true)));
        }
        assert_eq!(owed(&world, ABSENT).await, []);
        let again = recorded(&world, ABSENT, ABSENT, "policy", "own").await.expect(409).json();
        assert_eq!((&again["code"], &again["params"]["field"]), (&json!("already_exists"), &json!("/item")));
        // Nobody speaks for others, and nobody reads about them.
        assert_eq!(recorded(&world, ABSENT, ELSEWHERE, "policy", "paper").await.expect(403).code(), "outside_reach");
        let mine = read(&world, ABSENT, LIST).await;
        assert!(mine["items"].as_array().expect("own").iter().all(|one| one["person"]["name"] == ABSENT));
        world.get("/v1/acknowledgement-summary").person(ABSENT).send().await.expect(403);
    })
    .await;
}

#[actix_web::test]
async fn what_was_said_on_paper_is_recorded_and_marked() {
    on_both(|world| async move {
        let path = recorded(&world, TRAINER, ELSEWHERE, "obligations", "training").await.expect(201);
        let one = path.json();
        assert_eq!((&one["on_behalf"], &one["recorded"]["name"]), (&json!(true), &json!(TRAINER)));
        let refused = recorded(&world, SECRETARY, ELSEWHERE, "policy", "own").await.expect(422);
        assert_eq!(refused.faults(), [("/source".to_owned(), "contradiction".to_owned())]);
        let path = path.header("location");
        let voided = take(&world, SECRETARY, &path, "voiding", json!({ "reason": "別の人の署名だった" })).await;
        assert_eq!(voided.expect(200).json()["counts"], false);
        assert!(owed(&world, SECRETARY).await.contains(&(ELSEWHERE.to_owned(), "obligations".to_owned())));
        recorded(&world, SECRETARY, ELSEWHERE, "obligations", "paper").await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn who_is_missing_is_seen_within_reach_and_top_management_sees_numbers() {
    on_both(|world| async move {
        let names = async |who: &str| {
            let mut names: Vec<_> = owed(&world, who).await.into_iter().map(|(name, _)| name).collect();
            names.dedup();
            names
        };
        assert_eq!(names(SECRETARY).await, [ABSENT, ELSEWHERE]);
        assert_eq!(names(MANAGER).await, [ABSENT]);
        assert_eq!(names(TOP).await, Vec::<String>::new());
        assert_eq!(count(&world, "policy").await, (json!(2), json!(88)));
        // Who has left counts in neither number, who joins in both.
        let path = format!("/v1/persons/{}", person(&world, ELSEWHERE).await);
        change(&world, SECRETARY, &path, json!({ "left_on": "2024-04-01" })).await.expect(200);
        assert_eq!(count(&world, "policy").await, (json!(2), json!(88)), "the last day is a day of work");
        world.wait(TimeDelta::days(1));
        assert_eq!(count(&world, "policy").await, (json!(1), json!(93)));
        assert_eq!(names(SECRETARY).await, [ABSENT]);
        let new = json!({ "name": "新田 実", "worker_kind": "regular", "joined_on": "2024-04-02" });
        create(&world, SECRETARY, "/v1/persons", new).await.expect(201);
        assert_eq!(count(&world, "policy").await, (json!(2), json!(88)));
    })
    .await;
}

#[actix_web::test]
async fn nothing_counts_for_an_older_edition() {
    on_both(|world| async move {
        let before = read(&world, SECRETARY, &format!("{LIST}?item=obligations&limit=1")).await["items"][0].clone();
        let path = format!("{LIST}/{}", before["id"].as_str().expect("an id"));
        let draft =
            json!({ "title": "改めた責務", "obligations": [{ "text": "守る", "phases": ["during_employment"] }] });
        let duties = create(&world, SECRETARY, "/v1/obligations", draft).await.expect(201).header("location");
        take(&world, SECRETARY, &duties, "submission", Value::Null).await.expect(200);
        take(&world, TOP, &duties, "approval", json!({})).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &path).await["counts"], false);
        assert_eq!(count(&world, "obligations").await, (json!(17), json!(0)));
        assert_eq!(count(&world, "policy").await.0, json!(2), "what was said of the policy stands");
        let one = recorded(&world, ABSENT, ABSENT, "obligations", "own").await.expect(201).json();
        assert_eq!(one["edition"]["version"], 2);
    })
    .await;
}

#[actix_web::test]
async fn five_people_owe_nothing_before_something_is_in_force() {
    on_both(|world| async move {
        const HAYASHI: &str = "林 一郎";
        let me = read(&world, HAYASHI, "/v1/me").await["person"]["id"].clone();
        let draft = json!({ "person_id": me, "item": "obligations", "acknowledged_on": "2024-04-01", "source": "own" });
        assert_eq!(create(&world, HAYASHI, LIST, draft.clone()).await.expect(409).code(), "not_ready");
        assert_eq!(owed(&world, HAYASHI).await, []);
        let shipped = read(&world, HAYASHI, "/v1/obligations").await["items"][0]["id"].clone();
        let path = format!("/v1/obligations/{}", shipped.as_str().expect("an id"));
        change(&world, HAYASHI, &path, json!({ "title": "工房の決まり" })).await.expect(200);
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        take(&world, "森 正子", &path, "approval", json!({})).await.expect(200);
        assert_eq!(owed(&world, HAYASHI).await.len(), 5, "everybody, top management too");
        create(&world, HAYASHI, LIST, draft).await.expect(201);
        assert_eq!(owed(&world, HAYASHI).await.len(), 4);
    })
    .await;
}
