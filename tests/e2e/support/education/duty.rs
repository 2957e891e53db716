//! Education that somebody owes (EDU-5, R-33, SD-8).

use std::sync::Arc;

use chrono::TimeDelta;
use mamori_domain::{
    access::Standing,
    kernel::{id::Id, text::Note},
    organization::organization::Organization,
    support::education::{
        duty::{DutyCause, Owed},
        theme::EducationTheme,
    },
};
use mamori_persistence::{
    kernel::{
        conn::Conn,
        db::{Db, Limits},
        failure::Outcome,
        tx::{Context, Tx},
    },
    support::education::duty as duties,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, person, read, take},
};

const TOP: &str = "青木 健一";
const TRAINER: &str = "木村 拓";
const HR: &str = "杉本 玲";
/// Manager of 営業部, in which 高橋 works.
const MANAGER: &str = "小林 恵";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/education-duties";

/// What `who` reads of the duties of a query.
async fn owed(world: &World, who: &str, query: &str) -> Vec<Value> {
    read(world, who, &format!("{LIST}?limit=200{query}")).await["items"].as_array().cloned().unwrap_or_default()
}

fn path(duty: &Value) -> String {
    format!("{LIST}/{}", duty["id"].as_str().expect("an id"))
}

/// The path of a duty of 高橋, entered by the training manager.
async fn entered(world: &World) -> String {
    let draft = json!({
        "theme": "compliance", "cause": "broke_rules", "person_id": person(world, WORKER).await, "due_on": "2024-04-30",
        "subject": "無許可の持ち出し",
    });
    create(world, TRAINER, LIST, draft).await.expect(201).header("location")
}

/// Whether the duty waits for `who`, and then whether it is overdue.
async fn waits(world: &World, who: &str, path: &str) -> Option<bool> {
    let items = read(world, who, "/v1/work-items?limit=200").await["items"].as_array().cloned().unwrap_or_default();
    items.iter().find(|item| item["path"] == path).map(|item| item["overdue"] == true)
}

