//! Performs what people decided about copies.

use std::sync::Arc;

use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::resolution::{Resolution, ResolutionError};
use flotilla_domain::id::{AccountId, TradeId};
use flotilla_domain::ticket::Ticket;
use flotilla_engine::deadline::CLOSE_REPEATS_S;
use flotilla_engine::decision::{Decided, decide};
use flotilla_store::changes::ChangeKind;
use flotilla_store::copy_orders::claim::{Closes, DueClose, claim_closes};
use flotilla_store::copy_orders::settle::{CopyChange, settle};
use flotilla_store::copy_orders::{self, LockedCopy};
use flotilla_store::resolutions::{self, OpenResolution};
use flotilla_store::{StoreResult, Tx, journal_projection, orphans};
use uuid::Uuid;

use crate::dispatch;
use crate::failpoint::{Point, pass_if};
use crate::gateway::Gateway;
use crate::settle::change;
use crate::venue::vanished::{self, Stated};

/// What became of a decision.
struct Performed {
    asked: OpenResolution,
    follower: Option<AccountId>,
    failure: Option<&'static str>,
    change: Option<CopyChange>,
    /// Instead of a change, where the order of a copy at an exchange changed with it.
    stated: Option<Stated>,
    closes: Vec<DueClose>,
    trades: Vec<(Uuid, TradeId)>,
}

/// Performs every decision that waits, each in a commit of its own.
pub(crate) async fn perform(gateway: Arc<Gateway>) -> StoreResult<()> {
    loop {
        let performed = gateway.db.open(async |tx| perform_next(tx, &gateway).await).await?;
        let Some(performed) = performed else { return Ok(()) };
        pass_if(Point::Performed, !performed.closes.is_empty());
        tell(&gateway, &performed);
    }
}

async fn perform_next(tx: &mut Tx, gateway: &Gateway) -> StoreResult<Option<Performed>> {
    let Some(asked) = resolutions::lock_next(tx).await? else { return Ok(None) };
    let copy = copy_orders::lock_ids(tx, &[asked.copy_id.uuid()]).await?.pop();
    let copy = copy.filter(|copy| copy.order.owner_id == asked.owner_id);
    let decided = match (&copy, asked.resolution) {
        (Some(copy), Some(resolution)) => judge(tx, copy, resolution).await?,
        (None, _) => Err("not_found"),
        (_, None) => Err(ResolutionError::NoTicket.code()),
    };
    let mut performed = Performed {
        follower: copy.as_ref().map(|copy| copy.order.follower_id),
        asked,
        failure: None,
        change: None,
        stated: None,
        closes: Vec::new(),
        trades: Vec::new(),
    };
    performed.failure = match (copy, decided) {
        (Some(copy), Ok(decided)) => {
            carry_out(tx, gateway, copy, decided, &mut performed).await?;
            None
        }
        (_, Err(failure)) => Some(failure),
        (None, Ok(_)) => Some("not_found"),
    };
    resolutions::finish(tx, &asked, performed.failure).await?;
    pass_if(Point::Performing, !performed.closes.is_empty());
    Ok(Some(performed))
}

async fn judge(
    tx: &mut Tx,
    copy: &LockedCopy,
    resolution: Resolution,
) -> StoreResult<Result<Decided, &'static str>> {
    let named = match resolution {
        Resolution::Link(ticket) => Some(ticket),
        Resolution::Close(ticket) => ticket,
        Resolution::Leave => None,
    };
    let candidates: Vec<Ticket> = match named {
        Some(ticket) if is_candidate(tx, copy, ticket).await? => vec![ticket],
        _ => Vec::new(),
    };
    Ok(decide(&copy.order, resolution, &candidates).map_err(ResolutionError::code))
}

async fn is_candidate(tx: &mut Tx, copy: &LockedCopy, ticket: Ticket) -> StoreResult<bool> {
    let (owner, follower) = (copy.order.owner_id, copy.order.follower_id);
    if copy.order.state == CopyState::Closed {
        return orphans::is_back(tx, owner, follower, ticket).await;
    }
    orphans::is_candidate(tx, owner, follower, ticket).await
}

async fn carry_out(
    tx: &mut Tx,
    gateway: &Gateway,
    copy: LockedCopy,
    decided: Decided,
    performed: &mut Performed,
) -> StoreResult<()> {
    let id = copy.order.id;
    if decided.is_unwanted {
        resolutions::want_flat(tx, id).await?;
    }
    performed.stated = match &decided.edge {
        Some(edge) if edge.to == CopyState::Open => vanished::state(tx, &copy, edge).await?,
        _ => None,
    };
    if performed.stated.is_none() {
        performed.change = decided.edge.map(|edge| change(&copy.order, edge));
    }
    if let Some(change) = &performed.change {
        settle(tx, std::slice::from_ref(change)).await?;
    }
    // Takes only copies that are open and shall be flat.
    performed.closes = claim_closes(tx, gateway.node, Closes::Copies(&[id.uuid()]), &CLOSE_REPEATS_S).await?;
    performed.trades = journal_projection::list_ids(tx, &[id.uuid()]).await?;
    Ok(())
}

fn tell(gateway: &Gateway, performed: &Performed) {
    let asked = &performed.asked;
    tracing::info!(copy.id = %asked.copy_id, request.id = %asked.id, failure = performed.failure, "decision about a copy");
    if let Some(stated) = &performed.stated {
        stated.tell(gateway);
    }
    dispatch::tell_changes(gateway, performed.change.as_slice(), &performed.trades);
    dispatch::send_closes(gateway, &performed.closes);
    dispatch::tell_claims(gateway, &performed.closes, &[]);
    if let Some(follower) = performed.follower {
        gateway.hint(ChangeKind::Request, asked.owner_id, follower, asked.id.uuid());
        gateway.hint(ChangeKind::Account, asked.owner_id, follower, follower.uuid());
    }
}
