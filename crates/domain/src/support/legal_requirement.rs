//! Laws, regulations, guidelines, contracts and standards that the organization has to follow (A.5.31; 4.2): what they
//! demand, who sees to it, and when somebody looks at them again. What is promulgated or comes into force makes education
//! due (EDU-4).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::education::{
    duty::{DutyCause, Owed},
    theme::EducationTheme,
};
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        retirement::{RegisterState, Retirement},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Bounded, Note, Text, Title, is_web_address},
        transition::{Stateful, Transition},
    },
    organization::{department::Department, person::Person},
};

/// Something that the organization has to follow.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LegalRequirement {
    /// Its id.
    pub id: Id<LegalRequirement>,
    /// Rises with every change.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: LegalRequirementDraft,
    /// The department that sees to it.
    #[schema(required)]
    pub department: Option<Reference>,
    /// The person who sees to it.
    #[schema(required)]
    pub responsible_person: Option<Reference>,
    /// Whether it is to be followed.
    pub state: RegisterState,
    /// How it was looked at, the earliest first.
    pub reviews: Vec<LegalReview>,
    /// The day of its next review has passed.
    pub review_overdue: bool,
    /// The last day of the contract has passed.
    pub expired: bool,
    /// When and why it left the register.
    #[schema(required)]
    pub retirement: Option<Retirement>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<LegalRequirementAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for LegalRequirement {
    const RESOURCE: Resource = Resource::LegalRequirement;
}

impl Revised for LegalRequirement {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LegalRequirementDraft {
    /// Law, regulation, guideline, contract or standard.
    pub kind: LegalRequirementKind,
    /// What it is called.
    pub title: Title,
    /// Who issued it: a ministry, an authority, an association. For a contract left out.
    #[serde(default)]
    #[schema(required = false)]
    pub issuer: Option<Title>,
    /// With whom the contract is. Required for a contract, and for it alone.
    #[serde(default)]
    #[schema(required = false)]
    pub counterparty: Option<Title>,
    /// Its number, or where in it the duty stands.
    #[serde(default)]
    #[schema(required = false)]
    pub reference: Option<Title>,
    /// Where its text is: `http://` or `https://`.
    #[serde(default)]
    #[schema(required = false)]
    pub url: Option<Bounded<1, 2_000>>,
    /// What it demands of the organization, in own words.
    pub duty: Text,
    /// The department that sees to it; a department, a person, or both.
    #[serde(default)]
    #[schema(required = false)]
    pub department_id: Option<Id<Department>>,
    /// The person who sees to it.
    #[serde(default)]
    #[schema(required = false)]
    pub responsible_person_id: Option<Id<Person>>,
    /// When it, or its last amendment, was promulgated. Not for a contract.
    #[serde(default)]
    #[schema(required = false)]
    pub promulgated_on: Option<NaiveDate>,
    /// When it, or its last amendment, came or comes into force.
    #[serde(default)]
    #[schema(required = false)]
    pub in_force_on: Option<NaiveDate>,
    /// The last day of the contract; none where it goes on. For a contract alone.
    #[serde(default)]
    #[schema(required = false)]
    pub valid_until: Option<NaiveDate>,
    /// Whether the people who work here are to be taught it when it is promulgated and when it comes into force. Left out:
    /// laws and regulations are.
    #[serde(default)]
    #[schema(required = false)]
    pub calls_for_education: Option<bool>,
    /// When somebody looks at it again.
    pub next_review_on: NaiveDate,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// What binds the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LegalRequirementKind {
    /// 法律
    Law,
    /// 政省令・条例
    Regulation,
    /// 指針・ガイドライン
    Guideline,
    /// 契約
    Contract,
    /// 規格
    Standard,
}

impl LegalRequirementKind {
    /// Whether the people who work here are taught it, where nothing else is said.
    fn is_taught(self) -> bool {
        matches!(self, Self::Law | Self::Regulation)
    }
}

impl Labelled for LegalRequirementKind {
    const NAME: &'static str = "legal_requirement_kind";

    fn label(&self) -> Label {
        match self {
            Self::Law => label("法律", "law"),
            Self::Regulation => label("政省令・条例", "regulation"),
            Self::Guideline => label("ガイドライン", "guideline"),
            Self::Contract => label("契約", "contract"),
            Self::Standard => label("規格", "standard"),
        }
    }
}

/// How somebody looked at a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LegalReview {
    /// What was found.
    #[serde(flatten)]
    pub draft: LegalReviewDraft,
    /// Who recorded it.
    pub recorded: Signature,
}

/// What a review found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LegalReviewDraft {
    /// The day of the review; not in the future, and not before the review before it.
    pub reviewed_on: NaiveDate,
    /// Whether it was amended, and whether it is followed.
    pub findings: Text,
    /// When somebody looks at it again; after `reviewed_on`.
    pub next_review_on: NaiveDate,
}

/// A step of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LegalRequirementAction {
    /// Change it; its dates, when it is amended.
    Revise,
    /// Record a review (`/reviews`).
    Review,
    /// Take it out of the register (`/retirement`).
    Retire,
}

