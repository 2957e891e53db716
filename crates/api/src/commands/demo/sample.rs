//! The sample organizations, in own words after the domain specification §8.8.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{NaiveDate, TimeDelta};
use mamori_domain::{
    access::{Resource, Role, Scope, Standing, Verb, standing::Held},
    catalog::control::ControlId,
    context::interested_party::{InterestedParty, InterestedPartyDraft, PartyRequirement},
    identity::access_token::AccessTokenDraft,
    kernel::{
        id::Id,
        reference::Reference,
        sign_off::Signature,
        text::{Bounded, Note},
    },
    leadership::appointment::{Appointment, AppointmentEnd},
    organization::{
        department::{Department, DepartmentDraft},
        organization::Organization,
        person::{Email, Person, PersonDraft, WorkerKind},
        position::{Position, PositionDraft},
    },
    planning::{
        asset::{Asset, AssetDraft, Media},
        rating::Rating,
        risk::{LikelihoodBasis, LostProperty, Risk, RiskDraft},
        treatment::{TreatmentControl, TreatmentDecision, TreatmentOption},
        treatment_item::{Completed, Started, TreatmentItem, TreatmentItemDraft},
    },
};
use mamori_persistence::{
    context::interested_party as parties,
    identity::{access_token as tokens, principal as principals},
    kernel::{
        conn::Conn,
        failure::{Failure, Outcome},
        loaded::Loaded,
        tx::{Context, Tx},
    },
    leadership::appointment as appointments,
    organization::{
        department as departments, organization as organizations, person as persons, position as positions,
    },
    planning::{asset as assets, risk as risks, risk_criteria as criteria, treatment_item as items},
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
    let work = move |conn: &mut Conn| Stage { context: context.clone(), domain }.build(conn, name, cast, with_ledger);
    Ok(service.db().write(Some(organization.uuid()), work).await?)
}

/// Where the sample is put together.
struct Stage {
    context: Context,
    domain: &'static str,
}

