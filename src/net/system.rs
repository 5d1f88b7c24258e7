//! What the system says of a failed call, in our words.

use std::io;

/// What the system said, in our words where we have some.
#[must_use]
pub fn system(error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => "connection refused",
        Kind::ConnectionReset => "the connection was reset",
        Kind::ConnectionAborted | Kind::BrokenPipe | Kind::UnexpectedEof => "the other side closed the connection",
        Kind::HostUnreachable => "no route to the host",
        Kind::NetworkUnreachable | Kind::NetworkDown => "no route to the network",
        Kind::TimedOut => "no connection in time",
        Kind::AddrNotAvailable => "the address is not available",
        Kind::NotFound => "no such file",
        Kind::PermissionDenied => "not permitted",
        Kind::InvalidData => "it is not UTF-8",
        _ => return error.to_string(),
    }
    .to_owned()
}
