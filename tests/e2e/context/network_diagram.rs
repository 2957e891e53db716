//! Versions of the network diagram (D14; R-29; SD-5).

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const ADMINISTRATOR: &str = "斎藤 翔";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/network-diagrams";

fn node(name: &str, kind: &str, in_scope: bool) -> Value {
    json!({ "name": name, "kind": kind, "in_scope": in_scope })
}

fn numbers(diagram: &Value) -> Vec<i64> {
    diagram["nodes"].as_array().into_iter().flatten().filter_map(|node| node["number"].as_i64()).collect()
}

fn boundary(diagram: &Value) -> Vec<&str> {
    diagram["boundary"].as_array().into_iter().flatten().filter_map(|node| node["name"].as_str()).collect()
}

async fn in_force(world: &World) -> Value {
    read(world, WORKER, "/v1/network-diagrams?state=in_force").await["items"][0].clone()
}

#[actix_web::test]
async fn r_29_the_boundary_follows_from_the_drawing() {
    on_both(|world| async move {
        let diagram = in_force(&world).await;
        assert_eq!(boundary(&diagram), ["ルータ", "VPNルータ"]);
        assert_eq!(diagram["next_node_number"], 16);
        let names = |list: &str| -> Vec<String> {
            let items = diagram[list].as_array().into_iter().flatten();
            items.filter_map(|item| item["name"].as_str()).map(ToOwned::to_owned).collect()
        };
        assert_eq!(names("zones"), ["サーバ室", "執務室"]);
        assert!(names("departments").contains(&"営業部".to_owned()));

        let copy = create(&world, ADMINISTRATOR, LIST, json!({ "title": "第2版" })).await.expect(201);
        assert_eq!((&copy.json()["nodes"], &copy.json()["links"]), (&diagram["nodes"], &diagram["links"]));
        let mut nodes = diagram["nodes"].clone();
        nodes[0]["in_scope"] = json!(true);
        let revised = change(&world, ADMINISTRATOR, &copy.header("location"), json!({ "nodes": nodes })).await;
        assert_eq!(boundary(&revised.expect(200).json()), ["VPNルータ"]);
        let refused = change(&world, ADMINISTRATOR, &copy.header("location"), json!({ "boundary": [] })).await;
        assert_eq!(refused.expect(422).faults(), [("/boundary".to_owned(), "read_only_field".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn a_node_keeps_its_number_and_no_number_is_given_twice() {
    on_both(|world| async move {
        let draft = json!({
            "title": "書き直し",
            "nodes": [node("インターネット", "internet", false), node("ONU", "onu", true)],
            "links": [{ "a": 16, "b": 17, "medium": "光回線" }],
        });
        let first = create(&world, ADMINISTRATOR, LIST, draft.clone()).await.expect(201);
        assert_eq!(numbers(&first.json()), [16, 17], "after those of the version in force");
        assert_eq!((boundary(&first.json()), &first.json()["next_node_number"]), (vec!["ONU"], &json!(18)));
        let mut nodes = first.json()["nodes"].clone();
        nodes.as_array_mut().expect("nodes").swap(0, 1);
        nodes.as_array_mut().expect("nodes").push(node("PC", "client_pc", true));
        let revised = change(&world, SECRETARY, &first.header("location"), json!({ "nodes": nodes })).await.expect(200);
        assert_eq!(numbers(&revised.json()), [17, 16, 18]);

        // What was taken out is not given again, in this version or another one.
        let less = json!({ "nodes": [nodes[0], nodes[1]] });
        change(&world, SECRETARY, &first.header("location"), less).await.expect(200);
        let other = json!({ "title": "別案", "nodes": [node("PC", "client_pc", true)] });
        assert_eq!(numbers(&create(&world, SECRETARY, LIST, other).await.expect(201).json()), [19]);

        // A node of the version in force is the same node in the next one; one of another draft is not.
        let mut router = node("ルータ", "router", true);
        router["number"] = json!(4);
        let mut strange = node("PC", "client_pc", true);
        strange["number"] = json!(19);
        let next = json!({ "title": "第2版", "nodes": [router, strange] });
        let refused = create(&world, SECRETARY, LIST, next).await.expect(422);
        assert_eq!(refused.faults(), [("/nodes/1/number".to_owned(), "unknown_reference".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn nodes_and_links_name_what_is_there() {
    on_both(|world| async move {
        let worker = world.first_id("/v1/persons").await;
        let mut placed = node("サーバ", "server", true);
        (placed["zone_id"], placed["department_id"]) = (json!(worker), json!(worker));
        let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        for (draft, expected) in [
            (
                json!({
                    "nodes": [node("PC", "client_pc", true), node("ルータ", "router", true)],
                    "links": [{ "a": 16, "b": 17 }, { "a": 17, "b": 16 }, { "a": 16, "b": 16 }, { "a": 1, "b": 99 }],
                }),
                vec![
                    fault("/links/1", "duplicate"),
                    fault("/links/2/b", "contradiction"),
                    fault("/links/3/a", "unknown_reference"),
                    fault("/links/3/b", "unknown_reference"),
                ],
            ),
            (
                json!({ "nodes": [node("PC", "client_pc", true), node("ＰＣ", "client_pc", true)] }),
                vec![fault("/nodes/1/name", "duplicate")],
            ),
            (
                json!({ "nodes": [placed] }),
                vec![
                    fault("/nodes/0/zone_id", "unknown_reference"),
                    fault("/nodes/0/department_id", "unknown_reference"),
                ],
            ),
            (json!({ "nodes": [node("PC", "toaster", true)] }), vec![fault("/nodes/0/kind", "not_in_list")]),
        ] {
            let mut draft = draft;
            draft["title"] = json!("試し");
            let refused = create(&world, ADMINISTRATOR, LIST, draft).await.expect(422);
            assert_eq!(refused.faults(), expected);
        }
        let two = json!({
            "title": "二重の回線",
            "nodes": [node("PC", "client_pc", true), node("ルータ", "router", true)],
            "links": [{ "a": 16, "b": 17, "medium": "LAN" }, { "a": 17, "b": 16, "medium": "Wi-Fi" }],
        });
        create(&world, ADMINISTRATOR, LIST, two).await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn sd_5_the_administrator_draws_the_secretariat_hands_in_top_management_approves() {
    on_both(|world| async move {
        let empty = json!({ "title": "白紙", "remarks": "書きかけ" });
        let path = create(&world, ADMINISTRATOR, LIST, empty).await.expect(201).header("location");
        assert_eq!(read(&world, ADMINISTRATOR, &path).await["allowed_actions"], json!(["revise", "void"]));
        let refused = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        assert_eq!((refused.code(), refused.faults()[0].0.as_str()), ("not_ready".into(), "/nodes"));
        change(&world, ADMINISTRATOR, &path, json!({ "nodes": [node("PC", "client_pc", true)] })).await.expect(200);
        world.get(&path).person(WORKER).send().await.expect(404);
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        assert_eq!(take(&world, CHAIR, &path, "approval", json!({})).await.expect(403).code(), "not_granted");
        let done = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!(
            (&done["state"], &done["sign_off"]["prepared"]["name"]),
            (&json!("in_force"), &json!(ADMINISTRATOR))
        );
        assert_eq!(in_force(&world).await["version"], 2);
        let old = id_of(&world, WORKER, LIST, "version", 1).await;
        assert_eq!(read(&world, WORKER, &format!("{LIST}/{old}")).await["state"], "superseded");
        let refused = change(&world, ADMINISTRATOR, &path, json!({ "nodes": [] })).await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-12");
    })
    .await;
}
