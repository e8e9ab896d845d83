//! The way to the exchange: HTTP/1.1 over TLS, from a chosen source address.
//!
//! Connections are kept here and not in a library's pool, so that it is known of
//! each failure whether the request may have left.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::endpoint::{Environment, Method};
use super::reply::RawReply;

/// Longest reply that is read.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// How long a connection may rest. Shorter than servers wait, so that a request rarely meets a closed one.
const MAX_IDLE: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A request, ready to be sent.
#[derive(Clone)]
pub struct Call {
    /// Which host.
    pub environment: Environment,
    /// Name of the source address.
    pub egress: String,
    /// Method.
    pub method: Method,
    /// Path.
    pub path: &'static str,
    /// Query string, signature included.
    pub query: String,
    /// Key for the header of a signed request.
    pub api_key: Option<SecretString>,
    /// How long to wait for the whole reply.
    pub timeout: Duration,
}

impl fmt::Debug for Call {
    /// Without the query: it holds a signature and may hold a listen key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} on {}", self.method.as_str(), self.path, self.environment.as_str())
    }
}

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Not a byte of the request left.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The request may have arrived.
    #[error("no answer: {0}")]
    Lost(String),
}

/// What carries requests. Tests put a simulator in its place.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request, once, and waits for the reply.
    ///
    /// # Errors
    ///
    /// [`TransportError`]; nothing is ever sent a second time here.
    fn send(&self, call: Call) -> BoxFuture<'_, Result<RawReply, TransportError>>;
}

/// Where the hosts are. The default is the real exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    /// REST, real money.
    pub live: String,
    /// REST, demo.
    pub demo: String,
    /// WebSocket, real money: market data and user streams.
    pub live_stream: String,
    /// WebSocket, demo.
    pub demo_stream: String,
}

impl Default for Hosts {
    fn default() -> Self {
        Self {
            live: "https://open-api.bingx.com".to_owned(),
            demo: "https://open-api-vst.bingx.com".to_owned(),
            live_stream: "wss://open-api-swap.bingx.com/swap-market".to_owned(),
            demo_stream: "wss://vst-open-api-ws.bingx.com/swap-market".to_owned(),
        }
    }
}

/// A source address for requests. Keys may be bound to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Egress {
    /// Its name in configuration and limits.
    pub name: String,
    /// The local address; `None` leaves it to the system.
    pub address: Option<IpAddr>,
}

/// Why a transport cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportConfigError {
    /// Not `scheme://host[:port]`.
    #[error("`{0}` is no address of a host")]
    Host(String),
    /// Without TLS, to another machine.
    #[error("`{0}` is neither https nor this machine")]
    Plain(String),
    /// No certificate authorities on this system.
    #[error("this system trusts no certificate authority")]
    NoRoots,
    /// The TLS library refuses its own configuration.
    #[error("TLS: {0}")]
    Tls(String),
}

/// A byte stream, with TLS or without.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}
pub(crate) type BoxStream = Box<dyn Stream>;

/// Host, port, TLS or not, and what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    host: String,
    port: u16,
    tls: bool,
    rest: String,
}

impl Target {
    fn parse(url: &str) -> Result<Self, TransportConfigError> {
        let wrong = || TransportConfigError::Host(url.to_owned());
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        let tls = match scheme {
            "https" | "wss" => true,
            "http" | "ws" => false,
            _ => return Err(wrong()),
        };
        let (authority, rest) =
            rest.split_once('/').map_or((rest, ""), |(authority, rest)| (authority, rest));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong())?),
            None => (authority, if tls { 443 } else { 80 }),
        };
        if host.is_empty() {
            return Err(wrong());
        }
        // A key sent in the clear is a key given away.
        if !tls && !matches!(host, "127.0.0.1" | "localhost") {
            return Err(TransportConfigError::Plain(url.to_owned()));
        }
        Ok(Self { host: host.to_owned(), port, tls, rest: format!("/{rest}") })
    }
}

struct Idle {
    sender: SendRequest<Empty<Bytes>>,
    since: Instant,
}

