//! Who owns an asset or a risk, out of what a query joined.

use mamori_domain::{
    kernel::reference::Reference,
    organization::{person::Person, position::Position},
    planning::owner::{OwnerKind, RiskOwner},
};

use crate::{
    kernel::{
        columns::KeyColumn,
        failure::{Failure, Outcome},
    },
    organization::person::person as p,
};

/// A record with its name, as a left join gives it.
pub type Named<T> = Option<(KeyColumn<T>, String)>;

// The person who holds the position that owns.
diesel::alias! {
    pub(super) const ACTING: Alias<Acting> = p as acting;
}

/// The owner: the stated person, or the stated position with whoever holds it today.
pub fn owner(person: Named<Person>, position: Named<Position>, acting: Named<Person>) -> Outcome<RiskOwner> {
    match (person, position) {
        (Some((id, name)), None) => Ok(RiskOwner {
            kind: OwnerKind::Person,
            id: id.0.uuid(),
            person: Some(Reference::new(id.0, name.clone())),
            name,
        }),
        (None, Some((id, name))) => Ok(RiskOwner {
            kind: OwnerKind::Position,
            id: id.0.uuid(),
            name,
            person: acting.map(|(id, name)| Reference::new(id.0, name)),
        }),
        _ => Err(Failure::Corrupt("an owner is either a person or a position".into())),
    }
}
