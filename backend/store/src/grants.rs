//! Reading somebody else's rows.

use diesel::prelude::*;
use diesel::select;
use diesel_async::RunQueryDsl;

use crate::db::{Scope, Tx};
use crate::error::StoreResult;
use crate::schema::viewer_grants;

diesel::define_sql_function! {
    /// Whether the acting user holds a live grant on the context's owner.
    fn reader_is_granted() -> Bool;
}

/// Whether the scope's actor may read the scope's owner. Ask as the role
/// `flotilla_readonly`, which sees the grants that name its actor.
pub async fn is_granted(tx: &mut Tx) -> StoreResult<bool> {
    Ok(select(reader_is_granted()).get_result(tx).await?)
}

/// Whether the scope's actor holds a live grant of the kind for admins.
pub async fn is_admin_granted(tx: &mut Tx, scope: Scope) -> StoreResult<bool> {
    let grant = viewer_grants::table
        .filter(viewer_grants::owner_id.eq(scope.owner.uuid()))
        .filter(viewer_grants::viewer_id.eq(scope.actor.uuid()))
        .filter(viewer_grants::kind.eq("admin"))
        .filter(viewer_grants::revoked_at.is_null())
        .filter(viewer_grants::expires_at.gt(diesel::dsl::now));
    Ok(select(diesel::dsl::exists(grant)).get_result(tx).await?)
}
