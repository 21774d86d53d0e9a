//! The page as somebody uses it who has no mouse: keys go to whatever has the focus.

use anyhow::{bail, ensure};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
pub use fantoccini::key::Key;

use crate::Browser;

/// More stops than any page has.
const STOPS: usize = 80;

/// Whether what has the focus shows it, and is itself to be seen.
const SEEN: &str = "
    const focused = document.activeElement;
    const style = getComputedStyle(focused);
    const shown = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const box = focused.getClientRects()[0];
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return shown && (focused.contains(top) || top?.contains(focused));";

impl Browser {
    /// Presses a key, and lets it go.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn key(&self, key: Key) -> anyhow::Result<()> {
        self.types(&char::from(key).to_string()).await
    }

    /// Goes back to the stop before.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn shift_tab(&self) -> anyhow::Result<()> {
        self.chord(Key::Shift, Key::Tab.into()).await
    }

    /// Pastes into what has the focus.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn paste(&self) -> anyhow::Result<()> {
        self.chord(Key::Control, 'v').await
    }

    async fn chord(&self, held: Key, value: char) -> anyhow::Result<()> {
        let held = held.into();
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: held })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: held });
        Ok(self.client().perform_actions(keys).await?)
    }

    /// Presses these keys one after the other.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn types(&self, text: &str) -> anyhow::Result<()> {
        let keys = text.chars().fold(KeyActions::new("keyboard".to_owned()), |keys, value| {
            keys.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        Ok(self.client().perform_actions(keys).await?)
    }

    /// What has the focus, as a screen reader calls it; empty = nothing on the page has it.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn focus(&self) -> anyhow::Result<String> {
        if self.ask("return document.activeElement === document.body").await? == true {
            return Ok(String::new());
        }
        self.devtools().name(&self.client().active_element().await?).await
    }

    /// Presses Tab once, and says where that leads, as [`Browser::focus`].
    ///
    /// # Errors
    /// What has the focus then does not show it, or is not to be seen.
    pub async fn tab(&self) -> anyhow::Result<String> {
        self.key(Key::Tab).await?;
        let focus = self.focus().await?;
        ensure!(focus.is_empty() || self.ask(SEEN).await? == true, "it is not to be seen that {focus:?} has the focus");
        Ok(focus)
    }

    /// Presses Tab until something with this name has the focus.
    ///
    /// # Errors
    /// It does not come, or see [`Browser::tab`].
    pub async fn tab_to(&self, name: &str) -> anyhow::Result<()> {
        let mut stops = Vec::new();
        while stops.len() < STOPS {
            let stop = self.tab().await?;
            if stop == name {
                return Ok(());
            }
            stops.push(stop);
        }
        bail!("{name:?} is none of the stops on {}: {stops:#?}", self.address().await?)
    }
}
