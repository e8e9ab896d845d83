//! Making keys, and starting without them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{Folder, answer, flotilla};
use flotilla_security::keyring::Keyring;

#[test]
fn keys_generate_writes_a_file_that_only_its_owner_reads() {
    let folder = Folder::new("writes");
    let path = folder.file("flotilla.keys");

    let made = answer(flotilla(&["keys", "generate", "--file"]).arg(&path));

    assert!(made.success, "{}", made.err);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert!(Keyring::parse(&text).is_ok());
    let secrets = text.lines().filter_map(|line| line.split(' ').nth(2)).filter(|word| word.len() > 40);
    assert!(secrets.into_iter().all(|secret| !made.out.contains(secret)), "{}", made.out);
}

#[test]
fn keys_generate_writes_where_the_variable_points() {
    let folder = Folder::new("variable");
    let path = folder.file("flotilla.keys");

    let made = answer(flotilla(&["keys", "generate"]).env("FLOTILLA_KEYS_FILE", &path));

    assert!(made.success, "{}", made.err);
    assert!(path.is_file());
}

#[test]
fn keys_generate_refuses_to_overwrite() {
    let folder = Folder::new("overwrite");
    let path = folder.file("flotilla.keys");
    fs::write(&path, "precious").unwrap();

    let refused = answer(flotilla(&["keys", "generate", "--file"]).arg(&path));

    assert!(!refused.success);
    assert!(refused.err.contains("is not overwritten"), "{}", refused.err);
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn keys_generate_without_a_path_says_how_to_give_one() {
    let refused = answer(&mut flotilla(&["keys", "generate"]));

    assert!(!refused.success);
    assert!(refused.err.contains("flotilla keys generate --file"), "{}", refused.err);
}

#[test]
fn a_keys_file_that_others_may_read_is_complained_about() {
    let folder = Folder::new("readable");
    let path = folder.file("flotilla.keys");
    assert!(answer(flotilla(&["keys", "generate", "--file"]).arg(&path)).success);
    let unreachable = "postgres://nobody@127.0.0.1:1/none";
    let start_in = |credentials: &str| {
        let mut command = flotilla(&["work"]);
        command.env("FLOTILLA_KEYS_FILE", &path).env("DATABASE_URL", unreachable);
        answer(command.env("CREDENTIALS_DIRECTORY", credentials)).err
    };
    let start = || start_in("");

    let private = start();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let readable = start();
    // The group of a credential is its unit's user.
    let handed_over = start_in(folder.0.to_str().unwrap());

    assert!(!private.contains("other users may read the keys"), "{private}");
    assert!(readable.contains("other users may read the keys"), "{readable}");
    assert!(!handed_over.contains("other users may read the keys"), "{handed_over}");
}
