//! Tickets that open one WebSocket, once. Looked up by hash, without a scope.

use diesel::dsl::IntervalDsl;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{LoginId, UserId};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::StoreResult;
use crate::schema::ws_tickets;
use crate::transaction_time::begun_at;

/// Life of a ticket in seconds.
pub const SECONDS: i32 = 30;

/// Issues a ticket to a signed-in device.
pub async fn insert(tx: &mut Tx, user: UserId, login: LoginId, ticket: &[u8; 32]) -> StoreResult<()> {
    diesel::delete(ws_tickets::table).filter(ws_tickets::expires_at.lt(begun_at())).execute(tx).await?;
    diesel::insert_into(ws_tickets::table)
        .values((
            ws_tickets::ticket_hash.eq(ticket.as_slice()),
            ws_tickets::user_id.eq(user.uuid()),
            ws_tickets::login_id.eq(login.uuid()),
            ws_tickets::expires_at.eq(begun_at() + SECONDS.seconds()),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Uses a ticket up; `None` when it is unknown, used or expired.
pub async fn take(tx: &mut Tx, ticket: &[u8; 32]) -> StoreResult<Option<(UserId, LoginId)>> {
    let holder: Option<(Uuid, Uuid)> = diesel::delete(ws_tickets::table.find(ticket.as_slice()))
        .filter(ws_tickets::expires_at.gt(begun_at()))
        .returning((ws_tickets::user_id, ws_tickets::login_id))
        .get_result(tx)
        .await
        .optional()?;
    Ok(holder.map(|(user, login)| (user.into(), login.into())))
}
