//! Education campaigns from the plan to the training record (§5.5, R-28, R-33, EFF-1 to EFF-5).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{Reply, World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const TRAINER: &str = "木村 拓";
const HR: &str = "杉本 玲";
/// System administrator, who reads no training records.
const KEEPER: &str = "斎藤 翔";
/// Manager of 営業部, in which 高橋 and 中村 work too.
const MANAGER: &str = "小林 恵";
const WORKER: &str = "高橋 花";
const HEAD: &str = "中村 隆";
const LIST: &str = "/v1/education-campaigns";
const TEXT: &str = "# ハンドブック\n方針を守る\n";

/// A plan for 営業部; `patch` replaces fields or adds them.
async fn draft(world: &World, patch: Value) -> Value {
    let department = id_of(world, SECRETARY, "/v1/departments?limit=200", "name", "営業部").await;
    let mut draft = json!({
        "name": "営業部の教育", "fiscal_year": 2024, "themes": ["threat_alert", "compliance"],
        "purpose": "標的型メールに備える", "audience": { "kind": "departments", "department_ids": [department] },
        "delivery_methods": ["e_learning", "group_training"], "contents": ["標的型攻撃の見分け方"],
        "period_start": "2024-04-01", "period_end": "2024-04-30",
        "survey": [
            { "text": "役に立ちましたか", "kind": "scale" },
            { "text": "長さ", "kind": "choice", "choices": ["短い", "適切", "長い"] },
            { "text": "意見", "kind": "text" },
        ],
    });
    for (field, value) in patch.as_object().into_iter().flatten() {
        draft[field] = value.clone();
    }
    draft
}

/// The path of a campaign that is approved.
async fn approved(world: &World, patch: Value) -> String {
    let path = create(world, TRAINER, LIST, draft(world, patch).await).await.expect(201).header("location");
    take(world, TRAINER, &path, "submission", Value::Null).await.expect(200);
    take(world, TOP, &path, "approval", json!({})).await.expect(200);
    path
}

/// The path of a campaign that is open.
async fn open(world: &World, patch: Value) -> String {
    let path = approved(world, patch).await;
    take(world, TRAINER, &path, "opening", Value::Null).await.expect(200);
    path
}

fn id(path: &str) -> &str {
    path.rsplit('/').next().expect("an id")
}

/// What `who` reads of the enrolments in a campaign.
async fn enrolments(world: &World, who: &str, campaign: &str) -> Vec<Value> {
    let list = read(world, who, &format!("/v1/enrolments?limit=200&campaign_id={}", id(campaign))).await;
    list["items"].as_array().cloned().unwrap_or_default()
}

/// The path of the enrolment of somebody in a campaign.
async fn enrolment(world: &World, campaign: &str, name: &str) -> String {
    let all = enrolments(world, TRAINER, campaign).await;
    let found =
        all.iter().find(|one| one["person"]["name"] == name).unwrap_or_else(|| panic!("no enrolment of {name}"));
    format!("/v1/enrolments/{}", found["id"].as_str().expect("an id"))
}

/// What waits for `who` of one kind of record, as path and title.
async fn work(world: &World, who: &str, resource: &str, path: &str) -> usize {
    let items = read(world, who, "/v1/work-items?limit=200").await["items"].as_array().cloned().unwrap_or_default();
    items.iter().filter(|item| item["resource"] == resource && item["path"] == path).count()
}

async fn figures(world: &World, who: &str, campaign: &str) -> Value {
    read(world, who, &format!("{campaign}/effectiveness")).await
}

