//! Which request is which, and what it needs.

use crate::gate::Passed;
use crate::json::Json;
use crate::profile::Fault;
use crate::venue::Venue;

/// All requests of this exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    ServerTime,
    Contracts,
    Price,
    Ticker,
    BookTicker,
    Depth,
    Trades,
    PremiumIndex,
    FundingRate,
    OpenInterest,
    Klines,
    NoMarkets,
    ApiPermissions,
    Uid,
    Balance,
    BalanceV2,
    Positions,
    Income,
    CommissionRate,
    Leverage,
    SetLeverage,
    MarginType,
    SetMarginType,
    PositionMode,
    SetPositionMode,
    AssetMode,
    SetAssetMode,
    MaintenanceRatio,
    Place,
    TestPlace,
    PlaceBatch,
    Cancel,
    CancelBatch,
    CancelAll,
    CancelAllAfter,
    CloseAll,
    ClosePosition,
    Order,
    OpenOrders,
    AllOrders,
    Fills,
    FillHistory,
    ForceOrders,
    GetVst,
    ListenKey,
    ExtendListenKey,
    DropListenKey,
}

/// Paths, in the order of methods GET, POST, PUT, DELETE where several share one.
const ROUTES: &[(&str, &str, Route)] = &[
    ("GET", "/openApi/swap/v2/server/time", Route::ServerTime),
    ("GET", "/openApi/swap/v2/quote/contracts", Route::Contracts),
    ("GET", "/openApi/swap/v2/quote/price", Route::Price),
    ("GET", "/openApi/swap/v1/ticker/price", Route::Price),
    ("GET", "/openApi/swap/v2/quote/ticker", Route::Ticker),
    ("GET", "/openApi/swap/v2/quote/bookTicker", Route::BookTicker),
    ("GET", "/openApi/swap/v2/quote/depth", Route::Depth),
    ("GET", "/openApi/swap/v2/quote/trades", Route::Trades),
    ("GET", "/openApi/swap/v2/quote/premiumIndex", Route::PremiumIndex),
    ("GET", "/openApi/swap/v2/quote/fundingRate", Route::FundingRate),
    ("GET", "/openApi/swap/v2/quote/openInterest", Route::OpenInterest),
    ("GET", "/openApi/swap/v3/quote/klines", Route::Klines),
    ("GET", "/openApi/swap/v2/quote/klines", Route::Klines),
    ("GET", "/openApi/spot/v1/common/symbols", Route::NoMarkets),
    ("GET", "/openApi/cswap/v1/market/contracts", Route::NoMarkets),
    ("GET", "/openApi/wallets/v1/capital/config/getall", Route::NoMarkets),
    ("GET", "/openApi/v1/account/apiPermissions", Route::ApiPermissions),
    ("GET", "/openApi/account/v1/uid", Route::Uid),
    ("GET", "/openApi/swap/v3/user/balance", Route::Balance),
    ("GET", "/openApi/swap/v2/user/balance", Route::BalanceV2),
    ("GET", "/openApi/swap/v2/user/positions", Route::Positions),
    ("GET", "/openApi/swap/v2/user/income", Route::Income),
    ("GET", "/openApi/swap/v2/user/commissionRate", Route::CommissionRate),
    ("GET", "/openApi/swap/v2/trade/leverage", Route::Leverage),
    ("POST", "/openApi/swap/v2/trade/leverage", Route::SetLeverage),
    ("GET", "/openApi/swap/v2/trade/marginType", Route::MarginType),
    ("POST", "/openApi/swap/v2/trade/marginType", Route::SetMarginType),
    ("GET", "/openApi/swap/v1/positionSide/dual", Route::PositionMode),
    ("POST", "/openApi/swap/v1/positionSide/dual", Route::SetPositionMode),
    ("GET", "/openApi/swap/v1/trade/assetMode", Route::AssetMode),
    ("POST", "/openApi/swap/v1/trade/assetMode", Route::SetAssetMode),
    ("GET", "/openApi/swap/v1/maintMarginRatio", Route::MaintenanceRatio),
    ("POST", "/openApi/swap/v2/trade/order", Route::Place),
    ("POST", "/openApi/swap/v2/trade/order/test", Route::TestPlace),
    ("POST", "/openApi/swap/v2/trade/batchOrders", Route::PlaceBatch),
    ("DELETE", "/openApi/swap/v2/trade/order", Route::Cancel),
    ("DELETE", "/openApi/swap/v2/trade/batchOrders", Route::CancelBatch),
    ("DELETE", "/openApi/swap/v2/trade/allOpenOrders", Route::CancelAll),
    ("POST", "/openApi/swap/v2/trade/cancelAllAfter", Route::CancelAllAfter),
    ("POST", "/openApi/swap/v2/trade/closeAllPositions", Route::CloseAll),
    ("POST", "/openApi/swap/v1/trade/closePosition", Route::ClosePosition),
    ("GET", "/openApi/swap/v2/trade/order", Route::Order),
    ("GET", "/openApi/swap/v2/trade/openOrder", Route::Order),
    ("GET", "/openApi/swap/v2/trade/openOrders", Route::OpenOrders),
    ("GET", "/openApi/swap/v2/trade/allOrders", Route::AllOrders),
    ("GET", "/openApi/swap/v1/trade/fullOrder", Route::AllOrders),
    ("GET", "/openApi/swap/v2/trade/allFillOrders", Route::Fills),
    ("GET", "/openApi/swap/v2/trade/fillHistory", Route::FillHistory),
    ("GET", "/openApi/swap/v2/trade/forceOrders", Route::ForceOrders),
    ("POST", "/openApi/swap/v1/trade/getVst", Route::GetVst),
    ("POST", "/openApi/user/auth/userDataStream", Route::ListenKey),
    ("PUT", "/openApi/user/auth/userDataStream", Route::ExtendListenKey),
    ("DELETE", "/openApi/user/auth/userDataStream", Route::DropListenKey),
];

