use chrono::{DateTime, Utc};
use flotilla_domain::id::LoginId;
use flotilla_store::logins::Login;
use serde::Serialize;
use utoipa::ToSchema;

/// A signed-in device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceSession)]
pub struct DeviceSessionDto {
    #[schema(value_type = uuid::Uuid)]
    pub id: LoginId,
    /// Browser and system; null when it signed in before that was noted.
    #[schema(example = "Firefox on Windows")]
    pub device: Option<String>,
    pub created_at: DateTime<Utc>,
    /// When it continued last, to about ten minutes.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends without being used.
    pub expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// Signed-in devices of the caller, the one used last first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceSessionList {
    pub items: Vec<DeviceSessionDto>,
}

impl DeviceSessionDto {
    pub fn new(login: Login, current: LoginId) -> Self {
        Self {
            is_current: login.id == current,
            id: login.id,
            device: login.device,
            created_at: login.began_at,
            last_seen_at: login.seen_at,
            expires_at: login.ends_at,
        }
    }
}
