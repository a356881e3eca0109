//! All suites as a table: what each needs and what it runs.

mod android;
mod demo;
mod edge;
mod interop;
mod ios;
mod messages;
mod pages;
mod python;
mod swift;

pub(crate) use android::desktop;
pub(crate) use edge::bench as bench_edge;

use crate::count::{Count, Tally};
use crate::house::House;
use crate::install::{Source, Tool};

/// A set of tests that is run and counted together.
#[derive(Debug)]
pub(crate) struct Suite {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What it proves.
    pub(crate) about: &'static str,
    /// Why the whole run leaves it out; it then runs when it is named.
    pub(crate) by_name: Option<&'static str>,
    /// Fetches what its steps need beyond their tools, so that they find it there.
    pub(crate) fetch: Option<fn(&House) -> anyhow::Result<()>>,
    /// What it runs, one after the other.
    pub(crate) steps: &'static [Step],
}

/// What is lost when a tool is missing.
#[derive(Debug)]
pub(crate) enum Missing {
    /// Single cases, which say so themselves.
    SomeCases,
    /// The step.
    Step,
}

/// One command of a suite.
#[derive(Debug)]
pub(crate) struct Step {
    /// What people call it.
    pub(crate) label: &'static str,
    /// What it needs, and what is lost without it.
    pub(crate) needs: &'static [(Tool, Missing)],
    /// What it does.
    pub(crate) action: Action,
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum Action {
    /// Runs cargo with these arguments and variables.
    Cargo { args: &'static [&'static str], env: &'static [(&'static str, &'static str)], count: Count },
    /// Runs a function of ours; the text names the step.
    Own(fn(&House, &str) -> Tally),
}

/// Every suite, in the order in which they run: what fails soonest comes first.
pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "rust",
        about: "format, lints, and every test that cargo knows",
        by_name: None,
        fetch: None,
        steps: &[
            cargo("format", &[(RUSTFMT, Missing::Step)], &["fmt", "--all", "--check"], Count::Whole),
            cargo(
                "lints",
                &[(CLIPPY, Missing::Step)],
                &["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"],
                Count::Whole,
            ),
            cargo(
                "tests",
                &[
                    (OATHTOOL, Missing::SomeCases),
                    (OPENSSL, Missing::SomeCases),
                    (STRACE, Missing::SomeCases),
                    (CRYPTOGRAPHY, Missing::SomeCases),
                ],
                &["test", "--locked", "--workspace", "--no-fail-fast", "--", "--show-output"],
                Count::Libtest,
            ),
        ],
    },
    Suite {
        name: "docs",
        about: "documentation without a warning; licences and duplicates of what is linked",
        by_name: None,
        fetch: None,
        steps: &[
            Step {
                label: "documentation",
                needs: &[],
                action: Action::Cargo {
                    args: &["doc", "--locked", "--workspace", "--no-deps"],
                    env: &[("RUSTDOCFLAGS", "-D warnings")],
                    count: Count::Whole,
                },
            },
            cargo(
                "dependencies",
                &[(CARGO_DENY, Missing::Step)],
                &["deny", "--locked", "check", "bans", "licenses", "sources"],
                Count::Whole,
            ),
        ],
    },
    Suite {
        name: "python",
        about: "independent programs read the golden vault and the golden messages of push",
        by_name: None,
        fetch: Some(python::fetch),
        steps: &[
            Step {
                label: "golden vault",
                needs: &[(PYTHON_VENV, Missing::Step)],
                action: Action::Own(python::golden),
            },
            Step {
                label: "golden messages",
                needs: &[(PYTHON_VENV, Missing::Step)],
                action: Action::Own(messages::golden),
            },
        ],
    },
    Suite {
        name: "bindings",
        about: "what is generated for Swift and Kotlin is what was accepted; a phone's story, told in Python",
        by_name: None,
        fetch: None,
        steps: &[
            Step { label: "signatures", needs: &[], action: Action::Own(edge::signatures) },
            Step { label: "packages for Apple and Android", needs: &[], action: Action::Own(edge::packages) },
            Step {
                label: "story in Python",
                needs: &[(PYTHON_VENV, Missing::Step)],
                action: Action::Own(edge::python),
            },
        ],
    },
    Suite {
        name: "kotlin",
        about: "the same story in Kotlin, samples, and threads that hammer every call while one locks",
        by_name: None,
        fetch: None,
        steps: &[Step {
            label: "story",
            needs: &[(JAVA, Missing::Step), (MAVEN, Missing::Step)],
            action: Action::Own(edge::kotlin),
        }],
    },
    Suite {
        name: "android",
        about: "the Android app: models, screens, a window, and the app itself under Robolectric; a package of it",
        by_name: None,
        fetch: Some(android::fetch),
        steps: &[
            Step {
                label: "Maven build",
                needs: &[
                    (JAVA, Missing::Step),
                    (MAVEN, Missing::Step),
                    (OPENGL, Missing::Step),
                    (AAPT2, Missing::Step),
                    (WINDOWS, Missing::SomeCases),
                    (XVFB, Missing::SomeCases),
                ],
                action: Action::Own(android::verify),
            },
            Step {
                label: "package, installed nowhere",
                needs: &[
                    (JAVA, Missing::Step),
                    (MAVEN, Missing::Step),
                    (AAPT2, Missing::Step),
                    (ZIPALIGN, Missing::Step),
                    (APKSIGNER, Missing::Step),
                ],
                action: Action::Own(android::probe),
            },
        ],
    },
    Suite {
        name: "swift",
        about: "the same story in Swift, and samples",
        by_name: None,
        fetch: Some(edge::fetch_swift),
        steps: &[Step { label: "story", needs: &[], action: Action::Own(edge::swift) }],
    },
    Suite {
        name: "ios",
        about: "the iPhone app: what its project names is there; models, views and the journey in two languages",
        by_name: None,
        fetch: Some(ios::fetch),
        steps: &[
            Step {
                label: "project",
                needs: &[(PYTHON_VENV, Missing::Step)],
                action: Action::Own(ios::project),
            },
            Step { label: "app", needs: &[], action: Action::Own(ios::app) },
        ],
    },
    Suite {
        name: "proofs",
        about: "vaults that are killed, cut, flipped and starved lose nothing",
        by_name: None,
        fetch: None,
        steps: &[cargo(
            "proofs",
            &[(STRACE, Missing::SomeCases), (COMPILER, Missing::SomeCases)],
            &["run", "--locked", "--release", "--package", "proofs", "--", "all"],
            Count::Lines("proof "),
        )],
    },
    Suite {
        name: "pages",
        about: "the service's pages in Chromium: accessibility, then the whole journey",
        by_name: None,
        fetch: Some(pages::fetch),
        steps: &[
            Step {
                label: "every page",
                needs: &[(NODE, Missing::Step), (NPM, Missing::Step), (CHROMIUM, Missing::Step)],
                action: Action::Own(pages::gallery),
            },
            Step {
                label: "journey",
                needs: &[(NODE, Missing::Step), (NPM, Missing::Step), (CHROMIUM, Missing::Step)],
                action: Action::Own(pages::journey),
            },
        ],
    },
    Suite {
        name: "interop",
        about: "our phone at other people's push servers: privacyIDEA and eduMFA",
        by_name: None,
        fetch: Some(interop::fetch),
        steps: &[Step {
            label: "privacyIDEA and eduMFA",
            needs: &[(PYTHON_VENV, Missing::Step)],
            action: Action::Own(interop::all),
        }],
    },
    Suite {
        name: "demo",
        about: "what a newcomer sees first",
        by_name: None,
        fetch: None,
        steps: &[
            cargo("demo", &[(OATHTOOL, Missing::SomeCases)], &["demo"], Count::LinesThenTable("step ")),
            cargo("demo in Dutch", &[], &["demo", "--lang", "nl"], Count::LinesThenTable("stap ")),
            Step { label: "control: it can fail", needs: &[], action: Action::Own(demo::control) },
        ],
    },
];

