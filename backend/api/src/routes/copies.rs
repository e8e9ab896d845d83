use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use flotilla_domain::account::{Account, CopyRole};
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::resolution::{ResolutionAction, ResolutionError};
use flotilla_domain::id::{AccountId, CopyId, OwnerId};
use flotilla_domain::ticket::Ticket;
use flotilla_store::copies::{self, CopiesOf, CopyFilter, CopyView};
use flotilla_store::{StoreError, StoreResult, Tx, accounts, orphans, resolutions, venue_orders};
use serde_json::json;

use crate::auth::{Allowed, Read, Trade};
use crate::body::Query;
use crate::dto::copies::{CandidateDto, CopyDetailDto, CopyDto, CopyQuery, ResolveCopy, Resolving};
use crate::dto::venue_orders::VenueOrderDto;
use crate::error::{ApiError, ApiResult, Problem};
use crate::floating;
use crate::idempotency::{self, IdempotencyKey, Keyed};
use crate::page::{self, Page};
use crate::recording::{Target, record};
use crate::shared::Shared;

/// Copies, newest first: of a follower its own, of a master those of its
/// owner's followers.
#[utoipa::path(
    operation_id = "list_copies",
    tag = "copying",
    params(("account_id" = Uuid, Path), CopyQuery),
    responses(
        (status = 200, body = Page<CopyDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/copies")]
pub async fn list_copies(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    query: Query<CopyQuery>,
) -> ApiResult<web::Json<Page<CopyDto>>> {
    let Query(query) = query;
    let limit = page::limit(query.limit)?;
    let (owner, id) = (caller.scope.owner, *account_id);
    let filter = CopyFilter {
        states: query.state.unwrap_or_default().0,
        reason: query.reason.map(|word| word.0),
        symbol: query.symbol,
        before: page::after(query.cursor.as_deref())?,
        ..CopyFilter::default()
    };
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let of = Some(side_of(&accounts::get(tx, owner, id).await?));
            let rows = copies::list(tx, owner, CopyFilter { of, ..filter }, limit + 1).await?;
            floating::of_copies(tx, owner, rows).await
        })
        .await?;
    Ok(web::Json(Page::of(rows, limit, |copy| copy.row.row)))
}

/// Which side of its copies an account stands on.
const fn side_of(account: &Account) -> CopiesOf {
    match account.copy_role {
        CopyRole::Master => CopiesOf::Master(account.id),
        CopyRole::Follower | CopyRole::None => CopiesOf::Follower(account.id),
    }
}

/// One copy with every step it took.
#[utoipa::path(
    operation_id = "get_copy",
    tag = "copying",
    params(("copy_id" = Uuid, Path)),
    responses(
        (status = 200, body = CopyDetailDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/copies/{copy_id}")]
pub async fn get_copy(
    caller: Allowed<Read>,
    copy_id: web::Path<CopyId>,
) -> ApiResult<web::Json<CopyDetailDto>> {
    let (owner, id) = (caller.scope.owner, *copy_id);
    let detail = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let history = copies::history(tx, owner, id).await?;
            let candidates = candidates(tx, owner, &history.copy).await?;
            let orders = venue_orders::views::list(tx, owner, id).await?;
            let orders = orders.into_iter().map(|order| VenueOrderDto::new(order, &history.copy)).collect();
            let copy = floating::of_copies(tx, owner, vec![history.copy]).await?.pop();
            let copy = copy.ok_or(StoreError::NotFound("copy"))?;
            Ok::<_, StoreError>(CopyDetailDto::new(copy, history.events, candidates, orders))
        })
        .await?;
    Ok(web::Json(detail))
}

/// Of a copy in doubt, the positions that may be its own; of one that was closed, its own where that is there again.
async fn candidates(tx: &mut Tx, owner: OwnerId, copy: &CopyView) -> StoreResult<Vec<CandidateDto>> {
    let own = copy.venue_ref.as_deref().and_then(|own| own.parse::<Ticket>().ok());
    let back = if is_back(tx, owner, copy, own).await? { own } else { None };
    if !is_in_doubt(copy) && back.is_none() {
        return Ok(Vec::new());
    }
    let unowned = orphans::list(tx, owner, copy.follower_id, None, CANDIDATES).await?;
    let may_be = unowned.iter().filter(|orphan| match back {
        Some(back) => orphan.ticket == back,
        None => !orphan.is_named,
    });
    Ok(may_be.map(|orphan| CandidateDto::new(orphan, copy.claimed_at)).collect())
}

