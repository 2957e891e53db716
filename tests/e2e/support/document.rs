//! Documents and their versions (7.5, D31, §5.4; SD-1, SD-12, DOC-3, DOC-4).

use serde_json::{Value, json};

use crate::{
    harness::{Reply, World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const CONTROLLER: &str = "清水 彩";
const AUDITOR: &str = "川上 由美";
/// Manager of 営業部.
const MANAGER: &str = "小林 恵";
/// Somebody without a role.
const WORKER: &str = "高橋 花";
const DOCUMENTS: &str = "/v1/documents";
const VERSIONS: &str = "/v1/document-versions";

/// The path of a new document by `who`; `patch` replaces fields of it.
async fn registered(world: &World, who: &str, patch: Value) -> String {
    let mut draft = json!({ "kind": "procedure", "title": "来客の迎え方" });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    create(world, who, DOCUMENTS, draft).await.expect(201).header("location")
}

/// A new version of the document at `path`.
async fn begin(world: &World, who: &str, path: &str) -> Reply {
    let id = path.rsplit('/').next().expect("an id");
    let draft = json!({ "document_id": id, "change_reason": "見直した", "location": "書庫" });
    create(world, who, VERSIONS, draft).await
}

/// A new version of the document at `path` by `who`, handed in.
pub(super) async fn submitted(world: &World, who: &str, path: &str) -> String {
    let version = begin(world, who, path).await.expect(201).header("location");
    take(world, who, &version, "submission", Value::Null).await.expect(200);
    version
}

fn publication() -> Value {
    json!({ "issued_on": "2024-04-01", "distribution": "全員に掲示", "next_review_on": "2025-04-01" })
}

async fn published(world: &World, who: &str, path: &str) -> String {
    let version = submitted(world, who, path).await;
    take(world, CHAIR, &version, "approval", json!({})).await.expect(200);
    take(world, CONTROLLER, &version, "publication", publication()).await.expect(200);
    version
}

#[actix_web::test]
async fn numbers_are_given_per_kind_and_never_again() {
    on_both(|world| async move {
        let number = async |kind: &str| {
            let path = registered(&world, SECRETARY, json!({ "kind": kind, "issuer": "組合" })).await;
            (read(&world, SECRETARY, &path).await["number"].clone(), path)
        };
        assert_eq!(number("basic").await.0, "A-02");
        assert_eq!(number("manual").await.0, "B-02");
        assert_eq!(number("record").await.0, "D-02");
        assert_eq!(number("external").await.0, Value::Null);
        let (third, path) = number("procedure").await;
        assert_eq!(third, "C-03");
        take(&world, CONTROLLER, &path, "withdrawal", json!({ "reason": "要らない" })).await.expect(200);
        take(&world, CHAIR, &path, "withdrawal-approval", json!({})).await.expect(200);
        assert_eq!(number("procedure").await.0, "C-04");

        let nameless = create(&world, SECRETARY, DOCUMENTS, json!({ "kind": "external", "title": "規約" })).await;
        assert_eq!(nameless.expect(422).faults(), [("/issuer".into(), "required_here".into())]);
        let path = registered(&world, SECRETARY, json!({})).await;
        let kind = change(&world, SECRETARY, &path, json!({ "kind": "basic" }));
        assert_eq!(kind.await.expect(422).faults(), [("/kind".into(), "read_only_field".into())]);
        let own = create(&world, SECRETARY, DOCUMENTS, json!({ "kind": "basic", "title": "規程", "number": "A-09" }));
        assert_eq!(own.await.expect(422).faults(), [("/number".into(), "read_only_field".into())]);
    })
    .await;
}

#[actix_web::test]
async fn doc_3_the_author_does_not_approve_the_own_document() {
    on_both(|world| async move {
        // Written by the secretariat, approved by the chair; what top management approves the chair does not.
        let path = registered(&world, SECRETARY, json!({})).await;
        let version = submitted(&world, SECRETARY, &path).await;
        let refused = take(&world, TOP, &version, "approval", json!({})).await.expect(403);
        assert_eq!((refused.code().as_str(), &refused.json()["rule"]), ("duty_separated", &json!("SD-1")));
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], CHAIR);
        take(&world, CHAIR, &version, "return", json!({ "reason": "誤字" })).await.expect(200);
        change(&world, SECRETARY, &version, json!({ "change_reason": "誤字を直した" })).await.expect(200);
        take(&world, SECRETARY, &version, "submission", Value::Null).await.expect(200);
        let approved = take(&world, CHAIR, &version, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["allowed_actions"]), (&json!("approved"), &json!([])));
        let basic = registered(&world, SECRETARY, json!({ "kind": "basic" })).await;
        let basic = submitted(&world, SECRETARY, &basic).await;
        assert_eq!(take(&world, CHAIR, &basic, "approval", json!({})).await.expect(403).json()["rule"], "SD-1");
        take(&world, TOP, &basic, "approval", json!({})).await.expect(200);

        // DOC-3 itself: in the five-person company the chair writes and may not approve.
        let (all, top) = ("林 一郎", "森 正子");
        let path = registered(&world, all, json!({})).await;
        let version = submitted(&world, all, &path).await;
        assert_eq!(read(&world, all, &version).await["allowed_actions"], json!(["return"]));
        let refused = take(&world, all, &version, "approval", json!({})).await.expect(403);
        assert_eq!((refused.code().as_str(), &refused.json()["rule"]), ("duty_separated", &json!("SD-1")));
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], top);
    })
    .await;
}