fn refused(reply: &Reply) -> (u16, String, String) {
    let pointer = reply.json()["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned();
    (reply.status.as_u16(), reply.code(), pointer)
}

#[actix_web::test]
async fn a_campaign_goes_from_the_plan_to_the_training_record() {
    on_both(|world| async move {
        let made = create(&world, TRAINER, LIST, draft(&world, json!({})).await).await.expect(201);
        let path = made.header("location");
        assert_eq!(made.json()["audience_members"][0]["name"], "営業部");
        take(&world, TRAINER, &path, "opening", Value::Null).await.expect(409);
        take(&world, TRAINER, &path, "submission", Value::Null).await.expect(200);
        take(&world, TRAINER, &path, "approval", json!({})).await.expect(403);
        assert_eq!(work(&world, TOP, "education_plan", &path).await, 1, "the plan waits for top management");
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
        take(&world, SECRETARY, &path, "opening", Value::Null).await.expect(403);
        assert_eq!(work(&world, TRAINER, "education_plan", &path).await, 1, "it waits to be opened");
        let opened = take(&world, TRAINER, &path, "opening", Value::Null).await.expect(200).json();
        assert_eq!((&opened["state"], &opened["opened"]["name"]), (&json!("open"), &json!(TRAINER)));

        // The audience became learners, and each was invited.
        let all = enrolments(&world, TRAINER, &path).await;
        let mut names: Vec<_> = all.iter().map(|one| one["person"]["name"].as_str().expect("a name")).collect();
        names.sort_unstable();
        assert_eq!(names, [HEAD, MANAGER, WORKER]);
        assert!(all.iter().all(|one| one["state"] == "invited" && !one["invited_at"].is_null()), "{all:?}");
        let notices = read(&world, TRAINER, "/v1/notices?kind=education_invitation&limit=200").await;
        let invited =
            |one: &&Value| one["subject"] == "【受講案内】営業部の教育" && !one["education_enrolment_id"].is_null();
        assert_eq!(notices["items"].as_array().expect("notices").iter().filter(invited).count(), 3);

        // A learner begins and confirms; of another the training manager records it.
        let mine = enrolment(&world, &path, WORKER).await;
        assert_eq!(work(&world, WORKER, "training_record", &mine).await, 1);
        take(&world, TRAINER, &mine, "start", Value::Null).await.expect(403);
        take(&world, WORKER, &mine, "start", Value::Null).await.expect(200);
        let done = take(&world, WORKER, &mine, "confirmation", Value::Null).await.expect(200).json();
        assert_eq!((&done["state"], &done["completion"]["basis"]), (&json!("completed"), &json!("reading")));
        assert_eq!(work(&world, WORKER, "training_record", &mine).await, 0);
        take(&world, WORKER, &mine, "confirmation", Value::Null).await.expect(409);
        let managers = enrolment(&world, &path, MANAGER).await;
        let attended = json!({ "completed_on": "2024-04-01" });
        let unread = world.post(format!("{managers}/attendance")).person(WORKER).header("if-match", "\"1\"");
        unread.json(attended.clone()).send().await.expect(404);
        take(&world, MANAGER, &managers, "attendance", attended.clone()).await.expect(403);
        take(&world, TRAINER, &managers, "attendance", attended).await.expect(200);
        let reminded = world.post(format!("{path}/reminders")).person(TRAINER).send().await.expect(201);
        assert_eq!(reminded.json()["reminded"], 1);

        // More time, and the end.
        let more = json!({ "period_end": "2024-05-10", "reason": "出張中の者がいる" });
        let extended = take(&world, TRAINER, &path, "extension", more).await.expect(200).json();
        assert_eq!(extended["extensions"][0]["extended"]["reason"], "出張中の者がいる");
        let heads = enrolment(&world, &path, HEAD).await;
        assert_eq!(read(&world, TRAINER, &heads).await["due_on"], "2024-05-10");
        world.wait(TimeDelta::days(40));
        assert_eq!(read(&world, HEAD, &heads).await["overdue"], true);
        assert_eq!(read(&world, TRAINER, &path).await["overdue"], true);
        take(&world, TRAINER, &path, "closure", Value::Null).await.expect(200);
        assert_eq!(read(&world, HEAD, &heads).await["state"], "incomplete");
        let owed = read(&world, TRAINER, &format!("/v1/education-duties?record_id={}", id(&path))).await;
        let owed = owed["items"].as_array().expect("duties");
        assert_eq!(owed.len(), 2, "one for each theme: {owed:?}");
        assert!(owed.iter().all(|one| one["cause"] == "missed_campaign" && one["person"]["name"] == HEAD), "{owed:?}");

        // The training record keeps the list of learners.
        let list = format!("{path}/learners");
        assert_eq!(read(&world, TRAINER, &list).await["kept"], false);
        take(&world, TRAINER, &path, "record-submission", Value::Null).await.expect(409);
        let record = json!({ "summary": "標的型攻撃を教育した", "target": "営業部の従業者" });
        take(&world, TRAINER, &path, "record", record.clone()).await.expect(200);
        let handed_in = take(&world, TRAINER, &path, "record-submission", Value::Null).await.expect(200).json();
        let result = &handed_in["record"]["figures"];
        assert_eq!((&result["population"], &result["completed"]), (&json!(3), &json!(2)));
        assert_eq!(result["completion_rate"], json!({ "part": 2, "whole": 3, "percent": "66.6" }));
        assert_eq!(result["pass_rate"], Value::Null, "there is no test");
        take(&world, TRAINER, &path, "record", record).await.expect(409);
        take(&world, TRAINER, &path, "record-approval", json!({})).await.expect(403);
        assert_eq!(work(&world, CHAIR, "education_plan", &path).await, 1);
        let recorded = take(&world, CHAIR, &path, "record-approval", json!({})).await.expect(200).json();
        assert_eq!((&recorded["state"], &recorded["allowed_actions"]), (&json!("recorded"), &json!([])));
        let moved = json!({ "name": "中村 隆二" });
        change(&world, HR, &format!("/v1/persons/{}", person(&world, HEAD).await), moved).await.expect(200);
        let kept = read(&world, CHAIR, &list).await;
        let rows: Vec<_> =
            kept["rows"].as_array().expect("rows").iter().map(|row| (&row["person"]["name"], &row["state"])).collect();
        assert_eq!(kept["kept"], true);
        assert!(rows.contains(&(&json!(HEAD), &json!("incomplete"))), "the name of that day: {rows:?}");
        let seen = |who: &'static str| {
            let (world, list) = (&world, &list);
            async move { read(world, who, list).await["rows"].as_array().expect("rows").len() }
        };
        assert_eq!((seen(MANAGER).await, seen(WORKER).await), (3, 1), "a department, and oneself");
        let information = read(&world, SECRETARY, "/v1/documented-information").await;
        let evidence = information["rows"][5]["records"].as_array().expect("records");
        assert!(evidence.iter().any(|one| one["resource"] == "training_record"), "{evidence:?}");
    })
    .await;
}

