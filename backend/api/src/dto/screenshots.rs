use chrono::{DateTime, Utc};
use flotilla_store::screenshots::Screenshot;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A picture of a trade.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Screenshot)]
pub struct ScreenshotDto {
    pub id: Uuid,
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub media_type: String,
    pub bytes: i32,
    pub created_at: DateTime<Utc>,
}

impl From<Screenshot> for ScreenshotDto {
    fn from(shot: Screenshot) -> Self {
        let Screenshot { id, media_type, bytes, created_at } = shot;
        Self { id, media_type, bytes, created_at }
    }
}

/// Pictures of a trade, oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Screenshots {
    pub items: Vec<ScreenshotDto>,
}