#[actix_web::test]
async fn a_version_does_not_change_after_its_submission() {
    on_both(|world| async move {
        let path = registered(&world, SECRETARY, json!({})).await;
        let id = path.rsplit('/').next().expect("an id");
        let empty = create(&world, SECRETARY, VERSIONS, json!({ "document_id": id, "change_reason": "初版" })).await;
        let version = empty.expect(201).header("location");
        let lacking = take(&world, SECRETARY, &version, "submission", Value::Null).await.expect(409);
        assert_eq!(lacking.code(), "not_ready");
        change(&world, SECRETARY, &version, json!({ "location": "書庫", "medium": "paper" })).await.expect(200);
        take(&world, SECRETARY, &version, "submission", Value::Null).await.expect(200);
        let late = change(&world, SECRETARY, &version, json!({ "location": "机" })).await.expect(409);
        assert_eq!((late.code().as_str(), &late.json()["rule"]), ("wrong_state", &json!("SD-12")));

        // A new title of the document is not that of the version on its way.
        change(&world, SECRETARY, &path, json!({ "title": "来客の応対" })).await.expect(200);
        let kept = read(&world, SECRETARY, &version).await;
        assert_eq!((&kept["title"], &kept["document"]["title"]), (&json!("来客の迎え方"), &json!("来客の応対")));
        let second = begin(&world, SECRETARY, &path).await.expect(409);
        assert_eq!(
            (second.code().as_str(), &second.json()["params"]["field"]),
            ("already_exists", &json!("/document_id"))
        );
        let unknown = json!({ "document_id": version.rsplit('/').next(), "change_reason": "x" });
        let unknown = create(&world, SECRETARY, VERSIONS, unknown).await.expect(422);
        assert_eq!(unknown.faults(), [("/document_id".into(), "unknown_reference".into())]);
    })
    .await;
}

