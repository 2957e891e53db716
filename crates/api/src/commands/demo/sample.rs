//! The sample organizations, in own words after the domain specification §8.8: their people here, the records of each
//! module in a file of its own.

mod audit;
mod context;
mod evaluation;
mod external_audit;
mod improvement;
mod integration;
mod leadership;
mod operation;
mod planning;
mod support;

use std::{collections::BTreeSet, convert::Infallible, sync::Arc};

use actix_web::web::Bytes;
use chrono::TimeDelta;
use futures_util::stream;
use mamori_domain::{
    access::{Resource, Role, Scope, Standing, Verb, standing::Held},
    identity::access_token::AccessTokenDraft,
    kernel::{id::Id, reference::Reference, sign_off::Signature, text::Bounded},
    leadership::appointment::{Appointment, AppointmentEnd},
    organization::{
        department::{Department, DepartmentDraft},
        organization::Organization,
        person::{Email, Person, PersonDraft, WorkerKind},
        position::{Position, PositionDraft},
    },
    support::file::{MediaType, StoredContent},
};
use mamori_persistence::{
    identity::{access_token as tokens, principal as principals},
    kernel::{
        conn::Conn,
        failure::{Failure, Outcome},
        loaded::Loaded,
        tx::{Context, Tx},
    },
    leadership::appointment as appointments,
    organization::{department as departments, person as persons, position as positions},
};
use serde::Serialize;
use strum::IntoEnumIterator;

use crate::{
    commands::{Fault, found},
    kernel::{passwords::NO_PASSWORD, service::Service},
};

/// Somebody of a sample organization, with a token to act as them.
#[derive(Clone, Debug, Serialize)]
pub struct Inhabitant {
    /// Their name.
    pub name: String,
    /// The roles they are appointed to; `employee` where there is none, and `risk_owner` where they own risks.
    pub roles: Vec<Role>,
    /// An access token of theirs.
    pub token: String,
}

/// One line of a cast: name, kana, local part of the address, department, head position, roles.
type Member = (&'static str, &'static str, &'static str, Option<&'static str>, Option<&'static str>, &'static [Role]);

const COMPANY: &[Member] = &[
    ("上田 直樹", "うえだ なおき", "ueda", Some("総務部"), None, &[Role::IsmsSecretariat]),
    ("青木 健一", "あおき けんいち", "aoki", None, None, &[Role::TopManagement]),
    ("石田 洋子", "いしだ ようこ", "ishida", Some("管理部"), Some("管理部長"), &[Role::SecurityCommitteeChair]),
    ("江口 美香", "えぐち みか", "eguchi", Some("総務部"), None, &[Role::IsmsSecretariatHead]),
    ("大野 誠", "おおの まこと", "ono", Some("管理部"), None, &[Role::InternalAuditManager]),
    ("川上 由美", "かわかみ ゆみ", "kawakami", Some("経理部"), None, &[Role::InternalAuditor]),
    ("木村 拓", "きむら たく", "kimura", Some("人事部"), None, &[Role::TrainingManager]),
    ("小林 恵", "こばやし めぐみ", "kobayashi", Some("営業部"), None, &[Role::DepartmentManager]),
    (
        "斎藤 翔",
        "さいとう しょう",
        "saito",
        Some("情報システム部"),
        Some("情報システム部長"),
        &[Role::SystemAdministrator],
    ),
    ("清水 彩", "しみず あや", "shimizu", Some("総務部"), None, &[Role::DocumentController]),
    ("杉本 玲", "すぎもと れい", "sugimoto", Some("人事部"), None, &[Role::HrOfficer]),
    ("瀬戸 大輔", "せと だいすけ", "seto", Some("情報システム部"), None, &[Role::PlatformAdmin]),
    ("田中 浩二", "たなか こうじ", "tanaka", Some("人事部"), Some("人事部長"), &[]),
    ("千葉 理恵", "ちば りえ", "chiba", Some("経理部"), Some("経理部長"), &[]),
    ("中村 隆", "なかむら たかし", "nakamura", Some("営業部"), Some("営業部長"), &[]),
    ("西川 悟", "にしかわ さとる", "nishikawa", Some("総務部"), Some("総務部長"), &[]),
    ("高橋 花", "たかはし はな", "takahashi", Some("営業部"), None, &[]),
];

const SMALL_COMPANY: &[Member] = &[
    (
        "林 一郎",
        "はやし いちろう",
        "hayashi",
        Some("業務部"),
        None,
        &[
            Role::SecurityCommitteeChair,
            Role::IsmsSecretariat,
            Role::TrainingManager,
            Role::DocumentController,
            Role::SystemAdministrator,
        ],
    ),
    ("森 正子", "もり まさこ", "mori", None, None, &[Role::TopManagement, Role::PlatformAdmin]),
    ("原 次郎", "はら じろう", "hara", Some("開発部"), None, &[Role::InternalAuditManager, Role::InternalAuditor]),
    ("岡 三枝", "おか みえ", "oka", Some("業務部"), Some("業務部長"), &[Role::DepartmentManager]),
    ("辻 四郎", "つじ しろう", "tsuji", Some("開発部"), Some("開発部長"), &[Role::DepartmentManager]),
];

