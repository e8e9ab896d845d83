//! What currencies are worth to groups.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::group::GroupRate;
use flotilla_domain::id::{GroupId, OwnerId};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::StoreResult;

#[derive(QueryableByName)]
struct RateRow {
    #[diesel(sql_type = SqlUuid)]
    group_id: Uuid,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Numeric)]
    rate: Decimal,
    #[diesel(sql_type = Timestamptz)]
    as_of: DateTime<Utc>,
}

/// Rates of groups into the currencies that they have now.
pub(crate) async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    groups: &[Uuid],
) -> StoreResult<HashMap<Uuid, Vec<GroupRate>>> {
    let rows: Vec<RateRow> = sql_query(
        "select r.group_id, r.currency, r.rate, r.as_of from group_rates r
         join groups g on g.owner_id = r.owner_id and g.id = r.group_id and g.base_currency = r.base_currency
         where r.owner_id = $1 and r.group_id = any($2)
         order by r.currency",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<SqlUuid>, _>(groups)
    .load(tx)
    .await?;
    let mut by_group: HashMap<Uuid, Vec<GroupRate>> = HashMap::new();
    for row in rows {
        let rate = GroupRate { currency: row.currency, rate: row.rate, at: row.as_of };
        by_group.entry(row.group_id).or_default().push(rate);
    }
    Ok(by_group)
}

/// Puts these in place of all rates of a group; each is of now.
pub async fn save(
    tx: &mut Tx,
    owner: OwnerId,
    group: GroupId,
    rates: &[(String, Decimal)],
) -> StoreResult<()> {
    sql_query("delete from group_rates where owner_id = $1 and group_id = $2")
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(group.uuid())
        .execute(tx)
        .await?;
    let (currencies, values): (Vec<&str>, Vec<Decimal>) =
        rates.iter().map(|(currency, rate)| (currency.as_str(), *rate)).unzip();
    sql_query(
        "insert into group_rates (group_id, currency, owner_id, base_currency, rate)
         select g.id, r.currency, g.owner_id, g.base_currency, r.rate
         from groups g, unnest($3, $4) as r (currency, rate)
         where g.owner_id = $1 and g.id = $2",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(group.uuid())
    .bind::<Array<Text>, _>(currencies)
    .bind::<Array<Numeric>, _>(values)
    .execute(tx)
    .await?;
    Ok(())
}
