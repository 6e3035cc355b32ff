#!/usr/bin/env bash
# Makes .venv and everything the course needs on this machine. Run by `make`; safe to run again.
#   PYTHON=/path/to/python make book    another Python (3.11 or newer)
#   TORCH=none make book                without PyTorch; TORCH='torch==2.9.1' takes another one
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.venv

# PyTorch has a build for each kind of machine: it is never in the lock.
# A version that is already in .venv is kept, so you can put the build you prefer there first.
torch=${TORCH:-torch==2.13.0}
if [ -z "${TORCH:-}" ] && grep -sqx none $venv/.ready; then torch=none; fi

say() { printf 'setup: %s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }
is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  if [ -n "${PYTHON:-}" ]; then
    has "$PYTHON" && is_new_enough "$PYTHON" && { echo "$PYTHON"; return; }
    say "PYTHON=$PYTHON is no Python 3.11 or newer, which the course needs; name another, or none"
    exit 1
  fi
  for candidate in python3.11 python3 python3.12 python3.13 python; do
    if has "$candidate" && is_new_enough "$candidate"; then echo "$candidate"; return; fi
  done
  say "no Python 3.11 or newer found; install one, or name it: PYTHON=/path/to/python make book"
  exit 1
}

# On Ubuntu the command may be there and only say that it wants a snap: ask whether it runs.
has_browser() {
  for name in chromium chromium-browser google-chrome; do
    if "$name" --version >/dev/null 2>&1; then return; fi
  done
  return 1
}

system_packages() {
  local missing=() purpose="chromium: browser tests; bubblewrap, libseccomp2: grading; postgresql: tests of its journal; python3.X-venv: this set-up"
  if ! has_browser; then
    if grep -sqx 'ID=ubuntu' /etc/os-release; then
      say "no browser for the browser tests: Ubuntu's chromium is a snap, which containers cannot run; Google Chrome's own package will do"
    else
      missing+=(chromium)
    fi
  fi
  if [ "$(uname)" = Linux ]; then
    has bwrap || missing+=(bubblewrap)
    "$1" -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library("seccomp") is None)' || missing+=(libseccomp2)
    has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
  fi
  "$1" -c 'import ensurepip, venv' 2>/dev/null ||
    missing+=("$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')")
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" = 0 ] && has apt-get; then
    say "installing ${missing[*]} with apt"
    if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"; } >/dev/null; then
      return
    fi
    say "apt could not install them ($purpose)"
  else
    say "please install these system packages: ${missing[*]} ($purpose)"
  fi
}

# A build in a folder that pip is configured with comes first; then uv finds the one for the
# processor or graphics card of this machine.
install_torch() {
  if $venv/bin/python -c 'import importlib.metadata as m; m.version("torch")' 2>/dev/null; then return; fi
  if [ "$torch" = none ]; then
    say "without PyTorch, as TORCH=none asks: notebooks and tests that need it are not run, and say so"
    return
  fi
  say "installing $torch"
  if $pip --no-index --no-deps "$torch" 2>/dev/null && $pip "$torch"; then return; fi
  $uv --torch-backend auto "$torch" ||
    say "$torch could not be installed: notebooks and tests that need PyTorch are not run, and say so; put the build you prefer into $venv"
}

python=$(find_python)
system_packages "$python"
if [ -x $venv/bin/python ] && ! is_new_enough $venv/bin/python; then
  say "$venv was made with a Python older than 3.11; remove it: rm -r $venv"
  exit 1
fi
if ! $venv/bin/python -m pip --version >/dev/null 2>&1; then
  say "making $venv with $("$python" --version)"
  "$python" -m venv $([ -e $venv/bin/python ] || echo --clear) $venv
fi
pip="$venv/bin/python -m pip install --quiet --disable-pip-version-check"
uv="$venv/bin/uv pip install --quiet --system-certs --python $venv/bin/python"

$pip "$(grep -o '^uv==[^ ;]*' requirements.lock)"
install_torch
say "installing the locked packages"
$uv --requirement requirements.lock
$uv --no-deps --editable .

# KaTeX typesets the book's equations while it is built. Node comes with the lock where there is none.
say "installing KaTeX"
PATH="$PATH:$PWD/$venv/bin" npm ci --silent --no-audit --no-fund --ignore-scripts || {
  say "npm could not install KaTeX (package.json); is there a network? Run the same command again"
  exit 1
}
echo "$torch" > $venv/.ready
