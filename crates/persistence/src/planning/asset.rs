//! How assets are kept.

use std::collections::BTreeSet;

use diesel::{dsl::Or, prelude::*};
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        sign_off::Signature,
        text::normalized,
    },
    organization::{
        department::Department,
        organization::{ClassificationCode, Organization},
        person::Person,
        position::Position,
    },
    planning::{
        asset::{Asset, AssetClass, AssetDisposal, AssetDraft, AssetState, Media},
        owner::RiskOwner,
        rating::Rating,
        risk::{AssetReference, RiskState},
    },
};

use self::asset as a;
use super::{
    owner::{ACTING, Named, owner},
    rating::RatingColumn,
    reference,
    risk::{self, risk as r, risk_asset as link},
};
use crate::{
    kernel::{
        among::{Among, AmongExt},
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{Failure, OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
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

    asset (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        business_category -> Text,
        name -> Text,
        remarks -> Text,
        authorized_users -> Text,
        risk_owner_person_id -> Nullable<Key>,
        risk_owner_position_id -> Nullable<Key>,
        managing_department_id -> Key,
        media -> Text,
        storage_location -> Text,
        confidentiality -> Integer,
        integrity -> Integer,
        availability -> Integer,
        contains_personal_data -> Bool,
        contains_sensitive_personal_data -> Bool,
        contains_my_number -> Bool,
        business_critical -> Bool,
        business_critical_reason -> Nullable<Text>,
        classification -> Nullable<Text>,
        asset_class -> Nullable<Text>,
        retention_period -> Nullable<Text>,
        registered_on -> Nullable<Date>,
        importance -> Integer,
        state -> Text,
        confirmation -> Nullable<Document>,
        disposal -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = a, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Asset>,
    revision: i32,
    number: i32,
    business_category: TextColumn<1, 200>,
    name: TextColumn<1, 200>,
    remarks: TextColumn<0, 10_000>,
    authorized_users: TextColumn<1, 200>,
    risk_owner_person_id: Option<KeyColumn<Person>>,
    risk_owner_position_id: Option<KeyColumn<Position>>,
    managing_department_id: KeyColumn<Department>,
    media: WordColumn<Media>,
    storage_location: TextColumn<0, 10_000>,
    confidentiality: RatingColumn,
    integrity: RatingColumn,
    availability: RatingColumn,
    contains_personal_data: bool,
    contains_sensitive_personal_data: bool,
    contains_my_number: bool,
    business_critical: bool,
    business_critical_reason: Option<TextColumn<1, 10_000>>,
    classification: Option<String>,
    asset_class: Option<WordColumn<AssetClass>>,
    retention_period: Option<TextColumn<1, 200>>,
    registered_on: Option<chrono::NaiveDate>,
    importance: RatingColumn,
    state: WordColumn<AssetState>,
    confirmation: Option<DocumentColumn<Signature>>,
    disposal: Option<DocumentColumn<AssetDisposal>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(asset: &Asset, organization_id: KeyColumn<Organization>) -> Self {
        let Asset {
            id,
            revision,
            number,
            draft,
            importance,
            importance_basis: _,
            managing_department: _,
            risk_owner: _,
            state,
            confirmation,
            disposal,
            allowed_actions: _,
            created_at,
            updated_at,
        } = asset;
        let AssetDraft {
            business_category,
            name,
            remarks,
            authorized_users,
            risk_owner_person_id,
            risk_owner_position_id,
            managing_department_id,
            media,
            storage_location,
            confidentiality,
            integrity,
            availability,
            contains_personal_data,
            contains_sensitive_personal_data,
            contains_my_number,
            business_critical,
            business_critical_reason,
            classification,
            asset_class,
            retention_period,
            registered_on,
        } = draft;
        let number_text = number.to_string();
        let search = [
            business_category.as_str(),
            name.as_str(),
            remarks.as_str(),
            authorized_users.as_str(),
            storage_location.as_str(),
            &number_text,
        ];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            business_category: TextColumn(business_category.clone()),
            name: TextColumn(name.clone()),
            remarks: TextColumn(remarks.clone()),
            authorized_users: TextColumn(authorized_users.clone()),
            risk_owner_person_id: risk_owner_person_id.map(KeyColumn),
            risk_owner_position_id: risk_owner_position_id.map(KeyColumn),
            managing_department_id: KeyColumn(*managing_department_id),
            media: WordColumn(*media),
            storage_location: TextColumn(storage_location.clone()),
            confidentiality: RatingColumn(*confidentiality),
            integrity: RatingColumn(*integrity),
            availability: RatingColumn(*availability),
            contains_personal_data: *contains_personal_data,
            contains_sensitive_personal_data: *contains_sensitive_personal_data,
            contains_my_number: *contains_my_number,
            business_critical: *business_critical,
            business_critical_reason: business_critical_reason.clone().map(TextColumn),
            classification: classification.as_ref().map(|code| code.as_str().to_owned()),
            asset_class: asset_class.map(WordColumn),
            retention_period: retention_period.clone().map(TextColumn),
            registered_on: *registered_on,
            importance: RatingColumn(*importance),
            state: WordColumn(*state),
            confirmation: confirmation.clone().map(DocumentColumn),
            disposal: disposal.clone().map(DocumentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_asset(self, department: String, risk_owner: RiskOwner, grants: &Grants) -> Outcome<Asset> {
        let classification = self.classification.map(ClassificationCode::try_from).transpose();
        let draft = AssetDraft {
            business_category: self.business_category.0,
            name: self.name.0,
            remarks: self.remarks.0,
            authorized_users: self.authorized_users.0,
            risk_owner_person_id: self.risk_owner_person_id.map(|id| id.0),
            risk_owner_position_id: self.risk_owner_position_id.map(|id| id.0),
            managing_department_id: self.managing_department_id.0,
            media: self.media.0,
            storage_location: self.storage_location.0,
            confidentiality: self.confidentiality.0,
            integrity: self.integrity.0,
            availability: self.availability.0,
            contains_personal_data: self.contains_personal_data,
            contains_sensitive_personal_data: self.contains_sensitive_personal_data,
            contains_my_number: self.contains_my_number,
            business_critical: self.business_critical,
            business_critical_reason: self.business_critical_reason.map(|reason| reason.0),
            classification: classification.map_err(|error| Failure::Corrupt(error.to_string()))?,
            asset_class: self.asset_class.map(|class| class.0),
            retention_period: self.retention_period.map(|period| period.0),
            registered_on: self.registered_on,
        };
        let (_, importance_basis) = draft.importance();
        let mut asset = Asset {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            importance: self.importance.0,
            importance_basis,
            managing_department: Reference::new(draft.managing_department_id, department),
            risk_owner,
            state: self.state.0,
            confirmation: self.confirmation.map(|confirmation| confirmation.0),
            disposal: self.disposal.map(|disposal| disposal.0),
            allowed_actions: Vec::new(),
            draft,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        asset.allowed_actions = grants.open(&asset, |within| covers(within, &asset.draft));
        Ok(asset)
    }
}

fn covers(within: &Within, draft: &AssetDraft) -> bool {
    within.covers(Some(draft.managing_department_id), draft.risk_owner_person_id, draft.risk_owner_position_id)
}

/// Owned by a person or position within.
type Owned = Or<Among<a::risk_owner_person_id>, Among<a::risk_owner_position_id>>;

/// Whether an asset lies within, as a condition.
pub(crate) fn lies_within(within: &Within) -> Or<Among<a::managing_department_id>, Owned> {
    let owned = a::risk_owner_person_id.among(&within.persons).or(a::risk_owner_position_id.among(&within.positions));
    a::managing_department_id.among(&within.departments).or(owned)
}

/// Which assets are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Asset>>,
    /// Whose number, category, name, remarks, users or location contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// With this number.
    pub number: Option<i32>,
    /// Managed by this department.
    pub department: Option<Id<Department>>,
    /// Of this importance.
    pub importance: Option<Rating>,
    /// On this medium.
    pub media: Option<Media>,
    /// Of this class of information.
    pub classification: Option<ClassificationCode>,
    /// In this state; where none is given, only those in use.
    pub state: Option<AssetState>,
    /// Whether the owner has confirmed them.
    pub confirmed: Option<bool>,
    /// Also those that are no longer in use, where no state is given.
    pub include_gone: bool,
    /// Whose risks this person owns today, by name or by position.
    pub risk_owner_person: Option<Id<Person>>,
    /// With confidentiality, integrity or availability of this or more (R-03c).
    pub rated_from: Option<Rating>,
    /// Only those that no open risk names.
    pub without_open_risk: bool,
}

/// A page of assets that the caller may read; sorts by `number`, `name`, `importance` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Asset>> {
    let within = tx.within(Resource::Asset, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<Asset>> {
    let grants = Grants::of::<Asset>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let acting = ACTING;
    type Joined = (Row, String, Named<Person>, Named<Position>, Named<Person>);
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = a::table
                .inner_join(
                    d::table.on(d::organization_id.eq(a::organization_id).and(d::id.eq(a::managing_department_id))),
                )
                .left_join(
                    p::table.on(p::organization_id
                        .eq(a::organization_id)
                        .and(p::id.nullable().eq(a::risk_owner_person_id))),
                )
                .left_join(pos::table.on(
                    pos::organization_id.eq(a::organization_id).and(pos::id.nullable().eq(a::risk_owner_position_id)),
                ))
                .left_join(
                    holder::table.on(holder::organization_id
                        .eq(a::organization_id)
                        .and(holder::position_id.nullable().eq(a::risk_owner_position_id))
                        .and(holder::starts_on.le(today))
                        .and(holder::ends_on.is_null().or(holder::ends_on.ge(today)))),
                )
                .left_join(
                    acting.on(acting
                        .field(p::organization_id)
                        .eq(a::organization_id)
                        .and(acting.field(p::id).nullable().eq(holder::person_id.nullable()))),
                )
                .filter(a::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(lies_within(within));
            }
            if let Some(id) = filter.id {
                query = query.filter(a::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(a::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(a::updated_at.ge(MomentColumn(since)));
            }
            if let Some(number) = filter.number {
                query = query.filter(a::number.eq(number));
            }
            if let Some(department) = filter.department {
                query = query.filter(a::managing_department_id.eq(KeyColumn(department)));
            }
            if let Some(importance) = filter.importance {
                query = query.filter(a::importance.eq(RatingColumn(importance)));
            }
            if let Some(media) = filter.media {
                query = query.filter(a::media.eq(WordColumn(media)));
            }
            if let Some(code) = &filter.classification {
                query = query.filter(a::classification.eq(code.as_str().to_owned()));
            }
            if let Some(person) = filter.risk_owner_person {
                let by_position = holder::person_id.nullable().eq(KeyColumn(person));
                query = query.filter(a::risk_owner_person_id.eq(KeyColumn(person)).or(by_position));
            }
            if let Some(rating) = filter.rated_from.map(RatingColumn) {
                let high = a::confidentiality.ge(rating).or(a::integrity.ge(rating)).or(a::availability.ge(rating));
                query = query.filter(high);
            }
            if filter.without_open_risk {
                let named = link::table
                    .inner_join(r::table.on(r::organization_id.eq(link::organization_id).and(r::id.eq(link::risk_id))))
                    .filter(link::organization_id.eq(organization))
                    .filter(r::state.ne(WordColumn(RiskState::Closed)))
                    .select(link::asset_id);
                query = query.filter(a::id.ne_all(named));
            }
            query = match filter.confirmed {
                None => query,
                Some(true) => query.filter(a::confirmation.is_not_null()),
                Some(false) => query.filter(a::confirmation.is_null()),
            };
            match filter.state {
                Some(state) => query.filter(a::state.eq(WordColumn(state))),
                None if filter.include_gone => query,
                None => query.filter(a::state.eq(WordColumn(AssetState::InUse))),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "name" => sorted!(filtered(), page, a::name, a::id, String),
            "importance" => sorted!(filtered(), page, a::importance, a::id, i32),
            "updated_at" => sorted!(filtered(), page, a::updated_at, a::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, a::number, a::id, i32),
        };
        let rows: Vec<Joined> = query
            .limit(one_more(page))
            .select((
                Row::as_select(),
                d::name,
                (p::id, p::name).nullable(),
                (pos::id, pos::title).nullable(),
                acting.fields((p::id, p::name)).nullable(),
            ))
            .load(tx)?;
        (rows, total)
    });
    let assets = rows
        .into_iter()
        .map(|(row, department, person, position, acting)| {
            row.into_asset(department, owner(person, position, acting)?, &grants)
        })
        .collect::<Outcome<_>>()?;
    Ok(cut(assets, page, total, |asset: &Asset| match page.sort_field() {
        "name" => (serde_json::json!(asset.draft.name), asset.id.uuid()),
        "importance" => (serde_json::json!(RatingColumn::number(asset.importance)), asset.id.uuid()),
        "updated_at" => (serde_json::json!(asset.updated_at), asset.id.uuid()),
        _ => (serde_json::json!(asset.number), asset.id.uuid()),
    }))
}

/// One asset that the caller may read, also one that is no longer in use.
pub fn find(tx: &mut Tx<'_>, id: Id<Asset>) -> Outcome<Loaded<Asset>> {
    let within = tx.within(Resource::Asset, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One asset that the caller may read, to do `verb` to it: refused where it lies outside what the caller may do that to.
pub fn find_for(tx: &mut Tx<'_>, id: Id<Asset>, verb: Verb) -> Outcome<Loaded<Asset>> {
    let asset = find(tx, id)?;
    let within = tx.within(Resource::Asset, verb)?;
    require_within(covers(&within, &asset.draft))?;
    Ok(asset)
}

/// One asset, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<Asset>) -> Outcome<Asset> {
    Ok(find_within(tx, id, &Within::everything())?.value)
}

fn find_within(tx: &mut Tx<'_>, id: Id<Asset>, within: &Within) -> Outcome<Loaded<Asset>> {
    let filter = Filter { id: Some(id), include_gone: true, ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// The asset with this number, where the caller may read it; also one that is no longer in use.
pub fn by_number(tx: &mut Tx<'_>, number: i32) -> Outcome<Option<Loaded<Asset>>> {
    let filter = Filter { number: Some(number), include_gone: true, ..Filter::default() };
    Ok(list(tx, &filter, &PageRequest::one())?.items.pop().map(Loaded::new))
}

/// Adds a new asset.
pub fn add(tx: &mut Tx<'_>, asset: &Asset) -> Outcome<Asset> {
    let within = tx.within(Resource::Asset, Verb::Create)?;
    require_within(covers(&within, &asset.draft))?;
    check_references(tx, &asset.draft, None)?;
    let row = Row::of(asset, tx.organization());
    on!(tx, diesel::insert_into(a::table).values(&row).execute(tx))?;
    let asset = look_up(tx, asset.id)?;
    tx.record(Resource::Asset, asset.id.uuid(), None, &asset)?;
    Ok(asset)
}

/// Stores a changed asset over the revision it was read at. Its risks follow: those that take owner or department from
/// it, and, where its importance moved, those that were judged by it.
pub fn store(tx: &mut Tx<'_>, mut asset: Loaded<Asset>) -> Outcome<Asset> {
    if asset.draft != asset.original.draft {
        let within = tx.within(Resource::Asset, Verb::Update)?;
        require_within(covers(&within, &asset.draft))?;
        check_references(tx, &asset.draft, Some(&asset.original.draft))?;
    }
    asset.revision += 1;
    asset.updated_at = tx.now();
    let row = Row::of(&asset, tx.organization());
    let read = a::table.find((row.organization_id, row.id)).filter(a::revision.eq(asset.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, asset.id)?;
    tx.record(Resource::Asset, stored.id.uuid(), Some(&asset.original), &stored)?;
    let before = &asset.original;
    let belongs =
        |draft: &AssetDraft| (draft.managing_department_id, draft.risk_owner_person_id, draft.risk_owner_position_id);
    if stored.importance != before.importance {
        risk::inputs_changed(tx, stored.id)?;
    } else if belongs(&stored.draft) != belongs(&before.draft) {
        risk::belonging_changed(tx, stored.id)?;
    }
    Ok(stored)
}

/// What a draft names must be there. What it named before stays, whatever became of it.
fn check_references(tx: &mut Tx<'_>, draft: &AssetDraft, before: Option<&AssetDraft>) -> Outcome<()> {
    if before.is_none_or(|before| before.managing_department_id != draft.managing_department_id) {
        reference::department(tx, draft.managing_department_id, "/managing_department_id")?;
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

/// The assets with these ids, by number. Refused where one is not in use, or not for the caller to read.
pub fn names(tx: &mut Tx<'_>, ids: &BTreeSet<Id<Asset>>) -> Outcome<Vec<AssetReference>> {
    names_keeping(tx, ids, &BTreeSet::new())
}

/// The same for a record that named the assets `kept` before: those may stay, whatever became of them.
pub fn names_keeping(
    tx: &mut Tx<'_>,
    ids: &BTreeSet<Id<Asset>>,
    kept: &BTreeSet<Id<Asset>>,
) -> Outcome<Vec<AssetReference>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let within = tx.within(Resource::Asset, Verb::Read)?;
    let organization = tx.organization();
    let keys: Vec<KeyColumn<Asset>> = ids.iter().copied().map(KeyColumn).collect();
    let rows: Vec<Row> = on!(
        tx,
        a::table
            .filter(a::organization_id.eq(organization))
            .filter(a::id.among(&keys))
            .order(a::number.asc())
            .select(Row::as_select())
            .load(tx)
    )?;
    let may_be_named = |row: &Row| {
        let department = Some(row.managing_department_id.0);
        let person = row.risk_owner_person_id.map(|id| id.0);
        let position = row.risk_owner_position_id.map(|id| id.0);
        kept.contains(&row.id.0) || row.state.0 == AssetState::InUse && within.covers(department, person, position)
    };
    let named: Vec<AssetReference> = rows
        .into_iter()
        .filter(may_be_named)
        .map(|row| AssetReference {
            id: row.id.0,
            number: row.number,
            name: row.name.0.into_string(),
            importance: row.importance.0,
        })
        .collect();
    let unknown = ids.iter().enumerate().filter(|(_, id)| named.iter().all(|asset| asset.id != **id));
    let faults = unknown.map(|(at, _)| Fault::new(format!("/asset_ids/{at}"), Code::UnknownReference)).collect();
    Refusal::unless_empty(faults)?;
    Ok(named)
}

/// Whether risks name it, also closed ones.
pub fn has_risks(tx: &mut Tx<'_>, id: Id<Asset>) -> Outcome<bool> {
    let risks =
        link::table.filter(link::organization_id.eq(tx.organization())).filter(link::asset_id.eq(KeyColumn(id)));
    Ok(on!(tx, diesel::select(diesel::dsl::exists(risks)).get_result(tx))?)
}
