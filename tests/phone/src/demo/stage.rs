//! What all acts share: steps with their results.

use std::fmt::Display;
use std::time::Instant;

use comfy_table::ContentArrangement;

use crate::refusal::Refusal;
use crate::tables;

use super::words::Words;
pub use klink::browser::{Failed, check, failed};

/// Columns of the table at the end.
const WIDE: u16 = 100;

/// The transcript: numbered steps, and what each of them showed.
pub struct Show {
    words: &'static Words,
    steps: Vec<(&'static str, Option<String>)>,
    began: Instant,
}

impl Show {
    /// Begins.
    pub fn new(words: &'static Words) -> Self {
        Self { words, steps: Vec::new(), began: Instant::now() }
    }

    /// Begins an act.
    pub fn act(&self, title: &str) {
        println!("\n\n━━━ {title} ━━━");
    }

    /// Begins the next step.
    pub fn step(&mut self, title: &'static str) {
        self.steps.push((title, None));
        println!("\n{} {}: {title}\n", self.words.step, self.steps.len());
    }

    /// Says something below a step.
    pub fn say(&self, text: impl Display) {
        println!("{text}");
    }

    /// Ends the step with what it showed.
    pub fn done(&mut self, result: impl Into<String>) {
        let result = result.into();
        println!("✓ {result}");
        if let Some((_, shown)) = self.steps.last_mut() {
            *shown = Some(result);
        }
    }

    /// Prints what was shown as a table.
    pub fn table(&self) {
        let mut table = tables::table(&["", self.words.shown, self.words.result]);
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDE);
        for (n, (title, result)) in self.steps.iter().enumerate() {
            table.add_row([&(n + 1).to_string(), *title, result.as_deref().unwrap_or_default()]);
        }
        let all = format!("{:.1} s", self.began.elapsed().as_secs_f64());
        println!("\n\n{table}\n\n{}", self.words.all_shown.replace("{0}", &all));
    }

    /// Names the step that failed.
    pub fn refusal(&self, why: &Failed) -> Refusal {
        let number = self.steps.len();
        let title = self.steps.last().map_or("the beginning", |(title, _)| *title);
        Refusal::new("demo", format!("The demo failed in step {number}, {title}: {}.", why.why()))
            .with("step", number)
    }
}
