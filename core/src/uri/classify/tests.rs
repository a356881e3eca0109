use super::*;
use crate::account::Kind;

#[track_caller]
fn check(text: &str, expected: &str) {
    let said = match classify(text) {
        Text::Account(account) => format!("account {}", account.otp.kind()),
        Text::Migration(part) => format!("migration {}/{}", part.part, part.parts),
        Text::Enrolment { dialect, text } => format!("enrolment {dialect:?} {}", text.expose()),
        Text::PushMatch(text) => format!("match {}", text.expose()),
        Text::Move(text) => format!("move {}", text.expose()),
        Text::VendorPush { vendor, hint } => format!("vendor {} {}", vendor.name(), hint.name()),
        Text::Broken(error) => format!("broken: {error}"),
        Text::BrokenMigration(error) => format!("broken export: {error}"),
        other @ (Text::OtpauthWithoutSecret
        | Text::Passkey
        | Text::Wifi
        | Text::Contact
        | Text::Url
        | Text::OtherLink
        | Text::Plain) => format!("{other:?}"),
    };
    assert_eq!(said, expected, "{text}");
}

#[test]
fn accounts_are_accounts() {
    check("otpauth://totp/ann?secret=JBSWY3DP", "account totp");
    check(" OTPAUTH://hotp/ann?secret=JBSWY3DP\n", "account hotp");
    check("steam://JBSWY3DP", "account steam");
    check("motp://ann?secret=e315", "account motp");
    check("otpauth://yaotp/ann?secret=LA2V6KMCGYMWWVEW64RNP3JA3I", "account yandex");
    check("otpauth-migration://offline?data=CgwKBUhlbGxvEgNhbm4QAQ", "migration 1/1");
}

#[test]
fn a_pin_that_is_missing_does_not_make_an_account_broken() {
    let Text::Account(account) = classify("motp://ann?secret=e315") else { panic!("no account") };
    assert!(account.otp.kind() == Kind::Motp && account.otp.needs_pin());
}

#[test]
fn a_broken_account_says_what_is_wrong_with_it() {
    check("otpauth://totp/ann?issuer=ACME", "broken: no secret");
    check(
        "otpauth://totp/ann?secret=JBSW1",
        "broken: the secret has a digit other than 2 to 7 at character 4",
    );
    check("otpauth://totp/ann?secret=JBSWY3DP&digits=99", "broken: 99 digits, expected 1 to 10");
    check("otpauth://xotp/ann?secret=JBSWY3DP", "broken: an unknown kind of account");
    check("otpauth:totp/ann?secret=JBSWY3DP", "broken: not an otpauth, steam or motp link");
    check("motp://ann?secret=xyz", "broken: the secret is not hexadecimal");
    check("steam://JBSW1", "broken: the secret has a digit other than 2 to 7 at character 4");
    check("otpauth-migration://offline?data=!", "broken export: the data is not base64");
    check(&"x".repeat(MAX_TEXT_BYTES + 1), "broken: a text of 65537 bytes");
}

#[test]
fn what_microsoft_shows_first_leads_to_the_other_link_on_its_page() {
    let expected = "vendor microsoft use_different_app";
    check(
        "phonefactor://activate_account?code=123456789&url=https%3A%2F%2Fmobileappcommunicator.auth.microsoft.com%2F1",
        expected,
    );
    check(
        "PhoneFactor://activate_account?code=1&url=https%3a%2f%2fmfa.example.com%2fMfaWsMobile%2f",
        expected,
    );
    check("microsoft-authenticator://activatePhoneFactor?code=1", expected);
    for host in ["login.microsoftonline.com", "Login.MicrosoftOnline.us", "login.chinacloudapi.cn:443"] {
        check(
            &format!("https://{host}/authenticatorApp/activateAccount?accountType=mfa&source=qrCode&code=1"),
            expected,
        );
        check(&format!("https://{host}/authenticatorapp/activateaccount/#x"), expected);
    }
    check("https://pad.phonefactor.net/pad/123456789", expected);
    check("https://mfa.example.com/PhoneFactor?code=1", expected);
    check("https://mobileappcommunicator.auth.microsoft.com/activate/1", expected);
}

#[test]
fn other_pages_of_the_same_hosts_are_pages() {
    check("https://login.microsoftonline.com/common/oauth2/authorize", "Url");
    check("https://login.microsoftonline.com.example.org/authenticatorApp/activateAccount", "Url");
    check("https://example.org/?u=login.microsoftonline.com/authenticatorApp/activateAccount", "Url");
    check("https://notphonefactor.net/pad", "Url");
    check("https://example.org#/phonefactor", "Url");
}

