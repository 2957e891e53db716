//! The duties of everybody who works here, in versions.

use serde_json::{Value, json};

use crate::{
    harness::on_both,
    planning::steps::{SECRETARY, change, create, read, take},
};

const LIST: &str = "/v1/obligations";
const TOP: &str = "青木 健一";
const WORKER: &str = "高橋 花";

#[actix_web::test]
async fn everybody_reads_the_duties_that_hold_and_nobody_the_drafts_of_others() {
    on_both(|world| async move {
        let held = read(&world, WORKER, LIST).await;
        assert_eq!((held["items"].as_array().map(Vec::len), &held["items"][0]["state"]), (Some(1), &json!("in_force")));
        let phases =
            held["items"][0]["obligations"].as_array().expect("duties").iter().map(|one| one["phases"].clone());
        let phases: Vec<Value> = phases.collect();
        assert_eq!(phases[2], json!(["at_termination"]));
        let draft = json!({ "title": "従業者の責務", "obligations": [
            { "text": "外で仕事の話をしない", "phases": ["during_employment", "after_termination"] }] });
        let path = create(&world, SECRETARY, LIST, draft).await.expect(201).header("location");
        world.get(&path).person(WORKER).send().await.expect(404);
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let refused = change(&world, SECRETARY, &path, json!({ "title": "別の" })).await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-12");
        assert_eq!(take(&world, SECRETARY, &path, "approval", json!({})).await.expect(403).code(), "not_granted");
        let done = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&done["state"], &done["version"]), (&json!("in_force"), &json!(2)));
        let states = read(&world, WORKER, LIST).await;
        let states: Vec<_> = states["items"].as_array().expect("versions").iter().map(|one| &one["state"]).collect();
        assert_eq!(states, ["superseded", "in_force"]);
    })
    .await;
}

#[actix_web::test]
async fn five_people_put_the_shipped_duties_in_force() {
    on_both(|world| async move {
        const HAYASHI: &str = "林 一郎";
        let shipped = read(&world, HAYASHI, LIST).await["items"][0].clone();
        assert_eq!((&shipped["state"], shipped["obligations"].as_array().map(Vec::len)), (&json!("draft"), Some(4)));
        let path = format!("{LIST}/{}", shipped["id"].as_str().expect("an id"));
        change(&world, HAYASHI, &path, json!({ "title": "工房の決まり" })).await.expect(200);
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        take(&world, "森 正子", &path, "approval", json!({})).await.expect(200);
        assert_eq!(read(&world, "辻 四郎", &path).await["title"], "工房の決まり");
    })
    .await;
}
