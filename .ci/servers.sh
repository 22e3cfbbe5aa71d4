# Sourced by ./test, with $root set to the repository: the servers and programs from outside that some tests are run against, one
# function for each need. Where a program is missing it is installed if this may be done (root, on a Debian); otherwise the tests
# that need it are skipped and say so, and why.

# Installs Debian's packages unless the programs are there: install_packages "PROGRAM…" PACKAGE…
install_packages() {
  local programs=$1 program missing=
  shift
  for program in $programs; do
    command -v "$program" >/dev/null 2>&1 || missing=1
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "not installed: $programs; 'apt-get install $*' as root gives them" >&2
    return 1
  fi
  echo "installing $*…"
  if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null >/dev/null 2>&1; then
    # Lists of packages may be old, or not there at all in a fresh image.
    DEBIAN_FRONTEND=noninteractive apt-get update -q </dev/null >/dev/null 2>&1 &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null >/dev/null 2>&1 ||
      echo "could not install $*; the tests that need them are skipped" >&2
  fi
}

# A TPM in software, and the programs that talk to TPMs.
provide_tpm() {
  install_packages "swtpm tpm2_quote" swtpm swtpm-tools tpm2-tools
}

# Real firmware of virtual machines, whose measurement the tests know. Its package has no program.
provide_firmware() {
  [ -e /usr/share/ovmf/OVMF.fd ] || install_packages ovmf ovmf
}

# S3rver and Azurite, in the versions and with the digests of .ci/servers/package-lock.json.
bring_npm_servers() {
  local folder=$root/.build/servers lock=$root/.ci/servers/package-lock.json
  if [ -d "$folder/node_modules" ] && cmp -s "$lock" "$folder/installed-lock.json"; then return 0; fi
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "no Node.js with npm: S3rver and Azurite cannot be installed" >"$folder.missing"
    return 1
  fi
  rm -rf "$folder" && mkdir -p "$folder" || return 1
  cp "$root/.ci/servers/package.json" "$root/.ci/servers/.npmrc" "$lock" "$folder/" || return 1
  if ! (cd "$folder" && npm ci) </dev/null >"$folder/install.log" 2>&1; then
    tail -n 5 "$folder/install.log"
    echo "npm could not install S3rver and Azurite (see .build/servers/install.log)" >"$folder.missing"
    return 1
  fi
  rm -f "$folder.missing"
  cp "$lock" "$folder/installed-lock.json"
}

# WebDAV servers from Debian: nginx, Apache, lighttpd, rclone. They are not started: the tests do that, on ports of their own.
bring_webdav_servers() {
  local packages=() log=$root/.build/webdav.log
  [ -x /usr/sbin/nginx ] && [ -e /usr/lib/nginx/modules/ngx_http_dav_ext_module.so ] || packages+=(nginx libnginx-mod-http-dav-ext)
  [ -x /usr/sbin/apache2 ] && [ -e /usr/lib/apache2/modules/mod_dav_fs.so ] || packages+=(apache2-bin)
  [ -x /usr/sbin/lighttpd ] && [ -e /usr/lib/lighttpd/mod_webdav.so ] || packages+=(lighttpd lighttpd-mod-webdav)
  [ -x /usr/bin/rclone ] || packages+=(rclone)
  if [ ${#packages[@]} -eq 0 ]; then return 0; fi
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "servers for tests: missing are (Debian: apt-get install) ${packages[*]}"
    return 1
  fi
  # A policy that denies every start, for as long as the installation takes, where the system has none.
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && made=yes
  fi
  echo "installing ${packages[*]}…"
  {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}" \
      || { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}"; }
  } </dev/null >"$log" 2>&1
  local code=$?
  if [ -n "$made" ]; then rm -f "$policy"; fi
  if [ "$code" -ne 0 ]; then
    tail -n 3 "$log"
    echo "servers for tests: could not install ${packages[*]}"
  fi
  return "$code"
}

bring_servers() {
  mkdir -p "$root/.build"
  bring_npm_servers || echo "servers for tests: S3rver and Azurite are missing"
  bring_webdav_servers || true
}
