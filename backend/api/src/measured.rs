//! Counts and times requests by route, never by what was asked for.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use tokio::time::Instant;

/// Measures a request. Its route is the pattern, so there are as many as handlers.
pub async fn measure(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let began = Instant::now();
    let method = request.method().as_str().to_owned();
    let response = next.call(request).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "other".to_owned());
    let status = response.status().as_u16().to_string();
    metrics::histogram!("flotilla_http_request_seconds", "route" => route.clone()).record(began.elapsed());
    metrics::counter!("flotilla_http_requests_total", "method" => word(&method), "route" => route, "status" => status)
        .increment(1);
    Ok(response)
}

/// Methods are what clients make up; only known ones are told apart.
fn word(method: &str) -> &'static str {
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}
