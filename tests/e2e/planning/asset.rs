//! The asset inventory (D02, §6.1).

use mamori_domain::access::Role;
use serde_json::{Value, json};

use super::steps::{SECRETARY, asset, change, create, person, read, risk, take};
use crate::harness::{World, on_both};

const SALES_MANAGER: &str = "小林 恵";
const SALES_HEAD: &str = "中村 隆";
const WORKER: &str = "高橋 花";

/// The numbers of the assets that `query` finds for `who`.
async fn numbers(world: &World, who: &str, query: &str) -> Vec<i64> {
    let list = read(world, who, &format!("/v1/assets?limit=200&{query}")).await;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    items.iter().filter_map(|item| item["number"].as_i64()).collect()
}

#[actix_web::test]
async fn an_asset_is_entered_changed_and_disposed_of() {
    on_both(|world| async move {
        let draft = world.asset_draft(json!({})).await;
        let made = world.post("/v1/assets").role(Role::IsmsSecretariat).json(draft).send().await.expect(201);
        assert_eq!(made.json()["importance"], 2);
        assert_eq!(made.json()["number"], 13, "after the twelve of the sample");
        assert_eq!(made.json()["managing_department"]["name"], "人事部");
        assert_eq!(made.json()["risk_owner"]["person"]["name"], "田中 浩二");
        let path = made.header("location");

        let stale = world.patch(&path).role(Role::IsmsSecretariat).json(json!({ "availability": 3 }));
        stale.send().await.expect(428);
        let revise =
            world.patch(&path).role(Role::IsmsSecretariat).having_read(&made).json(json!({ "availability": 3 }));
        let revised = revise.send().await.expect(200);
        assert_eq!((&revised.json()["importance"], &revised.json()["revision"]), (&json!(3), &json!(2)));
        let again =
            world.patch(&path).role(Role::IsmsSecretariat).having_read(&made).json(json!({ "availability": 1 }));
        assert_eq!(again.send().await.expect(412).code(), "stale");

        let gone = json!({ "disposed_on": "2024-04-01", "reason": "シュレッダーで廃棄" });
        let dispose =
            world.post(format!("{path}/disposal")).role(Role::IsmsSecretariat).having_read(&revised).json(gone);
        assert_eq!(dispose.send().await.expect(200).json()["state"], "disposed");
        let left = world.get("/v1/assets?q=評価シート").role(Role::IsmsSecretariat).send().await.expect(200);
        assert_eq!(left.json()["items"], json!([]));
    })
    .await;
}

#[actix_web::test]
async fn imp_1_to_10_importance_is_computed_on_entering() {
    on_both(|world| async move {
        let enter = async |patch: Value| {
            let draft = world.asset_draft(patch).await;
            create(&world, SECRETARY, "/v1/assets?validate_only=true", draft).await.expect(201).json()
        };
        for (id, (confidentiality, integrity, availability), importance) in [
            ("IMP-1", (3, 3, 2), 3),
            ("IMP-3", (3, 3, 3), 3),
            ("IMP-4", (1, 2, 3), 3),
            ("IMP-5", (2, 1, 1), 2),
            ("IMP-6", (1, 3, 3), 3),
            ("IMP-7", (1, 1, 1), 1),
            ("IMP-10", (1, 1, 2), 2),
        ] {
            let ratings =
                json!({ "confidentiality": confidentiality, "integrity": integrity, "availability": availability });
            let asset = enter(ratings).await;
            assert_eq!(
                (&asset["importance"], &asset["importance_basis"]),
                (&json!(importance), &json!("highest_rating")),
                "{id}"
            );
        }
        let low = |more: Value| {
            let mut patch = json!({ "confidentiality": 1, "integrity": 1, "availability": 1 });
            more.as_object().into_iter().flatten().for_each(|(name, value)| patch[name] = value.clone());
            patch
        };
        for kind in ["contains_personal_data", "contains_sensitive_personal_data", "contains_my_number"] {
            let asset = enter(low(json!({ kind: true }))).await;
            assert_eq!(
                (&asset["importance"], &asset["importance_basis"]),
                (&json!(3), &json!("personal_data")),
                "IMP-8"
            );
        }
        let critical = low(json!({ "business_critical": true, "business_critical_reason": "止まると廃業になる" }));
        let asset = enter(critical).await;
        assert_eq!(
            (&asset["importance"], &asset["importance_basis"]),
            (&json!(3), &json!("business_critical")),
            "IMP-9"
        );
        assert_eq!(numbers(&world, SECRETARY, "").await.len(), 12, "validate_only stored nothing");
    })
    .await;
}

