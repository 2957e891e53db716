//! Disposal of records and of personal data whose time is over, or whose owner asks for it (7.5.3 f): prepared by one,
//! approved by another, carried out by the service in the same step where the service keeps them. The chain of events
//! stays whole: events name people by their ids alone.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::retention_rule::RetentionSubject;
use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, SignOffAction, SignOffState, Signature},
        text::{Note, Text, Title},
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// How many records one disposal takes; the others are for the next one.
pub const MOST: usize = 500;
/// As many, and one more, which tells that there are more.
pub const ONE_BEYOND_MOST: i64 = 501;

/// The disposal of some records.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Disposal {
    /// Its id.
    pub id: Id<Disposal>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: DisposalDraft,
    /// The records, as they were listed when it was handed in; none before, and none of what is kept elsewhere.
    pub items: Vec<DisposalItem>,
    /// Where it stands; approved: they are gone.
    pub state: SignOffState,
    /// Who prepared and approved it.
    pub sign_off: SignOff,
    /// Steps open to the caller.
    pub allowed_actions: Vec<SignOffAction>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Disposal {
    const RESOURCE: Resource = Resource::Disposal;
}

impl Revised for Disposal {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a disposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisposalDraft {
    /// What is disposed of.
    pub subject: RetentionSubject,
    /// Of leavers: these alone, who ask for it, whether or not their time is over. Without: all whose time is over.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub person_ids: Vec<Id<Person>>,
    /// What exactly, of what is kept elsewhere.
    #[serde(default)]
    pub description: Note,
    /// How, of what is kept elsewhere: shredded, wiped, given to a contractor against a certificate.
    #[serde(default)]
    #[schema(required = false)]
    pub method: Option<Title>,
    /// Why: the rule that applies, the request that was made.
    pub reason: Text,
}

/// A record that is disposed of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DisposalItem {
    /// The record.
    pub record_id: Uuid,
    /// Where it is read.
    pub path: String,
    /// What it is, without anybody's name.
    pub title: String,
    /// The day up to which it is kept; none where somebody asks for it before.
    #[schema(required)]
    pub kept_until: Option<NaiveDate>,
}

/// What is due for disposal today under the rules.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DueDisposals {
    /// By kind of record; none that has nothing due.
    pub items: Vec<DueDisposal>,
}

/// What is due for disposal of one kind of record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DueDisposal {
    /// What.
    pub subject: RetentionSubject,
    /// The first records of it, what is due longest first; at most 500.
    pub items: Vec<DisposalItem>,
    /// There are more.
    pub more: bool,
}

impl Stateful for Disposal {
    type Action = SignOffAction;
    type State = SignOffState;

    const TRANSITIONS: &'static [Transition<SignOffAction, SignOffState>] = &SignOffAction::steps(Resource::Disposal);

    fn state(&self) -> SignOffState {
        self.state
    }
}

impl DisposalDraft {
    fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        let elsewhere = self.subject == RetentionSubject::Elsewhere;
        if self.person_ids.len() > 100 {
            faults.push(Fault::new("/person_ids", Code::TooLong));
        }
        if self.subject != RetentionSubject::Leavers && !self.person_ids.is_empty() {
            faults.push(Fault::new("/person_ids", Code::Contradiction));
        }
        let described = !self.description.as_str().trim().is_empty();
        match (elsewhere, described) {
            (true, false) => faults.push(Fault::new("/description", Code::RequiredHere)),
            (false, true) => faults.push(Fault::new("/description", Code::Contradiction)),
            _ => {}
        }
        match (elsewhere, &self.method) {
            (true, None) => faults.push(Fault::new("/method", Code::RequiredHere)),
            (false, Some(_)) => faults.push(Fault::new("/method", Code::Contradiction)),
            _ => {}
        }
        Refusal::unless_empty(faults)
    }
}

