//! `Idempotency-Key`: a write that is repeated is done once.
//!
//! An answer is kept with its key, and given again. Answers that show a secret
//! are not: a repetition is told that it was done, and where.

use std::borrow::Cow;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use flotilla_domain::id::OwnerId;
use flotilla_store::Tx;
use flotilla_store::idempotency::{self, Answered, Claim};
use futures_util::future::{LocalBoxFuture, Ready, ready};
use garde::Validate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use crate::body::{is_json, parse, unreadable};
use crate::error::{ApiError, ApiResult, Made};

const HEADER: &str = "idempotency-key";
const LONGEST: usize = 128;
/// Status of what is kept of a write whose answer shows a secret. No other is kept
/// with it: what is refused leaves nothing behind.
const WITHHELD: StatusCode = StatusCode::CONFLICT;

/// The header, as the document shows it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the document")]
pub struct IdempotencyKey {
    /// 1 to 128 visible characters of the client's choice. For a day the same request
    /// with the same key does nothing and answers the same, or 409 `already_done`
    /// where the answer shows a secret; another request with it is 422 `reused`.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 128, pattern = "^[!-~]{1,128}$")]
    pub key: Option<String>,
}

/// A checked JSON body and the key it came with.
pub struct Keyed<T> {
    pub body: T,
    pub key: Option<Key>,
}

/// A key of the client's choice, and what was asked with it.
pub struct Key {
    text: String,
    request_hash: Vec<u8>,
}

/// A key of a request whose body is empty, or read by the handler.
pub struct KeyOnly(Option<Begun>);

/// A key, and what is known so far of what is asked with it.
struct Begun {
    text: String,
    hash: Sha256,
}

impl<T> FromRequest for Keyed<T>
where
    T: DeserializeOwned + Validate<Context = ()> + 'static,
{
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), web::Bytes::from_request(request, payload));
        Box::pin(async move {
            let body = body.await.map_err(|error| unreadable(&error))?;
            if !is_json(request.headers()) {
                return Err(ApiError::UnsupportedMediaType);
            }
            let key = KeyOnly::of(&request)?.with(&without_password(&body));
            Ok(Self { body: parse(&body)?, key })
        })
    }
}

impl FromRequest for KeyOnly {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl KeyOnly {
    fn of(request: &HttpRequest) -> ApiResult<Self> {
        let mut values = request.headers().get_all(HEADER);
        let Some(value) = values.next() else { return Ok(Self(None)) };
        let text = value.to_str().ok().filter(|text| {
            (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        });
        let (Some(text), None) = (text, values.next()) else {
            return Err(ApiError::field(
                "Idempotency-Key",
                "invalid",
                "use one key of 1 to 128 visible characters",
            ));
        };
        let mut hash = Sha256::new();
        hash.update(request.method().as_str());
        hash.update([0_u8]);
        hash.update(request.uri().to_string());
        hash.update([0_u8]);
        Ok(Self(Some(Begun { text: text.to_owned(), hash })))
    }

    /// The key, of a request that says all in its address.
    pub fn bare(self) -> Option<Key> {
        self.with(&[])
    }

    /// The key, of a request with this body, or with a body of this hash.
    pub fn with(self, body: &[u8]) -> Option<Key> {
        let Begun { text, mut hash } = self.0?;
        hash.update(body);
        Some(Key { text, request_hash: hash.finalize().to_vec() })
    }
}

/// What a body asks for. A password only proves who asks, and from a quick hash
/// of it, kept for a day, it could be guessed.
fn without_password(body: &[u8]) -> Cow<'_, [u8]> {
    let fields = serde_json::from_slice::<Map<String, Value>>(body).ok();
    let rest = fields.and_then(|mut fields| fields.remove("password").map(|_| fields));
    rest.and_then(|rest| serde_json::to_vec(&rest).ok()).map_or(Cow::Borrowed(body), Cow::Owned)
}

/// The answer of an earlier request with the same key, if there was one. Ask
/// before anything else in the transaction.
///
/// # Errors
///
/// 422 `reused` when that was another request, 409 `request_in_progress` while
/// it is not answered, 409 `already_done` when its answer showed a secret.
pub async fn earlier(tx: &mut Tx, owner: OwnerId, key: Option<&Key>) -> ApiResult<Option<Answered>> {
    let Some(key) = key else { return Ok(None) };
    match idempotency::claim(tx, owner, &key.text, &key.request_hash).await? {
        Claim::Fresh => Ok(None),
        Claim::Answered(answered) if answered.status == i32::from(WITHHELD.as_u16()) => {
            let made = serde_json::from_str(&answered.answer).map_err(|_| ApiError::Cancelled)?;
            Err(ApiError::AlreadyDone(made))
        }
        Claim::Answered(answered) => Ok(Some(answered)),
        Claim::Busy => Err(ApiError::InProgress),
        Claim::Other => {
            Err(ApiError::field("Idempotency-Key", "reused", "this key was used for another request"))
        }
    }
}

/// Keeps the answer in the transaction of the write.
///
/// # Errors
///
/// When it cannot be written; then nothing of the transaction is kept.
pub async fn answer(
    tx: &mut Tx,
    owner: OwnerId,
    key: Option<&Key>,
    (status, body): (StatusCode, &impl Serialize),
) -> ApiResult<Answered> {
    let answer = serde_json::to_string(body).map_err(|_| ApiError::Cancelled)?;
    keep(tx, owner, key, Answered { status: status.as_u16().into(), answer }).await
}

/// As [`answer`], of an answer without a body.
///
/// # Errors
///
/// As there.
pub async fn answer_bare(
    tx: &mut Tx,
    owner: OwnerId,
    key: Option<&Key>,
    status: StatusCode,
) -> ApiResult<Answered> {
    keep(tx, owner, key, Answered { status: status.as_u16().into(), answer: String::new() }).await
}

/// As [`answer`], of an answer that shows a secret: keeps only what was made.
///
/// # Errors
///
/// As there.
pub async fn withhold(tx: &mut Tx, owner: OwnerId, key: Option<&Key>, made: &Made) -> ApiResult<()> {
    answer(tx, owner, key, (WITHHELD, made)).await.map(drop)
}

async fn keep(tx: &mut Tx, owner: OwnerId, key: Option<&Key>, answered: Answered) -> ApiResult<Answered> {
    if let Some(key) = key {
        idempotency::keep(tx, owner, (&key.text, &key.request_hash), &answered).await?;
    }
    Ok(answered)
}

/// The answer on its way.
pub fn respond(answered: Answered) -> HttpResponse {
    let status = u16::try_from(answered.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = HttpResponse::build(status.unwrap_or(StatusCode::OK));
    if answered.answer.is_empty() {
        return response.finish();
    }
    response.content_type("application/json").body(answered.answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hash_is_made_of_a_password() {
        let hash = |body: &str| {
            let begun = Begun { text: "k".to_owned(), hash: Sha256::new() };
            KeyOnly(Some(begun)).with(&without_password(body.as_bytes())).map(|key| key.request_hash)
        };
        let asked = hash(r#"{"name":"bridge","password":"seven ships"}"#);

        assert_eq!(asked, hash(r#"{"name": "bridge", "password": "another"}"#));
        assert_eq!(asked, hash(r#"{"name":"bridge"}"#));
        assert_ne!(asked, hash(r#"{"name":"bridges","password":"seven ships"}"#));
    }
}
