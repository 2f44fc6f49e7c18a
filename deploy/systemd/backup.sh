#!/bin/sh
# backup.sh SERVICE FOLDER: copies the store of a service that runs, and keeps the copies of a week.
set -eu
folder=$2
/usr/lib/conse/consectl backup "$1" "$folder/$1-$(date -u +%Y%m%d-%H%M%S).db"
find "$folder" -name "$1-*.db" -mtime +7 -delete