#[actix_web::test]
async fn doc_4_a_new_version_makes_the_old_one_obsolete() {
    on_both(|world| async move {
        let path = registered(&world, SECRETARY, json!({})).await;
        assert_eq!(read(&world, SECRETARY, &path).await["published"], Value::Null);
        let first = published(&world, SECRETARY, &path).await;
        let document = read(&world, WORKER, &path).await;
        assert_eq!(
            (&document["state"], &document["published"]["version"], &document["next_review_on"]),
            (&json!("published"), &json!(1), &json!("2025-04-01"))
        );
        let second = submitted(&world, SECRETARY, &path).await;
        assert_eq!(read(&world, SECRETARY, &first).await["state"], "published", "until the next one is");
        take(&world, CHAIR, &second, "approval", json!({})).await.expect(200);
        let by_chair = take(&world, CHAIR, &second, "publication", publication()).await.expect(403);
        assert_eq!(by_chair.json()["params"]["next_approver"][0]["name"], CONTROLLER);
        let ahead = json!({ "issued_on": "2024-04-02", "next_review_on": "2024-04-01" });
        let ahead = take(&world, CONTROLLER, &second, "publication", ahead).await.expect(422);
        assert_eq!(
            ahead.faults(),
            [("/issued_on".into(), "future_date".into()), ("/next_review_on".into(), "date_order".into())]
        );
        take(&world, CONTROLLER, &second, "publication", publication()).await.expect(200);

        let old = read(&world, CONTROLLER, &first).await;
        assert_eq!((&old["state"], &old["allowed_actions"]), (&json!("obsolete"), &json!([])));
        assert!(old["obsolete_at"].is_string());
        assert_eq!(read(&world, CONTROLLER, &path).await["published"]["version"], 2);
    })
    .await;
}

#[actix_web::test]
async fn who_reads_what_follows_from_the_state() {
    on_both(|world| async move {
        let path = registered(&world, SECRETARY, json!({})).await;
        let first = published(&world, SECRETARY, &path).await;
        let second = submitted(&world, SECRETARY, &path).await;
        world.get(&*first).person(WORKER).send().await.expect(200);
        world.get(&*second).person(WORKER).send().await.expect(404);
        let shown = read(&world, WORKER, &format!("{VERSIONS}?limit=200")).await;
        assert!(shown["items"].as_array().expect("items").iter().all(|version| version["state"] == "published"));
        let shown = read(&world, WORKER, &format!("{DOCUMENTS}?limit=200")).await;
        assert!(shown["items"].as_array().expect("items").iter().all(|document| !document["published"].is_null()));

        take(&world, CHAIR, &second, "approval", json!({})).await.expect(200);
        take(&world, CONTROLLER, &second, "publication", publication()).await.expect(200);
        for (who, status) in [(CONTROLLER, 200), (AUDITOR, 200), (SECRETARY, 404), (TOP, 404), (WORKER, 404)] {
            world.get(&*first).person(who).send().await.expect(status);
        }

        // A department manager: the own departments, and what is published.
        let sales = id_of(&world, SECRETARY, "/v1/departments", "name", "営業部").await;
        let others = registered(&world, SECRETARY, json!({})).await;
        world.get(&*others).person(MANAGER).send().await.expect(404);
        let own = registered(&world, MANAGER, json!({ "department_id": sales })).await;
        let version = submitted(&world, MANAGER, &own).await;
        assert_eq!(read(&world, MANAGER, &version).await["state"], "submitted");
        let everywhere = json!({ "kind": "procedure", "title": "全社の手順" });
        let outside = create(&world, MANAGER, DOCUMENTS, everywhere).await.expect(403);
        assert_eq!(outside.code(), "outside_reach");
        let foreign = change(&world, MANAGER, &path, json!({ "title": "私の" })).await.expect(403);
        assert_eq!(foreign.code(), "outside_reach");
    })
    .await;
}

#[actix_web::test]
async fn a_document_is_reviewed_when_it_is_due() {
    on_both(|world| async move {
        let due = read(&world, SECRETARY, &format!("{DOCUMENTS}?review_due=true")).await;
        assert_eq!(due["items"].as_array().expect("items").len(), 1);
        let path = format!("{DOCUMENTS}/{}", due["items"][0]["id"].as_str().expect("an id"));
        let waits = async || {
            let work = read(&world, CONTROLLER, "/v1/work-items?kind=review").await;
            work["items"].as_array().expect("items").iter().any(|item| item["path"] == *path)
        };
        assert!(waits().await);
        let review = json!({ "reviewed_on": "2024-04-02", "needs_new_version": false, "next_review_on": "2024-04-02" });
        let refused = take(&world, CONTROLLER, &path, "review", review).await.expect(422);
        assert_eq!(refused.faults().len(), 2);
        let review = json!({ "reviewed_on": "2024-04-01", "needs_new_version": false, "findings": "変わりない",
            "next_review_on": "2025-03-31" });
        let reviewed = take(&world, CONTROLLER, &path, "review", review).await.expect(200).json();
        assert_eq!(
            (&reviewed["review_due"], &reviewed["next_review_on"], &reviewed["reviews"][0]["recorded"]["name"]),
            (&json!(false), &json!("2025-03-31"), &json!(CONTROLLER))
        );
        assert!(!waits().await);
    })
    .await;
}

