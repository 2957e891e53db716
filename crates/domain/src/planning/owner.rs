//! Who owns an asset or a risk: a person, or whoever holds a position.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault},
    },
    organization::{person::Person, position::Position},
};

/// The owner of an asset or risk, with names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RiskOwner {
    /// Whether a person or a position was named.
    pub kind: OwnerKind,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Who that is today; `null` while the position is empty.
    #[schema(required)]
    pub person: Option<Reference>,
}

/// What was named as owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OwnerKind {
    /// A person.
    Person,
    /// A position: whoever holds it.
    Position,
}

impl Labelled for OwnerKind {
    const NAME: &'static str = "owner_kind";

    fn label(&self) -> Label {
        match self {
            Self::Person => label("個人", "person"),
            Self::Position => label("役職", "position"),
        }
    }
}

/// Exactly one of person and position must be named.
pub fn check_owner(person: Option<Id<Person>>, position: Option<Id<Position>>) -> Option<Fault> {
    (person.is_some() == position.is_some())
        .then(|| Fault::new("/risk_owner_person_id", Code::ExactlyOne).with("other", "/risk_owner_position_id"))
}
