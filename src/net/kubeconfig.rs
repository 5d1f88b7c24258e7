//! A kubeconfig: from the name of a context to a server, whom to trust, and how it is convinced.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::yaml;
use crate::diagnostic::{did_you_mean, one_of};
use crate::fleetfile::endpoint::{Auth, ExecPlugin, HeaderValue, Identity, Material, Trust};
use crate::fleetfile::secret::Secret;
use crate::text::clean::Clean;

/// The largest kubeconfig that is read.
const LARGEST: u64 = 4_000_000;

/// What a context leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The server's address.
    pub server: Clean,
    /// Whom to trust, and our own certificate.
    pub trust: Trust,
    /// The proxy on the way.
    pub proxy: Option<Clean>,
    /// How it is convinced.
    pub auth: Auth,
    /// Whom we speak as, where it is somebody else.
    pub headers: Vec<(Clean, HeaderValue)>,
    /// The namespace the context names.
    pub namespace: Option<Clean>,
}

/// Reads a kubeconfig's text, YAML or JSON.
///
/// # Errors
/// What is wrong with the file as a whole.
pub fn load(path: &Path) -> Result<Value, String> {
    let about = std::fs::metadata(path).map_err(|error| words(&error))?;
    if about.len() > LARGEST {
        return Err("is far too large".to_owned());
    }
    let text = std::fs::read_to_string(path).map_err(|error| words(&error))?;
    yaml::read(&text).map_err(|why| format!("is {why}"))
}

fn words(error: &std::io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Follows a context, or the current one where none is named.
///
/// # Errors
/// What is missing, with the nearest name that is there.
pub fn follow(config: &Value, path: &Path, context: Option<&str>) -> Result<Found, String> {
    let current = || text(config, "current-context");
    let name = context.or_else(current).ok_or_else(|| {
        let names = names(config, "contexts");
        format!("names no current context: say `context`, which is {}", one_of(names.iter().map(String::as_str)))
    })?;
    let context = entry(config, "contexts", "context", name)?;
    let cluster_name = text(context, "cluster").ok_or_else(|| format!("the context `{name}` names no cluster"))?;
    let cluster = entry(config, "clusters", "cluster", cluster_name)?;
    let file = File { path, folder: path.parent().unwrap_or(Path::new("")) };
    let server = text(cluster, "server").ok_or_else(|| format!("the cluster `{cluster_name}` names no server"))?;
    check_address(server, &["https://", "http://"], "server")?;
    let proxy = text(cluster, "proxy-url");
    if let Some(proxy) = proxy {
        check_address(proxy, &["http://", "https://", "socks5://", "socks5h://"], "proxy-url")?;
    }
    let nobody = Value::Null;
    let (user_name, user) = match text(context, "user") {
        Some(name) => (name, entry(config, "users", "user", name)?),
        None => ("", &nobody),
    };
    Ok(Found {
        server: Clean::line(server),
        trust: Trust {
            ca: material(cluster, "certificate-authority", &file)?,
            identity: identity(user, user_name, &file)?,
            insecure: cluster.get("insecure-skip-tls-verify") == Some(&Value::Bool(true)),
            server_name: text(cluster, "tls-server-name").map(Clean::line),
        },
        proxy: proxy.map(Clean::line),
        auth: auth(user, user_name, &file)?,
        headers: impersonated(user),
        namespace: text(context, "namespace").map(Clean::line),
    })
}

/// The file paths start from, and credentials are referred to in.
struct File<'a> {
    path: &'a Path,
    folder: &'a Path,
}

fn check_address(address: &str, schemes: &[&str], key: &str) -> Result<(), String> {
    let has_credentials =
        url::Url::parse(address).is_ok_and(|url| !url.username().is_empty() || url.password().is_some());
    if has_credentials {
        return Err(format!("`{key}` holds a credential"));
    }
    if schemes.iter().any(|scheme| address.starts_with(scheme)) && url::Url::parse(address).is_ok() {
        return Ok(());
    }
    Err(format!("`{key}` is no address: `{}`", Clean::line_within(address, 60)))
}

