//! Our phone at other people's push servers: privacyIDEA and eduMFA from PyPI, started on this machine.

mod server;

use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use anyhow::ensure;

use crate::count::{Count, Tally};
use crate::house::House;
use crate::run;

use server::Running;

/// What starts the servers, and the packages that each needs, with the hashes of their files.
const SERVERS: &str = "tests/interop/servers";

/// How lines of uv begin that say what is there already, and all that it put there.
const NO_NEWS: [&str; 4] = ["Using Python", "Resolved ", "Checked ", " + "];

/// A server: what `serve.py` calls it, and the variable that tells the cases where it is.
struct Server {
    name: &'static str,
    variable: &'static str,
}

const ALL: [Server; 2] = [
    Server { name: "privacyidea", variable: "KLINK_PRIVACYIDEA" },
    Server { name: "edumfa", variable: "KLINK_EDUMFA" },
];

/// Installs both servers, starts them, runs the cases of those that answer, and stops them.
pub(crate) fn all(house: &House, label: &str) -> Tally {
    let mut tally = Tally::default();
    if let Err(why) = fetch(house) {
        let why = format!("privacyIDEA and eduMFA could not be installed: {why:#}");
        if house.shows {
            println!("not run: {why}");
        }
        tally.not_run.push(why);
        return tally;
    }
    let mut cases = house.command("cargo");
    // The whole workspace, as in the suite `rust`: a part of it would build its dependencies anew.
    cases.args(["test", "--locked", "--quiet", "--workspace", "--test", "interop"]);
    let mut running = Vec::new();
    // Loading a server is most of its start, and there is more than one processor.
    let started = thread::scope(|scope| {
        ALL.map(|server| (server.variable, scope.spawn(move || server.start(house))))
            .map(|(variable, thread)| (variable, thread.join().expect("starting does not panic")))
    });
    for (variable, server) in started {
        match server {
            Ok(server) => {
                cases.env(variable, server.description());
                running.push(server);
            }
            Err(why) => {
                println!("{label}: {why:#}");
                tally.fail(format!("{label}: {why:#}"));
            }
        }
    }
    if !running.is_empty() {
        tally.add(run::counted(cases, Count::Lines("case "), label));
    }
    tally
}

/// Installs what is missing, below the target folder. Nothing leaves this machine when all is there.
///
/// # Errors
/// The packages cannot be had, or one of them is another than its hash says.
pub(crate) fn fetch(house: &House) -> anyhow::Result<()> {
    let began = Instant::now();
    let folder = folder(house);
    let installer = folder.join("installer");
    let uv = installer.join("bin/uv");
    let lists = house.root.join(SERVERS);
    if !uv.exists() {
        // It fetches side by side what pip fetches one after the other: seconds where pip takes minutes.
        let mut make = house.command("python3");
        make.args(["-m", "venv"]).arg(&installer);
        ensure!(run::stream(make, |_| house.shows)?, "python3 -m venv failed");
        let mut pip = house.command(installer.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-compile", "--require-hashes"]);
        pip.args(["--only-binary", ":all:", "--requirement"]).arg(lists.join("uv.txt"));
        ensure!(run::stream(pip, |_| house.shows)?, "pip could not install uv");
    }
    let cache = folder.join("cache");
    for server in &ALL {
        let environment = server.environment(house);
        let uv = |words: &[&str]| {
            let mut command = house.command(&uv);
            command.args(words).env("UV_CACHE_DIR", &cache).env("UV_PYTHON_DOWNLOADS", "never");
            // The authorities of this machine, as every other command here has them.
            command.env("UV_SYSTEM_CERTS", "true");
            command
        };
        let mut make = uv(&["venv", "--quiet", "--allow-existing", "--python", "python3"]);
        make.arg(&environment);
        ensure!(run::stream(make, |_| house.shows)?, "uv venv failed");
        let mut sync = uv(&["pip", "sync", "--no-build", "--require-hashes", "--python"]);
        sync.arg(&environment).arg(lists.join(format!("{}.txt", server.name)));
        let is_news = |line: &str| !NO_NEWS.iter().any(|word| line.starts_with(word));
        ensure!(run::stream(sync, |line| house.shows && is_news(line))?, "uv pip sync failed");
    }
    // What was installed is linked to it and stays; a wheel is needed once.
    if cache.exists() {
        std::fs::remove_dir_all(&cache)?;
    }
    if house.shows {
        println!("installed in {:.1} s", began.elapsed().as_secs_f64());
    }
    Ok(())
}

impl Server {
    fn start(&self, house: &House) -> anyhow::Result<Running> {
        let mut serve = house.command(self.environment(house).join("bin/python"));
        serve.arg(house.root.join(SERVERS).join("serve.py")).arg(self.name);
        Running::start(serve, folder(house).join(format!("{}-run", self.name)))
    }

    fn environment(&self, house: &House) -> PathBuf {
        folder(house).join(self.name)
    }
}

fn folder(house: &House) -> PathBuf {
    house.target.join("interop")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_that_cannot_be_had_are_not_run_and_the_reason_is_told() {
        let nowhere = tempfile::tempdir().expect("a folder can be made");
        // Said aloud, it would be taken for a case of this very run.
        let tally = all(&House::at(nowhere.path()).quiet(), "interop");
        assert_eq!((tally.passed, tally.failed), (0, 0));
        let [why] = &tally.not_run[..] else { panic!("{:?}", tally.not_run) };
        assert!(why.starts_with("privacyIDEA and eduMFA could not be installed: "), "{why}");
        let outcome = crate::report::Outcome { suite: "interop", tally, seconds: 0.0 };
        assert_eq!((outcome.failed(false), outcome.failed(true)), (0, 1), "in CI it is a failure");
    }
}
