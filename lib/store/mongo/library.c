#define MONGO_LIBRARY_ITSELF
#include "lib/store/mongo/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

#include "lib/base/log.h"

static const char NAME[] = "libmongoc-1.0.so.0";

#define MONGO_DEFINE(name) __typeof__(&(name)) mongo_##name;
MONGO_LIBRARY(MONGO_DEFINE)

static void *library; // stays loaded
static bool library_loaded;
static char library_missing[160]; // why it is not

static void library_log(mongoc_log_level_t level, const char *domain, const char *message, void *arg)
{
    static const enum log_level LEVELS[] = {LOG_ERROR, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_INFO};
    (void)arg;
    // Not every server knows sessions.
    bool known = level < sizeof LEVELS / sizeof *LEVELS && !strstr(message, "endSessions");
    log_at(known ? LEVELS[level] : LOG_DEBUG, "mongoc", F_STR("domain", domain), F_STR("message", message));
}

static bool library_find(void)
{
    library = dlopen(NAME, RTLD_NOW | RTLD_LOCAL);
    if (!library) return snprintf(library_missing, sizeof library_missing, "%s", dlerror()), false;
#define MONGO_FIND(name)                                                                                     \
    mongo_##name = (__typeof__(&(name)))dlsym(library, #name);                                               \
    if (!mongo_##name)                                                                                       \
        return snprintf(library_missing, sizeof library_missing, "%s has no " #name, NAME), false;
    MONGO_LIBRARY(MONGO_FIND)
    return true;
}

// Its counters would be a file in /dev/shm for each process.
static void library_load(void)
{
    setenv("MONGOC_DISABLE_SHM", "1", 1);
    if (!library_find()) return;
    mongo_mongoc_log_set_handler(library_log, NULL);
    mongo_mongoc_init();
    atexit(mongo_mongoc_cleanup);
    library_loaded = true;
}

bool mongo_library_start(struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, library_load);
    return library_loaded ||
           err_fail(err, INTERNAL_ERROR, "a store in MongoDB needs libmongoc-1.0-0: %s", library_missing);
}
