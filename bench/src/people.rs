//! The organization that is asked for: departments, people in several roles with a token and a session each, assets.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use mamori_api::{
    commands::found::{self, Founder},
    kernel::tokens::Keys,
};
use mamori_domain::{
    access::{Resource, Role, Scope, Standing, Verb, standing::Held},
    identity::{access_token::AccessTokenDraft, principal::Principal},
    kernel::{
        clock::Clock,
        id::Id,
        reference::Reference,
        sign_off::Signature,
        text::{Bounded, Note},
    },
    organization::{
        department::{Department, DepartmentDraft},
        organization::Organization,
        person::{Email, Person, PersonDraft, WorkerKind},
        position::{Position, PositionDraft},
    },
    planning::{
        asset::{Asset, AssetDraft, Media},
        rating::Rating,
    },
};
use mamori_persistence::{
    identity::{
        access_token as tokens, principal as principals, secret,
        session::{self, Presented},
    },
    integration::event,
    kernel::{
        conn::Conn,
        db::{Db, Limits, Location, migrate},
        failure::{Failure, Outcome},
        loaded::Loaded,
        tx::{Context, Tx},
    },
    organization::{
        department as departments, organization as organizations, person as persons, position as positions,
    },
    planning::asset as assets,
};
use strum::IntoEnumIterator;
use uuid::Uuid;

/// Departments; the assets and people are spread over them evenly.
const DEPARTMENTS: usize = 12;
/// People of each of the [`ROLES`].
const OF_EACH_ROLE: usize = 24;
/// The first two reach every asset, the last two those of a department.
const ROLES: [Option<Role>; 4] =
    [Some(Role::IsmsSecretariat), Some(Role::InternalAuditor), Some(Role::DepartmentManager), None];

/// Somebody who asks.
#[derive(Clone, Debug)]
pub struct Asker {
    /// An access token for everything that there is.
    token: String,
    principal: Id<Principal>,
    session: Uuid,
    epoch: i32,
    /// The role, where it is an appointment.
    pub role: Option<Role>,
    /// The number of the department.
    department: usize,
}

impl Asker {
    /// Whether every asset is within reach.
    pub fn reaches_all(&self) -> bool {
        matches!(self.role, Some(Role::IsmsSecretariat | Role::InternalAuditor))
    }
}

/// With what somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// An access token.
    Token,
    /// The signed token of a session.
    Jwt,
}

/// An organization in a database.
pub struct World {
    /// The database.
    pub location: Location,
    organization: Id<Organization>,
    /// Who asks.
    pub askers: Vec<Asker>,
    /// What is asked for, by the number of the department.
    assets: Vec<Vec<Uuid>>,
    draft: String,
}

