use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::SubscriptionId;
use flotilla_domain::lots::Lots;
use flotilla_domain::price::Price;
use flotilla_domain::symbol::Symbol;
use flotilla_store::dry_runs::{Asked, Outcome};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::{InstrumentName, PositiveAmount, Size};
use crate::dto::figure::Figure;
use crate::dto::rules;
use crate::dto::words::{ReasonCodeWord, SideWord};

/// An order of the master that is not sent.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DryRun {
    #[garde(skip)]
    pub side: SideWord,
    /// Under the master's name.
    #[garde(custom(rules::symbol))]
    #[schema(value_type = InstrumentName)]
    pub symbol: String,
    #[garde(custom(rules::price))]
    #[schema(value_type = PositiveAmount)]
    pub price: Figure,
    #[garde(custom(rules::lots))]
    #[schema(value_type = Size)]
    pub lots: Figure,
    #[garde(custom(rules::above_zero))]
    #[schema(value_type = Option<PositiveAmount>)]
    pub stop_loss: Option<Figure>,
    #[garde(custom(rules::above_zero))]
    #[schema(value_type = Option<PositiveAmount>)]
    pub take_profit: Option<Figure>,
}

impl DryRun {
    /// The order; `None` where a rule let through what it should not.
    pub fn asked(&self) -> Option<Asked> {
        let stop = |figure: Option<Figure>| figure.map(|Figure(value)| Price::new(value)).transpose().ok();
        Some(Asked {
            side: self.side.0,
            symbol: self.symbol.parse::<Symbol>().ok()?,
            price: Price::new(self.price.0).ok()?,
            lots: Lots::new(self.lots.0).ok()?,
            stop_loss: stop(self.stop_loss)?,
            take_profit: stop(self.take_profit)?,
        })
    }
}

/// What every follower would do; nothing was stored or sent.
#[derive(Serialize, ToSchema)]
#[schema(as = DryRunResult)]
pub struct DryRunResultDto {
    /// In the order of the subscriptions, oldest first; of the first 2,000.
    pub followers: Vec<DryRunFollowerDto>,
}

/// What one follower would do. Of another owner's follower only name and reason
/// are told, and whether the size fits is no reason: it would tell of its money.
#[derive(Serialize, ToSchema)]
#[schema(as = DryRunFollower)]
pub struct DryRunFollowerDto {
    #[schema(value_type = Uuid)]
    pub subscription_id: SubscriptionId,
    /// The account's name if it is one's own, else `Follower` and four letters.
    pub name: String,
    /// Whether it would copy; another owner's, if the size fits.
    pub is_copied: bool,
    /// Why it would not.
    pub reason: Option<ReasonCodeWord>,
    /// The group for which copying is stopped, if that is why.
    pub group: Option<String>,
    /// What the reason is about: that group; of `guard_stopped` how the guard's
    /// trip is named, of `guard_blind` the account it knows too little of.
    pub reason_text: Option<String>,
    /// Under the follower's name.
    pub symbol: Option<String>,
    pub side: Option<SideWord>,
    /// Zero where the size cannot be computed.
    pub lots: Option<Figure>,
    pub stop_loss: Option<Figure>,
    pub take_profit: Option<Figure>,
}

impl From<Outcome> for DryRunFollowerDto {
    fn from(outcome: Outcome) -> Self {
        Self {
            subscription_id: outcome.subscription_id,
            name: outcome.name,
            is_copied: outcome.reason.is_none(),
            reason: outcome.reason.map(Into::into),
            group: outcome.detail.clone().filter(|_| outcome.reason == Some(ReasonCode::GroupStopped)),
            reason_text: outcome.detail,
            symbol: outcome.symbol,
            side: outcome.side.map(Into::into),
            lots: outcome.lots.map(Figure),
            stop_loss: outcome.stop_loss.map(Figure),
            take_profit: outcome.take_profit.map(Figure),
        }
    }
}
