//! What a handler may fail with; the one place where failures meet HTTP.

use std::borrow::Cow;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use chrono::{DateTime, Utc};
use flotilla_domain::account::AccountError;
use flotilla_domain::copy::resolution::ResolutionError;
use flotilla_domain::exchange_key::KeyFault;
use flotilla_domain::group::GroupError;
use flotilla_domain::stats::StatsError;
use flotilla_domain::trade::draft::Fault;
use flotilla_security::{PasswordError, SealError, TokenError};
use flotilla_store::StoreError;
use flotilla_store::masters::FollowError;
use flotilla_store::risk_phases::LastEdit;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

/// Failure of a request.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("sign in to continue")]
    Unauthenticated,
    #[error("e-mail address or password is wrong")]
    InvalidCredentials,
    #[error("the session has ended; sign in again")]
    SessionExpired,
    #[error("the password is wrong")]
    WrongPassword,
    #[error("this needs the `{0}` permission")]
    Forbidden(&'static str),
    #[error("only a person who is signed in resumes copying; a key of an integrator stops it")]
    OnlyAPerson,
    #[error("another user's rows can be read under a grant, not changed")]
    ReadOnly,
    #[error("this request must come from the pages of this server")]
    CrossSite,
    #[error("registration is closed")]
    RegistrationClosed,
    #[error("registration needs a valid invitation code")]
    InvalidInvite,
    #[error("an account with this e-mail address exists")]
    EmailTaken,
    #[error("this link was used, is too old or was never sent; ask for a new one")]
    InvalidLink,
    #[error("the e-mail address is proven already")]
    AlreadyVerified,
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Group(#[from] GroupError),
    #[error(transparent)]
    Follow(#[from] FollowError),
    #[error(transparent)]
    Resolution(#[from] ResolutionError),
    #[error("this account has no rules yet; begin a phase first")]
    NoPhase,
    #[error("the rules were changed in the meantime; read them again")]
    StaleRules(Option<LastEdit>),
    #[error("the guard was changed in the meantime; read it again")]
    StaleGuard,
    #[error("the defaults were changed in the meantime; read them again")]
    StaleDefaults,
    #[error("the account's terminal reports what is moved since {0}; note a correction instead")]
    CashIsReported(DateTime<Utc>),
    #[error("this was taken back already")]
    AlreadyCleared,
    #[error("the exchange key is not taken: {}", .0.fault.sentence())]
    KeyRefused(KeyRefusal),
    #[error("the exchange does not take this leverage")]
    LeverageRefused(Option<String>),
    #[error("this trade was reported by a machine; only its tags and notes may change")]
    MachineTrade,
    #[error("a request with this key is in progress; try again in a moment")]
    InProgress,
    #[error("this was done, and its secret is shown once; what was made is in the list at {}", .0.listed_at)]
    AlreadyDone(Made),
    #[error("some fields are not valid")]
    Invalid(Vec<FieldProblem>),
    #[error("the body is not a JSON object")]
    MalformedJson,
    #[error("the body must be application/json")]
    UnsupportedMediaType,
    #[error("the body is larger than {0} bytes")]
    PayloadTooLarge(usize),
    #[error(
        "the file is larger than {0} bytes and nothing of it was imported; export shorter periods and import one after the other"
    )]
    FileTooLarge(usize),
    #[error("there is nothing here")]
    NotFound,
    #[error("this address does not take this method")]
    MethodNotAllowed(String),
    #[error("the request is malformed")]
    BadRequest,
    #[error("too many requests")]
    RateLimited(Refusal),
    #[error("too many sign-ins at once; try again in a moment")]
    Busy,
    #[error("no worker answered in time; try again in a moment")]
    NoAnswer,
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Stats(#[from] StatsError),
    #[error("a task was cancelled")]
    Cancelled,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a rate limit refused a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Requests that may come at once.
    pub limit: u32,
    /// When the next one is taken.
    pub wait: Duration,
}

/// Why a key is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRefusal {
    /// What is wrong.
    pub fault: KeyFault,
    /// The exchange's own words.
    pub words: Option<String>,
}

/// RFC 9457 body. `code` is stable and meant for programs, `detail` for people.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    #[schema(example = "/problems/not_found")]
    r#type: String,
    title: &'static str,
    #[schema(example = 404)]
    status: u16,
    code: &'static str,
    detail: Option<String>,
    /// What is wrong with which field; empty unless `status` is 422.
    errors: Vec<FieldProblem>,
    /// Who changed it, with `stale_version` of rules.
    changed_by: Option<String>,
    /// When that was.
    changed_at: Option<DateTime<Utc>>,
    /// What the request before made, with `already_done`.
    made: Option<Made>,
}