impl Disposal {
    /// Begins a disposal.
    pub fn begin(draft: DisposalDraft, number: i32, by: Signature, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            number,
            draft,
            items: Vec::new(),
            state: SignOffState::Draft,
            sign_off: SignOff::prepared(by),
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes the draft.
    pub fn revise(&mut self, draft: DisposalDraft, by: Signature) -> Result<(), Refusal> {
        self.sign_off.revise(by)?;
        draft.check()?;
        self.draft = draft;
        self.state = self.sign_off.state;
        Ok(())
    }

    /// Hands it in with what is due today; refused where nothing is.
    pub fn submit(&mut self, due: Vec<DisposalItem>, by: Signature) -> Result<(), Refusal> {
        self.guard(SignOffAction::Submit)?;
        if due.is_empty() && self.draft.subject != RetentionSubject::Elsewhere {
            return Err(Refusal::not_ready(["/subject"]));
        }
        self.sign_off.submit(by)?;
        self.items = due;
        self.state = self.sign_off.state;
        Ok(())
    }

    /// Approves it (SD-1). What it lists must still be due today, for a rule may have changed since it was handed in.
    pub fn approve(&mut self, due: &[DisposalItem], by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(SignOffAction::Approve)?;
        let is_due = |item: &DisposalItem| due.iter().any(|due| due.record_id == item.record_id);
        let kept = self.items.iter().enumerate().filter(|(_, item)| !is_due(item));
        let kept: Vec<String> = kept.map(|(at, _)| format!("/items/{at}")).collect();
        if !kept.is_empty() {
            return Err(Refusal::not_ready(kept.iter().map(String::as_str)));
        }
        self.sign_off.approve(by, alone)?;
        self.state = self.sign_off.state;
        Ok(())
    }

    /// Gives it back with a reason; what it listed is listed anew when it is handed in again.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.sign_off.send_back(by)?;
        self.items.clear();
        self.state = self.sign_off.state;
        Ok(())
    }

    /// Voids the draft.
    pub fn void(&mut self, by: Signature) -> Result<(), Refusal> {
        self.sign_off.void(by)?;
        self.state = self.sign_off.state;
        Ok(())
    }

    /// Who prepared it: the last one who wrote in it.
    pub fn preparer(&self) -> Id<Person> {
        self.sign_off.prepared.person_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by() -> Signature {
        let (person_id, at) = (Id::generate(DateTime::UNIX_EPOCH), DateTime::UNIX_EPOCH);
        Signature { person_id, name: "上田".into(), posts: vec![], at, provisional: false, reason: None }
    }

    fn draft(subject: RetentionSubject) -> DisposalDraft {
        let reason = Text::new("保存期間の満了").unwrap();
        DisposalDraft { subject, person_ids: Vec::new(), description: Note::default(), method: None, reason }
    }

    fn begin(draft: DisposalDraft) -> Result<Disposal, Refusal> {
        Disposal::begin(draft, 1, by(), DateTime::UNIX_EPOCH)
    }

    fn item() -> DisposalItem {
        DisposalItem { record_id: Uuid::new_v4(), path: String::new(), title: String::new(), kept_until: None }
    }

    #[test]
    fn what_is_kept_elsewhere_is_described_and_nothing_else_is() {
        let pointers = |draft: DisposalDraft| -> Vec<String> {
            let faults = begin(draft).err().into_iter().flat_map(|refusal| refusal.errors);
            faults.map(|fault| fault.pointer.clone()).collect()
        };
        assert_eq!(pointers(draft(RetentionSubject::Elsewhere)), ["/description", "/method"]);
        let described = DisposalDraft {
            description: Note::new("2015年度の伝票").unwrap(),
            method: Title::new("裁断").ok(),
            person_ids: vec![Id::generate(DateTime::UNIX_EPOCH)],
            ..draft(RetentionSubject::Visits)
        };
        assert_eq!(pointers(described.clone()), ["/person_ids", "/description", "/method"]);
        let elsewhere = DisposalDraft { subject: RetentionSubject::Elsewhere, person_ids: Vec::new(), ..described };
        assert!(pointers(elsewhere).is_empty());
    }

    #[test]
    fn only_what_is_due_is_disposed_of() {
        let mut disposal = begin(draft(RetentionSubject::Visits)).unwrap();
        assert_eq!(disposal.submit(Vec::new(), by()).unwrap_err().code, Code::NotReady, "nothing is due");
        let (one, other) = (item(), item());
        disposal.submit(vec![one.clone(), other.clone()], by()).unwrap();
        let refused = disposal.approve(std::slice::from_ref(&one), by(), false).unwrap_err();
        assert_eq!((refused.code, refused.errors[0].pointer.as_str()), (Code::NotReady, "/items/1"));
        disposal.send_back(by()).unwrap();
        assert!(disposal.items.is_empty());
        disposal.submit(vec![one.clone()], by()).unwrap();
        disposal.approve(&[other, one], by(), false).unwrap();
        assert_eq!(disposal.state, SignOffState::Approved);
        assert_eq!(disposal.revise(draft(RetentionSubject::Visits), by()).unwrap_err().rule, Some("SD-12"));
    }
}
