//! Import of a ledger into the asset inventory.

use std::collections::{HashMap, HashSet};

use actix_web::post;
use mamori_domain::{
    kernel::{
        id::Id,
        page::PageRequest,
        refusal::{Code, Refusal},
        sheet::{self, ImportAction, RowFault, Table},
        text::Title,
    },
    organization::{
        department::{Department, DepartmentDraft},
        organization::{Classification, ClassificationCode},
        position::{Position as Post, PositionDraft},
    },
    planning::{
        asset::{Asset, AssetState},
        asset_import::{
            Column, Found, ImportReport, ImportRow, Inventory, ParsedRow, Resolved, changes, classification, parse,
        },
    },
};
use mamori_persistence::{
    kernel::{
        failure::{Failure, Outcome},
        loaded::Loaded,
        paging::all,
        tx::Tx,
    },
    organization::{
        department as departments, organization as organizations, person as persons, position as positions,
    },
    planning::asset::{self as assets, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::RawBody,
    permit::{Permit, verbs::Create},
    problem::Problem,
    query::Query,
    sheet::{OnError, SentAs},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(import_assets);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// `true`: tells row by row what would happen, and changes nothing.
    #[param(default = false)]
    validate_only: Option<bool>,
    /// What happens with rows that have errors.
    #[param(inline, default = "refuse")]
    on_error: Option<OnError>,
    /// Creates departments and positions that the file names and that do not exist.
    #[param(default = false)]
    create_missing: Option<bool>,
}

/// Import assets
///
/// Takes a ledger as CSV (UTF-8 or CP932) or xlsx. An asset is known by its number, else by category, name and medium:
/// a second import of the same file changes nothing. Nothing is stored unless every row passes, or `on_error=skip`.
#[utoipa::path(tag = "planning", params(ImportQuery),
    request_body(description = "The file.", content((String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = 200, description = "What was done, row by row.", body = ImportReport)),
    security(("bearer" = ["asset:create"])))]
#[post("/v1/asset-imports")]
async fn import_assets(
    permit: Permit<Create, Asset>,
    query: Query<ImportQuery>,
    sent_as: SentAs,
    body: RawBody,
) -> Result<Answer, Problem> {
    let table = sent_as.read(body).await?;
    let validate_only = query.validate_only.unwrap_or_default();
    let skip = query.on_error == Some(OnError::Skip);
    let create_missing = query.create_missing.unwrap_or_default();
    permit
        .transact(move |tx| {
            let mut import = Import::begin(tx, create_missing)?;
            let mut report = import.run(tx, &table)?;
            report.validate_only = validate_only;
            if report.refused > 0 && !skip && !validate_only {
                let faults = report.rows.iter().flat_map(|row| &row.errors);
                return Err(sheet::refusal(faults).into());
            }
            Answer::ok(&report)
        })
        .await
}

/// What an import knows while it goes through the rows.
struct Import {
    create_missing: bool,
    stored: Inventory<Id<Asset>>,
    assets: HashMap<Id<Asset>, Asset>,
    touched: HashSet<Id<Asset>>,
    classes: Vec<Classification>,
    codes: Vec<ClassificationCode>,
}

impl Import {
    fn begin(tx: &mut Tx<'_>, create_missing: bool) -> Outcome<Self> {
        let classes = organizations::find(tx)?.draft.classifications.clone();
        let codes = classes.iter().map(|class| class.code.clone()).collect();
        let mut import = Self {
            create_missing,
            stored: Inventory::default(),
            assets: HashMap::new(),
            touched: HashSet::new(),
            classes,
            codes,
        };
        let filter = Filter { include_gone: true, ..Filter::default() };
        for asset in all(tx, &PageRequest::one(), |tx, page| assets::list(tx, &filter, page))? {
            import.stored.add(asset.number, &asset.draft, asset.state, asset.id);
            import.assets.insert(asset.id, asset);
        }
        Ok(import)
    }

    fn run(&mut self, tx: &mut Tx<'_>, table: &Table) -> Outcome<ImportReport> {
        let mut report = ImportReport {
            validate_only: false,
            rows_read: 0,
            created: 0,
            updated: 0,
            unchanged: 0,
            refused: 0,
            rows: Vec::new(),
        };
        let rows = match parse(table) {
            Ok(rows) => rows,
            Err(faults) => {
                report.refused = 1;
                report.rows.push(ImportRow {
                    row: 1,
                    action: ImportAction::Refuse,
                    asset_id: None,
                    name: String::new(),
                    changes: Vec::new(),
                    errors: faults,
                    warnings: Vec::new(),
                });
                return Ok(report);
            }
        };
        for row in rows {
            let done = self.row(tx, row)?;
            report.rows_read += 1;
            *match done.action {
                ImportAction::Create => &mut report.created,
                ImportAction::Update => &mut report.updated,
                ImportAction::Unchanged => &mut report.unchanged,
                ImportAction::Refuse => &mut report.refused,
            } += 1;
            report.rows.push(done);
        }
        Ok(report)
    }

