//! Appointments: the authorization itself.

use chrono::TimeDelta;
use mamori_domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Reply, World, on_both};

/// The id of the person with this name.
async fn person(world: &World, name: &str) -> String {
    world.first_id(&format!("/v1/persons?q={name}")).await
}

/// The appointment of this role that stands first.
async fn seat(world: &World, role: Role) -> Reply {
    let id = world.first_id(&format!("/v1/appointments?role={role}&state=in_force")).await;
    world.get(format!("/v1/appointments/{id}")).role(Role::IsmsSecretariat).send().await.expect(200)
}

/// Proposes `name` for `role` from a day on; `patch` adds fields.
async fn propose(world: &World, name: &str, role: Role, starts_on: &str, patch: Value) -> Reply {
    let mut draft = json!({ "role": role, "person_id": person(world, name).await, "starts_on": starts_on });
    for (field, value) in patch.as_object().into_iter().flatten() {
        draft[field] = value.clone();
    }
    world.post("/v1/appointments").role(Role::IsmsSecretariat).json(draft).send().await
}

async fn approve(world: &World, by: &str, appointment: &Reply) -> Reply {
    let path = format!("/v1/appointments/{}/approval", appointment.id());
    world.post(path).person(by).having_read(appointment).send().await
}

async fn end(world: &World, by: &str, appointment: &Reply, ends_on: &str) -> Reply {
    let path = format!("/v1/appointments/{}/end", appointment.id());
    let body = json!({ "ends_on": ends_on, "reason": "任期満了" });
    world.post(path).person(by).having_read(appointment).json(body).send().await
}

/// Whether this person may enter assets today: what a system administrator may, and a worker may not.
async fn may_enter_assets(world: &World, name: &str) -> bool {
    let draft = world.asset_draft(json!({})).await;
    let tried = world.post("/v1/assets?validate_only=true").person(name).json(draft).send().await;
    match tried.status.as_u16() {
        201 => true,
        403 => false,
        _ => panic!("{}", String::from_utf8_lossy(&tried.bytes)),
    }
}

#[actix_web::test]
async fn a_proposal_grants_nothing_and_the_approval_grants_at_once() {
    on_both(|world| async move {
        let proposed = propose(&world, "高橋", Role::SystemAdministrator, "2024-04-01", json!({})).await.expect(201);
        assert_eq!(
            (&proposed.json()["state"], &proposed.json()["person"]["name"]),
            (&json!("proposed"), &json!("高橋 花"))
        );
        assert_eq!(proposed.json()["sign_off"]["prepared"]["name"], "上田 直樹");
        assert!(!may_enter_assets(&world, "高橋 花").await);
        let appointed = approve(&world, "石田 洋子", &proposed).await.expect(200);
        assert_eq!(appointed.json()["state"], "in_force");
        let by = &appointed.json()["sign_off"]["approved"];
        assert_eq!(
            (&by["name"], &by["posts"], &by["provisional"]),
            (&json!("石田 洋子"), &json!(["security_committee_chair"]), &json!(false))
        );
        assert!(may_enter_assets(&world, "高橋 花").await);
        assert_eq!(approve(&world, "石田 洋子", &appointed).await.expect(409).code(), "wrong_state");
    })
    .await;
}