#[actix_web::test]
async fn a_withdrawal_takes_two_and_ends_every_version() {
    on_both(|world| async move {
        let path = registered(&world, SECRETARY, json!({})).await;
        let version = published(&world, SECRETARY, &path).await;
        let draft = begin(&world, SECRETARY, &path).await.expect(201).header("location");
        let because = json!({ "reason": "別の手順に統合した" });
        world.post(format!("{path}/withdrawal")).person(SECRETARY).json(because.clone()).send().await.expect(403);
        take(&world, CONTROLLER, &path, "withdrawal", because).await.expect(200);
        assert_eq!(read(&world, WORKER, &path).await["state"], "withdrawal_requested");
        let again = begin(&world, SECRETARY, &path).await.expect(409);
        assert_eq!(again.code(), "wrong_state");
        let work = read(&world, CHAIR, "/v1/work-items?kind=approve").await;
        assert!(work["items"].as_array().expect("items").iter().any(|item| item["path"] == *path));
        take(&world, CHAIR, &path, "withdrawal-return", json!({ "reason": "まだ使う" })).await.expect(200);
        take(&world, CONTROLLER, &path, "withdrawal", json!({ "reason": "使い終えた" })).await.expect(200);
        let gone = take(&world, CHAIR, &path, "withdrawal-approval", json!({})).await.expect(200).json();
        assert_eq!((&gone["state"], &gone["published"]), (&json!("withdrawn"), &Value::Null));
        for ended in [version, draft] {
            assert_eq!(read(&world, CONTROLLER, &ended).await["state"], "obsolete");
        }
        world.get(&*path).person(WORKER).send().await.expect(404);
    })
    .await;
}

/// Amendments §1: one person keeps the documents, chairs the committee and writes; top management stands in.
#[actix_web::test]
async fn five_people_can_keep_documents() {
    on_both(|world| async move {
        let (all, top, worker) = ("林 一郎", "森 正子", "岡 三枝");
        let path = registered(&world, all, json!({})).await;
        for number in 1..=2 {
            let version = submitted(&world, all, &path).await;
            take(&world, top, &version, "approval", json!({})).await.expect(200);
            let held = take(&world, all, &version, "publication", publication()).await.expect(200).json();
            assert_eq!((&held["version"], &held["state"]), (&json!(number), &json!("published")));
        }
        assert_eq!(read(&world, worker, &path).await["published"]["version"], 2);
        let review = json!({ "reviewed_on": "2024-04-01", "needs_new_version": true, "next_review_on": "2024-10-01" });
        take(&world, all, &path, "review", review).await.expect(200);
        take(&world, all, &path, "withdrawal", json!({ "reason": "統合した" })).await.expect(200);
        let own = take(&world, all, &path, "withdrawal-approval", json!({})).await.expect(403);
        assert_eq!(own.json()["rule"], "SD-1");
        take(&world, top, &path, "withdrawal-approval", json!({})).await.expect(200);

        // A department manager writes, the chair approves.
        let department = id_of(&world, all, "/v1/departments", "name", "業務部").await;
        let own = registered(&world, worker, json!({ "department_id": department })).await;
        let version = submitted(&world, worker, &own).await;
        take(&world, all, &version, "approval", json!({})).await.expect(200);
        // Nobody keeps documents any more: the chair, who is the same person, still publishes.
        take(&world, all, &version, "publication", publication()).await.expect(200);
        // A basic document is top management's.
        let basic = registered(&world, all, json!({ "kind": "basic" })).await;
        let version = submitted(&world, all, &basic).await;
        take(&world, top, &version, "approval", json!({})).await.expect(200);
    })
    .await;
}
