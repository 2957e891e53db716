//! Access tokens for scripts: long-lived, cut down from what their owner may do.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Scope, Standing, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        text::Title,
        transition::{Stateful, Transition},
    },
};

/// The longest life of an access token.
pub const LONGEST_LIFE: TimeDelta = TimeDelta::days(366);

/// An access token of the caller. The secret itself is shown once, when it is created.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessToken {
    /// Its id.
    pub id: Id<AccessToken>,
    /// Rises with every change.
    pub revision: Revision,
    /// What its owner wrote.
    #[serde(flatten)]
    pub draft: AccessTokenDraft,
    /// How its text begins, to find it again in a script.
    pub prefix: String,
    /// Whether it can be used.
    pub state: AccessTokenState,
    /// The last day it was used.
    #[schema(required)]
    pub last_used_on: Option<NaiveDate>,
    /// When it was revoked.
    #[schema(required)]
    pub revoked_at: Option<DateTime<Utc>>,
    /// The token; only in the answer that creates it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, extensions(("x-may-lack" = json!(true))))]
    pub token: Option<String>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<AccessTokenAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

impl Governed for AccessToken {
    const RESOURCE: Resource = Resource::OwnAccess;
}

impl Revised for AccessToken {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about an access token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessTokenDraft {
    /// What it is for.
    pub name: Title,
    /// What it may be used for, out of what its owner may do.
    #[schema(min_items = 1, max_items = 500)]
    pub scopes: BTreeSet<Scope>,
    /// It is refused from then on; at most 366 days ahead.
    pub expires_at: DateTime<Utc>,
}

/// Whether an access token can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AccessTokenState {
    /// It can.
    Active,
    /// Its time is over.
    Expired,
    /// Its owner revoked it.
    Revoked,
}

impl Labelled for AccessTokenState {
    const NAME: &'static str = "access_token_state";

    fn label(&self) -> Label {
        match self {
            Self::Active => label("有効", "active"),
            Self::Expired => label("期限切れ", "expired"),
            Self::Revoked => label("失効", "revoked"),
        }
    }
}

/// A step of an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AccessTokenAction {
    /// Refuse it from now on (`/revocation`).
    Revoke,
}

impl Labelled for AccessTokenAction {
    const NAME: &'static str = "access_token_action";

    fn label(&self) -> Label {
        match self {
            Self::Revoke => label("失効", "revoke"),
        }
    }
}

impl Stateful for AccessToken {
    type Action = AccessTokenAction;
    type State = AccessTokenState;

    const TRANSITIONS: &'static [Transition<AccessTokenAction, AccessTokenState>] = &[Transition {
        action: AccessTokenAction::Revoke,
        from: &[AccessTokenState::Active, AccessTokenState::Expired],
        grant: (Resource::OwnAccess, Verb::Update),
    }];

    fn state(&self) -> AccessTokenState {
        self.state
    }
}

impl AccessToken {
    /// Revokes it.
    pub fn revoke(&mut self, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.guard(AccessTokenAction::Revoke)?;
        self.revoked_at = Some(now);
        self.state = AccessTokenState::Revoked;
        Ok(())
    }
}

impl AccessTokenDraft {
    /// Refuses scopes that the owner does not have and a life outside the bounds.
    pub fn check(&self, owner: &Standing, now: DateTime<Utc>) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.scopes.is_empty() {
            faults.push(Fault::new("/scopes", Code::TooShort));
        }
        for scope in &self.scopes {
            if owner.reach(scope.resource, scope.verb).is_none() {
                // A set: the place in the list that was sent is not known any more.
                faults.push(Fault::new("/scopes", Code::NotGranted).with("scope", scope.to_string()));
            }
        }
        if self.expires_at <= now || self.expires_at > now + LONGEST_LIFE {
            faults.push(Fault::new("/expires_at", Code::OutOfRange));
        }
        Refusal::unless_empty(faults)
    }
}