impl World {
    /// Makes an organization with `count` assets in an empty database.
    pub fn make(location: Location, count: usize) -> crate::Outcome<Self> {
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
            migrate(location.clone()).await?;
            let now = Clock::System.now();
            let organization = Id::<Organization>::generate(now);
            let db = Db::open(location.clone(), Limits { readers: 1, writers: 1, waiting: 16 }, None).await?;
            let stage = Stage { context: nobody(organization, now) };
            let (askers, draft) =
                db.write_quietly(Some(organization.uuid()), move |conn| stage.build(conn, count)).await?;
            let context = nobody(organization, now);
            let seal = move |conn: &mut Conn| event::seal(&mut Tx::new(conn, &context));
            while db.write_quietly(Some(organization.uuid()), seal.clone()).await? > 0 {}
            let mut assets = vec![Vec::new(); DEPARTMENTS];
            for number in DEPARTMENTS + 1..=count {
                let place = assets.get_mut((number - 1) % DEPARTMENTS).ok_or("no department")?;
                place.push(copied(number));
            }
            Ok(Self { location, organization, askers, assets, draft })
        })
    }

    /// Requests of everybody whom `who` takes, with every credential that `with` names: GET of an asset within reach.
    pub fn gets(&self, folder: &Path, who: impl Fn(&Asker) -> bool, with: &[With]) -> crate::Outcome<Vec<Vec<u8>>> {
        self.requests(folder, who, with, |asker, number| {
            let department = if asker.reaches_all() { number % DEPARTMENTS } else { asker.department };
            let within = self.assets.get(department).map(Vec::as_slice).unwrap_or_default();
            // Spread over all of them.
            let asset = within.get(number.wrapping_mul(7919) % within.len().max(1)).copied().unwrap_or_default();
            format!("GET /v1/assets/{asset} HTTP/1.1\r\n\r\n")
        })
    }

    /// The same for the first page of the list.
    pub fn lists(&self, folder: &Path, who: impl Fn(&Asker) -> bool, with: &[With]) -> crate::Outcome<Vec<Vec<u8>>> {
        self.requests(folder, who, with, |_, _| "GET /v1/assets?limit=50 HTTP/1.1\r\n\r\n".to_owned())
    }

    /// New assets of those who may make them.
    pub fn posts(&self, folder: &Path) -> crate::Outcome<Vec<Vec<u8>>> {
        let may = |asker: &Asker| asker.role == Some(Role::IsmsSecretariat);
        self.requests(folder, may, &[With::Token, With::Jwt], |_, _| {
            let (length, draft) = (self.draft.len(), &self.draft);
            format!(
                "POST /v1/assets HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{draft}"
            )
        })
    }

    fn requests(
        &self,
        folder: &Path,
        who: impl Fn(&Asker) -> bool,
        with: &[With],
        request: impl Fn(&Asker, usize) -> String,
    ) -> crate::Outcome<Vec<Vec<u8>>> {
        let keys = Keys::of_file(&crate::serve::key(folder))?;
        let now = Clock::System.now();
        let mut requests = Vec::new();
        for round in 0..ROUNDS {
            for (number, asker) in self.askers.iter().enumerate().filter(|(_, asker)| who(asker)) {
                let with = with.get((round + number) % with.len().max(1)).copied().unwrap_or(With::Token);
                let credential = match with {
                    With::Token => asker.token.clone(),
                    With::Jwt => {
                        let organization = self.organization.uuid();
                        keys.sign(asker.principal.uuid(), organization, asker.session, asker.epoch, now)
                            .ok_or("no signature")?
                    }
                };
                let request = request(asker, round * self.askers.len() + number);
                let headers =
                    format!("Host: bench\r\nAccept: application/json\r\nAuthorization: Bearer {credential}\r\n");
                requests.push(request.replacen("\r\n", &format!("\r\n{headers}"), 1).into_bytes());
            }
        }
        Ok(requests)
    }

    /// Finds the contexts of everybody's requests, as the gate makes them.
    pub fn contexts(&self) -> impl FnMut(&mut Conn) -> Outcome<Vec<Context>> + Send + 'static {
        let (organization, askers, now) = (self.organization, self.askers.clone(), Clock::System.now());
        move |conn| {
            let context = |(number, asker): (usize, &Asker)| {
                let (credential, presented) = if number % 2 == 0 {
                    let parsed = secret::parse(&asker.token).ok_or(Failure::Panicked)?;
                    (parsed.id, Presented::AccessToken(parsed.hash))
                } else {
                    (asker.session, Presented::Jwt { epoch: asker.epoch })
                };
                let caller = session::authenticate(conn, organization.uuid(), credential, &presented, now)?;
                let caller = caller.ok_or(Failure::Panicked)?;
                Ok(Context {
                    time_zone: caller.time_zone,
                    principal: caller.principal,
                    actor: caller.name.clone(),
                    standing: caller.standing,
                    ..nobody(organization, now)
                })
            };
            askers.iter().enumerate().map(context).collect()
        }
    }
}

/// How often everybody's turn comes in the requests of a load, each time for another asset.
const ROUNDS: usize = 16;

fn nobody(organization: Id<Organization>, now: DateTime<Utc>) -> Context {
    Context {
        organization,
        time_zone: chrono_tz::Tz::Asia__Tokyo,
        principal: None,
        actor: "bench".into(),
        standing: Arc::new(Standing::default()),
        enrolment: None,
        operation: "bench".into(),
        request_id: Id::<()>::generate(now).to_string().into(),
        now,
    }
}

