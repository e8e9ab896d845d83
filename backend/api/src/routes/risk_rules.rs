use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, put, web};
use chrono::{DateTime, Utc};
use flotilla_domain::account::{Account, Platform};
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::day::DayClock;
use flotilla_domain::risk::edit::{Bound, bound};
use flotilla_domain::risk::marks::{Marks, Resolved};
use flotilla_domain::risk::phase::{Phase, START_TOLERANCE_S};
use flotilla_domain::risk::rule::{Rule, Severity};
use flotilla_domain::risk::status::{DefaultThresholds, Status};
use flotilla_domain::risk::template::Template;
use flotilla_store::risk_phases::{self, Origin, StoredPhase};
use flotilla_store::risk_records::{self, Again, Recorded};
use flotilla_store::{Scope, StoreError, Tx, accounts, audit, risk_looks, risk_marks};
use rust_decimal::Decimal;

use crate::auth::{Allowed, ManageAccounts, Read};
use crate::body::Checked;
use crate::dto::marks;
use crate::dto::risk::DayDto;
use crate::dto::risk_rules::{
    BeginPhase, ConfirmRules, PutRules, RulesDto, TemplatesDto, checked, clock, rules,
};
use crate::error::{ApiError, ApiResult, FieldProblem, Problem};
use crate::idempotency::{self, IdempotencyKey, Keyed};
use crate::risk_templates;
use crate::routes::accounts::lock_live;
use crate::routes::risk::{bounded, past};
use crate::routes::risk_corrections::hold;
use crate::shared::Shared;
use crate::turns;

/// How old figures of an account may be unless its owner says otherwise, in seconds.
const STALE_AFTER_S: u32 = 30;
/// Accounts at an exchange are looked at in turns, and say nothing between them while nothing happens.
const EXCHANGE_STALE_AFTER_S: u32 = 60;

/// By which rules an account is judged.
#[utoipa::path(
    operation_id = "get_rules",
    tag = "risk",
    params(("account_id" = Uuid, Path)),
    responses(
        (status = 200, body = RulesDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/rules")]
pub async fn get_rules(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
) -> ApiResult<web::Json<RulesDto>> {
    let (owner, id) = (caller.scope.owner, *account_id);
    let rules: RulesDto = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let account = accounts::get(tx, owner, id).await?;
            match risk_phases::find(tx, owner, id).await? {
                Some(stored) => Ok(stored.into()),
                None => Ok::<_, StoreError>(none(&account, risk_marks::inherited(tx, owner, id).await?)),
            }
        })
        .await?;
    Ok(web::Json(rules))
}

/// Rules of an account that has none.
fn none(account: &Account, inherited: Resolved) -> RulesDto {
    RulesDto {
        version: 0,
        phase_id: None,
        started_at: None,
        currency: account.currency.clone(),
        starting_balance: account.starting_balance.map(Into::into),
        day: utc(),
        stale_after_s: stale_after_s(account),
        thresholds: inherited.marks.into(),
        own_thresholds: Marks::default().into(),
        inherited: inherited.into(),
        rules: Vec::new(),
        template_id: None,
        template_size: None,
        confirmed_at: None,
    }
}

/// How old figures of an account may be, unless its rules say otherwise, in seconds.
fn stale_after_s(account: &Account) -> u32 {
    if account.platform == Platform::Bingx { EXCHANGE_STALE_AFTER_S } else { STALE_AFTER_S }
}

fn utc() -> DayDto {
    DayDto { tz: "UTC".to_owned(), reset: "00:00".to_owned() }
}

