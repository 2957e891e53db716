//! How effective education was, out of the enrolments and of what training records keep.

use std::collections::HashMap;

use chrono::NaiveDate;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{id::Id, page::PageRequest},
    support::education::{
        campaign::{CampaignState, EducationCampaign, LearnerRow},
        effectiveness::{EducationEffectiveness, EducationRate, Taught},
    },
};

use super::{
    campaign::{self, Filter},
    enrolment,
};
use crate::kernel::{
    failure::Outcome,
    tx::{Tx, Within, require_within},
};

/// Of one campaign, within the caller's reach: everybody's, or their departments'.
pub fn of_campaign(tx: &mut Tx<'_>, id: Id<EducationCampaign>) -> Outcome<EducationEffectiveness> {
    let within = reach(tx)?;
    let campaign = campaign::find(tx, id)?;
    of(tx, vec![campaign], &within)
}

/// Of all campaigns of a fiscal year that were opened, within the caller's reach.
pub fn of_year(tx: &mut Tx<'_>, fiscal_year: i32) -> Outcome<EducationEffectiveness> {
    let within = reach(tx)?;
    let filter = Filter { fiscal_year: Some(fiscal_year), ..Filter::default() };
    let campaigns = opened(tx, &filter)?;
    of(tx, campaigns, &within)
}

/// What an objective on education is measured by (D22): how many of who counts completed the campaigns whose periods end in
/// this time. Refused where nobody counts.
pub fn measured(tx: &mut Tx<'_>, from: NaiveDate, until: NaiveDate) -> Outcome<EducationRate> {
    let filter = Filter { ends_between: Some((from, until)), ..Filter::default() };
    let campaigns = opened(tx, &filter)?;
    let effectiveness = of(tx, campaigns, &Within::everything())?;
    Ok(effectiveness.figures.measured()?.clone())
}

fn reach(tx: &mut Tx<'_>) -> Outcome<Within> {
    let within = tx.within(Resource::TrainingRecord, Verb::Read)?;
    require_within(within.all || !within.departments.is_empty())?;
    Ok(within)
}

fn opened(tx: &mut Tx<'_>, filter: &Filter) -> Outcome<Vec<EducationCampaign>> {
    let mut campaigns = campaign::list(tx, filter, &PageRequest::whole())?.items;
    campaigns.retain(|one| matches!(one.state, CampaignState::Open | CampaignState::Closed | CampaignState::Recorded));
    Ok(campaigns)
}

fn of(tx: &mut Tx<'_>, campaigns: Vec<EducationCampaign>, within: &Within) -> Outcome<EducationEffectiveness> {
    let ids: Vec<_> = campaigns.iter().map(|one| one.id).collect();
    let mut rows: HashMap<Id<EducationCampaign>, Vec<LearnerRow>> = HashMap::new();
    for enrolment in enrolment::of_campaigns(tx, ids.clone(), within)? {
        rows.entry(enrolment.terms.campaign_id).or_default().push(enrolment.into_row(0));
    }
    for (id, kept) in campaign::kept_by(tx, &ids)? {
        rows.insert(id, campaign::within_reach(kept, within));
    }
    let taught: Vec<Taught> = campaigns
        .into_iter()
        .map(|one| {
            let rows = rows.remove(&one.id).unwrap_or_default();
            Taught::of(&one, rows)
        })
        .collect();
    Ok(EducationEffectiveness::of(&taught, within.all, tx.today()))
}