#[actix_web::test]
async fn only_whoever_appoints_to_the_role_approves() {
    on_both(|world| async move {
        let proposed = propose(&world, "高橋", Role::IsmsSecretariat, "2024-04-01", json!({})).await.expect(201);
        // Who has no right to approve appointments at all.
        for name in ["上田 直樹", "江口 美香", "高橋 花", "瀬戸 大輔"] {
            assert_eq!(approve(&world, name, &proposed).await.expect(403).code(), "not_granted", "{name}");
        }
        // Who approves others: the problem says who may approve this one.
        for name in ["青木 健一", "大野 誠"] {
            let refused = approve(&world, name, &proposed).await.expect(403);
            assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("ISO 5.3")));
            let next = &refused.json()["params"]["next_approver"];
            assert_eq!((&next[0]["name"], &next[0]["role"]), (&json!("石田 洋子"), &json!("security_committee_chair")));
        }
        approve(&world, "石田 洋子", &proposed).await.expect(200);
        // Auditors are appointed by the audit manager, the audit manager by top management.
        let auditor = propose(&world, "西川", Role::InternalAuditor, "2024-04-01", json!({})).await.expect(201);
        approve(&world, "石田 洋子", &auditor).await.expect(403);
        approve(&world, "大野 誠", &auditor).await.expect(200);
        approve(&world, "森 正子", &auditor).await.expect(404);
    })
    .await;
}

#[actix_web::test]
async fn the_steps_open_to_the_caller_are_told() {
    on_both(|world| async move {
        let proposed = propose(&world, "高橋", Role::SystemAdministrator, "2024-04-01", json!({})).await.expect(201);
        assert_eq!(proposed.json()["allowed_actions"], json!(["revise", "end"]));
        let path = format!("/v1/appointments/{}", proposed.id());
        let open =
            async |name: &str| world.get(&path).person(name).send().await.expect(200).json()["allowed_actions"].clone();
        assert_eq!(open("石田 洋子").await, json!(["approve", "revise", "end"]));
        assert_eq!(open("青木 健一").await, json!(["revise", "end"]));
        assert_eq!(open("高橋 花").await, json!([]));
        approve(&world, "石田 洋子", &proposed).await.expect(200);
        assert_eq!(open("石田 洋子").await, json!(["revise", "end"]));
        assert_eq!(open("上田 直樹").await, json!([]));
    })
    .await;
}

#[actix_web::test]
async fn an_end_takes_the_grants_the_day_after() {
    on_both(|world| async move {
        let held = seat(&world, Role::SystemAdministrator).await;
        assert_eq!(end(&world, "上田 直樹", &held, "2024-04-01").await.expect(403).code(), "duty_separated");
        assert_eq!(end(&world, "石田 洋子", &held, "2023-12-31").await.expect(422).faults()[0].1, "date_order");
        let ended = end(&world, "石田 洋子", &held, "2024-04-01").await.expect(200);
        assert_eq!((&ended.json()["state"], &ended.json()["end_reason"]), (&json!("in_force"), &json!("任期満了")));
        world.wait(TimeDelta::minutes(15 * 60 - 1));
        assert!(may_enter_assets(&world, "斎藤 翔").await, "23:59 of the last day");
        world.wait(TimeDelta::minutes(1));
        assert!(!may_enter_assets(&world, "斎藤 翔").await);
        let path = format!("/v1/appointments/{}", held.id());
        let over = world.get(&path).role(Role::IsmsSecretariat).send().await.expect(200);
        assert_eq!(over.json()["state"], "ended");
        assert_eq!(end(&world, "石田 洋子", &over, "2024-05-01").await.expect(409).code(), "wrong_state");
        let list = async |query: &str| {
            let path = format!("/v1/appointments?role=system_administrator{query}");
            world.get(path).role(Role::IsmsSecretariat).send().await.expect(200).json()["items"].clone()
        };
        assert_eq!(list("").await, json!([]));
        assert_eq!(list("&state=ended").await[0]["id"], over.id());
        assert_eq!(list("&include_ended=true").await[0]["id"], over.id());
    })
    .await;
}

