use chrono::{DateTime, Utc};
use flotilla_domain::account::Account;
use flotilla_domain::copy::settings::Sizing;
use flotilla_domain::id::AccountId;
use garde::Validate;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::{Balance, CurrencyName, Line, MasterSlug, ProfileText, Slippage, TypedPassword};
use crate::dto::copy_settings::{PatchSizing, SizingDto};
use crate::dto::figure::Figure;
use crate::dto::patched::Patched;
use crate::dto::rules;
use crate::dto::session::secret;
use crate::dto::words::{CopyModeWord, CopyRoleWord, PlatformWord};

/// A trading account.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Account)]
#[expect(clippy::struct_excessive_bools, reason = "the contract names them")]
pub struct AccountDto {
    #[schema(value_type = Uuid)]
    pub id: AccountId,
    pub name: String,
    pub platform: PlatformWord,
    pub copy_role: CopyRoleWord,
    /// Masters only.
    pub copy_mode: Option<CopyModeWord>,
    /// Masters only; hidden from viewers and from keys of integrators.
    #[schema(example = "MST-0123456789abcdef0123456789abcdef")]
    pub master_token: Option<String>,
    /// First characters of the API key.
    #[schema(example = "sk_live_ab12")]
    pub api_key_prefix: String,
    /// Master of the subscription made by the EA or, without one, of the oldest.
    #[schema(value_type = Option<Uuid>)]
    pub following_id: Option<AccountId>,
    /// The one follower of one-to-one copying.
    #[schema(value_type = Option<Uuid>)]
    pub partner_id: Option<AccountId>,
    /// Masters only: whether followers of other owners wait for approval.
    pub needs_approval: Option<bool>,
    pub is_active: bool,
    pub is_primary: bool,
    /// Whether the account's EA is connected.
    pub online: bool,
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Of its figures and trades: as its terminal reports it, else as it was opened.
    #[schema(example = "USD")]
    pub currency: String,
    pub starting_balance: Option<Figure>,
    pub balance: Option<Figure>,
    pub equity: Option<Figure>,
    /// When balance and equity were reported.
    pub figures_at: Option<DateTime<Utc>>,
    pub capital_level: Option<String>,
    pub risk_tolerance: Option<String>,
    /// Number of the account at its broker.
    pub external_id: Option<String>,
    pub trading_enabled: bool,
    pub is_public: bool,
    pub slug: Option<String>,
    pub description: Option<String>,
    /// Followers: a copy in doubt takes the one new position that can be its own, without asking.
    pub adopt_inferred: bool,
    /// Masters copying one to one: a position their partner lost by itself closes the master's trade.
    pub close_with_partner: bool,
    /// Paper accounts: how much worse than the price there is they are filled, as a fraction; null: 0.0002.
    pub paper_slippage: Option<Figure>,
    /// How large copies are when it begins to follow, unless something else is chosen then. It is
    /// offered, not applied: who follows without naming a size copies the master's.
    pub default_sizing: Option<SizingDto>,
    pub archived_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl From<Account> for AccountDto {
    fn from(account: Account) -> Self {
        let figures = account.figures;
        let needs_approval = account.master.as_ref().map(|master| master.needs_approval);
        let (copy_mode, token, partner_id) = match account.master {
            Some(master) => (Some(master.copy_mode.into()), Some(master.token), master.partner_id),
            None => (None, None, None),
        };
        Self {
            id: account.id,
            name: account.name,
            platform: account.platform.into(),
            copy_role: account.copy_role.into(),
            copy_mode,
            master_token: token,
            api_key_prefix: account.api_key_prefix,
            following_id: account.following_id,
            partner_id,
            needs_approval,
            is_active: account.is_active,
            is_primary: account.is_primary,
            online: account.presence.online,
            last_seen_at: account.presence.last_seen_at,
            currency: account.currency,
            starting_balance: account.starting_balance.map(Figure),
            balance: figures.map(|figures| Figure(figures.balance)),
            equity: figures.map(|figures| Figure(figures.equity)),
            figures_at: figures.map(|figures| figures.at),
            capital_level: account.capital_level,
            risk_tolerance: account.risk_tolerance,
            external_id: account.external_id,
            trading_enabled: account.trading_enabled,
            is_public: account.is_public,
            slug: account.slug,
            description: account.description,
            adopt_inferred: account.adopt_inferred,
            close_with_partner: account.close_with_partner,
            paper_slippage: account.paper_slippage.map(Figure),
            default_sizing: account.default_sizing.map(Into::into),
            archived_at: account.archived_at,
            created_at: account.created_at,
            updated_at: account.updated_at,
        }
    }
}

/// A new account with its API key, which is shown this once.
#[derive(Serialize, ToSchema)]
pub struct CreatedAccount {
    #[serde(flatten)]
    pub account: AccountDto,
    /// Null where no EA speaks for the account: at an exchange, and on paper.
    #[schema(required = true, example = "sk_live_0123456789abcdef0123456789abcdef")]
    pub api_key: Option<String>,
}

/// An API key in clear text.
#[derive(Serialize, ToSchema)]
pub struct ClearApiKey {
    #[schema(example = "sk_live_0123456789abcdef0123456789abcdef")]
    pub api_key: String,
}

#[derive(Deserialize, Validate, ToSchema)]
pub struct CreateAccount {
    #[garde(custom(rules::name))]
    #[schema(value_type = Line)]
    pub name: String,
    #[garde(skip)]
    pub platform: PlatformWord,
    #[garde(skip)]
    pub copy_role: CopyRoleWord,
    /// `USD` unless named.
    #[garde(custom(rules::currency))]
    #[schema(value_type = Option<CurrencyName>)]
    pub currency: Option<String>,
    #[garde(custom(rules::balance))]
    #[schema(value_type = Option<Balance>)]
    pub starting_balance: Option<Figure>,
    #[garde(custom(rules::label))]
    #[schema(value_type = Option<Line>)]
    pub capital_level: Option<String>,
    #[garde(custom(rules::label))]
    #[schema(value_type = Option<Line>)]
    pub risk_tolerance: Option<String>,
    #[garde(custom(rules::label))]
    #[schema(value_type = Option<Line>)]
    pub external_id: Option<String>,
    /// What is offered when the account begins to follow.
    #[garde(dive)]
    pub default_sizing: Option<PatchSizing>,
}

/// Absent fields stay; null removes the value where there may be none.
#[derive(Deserialize, Validate, ToSchema)]
pub struct PatchAccount {
    #[garde(custom(rules::optional_name))]
    #[schema(value_type = Option<Line>)]
    pub name: Option<String>,
    /// False closes the account's sockets.
    #[garde(skip)]
    pub is_active: Option<bool>,
    #[garde(skip)]
    pub copy_mode: Option<CopyModeWord>,
    #[garde(skip)]
    pub is_primary: Option<bool>,
    /// Whether a copy in doubt takes the one new position that can be its own.
    #[garde(skip)]
    pub adopt_inferred: Option<bool>,
    /// Whether a position the one-to-one partner lost by itself closes the master's trade.
    #[garde(skip)]
    pub close_with_partner: Option<bool>,
    /// Counts until the account's terminal reports its own.
    #[garde(custom(rules::currency))]
    #[schema(value_type = Option<CurrencyName>)]
    pub currency: Option<String>,
    #[garde(custom(rules::patched_balance))]
    #[serde(default)]
    #[schema(value_type = Option<Balance>)]
    pub starting_balance: Patched<Figure>,
    #[garde(custom(rules::patched_label))]
    #[serde(default)]
    #[schema(value_type = Option<Line>)]
    pub capital_level: Patched<String>,
    #[garde(custom(rules::patched_label))]
    #[serde(default)]
    #[schema(value_type = Option<Line>)]
    pub risk_tolerance: Patched<String>,
    #[garde(custom(rules::patched_label))]
    #[serde(default)]
    #[schema(value_type = Option<Line>)]
    pub external_id: Patched<String>,
    /// Masters only: whether the account stands in the directory. Needs a slug.
    #[garde(skip)]
    pub is_public: Option<bool>,
    /// Masters only: address of the public profile, 3 to 40 small letters, digits and single dashes.
    #[garde(custom(rules::patched_slug))]
    #[serde(default)]
    #[schema(value_type = Option<MasterSlug>)]
    pub slug: Patched<String>,
    /// Text of the public profile, at most 2,000 characters.
    #[garde(custom(rules::patched_description))]
    #[serde(default)]
    #[schema(value_type = Option<ProfileText>)]
    pub description: Patched<String>,
    /// Masters only: whether followers of other owners wait for approval.
    #[garde(skip)]
    pub needs_approval: Option<bool>,
    /// Accounts that trade at an exchange only: whether orders are placed there. Needs a verified key.
    #[garde(skip)]
    pub trading_enabled: Option<bool>,
    /// Paper accounts only: how much worse than the price there is they are filled, from 0 to 0.1; null: as usual.
    #[garde(custom(rules::patched_slippage))]
    #[serde(default)]
    #[schema(value_type = Option<Slippage>)]
    pub paper_slippage: Patched<Figure>,
    /// What is offered when the account begins to follow; null: the master's size.
    #[garde(custom(rules::patched_sizing))]
    #[serde(default)]
    #[schema(value_type = Option<PatchSizing>)]
    pub default_sizing: Patched<PatchSizing>,
    /// Refused: figures are handed over with what made the change.
    #[garde(custom(rules::not_here))]
    #[serde(default)]
    #[schema(ignore)]
    pub balance: Patched<serde_json::Value>,
    /// Refused, too.
    #[garde(custom(rules::not_here))]
    #[serde(default)]
    #[schema(ignore)]
    pub equity: Patched<serde_json::Value>,
}

#[derive(Deserialize, Validate, ToSchema)]
pub struct RevealApiKey {
    /// The signed-in user's password, again.
    #[garde(custom(secret(rules::typed_password)))]
    #[schema(value_type = TypedPassword)]
    pub password: SecretString,
}

impl AccountDto {
    /// Whoever has the token can follow; viewers and programs are not asked to invite anybody.
    pub fn hide_token(&mut self) {
        self.master_token = None;
    }
}

impl PatchAccount {
    /// Names of the fields it changes.
    pub fn names(&self) -> Vec<&'static str> {
        let changed = [
            ("name", self.name.is_some()),
            ("is_active", self.is_active.is_some()),
            ("copy_mode", self.copy_mode.is_some()),
            ("is_primary", self.is_primary.is_some()),
            ("adopt_inferred", self.adopt_inferred.is_some()),
            ("close_with_partner", self.close_with_partner.is_some()),
            ("currency", self.currency.is_some()),
            ("starting_balance", self.starting_balance.is_named()),
            ("capital_level", self.capital_level.is_named()),
            ("risk_tolerance", self.risk_tolerance.is_named()),
            ("external_id", self.external_id.is_named()),
            ("is_public", self.is_public.is_some()),
            ("slug", self.slug.is_named()),
            ("description", self.description.is_named()),
            ("needs_approval", self.needs_approval.is_some()),
            ("trading_enabled", self.trading_enabled.is_some()),
            ("paper_slippage", self.paper_slippage.is_named()),
            ("default_sizing", self.default_sizing.is_named()),
        ];
        changed.into_iter().filter(|(_, is_named)| *is_named).map(|(name, _)| name).collect()
    }

