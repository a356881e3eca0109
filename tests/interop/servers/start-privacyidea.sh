#!/usr/bin/env bash
# Real privacyIDEA server on loopback, for interop tests of a push authenticator.
#
#   start-privacyidea.sh start  [-d DIR] [-p PORT] [-g GATEWAY_PORT] [--tls] [--fresh]
#   start-privacyidea.sh stop   [-d DIR]
#   start-privacyidea.sh status [-d DIR]
#
# start is idempotent: it installs, configures and starts only what is missing, and
# prints DIR/env.json (base URL, users, passwords) when the server answers.
# Everything it writes is under DIR.  It listens on 127.0.0.1 only.
#   -d DIR       default ./pi-bed
#   -p PORT      default 18080         -g GATEWAY_PORT  default PORT+1
#   --tls        HTTPS with a throw-away CA (DIR/tls/ca.pem)
#   --fresh      drop database, keys and TLS files first (keeps the venv)
# Environment: PI_VENV (default DIR/venv), PI_VERSION (3.14), PI_ADMIN_PASSWORD,
#   PI_CHALLENGE_VALIDITY (120 s), PI_INSTALL_TIMEOUT (900 s), PI_START_TIMEOUT (60 s)
set -euo pipefail
umask 077
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CMD=${1:-start}; [ $# -gt 0 ] && shift
DIR=$PWD/pi-bed PORT=18080 GW= TLS=0 FRESH=0
while [ $# -gt 0 ]; do case $1 in
  -d) DIR=$2; shift 2;; -p) PORT=$2; shift 2;; -g) GW=$2; shift 2;;
  --tls) TLS=1; shift;; --fresh) FRESH=1; shift;;
  -h|--help) sed -n 2,19p "$0"; exit 0;; *) echo "unknown argument: $1" >&2; exit 2;; esac; done
GW=${GW:-$((PORT + 1))}
mkdir -p "$DIR"; DIR=$(cd "$DIR" && pwd)
VENV=${PI_VENV:-$DIR/venv}
PI_VERSION=${PI_VERSION:-3.14}
ADMIN=admin; ADMIN_PW=${PI_ADMIN_PASSWORD:-admin-test-pw}
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN{printf "%.1f", b-a}'; }
say() { printf '[pi-bed] %s\n' "$*" >&2; }
die() { say "FAILED: $*"; exit 1; }

# A pid file is trusted only if that process still runs our own command line.
alive() { # pidfile marker
  local p; [ -s "$1" ] || return 1; p=$(cat "$1")
  [ -r "/proc/$p/cmdline" ] && tr '\0' ' ' <"/proc/$p/cmdline" | grep -qF -- "$2"; }
stop_one() { # pidfile marker
  if alive "$1" "$2"; then
    local p i; p=$(cat "$1"); kill -TERM "$p" 2>/dev/null || true
    for i in $(seq 1 50); do alive "$1" "$2" || break; sleep 0.2; done
    alive "$1" "$2" && kill -KILL "$p" 2>/dev/null || true
  fi; rm -f "$1"; }
stop_all() { stop_one "$DIR/server.pid" "$DIR/run/wsgi"; stop_one "$DIR/gateway.pid" "$DIR/gateway.pid"; }
rss_mib() { # server + workers
  local p kids; p=$(cat "$DIR/server.pid"); kids=$(cat "/proc/$p/task/$p/children" 2>/dev/null || true)
  local t=0 k; for k in $p $kids; do t=$((t + $(awk '/^VmRSS/{print $2}' "/proc/$k/status" 2>/dev/null || echo 0))); done
  echo $((t / 1024)); }

exec 9>"$DIR/.lock"; flock -w 900 9 || die "another start/stop holds $DIR/.lock"
case $CMD in
  stop) stop_all; say stopped; exit 0;;
  status) if alive "$DIR/server.pid" "$DIR/run/wsgi"; then say "running, pid $(cat "$DIR/server.pid"), RSS $(rss_mib) MiB"; cat "$DIR/env.json"; exit 0
          else say "not running"; exit 3; fi;;
  start) ;; *) die "unknown command $CMD";;
