use actix_web::{HttpResponse, get, web};

use crate::dto::health::{AliveDto, Components, Condition, StatusDto};
use crate::error::Problem;
use crate::shared::Shared;
use crate::vitals::Vital;

/// Whether the process lives.
#[utoipa::path(
    operation_id = "health",
    tag = "health",
    responses(
        (status = 200, body = AliveDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[get("/health")]
pub async fn health() -> web::Json<AliveDto> {
    web::Json(AliveDto { status: Condition::Up })
}

/// Whether the installation can do its work: database, schema, a worker.
#[utoipa::path(
    operation_id = "ready",
    tag = "health",
    responses(
        (status = 200, body = StatusDto),
        (status = 503, body = StatusDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[get("/ready")]
pub async fn ready(shared: web::Data<Shared>) -> HttpResponse {
    let found = examine(&shared).await;
    match found.status {
        Condition::Up => HttpResponse::Ok().json(found),
        Condition::Down => HttpResponse::ServiceUnavailable().json(found),
    }
}

/// What a status page may tell everybody.
#[utoipa::path(
    operation_id = "get_status",
    tag = "health",
    responses(
        (status = 200, body = StatusDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[get("/api/v1/status")]
pub async fn get_status(shared: web::Data<Shared>) -> web::Json<StatusDto> {
    web::Json(examine(&shared).await)
}

async fn examine(shared: &Shared) -> StatusDto {
    let Vital { database, migrations, worker } = shared.vitals.look(&shared.stores.app).await;
    StatusDto {
        version: shared.config.version.clone(),
        ea_port: shared.config.ea_port,
        status: (database && migrations && worker).into(),
        components: Components {
            database: database.into(),
            migrations: migrations.into(),
            worker: worker.into(),
        },
    }
}
