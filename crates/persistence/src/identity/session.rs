//! How sessions are kept, and what a request needs to know of the credential it came with.

use std::{fmt, str::FromStr, sync::Arc};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::{backend::Backend, deserialize, deserialize::FromSql, pg::Pg, prelude::*, sqlite::Sqlite};
use mamori_domain::{
    access::{Role, Scopes, Standing, standing::Held},
    evaluation::audit::Audit,
    identity::{
        principal::{Principal, PrincipalState},
        session::{KEPT_AFTER_EXPIRY, SESSION_IDLE, SESSION_LIFETIME, Session},
    },
    kernel::{date::date_in, id::Id},
    organization::{
        department::Department,
        organization::Organization,
        person::{Person, WorkerKind},
    },
    support::education::enrolment::Enrolment,
};
use uuid::Uuid;

use self::{credential as c, refresh_token as refresh};
use super::{
    access_token,
    principal::principal as pr,
    secret::{Hash, Parsed, Secret, SecretKind},
};
use crate::{
    evaluation::audit::guest::audit_guest as g,
    kernel::{
        columns::{KeyColumn, MomentColumn, WordColumn, sql},
        conn::Conn,
        failure::{Failure, OrNotFound, Outcome},
        tx::Tx,
    },
    leadership::appointment::{Seat, Stage, appointment as a},
    on,
    organization::{organization::organization as o, person::person as p},
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    credential (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        principal_id -> Key,
        kind -> Text,
        name -> Text,
        secret_hash -> Nullable<Binary>,
        scopes -> Nullable<Document>,
        prefix -> Text,
        epoch -> Integer,
        expires_at -> Moment,
        revoked_at -> Nullable<Moment>,
        last_used_on -> Nullable<Date>,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    refresh_token (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        credential_id -> Key,
        secret_hash -> Binary,
        used_at -> Nullable<Moment>,
        expires_at -> Moment,
        created_at -> Moment,
    }
}

/// What a request is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// A login, by a signed token.
    Session,
    /// An access token of a script.
    AccessToken,
    /// A learner's link; no row of its own.
    LearningLink,
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session => "session",
            Self::AccessToken => "access_token",
            Self::LearningLink => "learning_link",
        })
    }
}

impl FromStr for CredentialKind {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "session" => Ok(Self::Session),
            "access_token" => Ok(Self::AccessToken),
            _ => Err(()),
        }
    }
}

/// Scopes as they are stored: read once a request, not once a row.
#[derive(deserialize::FromSqlRow)]
struct StoredScopes(Vec<u8>);

impl FromSql<sql::Document, Pg> for StoredScopes {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.as_bytes().get(1..).ok_or("empty jsonb")?.to_vec()))
    }
}
impl FromSql<sql::Document, Sqlite> for StoredScopes {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.read_text().as_bytes().to_vec()))
    }
}

impl StoredScopes {
    fn read(&self) -> Outcome<Scopes> {
        serde_json::from_slice(&self.0).map_err(|error| Failure::Corrupt(error.to_string()))
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = c)]
struct CredentialRow {
    kind: WordColumn<CredentialKind>,
    secret_hash: Option<Vec<u8>>,
    scopes: Option<StoredScopes>,
    epoch: i32,
    expires_at: MomentColumn,
    revoked_at: Option<MomentColumn>,
    last_used_on: Option<NaiveDate>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = pr)]
struct PrincipalRow {
    id: KeyColumn<Principal>,
    state: WordColumn<PrincipalState>,
    epoch: i32,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = p)]
struct PersonRow {
    id: KeyColumn<Person>,
    name: String,
    worker_kind: WordColumn<WorkerKind>,
    department_id: Option<KeyColumn<Department>>,
    joined_on: NaiveDate,
    left_on: Option<NaiveDate>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh)]
struct RefreshRow {
    credential_id: KeyColumn<Session>,
    secret_hash: Vec<u8>,
    used_at: Option<MomentColumn>,
    expires_at: MomentColumn,
}

