//! Reviews of the context: climate change (Amd 1:2024), and no risk and no opportunity without an answer (6.1.1).

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, person, read, take},
};

const TOP: &str = "青木 健一";
const AUDITOR: &str = "大野 誠";
const LIST: &str = "/v1/context-reviews";

fn draft() -> Value {
    json!({ "reviewed_on": "2024-04-01", "changes": "法改正があった", "climate_change_relevant": false,
        "climate_change_reason": "拠点は高台にあり、設備は二重にしてある" })
}

/// The rows of a review, as text and movement.
async fn moved(world: &World, review: &str) -> Vec<(String, String)> {
    let rows = read(world, SECRETARY, &format!("{review}/rows")).await;
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let rows = rows["rows"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| (text(row, "text"), text(row, "movement"))).collect()
}

/// A review in force, whose number is `number`.
async fn in_force(world: &World) -> Value {
    read(world, SECRETARY, &format!("{LIST}?state=in_force")).await["items"][0].clone()
}

#[actix_web::test]
async fn a_review_answers_on_climate_change_and_on_every_row_before_it_is_handed_in() {
    on_both(|world| async move {
        let issue = json!({ "issue_type": "external", "issue": "電力の逼迫", "risk": "停電", "opportunity": "節電" });
        let issue = create(&world, SECRETARY, "/v1/context-issues", issue).await.expect(201);
        let mut open = draft();
        open["climate_change_relevant"] = Value::Null;
        open["climate_change_reason"] = json!("");
        let path = create(&world, SECRETARY, LIST, open).await.expect(201).header("location");
        let rows = read(&world, SECRETARY, &format!("{path}/rows")).await;
        assert_eq!((rows["rows"].as_array().map(Vec::len), &rows["unanswered"]), (Some(12), &json!(1)));
        assert_eq!((&rows["rows"][4]["answered"], &rows["kept"]), (&json!(false), &json!(false)));

        let refused = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        let expected = ["/climate_change_relevant", "/climate_change_reason", "/rows/4"];
        assert_eq!(refused.code(), "not_ready");
        assert_eq!(refused.faults(), expected.map(|at| (at.to_owned(), "required".to_owned())));
        assert_eq!(refused.json()["errors"][2]["params"]["subject"], "電力の逼迫");

        // An action answers the row; one that turned out to be without effect answers it no more.
        let answer = json!({ "climate_change_relevant": true, "climate_change_reason": "停電が業務を止める" });
        change(&world, SECRETARY, &path, answer).await.expect(200);
        let action = json!({ "issue_id": issue.id(), "addresses": "risk", "action": "無停電電源を置く",
            "responsible_person_id": person(&world, SECRETARY).await, "due_on": "2024-04-01" });
        let action = create(&world, SECRETARY, "/v1/context-actions", action).await.expect(201).header("location");
        assert_eq!(read(&world, SECRETARY, &format!("{path}/rows")).await["unanswered"], 0);
        let done = json!({ "done_on": "2024-04-01", "result": "置いた" });
        take(&world, SECRETARY, &action, "completion", done).await.expect(200);
        let judged = json!({ "evaluated_on": "2024-04-01", "effective": false, "remarks": "10分しかもたない" });
        take(&world, SECRETARY, &action, "effectiveness", judged).await.expect(200);
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        let because = json!({ "no_action_because": "夜間の停電は受け入れる" });
        change(&world, SECRETARY, &issue.header("location"), because).await.expect(200);
        let handed_in = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200).json();
        assert_eq!(handed_in["state"], "submitted");
    })
    .await;
}