impl Labelled for LegalRequirementAction {
    const NAME: &'static str = "legal_requirement_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Review => label("見直しの記録", "review"),
            Self::Retire => label("除外", "retire"),
        }
    }
}

impl Stateful for LegalRequirement {
    type Action = LegalRequirementAction;
    type State = RegisterState;

    const TRANSITIONS: &'static [Transition<LegalRequirementAction, RegisterState>] = &[
        Transition {
            action: LegalRequirementAction::Revise,
            from: &[RegisterState::InUse],
            grant: (Resource::LegalRequirement, Verb::Update),
        },
        Transition {
            action: LegalRequirementAction::Review,
            from: &[RegisterState::InUse],
            grant: (Resource::LegalRequirement, Verb::Update),
        },
        Transition {
            action: LegalRequirementAction::Retire,
            from: &[RegisterState::InUse],
            grant: (Resource::LegalRequirement, Verb::Update),
        },
    ];

    fn state(&self) -> RegisterState {
        self.state
    }
}

impl LegalRequirementDraft {
    /// With what is meant where nothing is said; refused where it contradicts itself.
    fn checked(mut self) -> Result<Self, Refusal> {
        let is_contract = self.kind == LegalRequirementKind::Contract;
        let mut faults = Vec::new();
        if is_contract && self.counterparty.is_none() {
            faults.push(Fault::new("/counterparty", Code::RequiredHere));
        }
        for (pointer, contradicts) in [
            ("/issuer", is_contract && self.issuer.is_some()),
            ("/counterparty", !is_contract && self.counterparty.is_some()),
            ("/promulgated_on", is_contract && self.promulgated_on.is_some()),
            ("/valid_until", !is_contract && self.valid_until.is_some()),
        ] {
            if contradicts {
                faults.push(Fault::new(pointer, Code::Contradiction));
            }
        }
        if self.url.as_ref().is_some_and(|url| !is_web_address(url.as_str())) {
            faults.push(Fault::new("/url", Code::InvalidFormat));
        }
        if self.department_id.is_none() && self.responsible_person_id.is_none() {
            faults.push(Fault::new("/department_id", Code::RequiredHere));
        }
        if self.in_force_on.zip(self.promulgated_on).is_some_and(|(in_force, promulgated)| in_force < promulgated) {
            faults.push(Fault::new("/in_force_on", Code::DateOrder).with("other", "/promulgated_on"));
        }
        if self.valid_until.zip(self.in_force_on).is_some_and(|(until, in_force)| until < in_force) {
            faults.push(Fault::new("/valid_until", Code::DateOrder).with("other", "/in_force_on"));
        }
        Refusal::unless_empty(faults)?;
        self.calls_for_education.get_or_insert(self.kind.is_taught());
        Ok(self)
    }
}

