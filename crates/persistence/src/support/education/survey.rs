//! How answers to surveys are kept: without the learner, the time, or an order, and told by no event.

use diesel::prelude::*;
use mamori_domain::{
    kernel::id::Id,
    organization::organization::Organization,
    support::education::{
        campaign::EducationCampaign,
        enrolment::Enrolment,
        survey::{SurveyAnswers, SurveyResult},
    },
};
use uuid::Uuid;

use self::education_survey_answer as a;
use super::{campaign, enrolment};
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn},
        failure::Outcome,
        loaded::Loaded,
        tx::Tx,
    },
    on,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    education_survey_answer (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        campaign_id -> Key,
        answers -> Document,
    }
}

#[derive(Insertable)]
#[diesel(table_name = a, treat_none_as_default_value = false)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<SurveyAnswers>,
    campaign_id: KeyColumn<EducationCampaign>,
    answers: DocumentColumn<SurveyAnswers>,
}

/// A learner answers the survey of the campaign, once. The id is random: one made of the time would tell who it was.
pub fn answer(tx: &mut Tx<'_>, mut learner: Loaded<Enrolment>, answers: &SurveyAnswers) -> Outcome<Enrolment> {
    learner.answer_survey()?;
    let campaign = campaign::look_up(tx, learner.terms.campaign_id)?;
    answers.check(&campaign.draft.survey)?;
    let row = Row {
        organization_id: tx.organization(),
        id: KeyColumn(Id::from_uuid(Uuid::new_v4())),
        campaign_id: KeyColumn(campaign.id),
        answers: DocumentColumn(answers.clone()),
    };
    on!(tx, diesel::insert_into(a::table).values(&row).execute(tx))?;
    enrolment::store(tx, learner)
}

/// What the learners of a campaign said together.
pub fn result(tx: &mut Tx<'_>, campaign: &EducationCampaign) -> Outcome<SurveyResult> {
    let of_campaign =
        a::table.filter(a::organization_id.eq(tx.organization())).filter(a::campaign_id.eq(KeyColumn(campaign.id)));
    let answers: Vec<DocumentColumn<SurveyAnswers>> = on!(tx, of_campaign.select(a::answers).load(tx))?;
    let answers: Vec<SurveyAnswers> = answers.into_iter().map(|answers| answers.0).collect();
    Ok(SurveyResult::of(&campaign.draft.survey, &answers))
}
