//! The information security policy (D16, 5.2) in editions, approved by top management alone (SD-5), then made known, and
//! reviewed at planned intervals.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::publication::{Publication, PublicationDraft};
use crate::{
    access::{Governed, Holder, Resource, Role, Standing, Verb, approval},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        numbered::{self, Numbered},
        refusal::{Code, Fault, Refusal},
        review::{InternalCommunication, Review, ReviewDraft, ReviewOutcome, ReviewTerms},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text, Title},
        transition::{Stateful, Transition},
        version::{Version, VersionState},
    },
};

/// One edition of the policy.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Policy {
    /// Its id.
    pub id: Id<Policy>,
    /// Rises with every change of this edition.
    pub revision: Revision,
    /// Which edition it is.
    #[serde(flatten)]
    pub version: Version,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: PolicyDraft,
    /// How it was made known, in the order in which that was recorded.
    pub publications: Vec<Publication>,
    /// The first day on which it was made known, inside or outside.
    #[schema(required)]
    pub published_on: Option<NaiveDate>,
    /// Its reviews, in their order.
    pub reviews: Vec<Review>,
    /// While it is in force: when it is reviewed next.
    #[schema(required)]
    pub next_review_on: Option<NaiveDate>,
    /// Who withdrew it, with the reason.
    #[schema(required)]
    pub withdrawn: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<PolicyAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// The last number that was ever given to an objective.
    #[serde(skip)]
    pub last_objective_number: i32,
}

impl Governed for Policy {
    const RESOURCE: Resource = Resource::Policy;
}

impl Revised for Policy {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What an edition says. A draft may be incomplete; handing it in names what it lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyDraft {
    /// The company.
    pub company_name: Title,
    /// The post of whoever signs it.
    #[serde(default)]
    #[schema(required = false)]
    pub signatory_title: Option<Title>,
    /// The name of whoever signs it.
    #[serde(default)]
    #[schema(required = false)]
    pub signatory_name: Option<Title>,
    /// What the company offers.
    #[serde(default)]
    #[schema(required = false)]
    pub service_name: Option<Title>,
    /// a) What the company is for, why it needs security, which information it protects and why.
    #[serde(default)]
    pub purpose_section: Note,
    /// b) What it wants to reach.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub objectives: Vec<PolicyObjective>,
    /// c) What is particular about its business, and what that demands.
    #[serde(default)]
    pub business_context_section: Note,
    /// c) The text commits the company to the requirements that apply to it: laws, contracts, its own.
    #[serde(default)]
    pub commits_to_requirements: bool,
    /// d) How it reviews and improves what it does.
    #[serde(default)]
    pub improvement_section: Note,
    /// The date under the text.
    #[serde(default)]
    #[schema(required = false)]
    pub issued_on: Option<NaiveDate>,
}

/// Something that the policy wants to reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyObjective {
    /// Its number, assigned by the service and kept from edition to edition, never used twice: the objectives of 6.2 name
    /// it. One that stays keeps its number; one without is new.
    #[serde(default)]
    #[schema(required = false, minimum = 1)]
    pub number: Option<i32>,
    /// What it says.
    pub text: Text,
}

impl Numbered for PolicyObjective {
    fn number(&self) -> Option<i32> {
        self.number
    }

    fn assign(&mut self, number: i32) {
        self.number = Some(number);
    }
}

/// The numbers that a draft may use.
#[derive(Clone, Debug, Default)]
pub struct KnownObjectives {
    /// Those of the edition in force.
    pub in_force: Vec<i32>,
    /// The last one that any edition ever gave.
    pub last: i32,
}

/// A step of an edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PolicyAction {
    /// Change the draft.
    Revise,
    /// Hand it in (`/submission`).
    Submit,
    /// Put it in force (`/approval`).
    Approve,
    /// Give it back (`/return`).
    Return,
    /// Void the draft (`/voiding`).
    Void,
    /// Record how it was made known (`/publication`).
    Publish,
    /// Review it (`/review`).
    Review,
    /// Record that the result of a review was communicated (`/review-communication`).
    Communicate,
    /// Take it out of force (`/withdrawal`).
    Withdraw,
}

