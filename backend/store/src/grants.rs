//! Reading somebody else's rows.

use diesel::select;
use diesel_async::RunQueryDsl;

use crate::db::Tx;
use crate::error::StoreResult;

diesel::define_sql_function! {
    /// Whether the acting user holds a live grant on the context's owner.
    fn reader_is_granted() -> Bool;
}

/// Whether the scope's actor may read the scope's owner. Ask as the role
/// `flotilla_readonly`, which sees the grants that name its actor.
pub async fn is_granted(tx: &mut Tx) -> StoreResult<bool> {
    Ok(select(reader_is_granted()).get_result(tx).await?)
}
