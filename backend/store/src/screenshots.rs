//! Pictures that people keep with their trades.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{OwnerId, TradeId, UserId};
use flotilla_domain::trade::picture::Picture;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::users;

/// Most pictures of one trade.
pub const MOST_OF_A_TRADE: i64 = 8;
/// Most bytes of all pictures of an owner.
pub const MOST_BYTES: i64 = 256 * 1024 * 1024;

/// There is no room for another picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// At the trade.
    #[error("a trade has at most {MOST_OF_A_TRADE} screenshots")]
    OfTrade,
    /// Of its owner.
    #[error("all screenshots together have at most {MOST_BYTES} bytes")]
    OfOwner,
}

/// A picture without its content.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Screenshot {
    /// Identifier.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// What it is.
    #[diesel(sql_type = Text)]
    pub media_type: String,
    /// Its size.
    #[diesel(sql_type = Integer)]
    pub bytes: i32,
    /// When it was added.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Content {
    /// What it is.
    #[diesel(sql_type = Text)]
    pub media_type: String,
    /// Itself.
    #[diesel(sql_type = Binary)]
    pub content: Vec<u8>,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = BigInt)]
    of_trade: i64,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// Pictures of a trade, oldest first.
pub async fn list(tx: &mut Tx, owner: OwnerId, trade: TradeId) -> StoreResult<Vec<Screenshot>> {
    Ok(sql_query(
        "select id, media_type, bytes, created_at from screenshots
         where owner_id = $1 and trade_id = $2 order by id",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(trade.uuid())
    .load(tx)
    .await?)
}

/// Adds a picture to a trade that is locked. One at a time of an owner: together, several could be too many.
///
/// # Errors
///
/// [`NoRoom`] for one more than there may be.
pub async fn insert(
    tx: &mut Tx,
    (owner, trade): (OwnerId, TradeId),
    kind: Picture,
    content: &[u8],
) -> StoreResult<Result<Screenshot, NoRoom>> {
    users::lock(tx, UserId::from(owner)).await?;
    let taken: Taken = sql_query(
        "select count(*) filter (where trade_id = $2) as of_trade, coalesce(sum(bytes), 0)::bigint as bytes
         from screenshots where owner_id = $1",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(trade.uuid())
    .get_result(tx)
    .await?;
    let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
    if taken.of_trade >= MOST_OF_A_TRADE {
        return Ok(Err(NoRoom::OfTrade));
    }
    if taken.bytes.saturating_add(size) > MOST_BYTES {
        return Ok(Err(NoRoom::OfOwner));
    }
    let added = sql_query(
        "insert into screenshots (owner_id, trade_id, media_type, bytes, content)
         select owner_id, id, $3, octet_length($4), $4 from trades where owner_id = $1 and id = $2
         returning id, media_type, bytes, created_at",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(trade.uuid())
    .bind::<Text, _>(kind.media_type())
    .bind::<Binary, _>(content)
    .get_result(tx)
    .await
    .optional()?;
    added.map(Ok).ok_or(StoreError::NotFound("trade"))
}

/// A picture of a trade.
///
/// # Errors
///
/// [`StoreError::NotFound`].
pub async fn get(tx: &mut Tx, owner: OwnerId, trade: TradeId, id: Uuid) -> StoreResult<Content> {
    sql_query("select media_type, content from screenshots where owner_id = $1 and trade_id = $2 and id = $3")
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(trade.uuid())
        .bind::<SqlUuid, _>(id)
        .get_result(tx)
        .await
        .optional()?
        .ok_or(StoreError::NotFound("screenshot"))
}

/// Takes a picture away.
///
/// # Errors
///
/// [`StoreError::NotFound`].
pub async fn delete(tx: &mut Tx, owner: OwnerId, trade: TradeId, id: Uuid) -> StoreResult<()> {
    let gone = sql_query("delete from screenshots where owner_id = $1 and trade_id = $2 and id = $3")
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(trade.uuid())
        .bind::<SqlUuid, _>(id)
        .execute(tx)
        .await?;
    if gone == 0 { Err(StoreError::NotFound("screenshot")) } else { Ok(()) }
}