#[actix_web::test]
async fn what_starts_later_grants_nothing_yet() {
    on_both(|world| async move {
        let proposed = propose(&world, "高橋", Role::SystemAdministrator, "2024-04-03", json!({})).await.expect(201);
        let upcoming = approve(&world, "石田 洋子", &proposed).await.expect(200);
        assert_eq!(upcoming.json()["state"], "upcoming");
        world.wait(TimeDelta::minutes(39 * 60 - 1));
        assert!(!may_enter_assets(&world, "高橋 花").await, "23:59 of the day before");
        world.wait(TimeDelta::minutes(1));
        assert!(may_enter_assets(&world, "高橋 花").await);
        // Called off before it began.
        let other = propose(&world, "千葉", Role::SystemAdministrator, "2024-05-01", json!({})).await.expect(201);
        let other = approve(&world, "石田 洋子", &other).await.expect(200);
        end(&world, "石田 洋子", &other, "2024-04-30").await.expect(200);
        world.wait(TimeDelta::days(40));
        assert!(!may_enter_assets(&world, "千葉 理恵").await);
    })
    .await;
}

#[actix_web::test]
async fn a_deputy_has_the_grants_within_the_period() {
    on_both(|world| async move {
        let held = seat(&world, Role::SystemAdministrator).await;
        let path = format!("/v1/appointments/{}", held.id());
        let deputy = json!({ "deputy_person_id": person(&world, "高橋").await, "deputy_from": "2024-04-03",
            "deputy_until": "2024-04-04" });
        let revise = world.patch(&path).role(Role::IsmsSecretariat).having_read(&held).json(deputy.clone());
        assert_eq!(revise.send().await.expect(403).code(), "duty_separated");
        let revise = world.patch(&path).role(Role::SecurityCommitteeChair).having_read(&held).json(deputy);
        let revised = revise.send().await.expect(200);
        assert_eq!(revised.json()["deputy"]["name"], "高橋 花");
        for (day, stands_in) in [(1, false), (2, false), (3, true), (4, true), (5, false)] {
            assert_eq!(may_enter_assets(&world, "高橋 花").await, stands_in, "2024-04-{day}");
            assert!(may_enter_assets(&world, "斎藤 翔").await, "the holder stays");
            world.wait(TimeDelta::days(1));
        }
        // Without an end, until the appointment itself is over.
        let read = world.get(&path).role(Role::SecurityCommitteeChair).send().await.expect(200);
        let open = json!({ "deputy_until": null });
        let open = world.patch(&path).role(Role::SecurityCommitteeChair).having_read(&read).json(open).send().await;
        let open = open.expect(200);
        assert!(may_enter_assets(&world, "高橋 花").await);
        end(&world, "石田 洋子", &open, "2024-04-06").await.expect(200);
        assert!(may_enter_assets(&world, "高橋 花").await);
        world.wait(TimeDelta::days(1));
        assert!(!may_enter_assets(&world, "高橋 花").await);
    })
    .await;
}

#[actix_web::test]
async fn a_deputy_of_the_chair_appoints() {
    on_both(|world| async move {
        let held = seat(&world, Role::SecurityCommitteeChair).await;
        let deputy = json!({ "deputy_person_id": person(&world, "江口").await, "deputy_from": "2024-04-01",
            "deputy_until": "2024-04-01" });
        let path = format!("/v1/appointments/{}", held.id());
        world.patch(&path).role(Role::TopManagement).having_read(&held).json(deputy).send().await.expect(200);
        let proposed = propose(&world, "高橋", Role::SystemAdministrator, "2024-04-01", json!({})).await.expect(201);
        let refused = approve(&world, "大野 誠", &proposed).await.expect(403);
        let next = refused.json()["params"]["next_approver"].clone();
        let names: Vec<_> = next.as_array().into_iter().flatten().map(|next| next["name"].clone()).collect();
        assert_eq!(names, ["石田 洋子", "江口 美香"]);
        approve(&world, "江口 美香", &proposed).await.expect(200);
        world.wait(TimeDelta::days(1));
        let proposed = propose(&world, "千葉", Role::SystemAdministrator, "2024-04-02", json!({})).await.expect(201);
        approve(&world, "江口 美香", &proposed).await.expect(403);
    })
    .await;
}