#[test]
fn other_vendors_are_named_with_what_the_user_can_do() {
    check("oktaverify://ann@example.okta.com/?t=1&f=2&s=3", "vendor okta choose_google_authenticator");
    check("duo://ABCDEFGHIJKLMNOPQRST-YXBpLWUudXMuZHVvc2VjdXJpdHkuY29t", "vendor duo vendor_app_only");
    // api-e.us.duosecurity.com
    check("ABCDEFGHIJKLMNOPQRST-YXBpLWUudXMuZHVvc2VjdXJpdHkuY29t", "vendor duo vendor_app_only");
    check("https://m-1.duosecurity.com/activate/ABC", "vendor duo vendor_app_only");
    check("pushauth://push/forgerock:ann?r=1", "vendor forgerock look_for_codes");
    check("mfauth://totp/forgerock:ann?r=1", "vendor forgerock look_for_codes");
    check("lseqr://push/abc", "vendor linotp look_for_codes");
    check("tiqrenroll://https://example.org/meta", "vendor tiqr vendor_app_only");
    check("tiqrauth://ann@example.org/1/2/3/4", "vendor tiqr vendor_app_only");
    check("authenticator://saltedge.com/connect?configuration=https://x", "vendor salt_edge vendor_app_only");
    check("authenticator://something", "OtherLink");
    check("ABCDEFGHIJKLMNOPQRST-bm90IGEgaG9zdA", "Plain");
}

#[test]
fn an_account_without_secret_that_enrols_push_is_no_broken_account() {
    let text = "otpauth://totp/tenant:ann?enrollment_tx_id=1&base_url=https%3A%2F%2Fexample.auth0.com";
    check(text, "OtpauthWithoutSecret");
    check(&format!("{text}&secret=JBSWY3DP"), "account totp");
}

#[test]
fn offers_to_enrol_go_on_as_they_are() {
    check(" pushenrol:#abc.def.ghi ", "enrolment Klink pushenrol:#abc.def.ghi");
    check(
        "https://mfa.example.org/push-enrol#a.b.c",
        "enrolment Klink https://mfa.example.org/push-enrol#a.b.c",
    );
    check(
        "HTTPS://mfa.example.org:8443/x/push-enrol#a",
        "enrolment Klink HTTPS://mfa.example.org:8443/x/push-enrol#a",
    );
    check("otpauth://pipush/ann?url=1", "enrolment PrivacyIdea otpauth://pipush/ann?url=1");
    check("pia://pipush/ann?url=1", "enrolment PrivacyIdea pia://pipush/ann?url=1");
    check("edumfa-push://edumfa/ann?url=1", "enrolment EduMfa edumfa-push://edumfa/ann?url=1");
    check("pushmatch:0b7c.AAECAwQFBgcICQoLDA0ODw", "match pushmatch:0b7c.AAECAwQFBgcICQoLDA0ODw");
}

#[test]
fn a_code_of_a_move_goes_on_as_it_is() {
    check(" KLINK-MOVE:A%:20 AB ", "move KLINK-MOVE:A%:20 AB");
    check("klink-move:x", "move klink-move:x");
    check("KLINK-MOVE", "Plain");
}

#[test]
fn what_only_resembles_an_offer_is_a_page_or_a_link() {
    check("http://mfa.example.org/push-enrol#abc", "Url");
    check("https://mfa.example.org/push-enrol#", "Url");
    check("https://mfa.example.org/push-enrol", "Url");
    check("https://mfa.example.org/#/push-enrol#abc", "Url");
    check("pia://qrbackup?data=1", "OtherLink");
}

#[test]
fn everyday_codes_are_what_they_are() {
    check("FIDO:/0876543210", "Passkey");
    check("fido:/1", "Passkey");
    check("WIFI:S:home;T:WPA;P:secret;;", "Wifi");
    check("wifi:T:nopass;S:x;;", "Wifi");
    check("BEGIN:VCARD\nVERSION:3.0\nEND:VCARD", "Contact");
    check("MECARD:N:Ann;;", "Contact");
    check("https://example.org", "Url");
    check("HTTP://EXAMPLE.ORG/a b", "Url");
    check("www.example.org/x", "Url");
    check("mailto:ann@example.org", "OtherLink");
    check("steam://run/440", "OtherLink");
    check("weixin://dl/chat", "OtherLink");
    check("openid-credential-offer://?x", "OtherLink");
}

#[test]
fn everything_else_is_plain_text() {
    for text in [
        "",
        " ",
        "JBSWY3DPEHPK3PXP",
        "4006381333931",
        "Note: call ann",
        "BEGIN:VEVENT",
        "://x",
        "9x://y",
        "www. x",
        "é:",
    ] {
        check(text, "Plain");
    }
}

#[test]
fn showing_what_a_text_is_shows_no_secret() {
    for text in [
        "otpauth://totp/ann?secret=JBSWY3DPEHPK3PXP",
        "pushenrol:#JBSWY3DPEHPK3PXP",
        "pushmatch:1.JBSWY3DPEHPK3PXP",
        "KLINK-MOVE:JBSWY3DPEHPK3PXP",
        "otpauth-migration://offline?data=CgwKBUhlbGxvEgNhbm4QAQ",
    ] {
        let shown = format!("{:?}", classify(text));
        assert!(!shown.contains("JBSW") && !shown.contains("Hello") && !shown.contains("72, 101"), "{shown}");
    }
}
