//! What terminals say about instruments.

use flotilla_domain::symbol::Symbol;
use flotilla_store::symbol_specs::{self, SymbolSpec};
use rust_decimal::Decimal;

use crate::ea::socket::Socket;
use crate::gateway::Gateway;

/// A terminal named its contract size. Followers name it under the symbol that
/// they were sent.
pub(super) async fn init_symbol(
    gateway: &Gateway,
    socket: &Socket,
    symbol: Symbol,
    contract_size: Decimal,
    digits: u32,
) {
    let (account, owner) = (socket.login.account_id, socket.login.owner_id);
    let Ok(digits) = i32::try_from(digits) else { return };
    let spec = SymbolSpec { symbol, contract_size, digits };
    match gateway.converse(async |tx| symbol_specs::save(tx, account, owner, &spec).await).await {
        Ok(true) => {
            tracing::info!(account.id = %account, symbol = %spec.symbol, contract_size = %spec.contract_size, "contract size reported");
        }
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, account.id = %account, "a contract size was not stored"),
    }
}
