//! The pages over the real router: cookies, forms, languages, and the way from one to the next.

use authenticator_core::base32;
use authenticator_core::otp::{Algorithm, Digits, Otp, Period, Totp};
use axum::http::header;

use crate::browser::Browser;
use crate::phone::{Phone, other};
use crate::world::World;

/// Every page that can be asked for without a session, and one that cannot.
const OPEN: [&str; 5] = ["/sign-in", "/push-enrol", "/static/klink.css", "/no-such-page", "/security"];

#[tokio::test]
async fn every_answer_has_the_policy_and_is_not_stored() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for path in OPEN {
        let reply = browser.call("GET", path, String::new()).await;
        let policy = reply.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(reply.header(header::REFERRER_POLICY), "same-origin", "{path}");
        assert_eq!(reply.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
        let store = if path.starts_with("/static/") { "max-age=300" } else { "no-store" };
        assert_eq!(reply.header(header::CACHE_CONTROL), store, "{path}");
    }
}

#[tokio::test]
async fn cookies_are_for_this_host_alone_and_unseen_by_scripts() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.sign_in().await;
    assert!(
        browser.cookies.len() >= 2 && browser.cookies.iter().all(|(name, _)| name.starts_with("__Host-"))
    );
    let reply = browser.call("GET", "/", String::new()).await;
    assert!(!reply.headers.contains_key(header::SET_COOKIE), "nothing is set again");
    browser.cookies.clear();
    let reply = browser.call("GET", "/sign-in", String::new()).await;
    for part in ["__Host-", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(reply.header(header::SET_COOKIE).contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_form_without_its_token_changes_nothing() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.get("/sign-in").await;
    let body = format!("name=tess&password={}", crate::world::PASSWORD.replace(' ', "+"));
    for form in [String::new(), "&form=".to_owned(), format!("&form={}", "A".repeat(43))] {
        let reply = browser.call("POST", "/sign-in", format!("{body}{form}")).await;
        assert_eq!(reply.status, 403);
        assert!(reply.body.contains("Nothing was changed"), "{}", reply.body);
    }
    assert!(browser.cookies.iter().all(|(name, _)| name != "__Host-klink-session"));
    browser.sign_in().await;
    assert_eq!(browser.heading(), "More information required", "with its token the same form does it");
}

#[tokio::test]
async fn the_token_of_another_visitor_is_refused() {
    let world = World::new().await;
    let (mut mine, mut theirs) = (Browser::new(&world), Browser::new(&world));
    mine.get("/sign-in").await;
    theirs.get("/sign-in").await;
    theirs.html = mine.html.clone();
    theirs.send("/sign-in", &[("name", "tess"), ("password", crate::world::PASSWORD)]).await;
    assert_eq!((theirs.status, theirs.heading().as_str()), (403, "That didn&#39;t work"));
}

#[tokio::test]
async fn a_wrong_password_says_the_same_for_every_name_and_keeps_what_was_typed() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for name in ["tess", "nobody", "\"><script>"] {
        browser.get("/sign-in").await;
        let html = browser.send("/sign-in", &[("name", name), ("password", "wrong")]).await;
        assert!(html.contains("Your account or password is incorrect."));
        assert!(!html.contains("\"><script>"), "{html}");
    }
    assert!(browser.html.contains("value=\"&#34;&#62;&#60;script&#62;\""), "{}", browser.html);
}

#[tokio::test]
async fn after_too_many_wrong_passwords_the_page_says_how_long_to_wait() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for _ in 0..30 {
        browser.get("/sign-in").await;
        browser.send("/sign-in", &[("name", "tess"), ("password", "wrong")]).await;
    }
    assert!(browser.html.contains("Too many attempts. You can try again in "), "{}", browser.html);
}

#[tokio::test]
async fn a_page_speaks_the_browsers_language_until_the_visitor_chooses() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.language = "nl-NL,nl;q=0.9,en;q=0.8";
    assert!(browser.get("/sign-in").await.contains("<html lang=\"nl\">"));
    browser.send("/language", &[("language", "en"), ("back", "/sign-in")]).await;
    assert!(browser.path == "/sign-in" && browser.html.contains("<html lang=\"en\">"));
    browser.language = "nl";
    browser.sign_in().await;
    assert_eq!(browser.heading(), "More information required");
    browser.send("/language", &[("language", "nl"), ("back", "//evil.example/")]).await;
    assert_eq!((browser.path.as_str(), browser.heading().as_str()), ("/setup", "Meer informatie vereist"));
}