/// Edit the rules of an account; the history of its phase is judged by them again.
///
/// Refused when somebody edited them since `version`. Of an account without
/// rules (version 0) this begins its first phase.
#[utoipa::path(
    operation_id = "put_rules",
    tag = "risk",
    params(("account_id" = Uuid, Path)),
    request_body = PutRules,
    responses(
        (status = 200, body = RulesDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/api/v1/accounts/{account_id}/rules")]
pub async fn put_rules(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    body: Checked<PutRules>,
) -> ApiResult<web::Json<RulesDto>> {
    let (scope, id, body) = (caller.scope, *account_id, body.0);
    let _turn = turns::take_history(scope.actor, true).await?;
    let (stored, recorded) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let account = lock_live(tx, scope.owner, id).await?;
            let stored = hold(tx, scope, id).await?;
            if stored.as_ref().map_or(0, |stored| stored.version) != body.version {
                return Err(stale(tx, stored.as_ref()).await?);
            }
            let recorded = match &stored {
                Some(stored) => edit(tx, scope, stored, body).await?,
                None => first(tx, scope, &account, body).await?,
            };
            let stored = risk_phases::find(tx, scope.owner, id).await?.ok_or(ApiError::NoPhase)?;
            Ok::<_, ApiError>((stored, recorded))
        })
        .await?;
    shared.risk_changed(scope, id, Some(&recorded)).await;
    Ok(web::Json(stored.into()))
}

async fn edit(tx: &mut Tx, scope: Scope, stored: &StoredPhase, body: PutRules) -> ApiResult<Recorded> {
    let mut phase = stored.phase.clone();
    let own = marks::asked(&body.thresholds)?.unwrap_or(stored.own_marks);
    if body.currency.is_some_and(|currency| currency != phase.currency) {
        return Err(fixed("currency"));
    }
    if body.starting_balance.is_some_and(|balance| balance.0 != phase.starting_balance) {
        return Err(fixed("starting_balance"));
    }
    phase.rules = rules(body.rules)?;
    // A rule that goes takes along what was set of its floor: nothing is left that it could hold for.
    let rules = &phase.rules;
    phase.floor_overrides.retain(|set| rules.iter().any(|rule| rule.id == set.rule));
    phase.day = body.day.as_ref().map(clock).transpose()?.unwrap_or(phase.day);
    phase.stale_after_s = body.stale_after_s.unwrap_or(phase.stale_after_s);
    let phase = checked(phase)?;
    let look = risk_looks::find(tx, scope.owner, stored.account_id).await?;
    refuse_lost(look.map(|look| bound(&stored.phase, &phase, &look.risk)).unwrap_or_default())?;
    let Some(saved) = risk_phases::save_rules(tx, scope, stored, (&phase, own)).await? else {
        return Err(stale(tx, Some(stored)).await?);
    };
    let edited = risk_phases::find(tx, scope.owner, stored.account_id).await?.ok_or(ApiError::NoPhase)?;
    let recorded = risk_records::rebuild(tx, &edited, Again::All(stored)).await?;
    audit::append(tx, scope.owner, saved).await?;
    Ok(recorded)
}

/// An edit that would take away violations that stand is refused.
fn refuse_lost(bound: Vec<Bound>) -> ApiResult<()> {
    let problem = |Bound { rule, severity }| {
        let (code, why) = match severity {
            Severity::Hard => (
                "violated_in_phase",
                "was broken in this phase and stays as it is, but for its thresholds: begin a new phase, \
                 or have an administrator take the violation back",
            ),
            Severity::Soft => (
                "paused_until_reset",
                "was broken today: until its next reset it stays, with its day; its limit may change",
            ),
        };
        FieldProblem {
            field: "rules".to_owned(),
            code: code.into(),
            detail: format!("rule `{}` {why}", rule.0),
        }
    };
    if bound.is_empty() {
        return Ok(());
    }
    Err(ApiError::Invalid(bound.into_iter().map(problem).collect()))
}

/// Somebody edited the rules in between: who, and when.
async fn stale(tx: &mut Tx, stored: Option<&StoredPhase>) -> ApiResult<ApiError> {
    Ok(ApiError::StaleRules(match stored {
        Some(stored) => risk_phases::last_edit(tx, stored).await?,
        None => None,
    }))
}

fn fixed(field: &str) -> ApiError {
    ApiError::field(field, "fixed_in_phase", "cannot change inside a phase; begin a new one")
}

