use garde::Validate;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::{Email, Line, NewPassword, TypedPassword};
use crate::dto::rules;
use crate::dto::users::UserDto;
use crate::dto::words::LanguageWord;

#[derive(Deserialize, Validate, ToSchema)]
pub struct Register {
    #[garde(custom(rules::email))]
    #[schema(value_type = Email)]
    pub email: String,
    /// 12 to 128 characters, none of the common ones.
    #[garde(custom(secret(rules::new_password)))]
    #[schema(value_type = NewPassword)]
    pub password: SecretString,
    #[garde(custom(rules::name))]
    #[schema(value_type = Line)]
    pub name: String,
    /// Needed where registration is by invitation.
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    pub invite_code: Option<SecretString>,
    /// Of the screens and of the first mail; English unless given.
    #[garde(skip)]
    pub language: Option<LanguageWord>,
}

#[derive(Deserialize, Validate, ToSchema)]
pub struct Login {
    #[garde(custom(rules::email))]
    #[schema(value_type = Email)]
    pub email: String,
    #[garde(custom(secret(rules::typed_password)))]
    #[schema(value_type = TypedPassword)]
    pub password: SecretString,
}

/// A signed-in user. The refresh token travels in a cookie.
#[derive(Serialize, ToSchema)]
pub struct SessionDto {
    pub user: UserDto,
    pub access_token: String,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 600)]
    pub expires_in: i64,
}

/// Applies a rule for text to a secret.
pub fn secret<C>(
    rule: fn(&str, &C) -> Result<(), garde::Error>,
) -> impl Fn(&SecretString, &C) -> Result<(), garde::Error> {
    move |value, context| rule(value.expose_secret(), context)
}
