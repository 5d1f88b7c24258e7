//! Key figures of one installation over the last hour, asked again while somebody looks at its page.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::domain::clock::Moment;
use crate::domain::fault::Fault;
use crate::domain::id::InstallationId;
use crate::net::door::Door;
use crate::runtime::ground::{Ground, Site};
use crate::sources::prometheus::range::{Line, Stretch, range};
use crate::views::asked::{Figure, News};

/// One key figure: what it is called, in what it is counted, and queries that may tell it, the most fitting first.
struct Usual {
    name: &'static str,
    unit: &'static str,
    queries: &'static [&'static str],
}

/// What is asked where the fleet file names no figures of its own.
const USUAL: [Usual; 6] = [
    Usual {
        name: "requests",
        unit: "/s",
        queries: &[
            "sum(rate(traefik_service_requests_total[5m]))",
            "sum(rate(nginx_ingress_controller_requests[5m]))",
            "sum(rate(http_requests_total[5m]))",
        ],
    },
    Usual {
        name: "errors 5xx",
        unit: "/s",
        queries: &[
            "sum(rate(traefik_service_requests_total{code=~\"5..\"}[5m]))",
            "sum(rate(nginx_ingress_controller_requests{status=~\"5..\"}[5m]))",
            "sum(rate(http_requests_total{code=~\"5..\"}[5m]))",
        ],
    },
    Usual {
        name: "cpu",
        unit: "cores",
        queries: &[
            "sum(rate(container_cpu_usage_seconds_total{container!=\"\"}[5m]))",
            "sum(rate(node_cpu_seconds_total{mode!=\"idle\"}[5m]))",
        ],
    },
    Usual { name: "memory", unit: "B", queries: &["sum(container_memory_working_set_bytes{container!=\"\"})"] },
    Usual { name: "load", unit: "", queries: &["max(node_load5)"] },
    Usual {
        name: "alerts",
        unit: "",
        queries: &["count(ALERTS{alertstate=\"firing\",severity=~\"critical|warning\"}) or vector(0)"],
    },
];

/// How many values are asked for, and from one to the next.
const STEPS: usize = 30;
const STEP: Duration = Duration::from_secs(120);

/// How often they are asked again.
const AGAIN: Duration = Duration::from_secs(60);

/// Asks until nobody listens; once, where a moment of the past is meant.
pub async fn run(ground: Arc<Ground>, installation: InstallationId, until: Option<Moment>, news: mpsc::Sender<News>) {
    loop {
        let mut all = Vec::new();
        for site in ground.sites.iter().filter(|site| &*site.id.kind == "prometheus") {
            if site.place().is_some_and(|(id, _)| *id == installation) {
                all.extend(of(&ground, site, until.unwrap_or_else(|| ground.clock.now())).await);
            }
        }
        if news.send(News::Figures(all)).await.is_err() || until.is_some() {
            return;
        }
        sleep(AGAIN).await;
    }
}

async fn of(ground: &Ground, site: &Site, until: Moment) -> Vec<Figure> {
    let door = ground.door(site);
    let over = Stretch { until, step: STEP, steps: STEPS };
    let environment = site.place().and_then(|(_, environment)| environment.cloned());
    let figure = |name: &str, unit: &str, told: Result<Option<Line>, Fault>| Figure {
        environment: environment.clone(),
        name: name.to_owned(),
        unit: unit.to_owned(),
        until: Some(over.until),
        fault: told.as_ref().err().map(ToString::to_string),
        values: told.ok().flatten().map(|line| line.values).unwrap_or_default(),
    };
    let mut all = Vec::new();
    if !site.figures.is_empty() {
        for (name, query) in &site.figures {
            all.push(figure(name.as_str(), "", first(&door, &[query.as_str()], over).await));
        }
        return all;
    }
    for one in &USUAL {
        let told = first(&door, one.queries, over).await;
        let broken = told.is_err();
        // What is not measured here is not shown; what can't be told is, once.
        if broken || matches!(&told, Ok(Some(_))) {
            all.push(figure(one.name, one.unit, told));
        }
        if broken {
            break;
        }
    }
    all
}

/// The first of several queries that tells anything.
async fn first(door: &dyn Door, queries: &[&str], over: Stretch) -> Result<Option<Line>, Fault> {
    for query in queries {
        let lines = range(door, query, over).await?;
        if let Some(line) = lines.into_iter().find(|line| line.values.iter().any(Option::is_some)) {
            return Ok(Some(line));
        }
    }
    Ok(None)
}
