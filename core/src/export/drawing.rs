//! A QR code as black and white modules, for whoever draws: a screen, a page, a terminal.

use qrcode::{Color, EcLevel, QrCode};

/// A QR code, ISO/IEC 18004, without the quiet zone of four modules that belongs around it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Drawing {
    /// Modules on each side.
    pub size: usize,
    /// Row by row, `size × size`; true is black.
    pub modules: Vec<bool>,
}

impl Drawing {
    /// Draws a text at the highest correction that keeps it readable from a screen; `None` when no code holds it.
    pub fn of(text: &str) -> Option<Self> {
        let levels = if text.len() <= 300 { [EcLevel::M, EcLevel::L] } else { [EcLevel::L, EcLevel::L] };
        let code = levels.iter().find_map(|level| QrCode::with_error_correction_level(text, *level).ok())?;
        let modules = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Some(Self { size: code.width(), modules })
    }

    /// Returns it as SVG with its quiet zone, one unit a module.
    pub fn svg(&self) -> String {
        let side = self.size + 8;
        let mut path = String::with_capacity(self.modules.len() * 6);
        for (y, row) in self.modules.chunks_exact(self.size).enumerate() {
            let mut x = 0;
            while x < self.size {
                let run = row[x..].iter().take_while(|black| **black).count();
                if run > 0 {
                    path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + 4, y + 4));
                }
                x += run.max(1);
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
        )
    }
}
