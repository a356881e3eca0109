"""A real privacyIDEA or eduMFA on 127.0.0.1, new each time, until its standard input ends.

  serve.py privacyidea|edumfa FOLDER

It runs in an environment that has the server's packages (privacyidea.txt, edumfa.txt). Everything that it writes is in
FOLDER, which it makes anew. When it answers, FOLDER/env.json says where it is and who may do what, and a line `ready` comes.
"""

import argparse
import importlib
import json
import os
import secrets
import shutil
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

# What differs: the commands that make its keys and tables, and what its variables are called.
SERVERS = {
    "privacyidea": {
        "cli": "privacyidea.cli.pimanage.main",
        "prefix": "PI",
        "variable": "PRIVACYIDEA_CONFIGFILE",
        "steps": [["setup", "create_enckey"], ["setup", "create_audit_keys"], ["setup", "create_tables"]],
        "realm": ["config"],
        "users": "PRIVACYIDEA",
    },
    "edumfa": {
        "cli": "edumfa.commands.manage.main",
        "prefix": "EDUMFA",
        "variable": "EDUMFA_CONFIGFILE",
        "steps": [["create_enckey"], ["create_audit_keys"], ["create_tables"]],
        "realm": [],
        "users": "EDUMFA",
    },
}


def configuration(prefix: str, folder: Path) -> str:
    """The server's configuration. Nobody's passwords are here, so hashing them need not take long."""
    return f"""
import logging
SQLALCHEMY_DATABASE_URI = 'sqlite:///{folder}/database.sqlite'
SQLALCHEMY_ENGINE_OPTIONS = {{'connect_args': {{'timeout': 30}}}}
SECRET_KEY = '{secrets.token_hex(32)}'
SUPERUSER_REALM = ['super']
{prefix}_PEPPER = '{secrets.token_hex(16)}'
{prefix}_ENCFILE = '{folder}/enckey'
{prefix}_AUDIT_KEY_PRIVATE = '{folder}/private.pem'
{prefix}_AUDIT_KEY_PUBLIC = '{folder}/public.pem'
{prefix}_AUDIT_NO_PRIVATE_KEY_CHECK = True
{prefix}_RESPONSE_NO_PRIVATE_KEY_CHECK = True
{prefix}_HASH_ALGO_PARAMS = {{'argon2__rounds': 1, 'argon2__memory_cost': 8, 'argon2__parallelism': 1}}
{prefix}_LOGFILE = '{folder}/server.log'
{prefix}_LOGCONFIG = '{folder}/no-logging.cfg'
{prefix}_LOGLEVEL = logging.INFO
{prefix}_UUID_FILE = '{folder}/uuid.txt'
{prefix}_NODE = 'klink-interop'
"""


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("server", choices=sorted(SERVERS))
    arguments.add_argument("folder", type=Path)
    given = arguments.parse_args()
    server, folder, began = SERVERS[given.server], given.folder.absolute(), time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config = folder / "server.cfg"
    config.write_text(configuration(server["prefix"], folder))
    os.environ[server["variable"]] = str(config)

    def say(what):
        print(f"[{given.server}] {time.monotonic() - began:5.1f} s  {what}", flush=True)

    say("loading")
    import authority
    import policies
    import push_gateway

    cli = importlib.import_module(server["cli"]).cli
    from werkzeug.serving import WSGIRequestHandler, make_server

    who = policies.ADMINISTRATOR
    for step in [
        *server["steps"],
        ["admin", "add", who, "-e", f"{who}@example.org", "-p", policies.PASSWORD],
        [*server["realm"], "resolver", "create_internal", "users"],
        [*server["realm"], "realm", "create", policies.REALM, "users"],
    ]:
        say(" ".join(step[:3]))
        try:
            cli.main(args=step, standalone_mode=False)
        except SystemExit as end:
            if end.code:
                raise

    create = importlib.import_module(f"{given.server}.app").create_app
    application = create(config_name="production", config_file=str(config), silent=True)

    class Quiet(WSGIRequestHandler):
        def log(self, *_):
            pass

    # The kernel finds a free port, so that none can be taken in between.
    listening = make_server(
        "127.0.0.1", 0, application, threaded=True, ssl_context=authority.make(folder), request_handler=Quiet
    )
    base = f"https://127.0.0.1:{listening.port}"
    gateway = push_gateway.start()
    say("users and policies")
    getattr(policies, given.server)(application, base, gateway)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    env = {
        "base": base,
        "ca": str(folder / "ca.pem"),
        "gateway": gateway,
        "realm": policies.REALM,
        "admin": who,
        "admin_password": policies.PASSWORD,
        "users": list(getattr(policies, server["users"])),
    }
    (folder / "env.json").write_text(json.dumps(env, indent=1))
    say(f"ready: {base}")
    print("ready", flush=True)
    sys.stdin.read()
    # Threads that serve a page which waits would hold the program for as long.
    os._exit(0)


main()