#[actix_web::test]
async fn sd_3_roles_that_exclude_each_other_are_refused() {
    on_both(|world| async move {
        let proposed = propose(&world, "大野", Role::IsmsSecretariat, "2024-04-01", json!({})).await.expect(201);
        let refused = approve(&world, "石田 洋子", &proposed).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("rule_violated".into(), &json!("SD-3")));
        assert_eq!(refused.json()["params"]["other_role"], "internal_audit_manager");
        // Nor as a deputy.
        let held = seat(&world, Role::SystemAdministrator).await;
        let deputy = json!({ "deputy_person_id": person(&world, "大野").await, "deputy_from": "2024-04-03" });
        let revise = world.patch(format!("/v1/appointments/{}", held.id())).role(Role::SecurityCommitteeChair);
        let refused = revise.having_read(&held).json(deputy).send().await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-3");
        // Once the one role is over, the other may begin.
        let manager = seat(&world, Role::InternalAuditManager).await;
        end(&world, "青木 健一", &manager, "2024-04-10").await.expect(200);
        let early = propose(&world, "大野", Role::IsmsSecretariat, "2024-04-10", json!({})).await.expect(201);
        approve(&world, "石田 洋子", &early).await.expect(409);
        let later = propose(&world, "大野", Role::IsmsSecretariat, "2024-04-11", json!({})).await.expect(201);
        approve(&world, "石田 洋子", &later).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn a_single_seat_has_one_holder_at_a_time() {
    on_both(|world| async move {
        let proposed = propose(&world, "西川", Role::SecurityCommitteeChair, "2024-05-01", json!({})).await.expect(201);
        let refused = approve(&world, "青木 健一", &proposed).await.expect(409);
        let held = seat(&world, Role::SecurityCommitteeChair).await;
        assert_eq!(
            (refused.code(), &refused.json()["params"]["appointment_id"]),
            ("already_exists".into(), &json!(held.id()))
        );
        let ending = end(&world, "青木 健一", &held, "2024-04-30").await.expect(200);
        approve(&world, "青木 健一", &proposed).await.expect(200);
        // An end may be brought forward, but not moved into the successor's time.
        let ending = end(&world, "青木 健一", &ending, "2024-04-20").await.expect(200);
        let refused = end(&world, "青木 健一", &ending, "2024-06-30").await.expect(409);
        assert_eq!(refused.code(), "already_exists");
        // Several hold other roles; one person holds a role once.
        let second = propose(&world, "高橋", Role::SystemAdministrator, "2024-04-01", json!({})).await.expect(201);
        approve(&world, "石田 洋子", &second).await.expect(200);
        let again = propose(&world, "高橋", Role::SystemAdministrator, "2024-04-01", json!({})).await.expect(201);
        assert_eq!(approve(&world, "石田 洋子", &again).await.expect(409).code(), "already_exists");
    })
    .await;
}

#[actix_web::test]
async fn two_approvals_of_one_seat_at_once_leave_one() {
    on_both(|world| async move {
        let held = seat(&world, Role::DocumentController).await;
        end(&world, "石田 洋子", &held, "2024-04-10").await.expect(200);
        let one = propose(&world, "西川", Role::DocumentController, "2024-04-11", json!({})).await.expect(201);
        let other = propose(&world, "中村", Role::DocumentController, "2024-04-11", json!({})).await.expect(201);
        let both = futures_util::future::join(approve(&world, "石田 洋子", &one), approve(&world, "石田 洋子", &other));
        let (one, other) = both.await;
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    })
    .await;
}

#[actix_web::test]
async fn where_the_chair_is_vacant_top_management_stands_in() {
    on_both(|world| async move {
        let proposed = propose(&world, "高橋", Role::SystemAdministrator, "2024-04-01", json!({})).await.expect(201);
        approve(&world, "青木 健一", &proposed).await.expect(403);
        let chair = seat(&world, Role::SecurityCommitteeChair).await;
        end(&world, "青木 健一", &chair, "2024-04-01").await.expect(200);
        approve(&world, "青木 健一", &proposed).await.expect(403);
        world.wait(TimeDelta::days(1));
        approve(&world, "石田 洋子", &proposed).await.expect(403);
        let appointed = approve(&world, "青木 健一", &proposed).await.expect(200);
        assert_eq!(appointed.json()["sign_off"]["approved"]["name"], "青木 健一");
        assert!(may_enter_assets(&world, "高橋 花").await);
    })
    .await;
}

#[actix_web::test]
async fn whoever_has_left_holds_no_seat() {
    on_both(|world| async move {
        let proposed = propose(&world, "高橋", Role::SystemAdministrator, "2024-04-01", json!({})).await.expect(201);
        let path = format!("/v1/persons/{}", person(&world, "石田").await);
        let chair = world.get(&path).role(Role::HrOfficer).send().await.expect(200);
        let leave = world.patch(&path).role(Role::HrOfficer).having_read(&chair);
        leave.json(json!({ "left_on": "2024-04-01" })).send().await.expect(200);
        approve(&world, "青木 健一", &proposed).await.expect(403);
        world.wait(TimeDelta::days(1));
        approve(&world, "石田 洋子", &proposed).await.expect(401);
        approve(&world, "青木 健一", &proposed).await.expect(200);
        let gone = propose(&world, "石田", Role::IsmsSecretariat, "2024-04-02", json!({})).await.expect(422);
        assert_eq!(gone.faults(), [("/person_id".to_owned(), "unknown_reference".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn sd_11_what_a_provisional_holder_signs_is_marked() {
    on_both(|world| async move {
        let chair = seat(&world, Role::SecurityCommitteeChair).await;
        end(&world, "青木 健一", &chair, "2024-04-01").await.expect(200);
        let provisional = json!({ "kind": "provisional" });
        let next = propose(&world, "高橋", Role::SecurityCommitteeChair, "2024-04-02", provisional).await.expect(201);
        approve(&world, "青木 健一", &next).await.expect(200);
        world.wait(TimeDelta::days(1));
        let proposed = propose(&world, "千葉", Role::SystemAdministrator, "2024-04-02", json!({})).await.expect(201);
        let appointed = approve(&world, "高橋 花", &proposed).await.expect(200);
        let by = &appointed.json()["sign_off"]["approved"];
        assert_eq!((&by["name"], &by["provisional"]), (&json!("高橋 花"), &json!(true)));
    })
    .await;
}

#[actix_web::test]
async fn a_provisional_post_marks_the_signature_beside_a_formal_one() {
    on_both(|world| async move {
        // 高橋 is formally an HR officer and provisionally the chair: she approves as the chair.
        let formal = propose(&world, "高橋", Role::HrOfficer, "2024-04-01", json!({})).await.expect(201);
        approve(&world, "石田 洋子", &formal).await.expect(200);
        let chair = seat(&world, Role::SecurityCommitteeChair).await;
        end(&world, "青木 健一", &chair, "2024-04-01").await.expect(200);
        let provisional = json!({ "kind": "provisional" });
        let next = propose(&world, "高橋", Role::SecurityCommitteeChair, "2024-04-02", provisional).await.expect(201);
        approve(&world, "青木 健一", &next).await.expect(200);
        world.wait(TimeDelta::days(1));
        let proposed = propose(&world, "千葉", Role::SystemAdministrator, "2024-04-02", json!({})).await.expect(201);
        let appointed = approve(&world, "高橋 花", &proposed).await.expect(200);
        assert_eq!(appointed.json()["sign_off"]["approved"]["provisional"], true);
    })
    .await;
}

#[actix_web::test]
async fn a_proposal_is_checked_changed_and_withdrawn() {
    on_both(|world| async move {
        let fault = |reply: Reply| reply.expect(422).faults().remove(0);
        let ask = async |role: Role, patch: Value| propose(&world, "高橋", role, "2024-04-01", patch).await;
        let owner = fault(ask(Role::RiskOwner, json!({})).await);
        assert_eq!(owner, ("/role".into(), "not_in_list".into()), "owners are not appointed");
        let manager = fault(ask(Role::DepartmentManager, json!({})).await);
        assert_eq!(manager, ("/department_id".into(), "required_here".into()));
        let department = world.first_id("/v1/departments?q=営業部").await;
        let of = json!({ "department_id": department });
        assert_eq!(fault(ask(Role::HrOfficer, of.clone()).await), ("/department_id".into(), "contradiction".into()));
        let unknown = json!({ "department_id": "0190c6a0-0000-7000-8000-000000000000" });
        let unknown = fault(ask(Role::DepartmentManager, unknown).await);
        assert_eq!(unknown, ("/department_id".into(), "unknown_reference".into()));
        let himself = json!({ "deputy_person_id": person(&world, "高橋").await, "deputy_from": "2024-04-01" });
        assert_eq!(fault(ask(Role::HrOfficer, himself).await), ("/deputy_person_id".into(), "contradiction".into()));
        let order = json!({ "deputy_person_id": person(&world, "千葉").await, "deputy_from": "2024-04-05",
            "deputy_until": "2024-04-04" });
        assert_eq!(fault(ask(Role::HrOfficer, order).await), ("/deputy_until".into(), "date_order".into()));
        let half = json!({ "deputy_until": "2024-04-04" });
        assert_eq!(fault(ask(Role::HrOfficer, half).await), ("/deputy_person_id".into(), "required_here".into()));

        let proposed = ask(Role::DepartmentManager, of).await.expect(201);
        let path = format!("/v1/appointments/{}", proposed.id());
        let revise = world.patch(&path).role(Role::IsmsSecretariat).having_read(&proposed);
        let revised = revise.json(json!({ "starts_on": "2024-04-15" })).send().await.expect(200);
        let stale = approve(&world, "石田 洋子", &proposed).await.expect(412);
        assert_eq!(stale.code(), "stale", "what is approved is what was read");
        let withdrawn = end(&world, "上田 直樹", &revised, "2024-04-01").await.expect(200);
        assert_eq!(withdrawn.json()["state"], "withdrawn");
        approve(&world, "石田 洋子", &withdrawn).await.expect(409);

        let held = seat(&world, Role::SystemAdministrator).await;
        let change = world.patch(format!("/v1/appointments/{}", held.id())).role(Role::SecurityCommitteeChair);
        let refused = change
            .having_read(&held)
            .json(json!({ "role": "hr_officer", "starts_on": "2024-01-01", "kind": "provisional" }))
            .send()
            .await
            .expect(422);

        let read_only = |pointer: &str| (pointer.to_owned(), "read_only_field".to_owned());
        assert_eq!(refused.faults(), [read_only("/role"), read_only("/starts_on"), read_only("/kind")]);
    })
    .await;
}

#[actix_web::test]
async fn the_last_platform_administrator_stays() {
    on_both(|world| async move {
        let only = seat(&world, Role::PlatformAdmin).await;
        let refused = end(&world, "青木 健一", &only, "2024-04-01").await.expect(409);
        assert_eq!((refused.code(), &refused.json()["params"]["role"]), ("in_use".into(), &json!("platform_admin")));
        let second = propose(&world, "高橋", Role::PlatformAdmin, "2024-04-01", json!({})).await.expect(201);
        approve(&world, "青木 健一", &second).await.expect(200);
        end(&world, "青木 健一", &only, "2024-04-01").await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn appointments_are_not_found_by_what_is_the_peoples_own() {
    on_both(|world| async move {
        let found = async |q: &str| {
            let list = world.get(format!("/v1/appointments?q={q}")).person("高橋 花").send().await.expect(200).json();
            list["items"].as_array().map_or(0, Vec::len)
        };
        assert_eq!(found("石田").await, 1);
        assert_eq!(found("ishida").await, 0, "an address");
        assert_eq!(found("0003").await, 0, "an employee number");
    })
    .await;
}