impl Labelled for PolicyAction {
    const NAME: &'static str = "policy_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Submit => label("提出", "submit"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
            Self::Void => label("取消し", "void"),
            Self::Publish => label("周知・公開の記録", "publish"),
            Self::Review => label("見直し", "review"),
            Self::Communicate => label("見直し結果の周知の記録", "communicate"),
            Self::Withdraw => label("廃止", "withdraw"),
        }
    }
}

impl Stateful for Policy {
    type Action = PolicyAction;
    type State = VersionState;

    const TRANSITIONS: &'static [Transition<PolicyAction, VersionState>] = &[
        Transition {
            action: PolicyAction::Revise,
            from: &[VersionState::Draft],
            grant: (Resource::Policy, Verb::Update),
        },
        Transition {
            action: PolicyAction::Submit,
            from: &[VersionState::Draft],
            grant: (Resource::Policy, Verb::Submit),
        },
        Transition {
            action: PolicyAction::Approve,
            from: &[VersionState::Submitted],
            grant: (Resource::Policy, Verb::Approve),
        },
        Transition {
            action: PolicyAction::Return,
            from: &[VersionState::Submitted],
            grant: (Resource::Policy, Verb::Approve),
        },
        Transition {
            action: PolicyAction::Void,
            from: &[VersionState::Draft],
            grant: (Resource::Policy, Verb::Update),
        },
        Transition {
            action: PolicyAction::Publish,
            from: &[VersionState::InForce],
            grant: (Resource::Policy, Verb::Execute),
        },
        Transition {
            action: PolicyAction::Review,
            from: &[VersionState::InForce],
            grant: (Resource::Policy, Verb::Approve),
        },
        Transition {
            action: PolicyAction::Communicate,
            from: &[VersionState::InForce, VersionState::Superseded, VersionState::Withdrawn],
            grant: (Resource::Policy, Verb::Update),
        },
        Transition {
            action: PolicyAction::Withdraw,
            from: &[VersionState::InForce],
            grant: (Resource::Policy, Verb::Approve),
        },
    ];

    fn state(&self) -> VersionState {
        self.version.state
    }
}

impl PolicyDraft {
    /// The draft with what it leaves out or has empty taken over from `before`; only the date under the text is never.
    #[must_use]
    pub fn or(self, before: &Self) -> Self {
        let note = |mine: Note, theirs: &Note| if is_blank(&mine) { theirs.clone() } else { mine };
        Self {
            company_name: self.company_name,
            signatory_title: self.signatory_title.or_else(|| before.signatory_title.clone()),
            signatory_name: self.signatory_name.or_else(|| before.signatory_name.clone()),
            service_name: self.service_name.or_else(|| before.service_name.clone()),
            purpose_section: note(self.purpose_section, &before.purpose_section),
            objectives: if self.objectives.is_empty() { before.objectives.clone() } else { self.objectives },
            business_context_section: note(self.business_context_section, &before.business_context_section),
            commits_to_requirements: self.commits_to_requirements || before.commits_to_requirements,
            improvement_section: note(self.improvement_section, &before.improvement_section),
            issued_on: self.issued_on,
        }
    }

    /// Pointers to what is still missing before it can be handed in (§5.4, POL-1).
    pub fn lacking(&self) -> Vec<&'static str> {
        let parts = [
            ("/signatory_title", self.signatory_title.is_none()),
            ("/signatory_name", self.signatory_name.is_none()),
            ("/service_name", self.service_name.is_none()),
            ("/purpose_section", is_blank(&self.purpose_section)),
            ("/objectives", self.objectives.is_empty()),
            ("/business_context_section", is_blank(&self.business_context_section)),
            ("/improvement_section", is_blank(&self.improvement_section)),
            ("/issued_on", self.issued_on.is_none()),
        ];
        parts.into_iter().filter(|(_, lacks)| *lacks).map(|(pointer, _)| pointer).collect()
    }

    /// Checks the objectives and gives the new ones their numbers after `last`; returns the last one now. `known` are
    /// those that may stay.
    fn settle(&mut self, known: &[i32], last: i32) -> Result<i32, Refusal> {
        let mut faults = numbered::faults("/objectives", &self.objectives, known);
        if self.objectives.len() > 50 {
            faults.push(Fault::new("/objectives", Code::TooLong));
        }
        let mut seen = BTreeSet::new();
        let again = self.objectives.iter().enumerate().filter(|(_, objective)| !seen.insert(&objective.text));
        faults.extend(again.map(|(at, _)| Fault::new(format!("/objectives/{at}"), Code::Duplicate)));
        Refusal::unless_empty(faults)?;
        Ok(numbered::assign(&mut self.objectives, last))
    }
}

