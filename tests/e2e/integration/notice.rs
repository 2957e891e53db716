//! Notices: written with what they tell, sent once, tried again by the clock.

use chrono::TimeDelta;
use futures_util::future::join;
use mamori_api::integration::delivery::deliver;
use mamori_persistence::{
    integration::notice::claim,
    kernel::{
        db::{Db, Limits},
        tx::Tx,
    },
};
use serde_json::{Value, json};

use super::mail_server::{MailServer, mailer};
use crate::{
    harness::{World, empty_service, on_both},
    planning::steps::{SECRETARY, change, create, person, read, take},
};

const WORKER: &str = "高橋 花";
const OTHER: &str = "小林 恵";
const LIST: &str = "/v1/notices";

/// The path of a new notice to a person. What the sample wrote is not sent any more.
async fn written(world: &World, to: &str) -> String {
    let sample = read(world, SECRETARY, "/v1/notices?state=pending&limit=200").await;
    for notice in sample["items"].as_array().expect("notices") {
        let path = format!("{LIST}/{}", notice["id"].as_str().expect("an id"));
        take(world, SECRETARY, &path, "cancellation", json!({ "reason": "試験" })).await.expect(200);
    }
    write(world, to).await
}

async fn write(world: &World, to: &str) -> String {
    let draft = json!({ "person_id": person(world, to).await, "subject": "方針が改まりました",
        "text": "{name} 様\n{link} で読んでください。" });
    create(world, SECRETARY, LIST, draft).await.expect(201).header("location")
}

/// Sends what is due; how many the mail server took.
async fn sent(world: &World, server: &MailServer) -> usize {
    deliver(&world.service, &server.mailer).await.expect("delivered")
}

/// State, fault and attempts of a notice.
async fn standing(world: &World, path: &str) -> (Value, Value, Value) {
    let notice = read(world, SECRETARY, path).await;
    (notice["state"].clone(), notice["fault"].clone(), notice["attempts"].clone())
}

#[actix_web::test]
async fn a_notice_is_sent_once_with_name_and_link() {
    on_both(|world| async move {
        let (server, path) = (MailServer::start(), written(&world, WORKER).await);
        assert_eq!(standing(&world, &path).await, (json!("pending"), json!(null), json!(0)));
        assert_eq!((sent(&world, &server).await, sent(&world, &server).await), (1, 0));
        let taken = server.taken();
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].to, "takahashi@moriya.example");
        assert_eq!(taken[0].text, "高橋 花 様\r\nhttps://isms.moriya.example/ で読んでください。");
        assert_eq!(taken[0].field("Content-Type"), "text/plain; charset=utf-8");
        assert!(taken[0].field("Subject").starts_with("=?utf-8?b?"));
        let notice = read(&world, SECRETARY, &path).await;
        assert_eq!((&notice["state"], &notice["sent_at"]), (&json!("sent"), &json!("2024-04-01T00:00:00Z")));
        assert_eq!(taken[0].field("Message-ID"), format!("<{}@moriya.example>", notice["id"].as_str().expect("an id")));
        world.service.seal_all().await.expect("sealed");
        let events = format!("/v1/events?record={}", notice["id"].as_str().expect("an id"));
        let events = read(&world, SECRETARY, &events).await;
        let actors: Vec<_> = events["items"].as_array().expect("events").iter().map(|event| &event["actor"]).collect();
        assert_eq!(actors, [SECRETARY, "mamori"]);
        let refused = take(&world, SECRETARY, &path, "retry", Value::Null).await.expect(409);
        assert_eq!(refused.code(), "wrong_state");
    })
    .await;
}

#[actix_web::test]
async fn everybody_reads_what_they_were_told_and_nothing_else() {
    on_both(|world| async move {
        let path = written(&world, WORKER).await;
        assert_eq!(read(&world, WORKER, &path).await["allowed_actions"], json!([]));
        world.get(&path).person(OTHER).send().await.expect(404);
        let of_others = read(&world, OTHER, LIST).await;
        assert!(of_others["items"].as_array().expect("notices").iter().all(|notice| notice["person"]["name"] == OTHER));
        let refused = world.post(format!("{path}/cancellation")).person(WORKER).json(json!({ "reason": "不要" }));
        assert_eq!(refused.send().await.expect(403).code(), "not_granted");
        let mine = world.token_of("林 一郎");
        world.get(&path).token(&mine).send().await.expect(404);
    })
    .await;
}

