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

/// A master in the list of the directory.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedMaster)]
pub struct ListedMasterDto {
    #[serde(flatten)]
    pub master: PublicMasterDto,
    /// The curve of its profile, for a small picture: evenly thinned, 40 points at most, oldest first.
    pub sparkline: Vec<Figure>,
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

impl From<Profile> for ListedMasterDto {
    fn from(profile: Profile) -> Self {
        Self { sparkline: thinned(&profile.curve), master: profile.into() }
    }
}

/// Points of a small picture.
const SPARKLINE_POINTS: usize = 40;

/// First and last stay, what lies between is picked at even distances.
fn thinned(curve: &[(NaiveDate, Decimal)]) -> Vec<Figure> {
    let points = curve.len().min(SPARKLINE_POINTS);
    let (last, gaps) = (curve.len().saturating_sub(1), points.saturating_sub(1).max(1));
    (0..points).filter_map(|point| curve.get(point * last / gaps)).map(|&(_, total)| Figure(total)).collect()
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
    #[param(min_length = 1, max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    pub cursor: Option<String>,
    /// Part of a name or description, at most 100 characters.
    #[param(max_length = 100, pattern = r"^[^\x00]*$")]
    pub search: Option<String>,
    /// `followers` unless given.
    #[serde(default)]
    #[param(inline)]
    pub sort: DirectorySort,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(days: i64) -> Vec<(NaiveDate, Decimal)> {
        (0..days)
            .map(|day| (NaiveDate::default() + chrono::Duration::days(day), Decimal::from(day)))
            .collect()
    }

    fn drawn(days: i64) -> Vec<Decimal> {
        thinned(&curve(days)).into_iter().map(|Figure(total)| total).collect()
    }

    #[test]
    fn a_short_curve_is_drawn_whole() {
        assert_eq!(drawn(0), []);
        assert_eq!(drawn(1), [Decimal::ZERO]);
        assert_eq!(drawn(40), (0..40).map(Decimal::from).collect::<Vec<_>>());
    }

    #[test]
    fn a_long_curve_keeps_its_ends_and_even_distances() {
        let points = drawn(400);

        assert_eq!(points.len(), 40);
        assert_eq!((points.first(), points.last()), (Some(&Decimal::ZERO), Some(&Decimal::from(399))));
        let gaps = points.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(gaps.clone().all(|gap| gap == Decimal::from(10) || gap == Decimal::from(11)), "{points:?}");
    }
}
