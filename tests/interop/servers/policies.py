"""Users, gateways and policies of both servers, as an administrator sets them up over their REST API."""

REALM = "testrealm"
ADMINISTRATOR, PASSWORD = "admin", "admin-test-pw"

# One user for each mode, so that cases of one mode do not change what another's see.
PRIVACYIDEA = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi")
EDUMFA = ("alice", "bob")


class Administrator:
    """Calls the application's REST API from inside its own process."""

    def __init__(self, application):
        self.client = application.test_client()
        login = {"username": ADMINISTRATOR, "password": PASSWORD}
        self.headers = {}
        self.headers = {"Authorization": self.do("POST", "/auth", login)["value"]["token"]}

    def do(self, method, path, body=None):
        reply = self.client.open(path, method=method, json=body, headers=self.headers)
        result = (reply.get_json(silent=True) or {}).get("result", {})
        if reply.status_code != 200 or not result.get("status"):
            raise SystemExit(f"{method} {path}: {reply.status_code} {result}")
        return result

    def users(self, names):
        for n, name in enumerate(names):
            who = {"givenname": name.title(), "surname": "Test", "email": f"{name}@example.org", "mobile": f"+1555010000{n}"}
            self.do("POST", "/user/", {"resolver": "users", "user": name, "password": f"{name}-pw", **who})
        self.do("POST", f"/defaultrealm/{REALM}")


def privacyidea(application, base, gateway):
    api = Administrator(application)
    api.users(PRIVACYIDEA)
    carrier = {
        "module": "privacyidea.lib.smsprovider.HttpSMSProvider.HttpSMSProvider",
        "option.HTTP_METHOD": "POST",
        "option.SEND_DATA_AS_JSON": "yes",
        "option.CHECK_SSL": "yes",
        "option.to": "{phone}",
    }
    push = {"option.URL": f"{gateway}/push", "option.ALLOW_PUSH": "yes", "option.data": "{message}"}
    api.do("POST", "/smsgateway", {"name": "pushgw", **carrier, **push})
    api.do("POST", "/smsgateway", {"name": "smsgw", **carrier, "option.URL": f"{gateway}/sms", "option.text": "{otp}"})
    api.do("POST", "/system/setConfig", {"sms.identifier": "smsgw", "PushChallengeValidityTime": "120"})
    polling = ["alice", "bob", "carol", "dave", "frank", "grace"]
    number = {"push_require_presence": True, "push_presence_options": "NUMERIC", "push_presence_num_options": 3}
    custom = {
        "push_require_presence": True,
        "push_presence_options": "CUSTOM",
        "push_presence_custom_options": "17:42:73:88:91",
        "push_presence_num_options": 4,
    }
    texts = {"push_text_on_mobile": "Sign in as {user} from {client_ip}?", "push_title_on_mobile": "PI Test Bed"}
    labels = {"tokenissuer": "PI Test Bed", "tokenlabel": "{user}@{realm}"}
    for name, scope, users, action in (
        # The address must not be bound to a user: a look carries none, and without it every look fails.
        ("enrol_all", "enrollment", None, {"push_registration_url": f"{base}/ttype/push", "push_ttl": 10, **labels}),
        ("enrol_poll", "enrollment", polling, {"push_firebase_configuration": "poll only"}),
        ("enrol_gateway", "enrollment", ["erin", "heidi"], {"push_firebase_configuration": "pushgw"}),
        ("auth_all", "authentication", None, {"otppin": "userstore", "push_allow_polling": "allow", **texts}),
        ("auth_sms", "authentication", [], {"challenge_response": "sms"}),
        ("auth_number", "authentication", ["bob"], number),
        ("auth_custom", "authentication", ["heidi"], custom),
        ("auth_code", "authentication", ["carol"], {"push_code_to_phone": True}),
        ("auth_wait", "authentication", ["frank"], {"push_wait": 20}),
        ("auth_enrol", "authentication", ["grace"], {"enroll_via_multichallenge": "push", "passOnNoToken": True}),
    ):
        whose = {} if users is None else {"realm": [REALM], "user": users}
        api.do("POST", f"/policy/{name}", {"scope": scope, "action": action, "active": True, **whose})


def edumfa(application, base, _gateway):
    api = Administrator(application)
    api.users(EDUMFA)
    every = {name: [] for name in ("realm", "user", "resolver", "client", "adminrealm", "adminuser", "pinode")}
    every |= {"active": True, "time": ""}
    enrol = {}
    for kind in ("push", "edupush"):
        enrol[f"{kind}_firebase_configuration"] = "poll only"
        enrol[f"{kind}_registration_url"] = f"{base}/ttype/{kind}"
        enrol[f"{kind}_ttl"] = 10
    api.do("POST", "/policy/enrol", {**every, "scope": "enrollment", "action": enrol})
    api.do("POST", "/policy/auth", {**every, "scope": "authentication", "action": {"otppin": "userstore"}})
