//! What a topic holds at the moment a socket begins to listen.

use flotilla_domain::group::Group;
use flotilla_domain::id::OwnerId;
use flotilla_domain::trade::TradeStatus;
use flotilla_store::copies::CopyFilter;
use flotilla_store::trades::{SortKey, TradeFilter, TradeOrder};
use flotilla_store::{Db, Scope, StoreResult, Tx, accounts, alerts, copies, groups, operations, trades};

use crate::dto::alerts::UnreadDto;
use crate::dto::stream::StreamEvent;
use crate::floating;
use crate::routes::risk::account_risk;
use crate::stream::prices;
use crate::stream::risks;
use crate::stream::told::Told;
use crate::stream::topic::Topic;

/// Rows of a snapshot; the lists of the API have the rest.
const ROWS: i64 = 200;

/// Whether `owner` may listen to `topic`.
pub async fn is_own(db: &Db, owner: OwnerId, topic: Topic) -> bool {
    let scope = Scope::own(owner.into());
    match topic {
        Topic::Account(id) | Topic::Prices(id) => {
            db.read(scope, async move |tx: &mut Tx| accounts::get(tx, owner, id).await).await.is_ok()
        }
        Topic::Group(id) => {
            db.read(scope, async move |tx: &mut Tx| groups::get(tx, owner, id).await).await.is_ok()
        }
        Topic::Accounts | Topic::Groups | Topic::Copies | Topic::Trades | Topic::Alerts | Topic::Stop => true,
    }
}

/// Accounts, groups, open copies, open trades, running stops; of one account,
/// the account and where it stands, or its prices; of groups also where they stand; of the inbox, how many are unread.
///
/// # Errors
///
/// When the database does not answer.
pub async fn read(db: &Db, owner: OwnerId, topic: Topic) -> StoreResult<Vec<Told>> {
    db.read(Scope::own(owner.into()), async move |tx: &mut Tx| match topic {
        Topic::Accounts => {
            Ok(boxed(accounts::list(tx, owner, None, ROWS).await?, StreamEvent::AccountUpdated))
        }
        Topic::Account(id) => {
            let mut events = boxed(vec![accounts::get(tx, owner, id).await?], StreamEvent::AccountUpdated);
            events.push(StreamEvent::RiskAccount(Box::new(account_risk(tx, owner, id).await?)).into());
            Ok(events)
        }
        Topic::Groups => {
            let all = groups::list(tx, owner, None, ROWS).await?;
            of_groups(tx, owner, all).await
        }
        Topic::Group(id) => {
            let group = groups::get(tx, owner, id).await?;
            of_groups(tx, owner, vec![group]).await
        }
        Topic::Copies => {
            let rows = copies::list(tx, owner, open_copies(), ROWS).await?;
            Ok(boxed(floating::of_copies(tx, owner, rows).await?, StreamEvent::CopyUpdated))
        }
        Topic::Trades => {
            let filter = TradeFilter { status: Some(TradeStatus::Open), ..TradeFilter::default() };
            let found = trades::list(tx, owner, &filter, &newest(), ROWS).await?;
            let rows = found.into_iter().map(|(trade, _)| trade).collect();
            Ok(boxed(floating::of_trades(tx, owner, rows).await?, StreamEvent::TradeUpdated))
        }
        Topic::Prices(id) => Ok(boxed(prices::read(tx, owner, &[id], None).await?, StreamEvent::Price)),
        Topic::Alerts => {
            let unread = alerts::count_unread(tx, owner).await?;
            Ok(vec![StreamEvent::AlertsUnread(UnreadDto { unread }).into()])
        }
        Topic::Stop => Ok(boxed(operations::list_current(tx, owner).await?, StreamEvent::StopUpdated)),
    })
    .await
}

/// Groups, then where they stand.
async fn of_groups(tx: &mut Tx, owner: OwnerId, groups: Vec<Group>) -> StoreResult<Vec<Told>> {
    let mut events = boxed(groups.clone(), StreamEvent::GroupUpdated);
    events.extend(risks::read_groups(tx, owner, groups).await?.into_iter().map(|told| told.event));
    Ok(events)
}

fn open_copies() -> CopyFilter {
    CopyFilter { unsettled_only: true, ..CopyFilter::default() }
}

fn newest() -> TradeOrder {
    TradeOrder { by: SortKey::Entry, is_descending: true, after: None }
}

fn boxed<R, D: From<R>>(rows: Vec<R>, event: fn(Box<D>) -> StreamEvent) -> Vec<Told> {
    rows.into_iter().map(|row| event(Box::new(row.into())).into()).collect()
}
