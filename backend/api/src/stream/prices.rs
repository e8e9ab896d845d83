//! Prices, for those who look at them.

use std::collections::BTreeSet;

use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_store::floating::{self, Positions};
use flotilla_store::{StoreResult, Tx, prices};

use crate::dto::prices::PriceDto;

/// Last prices that concern `accounts`, each with the positions it values.
///
/// `shown_by`: only of these accounts' charts.
pub async fn read(
    tx: &mut Tx,
    owner: OwnerId,
    accounts: &[AccountId],
    shown_by: Option<&[AccountId]>,
) -> StoreResult<Vec<PriceDto>> {
    let prices = prices::list(tx, owner, accounts, shown_by).await?;
    let concerned: BTreeSet<AccountId> = prices.iter().map(|price| price.account_id).collect();
    let concerned: Vec<AccountId> = concerned.into_iter().collect();
    let positions = floating::list(tx, owner, Positions::Accounts(&concerned)).await?;
    Ok(prices.into_iter().map(|price| PriceDto::new(price, &positions)).collect())
}
