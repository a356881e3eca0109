//! `klink-service`: the reference service, and what its administrator does from a terminal.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use authenticator_core::secret::SecretText;
use clap::{Parser, Subcommand};
use klink_service::accounts::{pass, users};
use klink_service::clock::Clock;
use klink_service::{Config, Service, StartError, config, logs, texts};
use url::Url;

/// The reference service of Klink: set-up pages, push approvals, text messages, relying parties.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration, a TOML file; environment and flags win over it.
    #[arg(long, env = "KLINK_SERVICE_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// The folder of the database.
    #[arg(long, env = "KLINK_SERVICE_DATA", global = true)]
    data: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, env = "KLINK_SERVICE_LISTEN")]
    listen: Option<SocketAddr>,
    /// The https origin that phones and links name.
    #[arg(long, env = "KLINK_SERVICE_PUBLIC_URL", global = true)]
    public_url: Option<Url>,
    /// A loopback http origin that serves the pages too, for a demo.
    #[arg(long, env = "KLINK_SERVICE_PAGE_URL")]
    page_url: Option<Url>,
    /// The certificate chain in PEM; needs --key too.
    #[arg(long, env = "KLINK_SERVICE_CERTIFICATE", requires = "key")]
    certificate: Option<PathBuf>,
    /// The certificate's private key in PEM.
    #[arg(long, env = "KLINK_SERVICE_KEY", requires = "certificate")]
    key: Option<PathBuf>,
    /// Where the sealing key lies: outside the folder of the database.
    #[arg(long, env = "KLINK_SERVICE_SEALING_KEY_FILE", global = true)]
    sealing_key_file: Option<PathBuf>,
    /// Where text messages are posted.
    #[arg(long, env = "KLINK_SERVICE_TEXT_URL")]
    text_url: Option<Url>,
    /// The organisation's name.
    #[arg(long, env = "KLINK_SERVICE_ORGANISATION")]
    organisation: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Answers until it is stopped; this is what happens without a command.
    Serve,
    /// Users.
    #[command(subcommand)]
    User(UserCommand),
    /// Makes a new signing key that the old one signs; a running service takes it at its next start.
    RotateKey,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Adds a user; the password is read from standard input.
    Add {
        /// What is typed at sign-in.
        name: String,
        /// What people see; the name without it.
        #[arg(long)]
        display: Option<String>,
    },
    /// Sets a new password, read from standard input.
    Password {
        /// What is typed at sign-in.
        name: String,
    },
    /// Removes all second factors and prints a one-time pass, for someone who lost everything.
    Reset {
        /// What is typed at sign-in.
        name: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    logs::start();
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("klink-service: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, StartError> {
    let config = settings(&arguments)?;
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(config).await,
        Command::User(command) => user(config, command).await,
        Command::RotateKey => {
            let kid = open(config)?.rotate_service_key().await?;
            println!("{kid}");
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn settings(arguments: &Arguments) -> Result<Config, StartError> {
    let mut config = arguments.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
    config.data = arguments.data.clone().unwrap_or(config.data);
    config.listen = arguments.listen.unwrap_or(config.listen);
    config.public_url = arguments.public_url.clone().or(config.public_url);
    config.page_url = arguments.page_url.clone().or(config.page_url);
    config.sealing_key_file = arguments.sealing_key_file.clone().or(config.sealing_key_file);
    config.organisation = arguments.organisation.clone().unwrap_or(config.organisation);
    if let (Some(certificate), Some(key)) = (&arguments.certificate, &arguments.key) {
        config.tls = Some(config::TlsFiles { certificate: certificate.clone(), key: key.clone() });
    }
    if let Some(url) = &arguments.text_url {
        config.text_messages = Some(texts::GatewayConfig::to(url.as_str()));
    }
    Ok(config)
}

async fn serve(config: Config) -> Result<ExitCode, StartError> {
    let running = klink_service::start(config).await?;
    eprintln!("pages: {}", running.service().page_origin());
    if let Some(authority) = running.authority() {
        eprintln!("demo authority that phones must trust: {}", authority.display());
    }
    stop_signal().await?;
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Opens the database beside a service that may be running: SQLite lets both write in turn.
fn open(config: Config) -> Result<Service, StartError> {
    let origin = match &config.public_url {
        Some(url) => url.origin().ascii_serialization(),
        None => format!("https://{}", config.listen),
    };
    Ok(Service::open(config, &origin, origin.clone(), Clock::default())?.0)
}

async fn user(config: Config, command: UserCommand) -> Result<ExitCode, StartError> {
    let service = open(config)?;
    let done = match command {
        UserCommand::Add { name, display } => {
            let display = display.unwrap_or_else(|| name.clone());
            match users::add(&service, &name, &display, read_password()?).await? {
                users::Add::Added => true,
                users::Add::Taken => {
                    eprintln!("klink-service: there is such a user already");
                    return Ok(ExitCode::FAILURE);
                }
                users::Add::Unusable => {
                    eprintln!("klink-service: a name is a line of 1 to 128 bytes, a password has 8 to 1024");
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        UserCommand::Password { name } => users::set_password(&service, &name, read_password()?).await?,
        UserCommand::Reset { name } => match pass::reset(&service, &name).await? {
            Some(pass) => {
                println!("{}", pass.expose());
                true
            }
            None => false,
        },
    };
    if !done {
        eprintln!("klink-service: there is no such user");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads one line of standard input.
fn read_password() -> std::io::Result<SecretText> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(SecretText::from(line.trim_end_matches(['\r', '\n'])))
}
