//! What top management does for the ISMS (D15, 5.1): eight items that ship, and what the organization shows for each.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, Signature},
        text::Note,
        transition::{Stateful, Transition},
    },
    organization::{organization::Organization, person::Person},
};

/// The items, numbered from 1.
pub static ITEMS: [Label; 8] = [
    label(
        "方針と目的を定め、会社の進む方向に合わせる",
        "Sets policy and objectives that fit where the company is going",
    ),
    label("ISMSを日々の業務の流れに組み込む", "Builds the ISMS into everyday work"),
    label("人、時間、費用を用意する", "Provides people, time and money"),
    label("情報セキュリティと決まりを守る大切さを伝える", "Tells everybody why security and the rules matter"),
    label("ISMSが狙った成果を出しているか見届ける", "Sees to it that the ISMS brings about what it is meant to"),
    label("成果につながるように人を導き、助ける", "Guides and helps the people who make it work"),
    label("改善が続くように促す", "Keeps improvement going"),
    label("ほかの管理職が持ち場で先頭に立てるように支える", "Backs the other managers in leading their own areas"),
];

/// One of the eight items, with what the organization recorded about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeadershipCommitment {
    /// Its id: the same for as long as the organization exists, also before anything is recorded.
    pub id: Id<LeadershipCommitment>,
    /// Rises with every change; 1 while nothing is recorded.
    pub revision: Revision,
    /// 1 to 8.
    #[schema(minimum = 1, maximum = 8)]
    pub number: i32,
    /// What top management does.
    pub label: Label,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: LeadershipCommitmentDraft,
    /// Where it stands.
    pub state: CommitmentState,
    /// Who recorded the evidence and who approved it; `null` while there is none.
    #[schema(required)]
    pub sign_off: Option<SignOff>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<CommitmentAction>,
    /// When it was created: with the organization.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for LeadershipCommitment {
    const RESOURCE: Resource = Resource::LeadershipCommitment;
}

impl Revised for LeadershipCommitment {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is recorded about an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadershipCommitmentDraft {
    /// By what top management shows it: decisions, minutes, budgets, talks.
    #[serde(default)]
    pub evidence: Note,
    /// When the evidence was last looked at.
    #[serde(default)]
    #[schema(required = false)]
    pub reviewed_on: Option<NaiveDate>,
}

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CommitmentState {
    /// There is no evidence yet.
    Open,
    /// There is evidence; top management has not approved it.
    Shown,
    /// Top management stands by it.
    Approved,
}

impl Labelled for CommitmentState {
    const NAME: &'static str = "commitment_state";

    fn label(&self) -> Label {
        match self {
            Self::Open => label("未記録", "open"),
            Self::Shown => label("記録あり", "shown"),
            Self::Approved => label("承認済み", "approved"),
        }
    }
}

/// A step of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CommitmentAction {
    /// Record evidence.
    Revise,
    /// Stand by it, as top management (`/approval`).
    Approve,
    /// Take it up again, for the next review (`/reopening`).
    Reopen,
}

impl Labelled for CommitmentAction {
    const NAME: &'static str = "commitment_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("記録", "record"),
            Self::Approve => label("承認", "approve"),
            Self::Reopen => label("見直しを始める", "reopen"),
        }
    }
}

use CommitmentState as S;

impl Stateful for LeadershipCommitment {
    type Action = CommitmentAction;
    type State = CommitmentState;

    const TRANSITIONS: &'static [Transition<CommitmentAction, CommitmentState>] = &[
        Transition {
            action: CommitmentAction::Revise,
            from: &[S::Open, S::Shown],
            grant: (Resource::LeadershipCommitment, Verb::Update),
        },
        Transition {
            action: CommitmentAction::Approve,
            from: &[S::Shown],
            grant: (Resource::LeadershipCommitment, Verb::Approve),
        },
        Transition {
            action: CommitmentAction::Reopen,
            from: &[S::Approved],
            grant: (Resource::LeadershipCommitment, Verb::Update),
        },
    ];

    fn state(&self) -> CommitmentState {
        self.state
    }
}

impl LeadershipCommitment {
    /// The eight items of an organization about which nothing is recorded yet.
    pub fn unrecorded(organization: Id<Organization>, founded_at: DateTime<Utc>) -> Vec<Self> {
        let item = |(number, label): (i32, &Label)| Self {
            id: Self::id_in(organization, number),
            revision: 1,
            number,
            label: *label,
            draft: LeadershipCommitmentDraft::default(),
            state: CommitmentState::Open,
            sign_off: None,
            allowed_actions: Vec::new(),
            created_at: founded_at,
            updated_at: founded_at,
        };
        (1..).zip(&ITEMS).map(item).collect()
    }

    /// The id of an item: made out of the organization's own, so that it is there before anything is stored.
    fn id_in(organization: Id<Organization>, number: i32) -> Id<Self> {
        Id::from_uuid(Uuid::from_u128(organization.uuid().as_u128() ^ u128::from(number.unsigned_abs())))
    }

    /// Records evidence, or clears it. Refused once top management has approved it (SD-12): it is reopened first.
    pub fn revise(&mut self, draft: LeadershipCommitmentDraft, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(CommitmentAction::Revise).map_err(|refusal| refusal.by("SD-12"))?;
        if draft.reviewed_on.is_some_and(|date| date > today) {
            return Err(Refusal::field("/reviewed_on", Code::FutureDate));
        }
        self.draft = draft;
        match self.has_evidence() {
            true => self.show(by)?,
            false => self.sign_off = None,
        }
        self.derive();
        Ok(())
    }

