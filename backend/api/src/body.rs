//! Bodies and queries, parsed and checked before a handler sees them.

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest, web};
use flotilla_domain::id::AccountId;
use futures_util::future::{LocalBoxFuture, Ready, ready};
use garde::Validate;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, ApiResult, FieldProblem};

/// Most accounts that a query may name.
const MOST_ACCOUNTS: usize = 200;
/// Largest body in bytes.
pub const MAX_BODY: usize = 256 * 1024;

/// A JSON body that keeps its type's rules.
pub struct Checked<T>(pub T);

impl<T> FromRequest for Checked<T>
where
    T: DeserializeOwned + Validate<Context = ()> + 'static,
{
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request.headers());
        let body = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            let body = body.await.map_err(|error| unreadable(&error))?;
            if !is_json {
                return Err(ApiError::UnsupportedMediaType);
            }
            parse(&body).map(Self)
        })
    }
}

/// A query string whose every parameter is known.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse_query(request.query_string()).map(Self))
    }
}

/// A query string in which `account_id` may be repeated.
pub struct AccountsQuery<T> {
    /// Each once, in the order of the query.
    pub accounts: Vec<AccountId>,
    /// The other parameters.
    pub rest: T,
}

impl<T: DeserializeOwned + 'static> FromRequest for AccountsQuery<T> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse_accounts(request.query_string()))
    }
}

fn parse_accounts<T: DeserializeOwned>(query: &str) -> ApiResult<AccountsQuery<T>> {
    let mut accounts: Vec<AccountId> = Vec::new();
    let mut rest = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name != "account_id" {
            rest.append_pair(&name, &value);
            continue;
        }
        let account =
            value.parse().map_err(|_| ApiError::field("account_id", "invalid", "is no identifier"))?;
        if !accounts.contains(&account) {
            accounts.push(account);
        }
        if accounts.len() > MOST_ACCOUNTS {
            return Err(ApiError::field("account_id", "out_of_range", "name at most 200 accounts"));
        }
    }
    Ok(AccountsQuery { accounts, rest: parse_query(&rest.finish())? })
}

fn parse_query<T: DeserializeOwned>(query: &str) -> ApiResult<T> {
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        // No text of the database may hold it.
        if value.contains('\0') {
            return Err(ApiError::field(&name.replace('\0', ""), "invalid", "has the wrong type or form"));
        }
    }
    let pairs = form_urlencoded::parse(query.as_bytes());
    let parsed = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs));
    parsed.map_err(|error| misfit(&error.path().to_string(), &error.inner().to_string()))
}

pub fn is_json(headers: &HeaderMap) -> bool {
    let essence = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// Turns a failure of the extractors of actix into ours.
pub fn unreadable(error: &actix_web::Error) -> ApiError {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => ApiError::PayloadTooLarge(MAX_BODY),
        _ => ApiError::BadRequest,
    }
}

pub fn parse<T: DeserializeOwned + Validate<Context = ()>>(body: &[u8]) -> ApiResult<T> {
    // A list would fill the fields in the order of their declaration.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(ApiError::MalformedJson);
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        if error.inner().is_data() {
            misfit(&error.path().to_string(), &error.inner().to_string())
        } else {
            ApiError::MalformedJson
        }
    })?;
    json.end().map_err(|_| ApiError::MalformedJson)?;
    value.validate().map_err(|report| ApiError::Invalid(report.iter().map(broken_rule).collect()))?;
    Ok(value)
}

/// Says which field does not fit, without repeating what was sent.
fn misfit(path: &str, message: &str) -> ApiError {
    let named = message.split('`').nth(1).unwrap_or_default();
    let inside = |name: &str| match path {
        "." | "" => name.to_owned(),
        _ if path.ends_with(name) => path.to_owned(),
        _ => format!("{path}.{name}"),
    };
    if message.starts_with("missing field") {
        return ApiError::field(&inside(named), "required", "is required");
    }
    if message.starts_with("unknown field") {
        return ApiError::field(&inside(named), "unknown_field", "is not known here");
    }
    if message.starts_with("unknown variant") {
        return ApiError::field(path, "unknown_value", "is not one of the allowed values");
    }
    ApiError::field(path, "invalid", "has the wrong type or form")
}