#[actix_web::test]
async fn edu_5_who_joins_owes_a_briefing_on_the_rules() {
    on_both(|world| async move {
        assert_eq!(owed(&world, TRAINER, "&cause=joining").await.len(), 0, "nobody of the sample is new");
        let joiner = json!({ "name": "新井 一", "worker_kind": "regular", "joined_on": "2024-04-01" });
        let joined = create(&world, HR, "/v1/persons", joiner).await.expect(201);
        let joining = owed(&world, TRAINER, "&cause=joining").await;
        assert_eq!(joining.len(), 1, "{joining:?}");
        let duty = &joining[0];
        assert_eq!((&duty["theme"], &duty["state"]), (&json!("regulations_briefing"), &json!("open")));
        assert_eq!((&duty["person"]["name"], &duty["record_id"]), (&json!("新井 一"), &json!(joined.id())));
        assert_eq!((&duty["starts_on"], &duty["due_on"]), (&json!("2024-04-01"), &json!("2024-05-01")));

        // The day is put right: the duty moves with it, and there is still one.
        let who = joined.header("location");
        change(&world, HR, &who, json!({ "joined_on": "2024-04-08" })).await.expect(200);
        let moved = read(&world, TRAINER, &path(duty)).await;
        assert_eq!((&moved["state"], &moved["due_on"]), (&json!("upcoming"), &json!("2024-05-08")));
        assert_eq!(owed(&world, TRAINER, "&cause=joining").await.len(), 1);
        change(&world, HR, &who, json!({ "name": "新井 肇" })).await.expect(200);
        assert_eq!(read(&world, TRAINER, &path(duty)).await["revision"], moved["revision"]);

        // Who never comes owes nothing; who had been here for long before the records began is not new.
        change(&world, HR, &who, json!({ "left_on": "2024-04-09" })).await.expect(200);
        world.wait(TimeDelta::days(9));
        assert_eq!(read(&world, TRAINER, &path(duty)).await["state"], "lapsed");
        assert_eq!(owed(&world, TRAINER, "&cause=joining&state=lapsed").await.len(), 1);
        let veteran = json!({ "name": "古川 茂", "worker_kind": "regular", "joined_on": "2019-04-01" });
        create(&world, HR, "/v1/persons", veteran).await.expect(201);
        assert_eq!(owed(&world, TRAINER, "&cause=joining").await.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn the_days_of_a_joiner_are_the_organizations() {
    on_both(|world| async move {
        let intervals = json!({ "intervals": { "joiner_education_days": 7 } });
        change(&world, SECRETARY, "/v1/organization", intervals).await.expect(200);
        let joiner = json!({ "name": "新井 一", "worker_kind": "contractor", "joined_on": "2024-04-15" });
        create(&world, HR, "/v1/persons", joiner).await.expect(201);
        let joining = owed(&world, TRAINER, "&cause=joining").await;
        assert_eq!((&joining[0]["due_on"], &joining[0]["state"]), (&json!("2024-04-22"), &json!("upcoming")));
    })
    .await;
}

#[actix_web::test]
async fn a_duty_is_entered_done_and_seen_by_those_whom_it_concerns() {
    on_both(|world| async move {
        let path = entered(&world).await;
        for who in [WORKER, MANAGER, SECRETARY] {
            assert_eq!(read(&world, who, &path).await["subject"], "無許可の持ち出し", "{who}");
        }
        world.get(&path).person("千葉 理恵").send().await.expect(404);
        world.get(&path).person("林 一郎").send().await.expect(404);
        assert_eq!(read(&world, WORKER, &path).await["allowed_actions"], json!([]));
        assert_eq!(waits(&world, WORKER, &path).await, Some(false), "it waits for who owes it");
        assert_eq!(waits(&world, TRAINER, &path).await, None);
        world.wait(TimeDelta::days(30));
        assert_eq!(waits(&world, TRAINER, &path).await, Some(true), "and, overdue, for the training manager");
        let overdue = owed(&world, WORKER, "&overdue=true").await;
        assert_eq!(overdue.iter().filter(|duty| !duty["person"].is_null()).count(), 1);

        let done = json!({ "fulfilled_on": "2024-05-01", "evidence": "面談の記録" });
        take(&world, WORKER, &path, "fulfilment", done.clone()).await.expect(403);
        let late = json!({ "fulfilled_on": "2024-05-02", "evidence": "面談の記録" });
        let refused = take(&world, TRAINER, &path, "fulfilment", late).await.expect(422);
        assert_eq!(refused.faults(), [("/fulfilled_on".to_owned(), "future_date".to_owned())]);
        let early = json!({ "fulfilled_on": "2024-03-31", "evidence": "面談の記録" });
        let refused = take(&world, TRAINER, &path, "fulfilment", early).await.expect(422);
        assert_eq!(refused.faults(), [("/fulfilled_on".to_owned(), "date_order".to_owned())]);
        let fulfilled = take(&world, TRAINER, &path, "fulfilment", done.clone()).await.expect(200).json();
        assert_eq!((&fulfilled["state"], &fulfilled["overdue"]), (&json!("fulfilled"), &json!(false)));
        assert_eq!(fulfilled["fulfilment"]["recorded"]["name"], TRAINER);
        take(&world, TRAINER, &path, "fulfilment", done).await.expect(409);
        assert_eq!(waits(&world, WORKER, &path).await, None);
    })
    .await;
}

#[actix_web::test]
async fn by_hand_only_what_no_record_tells() {
    on_both(|world| async move {
        let draft = json!({ "theme": "compliance", "cause": "joining", "due_on": "2024-03-01" });
        let refused = create(&world, TRAINER, LIST, draft.clone()).await.expect(422);
        let expected = [("/cause", "not_in_list"), ("/person_id", "required_here"), ("/due_on", "date_order")];
        assert_eq!(refused.faults(), expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
        create(&world, HR, LIST, draft).await.expect(403);
    })
    .await;
}

#[actix_web::test]
async fn sd_8_nobody_waives_what_they_owe_themselves() {
    on_both(|world| async move {
        let (path, because) = (entered(&world).await, json!({ "reason": "規則の方が改められた" }));
        let waived = take(&world, TRAINER, &path, "waiver", because.clone()).await.expect(200).json();
        assert_eq!((&waived["state"], &waived["waiver"]["reason"]), (&json!("waived"), &because["reason"]));

        let own = json!({
            "theme": "compliance", "cause": "returned_from_leave", "person_id": person(&world, TRAINER).await,
            "due_on": "2024-04-30",
        });
        let own = create(&world, TRAINER, LIST, own).await.expect(201).header("location");
        assert_eq!(read(&world, TRAINER, &own).await["allowed_actions"], json!(["fulfil"]));
        let refused = take(&world, TRAINER, &own, "waiver", because.clone()).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-8")));
        take(&world, TOP, &own, "waiver", because).await.expect(200);
    })
    .await;
}

/// The training manager does this inside the service, as the closing of a campaign does.
async fn inside(world: &World, mut work: impl FnMut(&mut Tx<'_>) -> Outcome<()> + Send + 'static) {
    let organization = read(world, SECRETARY, "/v1/organization").await["id"].clone();
    let organization: Id<Organization> = organization.as_str().and_then(|id| id.parse().ok()).expect("an id");
    let person = person(world, TRAINER).await.parse().ok();
    let standing = Arc::new(Standing { person, ..Standing::default() });
    let context = Context { standing, ..world.service.background(organization, "close_campaign") };
    let write = move |conn: &mut Conn| work(&mut Tx::new(conn, &context));
    let limits = Limits { readers: 1, writers: 1, waiting: 16 };
    let db = Db::open(world.location.clone(), limits, None).await.expect("a database");
    db.write(Some(organization.uuid()), write).await.expect("it is written");
}

#[actix_web::test]
async fn r_33_a_campaign_opens_a_duty_once_and_another_one_does_it() {
    on_both(|world| async move {
        let who = person(&world, WORKER).await.parse().expect("an id");
        let today = "2024-04-01".parse().expect("a day");
        let (missed, later) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let theme = EducationTheme::ThreatAlert;
        for _ in 0..2 {
            let owed = Owed {
                theme,
                cause: DutyCause::MissedCampaign,
                record_id: missed,
                person_id: Some(who),
                starts_on: today,
                due_on: today + TimeDelta::days(30),
                subject: Note::default(),
            };
            inside(&world, move |tx| duties::open(tx, owed.clone())).await;
        }
        let of_campaign = format!("&record_id={missed}");
        let open = owed(&world, WORKER, &of_campaign).await;
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!((&open[0]["cause"], &open[0]["state"]), (&json!("missed_campaign"), &json!("open")));

        let done = async |themes: &'static [EducationTheme], days: i64| {
            let on = today + TimeDelta::days(days);
            inside(&world, move |tx| duties::fulfil(tx, themes, &[who], on, later)).await;
            owed(&world, WORKER, &of_campaign).await[0]["state"].clone()
        };
        assert_eq!(done(&[EducationTheme::Compliance], 0).await, "open", "another theme");
        assert_eq!(done(&[EducationTheme::ThreatAlert], -1).await, "open", "before it was owed");
        for _ in 0..2 {
            assert_eq!(done(&[EducationTheme::ThreatAlert], 0).await, "fulfilled");
        }
        let fulfilled = owed(&world, WORKER, &of_campaign).await[0].clone();
        assert_eq!(fulfilled["fulfilment"]["campaign_id"], json!(later.to_string()));
        assert_eq!(
            (&fulfilled["revision"], &fulfilled["fulfilment"]["recorded"]["name"]),
            (&json!(2), &json!("mamori"))
        );

        // What concerns everybody is done by a campaign for everybody.
        let laws = &[EducationTheme::LegalUnderstanding];
        inside(&world, move |tx| duties::fulfil_for_everybody(tx, laws, today, later)).await;
        assert_eq!(owed(&world, WORKER, "&of_everybody=true&state=open").await.len(), 0);
        assert_eq!(owed(&world, WORKER, "&of_everybody=true&state=fulfilled").await.len(), 2);
    })
    .await;
}
