//! How access tokens are kept: credentials with a name, scopes and a hash.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Scopes},
    identity::{
        access_token::{AccessToken, AccessTokenDraft, AccessTokenState},
        principal::Principal,
    },
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::{Code, Refusal},
    },
    organization::organization::Organization,
};

use super::{
    secret::{Secret, SecretKind},
    session::{CredentialKind, credential as c},
};
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{as_written, cut, lower, one_more},
        tx::Tx,
    },
    on, sorted,
};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = c, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<AccessToken>,
    revision: i32,
    name: TextColumn<1, 200>,
    scopes: Option<DocumentColumn<Scopes>>,
    prefix: String,
    expires_at: MomentColumn,
    revoked_at: Option<MomentColumn>,
    last_used_on: Option<NaiveDate>,
    created_at: MomentColumn,
}

impl Row {
    fn of(token: &AccessToken, organization_id: KeyColumn<Organization>) -> Self {
        let AccessToken {
            id,
            revision,
            draft,
            prefix,
            state: _,
            last_used_on,
            revoked_at,
            token: _,
            allowed_actions: _,
            created_at,
        } = token;
        let AccessTokenDraft { name, scopes, expires_at } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            name: TextColumn(name.clone()),
            scopes: Some(DocumentColumn(scopes.iter().copied().collect())),
            prefix: prefix.clone(),
            expires_at: MomentColumn(*expires_at),
            revoked_at: revoked_at.map(MomentColumn),
            last_used_on: *last_used_on,
            created_at: MomentColumn(*created_at),
        }
    }

    fn into_token(self, now: DateTime<Utc>, grants: &Grants) -> AccessToken {
        let (expires_at, revoked_at) = (self.expires_at.0, self.revoked_at.map(|at| at.0));
        let mut token = AccessToken {
            id: self.id.0,
            revision: self.revision,
            draft: AccessTokenDraft {
                name: self.name.0,
                scopes: self.scopes.map(|scopes| scopes.0.iter().collect()).unwrap_or_default(),
                expires_at,
            },
            prefix: self.prefix,
            state: state_at(now, expires_at, revoked_at),
            last_used_on: self.last_used_on,
            revoked_at,
            token: None,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
        };
        token.allowed_actions = grants.open(&token, |within| !within.own.is_empty());
        token
    }
}

fn state_at(now: DateTime<Utc>, expires_at: DateTime<Utc>, revoked_at: Option<DateTime<Utc>>) -> AccessTokenState {
    match revoked_at {
        Some(_) => AccessTokenState::Revoked,
        None if expires_at <= now => AccessTokenState::Expired,
        None => AccessTokenState::Active,
    }
}

/// Which access tokens are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<AccessToken>>,
    /// Whose name contains this.
    pub q: Option<String>,
    /// In this state.
    pub state: Option<AccessTokenState>,
}

/// A page of the caller's own access tokens; sorts by `created_at` and `name`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<AccessToken>> {
    let principal = caller(tx)?;
    list_of(tx, principal, filter, page)
}

fn caller(tx: &Tx<'_>) -> Outcome<Id<Principal>> {
    tx.context().principal.ok_or_else(|| Refusal::new(Code::NotGranted).into())
}

