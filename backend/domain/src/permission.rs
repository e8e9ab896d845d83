//! What a caller may do. Checked by the API through the type of a handler's argument.

use crate::text_enum::text_enum;
use crate::user::Role;

text_enum! {
    /// One thing that may be allowed.
    Permission, "permission" {
        /// Read accounts, copies, trades.
        Read = "read",
        /// Change one's own name, language and password.
        ManageSelf = "self:manage",
        /// Create, rename, archive accounts; rotate and reveal keys.
        ManageAccounts = "accounts:manage",
        /// Follow, unfollow, switch modes, close copies.
        Trade = "trade",
    }
}

text_enum! {
    /// What a key of an integrator is good for.
    KeyScope, "key scope" {
        /// Reading.
        Read = "read",
        /// Reading, and what moves copies and the journal.
        Trade = "trade",
    }
}

impl KeyScope {
    /// Whether a key with this scope may what `permission` names, if its user
    /// may. No key manages accounts, other keys or the user himself.
    #[must_use]
    pub const fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::Read => true,
            Permission::Trade => matches!(self, Self::Trade),
            Permission::ManageSelf | Permission::ManageAccounts => false,
        }
    }
}

impl Role {
    /// Whether a user of this role holds `permission` on his own rows.
    ///
    /// An admin may not trade: whoever can see everybody's accounts must not
    /// be able to move their money.
    #[must_use]
    pub const fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::Read | Permission::ManageSelf => true,
            Permission::ManageAccounts | Permission::Trade => matches!(self, Self::Trader),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_traders_touch_accounts_and_money() {
        for role in [Role::Admin, Role::Viewer] {
            assert!(role.allows(Permission::Read));
            assert!(!role.allows(Permission::Trade));
            assert!(!role.allows(Permission::ManageAccounts));
        }
        assert!(Permission::ALL.iter().all(|&permission| Role::Trader.allows(permission)));
    }
}