    /// One row, in a savepoint: a rule that refuses it undoes it alone.
    fn row(&mut self, tx: &mut Tx<'_>, row: ParsedRow) -> Outcome<ImportRow> {
        let mut done = ImportRow {
            row: row.row,
            action: ImportAction::Refuse,
            asset_id: None,
            name: row.name.clone(),
            changes: Vec::new(),
            errors: row.faults.clone(),
            warnings: row.warnings.clone(),
        };
        let Some(identity) = row.identity() else { return Ok(done) };
        let known = match self.stored.find(&identity) {
            Found::None => None,
            Found::One(id) => Some(*id),
            Found::Several => {
                done.errors.push(row.fault(Column::Number, Code::RequiredHere));
                None
            }
        };
        if let Some(id) = known {
            done.asset_id = Some(id);
            if !self.touched.insert(id) {
                done.errors.push(row.fault(Column::Name, Code::Duplicate));
            }
            if self.assets.get(&id).is_some_and(|asset| asset.state != AssetState::InUse) {
                done.errors.push(row.fault(Column::Number, Code::WrongState));
            }
        }
        if !done.errors.is_empty() {
            return Ok(done);
        }
        let stored = known.and_then(|id| self.assets.get(&id)).cloned();
        match tx.savepoint(|tx| self.apply(tx, &row, stored)) {
            Ok(Ok((action, id, changed))) => {
                done.action = action;
                done.asset_id = id;
                done.changes = changed;
            }
            Ok(Err(faults)) => done.errors = faults,
            Err(Failure::Refused(refusal)) if refusal.errors.is_empty() => {
                done.errors.push(row.fault(Column::Name, refusal.code));
            }
            Err(Failure::Refused(refusal)) => {
                done.errors.extend(refusal.errors.iter().map(|fault| row.fault_of(fault)))
            }
            Err(failure) => return Err(failure),
        }
        Ok(done)
    }

    #[expect(clippy::type_complexity, reason = "what was done, or why not")]
    fn apply(
        &self,
        tx: &mut Tx<'_>,
        row: &ParsedRow,
        stored: Option<Asset>,
    ) -> Outcome<Result<(ImportAction, Option<Id<Asset>>, Vec<String>), Vec<RowFault>>> {
        let resolved = match self.resolve(tx, row, stored.as_ref())? {
            Ok(resolved) => resolved,
            Err(faults) => return Ok(Err(faults)),
        };
        let Some(draft) = row.draft(resolved, stored.as_ref().map(|asset| &asset.draft)) else {
            return Ok(Err(Vec::new()));
        };
        let Some(stored) = stored else {
            let number = match row.number {
                Some(number) => {
                    organizations::at_least(tx, "asset", number)?;
                    number
                }
                None => organizations::next_number(tx, "asset")?,
            };
            let asset = assets::add(tx, &Asset::enter(draft, number, &self.codes, tx.now())?)?;
            return Ok(Ok((ImportAction::Create, Some(asset.id), Vec::new())));
        };
        let changed = changes(&stored.draft, &draft);
        let id = stored.id;
        if changed.is_empty() {
            return Ok(Ok((ImportAction::Unchanged, Some(id), changed)));
        }
        let mut asset = Loaded::new(stored);
        asset.revise(draft, &self.codes)?;
        assets::store(tx, asset)?;
        Ok(Ok((ImportAction::Update, Some(id), changed)))
    }

    /// The records that the names of a row stand for.
    fn resolve(
        &self,
        tx: &mut Tx<'_>,
        row: &ParsedRow,
        stored: Option<&Asset>,
    ) -> Outcome<Result<Resolved, Vec<RowFault>>> {
        let Some(values) = &row.values else { return Ok(Err(Vec::new())) };
        let mut faults = Vec::new();
        let department = match stored.filter(|asset| row.keeps_department(asset)) {
            Some(asset) => Some(asset.draft.managing_department_id),
            None => match departments::by_name(tx, &values.managing_department)? {
                Some(department) => Some(department),
                None if self.create_missing => Some(create_department(tx, &values.managing_department)?),
                None => {
                    faults.push(row.fault(Column::ManagingDepartment, Code::UnknownReference));
                    None
                }
            },
        };
        let mut person = None;
        let mut position;
        match stored.filter(|asset| row.keeps_owner(asset)) {
            Some(asset) => {
                (person, position) = (asset.draft.risk_owner_person_id, asset.draft.risk_owner_position_id);
            }
            None => {
                position = positions::by_title(tx, &values.risk_owner)?;
                if position.is_none() {
                    person = persons::by_name(tx, &values.risk_owner)?;
                }
                if position.is_none() && person.is_none() {
                    match (self.create_missing, department) {
                        (true, Some(department)) => {
                            position = Some(create_position(tx, &values.risk_owner, department)?);
                        }
                        _ => faults.push(row.fault(Column::RiskOwner, Code::UnknownReference)),
                    }
                }
            }
        }
        let class = values.classification.as_deref().map(|word| classification(word, &self.classes));
        if class == Some(None) {
            faults.push(row.fault(Column::Classification, Code::NotInList));
        }
        match department.filter(|_| faults.is_empty()) {
            None => Ok(Err(faults)),
            Some(managing_department_id) => Ok(Ok(Resolved {
                managing_department_id,
                risk_owner_person_id: person,
                risk_owner_position_id: position,
                classification: class.flatten(),
            })),
        }
    }
}

fn create_department(tx: &mut Tx<'_>, name: &str) -> Outcome<Id<Department>> {
    let name = Title::new(name).map_err(|_| Refusal::new(Code::OutOfRange))?;
    let department = Department::establish(DepartmentDraft { name, parent_id: None }, tx.now());
    Ok(departments::add(tx, &department)?.id)
}

fn create_position(tx: &mut Tx<'_>, title: &str, department_id: Id<Department>) -> Outcome<Id<Post>> {
    let title = Title::new(title).map_err(|_| Refusal::new(Code::OutOfRange))?;
    let position = Post::create(PositionDraft { title, department_id, is_head: false }, tx.now());
    Ok(positions::add(tx, &position)?.id)
}
