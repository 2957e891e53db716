//! How risks are kept.

mod belonging;
mod controls;
mod matrix;

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        numbered,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        sign_off::Signature,
        text::normalized,
    },
    organization::{department::Department, organization::Organization, person::Person, position::Position},
    planning::{
        asset::Asset,
        owner::{OwnerKind, RiskOwner},
        risk::{
            Acceptance, AssetReference, Closure, LikelihoodBasis, LostProperty, Override, Risk, RiskAction, RiskDraft,
            RiskState,
        },
        risk_criteria::Assessment,
        treatment::{TreatmentDecision, TreatmentOption},
        treatment_item::ResponseStatus,
    },
};

pub(super) use self::belonging::Belonging;
pub(crate) use self::belonging::lies_within;
pub use self::{belonging::is_owner, controls::uses_of_controls, matrix::matrix};
use serde::{Deserialize, Serialize};

use self::{belonging::owner_stated, risk as r, risk_asset as link};
use super::{
    asset::asset as a,
    owner::{ACTING, Named, owner},
    rating::RatingColumn,
    reference, treatment_plan,
};
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{self, containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on,
    organization::{
        department::department as d,
        person::person as p,
        position::{position as pos, position_holder as holder},
    },
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    risk (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        risk_source -> Text,
        impact_area -> Text,
        event -> Text,
        lost_properties -> Document,
        cause -> Text,
        consequence -> Text,
        risk_owner_person_id -> Nullable<Key>,
        risk_owner_position_id -> Nullable<Key>,
        owner_stated -> Bool,
        department_id -> Nullable<Key>,
        department_stated -> Bool,
        stated_importance -> Nullable<Integer>,
        likelihood_basis -> Nullable<Document>,
        remarks -> Text,
        state -> Text,
        importance -> Nullable<Integer>,
        likelihood -> Nullable<Integer>,
        risk_level -> Integer,
        initial -> Nullable<Document>,
        residual -> Nullable<Document>,
        treatment -> Nullable<Document>,
        response_status -> Text,
        needs_reanalysis -> Bool,
        decisions -> Document,
        prepared_by -> Nullable<Key>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    risk_asset (organization_id, risk_id, asset_id) {
        organization_id -> Key,
        risk_id -> Key,
        asset_id -> Key,
    }
}

/// What was signed and decided about a risk: kept as it was, never asked for in a query.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Decisions {
    #[serde(default)]
    last_control: i32,
    treatment_approval: Option<Signature>,
    acceptance_override: Option<Override>,
    acceptance: Option<Acceptance>,
    closure: Option<Closure>,
}

