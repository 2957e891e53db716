//! The organization chart and the descriptions of the roles (D17, D18).

use serde_json::{Value, json};

use super::steps::{CHAIR, CONTROLLER, SECRETARY, TOP, WORKER, change, create, person, read, take};
use crate::harness::on_both;

/// The node of a role, wherever it stands.
fn node<'a>(nodes: &'a [Value], role: &str) -> Option<&'a Value> {
    nodes.iter().find_map(|one| {
        let below = one["reports"].as_array().map_or(&[][..], Vec::as_slice);
        if one["role"] == role { Some(one) } else { node(below, role) }
    })
}

fn names(node: &Value) -> Vec<&str> {
    node["holders"].as_array().into_iter().flatten().filter_map(|holder| holder["person"]["name"].as_str()).collect()
}

fn roles(node: &Value) -> Vec<&str> {
    node["reports"].as_array().into_iter().flatten().filter_map(|one| one["role"].as_str()).collect()
}

#[actix_web::test]
async fn the_chart_is_a_tree_with_todays_holders() {
    on_both(|world| async move {
        let chart = read(&world, WORKER, "/v1/organization-chart").await;
        assert_eq!((&chart["date"], &chart["top"]["role"]), (&json!("2024-04-01"), &json!("top_management")));
        assert_eq!(names(&chart["top"]), [TOP]);
        assert_eq!(roles(&chart["top"]), ["security_committee_chair", "internal_audit_manager"], "beside the chair");
        let under_chair = roles(&chart["top"]["reports"][0]);
        for role in ["training_manager", "department_manager", "system_administrator", "document_controller"] {
            assert!(under_chair.contains(&role), "{role}");
        }
        let top = [chart["top"].clone()];
        let manager = node(&top, "department_manager").expect("a node");
        assert_eq!((names(manager), &manager["holders"][0]["department"]["name"]), (vec!["小林 恵"], &json!("営業部")));
        assert!(node(&top, "platform_admin").is_none(), "it has no place in the ISMS");
    })
    .await;
}

#[actix_web::test]
async fn deputies_and_vacant_seats_show_on_their_days() {
    on_both(|world| async move {
        let person = person(&world, WORKER).await;
        let seat = world.first_id("/v1/appointments?role=security_committee_chair&state=in_force").await;
        let seat = format!("/v1/appointments/{seat}");
        let deputy = json!({ "deputy_person_id": person, "deputy_from": "2024-04-05", "deputy_until": "2024-04-10" });
        change(&world, TOP, &seat, deputy).await.expect(200);
        let gone = json!({ "ends_on": "2024-04-20", "reason": "退任" });
        take(&world, TOP, &seat, "end", gone).await.expect(200);
        let on = async |date: &str| {
            let chart = read(&world, SECRETARY, &format!("/v1/organization-chart?date={date}")).await;
            assert_eq!(chart["date"], date);
            chart["top"]["reports"][0].clone()
        };
        assert_eq!(names(&on("2024-04-04").await), [CHAIR]);
        let chair = on("2024-04-10").await;
        assert_eq!(names(&chair), [CHAIR, WORKER]);
        assert_eq!(
            (&chair["holders"][1]["as_deputy"], &chair["holders"][1]["ends_on"]),
            (&json!(true), &json!("2024-04-10"))
        );
        assert_eq!(names(&on("2024-04-11").await), [CHAIR]);
        assert_eq!(on("2024-04-20").await["vacant"], json!(false));
        let chair = on("2024-04-21").await;
        assert_eq!((names(&chair).len(), &chair["vacant"]), (0, &json!(true)));
        assert_eq!(on("2020-01-01").await["vacant"], json!(true), "before anybody was appointed");
        let unclear = ["yesterday", "", "2024-02-30"].map(|date| (date, 400));
        let out_of_range = ["1899-12-31", "3000-01-01"].map(|date| (date, 422));
        for (wrong, status) in unclear.into_iter().chain(out_of_range) {
            let path = format!("/v1/organization-chart?date={wrong}");
            world.get(path).person(SECRETARY).send().await.expect(status);
        }
    })
    .await;
}

#[actix_web::test]
async fn every_role_is_described_with_who_holds_it() {
    on_both(|world| async move {
        let person = person(&world, WORKER).await;
        let draft = json!({
            "role": "hr_officer", "person_id": person, "starts_on": "2024-04-01", "kind": "provisional",
        });
        let proposed = create(&world, SECRETARY, "/v1/appointments", draft).await.expect(201).header("location");
        take(&world, CHAIR, &proposed, "approval", Value::Null).await.expect(200);
        let list = read(&world, WORKER, "/v1/role-descriptions?include_total=true").await;
        let items = list["items"].as_array().cloned().unwrap_or_default();
        assert_eq!(list["total"], json!(items.len()));
        let described = |role: &str| items.iter().find(|item| item["role"] == role).expect("a description");
        for item in &items {
            for duty in item["duties"].as_array().expect("duties") {
                assert!(duty["ja"].is_string() && duty["en"].is_string());
            }
        }
        let controller = described("document_controller");
        assert_eq!((names(controller), &controller["vacant"]), (vec![CONTROLLER], &json!(false)));
        assert_eq!(
            (&controller["appointed_by"], &controller["reports_to"]),
            (&json!(["security_committee_chair"]), &json!("security_committee_chair"))
        );
        assert_eq!(described("internal_audit_manager")["reports_to"], "top_management");
        let kinds: Vec<_> = described("hr_officer")["holders"].as_array().expect("holders").clone();
        let kinds: Vec<_> = kinds.iter().map(|holder| (&holder["person"]["name"], &holder["kind"])).collect();
        assert!(kinds.contains(&(&json!(WORKER), &json!("provisional"))), "{kinds:?}");
        let owner = described("risk_owner");
        assert_eq!(
            (&owner["vacant"], &owner["appointed_by"]),
            (&json!(false), &json!([])),
            "nobody is appointed to it"
        );
    })
    .await;
}