#[actix_web::test]
async fn an_approved_review_keeps_its_rows_and_the_next_one_says_what_moved() {
    on_both(|world| async move {
        let path = create(&world, SECRETARY, LIST, draft()).await.expect(201).header("location");
        assert!(moved(&world, &path).await.iter().all(|(_, movement)| movement == "unchanged"));
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let kept = read(&world, SECRETARY, &format!("{path}/rows")).await;
        assert_eq!((kept["rows"].as_array().map(Vec::len), &kept["kept"]), (Some(11), &json!(true)));

        // Somebody else reads it only when it is in force; who prepared it does not approve it (SD-1).
        world.get(&path).person(AUDITOR).send().await.expect(404);
        let refused = take(&world, SECRETARY, &path, "approval", json!({})).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
        let before = in_force(&world).await;
        let approved = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["approved"]["name"]), (&json!("in_force"), &json!(TOP)));
        assert_eq!(in_force(&world).await["id"], approved["id"]);
        // the people who work here are told within a week.
        assert_eq!(approved["communication_due_on"], "2024-04-08");
        let work = read(&world, SECRETARY, "/v1/work-items?kind=carry_out&limit=200").await;
        let waits =
            |work: &Value| work["items"].as_array().is_some_and(|all| all.iter().any(|one| one["path"] == path));
        assert!(waits(&work));
        let told = json!({ "communicated_on": "2024-04-01", "means": "朝礼" });
        let told_of = take(&world, SECRETARY, &path, "communication", told.clone()).await.expect(200).json();
        assert_eq!(told_of["communicated"]["in_time"], true);
        assert_eq!(take(&world, SECRETARY, &path, "communication", told).await.expect(409).json()["rule"], "R-21");
        assert!(!waits(&read(&world, SECRETARY, "/v1/work-items?kind=carry_out&limit=200").await));
        let before = read(&world, SECRETARY, &format!("{LIST}/{}", before["id"].as_str().expect("an id"))).await;
        assert_eq!(before["state"], "superseded");
        world.get(&path).person(AUDITOR).send().await.expect(200);
        let refused = change(&world, SECRETARY, &path, json!({ "changes": "別の" })).await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-12");

        // What happens afterwards leaves it alone, and shows in the next review.
        let first = format!("/v1/context-issues/{}", world.first_id("/v1/context-issues").await);
        change(&world, SECRETARY, &first, json!({ "risk": "取引を失う" })).await.expect(200);
        let party = format!("/v1/interested-parties/{}", world.first_id("/v1/interested-parties?q=株主").await);
        let gone = json!({ "retired_on": "2024-04-01", "reason": "非公開会社になった" });
        take(&world, SECRETARY, &party, "retirement", gone).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &format!("{path}/rows")).await, kept);
        let next = create(&world, SECRETARY, LIST, draft()).await.expect(201).header("location");
        let moved: Vec<(String, String)> =
            moved(&world, &next).await.into_iter().filter(|(_, movement)| movement != "unchanged").collect();
        let expected = [
            ("個人情報と機密情報を狙う攻撃や新しい脅威から守ること", "changed"),
            ("情報の事故を起こさないこと", "dropped"),
        ];
        assert_eq!(moved, expected.map(|(text, movement)| (text.to_owned(), movement.to_owned())));
    })
    .await;
}

#[actix_web::test]
async fn a_returned_review_takes_the_rows_anew() {
    on_both(|world| async move {
        let path = create(&world, SECRETARY, LIST, draft()).await.expect(201).header("location");
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let back = take(&world, TOP, &path, "return", json!({ "reason": "株主を見直すこと" })).await.expect(200).json();
        assert_eq!((&back["state"], &back["sign_off"]["state"]), (&json!("draft"), &json!("returned")));
        let issue = format!("/v1/context-issues/{}", world.first_id("/v1/context-issues").await);
        change(&world, SECRETARY, &issue, json!({ "opportunity": "新しい商い" })).await.expect(200);
        assert_eq!(moved(&world, &path).await[0].1, "changed");
        let work = read(&world, SECRETARY, "/v1/work-items?kind=mend").await;
        assert_eq!(work["items"][0]["path"], json!(path));
    })
    .await;
}

#[actix_web::test]
async fn five_people_review_their_context_themselves() {
    on_both(|world| async move {
        const HAYASHI: &str = "林 一郎";
        const MORI: &str = "森 正子";
        let issue = json!({ "issue_type": "internal", "issue": "一人が多くの役を持つ", "risk": "見落とし",
            "opportunity": "早い判断" });
        let issue = create(&world, HAYASHI, "/v1/context-issues", issue).await.expect(201);
        let me = read(&world, HAYASHI, "/v1/me").await["person"]["id"].clone();
        let action = json!({ "issue_id": issue.id(), "addresses": "risk", "action": "互いに点検する",
            "responsible_person_id": me, "due_on": "2024-06-28" });
        create(&world, HAYASHI, "/v1/context-actions", action).await.expect(201);
        let path = create(&world, HAYASHI, LIST, draft()).await.expect(201).header("location");
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        let done = take(&world, MORI, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&done["state"], &done["version"]), (&json!("in_force"), &json!(1)));
    })
    .await;
}
