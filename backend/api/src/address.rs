//! Where a request comes from.

use std::net::IpAddr;

use actix_web::HttpRequest;

/// The client's address: the socket's or, behind trusted proxies, the last
/// address of `X-Forwarded-For` that is none of them.
pub fn client(request: &HttpRequest, trusted: &[IpAddr]) -> IpAddr {
    let socket = request.peer_addr().map_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    behind_proxies(socket, forwarded, trusted)
}

fn behind_proxies<'a>(
    socket: IpAddr,
    forwarded: impl Iterator<Item = &'a str>,
    trusted: &[IpAddr],
) -> IpAddr {
    if !trusted.contains(&socket) {
        return socket;
    }
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut client = socket;
    for hop in hops.into_iter().rev() {
        // What stands before a word that is no address was not written by a proxy of ours.
        let Ok(address) = hop.parse() else { break };
        client = address;
        if !trusted.contains(&client) {
            break;
        }
    }
    client
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
}
