//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Once;

use actix_web::HttpRequest;

/// Told once: anybody can send the header, and would fill the log.
static DISBELIEVED: Once = Once::new();

/// The client's address: the socket's or, behind trusted proxies, the last
/// address of `X-Forwarded-For` that is none of them.
///
/// A port that listens for both IPv4 and IPv6 sees an IPv4 address inside an
/// IPv6 one: all are compared as what they are.
pub fn client(request: &HttpRequest, trusted: &[IpAddr]) -> IpAddr {
    let socket = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    if is_disbelieved(socket, request.headers().contains_key("x-forwarded-for"), trusted) {
        DISBELIEVED.call_once(|| {
            tracing::warn!(
                %socket,
                "X-Forwarded-For of an address that is no trusted proxy is not believed; behind a proxy everybody \
                 shares its limits until FLOTILLA_TRUSTED_PROXIES has its address"
            );
        });
    }
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    behind_proxies(socket, forwarded, trusted)
}

/// Whether somebody who is no proxy of ours says where a request comes from.
fn is_disbelieved(socket: IpAddr, is_forwarded: bool, trusted: &[IpAddr]) -> bool {
    is_forwarded && !is_trusted(socket.to_canonical(), trusted)
}

fn is_trusted(address: IpAddr, trusted: &[IpAddr]) -> bool {
    trusted.iter().any(|proxy| proxy.to_canonical() == address)
}

fn behind_proxies<'a>(
    socket: IpAddr,
    forwarded: impl Iterator<Item = &'a str>,
    trusted: &[IpAddr],
) -> IpAddr {
    let socket = socket.to_canonical();
    if !is_trusted(socket, trusted) {
        return socket;
    }
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut client = socket;
    for hop in hops.into_iter().rev() {
        // What stands before a word that is no address was not written by a proxy of ours.
        let Some(address) = parse(hop) else { break };
        client = address;
        if !is_trusted(client, trusted) {
            break;
        }
    }
    client
}

/// An address as proxies write it: some with the port it came from, IPv6 in brackets or without.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let with_port = hop.parse::<SocketAddr>().ok().map(|hop| hop.ip());
    let address = with_port.or_else(|| bare.parse::<IpAddr>().ok())?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n82_a_header_from_a_stranger_is_not_believed() {
        let [stranger, proxy]: [IpAddr; 2] = [[9, 9, 9, 9].into(), [10, 0, 0, 1].into()];
        let trusted = [proxy];

        assert_eq!(behind_proxies(stranger, ["1.1.1.1"].into_iter(), &trusted), stranger);
        assert_eq!(behind_proxies(proxy, ["1.1.1.1, 9.9.9.9"].into_iter(), &trusted), stranger);
        assert_eq!(behind_proxies(proxy, ["junk, 9.9.9.9", "10.0.0.1"].into_iter(), &trusted), stranger);
        assert_eq!(behind_proxies(proxy, ["junk"].into_iter(), &trusted), proxy);
    }

    #[test]
    fn only_what_a_stranger_forwards_is_warned_of() {
        let [stranger, proxy]: [IpAddr; 2] = [[9, 9, 9, 9].into(), [10, 0, 0, 1].into()];

        assert!(is_disbelieved(stranger, true, &[proxy]) && is_disbelieved(proxy, true, &[]));
        assert!(!is_disbelieved(proxy, true, &[proxy]) && !is_disbelieved(stranger, false, &[proxy]));
    }

    #[test]
    fn n82_a_proxy_is_known_however_its_address_is_written() {
        let [stranger, proxy]: [IpAddr; 2] = [[9, 9, 9, 9].into(), [10, 0, 0, 1].into()];
        let mapped = |address: &str| format!("::ffff:{address}").parse::<IpAddr>().expect("an address");
        let (strange, known) = (mapped("9.9.9.9"), mapped("10.0.0.1"));

        for trusted in [[proxy], [known]] {
            for socket in [proxy, known] {
                for hops in [
                    "9.9.9.9",
                    "9.9.9.9:4711",
                    "::ffff:9.9.9.9, 10.0.0.1:80",
                    "[::ffff:9.9.9.9]:1, ::ffff:10.0.0.1",
                ] {
                    assert_eq!(behind_proxies(socket, [hops].into_iter(), &trusted), stranger, "{hops}");
                }
            }
            assert_eq!(behind_proxies(strange, ["1.1.1.1"].into_iter(), &trusted), stranger);
        }
        let six: IpAddr = "2001:db8::7".parse().expect("an address");
        for hop in ["2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:443"] {
            assert_eq!(behind_proxies(known, [hop].into_iter(), &[proxy]), six, "{hop}");
        }
    }
}
