//! Guests of an audit (amendments §1.4): an auditor from outside whom the plan names logs in for some days, sees exactly
//! that audit, and signs for themselves.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{Audit, row::ExternalAuditor};
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::Title,
        transition::{Stateful, Transition},
    },
    organization::person::{Email, Person},
};

/// Days that an invitation may last.
const MOST_DAYS: i64 = 92;

/// An auditor from outside as a guest.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditGuest {
    /// Its id.
    pub id: Id<AuditGuest>,
    /// Rises with every change.
    pub revision: Revision,
    /// The audit, and nothing else that they see.
    pub audit: Reference,
    /// Who they are in signatures: name and company.
    pub person: Reference,
    /// The e-mail address they log in with; gone once the invitation is over.
    #[schema(required)]
    pub email: Option<Email>,
    /// The first day on which they may log in.
    pub valid_from: NaiveDate,
    /// The last one.
    pub valid_until: NaiveDate,
    /// Who ended it early, and why; or who closed or cancelled the audit.
    #[schema(required)]
    pub ended: Option<Signature>,
    /// Whether they may log in.
    pub state: AuditGuestState,
    /// Steps open to the caller.
    pub allowed_actions: Vec<AuditGuestAction>,
    /// When they were invited.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for AuditGuest {
    const RESOURCE: Resource = Resource::AuditGuest;
}

impl Revised for AuditGuest {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// Whom the audit manager invites, and for which days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditGuestDraft {
    /// Their name, as it stands in the plan.
    pub name: Title,
    /// Their company, as it stands there.
    pub company: Title,
    /// The e-mail address they log in with.
    pub email: Email,
    /// The first day on which they may log in.
    pub valid_from: NaiveDate,
    /// The last one; at most 92 days, both counted.
    pub valid_until: NaiveDate,
}

/// Whether a guest may log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditGuestState {
    /// From a later day on.
    Upcoming,
    /// Today.
    Valid,
    /// The last day is over.
    Expired,
    /// It was taken back, or the audit is over.
    Ended,
}

impl Labelled for AuditGuestState {
    const NAME: &'static str = "audit_guest_state";

    fn label(&self) -> Label {
        match self {
            Self::Upcoming => label("開始前", "upcoming"),
            Self::Valid => label("有効", "valid"),
            Self::Expired => label("期限切れ", "expired"),
            Self::Ended => label("終了", "ended"),
        }
    }
}

/// A step of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditGuestAction {
    /// Make a link to set a password with (`/invitations`).
    Invite,
    /// Take it back (`/withdrawal`).
    Withdraw,
}

impl Labelled for AuditGuestAction {
    const NAME: &'static str = "audit_guest_action";

    fn label(&self) -> Label {
        match self {
            Self::Invite => label("招待", "invite"),
            Self::Withdraw => label("取下げ", "withdraw"),
        }
    }
}

use AuditGuestState as S;

impl Stateful for AuditGuest {
    type Action = AuditGuestAction;
    type State = AuditGuestState;

    const TRANSITIONS: &'static [Transition<AuditGuestAction, AuditGuestState>] = &[
        Transition {
            action: AuditGuestAction::Invite,
            from: &[S::Upcoming, S::Valid],
            grant: (Resource::AuditGuest, Verb::Update),
        },
        Transition {
            action: AuditGuestAction::Withdraw,
            from: &[S::Upcoming, S::Valid],
            grant: (Resource::AuditGuest, Verb::Update),
        },
    ];

    fn state(&self) -> AuditGuestState {
        self.state
    }
}

impl AuditGuestState {
    /// Where it stands on `day`.
    pub fn on(day: NaiveDate, days: &RangeInclusive<NaiveDate>, ended: bool) -> Self {
        match ended {
            true => Self::Ended,
            false if day < *days.start() => Self::Upcoming,
            false if days.contains(&day) => Self::Valid,
            false => Self::Expired,
        }
    }
}

impl AuditGuestDraft {
    /// The person who signs: an auditor from outside whom the approved plan of an audit names, before it is over.
    pub fn person(self, audit: &Audit, now: DateTime<Utc>, today: NaiveDate) -> Result<Person, Refusal> {
        if !audit.state.takes_guests() {
            return Err(Refusal::wrong_state(audit.state));
        }
        let mut faults = Vec::new();
        let planned = ExternalAuditor { name: self.name, company: self.company };
        if !audit.draft.externals().any(|external| *external == planned) {
            faults.push(Fault::new("/name", Code::UnknownReference));
        }
        if self.valid_until < self.valid_from {
            faults.push(Fault::new("/valid_until", Code::DateOrder).with("other", "/valid_from"));
        } else if self.valid_until < today || (self.valid_until - self.valid_from).num_days() >= MOST_DAYS {
            let last = self.valid_from.checked_add_days(chrono::Days::new(MOST_DAYS.unsigned_abs() - 1));
            let bounds = Fault::new("/valid_until", Code::OutOfRange).with("minimum", today.to_string());
            faults.push(bounds.with("maximum", last.map(|last| last.to_string())));
        }
        Refusal::unless_empty(faults)?;
        Ok(Person::guest(planned.signing(), self.email, self.valid_from..=self.valid_until, now, today))
    }
}