    /// Whether it names what only masters have.
    pub fn is_for_masters(&self) -> bool {
        self.is_public == Some(true) || self.slug.set().is_some() || self.needs_approval.is_some()
    }

    /// `account` with what this patch names, but for what only masters have
    /// beside a public face: copy mode and approval.
    pub fn applied_to(self, account: Account) -> Account {
        Account {
            name: self.name.map_or(account.name, |name| name.trim().to_owned()),
            is_active: self.is_active.unwrap_or(account.is_active),
            is_primary: self.is_primary.unwrap_or(account.is_primary),
            adopt_inferred: self.adopt_inferred.unwrap_or(account.adopt_inferred),
            close_with_partner: self.close_with_partner.unwrap_or(account.close_with_partner),
            opened_in: self.currency.unwrap_or(account.opened_in),
            starting_balance: self.starting_balance.over(account.starting_balance, |figure| figure.0),
            capital_level: self.capital_level.over(account.capital_level, |text| text),
            risk_tolerance: self.risk_tolerance.over(account.risk_tolerance, |text| text),
            external_id: self.external_id.over(account.external_id, |text| text),
            is_public: self.is_public.unwrap_or(account.is_public),
            slug: self.slug.over(account.slug, |text| text),
            description: self.description.over(account.description, |text| text.trim().to_owned()),
            paper_slippage: self.paper_slippage.over(account.paper_slippage, |figure| figure.0),
            default_sizing: self.default_sizing.over(account.default_sizing, Sizing::from),
            ..account
        }
    }
}