#[actix_web::test]
async fn r_28_who_joins_takes_part_and_who_leaves_counts_no_more() {
    on_both(|world| async move {
        let path = open(&world, json!({})).await;
        let department = id_of(&world, SECRETARY, "/v1/departments?limit=200", "name", "営業部").await;
        world.wait(TimeDelta::days(9));
        let joiner = json!({
            "name": "新井 一", "worker_kind": "regular", "joined_on": "2024-04-10", "department_id": department,
        });
        let joined = create(&world, HR, "/v1/persons", joiner.clone()).await.expect(201).header("location");
        let elsewhere = json!({ "name": "古川 茂", "worker_kind": "regular", "joined_on": "2024-04-10" });
        create(&world, HR, "/v1/persons", elsewhere).await.expect(201);
        let all = enrolments(&world, TRAINER, &path).await;
        assert_eq!(all.len(), 4);
        let new = read(&world, TRAINER, &enrolment(&world, &path, "新井 一").await).await;
        assert_eq!((&new["due_on"], &new["joined_within"]), (&json!("2024-05-10"), &json!(true)));
        let now = figures(&world, TRAINER, &path).await["figures"].clone();
        assert_eq!((&now["population"], &now["not_yet_due"]), (&json!(3), &json!(1)), "not before the own due date");

        // EFF-4: who leaves before it is closed counts in neither number, also when done.
        for who in [WORKER, HEAD] {
            let own = enrolment(&world, &path, who).await;
            take(&world, who, &own, "confirmation", Value::Null).await.expect(200);
        }
        change(
            &world,
            HR,
            &format!("/v1/persons/{}", person(&world, WORKER).await),
            json!({ "left_on": "2024-04-12" }),
        )
        .await
        .expect(200);
        assert_eq!(figures(&world, TRAINER, &path).await["figures"]["completed"], 2, "still at work");
        world.wait(TimeDelta::days(3));
        let now = figures(&world, TRAINER, &path).await["figures"].clone();
        assert_eq!(now["completion_rate"], json!({ "part": 1, "whole": 2, "percent": "50.0" }));
        assert_eq!(now["excluded"][0], json!({ "ground": "left", "count": 1 }));
        let gone = read(&world, TRAINER, "/v1/enrolments?state=excluded&limit=200").await;
        let gone = gone["items"].as_array().expect("items").iter().filter(|one| one["campaign"]["id"] == id(&path));
        assert_eq!(gone.count(), 1);

        // Closed before the own due date: the joiner is out, and owes it by that day.
        take(&world, TRAINER, &path, "closure", Value::Null).await.expect(200);
        let new = read(&world, TRAINER, &enrolment(&world, &path, "新井 一").await).await;
        assert_eq!((&new["state"], &new["exclusion"]["ground"]), (&json!("excluded"), &json!("not_yet_due")));
        let owed = read(&world, TRAINER, &format!("/v1/education-duties?record_id={}&limit=200", id(&path))).await;
        let of_joiner: Vec<_> =
            owed["items"].as_array().expect("duties").iter().filter(|one| one["person"]["name"] == "新井 一").collect();
        assert!(of_joiner.len() == 2 && of_joiner.iter().all(|one| one["due_on"] == "2024-05-10"), "{of_joiner:?}");
        let late = json!({ "left_on": "2024-04-14" });
        change(&world, HR, &joined, late).await.expect(200);
        let mut another = joiner;
        another["name"] = json!("新井 二");
        create(&world, HR, "/v1/persons", another).await.expect(201);
        assert_eq!(enrolments(&world, TRAINER, &path).await.len(), 4, "a closed campaign takes nobody");
    })
    .await;
}

