#!/bin/sh
# Makes .venv and installs one requirements file into it; does nothing when that has been done already.
# Usage: sh scripts/make_environment.sh requirements.txt
set -eu

requirements=$1
kind=$(basename "$requirements" .txt)
stamp=.venv/installed-$kind

fail() {
    printf '\n%s\n' "$@" >&2
    exit 1
}

# What is installed follows from these files and from the interpreter that .venv was made with.
fingerprint() {
    cat requirements.txt requirements-dev.txt constraints.txt .venv/pyvenv.cfg 2>/dev/null | cksum
}

find_python() {
    for name in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
}

make_venv() {
    python=$(find_python)
    [ -n "$python" ] || fail "Python 3.11 or newer is needed, and none was found." \
        "Install it (Debian, Ubuntu: sudo apt-get install python3 python3-venv), or name one: make run PYTHON=/path/to/python3"
    echo "Making the environment in .venv with $("$python" --version) ..."
    rm -rf .venv
    if ! output=$("$python" -m venv .venv 2>&1); then
        rm -rf .venv
        fail "$output" "Python could not make an environment. On Debian or Ubuntu this one command helps:" \
            "    sudo apt-get install python3-venv"
    fi
}

# A .venv whose interpreter is gone (the system's Python was replaced) is made anew.
.venv/bin/python -c '' 2>/dev/null || make_venv

if [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint)" ]; then
    exit 0
fi

echo "Installing $requirements (once; a few minutes at most) ..."
# Python compiles a module when it is first imported: most of those in large packages never are.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --requirement "$requirements" ||
    fail "The packages in $requirements could not be installed; pip's reason stands above." \
        "Without network: pip reads PIP_INDEX_URL and PIP_FIND_LINKS."
fingerprint > "$stamp"
# requirements-dev.txt includes requirements.txt.
[ "$kind" = requirements ] || fingerprint > .venv/installed-requirements