/// A text that is there and not empty.
fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn names(config: &Value, list: &str) -> Vec<String> {
    let items = config.get(list).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| text(item, "name")).map(str::to_owned).collect()
}

/// The entry of a name in one of the lists.
fn entry<'v>(config: &'v Value, list: &str, key: &str, name: &str) -> Result<&'v Value, String> {
    let items = config.get(list).and_then(Value::as_array).into_iter().flatten();
    let found = items.filter(|item| text(item, "name") == Some(name)).find_map(|item| item.get(key));
    found.ok_or_else(|| {
        let names = names(config, list);
        let known = names.iter().map(String::as_str);
        let shown = Clean::line(name);
        match did_you_mean(name, known.clone()) {
            Some(question) => format!("has no {key} `{shown}`: {question}"),
            None if names.is_empty() => format!("has no {key} `{shown}`, and no other"),
            None => format!("has no {key} `{shown}`: it has {}", one_of(known)),
        }
    })
}

/// PEM given whole in base64, or else in a file.
fn material(value: &Value, key: &str, file: &File<'_>) -> Result<Option<Material>, String> {
    let data = format!("{key}-data");
    match (text(value, &data), text(value, key)) {
        (Some(whole), _) => {
            decoded(whole).map(|pem| Some(Material::Pem(pem))).ok_or(format!("`{data}` is no base64 of PEM"))
        }
        (None, Some(path)) => Ok(Some(Material::File(file.folder.join(path)))),
        (None, None) => Ok(None),
    }
}

fn decoded(base64: &str) -> Option<String> {
    let joined: String = base64.split_whitespace().collect();
    String::from_utf8(STANDARD.decode(joined).ok()?).ok()
}

fn identity(user: &Value, name: &str, file: &File<'_>) -> Result<Option<Identity>, String> {
    let Some(certificate) = material(user, "client-certificate", file)? else { return Ok(None) };
    let key = match (text(user, "client-key-data"), text(user, "client-key")) {
        (Some(_), _) => file.within(name, "client-key-data"),
        (None, Some(path)) => Secret::File(file.folder.join(path)),
        (None, None) => return Err(format!("the user `{name}` has a certificate without a key")),
    };
    Ok(Some(Identity { certificate, key }))
}

fn auth(user: &Value, name: &str, file: &File<'_>) -> Result<Auth, String> {
    if let Some(exec) = user.get("exec").filter(|exec| exec.is_object()) {
        return plugin(exec, name, file).map(Auth::Exec);
    }
    if let Some(path) = text(user, "tokenFile") {
        return Ok(Auth::Bearer(Secret::File(file.folder.join(path))));
    }
    if text(user, "token").is_some() {
        return Ok(Auth::Bearer(file.within(name, "token")));
    }
    if let (Some(username), Some(_)) = (text(user, "username"), text(user, "password")) {
        return Ok(Auth::Basic(Clean::line(username), file.within(name, "password")));
    }
    if user.get("auth-provider").is_some_and(Value::is_object) {
        return Err(format!(
            "the user `{name}` has an `auth-provider`, which kubectl itself gave up: use an exec plugin"
        ));
    }
    Ok(Auth::None)
}

