//! Runs the executable as a person would, with nothing in its environment but what a test sets.

use std::path::PathBuf;
use std::process::{Command, Output};

/// The executable, with an empty environment.
pub fn flotilla(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flotilla"));
    command.env_clear().args(arguments);
    command
}

/// What it printed, both ways, and whether it succeeded.
pub struct Answer {
    pub success: bool,
    pub out: String,
    pub err: String,
}

/// Runs to the end.
pub fn answer(command: &mut Command) -> Answer {
    let Output { status, stdout, stderr } = command.output().expect("the executable was built");
    Answer {
        success: status.success(),
        out: String::from_utf8_lossy(&stdout).into_owned(),
        err: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// A folder of this test's own, removed with this value.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(test: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a writable target folder");
        Self(path)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
