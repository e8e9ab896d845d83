//! Tells a master's owner of an entry that is far larger than usual.

use std::sync::Arc;

use flotilla_domain::alert::AlertKind;
use flotilla_domain::copy::volume;
use flotilla_domain::id::SignalId;
use flotilla_domain::signal::OpenSignal;
use flotilla_store::alerts::{self, NewAlert};
use flotilla_store::changes::Change;
use flotilla_store::signals::{self, Origin};
use flotilla_store::{StoreResult, Tx};
use serde_json::json;

use crate::gateway::Gateway;

/// Compares an entry with those before it, after its orders are on their way:
/// it is copied all the same.
pub(crate) async fn watch(gateway: &Arc<Gateway>, origin: &Origin, id: SignalId, signal: &OpenSignal) {
    match gateway.db.open(async |tx| judge(tx, origin, id, signal).await).await {
        Ok(Some(change)) => {
            tracing::warn!(account.id = %origin.master_id, signal.id = %id, "an entry is far larger than usual");
            gateway.hint(change.kind, change.owner, change.account, change.id);
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "an entry was not compared with those before it"),
    }
}

async fn judge(
    tx: &mut Tx,
    origin: &Origin,
    id: SignalId,
    signal: &OpenSignal,
) -> StoreResult<Option<Change>> {
    let earlier = signals::list_lots_before(tx, origin.master_id, id, volume::ENTRIES).await?;
    let Some(largest) = volume::far_above(signal.lots, &earlier) else { return Ok(None) };
    let alert = NewAlert {
        owner_id: origin.owner_id,
        kind: AlertKind::UnusualVolume,
        account_id: Some(origin.master_id),
        copy_id: None,
        detail: json!({
            "symbol": signal.symbol.as_str(),
            "lots": signal.lots.to_string(),
            "usual": largest.normalize().to_string(),
        }),
        dedupe_key: format!("unusual_volume:{}", origin.master_id),
    };
    alerts::raise(tx, &alert).await.map(Some)
}
