use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, ShareId};
use flotilla_store::shares::{Share, Shown};
use flotilla_store::trades::stored;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::{CurrencyName, Line};
use crate::dto::currency_rates::currency;
use crate::dto::rules;
use crate::dto::words::ShareSectionWord;
use crate::error::{ApiError, ApiResult};

/// A link that shows chosen figures to strangers, without its token.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Share)]
pub struct ShareDto {
    #[schema(value_type = Uuid)]
    pub id: ShareId,
    pub name: String,
    /// All that are not archived where null.
    #[schema(value_type = Option<Vec<Uuid>>)]
    pub account_ids: Option<Vec<AccountId>>,
    /// Trades closed at or after.
    pub from: Option<DateTime<Utc>>,
    /// Trades closed before.
    pub to: Option<DateTime<Utc>>,
    pub sections: Vec<ShareSectionWord>,
    /// Money; otherwise fractions only.
    pub shows_money: bool,
    /// Names of the link and of its accounts.
    pub shows_names: bool,
    /// All money is told in it.
    pub currency: Option<String>,
    /// What happened since so long is not shown.
    pub delay_minutes: i32,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// Visitors, each once an hour.
    pub views: i64,
    pub last_viewed_at: Option<DateTime<Utc>>,
}

impl From<Share> for ShareDto {
    fn from(share: Share) -> Self {
        let shown = share.shown;
        Self {
            id: share.id,
            name: shown.name,
            account_ids: shown.accounts,
            from: shown.from,
            to: shown.to,
            sections: shown.sections.into_iter().map(Into::into).collect(),
            shows_money: shown.shows_money,
            shows_names: shown.shows_names,
            currency: shown.currency,
            delay_minutes: shown.delay_minutes,
            created_at: share.created_at,
            expires_at: share.expires_at,
            revoked_at: share.revoked_at,
            views: share.views,
            last_viewed_at: share.last_viewed_at,
        }
    }
}

/// All links of the caller, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareList {
    pub items: Vec<ShareDto>,
}

/// A link that was just made. Its token is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedShare {
    /// The page is `/shared/` and this.
    pub token: String,
    #[serde(flatten)]
    pub about: ShareDto,
}

/// A link to be made.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct CreateShare {
    #[garde(custom(rules::name))]
    #[schema(value_type = Line)]
    pub name: String,
    /// Of these accounts; of all that are not archived unless given.
    #[garde(length(min = 1, max = 200))]
    #[schema(value_type = Option<Vec<Uuid>>, min_items = 1, max_items = 200)]
    pub account_ids: Option<Vec<AccountId>>,
    /// Trades closed at or after.
    pub from: Option<DateTime<Utc>>,
    /// Trades closed before.
    pub to: Option<DateTime<Utc>>,
    #[garde(length(min = 1, max = 4))]
    #[schema(min_items = 1, max_items = 4)]
    pub sections: Vec<ShareSectionWord>,
    /// Money; otherwise fractions only.
    pub shows_money: bool,
    /// Names of the link and of its accounts.
    pub shows_names: bool,
    /// Tell all money in this currency.
    #[schema(value_type = Option<CurrencyName>)]
    pub currency: Option<String>,
    /// What happened since so long is not shown; a week at most.
    #[garde(range(min = 0, max = 10_080))]
    #[schema(minimum = 0, maximum = 10080)]
    pub delay_minutes: i32,
    /// Life in days, at most a year.
    #[garde(range(min = 1, max = 366))]
    #[schema(minimum = 1, maximum = 366)]
    pub expires_in_days: i32,
}

impl CreateShare {
    /// What the link is to show.
    ///
    /// # Errors
    ///
    /// 422 for a period that ends before it begins, and for what is no currency.
    pub fn shown(self) -> ApiResult<Shown> {
        let (from, to) = (self.from.map(stored), self.to.map(stored));
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            return Err(ApiError::field("to", "out_of_range", "must be later than `from`"));
        }
        let mut sections: Vec<_> = self.sections.into_iter().map(|word| word.0).collect();
        sections.sort_unstable();
        sections.dedup();
        let accounts = self.account_ids.map(|mut accounts| {
            accounts.sort_unstable();
            accounts.dedup();
            accounts
        });
        Ok(Shown {
            name: self.name.trim().to_owned(),
            accounts,
            from,
            to,
            sections,
            shows_money: self.shows_money,
            shows_names: self.shows_names,
            currency: self.currency.map(|text| currency("currency", text)).transpose()?,
            delay_minutes: self.delay_minutes,
        })
    }
}
