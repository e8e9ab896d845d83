//! Performs what the stop button asks for, and writes how far it is.

use std::sync::Arc;

use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::stop::OperationKind;
use flotilla_engine::deadline::CLOSE_REPEATS_S;
use flotilla_store::changes::ChangeKind;
use flotilla_store::copy_orders::flatten::{Flatten, Flattened, flatten};
use flotilla_store::stop_requests::{self, Skipped, StopRequest};
use flotilla_store::{StoreResult, Tx};

use crate::failpoint::{Point, pass_if};
use crate::gateway::Gateway;
use crate::ingest::tell_flattened;
use crate::measure;

/// What became of a request at one look.
struct Performed {
    request: StopRequest,
    flattened: Vec<Flattened>,
    skipped: Vec<Skipped>,
    has_changed: bool,
}

impl Performed {
    fn closes(&self) -> bool {
        !self.flattened.is_empty()
    }
}

/// Looks at every request that is not done.
pub(crate) async fn perform(gateway: Arc<Gateway>) -> StoreResult<()> {
    let performed = gateway.db.open(async |tx| perform_in(tx, &gateway).await).await?;
    pass_if(Point::Performed, performed.iter().any(Performed::closes));
    for one in &performed {
        tell(&gateway, one);
    }
    Ok(())
}

async fn perform_in(tx: &mut Tx, gateway: &Gateway) -> StoreResult<Vec<Performed>> {
    let mut performed = Vec::new();
    for request in stop_requests::lock_open(tx).await? {
        performed.push(perform_one(tx, gateway, request).await?);
    }
    pass_if(Point::Performing, performed.iter().any(Performed::closes));
    Ok(performed)
}

/// A signal that was being stored when the request was made shows a little
/// later, so the first looks all act. Acting again changes nothing.
async fn perform_one(tx: &mut Tx, gateway: &Gateway, request: StopRequest) -> StoreResult<Performed> {
    let (mut skipped, mut flattened) = (Vec::new(), Vec::new());
    if request.is_recent && matches!(request.kind, OperationKind::StopNew | OperationKind::Flatten) {
        skipped = stop_requests::skip_planned(tx, &request).await?;
    }
    if request.is_recent && request.kind.closes() {
        let what = Flatten::Stop(request.target.clone());
        let why = request.why.as_ref().map_or(ReasonCode::Stopped, |(reason, _)| *reason);
        flattened = flatten(tx, gateway.node, &what, why, &CLOSE_REPEATS_S).await?;
    }
    let progress = stop_requests::save_progress(tx, &request).await?;
    Ok(Performed { request, flattened, skipped, has_changed: progress.has_changed })
}

fn tell(gateway: &Gateway, one: &Performed) {
    let request = &one.request;
    measure::copies(Some(CopyState::Planned), CopyState::Skipped, one.skipped.len());
    for copy in &one.skipped {
        gateway.hint(ChangeKind::Copy, copy.owner_id, copy.follower_id, copy.copy_id.uuid());
        gateway.dirty.copy(copy.signal_id, copy.master_id);
    }
    tell_flattened(gateway, &one.flattened);
    if one.has_changed {
        let owner = request.target.owner_id;
        let account = request.account_id.unwrap_or_else(|| owner.uuid().into());
        gateway.hint(ChangeKind::Request, owner, account, request.id.uuid());
    }
    if request.is_new {
        tracing::info!(
            request.id = %request.id,
            kind = %request.kind,
            closing = one.flattened.len(),
            skipped = one.skipped.len(),
            "stop button performed"
        );
    }
}