/// The real way: TCP and TLS.
pub struct HttpTransport {
    live: Target,
    demo: Target,
    live_stream: Target,
    demo_stream: Target,
    egresses: HashMap<String, Option<IpAddr>>,
    tls: Option<TlsConnector>,
    idle: Mutex<HashMap<(Environment, String), Vec<Idle>>>,
}

impl HttpTransport {
    /// # Errors
    ///
    /// [`TransportConfigError`] for hosts that are none, that would send keys in the clear, or a system without roots.
    pub fn new(hosts: &Hosts, egresses: &[Egress]) -> Result<Self, TransportConfigError> {
        let live = Target::parse(&hosts.live)?;
        let demo = Target::parse(&hosts.demo)?;
        let live_stream = Target::parse(&hosts.live_stream)?;
        let demo_stream = Target::parse(&hosts.demo_stream)?;
        let needs_tls = [&live, &demo, &live_stream, &demo_stream].iter().any(|target| target.tls);
        let tls = if needs_tls { Some(tls_connector()?) } else { None };
        let egresses = egresses.iter().map(|egress| (egress.name.clone(), egress.address)).collect();
        Ok(Self { live, demo, live_stream, demo_stream, egresses, tls, idle: Mutex::default() })
    }

    /// A byte stream to the WebSocket host, the host's name and the path.
    pub(crate) async fn stream(
        &self,
        environment: Environment,
        egress: &str,
    ) -> Result<(BoxStream, String, String), TransportError> {
        let target = match environment {
            Environment::Live => &self.live_stream,
            Environment::Demo => &self.demo_stream,
        };
        let stream = self.connect(target, egress).await?;
        Ok((stream, target.host.clone(), target.rest.clone()))
    }

    async fn connect(&self, target: &Target, egress: &str) -> Result<BoxStream, TransportError> {
        let not_sent = |error: &dyn fmt::Display| TransportError::NotSent(error.to_string());
        let source = *self.egresses.get(egress).ok_or_else(|| not_sent(&"no such egress address"))?;
        let connecting = async {
            let tcp = dial(&target.host, target.port, source).await?;
            tcp.set_nodelay(true)?;
            let Some(tls) = self.tls.as_ref().filter(|_| target.tls) else {
                let stream: BoxStream = Box::new(tcp);
                return std::io::Result::Ok(stream);
            };
            let name = ServerName::try_from(target.host.clone()).map_err(std::io::Error::other)?;
            let stream: BoxStream = Box::new(tls.connect(name, tcp).await?);
            Ok(stream)
        };
        timeout(CONNECT_TIMEOUT, connecting)
            .await
            .map_err(|_| not_sent(&"no connection in time"))?
            .map_err(|error| not_sent(&error))
    }

    fn take_idle(&self, key: &(Environment, String)) -> Option<SendRequest<Empty<Bytes>>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let resting = idle.get_mut(key)?;
        while let Some(one) = resting.pop() {
            if one.since.elapsed() < MAX_IDLE && one.sender.is_ready() && !one.sender.is_closed() {
                return Some(one.sender);
            }
        }
        None
    }

    fn keep(&self, key: (Environment, String), sender: SendRequest<Empty<Bytes>>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let resting = idle.entry(key).or_default();
        if resting.len() < 64 {
            resting.push(Idle { sender, since: Instant::now() });
        }
    }

    async fn open(&self, call: &Call) -> Result<SendRequest<Empty<Bytes>>, TransportError> {
        let stream = self.connect(self.target(call.environment), &call.egress).await?;
        let (sender, connection) = handshake(TokioIo::new(stream))
            .await
            .map_err(|error| TransportError::NotSent(error.to_string()))?;
        tokio::spawn(async move {
            // Its end is seen by whoever waits for a reply.
            let _ = connection.await;
        });
        Ok(sender)
    }

    const fn target(&self, environment: Environment) -> &Target {
        match environment {
            Environment::Live => &self.live,
            Environment::Demo => &self.demo,
        }
    }

    async fn send_once(&self, call: &Call) -> Result<RawReply, TransportError> {
        let key = (call.environment, call.egress.clone());
        let request = request(call, &self.target(call.environment).host)?;
        let (mut sender, was_idle) = match self.take_idle(&key) {
            Some(sender) => (sender, true),
            None => (self.open(call).await?, false),
        };
        let response = match sender.try_send_request(request).await {
            Ok(response) => response,
            Err(mut error) => match error.take_message() {
                // The connection had ended before a byte was written: another one, once.
                Some(request) if was_idle => {
                    sender = self.open(call).await?;
                    sender
                        .send_request(request)
                        .await
                        .map_err(|error| TransportError::Lost(error.to_string()))?
                }
                Some(_) => return Err(TransportError::NotSent(error.into_error().to_string())),
                None => return Err(TransportError::Lost(error.into_error().to_string())),
            },
        };
        let reply = read(response).await?;
        self.keep(key, sender);
        Ok(reply)
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("live", &self.live)
            .field("demo", &self.demo)
            .finish_non_exhaustive()
    }
}

