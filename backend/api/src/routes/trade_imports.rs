use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use flotilla_domain::account::AccountError;
use flotilla_domain::id::{TradeId, UserId};
use flotilla_domain::import::mapping::{Field, Layout, Preset};
use flotilla_domain::import::value::Reading;
use flotilla_domain::import::{Importer, RowFault, Taken, Target as Destination};
use flotilla_domain::stats::clock::LocalClock;
use flotilla_domain::trade::Trade;
use flotilla_store::trades::edit;
use flotilla_store::trades::imports::{self, Found};
use flotilla_store::{Tx, accounts, transaction_time, users};
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use crate::arrivals::Body;
use crate::auth::{Allowed, Read, Trade as MayTrade};
use crate::body::Query;
use crate::dto::trade_imports::{ImportError, ImportProgress, ImportQuery, ImportReport};
use crate::dto::trades::TradeDto;
use crate::error::{ApiError, ApiResult, FieldProblem, Problem};
use crate::floating::FloatingFigures;
use crate::idempotency::{self, IdempotencyKey, KeyOnly};
use crate::imports::Progress;
use crate::recording::{Target, record};
use crate::routes::trade_edits::currency;
use crate::shared::Shared;
use crate::turns;
use crate::upload::Upload;

/// Faults that are told one by one.
const FAULTS_TOLD: usize = 100;
/// Trades that are shown.
const SHOWN: usize = 20;
/// A file that arrived waits so long for its turn.
const PATIENCE: Duration = Duration::from_mins(5);
/// Nothing is asked of the database for so long at most: it ends a transaction in which nothing happens, and rows may be
/// blank, or fills of positions that are written at the end.
const QUIET: Duration = Duration::from_secs(2);
/// Trades of one statement.
const ROWS_AT_ONCE: usize = 500;

/// Import trades from a file, all or none.
///
/// The body is the file itself, at most 100 MB unless the server is set otherwise: comma-separated values (also
/// with semicolons or tabs) or an HTML report, UTF-8 or marked as UTF-16.
/// With `dry_run` nothing is written. What the account has already, from an
/// earlier file, a machine or a hand, is left out and counted. A position that
/// was open at the end of an earlier file of fills goes on as that trade, and so
/// does one with its number at the broker; what an earlier file had under that
/// number with another zone or fee is left out. A row with an error refuses the
/// whole file. One import of an owner goes on at a time, four of a network (IPv6:
/// of a /64). A file that brings less than 64 KiB in ten seconds before its end is
/// refused.
/// An `Idempotency-Key` stands for the whole file, and counts without `dry_run` only.
#[utoipa::path(
    operation_id = "import_trades",
    tag = "journal",
    params(ImportQuery, IdempotencyKey),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, body = ImportReport),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/trades/import")]
pub async fn import_trades(
    caller: Allowed<MayTrade>,
    shared: web::Data<Shared>,
    query: Query<ImportQuery>,
    body: Body,
    key: KeyOnly,
) -> ApiResult<HttpResponse> {
    let (scope, query) = (caller.scope, query.0);
    let (layout, is_strict) = query.layout()?;
    let (account, zone) = (query.account_id, query.time_zone.clone());
    let (currency, zone) = caller
        .db
        .read(scope, async move |tx: &mut Tx| {
            if accounts::get(tx, scope.owner, account).await?.archived_at.is_some() {
                return Err(AccountError::Archived.into());
            }
            let own = users::get(tx, UserId::from(scope.owner)).await?.time_zone;
            Ok::<_, ApiError>((currency(tx, scope.owner, account).await?, zone.unwrap_or(own)))
        })
        .await?;
    let clock = LocalClock::new(&zone)
        .map_err(|_| ApiError::field("time_zone", "invalid_time_zone", "use a name like Asia/Bangkok"))?;
    let import = shared.imports.begin(scope.owner, body.network)?;
    let file = Upload::take(body.payload, &import.progress, shared.config.largest_import).await?;
    let _turn = turns::take(&turns::IMPORTS, PATIENCE).await?;
    let plan = Plan {
        preset: query.preset.map(|word| word.0),
        reading: Reading { decimal: layout.decimal, order: layout.order, clock },
        layout,
        is_strict,
        target: Destination { owner_id: scope.owner, account_id: account, currency },
        progress: import.progress.clone(),
    };
    let report = plan.look(&file, query.dry_run).await?;
    if report.error_count > 0 {
        return if query.dry_run { Ok(HttpResponse::Ok().json(report)) } else { Err(refused(&report)) };
    }
    let key = if query.dry_run { None } else { key.with(file.hash()) };
    let (is_new, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((false, earlier));
            }
            let report = plan.write(tx, &file, report).await?;
            let shown = (StatusCode::OK, &report);
            let answered = idempotency::answer(tx, scope.owner, key.as_ref(), shown).await?;
            if report.imported > 0 {
                let detail = json!({ "imported": report.imported, "duplicates": report.duplicates });
                record(tx, scope, "trades_imported", Target::Account(account), detail).await?;
            }
            Ok::<_, ApiError>((true, answered))
        })
        .await?;
    if is_new {
        shared.account_changed(scope.owner, account);
        shared.trades_changed(scope.owner, account);
    }
    Ok(idempotency::respond(answered))
}

