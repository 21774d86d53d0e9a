//! What only a real browser can tell of the page: journeys through it, by hand and by keyboard, with every state on the
//! way held to the rules of accessibility, narrow and wide, light and dark. The guide's pictures are taken meanwhile.

mod first_result;
mod rules;
