//! Versions of the scope (D12; SCP-1, SCP-2, AUD-12; R-29, SD-5, SD-12).

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const ADMINISTRATOR: &str = "斎藤 翔";
const AUDITOR: &str = "川上 由美";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/isms-scopes";

/// Everything that a part of an organization has to draw.
fn part(patch: Value) -> Value {
    let mut draft = json!({
        "title": "営業部の適用範囲", "coverage": "part", "organizational_boundary": "営業部の全員",
        "physical_boundary": "本社3階の東側", "technical_boundary": "ルータまで", "boundary_nodes": ["ルータ"],
        "asset_boundary": "営業部が管理する情報", "business_boundary": "製品の販売",
        "exclusions": [{ "subject": "倉庫", "reason": "委託先が運営する" }],
        "interfaces": [{ "from_party": "顧客", "to_party": "営業部", "flow_label": "製品の発注" }],
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

async fn drafted(world: &World, draft: Value) -> String {
    create(world, SECRETARY, LIST, draft).await.expect(201).header("location")
}

async fn submitted(world: &World, draft: Value) -> String {
    let path = drafted(world, draft).await;
    take(world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
    path
}

async fn in_force(world: &World) -> Value {
    let list = read(world, WORKER, "/v1/isms-scopes?state=in_force").await;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "one is in force");
    list["items"][0].clone()
}

#[actix_web::test]
async fn scp_1_a_part_without_an_asset_boundary_is_not_handed_in() {
    on_both(|world| async move {
        let path = drafted(&world, part(json!({ "asset_boundary": "" }))).await;
        let refused = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        assert_eq!(refused.code(), "not_ready", "SCP-1");
        assert_eq!(refused.faults(), [("/asset_boundary".to_owned(), "required".to_owned())], "SCP-1");
        change(&world, SECRETARY, &path, json!({ "asset_boundary": "営業部の情報", "exclusions": [] }))
            .await
            .expect(200);
        let refused = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        assert_eq!(refused.faults(), [("/exclusions".to_owned(), "required".to_owned())]);
        change(&world, SECRETARY, &path, part(json!({}))).await.expect(200);
        let done = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200).json();
        assert_eq!(done["state"], "submitted");
    })
    .await;
}

#[actix_web::test]
async fn scp_2_a_whole_organization_says_three_things() {
    on_both(|world| async move {
        let path = drafted(&world, json!({ "title": "全社", "remarks": "書きかけ" })).await;
        let refused = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        let pointers: Vec<String> = refused.faults().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers, ["/organizational_boundary", "/physical_boundary", "/business_boundary"]);
        let texts = json!({
            "organizational_boundary": "全員", "physical_boundary": "本社", "business_boundary": "すべての事業",
        });
        change(&world, SECRETARY, &path, texts).await.expect(200);
        let done = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200).json();
        assert_eq!((&done["state"], &done["coverage"]), (&json!("submitted"), &json!("whole_organization")), "SCP-2");
    })
    .await;
}

#[actix_web::test]
async fn sd_5_top_management_alone_approves() {
    on_both(|world| async move {
        let first = in_force(&world).await;
        let path = submitted(&world, part(json!({}))).await;
        assert_eq!(take(&world, CHAIR, &path, "approval", json!({})).await.expect(403).code(), "not_granted");
        assert_eq!(read(&world, TOP, &path).await["allowed_actions"], json!(["approve", "return"]));
        let unexplained = take(&world, TOP, &path, "return", json!({})).await.expect(422);
        assert_eq!(unexplained.faults(), [("/reason".to_owned(), "required".to_owned())]);
        let back = take(&world, TOP, &path, "return", json!({ "reason": "倉庫を含めること" })).await.expect(200).json();
        assert_eq!((&back["state"], &back["sign_off"]["state"]), (&json!("draft"), &json!("returned")));
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let done = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&done["state"], &done["sign_off"]["approved"]["name"]), (&json!("in_force"), &json!(TOP)));
        assert_eq!(in_force(&world).await["version"], 2);
        let old = read(&world, WORKER, &format!("{LIST}/{}", first["id"].as_str().expect("an id"))).await;
        assert_eq!(old["state"], "superseded");
        let refused = change(&world, SECRETARY, &path, json!({ "remarks": "直す" })).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("wrong_state".into(), &json!("SD-12")));
    })
    .await;
}

