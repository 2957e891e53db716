//! The course of a campaign, over all its enrolments: opened to whom its audience is resolved to, joined by who comes later,
//! extended, closed (§5.5, R-28).

use chrono::NaiveDate;
use mamori_domain::{
    kernel::{
        id::Id,
        refusal::{Code, Refusal},
        transition::Stateful,
    },
    organization::person::Person,
    support::education::{
        audience::{Audience, Worker},
        campaign::{CampaignAction, CampaignExtensionDraft, EducationCampaign},
        enrolment::{CampaignTerms, CompletionBasis, Enrolment, EnrolmentDraft, ExclusionGround},
        test::Test,
    },
};

use super::{audience, campaign, enrolment};
use crate::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    organization::organization as organizations,
};

/// Opens a campaign to its learners. Its test is published by then; who wrote or published it is exempt (amendments §1.4).
pub fn open(tx: &mut Tx<'_>, mut campaign: Loaded<EducationCampaign>) -> Outcome<EducationCampaign> {
    campaign.guard(CampaignAction::Open)?;
    let test = campaign::published_test(tx, &campaign)?;
    let workers = resolve(tx, &campaign)?;
    campaign.open(workers.len(), tx.signature(None)?, tx.today())?;
    let opened = campaign::store(tx, campaign)?;
    let enrol = Enrolling::of(tx, &opened, test.as_ref())?;
    for worker in &workers {
        enrol.add(tx, worker)?;
    }
    campaign::find(tx, opened.id)
}

fn resolve(tx: &mut Tx<'_>, campaign: &EducationCampaign) -> Outcome<Vec<Worker>> {
    let plan = &campaign.draft;
    audience::resolve(tx, &plan.audience, plan.period_start, plan.period_end)
}

/// What every enrolment in one campaign begins with.
struct Enrolling {
    terms: CampaignTerms,
    exempt: Vec<Id<Person>>,
    joiner_days: u16,
    today: NaiveDate,
}

impl Enrolling {
    fn of(tx: &mut Tx<'_>, campaign: &EducationCampaign, test: Option<&Test>) -> Outcome<Self> {
        Ok(Self {
            terms: CampaignTerms::of(campaign.id, campaign.state, &campaign.draft),
            exempt: test.map(|test| test.exempt().collect()).unwrap_or_default(),
            joiner_days: organizations::find(tx)?.draft.intervals.joiner_education_days,
            today: tx.today(),
        })
    }

    fn add(&self, tx: &mut Tx<'_>, worker: &Worker) -> Outcome<Enrolment> {
        let mut new = Enrolment::enrol(worker, &self.terms, self.joiner_days, tx.now());
        if self.exempt.contains(&worker.person_id) {
            new.pass(CompletionBasis::Authorship, self.today)?;
        } else if worker.joined_on <= self.today {
            new.invited_at = Some(tx.now());
        }
        enrolment::add(tx, &new)
    }
}

/// Somebody was entered, or their days were changed: whoever works here within the period of an open campaign that is for
/// them takes part in it.
pub fn follow(tx: &mut Tx<'_>, person: Id<Person>) -> Outcome<()> {
    for campaign in campaign::open_ones(tx)? {
        let workers = resolve(tx, &campaign)?;
        join(tx, &campaign, workers.into_iter().filter(|worker| worker.person_id == person))?;
    }
    Ok(())
}

/// Enrols those who are not enrolled yet.
fn join(
    tx: &mut Tx<'_>,
    campaign: &EducationCampaign,
    workers: impl Iterator<Item = Worker>,
) -> Outcome<Vec<Enrolment>> {
    let enrolled = enrolment::of_campaign(tx, campaign.id)?;
    let test = campaign::test_of(tx, campaign)?;
    let enrol = Enrolling::of(tx, campaign, test.as_ref())?;
    let is_new = |worker: &Worker| enrolled.iter().all(|one| one.draft.person_id != worker.person_id);
    workers.filter(is_new).map(|worker| enrol.add(tx, &worker)).collect()
}

/// Enrols somebody whom the audience did not have: who moved here, or was forgotten. They work here within the period.
pub fn enrol(tx: &mut Tx<'_>, campaign: &EducationCampaign, draft: &EnrolmentDraft) -> Outcome<Enrolment> {
    campaign.guard(CampaignAction::Enrol)?;
    let named = Audience::Persons { person_ids: vec![draft.person_id] };
    let workers = audience::resolve(tx, &named, campaign.draft.period_start, campaign.draft.period_end)?;
    if workers.is_empty() {
        return Err(Refusal::field("/person_id", Code::UnknownReference).by("R-28").into());
    }
    let joined = join(tx, campaign, workers.into_iter())?.pop();
    joined.ok_or_else(|| Refusal::new(Code::AlreadyExists).with("field", "/person_id").into())
}

/// Gives a campaign more time, and its learners with it.
pub fn extend(
    tx: &mut Tx<'_>,
    mut campaign: Loaded<EducationCampaign>,
    draft: CampaignExtensionDraft,
) -> Outcome<EducationCampaign> {
    let reason = draft.reason.as_str().to_owned();
    campaign.extend(draft, tx.signature(Some(reason))?, tx.today())?;
    let extended = campaign::store(tx, campaign)?;
    for one in enrolment::of_campaign(tx, extended.id)?.into_iter().filter(Enrolment::is_waiting) {
        let mut one = Loaded::new(one);
        one.extend(extended.draft.period_end);
        if one.due_on != one.original.due_on {
            enrolment::store(tx, one)?;
        }
    }
    Ok(extended)
}

/// Closes a campaign: who joined unnoticed is enrolled, and every enrolment says where it stands for good.
pub fn close(tx: &mut Tx<'_>, mut campaign: Loaded<EducationCampaign>) -> Outcome<EducationCampaign> {
    campaign.guard(CampaignAction::Close)?;
    let workers = resolve(tx, &campaign)?;
    join(tx, &campaign, workers.into_iter())?;
    let today = tx.today();
    for one in enrolment::of_campaign(tx, campaign.id)? {
        let mut one = Loaded::new(one);
        let left = one.exclusion.as_ref().is_some_and(|why| why.ground == ExclusionGround::Left);
        if one.is_waiting() || left {
            one.close(today);
            enrolment::store(tx, one)?;
        }
    }
    campaign.close(tx.signature(None)?)?;
    campaign::store(tx, campaign)
}

/// Reminds all who have not completed an open campaign, and invites who joined since. Says how many.
pub fn remind(tx: &mut Tx<'_>, campaign: &EducationCampaign) -> Outcome<usize> {
    campaign.guard(CampaignAction::Remind)?;
    let now = tx.now();
    let mut reminded = 0;
    for one in enrolment::of_campaign(tx, campaign.id)?.into_iter().filter(Enrolment::is_waiting) {
        let mut one = Loaded::new(one);
        match one.invited_at {
            None => one.invited_at = Some(now),
            Some(_) => one.reminded_at = Some(now),
        }
        enrolment::store(tx, one)?;
        reminded += 1;
    }
    Ok(reminded)
}
