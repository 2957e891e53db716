//! Notices: what the service tells a person by e-mail. A notice is written in the transaction of what it tells, so that
//! nothing is told that did not happen, and sent afterwards, so that nothing waits for a mail server.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::Refusal,
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Text, Title},
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// Where the name of the person is put when a notice is sent.
pub const NAME: &str = "{name}";
/// Where the person's own link is put when a notice is sent: it is made then, and kept nowhere.
pub const LINK: &str = "{link}";

/// Something that a person is told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Notice {
    /// Its id.
    pub id: Id<Notice>,
    /// Rises with every change.
    pub revision: Revision,
    /// What is told, to whom.
    #[serde(flatten)]
    pub draft: NoticeDraft,
    /// About what.
    pub kind: NoticeKind,
    /// The person.
    pub person: Reference,
    /// The enrolment that the link is for; `null` where it only leads to the front end.
    #[schema(required)]
    pub education_enrolment_id: Option<Uuid>,
    /// Whether it was sent.
    pub state: NoticeState,
    /// How often sending it was tried.
    pub attempts: i32,
    /// Not before this moment it is sent, or sent again.
    pub next_attempt_at: DateTime<Utc>,
    /// Until when the process that is sending it has it for itself.
    #[serde(skip)]
    pub claimed_until: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    #[schema(required)]
    pub fault: Option<NoticeFault>,
    /// What the mail server answered then, as a number of its protocol, where it answered.
    #[schema(required)]
    pub reply_code: Option<i32>,
    /// When the mail server took it.
    #[schema(required)]
    pub sent_at: Option<DateTime<Utc>>,
    /// Who cancelled it, with the reason.
    #[schema(required)]
    pub cancelled: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<NoticeAction>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Notice {
    const RESOURCE: Resource = Resource::Notice;
}

impl Revised for Notice {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What somebody tells a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeDraft {
    /// Who is told.
    pub person_id: Id<Person>,
    /// The subject of the mail.
    pub subject: Title,
    /// The text of the mail. `{name}` stands for the name of the person, `{link}` for their link.
    pub text: Text,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NoticeKind {
    /// What somebody wrote for the occasion.
    Announcement,
    /// The invitation to an education (受講案内).
    EducationInvitation,
    /// That an education is still to be completed.
    EducationReminder,
}

impl Labelled for NoticeKind {
    const NAME: &'static str = "notice_kind";

    fn label(&self) -> Label {
        match self {
            Self::Announcement => label("お知らせ", "announcement"),
            Self::EducationInvitation => label("受講案内", "invitation to an education"),
            Self::EducationReminder => label("受講の督促", "reminder of an education"),
        }
    }
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NoticeState {
    /// Waiting to be sent; without a mail server it stays so, and the person reads it here.
    Pending,
    /// A mail server took it.
    Sent,
    /// Given up; `fault` says why.
    Failed,
    /// Not to be sent any more.
    Cancelled,
}

impl Labelled for NoticeState {
    const NAME: &'static str = "notice_state";

    fn label(&self) -> Label {
        match self {
            Self::Pending => label("送信待ち", "pending"),
            Self::Sent => label("送信済み", "sent"),
            Self::Failed => label("送信失敗", "failed"),
            Self::Cancelled => label("取消し", "cancelled"),
        }
    }
}

/// Why a notice could not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NoticeFault {
    /// No e-mail address is known of the person.
    NoAddress,
    /// The person no longer works here.
    HasLeft,
    /// The mail server does not take it, now or later.
    Refused,
    /// The mail server does not take it for the time being.
    Deferred,
    /// The mail server was not reached, or did not let the service in.
    Unreachable,
}

impl NoticeFault {
    /// Whether another attempt cannot help unless something is mended.
    pub fn is_final(self) -> bool {
        matches!(self, Self::NoAddress | Self::HasLeft | Self::Refused)
    }
}

impl Labelled for NoticeFault {
    const NAME: &'static str = "notice_fault";