impl Stage {
    fn build(&self, conn: &mut Conn, name: &str, cast: &[Member], with_ledger: bool) -> Outcome<Vec<Inhabitant>> {
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
        let mut people = Vec::new();
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
            people.push(person);
        }
        if !top.5.contains(&Role::PlatformAdmin) {
            self.lay_down(tx, &founder, Role::PlatformAdmin)?;
        }
        if with_ledger {
            self.parties(tx)?;
            self.ledger(tx)?;
            self.assessment(tx, &people)?;
        }
        Ok(inhabitants)
    }

    fn email(&self, local: &str) -> Outcome<Email> {
        Email::try_from(format!("{local}@{}", self.domain)).map_err(|error| Failure::Corrupt(error.to_string()))
    }

    /// The context of a person who holds these roles.
    fn as_person(&self, person: &Person, roles: &[Role]) -> Context {
        let held = |role: &Role| Held { role: *role, department: None, provisional: false, as_deputy: false };
        Context {
            actor: person.draft.name.as_str().into(),
            standing: Arc::new(Standing {
                person: Some(person.id),
                department: person.draft.department_id,
                roles: roles.iter().map(held).collect(),
                scopes: None,
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

    fn parties(&self, tx: &mut Tx<'_>) -> Outcome<()> {
        for (name, requirements) in PARTIES {
            let requirement = |[requirement, risk, opportunity]: &[&str; 3]| {
                Ok(PartyRequirement {
                    number: None,
                    requirement: text(requirement)?,
                    risk: text(risk)?,
                    opportunity: text(opportunity)?,
                    addressed_by_isms: true,
                })
            };
            let draft = InterestedPartyDraft {
                name: text(name)?,
                requirements: requirements.iter().map(requirement).collect::<Outcome<_>>()?,
                remarks: Note::default(),
                reviewed_on: Some(tx.today() - TimeDelta::days(200)),
            };
            parties::add(tx, &InterestedParty::enter(draft, tx.now(), tx.today())?)?;
        }
        Ok(())
    }

    fn ledger(&self, tx: &mut Tx<'_>) -> Outcome<()> {
        for line in LEDGER {
            let number = organizations::next_number(tx, "asset")?;
            let draft = line.draft(tx)?;
            assets::add(tx, &Asset::enter(draft, number, &[], tx.now())?)?;
        }
        Ok(())
    }

    /// The risks of the two example tables: three on the ledger (D03), three of the report (D19) with their treatment.
    fn assessment(&self, tx: &mut Tx<'_>, people: &[Person]) -> Outcome<()> {
        let secretary = people.first().ok_or(Failure::Panicked)?.id;
        let chair = people.get(2).ok_or(Failure::Panicked)?.id;
        for (number, likelihood) in [(1, 3), (4, 2), (7, 2)] {
            self.risk(tx, secretary, number, likelihood, &LEAK)?;
        }
        let today = tx.today();
        for (number, likelihood, texts, controls, tasks, ends) in REPORT {
            let risk = self.risk(tx, secretary, *number, *likelihood, texts)?;
            let mut risk = Loaded::new(risk);
            risk.evaluate(&criteria::in_force(tx)?)?;
            let control = |(description, ids): &(&str, &[&str])| {
                let annex_a_ids = ids.iter().filter_map(|id| id.parse::<ControlId>().ok()).collect();
                Ok(TreatmentControl { number: None, description: text(description)?, annex_a_ids })
            };
            let decision = TreatmentDecision {
                options: vec![TreatmentOption::Modify],
                controls: controls.iter().map(control).collect::<Outcome<_>>()?,
                description: Note::default(),
            };
            risk.decide(decision, &[])?;
            let risk = risks::store(tx, risk)?;
            for control_number in risk.control_numbers() {
                let draft = TreatmentItemDraft {
                    control_number,
                    tasks: tasks.iter().map(|task| text(task)).collect::<Outcome<_>>()?,
                    assignee_id: chair,
                    planned_start: Some(today - TimeDelta::days(60)),
                    planned_end: Some(today + TimeDelta::days(30)),
                };
                let number = items::next_number(tx, risk.id)?;
                items::add(tx, &TreatmentItem::plan(draft, &risk, number, tx.now())?)?;
            }
            self.treat(tx, risk.id, people, today, *ends)?;
        }
        Ok(())
    }

    fn risk(
        &self,
        tx: &mut Tx<'_>,
        prepared_by: Id<Person>,
        number: i32,
        likelihood: i64,
        texts: &[&str; 5],
    ) -> Outcome<Risk> {
        let [source, area, event, cause, consequence] = texts;
        // Number 0: a risk that hangs on an event, with an importance of its own.
        let asset = assets::by_number(tx, number)?.map(|asset| asset.id);
        let owner = positions::by_title(tx, "総務部長")?;
        let draft = RiskDraft {
            asset_ids: asset.into_iter().collect(),
            risk_source: text(source)?,
            impact_area: text(area)?,
            event: text(event)?,
            lost_properties: BTreeSet::from([LostProperty::Confidentiality]),
            cause: text(cause)?,
            consequence: text(consequence)?,
            risk_owner_person_id: None,
            risk_owner_position_id: owner.filter(|_| asset.is_none()),
            department_id: None,
            stated_importance: asset.is_none().then_some(Rating::MEDIUM),
            likelihood_basis: Some(LikelihoodBasis::Stated { likelihood: rating(likelihood)? }),
            remarks: Note::default(),
        };
        let named = assets::names(tx, &draft.asset_ids)?;
        let owner = risks::owner_of(tx, &draft)?;
        let number = organizations::next_number(tx, "risk")?;
        let risk = Risk::identify(draft, named, owner, number, &criteria::in_force(tx)?, tx.now())?;
        risks::add(tx, &risk, prepared_by)
    }

    /// The owner approves, the work begins and, where it `ends`, is completed.
    fn treat(&self, tx: &mut Tx<'_>, risk: Id<Risk>, people: &[Person], today: NaiveDate, ends: bool) -> Outcome<()> {
        let mut loaded = risks::look_up(tx, risk)?;
        let owner = loaded.risk_owner.person.as_ref().map(|owner| owner.id);
        let owner = people.iter().find(|person| Some(person.id.uuid()) == owner).ok_or(Failure::Panicked)?;
        let by = Signature {
            person_id: owner.id,
            name: owner.draft.name.as_str().to_owned(),
            posts: Vec::new(),
            at: tx.now(),
            provisional: false,
            reason: None,
        };
        let of_risk = items::of_risk(tx, risk)?;
        loaded.approve_treatment(by, &of_risk)?;
        let approved = risks::store(tx, loaded)?;
        let filter = items::Filter { risk: Some(risk), ..items::Filter::default() };
        let page =
            mamori_domain::kernel::page::PageRequest { limit: 200, ..mamori_domain::kernel::page::PageRequest::one() };
        for item in items::list(tx, &filter, &page)?.items {
            let mut item = Loaded::new(item);
            item.start(Started { actual_start: today - TimeDelta::days(50) }, &approved, today)?;
            if ends {
                item.complete(Completed { actual_end: today - TimeDelta::days(10) }, &approved, today)?;
            }
            items::store(tx, item)?;
        }
        Ok(())
    }
}

/// Who founds an organization holds these already.
fn is_founders(role: Role) -> bool {
    matches!(role, Role::TopManagement | Role::PlatformAdmin)
}

fn text<const MIN: usize, const MAX: usize>(text: &str) -> Outcome<Bounded<MIN, MAX>> {
    Bounded::new(text).map_err(|error| Failure::Corrupt(error.to_string()))
}

fn rating(number: i64) -> Outcome<Rating> {
    Rating::try_from(number).map_err(|error| Failure::Corrupt(error.to_string()))
}

/// Interested parties (D11), each with its requirements: what is required, the risk, the opportunity.
#[rustfmt::skip]
const PARTIES: &[(&str, &[[&str; 3]])] = &[
    ("取引先", &[
        ["預けた情報を適切に取り扱うこと", "情報が漏えいし、取引を打ち切られる", "信頼が深まり、取引が広がる"],
        ["法令を守って事業を行うこと", "違反が知られ、取引先にも迷惑がかかる", "安心して取引を続けてもらえる"],
    ]),
    ("株主", &[
        ["情報の事故を起こさないこと", "事故で業績が落ち、会社の価値が下がる", "安定した経営が評価され、投資が増える"],
    ]),
    ("従業員", &[
        ["必要な教育を受けられること", "知識が足りず、誤った操作で事故を起こす", "自分で判断でき、仕事の質が上がる"],
        ["仕事に要る情報を必要なときに使えること", "仕事が滞り、勝手な保存や持ち出しが増える", "仕事が速く進む"],
        ["自分の個人情報が守られること", "会社への不信から人が離れる", "安心して働け、人が定着する"],
    ]),
    ("国・自治体", &[
        ["法令や基準を守ること", "行政の指導や罰則を受け、公に知られる", "公共の入札や認定の機会が得られる"],
    ]),
];

/// One line of the ledger.
struct Line {
    category: &'static str,
    name: &'static str,
    remarks: &'static str,
    users: &'static str,
    department: &'static str,
    media: Media,
    ratings: [i64; 3],
    personal: bool,
    retention: Option<&'static str>,
}

impl Line {
    fn draft(&self, tx: &mut Tx<'_>) -> Outcome<AssetDraft> {
        let [confidentiality, integrity, availability] = self.ratings;
        let department = departments::by_name(tx, self.department)?.ok_or(Failure::Panicked)?;
        Ok(AssetDraft {
            business_category: text(self.category)?,
            name: text(self.name)?,
            remarks: text(self.remarks)?,
            authorized_users: text(self.users)?,
            risk_owner_person_id: None,
            risk_owner_position_id: positions::by_title(tx, &format!("{}長", self.department))?,
            managing_department_id: department,
            media: self.media,
            storage_location: Note::default(),
            confidentiality: rating(confidentiality)?,
            integrity: rating(integrity)?,
            availability: rating(availability)?,
            contains_personal_data: self.personal,
            contains_sensitive_personal_data: false,
            contains_my_number: false,
            business_critical: false,
            business_critical_reason: None,
            classification: None,
            asset_class: None,
            retention_period: self.retention.map(text::<1, 200>).transpose()?,
            registered_on: Some(tx.today() - TimeDelta::days(200)),
        })
    }
}

#[expect(clippy::too_many_arguments, reason = "the columns of a table")]
const fn line(
    category: &'static str,
    name: &'static str,
    remarks: &'static str,
    users: &'static str,
    department: &'static str,
    media: Media,
    ratings: [i64; 3],
    personal: bool,
    retention: Option<&'static str>,
) -> Line {
    Line { category, name, remarks, users, department, media, ratings, personal, retention }
}

#[rustfmt::skip]
const LEDGER: &[Line] = &[
    line("人事", "社員名簿", "社員の基本情報", "人事部", "人事部", Media::OfficePc, [3, 3, 2], true, Some("退職後5年")),
    line("人事", "健康診断の結果", "雇入時と定期", "人事部", "人事部", Media::Paper, [3, 3, 2], true, Some("5年")),
    line("経理", "給与データ", "源泉徴収に使う", "給与計算担当", "経理部", Media::OfficePc, [3, 3, 2], true, Some("7年")),
    line("経理", "当社宛請求書", "過去3年分", "経理部", "経理部", Media::OfficePc, [3, 3, 2], false, Some("7年")),
    line("経理", "発行済請求書の控え", "過去3年分", "経理部", "経理部", Media::Paper, [1, 2, 2], false, Some("7年")),
    line("共通", "電子メール", "重要度は最も高いものに合わせる", "担当者", "総務部", Media::ExternalServer, [3, 3, 3], true, None),
    line("営業", "顧客リスト", "得意先", "営業部", "営業部", Media::OfficePc, [3, 3, 3], true, Some("5年")),
    line("営業", "顧客リスト", "得意先、持ち出し用", "営業部", "営業部", Media::MobileDevice, [3, 2, 2], true, Some("5年")),
    line("営業", "受注伝票", "過去10年分", "営業部", "営業部", Media::InternalServer, [2, 2, 2], false, Some("10年")),
    line("営業", "受注契約書", "契約書の原本", "営業部", "営業部", Media::Paper, [2, 3, 1], false, Some("10年")),
    line("管理", "自社ホームページ", "会社と製品の案内", "全従業員", "管理部", Media::ExternalServer, [1, 3, 3], false, None),
    line("管理", "製品パンフレット", "発売後のもの", "全従業員", "管理部", Media::Paper, [1, 1, 1], false, None),
];

/// Source, area, event, cause, consequence.
const LEAK: [&str; 5] = [
    "退職予定者によるデータの大量コピーに気付く仕組みがない",
    "全社",
    "退職者が情報を持ち出す",
    "内部からの持ち出しを想定した対策がない",
    "情報が漏えいし、信用を失う",
];

/// A row of the report: asset number, likelihood, texts, controls with their Annex A references, tasks, whether the
/// work is completed.
type ReportRow = (
    i32,
    i64,
    &'static [&'static str; 5],
    &'static [(&'static str, &'static [&'static str])],
    &'static [&'static str],
    bool,
);

