//! The account's limits, from the page's side.

use klink_service::accounts::{Stage, Verify, sessions, totp};
use klink_service::requests::{self, Start, State};

use crate::phone::other;
use crate::world::World;

#[tokio::test]
async fn a_new_request_replaces_the_open_one_and_the_fourth_within_five_minutes_waits() {
    let world = World::new().await;
    let mut phone = world.active_phone(&world.sign_in().await).await;
    let session = world.sign_in().await;
    let first = world.ask(&session).await;
    let second = world.ask(&session).await;
    let watched = requests::watch(&world.service, &session, &first.id).unwrap().unwrap();
    assert_eq!(watched.state, State::Replaced);
    let list = phone.list(&world).await;
    assert_eq!((list.requests.len(), list.n_open), (1, 0));
    let third = world.ask(&session).await;
    let numbers = [&first.number, &second.number, &third.number];
    assert!(numbers[0] != numbers[1] && numbers[1] != numbers[2] && numbers[0] != numbers[2]);
    assert!(matches!(world.start_login(&session).await, Start::Limited { retry_s: 1..=300 }));
}

#[tokio::test]
async fn numbers_are_not_used_again_within_ten_minutes() {
    let world = World::new().await;
    let session = world.sign_in().await;
    world.active_phone(&session).await;
    let session = world.again(&session).unwrap();
    let user = session.user.id.clone();
    // All numbers but 42 were used a moment ago.
    let now = world.clock.now();
    let fill = move |tx: &klink_service::store::Tx<'_>| {
        for n in (0..100).filter(|n| *n != 42) {
            tx.execute(
                "INSERT INTO requests (id, user, act, origin, number, scan, made_at, expires_at, quiet, state)
                 VALUES (?1, ?2, 'login', 'page', ?3, '', ?4, ?4, 0, 'expired')",
                rusqlite::params![format!("r{n}"), user, format!("{n:02}"), now],
            )?;
        }
        Ok(())
    };
    world.service.store().write(fill).await.unwrap();
    assert_eq!(world.ask(&session).await.number, "42");
}

#[tokio::test]
async fn two_denials_mute_and_tests_go_on() {
    let world = World::new().await;
    let setting_up = world.sign_in().await;
    let mut phone = world.active_phone(&setting_up).await;
    // Tests have a budget of their own: their denials do not mute.
    for _ in 0..2 {
        let asked = world.start_test(&setting_up, &phone).await;
        phone.deny(&world, &asked.id).await;
    }
    let session = world.sign_in().await;
    for _ in 0..2 {
        let asked = world.ask(&session).await;
        phone.deny(&world, &asked.id).await;
    }
    let muted = world.start_login(&session).await;
    assert_eq!(muted, Start::Muted { until: Some(world.clock.now() + 900) });
    world.start_test(&setting_up, &phone).await;
    world.clock.advance(901);
    world.ask(&session).await;
}

#[tokio::test]
async fn after_a_deny_or_a_report_no_text_message_is_sent_in_this_sign_in() {
    for report in [false, true] {
        let world = World::new().await;
        let mut phone = world.active_phone(&world.sign_in().await).await;
        let (refused, other) = (world.sign_in().await, world.sign_in().await);
        let allowed = |session: &klink_service::accounts::Session| {
            world.service.store().read(|conn| requests::text_allowed(conn, &session.key)).unwrap()
        };
        assert!(allowed(&refused));
        let asked = world.ask(&refused).await;
        if report {
            phone.report(&world, &asked.id, true).await;
        } else {
            phone.deny(&world, &asked.id).await;
            assert!(allowed(&other));
        }
        assert!(!allowed(&refused));
    }
}

#[tokio::test]
async fn a_report_signs_out_other_sessions_and_stops_pushes_until_another_factor() {
    let world = World::new().await;
    let owner = world.sign_in().await;
    let mut phone = world.active_phone(&owner).await;
    let thief = world.sign_in().await;
    let asked = world.ask(&thief).await;
    phone.report(&world, &asked.id, true).await;
    assert!(world.again(&owner).is_none());
    assert_eq!(world.again(&thief).unwrap().stage, Stage::SecondFactor);
    assert_eq!(world.start_login(&thief).await, Start::Muted { until: None });
    world.clock.advance(86_400);

    let owner = world.sign_in().await;
    assert_eq!(world.start_login(&owner).await, Start::Muted { until: None });
    assert!(!world.service.store().read(|conn| requests::text_allowed(conn, &owner.key)).unwrap());
    let code = crate::accounts::phone_code(&world, &owner.user.id);
    assert_eq!(totp::verify(&world.service, &owner, &code).await.unwrap(), Verify::Right);
    world.ask(&owner).await;
    sessions::sign_out(&world.service, &owner).await.unwrap();
}

#[tokio::test]
async fn a_wrong_number_makes_the_next_request_quiet() {
    let world = World::new().await;
    let mut phone = world.active_phone(&world.sign_in().await).await;
    let session = world.sign_in().await;
    let quiet = |id: String| {
        let sql = "SELECT quiet FROM requests WHERE id = ?1";
        world
            .service
            .store()
            .read(|conn| Ok(conn.query_row(sql, [id], |row| row.get::<_, bool>(0))?))
            .unwrap()
    };
    let first = world.ask(&session).await;
    assert!(!quiet(first.id.clone()));
    phone.approve(&world, &first.id, &other(&first.number)).await;
    let second = world.ask(&session).await;
    assert!(quiet(second.id.clone()));
    // Quiet is not hidden: who opens the app sees it.
    phone.listed(&world, &second.id).await;
}
