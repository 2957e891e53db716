//! Steps of a record: one table per kind of record says which step leaves which states, and the grant it takes. It drives
//! the guards and `allowed_actions`.

use std::fmt::Display;

use super::refusal::Refusal;
use crate::access::{Resource, Verb};

/// One line of a table of steps.
#[derive(Debug)]
pub struct Transition<A: 'static, S: 'static> {
    /// The step.
    pub action: A,
    /// The states it leaves.
    pub from: &'static [S],
    /// The grant it takes.
    pub grant: (Resource, Verb),
}

/// A record whose steps depend on its state.
pub trait Stateful {
    /// Its steps.
    type Action: Copy + PartialEq + 'static;
    /// Where it may stand.
    type State: Copy + PartialEq + Display + 'static;

    /// What is open in which state.
    const TRANSITIONS: &'static [Transition<Self::Action, Self::State>];

    /// Where it stands.
    fn state(&self) -> Self::State;

    /// The steps that its state allows.
    fn open_transitions(&self) -> impl Iterator<Item = &'static Transition<Self::Action, Self::State>> {
        let state = self.state();
        Self::TRANSITIONS.iter().filter(move |transition| transition.from.contains(&state))
    }

    /// Refuses a step that its state does not allow.
    fn guard(&self, action: Self::Action) -> Result<(), Refusal> {
        let open = self.open_transitions().any(|transition| transition.action == action);
        if open { Ok(()) } else { Err(Refusal::wrong_state(self.state())) }
    }
}

/// The state of a record that has no others: it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "snake_case")]
pub enum Kept {
    /// It is.
    Kept,
}