async fn first(tx: &mut Tx, scope: Scope, account: &Account, body: PutRules) -> ApiResult<Recorded> {
    let marks = marks::asked(&body.thresholds)?.unwrap_or_default();
    let begin = BeginPhase {
        template_id: None,
        size: None,
        rules: Some(body.rules),
        currency: body.currency,
        starting_balance: body.starting_balance,
        day: body.day,
        stale_after_s: body.stale_after_s,
        started_at: None,
        reason: None,
    };
    let (phase, _) = plan(account, begin, risk_records::clock(tx).await?)?;
    let origin = Origin { marks, ..Origin::from("first rules") };
    start(tx, scope, account.id, (&checked(phase)?, origin)).await
}

/// Note that the rules agree with the firm's dashboard. An edit ends that.
#[utoipa::path(
    operation_id = "confirm_rules",
    tag = "risk",
    params(("account_id" = Uuid, Path)),
    request_body = ConfirmRules,
    responses(
        (status = 200, body = RulesDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/rules/confirm")]
pub async fn confirm_rules(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    body: Checked<ConfirmRules>,
) -> ApiResult<web::Json<RulesDto>> {
    let (scope, id, version) = (caller.scope, *account_id, body.0.version);
    let stored = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            accounts::get(tx, scope.owner, id).await?;
            let stored = hold(tx, scope, id).await?.ok_or(ApiError::NoPhase)?;
            if stored.version != version || !risk_phases::confirm(tx, scope, &stored).await? {
                return Err(stale(tx, Some(&stored)).await?);
            }
            risk_phases::find(tx, scope.owner, id).await?.ok_or(ApiError::NoPhase)
        })
        .await?;
    shared.risk_changed(scope, id, None).await;
    Ok(web::Json(stored.into()))
}