fn list_of(
    tx: &mut Tx<'_>,
    principal: Id<Principal>,
    filter: &Filter,
    page: &PageRequest,
) -> Outcome<Page<AccessToken>> {
    let grants = Grants::of::<AccessToken>(tx)?;
    let (organization, now) = (tx.organization(), tx.now());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = c::table
                .filter(c::organization_id.eq(organization))
                .filter(c::principal_id.eq(KeyColumn(principal)))
                .filter(c::kind.eq(WordColumn(CredentialKind::AccessToken)))
                .into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(c::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(lower(c::name).like(as_written(q)).escape('\\'));
            }
            match filter.state {
                None => query,
                Some(AccessTokenState::Revoked) => query.filter(c::revoked_at.is_not_null()),
                Some(AccessTokenState::Expired) => {
                    query.filter(c::revoked_at.is_null()).filter(c::expires_at.le(MomentColumn(now)))
                }
                Some(AccessTokenState::Active) => {
                    query.filter(c::revoked_at.is_null()).filter(c::expires_at.gt(MomentColumn(now)))
                }
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "name" => sorted!(filtered(), page, c::name, c::id, String),
            _ => sorted!(filtered(), page, c::created_at, c::id, DateTime<Utc>),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let tokens = rows.into_iter().map(|row| row.into_token(now, &grants)).collect();
    Ok(cut(tokens, page, total, |token: &AccessToken| match page.sort_field() {
        "name" => (serde_json::json!(token.draft.name), token.id.uuid()),
        _ => (serde_json::json!(token.created_at), token.id.uuid()),
    }))
}

/// One of the caller's own access tokens.
pub fn find(tx: &mut Tx<'_>, id: Id<AccessToken>) -> Outcome<Loaded<AccessToken>> {
    let principal = caller(tx)?;
    find_of(tx, principal, id)
}

fn find_of(tx: &mut Tx<'_>, principal: Id<Principal>, id: Id<AccessToken>) -> Outcome<Loaded<AccessToken>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_of(tx, principal, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// Makes a new access token of the principal, for its present epoch. The secret is not in the record.
pub fn add(
    tx: &mut Tx<'_>,
    principal: Id<Principal>,
    epoch: i32,
    draft: AccessTokenDraft,
) -> Outcome<(AccessToken, Secret)> {
    let (id, now) = (Id::generate(tx.now()), tx.now());
    let secret = Secret::generate(SecretKind::AccessToken, tx.context().organization.uuid(), id.uuid())?;
    let token = AccessToken {
        id,
        revision: 1,
        prefix: secret.prefix().to_owned(),
        state: state_at(now, draft.expires_at, None),
        draft,
        last_used_on: None,
        revoked_at: None,
        token: None,
        allowed_actions: Vec::new(),
        created_at: now,
    };
    let row = Row::of(&token, tx.organization());
    let hidden = (
        c::principal_id.eq(KeyColumn(principal)),
        c::kind.eq(WordColumn(CredentialKind::AccessToken)),
        c::secret_hash.eq(secret.hash()),
        c::epoch.eq(epoch),
    );
    on!(tx, diesel::insert_into(c::table).values((&row, hidden)).execute(tx))?;
    tx.record(Resource::OwnAccess, id.uuid(), None, &token)?;
    Ok((find_of(tx, principal, id)?.value, secret))
}

/// Revokes one of the caller's own access tokens: refused from the next request on.
pub fn revoke(tx: &mut Tx<'_>, token: Loaded<AccessToken>) -> Outcome<AccessToken> {
    let principal = caller(tx)?;
    revoke_of(tx, principal, token)
}

fn revoke_of(tx: &mut Tx<'_>, principal: Id<Principal>, mut token: Loaded<AccessToken>) -> Outcome<AccessToken> {
    token.value.revoke(tx.now())?;
    token.revision += 1;
    let row = Row::of(&token, tx.organization());
    let read = c::table.find((row.organization_id, row.id)).filter(c::revision.eq(token.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    tx.record(Resource::OwnAccess, token.id.uuid(), Some(&token.original), &token.value)?;
    Ok(find_of(tx, principal, token.id)?.value)
}

/// Revokes every access token of the principal that could still be used.
pub(super) fn revoke_all(tx: &mut Tx<'_>, principal: Id<Principal>) -> Outcome<()> {
    let filter = Filter { state: Some(AccessTokenState::Active), ..Filter::default() };
    for token in list_of(tx, principal, &filter, &PageRequest::whole())?.items {
        revoke_of(tx, principal, Loaded::new(token))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revoked_token_stays_revoked_after_it_expired() {
        let now = DateTime::UNIX_EPOCH;
        let later = now + chrono::TimeDelta::days(1);
        assert_eq!(state_at(now, later, None), AccessTokenState::Active);
        assert_eq!(state_at(later, later, None), AccessTokenState::Expired);
        assert_eq!(state_at(later, later, Some(now)), AccessTokenState::Revoked);
    }
}
