#!/bin/sh
# Make sure that programs are there: install their Debian packages where that is permitted, else say how.
#
#   need.sh PROGRAM=PACKAGE...             stop with a sentence when one stays missing
#   need.sh --or-skip PROGRAM=PACKAGE...   go on without it, except where CI=true
#   need.sh --always PACKAGE...            install these, whatever programs are there
set -eu

PATH="$PATH:/usr/sbin:/usr/local/sbin"
for folder in /usr/lib/postgresql/*/bin; do PATH="$PATH:$folder"; done

mode=stop
case "${1:-}" in
--or-skip) mode=skip && shift ;;
--always) mode=always && shift ;;
esac

missing=
for pair in "$@"; do
    if [ "$mode" = always ] || ! command -v "${pair%%=*}" >/dev/null 2>&1; then
        missing="$missing ${pair#*=}"
    fi
done
[ -n "$missing" ] || exit 0

become=
[ "$(id -u)" = 0 ] || become="sudo -n"
if command -v apt-get >/dev/null 2>&1 && $become true 2>/dev/null; then
    echo "Installing$missing"
    # shellcheck disable=SC2086  # words on purpose: several packages, a prefix that may be empty
    if { $become apt-get update -qq &&
        $become env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >/dev/null; then
        exit 0
    fi
fi

echo "Missing:$missing. Install with: sudo apt-get install$missing" >&2
[ "$mode" = skip ] && [ "${CI:-}" != true ] || exit 1
echo "Going on without; the tests that need it are skipped and say so." >&2