#[actix_web::test]
async fn who_is_on_leave_does_not_count_and_owes_it_on_return() {
    on_both(|world| async move {
        let path = open(&world, json!({})).await;
        let own = enrolment(&world, &path, HEAD).await;
        let leave = |on: &str| json!({ "returns_on": on, "reason": "育児休業" });
        let early = take(&world, TRAINER, &own, "exclusion", leave("2024-04-30")).await;
        assert_eq!(refused(&early), (422, "invalid".into(), "/returns_on".into()));
        take(&world, TRAINER, &own, "exclusion", leave("2024-10-01")).await.expect(200);
        assert_eq!(figures(&world, TRAINER, &path).await["figures"]["population"], 2);
        take(&world, HEAD, &own, "confirmation", Value::Null).await.expect(409);
        take(&world, TRAINER, &own, "reinstatement", Value::Null).await.expect(200);
        take(&world, TRAINER, &own, "exclusion", leave("2024-10-01")).await.expect(200);
        take(&world, TRAINER, &path, "closure", Value::Null).await.expect(200);
        let owed = read(&world, TRAINER, "/v1/education-duties?cause=returned_from_leave").await;
        let owed = &owed["items"][0];
        assert_eq!((&owed["person"]["name"], &owed["starts_on"]), (&json!(HEAD), &json!("2024-10-01")));
        assert_eq!((&owed["due_on"], &owed["state"]), (&json!("2024-10-31"), &json!("upcoming")));
    })
    .await;
}

#[actix_web::test]
async fn completing_a_campaign_does_what_was_owed() {
    on_both(|world| async move {
        let duty = json!({
            "theme": "compliance", "cause": "broke_rules", "person_id": person(&world, WORKER).await,
            "due_on": "2024-04-30",
        });
        let duty = create(&world, TRAINER, "/v1/education-duties", duty).await.expect(201).header("location");
        let path = open(&world, json!({})).await;
        take(&world, WORKER, &enrolment(&world, &path, WORKER).await, "confirmation", Value::Null).await.expect(200);
        let done = read(&world, TRAINER, &duty).await;
        assert_eq!((&done["state"], &done["fulfilment"]["campaign_id"]), (&json!("fulfilled"), &json!(id(&path))));
    })
    .await;
}

