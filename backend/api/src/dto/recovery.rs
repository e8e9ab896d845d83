use garde::Validate;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::dto::bounds::{Email, MailToken, NewPassword, TypedPassword};
use crate::dto::rules;
use crate::dto::session::secret;

/// Of whoever forgot his password.
#[derive(Deserialize, Validate, ToSchema)]
pub struct RequestPasswordReset {
    #[garde(custom(rules::email))]
    #[schema(value_type = Email)]
    pub email: String,
}

/// What a link in a mail leads to.
#[derive(Deserialize, Validate, ToSchema)]
pub struct ResetPassword {
    /// What stands behind the `#` of the link.
    #[garde(custom(secret(rules::typed_password)))]
    #[schema(value_type = MailToken)]
    pub token: SecretString,
    /// 12 to 128 characters, none of the common ones.
    #[garde(custom(secret(rules::new_password)))]
    #[schema(value_type = NewPassword)]
    pub new_password: SecretString,
}

/// What a link in a mail proves.
#[derive(Deserialize, Validate, ToSchema)]
pub struct VerifyEmail {
    /// What stands behind the `#` of the link.
    #[garde(custom(secret(rules::typed_password)))]
    #[schema(value_type = MailToken)]
    pub token: SecretString,
}

/// Another address to sign in with.
#[derive(Deserialize, Validate, ToSchema)]
pub struct ChangeEmail {
    #[garde(custom(rules::email))]
    #[schema(value_type = Email)]
    pub email: String,
    #[garde(custom(secret(rules::typed_password)))]
    #[schema(value_type = TypedPassword)]
    pub password: SecretString,
}
