//! Import and export of the asset inventory as a ledger (情報資産管理台帳): what the columns mean, what a row says, which
//! asset it is about. Names of departments and owners stay names here; who knows the records resolves them.

mod column;
mod identity;
mod report;
mod value;

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use chrono::NaiveDate;
use serde_json::Value;
use strum::IntoEnumIterator;

pub use self::{
    column::Column,
    identity::{Found, Identity, Inventory, Words},
    report::{ImportReport, ImportRow},
    value::classification,
};
use super::{
    asset::{Asset, AssetClass, AssetDraft, Media},
    rating::Rating,
};
use crate::{
    kernel::{
        id::Id,
        label::Labelled,
        refusal::{Code, Fault, Params},
        sheet::{self, Headers, RowFault, RowReader, Table, same_text},
        text::{Bounded, Note, Text, Title},
    },
    organization::{department::Department, organization::ClassificationCode, person::Person, position::Position},
};

/// One row of a ledger.
#[derive(Clone, Debug)]
pub struct ParsedRow {
    /// Its number as the spreadsheet shows it.
    pub row: u32,
    /// The number of the asset, where the ledger gives one.
    pub number: Option<i32>,
    /// The name of the asset as it stands there, for the report.
    pub name: String,
    /// What it says; `None` where a cell has a fault.
    pub values: Option<LedgerRow>,
    /// Why it cannot be taken. Only a row without faults may be stored.
    pub faults: Vec<RowFault>,
    /// What looks wrong but is taken.
    pub warnings: Vec<RowFault>,
    words: Option<Words>,
    headers: Arc<Headers<Column>>,
}

/// What a row says: an [`AssetDraft`] with names in place of ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// 業務分類
    pub business_category: Title,
    /// 情報資産名称
    pub name: Title,
    /// 備考
    pub remarks: Note,
    /// 利用者範囲
    pub authorized_users: Title,
    /// リスク所有者: the name of a position or person
    pub risk_owner: String,
    /// 管理部署: the name of a department
    pub managing_department: String,
    /// 媒体・保存先
    pub media: Media,
    /// 保存先詳細
    pub storage_location: Note,
    /// 機密性
    pub confidentiality: Rating,
    /// 完全性
    pub integrity: Rating,
    /// 可用性
    pub availability: Rating,
    /// 個人情報
    pub contains_personal_data: bool,
    /// 要配慮個人情報
    pub contains_sensitive_personal_data: bool,
    /// 特定個人情報
    pub contains_my_number: bool,
    /// 事業上重要
    pub business_critical: bool,
    /// 事業上重要の理由
    pub business_critical_reason: Option<Text>,
    /// 情報の分類: a code or label of the organization's list, see [`classification`]
    pub classification: Option<String>,
    /// 資産区分
    pub asset_class: Option<AssetClass>,
    /// 保存期限
    pub retention_period: Option<Title>,
    /// 登録日
    pub registered_on: Option<NaiveDate>,
}

/// The records that the names of a row stand for.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The department that manages the asset.
    pub managing_department_id: Id<Department>,
    /// The owner of its risks, as a person.
    pub risk_owner_person_id: Option<Id<Person>>,
    /// The owner of its risks, as a position.
    pub risk_owner_position_id: Option<Id<Position>>,
    /// Its class of information.
    pub classification: Option<ClassificationCode>,
}

/// Reads the rows of a ledger. Only headers that cannot be understood refuse the whole file; empty rows are skipped.
pub fn parse(table: &Table) -> Result<Vec<ParsedRow>, Vec<RowFault>> {
    let headers = Arc::new(Headers::find(table)?);
    let mut rows: Vec<ParsedRow> = table
        .filled()
        .map(|(row, cells)| {
            let mut reader = RowReader::new(*row, cells, &headers);
            reader.check_width(table.headers.len());
            reader.read(Arc::clone(&headers))
        })
        .collect();
    refuse_duplicates(&mut rows);
    Ok(rows)
}