/// What a write made whose answer shows a secret once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Made {
    pub id: Uuid,
    /// The list in which it stands.
    #[schema(value_type = String, example = "/api/v1/me/api-keys")]
    pub listed_at: Cow<'static, str>,
}

impl Made {
    /// Something in the list at that address.
    pub const fn at(listed_at: &'static str, id: Uuid) -> Self {
        Self { id, listed_at: Cow::Borrowed(listed_at) }
    }
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    #[schema(example = "settings.max_age_s")]
    pub field: String,
    #[schema(value_type = String, example = "out_of_range")]
    pub code: Cow<'static, str>,
    pub detail: String,
}

impl KeyRefusal {
    fn problem(&self) -> FieldProblem {
        let field = if self.fault == KeyFault::WrongSecret { "api_secret" } else { "api_key" };
        let sentence = self.fault.sentence();
        FieldProblem {
            field: field.to_owned(),
            code: self.fault.as_str().into(),
            detail: match &self.words {
                Some(words) => format!("{sentence} (the exchange says: {words})"),
                None => sentence.to_owned(),
            },
        }
    }
}

const fn account_code(why: AccountError) -> &'static str {
    match why {
        AccountError::NotMaster => "not_a_master",
        AccountError::NotFollower => "not_a_follower",
        AccountError::OpenCopies => "open_copies",
        AccountError::SeveralFollowers => "several_followers",
        AccountError::Archived => "archived",
        AccountError::SlugTaken => "slug_taken",
        AccountError::NotPending => "not_pending",
        AccountError::NoExchange => "no_exchange",
        AccountError::NoEa => "no_ea",
        AccountError::KeyNotVerified => "key_not_verified",
        AccountError::EnvironmentFixed => "environment_fixed",
    }
}

impl ApiError {
    /// One field is not valid.
    pub fn field(field: &str, code: &'static str, detail: &str) -> Self {
        Self::Invalid(vec![FieldProblem {
            field: field.to_owned(),
            code: code.into(),
            detail: detail.to_owned(),
        }])
    }

    /// Fields of a trade are not valid.
    pub fn faults(faults: &[Fault]) -> Self {
        let problem = |fault: &Fault| FieldProblem {
            field: fault.field.to_owned(),
            code: fault.code.into(),
            detail: fault.detail.to_owned(),
        };
        Self::Invalid(faults.iter().map(problem).collect())
    }

