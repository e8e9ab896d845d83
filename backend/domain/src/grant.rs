//! Reading somebody else's rows.

use crate::text_enum::text_enum;

text_enum! {
    /// Why one user may read another owner's rows.
    GrantKind, "grant kind" {
        /// Given by the owner, until revoked.
        Viewer = "viewer",
        /// Opened by an admin for a limited time, audited and visible to the owner.
        Admin = "admin",
    }
}
