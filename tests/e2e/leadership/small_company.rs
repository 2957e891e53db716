//! The five people of 有限会社ちいさな工房 lead their ISMS themselves (amendments §1, SD-0).

use serde_json::{Value, json};

use super::steps::{change, commitment, create, policy_draft, read, take, told, unconfirmed};
use crate::harness::on_both;

/// Chair, secretariat, training, documents, systems.
const HAYASHI: &str = "林 一郎";
/// Top management, and the platform's administrator.
const MORI: &str = "森 正子";
/// Audit manager and auditor.
const HARA: &str = "原 次郎";
/// Head and manager of 業務部.
const OKA: &str = "岡 三枝";

#[actix_web::test]
async fn the_policy_is_written_by_one_approved_by_the_other_and_made_known() {
    on_both(|world| async move {
        let draft = policy_draft(json!({ "company_name": "有限会社ちいさな工房", "signatory_name": MORI }));
        let path = create(&world, HAYASHI, "/v1/policies", draft).await.expect(201).header("location");
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        // The chair who wrote it is not even asked: SD-5 knows top management only.
        let refused = take(&world, HAYASHI, &path, "approval", json!({})).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
        assert_eq!(
            read(&world, OKA, "/v1/policies").await["items"].as_array().map(Vec::len),
            Some(1),
            "a manager reads"
        );
        take(&world, MORI, &path, "approval", json!({})).await.expect(200);
        // Who wrote it may make it known: these duties do not exclude each other.
        take(&world, HAYASHI, &path, "publication", told()).await.expect(200);
        let posted =
            json!({ "external": { "available_on": "2024-04-01", "means": "posted", "evidence": "受付の写真" } });
        take(&world, HAYASHI, &path, "publication", posted).await.expect(200);
        assert!(unconfirmed(&world, HARA, &path).await.is_empty());
    })
    .await;
}

#[actix_web::test]
async fn the_president_stands_by_all_eight_commitments() {
    on_both(|world| async move {
        for number in 1..=8 {
            let path = commitment(&world, HAYASHI, number).await;
            let evidence = json!({ "evidence": format!("社長の記録 {number}"), "reviewed_on": "2024-04-01" });
            change(&world, HAYASHI, &path, evidence).await.expect(200);
            take(&world, MORI, &path, "approval", json!({})).await.expect(200);
        }
        let open = read(&world, HARA, "/v1/leadership-commitments?state=approved&include_total=true").await;
        assert_eq!(open["total"], 8);
    })
    .await;
}

#[actix_web::test]
async fn one_person_shows_in_many_seats_and_the_audit_stays_beside() {
    on_both(|world| async move {
        let chart = read(&world, OKA, "/v1/organization-chart").await;
        let [chair, audit] = [0, 1].map(|at| chart["top"]["reports"][at].clone());
        assert_eq!(chart["top"]["holders"][0]["person"]["name"], MORI);
        assert_eq!(chair["holders"][0]["person"]["name"], HAYASHI);
        assert_eq!(audit["holders"][0]["person"]["name"], HARA);
        let seats = chair["reports"].as_array().cloned().unwrap_or_default();
        let his = seats.iter().filter(|seat| seat["holders"][0]["person"]["name"] == HAYASHI).count();
        assert_eq!(his, 4, "secretariat, training, systems, documents");
        let vacant: Vec<_> =
            seats.iter().filter(|seat| seat["vacant"] == json!(true)).map(|seat| &seat["role"]).collect();
        assert_eq!(vacant, ["isms_secretariat_head", "hr_officer"]);
    })
    .await;
}
