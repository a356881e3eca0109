#!/usr/bin/env python3
"""Users and policies of the eduMFA bed, all upserts:  edu_configure.py BASE CA ENV.json"""
import json, sys
from pi_configure import Api

base, ca, out = sys.argv[1:4]
api = Api(base, ca)
api.login("admin", "admin-test-pw")
USERS = ("alice", "bob")
have = {u["username"] for u in api.ok("GET", "/user/?realm=testrealm")["result"]["value"]}
for u in USERS:
    if u not in have:
        api.ok("POST", "/user/", {"resolver": "users", "user": u, "password": f"{u}-pw", "givenname": u.title(), "surname": "Test",
                                  "email": f"{u}@example.org", "mobile": "+15550100009"})
api.ok("POST", "/defaultrealm/testrealm")
every = {"active": True, "realm": [], "user": [], "resolver": [], "client": [], "time": "", "adminrealm": [], "adminuser": [], "pinode": []}
api.ok("POST", "/policy/enrol", {**every, "scope": "enrollment", "action": {
    f"{p}_{k}": v for p, t in (("push", "push"), ("edupush", "edupush")) for k, v in (
        ("firebase_configuration", "poll only"), ("registration_url", f"{base}/ttype/{t}"), ("ttl", 10))}})
api.ok("POST", "/policy/auth", {**every, "scope": "authentication", "action": {"otppin": "userstore"}})
with open(out, "w") as f:
    json.dump({"base": base, "ca": ca, "realm": "testrealm", "admin": "admin", "admin_password": "admin-test-pw",
               "users": {u: {"password": f"{u}-pw"} for u in USERS}}, f, indent=1)
