//! Copies, as owners read them: of a follower its own, of a master those of
//! its owner's followers.

use chrono::{DateTime, Utc};
use diesel::dsl::AsSelect;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::{AccountId, CopyId, OwnerId, SignalId};
use flotilla_domain::side::Side;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::{accounts, copy_events, copy_orders, evidence, signals, snapshots, trades};

/// A copy with what is shown beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyView {
    /// Place in the list; newer copies have higher ones.
    pub row: i64,
    /// Identifier.
    pub id: CopyId,
    /// The signal that asked for it.
    pub signal_id: SignalId,
    /// Account that leads.
    pub master_id: AccountId,
    /// Account that copies.
    pub follower_id: AccountId,
    /// Its name.
    pub follower_name: String,
    /// Instrument, under the master's name.
    pub symbol: String,
    /// Side of the master's trade.
    pub side: Side,
    /// Where it stands.
    pub state: CopyState,
    /// Why it is there.
    pub reason: Option<ReasonCode>,
    /// The EA's own words.
    pub reason_text: Option<String>,
    /// Ticket of the master's trade.
    pub master_ticket: i64,
    /// Ticket at the follower's terminal, once known.
    pub venue_ref: Option<String>,
    /// Lots of the master's trade.
    pub master_lots: Decimal,
    /// Price of the master's entry.
    pub master_price: Decimal,
    /// Lots that should be open now.
    pub desired_lots: Decimal,
    /// Lots that are open, by evidence.
    pub open_lots: Decimal,
    /// Lots that were opened, once there is evidence; not of copies at an exchange.
    pub opened_lots: Option<Decimal>,
    /// Coins that were opened at an exchange.
    pub coins: Option<Decimal>,
    /// Entry price, if the terminal reports one.
    pub open_price: Option<Decimal>,
    /// Exit price, once known.
    pub close_price: Option<Decimal>,
    /// Stop loss at entry.
    pub stop_loss: Option<Decimal>,
    /// Take profit at entry.
    pub take_profit: Option<Decimal>,
    /// Result, once known.
    pub pnl: Option<Decimal>,
    /// Microseconds from reading the master's line to the commit; of one's own master.
    pub read_to_commit_us: Option<i32>,
    /// Microseconds from the commit to the write of the open.
    pub sent_us: Option<i32>,
    /// Microseconds from the write to its evidence.
    pub ack_us: Option<i32>,
    /// When the open was claimed.
    pub claimed_at: Option<DateTime<Utc>>,
    /// Creation time.
    pub created_at: DateTime<Utc>,
    /// Time of the last step.
    pub updated_at: DateTime<Utc>,
}

/// A copy and every step it took.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyHistory {
    /// The copy as it is.
    pub copy: CopyView,
    /// Oldest first, at least one.
    pub events: Vec<CopyEvent>,
}

/// One step of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyEvent {
    /// When.
    pub at: DateTime<Utc>,
    /// `None` for the first.
    pub from: Option<CopyState>,
    /// Where it went.
    pub to: CopyState,
    /// Stable word for what made it happen.
    pub cause: String,
    /// The other side's words, if it said any.
    pub detail: Option<String>,
    /// The line that is the evidence.
    pub evidence: Option<String>,
}

/// Whose copies a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopiesOf {
    /// What this account copied.
    Follower(AccountId),
    /// What was copied from this account, to accounts of the same owner.
    Master(AccountId),
}

/// Which copies are wanted; what is absent or empty does not restrict.
#[derive(Debug, Clone, Default)]
pub struct CopyFilter {
    /// Of or to one account.
    pub of: Option<CopiesOf>,
    /// In one of these states.
    pub states: Vec<CopyState>,
    /// For this reason.
    pub reason: Option<ReasonCode>,
    /// Of this instrument, under the master's name.
    pub symbol: Option<String>,
    /// Older than this place in the list.
    pub before: Option<i64>,
    /// That have not ended.
    pub unsettled_only: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = copy_orders)]