/// Whether a section says nothing.
pub(super) fn is_blank(note: &Note) -> bool {
    note.as_str().trim().is_empty()
}

impl Policy {
    /// A new edition, as a draft.
    pub fn draft(
        mut draft: PolicyDraft,
        number: i32,
        known: &KnownObjectives,
        by: Signature,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let last_objective_number = draft.settle(&known.in_force, known.last)?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            version: Version::draft(number, by),
            draft,
            publications: Vec::new(),
            published_on: None,
            reviews: Vec::new(),
            next_review_on: None,
            withdrawn: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
            last_objective_number,
        })
    }

    /// Changes a draft.
    pub fn revise(&mut self, mut draft: PolicyDraft, known: &KnownObjectives, by: Signature) -> Result<(), Refusal> {
        self.version.revise(by)?;
        let may_stay = [numbered::numbers(&self.draft.objectives), known.in_force.clone()].concat();
        self.last_objective_number = draft.settle(&may_stay, known.last)?;
        self.draft = draft;
        Ok(())
    }

    /// Hands it in. Refused where a part is missing (POL-1).
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(PolicyAction::Submit)?;
        let lacking = self.draft.lacking();
        if !lacking.is_empty() {
            return Err(Refusal::not_ready(lacking));
        }
        self.version.submit(by)
    }

    /// Records how the edition in force was made known; one edition may be made known several times.
    pub fn publish(&mut self, draft: PublicationDraft, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(PolicyAction::Publish)?;
        draft.check(today)?;
        self.publications.push(Publication { draft, recorded: by });
        self.derive();
        Ok(())
    }

    /// Puts it in force, to be reviewed as `terms` say; the edition before gives way.
    pub fn approve(
        &mut self,
        by: Signature,
        alone: bool,
        terms: ReviewTerms,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        self.guard(PolicyAction::Approve)?;
        self.version.approve(by, alone, now)?;
        self.next_review_on = Some(terms.next_after(today));
        Ok(())
    }

    /// A later edition took its place: it is not reviewed any more.
    pub fn give_way(&mut self) {
        self.version.supersede();
        self.next_review_on = None;
    }

    /// Records a review of the edition in force; by top management, whose approval that is.
    pub fn review(
        &mut self,
        draft: ReviewDraft,
        terms: ReviewTerms,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(PolicyAction::Review)?;
        let review = Review::new(draft, &self.reviews, terms, by, today)?;
        self.next_review_on = Some(review.next_review_on);
        self.reviews.push(review);
        Ok(())
    }

    /// Whether the last review of what is in force asked for a new edition.
    pub fn wants_new_edition(&self) -> bool {
        let last = self.reviews.last().map(|review| review.outcome);
        self.version.state == VersionState::InForce && last == Some(ReviewOutcome::NewVersionNeeded)
    }

    /// The reviews whose result was not communicated yet.
    pub fn untold_reviews(&self) -> impl Iterator<Item = &Review> {
        self.reviews.iter().filter(|review| review.communicated.is_none())
    }

    /// Records that the result of the first review that waits for it was communicated.
    pub fn communicate(&mut self, told: InternalCommunication, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(PolicyAction::Communicate)?;
        match self.reviews.iter_mut().find(|review| review.communicated.is_none()) {
            Some(review) => review.communicate(told, by, today),
            None => Err(Refusal::wrong_state(self.version.state).by("R-21")),
        }
    }

    /// Takes the edition out of force; until another one is approved there is none.
    pub fn withdraw(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(PolicyAction::Withdraw)?;
        self.version.withdraw();
        self.next_review_on = None;
        self.withdrawn = Some(by);
        Ok(())
    }

    /// What follows from the publications.
    pub fn derive(&mut self) {
        self.published_on = self.publications.iter().filter_map(|publication| publication.draft.first_day()).min();
    }

    /// The seats that publish, in the order in which they stand in for an empty one (amendments §1.1).
    pub fn publishing() -> Vec<Role> {
        approval::chain("R-23", Role::DocumentController)
    }

    /// In which role the caller publishes: the document controller does, the chair while that seat is empty, top
    /// management while both are. Writing and publishing are no duties that exclude each other. `holders` are all who
    /// hold one of these roles today; the refusal names who may.
    pub fn publisher(holders: &[Holder], caller: &Standing) -> Result<Role, Refusal> {
        approval::acting("R-23", Role::DocumentController, holders, caller)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::access::standing::Held;

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

    fn objective(number: Option<i32>, text: &str) -> PolicyObjective {
        PolicyObjective { number, text: Text::new(text).unwrap() }
    }

    fn bare() -> PolicyDraft {
        PolicyDraft {
            company_name: Title::new("守屋商事").unwrap(),
            signatory_title: None,
            signatory_name: None,
            service_name: None,
            purpose_section: Note::default(),
            objectives: Vec::new(),
            business_context_section: Note::default(),
            commits_to_requirements: false,
            improvement_section: Note::default(),
            issued_on: None,
        }
    }

    fn whole() -> PolicyDraft {
        let note = |text: &str| Note::new(text).unwrap();
        let title = |text: &str| Some(Title::new(text).unwrap());
        PolicyDraft {
            signatory_title: title("社長"),
            signatory_name: title("青木"),
            service_name: title("卸売"),
            purpose_section: note("目的"),
            objectives: vec![objective(None, "事故を防ぐ")],
            business_context_section: note("特徴"),
            commits_to_requirements: true,
            improvement_section: note("改善"),
            issued_on: NaiveDate::from_ymd_opt(2024, 4, 1),
            ..bare()
        }
    }

    fn edition(draft: PolicyDraft) -> Policy {
        let known = KnownObjectives::default();
        Policy::draft(draft, 1, &known, by(Role::IsmsSecretariat), DateTime::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn pol_1_a_policy_without_objectives_is_not_handed_in() {
        let mut policy = edition(PolicyDraft { objectives: Vec::new(), ..whole() });
        let refusal = policy.submit(by(Role::IsmsSecretariat)).unwrap_err();
        assert_eq!((refusal.code, refusal.errors.len()), (Code::NotReady, 1));
        assert_eq!(refusal.errors[0].pointer, "/objectives");
        assert_eq!(edition(bare()).submit(by(Role::IsmsSecretariat)).unwrap_err().errors.len(), 8);
        let mut policy = edition(whole());
        policy.submit(by(Role::IsmsSecretariat)).unwrap();
        assert_eq!(policy.submit(by(Role::IsmsSecretariat)).unwrap_err().code, Code::WrongState);
    }

    #[test]
    fn sd_12_an_edition_that_was_handed_in_does_not_change() {
        let mut policy = edition(whole());
        policy.submit(by(Role::IsmsSecretariat)).unwrap();
        let refusal = policy.revise(bare(), &KnownObjectives::default(), by(Role::IsmsSecretariat)).unwrap_err();
        assert_eq!((refusal.code, refusal.rule), (Code::WrongState, Some("SD-12")));
    }

    #[test]
    fn the_edition_in_force_is_reviewed_communicated_and_withdrawn() {
        let terms = ReviewTerms { months: 12, communication_days: 7 };
        let (top, today) = (|| by(Role::TopManagement), NaiveDate::from_ymd_opt(2024, 4, 1).unwrap());
        let asked = || ReviewDraft {
            reviewed_on: today,
            outcome: ReviewOutcome::NoChangeNeeded,
            reason: Text::new("事業は変わっていない").unwrap(),
            next_review_on: None,
        };
        let told = || InternalCommunication { communicated_on: today, means: Title::new("朝礼").unwrap() };
        let mut policy = edition(whole());
        policy.submit(by(Role::IsmsSecretariat)).unwrap();
        assert_eq!(policy.review(asked(), terms, top(), today).unwrap_err().code, Code::WrongState);
        policy.approve(top(), false, terms, today, DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(policy.next_review_on, NaiveDate::from_ymd_opt(2025, 4, 1));
        assert_eq!(policy.communicate(told(), top(), today).unwrap_err().rule, Some("R-21"), "nothing to tell");
        policy.review(asked(), terms, top(), today).unwrap();
        policy.review(asked(), terms, top(), today).unwrap();
        policy.communicate(told(), top(), today).unwrap();
        assert_eq!((policy.reviews[0].communicated.is_some(), policy.untold_reviews().count()), (true, 1));
        policy.withdraw(top()).unwrap();
        assert_eq!((policy.version.state, policy.next_review_on), (VersionState::Withdrawn, None));
        assert_eq!(policy.withdraw(top()).unwrap_err().code, Code::WrongState);
        assert!(policy.communicate(told(), top(), today).is_ok(), "what was found is still told");
    }

    #[test]
    fn a_new_edition_takes_over_what_it_leaves_out_but_for_its_date() {
        let next = bare().or(&whole());
        assert_eq!(PolicyDraft { issued_on: whole().issued_on, ..next.clone() }, whole());
        assert_eq!(next.issued_on, None);
        let other = PolicyDraft { purpose_section: Note::new("別の目的").unwrap(), ..bare() };
        assert_eq!(other.or(&whole()).purpose_section.as_str(), "別の目的");
    }

    #[test]
    fn one_objective_stands_once() {
        let twice = PolicyDraft { objectives: vec![objective(None, "防ぐ"); 2], ..whole() };
        let known = KnownObjectives::default();
        let refusal = Policy::draft(twice, 1, &known, by(Role::IsmsSecretariat), DateTime::UNIX_EPOCH).unwrap_err();
        assert_eq!((refusal.errors[0].pointer.as_str(), refusal.errors[0].code), ("/objectives/1", Code::Duplicate));
    }

    #[test]
    fn a_37_an_objective_keeps_its_number_from_edition_to_edition() {
        let known = KnownObjectives { in_force: vec![1, 2], last: 5 };
        let draft = |objectives| PolicyDraft { objectives, ..whole() };
        let kept = vec![objective(Some(2), "改めた"), objective(None, "新しい")];
        let secretary = || by(Role::IsmsSecretariat);
        let mut policy = Policy::draft(draft(kept), 2, &known, secretary(), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(numbered::numbers(&policy.draft.objectives), [2, 6]);
        assert_eq!(policy.last_objective_number, 6);
        let known = KnownObjectives { last: 6, ..known };
        let again = vec![objective(Some(1), "戻した"), objective(Some(6), "新しい"), objective(None, "もう一つ")];
        policy.revise(draft(again), &known, secretary()).unwrap();
        assert_eq!(numbered::numbers(&policy.draft.objectives), [1, 6, 7]);
        let refusal = policy.revise(draft(vec![objective(Some(5), "消えた")]), &known, secretary()).unwrap_err();
        let fault = &refusal.errors[0];
        assert_eq!((fault.pointer.as_str(), fault.code), ("/objectives/0/number", Code::UnknownReference));
    }

    #[test]
    fn the_first_filled_seat_of_the_chain_publishes() {
        let person = Id::generate(DateTime::UNIX_EPOCH);
        let holder = |role: Role| Holder { role, person, name: role.to_string() };
        let caller = |role| {
            let held = Held { role, department: None, provisional: false, as_deputy: false };
            Standing { person: Some(person), roles: vec![held], ..Standing::default() }
        };
        let all = [Role::TopManagement, Role::SecurityCommitteeChair, Role::DocumentController].map(holder);
        let ask = |holders: &[Holder], role| Policy::publisher(holders, &caller(role));
        assert_eq!(ask(&all, Role::DocumentController), Ok(Role::DocumentController));
        let refusal = ask(&all, Role::SecurityCommitteeChair).unwrap_err();
        assert_eq!(
            (refusal.rule, &refusal.params["next_approver"][0]["name"]),
            (Some("R-23"), &json!("document_controller"))
        );
        assert_eq!(ask(&all[..2], Role::SecurityCommitteeChair), Ok(Role::SecurityCommitteeChair));
        assert!(ask(&all[..2], Role::TopManagement).is_err());
        assert_eq!(ask(&all[..1], Role::TopManagement), Ok(Role::TopManagement));
    }
}
