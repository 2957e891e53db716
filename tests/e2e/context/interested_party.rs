//! The register of interested parties (D11; 4.2).

use mamori_domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Reply, World, on_both};

const LIST: &str = "/v1/interested-parties";

/// A requirement in words.
fn requirement(text: &str) -> Value {
    json!({ "requirement": text, "risk": "苦情になる", "opportunity": "早く気付く" })
}

/// The same with the number that it was given.
fn kept(number: i64, text: &str) -> Value {
    let mut requirement = requirement(text);
    requirement["number"] = json!(number);
    requirement
}

async fn enter(world: &World, name: &str, requirements: Value) -> Reply {
    let draft = json!({ "name": name, "requirements": requirements });
    world.post(LIST).role(Role::IsmsSecretariat).json(draft).send().await
}

async fn read(world: &World, path: &str) -> Reply {
    world.get(path).role(Role::IsmsSecretariat).send().await.expect(200)
}

async fn revise(world: &World, path: &str, patch: Value) -> Reply {
    let before = read(world, path).await;
    world.patch(path).role(Role::IsmsSecretariat).having_read(&before).json(patch).send().await
}

async fn retire(world: &World, path: &str, retired_on: &str) -> Reply {
    let before = read(world, path).await;
    let ask = world.post(format!("{path}/retirement")).role(Role::IsmsSecretariat).having_read(&before);
    ask.json(json!({ "retired_on": retired_on, "reason": "解散した" })).send().await
}

