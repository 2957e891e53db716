//! What the caller may do to records of one kind: looked up once for a whole page.

use mamori_domain::{
    access::{Resource, Verb},
    kernel::transition::Stateful,
};

use super::{
    failure::Outcome,
    tx::{Tx, Within},
};

/// How far each step of a kind of record reaches for the caller.
#[derive(Clone, Debug)]
pub struct Grants(Vec<((Resource, Verb), Within)>);

impl Grants {
    /// The caller's grants for the steps of `T`.
    pub fn of<T: Stateful>(tx: &mut Tx<'_>) -> Outcome<Self> {
        let mut grants: Vec<((Resource, Verb), Within)> = Vec::new();
        for transition in T::TRANSITIONS {
            let (resource, verb) = transition.grant;
            if grants.iter().all(|(grant, _)| *grant != transition.grant) {
                grants.push((transition.grant, tx.within(resource, verb)?));
            }
        }
        Ok(Self(grants))
    }

    /// The steps of a record that its state and the caller's grants allow. `covers`: whether the record lies within.
    pub fn open<T: Stateful>(&self, record: &T, covers: impl Fn(&Within) -> bool) -> Vec<T::Action> {
        self.open_by(record, |_, within| covers(within))
    }

    /// The same for a record of several parts, which lies otherwise within one grant than within another.
    pub fn open_by<T: Stateful>(
        &self,
        record: &T,
        covers: impl Fn((Resource, Verb), &Within) -> bool,
    ) -> Vec<T::Action> {
        let granted = |grant| self.0.iter().any(|(held, within)| *held == grant && covers(grant, within));
        record.open_transitions().filter(|step| granted(step.grant)).map(|step| step.action).collect()
    }
}
