//! The program `minimand`.

use std::process::ExitCode;

fn main() -> ExitCode {
    minimand_cli::run(std::env::args_os())
}
