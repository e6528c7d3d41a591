//! The command: `tidy [ROOT]` prints one line for each violation and ends with 1 if there was any, 2 if it could not look.

use std::error::Error;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use tidy::packages::{self, Package};
use tidy::tree::Tree;

fn main() -> ExitCode {
    let root = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    match run(&root, &mut stdout().lock()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            // Without a place to write to there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "tidy: {error}");
            ExitCode::from(2)
        }
    }
}

/// Reads, checks and prints; answers how many violations there were.
fn run(root: &Path, out: &mut impl Write) -> Result<usize, Box<dyn Error>> {
    let tree = Tree::read(root).map_err(|error| format!("reading {}: {error}", root.display()))?;
    let violations = tidy::check(&tree, &ask_cargo(root)?);
    for violation in &violations {
        writeln!(out, "{violation}")?;
    }
    writeln!(out, "tidy: {} files read, {} violations", tree.len(), violations.len())?;
    Ok(violations.len())
}

/// What cargo knows about every package that this workspace is built from.
fn ask_cargo(root: &Path) -> Result<Vec<Package>, Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--all-features", "--locked"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("running cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim()).into());
    }
    Ok(packages::read(&output.stdout)?)
}
