//! Resources that the ISMS needs (7.1; D24): asked for, approved by top management, provided.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        partial_date::PartialDate,
        reference::Reference,
        refusal::{Code, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, Signature},
        text::{Note, Text},
        transition::{Stateful, Transition},
    },
    organization::{department::Department, person::Person},
};

/// A resource that the ISMS needs. It is handed in by being written: asking for it is the request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProvidedResource {
    /// Its id.
    pub id: Id<ProvidedResource>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: ProvidedResourceDraft,
    /// Who sees to it.
    pub responsible_person: Reference,
    /// The department that needs it; `null`: the whole organization.
    #[schema(required)]
    pub department: Option<Reference>,
    /// The last day that is in time: `needed_by` itself, or the end of that month.
    pub due_on: NaiveDate,
    /// That day has passed, and it is neither provided nor withdrawn.
    pub overdue: bool,
    /// Where it stands.
    pub state: ProvidedResourceState,
    /// Who asked for it and approved it.
    pub sign_off: SignOff,
    /// Since when it is there.
    #[schema(required)]
    pub provided_on: Option<NaiveDate>,
    /// Why it was withdrawn.
    #[schema(required)]
    pub withdrawal_reason: Option<String>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<ProvidedResourceAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for ProvidedResource {
    const RESOURCE: Resource = Resource::Resources;
}

impl Revised for ProvidedResource {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvidedResourceDraft {
    /// Of which kind it is.
    pub category: ResourceCategory,
    /// What is needed, and what for.
    pub description: Text,
    /// By when.
    pub needed_by: PartialDate,
    /// Who sees to it.
    pub responsible_person_id: Id<Person>,
    /// The department that needs it; left out for the whole organization.
    #[serde(default)]
    #[schema(required = false)]
    pub department_id: Option<Id<Department>>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// The four kinds of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ResourceCategory {
    /// 人
    People,
    /// 物
    Things,
    /// 金
    Money,
    /// 情報
    Information,
}

impl Labelled for ResourceCategory {
    const NAME: &'static str = "resource_category";

    fn label(&self) -> Label {
        match self {
            Self::People => label("人（要員・体制）", "people"),
            Self::Things => label("物（機器・施設）", "things"),
            Self::Money => label("金（予算）", "money"),
            Self::Information => label("情報（文書・知識）", "information"),
        }
    }
}

/// Where a resource stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProvidedResourceState {
    /// Asked for; waits for approval.
    Requested,
    /// Given back to be mended.
    Returned,
    /// Approved by top management: to be provided.
    Approved,
    /// There.
    Provided,
    /// Not needed any more.
    Withdrawn,
}

impl ProvidedResourceState {
    /// Nothing is due any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Provided | Self::Withdrawn)
    }
}

impl Labelled for ProvidedResourceState {
    const NAME: &'static str = "provided_resource_state";

    fn label(&self) -> Label {
        match self {
            Self::Requested => label("承認待ち", "requested"),
            Self::Returned => label("差戻し", "returned"),
            Self::Approved => label("手配中", "approved"),
            Self::Provided => label("確保済み", "provided"),
            Self::Withdrawn => label("取下げ", "withdrawn"),
        }
    }
}

/// A step of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProvidedResourceAction {
    /// Change the request, and so hand it in anew.
    Revise,
    /// Approve it (`/approval`).
    Approve,
    /// Give it back (`/return`).
    Return,
    /// Record that it is there (`/provision`).
    Provide,
    /// Take the request back (`/withdrawal`).
    Withdraw,
}

impl Labelled for ProvidedResourceAction {
    const NAME: &'static str = "provided_resource_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
            Self::Provide => label("確保の記録", "record as provided"),
            Self::Withdraw => label("取下げ", "withdraw"),
        }
    }
}

use ProvidedResourceState as S;

/// The row has no S: whoever enters or changes a request hands it in with that.
impl Stateful for ProvidedResource {
    type Action = ProvidedResourceAction;
    type State = ProvidedResourceState;

    const TRANSITIONS: &'static [Transition<ProvidedResourceAction, ProvidedResourceState>] = &[
        Transition {
            action: ProvidedResourceAction::Revise,
            from: &[S::Requested, S::Returned],
            grant: (Resource::Resources, Verb::Update),
        },
        Transition {
            action: ProvidedResourceAction::Approve,
            from: &[S::Requested],
            grant: (Resource::Resources, Verb::Approve),
        },
        Transition {
            action: ProvidedResourceAction::Return,
            from: &[S::Requested],
            grant: (Resource::Resources, Verb::Approve),
        },
        Transition {
            action: ProvidedResourceAction::Provide,
            from: &[S::Approved],
            grant: (Resource::Resources, Verb::Update),
        },
        Transition {
            action: ProvidedResourceAction::Withdraw,
            from: &[S::Requested, S::Returned, S::Approved],
            grant: (Resource::Resources, Verb::Update),
        },
    ];

    fn state(&self) -> ProvidedResourceState {
        self.state
    }
}

/// The day on which a resource was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Provision {
    /// Since when it is there; not in the future.
    pub provided_on: NaiveDate,
}

