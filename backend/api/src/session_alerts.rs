//! What the session code tells in the inbox.

use flotilla_domain::alert::AlertKind;
use flotilla_domain::id::{LoginId, OwnerId};
use flotilla_store::alerts::NewAlert;
use serde_json::json;

/// Somebody signed in from a kind of device that was not seen before.
pub fn new_device(owner: OwnerId, device: &str) -> NewAlert {
    NewAlert {
        owner_id: owner,
        kind: AlertKind::NewDevice,
        account_id: None,
        copy_id: None,
        detail: json!({ "device": device }),
        dedupe_key: format!("{}:{device}", AlertKind::NewDevice),
    }
}

/// A used refresh token came again, from this kind of device.
pub fn refresh_reuse(owner: OwnerId, login: LoginId, device: &str) -> NewAlert {
    NewAlert {
        owner_id: owner,
        kind: AlertKind::RefreshReuse,
        account_id: None,
        copy_id: None,
        detail: json!({ "device": device }),
        dedupe_key: format!("{}:{login}", AlertKind::RefreshReuse),
    }
}
