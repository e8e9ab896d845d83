use actix_web::{get, post, web};
use flotilla_domain::id::AlertId;
use flotilla_store::alerts::{self, AlertFilter};
use flotilla_store::{StoreError, Tx};
use uuid::Uuid;

use crate::auth::{Allowed, ManageSelf};
use crate::body::{Checked, Query};
use crate::dto::alerts::{AlertDto, AlertPageDto, AlertQuery, ReadAlerts, UnreadDto};
use crate::error::{ApiResult, Problem};
use crate::page::{self, Page};
use crate::shared::Shared;

/// The inbox, what was seen last first.
///
/// One's own alone: it is not shown under a grant.
#[utoipa::path(
    operation_id = "list_alerts",
    tag = "alerts",
    params(AlertQuery),
    responses(
        (status = 200, body = AlertPageDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/alerts")]
pub async fn list_alerts(
    caller: Allowed<ManageSelf>,
    query: Query<AlertQuery>,
) -> ApiResult<web::Json<AlertPageDto>> {
    let Query(query) = query;
    let limit = page::limit(query.limit)?;
    let filter = AlertFilter {
        unread_only: query.unread,
        kind: query.kind.map(|word| word.0),
        after: page::after(query.cursor.as_deref())?,
    };
    let owner = caller.scope.owner;
    let (rows, unread) = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let rows = alerts::list(tx, owner, filter, limit + 1).await?;
            Ok::<_, StoreError>((rows, alerts::count_unread(tx, owner).await?))
        })
        .await?;
    let page: Page<AlertDto> = Page::of(rows, limit, |alert| (alert.last_at, alert.id));
    Ok(web::Json(AlertPageDto { items: page.items, next_cursor: page.next_cursor, unread }))
}

/// Mark one alert as read.
#[utoipa::path(
    operation_id = "read_alert",
    tag = "alerts",
    params(("alert_id" = Uuid, Path)),
    responses(
        (status = 200, body = AlertDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/alerts/{alert_id}/read")]
pub async fn read_alert(
    caller: Allowed<ManageSelf>,
    alert_id: web::Path<AlertId>,
    shared: web::Data<Shared>,
) -> ApiResult<web::Json<AlertDto>> {
    let (owner, id) = (caller.scope.owner, *alert_id);
    let alert = caller
        .db
        .write(caller.scope, async move |tx: &mut Tx| alerts::mark_read(tx, owner, id).await)
        .await?;
    shared.alert_changed(owner, id.uuid());
    Ok(web::Json(alert.into()))
}

/// Mark every alert of the inbox as read; not those below one's level of it.
#[utoipa::path(
    operation_id = "read_all_alerts",
    tag = "alerts",
    request_body = ReadAlerts,
    responses(
        (status = 200, body = UnreadDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/alerts/read-all")]
pub async fn read_all_alerts(
    caller: Allowed<ManageSelf>,
    shared: web::Data<Shared>,
    body: Checked<ReadAlerts>,
) -> ApiResult<web::Json<UnreadDto>> {
    let (owner, until) = (caller.scope.owner, body.0.until);
    let unread = caller
        .db
        .write(caller.scope, async move |tx: &mut Tx| {
            alerts::mark_all_read(tx, owner, until).await?;
            alerts::count_unread(tx, owner).await
        })
        .await?;
    // Names none: whoever listens counts and reads again.
    shared.alert_changed(owner, Uuid::nil());
    Ok(web::Json(UnreadDto { unread }))
}
