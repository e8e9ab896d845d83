use actix_web::{HttpRequest, HttpResponse, get, post, web};
use flotilla_security::opaque::WsTicket;
use flotilla_store::{Tx, ws_tickets};
use secrecy::ExposeSecret;

use crate::auth::{Allowed, ManageSelf};
use crate::dto::stream::{StreamMessage, WsTicketDto};
use crate::error::{ApiError, ApiResult, Problem};
use crate::origin;
use crate::shared::Shared;
use crate::stream::socket;

/// Get a ticket for one WebSocket.
#[utoipa::path(
    operation_id = "create_ws_ticket",
    tag = "stream",
    responses(
        (status = 201, body = WsTicketDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/ws-tickets")]
pub async fn create_ws_ticket(caller: Allowed<ManageSelf>) -> ApiResult<HttpResponse> {
    let ticket = WsTicket::generate();
    let (hash, actor, login) = (ticket.hash(), caller.scope.actor, caller.login);
    caller
        .db
        .write(caller.scope, async move |tx: &mut Tx| ws_tickets::insert(tx, actor, login, &hash).await)
        .await?;
    Ok(HttpResponse::Created().json(WsTicketDto {
        ticket: ticket.text().expose_secret().to_owned(),
        expires_in: ws_tickets::SECONDS.into(),
    }))
}

/// Open a WebSocket.
///
/// The first message must be `auth` with a ticket, within ten seconds. Then
/// `subscribe` names topics; each is answered with what is there now, and then
/// with what changes. After `resync`, or a gap in `seq`, subscribe again. Connect
/// anew after twenty seconds without a message: there is `alive` every four.
///
/// A user has so many sockets and no more, 64 unless the server is set otherwise:
/// one more is told `refused` with `too_many_sockets` and ends with code 1013.
/// So does one that names too many topics: come back later.
#[utoipa::path(
    operation_id = "open_stream",
    tag = "stream",
    responses(
        (status = 101, description = "Messages of the server.", body = StreamMessage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[get("/api/v1/ws")]
pub async fn open_stream(
    request: HttpRequest,
    payload: web::Payload,
    shared: web::Data<Shared>,
) -> ApiResult<HttpResponse> {
    if !origin::is_allowed(&request, &shared.config.public_url) {
        return Err(ApiError::CrossSite);
    }
    let (response, session, messages) =
        actix_ws::handle(&request, payload).map_err(|_| ApiError::BadRequest)?;
    actix_web::rt::spawn(socket::run(shared.into_inner(), session, messages));
    Ok(response)
}