esac

# 0. what is there already ------------------------------------------------------
SCHEME=http; [ "$TLS" = 1 ] && SCHEME=https
BASE=$SCHEME://127.0.0.1:$PORT
WANT="$BASE gw=$GW"
# What runs is kept only if it serves the ports and the scheme asked for.
if [ "$(cat "$DIR/serving" 2>/dev/null)" != "$WANT" ] || [ "$FRESH" = 1 ]; then stop_all; fi
taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
alive "$DIR/server.pid" "$DIR/run/wsgi" || ! taken "$PORT" || die "port $PORT is already taken by something else"
alive "$DIR/gateway.pid" "$DIR/gateway.pid" || ! taken "$GW" || die "port $GW (gateway) is already taken by something else"

# 1. install -----------------------------------------------------------------
T0=$(now)
STAMP=$VENV/.pi-$PI_VERSION
if [ ! -e "$STAMP" ]; then
  say "installing privacyidea $PI_VERSION into $VENV"
  python3 -m venv "$VENV"
  C=(); [ -r "$HERE/constraints.txt" ] && C=(-c "$HERE/constraints.txt")
  timeout "${PI_INSTALL_TIMEOUT:-900}" nice "$VENV/bin/pip" install -q --disable-pip-version-check \
     --no-input --retries 3 "${C[@]}" "privacyidea==$PI_VERSION" gunicorn 9>&- || die "pip install"
  : >"$STAMP"
fi
T_INSTALL=$(since "$T0")
export PRIVACYIDEA_CONFIGFILE=$DIR/run/pi.cfg

# 2. configure (once) --------------------------------------------------------
[ "$FRESH" = 1 ] && rm -rf "$DIR/run" "$DIR/tls" "$DIR/env.json"
T0=$(now)
mkdir -p "$DIR/run"
if [ ! -e "$DIR/run/.ready" ]; then
  stop_all
  rm -rf "$DIR/run"; mkdir -p "$DIR/run"       # a half-made one is thrown away
  SECRET=$(openssl rand -hex 32) PEPPER=$(openssl rand -hex 16)
  cat >"$DIR/run/pi.cfg" <<CFG
import os, logging
D = os.path.abspath(os.path.dirname(__file__))
SQLALCHEMY_DATABASE_URI = 'sqlite:///' + os.path.join(D, 'pi.sqlite')
SQLALCHEMY_ENGINE_OPTIONS = {'connect_args': {'timeout': 30}}
SECRET_KEY = '$SECRET'
PI_PEPPER = '$PEPPER'
PI_ENCFILE = os.path.join(D, 'enckey')
PI_AUDIT_KEY_PRIVATE = os.path.join(D, 'private.pem')
PI_AUDIT_KEY_PUBLIC = os.path.join(D, 'public.pem')
PI_AUDIT_NO_PRIVATE_KEY_CHECK = True
PI_RESPONSE_NO_PRIVATE_KEY_CHECK = True
PI_LOGFILE = os.path.join(D, 'privacyidea.log')
PI_LOGCONFIG = os.path.join(D, 'no-logging.cfg')
PI_LOGLEVEL = logging.INFO
PI_UUID_FILE = os.path.join(D, 'uuid.txt')
PI_NODE = 'pi-bed'
SUPERUSER_REALM = ['super']
CFG
  printf 'from privacyidea.app import create_app\napplication = create_app(config_name="production", config_file="%s", silent=True)\n' \
     "$DIR/run/pi.cfg" >"$DIR/run/wsgi.py"
  # One process for all of pi-manage's steps: its imports are most of what each step costs.
  timeout 300 nice "$VENV/bin/python" - "$ADMIN" "$ADMIN_PW" >"$DIR/run/setup.log" 2>&1 9>&- <<'PY' || { tail -5 "$DIR/run/setup.log" >&2; die "pi-manage setup, see $DIR/run/setup.log"; }
