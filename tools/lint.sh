#!/bin/sh
# lint.sh BUILD: formatting, clang-tidy and cppcheck over our C; any finding fails. BUILD holds the generated headers.
set -eu
build=$1
sources=$(git ls-files 'lib/*.c' 'services/*.c' 'tools/*.c' 'tests/*.c' | grep -v '^services/chain/programs/')
headers=$(git ls-files 'lib/*.h' 'services/*.h' 'tools/*.h' 'tests/*.h' | grep -v '^services/chain/programs/')

echo "clang-format"
# shellcheck disable=SC2086
clang-format --dry-run --Werror $sources $headers

echo "clang-tidy"
printf '%s\n' $sources | xargs -P "$(nproc)" -n 6 sh -c \
    'build=$0; clang-tidy --quiet "$@" -- -std=gnu11 -D_GNU_SOURCE -I. -I"$build/gen" 2>/dev/null' "$build"

echo "cppcheck"
# shellcheck disable=SC2086
cppcheck --quiet --error-exitcode=1 -j "$(nproc)" --std=c11 --enable=warning,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=nullPointerRedundantCheck --suppress=internalAstError --suppress=unknownMacro \
    --suppress=wrongPrintfScanfArgNum:lib/schema_check.c --suppress=memleak:lib/store_job.c --suppress=memleak:services/gateway/routes.c \
    -D_GNU_SOURCE -I. $sources