impl Transport for HttpTransport {
    fn send(&self, call: Call) -> BoxFuture<'_, Result<RawReply, TransportError>> {
        Box::pin(async move {
            // In the time-out the request may have been written: in doubt.
            let lost = |_| TransportError::Lost("no answer in time".to_owned());
            timeout(call.timeout, self.send_once(&call)).await.map_err(lost)?
        })
    }
}

async fn dial(host: &str, port: u16, source: Option<IpAddr>) -> std::io::Result<TcpStream> {
    let Some(source) = source else {
        return TcpStream::connect((host, port)).await;
    };
    let mut last = std::io::Error::other("the host has no address of the source's kind");
    for address in tokio::net::lookup_host((host, port)).await? {
        if address.is_ipv4() != source.is_ipv4() {
            continue;
        }
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.bind(SocketAddr::new(source, 0))?;
        match socket.connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn request(call: &Call, host: &str) -> Result<Request<Empty<Bytes>>, TransportError> {
    let uri =
        if call.query.is_empty() { call.path.to_owned() } else { format!("{}?{}", call.path, call.query) };
    let mut builder = Request::builder()
        .method(call.method.as_str())
        .uri(uri)
        .header("host", host)
        .header("user-agent", "flotilla");
    if let Some(key) = &call.api_key {
        builder = builder.header("x-bx-apikey", key.expose_secret());
    }
    builder.body(Empty::new()).map_err(|error| TransportError::NotSent(error.to_string()))
}

async fn read(response: Response<hyper::body::Incoming>) -> Result<RawReply, TransportError> {
    let status = response.status().as_u16();
    let said = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let remaining = said("x-ratelimit-requests-remain").and_then(|text| text.parse().ok());
    let limited_until_ms = said("x-ratelimit-requests-expire").and_then(|text| text.parse().ok());
    let body = Limited::new(response.into_body(), MAX_BODY)
        .collect()
        .await
        .map_err(|error| TransportError::Lost(error.to_string()))?
        .to_bytes();
    Ok(RawReply { status, remaining, limited_until_ms, body: body.to_vec() })
}

fn tls_connector() -> Result<TlsConnector, TransportConfigError> {
    let mut roots = rustls::RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 {
        return Err(TransportConfigError::NoRoots);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TransportConfigError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_sent_in_the_clear() {
        let hosts = Hosts { live: "http://open-api.bingx.com".to_owned(), ..Hosts::default() };
        assert!(matches!(HttpTransport::new(&hosts, &[]), Err(TransportConfigError::Plain(_))));
        assert!(Target::parse("http://127.0.0.1:8080").is_ok());
    }

    #[test]
    fn addresses_are_taken_apart() {
        let target = Target::parse("wss://open-api-swap.bingx.com/swap-market").unwrap();
        let expected = Target {
            host: "open-api-swap.bingx.com".to_owned(),
            port: 443,
            tls: true,
            rest: "/swap-market".to_owned(),
        };
        assert_eq!(target, expected);
        assert!(Target::parse("bingx.com").is_err());
    }

    #[test]
    fn a_call_does_not_show_its_signature() {
        let call = Call {
            environment: Environment::Live,
            egress: "a".to_owned(),
            method: Method::Get,
            path: "/x",
            query: "signature=abc".to_owned(),
            api_key: Some("key".into()),
            timeout: Duration::from_secs(1),
        };
        assert_eq!(format!("{call:?}"), "GET /x on live");
    }
}