/// The id of the asset with this number, where it is a copy.
fn copied(number: usize) -> Uuid {
    Uuid::from_u128((COPIED << 80) | (0x7000 << 64) | (0x8 << 60) | (number as u128))
}

/// The milliseconds of the ids of copies: in 2024.
const COPIED: u128 = 0x018f_0000_0000;

struct Stage {
    context: Context,
}

impl Stage {
    fn build(&self, conn: &mut Conn, count: usize) -> Outcome<(Vec<Asker>, String)> {
        let email = |local: &str| {
            Email::try_from(format!("{local}@bench.example")).map_err(|error| Failure::Corrupt(error.to_string()))
        };
        let founder = Founder {
            organization: text("計測株式会社")?,
            person: text("青木 健一")?,
            email: email("aoki")?,
            password_hash: None,
        };
        let founder = found::organization(&mut Tx::new(conn, &self.context), self.context.organization, founder)?;
        let roles = [Role::TopManagement, Role::SecurityCommitteeChair, Role::IsmsSecretariat, Role::HrOfficer];
        let everything = Context {
            standing: Arc::new(Standing {
                person: Some(founder.id),
                roles: roles.map(Held::plain).to_vec(),
                ..Standing::default()
            }),
            ..self.context.clone()
        };
        let tx = &mut Tx::new(conn, &everything);
        let by = Signature { posts: vec![Role::TopManagement], ..tx.signature(None)? };
        let (mut places, mut askers) = (Vec::new(), Vec::new());
        for number in 0..DEPARTMENTS {
            let draft = DepartmentDraft { name: text(&format!("第{number}部"))?, parent_id: None };
            let department = departments::add(tx, &Department::establish(draft, tx.now()))?.id;
            let draft =
                PositionDraft { title: text(&format!("第{number}部長"))?, department_id: department, is_head: true };
            places.push((department, positions::add(tx, &Position::create(draft, tx.now()))?.id));
        }
        for (number, role) in ROLES.into_iter().cycle().take(ROLES.len() * OF_EACH_ROLE).enumerate() {
            // Not in step with the roles.
            let place = (number / ROLES.len()) % DEPARTMENTS;
            let (department, position) = *places.get(place).ok_or(Failure::Panicked)?;
            let draft = PersonDraft {
                name: text(&format!("従業者 {number}"))?,
                name_kana: None,
                employee_number: None,
                email: Some(email(&format!("worker{number}"))?),
                worker_kind: WorkerKind::Regular,
                department_id: Some(department),
                joined_on: tx.today() - TimeDelta::days(400),
                left_on: None,
            };
            let person = persons::add(tx, &Person::enter(draft, tx.now(), tx.today())?)?;
            if let Some(role) = role {
                found::appoint(tx, role, person.id, role.is_of_department().then_some(department), &by)?;
            }
            if number < ROLES.len() * DEPARTMENTS && number % ROLES.len() == 3 {
                head(tx, position, &person)?;
            }
            askers.push(asker(tx, &person, role, place)?);
        }
        let mut drafts = Vec::new();
        for (number, (department, position)) in places.into_iter().enumerate() {
            let draft = draft(department, position, number)?;
            let asset = Asset::enter(draft.clone(), organizations::next_number(tx, "asset")?, &[], tx.now())?;
            assets::add(tx, &asset)?;
            drafts.push(draft);
        }
        copy(tx, count)?;
        let draft = drafts.first().map(serde_json::to_string).transpose();
        let draft = draft.map_err(|error| Failure::Corrupt(error.to_string()))?;
        Ok((askers, draft.unwrap_or_default()))
    }
}

fn head(tx: &mut Tx<'_>, position: Id<Position>, holder: &Person) -> Outcome<()> {
    let mut position: Loaded<Position> = positions::find(tx, position)?;
    position.hand_over(Some(Reference::new(holder.id, holder.draft.name.as_str())), holder.draft.joined_on)?;
    positions::store(tx, position)?;
    Ok(())
}

