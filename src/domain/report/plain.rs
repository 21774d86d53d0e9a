//! Outside values as plain, harmless words.

use jiff::SignedDuration;

/// At most one decimal: `86.7`, `100`.
pub(super) fn number(value: f64) -> Option<String> {
    // In tenths, as an integer: the library's way to print a fraction is 25 kB of the component.
    let tenths = (value.abs() * 10.0).round();
    let sign = if value < 0.0 && tenths > 0.0 { "-" } else { "" };
    #[expect(clippy::cast_possible_truncation, reason = "`as` ends at the greatest integer")]
    #[expect(clippy::cast_sign_loss, reason = "it is an absolute value")]
    let tenths = tenths as u64;
    value.is_finite().then(|| match tenths % 10 {
        0 => format!("{sign}{}", tenths / 10),
        tenth => format!("{sign}{}.{tenth}", tenths / 10),
    })
}

pub(super) fn duration(time: SignedDuration) -> String {
    let minutes = time.as_mins().max(0);
    match (minutes / 60, minutes % 60) {
        (0, 0) => "under a minute".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

pub(super) fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(longest.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// One line without anything that acts: no mention, no markup, no control or direction characters.
pub(super) fn harmless(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '@' => clean.push_str("(at)"),
            '<' => clean.push('‹'),
            '>' => clean.push('›'),
            '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {}
            c if c.is_whitespace() || c.is_control() => clean.push(' '),
            c => clean.push(c),
        }
    }
    clean.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_made_harmless() {
        let text = harmless(" @ada <i>\u{202e}x\u{7}\r\n\ty\u{200b} \u{2066}z ");
        assert_eq!(text, "(at)ada ‹i›x y z");
    }

    #[test]
    fn durations_are_rough() {
        let words = [-5, 59, 60, 3_599, 3_600, 9_000].map(|seconds| duration(SignedDuration::from_secs(seconds)));
        assert_eq!(words, ["under a minute", "under a minute", "1 min", "59 min", "1 h 0 min", "2 h 30 min"]);
    }

    #[test]
    fn a_cut_text_shows_that_it_is() {
        assert_eq!([cut("Größe", 5), cut("Größen", 5)], ["Größe", "Größ…"]);
    }
}