const REPORT: &[ReportRow] = &[
    (
        8,
        2,
        &[
            "モバイル機器を使うときの決まりが足りない",
            "外部",
            "持ち出し中に紛失や盗難にあう",
            "持ち出しの決まりが足りないため紛失する",
            "情報が漏えいし、顧客に迷惑がかかる",
        ],
        &[("モバイル機器の利用ルールを整え、強化する", &["8.1", "7.9"])],
        &["ルールを検討する", "関係者に知らせる"],
        true,
    ),
    (
        0,
        2,
        &[
            "教育が足りず、従業者の意識が低い",
            "全社",
            "メールを誤って送信する",
            "意識が低いため宛先を確かめずに送る",
            "情報が漏えいし、信用を失う",
        ],
        &[("教育と訓練を行う", &["6.3"])],
        &["教育の内容を検討する", "関係者に知らせる"],
        true,
    ),
    (
        7,
        3,
        &[
            "電子データの分類と取扱いがはっきりしない",
            "外部",
            "情報の紛失や盗難が起こる",
            "分類がないため取扱いがまちまちになる",
            "情報が漏えいし、顧客に迷惑がかかる",
        ],
        &[("分類を定め、分類ごとの取扱いとラベルを決める", &["5.10", "5.12", "5.13"])],
        &["分類を定める", "分類ごとの取扱いを検討する", "関係者に知らせる"],
        false,
    ),
];
