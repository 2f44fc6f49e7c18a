// Copies of several stores as of one moment: each is held by a write lock of its own, then a reader notes
// what it has, and the lock goes. A service's commits wait meanwhile, for as long as its on_busy allows.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/new_file.h"
#include "lib/store/sqlite/sqlite.h"

// A busy service takes its lock again at once, so one has to look often; and stores that are held already
// wait for less than on_busy allows.
enum { WAIT_US = 50, WAITS = 10000 };

struct copy {
    struct sqlite_connection lock, reader;
};

void sqlite_copy_end(void *arg)
{
    struct copy *copy = arg;
    sqlite_disconnect(&copy->reader);
    sqlite_disconnect(&copy->lock);
    free(copy);
}

static int copy_on_busy(void *arg, int tries)
{
    (void)arg;
    usleep(WAIT_US);
    return tries < WAITS;
}

bool sqlite_copy_hold(void **out, const char *path, struct err *err)
{
    struct copy *copy = calloc(1, sizeof *copy);
    if (!copy) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (sqlite_connect(&copy->lock, path, SQLITE_OPEN_READWRITE, err) &&
        sqlite_connect(&copy->reader, path, SQLITE_OPEN_READWRITE, err) &&
        sqlite_check_application(copy->lock.db, path, err) &&
        sqlite3_busy_handler(copy->lock.db, copy_on_busy, NULL) == SQLITE_OK &&
        sqlite_run(copy->lock.db, "BEGIN IMMEDIATE", err))
        return *out = copy, true;
    sqlite_copy_end(copy);
    return false;
}

bool sqlite_copy_note(void *arg, struct err *err)
{
    struct copy *copy = arg;
    return sqlite_run(copy->reader.db, "BEGIN; SELECT count(*) FROM sqlite_schema", err);
}

bool sqlite_copy_go_on(void *arg, struct err *err)
{
    struct copy *copy = arg;
    return sqlite_run(copy->lock.db, "ROLLBACK", err);
}

static bool copy_pages(struct copy *copy, struct sqlite_connection *to, const char *path, struct err *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", copy->reader.db, "main");
    if (!backup) return sqlite_fail(to->db, path, err);
    sqlite3_backup_step(backup, -1);
    return sqlite3_backup_finish(backup) == SQLITE_OK || sqlite_fail(to->db, path, err);
}

// Pages that are free keep what was in them, so the copy is made anew of those that are not. Writes to it are
// not writes to the store.
static bool copy_finish(struct sqlite_connection *to, const char *without, struct err *err)
{
    uint64_t generation;
    char sql[96] = "";
    if (without) snprintf(sql, sizeof sql, "DELETE FROM \"t_%s\"", without);
    return sqlite_run(to->db, "PRAGMA journal_mode=DELETE", err) && sqlite_run(to->db, sql, err) &&
           sqlite_generation(to->db, true, &generation, err) && sqlite_run(to->db, "VACUUM", err);
}

bool sqlite_copy_write(void *arg, const char *path, const char *without, struct err *err)
{
    struct new_file file;
    struct sqlite_connection to;
    if (!new_file_begin(&file, path, err)) return false;
    bool ok = sqlite_connect(&to, file.part, SQLITE_OPEN_READWRITE, err);
    ok = ok && copy_pages(arg, &to, path, err) && copy_finish(&to, without, err);
    sqlite_disconnect(&to);
    if (ok) return new_file_keep(&file, err);
    new_file_drop(&file);
    return false;
}
