//! The way to a cluster: the section's own keys, or a kubeconfig beside the fleet file.

use crate::domain::fault::Fault;
use crate::fleetfile::endpoint::{Address, Auth, Endpoint, Trust};
use crate::fleetfile::section::Section;
use crate::net::kubeconfig;
use crate::text::clean::Clean;

/// How a cluster is reached.
pub(super) enum Way {
    /// By the section's usual keys.
    Usual,
    /// By a kubeconfig.
    Found(Box<Endpoint>),
    /// By a kubeconfig that is not here: it is shown as failing, and the rest of the fleet stands.
    Lost(Box<Endpoint>, Fault),
    /// Not at all; the section says why.
    Wrong,
}

/// Reads `kubeconfig` and `context`, and what they lead to.
pub(super) fn endpoint(section: &mut Section<'_>) -> Way {
    let path = section.path(("kubeconfig", "a kubeconfig, in place of `url`"));
    let context = section.optional(("context", "which context of it; its current one unless said"));
    let Some(path) = path else {
        if context.is_some() && !section.has("kubeconfig") {
            section.refuse("context", "`context` is of no use without `kubeconfig`");
        }
        return if section.has("kubeconfig") { Way::Wrong } else { Way::Usual };
    };
    if section.has("url") {
        section.refuse("url", "`url` and `kubeconfig` both say where it is: keep one");
        return Way::Wrong;
    }
    let shown = Clean::line(&path.display().to_string());
    let config = match kubeconfig::load(&path) {
        Ok(config) => config,
        Err(why) if path.exists() => {
            section.refuse("kubeconfig", format!("the kubeconfig `{shown}` {why}"));
            return Way::Wrong;
        }
        // Where a fleet file is checked is not always where it is used.
        Err(why) => {
            let what = format!("no kubeconfig can be read from `{shown}`: {why}");
            section.note(section.warning(section.spot("kubeconfig"), what));
            let fault = Fault::Secret { why: Clean::line(&format!("the kubeconfig `{shown}`: {why}")) };
            return Way::Lost(Box::new(section.endpoint(Address::File(path))), fault);
        }
    };
    let found = match kubeconfig::follow(&config, &path, context.as_ref().map(Clean::as_str)) {
        Ok(found) => found,
        Err(why) => {
            let key = if context.is_some() { "context" } else { "kubeconfig" };
            section.refuse(key, format!("the kubeconfig `{shown}`: {why}"));
            return Way::Wrong;
        }
    };
    let usual = section.endpoint(Address::Url(found.server));
    let mut headers = usual.headers;
    headers.extend(found.headers);
    Way::Found(Box::new(Endpoint {
        // What the fleet file says itself counts more than what the kubeconfig says.
        trust: if usual.trust == Trust::default() { found.trust } else { usual.trust },
        proxy: if section.has("proxy") { usual.proxy } else { found.proxy.or(usual.proxy) },
        auth: if usual.auth == Auth::None { found.auth } else { usual.auth },
        headers,
        ..usual
    }))
}
