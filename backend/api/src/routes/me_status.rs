use std::collections::BTreeMap;

use actix_web::{get, web};
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_store::risk_members::{self, Which};
use flotilla_store::{StoreResult, Tx, accounts, alerts, exchange_keys, venue_positions};

use crate::auth::{Allowed, Read};
use crate::clock;
use crate::dto::me_status::{AccountStatusDto, MyStatusDto, WorstRuleDto};
use crate::error::{ApiResult, Problem};

/// Nobody has as many accounts.
const MOST: i64 = 10_000;

/// Everything that a status bar needs, in one answer.
#[utoipa::path(
    operation_id = "get_my_status",
    tag = "me",
    responses(
        (status = 200, body = MyStatusDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/me/status")]
pub async fn get_my_status(caller: Allowed<Read>) -> ApiResult<web::Json<MyStatusDto>> {
    let (owner, is_guest) = (caller.scope.owner, caller.is_guest());
    let status = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let status = read(tx, owner).await?;
            let unread = if is_guest { None } else { Some(alerts::count_unread(tx, owner).await?) };
            StoreResult::Ok(MyStatusDto { unread_alerts: unread, ..status })
        })
        .await?;
    Ok(web::Json(status))
}

async fn read(tx: &mut Tx, owner: OwnerId) -> StoreResult<MyStatusDto> {
    let members = risk_members::list(tx, owner, Which::Every).await?;
    let now = members.iter().map(|member| member.now).max().unwrap_or_else(clock::now);
    let held = venue_positions::list(tx, owner, None).await?;
    let mut open = BTreeMap::<AccountId, usize>::new();
    for position in &held {
        *open.entry(position.account_id).or_default() += 1;
    }
    let keys = exchange_keys::list(tx, owner).await?;
    let accounts = accounts::list(tx, owner, None, MOST).await?;
    let status = accounts.into_iter().filter(|account| account.archived_at.is_none()).map(|account| {
        let open = open.get(&account.id).copied().unwrap_or_default();
        AccountStatusDto::of(account, open, &members)
    });
    Ok(MyStatusDto {
        accounts: status.collect(),
        open_positions: held.len(),
        exchange_connections: keys.into_iter().map(Into::into).collect(),
        worst_rule: WorstRuleDto::of(&members, now),
        unread_alerts: None,
        at: now,
    })
}
