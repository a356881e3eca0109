//! Our phone at other people's push servers: privacyIDEA and eduMFA, started on loopback from PyPI.

use std::net::TcpListener;
use std::path::PathBuf;

use anyhow::{Context, ensure};

use crate::count::{Count, Tally};
use crate::house::House;
use crate::run;

/// What starts them, and what they are called.
const SERVERS: &str = "tests/interop/servers";

/// A server: its starter, and the variable that tells the cases where it is.
struct Server {
    name: &'static str,
    starter: &'static str,
    variable: &'static str,
    /// Ports that it listens on, one after the other.
    ports: u16,
    arguments: &'static [&'static str],
}

const ALL: [Server; 2] = [
    Server {
        name: "privacyIDEA",
        starter: "start-privacyidea.sh",
        variable: "KLINK_PRIVACYIDEA",
        ports: 2,
        arguments: &["--tls"],
    },
    Server { name: "eduMFA", starter: "start-edumfa.sh", variable: "KLINK_EDUMFA", ports: 1, arguments: &[] },
];

/// Starts each server on a free port, runs its cases, and stops it.
pub(crate) fn all(house: &House, label: &str) -> Tally {
    let mut tally = Tally::default();
    for server in &ALL {
        tally.add(server.cases(house, label));
    }
    tally
}

impl Server {
    fn cases(&self, house: &House, label: &str) -> Tally {
        let env = match self.start(house) {
            Ok(env) => env,
            Err(why) => {
                let why = format!("{} could not be installed or started: {why:#}", self.name);
                println!("not run: {why}");
                return Tally { not_run: vec![why], ..Tally::default() };
            }
        };
        let mut cases = house.command("cargo");
        // The whole workspace, as in the suite `rust`: a part of it would build its dependencies anew.
        cases.args(["test", "--locked", "--quiet", "--workspace", "--test", "interop"]);
        cases.env(self.variable, env);
        let tally = run::counted(cases, Count::Lines("case "), &format!("{label}: {}", self.name));
        if let Err(why) = self.run(house, "stop", &[]) {
            println!("{} does not stop: {why:#}", self.name);
        }
        tally
    }

    /// Installs what is missing, below the target folder, and returns the file that describes the server.
    fn start(&self, house: &House) -> anyhow::Result<PathBuf> {
        let port = free(self.ports)?.to_string();
        self.run(house, "start", &[&["-p", &port], self.arguments].concat())?;
        Ok(self.folder(house).join("env.json"))
    }

    fn run(&self, house: &House, what: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let mut starter = house.command(house.root.join(SERVERS).join(self.starter));
        starter.arg(what).arg("-d").arg(self.folder(house)).args(arguments);
        ensure!(run::stream(starter, |line| line.starts_with('['))?, "{} {what} failed", self.starter);
        Ok(())
    }

    fn folder(&self, house: &House) -> PathBuf {
        house.target.join("interop").join(self.name)
    }
}

/// Finds so many free ports in a row.
fn free(ports: u16) -> anyhow::Result<u16> {
    for _ in 0..100 {
        let first = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let all = (0..ports).map(|n| TcpListener::bind(("127.0.0.1", first.saturating_add(n))).ok());
        if all.collect::<Option<Vec<_>>>().is_some() {
            return Ok(first);
        }
    }
    None.context("no free ports")
}
