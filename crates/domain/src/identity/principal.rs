//! Principals: the logins of this service, of people and of machines.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Role, Verb, standing::Scope},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::Refusal,
        revision::{Revised, Revision},
        sign_off::Because,
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// A login of this service. (An *account* is a login elsewhere.)
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Principal {
    /// Its id.
    pub id: Id<Principal>,
    /// Rises with every change.
    pub revision: Revision,
    /// Whether it may log in.
    pub state: PrincipalState,
    /// The person it belongs to.
    pub person: Reference,
    /// The e-mail address it logs in with.
    pub email: String,
    /// Whether a password has been set.
    pub has_password: bool,
    /// Locked until then after too many failures.
    #[schema(required)]
    pub locked_until: Option<DateTime<Utc>>,
    /// Why it was deactivated.
    #[schema(required)]
    pub deactivation_reason: Option<String>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<PrincipalAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Principal {
    const RESOURCE: Resource = Resource::Principal;
}

impl Revised for Principal {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// Whether a principal may log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PrincipalState {
    /// Created; no password yet.
    Invited,
    /// May log in.
    Active,
    /// Every credential of it is refused.
    Deactivated,
}

impl Labelled for PrincipalState {
    const NAME: &'static str = "principal_state";

    fn label(&self) -> Label {
        match self {
            Self::Invited => label("招待中", "invited"),
            Self::Active => label("有効", "active"),
            Self::Deactivated => label("無効", "deactivated"),
        }
    }
}

/// For whom a principal is created; the person must have an e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrincipalDraft {
    /// The person.
    pub person_id: Id<Person>,
}

/// A step of a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PrincipalAction {
    /// Make a link for the first password (`/invitations`).
    Invite,
    /// Make a link for a new password (`/password-resets`).
    ResetPassword,
    /// Close the login (`/deactivation`).
    Deactivate,
    /// Open it again (`/reactivation`).
    Reactivate,
}

impl Labelled for PrincipalAction {
    const NAME: &'static str = "principal_action";

    fn label(&self) -> Label {
        match self {
            Self::Invite => label("招待", "invite"),
            Self::ResetPassword => label("パスワード再設定", "reset the password"),
            Self::Deactivate => label("無効化", "deactivate"),
            Self::Reactivate => label("再有効化", "reactivate"),
        }
    }
}

use PrincipalState as S;

impl Stateful for Principal {
    type Action = PrincipalAction;
    type State = PrincipalState;

    const TRANSITIONS: &'static [Transition<PrincipalAction, PrincipalState>] = &[
        Transition {
            action: PrincipalAction::Invite,
            from: &[S::Invited],
            grant: (Resource::Principal, Verb::Execute),
        },
        Transition {
            action: PrincipalAction::ResetPassword,
            from: &[S::Active],
            grant: (Resource::Principal, Verb::Execute),
        },
        Transition {
            action: PrincipalAction::Deactivate,
            from: &[S::Invited, S::Active],
            grant: (Resource::Principal, Verb::Update),
        },
        Transition {
            action: PrincipalAction::Reactivate,
            from: &[S::Deactivated],
            grant: (Resource::Principal, Verb::Update),
        },
    ];

    fn state(&self) -> PrincipalState {
        self.state
    }
}

impl Principal {
    /// Closes the login: from the next request on every credential of it is refused.
    pub fn deactivate(&mut self, because: Because) -> Result<(), Refusal> {
        self.guard(PrincipalAction::Deactivate)?;
        self.state = PrincipalState::Deactivated;
        self.deactivation_reason = Some(because.reason.into_string());
        Ok(())
    }

    /// Closes the login of somebody who is erased: its address is one that nobody has.
    pub fn forget(&mut self) {
        self.state = PrincipalState::Deactivated;
        self.deactivation_reason = None;
        self.has_password = false;
        self.email = format!("{}@erased.invalid", self.id);
    }

    /// Opens it again. Old credentials stay refused.
    pub fn reactivate(&mut self) -> Result<(), Refusal> {
        self.guard(PrincipalAction::Reactivate)?;
        self.state = if self.has_password { PrincipalState::Active } else { PrincipalState::Invited };
        self.deactivation_reason = None;
        Ok(())
    }
}

/// A one-time link: an invitation or a password reset. It is shown once, to whoever created it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OneTimeLink {
    /// Hand this to the person; `POST /v1/password-settings` takes it once. Absent in a replayed answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, extensions(("x-may-lack" = json!(true))))]
    pub token: Option<String>,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// It is refused from then on.
    pub expires_at: DateTime<Utc>,
}

/// What a one-time link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LinkPurpose {
    /// The first password.
    Invitation,
    /// A new password in place of a forgotten one.
    PasswordReset,
}

impl LinkPurpose {
    /// The step of the principal that makes such a link.
    pub fn action(self) -> PrincipalAction {
        match self {
            Self::Invitation => PrincipalAction::Invite,
            Self::PasswordReset => PrincipalAction::ResetPassword,
        }
    }
}

impl Labelled for LinkPurpose {
    const NAME: &'static str = "link_purpose";

    fn label(&self) -> Label {
        match self {
            Self::Invitation => label("招待", "invitation"),
            Self::PasswordReset => label("パスワード再設定", "password reset"),
        }
    }
}

/// Who is logged in, and what they may rely on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// The principal.
    pub principal_id: Id<Principal>,
    /// The organization it belongs to.
    pub organization: Reference,
    /// The person behind it.
    pub person: Reference,
    /// The roles held today.
    pub roles: Vec<Role>,
    /// What these roles grant, cut down to the scopes of the token in use.
    pub grants: Vec<Grant>,
    /// Today in the organization's zone.
    pub today: chrono::NaiveDate,
}

/// One grant and how far it reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Grant {
    /// `resource:verb`.
    pub scope: Scope,
    /// Every record of the organization.
    pub all: bool,
    /// Records of these departments and those below them.
    pub department_ids: Vec<uuid::Uuid>,
    /// Records of which the caller is owner or assignee.
    pub assigned: bool,
    /// The caller's own records.
    pub own: bool,
    /// Published records.
    pub published: bool,
}
