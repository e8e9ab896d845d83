use chrono::{DateTime, NaiveDate, Utc};
use flotilla_store::directory::{Order, Profile};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::figure::Figure;
use crate::dto::words::{CopyModeWord, PlatformWord};

/// A master whose owner opted in to the directory.
#[derive(Serialize, ToSchema)]
#[schema(as = PublicMaster)]
pub struct PublicMasterDto {
    /// Its address; follow it by this.
    #[schema(example = "steady-gold")]
    pub slug: String,
    pub name: String,
    pub description: Option<String>,
    pub platform: PlatformWord,
    /// Of all figures here.
    pub currency: String,
    pub copy_mode: CopyModeWord,
    /// Whether its owner must approve each follower.
    pub needs_approval: bool,
    pub followers: i32,
    /// Closed trades that its terminal or exchange reported.
    pub trades: i32,
    /// A fraction; null without trades.
    pub win_rate: Option<Figure>,
    pub total_pnl: Figure,
    pub max_drawdown: PublicDrawdownDto,
    /// Entry of its first trade.
    pub since: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

/// Largest fall of the summed profit from its peak.
#[derive(Serialize, ToSchema)]
#[schema(as = PublicDrawdown)]
pub struct PublicDrawdownDto {
    pub money: Figure,
    /// A fraction of starting balance and peak; null where the former is not known.
    pub percent: Option<Figure>,
}

/// The public profile of a master.
#[derive(Serialize, ToSchema)]
#[schema(as = MasterProfile)]
pub struct MasterProfileDto {
    #[serde(flatten)]
    pub master: PublicMasterDto,
    /// Summed profit at the end of each day (UTC) with a trade, oldest first, of 400 days at most.
    pub curve: Vec<CurvePointDto>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CurvePoint)]
pub struct CurvePointDto {
    #[schema(value_type = String, format = Date)]
    pub date: NaiveDate,
    pub total_pnl: Figure,
}

impl From<Profile> for PublicMasterDto {
    fn from(profile: Profile) -> Self {
        let rate = Decimal::from(profile.wins).checked_div(Decimal::from(profile.trades));
        Self {
            slug: profile.slug,
            name: profile.name,
            description: profile.description,
            platform: profile.platform.into(),
            currency: profile.currency,
            copy_mode: profile.copy_mode.into(),
            needs_approval: profile.needs_approval,
            followers: profile.followers,
            trades: profile.trades,
            win_rate: rate.map(|rate| Figure(rate.round_dp(4))),
            total_pnl: Figure(profile.profit),
            max_drawdown: PublicDrawdownDto {
                money: Figure(profile.drawdown),
                percent: profile.drawdown_ratio.map(Figure),
            },
            since: profile.since,
            updated_at: profile.updated_at,
        }
    }
}

impl From<Profile> for MasterProfileDto {
    fn from(mut profile: Profile) -> Self {
        let curve = std::mem::take(&mut profile.curve);
        let point = |(date, total)| CurvePointDto { date, total_pnl: Figure(total) };
        Self { master: profile.into(), curve: curve.into_iter().map(point).collect() }
    }
}

/// Order of the directory.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DirectorySort {
    /// Most followed first.
    #[default]
    Followers,
    /// Largest profit first.
    TotalPnl,
    /// Most trades first.
    Trades,
    /// Smallest drawdown first.
    Drawdown,
    /// By name.
    Name,
}

impl From<DirectorySort> for Order {
    fn from(sort: DirectorySort) -> Self {
        match sort {
            DirectorySort::Followers => Self::Followers,
            DirectorySort::TotalPnl => Self::Profit,
            DirectorySort::Trades => Self::Trades,
            DirectorySort::Drawdown => Self::Drawdown,
            DirectorySort::Name => Self::Name,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DirectoryQuery {
    /// At most 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Part of a name or description, at most 100 characters.
    pub search: Option<String>,
    /// `followers` unless given.
    #[serde(default)]
    #[param(inline)]
    pub sort: DirectorySort,
}
