// Names of time zones: those of the system's tz database, with its links ("Asia/Tehran", "US/Eastern",
// "Etc/UTC"), read once. Other files in the same folder, such as localtime, Factory or right/Asia/Tehran, are
// not names of zones. Thread-safe.
#ifndef EVENTS_GAME_ZONE_NAMES_H
#define EVENTS_GAME_ZONE_NAMES_H

#include <stdbool.h>
#include <stdio.h>

bool zone_names_has(const char *name);

struct zone_names;
// From the text form of the database (tzdata.zi); destroy takes NULL.
struct zone_names *zone_names_read(FILE *file);
bool zone_names_find(const struct zone_names *names, const char *name);
void zone_names_destroy(struct zone_names *names);

#endif