/// Two rows about the same asset are both refused.
fn refuse_duplicates(rows: &mut [ParsedRow]) {
    let mut seen = HashMap::<Identity, (usize, u32, bool)>::new();
    let mut pairs = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let numbered = row.number.is_some();
        let keys = [row.number.map(Identity::Number), row.words.clone().map(Identity::Words)];
        for identity in keys.into_iter().flatten() {
            let by_number = matches!(identity, Identity::Number(_));
            match seen.entry(identity) {
                Entry::Vacant(free) => _ = free.insert((at, row.row, numbered)),
                Entry::Occupied(other) => {
                    let (first, first_row, first_numbered) = *other.get();
                    // Different numbers tell two assets with the same words apart.
                    if by_number || !(numbered && first_numbered) {
                        let column = if by_number { Column::Number } else { Column::Name };
                        pairs.push((at, column, first_row));
                        pairs.push((first, column, row.row));
                    }
                }
            }
        }
    }
    for (at, column, other) in pairs {
        if let Some(row) = rows.get_mut(at).filter(|row| row.faults.iter().all(|fault| fault.code != Code::Duplicate)) {
            let fault = row.fault(column, Code::Duplicate).with("other_row", other);
            row.faults.push(fault);
        }
    }
}

impl ParsedRow {
    /// Which asset it is about; `None` where the cells that would tell have faults.
    pub fn identity(&self) -> Option<Identity> {
        self.number.map(Identity::Number).or_else(|| self.words.clone().map(Identity::Words))
    }

    /// A fault in a column of this row, under its header in the file.
    pub fn fault(&self, column: Column, code: Code) -> RowFault {
        RowFault::new(self.row, self.headers.name(column), code)
    }

    /// A fault of the draft that was made from this row, under the header of its field.
    pub fn fault_of(&self, fault: &Fault) -> RowFault {
        let column =
            Column::of_pointer(&fault.pointer).map_or(fault.pointer.as_str(), |column| self.headers.name(column));
        RowFault { params: fault.params.clone(), ..RowFault::new(self.row, column, fault.code) }
    }

    /// Whether the stored asset is already managed by the department that the row names.
    pub fn keeps_department(&self, stored: &Asset) -> bool {
        self.values
            .as_ref()
            .is_some_and(|values| same_text(&stored.managing_department.name, &values.managing_department))
    }

    /// Whether the risks of the stored asset already have the owner that the row names.
    pub fn keeps_owner(&self, stored: &Asset) -> bool {
        self.values.as_ref().is_some_and(|values| same_text(&stored.risk_owner.name, &values.risk_owner))
    }

    /// The draft of the asset after this row; `None` where a cell has a fault. What the file has no column for stays as
    /// it is stored, and so does a text that differs only in what spreadsheets do to texts.
    pub fn draft(&self, resolved: Resolved, stored: Option<&AssetDraft>) -> Option<AssetDraft> {
        let new = self.values.clone()?.into_draft(resolved);
        let Some(old) = stored.cloned() else { return Some(new) };
        let has = |column| self.headers.has(column);
        let place = has(Column::StorageLocation) || !new.storage_location.as_str().is_empty();
        Some(AssetDraft {
            business_category: keep(old.business_category, new.business_category),
            name: keep(old.name, new.name),
            remarks: if has(Column::Remarks) { keep(old.remarks, new.remarks) } else { old.remarks },
            authorized_users: keep(old.authorized_users, new.authorized_users),
            storage_location: if place {
                keep(old.storage_location, new.storage_location)
            } else {
                old.storage_location
            },
            contains_personal_data: either(
                has(Column::PersonalData),
                new.contains_personal_data,
                old.contains_personal_data,
            ),
            contains_sensitive_personal_data: either(
                has(Column::SensitivePersonalData),
                new.contains_sensitive_personal_data,
                old.contains_sensitive_personal_data,
            ),
            contains_my_number: either(has(Column::MyNumber), new.contains_my_number, old.contains_my_number),
            business_critical: either(has(Column::BusinessCritical), new.business_critical, old.business_critical),
            business_critical_reason: either(
                has(Column::BusinessCriticalReason),
                keep_some(old.business_critical_reason.clone(), new.business_critical_reason),
                old.business_critical_reason,
            ),
            classification: either(has(Column::Classification), new.classification, old.classification),
            asset_class: either(has(Column::AssetClass), new.asset_class, old.asset_class),
            retention_period: either(
                has(Column::RetentionPeriod),
                keep_some(old.retention_period.clone(), new.retention_period),
                old.retention_period,
            ),
            registered_on: either(has(Column::RegisteredOn), new.registered_on, old.registered_on),
            ..new
        })
    }
}

/// The first where the file has the column, else the second.
fn either<T>(given: bool, new: T, old: T) -> T {
    if given { new } else { old }
}

