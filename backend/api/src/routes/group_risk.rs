use actix_web::{get, post, put, web};
use flotilla_domain::group::Group;
use flotilla_domain::id::{AccountId, GroupId, OwnerId};
use flotilla_domain::risk::amount::is_bounded;
use flotilla_domain::risk::group::Member;
use flotilla_domain::risk::phase::is_currency;
use flotilla_domain::risk::what_if::{
    AtEquity, Copying, Share, at_equity, copied, is_in_range, stopped_out, what_if,
};
use flotilla_store::risk_members::{self, RiskMember, Which};
use flotilla_store::{StoreResult, Tx, group_rates, groups};
use rust_decimal::Decimal;
use serde_json::json;

use crate::auth::{Allowed, ManageAccounts, Read};
use crate::body::Checked;
use crate::clock;
use crate::dto::group_rates::{PutRates, RateBody};
use crate::dto::risk_groups::{AskWhatIf, GroupRiskDto, ShareDto, StoppedOutDto, WhatIfDto};
use crate::error::{ApiError, ApiResult, Problem};
use crate::recording::{Target, record};
use crate::shared::Shared;

/// Where a group stands: the weakest account decides.
#[utoipa::path(
    operation_id = "get_group_risk",
    tag = "groups",
    params(("group_id" = Uuid, Path)),
    responses(
        (status = 200, body = GroupRiskDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/groups/{group_id}/risk")]
pub async fn get_group_risk(
    caller: Allowed<Read>,
    group_id: web::Path<GroupId>,
) -> ApiResult<web::Json<GroupRiskDto>> {
    let (owner, id) = (caller.scope.owner, *group_id);
    let (group, members) =
        caller.db.read(caller.scope, async move |tx: &mut Tx| read(tx, owner, id).await).await?;
    Ok(web::Json(group_risk(&group, &members)))
}

async fn read(tx: &mut Tx, owner: OwnerId, id: GroupId) -> StoreResult<(Group, Vec<RiskMember>)> {
    let group = groups::get(tx, owner, id).await?;
    let ids: Vec<AccountId> = group.accounts.iter().map(|account| account.id).collect();
    let members = risk_members::list(tx, owner, Which::These(&ids)).await?;
    Ok((group, members))
}

/// `members`: those of the group. All were read at one moment.
pub fn group_risk(group: &Group, members: &[RiskMember]) -> GroupRiskDto {
    let now = members.iter().map(|member| member.now).max().unwrap_or_else(clock::now);
    GroupRiskDto::of(group, members, now)
}

/// Say what currencies are worth in that of a group, so that money of its
/// accounts can be compared. Each rate holds for a week; these take the place of all.
#[utoipa::path(
    operation_id = "put_group_rates",
    tag = "groups",
    params(("group_id" = Uuid, Path)),
    request_body = PutRates,
    responses(
        (status = 200, body = GroupRiskDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/api/v1/groups/{group_id}/rates")]
pub async fn put_group_rates(
    caller: Allowed<ManageAccounts>,
    group_id: web::Path<GroupId>,
    shared: web::Data<Shared>,
    body: Checked<PutRates>,
) -> ApiResult<web::Json<GroupRiskDto>> {
    let (scope, id, body) = (caller.scope, *group_id, body.0.rates);
    let (group, members) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            groups::lock(tx, scope.owner, id).await?;
            let group = groups::get(tx, scope.owner, id).await?;
            let rates = checked(&group, body)?;
            group_rates::save(tx, scope.owner, id, &rates).await?;
            let found = read(tx, scope.owner, id).await?;
            let detail = json!({ "base_currency": group.base_currency, "rates": rates });
            record(tx, scope, "group_rates_set", Target::Group(id), detail).await?;
            Ok::<_, ApiError>(found)
        })
        .await?;
    shared.group_changed(scope.owner, id);
    Ok(web::Json(group_risk(&group, &members)))
}

fn checked(group: &Group, body: Vec<RateBody>) -> ApiResult<Vec<(String, Decimal)>> {
    let mut rates: Vec<(String, Decimal)> = Vec::with_capacity(body.len());
    for (place, RateBody { currency, rate }) in body.into_iter().enumerate() {
        let refused =
            |field: &str, code, detail| ApiError::field(&format!("rates[{place}].{field}"), code, detail);
        if !is_currency(&currency) {
            return Err(refused("currency", "invalid_currency", "use 2 to 10 capital letters and digits"));
        }
        if currency == group.base_currency {
            return Err(refused("currency", "is_base", "is the group's own currency"));
        }
        if rates.iter().any(|(other, _)| *other == currency) {
            return Err(refused("currency", "duplicate", "is named twice"));
        }
        if rate.0 <= Decimal::ZERO || !is_bounded(rate.0) {
            return Err(refused("rate", "out_of_range", "must be above zero, with at most 12 decimals"));
        }
        rates.push((currency, rate.0));
    }
    Ok(rates)
}

/// How large the next trade may be.
///
/// Each copy is assumed to be stopped out at once; no account may reach
/// critical. Reducing orders never ask.
#[utoipa::path(
    operation_id = "ask_what_if",
    tag = "groups",
    params(("group_id" = Uuid, Path)),
    request_body = AskWhatIf,
    responses(
        (status = 200, body = WhatIfDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/groups/{group_id}/risk/what-if")]
pub async fn ask_what_if(
    caller: Allowed<Read>,
    group_id: web::Path<GroupId>,
    body: Checked<AskWhatIf>,
) -> ApiResult<web::Json<WhatIfDto>> {
    let (owner, id) = (caller.scope.owner, *group_id);
    let (_, members) =
        caller.db.read(caller.scope, async move |tx: &mut Tx| read(tx, owner, id).await).await?;
    Ok(web::Json(answer(&members, &body.0)?))
}

fn answer(members: &[RiskMember], asked: &AskWhatIf) -> ApiResult<WhatIfDto> {
    let mut copying: Vec<(&RiskMember, Copying)> = Vec::with_capacity(asked.accounts.len());
    for (place, body) in asked.accounts.iter().enumerate() {
        let member = members.iter().find(|member| member.id == body.account_id);
        let is_twice = copying.iter().any(|(member, _)| member.id == body.account_id);
        let field = format!("accounts[{place}].account_id");
        match member {
            None => return Err(ApiError::field(&field, "not_a_member", "is not in this group")),
            Some(_) if is_twice => return Err(ApiError::field(&field, "duplicate", "is named twice")),
            Some(member) => copying.push((member, body.copying(asked.symbol.as_deref()))),
        }
    }
    let question: Vec<_> = copying
        .iter()
        .map(|(member, copying)| (Member { id: member.id, risk: &member.risk }, *copying))
        .collect();
    let found = what_if(asked.leader_step.0, &question)
        .map_err(|error| ApiError::field("accounts", "out_of_range", &error.to_string()))?;
    let after = |share: &Share<AccountId>| {
        let (member, _) = copying.iter().find(|(member, _)| member.id == share.account)?;
        after_loss(member, share.loss)
    };
    let mut dto = WhatIfDto::of(found, after);
    if let Some(lots) = asked.leader_lots {
        if !lots.0.is_zero() && !is_in_range(lots.0) {
            return Err(ApiError::field("leader_lots", "out_of_range", "is no size"));
        }
        dto.asked = copying.iter().filter_map(|(member, copying)| share(member, copying, lots.0)).collect();
    }
    let stopped = |member: &RiskMember| StoppedOutDto {
        account_id: member.id,
        after: member
            .phase
            .as_ref()
            .and_then(|phase| stopped_out(&phase.rules, &member.risk, phase.last.as_ref()?).map(Into::into)),
    };
    dto.stopped_out = members.iter().map(stopped).collect();
    let named: Vec<AccountId> = copying.iter().map(|(member, _)| member.id).collect();
    Ok(dto.leaving_out(members, &named))
}

fn share(member: &RiskMember, copying: &Copying, leader_lots: Decimal) -> Option<ShareDto> {
    let lots = copied(leader_lots, copying);
    let share = Share { account: member.id, lots, loss: lots.checked_mul(copying.risk_per_lot)? };
    Some(ShareDto::of(share, after_loss(member, share.loss)))
}

fn after_loss(member: &RiskMember, loss: Decimal) -> Option<AtEquity> {
    let phase = member.phase.as_ref()?;
    at_equity(&phase.rules, &member.risk, phase.last.as_ref()?.equity.checked_sub(loss)?)
}