    fn label(&self) -> Label {
        match self {
            Self::NoAddress => label("宛先なし", "no address"),
            Self::HasLeft => label("退職済み", "has left"),
            Self::Refused => label("受信拒否", "refused"),
            Self::Deferred => label("一時的な受信拒否", "deferred"),
            Self::Unreachable => label("メールサーバーに接続できない", "mail server unreachable"),
        }
    }
}

/// A step of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NoticeAction {
    /// Do not send it (`/cancellation`).
    Cancel,
    /// Send it as soon as possible, with all attempts anew (`/retry`).
    Retry,
}

impl Labelled for NoticeAction {
    const NAME: &'static str = "notice_action";

    fn label(&self) -> Label {
        match self {
            Self::Cancel => label("送信の取消し", "cancel"),
            Self::Retry => label("再送信", "retry"),
        }
    }
}

impl Stateful for Notice {
    type Action = NoticeAction;
    type State = NoticeState;

    const TRANSITIONS: &'static [Transition<NoticeAction, NoticeState>] = &[
        Transition {
            action: NoticeAction::Cancel,
            from: &[NoticeState::Pending, NoticeState::Failed],
            grant: (Resource::Notice, Verb::Execute),
        },
        Transition {
            action: NoticeAction::Retry,
            from: &[NoticeState::Pending, NoticeState::Failed, NoticeState::Cancelled],
            grant: (Resource::Notice, Verb::Execute),
        },
    ];

    fn state(&self) -> NoticeState {
        self.state
    }
}

/// Minutes from a failed attempt to the next one; after the last of them it is given up.
const DELAYS: [i64; 6] = [1, 5, 30, 120, 360, 1440];
/// How long a process has a notice for itself while it sends it: longer than a mail server may take. After that another
/// process takes it for lost and sends it again.
const CLAIM: TimeDelta = TimeDelta::minutes(10);

/// Whom a mail goes to, as known when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Their address.
    pub email: Option<String>,
    /// Their last day of work.
    pub left_on: Option<NaiveDate>,
}

