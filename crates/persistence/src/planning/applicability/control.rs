//! How the controls of a statement of applicability are kept.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    catalog::control::{
        AnnexAControl, CONTROLS, ControlId, ControlTheme, ControlType, CybersecurityConcept, OperationalCapability,
        SecurityDomain, SecurityProperty, find as find_in_annex_a,
    },
    evaluation::audit_programme::coverage::ApplicableControl,
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::{Code, Refusal},
        revision::Revision,
        sign_off::Signature,
        text::{Title, normalized},
        version::VersionState,
    },
    organization::organization::{Organization, ProgrammeLevel},
    planning::applicability::{
        StatementOfApplicability,
        control::{
            ApplicabilityControl, ApplicabilityControlDraft, ApplicabilityDecision, ControlRisk, ImplementationStatus,
        },
    },
};
use serde::Serialize;

use self::applicability_control as a;
use super::statement_of_applicability as s;
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within},
    },
    on,
    organization::organization as organizations,
    planning::{readable, risk},
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    applicability_control (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        statement_id -> Key,
        place -> Integer,
        control_id -> Text,
        title -> Text,
        decision -> Text,
        implementation_status -> Nullable<Text>,
        justification -> Text,
        documents -> Document,
        search -> Text,
        withdrawn -> Nullable<Document>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `place` is the order of the control in its statement.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = a, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<ApplicabilityControl>,
    revision: i32,
    statement_id: KeyColumn<StatementOfApplicability>,
    place: i32,
    control_id: TextColumn<1, 50>,
    title: TextColumn<1, 200>,
    decision: WordColumn<ApplicabilityDecision>,
    implementation_status: Option<WordColumn<ImplementationStatus>>,
    justification: TextColumn<0, 10_000>,
    documents: DocumentColumn<Vec<Title>>,
    search: String,
    withdrawn: Option<DocumentColumn<Signature>>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(control: &ApplicabilityControl, organization_id: KeyColumn<Organization>) -> Self {
        let ApplicabilityControl {
            id,
            revision,
            statement_id,
            version: _,
            state: _,
            order,
            draft,
            annex_a,
            risks: _,
            withdrawn,
            allowed_actions: _,
            created_at,
            updated_at,
        } = control;
        let ApplicabilityControlDraft { control_id, title, decision, implementation_status, justification, documents } =
            draft;
        let mut search = vec![control_id.as_str(), title.as_str(), justification.as_str()];
        search.extend(annex_a.map(|control| control.title_en));
        search.extend(documents.iter().map(Title::as_str));
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            statement_id: KeyColumn(*statement_id),
            place: *order,
            control_id: TextColumn(control_id.clone()),
            title: TextColumn(title.clone()),
            decision: WordColumn(*decision),
            implementation_status: implementation_status.map(WordColumn),
            justification: TextColumn(justification.clone()),
            documents: DocumentColumn(documents.clone()),
            search: normalized(&search.join("\n")),
            withdrawn: withdrawn.clone().map(DocumentColumn),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_control(self, version: i32, state: VersionState, uses: &Uses) -> ApplicabilityControl {
        let control_id = self.control_id.0;
        let used = control_id.as_str().parse::<ControlId>().ok().and_then(|id| uses.get(&id));
        ApplicabilityControl {
            id: self.id.0,
            revision: self.revision,
            statement_id: self.statement_id.0,
            version,
            state,
            order: self.place,
            annex_a: find_in_annex_a(control_id.as_str()).copied(),
            draft: ApplicabilityControlDraft {
                control_id,
                title: self.title.0,
                decision: self.decision.0,
                implementation_status: self.implementation_status.map(|status| status.0),
                justification: self.justification.0,
                documents: self.documents.0,
            },
            risks: used.cloned().unwrap_or_default(),
            withdrawn: self.withdrawn.map(|by| by.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// The open risks whose treatment uses a control of Annex A.
type Uses = BTreeMap<ControlId, Vec<ControlRisk>>;

/// What an event tells of a control: what is its own, without the catalog's attributes and the risks beside it.
#[derive(Serialize)]
struct Recorded<'a> {
    id: Id<ApplicabilityControl>,
    revision: Revision,
    statement_id: Id<StatementOfApplicability>,
    version: i32,
    order: i32,
    #[serde(flatten)]
    draft: &'a ApplicabilityControlDraft,
    withdrawn: &'a Option<Signature>,
}

impl<'a> Recorded<'a> {
    fn of(control: &'a ApplicabilityControl) -> Self {
        let ApplicabilityControl { id, revision, statement_id, version, order, draft, withdrawn, .. } = control;
        let (id, revision, statement_id, version) = (*id, *revision, *statement_id, *version);
        Self { id, revision, statement_id, version, order: *order, draft, withdrawn }
    }
}

/// Which controls are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<ApplicabilityControl>>,
    /// Of this version.
    pub statement: Option<Id<StatementOfApplicability>>,
    /// Whose id, titles, justification or documents contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// With this decision.
    pub decision: Option<ApplicabilityDecision>,
    /// With this status.
    pub status: Option<ImplementationStatus>,
    /// With these attributes in the catalog.
    pub attributes: Attributes,
    /// Also own ones that were withdrawn.
    pub include_withdrawn: bool,
}

/// Attributes of Annex A; an own control has none.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    /// Of this theme.
    pub theme: Option<ControlTheme>,
    /// Whether the edition of 2022 introduced it.
    pub new: Option<bool>,
    /// Of this type.
    pub control_type: Option<ControlType>,
    /// Which preserves this.
    pub property: Option<SecurityProperty>,
    /// Which serves this.
    pub concept: Option<CybersecurityConcept>,
    /// Which this carries.
    pub capability: Option<OperationalCapability>,
    /// Which belongs to this.
    pub domain: Option<SecurityDomain>,
}

impl Attributes {
    fn fit(&self, control: &AnnexAControl) -> bool {
        self.theme.is_none_or(|theme| control.theme == theme)
            && self.new.is_none_or(|new| control.is_new_in_2022 == new)
            && self.control_type.is_none_or(|kind| control.control_types.contains(&kind))
            && self.property.is_none_or(|property| control.properties.contains(&property))
            && self.concept.is_none_or(|concept| control.concepts.contains(&concept))
            && self.capability.is_none_or(|capability| control.capabilities.contains(&capability))
            && self.domain.is_none_or(|domain| control.domains.contains(&domain))
    }

    /// The places of the controls that have them; `None` where none is asked for. The catalog alone knows attributes, so
    /// that a correction of it reaches every version.
    fn places(&self) -> Option<Vec<i32>> {
        let Self { theme, new, control_type, property, concept, capability, domain } = self;
        let asked = theme.is_some()
            || new.is_some()
            || control_type.is_some()
            || property.is_some()
            || concept.is_some()
            || capability.is_some()
            || domain.is_some();
        let fitting = CONTROLS.iter().filter(|control| self.fit(control));
        asked.then(|| fitting.map(|control| i32::from(control.order)).collect())
    }
}

/// A page of controls of versions that the caller may read; sorts by `order` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<ApplicabilityControl>> {
    let states = readable(tx, Resource::StatementOfApplicability)?;
    let grants = Grants::of::<ApplicabilityControl>(tx)?;
    let risks = tx.within(Resource::Risk, Verb::Read)?;
    let uses = risk::uses_of_controls(tx, &risks)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = a::table
                .inner_join(s::table.on(s::organization_id.eq(a::organization_id).and(s::id.eq(a::statement_id))))
                .filter(a::organization_id.eq(organization))
                .into_boxed::<Db>();
            if let Some(states) = states {
                let states: Vec<WordColumn<VersionState>> = states.iter().copied().map(WordColumn).collect();
                query = query.filter(s::state.eq_any(states));
            }
            if let Some(id) = filter.id {
                query = query.filter(a::id.eq(KeyColumn(id)));
            }
            if let Some(statement) = filter.statement {
                query = query.filter(a::statement_id.eq(KeyColumn(statement)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(a::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(a::updated_at.ge(MomentColumn(since)));
            }
            if let Some(decision) = filter.decision {
                query = query.filter(a::decision.eq(WordColumn(decision)));
            }
            if let Some(status) = filter.status {
                query = query.filter(a::implementation_status.eq(WordColumn(status)));
            }
            if !filter.include_withdrawn {
                query = query.filter(a::withdrawn.is_null());
            }
            if let Some(places) = filter.attributes.places() {
                query = query.filter(a::place.eq_any(places));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, a::updated_at, a::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, a::place, a::id, i32),
        };
        let rows: Vec<(Row, i32, WordColumn<VersionState>)> =
            query.limit(one_more(page)).select((Row::as_select(), s::version, s::state)).load(tx)?;
        (rows, total)
    });
    let controls = rows
        .into_iter()
        .map(|(row, version, state)| {
            let mut control = row.into_control(version, state.0, &uses);
            control.allowed_actions = grants.open(&control, |within| within.all);
            control
        })
        .collect();
    Ok(cut(controls, page, total, |control: &ApplicabilityControl| match page.sort_field() {
        "updated_at" => (serde_json::json!(control.updated_at), control.id.uuid()),
        _ => (serde_json::json!(control.order), control.id.uuid()),
    }))
}

/// One control of a version that the caller may read, also one that was withdrawn.
pub fn find(tx: &mut Tx<'_>, id: Id<ApplicabilityControl>) -> Outcome<Loaded<ApplicabilityControl>> {
    let filter = Filter { id: Some(id), include_withdrawn: true, ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// All controls of a version that stand, in their order, with the open risks that use them, whoever asks.
pub fn of(tx: &mut Tx<'_>, statement: &StatementOfApplicability) -> Outcome<Vec<ApplicabilityControl>> {
    let uses = risk::uses_of_controls(tx, &Within::everything())?;
    let organization = tx.organization();
    let rows: Vec<Row> = on!(
        tx,
        a::table
            .filter(a::organization_id.eq(organization))
            .filter(a::statement_id.eq(KeyColumn(statement.id)))
            .filter(a::withdrawn.is_null())
            .order(a::place.asc())
            .select(Row::as_select())
            .load(tx)
    )?;
    let (version, state) = (statement.version.number, statement.version.state);
    Ok(rows.into_iter().map(|row| row.into_control(version, state, &uses)).collect())
}

/// The controls of Annex A that no treatment may use: those that the version in force excludes, from LV.3 on.
pub fn excluded_in_force(tx: &mut Tx<'_>) -> Outcome<BTreeSet<ControlId>> {
    if organizations::find(tx)?.draft.level != ProgrammeLevel::Lv3Comprehensive {
        return Ok(BTreeSet::new());
    }
    let organization = tx.organization();
    let excluded: Vec<String> = on!(
        tx,
        a::table
            .inner_join(s::table.on(s::organization_id.eq(a::organization_id).and(s::id.eq(a::statement_id))))
            .filter(a::organization_id.eq(organization))
            .filter(s::state.eq(WordColumn(VersionState::InForce)))
            .filter(a::decision.ne(WordColumn(ApplicabilityDecision::Applicable)))
            .select(a::control_id)
            .load(tx)
    )?;
    Ok(excluded.iter().filter_map(|id| id.parse().ok()).collect())
}

/// The controls of the statement of applicability in force, where there is one, in their order.
pub(crate) struct InForce(Vec<(String, String, WordColumn<ApplicabilityDecision>)>);

/// The controls of the version in force, without own ones that were withdrawn.
pub(crate) fn in_force(tx: &mut Tx<'_>) -> Outcome<InForce> {
    let holding = a::table
        .inner_join(s::table.on(s::organization_id.eq(a::organization_id).and(s::id.eq(a::statement_id))))
        .filter(a::organization_id.eq(tx.organization()))
        .filter(s::state.eq(WordColumn(VersionState::InForce)))
        .filter(a::withdrawn.is_null())
        .order(a::place.asc());
    Ok(InForce(on!(tx, holding.select((a::control_id, a::title, a::decision)).load(tx))?))
}

impl InForce {
    /// Whether there is such a control: in Annex A, or an own one.
    pub(crate) fn has(&self, id: &str) -> bool {
        find_in_annex_a(id).is_some() || self.0.iter().any(|(control, ..)| control == id)
    }

    /// Those that are applicable.
    pub(crate) fn applicable(self) -> Vec<ApplicableControl> {
        let applicable = self.0.into_iter().filter(|(.., decision)| decision.0 == ApplicabilityDecision::Applicable);
        applicable.map(|(id, title, _)| ApplicableControl { id, title }).collect()
    }
}

/// Own controls stand after the last place of Annex A.
const FIRST_OWN: i32 = 1001;

/// The place of the next own control of a version.
pub fn next_order(tx: &mut Tx<'_>, statement: Id<StatementOfApplicability>) -> Outcome<i32> {
    let rows =
        a::table.filter(a::organization_id.eq(tx.organization())).filter(a::statement_id.eq(KeyColumn(statement)));
    let last: Option<i32> = on!(tx, rows.select(diesel::dsl::max(a::place)).get_result(tx))?;
    Ok(last.map_or(FIRST_OWN, |last| (last + 1).max(FIRST_OWN)))
}

/// The controls that a new version begins with, in one statement; its event tells of them.
pub(super) fn insert(tx: &mut Tx<'_>, controls: &[ApplicabilityControl]) -> Outcome<()> {
    let organization = tx.organization();
    let rows: Vec<Row> = controls.iter().map(|control| Row::of(control, organization)).collect();
    on!(tx, diesel::insert_into(a::table).values(&rows).execute(tx))?;
    Ok(())
}

/// Adds an own control to a version. The version is stored next: its revision follows.
pub fn add(tx: &mut Tx<'_>, control: &ApplicabilityControl) -> Outcome<()> {
    let row = Row::of(control, tx.organization());
    refuse_taken(tx, &row)?;
    on!(tx, diesel::insert_into(a::table).values(&row).execute(tx))?;
    tx.record(Resource::StatementOfApplicability, control.id.uuid(), None, &Recorded::of(control))
}

/// Stores a changed control over the revision it was read at. Its version is stored next: its revision follows.
pub fn store(tx: &mut Tx<'_>, mut control: Loaded<ApplicabilityControl>) -> Outcome<()> {
    control.revision += 1;
    control.updated_at = tx.now();
    let row = Row::of(&control, tx.organization());
    if control.draft.control_id != control.original.draft.control_id {
        refuse_taken(tx, &row)?;
    }
    let read = a::table.find((row.organization_id, row.id)).filter(a::revision.eq(control.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let (before, after) = (Recorded::of(&control.original), Recorded::of(&control.value));
    tx.record(Resource::StatementOfApplicability, control.id.uuid(), Some(&before), &after)
}

/// An id stands once in a version; one that was withdrawn is free again.
fn refuse_taken(tx: &mut Tx<'_>, row: &Row) -> Outcome<()> {
    let same = a::table
        .filter(a::organization_id.eq(row.organization_id))
        .filter(a::statement_id.eq(row.statement_id))
        .filter(a::control_id.eq(&row.control_id))
        .filter(a::withdrawn.is_null());
    let taken: i64 = on!(tx, same.count().get_result(tx))?;
    match taken {
        0 => Ok(()),
        _ => Err(Refusal::new(Code::AlreadyExists).with("field", "/control_id").into()),
    }
}
