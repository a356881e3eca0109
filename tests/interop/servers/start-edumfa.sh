#!/usr/bin/env bash
# Second real server: eduMFA (a fork of privacyIDEA) on loopback. Same push protocol, but it also
# takes P-256 phone keys, so it is the one to test a Secure Enclave / StrongBox key against.
#   start-edumfa.sh start|stop|status [-d DIR] [-p PORT]      (default ./edu-bed, 18380)
# It speaks HTTPS with a throw-away CA (DIR/tls/ca.pem).
# Environment: EDU_VENV (DIR/venv), EDU_VERSION (2.9.5)
set -euo pipefail; umask 077
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CMD=${1:-start}; [ $# -gt 0 ] && shift
DIR=$PWD/edu-bed PORT=18380
while [ $# -gt 0 ]; do case $1 in -d) DIR=$2; shift 2;; -p) PORT=$2; shift 2;; *) echo "unknown: $1" >&2; exit 2;; esac; done
mkdir -p "$DIR"; DIR=$(cd "$DIR" && pwd); VENV=${EDU_VENV:-$DIR/venv}; VER=${EDU_VERSION:-2.9.5}; BASE=https://127.0.0.1:$PORT
say() { printf '[edu-bed] %s\n' "$*" >&2; }; die() { say "FAILED: $*"; exit 1; }
alive() { local p; [ -s "$DIR/server.pid" ] || return 1; p=$(cat "$DIR/server.pid")
  [ -r "/proc/$p/cmdline" ] && tr '\0' ' ' <"/proc/$p/cmdline" | grep -qF -- "$DIR/run/wsgi"; }
stop() { if alive; then kill -TERM "$(cat "$DIR/server.pid")"; for _ in $(seq 1 50); do alive || break; sleep 0.2; done
  alive && kill -KILL "$(cat "$DIR/server.pid")"; fi; rm -f "$DIR/server.pid"; }
exec 9>"$DIR/.lock"; flock -w 900 9 || die locked
case $CMD in stop) stop; say stopped; exit 0;; status) alive && { say running; cat "$DIR/env.json"; exit 0; }; say "not running"; exit 3;; start) ;; *) die "unknown command";; esac
T0=$SECONDS
[ "$(cat "$DIR/serving" 2>/dev/null)" = "$BASE" ] || stop
alive || ! (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null || die "port $PORT is taken by something else"
if [ ! -e "$VENV/.edu-$VER" ]; then
  say "installing edumfa $VER"; python3 -m venv "$VENV"
  timeout 900 nice "$VENV/bin/pip" install -q --disable-pip-version-check --no-input "edumfa==$VER" gunicorn==23.0.0 9>&- || die "pip install"
  : >"$VENV/.edu-$VER"
fi
T1=$SECONDS; export EDUMFA_CONFIGFILE=$DIR/run/edumfa.cfg
if [ ! -e "$DIR/run/.ready" ]; then
  stop; rm -rf "$DIR/run"; mkdir -p "$DIR/run"
  cat >"$EDUMFA_CONFIGFILE" <<CFG
import os, logging
D = os.path.abspath(os.path.dirname(__file__))
SQLALCHEMY_DATABASE_URI = 'sqlite:///' + os.path.join(D, 'edumfa.sqlite')
SECRET_KEY = '$(openssl rand -hex 32)'
EDUMFA_PEPPER = '$(openssl rand -hex 16)'
EDUMFA_ENCFILE = os.path.join(D, 'enckey')
EDUMFA_AUDIT_KEY_PRIVATE = os.path.join(D, 'private.pem')
EDUMFA_AUDIT_KEY_PUBLIC = os.path.join(D, 'public.pem')
EDUMFA_LOGFILE = os.path.join(D, 'edumfa.log')
EDUMFA_LOGCONFIG = os.path.join(D, 'no-logging.cfg')
EDUMFA_LOGLEVEL = logging.INFO
SUPERUSER_REALM = ['super']
CFG
  printf 'from edumfa.app import create_app\napplication = create_app(config_name="production", config_file="%s", silent=True)\n' "$EDUMFA_CONFIGFILE" >"$DIR/run/wsgi.py"
  timeout 300 nice "$VENV/bin/python" - >"$DIR/run/setup.log" 2>&1 9>&- <<'PY' || { tail -5 "$DIR/run/setup.log" >&2; die "setup"; }
import sys
from edumfa.commands.manage.main import cli
for step in (["create_enckey"], ["create_audit_keys"], ["create_tables"], ["admin", "add", "admin", "-e", "a@example.org", "-p", "admin-test-pw"],
             ["resolver", "create_internal", "users"], ["realm", "create", "testrealm", "users"]):
    try:
        cli.main(args=step, prog_name="edumfa-manage", standalone_mode=False)
    except SystemExit as e:
        if e.code:
            sys.exit(f"{step}: exit {e.code}")
PY
  : >"$DIR/run/.ready"
fi
T2=$SECONDS
. "$HERE/tls.sh"; make_tls "$DIR/tls"
if ! alive; then
  setsid nice "$VENV/bin/gunicorn" --chdir "$DIR/run" -b "127.0.0.1:$PORT" -w 1 --worker-class gthread --threads 8 --timeout 120 --pid "$DIR/server.pid" \
   --name "$DIR/run/wsgi" --log-file "$DIR/run/gunicorn.log" --certfile "$DIR/tls/server.pem" --keyfile "$DIR/tls/server.key" --pythonpath "$DIR/run" wsgi:application >>"$DIR/run/gunicorn.out" 2>&1 9>&- </dev/null &
fi
echo "$BASE" >"$DIR/serving"; OK=
for _ in $(seq 1 240); do [ "$(curl -s --cacert "$DIR/tls/ca.pem" -o /dev/null -w '%{http_code}' --max-time 5 "$BASE/" || true)" = 200 ] && { OK=1; break; }; sleep 0.25; done
[ -n "$OK" ] || { tail -20 "$DIR/run/gunicorn.log" >&2; stop; die "no answer within 60 s"; }
timeout 120 "$VENV/bin/python" "$HERE/edu_configure.py" "$BASE" "$DIR/tls/ca.pem" "$DIR/env.json" 9>&- || die configure
say "ready: $BASE  install $((T1 - T0))s, keys+tables $((T2 - T1))s, start+policies $((SECONDS - T2))s"
cat "$DIR/env.json"
