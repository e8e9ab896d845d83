use std::collections::HashMap;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get};
use bytes::Bytes;
use flotilla_domain::id::AccountId;
use flotilla_domain::trade::csv;
use flotilla_store::trades::{self, Place, SortKey, TradeFilter, TradeOrder};
use flotilla_store::{Db, Scope, Tx, accounts};
use futures_util::stream;

use crate::auth::{Allowed, Read};
use crate::body::Query;
use crate::dto::trade_filter::ExportQuery;
use crate::error::{ApiError, ApiResult, Problem};

/// Rows that are read at once. Between pages no transaction is open, however
/// slowly the client takes them.
const ROWS_AT_ONCE: i64 = 1_000;

/// The journal as CSV, oldest entry first.
///
/// Cells that a spreadsheet would take for formulas begin with an apostrophe;
/// figures are as they are.
#[utoipa::path(
    operation_id = "export_trades",
    tag = "journal",
    params(ExportQuery),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/trades/export")]
pub async fn export_trades(caller: Allowed<Read>, query: Query<ExportQuery>) -> ApiResult<HttpResponse> {
    let owner = caller.scope.owner;
    let names =
        caller.db.read(caller.scope, async move |tx: &mut Tx| accounts::list_names(tx, owner).await).await?;
    let pages = Pages { db: caller.db, scope: caller.scope, filter: query.0.filter(), names, at: At::Head };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"flotilla-trades.csv\""))
        .streaming(stream::unfold(pages, Pages::next)))
}

enum At {
    Head,
    After(Option<Place>),
    End,
}

struct Pages {
    db: Db,
    scope: Scope,
    filter: TradeFilter,
    names: HashMap<AccountId, String>,
    at: At,
}

impl Pages {
    async fn next(mut self) -> Option<(Result<Bytes, ApiError>, Self)> {
        match std::mem::replace(&mut self.at, At::End) {
            At::Head => {
                self.at = At::After(None);
                Some((Ok(Bytes::from_static(csv::HEAD.as_bytes())), self))
            }
            At::After(place) => {
                let page = self.page(place).await;
                Some((page, self))
            }
            At::End => None,
        }
    }

    async fn page(&mut self, after: Option<Place>) -> Result<Bytes, ApiError> {
        let (owner, filter) = (self.scope.owner, self.filter.clone());
        let order = TradeOrder { by: SortKey::Entry, is_descending: false, after };
        let rows = self
            .db
            .read(self.scope, async move |tx: &mut Tx| {
                trades::list(tx, owner, &filter, &order, ROWS_AT_ONCE).await
            })
            .await?;
        let is_full = i64::try_from(rows.len()) == Ok(ROWS_AT_ONCE);
        if let Some((_, place)) = rows.last().filter(|_| is_full) {
            self.at = At::After(Some(place.clone()));
        }
        let mut text = String::new();
        for (trade, _) in &rows {
            let name = self.names.get(&trade.account_id).map_or("", String::as_str);
            csv::write(&mut text, trade, name);
        }
        Ok(Bytes::from(text))
    }
}
