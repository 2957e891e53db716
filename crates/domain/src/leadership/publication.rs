//! How an edition of the policy was made known, and what of 5.2 that and its text confirm.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoEnumIterator};
use utoipa::ToSchema;

use super::policy::{Policy, is_blank};
use crate::kernel::{
    id::Id,
    label::{Label, Labelled, label},
    refusal::{Code, Fault, Refusal},
    review::InternalCommunication,
    sign_off::Signature,
    text::{Bounded, Note, is_web_address},
};

/// One time that an edition was made known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Publication {
    /// What was done.
    #[serde(flatten)]
    pub draft: PublicationDraft,
    /// Who recorded it.
    pub recorded: Signature,
}

/// What was done to make an edition known: inside, outside, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicationDraft {
    /// The people who work here were told.
    #[serde(default)]
    #[schema(required = false)]
    pub internal: Option<InternalCommunication>,
    /// Interested parties can get it.
    #[serde(default)]
    #[schema(required = false)]
    pub external: Option<ExternalAvailability>,
}

/// How interested parties can get it. What is not at hand yet may be left out; it is then not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalAvailability {
    /// Since when.
    pub available_on: NaiveDate,
    /// By what means.
    pub means: AvailabilityMeans,
    /// Its address on the web, `https://…` or `http://…`; a website is not confirmed without.
    #[serde(default)]
    #[schema(required = false)]
    pub url: Option<Bounded<1, 2_000>>,
    /// What shows that it is so: a screenshot, a photo, a list of recipients.
    #[serde(default)]
    pub evidence: Note,
}

/// By what means interested parties can get the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AvailabilityMeans {
    /// On the company's website.
    Website,
    /// Whoever asks gets it.
    OnRequest,
    /// It hangs where visitors see it.
    Posted,
    /// It is given to customers and suppliers.
    HandedOver,
}

impl Labelled for AvailabilityMeans {
    const NAME: &'static str = "availability_means";

    fn label(&self) -> Label {
        match self {
            Self::Website => label("ウェブサイトに掲載", "website"),
            Self::OnRequest => label("求めに応じて提供", "on request"),
            Self::Posted => label("掲示", "posted"),
            Self::HandedOver => label("手渡し・送付", "handed over"),
        }
    }
}

impl PublicationDraft {
    /// One of the two, done today or before.
    pub(super) fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.internal.is_none() && self.external.is_none() {
            faults.extend(["/internal", "/external"].map(|at| Fault::new(at, Code::RequiredHere)));
        }
        if self.internal.as_ref().is_some_and(|internal| internal.communicated_on > today) {
            faults.push(Fault::new("/internal/communicated_on", Code::FutureDate));
        }
        if let Some(external) = &self.external {
            if external.available_on > today {
                faults.push(Fault::new("/external/available_on", Code::FutureDate));
            }
            if external.url.as_ref().is_some_and(|url| !is_web_address(url.as_str())) {
                faults.push(Fault::new("/external/url", Code::InvalidFormat));
            }
        }
        Refusal::unless_empty(faults)
    }

    /// The first day on which somebody could know it.
    pub(super) fn first_day(&self) -> Option<NaiveDate> {
        let inside = self.internal.as_ref().map(|internal| internal.communicated_on);
        let outside = self.external.as_ref().map(|external| external.available_on);
        inside.into_iter().chain(outside).min()
    }
}

/// What 5.2 asks of the policy, from a to g.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PolicyRequirement {
    /// a
    Purpose,
    /// b
    Objectives,
    /// c
    Requirements,
    /// d
    Improvement,
    /// e
    Documented,
    /// f
    Communicated,
    /// g
    Available,
}

impl Labelled for PolicyRequirement {
    const NAME: &'static str = "policy_requirement";

    fn label(&self) -> Label {
        match self {
            Self::Purpose => label("a) 会社の目的に合う", "a) fits what the company is for"),
            Self::Objectives => label("b) 目標がある", "b) has objectives"),
            Self::Requirements => label("c) 求められることを守る約束", "c) commits to what is required"),
            Self::Improvement => label("d) 改善を続ける約束", "d) commits to improving"),
            Self::Documented => label("e) 承認された文書がある", "e) there is an approved document"),
            Self::Communicated => label("f) 社内に伝えた", "f) the people here were told"),
            Self::Available => label("g) 利害関係者が入手できる", "g) interested parties can get it"),
        }
    }
}

