//! Criterion benchmarks: `cargo bench`.