#[tokio::test]
async fn who_has_no_second_factor_gets_no_further_than_the_set_up() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.sign_in().await;
    for path in ["/", "/security", "/approve", "/other", "/setup/phone", "/setup/recovery", "/setup/done"] {
        browser.get(path).await;
        assert_eq!(browser.heading(), "More information required", "{path}");
    }
}

#[tokio::test]
async fn next_is_refused_while_no_phone_has_enrolled() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.sign_in().await;
    browser.get("/setup/prepare").await;
    browser.send("/setup/scan", &[]).await;
    let link = browser.text("link");
    assert!(link.starts_with("https://service.test/push-enrol#"), "{link}");
    let html = browser.send("/setup/scan/next", &[]).await;
    assert!(html.contains("No phone has scanned this code yet."), "{html}");
    assert_eq!(browser.text("link"), link, "the code stays");
    world.clock.advance(301);
    browser.get("/setup/scan").await;
    assert_eq!(browser.heading(), "This code has expired.");
    browser.send("/setup/scan", &[]).await;
    assert_ne!(browser.text("link"), link);
}

/// Signs in and has a phone scan the code; the page asks about the number.
async fn enrolled<'a>(world: &'a World, phone: &mut Phone) -> Browser<'a> {
    let mut browser = Browser::new(world);
    browser.sign_in().await;
    scanned(world, &mut browser, phone).await;
    browser
}

pub(crate) async fn scanned(world: &World, browser: &mut Browser<'_>, phone: &mut Phone) {
    browser.get("/setup/prepare").await;
    browser.send("/setup/scan", &[]).await;
    let offer = offer_of(browser);
    assert_eq!(phone.enrol(world, &offer).await.status, 201);
    browser.send("/setup/scan/next", &[]).await;
    let shown = (browser.path.as_str(), browser.heading());
    assert_eq!(shown, ("/setup/check", "Is this the number on your phone?".to_owned()));
}

/// Reads the link from the page, as a person copies it.
fn offer_of(browser: &Browser<'_>) -> klink_service::push::offers::Offer {
    let text = String::new;
    let (jti, app_link, code, host) = (text(), text(), text(), text());
    klink_service::push::offers::Offer {
        jti,
        link: browser.text("link"),
        app_link,
        code,
        host,
        expires_at: 0,
    }
}

#[tokio::test]
async fn from_the_password_to_an_approved_sign_in() {
    let world = World::new().await;
    let mut phone = Phone::new();
    let mut browser = enrolled(&world, &mut phone).await;
    assert_eq!(browser.text("number").replace(' ', "").len(), 6);
    browser.send("/setup/check", &[("same", "yes")]).await;
    assert_eq!(browser.heading(), "Let&#39;s try it out");
    let (number, id) = (browser.text("number"), phone.list(&world).await.requests.len());
    assert_eq!((number.len(), id), (2, 1));
    approve(&world, &mut phone, &number).await;
    browser.get("/setup/test").await;
    assert_eq!((browser.path.as_str(), browser.heading().as_str()), ("/setup/done", "Success!"));
    assert!(browser.html.contains("Tess&#39; phone"), "{}", browser.html);

    let mut second = Browser::new(&world);
    second.sign_in().await;
    assert_eq!(second.heading(), "Approve on your phone");
    approve(&world, &mut phone, &second.text("number")).await;
    second.get("/approve").await;
    assert_eq!(second.heading(), "Signed in");
    assert!(second.html.contains("A phone was added"), "the notice of the new factor: {}", second.html);
    second.send("/notices/seen", &[]).await;
    assert!(!second.html.contains("A phone was added"));
    second.send("/sign-out", &[]).await;
    assert!(second.html.contains("You are signed out."));
    second.get("/security").await;
    assert_eq!(second.heading(), "Sign in");
}

/// Answers the newest request of the phone's list.
pub(crate) async fn approve(world: &World, phone: &mut Phone, number: &str) {
    let id = newest(world, phone).await;
    assert_eq!(phone.approve(world, &id, number).await.status, 200);
}

