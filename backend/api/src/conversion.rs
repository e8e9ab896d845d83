//! Whose money statistics are made of: as the accounts have it, or told in one currency.

use std::collections::HashMap;

use chrono::NaiveDate;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::stats::StatsError;
use flotilla_domain::stats::clock::LocalClock;
use flotilla_domain::stats::rates::Conversion;
use flotilla_store::stats::{self, ClosedRow, Standing};
use flotilla_store::trades::TradeFilter;
use flotilla_store::{Tx, currency_rates};
use rust_decimal::Decimal;

use crate::dto::stats::{MissingRate, sum};
use crate::error::{ApiError, ApiResult};

/// The accounts with their money, and how that of trades is told.
pub struct Basis {
    /// Their figures are told in one currency, if one was asked for.
    pub accounts: Vec<Standing>,
    /// Of all of them together, before the first trade that counts.
    pub starting_balance: Option<Decimal>,
    /// Trades without a rate.
    pub unconverted: u64,
    told: Told,
}

enum Told {
    /// In the currencies of the accounts.
    AsItIs,
    /// In one: with the currencies that the accounts have themselves.
    In(Conversion, HashMap<AccountId, String>),
}

impl Basis {
    /// Money of several currencies is not added up.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn as_it_is(
        tx: &mut Tx,
        owner: OwnerId,
        filter: &TradeFilter,
        accounts: Vec<Standing>,
    ) -> ApiResult<Self> {
        let before = stats::sum_before(tx, owner, filter).await?;
        let starting_balance = sum(&accounts, |account| account.starting_balance)
            .filter(|_| common_currency(&accounts).is_some())
            .and_then(|balance| balance.checked_add(before));
        Ok(Self { accounts, starting_balance, unconverted: 0, told: Told::AsItIs })
    }

    /// What accounts began with is told by the rate of the day of their first
    /// entry, what they hold by that of `today`, trades by that of their exit.
    ///
    /// # Errors
    ///
    /// Those of the database, and 422 for money out of all bounds.
    pub async fn told_in(
        tx: &mut Tx,
        (owner, into): (OwnerId, &str),
        filter: &TradeFilter,
        mut accounts: Vec<Standing>,
        (clock, today): (&LocalClock, NaiveDate),
    ) -> ApiResult<Self> {
        let mut conversion = Conversion::new(into, currency_rates::list_about(tx, owner, into).await?);
        let ids: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
        let firsts = stats::first_entries(tx, owner, &ids).await?;
        let mut own: HashMap<AccountId, String> = HashMap::new();
        for account in &mut accounts {
            let begun =
                firsts.get(&account.id).map(|at| clock.show(*at)).transpose().map_err(StatsError::Day)?;
            let mut tell = |money: &mut Option<Decimal>, day: NaiveDate| {
                let Some(amount) = *money else { return Ok(()) };
                *money = conversion.convert(amount, &account.currency, day)?;
                Ok::<_, StatsError>(())
            };
            tell(&mut account.starting_balance, begun.map_or(today, |begun| begun.date))?;
            tell(&mut account.balance, today)?;
            tell(&mut account.equity, today)?;
            own.insert(account.id, account.currency.clone());
        }
        let mut basis =
            Self { accounts, starting_balance: None, unconverted: 0, told: Told::In(conversion, own) };
        let before = basis.brought_before(tx, owner, filter, clock).await?;
        basis.starting_balance = sum(&basis.accounts, |account| account.starting_balance)
            .and_then(|balance| balance.checked_add(before?));
        Ok(basis)
    }

    /// What trades before the first that counts brought; nothing known as soon
    /// as one of them has no rate.
    async fn brought_before(
        &mut self,
        tx: &mut Tx,
        owner: OwnerId,
        filter: &TradeFilter,
        clock: &LocalClock,
    ) -> ApiResult<Option<Decimal>> {
        let Some(from) = filter.from else { return Ok(Some(Decimal::ZERO)) };
        let TradeFilter { accounts, group, .. } = filter.clone();
        let earlier = TradeFilter { accounts, group, to: Some(from), ..TradeFilter::default() };
        let mut before = Some(Decimal::ZERO);
        let read = stats::visit(tx, owner, &earlier, |row| {
            let Some(pnl) = row.pnl else { return Ok(()) };
            before = match (before, self.money(clock, &row, pnl)?) {
                (Some(sum), Some(pnl)) => Some(sum.checked_add(pnl).ok_or(StatsError::OutOfRange)?),
                _ => None,
            };
            Ok::<_, ApiError>(())
        });
        read.await?;
        Ok(before)
    }

    /// What a trade brought, as it is told; nothing, and counted, without a rate.
    ///
    /// # Errors
    ///
    /// [`StatsError`].
    pub fn result(
        &mut self,
        clock: &LocalClock,
        row: &ClosedRow,
        pnl: Decimal,
    ) -> Result<Option<Decimal>, StatsError> {
        let told = self.money(clock, row, pnl)?;
        self.unconverted = self.unconverted.saturating_add(u64::from(told.is_none()));
        Ok(told)
    }

    fn money(
        &mut self,
        clock: &LocalClock,
        row: &ClosedRow,
        pnl: Decimal,
    ) -> Result<Option<Decimal>, StatsError> {
        let Told::In(conversion, own) = &mut self.told else { return Ok(Some(pnl)) };
        let Some(currency) = own.get(&row.account_id) else { return Ok(None) };
        if currency == conversion.into_currency() {
            return Ok(Some(pnl));
        }
        conversion.convert(pnl, currency, clock.show(row.exit_at)?.date)
    }

    /// The one currency of all this money.
    pub fn currency(&self) -> Option<String> {
        match &self.told {
            Told::AsItIs => common_currency(&self.accounts).map(ToOwned::to_owned),
            Told::In(conversion, _) => Some(conversion.into_currency().to_owned()),
        }
    }

    /// Rates that were asked for and are not there.
    pub fn missing_rates(&self) -> Vec<MissingRate> {
        let Told::In(conversion, _) = &self.told else { return Vec::new() };
        let base_currency = conversion.into_currency();
        let missing = conversion.missing().into_iter();
        missing
            .map(|(currency, from)| MissingRate {
                currency: currency.to_owned(),
                base_currency: base_currency.to_owned(),
                from,
            })
            .collect()
    }
}

/// `None` for several, and for no account.
fn common_currency(accounts: &[Standing]) -> Option<&str> {
    let first = accounts.first()?.currency.as_str();
    accounts.iter().all(|account| account.currency == first).then_some(first)
}
