# Sourced by ./culvert and ./test, with $root set to the repository: finds a .NET 10 SDK and makes building quiet,
# self-contained and free of processes that outlive it.

# Sets DOTNET (the executable) and DOTNET_ROOT, or says what is missing and fails.
find_dotnet() {
  local candidate
  for candidate in "${DOTNET_ROOT:+$DOTNET_ROOT/dotnet}" "$(command -v dotnet 2>/dev/null)" "${HOME:+$HOME/.dotnet/dotnet}" \
    /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet /usr/lib64/dotnet/dotnet /usr/local/share/dotnet/dotnet; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    # Asked from outside the repository, so that global.json does not turn the list into an error.
    if (cd / && "$candidate" --list-sdks 2>/dev/null) | grep -q '^10\.'; then
      DOTNET=$(readlink -f "$candidate")
      DOTNET_ROOT=$(dirname "$DOTNET")
      export DOTNET_ROOT
      return 0
    fi
  done
  echo "culvert: no .NET 10 SDK found (looked in DOTNET_ROOT, PATH, ~/.dotnet and the usual folders)." >&2
  echo "culvert: install it from https://dotnet.microsoft.com/download/dotnet/10.0, or set DOTNET_ROOT to where it is." >&2
  return 1
}

# Some builders run without a home, or with one that cannot be written: theirs is then inside the repository. A package
# source that their own settings name is kept.
prepare_build_environment() {
  if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
    local settings="${HOME:-}/.nuget/NuGet/NuGet.Config"
    mkdir -p "$root/.build/home/.nuget/NuGet"
    if [ -r "$settings" ]; then
      cp "$settings" "$root/.build/home/.nuget/NuGet/NuGet.Config"
    fi
    export HOME="$root/.build/home"
  fi
  export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true
  export DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
  # Build servers would outlive the build and hold on to the caller's pipes.
  export DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1
}
