use flotilla_domain::id::GroupId;
use flotilla_domain::risk::marks::{Marks, Resolved, Source};
use flotilla_domain::risk::status::{DefaultThresholds, Thresholds};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::MarkPercent;
use crate::dto::figure::Figure;
use crate::dto::patched::Patched;
use crate::dto::rule_reports::ThresholdsDto;
use crate::dto::words::MarksLevelWord;
use crate::error::{ApiError, ApiResult};

/// Marks that an account, a group or an owner sets, in percent of the limit
/// that is left; of those that are null the next one's hold.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = RiskOwnMarks)]
pub struct OwnMarksDto {
    /// Of limits in money.
    pub money: Option<ThresholdsDto>,
    /// Of limits that count positions, lots or trades.
    pub count: Option<ThresholdsDto>,
}

/// Marks to be set; what is left out or null is taken from the next that sets some.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetRiskMarks)]
pub struct SetMarks {
    /// Of limits in money.
    pub money: Option<SetPair>,
    /// Of limits that count positions, lots or trades.
    pub count: Option<SetPair>,
}

/// Percent of the limit that is left.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetRiskMark)]
pub struct SetPair {
    #[schema(value_type = MarkPercent)]
    pub caution: Figure,
    /// At most `caution`.
    #[schema(value_type = MarkPercent)]
    pub critical: Figure,
}

/// Marks of rules that have none of their own, in percent of the limit that is left.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = RiskDefaultMarks)]
pub struct UsualMarksDto {
    pub money: ThresholdsDto,
    pub count: ThresholdsDto,
}

/// Who set marks.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskMarksSource)]
pub struct MarksSourceDto {
    /// The first of these that sets some: the rule, its account, the account's
    /// groups, their owner for all accounts; `built_in`: none of them.
    pub level: MarksLevelWord,
    /// The groups, where groups did: of several the strictest of each mark holds.
    pub groups: Vec<MarkingGroupDto>,
}

/// A group that sets marks.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskMarkingGroup)]
pub struct MarkingGroupDto {
    #[schema(value_type = Uuid)]
    pub id: GroupId,
    pub name: String,
}

/// What holds for an account while it sets no marks of its own.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskInheritedMarks)]
pub struct InheritedMarksDto {
    pub thresholds: UsualMarksDto,
    pub money_from: MarksSourceDto,
    pub count_from: MarksSourceDto,
}

impl SetMarks {
    /// The marks, when they make sense.
    ///
    /// # Errors
    ///
    /// 422 that names the first that does not.
    pub fn checked(&self) -> ApiResult<Marks> {
        Ok(Marks { money: pair("money", self.money)?, count: pair("count", self.count)? })
    }
}

fn pair(class: &str, set: Option<SetPair>) -> ApiResult<Option<Thresholds>> {
    let field = |name: &str| format!("thresholds.{class}.{name}");
    set.map(|SetPair { caution, critical }| {
        let marks = Thresholds::new(caution.0, critical.0).map_err(|error| {
            ApiError::field(
                &field("critical"),
                "above_caution",
                &format!("{error}: lower it, or raise the other"),
            )
        })?;
        marks
            .bounded()
            .map_err(|error| ApiError::field(&field("caution"), "out_of_range", &error.to_string()))
    })
    .transpose()
}

/// Marks that are asked for; `None`: they stay.
///
/// # Errors
///
/// 422.
pub fn asked(body: &Patched<SetMarks>) -> ApiResult<Option<Marks>> {
    match body {
        Patched::Kept => Ok(None),
        Patched::Removed => Ok(Some(Marks::default())),
        Patched::Set(set) => set.checked().map(Some),
    }
}

impl From<Marks> for OwnMarksDto {
    fn from(marks: Marks) -> Self {
        Self { money: marks.money.map(Into::into), count: marks.count.map(Into::into) }
    }
}

impl From<DefaultThresholds> for UsualMarksDto {
    fn from(marks: DefaultThresholds) -> Self {
        Self { money: marks.money.into(), count: marks.count.into() }
    }
}

impl From<Source> for MarksSourceDto {
    fn from(source: Source) -> Self {
        let groups = source.groups.into_iter().map(|(id, name)| MarkingGroupDto { id, name });
        Self { level: source.level.into(), groups: groups.collect() }
    }
}

impl From<Resolved> for InheritedMarksDto {
    fn from(resolved: Resolved) -> Self {
        let Resolved { marks, money, count } = resolved;
        Self { thresholds: marks.into(), money_from: money.into(), count_from: count.into() }
    }
}