impl Notice {
    /// A notice that is to be sent from `now` on.
    pub fn write(
        draft: NoticeDraft,
        kind: NoticeKind,
        education_enrolment_id: Option<Uuid>,
        person: Reference,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: Id::generate(now),
            revision: 1,
            draft,
            kind,
            person,
            education_enrolment_id,
            state: NoticeState::Pending,
            attempts: 0,
            next_attempt_at: now,
            claimed_until: None,
            fault: None,
            reply_code: None,
            sent_at: None,
            cancelled: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// What must be so that it can be sent: an address, and somebody who works here.
    pub fn address(recipient: Recipient, today: NaiveDate) -> Result<String, NoticeFault> {
        match recipient {
            Recipient { left_on: Some(left_on), .. } if left_on < today => Err(NoticeFault::HasLeft),
            Recipient { email, .. } => email.ok_or(NoticeFault::NoAddress),
        }
    }

    /// The text that is sent.
    pub fn text_for(&self, link: &str) -> String {
        self.draft.text.as_str().replace(NAME, &self.person.name).replace(LINK, link)
    }

    /// One process takes it to send it: this is an attempt, whatever becomes of it.
    pub fn claim(&mut self, now: DateTime<Utc>) {
        self.attempts += 1;
        self.claimed_until = Some(now + CLAIM);
    }

    /// The mail server took it.
    pub fn sent(&mut self, now: DateTime<Utc>) {
        self.claimed_until = None;
        self.state = NoticeState::Sent;
        self.sent_at = Some(now);
        (self.fault, self.reply_code) = (None, None);
    }

    /// The attempt failed: it is tried again after a while that grows, or given up.
    pub fn not_sent(&mut self, fault: NoticeFault, reply_code: Option<i32>, now: DateTime<Utc>) {
        self.claimed_until = None;
        (self.fault, self.reply_code) = (Some(fault), reply_code);
        let failed = usize::try_from(self.attempts - 1).unwrap_or_default();
        match DELAYS.get(failed) {
            Some(minutes) if !fault.is_final() => self.next_attempt_at = now + TimeDelta::minutes(*minutes),
            _ => self.state = NoticeState::Failed,
        }
    }

    /// It is not sent any more.
    pub fn cancel(&mut self, by: Signature, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.not_on_its_way(now)?;
        self.guard(NoticeAction::Cancel)?;
        self.state = NoticeState::Cancelled;
        self.cancelled = Some(by);
        Ok(())
    }

    /// It is sent as soon as possible, with all attempts anew.
    pub fn retry(&mut self, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.not_on_its_way(now)?;
        self.guard(NoticeAction::Retry)?;
        self.state = NoticeState::Pending;
        self.cancelled = None;
        self.attempts = 0;
        self.next_attempt_at = now;
        Ok(())
    }

    /// Refused while a process is sending it: nobody knows yet what becomes of it.
    fn not_on_its_way(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.claimed_until {
            Some(until) if until > now => Err(Refusal::wrong_state("on_its_way")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::refusal::Code;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn notice() -> Notice {
        let now = moment("2024-04-01T00:00:00Z");
        let draft = NoticeDraft {
            person_id: Id::generate(now),
            subject: Title::new("受講のご案内").unwrap(),
            text: Text::new("{name} 様\n{link} から受講してください。").unwrap(),
        };
        let person = Reference::new(draft.person_id, "高橋 花");
        Notice::write(draft, NoticeKind::EducationInvitation, None, person, now)
    }

    #[test]
    fn name_and_link_are_put_in_when_it_is_sent() {
        let text = notice().text_for("https://isms.example.com/");
        assert_eq!(text, "高橋 花 様\nhttps://isms.example.com/ から受講してください。");
    }

    #[test]
    fn attempts_grow_rarer_and_end() {
        let mut notice = notice();
        let mut now = notice.next_attempt_at;
        for minutes in DELAYS {
            notice.claim(now);
            notice.not_sent(NoticeFault::Unreachable, None, now);
            assert_eq!(
                (notice.state, notice.next_attempt_at - now),
                (NoticeState::Pending, TimeDelta::minutes(minutes))
            );
            now = notice.next_attempt_at;
        }
        notice.claim(now);
        notice.not_sent(NoticeFault::Deferred, Some(451), now);
        assert_eq!((notice.state, notice.attempts, notice.reply_code), (NoticeState::Failed, 7, Some(451)));
        notice.retry(now).unwrap();
        assert_eq!((notice.state, notice.attempts), (NoticeState::Pending, 0));
        notice.claim(now);
        notice.not_sent(NoticeFault::Refused, Some(550), now);
        assert_eq!(notice.state, NoticeState::Failed, "no second attempt helps");
    }

    #[test]
    fn what_is_on_its_way_is_neither_cancelled_nor_sent_twice() {
        let mut notice = notice();
        let now = notice.next_attempt_at;
        notice.claim(now);
        assert_eq!(notice.retry(now).unwrap_err().code, Code::WrongState);
        notice.sent(now);
        assert_eq!((notice.sent_at, notice.claimed_until), (Some(now), None));
        assert_eq!(notice.retry(now).unwrap_err().params["state"], "sent");
    }

    #[test]
    fn only_who_works_here_and_has_an_address_is_written_to() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let address = |email: Option<&str>, left_on| {
            Notice::address(Recipient { email: email.map(str::to_owned), left_on }, day("2024-04-01"))
        };
        assert_eq!(address(Some("a@example.com"), Some(day("2024-04-01"))), Ok("a@example.com".to_owned()));
        assert_eq!(address(Some("a@example.com"), Some(day("2024-03-31"))), Err(NoticeFault::HasLeft));
        assert_eq!(address(None, None), Err(NoticeFault::NoAddress));
    }
}