impl LegalRequirement {
    /// A new requirement.
    pub fn enter(draft: LegalRequirementDraft, now: DateTime<Utc>, today: NaiveDate) -> Result<Self, Refusal> {
        let draft = draft.checked()?;
        let mut requirement = Self {
            id: Id::generate(now),
            revision: 1,
            department: draft.department_id.map(|id| Reference::new(id, "")),
            responsible_person: draft.responsible_person_id.map(|id| Reference::new(id, "")),
            draft,
            state: RegisterState::InUse,
            reviews: Vec::new(),
            review_overdue: false,
            expired: false,
            retirement: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        requirement.derive(today);
        Ok(requirement)
    }

    /// Changes it.
    pub fn revise(&mut self, draft: LegalRequirementDraft, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(LegalRequirementAction::Revise)?;
        self.draft = draft.checked()?;
        self.derive(today);
        Ok(())
    }

    /// Records a review, and when the next one is.
    pub fn review(&mut self, draft: LegalReviewDraft, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(LegalRequirementAction::Review)?;
        let mut faults = Vec::new();
        if draft.reviewed_on > today {
            faults.push(Fault::new("/reviewed_on", Code::FutureDate));
        }
        if self.reviews.last().is_some_and(|before| draft.reviewed_on < before.draft.reviewed_on) {
            faults.push(Fault::new("/reviewed_on", Code::DateOrder));
        }
        if draft.next_review_on <= draft.reviewed_on {
            faults.push(Fault::new("/next_review_on", Code::DateOrder).with("other", "/reviewed_on"));
        }
        Refusal::unless_empty(faults)?;
        self.draft.next_review_on = draft.next_review_on;
        self.reviews.push(LegalReview { draft, recorded: by });
        self.derive(today);
        Ok(())
    }

    /// Takes it out of the register, with a date and a reason.
    pub fn retire(&mut self, retirement: Retirement, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(LegalRequirementAction::Retire)?;
        retirement.check(today)?;
        self.state = RegisterState::Retired;
        self.retirement = Some(retirement);
        self.derive(today);
        Ok(())
    }

    /// Derives what is due as of `today`.
    pub fn derive(&mut self, today: NaiveDate) {
        let in_use = self.state == RegisterState::InUse;
        self.review_overdue = in_use && self.draft.next_review_on < today;
        self.expired = in_use && self.draft.valid_until.is_some_and(|until| until < today);
    }

    /// What it makes everybody owe on its promulgation and on its coming into force, with the day of each; no day where it
    /// has none, is not taught, or has left the register (EDU-4).
    pub fn taught_on(&self) -> [(DutyCause, Option<NaiveDate>); 2] {
        let taught = self.state == RegisterState::InUse && self.draft.calls_for_education == Some(true);
        [
            (DutyCause::LawPromulgated, self.draft.promulgated_on.filter(|_| taught)),
            (DutyCause::LawInForce, self.draft.in_force_on.filter(|_| taught)),
        ]
    }

    /// The duty of everybody that it opens from `starts_on` on.
    pub fn owed(&self, cause: DutyCause, starts_on: NaiveDate, due_on: NaiveDate) -> Owed {
        Owed {
            theme: EducationTheme::LegalUnderstanding,
            cause,
            record_id: self.id.uuid(),
            person_id: None,
            starts_on,
            due_on,
            subject: self.draft.title.clone().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn draft(kind: LegalRequirementKind) -> LegalRequirementDraft {
        LegalRequirementDraft {
            kind,
            title: Title::new("個人情報の保護に関する法律").unwrap(),
            issuer: None,
            counterparty: None,
            reference: None,
            url: None,
            duty: Text::new("安全に管理する").unwrap(),
            department_id: Some(Id::generate(DateTime::UNIX_EPOCH)),
            responsible_person_id: None,
            promulgated_on: Some(day("2024-05-10")),
            in_force_on: Some(day("2025-04-01")),
            valid_until: None,
            calls_for_education: None,
            next_review_on: day("2025-03-31"),
            remarks: Note::default(),
        }
    }

    fn enter(draft: LegalRequirementDraft) -> Result<LegalRequirement, Refusal> {
        LegalRequirement::enter(draft, DateTime::UNIX_EPOCH, day("2024-05-10"))
    }

    #[test]
    fn edu_4_laws_and_regulations_are_taught_and_others_where_it_is_said() {
        use LegalRequirementKind::{Guideline, Law, Regulation, Standard};
        for (kind, taught) in [(Law, true), (Regulation, true), (Guideline, false), (Standard, false)] {
            let days = enter(draft(kind)).unwrap().taught_on().map(|(_, day)| day.is_some());
            assert_eq!(days, [taught; 2], "{kind}");
        }
        let mut told = enter(LegalRequirementDraft { calls_for_education: Some(true), ..draft(Guideline) }).unwrap();
        assert_eq!(told.taught_on()[0], (DutyCause::LawPromulgated, Some(day("2024-05-10"))));
        assert_eq!(told.taught_on()[1], (DutyCause::LawInForce, Some(day("2025-04-01"))));
        let gone = Retirement { retired_on: day("2024-05-10"), reason: Text::new("対象外").unwrap() };
        told.retire(gone, day("2024-05-10")).unwrap();
        assert!(told.taught_on().iter().all(|(_, day)| day.is_none()));
    }

    #[test]
    fn a_contract_has_a_counterparty_and_nobody_promulgates_it() {
        let faults = |draft| -> Vec<String> {
            enter(draft).unwrap_err().errors.iter().map(|fault| fault.pointer.clone()).collect()
        };
        let issuer = Some(Title::new("取引先").unwrap());
        let contract = LegalRequirementDraft {
            issuer,
            department_id: None,
            url: Some(Bounded::new("ftp://example.com").unwrap()),
            valid_until: Some(day("2025-03-31")),
            ..draft(LegalRequirementKind::Contract)
        };
        let expected = ["/counterparty", "/issuer", "/promulgated_on", "/url", "/department_id", "/valid_until"];
        assert_eq!(faults(contract), expected);
        let law = LegalRequirementDraft {
            counterparty: Some(Title::new("取引先").unwrap()),
            in_force_on: Some(day("2024-05-09")),
            ..draft(LegalRequirementKind::Law)
        };
        assert_eq!(faults(law), ["/counterparty", "/in_force_on"]);
    }

    #[test]
    fn a_review_says_when_the_next_one_is() {
        let mut law = enter(draft(LegalRequirementKind::Law)).unwrap();
        let at = DateTime::UNIX_EPOCH;
        let by = Signature {
            person_id: Id::generate(at),
            name: "上田".into(),
            posts: vec![],
            at,
            provisional: false,
            reason: None,
        };
        let today = day("2025-04-01");
        law.derive(today);
        assert!(law.review_overdue);
        let review = |on: &str, next: &str| LegalReviewDraft {
            reviewed_on: day(on),
            findings: Text::new("改正はない").unwrap(),
            next_review_on: day(next),
        };
        for (on, next) in [("2025-04-02", "2026-03-31"), ("2025-04-01", "2025-04-01")] {
            law.review(review(on, next), by.clone(), today).unwrap_err();
        }
        law.review(review("2025-04-01", "2026-03-31"), by.clone(), today).unwrap();
        assert_eq!((law.review_overdue, law.draft.next_review_on), (false, day("2026-03-31")));
        assert_eq!(law.review(review("2025-03-31", "2026-03-31"), by, today).unwrap_err().errors.len(), 1);
    }
}
