#!/usr/bin/env bash
# Makes .venv and everything the course needs on this machine. Run by `make`; safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.venv

# Torch has a build for each kind of machine and its default one is large: it is never in the lock.
# A version that is already in .venv is kept, so you can put the build you prefer there first.
torch=torch==2.13.0

say() { printf 'setup: %s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }

find_python() {
  for candidate in "${PYTHON:-}" python3.11 python3 python3.12 python3.13 python; do
    if [ -n "$candidate" ] && has "$candidate" &&
       "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"; return
    fi
  done
  say "no Python 3.11 or newer found; install one, or name it: PYTHON=/path/to/python make book"
  exit 1
}

system_packages() {
  local missing=()
  has chromium || has chromium-browser || has google-chrome || missing+=(chromium)
  if [ "$(uname)" = Linux ]; then
    has bwrap || missing+=(bubblewrap)
    "$1" -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library("seccomp") is None)' || missing+=(libseccomp2)
    has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
  fi
  "$1" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" = 0 ] && has apt-get; then
    say "installing ${missing[*]} with apt"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"; } >/dev/null
  else
    say "please install these system packages: ${missing[*]} (chromium: browser tests; bubblewrap, libseccomp2: grading; postgresql: tests of its journal; python3-venv: this set-up)"
  fi
}

python=$(find_python)
system_packages "$python"
[ -x $venv/bin/python ] || { say "making $venv"; "$python" -m venv $venv; }
pip="$venv/bin/python -m pip install --quiet --disable-pip-version-check"

if ! $venv/bin/python -c 'import importlib.metadata as m; m.version("torch")' 2>/dev/null; then
  say "installing $torch"
  $pip $torch
fi
say "installing the locked packages"
$pip "$(grep -o '^uv==[^ ;]*' requirements.lock)"
$venv/bin/uv pip install --quiet --system-certs --python $venv/bin/python -r requirements.lock
$venv/bin/uv pip install --quiet --system-certs --python $venv/bin/python --no-deps --editable .

# KaTeX typesets the book's equations while it is built. Node comes with the lock where there is none.
say "installing KaTeX"
PATH="$PATH:$PWD/$venv/bin" npm ci --silent --no-audit --no-fund --ignore-scripts
touch $venv/.ready