fn asker(tx: &mut Tx<'_>, person: &Person, role: Option<Role>, department: usize) -> Outcome<Asker> {
    let principal = principals::add(tx, person)?.id;
    let epoch = principals::set_password(tx, principal, "!")?;
    let scopes: BTreeSet<Scope> =
        Resource::iter().flat_map(|resource| Verb::iter().map(move |verb| Scope { resource, verb })).collect();
    let draft = AccessTokenDraft { name: text("bench")?, scopes, expires_at: tx.now() + TimeDelta::days(365) };
    let (_, secret) = tokens::add(tx, principal, epoch, draft)?;
    let session = session::open_session(tx, principal, epoch)?.credential;
    Ok(Asker { token: secret.text().to_owned(), principal, session, epoch, role, department })
}

fn draft(department: Id<Department>, position: Id<Position>, number: usize) -> Outcome<AssetDraft> {
    let rating = |number: i64| Rating::try_from(number).map_err(|error| Failure::Corrupt(error.to_string()));
    Ok(AssetDraft {
        business_category: text("人事・総務")?,
        name: text(&format!("社員名簿 {number}"))?,
        remarks: text("社員の基本情報。入退社のつど更新し、年に一度棚卸しをする。")?,
        authorized_users: text("人事部、総務部")?,
        risk_owner_person_id: None,
        risk_owner_position_id: Some(position),
        managing_department_id: department,
        media: Media::InternalServer,
        storage_location: Note::default(),
        confidentiality: rating(3)?,
        integrity: rating(2)?,
        availability: rating(1)?,
        contains_personal_data: true,
        contains_sensitive_personal_data: false,
        contains_my_number: false,
        business_critical: false,
        business_critical_reason: None,
        classification: None,
        asset_class: None,
        retention_period: Some(text("退職後5年")?),
        registered_on: chrono::NaiveDate::from_ymd_opt(2024, 4, 1),
    })
}

/// Copies the assets there are, one for each department, until there are `count`: through SQL, without events.
fn copy(tx: &mut Tx<'_>, count: usize) -> Outcome<()> {
    const COLUMNS: [&str; 32] = [
        "organization_id",
        "id",
        "revision",
        "number",
        "business_category",
        "name",
        "remarks",
        "authorized_users",
        "risk_owner_person_id",
        "risk_owner_position_id",
        "managing_department_id",
        "media",
        "storage_location",
        "confidentiality",
        "integrity",
        "availability",
        "contains_personal_data",
        "contains_sensitive_personal_data",
        "contains_my_number",
        "business_critical",
        "business_critical_reason",
        "classification",
        "asset_class",
        "retention_period",
        "registered_on",
        "importance",
        "confirmation",
        "state",
        "disposal",
        "search",
        "created_at",
        "updated_at",
    ];
    let first = DEPARTMENTS + 1;
    let id = match tx.conn() {
        Conn::Sqlite(_) => format!("unhex(printf('{COPIED:012x}70008%015x', n.v))"),
        Conn::Pg(_) => format!("('{COPIED:012x}70008' || lpad(to_hex(n.v), 15, '0'))::uuid"),
    };
    let values: Vec<String> = COLUMNS
        .iter()
        .map(|column| match *column {
            "id" => id.clone(),
            "number" => "n.v".to_owned(),
            text @ ("name" | "search") => format!("asset.{text} || ' ' || n.v"),
            other => format!("asset.{other}"),
        })
        .collect();
    let (columns, values) = (COLUMNS.join(", "), values.join(", "));
    tx.conn().batch(&format!(
        "INSERT INTO asset ({columns}) \
         WITH RECURSIVE n(v) AS (SELECT {first} UNION ALL SELECT v + 1 FROM n WHERE v < {count}) \
         SELECT {values} FROM n JOIN asset ON asset.number = (n.v - 1) % {DEPARTMENTS} + 1 ORDER BY n.v"
    ))?;
    organizations::at_least(tx, "asset", i32::try_from(count).unwrap_or(i32::MAX))
}

fn text<const MIN: usize, const MAX: usize>(text: &str) -> Outcome<Bounded<MIN, MAX>> {
    Bounded::new(text).map_err(|error| Failure::Corrupt(error.to_string()))
}