#[actix_web::test]
async fn who_wrote_the_test_is_exempt_and_who_began_and_did_not_pass_owes_it() {
    on_both(|world| async move {
        let question =
            json!({ "kind": "true_false", "text": "画面は施錠する", "correct_answer": "true", "points": 100 });
        let test = json!({ "title": "確認テスト", "fiscal_year": 2024, "questions": [question] });
        let test = create(&world, TRAINER, "/v1/tests", test).await.expect(201);
        let mut persons = Vec::new();
        for name in [TRAINER, WORKER, HEAD] {
            persons.push(person(&world, name).await);
        }
        let patch = json!({ "test_id": test.id(), "audience": { "kind": "persons", "person_ids": persons } });
        let path = approved(&world, patch).await;
        let unpublished = take(&world, TRAINER, &path, "opening", Value::Null).await;
        assert_eq!(refused(&unpublished), (409, "not_ready".into(), "/test_id".into()));
        take(&world, TRAINER, &test.header("location"), "publication", Value::Null).await.expect(200);
        take(&world, TRAINER, &path, "opening", Value::Null).await.expect(200);
        let author = read(&world, TRAINER, &enrolment(&world, &path, TRAINER).await).await;
        let completed = (&author["state"], &author["completion"]["basis"], &author["invited_at"]);
        assert_eq!(completed, (&json!("completed"), &json!("authorship"), &Value::Null));

        let own = enrolment(&world, &path, WORKER).await;
        take(&world, WORKER, &own, "confirmation", Value::Null).await.expect(409);
        let wrong = json!({ "enrolment_id": id(&own), "answers": [{ "number": 1, "answer": "false" }] });
        let attempt = create(&world, WORKER, "/v1/learning/attempts", wrong).await.expect(201).json();
        assert_eq!(attempt["state"], "failed", "{attempt}");
        take(&world, TRAINER, &path, "closure", Value::Null).await.expect(200);
        let owed = read(&world, TRAINER, &format!("/v1/education-duties?record_id={}", id(&path))).await;
        let causes: Vec<_> = owed["items"]
            .as_array()
            .expect("duties")
            .iter()
            .map(|one| (one["person"]["name"].as_str().unwrap_or_default(), one["cause"].as_str().unwrap_or_default()))
            .collect();
        assert_eq!(causes.len(), 4, "{causes:?}");
        assert!(causes.contains(&(WORKER, "failed_test")) && causes.contains(&(HEAD, "missed_campaign")), "{causes:?}");
        let result = figures(&world, TRAINER, &path).await["figures"].clone();
        assert_eq!((&result["passed"], &result["exempt"], &result["started"]), (&json!(0), &json!(1), &json!(2)));
        assert_eq!(result["pass_rate"], json!({ "part": 1, "whole": 3, "percent": "33.3" }));
    })
    .await;
}

#[actix_web::test]
async fn r_17_figures_are_told_as_far_as_somebody_reads() {
    on_both(|world| async move {
        let everybody = open(&world, json!({ "audience": { "kind": "all_workers" }, "fiscal_year": 2025 })).await;
        let population = enrolments(&world, TRAINER, &everybody).await.len();
        let (all, department) =
            (figures(&world, TRAINER, &everybody).await, figures(&world, MANAGER, &everybody).await);
        assert_eq!((&all["whole"], &all["figures"]["population"]), (&json!(true), &json!(population)));
        assert_eq!((&department["whole"], &department["figures"]["population"]), (&json!(false), &json!(3)));
        assert_eq!(department["departments"].as_array().map(Vec::len), Some(1));
        assert_eq!(figures(&world, TOP, &everybody).await["figures"], all["figures"]);
        let alone = world.get(format!("{everybody}/effectiveness")).person(WORKER).send().await.expect(403);
        assert_eq!(alone.code(), "outside_reach");
        world.get(format!("{everybody}/effectiveness")).person("林 一郎").send().await.expect(404);

        take(&world, WORKER, &enrolment(&world, &everybody, WORKER).await, "confirmation", Value::Null)
            .await
            .expect(200);
        world.wait(TimeDelta::days(2));
        take(&world, HEAD, &enrolment(&world, &everybody, HEAD).await, "confirmation", Value::Null).await.expect(200);
        let year = read(&world, TRAINER, "/v1/education-effectiveness?fiscal_year=2025").await;
        let progress = json!([{ "on": "2024-04-01", "completed": 1 }, { "on": "2024-04-03", "completed": 2 }]);
        assert_eq!(year["progress"], progress);
        assert_eq!(year["campaigns"][0]["figures"], year["figures"]);
        assert_eq!(year["figures"]["participation_rate"], year["figures"]["completion_rate"]);

        // EFF-5: nobody is no 100 %.
        let nothing = read(&world, TRAINER, "/v1/education-effectiveness?fiscal_year=1999").await;
        assert_eq!(
            (&nothing["figures"]["population"], &nothing["figures"]["completion_rate"]),
            (&json!(0), &Value::Null)
        );
        world.get("/v1/education-effectiveness").person(TRAINER).send().await.expect(400);
    })
    .await;
}