/// Rules of firms, with source, date and confidence. Each value must be
/// confirmed against the firm's dashboard.
#[utoipa::path(
    operation_id = "list_risk_templates",
    tag = "risk",
    responses(
        (status = 200, body = TemplatesDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/risk/templates")]
pub async fn list_risk_templates(_: Allowed<Read>) -> web::Json<TemplatesDto> {
    web::Json(risk_templates::all().into())
}

/// Begin a new phase: from a template and a size, or from rules.
///
/// The phase before ends and stays readable; nothing of it is deleted.
#[utoipa::path(
    operation_id = "begin_phase",
    tag = "risk",
    params(("account_id" = Uuid, Path), IdempotencyKey),
    request_body = BeginPhase,
    responses(
        (status = 201, body = RulesDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/phases")]
pub async fn begin_phase(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    request: Keyed<BeginPhase>,
) -> ApiResult<HttpResponse> {
    let (scope, id, Keyed { body, key }) = (caller.scope, *account_id, request);
    let _turn = turns::take_history(scope.actor, body.started_at.is_some()).await?;
    let (recorded, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((None, earlier));
            }
            let account = lock_live(tx, scope.owner, id).await?;
            hold(tx, scope, id).await?;
            let recorded = begin(tx, scope, &account, body).await?;
            let stored = risk_phases::find(tx, scope.owner, id).await?.ok_or(ApiError::NoPhase)?;
            let shown = (StatusCode::CREATED, &RulesDto::from(stored));
            let answered = idempotency::answer(tx, scope.owner, key.as_ref(), shown).await?;
            Ok::<_, ApiError>((Some(recorded), answered))
        })
        .await?;
    if let Some(recorded) = &recorded {
        shared.risk_changed(scope, id, Some(recorded)).await;
    }
    Ok(idempotency::respond(answered))
}

async fn begin(tx: &mut Tx, scope: Scope, account: &Account, body: BeginPhase) -> ApiResult<Recorded> {
    let running = risk_looks::find(tx, scope.owner, account.id).await?;
    let is_violated = running.as_ref().is_some_and(|look| look.risk.status == Status::Violated);
    let reason = body.reason.clone();
    if is_violated && reason.is_none() {
        return Err(ApiError::field("reason", "required", "say why a violated phase is begun anew"));
    }
    // How early somebody wants to be warned outlasts a phase.
    let marks = running.as_ref().map(|look| look.stored.own_marks).unwrap_or_default();
    let (phase, template) = plan(account, body, risk_records::clock(tx).await?)?;
    if running.is_some_and(|look| phase.started_at < look.stored.phase.started_at) {
        return Err(ApiError::field("started_at", "too_early", "is before the phase that ends"));
    }
    let reason = reason.as_deref().unwrap_or("a new phase");
    let template = template.as_ref().map(|(id, size)| (*id, *size));
    start(tx, scope, account.id, (&checked(phase)?, Origin { reason, template, marks })).await
}

async fn start(
    tx: &mut Tx,
    scope: Scope,
    account: AccountId,
    (phase, origin): (&Phase, Origin<'_>),
) -> ApiResult<Recorded> {
    let (_, begun) = risk_phases::begin_unrecorded(tx, scope, account, phase, origin).await?;
    let recorded = risk_records::pass(tx, scope.owner, account).await?.ok_or(ApiError::NoPhase)?;
    audit::append(tx, scope.owner, begun).await?;
    Ok(recorded)
}

type Planned = (Phase, Option<(&'static str, i32)>);

/// The phase that is asked for.
fn plan(account: &Account, body: BeginPhase, now: DateTime<Utc>) -> ApiResult<Planned> {
    let template = body.template_id.as_deref().map(template).transpose()?;
    let size = body.size;
    let sized = template.map(|template| sized(template, size)).transpose()?;
    let (from, of_template) = match sized {
        Some((rules, from)) => (Some(from), Some(rules)),
        None => (None, None),
    };
    let rules = match body.rules {
        Some(forms) => rules(forms)?,
        None => {
            of_template.ok_or_else(|| ApiError::field("rules", "required", "name a template, or rules"))?
        }
    };
    let balance = match body.starting_balance {
        Some(balance) => Some(bounded("starting_balance", balance)?),
        None => from.map(|(_, size)| Decimal::from(size)).or(account.starting_balance),
    };
    let phase = Phase {
        currency: body.currency.unwrap_or_else(|| account.currency.clone()),
        starting_balance: balance
            .ok_or_else(|| ApiError::field("starting_balance", "required", "is not known"))?,
        started_at: past("started_at", body.started_at, now)?.min(now),
        day: day(body.day.as_ref(), template)?,
        stale_after_s: body.stale_after_s.unwrap_or_else(|| stale_after_s(account)),
        start_tolerance_s: START_TOLERANCE_S,
        doubts_gaps: true,
        // Those that hold are taken when the phase is read.
        thresholds: DefaultThresholds::default(),
        rules,
        day_starts: std::collections::BTreeMap::new(),
        floor_overrides: Vec::new(),
        clearances: Vec::new(),
    };
    Ok((phase, from))
}

/// A template that is shipped.
///
/// # Errors
///
/// 422 `template_id`.
pub fn template(id: &str) -> ApiResult<&'static Template> {
    risk_templates::find(id)
        .ok_or_else(|| ApiError::field("template_id", "unknown_value", "there is no such template"))
}

/// Rules of a template for a size, and which they are.
fn sized(template: &'static Template, size: Option<u32>) -> ApiResult<(Vec<Rule>, (&'static str, i32))> {
    let size = sold(template, size)?;
    let rules = template.rules_for(size.unsigned_abs());
    Ok((rules.map_err(|_| not_sold())?, (template.id.as_str(), size)))
}

/// A size of a template that is sold and for which every limit is known.
///
/// # Errors
///
/// 422 `size`.
pub fn sold(template: &Template, size: Option<u32>) -> ApiResult<i32> {
    let refused = |code, detail| ApiError::field("size", code, detail);
    let size = size.ok_or_else(|| refused("required", "choose one of the template's sizes"))?;
    if !template.market_sizes.contains(&size) || template.rules_for(size).is_err() {
        return Err(not_sold());
    }
    i32::try_from(size).map_err(|_| refused("out_of_range", "is too large"))
}

fn not_sold() -> ApiError {
    ApiError::field("size", "unknown_value", "is not one of the template's sizes")
}

fn day(asked: Option<&DayDto>, template: Option<&Template>) -> ApiResult<DayClock> {
    match (asked, template) {
        (Some(day), _) => clock(day),
        (None, Some(template)) => Ok(template.day.clone()),
        (None, None) => clock(&utc()),
    }
}
