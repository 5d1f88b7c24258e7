//! The numbers no endpoint can exceed. What a person may change stands in the fleet file; this is what holds without.

use std::time::Duration;

/// Questions in flight over the whole fleet, to hosts that answered last time.
pub const ASKS_TO_PROVEN: usize = 512;
/// Questions in flight to hosts that did not answer last time, or were never asked. They have slots of their own, so
/// that a network in which everything hangs takes none from the hosts that answer.
pub const ASKS_TO_UNPROVEN: usize = 512;
/// Streams and websockets open at once over the whole fleet, to hosts that answered last time: watches stay for minutes.
pub const FLOWS_OF_PROVEN: usize = 1024;
/// Streams and websockets on their way to hosts that did not: these, too, take no slot from the others.
pub const FLOWS_OF_UNPROVEN: usize = 512;
/// Questions in flight to one host.
pub const ASKS_PER_HOST: usize = 6;
/// Streams open to one host.
pub const FLOWS_PER_HOST: usize = 32;
/// Hosts whose connections are kept between two polls; those beyond close after each answer.
pub const KEPT_HOSTS: usize = 512;
/// Idle connections kept to one host by one client.
pub const KEPT_PER_HOST: usize = 2;
/// How long an idle connection is kept. Longer than the usual interval, shorter than what servers allow (nginx: 75 s).
pub const KEPT_IDLE: Duration = Duration::from_secs(65);

/// The unpacked body of an answer that is kept whole.
pub const BODY: u64 = 32 << 20;
/// The unpacked bytes of a stream.
pub const STREAM: u64 = 512 << 20;
/// What is read of the body of an error.
pub const ERROR_BODY: u64 = 64 << 10;
/// An answer of a token server.
pub const TOKEN_BODY: u64 = 256 << 10;
/// One message of a websocket.
pub const MESSAGE: usize = 8 << 20;
/// One line of a conversation.
pub const LINE: usize = 64 << 10;
/// Lines of one conversation.
pub const LINES: usize = 200_000;
/// A credential from a file or a program.
pub const SECRET: u64 = 64 << 10;
/// A certificate or key in a file.
pub const PEM: u64 = 1 << 20;
/// Headers of one answer.
pub const HEADERS: usize = 100;
/// Header bytes of one answer over HTTP/2.
pub const HEADER_BYTES: u32 = 64 << 10;
/// Redirects followed within one question.
pub const REDIRECTS: usize = 5;

/// How long one connection may take to stand, proxy and handshake included, where the question allows more.
pub const CONNECT: Duration = Duration::from_secs(10);
/// How long a program may take that prints a credential.
pub const CREDENTIAL_PROGRAM: Duration = Duration::from_secs(20);
/// After how long a credential printed by a program is asked for again, even if it still works.
pub const CREDENTIAL_AGE: Duration = Duration::from_secs(3600);
/// A token is renewed this long before it ends.
pub const TOKEN_MARGIN: Duration = Duration::from_secs(20);

/// Failures in a row after which a host rests.
pub const FAILURES_TO_REST: u32 = 3;
/// How long it rests first; doubled with every further failure.
pub const REST: Duration = Duration::from_secs(20);
/// The longest rest.
pub const LONGEST_REST: Duration = Duration::from_secs(300);
/// The longest `Retry-After` that is believed.
pub const LONGEST_WAIT: Duration = Duration::from_secs(3600);