struct CopyRow {
    id: i64,
    copy_id: Uuid,
    signal_id: Uuid,
    follower_account_id: Uuid,
    master_account_id: Uuid,
    state: String,
    symbol: String,
    side: String,
    master_ticket: i64,
    master_lots: Decimal,
    master_price: Decimal,
    stop_loss: Option<Decimal>,
    take_profit: Option<Decimal>,
    desired_lots: Decimal,
    venue_ref: Option<String>,
    open_lots: Decimal,
    close_price: Option<Decimal>,
    pnl: Option<Decimal>,
    reason_code: Option<String>,
    reason_text: Option<String>,
    claimed_at: Option<DateTime<Utc>>,
    sent_us: Option<i32>,
    ack_us: Option<i32>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// The copy's row of the journal; signals of another owner's master are not
/// readable here.
#[derive(Queryable, Selectable)]
#[diesel(table_name = trades)]
struct JournalRow {
    quantity: Decimal,
    asset_type: String,
    entry_price: Option<Decimal>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = signals)]
struct AskedRow {
    read_to_commit_us: Option<i32>,
}

type WholeRow = (CopyRow, Option<String>, Option<JournalRow>, Option<AskedRow>);

/// Copies, newest first.
pub async fn list(tx: &mut Tx, owner: OwnerId, filter: CopyFilter, limit: i64) -> StoreResult<Vec<CopyView>> {
    let mut query = whole_rows(owner).order(copy_orders::id.desc()).limit(limit).into_boxed();
    match filter.of {
        Some(CopiesOf::Follower(id)) => query = query.filter(copy_orders::follower_account_id.eq(id.uuid())),
        Some(CopiesOf::Master(id)) => query = query.filter(copy_orders::master_account_id.eq(id.uuid())),
        None => {}
    }
    if !filter.states.is_empty() {
        let states: Vec<_> = filter.states.iter().map(|state| state.as_str()).collect();
        query = query.filter(copy_orders::state.eq_any(states));
    }
    if let Some(symbol) = filter.symbol {
        query = query.filter(copy_orders::symbol.eq(symbol));
    }
    if let Some(reason) = filter.reason {
        query = query.filter(copy_orders::reason_code.eq(reason.as_str()));
    }
    if let Some(before) = filter.before {
        query = query.filter(copy_orders::id.lt(before));
    }
    if filter.unsettled_only {
        query = query.filter(copy_orders::state.ne_all(["failed", "skipped", "closed"]));
    }
    let rows: Vec<WholeRow> = query.load(tx).await?;
    rows.into_iter().map(view).collect()
}