fn plugin(exec: &Value, name: &str, file: &File<'_>) -> Result<ExecPlugin, String> {
    let command = text(exec, "command").ok_or_else(|| format!("the exec plugin of `{name}` names no command"))?;
    if text(exec, "interactiveMode") == Some("Always") {
        return Err(format!("the exec plugin of `{name}` wants a person at the keyboard (`interactiveMode: Always`)"));
    }
    // As kubectl has it: a bare name is looked for in PATH, a path starts from the kubeconfig.
    let command =
        if command.contains('/') { file.folder.join(command).display().to_string() } else { command.to_owned() };
    let args = exec.get("args").and_then(Value::as_array).into_iter().flatten();
    let env = exec.get("env").and_then(Value::as_array).into_iter().flatten();
    Ok(ExecPlugin {
        command: std::iter::once(command).chain(args.filter_map(Value::as_str).map(str::to_owned)).collect(),
        env: env
            .filter_map(|pair| Some((text(pair, "name")?.to_owned(), pair.get("value")?.as_str()?.to_owned())))
            .collect(),
        api_version: Clean::line(text(exec, "apiVersion").unwrap_or("client.authentication.k8s.io/v1")),
        install_hint: text(exec, "installHint").map(|hint| Clean::line(hint.lines().next().unwrap_or_default())),
    })
}

fn impersonated(user: &Value) -> Vec<(Clean, HeaderValue)> {
    let header = |name: &str, value: &str| (Clean::line(name), HeaderValue::Plain(Clean::line(value)));
    let mut headers: Vec<_> = text(user, "as").map(|who| header("Impersonate-User", who)).into_iter().collect();
    let groups = user.get("as-groups").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    headers.extend(groups.map(|group| header("Impersonate-Group", group)));
    headers
}

impl File<'_> {
    /// A credential that stands within the kubeconfig.
    fn within(&self, user: &str, key: &'static str) -> Secret {
        Secret::Kubeconfig { file: self.path.to_owned(), user: Clean::line(user), key }
    }
}

/// Fetches a credential that stands within a kubeconfig, as it is now. Blocks for as long as a small file takes.
///
/// # Errors
/// Why it can't be had; never with any of it.
pub fn credential(file: &Path, user: &Clean, key: &'static str) -> Result<String, String> {
    let config = load(file)?;
    let user = entry(&config, "users", "user", user.as_str())?;
    let value = text(user, key).ok_or_else(|| format!("has no `{key}` any more"))?;
    if key.ends_with("-data") {
        return decoded(value).ok_or_else(|| format!("`{key}` is no base64 of PEM"));
    }
    Ok(value.to_owned())
}

