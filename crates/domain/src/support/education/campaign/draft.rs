//! What the plan of a campaign says (D26).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        list::{once_each, some_once_each},
        refusal::{Code, Fault, Refusal},
        text::{Note, Text, Title},
    },
    support::education::{audience::Audience, survey::SurveyQuestion, test::Test, theme::EducationTheme},
};

/// What is written in the plan of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EducationCampaignDraft {
    /// Its name.
    pub name: Title,
    /// The fiscal year that it belongs to.
    #[schema(minimum = 1900, maximum = 2998)]
    pub fiscal_year: i32,
    /// The themes that it covers (D06d).
    #[schema(min_items = 1, max_items = 5)]
    pub themes: Vec<EducationTheme>,
    /// What it is for.
    pub purpose: Text,
    /// Whom it is for.
    #[serde(default)]
    #[schema(default = json!({ "kind": "all_workers" }))]
    pub audience: Audience,
    /// How it is held.
    #[schema(min_items = 1, max_items = 4)]
    pub delivery_methods: Vec<DeliveryMethod>,
    /// How it goes on.
    #[serde(default)]
    pub method_text: Note,
    /// What is taught.
    #[schema(min_items = 1, max_items = 100)]
    pub contents: Vec<Title>,
    /// Its first day.
    pub period_start: NaiveDate,
    /// Its last day.
    pub period_end: NaiveDate,
    /// The textbook that is used.
    #[serde(default)]
    pub textbook: Note,
    /// How its effectiveness is evaluated.
    #[serde(default)]
    pub effectiveness_text: Note,
    /// The test that completes it; needs to be published when the campaign is opened. Without one the learners confirm that
    /// they read the materials, or the training manager records who took part.
    #[serde(default)]
    #[schema(required = false)]
    pub test_id: Option<Id<Test>>,
    /// Whether the test is taken again until it is passed.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub retake_until_pass: bool,
    /// What the learners are asked afterwards; without questions there is no survey.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub survey: Vec<SurveyQuestion>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

fn yes() -> bool {
    true
}

/// How education is held.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DeliveryMethod {
    /// eラーニング
    ELearning,
    /// 集合研修
    GroupTraining,
    /// OJT
    Ojt,
    /// 資格試験
    QualificationExam,
}

impl Labelled for DeliveryMethod {
    const NAME: &'static str = "delivery_method";

    fn label(&self) -> Label {
        match self {
            Self::ELearning => label("eラーニング", "e-learning"),
            Self::GroupTraining => label("集合研修", "group training"),
            Self::Ojt => label("OJT", "on-the-job training"),
            Self::QualificationExam => label("資格試験", "qualification exam"),
        }
    }
}

impl EducationCampaignDraft {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let mut faults = some_once_each(&self.themes, 5, "/themes");
        faults.extend(some_once_each(&self.delivery_methods, 4, "/delivery_methods"));
        faults.extend(some_once_each(&self.contents, 100, "/contents"));
        faults.extend(once_each(self.survey.iter().map(|question| &question.text), 50, "/survey"));
        if !(1900..=2998).contains(&self.fiscal_year) {
            faults.push(Fault::new("/fiscal_year", Code::OutOfRange));
        }
        if self.period_end < self.period_start {
            faults.push(Fault::new("/period_end", Code::DateOrder).with("other", "period_start"));
        }
        for (at, question) in self.survey.iter().enumerate() {
            faults.extend(question.faults(&format!("/survey/{at}")));
        }
        Refusal::unless_empty(faults)?;
        self.audience.check("/audience")
    }
}