/// What of 5.2 an edition confirms.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PolicyChecklist {
    /// The edition.
    pub policy_id: Id<Policy>,
    /// Its number.
    pub version: i32,
    /// Whether all of it is confirmed.
    pub confirmed: bool,
    /// a to g.
    pub items: Vec<PolicyCheck>,
}

/// One line of the checklist.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PolicyCheck {
    /// What is asked.
    pub requirement: PolicyRequirement,
    /// What to show for it.
    pub label: Label,
    /// Whether the facts confirm it.
    pub confirmed: bool,
    /// JSON pointers to what is missing in the edition; `/publications` where nothing of the kind is recorded.
    pub missing: Vec<String>,
}

impl Policy {
    /// What of 5.2 the facts confirm. `told`: communications or acknowledgements show that the edition is known here.
    pub fn checklist(&self, told: bool) -> PolicyChecklist {
        let check = |requirement: PolicyRequirement| {
            let missing = self.missing(requirement, told);
            PolicyCheck { requirement, label: requirement.label(), confirmed: missing.is_empty(), missing }
        };
        let items: Vec<PolicyCheck> = PolicyRequirement::iter().map(check).collect();
        PolicyChecklist {
            policy_id: self.id,
            version: self.version.number,
            confirmed: items.iter().all(|item| item.confirmed),
            items,
        }
    }

    fn missing(&self, requirement: PolicyRequirement, told: bool) -> Vec<String> {
        let draft = &self.draft;
        let lacking = |parts: &[(&str, bool)]| {
            parts.iter().filter(|(_, lacks)| *lacks).map(|(pointer, _)| (*pointer).to_owned()).collect()
        };
        match requirement {
            PolicyRequirement::Purpose => lacking(&[
                ("/service_name", draft.service_name.is_none()),
                ("/purpose_section", is_blank(&draft.purpose_section)),
            ]),
            PolicyRequirement::Objectives => lacking(&[("/objectives", draft.objectives.is_empty())]),
            PolicyRequirement::Requirements => lacking(&[
                ("/business_context_section", is_blank(&draft.business_context_section)),
                ("/commits_to_requirements", !draft.commits_to_requirements),
            ]),
            PolicyRequirement::Improvement => {
                lacking(&[("/improvement_section", is_blank(&draft.improvement_section))])
            }
            PolicyRequirement::Documented => {
                lacking(&[("/sign_off/approved", self.version.sign_off.approved.is_none())])
            }
            PolicyRequirement::Communicated => {
                let published = self.publications.iter().any(|publication| publication.draft.internal.is_some());
                lacking(&[("/publications", !published && !told)])
            }
            PolicyRequirement::Available => self.missing_outside(),
        }
    }