/// The kubeconfigs contexts of which may be meant: for a first fleet file.
///
/// # Errors
/// What is wrong with the file.
pub fn contexts(path: &Path) -> Result<Vec<String>, String> {
    load(path).map(|config| names(&config, "contexts"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"
apiVersion: v1
kind: Config
current-context: acme-prod
contexts:
- {name: acme-prod, context: {cluster: prod, user: robot, namespace: meshstack}}
- {name: acme-staging, context: {cluster: staging, user: plugin}}
- {name: pod, context: {cluster: staging, user: pod}}
- {name: cert, context: {cluster: staging, user: cert}}
- {name: old, context: {cluster: staging, user: old}}
- {name: lost, context: {cluster: prd, user: robot}}
- {name: asks, context: {cluster: staging, user: asks}}
clusters:
- name: prod
  cluster:
    server: https://k8s.acme.example.test:6443
    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==
    tls-server-name: kubernetes
    proxy-url: socks5://127.0.0.1:1080
- name: staging
  cluster: {server: "https://10.0.0.1", certificate-authority: ca.pem, insecure-skip-tls-verify: true}
users:
- {name: robot, user: {token: planted-secret, as: ops, as-groups: [readers, watchers]}}
- {name: pod, user: {token: planted-secret, tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token}}
- {name: cert, user: {client-certificate-data: LS0tLS1CRUdJTg==, client-key-data: cGxhbnRlZC1zZWNyZXQ=}}
- {name: old, user: {auth-provider: {name: gcp}}}
- {name: asks, user: {exec: {command: x, interactiveMode: Always}}}
- name: plugin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: bin/login
      args: [--cluster, staging]
      env: [{name: AWS_PROFILE, value: acme}]
      installHint: |
        install it
        from somewhere
"#;

    fn found(context: Option<&str>) -> Result<Found, String> {
        follow(&yaml::read(CONFIG).unwrap(), Path::new("/k/acme.yaml"), context)
    }

    #[test]
    fn a_context_leads_to_server_trust_and_credential() {
        let current = found(None).unwrap();
        assert_eq!(current.server.as_str(), "https://k8s.acme.example.test:6443");
        assert_eq!(current.trust.ca, Some(Material::Pem("-----BEGIN CERTIFICATE-----\n".to_owned())));
        assert_eq!(current.trust.server_name, Some(Clean::line("kubernetes")));
        assert_eq!(current.proxy, Some(Clean::line("socks5://127.0.0.1:1080")));
        assert_eq!(current.namespace, Some(Clean::line("meshstack")));
        let key = |key| Secret::Kubeconfig { file: "/k/acme.yaml".into(), user: Clean::line("robot"), key };
        assert_eq!(current.auth, Auth::Bearer(key("token")));
        assert_eq!(current.headers.len(), 3);
        assert!(!format!("{current:?}").contains("planted"), "no credential leaves the file");

        let staging = found(Some("acme-staging")).unwrap();
        assert_eq!(staging.trust.ca, Some(Material::File("/k/ca.pem".into())));
        assert!(staging.trust.insecure);
        let Auth::Exec(plugin) = staging.auth else { panic!("{:?}", staging.auth) };
        assert_eq!(plugin.command, ["/k/bin/login", "--cluster", "staging"]);
        assert_eq!(plugin.env, [("AWS_PROFILE".to_owned(), "acme".to_owned())]);
        assert_eq!(plugin.install_hint, Some(Clean::line("install it")));

        // The file is read again for every question; the text beside it is from the day it was mounted.
        let mounted = Secret::File("/var/run/secrets/kubernetes.io/serviceaccount/token".into());
        assert_eq!(found(Some("pod")).unwrap().auth, Auth::Bearer(mounted));
        let identity = found(Some("cert")).unwrap().trust.identity.unwrap();
        assert_eq!(identity.certificate, Material::Pem("-----BEGIN".to_owned()));
        assert!(matches!(identity.key, Secret::Kubeconfig { key: "client-key-data", .. }));
    }

    #[test]
    fn what_leads_nowhere_is_named() {
        for (context, why) in [
            ("acme-prd", "has no context `acme-prd`: did you mean `acme-prod`?"),
            ("lost", "has no cluster `prd`: did you mean `prod`?"),
            ("old", "the user `old` has an `auth-provider`, which kubectl itself gave up: use an exec plugin"),
            ("asks", "the exec plugin of `asks` wants a person at the keyboard (`interactiveMode: Always`)"),
        ] {
            assert_eq!(found(Some(context)).unwrap_err(), why);
        }
        for (config, why) in [
            ("contexts: [{name: a, context: {cluster: c}}]\ncurrent-context: a", "has no cluster `c`, and no other"),
            ("current-context: ''", "names no current context"),
            ("[]", "names no current context"),
            (
                "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://u:planted@h'}}]",
                "`server` holds a credential",
            ),
            (
                "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'ftp://h'}}]",
                "`server` is no address: `ftp://h`",
            ),
        ] {
            let error = follow(&yaml::read(config).unwrap(), Path::new("k"), None).unwrap_err();
            assert!(error.starts_with(why), "{error}");
        }
    }

    #[test]
    fn a_credential_within_is_fetched_by_its_name_and_shown_by_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        std::fs::write(&path, CONFIG).unwrap();
        assert_eq!(credential(&path, &Clean::line("robot"), "token").unwrap(), "planted-secret");
        assert_eq!(credential(&path, &Clean::line("cert"), "client-key-data").unwrap(), "planted-secret");
        assert!(credential(&path, &Clean::line("plugin"), "token").unwrap_err().contains("any more"));
        assert_eq!(load(Path::new("/nowhere/config")).unwrap_err(), "no such file or directory");
        assert!(contexts(&path).unwrap().contains(&"cert".to_owned()));
    }
}
