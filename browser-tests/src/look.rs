//! How a page is looked at: the screen's width, and light or dark.

use std::path::Path;

use anyhow::Context;

use crate::{Browser, picture};

/// What of a long page is seen at once.
const HEIGHT: u32 = 900;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// In CSS pixels.
    pub width: u32,
    /// The dark colours.
    pub dark: bool,
}

impl Look {
    /// A window beside others, which is also what the guide's pictures are legible at.
    pub const WINDOW: Self = Self { width: 860, dark: false };
    /// The narrowest screen that WCAG asks for, at night.
    pub const PHONE: Self = Self { width: 320, dark: true };

    /// The corners of what a page has to be good for.
    const ALL: [Self; 4] = [
        Self { width: 1440, dark: true },
        Self { width: 1440, dark: false },
        Self { width: 320, dark: false },
        Self { width: 320, dark: true },
    ];
}

impl Browser {
    pub(crate) async fn see(&self, look: Look) -> anyhow::Result<()> {
        self.devtools().colours(look.dark).await?;
        self.devtools().screen(look.width, HEIGHT).await
    }

    /// A state of a page that people come to: holds it to the rules, narrow and wide, light and dark, and keeps a
    /// picture of it in `docs/pictures/`.
    ///
    /// # Errors
    /// A rule is broken, or the picture can't be kept.
    pub async fn state(&self, name: &str) -> anyhow::Result<()> {
        for corner in Look::ALL {
            self.see(corner).await?;
            let told = format!("{name}, {corner:?}");
            // Axe waits for its own scripts. The markup is the same without any.
            if self.scripts {
                self.is_accessible().await.with_context(|| told.clone())?;
            }
            self.fits().await.context(told)?;
        }
        self.is_calm().await?;
        self.picture(name).await
    }

    async fn picture(&self, name: &str) -> anyhow::Result<()> {
        let look = self.look;
        self.see(look).await?;
        let shown = self.ask(include_str!("pin.js")).await?;
        let digest = picture::digest(&format!("{look:?}\n{}", shown.as_str().unwrap_or_default()));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pictures");
        let file = folder.join(format!("{name}.png"));
        if !picture::is_of(&file, &digest) {
            // All of the page; but a dialog is in the middle of what is seen at once.
            let height = self.ask("return document.querySelector('dialog') ? 0 : document.body.scrollHeight").await?;
            let height = height.as_u64().and_then(|height| u32::try_from(height).ok()).filter(|height| *height > 0);
            self.devtools().screen(look.width, height.unwrap_or(HEIGHT)).await?;
            std::fs::write(file, picture::signed(&self.devtools().shot().await?, &digest)?)?;
            self.see(look).await?;
        }
        self.ask("window.fetch = window.fetchAgain").await?;
        Ok(())
    }
}
