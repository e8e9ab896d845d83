//! Named places at which tests stop or kill the process.
//!
//! Without the feature `failpoints` they are nothing.

/// Passes the place `name`.
#[cfg(feature = "failpoints")]
pub(crate) fn pass(name: &str) {
    fail::eval(name, |_| ());
}

/// Passes the place `name`.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn pass(_name: &str) {}
