//! `Idempotency-Key`: a write that is repeated is done once.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use flotilla_domain::id::OwnerId;
use flotilla_store::Tx;
use flotilla_store::idempotency::{self, Answered, Claim};
use futures_util::future::LocalBoxFuture;
use garde::Validate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::body::{is_json, parse, unreadable};
use crate::error::{ApiError, ApiResult};

const HEADER: &str = "idempotency-key";
const LONGEST: usize = 128;

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
            let key = key(&request, &body)?;
            Ok(Self { body: parse(&body)?, key })
        })
    }
}

fn key(request: &HttpRequest, body: &[u8]) -> ApiResult<Option<Key>> {
    let mut values = request.headers().get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
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
    hash.update(body);
    Ok(Some(Key { text: text.to_owned(), request_hash: hash.finalize().to_vec() }))
}

/// The answer of an earlier request with the same key, if there was one. Ask
/// before anything else in the transaction.
///
/// # Errors
///
/// 422 `reused` when that was another request, 409 `request_in_progress` while
/// it is not answered.
pub async fn earlier(tx: &mut Tx, owner: OwnerId, key: Option<&Key>) -> ApiResult<Option<Answered>> {
    let Some(key) = key else { return Ok(None) };
    match idempotency::claim(tx, owner, &key.text, &key.request_hash).await? {
        Claim::Fresh => Ok(None),
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
    let answered = Answered { status: status.as_u16().into(), answer };
    if let Some(key) = key {
        idempotency::keep(tx, owner, (&key.text, &key.request_hash), &answered).await?;
    }
    Ok(answered)
}

/// The answer on its way.
pub fn respond(answered: Answered) -> HttpResponse {
    let status = u16::try_from(answered.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    HttpResponse::build(status.unwrap_or(StatusCode::OK))
        .content_type("application/json")
        .body(answered.answer)
}
