//! Passwords, codes, recovery codes, one-time passes and notices.

use authenticator_core::otp::{Algorithm, Digits, Otp, Period, Totp};
use authenticator_core::secret::{SecretBytes, SecretText};
use authenticator_core::uri;
use klink_service::accounts::notices::{self, Kind};
use klink_service::accounts::{
    Change, Session, SignIn, Stage, Verify, factors, pass, recovery, sessions, totp, users,
};
use klink_service::push::devices;

use crate::world::{PASSWORD, World};

/// Computes the code of the user's first phone, as its app would show it.
pub(crate) fn phone_code(world: &World, user: &str) -> String {
    let first = factors::list(&world.service, user).unwrap().phones.remove(0);
    code_of(world, secret_of(world, &first.id), 0)
}

fn secret_of(world: &World, credential: &str) -> SecretBytes {
    let sql = "SELECT id, secret FROM totp WHERE credential = ?1";
    let opened = world.service.store().read(|conn| {
        let (id, sealed): (String, Vec<u8>) =
            conn.query_row(sql, [credential], |row| Ok((row.get(0)?, row.get(1)?)))?;
        world.service.sealing().open("totp", &id, &sealed)
    });
    opened.unwrap()
}

fn code_of(world: &World, secret: SecretBytes, steps: i64) -> String {
    let totp = Totp { secret, algorithm: Algorithm::Sha1, digits: Digits::SIX, period: Period::THIRTY };
    Otp::Totp(totp).code_at(world.clock.time().plus_ms(steps * 30_000), 0).unwrap().text
}

async fn password(world: &World, name: &str, password: &str) -> SignIn {
    let visitor = World::visitor();
    sessions::sign_in(&world.service, &visitor, name, SecretText::from(password)).await.unwrap()
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_are_told_alike_and_limited() {
    let world = World::new().await;
    for _ in 0..10 {
        assert!(matches!(password(&world, "tess", "wrong").await, SignIn::Wrong));
    }
    assert!(matches!(password(&world, "tess", PASSWORD).await, SignIn::Limited { retry_s: 1..=900 }));
    assert!(matches!(password(&world, "nobody", "wrong").await, SignIn::Wrong));
    world.clock.advance(901);
    assert!(matches!(password(&world, " TESS ", PASSWORD).await, SignIn::Done { .. }));
}

#[tokio::test]
async fn one_address_cannot_try_many_accounts() {
    let world = World::new().await;
    let now = world.clock.now();
    let fill = move |tx: &klink_service::store::Tx<'_>| {
        (0..50).try_for_each(|_| klink_service::accounts::limits::note(tx, "address", "192.0.2.1", now))
    };
    world.service.store().write(fill).await.unwrap();
    assert!(matches!(password(&world, "tess", PASSWORD).await, SignIn::Limited { .. }));
}

#[tokio::test]
async fn a_user_without_a_factor_is_stopped_after_the_password() {
    let world = World::new().await;
    let SignIn::Done { token, session } = password(&world, "tess", PASSWORD).await else { panic!() };
    assert_eq!(session.stage, Stage::MustEnrol);
    assert_eq!(sessions::open(&world.service, token.expose()).unwrap().unwrap().key, session.key);
    assert!(sessions::open(&world.service, "guessed").unwrap().is_none());
    world.clock.advance(3601);
    assert!(sessions::open(&world.service, token.expose()).unwrap().is_none());
}

async fn app(world: &World, session: &Session) -> (String, SecretBytes) {
    let offer = totp::offer(&world.service, session).await.unwrap().unwrap();
    let account = uri::parse(offer.uri.expose()).unwrap();
    (offer.id, account.otp.secret().clone())
}

