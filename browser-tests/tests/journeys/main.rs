//! What only a real browser can tell of the page: journeys through it, by hand and by keyboard, with every state on the
//! way held to the rules of accessibility, narrow and wide, light and dark. The guide's pictures are taken meanwhile.

mod bamboohr;
mod boards;
mod comforts;
mod first_result;
mod hostile;
mod keyboard;
mod pictures;
mod rules;
mod steps;
mod troubles;
mod way_in;
mod without_scripts;
