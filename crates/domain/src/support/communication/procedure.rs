//! Communication procedures (D30; 7.4): on what, when, with whom, by whom and how the organization communicates.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Role},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        retirement::{RegisterAction, RegisterState, Retirement},
        revision::{Revised, Revision},
        text::{Note, TextFault, Title},
        transition::{Stateful, Transition},
    },
};

/// One row of the procedure.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommunicationProcedure {
    /// Its id.
    pub id: Id<CommunicationProcedure>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: CommunicationProcedureDraft,
    /// Within how many days it is done: those of the row or, for results of reviews, those of the organization.
    #[schema(required)]
    pub effective_days: Option<u8>,
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

impl Governed for CommunicationProcedure {
    const RESOURCE: Resource = Resource::Communication;
}

impl Revised for CommunicationProcedure {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommunicationProcedureDraft {
    /// On what: rows on the same subject are opened together.
    pub subject: CommunicationSubject,
    /// What is communicated.
    pub content: Title,
    /// When.
    pub timing: CommunicationTiming,
    /// Within how many days, with the timing `within_days`; left out for the results of reviews, which go by the
    /// organization's days.
    #[serde(default)]
    #[schema(required = false, minimum = 1, maximum = 90)]
    pub within_days: Option<u8>,
    /// With whom.
    pub audience: CommunicationAudience,
    /// Who communicates; `employee` stands for whoever notices it.
    #[schema(min_items = 1, max_items = 5)]
    pub communicators: Vec<Role>,
    /// How, inside of the organization.
    #[serde(default)]
    pub internal_method: Note,
    /// How, outside of it.
    #[serde(default)]
    pub external_method: Note,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// On what the organization communicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CommunicationSubject {
    /// The information security policy.
    Policy,
    /// What a review came to.
    ReviewResult,
    /// What a customer asks about security.
    SecuritySurvey,
    /// A security incident.
    Incident,
    /// Anything else.
    Other,
}

impl Labelled for CommunicationSubject {
    const NAME: &'static str = "communication_subject";

    fn label(&self) -> Label {
        match self {
            Self::Policy => label("情報セキュリティ方針", "information security policy"),
            Self::ReviewResult => label("見直しの結果", "result of a review"),
            Self::SecuritySurvey => label("セキュリティ調査", "security survey of a customer"),
            Self::Incident => label("セキュリティインシデント", "security incident"),
            Self::Other => label("その他", "other"),
        }
    }
}

/// When something is communicated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CommunicationTiming {
    /// Whenever there is a need.
    AsNeeded,
    /// Within a number of days.
    WithinDays,
    /// When somebody asked for it.
    OnRequestReceived,
    /// At once, when it is noticed.
    OnDetection,
    /// In good time, without a fixed deadline.
    Timely,
}

impl Labelled for CommunicationTiming {
    const NAME: &'static str = "communication_timing";

    fn label(&self) -> Label {
        match self {
            Self::AsNeeded => label("随時", "as needed"),
            Self::WithinDays => label("期日以内", "within days"),
            Self::OnRequestReceived => label("依頼を受けたとき", "on request"),
            Self::OnDetection => label("発見時", "on detection"),
            Self::Timely => label("適時", "in good time"),
        }
    }
}

/// With whom the organization communicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CommunicationAudience {
    /// Everybody concerned, inside and outside.
    InterestedParties,
    /// Everybody who works here.
    Workers,
    /// Customers.
    Customers,
    /// The secretariat.
    Secretariat,
    /// Top management.
    TopManagement,
    /// Authorities.
    Authorities,
    /// Suppliers.
    Suppliers,
    /// Others, as the method says.
    Others,
}

impl Labelled for CommunicationAudience {
    const NAME: &'static str = "communication_audience";

    fn label(&self) -> Label {
        match self {
            Self::InterestedParties => label("利害関係者", "interested parties"),
            Self::Workers => label("従業者", "workers"),
            Self::Customers => label("お客様", "customers"),
            Self::Secretariat => label("ISMS事務局", "ISMS secretariat"),
            Self::TopManagement => label("トップマネジメント", "top management"),
            Self::Authorities => label("関係当局", "authorities"),
            Self::Suppliers => label("供給者", "suppliers"),
            Self::Others => label("その他", "others"),
        }
    }
}

impl Stateful for CommunicationProcedure {
    type Action = RegisterAction;
    type State = RegisterState;

    const TRANSITIONS: &'static [Transition<RegisterAction, RegisterState>] =
        &RegisterAction::steps(Resource::Communication);

    fn state(&self) -> RegisterState {
        self.state
    }
}