    /// Who recorded what is to be approved. Refused where there is nothing to approve.
    pub fn approvable(&self) -> Result<Id<Person>, Refusal> {
        let sign_off = self.sign_off.as_ref().ok_or_else(|| Refusal::not_ready(["/evidence"]))?;
        self.guard(CommitmentAction::Approve)?;
        Ok(sign_off.prepared.person_id)
    }

    /// Top management stands by it (SD-5).
    pub fn approve(&mut self, by: Signature) -> Result<(), Refusal> {
        self.approvable()?;
        if let Some(sign_off) = &mut self.sign_off {
            sign_off.approve(by, false)?;
        }
        self.derive();
        Ok(())
    }

    /// Takes an approved item up again; `by` says why. What was approved stays in the events.
    pub fn reopen(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(CommitmentAction::Reopen)?;
        self.show(by.clone())?;
        if let Some(sign_off) = &mut self.sign_off {
            sign_off.returned = Some(by);
        }
        self.derive();
        Ok(())
    }

    /// State follows from what is recorded.
    pub fn derive(&mut self) {
        let approved = self.sign_off.as_ref().is_some_and(|sign_off| sign_off.approved.is_some());
        self.state = match (self.has_evidence(), approved) {
            (false, _) => CommitmentState::Open,
            (true, false) => CommitmentState::Shown,
            (true, true) => CommitmentState::Approved,
        };
    }

    /// The evidence waits for top management, in the words of `by`.
    fn show(&mut self, by: Signature) -> Result<(), Refusal> {
        let returned = self.sign_off.take().and_then(|sign_off| sign_off.returned);
        let mut sign_off = SignOff { returned, ..SignOff::prepared(by.clone()) };
        sign_off.submit(by)?;
        self.sign_off = Some(sign_off);
        Ok(())
    }

    fn has_evidence(&self) -> bool {
        !self.draft.evidence.as_str().trim().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;

    fn by(role: Role) -> Signature {
        let at = DateTime::UNIX_EPOCH;
        Signature {
            person_id: Id::generate(at),
            name: "山田".into(),
            posts: vec![role],
            at,
            provisional: false,
            reason: None,
        }
    }

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 4, day).unwrap()
    }

    fn first() -> LeadershipCommitment {
        let organization = Id::generate(DateTime::UNIX_EPOCH);
        LeadershipCommitment::unrecorded(organization, DateTime::UNIX_EPOCH).remove(0)
    }

    fn evidence(text: &str) -> LeadershipCommitmentDraft {
        LeadershipCommitmentDraft { evidence: Note::new(text).unwrap(), reviewed_on: Some(day(1)) }
    }

    #[test]
    fn every_organization_has_the_eight_items_under_ids_that_stay() {
        let (one, other) = (Id::generate(DateTime::UNIX_EPOCH), Id::generate(DateTime::UNIX_EPOCH));
        let ids = |organization| -> Vec<Uuid> {
            let items = LeadershipCommitment::unrecorded(organization, DateTime::UNIX_EPOCH);
            items.iter().map(|item| item.id.uuid()).collect()
        };
        assert_eq!(ids(one), ids(one));
        let mut all = [ids(one), ids(other), vec![one.uuid(), other.uuid()]].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 18);
    }

    #[test]
    fn nothing_is_approved_without_evidence() {
        let mut item = first();
        let refusal = item.approve(by(Role::TopManagement)).unwrap_err();
        assert_eq!((refusal.code, refusal.errors[0].pointer.as_str()), (Code::NotReady, "/evidence"));
        item.revise(evidence("　"), by(Role::IsmsSecretariat), day(1)).unwrap();
        assert_eq!((item.state, &item.sign_off), (CommitmentState::Open, &None));
        item.revise(evidence("年度方針に入れた"), by(Role::IsmsSecretariat), day(1)).unwrap();
        assert_eq!(item.state, CommitmentState::Shown);
        item.approve(by(Role::TopManagement)).unwrap();
        assert_eq!(item.state, CommitmentState::Approved);
    }

    #[test]
    fn sd_12_what_is_approved_is_reopened_before_it_changes() {
        let mut item = first();
        item.revise(evidence("年度方針に入れた"), by(Role::IsmsSecretariat), day(1)).unwrap();
        assert_eq!(item.reopen(by(Role::IsmsSecretariat)).unwrap_err().code, Code::WrongState);
        item.approve(by(Role::TopManagement)).unwrap();
        let refusal = item.revise(evidence("別のこと"), by(Role::IsmsSecretariat), day(1)).unwrap_err();
        assert_eq!((refusal.code, refusal.rule), (Code::WrongState, Some("SD-12")));
        item.reopen(by(Role::IsmsSecretariat)).unwrap();
        assert_eq!((item.state, item.draft.evidence.as_str()), (CommitmentState::Shown, "年度方針に入れた"));
        item.revise(evidence("別のこと"), by(Role::IsmsSecretariat), day(1)).unwrap();
        let sign_off = item.sign_off.unwrap();
        assert!(sign_off.approved.is_none() && sign_off.returned.is_some());
    }

    #[test]
    fn evidence_was_looked_at_today_or_before() {
        let refusal = first().revise(evidence("年度方針"), by(Role::IsmsSecretariat), NaiveDate::MIN).unwrap_err();
        assert_eq!(refusal.errors[0].code, Code::FutureDate);
    }
}