/// A stamp box that is handed in by whoever writes.
fn handed_in(by: Signature) -> Result<SignOff, Refusal> {
    let mut sign_off = SignOff::prepared(by.clone());
    sign_off.submit(by)?;
    Ok(sign_off)
}

impl ProvidedResource {
    /// Asks for a resource.
    pub fn request(
        draft: ProvidedResourceDraft,
        number: i32,
        by: Signature,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            number,
            responsible_person: Reference::new(draft.responsible_person_id, ""),
            department: None,
            due_on: draft.needed_by.last_day(),
            overdue: false,
            state: ProvidedResourceState::Requested,
            sign_off: handed_in(by)?,
            provided_on: None,
            withdrawal_reason: None,
            draft,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes a request and hands it in anew: from now on `by` prepared it (SD-1). Refused once it was approved
    /// (SD-12).
    pub fn revise(&mut self, draft: ProvidedResourceDraft, by: Signature) -> Result<(), Refusal> {
        self.guard(ProvidedResourceAction::Revise).map_err(|refusal| refusal.by("SD-12"))?;
        self.sign_off = SignOff { returned: self.sign_off.returned.take(), ..handed_in(by)? };
        self.state = ProvidedResourceState::Requested;
        self.draft = draft;
        Ok(())
    }

    /// Approves it (SD-1).
    pub fn approve(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(ProvidedResourceAction::Approve)?;
        self.sign_off.approve(by, alone)?;
        self.state = ProvidedResourceState::Approved;
        Ok(())
    }

    /// Gives it back with a reason.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(ProvidedResourceAction::Return)?;
        self.sign_off.send_back(by)?;
        self.state = ProvidedResourceState::Returned;
        Ok(())
    }

    /// Records that it is there.
    pub fn provide(&mut self, provision: &Provision, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(ProvidedResourceAction::Provide)?;
        if provision.provided_on > today {
            return Err(Refusal::field("/provided_on", Code::FutureDate));
        }
        self.state = ProvidedResourceState::Provided;
        self.provided_on = Some(provision.provided_on);
        Ok(())
    }

    /// Takes the request back.
    pub fn withdraw(&mut self, reason: Text) -> Result<(), Refusal> {
        self.guard(ProvidedResourceAction::Withdraw)?;
        self.state = ProvidedResourceState::Withdrawn;
        self.withdrawal_reason = Some(reason.into_string());
        Ok(())
    }

    /// Derives `due_on` and `overdue` as of `today`.
    pub fn derive(&mut self, today: NaiveDate) {
        self.due_on = self.draft.needed_by.last_day();
        self.overdue = !self.state.is_over() && self.due_on < today;
    }

    /// Who prepared it: the last one who wrote in it.
    pub fn preparer(&self) -> Id<Person> {
        self.sign_off.prepared.person_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(name: &str) -> Signature {
        let (person_id, at) = (Id::generate(DateTime::UNIX_EPOCH), DateTime::UNIX_EPOCH);
        Signature { person_id, name: name.into(), posts: vec![], at, provisional: false, reason: None }
    }

    fn draft() -> ProvidedResourceDraft {
        ProvidedResourceDraft {
            category: ResourceCategory::Money,
            description: Text::new("教育の費用").unwrap(),
            needed_by: "2024-04".parse().unwrap(),
            responsible_person_id: Id::generate(DateTime::UNIX_EPOCH),
            department_id: None,
            remarks: Note::default(),
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn sd_1_who_changes_a_request_prepared_it() {
        let mut resource = ProvidedResource::request(draft(), 1, by("小林"), DateTime::UNIX_EPOCH).unwrap();
        resource.send_back(by("青木")).unwrap();
        assert_eq!(resource.approve(by("青木"), false).unwrap_err().code, Code::WrongState);
        let top = by("青木");
        resource.revise(draft(), top.clone()).unwrap();
        assert_eq!((resource.state, resource.preparer()), (ProvidedResourceState::Requested, top.person_id));
        assert!(resource.sign_off.returned.is_some(), "that it was returned stays on record");
        assert_eq!(resource.approve(top, false).unwrap_err().rule, Some("SD-1"));
        resource.approve(by("石田"), false).unwrap();
        assert_eq!(resource.revise(draft(), by("小林")).unwrap_err().rule, Some("SD-12"));
    }

    #[test]
    fn it_is_overdue_after_the_month_until_it_is_there() {
        let mut resource = ProvidedResource::request(draft(), 1, by("小林"), DateTime::UNIX_EPOCH).unwrap();
        let provision = Provision { provided_on: day("2024-05-01") };
        assert_eq!(resource.provide(&provision, day("2024-05-01")).unwrap_err().code, Code::WrongState);
        resource.approve(by("青木"), false).unwrap();
        resource.derive(day("2024-04-30"));
        assert!(!resource.overdue);
        resource.derive(day("2024-05-01"));
        assert!(resource.overdue);
        assert_eq!(resource.provide(&provision, day("2024-04-30")).unwrap_err().errors[0].code, Code::FutureDate);
        resource.provide(&provision, day("2024-05-01")).unwrap();
        resource.derive(day("2024-05-01"));
        assert!(!resource.overdue);
    }
}
