//! What is asked on demand while somebody looks: started and stopped by the cockpit, told back bit by bit.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use crate::app::effect::Ticket;
use crate::app::message::Happening;
use crate::runtime::bundle::bundle;
use crate::runtime::ground::Ground;
use crate::runtime::{figures, logs};
use crate::views::asked::{News, Topic};

/// News that may wait for the bundle. More slow the asking down; memory does not grow.
const WAITING_NEWS: usize = 64;

/// Everything that is asked at the moment. Dropped, it ends.
pub struct Inquiry {
    grounds: watch::Receiver<Option<Arc<Ground>>>,
    inbox: UnboundedSender<Happening>,
    running: BTreeMap<Ticket, [AbortHandle; 2]>,
}

impl Inquiry {
    /// Nothing is asked yet, and nothing will be before there is a ground to stand on.
    #[must_use]
    pub fn new(grounds: watch::Receiver<Option<Arc<Ground>>>, inbox: UnboundedSender<Happening>) -> Self {
        Self { grounds, inbox, running: BTreeMap::new() }
    }

    /// Starts asking.
    pub fn ask(&mut self, ticket: Ticket, topic: Topic) {
        let (send, receive) = mpsc::channel(WAITING_NEWS);
        let mut grounds = self.grounds.clone();
        let asking = tokio::spawn(async move {
            loop {
                let ground = grounds.borrow_and_update().clone();
                let Some(ground) = ground else {
                    if grounds.changed().await.is_err() {
                        return;
                    }
                    continue;
                };
                // Whose fleet file changes may have taken his consent back: everything is asked anew, by what it says now.
                tokio::select! {
                    () = run(ground, topic.clone(), send.clone()) => return,
                    Ok(()) = grounds.changed() => {}
                }
                if send.send(News::Begun).await.is_err() {
                    return;
                }
            }
        });
        let inbox = self.inbox.clone();
        let telling = tokio::spawn(bundle(receive, move |news: Vec<News>| {
            news.into_iter().all(|news| inbox.send(Happening::Told(ticket, news)).is_ok())
        }));
        self.hush(ticket);
        self.running.insert(ticket, [asking.abort_handle(), telling.abort_handle()]);
    }

    /// Stops asking.
    pub fn hush(&mut self, ticket: Ticket) {
        for task in self.running.remove(&ticket).into_iter().flatten() {
            task.abort();
        }
    }
}

async fn run(ground: Arc<Ground>, topic: Topic, send: mpsc::Sender<News>) {
    match topic {
        Topic::Logs(topic) => logs::run(ground, topic, send).await,
        Topic::Figures(installation, until) => figures::run(ground, installation, until, send).await,
    }
}

impl Drop for Inquiry {
    fn drop(&mut self) {
        for task in self.running.values().flatten() {
            task.abort();
        }
    }
}