/// Whether a credential counts: neither revoked nor expired nor of an older epoch, of an active principal whose person
/// works here today (the first and the last day count).
fn is_live(
    credential: &CredentialRow,
    principal: &PrincipalRow,
    person: &PersonRow,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> bool {
    credential.revoked_at.is_none()
        && now < credential.expires_at.0
        && credential.epoch == principal.epoch
        && principal.state.0 == PrincipalState::Active
        && person.joined_on <= today
        && person.left_on.is_none_or(|left| today <= left)
}

/// The organization's zone. Behind a door the context does not know it yet.
pub(crate) fn zone(name: &str) -> Outcome<Tz> {
    name.parse().map_err(|_| Failure::Corrupt(format!("unknown time zone {name:?}")))
}

/// Who makes a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The principal; none where a learner's link brought them.
    pub principal: Option<Id<Principal>>,
    /// The session or access token, or the enrolment of a link.
    pub credential: Uuid,
    /// The organization it belongs to.
    pub organization: Id<Organization>,
    /// The organization's zone.
    pub time_zone: Tz,
    /// The name of the person.
    pub name: Arc<str>,
    /// The person behind the principal.
    pub person: Id<Person>,
    /// What they hold today.
    pub standing: Arc<Standing>,
    /// The one enrolment that a link opens.
    pub enrolment: Option<Id<Enrolment>>,
    /// What the request is made with.
    pub kind: CredentialKind,
    /// The last day the credential was noted as used; see [`touch`].
    pub last_used_on: Option<NaiveDate>,
}

/// What a request presents for itself, its form and signature already checked.
#[derive(Clone, Copy, Debug)]
pub enum Presented {
    /// The hash of an access token.
    AccessToken(Hash),
    /// A signed token of a session.
    Jwt {
        /// The principal's epoch that it was signed for.
        epoch: i32,
    },
}

/// A credential with its principal, the organization's zone, the person, one of their seats, and the audit of a guest.
type CallerRow = (CredentialRow, PrincipalRow, String, PersonRow, Option<Seat>, Option<KeyColumn<Audit>>);

/// Who presents this credential, with everything they hold today; `None` where it is not, or no longer, valid. One
/// query: it runs with every request.
pub fn authenticate(
    conn: &mut Conn,
    organization: Uuid,
    credential: Uuid,
    presented: &Presented,
    now: DateTime<Utc>,
) -> Outcome<Option<Caller>> {
    // The zone comes with the answer: nowhere is it earlier than twelve hours behind UTC, so that this keeps too much.
    let ended = now.date_naive() - TimeDelta::days(1);
    let rows: Vec<CallerRow> = on!(
        conn,
        c::table
            .inner_join(pr::table.on(pr::organization_id.eq(c::organization_id).and(pr::id.eq(c::principal_id))))
            .inner_join(o::table.on(o::organization_id.eq(c::organization_id)))
            .inner_join(p::table.on(p::organization_id.eq(pr::organization_id).and(p::id.eq(pr::person_id))))
            .left_join(
                // The organization stands in both branches, by two names: otherwise SQLite draws it out of them and
                // goes through every appointment of the organization instead of using both indexes.
                a::table.on((a::organization_id.eq(p::organization_id).and(a::person_id.eq(p::id)))
                    .or(a::organization_id.eq(pr::organization_id).and(a::deputy_person_id.eq(p::id.nullable())))
                    .and(a::stage.eq(WordColumn(Stage::Approved)))
                    .and(a::ends_on.is_null().or(a::ends_on.ge(ended)))),
            )
            .left_join(
                g::table
                    .on(g::organization_id.eq(p::organization_id).and(g::person_id.eq(p::id)).and(g::ended.is_null())),
            )
            .filter(c::organization_id.eq(KeyColumn::<Organization>::of(organization)))
            .filter(c::id.eq(KeyColumn::<Session>::of(credential)))
            .select((
                CredentialRow::as_select(),
                PrincipalRow::as_select(),
                o::time_zone,
                PersonRow::as_select(),
                Option::<Seat>::as_select(),
                g::audit_id.nullable(),
            ))
            .load(conn)
    )?;
    let mut rows = rows.into_iter();
    let Some((row, principal, time_zone, person, first, guest_of)) = rows.next() else { return Ok(None) };
    let time_zone = zone(&time_zone)?;
    let today = date_in(time_zone, now);
    let genuine = match (*presented, row.kind.0) {
        (Presented::AccessToken(hash), CredentialKind::AccessToken) => {
            row.secret_hash.as_deref().is_some_and(|stored| hash.matches(stored))
        }
        (Presented::Jwt { epoch }, CredentialKind::Session) => epoch == principal.epoch,
        _ => false,
    };
    // A guest is somebody only as long as the invitation holds; its days are those of the person.
    let invited = person.worker_kind.0 != WorkerKind::Guest || guest_of.is_some();
    if !genuine || !invited || !is_live(&row, &principal, &person, now, today) {
        return Ok(None);
    }
    let seats = first.into_iter().chain(rows.filter_map(|(.., seat, _)| seat));
    let invitation = guest_of.map(|_| Held::plain(Role::ExternalAuditor));
    let standing = Standing {
        person: Some(person.id.0),
        department: person.department_id.map(|id| id.0),
        roles: seats.filter_map(|seat| seat.held_by(person.id.0, today)).chain(invitation).collect(),
        guest_of: guest_of.map(|audit| audit.0),
        scopes: match row.kind.0 {
            CredentialKind::Session | CredentialKind::LearningLink => None,
            CredentialKind::AccessToken => {
                let scopes = row.scopes.map(|scopes| scopes.read()).transpose()?;
                Some(scopes.unwrap_or_else(|| Scopes::from_iter([])))
            }
        },
    };
    Ok(Some(Caller {
        principal: Some(principal.id.0),
        credential,
        organization: Id::from_uuid(organization),
        time_zone,
        name: person.name.into(),
        person: person.id.0,
        standing: standing.into(),
        enrolment: None,
        kind: row.kind.0,
        last_used_on: row.last_used_on,
    }))
}

