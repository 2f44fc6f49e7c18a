#include "services/events/game/zone_names.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 2000, NAME_SIZE = 65, LINE_SIZE = 512 };

static const char database[] = "/usr/share/zoneinfo/tzdata.zi";

struct zone_names {
    size_t count;
    char names[MOST][NAME_SIZE];
};

static int zone_names_compare(const void *a, const void *b) { return strcmp(a, b); }

// A word of a line; NULL when there is none.
static char *next_word(char **rest) { return strtok_r(NULL, " \n", rest); }

static void zone_names_add(struct zone_names *names, const char *name)
{
    if (!name || names->count == MOST || strlen(name) >= NAME_SIZE || strcmp(name, "Factory") == 0) return;
    strcpy(names->names[names->count++], name);
}

// "Z Asia/Tehran 3:25:44 ..." is a zone, "L Asia/Tehran Iran" another name for one.
static void take_line(struct zone_names *names, char *line)
{
    char *rest, *kind = strtok_r(line, " \n", &rest);
    if (!kind) return;
    if (strcmp(kind, "Z") == 0) zone_names_add(names, next_word(&rest));
    if (strcmp(kind, "L") == 0 && next_word(&rest)) zone_names_add(names, next_word(&rest));
}

struct zone_names *zone_names_read(FILE *file)
{
    char line[LINE_SIZE];
    struct zone_names *names = calloc(1, sizeof *names);
    if (!names) abort();
    zone_names_add(names, "UTC");
    while (fgets(line, sizeof line, file)) take_line(names, line);
    qsort(names->names, names->count, NAME_SIZE, zone_names_compare);
    return names;
}

bool zone_names_find(const struct zone_names *names, const char *name)
{
    char key[NAME_SIZE];
    if (strlen(name) >= sizeof key) return false;
    strcpy(key, name);
    return bsearch(key, names->names, names->count, NAME_SIZE, zone_names_compare);
}

void zone_names_destroy(struct zone_names *names) { free(names); }

static struct zone_names *all;

static void read_all(void)
{
    FILE *file = fopen(database, "re");
    if (!file) return;
    all = zone_names_read(file);
    fclose(file);
}

bool zone_names_has(const char *name)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_all);
    return all ? zone_names_find(all, name) : strcmp(name, "UTC") == 0;
}
