//! The command line `qualified-ats`.

mod demo;
mod stop;
mod up;
mod vendors;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Qualified's coding assessments inside Lever and BambooHR.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Up(up::Up),
    Demo(demo::Demo),
    Sandbox(vendors::Vendors),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let level = match cli.command {
        // The demo shows its progress itself.
        Command::Demo(_) => "warn",
        Command::Up(_) | Command::Sandbox(_) => "info",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let ended = match cli.command {
        Command::Up(up) => up.run().await,
        Command::Demo(demo) => demo.run().await,
        Command::Sandbox(vendors) => vendors.run().await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not by the log, which may be off. Without a stderr there is nobody to tell.
            let _ = writeln!(io::stderr().lock(), "qualified-ats: {error:#}");
            ExitCode::FAILURE
        }
    }
}