/// The sample organization: departments, people in every role, the ledger, risks, treatment.
pub async fn company(service: &Service) -> Result<Vec<Inhabitant>, Fault> {
    build(service, "守屋商事株式会社", "moriya.example", COMPANY, true).await
}

/// The five-person company of amendments §1.
pub async fn small_company(service: &Service) -> Result<Vec<Inhabitant>, Fault> {
    build(service, "有限会社ちいさな工房", "kobo.example", SMALL_COMPANY, false).await
}

async fn build(
    service: &Service,
    name: &'static str,
    domain: &'static str,
    cast: &'static [Member],
    with_ledger: bool,
) -> Result<Vec<Inhabitant>, Fault> {
    let organization = Id::<Organization>::generate(service.clock().now());
    let context = service.background(organization, "demo");
    let procedure = match with_ledger {
        true => Some(keep_procedure(service, organization).await?),
        false => None,
    };
    let work = move |conn: &mut Conn| {
        let stage = Stage { context: context.clone(), domain, procedure: procedure.clone() };
        stage.build(conn, name, cast)
    };
    Ok(service.db().write(Some(organization.uuid()), work).await?)
}

/// Stores the text of the sample's procedure, before the record that refers to it is written.
async fn keep_procedure(service: &Service, organization: Id<Organization>) -> Result<StoredContent, Fault> {
    let bytes = stream::iter([Ok::<_, Infallible>(Bytes::from_static(support::PROCEDURE.as_bytes()))]);
    let received = service.files().receive(organization, MediaType::Markdown, usize::MAX, bytes).await;
    received.map_err(|_| Fault::Usage("the file of the sample cannot be kept".into()))
}

/// The people of a sample organization, with the roles that they are appointed to.
#[derive(Default)]
struct Company {
    people: Vec<(Person, &'static [Role])>,
}

impl Company {
    /// Who holds the role.
    fn holder(&self, role: Role) -> Outcome<&Person> {
        self.people.iter().find(|(_, roles)| roles.contains(&role)).map(|(person, _)| person).ok_or(Failure::Panicked)
    }

    /// The person with this id.
    fn person(&self, id: uuid::Uuid) -> Outcome<&Person> {
        self.people.iter().map(|(person, _)| person).find(|person| person.id.uuid() == id).ok_or(Failure::Panicked)
    }
}

/// The mark of a person who acts in these roles.
fn signature(tx: &Tx<'_>, person: &Person, posts: &[Role]) -> Signature {
    Signature {
        person_id: person.id,
        name: person.draft.name.as_str().to_owned(),
        posts: posts.to_vec(),
        at: tx.now(),
        provisional: false,
        reason: None,
    }
}

/// Where the sample is put together.
struct Stage {
    context: Context,
    domain: &'static str,
    /// What a document says; none where the company has no records yet.
    procedure: Option<StoredContent>,
}

impl Stage {
    fn build(&self, conn: &mut Conn, name: &str, cast: &'static [Member]) -> Outcome<Vec<Inhabitant>> {
        let organization = self.context.organization;
        let top = cast.iter().find(|member| member.5.contains(&Role::TopManagement)).ok_or(Failure::Panicked)?;
        let founder = found::Founder {
            organization: text(name)?,
            person: text(top.0)?,
            email: self.email(top.2)?,
            password_hash: None,
        };
        let founder = found::organization(&mut Tx::new(conn, &self.context), organization, founder)?;
        let everything = self.as_person(&founder, &Role::iter().filter(|role| role.is_appointed()).collect::<Vec<_>>());
        let tx = &mut Tx::new(conn, &everything);
        let by = Signature { posts: vec![Role::TopManagement], ..tx.signature(None)? };
        let mut inhabitants = Vec::new();
        let mut company = Company::default();
        for (number, (name, kana, local, department, head, roles)) in cast.iter().enumerate() {
            let department = department.map(|name| self.department(tx, name)).transpose()?;
            let person = if roles.contains(&Role::TopManagement) {
                founder.clone()
            } else {
                let draft = PersonDraft {
                    name: text(name)?,
                    name_kana: Some(text(kana)?),
                    employee_number: Some(text(&format!("{:04}", number + 1))?),
                    email: Some(self.email(local)?),
                    worker_kind: WorkerKind::Regular,
                    department_id: department,
                    joined_on: tx.today() - TimeDelta::days(900 + i64::try_from(number).unwrap_or_default() * 30),
                    left_on: None,
                };
                let person = persons::add(tx, &Person::enter(draft, tx.now(), tx.today())?)?;
                principals::add(tx, &person)?;
                person
            };
            if let (Some(head), Some(department)) = (head, department) {
                self.head(tx, head, department, &person)?;
            }
            for role in roles.iter().filter(|role| !(person.id == founder.id && is_founders(**role))) {
                let of = role.is_of_department().then_some(department).flatten();
                found::appoint(tx, *role, person.id, of, &by)?;
            }
            let mut shown = roles.to_vec();
            if head.is_some() {
                shown.push(Role::RiskOwner);
            }
            if shown.is_empty() {
                shown.push(Role::Employee);
            }
            inhabitants.push(Inhabitant { name: (*name).to_owned(), roles: shown, token: self.token(tx, &person)? });
            company.people.push((person, roles));
        }
        if !top.5.contains(&Role::PlatformAdmin) {
            self.lay_down(tx, &founder, Role::PlatformAdmin)?;
        }
        if let Some(procedure) = &self.procedure {
            context::fill(tx, &company)?;
            leadership::fill(tx, &company)?;
            planning::fill(tx, &company)?;
            support::fill(tx, &company, procedure)?;
            operation::fill(tx, &company)?;
            audit::fill(tx, &company)?;
            improvement::fill(tx, &company)?;
            external_audit::fill(tx, &company)?;
            evaluation::fill(tx, &company)?;
            integration::fill(tx, &company)?;
        }
        Ok(inhabitants)
    }