#[actix_web::test]
async fn sd_5_nobody_stands_in_where_top_management_prepared_it() {
    on_both(|world| async move {
        let role =
            json!({ "role": "isms_secretariat", "person_id": person(&world, TOP).await, "starts_on": "2024-04-01" });
        let proposed = create(&world, SECRETARY, "/v1/appointments", role).await.expect(201).header("location");
        take(&world, CHAIR, &proposed, "approval", Value::Null).await.expect(200);
        let path = create(&world, TOP, LIST, part(json!({}))).await.expect(201).header("location");
        take(&world, TOP, &path, "submission", Value::Null).await.expect(200);
        assert_eq!(read(&world, TOP, &path).await["allowed_actions"], json!(["return"]));
        let refused = take(&world, TOP, &path, "approval", json!({ "reason": "急ぐ" })).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-5")));
        assert_eq!(refused.json()["params"]["next_approver"], json!([]));
        // Somebody else takes it over.
        take(&world, TOP, &path, "return", json!({ "reason": "事務局が引き継ぐ" })).await.expect(200);
        change(&world, SECRETARY, &path, json!({ "remarks": "引き継いだ" })).await.expect(200);
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn a_new_version_begins_as_a_copy() {
    on_both(|world| async move {
        let first = in_force(&world).await;
        let copy = create(&world, SECRETARY, LIST, json!({ "title": "ISMS適用範囲 第2版" })).await.expect(201).json();
        assert_eq!((&copy["version"], &copy["state"]), (&json!(2), &json!("draft")));
        for field in ["coverage", "physical_boundary", "boundary_nodes", "interfaces", "considered_issues"] {
            assert_eq!(copy[field], first[field], "{field}");
        }
        let other =
            create(&world, SECRETARY, LIST, json!({ "title": "別案", "remarks": "初めから" })).await.expect(201);
        assert_eq!((&other.json()["version"], &other.json()["physical_boundary"]), (&json!(3), &json!("")));
        assert_eq!(in_force(&world).await["version"], 1, "drafts change nothing");
    })
    .await;
}

#[actix_web::test]
async fn drafts_are_for_those_who_write_or_approve_them() {
    on_both(|world| async move {
        let path = drafted(&world, part(json!({}))).await;
        for who in [SECRETARY, CHAIR, TOP, ADMINISTRATOR] {
            read(&world, who, &path).await;
        }
        for who in [WORKER, AUDITOR] {
            assert_eq!(world.get(&path).person(who).send().await.expect(404).code(), "not_found", "{who}");
            assert_eq!(read(&world, who, LIST).await["items"].as_array().map(Vec::len), Some(1), "{who}");
            assert_eq!(read(&world, who, &format!("{LIST}?state=draft")).await["items"], json!([]), "{who}");
            world.get(format!("{path}/consistency")).person(who).send().await.expect(404);
        }
        world.get(&path).person("林 一郎").send().await.expect(404);
        assert_eq!(read(&world, "林 一郎", LIST).await["items"], json!([]), "another organization has its own");
    })
    .await;
}

#[actix_web::test]
async fn aud_12_scope_and_network_diagram_name_the_same_boundary() {
    on_both(|world| async move {
        let scope = format!("{LIST}/{}", in_force(&world).await["id"].as_str().expect("an id"));
        let agreed = read(&world, AUDITOR, &format!("{scope}/consistency")).await;
        assert_eq!(
            agreed,
            json!({ "verdict": "consistent", "network_diagram_version": 1, "in_scope_only": [], "in_diagram_only": [] })
        );

        // The provider's ONU comes to stand in front of the router.
        let list = "/v1/network-diagrams";
        let next = create(&world, ADMINISTRATOR, list, json!({ "title": "ネットワーク図 第2版" })).await.expect(201);
        let (path, drawn) = (next.header("location"), next.json());
        let number = |name: &str| {
            let nodes = drawn["nodes"].as_array().expect("nodes");
            nodes.iter().find(|node| node["name"] == name).expect("a node")["number"].clone()
        };
        let (internet, router, onu) = (number("インターネット"), number("ルータ"), drawn["next_node_number"].clone());
        let (mut nodes, mut links) = (drawn["nodes"].clone(), drawn["links"].clone());
        let node = json!({ "name": "ONU", "kind": "onu", "in_scope": true });
        nodes.as_array_mut().expect("nodes").push(node);
        let links = links.as_array_mut().expect("links");
        links.retain(|link| !(link["a"] == internet && link["b"] == router));
        links.extend([json!({ "a": internet, "b": onu }), json!({ "a": onu, "b": router })]);
        change(&world, ADMINISTRATOR, &path, json!({ "nodes": nodes, "links": links })).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &format!("{scope}/consistency")).await["verdict"], "consistent", "a draft");
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);

        let apart = read(&world, AUDITOR, &format!("{scope}/consistency")).await;
        assert_eq!((&apart["verdict"], &apart["network_diagram_version"]), (&json!("mismatch"), &json!(2)), "AUD-12");
        assert_eq!((&apart["in_scope_only"], &apart["in_diagram_only"]), (&json!(["ルータ"]), &json!(["ONU"])));
        let mended = json!({ "title": "適用範囲 第2版", "boundary_nodes": ["VPNルータ", "ｏｎｕ"] });
        let mended = drafted(&world, mended).await;
        assert_eq!(read(&world, SECRETARY, &format!("{mended}/consistency")).await["verdict"], "consistent");
    })
    .await;
}

