# Sourced by ./test: the servers and programs from outside that some tests are run against, one function for each need. Where a
# program is missing it is installed if this may be done (root, on a Debian); otherwise the tests that need it are skipped and
# say so, and why.

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