    /// Status and code, one line per failure. No wildcard arm: a new variant
    /// does not compile until someone decides what a client should see.
    const fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::InvalidCredentials => (StatusCode::UNAUTHORIZED, "invalid_credentials"),
            Self::SessionExpired => (StatusCode::UNAUTHORIZED, "session_expired"),
            Self::WrongPassword => (StatusCode::FORBIDDEN, "wrong_password"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
            Self::OnlyAPerson => (StatusCode::FORBIDDEN, "only_a_person"),
            Self::ReadOnly => (StatusCode::FORBIDDEN, "read_only"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "cross_site"),
            Self::RegistrationClosed => (StatusCode::FORBIDDEN, "registration_closed"),
            Self::InvalidInvite => (StatusCode::FORBIDDEN, "invalid_invite"),
            Self::EmailTaken => (StatusCode::CONFLICT, "email_taken"),
            Self::InvalidLink => (StatusCode::BAD_REQUEST, "invalid_link"),
            Self::AlreadyVerified => (StatusCode::CONFLICT, "already_verified"),
            Self::Account(why) => (StatusCode::CONFLICT, account_code(*why)),
            Self::KeyRefused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "key_refused"),
            Self::LeverageRefused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "leverage_refused"),
            Self::Group(GroupError::NameTaken) => (StatusCode::CONFLICT, "name_taken"),
            Self::Group(GroupError::Stale) | Self::StaleRules(_) | Self::StaleGuard | Self::StaleDefaults => {
                (StatusCode::CONFLICT, "stale_version")
            }
            Self::Group(GroupError::Stopped) => (StatusCode::CONFLICT, "group_stopped"),
            Self::Group(GroupError::TooMany) => (StatusCode::CONFLICT, "too_many_groups"),
            Self::Follow(FollowError::MasterNotFound) => (StatusCode::NOT_FOUND, "master_not_found"),
            Self::Follow(FollowError::MasterHasPartner) => (StatusCode::CONFLICT, "master_has_partner"),
            Self::Follow(FollowError::OwnMaster) => (StatusCode::CONFLICT, "own_master"),
            Self::Follow(FollowError::AlreadyFollowing) => (StatusCode::CONFLICT, "already_following"),
            Self::Resolution(why) => (StatusCode::CONFLICT, why.code()),
            Self::NoPhase => (StatusCode::CONFLICT, "no_phase"),
            Self::CashIsReported(_) => (StatusCode::CONFLICT, "cash_is_reported"),
            Self::AlreadyCleared => (StatusCode::CONFLICT, "already_cleared"),
            Self::MachineTrade => (StatusCode::CONFLICT, "machine_trade"),
            Self::InProgress => (StatusCode::CONFLICT, "request_in_progress"),
            Self::AlreadyDone(_) => (StatusCode::CONFLICT, "already_done"),
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::Stats(_) => (StatusCode::UNPROCESSABLE_ENTITY, "out_of_range"),
            Self::MalformedJson => (StatusCode::BAD_REQUEST, "malformed_json"),
            Self::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::PayloadTooLarge(_) | Self::FileTooLarge(_) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large")
            }
            Self::NotFound | Self::Store(StoreError::NotFound(_)) => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::BadRequest => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::RateLimited(_) => (StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::NoAnswer => (StatusCode::SERVICE_UNAVAILABLE, "no_answer"),
            Self::Store(StoreError::Pool(_)) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Token(_)
            | Self::Password(_)
            | Self::Seal(_)
            | Self::Cancelled
            | Self::Store(StoreError::Constraint(_) | StoreError::Corrupt(_) | StoreError::Database(_)) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal")
            }
        }
    }

    /// The body a client sees.
    pub fn problem(&self) -> Problem {
        let (status, code) = self.kind();
        let edit = if let Self::StaleRules(edit) = self { edit.clone() } else { None };
        Problem {
            r#type: format!("/problems/{code}"),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: status.is_client_error().then(|| self.to_string()),
            errors: match self {
                Self::Invalid(errors) => errors.clone(),
                Self::KeyRefused(refusal) => vec![refusal.problem()],
                Self::LeverageRefused(words) => vec![FieldProblem {
                    field: "leverage".to_owned(),
                    code: "refused".into(),
                    detail: words.clone().unwrap_or_else(|| self.to_string()),
                }],
                _ => Vec::new(),
            },
            changed_at: edit.as_ref().map(|edit| edit.at),
            changed_by: edit.and_then(|edit| edit.by),
            made: if let Self::AlreadyDone(made) = self { Some(made.clone()) } else { None },
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.kind().0
    }

    fn error_response(&self) -> HttpResponse {
        let (status, code) = self.kind();
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            // The only place server errors are logged; the client never sees the source.
            tracing::error!(error = ?self, code, "request failed");
        }
        let mut response =
            HttpResponse::build(status).content_type("application/problem+json").json(self.problem());
        add_headers(self, response.headers_mut());
        response
    }
}

fn add_headers(error: &ApiError, headers: &mut header::HeaderMap) {
    let mut put = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(header::HeaderName::from_static(name), value);
        }
    };
    match error {
        ApiError::Unauthenticated => put("www-authenticate", "Bearer".to_owned()),
        ApiError::MethodNotAllowed(allowed) => put("allow", allowed.clone()),
        ApiError::Busy | ApiError::NoAnswer | ApiError::Store(StoreError::Pool(_)) => {
            put("retry-after", "1".to_owned());
        }
        ApiError::RateLimited(refusal) => {
            let seconds = refusal.wait.as_millis().div_ceil(1000).max(1);
            put("retry-after", seconds.to_string());
            put("ratelimit-limit", refusal.limit.to_string());
            put("ratelimit-remaining", "0".to_owned());
            put("ratelimit-reset", seconds.to_string());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n92_a_server_error_does_not_describe_itself() {
        let error = ApiError::Store(StoreError::Constraint("users_email_length".to_owned()));

        let body = serde_json::to_string(&error.problem()).expect("serialises");

        assert_eq!(
            body,
            concat!(
                r#"{"type":"/problems/internal","title":"Internal Server Error","status":500,"code":"internal","#,
                r#""detail":null,"errors":[],"changed_by":null,"changed_at":null,"made":null}"#
            )
        );
    }

    #[test]
    fn a_refused_client_learns_when_to_come_back() {
        let refusal = Refusal { limit: 200, wait: Duration::from_millis(1_001) };

        let response = ApiError::RateLimited(refusal).error_response();

        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!((header("retry-after"), header("ratelimit-limit")), (Some("2"), Some("200")));
    }
}
