#!/bin/sh
# Asks qualified-ats for a pass over everything due, and for another one while it says that there is more.
#
#   QUALIFIED_ATS_URL    where it is, e.g. https://ats.example.com
#   ADMIN_TOKEN_FILE     a file that holds the variable admin_token and nothing else
#   SHARD                optional, "i/n": only this part of the accounts
set -eu

: "${QUALIFIED_ATS_URL:?}" "${ADMIN_TOKEN_FILE:?}"
url="${QUALIFIED_ATS_URL%/}/sync${SHARD:+?shard=$SHARD}"

# At most 30 passes of some 20 seconds each: what is left then is due at the next run.
passes=0
while [ "$passes" -lt 30 ]; do
    passes=$((passes + 1))
    # The token goes in by standard input, where `ps` does not show it.
    answer=$(printf 'header = "Authorization: Bearer %s"\n' "$(cat "$ADMIN_TOKEN_FILE")" |
        curl --config - --silent --show-error --fail --max-time 60 --request POST "$url")
    printf '%s\n' "$answer"
    case $answer in
        *'"more":true'*) ;;
        *) exit 0 ;;
    esac
done
