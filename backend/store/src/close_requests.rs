//! Asking the worker to close. The API never trades.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{RequestId, SubscriptionId};
use uuid::Uuid;

use crate::db::{Scope, Tx};
use crate::error::StoreResult;
use crate::schema::requests;

/// What shall be flat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Every copy of a subscription.
    Subscription(SubscriptionId),
}

/// Leaves a request for the worker; hint at it after the commit.
pub async fn insert(tx: &mut Tx, scope: Scope, closing: Closing) -> StoreResult<RequestId> {
    let (kind, target) = match closing {
        Closing::Subscription(id) => ("close_subscription", id.uuid()),
    };
    let id: Uuid = diesel::insert_into(requests::table)
        .values((
            requests::owner_id.eq(scope.owner.uuid()),
            requests::actor_id.eq(scope.actor.uuid()),
            requests::kind.eq(kind),
            requests::target_id.eq(target),
        ))
        .returning(requests::id)
        .get_result(tx)
        .await?;
    Ok(id.into())
}