import sys
from privacyidea.cli.pimanage.main import cli
admin, pw = sys.argv[1:3]
for step in (["setup", "create_enckey"], ["setup", "create_audit_keys"], ["setup", "create_tables"],
             ["admin", "add", admin, "-e", "admin@example.org", "-p", pw],
             ["config", "resolver", "create_internal", "users"], ["config", "realm", "create", "testrealm", "users"]):
    print("pi-manage", *step[:3], flush=True)
    try:
        cli.main(args=step, prog_name="pi-manage", standalone_mode=False)
    except SystemExit as e:
        if e.code:
            sys.exit(f"failed: exit {e.code}")
PY
  : >"$DIR/run/.ready"
fi
T_SETUP=$(since "$T0")

# 3. TLS, optional -----------------------------------------------------------
TLSARGS=()
if [ "$TLS" = 1 ]; then
  . "$HERE/tls.sh"; make_tls "$DIR/tls"
  TLSARGS=(--certfile "$DIR/tls/server.pem" --keyfile "$DIR/tls/server.key")
fi

# 4. start -------------------------------------------------------------------
T0=$(now)
if ! alive "$DIR/gateway.pid" "$DIR/gateway.pid"; then
  setsid "$VENV/bin/python" "$HERE/push_gateway.py" --port "$GW" --pidfile "$DIR/gateway.pid" >"$DIR/gateway.log" 2>&1 9>&- </dev/null &
fi
if ! alive "$DIR/server.pid" "$DIR/run/wsgi"; then
  setsid nice "$VENV/bin/gunicorn" --chdir "$DIR/run" -b "127.0.0.1:$PORT" -w 1 --worker-class gthread --threads 8 --timeout 120 \
     --pid "$DIR/server.pid" --name "$DIR/run/wsgi" --log-file "$DIR/run/gunicorn.log" "${TLSARGS[@]}" \
     --pythonpath "$DIR/run" wsgi:application >>"$DIR/run/gunicorn.out" 2>&1 9>&- </dev/null &
fi
echo "$WANT" >"$DIR/serving"
CURL=(curl -s -o /dev/null -w '%{http_code}' --max-time 5); [ "$TLS" = 1 ] && CURL+=(--cacert "$DIR/tls/ca.pem")
DEADLINE=$((SECONDS + ${PI_START_TIMEOUT:-60})); OK=
while [ $SECONDS -lt $DEADLINE ]; do
  [ "$("${CURL[@]}" "$BASE/healthz/livez" 2>/dev/null || true)" = 200 ] && [ "$(curl -s -o /dev/null -w '%{http_code}' --max-time 2 "http://127.0.0.1:$GW/health" || true)" = 200 ] && { OK=1; break; }
  sleep 0.25
done
[ -n "$OK" ] || { tail -20 "$DIR/run/gunicorn.log" >&2; stop_all; die "server did not answer within ${PI_START_TIMEOUT:-60} s"; }
T_START=$(since "$T0")

# 5. realm users, policies, gateways over the REST API (upserts, every start) --
T0=$(now)
CA=; [ "$TLS" = 1 ] && CA=$DIR/tls/ca.pem
timeout 120 "$VENV/bin/python" "$HERE/pi_configure.py" --base "$BASE" --ca "$CA" --admin "$ADMIN" --password "$ADMIN_PW" \
   --gateway "http://127.0.0.1:$GW" --validity "${PI_CHALLENGE_VALIDITY:-120}" --out "$DIR/env.json" 9>&- || die "pi_configure.py"
T_CONF=$(since "$T0")
say "ready: $BASE  install ${T_INSTALL}s, keys+tables ${T_SETUP}s, start ${T_START}s, policies ${T_CONF}s, RSS $(rss_mib) MiB"
cat "$DIR/env.json"
