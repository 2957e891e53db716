//! How attempts at tests are kept, and who reads what of them (R-16, SD-9).

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        sign_off::Signature,
        transition::Stateful,
    },
    organization::{organization::Organization, person::Person},
    support::education::{
        attempt::{AttemptAction, AttemptState, Sitting, TestAnswers, TestAttempt, TestAttemptDraft, TestResults},
        campaign::{CampaignState, EducationCampaign},
        enrolment::{Enrolment, EnrolmentState},
        test::{GivenAnswer, Test},
    },
};
use serde::Serialize;

use self::test_attempt as a;
use super::{
    campaign::{self, education_campaign as c},
    enrolment::{self, enrolment as e},
    test::{Knowing, comprehension_test as t},
};
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on,
    organization::person::person as p,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    test_attempt (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        enrolment_id -> Key,
        person_id -> Key,
        test_id -> Key,
        number -> Integer,
        state -> Text,
        score -> Nullable<Integer>,
        pass_score -> Integer,
        total_points -> Integer,
        answers -> Nullable<Document>,
        submitted_at -> Nullable<Moment>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = a, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<TestAttempt>,
    revision: i32,
    enrolment_id: KeyColumn<Enrolment>,
    person_id: KeyColumn<Person>,
    test_id: KeyColumn<Test>,
    number: i32,
    state: WordColumn<AttemptState>,
    score: Option<i32>,
    pass_score: i32,
    total_points: i32,
    answers: Option<DocumentColumn<Vec<GivenAnswer>>>,
    submitted_at: Option<MomentColumn>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// What is joined to a row: the name of the learner, the campaign, the test with who knows its key.
type Joined = (
    String,
    (KeyColumn<EducationCampaign>, String, WordColumn<CampaignState>),
    (String, DocumentColumn<Vec<Signature>>, Option<DocumentColumn<Signature>>),
);

impl Row {
    fn of(attempt: &TestAttempt, organization_id: KeyColumn<Organization>) -> Self {
        let TestAttempt {
            id,
            revision,
            draft,
            number,
            person,
            campaign: _,
            test,
            state,
            started_at,
            submitted_at,
            score,
            pass_score,
            total_points,
            answers,
            allowed_actions: _,
            created_at: _,
            updated_at,
        } = attempt;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            enrolment_id: KeyColumn(draft.enrolment_id),
            person_id: KeyColumn::of(person.id),
            test_id: KeyColumn::of(test.id),
            number: *number,
            state: WordColumn(*state),
            score: *score,
            pass_score: *pass_score,
            total_points: *total_points,
            answers: answers.clone().map(DocumentColumn),
            submitted_at: submitted_at.map(MomentColumn),
            created_at: MomentColumn(*started_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    /// With its answers only for the learner, and for who may know the key.
    fn into_attempt(self, joined: Joined, knowing: &Knowing) -> TestAttempt {
        let (person, (campaign, campaign_name, _), (test, authors, published)) = joined;
        let exempt = authors.0.iter().map(|author| author.person_id);
        let exempt = exempt.chain(published.map(|published| published.0.person_id));
        let readable = knowing.is(self.person_id.0) || knowing.knows(self.test_id.0, exempt);
        TestAttempt {
            id: self.id.0,
            revision: self.revision,
            draft: TestAttemptDraft { enrolment_id: self.enrolment_id.0 },
            number: self.number,
            person: Reference::new(self.person_id.0, person),
            campaign: Reference::new(campaign.0, campaign_name),
            test: Reference::new(self.test_id.0, test),
            state: self.state.0,
            started_at: self.created_at.0,
            submitted_at: self.submitted_at.map(|at| at.0),
            score: self.score,
            pass_score: self.pass_score,
            total_points: self.total_points,
            answers: self.answers.filter(|_| readable).map(|answers| answers.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Which attempts are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<TestAttempt>>,
    /// Of people whose name contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<DateTime<Utc>>,
    /// Of these enrolments; of any where there are none.
    pub enrolments: Vec<Id<Enrolment>>,
    /// In this campaign.
    pub campaign: Option<Id<EducationCampaign>>,
    /// Of this person.
    pub person: Option<Id<Person>>,
    /// In this state.
    pub state: Option<AttemptState>,
}

/// A page of attempts within the caller's reach: all, or their own; sorts by `created_at` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<TestAttempt>> {
    let within = tx.within(Resource::TestAttempt, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<TestAttempt>> {
    let (grants, knowing) = (Grants::of::<TestAttempt>(tx)?, Knowing::of_caller(tx)?);
    let organization = tx.organization();
    let (enrolments, linked): (Vec<_>, _) =
        (filter.enrolments.iter().copied().map(KeyColumn).collect(), tx.context().enrolment);
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = a::table
                .inner_join(e::table.on(e::organization_id.eq(a::organization_id).and(e::id.eq(a::enrolment_id))))
                .inner_join(c::table.on(c::organization_id.eq(a::organization_id).and(c::id.eq(e::campaign_id))))
                .inner_join(p::table.on(p::organization_id.eq(a::organization_id).and(p::id.eq(a::person_id))))
                .inner_join(t::table.on(t::organization_id.eq(a::organization_id).and(t::id.eq(a::test_id))))
                .filter(a::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(a::person_id.among(&within.own));
            }
            if let Some(id) = filter.id {
                query = query.filter(a::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(p::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(a::updated_at.ge(MomentColumn(since)));
            }
            if !enrolments.is_empty() {
                query = query.filter(a::enrolment_id.among(&enrolments));
            }
            if let Some(linked) = linked {
                query = query.filter(a::enrolment_id.eq(KeyColumn(linked)));
            }
            if let Some(campaign) = filter.campaign {
                query = query.filter(e::campaign_id.eq(KeyColumn(campaign)));
            }
            if let Some(person) = filter.person {
                query = query.filter(a::person_id.eq(KeyColumn(person)));
            }
            if let Some(state) = filter.state {
                query = query.filter(a::state.eq(WordColumn(state)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, a::updated_at, a::id, DateTime<Utc>),
            _ => sorted!(filtered(), page, a::created_at, a::id, DateTime<Utc>),
        };
        let columns = (Row::as_select(), (p::name, (c::id, c::name, c::state), (t::title, t::authors, t::published)));
        let rows: Vec<(Row, Joined)> = query.limit(one_more(page)).select(columns).load(tx)?;
        (rows, total)
    });
    let attempts = rows
        .into_iter()
        .map(|(row, joined)| {
            let open = joined.1.2.0 == CampaignState::Open;
            let person = row.person_id;
            let mut attempt = row.into_attempt(joined, &knowing);
            attempt.allowed_actions = grants.open(&attempt, |within| open && within.own.contains(&person));
            attempt
        })
        .collect();
    Ok(cut(attempts, page, total, |attempt: &TestAttempt| match page.sort_field() {
        "updated_at" => (attempt.updated_at, attempt.id.uuid()),
        _ => (attempt.created_at, attempt.id.uuid()),
    }))
}

/// One attempt within the caller's reach.
pub fn find(tx: &mut Tx<'_>, id: Id<TestAttempt>) -> Outcome<TestAttempt> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found()
}

/// One attempt within the caller's reach, to answer it: refused where it is somebody else's.
pub fn find_own(tx: &mut Tx<'_>, id: Id<TestAttempt>) -> Outcome<TestAttempt> {
    let attempt = find(tx, id)?;
    require_within(tx.standing().person.is_some_and(|person| person.uuid() == attempt.person.id))?;
    Ok(attempt)
}

/// All attempts of these enrolments, whoever asks, by their time; none where there are no enrolments.
pub(super) fn of_enrolments(tx: &mut Tx<'_>, enrolments: Vec<Id<Enrolment>>) -> Outcome<Vec<TestAttempt>> {
    if enrolments.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter { enrolments, ..Filter::default() };
    let page = PageRequest { sort: "created_at".into(), ..PageRequest::whole() };
    Ok(list_within(tx, &filter, &page, &Within::everything())?.items)
}

/// What an attempt of the caller at the test of a campaign depends on.
struct Seat {
    enrolment: Loaded<Enrolment>,
    test: Test,
    retake: bool,
    before: Vec<TestAttempt>,
}

impl Seat {
    /// That of the caller's own enrolment.
    fn of_caller(tx: &mut Tx<'_>, id: Id<Enrolment>) -> Outcome<Self> {
        let unknown = || Refusal::field("/enrolment_id", Code::UnknownReference);
        let enrolment = enrolment::own(tx, id)?.ok_or_else(unknown)?;
        let campaign = campaign::look_up(tx, enrolment.terms.campaign_id)?;
        let test = campaign::test_of(tx, &campaign)?.ok_or_else(unknown)?;
        let before = of_enrolments(tx, vec![id])?;
        Ok(Self { enrolment, test, retake: campaign.draft.retake_until_pass, before })
    }

    fn sitting(&self) -> Sitting<'_> {
        Sitting { enrolment: &self.enrolment, test: &self.test, retake: self.retake, before: &self.before }
    }
}

/// Starts an attempt of the caller; their enrolment begins with it.
pub fn start(tx: &mut Tx<'_>, draft: &TestAttemptDraft) -> Outcome<TestAttempt> {
    let seat = Seat::of_caller(tx, draft.enrolment_id)?;
    let attempt = seat.sitting().start(tx.now())?;
    let row = Row::of(&attempt, tx.organization());
    on!(tx, diesel::insert_into(a::table).values(&row).execute(tx))?;
    tx.record(Resource::TestAttempt, attempt.id.uuid(), None, &Told::of(&attempt))?;
    if seat.enrolment.state == EnrolmentState::Invited {
        let mut enrolment = seat.enrolment;
        enrolment.start(tx.today())?;
        enrolment::store(tx, enrolment)?;
    }
    find(tx, attempt.id)
}

/// Scores what the caller answers in an attempt of theirs. Who passed has completed the campaign with it.
pub fn submit(tx: &mut Tx<'_>, mut attempt: Loaded<TestAttempt>, given: TestAnswers) -> Outcome<TestAttempt> {
    attempt.guard(AttemptAction::Submit).map_err(|refusal| refusal.by("SD-12"))?;
    let seat = Seat::of_caller(tx, attempt.draft.enrolment_id)?;
    let passed = seat.sitting().submit(&mut attempt, given, tx.now())?;
    attempt.revision += 1;
    attempt.updated_at = tx.now();
    let row = Row::of(&attempt, tx.organization());
    let read = a::table.find((row.organization_id, row.id)).filter(a::revision.eq(attempt.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    tx.record(Resource::TestAttempt, attempt.id.uuid(), Some(&Told::of(&attempt.original)), &Told::of(&attempt.value))?;
    if passed {
        enrolment::complete(tx, attempt.draft.enrolment_id, tx.today())?;
    }
    find(tx, attempt.id)
}

/// Answers the test of an enrolment of the caller at once: in the attempt that is under way, or in a new one.
pub fn sit(tx: &mut Tx<'_>, draft: &TestAttemptDraft, given: TestAnswers) -> Outcome<TestAttempt> {
    let filter = Filter {
        enrolments: vec![draft.enrolment_id],
        person: tx.standing().person,
        state: Some(AttemptState::Started),
        ..Filter::default()
    };
    let under_way = list(tx, &filter, &PageRequest::one())?.items.pop();
    let attempt = under_way.map_or_else(|| start(tx, draft), Ok)?;
    submit(tx, Loaded::new(attempt), given)
}

/// What events tell of an attempt: that it was made. Answers would tell the key, and how it went is for fewer readers than
/// events have.
#[derive(Serialize)]
struct Told {
    id: Id<TestAttempt>,
    revision: i32,
    enrolment_id: Id<Enrolment>,
    number: i32,
    submitted_at: Option<DateTime<Utc>>,
}

impl Told {
    fn of(attempt: &TestAttempt) -> Self {
        let TestAttempt { id, revision, number, submitted_at, .. } = *attempt;
        Self { id, revision, enrolment_id: attempt.draft.enrolment_id, number, submitted_at }
    }
}

/// What came of the test of a campaign, in numbers.
pub fn results(tx: &mut Tx<'_>, campaign: Id<EducationCampaign>) -> Outcome<TestResults> {
    let campaign = campaign::find(tx, campaign)?;
    let enrolments = enrolment::of_campaign(tx, campaign.id)?;
    let filter = Filter { campaign: Some(campaign.id), ..Filter::default() };
    let attempts = list_within(tx, &filter, &PageRequest::whole(), &Within::everything())?.items;
    Ok(TestResults::of(&enrolments, &attempts))
}

/// Some tests.
type Tests = HashSet<Id<Test>>;

/// The tests that the caller passed, and those that they still have to pass.
pub(super) fn passed_and_pending(tx: &mut Tx<'_>) -> Outcome<(Tests, Tests)> {
    let Some(person) = tx.standing().person.map(KeyColumn) else { return Ok(Default::default()) };
    let organization = tx.organization();
    let passed: Vec<KeyColumn<Test>> = on!(
        tx,
        a::table
            .filter(a::organization_id.eq(organization))
            .filter(a::person_id.eq(person))
            .filter(a::state.eq(WordColumn(AttemptState::Passed)))
            .select(a::test_id)
            .load(tx)
    )?;
    let waiting = [EnrolmentState::Invited, EnrolmentState::Studying].map(WordColumn);
    let pending: Vec<Option<KeyColumn<Test>>> = on!(
        tx,
        e::table
            .inner_join(c::table.on(c::organization_id.eq(e::organization_id).and(c::id.eq(e::campaign_id))))
            .filter(e::organization_id.eq(organization))
            .filter(e::person_id.eq(person))
            .filter(e::state.eq(waiting[0]).or(e::state.eq(waiting[1])))
            .filter(c::state.eq(WordColumn(CampaignState::Open)))
            .select(c::test_id)
            .load(tx)
    )?;
    let ids = |column: KeyColumn<Test>| column.0;
    Ok((passed.into_iter().map(ids).collect(), pending.into_iter().flatten().map(ids).collect()))
}
