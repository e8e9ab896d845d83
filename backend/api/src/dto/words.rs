//! The domain's closed sets of words in the OpenAPI document.

use std::borrow::Cow;

use flotilla_domain::account::{CopyRole, Platform};
use flotilla_domain::alert::{AlertKind, Severity};
use flotilla_domain::copy::coins::QuantityUnit;
use flotilla_domain::copy::mode::CopyMode;
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::copy::resolution::ResolutionAction;
use flotilla_domain::copy::settings::{OnPartial, Sides, SizingMode, SubscriptionSource, SubscriptionState};
use flotilla_domain::copy::venue_order::{Leg, VenueOrderState};
use flotilla_domain::exchange_key::{
    ExchangeAccountType, ExchangeEnvironment, ExchangePositionMode, KeyFault, KeyPermission, KeyStatus,
};
use flotilla_domain::floating::FloatingUnknown;
use flotilla_domain::import::mapping::{Confidence, Field as ImportField, Preset};
use flotilla_domain::import::value::{DateOrder, DecimalMark};
use flotilla_domain::permission::KeyScope;
use flotilla_domain::risk::copy_policy::CopyStance;
use flotilla_domain::risk::day_start::Quality as DayStartQuality;
use flotilla_domain::risk::deviation::{
    Deviates as DeviationKind, Measure as DeviationMeasure, Term as DeviationTerm,
};
use flotilla_domain::risk::group::Gate;
use flotilla_domain::risk::guard::GuardAction;
use flotilla_domain::risk::marks::MarksLevel;
use flotilla_domain::risk::objective::ObjectiveState;
use flotilla_domain::risk::report::Unit as RiskUnit;
use flotilla_domain::risk::rule::{
    Basis, BreachOn, CashPolicy, DailyReference, Denominator, Kind as RuleKind, LotsMetric, Measured, NoStop,
    PercentOf, Severity as RuleSeverity, TrailingMode,
};
use flotilla_domain::risk::status::Status as RiskStatus;
use flotilla_domain::risk::violation::Source as ViolationSource;
use flotilla_domain::risk::what_if::BoundBy;
use flotilla_domain::share::ShareSection;
use flotilla_domain::side::Side;
use flotilla_domain::signal::SignalKind;
use flotilla_domain::stop::{OperationKind, OperationState, StopAction, StopScope};
use flotilla_domain::trade::{AssetType, Direction, OptionType, PnlSource, TradeSource, TradeStatus};
use flotilla_domain::user::{Language, Role};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// A word of the domain, with a schema that lists all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Word<T>(pub T);

/// A closed set of words and its name in the document.
pub trait Vocabulary {
    const NAME: &'static str;

    fn texts() -> Vec<&'static str>;
}

impl<T> From<T> for Word<T> {
    fn from(word: T) -> Self {
        Self(word)
    }
}

impl<T: Vocabulary> utoipa::PartialSchema for Word<T> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(T::texts())).build().into()
    }
}

impl<T: Vocabulary> utoipa::ToSchema for Word<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}

macro_rules! words {
    ($($alias:ident = $domain:ident),+ $(,)?) => {$(
        impl Vocabulary for $domain {
            const NAME: &'static str = stringify!($domain);

            fn texts() -> Vec<&'static str> {
                Self::ALL.iter().map(|word| word.as_str()).collect()
            }
        }

        // An alias without generics: the document then uses the word's own name.
        pub type $alias = Word<$domain>;
    )+};
}

words! {
    AlertKindWord = AlertKind,
    AssetTypeWord = AssetType,
    BasisWord = Basis,
    BoundByWord = BoundBy,
    BreachOnWord = BreachOn,
    CashPolicyWord = CashPolicy,
    ConfidenceWord = Confidence,
    CopyModeWord = CopyMode,
    CopyRoleWord = CopyRole,
    CopyStanceWord = CopyStance,
    CopyStateWord = CopyState,
    DailyReferenceWord = DailyReference,
    DateOrderWord = DateOrder,
    DayStartQualityWord = DayStartQuality,
    DecimalMarkWord = DecimalMark,
    DenominatorWord = Denominator,
    DeviationKindWord = DeviationKind,
    DeviationMeasureWord = DeviationMeasure,
    DeviationTermWord = DeviationTerm,
    DirectionWord = Direction,
    ExchangeAccountTypeWord = ExchangeAccountType,
    ExchangeEnvironmentWord = ExchangeEnvironment,
    ExchangePositionModeWord = ExchangePositionMode,
    FloatingUnknownWord = FloatingUnknown,
    GateWord = Gate,
    GuardActionWord = GuardAction,
    ImportFieldWord = ImportField,
    KeyFaultWord = KeyFault,
    KeyPermissionWord = KeyPermission,
    KeyScopeWord = KeyScope,
    KeyStatusWord = KeyStatus,
    LanguageWord = Language,
    LegWord = Leg,
    LotsMetricWord = LotsMetric,
    MarksLevelWord = MarksLevel,
    MeasuredWord = Measured,
    NoStopWord = NoStop,
    ObjectiveStateWord = ObjectiveState,
    OnPartialWord = OnPartial,
    OperationKindWord = OperationKind,
    OperationStateWord = OperationState,
    OptionTypeWord = OptionType,
    PercentOfWord = PercentOf,
    PlatformWord = Platform,
    PnlSourceWord = PnlSource,
    PresetWord = Preset,
    QuantityUnitWord = QuantityUnit,
    ReasonCodeWord = ReasonCode,
    ResolutionActionWord = ResolutionAction,
    RiskStatusWord = RiskStatus,
    RiskUnitWord = RiskUnit,
    RoleWord = Role,
    RuleKindWord = RuleKind,
    RuleSeverityWord = RuleSeverity,
    SeverityWord = Severity,
    ShareSectionWord = ShareSection,
    SideWord = Side,
    SidesWord = Sides,
    SignalKindWord = SignalKind,
    SizingModeWord = SizingMode,
    StopActionWord = StopAction,
    StopScopeWord = StopScope,
    SubscriptionSourceWord = SubscriptionSource,
    SubscriptionStateWord = SubscriptionState,
    TradeSourceWord = TradeSource,
    TradeStatusWord = TradeStatus,
    TrailingModeWord = TrailingMode,
    VenueOrderStateWord = VenueOrderState,
    ViolationSourceWord = ViolationSource,
}
