use chrono::{DateTime, Utc};
use flotilla_domain::id::PersonalKeyId;
use flotilla_store::personal_keys::PersonalKey;
use garde::Validate;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::{Line, TypedPassword};
use crate::dto::rules;
use crate::dto::words::KeyScopeWord;

/// A key of an integrator, without the key.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PersonalKey)]
pub struct PersonalKeyDto {
    #[schema(value_type = Uuid)]
    pub id: PersonalKeyId,
    pub name: String,
    /// Its first characters, as in `flt_Ab12Cd`.
    pub prefix: String,
    pub scopes: Vec<KeyScopeWord>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// To the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<PersonalKey> for PersonalKeyDto {
    fn from(key: PersonalKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes.into_iter().map(Into::into).collect(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// All keys of the caller, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonalKeyList {
    pub items: Vec<PersonalKeyDto>,
}

/// A key that was just made. The key itself is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedPersonalKey {
    /// Goes into `Authorization: Bearer`.
    pub key: String,
    #[serde(flatten)]
    pub about: PersonalKeyDto,
}

/// A key to be made.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct CreatePersonalKey {
    #[garde(custom(rules::name))]
    #[schema(value_type = Line)]
    pub name: String,
    /// `trade` includes `read`.
    #[garde(length(min = 1, max = 2))]
    #[schema(min_items = 1, max_items = 2)]
    pub scopes: Vec<KeyScopeWord>,
    /// Life in days, at most a year.
    #[garde(range(min = 1, max = 366))]
    #[schema(minimum = 1, maximum = 366)]
    pub expires_in_days: i32,
    /// The caller's own.
    #[schema(value_type = TypedPassword)]
    pub password: SecretString,
}