/// Whether a copy was closed and its position, `ticket`, is there again.
async fn is_back(tx: &mut Tx, owner: OwnerId, copy: &CopyView, ticket: Option<Ticket>) -> StoreResult<bool> {
    match ticket {
        Some(ticket) if copy.state == CopyState::Closed => {
            orphans::is_back(tx, owner, copy.follower_id, ticket).await
        }
        _ => Ok(false),
    }
}

/// Positions that are offered for a copy in doubt.
const CANDIDATES: i64 = 200;

const fn is_in_doubt(copy: &CopyView) -> bool {
    matches!(copy.state, CopyState::Unconfirmed | CopyState::Attention)
}

/// Decide what becomes of a copy in doubt, or close one that is open.
///
/// Only a position that the follower's own terminal has reported can be named. A copy that counts as closed can be
/// linked to its own position, or closed once more, while it has that as a candidate: then the exchange has it again.
#[utoipa::path(
    operation_id = "resolve_copy",
    tag = "copying",
    params(("copy_id" = Uuid, Path), IdempotencyKey),
    request_body = ResolveCopy,
    responses(
        (status = 202, body = Resolving),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/copies/{copy_id}/resolve")]
pub async fn resolve_copy(
    caller: Allowed<Trade>,
    copy_id: web::Path<CopyId>,
    shared: web::Data<Shared>,
    request: Keyed<ResolveCopy>,
) -> ApiResult<HttpResponse> {
    let (scope, id, Keyed { body, key }) = (caller.scope, *copy_id, request);
    let (action, ticket) = (body.action.0, body.ticket);
    let (asked, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((None, earlier));
            }
            let copy = copies::history(tx, scope.owner, id).await?.copy;
            check_resolution(tx, scope.owner, &copy, action, ticket).await?;
            let request = resolutions::insert(tx, scope, id, action, ticket).await?;
            let shown = (StatusCode::ACCEPTED, &Resolving { request_id: request });
            let answered = idempotency::answer(tx, scope.owner, key.as_ref(), shown).await?;
            let detail = json!({ "action": action, "ticket": ticket, "request_id": request });
            record(tx, scope, "copy_resolution_asked", Target::Copy(id), detail).await?;
            Ok::<_, ApiError>((Some((copy.follower_id, request)), answered))
        })
        .await?;
    if let Some((follower, request)) = asked {
        shared.requested(scope.owner, follower, request.uuid());
    }
    Ok(idempotency::respond(answered))
}

/// The worker checks again when it performs the decision: evidence may come first.
async fn check_resolution(
    tx: &mut Tx,
    owner: OwnerId,
    copy: &CopyView,
    action: ResolutionAction,
    ticket: Option<Ticket>,
) -> ApiResult<()> {
    let is_open = copy.state == CopyState::Open && !copy.desired_lots.is_zero();
    let is_allowed = is_in_doubt(copy)
        || (is_open && action == ResolutionAction::Close)
        || (action != ResolutionAction::Leave && is_back(tx, owner, copy, ticket).await?);
    if !is_allowed {
        return Err(ResolutionError::NotInDoubt.into());
    }
    match (action, ticket, &copy.venue_ref) {
        (ResolutionAction::Leave, ..) | (ResolutionAction::Close, None, Some(_)) => Ok(()),
        (_, Some(ticket), Some(own)) if ticket.to_string() == *own => Ok(()),
        (_, _, Some(_)) | (_, None, None) => {
            Err(ApiError::field("ticket", "required", "name a position of the account"))
        }
        (_, Some(ticket), None) => {
            let is_candidate = orphans::is_candidate(tx, owner, copy.follower_id, ticket).await?;
            is_candidate.then_some(()).ok_or_else(|| ResolutionError::NotACandidate.into())
        }
    }
}