impl CommunicationProcedureDraft {
    /// Days where the timing counts them, a communicator once, and a way to do it.
    fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        let of_reviews = self.subject == CommunicationSubject::ReviewResult;
        match (self.timing, self.within_days) {
            (CommunicationTiming::WithinDays, None) if !of_reviews => {
                faults.push(Fault::new("/within_days", Code::RequiredHere));
            }
            (CommunicationTiming::WithinDays, Some(_)) if of_reviews => {
                faults.push(Fault::new("/within_days", Code::Contradiction).with("other", "/subject"));
            }
            (CommunicationTiming::WithinDays, _) | (_, None) => {}
            (_, Some(_)) => faults.push(Fault::new("/within_days", Code::Contradiction).with("other", "/timing")),
        }
        let twice = |at: usize, role: &Role| self.communicators.iter().take(at).any(|earlier| earlier == role);
        let again = self.communicators.iter().enumerate().filter(|(at, role)| twice(*at, role));
        faults.extend(again.map(|(at, _)| Fault::new(format!("/communicators/{at}"), Code::Duplicate)));
        if [&self.internal_method, &self.external_method].iter().all(|method| method.as_str().trim().is_empty()) {
            faults.push(Fault::new("/internal_method", Code::RequiredHere));
        }
        Refusal::unless_empty(faults)
    }

    /// Within how many days it is done, where it has a deadline in days.
    pub fn days(&self, of_reviews: u8) -> Option<u8> {
        match self.timing {
            CommunicationTiming::WithinDays => Some(self.within_days.unwrap_or(of_reviews)),
            _ => None,
        }
    }
}

impl CommunicationProcedure {
    /// A new row.
    pub fn enter(draft: CommunicationProcedureDraft, number: i32, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            number,
            draft,
            effective_days: None,
            state: RegisterState::InUse,
            retirement: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes it; what was opened before stays as it was.
    pub fn revise(&mut self, draft: CommunicationProcedureDraft) -> Result<(), Refusal> {
        self.guard(RegisterAction::Revise)?;
        draft.check()?;
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

/// The rows that an organization begins with, in the order of D30 (COM-6).
pub fn shipped() -> Result<Vec<CommunicationProcedureDraft>, TextFault> {
    use CommunicationAudience as A;
    use CommunicationSubject as S;
    use CommunicationTiming as T;
    use Role::{Employee, IsmsSecretariat, TopManagement};
    const FLOW: &str = "インシデント対応の手順書に従う";
    let row = |subject, content, timing, audience, communicators: &[Role], internal, external| {
        Ok(CommunicationProcedureDraft {
            subject,
            content: Title::new(content)?,
            timing,
            within_days: None,
            audience,
            communicators: communicators.to_vec(),
            internal_method: Note::new(internal)?,
            external_method: Note::new(external)?,
            remarks: Note::default(),
        })
    };
    let incident = "インシデントの連絡";
    [
        row(
            S::Policy,
            "方針を知らせる",
            T::AsNeeded,
            A::InterestedParties,
            &[TopManagement, IsmsSecretariat],
            "定期教育で説明し、社内に掲示する",
            "ウェブサイトで公開する",
        ),
        row(
            S::ReviewResult,
            "見直しの結果を知らせる",
            T::WithinDays,
            A::Workers,
            &[IsmsSecretariat],
            "承認の後に事務局が通知する",
            "",
        ),
        row(
            S::SecuritySurvey,
            "お客様からの調査に答える",
            T::OnRequestReceived,
            A::Customers,
            &[IsmsSecretariat],
            "主管部門が回答を作り、事務局長が確かめる",
            "確かめた回答を提出する",
        ),
        row(S::Incident, incident, T::OnDetection, A::Secretariat, &[Employee], FLOW, ""),
        row(S::Incident, incident, T::Timely, A::TopManagement, &[IsmsSecretariat], FLOW, ""),
        row(S::Incident, incident, T::Timely, A::Authorities, &[IsmsSecretariat], "", FLOW),
    ]
    .into_iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn com_6_six_rows_ship_in_the_order_of_the_source() {
        let rows = shipped().unwrap();
        let timings: Vec<_> = rows.iter().map(|row| (row.subject, row.timing)).collect();
        use CommunicationSubject::{Incident, Policy, ReviewResult, SecuritySurvey};
        use CommunicationTiming::{AsNeeded, OnDetection, OnRequestReceived, Timely, WithinDays};
        let expected = [
            (Policy, AsNeeded),
            (ReviewResult, WithinDays),
            (SecuritySurvey, OnRequestReceived),
            (Incident, OnDetection),
            (Incident, Timely),
            (Incident, Timely),
        ];
        assert_eq!(timings, expected);
        assert!(rows.iter().all(|row| row.check().is_ok()));
        assert_eq!(rows.iter().map(|row| row.days(7)).collect::<Vec<_>>(), [None, Some(7), None, None, None, None]);
    }

    #[test]
    fn days_go_with_their_timing_and_those_of_reviews_with_the_organization() {
        let faults = |change: &dyn Fn(&mut CommunicationProcedureDraft)| {
            let mut row = shipped().unwrap().remove(1);
            change(&mut row);
            let faults = row.check().err().map(|refusal| refusal.errors).unwrap_or_default();
            faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect::<Vec<_>>()
        };
        let days = |code| vec![("/within_days".to_owned(), code)];
        assert_eq!(faults(&|row| row.within_days = Some(7)), days(Code::Contradiction), "one truth: R-21");
        assert_eq!(faults(&|row| row.subject = CommunicationSubject::Other), days(Code::RequiredHere));
        let timely = |row: &mut CommunicationProcedureDraft| {
            (row.timing, row.within_days) = (CommunicationTiming::Timely, Some(3));
        };
        assert_eq!(faults(&timely), days(Code::Contradiction));
        let silent = |row: &mut CommunicationProcedureDraft| {
            row.internal_method = Note::default();
            row.communicators.push(Role::IsmsSecretariat);
        };
        let expected = [("/communicators/1", Code::Duplicate), ("/internal_method", Code::RequiredHere)];
        assert_eq!(faults(&silent), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }
}