const RUSTFMT: Tool =
    Tool { name: "rustfmt", probe: &["cargo", "fmt", "--version"], from: Source::Rustup("rustfmt") };

const CLIPPY: Tool =
    Tool { name: "clippy", probe: &["cargo", "clippy", "--version"], from: Source::Rustup("clippy") };

const OATHTOOL: Tool =
    Tool { name: "oathtool", probe: &["oathtool", "--version"], from: Source::Debian("oathtool") };

const NODE: Tool = Tool {
    name: "Node 20 or later",
    probe: &["node", "-e", "process.exit(Number(process.versions.node.split('.')[0]) >= 20 ? 0 : 1)"],
    from: Source::Debian("nodejs"),
};

const NPM: Tool = Tool { name: "npm", probe: &["npm", "--version"], from: Source::Debian("npm") };

const CHROMIUM: Tool =
    Tool { name: "Chromium", probe: &["chromium", "--version"], from: Source::Debian("chromium") };

/// Says which calls a writer made, so that a disk without power can be rebuilt.
pub(crate) const STRACE: Tool =
    Tool { name: "strace", probe: &["strace", "-V"], from: Source::Debian("strace") };

/// Builds what makes single calls and allocations fail.
pub(crate) const COMPILER: Tool =
    Tool { name: "a C compiler", probe: &["cc", "--version"], from: Source::Debian("gcc") };

