# A throw-away authority and a certificate of it for this machine; sourced by the starters.
make_tls() { # folder
  [ -s "$1/server.pem" ] && return
  mkdir -p "$1"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout "$1/ca.key" -out "$1/ca.pem" \
    -subj "/CN=throw-away CA $(openssl rand -hex 4)" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1/server.key" -out "$1/server.csr" -subj '/CN=localhost' 2>/dev/null
  printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\n' >"$1/ext"
  openssl x509 -req -in "$1/server.csr" -CA "$1/ca.pem" -CAkey "$1/ca.key" -CAcreateserial -days 30 -extfile "$1/ext" -out "$1/server.pem" 2>/dev/null
}
