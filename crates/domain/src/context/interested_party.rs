//! Interested parties and their requirements (D11; 4.2).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        numbered::{self, Numbered},
        refusal::{Code, Fault, Refusal},
        retirement::{RegisterAction, RegisterState, Retirement},
        revision::{Revised, Revision},
        text::{Note, Text, Title},
        transition::{Stateful, Transition},
    },
};

/// Somebody who expects something of the programme: customers, shareholders, employees, authorities.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InterestedParty {
    /// Its id.
    pub id: Id<InterestedParty>,
    /// Rises with every change.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: InterestedPartyDraft,
    /// The last number that a requirement of it was given, whether or not that one is still there.
    #[serde(skip)]
    pub last_number: i32,
    /// Whether it is still in the register.
    pub state: RegisterState,
    /// When and why it left the register.
    #[schema(required)]
    pub retirement: Option<Retirement>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<RegisterAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for InterestedParty {
    const RESOURCE: Resource = Resource::InterestedParty;
}

impl Revised for InterestedParty {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about an interested party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InterestedPartyDraft {
    /// Its name, unique among the parties in use.
    pub name: Title,
    /// What it requires (4.2 b).
    #[schema(min_items = 1, max_items = 100)]
    pub requirements: Vec<PartyRequirement>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
    /// When it was last reviewed.
    #[serde(default)]
    #[schema(required = false)]
    pub reviewed_on: Option<NaiveDate>,
}

/// One requirement of an interested party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyRequirement {
    /// Its number within the party, assigned by the service and never used twice. In a revision a requirement that stays
    /// keeps its number; one without a number is new.
    #[serde(default)]
    #[schema(required = false, minimum = 1)]
    pub number: Option<i32>,
    /// What is required.
    pub requirement: Text,
    /// The risk when it is not met.
    pub risk: Text,
    /// The opportunity when it is met.
    pub opportunity: Text,
    /// Whether the ISMS addresses it (4.2 c).
    #[serde(default = "addressed")]
    #[schema(default = true)]
    pub addressed_by_isms: bool,
    /// Why nothing is done about its risk and its opportunity, where that is decided (6.1.1).
    #[serde(default)]
    #[schema(required = false)]
    pub no_action_because: Option<Text>,
}

fn addressed() -> bool {
    true
}

impl Stateful for InterestedParty {
    type Action = RegisterAction;
    type State = RegisterState;

    const TRANSITIONS: &'static [Transition<RegisterAction, RegisterState>] =
        &RegisterAction::steps(Resource::InterestedParty);

    fn state(&self) -> RegisterState {
        self.state
    }
}

impl Numbered for PartyRequirement {
    fn number(&self) -> Option<i32> {
        self.number
    }

    fn assign(&mut self, number: i32) {
        self.number = Some(number);
    }
}

impl InterestedPartyDraft {
    /// Each number of a requirement one of `known` and there once; reviewed by `today`.
    fn check(&self, known: &[i32], today: NaiveDate) -> Result<(), Refusal> {
        let mut faults = numbered::faults("/requirements", &self.requirements, known);
        if self.reviewed_on.is_some_and(|day| day > today) {
            faults.push(Fault::new("/reviewed_on", Code::FutureDate));
        }
        Refusal::unless_empty(faults)
    }
}

impl InterestedParty {
    /// A new interested party.
    pub fn enter(mut draft: InterestedPartyDraft, now: DateTime<Utc>, today: NaiveDate) -> Result<Self, Refusal> {
        draft.check(&[], today)?;
        let last_number = numbered::assign(&mut draft.requirements, 0);
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            draft,
            last_number,
            state: RegisterState::InUse,
            retirement: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes it. A requirement that comes with its number stays, one without is new, one that is left out is dropped.
    pub fn revise(&mut self, mut draft: InterestedPartyDraft, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(RegisterAction::Revise)?;
        draft.check(&numbered::numbers(&self.draft.requirements), today)?;
        self.last_number = numbered::assign(&mut draft.requirements, self.last_number);
        self.draft = draft;
        Ok(())
    }

    /// Takes it out of the register.
    pub fn retire(&mut self, retirement: Retirement, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(RegisterAction::Retire)?;
        retirement.check(today)?;
        self.state = RegisterState::Retired;
        self.retirement = Some(retirement);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn draft(numbers: &[Option<i32>]) -> InterestedPartyDraft {
        let requirement = |number: &Option<i32>| PartyRequirement {
            number: *number,
            requirement: Text::new("情報を適切に扱う").unwrap(),
            risk: Text::new("取引を失う").unwrap(),
            opportunity: Text::new("取引が増える").unwrap(),
            addressed_by_isms: true,
            no_action_because: None,
        };
        InterestedPartyDraft {
            name: Title::new("取引先").unwrap(),
            requirements: numbers.iter().map(requirement).collect(),
            remarks: Note::default(),
            reviewed_on: None,
        }
    }

    #[test]
    fn a_number_stays_with_its_requirement_and_is_never_used_twice() {
        let today = NOW.date_naive();
        let mut party = InterestedParty::enter(draft(&[None, None]), NOW, today).unwrap();
        assert_eq!(numbered::numbers(&party.draft.requirements), [1, 2]);
        party.revise(draft(&[None, Some(1)]), today).unwrap();
        assert_eq!(numbered::numbers(&party.draft.requirements), [3, 1]);
        party.revise(draft(&[Some(1)]), today).unwrap();
        party.revise(draft(&[Some(1), None]), today).unwrap();
        assert_eq!(numbered::numbers(&party.draft.requirements), [1, 4], "2 and 3 were given before");
        let refused = party.revise(draft(&[Some(4), Some(4), Some(3)]), today).unwrap_err();
        let faults: Vec<_> = refused.errors.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        let expected =
            [("/requirements/1/number", Code::Duplicate), ("/requirements/2/number", Code::UnknownReference)];
        assert_eq!(faults, expected);
        assert_eq!(numbered::numbers(&party.draft.requirements), [1, 4]);
    }
}
