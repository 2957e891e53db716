//! How principals are kept: what the domain says of them in one row, beside it the secrets and counters of logging in.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role},
    identity::{
        principal::{LinkPurpose, Principal, PrincipalState},
        session::{FAILURES_BEFORE_LOCK, KEPT_AFTER_EXPIRY, LINK_LIFETIME, LOCK},
    },
    integration::event::EventKind,
    kernel::{
        date::date_in,
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
    },
    organization::{
        organization::Organization,
        person::{Email, Person},
    },
};
use uuid::Uuid;

use self::{login as l, one_time_link as link, principal as pr};
use super::{
    secret::{Parsed, Secret, SecretKind},
    session,
};
use crate::{
    kernel::{
        columns::{KeyColumn, MomentColumn, WordColumn},
        conn::Conn,
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::Tx,
    },
    leadership::appointment::{Stage, appointment as a},
    on,
    organization::{organization::organization as o, person::person as p},
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    principal (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        person_id -> Key,
        email -> Text,
        state -> Text,
        password_hash -> Nullable<Text>,
        epoch -> Integer,
        failed_logins -> Integer,
        locked_until -> Nullable<Moment>,
        deactivation_reason -> Nullable<Text>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    login (email, organization_id) {
        email -> Text,
        organization_id -> Key,
        principal_id -> Key,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    one_time_link (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        principal_id -> Key,
        purpose -> Text,
        secret_hash -> Binary,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
        created_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = pr, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Principal>,
    revision: i32,
    person_id: KeyColumn<Person>,
    email: String,
    state: WordColumn<PrincipalState>,
    locked_until: Option<MomentColumn>,
    deactivation_reason: Option<String>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(principal: &Principal, organization_id: KeyColumn<Organization>) -> Self {
        let Principal {
            id,
            revision,
            state,
            person,
            email,
            has_password: _,
            locked_until,
            deactivation_reason,
            allowed_actions: _,
            created_at,
            updated_at,
        } = principal;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            person_id: KeyColumn::of(person.id),
            email: email.clone(),
            state: WordColumn(*state),
            locked_until: locked_until.map(MomentColumn),
            deactivation_reason: deactivation_reason.clone(),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_principal(self, has_password: bool, person: String, now: DateTime<Utc>, grants: &Grants) -> Principal {
        let mut principal = Principal {
            id: self.id.0,
            revision: self.revision,
            state: self.state.0,
            person: Reference::new(self.person_id.0, person),
            email: self.email,
            has_password,
            locked_until: self.locked_until.map(|until| until.0).filter(|until| now < *until),
            deactivation_reason: self.deactivation_reason,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        principal.allowed_actions = grants.open(&principal, |within| within.all);
        principal
    }
}

/// Which principals are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Principal>>,
    /// Whose person's name or e-mail address contains this.
    pub q: Option<String>,
    /// In this state.
    pub state: Option<PrincipalState>,
    /// Changed since.
    pub updated_since: Option<DateTime<Utc>>,
}

/// A page of principals; sorts by `email` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Principal>> {
    let grants = Grants::of::<Principal>(tx)?;
    let (organization, now) = (tx.organization(), tx.now());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = pr::table
                .inner_join(p::table.on(p::organization_id.eq(pr::organization_id).and(p::id.eq(pr::person_id))))
                .filter(pr::organization_id.eq(organization))
                .into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(pr::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(p::search.like(containing(q)).escape('\\'));
            }
            if let Some(state) = filter.state {
                query = query.filter(pr::state.eq(WordColumn(state)));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(pr::updated_at.ge(MomentColumn(since)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, pr::updated_at, pr::id, DateTime<Utc>),
            _ => sorted!(filtered(), page, pr::email, pr::id, String),
        };
        let rows: Vec<(Row, bool, String)> = query
            .limit(one_more(page))
            .select((Row::as_select(), pr::password_hash.is_not_null(), p::name))
            .load(tx)?;
        (rows, total)
    });
    let principals = rows.into_iter().map(|(row, has, person)| row.into_principal(has, person, now, &grants)).collect();
    Ok(cut(principals, page, total, |principal: &Principal| match page.sort_field() {
        "updated_at" => (serde_json::json!(principal.updated_at), principal.id.uuid()),
        _ => (serde_json::json!(principal.email), principal.id.uuid()),
    }))
}

/// One principal.
pub fn find(tx: &mut Tx<'_>, id: Id<Principal>) -> Outcome<Loaded<Principal>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// The principal of a person.
pub fn by_person(tx: &mut Tx<'_>, person: Id<Person>) -> Outcome<Option<Loaded<Principal>>> {
    let organization = tx.organization();
    let id: Option<KeyColumn<Principal>> = on!(
        tx,
        pr::table
            .filter(pr::organization_id.eq(organization))
            .filter(pr::person_id.eq(KeyColumn(person)))
            .select(pr::id)
            .first(tx)
    )
    .optional()?;
    id.map(|id| find(tx, id.0)).transpose()
}

/// Adds a principal for a person, and its address to the directory of logins. There is no password yet.
pub fn add(tx: &mut Tx<'_>, person: &Person) -> Outcome<Principal> {
    if let Some(other) = by_person(tx, person.id)? {
        let refusal = Refusal::new(Code::AlreadyExists).with("field", "/person_id").with("id", other.id.to_string());
        return Err(refusal.into());
    }
    let email = person.draft.email.as_ref().ok_or_else(|| Refusal::not_ready(["/email"]))?;
    let principal = Principal {
        id: Id::generate(tx.now()),
        revision: 1,
        state: PrincipalState::Invited,
        person: Reference::new(person.id, person.draft.name.as_str()),
        email: email.as_str().to_owned(),
        has_password: false,
        locked_until: None,
        deactivation_reason: None,
        allowed_actions: Vec::new(),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    let row = Row::of(&principal, tx.organization());
    on!(tx, diesel::insert_into(pr::table).values((&row, pr::epoch.eq(1), pr::failed_logins.eq(0))).execute(tx))?;
    enter_login(tx, principal.id, &principal.email)?;
    tx.record(Resource::Principal, principal.id.uuid(), None, &principal)?;
    Ok(find(tx, principal.id)?.value)
}

/// Stores a changed principal over the revision it was read at. One that was deactivated is [closed](close_all).
pub fn store(tx: &mut Tx<'_>, mut principal: Loaded<Principal>) -> Outcome<Principal> {
    principal.revision += 1;
    principal.updated_at = tx.now();
    let row = Row::of(&principal, tx.organization());
    let read = pr::table.find((row.organization_id, row.id)).filter(pr::revision.eq(principal.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    if principal.email != principal.original.email {
        let old = l::table.find((principal.original.email.clone(), row.organization_id));
        on!(tx, diesel::delete(old).execute(tx))?;
        enter_login(tx, principal.id, &principal.email)?;
    }
    tx.record(Resource::Principal, principal.id.uuid(), Some(&principal.original), &principal.value)?;
    if principal.state == PrincipalState::Deactivated && principal.original.state != PrincipalState::Deactivated {
        close_all(tx, principal.id)?;
    }
    Ok(find(tx, principal.id)?.value)
}

fn enter_login(tx: &mut Tx<'_>, id: Id<Principal>, email: &str) -> Outcome<()> {
    let row = (l::email.eq(email), l::organization_id.eq(tx.organization()), l::principal_id.eq(KeyColumn(id)));
    on!(tx, diesel::insert_into(l::table).values(row).execute(tx))?;
    Ok(())
}

/// Lets the principal of a person follow the person's e-mail address. Whoever logs in needs one.
pub fn follow_person(tx: &mut Tx<'_>, person: &Person) -> Outcome<()> {
    let Some(mut principal) = by_person(tx, person.id)? else { return Ok(()) };
    let Some(email) = person.draft.email.as_ref().map(Email::as_str) else {
        return Err(Refusal::field("/email", Code::RequiredHere).into());
    };
    if principal.email != email {
        principal.email = email.to_owned();
        store(tx, principal)?;
    }
    Ok(())
}

/// Forgets how an erased person logged in: the login is closed for good, address and password are gone.
pub(crate) fn forget_person(tx: &mut Tx<'_>, person: Id<Person>) -> Outcome<()> {
    let Some(mut principal) = by_person(tx, person)? else { return Ok(()) };
    principal.forget();
    let this = pr::table.find((tx.organization(), KeyColumn(principal.id)));
    on!(tx, diesel::update(this).set(pr::password_hash.eq(None::<String>)).execute(tx))?;
    let address = l::table.find((principal.original.email.clone(), tx.organization()));
    store(tx, principal)?;
    on!(tx, diesel::delete(address).execute(tx))?;
    Ok(())
}

/// How many organizations are looked through for one address.
const MOST_CANDIDATES: i64 = 8;

/// The principals that log in with this address (in lower case), over all organizations.
pub fn candidates(conn: &mut Conn, email: &str) -> Outcome<Vec<(Uuid, Id<Principal>)>> {
    let found: Vec<(KeyColumn<Organization>, KeyColumn<Principal>)> = on!(
        conn,
        l::table
            .filter(l::email.eq(email))
            .order(l::organization_id.asc())
            .limit(MOST_CANDIDATES)
            .select((l::organization_id, l::principal_id))
            .load(conn)
    )?;
    Ok(found.into_iter().map(|(organization, principal)| (organization.0.uuid(), principal.0)).collect())
}

/// What logging in needs to know of a principal.
pub struct LoginFacts {
    /// The hash of the password.
    pub password_hash: Option<String>,
    /// Whether it may log in.
    pub state: PrincipalState,
    /// The epoch of its credentials.
    pub epoch: i32,
    /// Failures in a row.
    pub failed_logins: i32,
    /// Locked until then, where that lies ahead.
    pub locked_until: Option<DateTime<Utc>>,
    /// The person behind it.
    pub person: Id<Person>,
    /// Their name.
    pub name: String,
    /// Whether they work here today.
    pub is_working: bool,
}

impl fmt::Debug for LoginFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginFacts").field("state", &self.state).field("person", &self.person).finish_non_exhaustive()
    }
}

/// What logging in as this principal needs.
pub fn credentials_of(tx: &mut Tx<'_>, id: Id<Principal>) -> Outcome<LoginFacts> {
    let (organization, now) = (tx.organization(), tx.now());
    type Login = (Option<String>, WordColumn<PrincipalState>, i32, i32, Option<MomentColumn>);
    type Worker = (KeyColumn<Person>, String, chrono::NaiveDate, Option<chrono::NaiveDate>);
    let (login, worker, time_zone): (Login, Worker, String) = on!(
        tx,
        pr::table
            .inner_join(o::table.on(o::organization_id.eq(pr::organization_id)))
            .inner_join(p::table.on(p::organization_id.eq(pr::organization_id).and(p::id.eq(pr::person_id))))
            .filter(pr::organization_id.eq(organization))
            .filter(pr::id.eq(KeyColumn(id)))
            .select((
                (pr::password_hash, pr::state, pr::epoch, pr::failed_logins, pr::locked_until),
                (p::id, p::name, p::joined_on, p::left_on),
                o::time_zone,
            ))
            .first(tx)
    )
    .or_not_found()?;
    let (password_hash, state, epoch, failed_logins, locked_until) = login;
    let (person, name, joined_on, left_on) = worker;
    let today = date_in(session::zone(&time_zone)?, now);
    Ok(LoginFacts {
        password_hash,
        state: state.0,
        epoch,
        failed_logins,
        locked_until: locked_until.map(|until| until.0).filter(|until| now < *until),
        person: person.0,
        name,
        is_working: joined_on <= today && left_on.is_none_or(|left| today <= left),
    })
}

/// Counts a wrong password and locks the principal after too many in a row.
pub fn failed(tx: &mut Tx<'_>, id: Id<Principal>) -> Outcome<()> {
    tx.log(EventKind::LoginFailed, "principal", Some(id.uuid()), None, None)?;
    let facts = credentials_of(tx, id)?;
    if facts.locked_until.is_some() {
        return Ok(());
    }
    let failures = facts.failed_logins + 1;
    if failures < FAILURES_BEFORE_LOCK {
        return count_failures(tx, id, failures);
    }
    count_failures(tx, id, 0)?;
    let mut principal = find(tx, id)?;
    principal.locked_until = Some(tx.now() + LOCK);
    store(tx, principal)?;
    Ok(())
}

/// Forgets failed logins after one that was right.
pub fn succeeded(tx: &mut Tx<'_>, id: Id<Principal>) -> Outcome<()> {
    count_failures(tx, id, 0)
}

fn count_failures(tx: &mut Tx<'_>, id: Id<Principal>, failures: i32) -> Outcome<()> {
    let other = pr::table.find((tx.organization(), KeyColumn(id))).filter(pr::failed_logins.ne(failures));
    on!(tx, diesel::update(other).set(pr::failed_logins.eq(failures)).execute(tx))?;
    Ok(())
}

/// Sets a new password: the principal is active, the lock is off, and what was handed out before (sessions, access
/// tokens, links) no longer counts. Returns the epoch of credentials made from now on.
pub fn set_password(tx: &mut Tx<'_>, id: Id<Principal>, hash: &str) -> Outcome<i32> {
    let mut principal = find(tx, id)?;
    if principal.state == PrincipalState::Deactivated {
        return Err(Refusal::wrong_state(principal.state).into());
    }
    let this = pr::table.find((tx.organization(), KeyColumn(id)));
    let login = (pr::password_hash.eq(hash), pr::failed_logins.eq(0));
    on!(tx, diesel::update(this).set(login).execute(tx))?;
    principal.state = PrincipalState::Active;
    principal.has_password = true;
    principal.locked_until = None;
    store(tx, principal)?;
    close_all(tx, id)
}

/// Makes a one-time link; older ones of this principal no longer count. Returns it with the time until which it does.
pub fn make_link(tx: &mut Tx<'_>, principal: Id<Principal>, purpose: LinkPurpose) -> Outcome<(Secret, DateTime<Utc>)> {
    let state = find(tx, principal)?.state;
    if state == PrincipalState::Deactivated {
        return Err(Refusal::wrong_state(state).into());
    }
    spend_links(tx, principal)?;
    let (id, expires_at) = (Id::<()>::generate(tx.now()), tx.now() + LINK_LIFETIME);
    let secret = Secret::generate(SecretKind::Link, tx.context().organization.uuid(), id.uuid())?;
    let row = (
        link::organization_id.eq(tx.organization()),
        link::id.eq(KeyColumn(id)),
        link::principal_id.eq(KeyColumn(principal)),
        link::purpose.eq(WordColumn(purpose)),
        link::secret_hash.eq(secret.hash()),
        link::expires_at.eq(MomentColumn(expires_at)),
        link::created_at.eq(MomentColumn(tx.now())),
    );
    on!(tx, diesel::insert_into(link::table).values(row).execute(tx))?;
    let after = serde_json::json!({ "purpose": purpose, "expires_at": expires_at });
    tx.log(EventKind::Created, "one_time_link", Some(principal.uuid()), None, Some(after))?;
    Ok((secret, expires_at))
}

/// Uses a one-time link; `None` where it is unknown, used or expired.
pub fn spend_link(tx: &mut Tx<'_>, presented: &Parsed) -> Outcome<Option<Id<Principal>>> {
    if presented.kind != SecretKind::Link || presented.organization != tx.context().organization.uuid() {
        return Ok(None);
    }
    let now = MomentColumn(tx.now());
    let this = || {
        link::table
            .find((KeyColumn::<Organization>::of(presented.organization), KeyColumn::<()>::of(presented.id)))
            .filter(link::used_at.is_null())
            .filter(link::expires_at.gt(now))
    };
    let stored: Option<(KeyColumn<Principal>, Vec<u8>)> =
        on!(tx, this().select((link::principal_id, link::secret_hash)).first(tx)).optional()?;
    match stored {
        Some((principal, hash)) if presented.hash.matches(&hash) => {
            let spent = on!(tx, diesel::update(this()).set(link::used_at.eq(now)).execute(tx))?;
            Ok((spent == 1).then_some(principal.0))
        }
        _ => Ok(None),
    }
}

fn spend_links(tx: &mut Tx<'_>, principal: Id<Principal>) -> Outcome<()> {
    let (organization, now) = (tx.organization(), MomentColumn(tx.now()));
    let unused = link::table
        .filter(link::organization_id.eq(organization))
        .filter(link::principal_id.eq(KeyColumn(principal)))
        .filter(link::used_at.is_null());
    on!(tx, diesel::update(unused).set(link::used_at.eq(now)).execute(tx))?;
    Ok(())
}

/// Takes back whatever a principal was given: its sessions and access tokens end and its links are spent. Returns the
/// epoch of credentials made from now on.
pub fn close_all(tx: &mut Tx<'_>, principal: Id<Principal>) -> Outcome<i32> {
    spend_links(tx, principal)?;
    session::end_all(tx, principal)
}

/// Refuses to take the last platform administrator away: another one (no deputy) with an active login must work here
/// today, since nobody else can create logins.
pub fn require_other_admin(tx: &mut Tx<'_>, person: Id<Person>) -> Outcome<()> {
    let (organization, today) = (tx.organization(), tx.today());
    let others = pr::table
        .inner_join(p::table.on(p::organization_id.eq(pr::organization_id).and(p::id.eq(pr::person_id))))
        .inner_join(a::table.on(a::organization_id.eq(p::organization_id).and(a::person_id.eq(p::id))))
        .filter(pr::organization_id.eq(organization))
        .filter(p::id.ne(KeyColumn(person)))
        .filter(pr::state.eq(WordColumn(PrincipalState::Active)))
        .filter(p::joined_on.le(today))
        .filter(p::left_on.is_null().or(p::left_on.ge(today)))
        .filter(a::role.eq(WordColumn(Role::PlatformAdmin)))
        .filter(a::stage.eq(WordColumn(Stage::Approved)))
        .filter(a::starts_on.le(today))
        .filter(a::ends_on.is_null().or(a::ends_on.ge(today)));
    if on!(tx, diesel::select(diesel::dsl::exists(others)).get_result(tx))? {
        Ok(())
    } else {
        Err(Refusal::new(Code::InUse).with("role", Role::PlatformAdmin.to_string()).into())
    }
}

/// Forgets the links of this organization that expired more than [`KEPT_AFTER_EXPIRY`] ago.
pub fn forget_links(tx: &mut Tx<'_>) -> Outcome<()> {
    let (organization, oldest) = (tx.organization(), MomentColumn(tx.now() - KEPT_AFTER_EXPIRY));
    let expired = link::table.filter(link::organization_id.eq(organization)).filter(link::expires_at.lt(oldest));
    on!(tx, diesel::delete(expired).execute(tx))?;
    Ok(())
}
