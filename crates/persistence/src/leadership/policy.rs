//! How the editions of the policy are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Verb},
    kernel::{
        id::Id,
        numbered,
        page::{Page, PageRequest},
        review::Review,
        sign_off::{SignOff, Signature},
        text::normalized,
        version::{Version, VersionState},
    },
    leadership::{
        policy::{KnownObjectives, Policy, PolicyAction, PolicyDraft, PolicyObjective},
        publication::Publication,
    },
    organization::organization::Organization,
};

use self::policy as p;
use super::appointment::{Approvers, holders};
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::Tx,
        versions,
    },
    on, sorted, versions,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    policy (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        version -> Integer,
        search -> Text,
        content -> Document,
        last_objective_number -> Integer,
        publications -> Document,
        published_on -> Nullable<Date>,
        reviews -> Document,
        next_review_on -> Nullable<Date>,
        withdrawn -> Nullable<Document>,
        state -> Text,
        sign_off -> Document,
        in_force_at -> Nullable<Moment>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; `search` is only there to be searched.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = p, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Policy>,
    revision: i32,
    version: i32,
    search: String,
    content: DocumentColumn<PolicyDraft>,
    last_objective_number: i32,
    publications: DocumentColumn<Vec<Publication>>,
    published_on: Option<chrono::NaiveDate>,
    reviews: DocumentColumn<Vec<Review>>,
    next_review_on: Option<chrono::NaiveDate>,
    withdrawn: Option<DocumentColumn<Signature>>,
    state: WordColumn<VersionState>,
    sign_off: DocumentColumn<SignOff>,
    in_force_at: Option<MomentColumn>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(policy: &Policy, organization_id: KeyColumn<Organization>) -> Self {
        let Policy {
            id,
            revision,
            version,
            draft,
            publications,
            published_on,
            reviews,
            next_review_on,
            withdrawn,
            allowed_actions: _,
            created_at,
            updated_at,
            last_objective_number,
        } = policy;
        let Version { number, state, sign_off, in_force_at } = version;
        let mut search = vec![
            draft.company_name.as_str(),
            draft.purpose_section.as_str(),
            draft.business_context_section.as_str(),
            draft.improvement_section.as_str(),
        ];
        search.extend(draft.service_name.iter().map(|name| name.as_str()));
        search.extend(draft.objectives.iter().map(|objective| objective.text.as_str()));
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            version: *number,
            search: normalized(&search.join("\n")),
            content: DocumentColumn(draft.clone()),
            last_objective_number: *last_objective_number,
            publications: DocumentColumn(publications.clone()),
            published_on: *published_on,
            reviews: DocumentColumn(reviews.clone()),
            next_review_on: *next_review_on,
            withdrawn: withdrawn.clone().map(DocumentColumn),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            in_force_at: in_force_at.map(MomentColumn),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_policy(self) -> Policy {
        Policy {
            id: self.id.0,
            revision: self.revision,
            version: Version {
                number: self.version,
                state: self.state.0,
                sign_off: self.sign_off.0,
                in_force_at: self.in_force_at.map(|at| at.0),
            },
            draft: self.content.0,
            publications: self.publications.0,
            published_on: self.published_on,
            reviews: self.reviews.0,
            next_review_on: self.next_review_on,
            withdrawn: self.withdrawn.map(|by| by.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            last_objective_number: self.last_objective_number,
        }
    }
}

/// Who approves the policy: top management alone (SD-5).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-5", Role::TopManagement)
}

/// In which role the caller publishes; refused naming who may.
pub fn publisher(tx: &mut Tx<'_>) -> Outcome<Role> {
    let holders = holders(tx, &Policy::publishing())?;
    Ok(Policy::publisher(&holders, tx.standing())?)
}

/// What decides which steps of an edition are open to the caller.
struct Powers {
    grants: Grants,
    approvers: Approvers,
    publishes: bool,
}

impl Powers {
    fn of_caller(tx: &mut Tx<'_>) -> Outcome<Self> {
        let publishing = holders(tx, &Policy::publishing())?;
        Ok(Self {
            grants: Grants::of::<Policy>(tx)?,
            approvers: approvers(tx)?,
            publishes: Policy::publisher(&publishing, tx.standing()).is_ok(),
        })
    }

    fn open(&self, tx: &Tx<'_>, policy: &Policy) -> Vec<PolicyAction> {
        let mut open = self.grants.open(policy, |within| within.all);
        open.retain(|action| match action {
            PolicyAction::Approve => self.approvers.may_approve(tx.standing(), policy.version.preparer()),
            PolicyAction::Publish => self.publishes,
            PolicyAction::Communicate => policy.untold_reviews().next().is_some(),
            PolicyAction::Revise
            | PolicyAction::Submit
            | PolicyAction::Return
            | PolicyAction::Void
            | PolicyAction::Review
            | PolicyAction::Withdraw => true,
        });
        open
    }
}

/// Which editions are asked for.
pub type Filter = versions::Filter<Policy>;

/// A page of editions that the caller may read; sorts by `version` and `updated_at`. Who reads only what is published
/// sees the edition that was published last, also while a later one is in force that nobody was told about yet (§5.4);
/// none once that was withdrawn.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Policy>> {
    let only = only_readable(tx)?;
    list_in(tx, filter, page, only)
}