#[actix_web::test]
async fn what_learners_answer_is_told_of_nobody() {
    on_both(|world| async move {
        let path = open(&world, json!({})).await;
        let answers = |scale: i32, words: &str| {
            json!({ "answers": [
                { "number": 1, "value": scale }, { "number": 2, "value": 2 }, { "number": 3, "text": words },
            ] })
        };
        let survey = format!("{path}/survey");
        for (who, scale, words) in [(MANAGER, 4, "いい"), (HEAD, 5, ""), (WORKER, 4, "ああ")] {
            let own = enrolment(&world, &path, who).await;
            let early = take(&world, who, &own, "survey-answers", answers(scale, words)).await.expect(409);
            assert_eq!(early.code(), "wrong_state", "before it was begun");
            take(&world, who, &own, "confirmation", Value::Null).await.expect(200);
            let wrong = take(&world, who, &own, "survey-answers", answers(6, words)).await;
            assert_eq!(refused(&wrong), (422, "invalid".into(), "/answers/0/value".into()));
            assert_eq!(read(&world, TRAINER, &survey).await["questions"], json!([]), "few are not shown");
            let answered = take(&world, who, &own, "survey-answers", answers(scale, words)).await.expect(200).json();
            assert_eq!(answered["survey_answered"], true);
            assert!(answered.get("answers").is_none());
            take(&world, who, &own, "survey-answers", answers(scale, words)).await.expect(409);
        }
        let told = read(&world, TRAINER, &survey).await;
        assert_eq!((&told["answered"], &told["fewest_shown"]), (&json!(3), &json!(3)));
        assert_eq!(told["questions"][0]["counts"], json!([0, 0, 0, 2, 1]));
        assert_eq!(told["questions"][1]["counts"], json!([0, 3, 0]));
        assert_eq!(told["questions"][2]["texts"], json!(["ああ", "いい"]));
        while world.service.seal_all().await.is_err() {}
        let events = read(&world, SECRETARY, "/v1/events?limit=200").await.to_string();
        assert!(!events.contains("ああ"), "no event tells an answer");
    })
    .await;
}

#[actix_web::test]
async fn learners_read_the_materials_of_their_campaign() {
    on_both(|world| async move {
        let path = create(&world, TRAINER, LIST, draft(&world, json!({})).await).await.expect(201).header("location");
        let send = |who: &'static str, media: &'static str| {
            let ask = world.post(format!("{path}/materials?name=a.md")).person(who);
            ask.bytes(media, TEXT).send()
        };
        send(WORKER, "text/markdown").await.expect(403);
        send(TRAINER, "application/pdf").await.expect(422);
        let added = send(TRAINER, "text/markdown").await.expect(201);
        let material = added.header("location");
        assert_eq!((&added.json()["file"]["name"], &added.json()["added"]["name"]), (&json!("a.md"), &json!(TRAINER)));
        let got = world.get(format!("{material}/file")).person(WORKER).send().await.expect(200);
        assert_eq!(got.bytes, TEXT.as_bytes());
        for beside in ["", "/file"] {
            world.get(format!("{material}{beside}")).person("林 一郎").send().await.expect(404);
        }
        let why = json!({ "reason": "古い" });
        take(&world, WORKER, &material, "withdrawal", why.clone()).await.expect(403);
        take(&world, TRAINER, &material, "withdrawal", why.clone()).await.expect(200);
        take(&world, TRAINER, &material, "withdrawal", why).await.expect(409);
        let used = read(&world, WORKER, &format!("{path}/materials?state=in_use")).await;
        assert_eq!(used["items"], json!([]));
        take(&world, TRAINER, &path, "cancellation", json!({ "reason": "来年に延期" })).await.expect(200);
        send(TRAINER, "text/markdown").await.expect(409);
    })
    .await;
}

