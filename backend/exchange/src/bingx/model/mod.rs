//! What BingX says about accounts and orders.
//!
//! Fields that a reply may leave out are options; a spelling that nobody knows
//! is kept, not mapped to something near. Times are Unix milliseconds,
//! quantities coins, amounts in the margin currency.

mod account;
mod fill;
mod key;
mod order;

pub use account::{AssetMode, Balance, Balances, Income, Leverage, MarginType, Position, PositionMode};
pub use fill::{Fill, FillId};
pub use key::{KeyInfo, KeyRefusal, KeyWarning};
pub use order::{Cancelled, Direction, Order, OrderStatus, Placed, PositionSide, TradeSide};

pub(crate) use account::{DualSide, LeverageReply, MarginTypeReply, ModeReply, UidReply};
pub(crate) use fill::FillList;
pub(crate) use order::{OrderList, OrderReply};
