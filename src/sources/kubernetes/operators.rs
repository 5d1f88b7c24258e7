//! What operators and copying jobs tell, where they are installed.

use super::copies::{self, WireCronJob, WirePercona, WireRestore, WireSnapshot};
use super::delivery::{WireApplication, WireHelmRelease};
use super::groups::Groups;
use super::mongo::WireMongo;
use super::resources::{WireCertificate, WireKafka, WireLogging, WireReport, findings};
use super::velero::{self, WireBackup, WireSchedule, WireStore};
use super::{Kubernetes, everywhere};
use crate::domain::assurance::BackupKind;
use crate::domain::fact::Heard;
use crate::domain::fault::Fault;
use crate::net::door::{Ask, Door};
use crate::sources::reading::part;
use crate::text::clean::Clean;

impl Kubernetes {
    /// What operators tell, where they are installed.
    pub(super) async fn operators(&self, door: &dyn Door, heard: &mut Heard) -> Result<(), Fault> {
        let groups = door.ask(Ask::get("apis")).await.and_then(|reply| Groups::read(&reply.body));
        let groups = part(groups, "api groups", heard)?;
        if let Some(base) = groups.path("cert-manager.io") {
            let certificates: Vec<WireCertificate> = self.at_home(door, &base, "certificates", heard).await?;
            heard.facts.extend(certificates.into_iter().map(WireCertificate::into_fact));
        }
        if let Some(base) = groups.path("kafka.strimzi.io") {
            let kafkas: Vec<WireKafka> = self.at_home(door, &base, "kafkas", heard).await?;
            heard.facts.extend(kafkas.iter().flat_map(WireKafka::facts));
        }
        if let Some(base) = groups.path("aquasecurity.github.io") {
            let reports: Vec<WireReport> = self.at_home(door, &base, "vulnerabilityreports", heard).await?;
            heard.facts.extend(findings(reports));
        }
        if let Some(base) = groups.path("logging.banzaicloud.io") {
            let loggings: Vec<WireLogging> = everywhere(door, &base, "loggings", heard).await?;
            heard.facts.extend(loggings.into_iter().map(|logging| logging.into_fact("logging")));
            let configs: Vec<WireLogging> = everywhere(door, &base, "fluentdconfigs", heard).await?;
            heard.facts.extend(configs.into_iter().map(|config| config.into_fact("fluentd")));
        }
        if let Some(base) = groups.path("velero.io") {
            let schedules: Vec<WireSchedule> = everywhere(door, &base, "schedules", heard).await?;
            let backups: Vec<WireBackup> = everywhere(door, &base, "backups", heard).await?;
            let stores: Vec<WireStore> = everywhere(door, &base, "backupstoragelocations", heard).await?;
            let restores: Vec<WireRestore> = everywhere(door, &base, "restores", heard).await?;
            let only = self.only.as_ref().map(Clean::as_str);
            heard.facts.extend(velero::facts(&schedules, &backups, &stores, only));
            heard.facts.extend(copies::restores(&restores));
        }
        self.copies(door, &groups, heard).await?;
        if let Some(base) = groups.path("helm.toolkit.fluxcd.io") {
            let releases: Vec<WireHelmRelease> = everywhere(door, &base, "helmreleases", heard).await?;
            heard.facts.extend(releases.iter().flat_map(|release| release.facts(&self.naming())));
        }
        if let Some(base) = groups.path("argoproj.io") {
            let applications: Vec<WireApplication> = everywhere(door, &base, "applications", heard).await?;
            heard.facts.extend(applications.iter().flat_map(|application| application.facts(&self.naming())));
        }
        Ok(())
    }

    /// Dumps, snapshots, and databases with their copies.
    async fn copies(&self, door: &dyn Door, groups: &Groups, heard: &mut Heard) -> Result<(), Fault> {
        if let Some(base) = groups.path("batch") {
            let jobs: Vec<WireCronJob> = self.at_home(door, &base, "cronjobs", heard).await?;
            heard.facts.extend(jobs.iter().filter_map(|job| job.fact(&self.copying)));
        }
        if let Some(base) = groups.path("snapshot.storage.k8s.io") {
            let snapshots: Vec<WireSnapshot> = self.at_home(door, &base, "volumesnapshots", heard).await?;
            heard.facts.extend(copies::snapshots(&snapshots));
        }
        if let Some(base) = groups.path("psmdb.percona.com") {
            let databases: Vec<WireMongo> = self.at_home(door, &base, "perconaservermongodbs", heard).await?;
            heard.facts.extend(databases.iter().flat_map(WireMongo::facts));
            for (plural, kind) in [
                ("perconaservermongodbbackups", BackupKind::Backup),
                ("perconaservermongodbrestores", BackupKind::RestoreTest),
            ] {
                let copied: Vec<WirePercona> = self.at_home(door, &base, plural, heard).await?;
                heard.facts.extend(copies::percona(kind, &copied));
            }
        }
        if let Some(base) = groups.path("mongodbcommunity.mongodb.com") {
            let databases: Vec<WireMongo> = self.at_home(door, &base, "mongodbcommunity", heard).await?;
            heard.facts.extend(databases.iter().flat_map(WireMongo::facts));
        }
        Ok(())
    }
}
