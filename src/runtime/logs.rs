//! Log lines on demand: of every place that consents, merged by whoever listens, followed until nobody looks.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::domain::consent::Refusal;
use crate::domain::id::InstallationId;
use crate::runtime::errand::{Errand, Place, leave};
use crate::runtime::ground::Ground;
use crate::runtime::logs_at;
use crate::views::asked::{Find, How, LogTopic, News, Span, Told, Whose};

/// Places asked at the same time.
const AT_ONCE: usize = 16;

/// Tails open at the same time for one screen; where there are more places, all are asked again and again instead.
pub const MOST_TAILS: usize = 24;

/// However many places share the limit, each may bring so many lines.
const FEWEST: usize = 20;

/// Asks and follows until nobody listens, or everything asked for was read.
pub async fn run(ground: Arc<Ground>, topic: LogTopic, news: mpsc::Sender<News>) {
    let (from, until) = match topic.span {
        Span::Back(back) => {
            let now = ground.clock.now();
            (now - chrono::TimeDelta::from_std(back).unwrap_or_default(), now)
        }
        Span::Since(from) => (from, ground.clock.now()),
        Span::Between(from, until) => (from, until),
    };
    let mut granted = Vec::new();
    for place in places(&ground, &topic.whose, &news).await {
        match leave(&ground, &topic, &place) {
            Ok(leave) => granted.push((place, leave)),
            Err(refusal) => {
                let wants_reason = refusal == Refusal::NoReason;
                let how = How::Refused { why: refusal.to_string(), wants_reason };
                if news.send(place.told(how)).await.is_err() {
                    return;
                }
            }
        }
    }
    if topic.find == Find::Nobody {
        for (place, _) in granted {
            let _ = news.send(place.told(How::Open)).await;
        }
        return;
    }
    let share = (topic.limit / granted.len().max(1)).max(FEWEST);
    let tails = granted.len() <= MOST_TAILS;
    let errand = Arc::new(Errand { ground, topic, from, until, share, tails, turn: Semaphore::new(AT_ONCE) });
    let mut tasks = JoinSet::new();
    for (place, leave) in granted {
        tasks.spawn(logs_at::run(Arc::clone(&errand), place, leave, news.clone()));
    }
    // Dropped with this future, the set ends every task.
    while tasks.join_next().await.is_some() {}
}

/// The places meant. An installation asked for by name that has no Loki is told; one that does not exist too.
async fn places(ground: &Ground, whose: &Whose, news: &mpsc::Sender<News>) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    for site in ground.sites.iter().filter(|site| &*site.id.kind == "loki") {
        let Some((installation, environment)) = site.place() else { continue };
        let meant = match whose {
            Whose::Everybody => true,
            Whose::These(these) => these.contains(installation),
            Whose::Place(one, copy) => one == installation && environment.is_none_or(|name| name == copy),
        };
        // Two environments that share one Loki and one tenant share its lines.
        let known = found.iter().any(|one| one.installation == *installation && one.site.endpoint == site.endpoint);
        if meant && !known {
            let (installation, environment) = (installation.clone(), environment.cloned());
            found.push(Place { installation, environment, site: site.clone() });
        }
    }
    let named: Vec<&InstallationId> = match whose {
        Whose::Everybody => Vec::new(),
        Whose::These(these) => these.iter().collect(),
        Whose::Place(one, _) => vec![one],
    };
    for id in named {
        if found.iter().any(|one| one.installation == *id) {
            continue;
        }
        let how = match ground.fleet.installation(id.as_str()) {
            None => How::Refused { why: Refusal::Hidden(id.clone()).to_string(), wants_reason: false },
            Some(_) => How::Failed {
                why: "nobody is configured who knows its logs".to_owned(),
                hint: "add a source of kind `loki` to the fleet file".to_owned(),
            },
        };
        let told = Told { installation: id.clone(), environment: None, how };
        let _ = news.send(News::Place(told)).await;
    }
    found
}