/// The number of the only edition that the caller reads; `None`: all of them.
pub(crate) fn only_readable(tx: &mut Tx<'_>) -> Outcome<Option<i32>> {
    let within = tx.within(Resource::Policy, Verb::Read)?;
    Ok(match (within.all, within.published) {
        (true, _) => None,
        (false, true) => Some(last_published(tx)?),
        (false, false) => Some(NO_EDITION),
    })
}

/// The number of no edition: they count from 1.
const NO_EDITION: i32 = 0;

/// The number of the edition that was published last.
fn last_published(tx: &mut Tx<'_>) -> Outcome<i32> {
    let published = p::table.filter(p::organization_id.eq(tx.organization())).filter(p::published_on.is_not_null());
    let last: Option<(i32, WordColumn<VersionState>)> =
        on!(tx, published.order(p::version.desc()).select((p::version, p::state)).first(tx).optional())?;
    Ok(last.filter(|(_, state)| state.0 != VersionState::Withdrawn).map_or(NO_EDITION, |(version, _)| version))
}

fn list_in(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, only: Option<i32>) -> Outcome<Page<Policy>> {
    let powers = Powers::of_caller(tx)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let query = versions!(p, search, organization, filter, None);
            match only {
                Some(only) => query.filter(p::version.eq(only)),
                None => query,
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, p::updated_at, p::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, p::version, p::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let mut policies: Vec<Policy> = rows.into_iter().map(Row::into_policy).collect();
    for policy in &mut policies {
        policy.allowed_actions = powers.open(tx, policy);
    }
    Ok(cut(policies, page, total, |policy: &Policy| versions::key(page, policy.id, &policy.version, policy.updated_at)))
}

/// One edition that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<Policy>) -> Outcome<Loaded<Policy>> {
    list(tx, &Filter::only(id), &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One edition, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<Policy>) -> Outcome<Policy> {
    list_in(tx, &Filter::only(id), &PageRequest::one(), None)?.items.pop().or_not_found()
}

/// The edition in force, whoever asks.
pub fn in_force(tx: &mut Tx<'_>) -> Outcome<Option<Policy>> {
    Ok(list_in(tx, &Filter::in_force(), &PageRequest::one(), None)?.items.pop())
}

/// What the policy in force wants to reach, whoever asks.
pub fn objectives_in_force(tx: &mut Tx<'_>) -> Outcome<Vec<PolicyObjective>> {
    let in_force = p::table
        .filter(p::organization_id.eq(tx.organization()))
        .filter(p::state.eq(WordColumn(VersionState::InForce)));
    let content: Option<DocumentColumn<PolicyDraft>> = on!(tx, in_force.select(p::content).first(tx).optional())?;
    Ok(content.map(|content| content.0.objectives).unwrap_or_default())
}

/// The numbers that the objectives of a draft may use.
pub fn known_objectives(tx: &mut Tx<'_>) -> Outcome<KnownObjectives> {
    let in_force = numbered::numbers(&objectives_in_force(tx)?);
    let all = p::table.filter(p::organization_id.eq(tx.organization()));
    let last: Option<i32> = on!(tx, all.select(diesel::dsl::max(p::last_objective_number)).get_result(tx))?;
    Ok(KnownObjectives { in_force, last: last.unwrap_or_default() })
}

/// The number of the next edition.
pub fn next_version(tx: &mut Tx<'_>) -> Outcome<i32> {
    let all = p::table.filter(p::organization_id.eq(tx.organization()));
    let last: Option<i32> = on!(tx, all.select(diesel::dsl::max(p::version)).get_result(tx))?;
    Ok(last.unwrap_or_default() + 1)
}

/// Adds a new edition.
pub fn add(tx: &mut Tx<'_>, policy: &Policy) -> Outcome<Policy> {
    let row = Row::of(policy, tx.organization());
    on!(tx, diesel::insert_into(p::table).values(&row).execute(tx))?;
    tx.record(Resource::Policy, policy.id.uuid(), None, policy)?;
    look_up(tx, policy.id)
}

/// Stores a changed edition over the revision it was read at; one that comes into force goes through [`put_in_force`].
pub fn store(tx: &mut Tx<'_>, mut policy: Loaded<Policy>) -> Outcome<Policy> {
    policy.revision += 1;
    policy.updated_at = tx.now();
    let row = Row::of(&policy, tx.organization());
    let read = p::table.find((row.organization_id, row.id)).filter(p::revision.eq(policy.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    tx.record(Resource::Policy, policy.id.uuid(), Some(&policy.original), &policy.value)?;
    look_up(tx, policy.id)
}

/// Stores an approved edition that comes into force, in the place of the one in force before it, where there is one.
pub fn put_in_force(tx: &mut Tx<'_>, policy: Loaded<Policy>) -> Outcome<Policy> {
    if let Some(before) = in_force(tx)? {
        let mut before = Loaded::new(before);
        before.give_way();
        store(tx, before)?;
    }
    store(tx, policy)
}