#[actix_web::test]
async fn imp_9_and_11_what_is_missing_or_out_of_bounds_is_refused() {
    on_both(|world| async move {
        for (patch, pointer, code) in [
            (json!({ "business_critical": true }), "/business_critical_reason", "required_here"),
            (json!({ "confidentiality": 0 }), "/confidentiality", "out_of_range"),
            (json!({ "integrity": 4 }), "/integrity", "out_of_range"),
            (json!({ "availability": -1 }), "/availability", "out_of_range"),
            (json!({ "availability": "3" }), "/availability", "wrong_type"),
            (json!({ "importance": 1 }), "/importance", "read_only_field"),
            (json!({ "number": 99 }), "/number", "read_only_field"),
            (json!({ "classification": "no_such_class" }), "/classification", "not_in_list"),
            (json!({ "risk_owner_position_id": null }), "/risk_owner_person_id", "exactly_one"),
            (json!({ "name": "" }), "/name", "too_short"),
            (json!({ "media": "usb" }), "/media", "not_in_list"),
            (json!({ "colour": "red" }), "/colour", "unknown_field"),
        ] {
            let draft = world.asset_draft(patch.clone()).await;
            let refused = create(&world, SECRETARY, "/v1/assets", draft).await.expect(422);
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())], "{patch}");
        }
        let several = world.asset_draft(json!({ "confidentiality": 0, "integrity": 4, "name": "" })).await;
        let refused = create(&world, SECRETARY, "/v1/assets", several).await.expect(422);
        assert_eq!(refused.faults().len(), 3, "all at once: {:?}", refused.faults());
        assert_eq!(numbers(&world, SECRETARY, "").await.len(), 12);
    })
    .await;
}

#[actix_web::test]
async fn a_worker_sees_the_assets_of_the_own_department() {
    on_both(|world| async move {
        assert_eq!(numbers(&world, WORKER, "").await, [7, 8, 9, 10]);
        let (own, other) = (asset(&world, 9).await, asset(&world, 1).await);
        assert_eq!(read(&world, WORKER, &own).await["allowed_actions"], json!([]));
        world.get(&other).person(WORKER).send().await.expect(404);
        let refused = change(&world, WORKER, &own, json!({ "availability": 3 })).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
        let exported = world.get("/v1/assets?format=csv").person(WORKER).send().await.expect(200);
        assert_eq!(String::from_utf8_lossy(&exported.bytes).lines().count(), 5, "header and four rows");
    })
    .await;
}

#[actix_web::test]
async fn a_department_manager_writes_in_the_own_department() {
    on_both(|world| async move {
        let sales = world.first_id("/v1/departments?q=営業部").await;
        let own = world.asset_draft(json!({ "managing_department_id": sales, "name": "見積書" })).await;
        let path = create(&world, SALES_MANAGER, "/v1/assets", own).await.expect(201).header("location");
        let elsewhere = world.asset_draft(json!({})).await;
        let refused = create(&world, SALES_MANAGER, "/v1/assets", elsewhere).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        let moved = world.first_id("/v1/departments?q=人事部").await;
        let refused =
            change(&world, SALES_MANAGER, &path, json!({ "managing_department_id": moved })).await.expect(403);
        assert_eq!(refused.code(), "outside_reach", "nor is one moved out of reach");
        let now = change(&world, SALES_MANAGER, &path, json!({ "integrity": 3 })).await.expect(200).json();
        assert_eq!((&now["importance"], &now["allowed_actions"]), (&json!(3), &json!(["revise", "dispose"])));
        world.get(asset(&world, 1).await).person(SALES_MANAGER).send().await.expect(404);
    })
    .await;
}

