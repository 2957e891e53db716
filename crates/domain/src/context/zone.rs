//! Security zones (D13; 4.3; R-25): rooms and areas, who may be in them, and what they border on. Together they are the
//! layout.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        list::once_each,
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        retirement::Retirement,
        revision::{Revised, Revision},
        text::{Note, Title},
        transition::{Stateful, Transition},
    },
    organization::person::Person,
    planning::rating::Rating,
};

/// A zone of the premises.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Zone {
    /// Its id.
    pub id: Id<Zone>,
    /// Rises with every change, also where another zone comes to border on it.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: ZoneDraft,
    /// The zones that it borders on, with their names.
    pub adjacent_zones: Vec<Reference>,
    /// Who may enter, with their names.
    pub allowed_persons: Vec<Reference>,
    /// Visitors may enter: level 1 alone.
    pub visitors_allowed: bool,
    /// Neither food nor drink: level 3, always.
    pub no_food_or_drink: bool,
    /// Who enters without being listed is logged, in and out: levels 2 and 3.
    pub log_required: bool,
    /// Whether it was given up.
    pub state: ZoneState,
    /// From this day on it no longer exists.
    #[schema(required)]
    pub retired_on: Option<NaiveDate>,
    /// Why it was given up.
    #[schema(required)]
    pub retirement_reason: Option<String>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<ZoneAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Zone {
    const RESOURCE: Resource = Resource::Scope;
}

impl Revised for Zone {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ZoneDraft {
    /// Its name, unique among the zones that exist.
    pub name: Title,
    /// 1: visitors may enter; 2: who is listed, others are logged; 3: a few listed persons only.
    pub security_level: Rating,
    /// Whether it lies within the scope of the ISMS.
    pub in_scope: bool,
    /// The zones that it borders on. They border on it, too: the service keeps both sides.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub adjacent_zone_ids: Vec<Id<Zone>>,
    /// What stands there.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub equipment: Vec<Title>,
    /// Its doors, and how they are locked.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub doors: Vec<Title>,
    /// Who may enter without escort or permission; says nothing at level 1.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub allowed_person_ids: Vec<Id<Person>>,
    /// What else holds there.
    #[serde(default)]
    pub restrictions: Note,
}

/// Whether a zone was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ZoneState {
    /// It was not.
    Active,
    /// It was; `retired_on` says from when on.
    Retired,
}

impl Labelled for ZoneState {
    const NAME: &'static str = "zone_state";

    fn label(&self) -> Label {
        match self {
            Self::Active => label("使用中", "active"),
            Self::Retired => label("廃止", "retired"),
        }
    }
}

/// A step of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ZoneAction {
    /// Change what is written.
    Revise,
    /// Give it up (`/retirement`).
    Retire,
}

impl Labelled for ZoneAction {
    const NAME: &'static str = "zone_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Retire => label("廃止", "retire"),
        }
    }
}

impl Stateful for Zone {
    type Action = ZoneAction;
    type State = ZoneState;

    const TRANSITIONS: &'static [Transition<ZoneAction, ZoneState>] = &[
        Transition { action: ZoneAction::Revise, from: &[ZoneState::Active], grant: (Resource::Scope, Verb::Update) },
        Transition { action: ZoneAction::Retire, from: &[ZoneState::Active], grant: (Resource::Scope, Verb::Update) },
    ];

    fn state(&self) -> ZoneState {
        self.state
    }
}

impl ZoneDraft {
    fn check(&self, id: Id<Zone>) -> Result<(), Refusal> {
        let mut faults = once_each(&self.adjacent_zone_ids, 100, "/adjacent_zone_ids");
        if let Some(at) = self.adjacent_zone_ids.iter().position(|zone| *zone == id) {
            faults.push(Fault::new(format!("/adjacent_zone_ids/{at}"), Code::Contradiction));
        }
        faults.extend(once_each(&self.allowed_person_ids, 1000, "/allowed_person_ids"));
        for (pointer, count, most) in [("/equipment", self.equipment.len(), 200), ("/doors", self.doors.len(), 100)] {
            if count > most {
                faults.push(Fault::new(pointer, Code::TooLong).with("maximum", most));
            }
        }
        Refusal::unless_empty(faults)
    }
}

impl Zone {
    /// A new zone.
    pub fn establish(draft: ZoneDraft, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let id = Id::generate(now);
        draft.check(id)?;
        let mut zone = Self {
            id,
            revision: 1,
            draft,
            adjacent_zones: Vec::new(),
            allowed_persons: Vec::new(),
            visitors_allowed: false,
            no_food_or_drink: false,
            log_required: false,
            state: ZoneState::Active,
            retired_on: None,
            retirement_reason: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        zone.derive();
        Ok(zone)
    }

    /// What the level says.
    pub fn derive(&mut self) {
        let level = self.draft.security_level;
        self.visitors_allowed = level == Rating::LOW;
        self.no_food_or_drink = level == Rating::HIGH;
        self.log_required = level >= Rating::MEDIUM;
    }

    /// Changes what is written. What is in the entry log was judged as the zone was then, and stays so.
    pub fn revise(&mut self, draft: ZoneDraft) -> Result<(), Refusal> {
        self.guard(ZoneAction::Revise)?;
        draft.check(self.id)?;
        self.draft = draft;
        self.derive();
        Ok(())
    }

    /// Gives it up: it borders on nothing any more. Only where nobody is inside, which the caller has looked up.
    pub fn retire(&mut self, retirement: Retirement, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(ZoneAction::Retire)?;
        retirement.check(today)?;
        self.state = ZoneState::Retired;
        self.retired_on = Some(retirement.retired_on);
        self.retirement_reason = Some(retirement.reason.into_string());
        self.draft.adjacent_zone_ids.clear();
        Ok(())
    }

    /// Whether this person is on the list of those who may enter.
    pub fn lists(&self, person: Id<Person>) -> bool {
        self.draft.allowed_person_ids.contains(&person)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::context) fn zone(level: i64, allowed: &[Id<Person>]) -> Zone {
        let draft = ZoneDraft {
            name: Title::new("サーバ室").unwrap(),
            security_level: Rating::try_from(level).unwrap(),
            in_scope: true,
            adjacent_zone_ids: Vec::new(),
            equipment: Vec::new(),
            doors: Vec::new(),
            allowed_person_ids: allowed.to_vec(),
            restrictions: Note::default(),
        };
        Zone::establish(draft, DateTime::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn zon_5_the_level_says_what_holds() {
        let facts = |level| {
            let zone = zone(level, &[]);
            (zone.visitors_allowed, zone.log_required, zone.no_food_or_drink)
        };
        assert_eq!(facts(1), (true, false, false));
        assert_eq!(facts(2), (false, true, false));
        assert_eq!(facts(3), (false, true, true), "ZON-5");
        let mut zone = zone(2, &[]);
        zone.revise(ZoneDraft { security_level: Rating::HIGH, ..zone.draft.clone() }).unwrap();
        assert!(zone.no_food_or_drink, "ZON-5");
    }

    #[test]
    fn a_zone_does_not_border_on_itself() {
        let mut zone = zone(1, &[]);
        let draft = ZoneDraft { adjacent_zone_ids: vec![zone.id, zone.id], ..zone.draft.clone() };
        let faults = zone.revise(draft).unwrap_err().errors;
        let codes: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(codes, [("/adjacent_zone_ids/1", Code::Duplicate), ("/adjacent_zone_ids/0", Code::Contradiction)]);
    }
}