/// The names that a list shows.
fn names(list: &Reply) -> Vec<String> {
    let items = list.json()["items"].as_array().cloned().unwrap_or_default();
    items.iter().map(|party| party["name"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn found(world: &World, query: &str) -> Vec<String> {
    names(&read(world, &format!("{LIST}?{query}")).await)
}

fn numbers(party: &Reply) -> Vec<i64> {
    let requirements = party.json()["requirements"].as_array().cloned().unwrap_or_default();
    requirements.iter().filter_map(|requirement| requirement["number"].as_i64()).collect()
}

fn faults(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect()
}

#[actix_web::test]
async fn the_sample_has_four_parties_with_seven_requirements() {
    on_both(|world| async move {
        let list = read(&world, LIST).await.json();
        let of = |party: &Value| {
            let requirements = party["requirements"].as_array().expect("requirements").clone();
            assert!(requirements.iter().all(|requirement| requirement["addressed_by_isms"] == true));
            (party["name"].as_str().expect("a name").to_owned(), requirements.len())
        };
        let found: Vec<(String, usize)> = list["items"].as_array().expect("parties").iter().map(of).collect();
        let expected = [("取引先", 2), ("国・自治体", 1), ("従業員", 3), ("株主", 1)];
        assert_eq!(found, expected.map(|(name, count)| (name.to_owned(), count)));
    })
    .await;
}

#[actix_web::test]
async fn a_requirement_keeps_its_number_and_none_is_used_twice() {
    on_both(|world| async move {
        let mut outside = requirement("寄付をする");
        outside["addressed_by_isms"] = json!(false);
        let made = enter(&world, "町内会", json!([requirement("窓口を置く"), outside])).await.expect(201);
        let path = made.header("location");
        assert_eq!(numbers(&made), [1, 2]);
        let addressed = |at: usize| made.json()["requirements"][at]["addressed_by_isms"].clone();
        assert_eq!((addressed(0), addressed(1)), (json!(true), json!(false)));

        let swapped = json!({ "requirements": [requirement("騒音を出さない"), kept(1, "窓口を設ける")] });
        let swapped = revise(&world, &path, swapped).await.expect(200);
        assert_eq!(numbers(&swapped), [3, 1]);
        assert_eq!(swapped.json()["requirements"][1]["requirement"], "窓口を設ける");
        revise(&world, &path, json!({ "requirements": [kept(1, "窓口を設ける")] })).await.expect(200);
        assert_eq!(numbers(&revise(&world, &path, json!({ "remarks": "年に一度会う" })).await.expect(200)), [1]);
        let again = json!({ "requirements": [kept(1, "窓口を設ける"), requirement("寄付をする")] });
        assert_eq!(numbers(&revise(&world, &path, again).await.expect(200)), [1, 4]);

        let before = read(&world, &path).await;
        let wrong = json!({ "requirements": [kept(4, "あ"), kept(2, "い"), kept(4, "う"), requirement("え")] });
        let refused = revise(&world, &path, wrong).await.expect(422);
        let expected = [("/requirements/1/number", "unknown_reference"), ("/requirements/2/number", "duplicate")];
        assert_eq!(refused.faults(), faults(&expected));
        assert_eq!(read(&world, &path).await.bytes, before.bytes);
    })
    .await;
}

#[actix_web::test]
async fn what_does_not_fit_is_refused_by_pointer() {
    on_both(|world| async move {
        let refused = enter(&world, "町内会", json!([])).await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/requirements", "too_short")]));
        let many = Value::Array(vec![requirement("窓口を置く"); 101]);
        let refused = enter(&world, "町内会", many).await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/requirements", "too_long")]));
        let refused = enter(&world, "町内会", json!([kept(1, "窓口を置く")])).await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/requirements/0/number", "unknown_reference")]));
        let refused = enter(&world, "町内会", json!([{ "requirement": " ", "number": 0 }])).await.expect(422);
        let expected = ["number", "opportunity", "requirement", "risk"].map(|field| format!("/requirements/0/{field}"));
        let mut pointers: Vec<String> = refused.faults().into_iter().map(|(at, _)| at).collect();
        pointers.sort();
        assert_eq!(pointers, expected);

        let path = enter(&world, "町内会", json!([requirement("窓口を置く")])).await.expect(201).header("location");
        let refused = revise(&world, &path, json!({ "requirements": [], "reviewed_on": "2024-04-02" })).await;
        assert_eq!(refused.expect(422).faults(), faults(&[("/requirements", "too_short")]), "the form comes first");
        let refused = revise(&world, &path, json!({ "reviewed_on": "2024-04-02" })).await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/reviewed_on", "future_date")]));
        let reviewed = revise(&world, &path, json!({ "reviewed_on": "2024-04-01" })).await.expect(200);
        assert_eq!(reviewed.json()["reviewed_on"], "2024-04-01");
        let cleared = revise(&world, &path, json!({ "reviewed_on": null })).await.expect(200);
        assert_eq!(cleared.json()["reviewed_on"], Value::Null);
    })
    .await;
}

#[actix_web::test]
async fn names_are_unique_among_those_in_use() {
    on_both(|world| async move {
        let shareholders = world.first_id(&format!("{LIST}?q=株主")).await;
        let refused = enter(&world, " 株主 ", json!([requirement("配当をする")])).await.expect(409);
        let params = &refused.json()["params"];
        assert_eq!(
            (refused.code(), &params["field"], &params["id"]),
            ("already_exists".into(), &json!("/name"), &json!(shareholders))
        );
        let path = enter(&world, "町内会", json!([requirement("窓口を置く")])).await.expect(201).header("location");
        assert_eq!(revise(&world, &path, json!({ "name": "株主" })).await.expect(409).code(), "already_exists");
        retire(&world, &format!("{LIST}/{shareholders}"), "2024-04-01").await.expect(200);
        revise(&world, &path, json!({ "name": "株主" })).await.expect(200);
        enter(&world, "株主", json!([requirement("配当をする")])).await.expect(409);
    })
    .await;
}

#[actix_web::test]
async fn what_is_retired_stays_to_be_read_and_does_not_change() {
    on_both(|world| async move {
        let path = format!("{LIST}/{}", world.first_id(&format!("{LIST}?q=株主")).await);
        assert_eq!(read(&world, &path).await.json()["allowed_actions"], json!(["revise", "retire"]));
        let refused = retire(&world, &path, "2024-04-02").await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/retired_on", "future_date")]));
        let gone = retire(&world, &path, "2024-03-31").await.expect(200).json();
        assert_eq!((&gone["state"], &gone["allowed_actions"]), (&json!("retired"), &json!([])));
        assert_eq!(gone["retirement"], json!({ "retired_on": "2024-03-31", "reason": "解散した" }));
        assert_eq!(read(&world, &path).await.json(), gone);
        assert_eq!(found(&world, "q=株主").await, Vec::<String>::new());
        assert_eq!(found(&world, "q=株主&include_retired=true").await, ["株主"]);
        let refused = revise(&world, &path, json!({ "remarks": "戻す" })).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["params"]["state"]), ("wrong_state".into(), &json!("retired")));
        assert_eq!(retire(&world, &path, "2024-04-01").await.expect(409).code(), "wrong_state");
    })
    .await;
}

#[actix_web::test]
async fn names_and_requirements_are_searched() {
    on_both(|world| async move {
        let one = json!({ "requirement": "サーバを貸す", "risk": "停電する", "opportunity": "増設する" });
        let path = enter(&world, "データセンター", json!([one])).await.expect(201).header("location");
        revise(&world, &path, json!({ "remarks": "北海道" })).await.expect(200);
        for q in ["ﾃﾞｰﾀｾﾝﾀｰ", "さーば", "停電", "増設"] {
            assert_eq!(found(&world, &format!("q={q}")).await, ["データセンター"], "{q}");
        }
        assert_eq!(found(&world, "q=北海道").await, Vec::<String>::new(), "remarks are not");
        revise(&world, &path, json!({ "requirements": [requirement("窓口を置く")] })).await.expect(200);
        assert_eq!(found(&world, "q=停電").await, Vec::<String>::new());
        world.wait(chrono::TimeDelta::hours(1));
        enter(&world, "町内会", json!([requirement("窓口を置く")])).await.expect(201);
        assert_eq!(found(&world, "updated_since=2024-04-01T00:30:00Z").await, ["町内会"]);
        assert_eq!(found(&world, "sort=-updated_at&limit=1").await, ["町内会"]);
    })
    .await;
}

#[actix_web::test]
async fn an_owner_of_risks_reads_the_register_and_a_worker_does_not() {
    on_both(|world| async move {
        let path = format!("{LIST}/{}", world.first_id(LIST).await);
        let all = format!("{LIST}?include_total=true");
        let owner = world.get(&all).person("中村 隆").send().await.expect(200).json();
        assert_eq!((&owner["total"], &owner["items"][0]["allowed_actions"]), (&json!(4), &json!([])));
        world.get(&path).person("中村 隆").send().await.expect(200);
        let worker = world.get(&all).person("高橋 花").send().await.expect(200).json();
        assert_eq!(worker, json!({ "items": [], "next": null, "total": 0 }));
        world.get(&path).person("高橋 花").send().await.expect(404);

        // Who notes a party does not always tend the register.
        let draft = json!({ "name": "町内会", "requirements": [requirement("窓口を置く")] });
        let made = world.post(LIST).role(Role::DepartmentManager).json(draft).send().await.expect(201);
        assert_eq!(made.json()["allowed_actions"], json!([]));
        let ask = world.patch(made.header("location")).role(Role::DepartmentManager).having_read(&made);
        assert_eq!(ask.json(json!({ "remarks": "隣" })).send().await.expect(403).code(), "not_granted");
        let token =
            json!({ "name": "取込", "scopes": ["interested_party:create"], "expires_at": "2024-06-01T00:00:00Z" });
        let token = world.post("/v1/access-tokens").role(Role::IsmsSecretariat).json(token).send().await.expect(201);
        let draft = json!({ "name": "組合", "requirements": [requirement("窓口を置く")] });
        let ask = world.post(LIST).token(token.json()["token"].as_str().expect("a token")).json(draft);
        ask.send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn the_five_person_company_begins_its_own_register() {
    on_both(|world| async move {
        let who = "林 一郎";
        assert_eq!(world.get(LIST).person(who).send().await.expect(200).json()["items"], json!([]));
        let draft = json!({ "name": "取引先", "requirements": [requirement("納期を守る")] });
        let made = world.post(LIST).person(who).json(draft).send().await.expect(201);
        assert_eq!(made.json()["allowed_actions"], json!(["revise", "retire"]));
        assert_eq!(names(&world.get(LIST).person(who).send().await.expect(200)), ["取引先"]);
    })
    .await;
}