/// Notes the day on which a credential was used.
pub fn touch(tx: &mut Tx<'_>, credential: Uuid, today: NaiveDate) -> Outcome<()> {
    let unnoted = c::table
        .find((tx.organization(), KeyColumn::<Session>::of(credential)))
        .filter(c::last_used_on.is_null().or(c::last_used_on.lt(today)));
    on!(tx, diesel::update(unnoted).set(c::last_used_on.eq(today)).execute(tx))?;
    Ok(())
}

/// A session that was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The session.
    pub credential: Uuid,
    /// Its first refresh token.
    pub refresh: Secret,
    /// It ends then at the latest.
    pub expires_at: DateTime<Utc>,
}

/// Opens a session of a principal whose password was right.
pub fn open_session(tx: &mut Tx<'_>, principal: Id<Principal>, epoch: i32) -> Outcome<Opened> {
    let id = KeyColumn(Id::<Session>::generate(tx.now()));
    let expires_at = tx.now() + SESSION_LIFETIME;
    let row = (
        c::organization_id.eq(tx.organization()),
        c::id.eq(id),
        c::revision.eq(1),
        c::principal_id.eq(KeyColumn(principal)),
        c::kind.eq(WordColumn(CredentialKind::Session)),
        c::name.eq(""),
        c::prefix.eq(""),
        c::epoch.eq(epoch),
        c::expires_at.eq(MomentColumn(expires_at)),
        c::created_at.eq(MomentColumn(tx.now())),
    );
    on!(tx, diesel::insert_into(c::table).values(row).execute(tx))?;
    Ok(Opened { credential: id.0.uuid(), refresh: hand_out(tx, id, expires_at)?, expires_at })
}

/// A new refresh token: for the idle time, and never longer than the session.
fn hand_out(tx: &mut Tx<'_>, session: KeyColumn<Session>, session_expires_at: DateTime<Utc>) -> Outcome<Secret> {
    let id = Id::<()>::generate(tx.now());
    let secret = Secret::generate(SecretKind::Refresh, tx.context().organization.uuid(), id.uuid())?;
    let row = (
        refresh::organization_id.eq(tx.organization()),
        refresh::id.eq(KeyColumn(id)),
        refresh::credential_id.eq(session),
        refresh::secret_hash.eq(secret.hash()),
        refresh::expires_at.eq(MomentColumn(session_expires_at.min(tx.now() + SESSION_IDLE))),
        refresh::created_at.eq(MomentColumn(tx.now())),
    );
    on!(tx, diesel::insert_into(refresh::table).values(row).execute(tx))?;
    Ok(secret)
}

/// What became of a refresh token. Every outcome is to be committed: a value, never a failure.
#[derive(Clone, Debug)]
pub enum Rotation {
    /// It was taken, and a new one stands in its place.
    Rotated {
        /// The principal.
        principal: Id<Principal>,
        /// The principal's epoch.
        epoch: i32,
        /// The session.
        credential: Uuid,
        /// The next refresh token.
        refresh: Secret,
        /// The session ends then at the latest.
        expires_at: DateTime<Utc>,
    },
    /// It had been used before, so somebody else may hold it: the session has been ended.
    Reused {
        /// Whose session it was.
        principal: Id<Principal>,
    },
    /// It is unknown or expired, or its session is over.
    Refused,
}