/// The request of this method and path.
pub fn route(method: &str, path: &str) -> Option<Route> {
    ROUTES.iter().find(|(known, at, _)| *known == method && *at == path).map(|(_, _, route)| *route)
}

/// Whether anything is at this path, by whatever method.
pub fn is_known(path: &str) -> bool {
    ROUTES.iter().any(|(_, at, _)| *at == path)
}

impl Route {
    /// Which permission its key needs: nothing for public data, 0 for any key.
    pub const fn permission(self) -> Option<u8> {
        match self {
            Self::ServerTime
            | Self::Contracts
            | Self::Price
            | Self::Ticker
            | Self::BookTicker
            | Self::Depth
            | Self::Trades
            | Self::PremiumIndex
            | Self::FundingRate
            | Self::OpenInterest
            | Self::Klines
            | Self::NoMarkets => None,
            Self::ApiPermissions
            | Self::Uid
            | Self::ListenKey
            | Self::ExtendListenKey
            | Self::DropListenKey => Some(0),
            Self::Balance
            | Self::BalanceV2
            | Self::Positions
            | Self::Order
            | Self::Leverage
            | Self::MarginType
            | Self::AssetMode
            | Self::CommissionRate
            | Self::MaintenanceRatio => Some(2),
            _ => Some(3),
        }
    }
}

/// What a request is answered with.
pub enum Answer {
    /// In the envelope.
    Data(Json),
    /// Without an envelope.
    Bare(Json),
    /// Nothing at all.
    Empty,
    /// Nothing but this status.
    Status(u16),
}

impl Venue {
    /// Carries a request out.
    pub(crate) fn perform(&mut self, wanted: Route, passed: &Passed<'_>) -> Result<Answer, Fault> {
        match wanted {
            Route::Place
            | Route::TestPlace
            | Route::PlaceBatch
            | Route::Cancel
            | Route::CancelBatch
            | Route::CancelAll
            | Route::CancelAllAfter
            | Route::CloseAll
            | Route::ClosePosition => self.trade(wanted, passed),
            Route::Order
            | Route::OpenOrders
            | Route::AllOrders
            | Route::Fills
            | Route::FillHistory
            | Route::ForceOrders => self.history(wanted, passed),
            _ if wanted.permission().is_none() => self.quote(wanted, passed),
            _ => self.account(wanted, passed),
        }
    }
}
