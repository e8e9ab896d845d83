use serde::Serialize;
use utoipa::ToSchema;

/// Whether a part of the installation works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Up,
    Down,
}

impl From<bool> for Condition {
    fn from(is_up: bool) -> Self {
        if is_up { Self::Up } else { Self::Down }
    }
}

#[derive(Serialize, ToSchema)]
pub struct AliveDto {
    pub status: Condition,
}

/// Parts the API needs.
#[derive(Serialize, ToSchema)]
pub struct Components {
    pub database: Condition,
    /// Whether the schema is the one of this version.
    pub migrations: Condition,
    /// Whether a worker was heard of within half a minute.
    pub worker: Condition,
}

#[derive(Serialize, ToSchema)]
pub struct StatusDto {
    pub version: String,
    /// Port on which EAs reach the gateway.
    pub ea_port: u16,
    pub status: Condition,
    pub components: Components,
}