/// Takes a refresh token, once, and hands out the next one.
pub fn rotate(tx: &mut Tx<'_>, presented: &Parsed) -> Outcome<Rotation> {
    if presented.kind != SecretKind::Refresh || presented.organization != tx.context().organization.uuid() {
        return Ok(Rotation::Refused);
    }
    let (organization, now) = (tx.organization(), tx.now());
    let token = KeyColumn::<()>::of(presented.id);
    let found: Option<(RefreshRow, CredentialRow, PrincipalRow, String, PersonRow)> = on!(
        tx,
        refresh::table
            .inner_join(
                c::table.on(c::organization_id.eq(refresh::organization_id).and(c::id.eq(refresh::credential_id)))
            )
            .inner_join(pr::table.on(pr::organization_id.eq(c::organization_id).and(pr::id.eq(c::principal_id))))
            .inner_join(o::table.on(o::organization_id.eq(c::organization_id)))
            .inner_join(p::table.on(p::organization_id.eq(pr::organization_id).and(p::id.eq(pr::person_id))))
            .filter(refresh::organization_id.eq(organization))
            .filter(refresh::id.eq(token))
            .select((
                RefreshRow::as_select(),
                CredentialRow::as_select(),
                PrincipalRow::as_select(),
                o::time_zone,
                PersonRow::as_select(),
            ))
            .first(tx)
    )
    .optional()?;
    let Some((row, session, principal, time_zone, person)) = found else { return Ok(Rotation::Refused) };
    let today = date_in(zone(&time_zone)?, now);
    if !presented.hash.matches(&row.secret_hash) || !is_live(&session, &principal, &person, now, today) {
        return Ok(Rotation::Refused);
    }
    if row.used_at.is_none() && row.expires_at.0 <= now {
        return Ok(Rotation::Refused);
    }
    let unused = refresh::table.find((organization, token)).filter(refresh::used_at.is_null());
    let taken = on!(tx, diesel::update(unused).set(refresh::used_at.eq(MomentColumn(now))).execute(tx))?;
    if taken == 0 {
        end_session(tx, row.credential_id.0.uuid())?;
        return Ok(Rotation::Reused { principal: principal.id.0 });
    }
    Ok(Rotation::Rotated {
        principal: principal.id.0,
        epoch: principal.epoch,
        credential: row.credential_id.0.uuid(),
        refresh: hand_out(tx, row.credential_id, session.expires_at.0)?,
        expires_at: session.expires_at.0,
    })
}

/// Ends a session: from the next request on neither its signed tokens nor its refresh token count.
pub fn end_session(tx: &mut Tx<'_>, credential: Uuid) -> Outcome<()> {
    let now = MomentColumn(tx.now());
    let open = c::table
        .find((tx.organization(), KeyColumn::<Session>::of(credential)))
        .filter(c::kind.eq(WordColumn(CredentialKind::Session)))
        .filter(c::revoked_at.is_null());
    on!(tx, diesel::update(open).set((c::revoked_at.eq(now), c::revision.eq(c::revision + 1))).execute(tx))?;
    Ok(())
}

/// Ends every session of a principal and revokes its access tokens. Returns the epoch of credentials made from now on.
pub fn end_all(tx: &mut Tx<'_>, principal: Id<Principal>) -> Outcome<i32> {
    access_token::revoke_all(tx, principal)?;
    let (organization, now) = (tx.organization(), MomentColumn(tx.now()));
    let open = c::table
        .filter(c::organization_id.eq(organization))
        .filter(c::principal_id.eq(KeyColumn(principal)))
        .filter(c::revoked_at.is_null());
    on!(tx, diesel::update(open).set((c::revoked_at.eq(now), c::revision.eq(c::revision + 1))).execute(tx))?;
    let this = pr::table.find((organization, KeyColumn(principal)));
    let epochs: Vec<i32> =
        on!(tx, diesel::update(this).set(pr::epoch.eq(pr::epoch + 1)).returning(pr::epoch).get_results(tx))?;
    epochs.into_iter().next().or_not_found()
}

/// Forgets the sessions of this organization that expired more than [`KEPT_AFTER_EXPIRY`] ago, with their refresh tokens.
/// Access tokens stay: they are records of their owner.
pub fn forget_expired(tx: &mut Tx<'_>) -> Outcome<()> {
    let (organization, oldest) = (tx.organization(), MomentColumn(tx.now() - KEPT_AFTER_EXPIRY));
    let expired = || {
        c::table
            .filter(c::organization_id.eq(organization))
            .filter(c::kind.eq(WordColumn(CredentialKind::Session)))
            .filter(c::expires_at.lt(oldest))
    };
    let tokens = refresh::table
        .filter(refresh::organization_id.eq(organization))
        .filter(refresh::credential_id.eq_any(expired().select(c::id)));
    on!(tx, diesel::delete(tokens).execute(tx))?;
    on!(tx, diesel::delete(expired()).execute(tx))?;
    Ok(())
}
