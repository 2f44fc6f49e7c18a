#!/bin/sh
# release.sh COMMIT FOLDER: a release of a commit in a new folder: what an installation runs, built twice alike (build.sh), and what shows that it
# is that (pack.sh).
set -eu
here=$(dirname "$0")
commit=$(git rev-parse --verify "$1^{commit}")
folder=$2
[ ! -e "$folder" ] || { echo "release.sh: $folder is there already" >&2; exit 1; }
trap 'rm -rf "$folder.new"' EXIT
rm -rf "$folder.new"
"$here/build.sh" "$commit" "$folder.new"
version=$(git show "$commit:lib/base/version.h" | sed -n 's/^#define CONSE_VERSION "\(.*\)"/\1/p')
"$here/pack.sh" "$folder.new" "$commit" "$version"
mv "$folder.new" "$folder"
