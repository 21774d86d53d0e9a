//! The picture of what a sync costs: flat lines, or there is something to mend. An SVG by hand, for light and dark.

use std::fmt;

/// In the order of the figures.
const SERIES: [(&str, &str); 3] = [("vendor calls", "calls"), ("store reads", "reads"), ("store writes", "writes")];

/// Where a panel's axes are, from its upper left corner.
const LEFT: f64 = 40.0;
const TOP: f64 = 44.0;
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 170.0;

/// Panels side by side.
pub(crate) struct Picture(pub(crate) [Panel; 2]);

/// A diagram: how often something is done, by how much there is.
pub(crate) struct Panel {
    title: &'static str,
    axis: &'static str,
    points: Vec<(u64, [f64; 3])>,
}

impl Panel {
    pub(crate) fn new(title: &'static str, axis: &'static str) -> Self {
        Self { title, axis, points: Vec::new() }
    }

    pub(crate) fn add(&mut self, size: u64, figures: &[f64; 3]) {
        self.points.push((size, *figures));
    }

    /// Logarithmic.
    fn x(&self, size: u64) -> f64 {
        let decades = |size: u64| (size.max(1) as f64).log10();
        let (first, last) = (self.points[0].0, self.points[self.points.len() - 1].0);
        LEFT + WIDTH * (decades(size) - decades(first)) / (decades(last) - decades(first))
    }

    /// Linear from nothing to a round number above everything.
    fn y(&self, figure: f64) -> f64 {
        TOP + HEIGHT * (1.0 - figure / self.highest())
    }

    fn highest(&self) -> f64 {
        let most = self.points.iter().flat_map(|(_, figures)| figures).fold(0.0, |most: f64, figure| most.max(*figure));
        let step = 10_f64.powf(most.max(1.0).log10().floor());
        (most / step).ceil() * step
    }
}

impl fmt::Display for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (right, bottom) = (LEFT + WIDTH, TOP + HEIGHT);
        writeln!(f, r#"<text class="title" x="{LEFT}" y="20">{}</text>"#, self.title)?;
        for part in [0.0, 0.5, 1.0] {
            let figure = self.highest() * part;
            let y = self.y(figure);
            writeln!(f, r#"<path class="grid" d="M{LEFT} {y:.1}H{right}"/>"#)?;
            writeln!(f, r#"<text x="{:.1}" y="{:.1}" text-anchor="end">{figure}</text>"#, LEFT - 6.0, y + 4.0)?;
        }
        for (size, _) in &self.points {
            let (x, y) = (self.x(*size), bottom + 16.0);
            writeln!(f, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="middle">{}</text>"#, grouped(*size))?;
        }
        let middle = LEFT + WIDTH / 2.0;
        writeln!(f, r#"<text x="{middle}" y="{:.1}" text-anchor="middle">{}</text>"#, bottom + 34.0, self.axis)?;
        for (number, (_, class)) in SERIES.iter().enumerate() {
            let at = |(size, figures): &(u64, [f64; 3])| (self.x(*size), self.y(figures[number]));
            let line: Vec<String> = self.points.iter().map(at).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            writeln!(f, r#"<polyline class="{class}" points="{}"/>"#, line.join(" "))?;
            for (x, y) in self.points.iter().map(at) {
                writeln!(f, r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="3"/>"#)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 290" role="img" aria-label="What a sync costs">"#
        )?;
        writeln!(f, "{STYLE}")?;
        for (number, panel) in self.0.iter().enumerate() {
            write!(f, "<g transform=\"translate({} 0)\">\n{panel}</g>\n", number * 400)?;
        }
        for (number, (name, class)) in SERIES.iter().enumerate() {
            let x = 200 + number * 150;
            writeln!(
                f,
                r#"<circle class="{class}" cx="{x}" cy="276" r="4"/><text x="{}" y="280">{name}</text>"#,
                x + 10
            )?;
        }
        writeln!(f, "</svg>")
    }
}

/// The colours differ in lightness as well, for who sees few of them.
const STYLE: &str = "<style>
text { font: 12px system-ui, sans-serif; fill: #3b4148 }
.title { font-weight: 600 }
.grid { stroke: #c9ced4; fill: none }
polyline { fill: none; stroke-width: 2 }
polyline.calls { stroke: #0b57d0 } circle.calls { fill: #0b57d0 }
polyline.reads { stroke: #2e7d32 } circle.reads { fill: #2e7d32 }
polyline.writes { stroke: #b3541e } circle.writes { fill: #b3541e }
@media (prefers-color-scheme: dark) {
text { fill: #d5dae0 }
.grid { stroke: #4a5058 }
polyline.calls { stroke: #8ab4f8 } circle.calls { fill: #8ab4f8 }
polyline.reads { stroke: #81c995 } circle.reads { fill: #81c995 }
polyline.writes { stroke: #f6ad7b } circle.writes { fill: #f6ad7b }
}
</style>";

/// `100,000`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
