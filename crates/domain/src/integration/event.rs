//! Events: audit trail, change feed and outbox in one; sealed into a chain per organization.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
    },
};

/// Something that happened to one record, or that somebody tried.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Event {
    /// Its id.
    pub id: Id<Event>,
    /// Its place in the organization's chain, from 1 on.
    pub sequence: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Changed, refused, or a login.
    pub kind: EventKind,
    /// The operation of the API that did it (`accept_risk`), or the command.
    pub operation: String,
    /// The request that did it.
    pub request_id: String,
    /// The principal that did it; none where nobody was logged in.
    #[schema(required)]
    pub principal_id: Option<Uuid>,
    /// The person behind it.
    #[schema(required)]
    pub person_id: Option<Uuid>,
    /// Their name, as it is known today; of somebody who was erased nothing but that.
    pub actor: String,
    /// The type of the record.
    pub resource: String,
    /// The record.
    #[schema(required)]
    pub record_id: Option<Uuid>,
    /// The record before; `null` where it was created. Of a person's own attributes only which ones changed.
    #[schema(required, value_type = Option<Object>)]
    pub before: Option<Value>,
    /// The record after.
    #[schema(required, value_type = Option<Object>)]
    pub after: Option<Value>,
    /// SHA-256 over the row and the hash of the row before it, in hexadecimal.
    pub hash: String,
}

impl Governed for Event {
    const RESOURCE: Resource = Resource::Event;
}

/// What kind of event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EventKind {
    /// A record was created.
    Created,
    /// A record was changed.
    Changed,
    /// A request was refused for lack of a grant or by a duty.
    Refused,
    /// Somebody logged in.
    LoggedIn,
    /// Somebody logged out.
    LoggedOut,
    /// A password was wrong: at a login, or where it was asked for again.
    LoginFailed,
    /// Records were exported.
    Exported,
}

impl Labelled for EventKind {
    const NAME: &'static str = "event_kind";

    fn label(&self) -> Label {
        match self {
            Self::Created => label("作成", "created"),
            Self::Changed => label("変更", "changed"),
            Self::Refused => label("拒否", "refused"),
            Self::LoggedIn => label("ログイン", "logged in"),
            Self::LoggedOut => label("ログアウト", "logged out"),
            Self::LoginFailed => label("ログイン失敗", "login failed"),
            Self::Exported => label("出力", "exported"),
        }
    }
}

/// What the verification of the chain found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Verification {
    /// Whether every sealed row is as it was sealed, none missing and in order.
    pub intact: bool,
    /// How many sealed rows were checked.
    pub checked: i64,
    /// The hash of the last sealed row: note it outside to prove the chain later.
    pub head_hash: String,
    /// The number of the last sealed row; 0 where there is none.
    pub head_sequence: i64,
    /// Rows written and not yet sealed.
    pub unsealed: i64,
    /// What is wrong, in the order of the chain; at most 100.
    pub faults: Vec<ChainFault>,
}

/// One fault in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChainFault {
    /// At this number.
    pub sequence: i64,
    /// What is wrong there.
    pub kind: ChainFaultKind,
}

/// What can be wrong in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChainFaultKind {
    /// The row was changed after it was sealed, or rows were exchanged.
    Altered,
    /// The row is gone.
    Missing,
    /// Rows after the noted head are gone, or the head was changed.
    HeadMoved,
}

impl Labelled for ChainFaultKind {
    const NAME: &'static str = "chain_fault_kind";

    fn label(&self) -> Label {
        match self {
            Self::Altered => label("改変", "altered"),
            Self::Missing => label("欠落", "missing"),
            Self::HeadMoved => label("末尾の不一致", "head moved"),
        }
    }
}