    fn email(&self, local: &str) -> Outcome<Email> {
        Email::try_from(format!("{local}@{}", self.domain)).map_err(|error| Failure::Corrupt(error.to_string()))
    }

    /// The context of a person who holds these roles.
    fn as_person(&self, person: &Person, roles: &[Role]) -> Context {
        Context {
            actor: person.draft.name.as_str().into(),
            standing: Arc::new(Standing {
                person: Some(person.id),
                department: person.draft.department_id,
                roles: roles.iter().copied().map(Held::plain).collect(),
                ..Standing::default()
            }),
            ..self.context.clone()
        }
    }

    /// Ends what the founder holds only until somebody else does.
    fn lay_down(&self, tx: &mut Tx<'_>, founder: &Person, role: Role) -> Outcome<()> {
        let held =
            |appointment: &Appointment| appointment.draft.role == role && appointment.draft.person_id == founder.id;
        for appointment in appointments::current(tx)?.into_iter().filter(held) {
            let mut appointment = Loaded::new(appointment);
            let end = AppointmentEnd { ends_on: tx.today() - TimeDelta::days(1), reason: text("引き継ぎ")? };
            appointment.end(end, &[])?;
            appointments::store(tx, appointment)?;
        }
        Ok(())
    }

    fn department(&self, tx: &mut Tx<'_>, name: &str) -> Outcome<Id<Department>> {
        if let Some(id) = departments::by_name(tx, name)? {
            return Ok(id);
        }
        let draft = DepartmentDraft { name: text(name)?, parent_id: None };
        Ok(departments::add(tx, &Department::establish(draft, tx.now()))?.id)
    }

    fn head(&self, tx: &mut Tx<'_>, title: &str, department_id: Id<Department>, holder: &Person) -> Outcome<()> {
        let draft = PositionDraft { title: text(title)?, department_id, is_head: true };
        let mut position = Loaded::new(positions::add(tx, &Position::create(draft, tx.now()))?);
        position.hand_over(Some(Reference::new(holder.id, holder.draft.name.as_str())), holder.draft.joined_on)?;
        positions::store(tx, position)?;
        Ok(())
    }

    /// An access token for everything that the person may do, for a year.
    fn token(&self, tx: &mut Tx<'_>, person: &Person) -> Outcome<String> {
        let principal = principals::by_person(tx, person.id)?.ok_or(Failure::Panicked)?;
        // A login without a password is still an invitation: the demo's people come with their tokens.
        let epoch = principals::set_password(tx, principal.id, NO_PASSWORD)?;
        let scopes: BTreeSet<Scope> =
            Resource::iter().flat_map(|resource| Verb::iter().map(move |verb| Scope { resource, verb })).collect();
        let draft = AccessTokenDraft { name: text("demo")?, scopes, expires_at: tx.now() + TimeDelta::days(365) };
        let (_, secret) = tokens::add(tx, principal.id, epoch, draft)?;
        Ok(secret.text().to_owned())
    }
}

/// Who founds an organization holds these already.
fn is_founders(role: Role) -> bool {
    matches!(role, Role::TopManagement | Role::PlatformAdmin)
}

fn text<const MIN: usize, const MAX: usize>(text: &str) -> Outcome<Bounded<MIN, MAX>> {
    Bounded::new(text).map_err(|error| Failure::Corrupt(error.to_string()))
}
