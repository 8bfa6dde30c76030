//! Who is at the other end: the network address, believed only from the peer or a trusted proxy, and the browser's name.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;
use ipnet::IpNet;

use super::local_path;
use crate::config::Config;

/// The client's address: the peer's, or the last one in X-Forwarded-For that no trusted proxy wrote about itself.
pub fn address(request: &HttpRequest, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = request.peer_addr().map(|address| address.ip().to_canonical())?;
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    if !is_trusted(peer) {
        return Some(peer);
    }
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    for hop in hops.iter().rev() {
        let Ok(address) = hop.parse::<IpAddr>() else { break };
        let address = address.to_canonical();
        if !is_trusted(address) {
            return Some(address);
        }
    }
    Some(peer)
}

/// The network that limits count by: a /24 of IPv4, a /56 of IPv6.
pub fn network(address: IpAddr) -> String {
    let prefix = if address.is_ipv4() { 24 } else { 56 };
    IpNet::new(address, prefix).map(|network| network.trunc().to_string()).unwrap_or_default()
}

/// The page of ours that a form was sent from, as a path.
pub fn came_from(request: &HttpRequest, config: &Config) -> Option<String> {
    let referer = request.headers().get(header::REFERER)?.to_str().ok()?;
    let path = referer.strip_prefix(&config.origin())?;
    Some(local_path(path).to_owned())
}

/// `Firefox on Linux`, for the list of sessions.
pub fn browser(request: &HttpRequest) -> String {
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = |choices: &[(&str, &'static str)]| choices.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    // Order matters: Edge and Opera also say Chrome, Chrome also says Safari.
    let browser =
        first(&[("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ => "Unknown browser".to_owned(),
    }
}
