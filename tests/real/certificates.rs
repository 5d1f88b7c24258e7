//! A private certificate authority, made by the openssl program.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::program;
use super::server::{put, run};

/// A private CA in a folder, and what it signed.
pub struct Pki {
    folder: PathBuf,
}

/// When a certificate ends.
#[derive(Clone, Copy)]
pub enum Ends {
    InDays(u32),
    /// In February 2020.
    LongAgo,
}

const CONFIG: &str = "[ca]
default_ca = ours
[ours]
dir = .
database = $dir/index.txt
new_certs_dir = $dir
serial = $dir/serial
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
[here]
subjectAltName = IP:127.0.0.1,DNS:localhost
extendedKeyUsage = serverAuth
[elsewhere]
subjectAltName = DNS:elsewhere.example.test
extendedKeyUsage = serverAuth
[client]
extendedKeyUsage = clientAuth
";

impl Pki {
    /// Makes a CA in this folder; nothing where the test is to be left out.
    pub fn new(folder: &Path) -> Option<Pki> {
        program("openssl")?;
        put(folder, "ca.conf", CONFIG);
        put(folder, "index.txt", "");
        put(folder, "serial", "01\n");
        let pki = Pki { folder: folder.to_owned() };
        pki.key("ca");
        pki.openssl(
            "req -x509 -new -key ca.key -out ca.pem -days 3650 -subj /CN=quarterdeck-tests \
             -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign",
        );
        Some(pki)
    }

    /// The CA that was made in this folder before.
    pub fn at(folder: &Path) -> Pki {
        Pki { folder: folder.to_owned() }
    }

    /// A server's certificate for 127.0.0.1 and localhost: `NAME.pem` and `NAME.key`.
    pub fn server(&self, name: &str, ends: Ends) {
        self.issue(name, "here", "localhost", ends);
    }

    /// A server's certificate for another name.
    pub fn misnamed(&self, name: &str) {
        self.issue(name, "elsewhere", "elsewhere.example.test", Ends::InDays(365));
    }

    /// A client's certificate with this common name.
    pub fn client(&self, name: &str) {
        self.issue(name, "client", name, Ends::InDays(365));
        // Some readers want the certificate and its key in one file.
        let both = [self.read(&format!("{name}.pem")), self.read(&format!("{name}.key"))].concat();
        put(&self.folder, &format!("{name}.both.pem"), &both);
    }

    /// A certificate nobody signed but itself.
    pub fn stranger(&self, name: &str) {
        self.key(name);
        self.openssl(&format!("req -new -key {name}.key -out {name}.csr -subj /CN=stranger"));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -signkey {name}.key -days 365 -extfile ca.conf -extensions here -out {name}.pem"
        ));
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).unwrap()
    }

    fn issue(&self, name: &str, section: &str, common_name: &str, ends: Ends) {
        self.key(name);
        self.openssl(&format!("req -new -key {name}.key -out {name}.csr -subj /CN={common_name}"));
        let time = match ends {
            Ends::InDays(days) => format!("-days {days}"),
            Ends::LongAgo => "-startdate 20200101000000Z -enddate 20200201000000Z".to_owned(),
        };
        self.openssl(&format!(
            "ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key -in {name}.csr -extensions {section} {time} -out {name}.pem"
        ));
    }

    fn key(&self, name: &str) {
        self.openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"));
    }

    fn openssl(&self, arguments: &str) {
        run(Command::new("openssl").args(arguments.split_whitespace()).current_dir(&self.folder));
    }
}