/// The stored text where the ledger can have come from it.
fn keep<const MIN: usize, const MAX: usize>(old: Bounded<MIN, MAX>, new: Bounded<MIN, MAX>) -> Bounded<MIN, MAX> {
    if same_text(old.as_str(), new.as_str()) { old } else { new }
}

/// The same for a text that may be missing.
fn keep_some<const MIN: usize, const MAX: usize>(
    old: Option<Bounded<MIN, MAX>>,
    new: Option<Bounded<MIN, MAX>>,
) -> Option<Bounded<MIN, MAX>> {
    match (old, new) {
        (Some(old), Some(new)) => Some(keep(old, new)),
        (_, new) => new,
    }
}

/// The names of the fields in which two drafts differ.
pub fn changes(before: &AssetDraft, after: &AssetDraft) -> Vec<String> {
    let fields = |draft| serde_json::to_value(draft).unwrap_or_default();
    let (before, after) = (fields(before), fields(after));
    let names = after.as_object().into_iter().flatten().filter(|(name, value)| before.get(name) != Some(value));
    names.map(|(name, _)| name.clone()).collect()
}

impl LedgerRow {
    fn into_draft(self, resolved: Resolved) -> AssetDraft {
        AssetDraft {
            business_category: self.business_category,
            name: self.name,
            remarks: self.remarks,
            authorized_users: self.authorized_users,
            risk_owner_person_id: resolved.risk_owner_person_id,
            risk_owner_position_id: resolved.risk_owner_position_id,
            managing_department_id: resolved.managing_department_id,
            media: self.media,
            storage_location: self.storage_location,
            confidentiality: self.confidentiality,
            integrity: self.integrity,
            availability: self.availability,
            contains_personal_data: self.contains_personal_data,
            contains_sensitive_personal_data: self.contains_sensitive_personal_data,
            contains_my_number: self.contains_my_number,
            business_critical: self.business_critical,
            business_critical_reason: self.business_critical_reason,
            classification: resolved.classification,
            asset_class: self.asset_class,
            retention_period: self.retention_period,
            registered_on: self.registered_on,
        }
    }

    /// The importance that follows from the row alone; it does not depend on the records named.
    fn importance(&self) -> Rating {
        let nobody = Resolved {
            managing_department_id: Id::from_uuid(uuid::Uuid::nil()),
            risk_owner_person_id: None,
            risk_owner_position_id: None,
            classification: None,
        };
        self.clone().into_draft(nobody).importance().0
    }
}