#[actix_web::test]
async fn several_processes_send_each_notice_once() {
    on_both(|world| async move {
        let server = MailServer::start();
        written(&world, WORKER).await;
        for _ in 0..19 {
            write(&world, OTHER).await;
        }
        let second = empty_service(world.location.clone(), world.clock.clone()).await;
        let both = join(deliver(&world.service, &server.mailer), deliver(&second, &server.mailer)).await;
        let taken = server.taken();
        let ids: std::collections::BTreeSet<_> = taken.iter().map(|mail| mail.field("Message-ID")).collect();
        assert_eq!((taken.len(), ids.len()), (20, 20), "{both:?}");
        assert_eq!(both.0.expect("delivered") + both.1.expect("delivered"), 20);
    })
    .await;
}

#[actix_web::test]
async fn what_is_deferred_is_tried_again_by_the_clock_and_what_is_refused_is_not() {
    on_both(|world| async move {
        let (server, path) = (MailServer::start(), written(&world, WORKER).await);
        server.answer("451 later");
        assert_eq!(sent(&world, &server).await, 0);
        assert_eq!(standing(&world, &path).await, (json!("pending"), json!("deferred"), json!(1)));
        assert_eq!(read(&world, SECRETARY, &path).await["reply_code"], 451);
        world.wait(TimeDelta::seconds(59));
        sent(&world, &server).await;
        assert_eq!(standing(&world, &path).await.2, json!(1), "not before its minute has passed");
        world.wait(TimeDelta::seconds(1));
        server.answer("550 no such mailbox");
        sent(&world, &server).await;
        assert_eq!(standing(&world, &path).await, (json!("failed"), json!("refused"), json!(2)));
        world.wait(TimeDelta::days(30));
        assert_eq!((sent(&world, &server).await, server.taken().len()), (0, 0));

        // Somebody mended the address.
        take(&world, SECRETARY, &path, "retry", Value::Null).await.expect(200);
        assert_eq!(sent(&world, &server).await, 1);
        assert_eq!(standing(&world, &path).await, (json!("sent"), json!(null), json!(1)));
    })
    .await;
}

#[actix_web::test]
async fn a_mail_server_that_is_not_there_costs_one_attempt_and_nothing_is_lost() {
    on_both(|world| async move {
        let (first, second) = (written(&world, WORKER).await, write(&world, OTHER).await);
        // Nobody listens on port 1.
        let away = mailer(1);
        assert_eq!(deliver(&world.service, &away).await.expect("tried"), 0);
        assert_eq!(standing(&world, &first).await, (json!("pending"), json!("unreachable"), json!(1)));
        assert_eq!(standing(&world, &second).await.2, json!(0));
        let server = MailServer::start();
        assert_eq!(sent(&world, &server).await, 1);
        world.wait(TimeDelta::minutes(1));
        assert_eq!(sent(&world, &server).await, 1);
    })
    .await;
}

#[actix_web::test]
async fn only_who_works_here_and_has_an_address_is_written_to() {
    on_both(|world| async move {
        let (server, gone) = (MailServer::start(), written(&world, WORKER).await);
        let worker = format!("/v1/persons/{}", person(&world, WORKER).await);
        change(&world, SECRETARY, &worker, json!({ "left_on": "2024-04-01" })).await.expect(200);
        let temporary = json!({ "name": "臨時 太郎", "worker_kind": "dispatched", "joined_on": "2024-04-01" });
        create(&world, SECRETARY, "/v1/persons", temporary).await.expect(201);
        let silent = write(&world, "臨時 太郎").await;
        world.wait(TimeDelta::days(1));
        assert_eq!((sent(&world, &server).await, server.taken().len()), (0, 0));
        assert_eq!(standing(&world, &gone).await, (json!("failed"), json!("has_left"), json!(1)));
        assert_eq!(standing(&world, &silent).await, (json!("failed"), json!("no_address"), json!(1)));
    })
    .await;
}

#[actix_web::test]
async fn what_a_process_took_and_never_settled_is_sent_when_its_claim_has_expired() {
    on_both(|world| async move {
        let (server, path) = (MailServer::start(), written(&world, WORKER).await);
        let me = read(&world, SECRETARY, "/v1/me").await;
        let organization = me["organization"]["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let context = world.service.background(organization, "deliver_notice");
        let limits = Limits { readers: 1, writers: 1, waiting: 16 };
        let db = Db::open(world.location.clone(), limits, None).await.expect("a database");
        let taken = db.write(Some(organization.uuid()), move |conn| claim(&mut Tx::new(conn, &context))).await;
        assert!(taken.expect("claimed").is_some());

        assert_eq!(sent(&world, &server).await, 0, "another process has it");
        let refused = take(&world, SECRETARY, &path, "cancellation", json!({ "reason": "誤り" })).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "on_its_way");
        world.wait(TimeDelta::minutes(10));
        assert_eq!((sent(&world, &server).await, server.taken().len()), (1, 1));
        assert_eq!(standing(&world, &path).await, (json!("sent"), json!(null), json!(2)));
    })
    .await;
}
