#!/bin/sh
# drill.sh FOLDER METRICS: copies all stores as of one moment, tries to restore that, and keeps the copies of a week that were good.
set -eu
folder=$1
copy=$folder/all-$(date -u +%Y%m%d-%H%M%S)
/usr/lib/conse/consectl backup all "$copy"
/usr/lib/conse/consectl drill "$copy" "$2"
find "$folder" -mindepth 1 -maxdepth 1 -name 'all-*' -mtime +7 -exec rm -r {} +
