//! What the program writes to the terminal: numbers, aligned tables, pages, and progress while it trains.

mod command;
pub mod number;
mod page;
mod progress;
mod screen;
mod table;

pub use command::command;
pub use page::{findings, opening};
pub use progress::Progress;
pub use screen::Screen;
pub use table::{table, wrapped};
