use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, patch, post, web};
use flotilla_domain::account::AccountError;
use flotilla_domain::id::{AccountId, OwnerId, TradeId};
use flotilla_domain::trade::draft::{Draft, Fault, notes_fault, tags_fault, tidy_notes, tidy_tags};
use flotilla_domain::trade::{PnlSource, Trade};
use flotilla_store::trades::{self, TradeFilter, edit};
use flotilla_store::{StoreError, Tx, accounts, stats};
use serde_json::json;

use crate::auth::{Allowed, Trade as MayTrade};
use crate::body::Checked;
use crate::dto::trade_edits::{BulkAnswer, CreateTrade, DeleteTrades, PatchTrade, TagTrades};
use crate::dto::trades::TradeDto;
use crate::error::{ApiError, ApiResult, Problem};
use crate::floating;
use crate::idempotency::{self, IdempotencyKey, Keyed};
use crate::recording::{Target, record};
use crate::shared::Shared;

/// Type in a trade.
#[utoipa::path(
    operation_id = "create_trade",
    tag = "journal",
    params(IdempotencyKey),
    request_body = CreateTrade,
    responses(
        (status = 201, body = TradeDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/trades")]
pub async fn create_trade(
    caller: Allowed<MayTrade>,
    shared: web::Data<Shared>,
    request: Keyed<CreateTrade>,
) -> ApiResult<HttpResponse> {
    let (owner, Keyed { body, key }) = (caller.scope.owner, request);
    let draft = body.draft(owner);
    let (account, id) = (draft.account_id, draft.id);
    let (answered, is_new) = caller
        .db
        .write(caller.scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, owner, key.as_ref()).await? {
                return Ok((earlier, false));
            }
            if accounts::get(tx, owner, account).await?.archived_at.is_some() {
                return Err(AccountError::Archived.into());
            }
            let trade = finish(tx, owner, draft).await?;
            edit::insert(tx, &trade).await?;
            let shown = shown(tx, owner, trade).await?;
            let answered =
                idempotency::answer(tx, owner, key.as_ref(), (StatusCode::CREATED, &shown)).await?;
            Ok::<_, ApiError>((answered, true))
        })
        .await?;
    if is_new {
        shared.trade_changed(owner, account, id);
    }
    Ok(idempotency::respond(answered))
}

/// The trade, in the currency of its account.
async fn finish(tx: &mut Tx, owner: OwnerId, draft: Draft) -> ApiResult<Trade> {
    let currency = currency(tx, owner, draft.account_id).await?;
    draft.finish(&currency).map_err(|faults| ApiError::faults(&faults))
}

/// What an account's figures are in.
pub async fn currency(tx: &mut Tx, owner: OwnerId, account: AccountId) -> Result<String, StoreError> {
    let filter = TradeFilter { accounts: Some(vec![account]), ..TradeFilter::default() };
    let standing = stats::standings(tx, owner, &filter).await?.pop();
    standing.map(|standing| standing.currency).ok_or(StoreError::NotFound("account"))
}

async fn shown(tx: &mut Tx, owner: OwnerId, trade: Trade) -> ApiResult<TradeDto> {
    let priced = floating::of_trades(tx, owner, vec![trade]).await?.pop();
    Ok(priced.ok_or(StoreError::NotFound("trade"))?.into())
}

