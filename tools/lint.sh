#!/bin/sh
# lint.sh BUILD: formatting, clang-tidy and cppcheck over our C, shellcheck over our shell, the syntax of our JavaScript; any
# finding fails, and so does a file that does not compile. BUILD holds the generated headers.
set -eu
build=$1
code=$(git ls-files '*.c' '*.h')
all=$(git ls-files '*.c')
# What runs on the chain is compiled for it alone; its tests and all the rest for this machine.
chain=$(git ls-files 'services/chain/programs/*/*.c')
host=$(git ls-files '*.c' ':!services/chain/programs/*/*.c')
shell=$(git ls-files '*.sh' .ci/run)
scripts=$(git ls-files '*.mjs' '*.js')

# tidy FILES FLAG...: a few files to each process, as many processes as cores. What clang-tidy says beside its findings is
# shown when it fails.
tidy() {
    files=$1
    shift
    # shellcheck disable=SC2016 # expanded by the inner shell
    echo "$files" | xargs -P "$(nproc)" -n 4 sh -c '
        flags=$1
        shift
        said=$(mktemp)
        clang-tidy --quiet "$@" -- $flags 2>"$said"
        status=$?
        [ $status -eq 0 ] || grep -v " generated\.\$" "$said" >&2
        rm -f "$said"
        exit $status' tidy "$*"
}

echo "clang-format"
# shellcheck disable=SC2086 # one word per file, here and below
clang-format --dry-run --Werror $code

echo "rooms"
node tools/rooms.mjs

# Timed waits are on the monotonic clock, by lib/thread/wait.h; the wall clock is read in one place.
echo "clocks"
clocks='pthread_cond_timedwait|sem_timedwait|pthread_mutex_timedlock|CLOCK_REALTIME'
if git grep -nE "$clocks" -- lib services ':!*_test.c' ':!lib/thread/wait.c' ':!lib/base/clock.c' ':!lib/base/log.c'; then exit 1; fi

# A function's name is enough to find it in a trace: no two files have a static "run".
echo "names"
if git grep -nE '^static [^=;(]*[ *][a-z0-9]+\(' -- lib services tools ':!*_test.c' ':!*_fuzz.c' ':!*/testing/*'; then
    echo "these names are of one word: <module>_<verb>" >&2
    exit 1
fi

echo "clang-tidy"
tidy "$host" -std=gnu11 -D_GNU_SOURCE -I. -I"$build/gen" -isystem /usr/include/libmongoc-1.0 -isystem /usr/include/libbson-1.0
tidy "$chain" -target bpf -std=gnu11 -ffreestanding -fno-builtin -I.

echo "cppcheck"
# shellcheck disable=SC2086
cppcheck --quiet --error-exitcode=1 -j "$(nproc)" --std=c11 --enable=warning,portability \
    --library=posix,gnu,sqlite3,libcurl,zlib --suppressions-list=tools/lint.cppcheck -D_GNU_SOURCE -DPRIu64='"lu"' \
    -D'json_array_foreach(array,index,value)=if ((index = 0, (value = json_array_get(array, index)) != NULL))' -I. $all

echo "shellcheck"
# shellcheck disable=SC2086
shellcheck $shell

echo "node --check"
for script in $scripts; do node --check "$script"; done
