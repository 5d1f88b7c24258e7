//! Hosts that are dead rest, and cost the others nothing.

use quarterdeck::domain::fault::Fault;
use quarterdeck::net::door::{Ask, Door};
use quarterdeck::net::limits;

use crate::ground::{endpoint, roads};
use crate::rude::{Act, Rude, fine};

/// An address nothing listens at.
async fn nowhere() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_dead_host_rests_for_all_who_ask_it_and_is_asked_again() {
    let (clock, roads) = roads();
    let url = nowhere().await;
    let (one, other) = (roads.door(&endpoint(&url)), roads.door(&endpoint(&format!("{url}/other"))));
    for _ in 0..3 {
        let fault = one.ask(Ask::get("x")).await.unwrap_err();
        assert_eq!(fault.to_string(), "unreachable: connection refused");
    }
    for door in [&one, &other] {
        let Fault::Resting { after, .. } = door.ask(Ask::get("x")).await.unwrap_err() else { panic!() };
        assert_eq!(after.to_string(), "unreachable: connection refused");
    }
    let doctor = roads.door(&endpoint(&url)).around_the_breaker();
    assert!(matches!(doctor.ask(Ask::get("x")).await.unwrap_err(), Fault::Unreachable { .. }), "asked at once");
    clock.forward(3600);
    assert!(matches!(one.ask(Ask::get("x")).await.unwrap_err(), Fault::Unreachable { .. }), "asked again");
    assert!(matches!(one.ask(Ask::get("x")).await.unwrap_err(), Fault::Resting { .. }), "and rests again");
}

#[tokio::test]
async fn an_answer_of_any_kind_keeps_a_host_awake() {
    let (_, roads) = roads();
    let rude = Rude::new(|_| Act::Say(crate::rude::answer("500 Oh", &[], b""))).await;
    let door = roads.door(&endpoint(&rude.url()));
    for _ in 0..5 {
        assert!(matches!(door.ask(Ask::get("x")).await.unwrap_err(), Fault::Refused { status: 500, .. }));
    }
}

#[tokio::test]
async fn hosts_that_hang_take_no_slot_from_hosts_that_answer() {
    for (streams, slots) in [(false, limits::ASKS_TO_UNPROVEN), (true, limits::FLOWS_OF_UNPROVEN)] {
        let (_, roads) = roads();
        let well = Rude::new(|_| fine("well")).await;
        let door = roads.door(&endpoint(&well.url()));
        door.ask(Ask::get("x")).await.unwrap();
        // More than all slots there are for hosts that have proven nothing, each on an address of its own.
        let dead = Rude::new(|_| Act::Hang).await;
        let mut hanging = tokio::task::JoinSet::new();
        for n in 0..slots + 50 {
            let door = roads.door(&endpoint(&format!("http://127.{}.{}.1:{}", n / 200 + 1, n % 200, dead.port)));
            hanging.spawn(async move {
                match streams {
                    false => door.ask(Ask::get("x")).await.map(|_| ()),
                    true => door.stream(Ask::get("x")).await.map(|_| ()),
                }
            });
        }
        while dead.lines().len() < 100 {
            tokio::task::yield_now().await;
        }
        for _ in 0..20 {
            match streams {
                false => assert_eq!(door.ask(Ask::get("x")).await.unwrap().body, b"well"),
                true => assert_eq!(door.stream(Ask::get("x")).await.unwrap().status, 200),
            }
        }
        assert!(dead.connections() <= slots, "{} connections", dead.connections());
        hanging.abort_all();
    }
}

#[tokio::test]
async fn one_host_is_never_asked_by_too_many_at_once() {
    let (_, roads) = roads();
    let busy = Rude::new(|_| Act::Hang).await;
    let mut hanging = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let door = roads.door(&endpoint(&busy.url()));
        hanging.spawn(async move { door.ask(Ask::get("x")).await.map(|_| ()) });
    }
    while busy.lines().len() < limits::ASKS_PER_HOST {
        tokio::task::yield_now().await;
    }
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(busy.lines().len(), limits::ASKS_PER_HOST);
    hanging.abort_all();
}

#[tokio::test]
async fn equal_trust_and_proxy_share_one_client() {
    let (_, roads) = roads();
    let one = Rude::new(|_| fine("")).await;
    let two = Rude::new(|_| fine("")).await;
    for url in [one.url(), two.url(), format!("{}/other", two.url())] {
        roads.door(&endpoint(&url)).ask(Ask::get("x")).await.unwrap();
    }
    assert_eq!(roads.clients(), 1);
}