    /// What keeps g) from being confirmed: nothing where one means is complete.
    fn missing_outside(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for (at, publication) in self.publications.iter().enumerate() {
            let Some(external) = &publication.draft.external else { continue };
            let no_url = external.means == AvailabilityMeans::Website && external.url.is_none();
            let no_evidence = is_blank(&external.evidence);
            if !no_url && !no_evidence {
                return Vec::new();
            }
            let parts = [("url", no_url), ("evidence", no_evidence)].into_iter().filter(|(_, lacks)| *lacks);
            missing.extend(parts.map(|(part, _)| format!("/publications/{at}/external/{part}")));
        }
        if missing.is_empty() { vec!["/publications".to_owned()] } else { missing }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::kernel::text::Title;
    use crate::{
        access::Role,
        kernel::text::Text,
        leadership::policy::{KnownObjectives, PolicyDraft, PolicyObjective},
    };

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 4, day).unwrap()
    }

    fn by() -> Signature {
        let at = DateTime::UNIX_EPOCH;
        let posts = vec![Role::DocumentController];
        Signature { person_id: Id::generate(at), name: "清水".into(), posts, at, provisional: false, reason: None }
    }

    fn in_force() -> Policy {
        let note = |text: &str| Note::new(text).unwrap();
        let title = |text: &str| Title::new(text).unwrap();
        let draft = PolicyDraft {
            company_name: title("守屋商事"),
            signatory_title: Some(title("社長")),
            signatory_name: Some(title("青木")),
            service_name: Some(title("卸売")),
            purpose_section: note("目的"),
            objectives: vec![PolicyObjective { number: None, text: Text::new("事故を防ぐ").unwrap() }],
            business_context_section: note("特徴"),
            commits_to_requirements: true,
            improvement_section: note("改善"),
            issued_on: Some(day(1)),
        };
        let mut policy = Policy::draft(draft, 1, &KnownObjectives::default(), by(), DateTime::UNIX_EPOCH).unwrap();
        policy.submit(by()).unwrap();
        policy.version.approve(by(), true, DateTime::UNIX_EPOCH).unwrap();
        policy
    }

    fn inside() -> PublicationDraft {
        let internal = InternalCommunication { communicated_on: day(2), means: Title::new("朝礼").unwrap() };
        PublicationDraft { internal: Some(internal), external: None }
    }

    fn outside(means: AvailabilityMeans, url: Option<&str>, evidence: &str) -> PublicationDraft {
        let external = ExternalAvailability {
            available_on: day(3),
            means,
            url: url.map(|url| Bounded::new(url).unwrap()),
            evidence: Note::new(evidence).unwrap(),
        };
        PublicationDraft { internal: None, external: Some(external) }
    }

    fn unconfirmed(policy: &Policy) -> Vec<PolicyRequirement> {
        let items = policy.checklist(false).items;
        items.into_iter().filter(|item| !item.confirmed).map(|item| item.requirement).collect()
    }

    #[test]
    fn pol_2_what_is_only_told_inside_is_not_available_outside() {
        let mut policy = in_force();
        policy.publish(inside(), by(), day(10)).unwrap();
        assert_eq!(unconfirmed(&policy), [PolicyRequirement::Available]);
        assert_eq!(policy.missing(PolicyRequirement::Available, false), ["/publications"]);
        assert!(!policy.checklist(false).confirmed);
    }

    #[test]
    fn r_23_a_website_needs_its_address_and_every_means_evidence() {
        use AvailabilityMeans::{HandedOver, OnRequest, Posted, Website};
        let missing = |drafts: Vec<PublicationDraft>| {
            let mut policy = in_force();
            drafts.into_iter().for_each(|draft| policy.publish(draft, by(), day(10)).unwrap());
            policy.missing(PolicyRequirement::Available, false)
        };
        let url = Some("https://www.moriya.example/security");
        assert_eq!(missing(vec![outside(Website, None, "画面")]), ["/publications/0/external/url"]);
        assert_eq!(missing(vec![inside(), outside(Website, url, "")]), ["/publications/1/external/evidence"]);
        assert!(missing(vec![outside(Website, None, ""), outside(Website, url, "画面")]).is_empty());
        for means in [OnRequest, Posted, HandedOver] {
            assert!(missing(vec![outside(means, None, "写真")]).is_empty(), "{means}");
            assert_eq!(missing(vec![outside(means, url, " ")]), ["/publications/0/external/evidence"], "{means}");
        }
    }

    #[test]
    fn r_23_a_to_f_follow_from_the_text_the_approval_and_who_was_told() {
        use PolicyRequirement as R;
        let mut policy = in_force();
        policy.publish(inside(), by(), day(10)).unwrap();
        policy.draft.commits_to_requirements = false;
        policy.draft.objectives.clear();
        policy.draft.purpose_section = Note::default();
        policy.draft.improvement_section = Note::default();
        let not = [R::Purpose, R::Objectives, R::Requirements, R::Improvement, R::Available];
        assert_eq!(unconfirmed(&policy), not);
        policy.version.sign_off.approved = None;
        policy.publications.clear();
        assert_eq!(unconfirmed(&policy).len(), 7);
    }

    #[test]
    fn a_publication_lies_in_the_past_and_says_something() {
        let mut policy = in_force();
        let nothing = PublicationDraft { internal: None, external: None };
        assert_eq!(policy.publish(nothing, by(), day(10)).unwrap_err().errors.len(), 2);
        assert_eq!(policy.publish(inside(), by(), day(1)).unwrap_err().errors[0].code, Code::FutureDate);
        for url in ["www.moriya.example", "javascript:alert(1)", "https://", "https:///x", "https://a b"] {
            let refused = policy.publish(outside(AvailabilityMeans::Website, Some(url), "画面"), by(), day(10));
            assert_eq!(refused.unwrap_err().errors[0].pointer, "/external/url", "{url}");
        }
        assert_eq!(policy.published_on, None);
        policy.publish(outside(AvailabilityMeans::Posted, None, "写真"), by(), day(10)).unwrap();
        policy.publish(inside(), by(), day(10)).unwrap();
        assert_eq!((policy.publications.len(), policy.published_on), (2, Some(day(2))));
    }
}
