//! Performs what the stop button asks for, and writes how far it is.

use std::sync::Arc;

use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::RequestId;
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

/// Looks at every request that is not done, each in a commit of its own: what
/// stands in the way of one is no reason for the others to wait.
pub(crate) async fn perform(gateway: Arc<Gateway>) -> StoreResult<()> {
    for id in gateway.db.open(async |tx| stop_requests::begin(tx).await).await? {
        match gateway.db.open(async |tx| perform_one(tx, &gateway, id).await).await {
            Ok(Some(performed)) => {
                pass_if(Point::Performed, performed.closes());
                tell(&gateway, &performed);
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, request.id = %id, "a request could not be performed; it is tried again");
            }
        }
    }
    Ok(())
}

/// A signal that was being stored when the request was made shows a little
/// later, so the first looks all act. Acting again changes nothing.
async fn perform_one(tx: &mut Tx, gateway: &Gateway, id: RequestId) -> StoreResult<Option<Performed>> {
    let Some(request) = stop_requests::lock(tx, id).await? else { return Ok(None) };
    let (mut skipped, mut flattened) = (Vec::new(), Vec::new());
    let acts = request.is_new || request.is_recent;
    if acts && matches!(request.kind, OperationKind::StopNew | OperationKind::Flatten) {
        skipped = stop_requests::skip_planned(tx, &request).await?;
    }
    if acts && request.kind.closes() {
        let what = Flatten::Stop(request.target.clone());
        let why = request.why.as_ref().map_or(ReasonCode::Stopped, |(reason, _)| *reason);
        flattened = flatten(tx, gateway.node, &what, why, &CLOSE_REPEATS_S).await?;
    }
    let progress = stop_requests::save_progress(tx, &request).await?;
    let performed = Performed { request, flattened, skipped, has_changed: progress.has_changed };
    pass_if(Point::Performing, performed.closes());
    Ok(Some(performed))
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