/// Change a trade, or annotate one from a machine.
#[utoipa::path(
    operation_id = "patch_trade",
    tag = "journal",
    params(("trade_id" = Uuid, Path)),
    request_body = PatchTrade,
    responses(
        (status = 200, body = TradeDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[patch("/api/v1/trades/{trade_id}")]
pub async fn patch_trade(
    caller: Allowed<MayTrade>,
    trade_id: web::Path<TradeId>,
    shared: web::Data<Shared>,
    body: Checked<PatchTrade>,
) -> ApiResult<web::Json<TradeDto>> {
    let (owner, id, patch) = (caller.scope.owner, *trade_id, body.0);
    let trade = caller
        .db
        .write(caller.scope, async move |tx: &mut Tx| {
            let trade = trades::lock(tx, owner, id).await?;
            // Words change nothing that would have to be computed again, or that is not known.
            let trade = if trade.source.is_by_hand() && patch.alters() {
                edited(tx, owner, trade, patch).await?
            } else {
                let trade = annotated(trade, patch)?;
                edit::annotate(tx, &trade).await?;
                trade
            };
            shown(tx, owner, trade).await
        })
        .await?;
    shared.trade_changed(owner, trade.account_id, id);
    Ok(web::Json(trade))
}

/// `trade` as a person changes it.
async fn edited(tx: &mut Tx, owner: OwnerId, trade: Trade, patch: PatchTrade) -> ApiResult<Trade> {
    // Nobody knows how many units the lots of some files are: who changes a note does not say it.
    let is_unknown = trade.multiplier.is_none() && !patch.names_units(trade.asset_type);
    let mut trade = finish(tx, owner, patch.over(Draft::of(trade))).await?;
    if is_unknown {
        if trade.pnl_source == Some(PnlSource::Computed) {
            let detail = "the file did not say how many units a lot is; tell it, or the broker's result";
            return Err(ApiError::field("multiplier", "required", detail));
        }
        trade.multiplier = None;
    }
    edit::save(tx, &trade).await?;
    Ok(trade)
}

/// `trade` with the words of its owner.
fn annotated(mut trade: Trade, patch: PatchTrade) -> ApiResult<Trade> {
    if patch.alters() {
        return Err(ApiError::MachineTrade);
    }
    trade.tags = patch.tags.map_or(trade.tags, |tags| tidy_tags(&tags));
    trade.notes = patch.notes.over(trade.notes, |notes| notes).as_deref().and_then(tidy_notes);
    let notes = trade.notes.as_deref().and_then(notes_fault);
    match tags_fault(&trade.tags).or(notes) {
        Some(fault) => Err(ApiError::faults(&[fault])),
        None => Ok(trade),
    }
}

/// Delete a trade that a person made.
#[utoipa::path(
    operation_id = "delete_trade",
    tag = "journal",
    params(("trade_id" = Uuid, Path)),
    responses(
        (status = 204, description = "Deleted."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/api/v1/trades/{trade_id}")]
pub async fn delete_trade(
    caller: Allowed<MayTrade>,
    trade_id: web::Path<TradeId>,
    shared: web::Data<Shared>,
) -> ApiResult<HttpResponse> {
    let (scope, id) = (caller.scope, *trade_id);
    let account = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let trade = trades::lock(tx, scope.owner, id).await?;
            if !trade.source.is_by_hand() {
                return Err(ApiError::MachineTrade);
            }
            edit::delete_all(tx, scope.owner, &[id]).await?;
            let detail = json!({ "symbol": trade.symbol, "pnl": trade.pnl, "source": trade.source });
            record(tx, scope, "trade_deleted", Target::Trade(id), detail).await?;
            Ok::<_, ApiError>(trade.account_id)
        })
        .await?;
    shared.trade_changed(scope.owner, account, id);
    Ok(HttpResponse::NoContent().finish())
}

/// Put tags on trades and take tags off them, whatever their source.
#[utoipa::path(
    operation_id = "tag_trades",
    tag = "journal",
    request_body = TagTrades,
    responses(
        (status = 200, body = BulkAnswer),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/trades/tag")]
pub async fn tag_trades(
    caller: Allowed<MayTrade>,
    shared: web::Data<Shared>,
    body: Checked<TagTrades>,
) -> ApiResult<web::Json<BulkAnswer>> {
    let (owner, TagTrades { ids, add, remove }) = (caller.scope.owner, body.0);
    let add: Vec<String> = add.into_iter().map(|tag| tag.trim().to_owned()).collect();
    for (field, tags) in [("add", &add), ("remove", &remove)] {
        if let Some(fault) = tags_fault(tags) {
            return Err(ApiError::faults(&[Fault { field, ..fault }]));
        }
    }
    let asked = ids.len();
    let changed = caller
        .db
        .write(caller.scope, async move |tx: &mut Tx| edit::tag_all(tx, owner, &ids, (&add, &remove)).await)
        .await?;
    Ok(web::Json(told(&shared, owner, asked, &changed)))
}

/// Delete those of the trades that a person made.
#[utoipa::path(
    operation_id = "delete_trades",
    tag = "journal",
    request_body = DeleteTrades,
    responses(
        (status = 200, body = BulkAnswer),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/trades/delete")]
pub async fn delete_trades(
    caller: Allowed<MayTrade>,
    shared: web::Data<Shared>,
    body: Checked<DeleteTrades>,
) -> ApiResult<web::Json<BulkAnswer>> {
    let (scope, ids) = (caller.scope, body.0.ids);
    let asked = ids.len();
    let gone = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let gone = edit::delete_all(tx, scope.owner, &ids).await?;
            let named: Vec<TradeId> = gone.iter().map(|(id, _)| *id).collect();
            if !gone.is_empty() {
                let target = Target::User(scope.actor);
                record(tx, scope, "trades_deleted", target, json!({ "trades": named })).await?;
            }
            Ok::<_, StoreError>(gone)
        })
        .await?;
    Ok(web::Json(told(&shared, scope.owner, asked, &gone)))
}

fn told(shared: &Shared, owner: OwnerId, asked: usize, changed: &[(TradeId, AccountId)]) -> BulkAnswer {
    for (id, account) in changed {
        shared.trade_changed(owner, *account, *id);
    }
    BulkAnswer { changed: changed.len(), skipped: asked.saturating_sub(changed.len()) }
}
