//! Runnable examples, one concept each: `cargo run --release --example NAME`.
