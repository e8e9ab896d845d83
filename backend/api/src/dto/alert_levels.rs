use flotilla_domain::alert::AlertLevels;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::patched::Patched;
use crate::dto::words::SeverityWord;
use crate::error::{ApiError, ApiResult};

/// From which severity on somebody hears of alerts, channel by channel.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = AlertLevels)]
pub struct AlertLevelsDto {
    /// In the list and its count. What is critical is always there.
    pub inbox: SeverityWord,
    /// In the page, wherever one is; null: never.
    pub popup: Option<SeverityWord>,
    /// By mail; null: never.
    pub mail: Option<SeverityWord>,
}

/// Channels that are left out stay.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PutAlertLevels {
    /// Cannot be null: alerts that nobody hears of help nobody.
    #[serde(default)]
    #[schema(value_type = Option<SeverityWord>)]
    pub inbox: Patched<SeverityWord>,
    #[serde(default)]
    #[schema(value_type = Option<SeverityWord>)]
    pub popup: Patched<SeverityWord>,
    #[serde(default)]
    #[schema(value_type = Option<SeverityWord>)]
    pub mail: Patched<SeverityWord>,
}

impl PutAlertLevels {
    /// What becomes of `old`.
    ///
    /// # Errors
    ///
    /// 422 when the inbox shall show nothing.
    pub fn over(self, old: AlertLevels) -> ApiResult<AlertLevels> {
        let always = "shows what is critical at least: choose info, warning or critical";
        Ok(AlertLevels {
            inbox: self
                .inbox
                .over(Some(old.inbox), |word| word.0)
                .ok_or_else(|| ApiError::field("inbox", "required", always))?,
            popup: self.popup.over(old.popup, |word| word.0),
            mail: self.mail.over(old.mail, |word| word.0),
        })
    }
}

impl From<AlertLevels> for AlertLevelsDto {
    fn from(levels: AlertLevels) -> Self {
        Self {
            inbox: levels.inbox.into(),
            popup: levels.popup.map(Into::into),
            mail: levels.mail.map(Into::into),
        }
    }
}
