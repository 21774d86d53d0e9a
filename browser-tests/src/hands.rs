//! What a person does to a page with a mouse, going by labels and by the words on buttons.

use anyhow::{Context, bail};
use fantoccini::Locator;
use fantoccini::actions::{InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use tokio::time::Instant;

use crate::Browser;
use crate::browser::PATIENCE;

impl Browser {
    /// Types into the field with this label.
    ///
    /// # Errors
    /// There is none.
    pub async fn fill(&self, label: &str, text: &str) -> anyhow::Result<()> {
        let field = self.field(label).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Chooses from the list with this label.
    ///
    /// # Errors
    /// There is no such list, or no such choice.
    pub async fn choose(&self, label: &str, choice: &str) -> anyhow::Result<()> {
        select(&self.field(label).await?, choice).await
    }

    /// Chooses from the list with this label by the place, counted from 0.
    ///
    /// # Errors
    /// There is no such list, or no such place.
    pub async fn choose_nth(&self, label: &str, place: usize) -> anyhow::Result<()> {
        Ok(self.field(label).await?.select_by_index(place).await?)
    }

    async fn field(&self, label: &str) -> anyhow::Result<Element> {
        let found = self.find(&format!("//label[normalize-space()=\"{label}\"]")).await?;
        let id = found.attr("for").await?.with_context(|| format!("the label {label:?} is of no field"))?;
        // Of several, the one in the dialog is last.
        let fields = self.client().find_all(Locator::Css(&format!("#{id}"))).await?;
        fields.into_iter().last().with_context(|| format!("the label {label:?} is of no field"))
    }

    /// Chooses from the list that has its name from no label.
    ///
    /// # Errors
    /// There is no such list, or no such choice.
    pub async fn choose_by_name(&self, name: &str, choice: &str) -> anyhow::Result<()> {
        select(&self.find(&format!("//select[@aria-label=\"{name}\"]")).await?, choice).await
    }

    /// Presses the button, link or summary with these words; of several, the last that is to be seen.
    ///
    /// # Errors
    /// There is none to be seen.
    pub async fn press(&self, words: &str) -> anyhow::Result<()> {
        let kinds = "self::a or self::button or self::summary";
        self.press_at(&format!("//*[{kinds}][starts-with(normalize-space(), \"{words}\")]")).await
    }

    /// Presses the button whose name is more than the words on it.
    ///
    /// # Errors
    /// There is none to be seen.
    pub async fn press_named(&self, name: &str) -> anyhow::Result<()> {
        self.press_at(&format!("//button[@aria-label=\"{name}\"]")).await
    }

    async fn press_at(&self, path: &str) -> anyhow::Result<()> {
        self.find(path).await?;
        let ends = Instant::now() + PATIENCE;
        while Instant::now() < ends {
            match self.try_press(path).await {
                Ok(true) => return Ok(()),
                // A page that keeps itself fresh replaced it meanwhile.
                Err(error) if error.is_stale_element_reference() => {}
                Ok(false) => bail!("{path} is not to be seen on {}", self.address().await?),
                Err(error) => return Err(error.into()),
            }
        }
        bail!("{path} does not hold still on {}", self.address().await?)
    }

    async fn try_press(&self, path: &str) -> Result<bool, CmdError> {
        for element in self.client().find_all(Locator::XPath(path)).await?.into_iter().rev() {
            if element.is_displayed().await? {
                element.click().await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes one element by the mouse and lets go of it over another. Both as CSS selectors.
    ///
    /// # Errors
    /// One of them is not there.
    pub async fn drag(&self, from: &str, to: &str) -> anyhow::Result<()> {
        let (from, to) = (self.client().find(Locator::Css(from)).await?, self.client().find(Locator::Css(to)).await?);
        let over = |element| PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
        let mouse = MouseActions::new("mouse".to_owned())
            .then(over(from))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            // A drag begins with a little way.
            .then(PointerAction::MoveBy { duration: None, x: 8.0, y: 8.0 })
            .then(over(to))
            .then(PointerAction::MoveBy { duration: None, x: 8.0, y: 8.0 })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        Ok(self.client().perform_actions(mouse).await?)
    }

    async fn find(&self, path: &str) -> anyhow::Result<Element> {
        let found = self.client().wait().at_most(PATIENCE).for_element(Locator::XPath(path)).await;
        match found {
            Ok(found) => Ok(found),
            Err(_) => {
                let text = self.client().find(Locator::Css("body")).await?.text().await?;
                bail!("nothing is at {path} on {}:\n{text}", self.address().await?)
            }
        }
    }
}

/// Chooses by the words, whatever quotes are in them.
async fn select(list: &Element, choice: &str) -> anyhow::Result<()> {
    for option in list.find_all(Locator::Css("option")).await? {
        if option.text().await?.trim() == choice {
            return Ok(option.click().await?);
        }
    }
    bail!("the list has no {choice:?}")
}
