use actix_web::{get, web};
use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::id::AccountId;
use flotilla_store::risk_history::{self, Sample};
use flotilla_store::trades::stored;
use flotilla_store::{StoreError, Tx, accounts};

use crate::auth::{Allowed, Read};
use crate::body::Query;
use crate::clock;
use crate::dto::equity::{EquityDto, EquityQuery};
use crate::error::{ApiError, ApiResult, Problem};
use crate::routes::risk_history::points;

/// Longest span.
const LONGEST: TimeDelta = TimeDelta::days(732);
/// Longest span that is read figure by figure; of a longer one each day is read.
const IN_DETAIL: TimeDelta = TimeDelta::days(7);
const USUAL: TimeDelta = TimeDelta::days(30);

/// Balance and equity of an account in the course of time, thinned.
///
/// Figures are kept of accounts that have rules.
#[utoipa::path(
    operation_id = "get_equity",
    tag = "accounts",
    params(("account_id" = Uuid, Path), EquityQuery),
    responses(
        (status = 200, body = EquityDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/equity")]
pub async fn get_equity(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    query: Query<EquityQuery>,
) -> ApiResult<web::Json<EquityDto>> {
    let (owner, id) = (caller.scope.owner, *account_id);
    let ((from, to), most) = (span(&query.0)?, points(query.0.points)?);
    let (account, samples) = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let account = accounts::get(tx, owner, id).await?;
            let today = to.checked_sub_signed(TimeDelta::days(2)).unwrap_or(from);
            let samples = if to.signed_duration_since(from) <= IN_DETAIL {
                risk_history::list_samples(tx, owner, id, (from, to), most).await?
            } else {
                let mut days = risk_history::list_day_samples(tx, owner, id, (from, to)).await?;
                // Of the day that has not ended, its last figures.
                let since = days.last().map_or(today, |day| day.at.max(today));
                let running = risk_history::list_samples(tx, owner, id, (since, to), 2).await?;
                days.extend(running.into_iter().rfind(|sample| sample.at > since));
                thinned(days, most)
            };
            Ok::<_, StoreError>((account, samples))
        })
        .await?;
    let points = samples.into_iter().map(Into::into).collect();
    Ok(web::Json(EquityDto { account_id: id, currency: account.currency, points }))
}

fn span(query: &EquityQuery) -> ApiResult<(DateTime<Utc>, DateTime<Utc>)> {
    // Figures may be ahead of our clock by a little.
    let to = query.to.map_or_else(|| clock::now() + TimeDelta::minutes(1), stored);
    let from = query.from.map(stored).or_else(|| to.checked_sub_signed(USUAL)).unwrap_or(to);
    let length = to.signed_duration_since(from);
    if length <= TimeDelta::zero() || length > LONGEST {
        return Err(ApiError::field("from", "out_of_range", "must be before `to`, by two years at most"));
    }
    Ok((from, to))
}

/// At most so many, each of as many days, with their extremes.
fn thinned(days: Vec<Sample>, most: i64) -> Vec<Sample> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let each = days.len().div_ceil(most).max(1);
    let mut thin: Vec<Sample> = Vec::with_capacity(days.len().min(most));
    for (place, day) in days.into_iter().enumerate() {
        match thin.last_mut().filter(|_| !place.is_multiple_of(each)) {
            Some(span) => {
                let (low, high) = (span.low.min(day.low), span.high.max(day.high));
                *span = Sample { low, high, ..day };
            }
            None => thin.push(day),
        }
    }
    thin
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn day(number: i64) -> Sample {
        let (equity, at) = (Decimal::from(number), DateTime::from_timestamp(number, 0).unwrap());
        let floors = std::collections::BTreeMap::new();
        Sample {
            at,
            balance: equity,
            equity,
            low: equity - Decimal::ONE,
            high: equity + Decimal::ONE,
            floors,
        }
    }

    #[test]
    fn days_that_are_thinned_keep_their_extremes_and_their_end() {
        let thin = thinned((1..=5).map(day).collect(), 2);

        let told: Vec<_> = thin.iter().map(|span| (span.equity, span.low, span.high)).collect();
        let expected = [(3, 0, 4), (5, 3, 6)]
            .map(|(equity, low, high)| (Decimal::from(equity), Decimal::from(low), Decimal::from(high)));
        assert_eq!(told, expected);
        assert_eq!(thinned((1..=5).map(day).collect(), 300).len(), 5);
    }
}
