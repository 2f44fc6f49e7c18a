// The variables that programs of Conse know, from the tables of their settings. One file of settings may
// serve all programs, so what any of them knows is known; what none knows is a slip of who wrote it.
#ifndef LIB_SERVICE_KNOWN_H
#define LIB_SERVICE_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/service/config.h"

struct known_program {
    const char *service;           // "auth": has the settings that services have; NULL: a tool, or the end
    bool answers;                  // a service that answers calls, and has a store
    const struct config_var *vars; // its own; NULL with a NULL service ends the list
};

enum { KNOWN_NAME = 128 };

struct known;

// NULL without memory.
struct known *known_create(const struct known_program *programs);
void known_destroy(struct known *known); // NULL is fine
bool known_has(const struct known *known, const char *name);
// The known name that the fewest changes of letters lead to.
const char *known_nearest(const struct known *known, const char *name);
// The next variable of the environment, from *at on, that begins with CONSE_ and is not known; false: there
// is none.
bool known_find_stranger(const struct known *known, char *const **at, char name[KNOWN_NAME]);
// Tells each such variable as a line "BEFORE: ...", with the nearest name; false when there is one.
bool known_check(const struct known_program *programs, const char *before, FILE *out);
// Tells each variable that is set to what its program would refuse as a line "BEFORE: ...". Returns how many.
size_t known_check_values(const struct known_program *programs, const char *before, FILE *out);
// Calls back with each path that the environment names as that of a secret's file (NAME_FILE of a secret).
void known_each_secret_file(const struct known_program *programs,
                            void (*visit)(void *arg, const char *name, const char *path), void *arg);

#endif