impl RowReader<'_, Column> {
    fn yes(&mut self, column: Column) -> bool {
        self.may(column, value::yes_or_no).unwrap_or_default()
    }

    fn read(mut self, headers: Arc<Headers<Column>>) -> ParsedRow {
        let number = self.may(Column::Number, sheet::number);
        let unsure = number.is_none() && !self.cell(Column::Number).is_empty();
        let business_category = self.must(Column::BusinessCategory, sheet::text);
        let name = self.must(Column::Name, sheet::text);
        let remarks = self.may(Column::Remarks, sheet::text);
        let authorized_users = self.must(Column::AuthorizedUsers, sheet::text);
        let risk_owner: Option<Title> = self.must(Column::RiskOwner, sheet::text);
        let managing_department: Option<Title> = self.must(Column::ManagingDepartment, sheet::text);
        let media = self.must(Column::Media, value::media);
        let mut storage_location: Option<Note> = self.may(Column::StorageLocation, sheet::text);
        if media.is_some_and(|(_, says_more)| says_more) && self.cell(Column::StorageLocation).is_empty() {
            storage_location = self.may(Column::Media, sheet::text);
        }
        let contains_personal_data = self.yes(Column::PersonalData);
        let contains_sensitive_personal_data = self.yes(Column::SensitivePersonalData);
        let contains_my_number = self.yes(Column::MyNumber);
        let confidentiality = self.must(Column::Confidentiality, value::rating);
        let integrity = self.must(Column::Integrity, value::rating);
        let availability = self.must(Column::Availability, value::rating);
        let business_critical = self.yes(Column::BusinessCritical);
        let business_critical_reason = self.may(Column::BusinessCriticalReason, sheet::text);
        // Without the column the stored asset may know the reason; the draft is checked again.
        if business_critical
            && self.headers.has(Column::BusinessCriticalReason)
            && self.cell(Column::BusinessCriticalReason).is_empty()
        {
            self.refuse(Column::BusinessCriticalReason, Code::RequiredHere, Params::new());
        }
        let classification: Option<Title> = self.may(Column::Classification, sheet::text);
        let asset_class = self.may(Column::AssetClass, value::asset_class);
        let retention_period = self.may(Column::RetentionPeriod, sheet::text);
        let registered_on = self.may(Column::RegisteredOn, value::date);

        let place = storage_location.as_ref().map(Note::as_str);
        let place = place.or(self.headers.has(Column::StorageLocation).then_some(""));
        let words = match (&business_category, &name, media) {
            (Some(category), Some(name), Some((media, _))) if !unsure => Some(Words::new(category, name, media, place)),
            _ => None,
        };
        let told_name = self.cell(Column::Name).to_owned();
        let faultless = self.faults.is_empty();
        let whole = || {
            Some(LedgerRow {
                business_category: business_category?,
                name: name?,
                remarks: remarks.unwrap_or_default(),
                authorized_users: authorized_users?,
                risk_owner: risk_owner?.into_string(),
                managing_department: managing_department?.into_string(),
                media: media?.0,
                storage_location: storage_location.unwrap_or_default(),
                confidentiality: confidentiality?,
                integrity: integrity?,
                availability: availability?,
                contains_personal_data,
                contains_sensitive_personal_data,
                contains_my_number,
                business_critical,
                business_critical_reason,
                classification: classification.map(Title::into_string),
                asset_class,
                retention_period,
                registered_on,
            })
        };
        let values = if faultless { whole() } else { None };
        let warnings = values.iter().filter_map(|values| self.importance_warning(values)).collect();
        ParsedRow { row: self.row, number, name: told_name, values, faults: self.faults, warnings, words, headers }
    }

    /// The ledger states another importance than follows from the rest of the row.
    fn importance_warning(&self, values: &LedgerRow) -> Option<RowFault> {
        let stated = self.cell(Column::Importance);
        let derived = values.importance();
        if stated.is_empty() || value::rating(stated) == Ok(derived) {
            return None;
        }
        let stated = value::rating(stated).map_or_else(|_| Value::from(stated), |rating| rating.get().into());
        let warning = RowFault::new(self.row, self.headers.name(Column::Importance), Code::Contradiction);
        Some(warning.with("stated", stated).with("derived", derived.get()))
    }
}

/// The cells of an asset, in the order of [`Column`].
pub fn export_row(asset: &Asset) -> Vec<String> {
    Column::iter().map(|column| export_cell(asset, column)).collect()
}

fn export_cell(asset: &Asset, column: Column) -> String {
    let draft = &asset.draft;
    let yes = |yes: bool| if yes { "有" } else { "" }.to_owned();
    match column {
        Column::Number => asset.number.to_string(),
        Column::BusinessCategory => draft.business_category.to_string(),
        Column::Name => draft.name.to_string(),
        Column::Remarks => draft.remarks.to_string(),
        Column::AuthorizedUsers => draft.authorized_users.to_string(),
        Column::RiskOwner => asset.risk_owner.name.clone(),
        Column::ManagingDepartment => asset.managing_department.name.clone(),
        Column::Media => draft.media.label().ja.to_owned(),
        Column::StorageLocation => draft.storage_location.to_string(),
        Column::PersonalData => yes(draft.contains_personal_data),
        Column::SensitivePersonalData => yes(draft.contains_sensitive_personal_data),
        Column::MyNumber => yes(draft.contains_my_number),
        Column::Confidentiality => draft.confidentiality.to_string(),
        Column::Integrity => draft.integrity.to_string(),
        Column::Availability => draft.availability.to_string(),
        Column::Importance => asset.importance.to_string(),
        Column::BusinessCritical => yes(draft.business_critical),
        Column::BusinessCriticalReason => written(draft.business_critical_reason.as_ref()),
        Column::Classification => {
            draft.classification.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default()
        }
        Column::AssetClass => draft.asset_class.map(|class| class.label().ja.to_owned()).unwrap_or_default(),
        Column::RetentionPeriod => written(draft.retention_period.as_ref()),
        Column::RegisteredOn => written(draft.registered_on.as_ref()),
    }
}

/// A value that may be missing, as text.
fn written(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests;