#[actix_web::test]
async fn what_does_not_fit_is_refused() {
    on_both(|world| async move {
        let nobody = "00000000-0000-7000-8000-000000000000";
        for (patch, pointer) in [
            (json!({ "audience": { "kind": "persons", "person_ids": [nobody] } }), "/audience/person_ids/0"),
            (json!({ "audience": { "kind": "roles", "roles": ["employee"] } }), "/audience/roles/0"),
            (json!({ "audience": { "kind": "departments", "department_ids": [] } }), "/audience/department_ids"),
            (json!({ "test_id": nobody }), "/test_id"),
            (json!({ "period_end": "2024-03-31" }), "/period_end"),
            (json!({ "survey": [{ "text": "長さ", "kind": "choice" }] }), "/survey/0/choices"),
        ] {
            let reply = create(&world, TRAINER, LIST, draft(&world, patch).await).await;
            assert_eq!(refused(&reply), (422, "invalid".into(), pointer.into()));
        }
        create(&world, CHAIR, LIST, draft(&world, json!({})).await).await.expect(403);

        // too late to be handed in; not yet to be opened; nobody to open it for.
        let begun = json!({ "period_start": "2024-03-31" });
        let begun = create(&world, TRAINER, LIST, draft(&world, begun).await).await.expect(201).header("location");
        let late = take(&world, TRAINER, &begun, "submission", Value::Null).await;
        assert_eq!(refused(&late), (409, "rule_violated".into(), "/period_start".into()));
        let soon = approved(&world, json!({ "period_start": "2024-04-05" })).await;
        let early = take(&world, TRAINER, &soon, "opening", Value::Null).await;
        assert_eq!((refused(&early).0, &early.json()["rule"]), (409, &json!("R-33")));
        let empty = create(&world, SECRETARY, "/v1/departments", json!({ "name": "準備室" })).await.expect(201).id();
        let empty = json!({ "audience": { "kind": "departments", "department_ids": [empty] } });
        let empty = approved(&world, empty).await;
        let empty = take(&world, TRAINER, &empty, "opening", Value::Null).await;
        assert_eq!(refused(&empty), (409, "not_ready".into(), "/audience".into()));

        let path = open(&world, json!({})).await;
        let list = format!("{path}/enrolments");
        let enrol = |person: String| create(&world, TRAINER, &list, json!({ "person_id": person }));
        let twice = enrol(person(&world, WORKER).await).await;
        assert_eq!((refused(&twice).0, twice.code().as_str()), (409, "already_exists"));
        assert_eq!(refused(&enrol(nobody.into()).await), (422, "invalid".into(), "/person_id".into()));
        enrol(person(&world, KEEPER).await).await.expect(201);
        let shorter = json!({ "period_end": "2024-04-30", "reason": "短縮" });
        let shorter = take(&world, TRAINER, &path, "extension", shorter).await;
        assert_eq!(refused(&shorter), (422, "invalid".into(), "/period_end".into()));
        take(&world, TRAINER, &path, "cancellation", json!({ "reason": "中止" })).await.expect(409);
    })
    .await;
}

#[actix_web::test]
async fn a_training_record_is_shown_to_who_reads_training_records() {
    on_both(|world| async move {
        let recorded = read(&world, TRAINER, &format!("{LIST}?state=recorded")).await;
        let path = format!("{LIST}/{}", recorded["items"][0]["id"].as_str().expect("last year's"));
        assert_eq!(recorded["items"][0]["record"]["figures"]["completion_rate"]["percent"], "100.0");
        // Everybody works here and reads their own.
        let rows = read(&world, KEEPER, &format!("{path}/learners")).await;
        assert_eq!(rows["rows"].as_array().map(Vec::len), Some(1));
        let own = read(&world, WORKER, "/v1/enrolments").await;
        assert!(own["items"].as_array().expect("items").iter().all(|one| one["person"]["name"] == WORKER));
        let others = enrolment(&world, &path, HEAD).await;
        world.get(&others).person(WORKER).send().await.expect(404);
        world.get(&others).person(MANAGER).send().await.expect(200);
        world.get(&others).person("林 一郎").send().await.expect(404);
    })
    .await;
}
