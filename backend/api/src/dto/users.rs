use chrono::{DateTime, Utc};
use flotilla_domain::id::UserId;
use flotilla_domain::user::User;
use garde::Validate;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::{Line, NewPassword, TimeZoneName, TypedPassword};
use crate::dto::rules;
use crate::dto::session::secret;
use crate::dto::words::{LanguageWord, RoleWord};

/// A login identity.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserDto {
    #[schema(value_type = uuid::Uuid)]
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: RoleWord,
    pub email_verified: bool,
    pub language: LanguageWord,
    /// IANA name of the zone in which times are shown.
    #[schema(example = "Asia/Bangkok")]
    pub time_zone: String,
    pub created_at: DateTime<Utc>,
    pub last_login_at: Option<DateTime<Utc>>,
}

impl From<User> for UserDto {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role.into(),
            email_verified: user.email_verified,
            language: user.language.into(),
            time_zone: user.time_zone,
            created_at: user.created_at,
            last_login_at: user.last_login_at,
        }
    }
}

#[derive(Deserialize, Validate, ToSchema)]
pub struct PatchMe {
    #[garde(custom(rules::optional_name))]
    #[schema(value_type = Option<Line>)]
    pub name: Option<String>,
    #[garde(skip)]
    pub language: Option<LanguageWord>,
    #[garde(custom(rules::time_zone))]
    #[schema(value_type = Option<TimeZoneName>)]
    pub time_zone: Option<String>,
}

#[derive(Deserialize, Validate, ToSchema)]
pub struct ChangePassword {
    #[garde(custom(secret(rules::typed_password)))]
    #[schema(value_type = TypedPassword)]
    pub current_password: SecretString,
    /// 12 to 128 characters, none of the common ones.
    #[garde(custom(secret(rules::new_password)))]
    #[schema(value_type = NewPassword)]
    pub new_password: SecretString,
}

/// A wish to be erased.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseMe {
    #[garde(custom(secret(rules::typed_password)))]
    #[schema(value_type = TypedPassword)]
    pub password: SecretString,
}

/// Everything that is kept of the caller. Beside its date it has a list of rows
/// for each table, under the table's name.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyExport {
    pub exported_at: DateTime<Utc>,
}