/// How far the caller's import is.
#[utoipa::path(
    operation_id = "get_import_progress",
    tag = "journal",
    responses(
        (status = 200, body = ImportProgress),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/trades/import")]
pub async fn get_import_progress(
    caller: Allowed<Read>,
    shared: web::Data<Shared>,
) -> ApiResult<web::Json<ImportProgress>> {
    let reached = shared.imports.reached(caller.scope.owner).ok_or(ApiError::NotFound)?;
    Ok(web::Json(reached.into()))
}

fn refused(report: &ImportReport) -> ApiError {
    let problem = |error: &ImportError| FieldProblem {
        field: format!("row {}.{}", error.row, error.field),
        code: error.code.clone().into(),
        detail: error.detail.clone(),
    };
    ApiError::Invalid(report.errors.iter().map(problem).collect())
}

/// How a file is read, and where it goes.
struct Plan {
    preset: Option<Preset>,
    layout: Layout,
    is_strict: bool,
    reading: Reading,
    target: Destination,
    progress: Arc<Progress>,
}

impl Plan {
    fn importer(&self) -> Importer {
        let importer =
            Importer::new(self.target.clone(), self.layout.clone(), self.reading.clone(), self.is_strict);
        match self.preset {
            Some(Preset::Metatrader5) => importer.in_lots(),
            Some(Preset::Flotilla) => importer.of_export(),
            _ => importer,
        }
    }

    /// Reads the whole file and says what is in it.
    async fn look(&self, file: &Upload, dry_run: bool) -> ApiResult<ImportReport> {
        let mut report = ImportReport {
            dry_run,
            confidence: self.preset.map(|preset| preset.confidence().into()),
            columns: Vec::new(),
            mapping: self.layout.columns.clone(),
            fields: Field::ALL.iter().map(|field| (*field).into()).collect(),
            trades: 0,
            duplicates: 0,
            imported: 0,
            error_count: 0,
            errors: Vec::new(),
            preview: Vec::new(),
        };
        let (mut importer, mut rows) = (self.importer(), file.rows().await?);
        while let Some(some) = rows.next().await? {
            for row in &some {
                report.tell(importer.take(row, new_id()));
            }
            self.progress.checked(some.len());
        }
        importer.finish(new_id).into_iter().for_each(|taken| report.tell(taken));
        report.columns = importer.columns().to_vec();
        if let Some(fault) = importer.missing() {
            report.fail(&[fault]);
        }
        Ok(report)
    }

    /// Writes every trade of the file, or counts what would be written.
    async fn write(&self, tx: &mut Tx, file: &Upload, mut report: ImportReport) -> ApiResult<ImportReport> {
        let (mut importer, mut rows) = (self.importer(), file.rows().await?);
        let (mut found, mut asked) = (Vec::new(), Instant::now());
        imports::begin(tx).await?;
        loop {
            let some = rows.next().await?;
            let is_end = some.is_none();
            let taken: Vec<Taken> = match some {
                Some(some) => some.iter().map(|row| importer.take(row, new_id())).collect(),
                None => importer.finish(new_id),
            };
            found.extend(taken.into_iter().filter_map(|taken| match taken {
                Taken::Trade(trade, mark) => Some(Found { trade: *trade, mark }),
                Taken::Nothing | Taken::Faults(_) => None,
            }));
            if found.len() >= ROWS_AT_ONCE || is_end {
                self.flush(tx, std::mem::take(&mut found), &mut report).await?;
                asked = Instant::now();
            } else if asked.elapsed() > QUIET {
                transaction_time::read(tx).await?;
                asked = Instant::now();
            }
            if is_end {
                return Ok(report);
            }
        }
    }

    async fn flush(&self, tx: &mut Tx, found: Vec<Found>, report: &mut ImportReport) -> ApiResult<()> {
        let (all, place) = (found.len(), (self.target.owner_id, self.target.account_id));
        let prints: Vec<String> = found.iter().map(|one| one.mark.print.clone()).collect();
        let fresh = imports::unknown(tx, place, found).await?;
        let (fresh, longer) = if self.layout.is_of_fills {
            imports::continued(tx, place, fresh, &prints).await?
        } else {
            imports::renumbered(tx, place, fresh, &prints).await?
        };
        let mut fresh_count = fresh.len().saturating_add(longer.len());
        if !report.dry_run {
            if !longer.is_empty() {
                edit::save_all(tx, self.target.owner_id, &longer).await?;
            }
            fresh_count = edit::insert_all(tx, &fresh).await?.saturating_add(longer.len());
            report.imported = report.imported.saturating_add(count(fresh_count));
        }
        report.duplicates = report.duplicates.saturating_add(count(all.saturating_sub(fresh_count)));
        self.progress.written(all);
        Ok(())
    }
}

fn new_id() -> TradeId {
    TradeId::from_uuid(Uuid::now_v7())
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

impl ImportReport {
    fn tell(&mut self, taken: Taken) {
        match taken {
            Taken::Nothing => {}
            Taken::Trade(trade, _) => self.add(*trade),
            Taken::Faults(faults) => self.fail(&faults),
        }
    }

    fn add(&mut self, trade: Trade) {
        self.trades = self.trades.saturating_add(1);
        if self.preview.len() < SHOWN {
            self.preview.push(TradeDto::with_floating(trade, FloatingFigures::default()));
        }
    }

    fn fail(&mut self, faults: &[RowFault]) {
        self.error_count = self.error_count.saturating_add(count(faults.len()));
        let room = FAULTS_TOLD.saturating_sub(self.errors.len());
        self.errors.extend(faults.iter().take(room).map(ImportError::from));
    }
}