#[tokio::test]
async fn another_app_is_a_factor_once_its_first_code_is_right() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let (id, secret) = app(&world, &session).await;
    assert_eq!(
        totp::confirm(&world.service, &session, &id, "000000x").await.unwrap(),
        Verify::Wrong { left: 4 }
    );
    assert_eq!(world.again(&session).unwrap().stage, Stage::MustEnrol);
    let code = code_of(&world, secret.clone(), 0);
    assert_eq!(totp::confirm(&world.service, &session, &id, &code).await.unwrap(), Verify::Right);
    assert_eq!(world.again(&session).unwrap().stage, Stage::SignedIn);

    // The step was used up; the next one is good, one way only.
    let second = world.sign_in().await;
    assert!(matches!(totp::verify(&world.service, &second, &code).await.unwrap(), Verify::Wrong { .. }));
    let next = code_of(&world, secret.clone(), 1);
    assert_eq!(totp::verify(&world.service, &second, &next).await.unwrap(), Verify::Right);
    let third = world.sign_in().await;
    world.clock.advance(90);
    let early = code_of(&world, secret, 2);
    assert!(matches!(totp::verify(&world.service, &third, &early).await.unwrap(), Verify::Wrong { .. }));
}

#[tokio::test]
async fn the_codes_of_a_phone_in_set_up_sign_nobody_in() {
    let world = World::new().await;
    let owner = world.sign_in().await;
    world.active_phone(&owner).await;
    // Whoever photographed the second QR code has its secret, and the password.
    let owner = world.again(&owner).unwrap();
    let thief = world.pending_phone(&owner).await;
    let code = code_of(&world, secret_of(&world, &thief.id()), 0);
    let session = world.sign_in().await;
    assert!(matches!(totp::verify(&world.service, &session, &code).await.unwrap(), Verify::Wrong { .. }));
    // Control: the same code once the phone is active.
    let asked = world.start_test(&owner, &thief).await;
    let mut phone = thief;
    phone.approve(&world, &asked.id, &asked.number).await;
    assert_eq!(totp::verify(&world.service, &session, &code).await.unwrap(), Verify::Right);
}

#[tokio::test]
async fn five_wrong_codes_wait_whatever_their_kind() {
    let world = World::new().await;
    let session = world.sign_in().await;
    world.active_phone(&session).await;
    let second = world.sign_in().await;
    for left in [4, 3] {
        assert_eq!(totp::verify(&world.service, &second, "x").await.unwrap(), Verify::Wrong { left });
    }
    for left in [2, 1, 0] {
        assert_eq!(recovery::verify(&world.service, &second, "x").await.unwrap(), Verify::Wrong { left });
    }
    let code = phone_code(&world, &second.user.id);
    assert!(matches!(totp::verify(&world.service, &second, &code).await.unwrap(), Verify::Limited { .. }));
    world.clock.advance(901);
    let code = phone_code(&world, &second.user.id);
    assert_eq!(totp::verify(&world.service, &second, &code).await.unwrap(), Verify::Right);
}

#[tokio::test]
async fn ten_recovery_codes_are_good_once_each() {
    let world = World::new().await;
    let session = world.sign_in().await;
    assert!(recovery::make(&world.service, &session).await.unwrap().is_none());
    world.active_phone(&session).await;
    let session = world.again(&session).unwrap();
    let codes = recovery::make(&world.service, &session).await.unwrap().unwrap();
    assert_eq!(codes.len(), 10);
    let second = world.sign_in().await;
    let typed = codes[3].expose().to_lowercase();
    assert_eq!(recovery::verify(&world.service, &second, &typed).await.unwrap(), Verify::Right);
    assert_eq!(recovery::verify(&world.service, &second, &typed).await.unwrap(), Verify::Wrong { left: 4 });
    assert_eq!(factors::list(&world.service, &session.user.id).unwrap().recovery_left, 9);
    recovery::make(&world.service, &session).await.unwrap().unwrap();
    assert!(matches!(
        recovery::verify(&world.service, &second, codes[4].expose()).await.unwrap(),
        Verify::Wrong { .. }
    ));
}