#[actix_web::test]
async fn whoever_holds_the_owners_position_reads() {
    on_both(|world| async move {
        let (path, finance) = (asset(&world, 1).await, "千葉 理恵");
        world.get(&path).person(finance).send().await.expect(404);
        let post = format!("/v1/positions/{}", world.first_id("/v1/positions?q=人事部長").await);
        let next = json!({ "person_id": person(&world, finance).await, "starts_on": "2024-04-01" });
        take(&world, SECRETARY, &post, "handover", next).await.expect(200);
        let seen = read(&world, finance, &path).await;
        assert_eq!(seen["risk_owner"]["person"]["name"], finance);
        assert_eq!(numbers(&world, finance, "").await, [1, 2, 3, 4, 5]);
        let of = format!("risk_owner_person_id={}", person(&world, finance).await);
        assert_eq!(numbers(&world, SECRETARY, &of).await, [1, 2, 3, 4, 5]);
    })
    .await;
}

#[actix_web::test]
async fn another_organizations_assets_do_not_exist() {
    on_both(|world| async move {
        let path = asset(&world, 1).await;
        for somebody in ["林 一郎", "森 正子"] {
            world.get(&path).person(somebody).send().await.expect(404);
        }
        assert_eq!(numbers(&world, "林 一郎", "").await, [0; 0]);
        let stranger = world.patch(&path).person("林 一郎").header("if-match", "\"1\"").json(json!({ "integrity": 1 }));
        stranger.send().await.expect(404);
        let gone = json!({ "disposed_on": "2024-04-01", "reason": "廃棄" });
        let stranger = world.post(format!("{path}/disposal")).person("林 一郎").header("if-match", "\"1\"").json(gone);
        stranger.send().await.expect(404);
        let foreign = world.asset_draft(json!({})).await;
        let refused = create(&world, "林 一郎", "/v1/assets", foreign).await.expect(422);
        assert_eq!(refused.code(), "invalid");
        assert!(refused.faults().iter().all(|(_, code)| code == "unknown_reference"), "{:?}", refused.faults());
    })
    .await;
}

#[actix_web::test]
async fn a_change_of_importance_marks_the_risks() {
    on_both(|world| async move {
        let path = asset(&world, 4).await;
        change(&world, SECRETARY, &path, json!({ "availability": 3 })).await.expect(200);
        let second = risk(&world, 2).await;
        assert_eq!(read(&world, SECRETARY, &second).await["needs_reanalysis"], false, "3 it was, 3 it is");
        let less = json!({ "confidentiality": 2, "integrity": 2, "availability": 2 });
        assert_eq!(change(&world, SECRETARY, &path, less).await.expect(200).json()["importance"], 2);
        let stale = read(&world, SECRETARY, &second).await;
        assert_eq!((&stale["needs_reanalysis"], &stale["assets"][0]["importance"]), (&json!(true), &json!(2)));
        assert_eq!(stale["initial"]["risk_level"], 6);
        let evaluated = take(&world, SECRETARY, &second, "evaluation", Value::Null).await.expect(200).json();
        assert_eq!((&evaluated["initial"]["risk_level"], &evaluated["needs_reanalysis"]), (&json!(4), &json!(false)));
    })
    .await;
}

