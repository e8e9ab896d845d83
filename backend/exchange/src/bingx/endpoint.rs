//! Endpoints and what they cost.

use flotilla_domain::venue::VenueEnvironment;

use crate::limits::{Limit, Rate};

/// Reads of one interface that are under way from an address at once, while nothing is opened or closed: should it be
/// closed they all call what is closed, and whoever goes on with that is banned.
const LOOKING_AT_ONCE: usize = 12;

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes.
    Post,
    /// Extends.
    Put,
    /// Removes.
    Delete,
}

impl Method {
    /// As sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// Live money or the demo currency. The same key works for both: only the host name protects real money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Real money.
    Live,
    /// `VST`, virtual money.
    Demo,
}

impl Environment {
    /// As in names of limits and in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Demo => "demo",
        }
    }
}

impl From<VenueEnvironment> for Environment {
    fn from(environment: VenueEnvironment) -> Self {
        match environment {
            VenueEnvironment::Live => Self::Live,
            VenueEnvironment::Demo => Self::Demo,
        }
    }
}

/// One endpoint, and its limits as published. Where two publications differ, the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// Method.
    pub method: Method,
    /// Path, from the root.
    pub path: &'static str,
    /// Requests per second for one account; `None` for market data, which has no account.
    pub per_second: Option<usize>,
}

const fn market(path: &'static str) -> Endpoint {
    Endpoint { method: Method::Get, path, per_second: None }
}

const fn account(method: Method, path: &'static str, per_second: usize) -> Endpoint {
    Endpoint { method, path, per_second: Some(per_second) }
}

/// Time of the server.
pub const SERVER_TIME: Endpoint = market("/openApi/swap/v2/server/time");
/// Contracts.
pub const CONTRACTS: Endpoint = market("/openApi/swap/v2/quote/contracts");
/// Last price.
pub const PRICE: Endpoint = market("/openApi/swap/v1/ticker/price");
/// Mark price and funding.
pub const PREMIUM_INDEX: Endpoint = market("/openApi/swap/v2/quote/premiumIndex");
/// Depth of the book.
pub const DEPTH: Endpoint = market("/openApi/swap/v2/quote/depth");
/// Candles.
pub const KLINES: Endpoint = market("/openApi/swap/v3/quote/klines");

/// What a key may do.
pub const API_PERMISSIONS: Endpoint = account(Method::Get, "/openApi/v1/account/apiPermissions", 2);
/// Whose key it is.
pub const UID: Endpoint = account(Method::Get, "/openApi/account/v1/uid", 5);
/// Balances.
pub const BALANCE: Endpoint = account(Method::Get, "/openApi/swap/v3/user/balance", 5);
/// Open positions.
pub const POSITIONS: Endpoint = account(Method::Get, "/openApi/swap/v2/user/positions", 5);
/// Flow of money.
pub const INCOME: Endpoint = account(Method::Get, "/openApi/swap/v2/user/income", 5);
/// Leverage of a contract.
pub const LEVERAGE: Endpoint = account(Method::Get, "/openApi/swap/v2/trade/leverage", 5);
/// Sets the leverage of a contract.
pub const SET_LEVERAGE: Endpoint = account(Method::Post, "/openApi/swap/v2/trade/leverage", 5);
/// Whose margin a contract uses.
pub const MARGIN_TYPE: Endpoint = account(Method::Get, "/openApi/swap/v2/trade/marginType", 2);
/// One position or two.
pub const POSITION_MODE: Endpoint = account(Method::Get, "/openApi/swap/v1/positionSide/dual", 2);
/// One margin currency or several.
pub const ASSET_MODE: Endpoint = account(Method::Get, "/openApi/swap/v1/trade/assetMode", 2);
/// Places an order.
pub const PLACE: Endpoint = account(Method::Post, "/openApi/swap/v2/trade/order", 5);
/// Cancels an order.
pub const CANCEL: Endpoint = account(Method::Delete, "/openApi/swap/v2/trade/order", 5);
/// Cancels all orders of a contract.
pub const CANCEL_ALL: Endpoint = account(Method::Delete, "/openApi/swap/v2/trade/allOpenOrders", 5);
/// One order.
pub const ORDER: Endpoint = account(Method::Get, "/openApi/swap/v2/trade/order", 5);
/// Open orders.
pub const OPEN_ORDERS: Endpoint = account(Method::Get, "/openApi/swap/v2/trade/openOrders", 5);
/// Orders of a time.
pub const ALL_ORDERS: Endpoint = account(Method::Get, "/openApi/swap/v2/trade/allOrders", 5);
/// Fills of a time.
pub const FILL_HISTORY: Endpoint = account(Method::Get, "/openApi/swap/v2/trade/fillHistory", 5);
/// Makes the key of a user stream.
pub const LISTEN_KEY: Endpoint = account(Method::Post, "/openApi/user/auth/userDataStream", 2);
/// Extends it by an hour.
pub const EXTEND_LISTEN_KEY: Endpoint = account(Method::Put, "/openApi/user/auth/userDataStream", 2);

impl Endpoint {
    /// Whether it changes orders, positions or settings of an account.
    pub(crate) fn changes_account(&self) -> bool {
        self.method != Method::Get && self.path != LISTEN_KEY.path
    }

    /// The limit of this endpoint for one account.
    pub(crate) fn account_limit(&self, account: &str) -> Option<Limit> {
        let per_second = self.per_second?;
        let name = format!("{account} {} {}", self.method.as_str(), self.path);
        Some(Limit::of_venue(name, Rate::per_second(per_second)))
    }

    /// The limits of a source address, the narrower first: that of the interface, and that of all that is of its kind.
    ///
    /// What an account is only looked at for gets two thirds of them. Of the market nothing is kept: what is read of it
    /// is read for those who open.
    pub(crate) fn egress_limits(&self, egress: &str, environment: Environment) -> [Limit; 2] {
        let environment = environment.as_str();
        let limit = |what: &str, rate| Limit::of_venue(format!("{egress} {environment} {what}"), rate);
        let of_path = format!("{} {}", self.method.as_str(), self.path);
        if self.per_second.is_some() {
            let all = limit("account", Rate::per_ten_seconds(2_000)).sparing();
            let interface = limit(&of_path, Rate::per_ten_seconds(300)).sparing();
            [interface.looking_at_once(LOOKING_AT_ONCE), all]
        } else {
            // 500 in ten seconds and 1,000 in a minute, over all market data.
            let minute = Rate { requests: 1_000, per: std::time::Duration::from_millis(60_500) };
            [limit("market", Rate::per_ten_seconds(500)), limit("market, by the minute", minute)]
        }
    }
}