#[tokio::test]
async fn factors_are_changed_with_a_fresh_proof_alone() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let (session, id) = (world.again(&session).unwrap(), phone.id());
    let unproved = world.sign_in().await;
    assert_eq!(devices::remove(&world.service, &unproved, &id).await.unwrap(), Change::NotFresh);
    world.clock.advance(601);
    assert_eq!(devices::remove(&world.service, &session, &id).await.unwrap(), Change::NotFresh);
    assert!(totp::offer(&world.service, &session).await.unwrap().is_none());
    let code = phone_code(&world, &session.user.id);
    totp::verify(&world.service, &session, &code).await.unwrap();
    let session = world.again(&session).unwrap();
    assert_eq!(
        devices::rename(&world.service, &session, &id, &"Work".parse().unwrap()).await.unwrap(),
        Change::Done
    );
    assert_eq!(factors::list(&world.service, &session.user.id).unwrap().phones[0].name, "Work");
    assert_eq!(devices::remove(&world.service, &session, &id).await.unwrap(), Change::Done);
    assert_eq!(devices::remove(&world.service, &session, &id).await.unwrap(), Change::Unknown);
    let told = notices::unseen(&world.service, &session.user.id).unwrap();
    let kinds: Vec<Kind> = told.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [Kind::PhoneRemoved, Kind::PhoneAdded]);
    assert_eq!(told[0].detail, "Work");
    notices::seen(&world.service, &session.user.id).await.unwrap();
    assert!(notices::unseen(&world.service, &session.user.id).unwrap().is_empty());
}

#[tokio::test]
async fn after_a_reset_the_one_time_pass_comes_before_a_new_factor() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let mut phone = world.active_phone(&session).await;
    assert!(pass::reset(&world.service, "nobody").await.unwrap().is_none());
    let secret = pass::reset(&world.service, "tess").await.unwrap().unwrap();
    assert!(world.again(&session).is_none());
    let reply = phone.call(&world, "GET", "/push/v1/requests", String::new()).await;
    reply.refuses(401, "credential_revoked");
    assert_eq!(reply.problem().reason.unwrap().as_str(), "reset");

    let (owner, thief) = (world.sign_in().await, world.sign_in().await);
    assert_eq!((owner.stage, owner.may_change(world.clock.now())), (Stage::NeedsPass, false));
    assert!(matches!(pass::verify(&world.service, &owner, "wrong").await.unwrap(), Verify::Wrong { .. }));
    assert_eq!(pass::verify(&world.service, &owner, secret.expose()).await.unwrap(), Verify::Right);
    assert_eq!(world.again(&owner).unwrap().stage, Stage::MustEnrol);
    // Another session with the password alone does not get past it, and the pass is used up.
    assert_eq!(world.again(&thief).unwrap().stage, Stage::NeedsPass);
    assert!(matches!(
        pass::verify(&world.service, &thief, secret.expose()).await.unwrap(),
        Verify::Wrong { .. }
    ));
    let owner = world.again(&owner).unwrap();
    world.active_phone(&owner).await;
    assert_eq!(world.again(&thief).unwrap().stage, Stage::SecondFactor);
}

#[tokio::test]
async fn a_name_is_taken_once_and_a_new_password_ends_sessions() {
    let world = World::new().await;
    let add = |name: &'static str, password: &'static str| {
        users::add(&world.service, name, "Someone", SecretText::from(password))
    };
    assert_eq!(add("TESS", "long enough").await.unwrap(), users::Add::Taken);
    assert_eq!(add("new", "short").await.unwrap(), users::Add::Unusable);
    assert_eq!(add("two\nlines", "long enough").await.unwrap(), users::Add::Unusable);
    let session = world.sign_in().await;
    assert!(users::set_password(&world.service, "tess", SecretText::from("another one")).await.unwrap());
    assert!(world.again(&session).is_none());
    assert!(matches!(password(&world, "tess", PASSWORD).await, SignIn::Wrong));
}
