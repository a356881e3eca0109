//! `cargo demo`: what Klink is for, from the first start of the phone to its loss. Every step does the real thing.
//!
//! The service runs in this process and is spoken to by https alone: by a browser without a screen, and by the phone.

mod codes;
mod fallback;
mod gateway;
mod phone;
mod phones;
mod pictures;
mod play;
mod screens;
mod serve;
mod service;
mod setting_up;
mod signing_in;
mod stage;
mod words;

use std::path::Path;

use clap::{Args, ValueEnum};

use crate::commands::push::run;
use crate::refusal::Refusal;
use stage::{Failed, Show};
use words::Words;

/// How the demo is played.
#[derive(Args, Debug)]
pub struct Options {
    /// Keeps the folder with the pictures, the vaults and the service's data.
    #[arg(long)]
    keep: bool,
    /// The language of the pages, the phone and the transcript.
    #[arg(long, value_enum, default_value_t = Language::En)]
    lang: Language,
    /// Starts the service for your own browser and a second terminal, and says what to type there.
    #[arg(long)]
    serve: bool,
    /// Types another number than the page shows at the first sign-in: to see the demo fail.
    #[arg(long, hide = true)]
    wrong_number: bool,
}

/// A language of the demo.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Language {
    En,
    Nl,
}

/// Plays the demo in a temporary folder, which is kept when asked.
pub fn play(options: &Options) -> Result<(), Refusal> {
    let place = tempfile::Builder::new()
        .prefix("klink-demo-")
        .tempdir()
        .map_err(|error| Refusal::new("demo", format!("No temporary folder: {error}.")))?;
    let folder = if options.keep { &place.keep() } else { place.path() };
    let w = match options.lang {
        Language::En => &words::EN,
        Language::Nl => &words::NL,
    };
    if options.serve {
        let served = run(async { Ok(serve::serve(folder, w).await) })?;
        return served.map_err(|why| Show::new(w).refusal(&why));
    }
    let mut show = Show::new(w);
    let played = run(async { Ok(acts(&mut show, w, folder, options.wrong_number).await) })?;
    played.map_err(|why| show.refusal(&why))?;
    show.table();
    println!("\n{}", w.next);
    if options.keep {
        println!("\n{}", words::fill(w.kept, &[&folder.display().to_string()]));
    }
    Ok(())
}

async fn acts(show: &mut Show, w: &'static Words, folder: &Path, wrong_number: bool) -> Result<(), Failed> {
    println!("{}", w.intro);
    let mut play = play::Play::start(show, w, folder).await?;
    play.wrong_number = wrong_number;
    codes::act(&mut play, folder).await?;
    setting_up::act(&mut play).await?;
    fallback::act(&mut play).await?;
    signing_in::act(&mut play).await?;
    phones::act(&mut play, folder).await?;
    play.stop().await;
    Ok(())
}