pub(crate) async fn newest(world: &World, phone: &mut Phone) -> String {
    use authenticator_core::push::jws;
    use authenticator_core::push::wire::Request;
    let list = phone.list(world).await;
    let claims: Request = jws::parse(&list.requests[0]).unwrap().claims_before_verifying().unwrap();
    claims.jti.to_string()
}

#[tokio::test]
async fn another_check_number_revokes_the_phone() {
    let world = World::new().await;
    let mut phone = Phone::new();
    let mut browser = enrolled(&world, &mut phone).await;
    browser.send("/setup/check", &[("same", "no")]).await;
    assert_eq!(browser.heading(), "That was another phone");
    browser.send("/setup/scan", &[]).await;
    assert_eq!(browser.heading(), "Scan the QR code");
}

#[tokio::test]
async fn each_way_a_request_ends_has_its_own_text_and_try_again() {
    let world = World::new().await;
    let mut phone = Phone::new();
    let mut browser = enrolled(&world, &mut phone).await;
    browser.send("/setup/check", &[("same", "yes")]).await;
    let number = browser.text("number");
    let id = newest(&world, &mut phone).await;
    phone.approve(&world, &id, &other(&number)).await;
    browser.get("/setup/test").await;
    assert_eq!(browser.heading(), "Wrong number");

    browser.send("/setup/test", &[]).await;
    let id = newest(&world, &mut phone).await;
    phone.deny(&world, &id).await;
    browser.get("/setup/test").await;
    assert_eq!(browser.heading(), "Request denied");
    assert!(!browser.html.contains("/other"), "no other method is offered after a denial");

    browser.send("/setup/test", &[]).await;
    world.clock.advance(61);
    browser.get("/setup/test").await;
    assert_eq!(browser.heading(), "No answer");

    browser.send("/setup/test", &[]).await;
    let waiting = browser.text("number");
    browser.get("/setup/test?as=qr").await;
    assert!(browser.html.contains("Show the number instead") && !browser.html.contains("id=\"number\""));
    browser.get("/setup/test").await;
    assert_eq!(browser.text("number"), waiting, "a reload shows the same number");
}

#[tokio::test]
async fn the_live_state_changes_with_the_answer() {
    let world = World::new().await;
    let mut phone = Phone::new();
    let mut browser = enrolled(&world, &mut phone).await;
    browser.send("/setup/check", &[("same", "yes")]).await;
    let shown = browser.html.split("data-state=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let before = browser.call("GET", "/live/ask?once", String::new()).await.body;
    assert_eq!(before, shown);
    let number = browser.text("number");
    approve(&world, &mut phone, &number).await;
    let after = browser.call("GET", "/live/ask?once", String::new()).await.body;
    assert!(after.ends_with(" approved") && before.ends_with(" open"), "{before}, {after}");
    browser.cookies.clear();
    assert_eq!(browser.call("GET", "/live/ask?once", String::new()).await.status, 404);
}

/// Sets up a plain authenticator app, and returns its key.
pub(crate) async fn with_app<'a>(world: &'a World) -> (Browser<'a>, Otp) {
    let mut browser = Browser::new(world);
    browser.sign_in().await;
    browser.get("/setup/app").await;
    browser.send("/setup/other", &[]).await;
    let secret = base32::decode(&browser.text("key").replace(' ', "")).unwrap();
    let otp =
        Otp::Totp(Totp { secret, algorithm: Algorithm::Sha1, digits: Digits::SIX, period: Period::THIRTY });
    browser.send("/setup/other/verify", &[("code", "12 34 56")]).await;
    assert!(browser.html.contains("That code isn&#39;t right."), "{}", browser.html);
    let code = otp.code_at(world.clock.time(), 0).unwrap().text;
    browser.send("/setup/other/verify", &[("code", &format!("{} {}", &code[..3], &code[3..]))]).await;
    (browser, otp)
}

#[tokio::test]
async fn another_app_is_a_second_factor_too() {
    let world = World::new().await;
    let (mut browser, otp) = with_app(&world).await;
    browser.get("/security").await;
    assert!(browser.html.contains("Another authenticator app"), "{}", browser.html);

    let mut second = Browser::new(&world);
    second.sign_in().await;
    assert_eq!((second.path.as_str(), second.heading().as_str()), ("/other", "Use another method"));
    second.get("/other/app").await;
    let code = otp.code_at(world.clock.time(), 0).unwrap().text;
    second.send("/other/app", &[("code", &code)]).await;
    assert!(second.html.contains("or it was used before"), "a code counts once: {}", second.html);
    world.clock.advance(30);
    let code = otp.code_at(world.clock.time(), 0).unwrap().text;
    second.send("/other/app", &[("code", &code)]).await;
    assert_eq!(second.heading(), "Signed in");
}

