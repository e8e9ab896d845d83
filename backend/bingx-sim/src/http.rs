//! HTTP/1.1 by hand, so that answers can be late, cut in half, or never come.

use anyhow::{Context as _, bail};
use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::limits::Allowance;
use crate::venue::Reply;

const MOST_HEAD: usize = 64 * 1024;
const MOST_BODY: usize = 4 * 1024 * 1024;

/// A request as it came over the wire.
#[derive(Debug, Clone, Default)]
pub struct Wire {
    /// `GET` and so on.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// Query without the question mark.
    pub query: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Wire {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the next request. `None` when the other side has ended the connection.
pub async fn read(stream: &mut TcpStream, buffer: &mut BytesMut) -> anyhow::Result<Option<Wire>> {
    loop {
        if let Some((mut wire, length)) = head(buffer)? {
            while buffer.len() < length {
                if stream.read_buf(buffer).await? == 0 {
                    bail!("the body ended early");
                }
            }
            wire.body = buffer.split_to(length).to_vec();
            return Ok(Some(wire));
        }
        if buffer.len() > MOST_HEAD {
            bail!("the head is too long");
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

fn head(buffer: &mut BytesMut) -> anyhow::Result<Option<(Wire, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(used) = request.parse(buffer)? else { return Ok(None) };
    let target = request.path.context("no path")?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let wire = Wire {
        method: request.method.context("no method")?.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: request
            .headers
            .iter()
            .map(|header| {
                (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned())
            })
            .collect(),
        body: Vec::new(),
    };
    let length = wire.header("content-length").map_or(Ok(0), str::parse)?;
    if length > MOST_BODY {
        bail!("the body is too long");
    }
    buffer.advance(used);
    Ok(Some((wire, length)))
}

/// An answer as it goes over the wire.
pub fn written(reply: &Reply) -> Vec<u8> {
    let kind = if reply.body.starts_with('<') { "text/html" } else { "application/json" };
    let limit = reply.allowance.map_or(String::new(), |Allowance { remaining, until_ms }| {
        format!("X-RateLimit-Requests-Remain: {remaining}\r\nX-RateLimit-Requests-Expire: {until_ms}\r\n")
    });
    let location =
        if (300..400).contains(&reply.status) { "Location: /openApi/swap/v2/elsewhere\r\n" } else { "" };
    format!(
        "HTTP/1.1 {} simulated\r\nContent-Type: {kind}\r\n{location}{limit}Content-Length: {}\r\n\r\n{}",
        reply.status,
        reply.body.len(),
        reply.body
    )
    .into_bytes()
}

/// Sends an answer.
pub async fn write(stream: &mut TcpStream, reply: &Reply) -> anyhow::Result<()> {
    stream.write_all(&written(reply)).await?;
    Ok(())
}

/// Sends half of an answer.
pub async fn write_half(stream: &mut TcpStream, reply: &Reply) -> anyhow::Result<()> {
    let bytes = written(reply);
    let cut = bytes.len() - reply.body.len() / 2 - 1;
    stream.write_all(bytes.get(..cut).unwrap_or(&bytes)).await?;
    stream.flush().await?;
    Ok(())
}