const PYTHON_VENV: Tool = Tool {
    name: "Python with venv",
    probe: &["python3", "-c", "import ensurepip, venv"],
    from: Source::Debian("python3-venv"),
};

/// Readers of our files in Python, which some tests of the terminal call.
const CRYPTOGRAPHY: Tool = Tool {
    name: "Python's cryptography",
    probe: &["python3", "-c", "import cryptography"],
    from: Source::Debian("python3-cryptography"),
};

const OPENSSL: Tool =
    Tool { name: "openssl", probe: &["openssl", "version"], from: Source::Debian("openssl") };

const JAVA: Tool = Tool {
    name: "Java 17 or later",
    probe: &["javac", "--release", "17", "--version"],
    from: Source::Debian("openjdk-17-jdk-headless"),
};

/// What draws the screens without a display.
const OPENGL: Tool = Tool {
    name: "OpenGL's library",
    probe: &["sh", "-c", "ldconfig -p | grep -q libGL.so.1 && ldconfig -p | grep -q libX11.so.6"],
    from: Source::Debian("libgl1"),
};

/// What opens a window; the Java that only compiles has no part for it.
const WINDOWS: Tool = Tool {
    name: "Java's windows",
    probe: &[
        "sh",
        "-c",
        "test -e \"$(dirname \"$(readlink -f \"$(command -v javac)\")\")/../lib/libawt_xawt.so\"",
    ],
    from: Source::Debian("openjdk-17-jre"),
};

const ZIPALIGN: Tool =
    Tool { name: "zipalign", probe: &["sh", "-c", "command -v zipalign"], from: Source::Debian("zipalign") };

const APKSIGNER: Tool =
    Tool { name: "apksigner", probe: &["apksigner", "--version"], from: Source::Debian("apksigner") };

/// A display that nobody looks at.
const XVFB: Tool = Tool { name: "Xvfb", probe: &["Xvfb", "-help"], from: Source::Debian("xvfb") };

/// Links the resources of the Android app.
const AAPT2: Tool = Tool { name: "aapt2", probe: &["aapt2", "version"], from: Source::Debian("aapt") };

const MAVEN: Tool = Tool { name: "Maven", probe: &["mvn", "--version"], from: Source::Debian("maven") };

const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    probe: &["cargo-deny", "--version"],
    from: Source::Cargo { package: "cargo-deny", version: "0.20.2" },
};

const fn cargo(
    label: &'static str,
    needs: &'static [(Tool, Missing)],
    args: &'static [&'static str],
    count: Count,
) -> Step {
    Step { label, needs, action: Action::Cargo { args, env: &[], count } }
}