/// Owner and department are always there; `owner_stated` and `department_stated` tell whether somebody wrote them or
/// they come from the first asset. Importance, likelihood and level are those of `initial`. The column `prepared_by` is
/// no part of a risk: see [`prepared_by`].
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = r, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Risk>,
    revision: i32,
    number: i32,
    risk_source: TextColumn<1, 10_000>,
    impact_area: TextColumn<1, 200>,
    event: TextColumn<1, 10_000>,
    lost_properties: DocumentColumn<BTreeSet<LostProperty>>,
    cause: TextColumn<1, 10_000>,
    consequence: TextColumn<1, 10_000>,
    risk_owner_person_id: Option<KeyColumn<Person>>,
    risk_owner_position_id: Option<KeyColumn<Position>>,
    owner_stated: bool,
    department_id: Option<KeyColumn<Department>>,
    department_stated: bool,
    stated_importance: Option<RatingColumn>,
    likelihood_basis: Option<DocumentColumn<LikelihoodBasis>>,
    remarks: TextColumn<0, 10_000>,
    state: WordColumn<RiskState>,
    importance: Option<RatingColumn>,
    likelihood: Option<RatingColumn>,
    risk_level: i32,
    initial: Option<DocumentColumn<Assessment>>,
    residual: Option<DocumentColumn<Assessment>>,
    treatment: Option<DocumentColumn<TreatmentDecision>>,
    response_status: WordColumn<ResponseStatus>,
    needs_reanalysis: bool,
    decisions: DocumentColumn<Decisions>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(risk: &Risk, belonging: Belonging, organization_id: KeyColumn<Organization>) -> Self {
        let Risk {
            id,
            revision,
            number,
            draft,
            state,
            assets: _,
            department: _,
            risk_owner: _,
            initial,
            residual,
            suggested_option: _,
            treatment,
            last_control,
            treatment_approval,
            response_status,
            acceptance_override,
            acceptance,
            needs_reanalysis,
            closure,
            allowed_actions: _,
            created_at,
            updated_at,
        } = risk;
        let RiskDraft {
            asset_ids: _,
            risk_source,
            impact_area,
            event,
            lost_properties,
            cause,
            consequence,
            risk_owner_person_id: _,
            risk_owner_position_id: _,
            department_id,
            stated_importance,
            likelihood_basis,
            remarks,
        } = draft;
        let number_text = number.to_string();
        let search = [
            number_text.as_str(),
            risk_source.as_str(),
            impact_area.as_str(),
            event.as_str(),
            cause.as_str(),
            consequence.as_str(),
            remarks.as_str(),
        ];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            risk_source: TextColumn(risk_source.clone()),
            impact_area: TextColumn(impact_area.clone()),
            event: TextColumn(event.clone()),
            lost_properties: DocumentColumn(lost_properties.clone()),
            cause: TextColumn(cause.clone()),
            consequence: TextColumn(consequence.clone()),
            risk_owner_person_id: belonging.person,
            risk_owner_position_id: belonging.position,
            owner_stated: owner_stated(draft),
            department_id: belonging.department,
            department_stated: department_id.is_some(),
            stated_importance: stated_importance.map(RatingColumn),
            likelihood_basis: likelihood_basis.map(DocumentColumn),
            remarks: TextColumn(remarks.clone()),
            state: WordColumn(*state),
            importance: initial.map(|assessment| RatingColumn(assessment.importance)),
            likelihood: initial.map(|assessment| RatingColumn(assessment.likelihood)),
            risk_level: initial.map_or(0, |assessment| i32::from(assessment.risk_level)),
            initial: initial.map(DocumentColumn),
            residual: residual.map(DocumentColumn),
            treatment: treatment.clone().map(DocumentColumn),
            response_status: WordColumn(*response_status),
            needs_reanalysis: *needs_reanalysis,
            decisions: DocumentColumn(Decisions {
                last_control: *last_control,
                treatment_approval: treatment_approval.clone(),
                acceptance_override: acceptance_override.clone(),
                acceptance: acceptance.clone(),
                closure: closure.clone(),
            }),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_risk(self, department: Option<String>, risk_owner: RiskOwner, assets: Vec<AssetReference>) -> Risk {
        let Decisions { last_control, treatment_approval, acceptance_override, acceptance, closure } = self.decisions.0;
        let treatment = self.treatment.map(|decision| decision.0);
        let chosen = treatment.iter().flat_map(|treatment| numbered::numbers(&treatment.controls)).max();
        let initial = self.initial.map(|assessment| assessment.0);
        Risk {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            draft: RiskDraft {
                asset_ids: assets.iter().map(|asset| asset.id).collect(),
                risk_source: self.risk_source.0,
                impact_area: self.impact_area.0,
                event: self.event.0,
                lost_properties: self.lost_properties.0,
                cause: self.cause.0,
                consequence: self.consequence.0,
                risk_owner_person_id: self.risk_owner_person_id.filter(|_| self.owner_stated).map(|id| id.0),
                risk_owner_position_id: self.risk_owner_position_id.filter(|_| self.owner_stated).map(|id| id.0),
                department_id: self.department_id.filter(|_| self.department_stated).map(|id| id.0),
                stated_importance: self.stated_importance.map(|importance| importance.0),
                likelihood_basis: self.likelihood_basis.map(|basis| basis.0),
                remarks: self.remarks.0,
            },
            state: self.state.0,
            assets,
            department: self.department_id.zip(department).map(|(id, name)| Reference::new(id.0, name)),
            risk_owner,
            initial,
            residual: self.residual.map(|assessment| assessment.0),
            suggested_option: initial.map(|a| TreatmentOption::suggested(a.importance, a.likelihood)),
            treatment,
            // Of a decision that is older than this count: at least what it uses.
            last_control: last_control.max(chosen.unwrap_or_default()),
            treatment_approval,
            response_status: self.response_status.0,
            acceptance_override,
            acceptance,
            needs_reanalysis: self.needs_reanalysis,
            closure,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// The steps that are open to the caller: state and grant, and for the owner's own steps the owner alone. Where the risk
/// needs another analysis, nothing builds on the old one.
fn open_to(risk: &Risk, caller: Option<Id<Person>>, grants: &Grants) -> Vec<RiskAction> {
    let belonging = Belonging::of(risk);
    let mut open = grants.open(risk, |within| belonging.lies_within(within));
    open.retain(|action| match action {
        // What remains is judged on its own; from there a risk that went stale in treatment is evaluated anew.
        RiskAction::Revise | RiskAction::Evaluate | RiskAction::Reassess | RiskAction::Close => true,
        RiskAction::ApproveTreatment | RiskAction::Accept => risk.is_owned_by(caller) && !risk.needs_reanalysis,
        RiskAction::Decide | RiskAction::Override => !risk.needs_reanalysis,
    });
    open
}

/// Which risks are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Risk>>,
    /// Only these.
    pub ids: Option<Vec<KeyColumn<Risk>>>,
    /// Whose number or texts contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// In this state.
    pub state: Option<RiskState>,
    /// On this asset.
    pub asset: Option<Id<Asset>>,
    /// Of this department.
    pub department: Option<Id<Department>>,
    /// Of this level or a higher one, before treatment.
    pub risk_level_min: Option<i32>,
    /// Owned by this person today, by name or by position.
    pub risk_owner_person: Option<Id<Person>>,
    /// Whether what it was judged by has changed since.
    pub needs_reanalysis: Option<bool>,
    /// Also closed ones, where no state is given.
    pub include_closed: bool,
}

/// A page of risks that the caller may read; sorts by `number`, `risk_level` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Risk>> {
    let within = tx.within(Resource::Risk, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<Risk>> {
    let (organization, today) = (tx.organization(), tx.today());
    let acting = ACTING;
    type Joined = (Row, Option<String>, Named<Person>, Named<Position>, Named<Person>);
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = r::table
                .left_join(
                    d::table.on(d::organization_id.eq(r::organization_id).and(d::id.nullable().eq(r::department_id))),
                )
                .left_join(
                    p::table.on(p::organization_id
                        .eq(r::organization_id)
                        .and(p::id.nullable().eq(r::risk_owner_person_id))),
                )
                .left_join(pos::table.on(
                    pos::organization_id.eq(r::organization_id).and(pos::id.nullable().eq(r::risk_owner_position_id)),
                ))
                .left_join(
                    holder::table.on(holder::organization_id
                        .eq(r::organization_id)
                        .and(holder::position_id.nullable().eq(r::risk_owner_position_id))
                        .and(holder::starts_on.le(today))
                        .and(holder::ends_on.is_null().or(holder::ends_on.ge(today)))),
                )
                .left_join(
                    acting.on(acting
                        .field(p::organization_id)
                        .eq(r::organization_id)
                        .and(acting.field(p::id).nullable().eq(holder::person_id.nullable()))),
                )
                .filter(r::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(lies_within(within));
            }
            if let Some(id) = filter.id {
                query = query.filter(r::id.eq(KeyColumn(id)));
            }
            if let Some(ids) = &filter.ids {
                query = query.filter(r::id.among(ids));
            }
            if let Some(q) = &filter.q {
                query = query.filter(r::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(r::updated_at.ge(MomentColumn(since)));
            }
            if let Some(asset) = filter.asset {
                let on_asset = link::table
                    .filter(link::organization_id.eq(organization))
                    .filter(link::asset_id.eq(KeyColumn(asset)))
                    .select(link::risk_id);
                query = query.filter(r::id.eq_any(on_asset));
            }
            if let Some(department) = filter.department {
                query = query.filter(r::department_id.eq(KeyColumn(department)));
            }
            if let Some(level) = filter.risk_level_min {
                query = query.filter(r::risk_level.ge(level));
            }
            if let Some(person) = filter.risk_owner_person {
                let by_position = holder::person_id.nullable().eq(KeyColumn(person));
                query = query.filter(r::risk_owner_person_id.eq(KeyColumn(person)).or(by_position));
            }
            if let Some(needs) = filter.needs_reanalysis {
                query = query.filter(r::needs_reanalysis.eq(needs));
            }
            match filter.state {
                Some(state) => query.filter(r::state.eq(WordColumn(state))),
                None if filter.include_closed => query,
                None => query.filter(r::state.ne(WordColumn(RiskState::Closed))),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "risk_level" => sorted!(filtered(), page, r::risk_level, r::id, i32),
            "updated_at" => sorted!(filtered(), page, r::updated_at, r::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, r::number, r::id, i32),
        };
        let rows: Vec<Joined> = query
            .limit(one_more(page))
            .select((
                Row::as_select(),
                d::name.nullable(),
                (p::id, p::name).nullable(),
                (pos::id, pos::title).nullable(),
                acting.fields((p::id, p::name)).nullable(),
            ))
            .load(tx)?;
        (rows, total)
    });
    let mut assets = assets_of(tx, rows.iter().map(|(row, ..)| row.id).collect())?;
    let (grants, caller) = (Grants::of::<Risk>(tx)?, tx.standing().person);
    let risks = rows
        .into_iter()
        .map(|(row, department, person, position, acting)| {
            let assets = assets.remove(&row.id).unwrap_or_default();
            let mut risk = row.into_risk(department, owner(person, position, acting)?, assets);
            risk.allowed_actions = open_to(&risk, caller, &grants);
            Ok(risk)
        })
        .collect::<Outcome<_>>()?;
    Ok(cut(risks, page, total, |risk: &Risk| match page.sort_field() {
        "risk_level" => (serde_json::json!(level_of(risk)), risk.id.uuid()),
        "updated_at" => (serde_json::json!(risk.updated_at), risk.id.uuid()),
        _ => (serde_json::json!(risk.number), risk.id.uuid()),
    }))
}

fn level_of(risk: &Risk) -> u8 {
    risk.initial.map_or(0, |assessment| assessment.risk_level)
}

fn assets_of(tx: &mut Tx<'_>, risks: Vec<KeyColumn<Risk>>) -> Outcome<HashMap<KeyColumn<Risk>, Vec<AssetReference>>> {
    let mut assets: HashMap<_, Vec<_>> = HashMap::new();
    if risks.is_empty() {
        return Ok(assets);
    }
    let organization = tx.organization();
    type Linked = (KeyColumn<Risk>, KeyColumn<Asset>, i32, String, RatingColumn);
    let rows: Vec<Linked> = on!(
        tx,
        link::table
            .inner_join(a::table.on(a::organization_id.eq(link::organization_id).and(a::id.eq(link::asset_id))))
            .filter(link::organization_id.eq(organization))
            .filter(link::risk_id.among(&risks))
            .order(a::number.asc())
            .select((link::risk_id, a::id, a::number, a::name, a::importance))
            .load(tx)
    )?;
    for (risk, id, number, name, importance) in rows {
        assets.entry(risk).or_default().push(AssetReference { id: id.0, number, name, importance: importance.0 });
    }
    Ok(assets)
}

/// One risk that the caller may read, also a closed one.
pub fn find(tx: &mut Tx<'_>, id: Id<Risk>) -> Outcome<Loaded<Risk>> {
    let within = tx.within(Resource::Risk, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One risk that the caller may read, to do `verb` on `resource` to it: refused where it lies outside what the caller
/// may do that to. Accepting it and approving its treatment are its owner's alone (SD-4).
pub fn find_for(tx: &mut Tx<'_>, id: Id<Risk>, resource: Resource, verb: Verb) -> Outcome<Loaded<Risk>> {
    let risk = find(tx, id)?;
    let within = tx.within(resource, verb)?;
    let covered = Belonging::of(&risk).lies_within(&within);
    match (resource, verb) {
        (Resource::RiskAcceptance | Resource::TreatmentDecision, Verb::Approve) if !covered => {
            let owner: Vec<_> = risk.risk_owner.person.iter().collect();
            Err(Refusal::new(Code::DutySeparated).by("SD-4").with("next_approver", serde_json::json!(owner)).into())
        }
        _ => require_within(covered).map(|()| risk),
    }
}

/// One risk, whoever asks: for what follows from other records.
pub fn look_up(tx: &mut Tx<'_>, id: Id<Risk>) -> Outcome<Loaded<Risk>> {
    find_within(tx, id, &Within::everything())
}

fn find_within(tx: &mut Tx<'_>, id: Id<Risk>, within: &Within) -> Outcome<Loaded<Risk>> {
    let filter = Filter { id: Some(id), include_closed: true, ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// All risks that a filter finds, whoever asks, by number.
fn all(tx: &mut Tx<'_>, filter: &Filter) -> Outcome<Vec<Risk>> {
    let within = Within::everything();
    paging::all(tx, &PageRequest::one(), |tx, page| list_within(tx, filter, page, &within))
}

/// The risks with these ids, whoever asks, also closed ones, by number.
pub(super) fn these(tx: &mut Tx<'_>, ids: Vec<KeyColumn<Risk>>) -> Outcome<Vec<Risk>> {
    let page = PageRequest { limit: i64::try_from(ids.len()).unwrap_or(i64::MAX), ..PageRequest::one() };
    let filter = Filter { ids: Some(ids), include_closed: true, ..Filter::default() };
    Ok(list_within(tx, &filter, &page, &Within::everything())?.items)
}

/// Every risk that is not closed, whoever asks, by number.
pub fn open(tx: &mut Tx<'_>) -> Outcome<Vec<Risk>> {
    all(tx, &Filter::default())
}

/// Who would own a risk with this draft: as it says, or the owner of its first asset. Names come with reading.
pub fn owner_of(tx: &mut Tx<'_>, draft: &RiskDraft) -> Outcome<RiskOwner> {
    let belonging = Belonging::resolve(tx, draft)?;
    let (kind, id) = match (belonging.person, belonging.position) {
        (Some(person), _) => (OwnerKind::Person, person.0.uuid()),
        (None, position) => (OwnerKind::Position, position.map(|id| id.0.uuid()).unwrap_or_default()),
    };
    Ok(RiskOwner { kind, id, name: String::new(), person: None })
}

/// Adds a new risk that `prepared_by` assessed.
pub fn add(tx: &mut Tx<'_>, risk: &Risk, prepared_by: Id<Person>) -> Outcome<Risk> {
    let belonging = Belonging::resolve(tx, &risk.draft)?;
    let within = tx.within(Resource::Risk, Verb::Create)?;
    require_within(belonging.lies_within(&within))?;
    check_references(tx, &risk.draft, None)?;
    let row = Row::of(risk, belonging, tx.organization());
    on!(tx, diesel::insert_into(r::table).values((&row, r::prepared_by.eq(KeyColumn(prepared_by)))).execute(tx))?;
    name_assets(tx, risk)?;
    let risk = look_up(tx, risk.id)?.value;
    tx.record(Resource::Risk, risk.id.uuid(), None, &risk)?;
    Ok(risk)
}

/// Stores a changed risk over the revision it was read at. What was written anew must lie within what the caller may
/// write. Its treatment plans follow.
pub fn store(tx: &mut Tx<'_>, mut risk: Loaded<Risk>) -> Outcome<Risk> {
    let belonging = Belonging::resolve(tx, &risk.draft)?;
    if risk.draft != risk.original.draft {
        let within = tx.within(Resource::Risk, Verb::Update)?;
        require_within(belonging.lies_within(&within))?;
        check_references(tx, &risk.draft, Some(&risk.original.draft))?;
    }
    risk.revision += 1;
    risk.updated_at = tx.now();
    let row = Row::of(&risk, belonging, tx.organization());
    let read = r::table.find((row.organization_id, row.id)).filter(r::revision.eq(risk.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    if risk.draft.asset_ids != risk.original.draft.asset_ids {
        let old = link::table.filter(link::organization_id.eq(row.organization_id)).filter(link::risk_id.eq(row.id));
        on!(tx, diesel::delete(old).execute(tx))?;
        name_assets(tx, &risk)?;
    }
    let stored = look_up(tx, risk.id)?.value;
    tx.record(Resource::Risk, stored.id.uuid(), Some(&risk.original), &stored)?;
    if stored.state != risk.original.state {
        treatment_plan::follow(tx, stored.id)?;
    }
    Ok(stored)
}

fn name_assets(tx: &mut Tx<'_>, risk: &Risk) -> Outcome<()> {
    let organization = tx.organization();
    for asset in &risk.draft.asset_ids {
        let row = (
            link::organization_id.eq(organization),
            link::risk_id.eq(KeyColumn(risk.id)),
            link::asset_id.eq(KeyColumn(*asset)),
        );
        on!(tx, diesel::insert_into(link::table).values(row).execute(tx))?;
    }
    Ok(())
}

/// What a draft names must be there; assets are asked for by [`names`](super::asset::names). What it named before
/// stays, whatever became of it.
fn check_references(tx: &mut Tx<'_>, draft: &RiskDraft, before: Option<&RiskDraft>) -> Outcome<()> {
    if let Some(department) = draft.department_id
        && before.is_none_or(|before| before.department_id != Some(department))
    {
        reference::department(tx, department, "/department_id")?;
    }
    if let Some(person) = draft.risk_owner_person_id
        && before.is_none_or(|before| before.risk_owner_person_id != Some(person))
    {
        reference::person(tx, person, "/risk_owner_person_id")?;
    }
    if let Some(position) = draft.risk_owner_position_id
        && before.is_none_or(|before| before.risk_owner_position_id != Some(position))
    {
        reference::position(tx, position, "/risk_owner_position_id")?;
    }
    Ok(())
}

/// Who made the assessment last: not always who owns the risk (SD-4).
pub fn prepared_by(tx: &mut Tx<'_>, id: Id<Risk>) -> Outcome<Option<Id<Person>>> {
    let this = r::table.find((tx.organization(), KeyColumn(id)));
    let person: Option<KeyColumn<Person>> = on!(tx, this.select(r::prepared_by).first(tx)).or_not_found()?;
    Ok(person.map(|id| id.0))
}

/// Notes who made the assessment. No revision of its own: it goes with storing the assessment.
pub fn set_prepared_by(tx: &mut Tx<'_>, id: Id<Risk>, person: Id<Person>) -> Outcome<()> {
    let this = r::table.find((tx.organization(), KeyColumn(id)));
    on!(tx, diesel::update(this).set(r::prepared_by.eq(KeyColumn(person))).execute(tx))?;
    Ok(())
}

/// The importance of an asset moved: every open risk on it that was assessed needs another analysis (§5.1). Returns how
/// many need one now.
pub fn inputs_changed(tx: &mut Tx<'_>, asset: Id<Asset>) -> Outcome<usize> {
    let mut stale = 0;
    for risk in all(tx, &Filter { asset: Some(asset), ..Filter::default() })? {
        let mut risk = Loaded::new(risk);
        risk.inputs_changed();
        stale += usize::from(risk.needs_reanalysis);
        if risk.needs_reanalysis != risk.original.needs_reanalysis || has_moved(tx, &risk)? {
            store(tx, risk)?;
        }
    }
    Ok(stale)
}

/// Owner or department of an asset changed: so do the open risks that take them from it.
pub(super) fn belonging_changed(tx: &mut Tx<'_>, asset: Id<Asset>) -> Outcome<()> {
    for risk in all(tx, &Filter { asset: Some(asset), ..Filter::default() })? {
        if has_moved(tx, &risk)? {
            store(tx, Loaded::new(risk))?;
        }
    }
    Ok(())
}

/// Whether it belongs to others now than when it was stored.
fn has_moved(tx: &mut Tx<'_>, risk: &Risk) -> Outcome<bool> {
    Ok(Belonging::resolve(tx, &risk.draft)? != Belonging::of(risk))
}
