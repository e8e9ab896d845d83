//! The demo fleet, as it is made over the API.

use std::collections::BTreeSet;

use flotilla_testkit::demo::{Credentials, Fleet};
use uuid::Uuid;

use crate::support::{PASSWORD, TestApp, email};

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_has_a_group_of_funded_accounts_by_the_rules_of_three_firms() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let owner = Credentials { email: email("ada"), password: PASSWORD.to_owned() };
    let state = std::env::temp_dir().join(format!("flotilla-demo-{}.json", Uuid::now_v7()));

    let made = Fleet::prepare(&format!("http://{}", app.address), &owner, &state).await;
    let fleet = made.unwrap();
    std::fs::remove_file(&state).unwrap();
    let groups = ada.get("/api/v1/groups").await;

    let groups = groups.body["items"].as_array().unwrap();
    let funded = groups.iter().find(|group| group["name"] == "Demo funded accounts").unwrap();
    let path = format!("/api/v1/groups/{}/risk", funded["id"].as_str().unwrap());
    let risk = ada.get(&path).await;
    let members = risk.body["members"].as_array().unwrap();
    let templates: BTreeSet<_> =
        members.iter().map(|member| member["template_id"].as_str().unwrap()).collect();
    assert_eq!(
        templates.into_iter().collect::<Vec<_>>(),
        ["ftmo_2step_p1", "fundingpips_2step", "the5ers_high_stakes"]
    );
    assert_eq!((members.len(), fleet.followers.len() > 3), (3, true), "the others have no firm's rules");
}