#[actix_web::test]
async fn what_a_scope_names_has_to_be_there() {
    on_both(|world| async move {
        let sales = world.first_id("/v1/departments?q=営業部").await;
        let worker = person(&world, WORKER).await;
        let strange = id_of(&world, "林 一郎", "/v1/persons", "name", "原 次郎").await;
        let draft = part(json!({
            "department_ids": [sales, worker], "person_ids": [strange, worker, worker],
        }));
        let refused = create(&world, SECRETARY, LIST, draft.clone()).await.expect(422);
        assert_eq!(refused.faults(), [("/person_ids/2".to_owned(), "duplicate".to_owned())]);
        let mut draft = draft;
        draft["person_ids"] = json!([strange, worker]);
        let refused = create(&world, SECRETARY, LIST, draft.clone()).await.expect(422);
        let unknown = |pointer: &str| (pointer.to_owned(), "unknown_reference".to_owned());
        assert_eq!(refused.faults(), [unknown("/department_ids/1"), unknown("/person_ids/0")]);
        draft["department_ids"] = json!([sales]);
        draft["person_ids"] = json!([worker]);
        let made = create(&world, SECRETARY, LIST, draft).await.expect(201).json();
        assert_eq!((&made["departments"][0]["name"], &made["persons"][0]["name"]), (&json!("営業部"), &json!(WORKER)));
        for (field, value, pointer, code) in [
            ("coverage", json!("half"), "/coverage", "not_in_list"),
            ("exclusions", json!([{ "subject": "倉庫" }]), "/exclusions/0/reason", "required"),
            ("boundary_nodes", json!(["ルータ", "ﾙｰﾀ"]), "/boundary_nodes/1", "duplicate"),
            (
                "interfaces",
                json!([{ "from_party": "当社", "to_party": "当社", "flow_label": "製品" }]),
                "/interfaces/0/to_party",
                "contradiction",
            ),
            ("boundary_nodes", json!(vec!["x"; 101]), "/boundary_nodes", "too_long"),
            ("persons", json!([]), "/persons", "read_only_field"),
        ] {
            let refused = create(&world, SECRETARY, LIST, part(json!({ field: value }))).await.expect(422);
            let expected = (pointer.to_owned(), code.to_owned());
            assert!(refused.faults().contains(&expected), "{pointer}: {:?}", refused.faults());
        }
    })
    .await;
}

#[actix_web::test]
async fn the_drawing_of_the_premises_is_part_of_the_version() {
    on_both(|world| async move {
        let send = async |who: &str, path: &str, picture: &'static [u8]| {
            let read = world.get(path).person(who).send().await.expect(200);
            let ask = world.post(format!("{path}/layout?name=3F.png")).person(who).having_read(&read);
            ask.bytes("image/png", picture).send().await
        };
        let get = async |who: &str, path: &str| world.get(format!("{path}/layout")).person(who).send().await;
        let (first, second): (&[u8], &[u8]) = (b"\x89PNG\r\n\x1a\n1", b"\x89PNG\r\n\x1a\n2");

        let path = drafted(&world, part(json!({}))).await;
        assert_eq!(read(&world, SECRETARY, &path).await["layout"], Value::Null);
        get(SECRETARY, &path).await.expect(404);
        let drawn = send(ADMINISTRATOR, &path, first).await.expect(200).json();
        assert_eq!((&drawn["layout"]["name"], &drawn["layout"]["media_type"]), (&json!("3F.png"), &json!("image/png")));
        assert_eq!(drawn["sign_off"]["prepared"]["name"], ADMINISTRATOR, "whoever changed it last prepared it (SD-1)");
        assert_eq!(send(SECRETARY, &path, b"GIF89a").await.expect(422).code(), "malformed_file");
        get(WORKER, &path).await.expect(404);

        // Once handed in it stays; who reads the version gets it; the next version begins with it.
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        assert_eq!(send(SECRETARY, &path, second).await.expect(409).json()["rule"], "SD-12");
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
        assert_eq!(get(WORKER, &path).await.expect(200).bytes, first);
        let next = drafted(&world, json!({ "title": "第3版" })).await;
        assert_eq!(get(SECRETARY, &next).await.expect(200).bytes, first);
        send(SECRETARY, &next, second).await.expect(200);
        assert_eq!(get(SECRETARY, &path).await.expect(200).bytes, first, "a version in force keeps what it had");
        get("林 一郎", &path).await.expect(404);
    })
    .await;
}