#[actix_web::test]
async fn disposal_has_its_rules() {
    on_both(|world| async move {
        let (used, unused) = (asset(&world, 1).await, asset(&world, 12).await);
        let gone =
            |on: &str, mistake: bool| json!({ "disposed_on": on, "reason": "誤登録", "entered_by_mistake": mistake });
        let refused = take(&world, SECRETARY, &unused, "disposal", gone("2024-04-02", false)).await.expect(422);
        assert_eq!(refused.faults(), [("/disposed_on".to_owned(), "future_date".to_owned())]);
        let unexplained = json!({ "disposed_on": "2024-04-01" });
        let refused = take(&world, SECRETARY, &unused, "disposal", unexplained).await.expect(422);
        assert_eq!(refused.faults(), [("/reason".to_owned(), "required".to_owned())]);
        let refused = take(&world, SECRETARY, &used, "disposal", gone("2024-04-01", true)).await.expect(409);
        assert_eq!(refused.code(), "in_use");

        let voided = take(&world, SECRETARY, &unused, "disposal", gone("2024-04-01", true)).await.expect(200).json();
        assert_eq!((&voided["state"], &voided["allowed_actions"]), (&json!("voided"), &json!([])));
        let disposed = take(&world, SECRETARY, &used, "disposal", gone("2024-03-31", false)).await.expect(200).json();
        assert_eq!(
            (&disposed["state"], &disposed["disposal"]["disposed_on"]),
            (&json!("disposed"), &json!("2024-03-31"))
        );
        assert_eq!(
            read(&world, SECRETARY, &risk(&world, 1).await).await["needs_reanalysis"],
            true,
            "its asset is gone"
        );
        let refused = take(&world, SECRETARY, &used, "disposal", gone("2024-04-01", false)).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["params"]["state"]), ("wrong_state".into(), &json!("disposed")));
        let refused = change(&world, SECRETARY, &used, json!({ "integrity": 1 })).await.expect(409);
        assert_eq!(refused.code(), "wrong_state");

        assert_eq!(numbers(&world, SECRETARY, "").await, (2..=11).collect::<Vec<_>>());
        assert_eq!(numbers(&world, SECRETARY, "state=disposed").await, [1]);
        assert_eq!(numbers(&world, SECRETARY, "state=voided").await, [12]);
        assert_eq!(read(&world, SECRETARY, &used).await["number"], 1, "it stays to be read");
    })
    .await;
}

#[actix_web::test]
async fn lists_are_searched_filtered_and_sorted() {
    on_both(|world| async move {
        for (q, found) in [
            ("ホームページ", vec![11]),
            ("ﾎｰﾑﾍﾟｰｼﾞ", vec![11]),
            ("ほーむぺーじ", vec![11]),
            ("ＰＣ", vec![]),
            ("得意先", vec![7, 8]),
            ("経理部", vec![4, 5]),
            ("100%", vec![]),
            ("_", vec![]),
        ] {
            assert_eq!(numbers(&world, SECRETARY, &format!("q={}", q.replace('%', "%25"))).await, found, "{q}");
        }
        let sales = world.first_id("/v1/departments?q=営業部").await;
        for (query, found) in [
            (format!("department_id={sales}"), vec![7, 8, 9, 10]),
            (format!("department_id={sales}&media=paper"), vec![10]),
            ("importance=1".into(), vec![12]),
            ("importance=2".into(), vec![5, 9]),
            ("media=external_server".into(), vec![6, 11]),
            ("classification=top_secret".into(), vec![]),
            ("importance=2&sort=-number".into(), vec![9, 5]),
            ("updated_since=2024-04-02T00:00:00Z".into(), vec![]),
        ] {
            assert_eq!(numbers(&world, SECRETARY, &query).await, found, "{query}");
        }
        let page = read(&world, SECRETARY, "/v1/assets?limit=5&include_total=true").await;
        assert_eq!((page["items"].as_array().map(Vec::len), &page["total"]), (Some(5), &json!(12)));
        let next = page["next"].as_str().expect("a cursor").to_owned();
        let second = read(&world, SECRETARY, &format!("/v1/assets?limit=5&cursor={next}")).await;
        assert_eq!(second["items"][0]["number"], 6);
    })
    .await;
}