impl ExternalAuditor {
    /// The name that stands under what they sign: with their company.
    pub fn signing(&self) -> Title {
        let whole = format!("{}（{}）", self.name, self.company);
        Title::new(whole).unwrap_or_else(|_| self.name.clone())
    }
}

impl AuditGuest {
    /// Invites this person to the audit.
    pub fn invite(audit: &Audit, person: &Person, now: DateTime<Utc>) -> Self {
        Self {
            id: Id::generate(now),
            revision: 1,
            audit: Reference::new(audit.id, audit.draft.name.as_str()),
            person: Reference::new(person.id, person.draft.name.as_str()),
            email: person.draft.email.clone(),
            valid_from: person.draft.joined_on,
            valid_until: person.draft.left_on.unwrap_or(person.draft.joined_on),
            ended: None,
            state: AuditGuestState::Valid,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Takes it back: from the next request on every credential is refused.
    pub fn withdraw(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(AuditGuestAction::Withdraw)?;
        self.end(by);
        Ok(())
    }

    /// Ends it, with the audit or after its last day.
    pub fn end(&mut self, by: Signature) {
        self.ended = Some(by);
        self.email = None;
        self.state = AuditGuestState::Ended;
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            AuditState,
            tests::{by, started},
        },
        *,
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn draft(name: &str, from: &str, until: &str) -> AuditGuestDraft {
        AuditGuestDraft {
            name: Title::new(name).unwrap(),
            company: Title::new("監査法人").unwrap(),
            email: Email::try_from("honda@audit.example".to_owned()).unwrap(),
            valid_from: day(from),
            valid_until: day(until),
        }
    }

    #[test]
    fn only_whom_the_plan_names_is_invited_and_for_92_days_at_most() {
        let mut audit = started();
        let today = day("2024-04-01");
        let ask = |audit: &Audit, draft: AuditGuestDraft| draft.person(audit, DateTime::UNIX_EPOCH, today);
        let person = ask(&audit, draft("本田 操", "2024-04-01", "2024-07-01")).unwrap();
        assert_eq!(person.draft.name.as_str(), "本田 操（監査法人）");
        let told = |draft| ask(&audit, draft).unwrap_err().errors[0].clone();
        assert_eq!(told(draft("誰か", "2024-04-01", "2024-04-02")).code, Code::UnknownReference);
        assert_eq!(told(draft("本田 操", "2024-04-02", "2024-04-01")).code, Code::DateOrder);
        assert_eq!(told(draft("本田 操", "2024-04-01", "2024-07-02")).code, Code::OutOfRange);
        assert_eq!(told(draft("本田 操", "2024-03-01", "2024-03-31")).code, Code::OutOfRange);
        for state in [AuditState::Draft, AuditState::Closed, AuditState::Cancelled] {
            audit.state = state;
            assert_eq!(ask(&audit, draft("本田 操", "2024-04-01", "2024-04-02")).unwrap_err().code, Code::WrongState);
        }
    }

    #[test]
    fn an_invitation_holds_from_its_first_to_its_last_day_unless_it_is_taken_back() {
        let days = day("2024-04-01")..=day("2024-04-30");
        let on = |today, ended| AuditGuestState::on(day(today), &days, ended);
        assert_eq!(on("2024-03-31", false), AuditGuestState::Upcoming);
        assert_eq!(on("2024-04-30", false), AuditGuestState::Valid);
        assert_eq!(on("2024-05-01", false), AuditGuestState::Expired);
        assert_eq!(on("2024-04-10", true), AuditGuestState::Ended);
        let audit = started();
        let person =
            draft("本田 操", "2024-04-01", "2024-04-30").person(&audit, DateTime::UNIX_EPOCH, day("2024-04-01"));
        let mut guest = AuditGuest::invite(&audit, &person.unwrap(), DateTime::UNIX_EPOCH);
        guest.withdraw(by()).unwrap();
        assert_eq!((guest.state, guest.email.is_none()), (AuditGuestState::Ended, true));
        assert_eq!(guest.withdraw(by()).unwrap_err().code, Code::WrongState);
    }
}
