//! The time between two looks at what a test waits for.

use std::time::Duration;

/// Longest time between two looks.
const LONGEST: Duration = Duration::from_millis(150);

/// Short at first, so that what comes at once is seen at once; longer later, so that waiting for half a minute leaves
/// the machine to the tests beside.
#[derive(Debug)]
pub struct Pause(Duration);

impl Pause {
    /// Begins with five milliseconds.
    #[must_use]
    pub const fn new() -> Self {
        Self(Duration::from_millis(5))
    }

    /// Sleeps until the next look is due.
    pub async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = self.0.mul_f64(1.15).min(LONGEST);
    }
}

impl Default for Pause {
    fn default() -> Self {
        Self::new()
    }
}