#[tokio::test]
async fn ten_recovery_codes_are_shown_once_and_each_works_once() {
    let world = World::new().await;
    let (mut browser, _) = with_app(&world).await;
    browser.get("/setup/recovery").await;
    browser.send("/setup/recovery", &[]).await;
    let list =
        browser.html.split("<ol class=\"codes").nth(1).unwrap().split("</ol>").next().unwrap().to_owned();
    let codes: Vec<String> =
        list.split("<li>").skip(1).map(|item| item.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    browser.get("/setup/recovery").await;
    assert!(!browser.html.contains(&codes[0]));

    for (code, works) in [(&codes[3], true), (&codes[3], false), (&codes[4], true)] {
        let mut visit = Browser::new(&world);
        visit.sign_in().await;
        visit.get("/other/recovery").await;
        visit.send("/other/recovery", &[("code", &code.to_lowercase())]).await;
        assert_eq!(visit.heading() == "Signed in", works, "{}", visit.html);
    }
}

#[tokio::test]
async fn a_change_asks_for_a_factor_when_the_last_proof_is_old() {
    let world = World::new().await;
    let (mut browser, otp) = with_app(&world).await;
    world.clock.advance(700);
    browser.get("/security/phones/add").await;
    assert_eq!(browser.path, "/other?next=/security/phones/add");
    assert_eq!(browser.heading(), "Confirm that it is you");
    browser.get("/other/app?next=/security/phones/add").await;
    let code = otp.code_at(world.clock.time(), 0).unwrap().text;
    browser.send("/other/app?next=/security/phones/add", &[("code", &code)]).await;
    assert_eq!(browser.path, "/setup/prepare?next=/security");
    browser.send("/setup/scan?next=/security", &[]).await;
    assert_eq!(
        (browser.path.as_str(), browser.heading().as_str()),
        ("/setup/scan?next=/security", "Scan the QR code")
    );
}

#[tokio::test]
async fn a_phone_is_removed_after_a_question() {
    let world = World::new().await;
    let (mut browser, _) = with_app(&world).await;
    let mut phone = Phone::new();
    scanned(&world, &mut browser, &mut phone).await;
    browser.send("/setup/check", &[("same", "yes")]).await;
    let number = browser.text("number");
    approve(&world, &mut phone, &number).await;
    browser.get("/security").await;
    let path = format!("/security/phones/{}/remove", phone.id());
    assert!(browser.html.contains(&path), "{}", browser.html);
    browser.get(&path).await;
    assert!(browser.html.contains("Remove the phone Tess&#39; phone?"), "{}", browser.html);
    browser.send(&path, &[]).await;
    assert!(browser.html.contains("It was removed."), "{}", browser.html);
    browser.get(&path).await;
    assert_eq!((browser.status, browser.heading().as_str()), (404, "That didn&#39;t work"));
}

#[tokio::test]
async fn a_query_can_lead_nowhere_but_to_the_security_pages() {
    let world = World::new().await;
    let (mut browser, _) = with_app(&world).await;
    for bad in ["//evil.example", "https://evil.example", "/security//evil.example", "/security?x", "/setup"]
    {
        let html = browser.get(&format!("/setup/recovery?next={bad}")).await;
        assert!(html.contains("href=\"/\">Not now</a>"), "{bad}: {html}");
    }
    assert!(browser.get("/setup/recovery?next=/security").await.contains("href=\"/security\">Not now</a>"));
}

#[tokio::test]
async fn the_page_behind_a_link_asks_for_nothing() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let html = browser.get("/push-enrol").await;
    assert!(html.contains("src=\"/static/link.js\"") && html.contains("id=\"open\""));
    assert_eq!(browser.call("GET", "/static/qr.js", String::new()).await.status, 200);
    assert_eq!(browser.call("GET", "/static/../Cargo.toml", String::new()).await.status, 404);
}