/// Those of `ids` that are the owner's.
pub async fn find_all(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<CopyView>> {
    let query = whole_rows(owner).filter(copy_orders::copy_id.eq_any(ids)).order(copy_orders::id);
    let rows: Vec<WholeRow> = query.load(tx).await?;
    rows.into_iter().map(view).collect()
}

/// One copy with every step it took.
pub async fn history(tx: &mut Tx, owner: OwnerId, id: CopyId) -> StoreResult<CopyHistory> {
    let copy = find_all(tx, owner, &[id.uuid()]).await?.pop().ok_or(StoreError::NotFound("copy"))?;
    let stored: Vec<EventRow> = copy_events::table
        .left_join(evidence::table.on(copy_events::evidence_id.eq(evidence::id.nullable())))
        .left_join(snapshots::table.on(copy_events::snapshot_id.eq(snapshots::id.nullable())))
        .filter(copy_events::owner_id.eq(owner.uuid()))
        .filter(copy_events::copy_id.eq(id.uuid()))
        .order(copy_events::id)
        .select((
            copy_events::at,
            copy_events::from_state,
            copy_events::to_state,
            copy_events::cause,
            copy_events::detail,
            evidence::line.nullable(),
            snapshots::tickets.nullable(),
        ))
        .load(tx)
        .await?;
    let stored = stored.into_iter().map(event).collect::<StoreResult<Vec<_>>>()?;
    let mut events = first_steps(&copy, &stored);
    events.extend(stored);
    Ok(CopyHistory { copy, events })
}

type EventRow = (DateTime<Utc>, String, String, String, Option<String>, Option<String>, Option<Vec<i64>>);

/// Tickets of a list that are shown as evidence.
const SHOWN_TICKETS: usize = 50;

/// A list as its terminal sent it, cut where it is long.
fn list_line(tickets: &[i64]) -> String {
    let shown: Vec<String> = tickets.iter().take(SHOWN_TICKETS).map(i64::to_string).collect();
    let rest = if tickets.len() > SHOWN_TICKETS { ",…" } else { "" };
    format!("SLAVE_SNAPSHOT:{}{rest}", shown.join(","))
}

fn event((at, from, to, cause, detail, line, tickets): EventRow) -> StoreResult<CopyEvent> {
    let evidence = line.or_else(|| tickets.as_deref().map(list_line));
    let from = Some(known("copy_events.from_state", &from)?);
    let to = known("copy_events.to_state", &to)?;
    Ok(CopyEvent { at, from, to, cause, detail, evidence })
}

/// Planning and claiming write no events, to keep the fan-out short; the row's
/// own columns tell of them.
fn first_steps(copy: &CopyView, stored: &[CopyEvent]) -> Vec<CopyEvent> {
    let step = |at, from, to, cause: &str| CopyEvent {
        at,
        from,
        to,
        cause: cause.to_owned(),
        detail: None,
        evidence: None,
    };
    let begun_as = match copy.claimed_at {
        Some(_) => CopyState::Planned,
        None => stored.first().and_then(|event| event.from).unwrap_or(copy.state),
    };
    let mut steps = vec![step(copy.created_at, None, begun_as, "signal")];
    let has_claim_event = stored.iter().any(|event| event.to == CopyState::Claimed);
    if let Some(at) = copy.claimed_at.filter(|_| !has_claim_event) {
        steps.push(step(at, Some(CopyState::Planned), CopyState::Claimed, "claim"));
    }
    steps
}

/// Every join the view needs, of one owner's copies.
#[diesel::dsl::auto_type(no_type_alias)]
fn whole_rows(owner: OwnerId) -> _ {
    let owner: Uuid = owner.uuid();
    let copy: AsSelect<CopyRow, Pg> = CopyRow::as_select();
    let journal: AsSelect<Option<JournalRow>, Pg> = Option::<JournalRow>::as_select();
    let asked: AsSelect<Option<AskedRow>, Pg> = Option::<AskedRow>::as_select();
    copy_orders::table
        .left_join(accounts::table.on(accounts::id.eq(copy_orders::follower_account_id)))
        .left_join(trades::table.on(trades::copy_id.eq(copy_orders::copy_id.nullable())))
        .left_join(signals::table.on(signals::id.eq(copy_orders::signal_id)))
        .filter(copy_orders::owner_id.eq(owner))
        .select((copy, accounts::name.nullable(), journal, asked))
}

fn view((row, follower_name, journal, asked): WholeRow) -> StoreResult<CopyView> {
    let opened = |in_coins: bool| {
        let counted = journal.as_ref().filter(|row| (row.asset_type == "crypto") == in_coins);
        counted.map(|row| row.quantity)
    };
    Ok(CopyView {
        row: row.id,
        id: row.copy_id.into(),
        signal_id: row.signal_id.into(),
        master_id: row.master_account_id.into(),
        follower_id: row.follower_account_id.into(),
        follower_name: follower_name.unwrap_or_default(),
        symbol: row.symbol,
        side: known("copy_orders.side", &row.side)?,
        state: known("copy_orders.state", &row.state)?,
        reason: row.reason_code.map(|code| known("copy_orders.reason_code", &code)).transpose()?,
        reason_text: row.reason_text,
        master_ticket: row.master_ticket,
        venue_ref: row.venue_ref,
        master_lots: row.master_lots,
        master_price: row.master_price,
        desired_lots: row.desired_lots,
        open_lots: row.open_lots,
        opened_lots: opened(false),
        coins: opened(true),
        open_price: journal.as_ref().and_then(|row| row.entry_price),
        close_price: row.close_price,
        stop_loss: row.stop_loss,
        take_profit: row.take_profit,
        pnl: row.pnl,
        read_to_commit_us: asked.and_then(|row| row.read_to_commit_us),
        sent_us: row.sent_us,
        ack_us: row.ack_us,
        claimed_at: row.claimed_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
