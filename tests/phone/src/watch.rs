//! `klink codes --watch`: the live list, with the seconds that are left.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use authenticator_core::vault::ItemId;
use crossterm::event::{self, Event, KeyCode, KeyModifiers};
use crossterm::{cursor, execute, queue, style, terminal};

use crate::commands::code_rows;
use crate::refusal::Refusal;
use crate::session::{Session, now};
use crate::tables;

/// How often the countdown moves.
const TICK: Duration = Duration::from_millis(250);

/// Tells whether there is a terminal to keep a list on, and to end it from.
pub fn is_possible() -> bool {
    io::stdout().is_terminal() && io::stdin().is_terminal()
}

/// Shows the codes of `ids` on the terminal until q, Escape or Ctrl-C.
pub fn watch(session: &Session, ids: &[ItemId], offset_ms: i64) -> Result<(), Refusal> {
    let screen = Screen::open()?;
    let result = draw_until_quit(session, ids, offset_ms);
    drop(screen);
    result
}

fn draw_until_quit(session: &Session, ids: &[ItemId], offset_ms: i64) -> Result<(), Refusal> {
    loop {
        let at = now();
        let table = tables::codes(&code_rows(session, at, offset_ms, ids)?, at).to_string();
        draw(&table).map_err(|error| trouble(&error))?;
        if event::poll(TICK).map_err(|error| trouble(&error))?
            && let Event::Key(key) = event::read().map_err(|error| trouble(&error))?
        {
            let interrupt = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
            if interrupt || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) {
                return Ok(());
            }
        }
    }
}

fn draw(table: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let (_, height) = terminal::size()?;
    queue!(out, terminal::BeginSynchronizedUpdate, cursor::MoveTo(0, 0))?;
    let rows = usize::from(height.saturating_sub(2));
    for line in table.lines().take(rows) {
        queue!(
            out,
            style::Print(line),
            terminal::Clear(terminal::ClearType::UntilNewLine),
            cursor::MoveToNextLine(1)
        )?;
    }
    let cut = table.lines().count().saturating_sub(rows);
    let foot = if cut > 0 { format!("{cut} more · q ends") } else { "q ends".to_owned() };
    queue!(out, style::Print(foot), terminal::Clear(terminal::ClearType::FromCursorDown))?;
    queue!(out, terminal::EndSynchronizedUpdate)?;
    out.flush()
}

fn trouble(error: &io::Error) -> Refusal {
    Refusal::new("terminal", format!("The terminal did not answer: {error}."))
}

/// The other screen of the terminal, given back however the list ends.
struct Screen;

impl Screen {
    fn open() -> Result<Self, Refusal> {
        terminal::enable_raw_mode().map_err(|error| trouble(&error))?;
        execute!(io::stdout(), terminal::EnterAlternateScreen, cursor::Hide)
            .map_err(|error| trouble(&error))?;
        Ok(Self)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A terminal that is gone has nothing to give back.
        let _ = execute!(io::stdout(), cursor::Show, terminal::LeaveAlternateScreen);
        let _ = terminal::disable_raw_mode();
    }
}
