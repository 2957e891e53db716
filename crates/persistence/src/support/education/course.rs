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
        duty::Owed,
        enrolment::{CampaignTerms, CompletionBasis, Enrolment, EnrolmentDraft, ExclusionGround},
        test::Test,
    },
};

use super::{audience, campaign, duty, enrolment};
use crate::{
    integration::notice,
    kernel::{
        failure::{Failure, Outcome},
        loaded::Loaded,
        tx::Tx,
    },
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
        enrol.add(tx, &opened, worker)?;
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

    fn place(&self, tx: &Tx<'_>, worker: &Worker) -> Outcome<Enrolment> {
        let mut new = Enrolment::enrol(worker, &self.terms, self.joiner_days, tx.now(), self.today);
        if self.exempt.contains(&worker.person_id) {
            new.pass(CompletionBasis::Authorship, self.today)?;
        }
        Ok(new)
    }

    /// Enrols somebody, and invites them where they work here already.
    fn add(&self, tx: &mut Tx<'_>, campaign: &EducationCampaign, worker: &Worker) -> Outcome<Enrolment> {
        let mut new = self.place(tx, worker)?;
        if new.is_waiting() && new.at_work {
            write_to(tx, campaign, &new)?;
            new.invited_at = Some(tx.now());
        }
        let added = enrolment::add(tx, &new)?;
        enrolment::settle(tx, &added)?;
        Ok(added)
    }
}

/// Writes to a learner: the invitation, or the reminder of it.
fn write_to(tx: &mut Tx<'_>, campaign: &EducationCampaign, learner: &Enrolment) -> Outcome<()> {
    let letter = campaign.letter_to(learner);
    let (kind, draft) = letter.map_err(|fault| Failure::Corrupt(format!("a letter to a learner: {fault}")))?;
    notice::post(tx, kind, draft, Some(learner.id.uuid()))?;
    Ok(())
}

/// Somebody was entered, or their days were changed: whoever works here within the period of an open campaign that is for
/// them takes part in it.
pub fn follow(tx: &mut Tx<'_>, person: Id<Person>) -> Outcome<()> {
    for campaign in campaign::open_ones(tx)? {
        let mut covered = resolve(tx, &campaign)?;
        covered.retain(|worker| worker.person_id == person);
        if covered.is_empty() {
            continue;
        }
        let (workers, enrol) = newcomers(tx, &campaign, covered)?;
        for worker in &workers {
            enrol.add(tx, &campaign, worker)?;
        }
    }
    Ok(())
}

/// Those of the workers who are not enrolled yet, and what their enrolments begin with.
fn newcomers(
    tx: &mut Tx<'_>,
    campaign: &EducationCampaign,
    mut workers: Vec<Worker>,
) -> Outcome<(Vec<Worker>, Enrolling)> {
    let enrolled = enrolment::of_campaign(tx, campaign.id)?;
    workers.retain(|worker| enrolled.iter().all(|one| one.draft.person_id != worker.person_id));
    let test = campaign::test_of(tx, campaign)?;
    let enrol = Enrolling::of(tx, campaign, test.as_ref())?;
    Ok((workers, enrol))
}

/// Enrols somebody whom the audience did not have: who moved here, or was forgotten. They work here within the period.
pub fn enrol(tx: &mut Tx<'_>, campaign: &EducationCampaign, draft: &EnrolmentDraft) -> Outcome<Enrolment> {
    campaign.guard(CampaignAction::Enrol)?;
    let person = Audience::Persons { person_ids: vec![draft.person_id] };
    let (from, until) = (campaign.draft.period_start, campaign.draft.period_end);
    let named = audience::resolve(tx, &person, from, until)?;
    if named.is_empty() {
        return Err(Refusal::field("/person_id", Code::UnknownReference).by("R-28").into());
    }
    let (workers, enrol) = newcomers(tx, campaign, named)?;
    let worker = workers.first().ok_or_else(|| Refusal::new(Code::AlreadyExists).with("field", "/person_id"))?;
    enrol.add(tx, campaign, worker)
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

/// Closes a campaign: who joined unnoticed is enrolled, every enrolment says where it stands for good, and who did not
/// complete it owes its themes.
pub fn close(tx: &mut Tx<'_>, mut campaign: Loaded<EducationCampaign>) -> Outcome<EducationCampaign> {
    campaign.guard(CampaignAction::Close)?;
    let today = tx.today();
    let before = enrolment::of_campaign(tx, campaign.id)?;
    let covered = resolve(tx, &campaign)?;
    let (workers, enrol) = newcomers(tx, &campaign, covered)?;
    for worker in &workers {
        let mut new = enrol.place(tx, worker)?;
        new.close(today);
        enrolment::add(tx, &new)?;
        owe(tx, &campaign, &new, enrol.joiner_days)?;
    }
    for one in before {
        let mut one = Loaded::new(one);
        let left = one.exclusion.as_ref().is_some_and(|why| why.ground == ExclusionGround::Left);
        if one.is_waiting() || left {
            one.close(today);
            owe(tx, &campaign, &one, enrol.joiner_days)?;
            enrolment::store(tx, one)?;
        } else {
            owe(tx, &campaign, &one, enrol.joiner_days)?;
        }
    }
    if campaign.draft.audience == Audience::AllWorkers {
        duty::fulfil_for_everybody(tx, &campaign.draft.themes, today, campaign.id.uuid())?;
    }
    campaign.close(tx.signature(None)?)?;
    campaign::store(tx, campaign)
}

/// Opens what somebody owes who did not complete a campaign: each of its themes.
fn owe(tx: &mut Tx<'_>, campaign: &EducationCampaign, learner: &Enrolment, days: u16) -> Outcome<()> {
    let Some((cause, starts_on, due_on)) = learner.owes(days, tx.today()) else { return Ok(()) };
    for theme in &campaign.draft.themes {
        let owed = Owed {
            theme: *theme,
            cause,
            record_id: campaign.id.uuid(),
            person_id: Some(learner.draft.person_id),
            starts_on,
            due_on,
            subject: campaign.subject(),
        };
        duty::open(tx, owed)?;
    }
    Ok(())
}

/// Reminds all who have not completed an open campaign, and invites who joined since. Says how many it wrote to.
pub fn remind(tx: &mut Tx<'_>, campaign: &EducationCampaign) -> Outcome<usize> {
    campaign.guard(CampaignAction::Remind)?;
    let now = tx.now();
    let waiting = enrolment::of_campaign(tx, campaign.id)?.into_iter().filter(|one| one.is_waiting() && one.at_work);
    let mut written = 0;
    for one in waiting {
        write_to(tx, campaign, &one)?;
        let mut one = Loaded::new(one);
        match one.invited_at {
            None => one.invited_at = Some(now),
            Some(_) => one.reminded_at = Some(now),
        }
        enrolment::store(tx, one)?;
        written += 1;
    }
    Ok(written)
}