fn broken_rule((path, error): &(garde::Path, garde::Error)) -> FieldProblem {
    let text = error.to_string();
    let (code, detail) = text.split_once(": ").unwrap_or(("invalid", text.as_str()));
    FieldProblem { field: path.to_string(), code: code.to_owned().into(), detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::accounts::{CreateAccount, PatchAccount};

    fn problems<T: DeserializeOwned + Validate<Context = ()>>(body: &str) -> Vec<(String, String)> {
        match parse::<T>(body.as_bytes()) {
            Err(ApiError::Invalid(errors)) => {
                errors.into_iter().map(|error| (error.field, error.code.into_owned())).collect()
            }
            Err(_) => vec![("body".to_owned(), "malformed".to_owned())],
            Ok(_) => Vec::new(),
        }
    }

    fn pair(field: &str, code: &str) -> Vec<(String, String)> {
        vec![(field.to_owned(), code.to_owned())]
    }

    #[test]
    fn each_wrong_field_is_named() {
        let good = r#"{"name": "gold", "platform": "mt5", "copy_role": "master"}"#;

        assert_eq!(problems::<CreateAccount>(good), []);
        assert_eq!(problems::<CreateAccount>(&good.replace("gold", " ")), pair("name", "required"),);
        assert_eq!(problems::<CreateAccount>(&good.replace("mt5", "mt9")), pair("platform", "unknown_value"));
        assert_eq!(
            problems::<CreateAccount>(r#"{"name": "gold", "copy_role": "master"}"#),
            pair("platform", "required"),
        );
        assert_eq!(
            problems::<PatchAccount>(r#"{"starting_balance": "-1"}"#),
            pair("starting_balance", "negative"),
        );
        for (wild, code) in [("1000000000000001", "too_large"), ("0.000000001", "too_precise")] {
            assert_eq!(
                problems::<PatchAccount>(&format!(r#"{{"starting_balance": "{wild}"}}"#)),
                pair("starting_balance", code),
            );
        }
        assert_eq!(
            problems::<PatchAccount>(r#"{"starting_balance": 1.5}"#),
            pair("starting_balance", "invalid")
        );
        assert_eq!(problems::<PatchAccount>(r#"{"starting_balance": null}"#), []);
    }

    #[test]
    fn accounts_of_a_query_are_named_one_by_one() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Rest {
            tag: Option<String>,
        }
        let [one, two] = [uuid::Uuid::now_v7(), uuid::Uuid::now_v7()];
        let parsed =
            |query: &str| parse_accounts::<Rest>(query).map(|query| (query.accounts, query.rest.tag)).ok();

        let query = format!("account_id={one}&tag=a%26b&account_id={two}&account_id={one}");

        assert_eq!(parsed(&query), Some((vec![one.into(), two.into()], Some("a&b".to_owned()))));
        assert_eq!(parsed("account_id=x"), None);
        assert_eq!(parsed("sort=x"), None);
        assert_eq!(parsed("tag=a%00"), None, "n78: text that no database holds");
    }

    #[test]
    fn n79_deep_and_broken_json_is_malformed() {
        let deep = "{\"x\":".repeat(10_000);

        assert_eq!(problems::<PatchAccount>(&deep), pair("body", "malformed"));
        assert_eq!(problems::<PatchAccount>(r#"["a list"]"#), pair("body", "malformed"));
        assert_eq!(problems::<PatchAccount>("{} {}"), pair("body", "malformed"));
        assert_eq!(problems::<PatchAccount>(""), pair("body", "malformed"));
    }
}
