use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, AlertId, CopyId};
use flotilla_store::alerts::Alert;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::dto::words::{AlertKindWord, SeverityWord};

/// An entry of the inbox.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Alert)]
pub struct AlertDto {
    #[schema(value_type = Uuid)]
    pub id: AlertId,
    pub kind: AlertKindWord,
    pub severity: SeverityWord,
    /// The account it is about.
    #[schema(value_type = Option<Uuid>)]
    pub account_id: Option<AccountId>,
    /// The copy it is about.
    #[schema(value_type = Option<Uuid>)]
    pub copy_id: Option<CopyId>,
    /// Named parameters of the sentence that a client shows for the kind.
    pub detail: BTreeMap<String, String>,
    /// How often it was seen while unread.
    pub times_seen: i32,
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    /// When the condition ended by itself.
    pub resolved_at: Option<DateTime<Utc>>,
    pub read_at: Option<DateTime<Utc>>,
}

/// One page of the inbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertPage)]
pub struct AlertPageDto {
    pub items: Vec<AlertDto>,
    /// Names the next page; null on the last one.
    pub next_cursor: Option<String>,
    /// How many are unread in all.
    pub unread: i64,
}

/// How many alerts are unread.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = UnreadAlerts)]
pub struct UnreadDto {
    pub unread: i64,
}

impl From<Alert> for AlertDto {
    fn from(alert: Alert) -> Self {
        Self {
            id: alert.id,
            kind: alert.kind.into(),
            severity: alert.severity.into(),
            account_id: alert.account_id,
            copy_id: alert.copy_id,
            detail: texts(&alert.detail),
            times_seen: alert.times_seen,
            first_at: alert.first_at,
            last_at: alert.last_at,
            resolved_at: alert.resolved_at,
            read_at: alert.read_at,
        }
    }
}

/// Numbers travel as texts, as everywhere; what is neither has no place in a sentence.
fn texts(detail: &Value) -> BTreeMap<String, String> {
    let named = detail.as_object().into_iter().flatten();
    named.filter_map(|(name, value)| text(value).map(|text| (name.clone(), text))).collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertQuery {
    /// At most 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    pub cursor: Option<String>,
    /// Only those that are unread.
    #[serde(default)]
    #[param(required = false)]
    pub unread: bool,
    #[param(value_type = Option<AlertKindWord>)]
    pub kind: Option<AlertKindWord>,
}

#[derive(Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
pub struct ReadAlerts {
    /// `last_at` of the newest alert that was shown: what came later stays
    /// unread. Without it, all are read.
    pub until: Option<DateTime<Utc>>,
}
