//! What load balancers and monitoring ask.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::harness::Console;

#[test]
fn a_serving_console_is_alive_and_ready_by_any_name_and_without_a_cookie() {
    let console = Console::start();
    let browser = console.browser();
    for (path, body) in [("/health/live", "alive\n"), ("/health/ready", "ready\n")] {
        let reply = browser.send("GET", path, &[("host", "10.1.2.3")], None);
        assert_eq!((reply.status, reply.body.as_str(), reply.header("set-cookie")), (200, body, None), "{path}");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM sessions"), 0);
}

#[test]
fn a_database_that_lacks_a_migration_makes_it_not_ready_but_alive() {
    let console = Console::start();
    console.execute("DELETE FROM __diesel_schema_migrations");
    let browser = console.browser();
    let reply = browser.get("/health/ready");
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("5")));
    assert!(reply.body.contains("roster migrate"));
    assert_eq!(browser.get("/health/live").status, 200);
}

#[test]
fn metrics_count_requests_by_route_and_never_by_what_a_client_makes_up() {
    let console = Console::start();
    let browser = console.browser();
    browser.get("/sign-in?next=/secret");
    browser.get("/o/some-organization/members/1");
    browser.get("/made-up/path");
    let mut raw = TcpStream::connect(console.config.bind).unwrap();
    raw.write_all(b"INVENTED /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    raw.read_to_end(&mut Vec::new()).unwrap();
    let metrics = browser.send("GET", "/metrics", &[("host", "10.1.2.3")], None);
    assert_eq!(metrics.status, 200);
    let says = |words: &str| metrics.body.contains(words);
    assert!(says(r#"roster_request_seconds_count{method="GET",route="/sign-in",status="200"}"#), "{}", metrics.body);
    assert!(says(r#"method="GET",route="(none)",status="404""#) && says(r#"method="other""#), "{}", metrics.body);
    assert!(says("roster_database_connections "));
    for made_up in ["made-up", "some-organization", "INVENTED", "secret"] {
        assert!(!says(made_up), "{made_up} in {}", metrics.body);
    }
}