#[actix_web::test]
async fn an_export_imports_again_unchanged() {
    on_both(|world| async move {
        // Texts that spreadsheets would take for something else, and every optional field.
        for (name, more) in [
            ("=1+1", json!({ "remarks": "-一行目\n二行目, \"引用\"" })),
            ("'@ホーム", json!({ "storage_location": "+81-3-0000-0000" })),
            ("　全部入り　", json!({
                "classification": "internal_only", "asset_class": "supporting", "retention_period": "5年",
                "registered_on": "2023-05-22", "business_critical": true, "business_critical_reason": "止まると困る",
                "contains_my_number": true, "media": "other",
            })),
        ] {
            let mut draft = world.asset_draft(more).await;
            draft["name"] = json!(name);
            create(&world, SECRETARY, "/v1/assets", draft).await.expect(201);
        }
        let owner = person(&world, SALES_HEAD).await;
        let mut owned = world.asset_draft(json!({ "name": "個人の所有", "risk_owner_person_id": owner })).await;
        owned.as_object_mut().expect("an object").remove("risk_owner_position_id");
        create(&world, SECRETARY, "/v1/assets", owned).await.expect(201);

        let before = read(&world, SECRETARY, "/v1/assets?limit=200").await;
        for (format, media) in [
            ("csv", "text/csv"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ] {
            let file = world.get(format!("/v1/assets?format={format}")).person(SECRETARY).send().await.expect(200);
            assert!(file.header("content-type").starts_with(media));
            assert!(file.header("content-disposition").contains(&format!("assets.{format}")));
            let import = world.post("/v1/asset-imports").person(SECRETARY).bytes(media, file.bytes);
            let report = import.send().await.expect(200).json();
            assert_eq!((&report["rows_read"], &report["unchanged"]), (&json!(16), &json!(16)), "{format}: {report}");
            assert_eq!(read(&world, SECRETARY, "/v1/assets?limit=200").await, before, "{format}");
        }
    })
    .await;
}

#[actix_web::test]
async fn the_owner_confirms_an_entry_until_it_changes() {
    on_both(|world| async move {
        let path = asset(&world, 7).await;
        let waiting = numbers(&world, SALES_HEAD, "confirmed=false").await;
        assert!(waiting.contains(&7), "{waiting:?}");
        // The secretariat may change it, not confirm it: that is not granted. Another owner does not own it.
        assert_eq!(
            take(&world, SECRETARY, &path, "confirmation", Value::Null).await.expect(403).code(),
            "outside_reach"
        );
        let confirmed = take(&world, SALES_HEAD, &path, "confirmation", Value::Null).await.expect(200).json();
        assert_eq!(confirmed["confirmation"]["name"], SALES_HEAD);
        assert_eq!(confirmed["confirmation"]["posts"], json!(["risk_owner"]));
        assert_eq!(numbers(&world, SALES_HEAD, "confirmed=true").await, [7]);
        let same =
            change(&world, SECRETARY, &path, json!({ "remarks": confirmed["remarks"] })).await.expect(200).json();
        assert_eq!(same["confirmation"], confirmed["confirmation"], "nothing of the entry changed");
        let changed = change(&world, SECRETARY, &path, json!({ "storage_location": "棚2" })).await.expect(200).json();
        assert_eq!(changed["confirmation"], Value::Null);
        let gone = json!({ "disposed_on": "2024-04-01", "reason": "廃棄" });
        take(&world, SECRETARY, &path, "disposal", gone).await.expect(200);
        assert_eq!(
            take(&world, SALES_HEAD, &path, "confirmation", Value::Null).await.expect(409).code(),
            "wrong_state"
        );
    })
    .await;
}
