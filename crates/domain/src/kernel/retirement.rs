//! Registers: entries are revised while they are in use, and leave with a date and a reason.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{
    label::{Label, Labelled, label},
    refusal::{Code, Refusal},
    text::Text,
    transition::Transition,
};
use crate::access::{Resource, Verb};

/// When and why an entry leaves its register; it stays readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retirement {
    /// The day it left; not in the future.
    pub retired_on: NaiveDate,
    /// Why.
    pub reason: Text,
}

impl Retirement {
    /// Refuses a day that lies ahead.
    pub fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        if self.retired_on > today { Err(Refusal::field("/retired_on", Code::FutureDate)) } else { Ok(()) }
    }
}

/// Whether an entry is still in its register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RegisterState {
    /// It is.
    InUse,
    /// It left; `retirement` says when and why.
    Retired,
}

impl RegisterState {
    /// What a retirement, or that there is none, means.
    pub fn of(retirement: Option<&Retirement>) -> Self {
        if retirement.is_none() { Self::InUse } else { Self::Retired }
    }
}

impl Labelled for RegisterState {
    const NAME: &'static str = "register_state";

    fn label(&self) -> Label {
        match self {
            Self::InUse => label("使用中", "in use"),
            Self::Retired => label("除外済み", "retired"),
        }
    }
}

/// A step of an entry in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RegisterAction {
    /// Change it.
    Revise,
    /// Take it out of the register (`/retirement`).
    Retire,
}

impl RegisterAction {
    /// The table of steps of a register, for whoever may update it.
    pub const fn steps(resource: Resource) -> [Transition<Self, RegisterState>; 2] {
        const IN_USE: &[RegisterState] = &[RegisterState::InUse];
        [
            Transition { action: Self::Revise, from: IN_USE, grant: (resource, Verb::Update) },
            Transition { action: Self::Retire, from: IN_USE, grant: (resource, Verb::Update) },
        ]
    }
}

impl Labelled for RegisterAction {
    const NAME: &'static str = "register_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Retire => label("除外", "retire"),
        }
    }
}
