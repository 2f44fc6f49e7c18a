#!/bin/sh
# lint.sh BUILD: formatting, clang-tidy and cppcheck over our C; any finding fails.
set -eu
build=$1
sources=$(git ls-files 'lib/*.c' 'services/*.c' 'tools/*.c' | grep -v '^services/chain/programs/')
headers=$(git ls-files 'lib/*.h' 'services/*.h' 'tools/*.h' | grep -v '^services/chain/programs/')

# shellcheck disable=SC2086
clang-format --dry-run --Werror $sources $headers
# shellcheck disable=SC2086
printf '%s\n' $sources | grep -v '_fuzz\.c$' |
    xargs -P "$(nproc)" -n 8 clang-tidy --quiet --extra-arg=-std=gnu11 -- -D_GNU_SOURCE -I. -I"$build/gen" 2>/tmp/conse-tidy.$$ ||
    { cat /tmp/conse-tidy.$$; rm -f /tmp/conse-tidy.$$; exit 1; }
rm -f /tmp/conse-tidy.$$
# shellcheck disable=SC2086
cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability --inline-suppr --suppress=missingIncludeSystem \
    --suppress=nullPointerRedundantCheck -D_GNU_SOURCE -I. -I"$build/gen" $sources
