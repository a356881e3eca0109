//! `demo --serve`: the service for a person's own browser, and what to type in a second terminal.

use std::io;
use std::net::TcpListener;
use std::path::Path;

use klink::phone::Folders;
use tokio::sync::oneshot;
use url::Url;

use super::phone::PASSPHRASE;
use super::service::{self, PASSWORD, USER};
use super::stage::{Failed, failed};
use super::words::{Words, fill};

/// Serves until Ctrl-C or the end of the input.
///
/// # Errors
/// The service does not start.
pub async fn serve(folder: &Path, w: &'static Words) -> Result<(), Failed> {
    // Free now, and taken by `klink watch` in the second terminal.
    let texts = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let pages = Url::parse("http://127.0.0.1:0")?;
    let running = service::start(folder, &format!("http://{texts}/"), Some(pages)).await?;
    let authority = running.authority().ok_or_else(|| failed("the service made no authority"))?;
    let Folders { vault, anchors, device } = Folders::within(&folder.join("phone"));
    let klink = std::env::current_exe()?;
    let passphrase = std::str::from_utf8(PASSPHRASE)?;

    println!("{}\n", w.serve_intro);
    println!("{:<10} {}", w.serve_page, running.service().page_origin());
    println!("{:<10} {USER}", w.serve_user);
    println!("{:<10} {PASSWORD}\n", w.serve_password);
    println!("{}\n", w.serve_terminal);
    for (name, value) in [
        ("KLINK_VAULT", vault.as_path()),
        ("KLINK_ANCHORS", &anchors),
        ("KLINK_DEVICE", &device),
        ("KLINK_CA_FILE", authority),
        ("KLINK_PASSPHRASE", Path::new(passphrase)),
    ] {
        println!("  export {name}={}", quoted(&value.display().to_string()));
    }
    println!("  klink() {{ {} \"$@\"; }}", quoted(&klink.display().to_string()));
    println!("  klink init");
    println!("  klink enrol {}", w.serve_link);
    println!("  klink watch --sms-listen {texts}\n");
    println!("{}\n", w.serve_window);
    let (desk, authority) = (folder.join("desktop").display().to_string(), authority.display().to_string());
    println!("  cargo xtask desktop --folder {} --ca-file {}\n", quoted(&desk), quoted(&authority));
    println!("{}", fill(w.serve_end, &[&running.address().to_string()]));

    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = end_of_input() => {}
    }
    println!("{}", w.serve_stops);
    running.stop().await;
    Ok(())
}

/// Quotes a word for a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Resolves when standard input is closed. It is read on a thread of its own, which ends with the program.
fn end_of_input() -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        // An input that cannot be read has ended too.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        let _ = tell.send(());
    });
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_word_is_one_word_whatever_is_in_it() {
        let echoed = |word: &str| {
            let script = format!("printf %s {}", quoted(word));
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        for word in ["a b", "it's", "$HOME `x` \"y\"", "'"] {
            assert_eq!(echoed(word), word);
        }
    }
}
