// How a store's file does, and the disk that it lies on.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "lib/store/sqlite/sqlite.h"

// 0 when it is not there.
static int64_t size_beside(const char *path, const char *suffix)
{
    struct stat info;
    char *beside = sqlite_beside(path, suffix);
    int64_t size = beside && stat(beside, &info) == 0 ? (int64_t)info.st_size : 0;
    free(beside);
    return size;
}

static bool examine_disk(const char *path, struct store_condition *condition, struct err *err)
{
    struct stat file;
    struct statvfs disk;
    char log[4096];
    if (stat(path, &file) != 0 || statvfs(path, &disk) != 0) return err_errno(err, errno, path);
    snprintf(log, sizeof log, "%s-wal", path);
    condition->bytes = (int64_t)file.st_size + (stat(log, &file) == 0 ? (int64_t)file.st_size : 0);
    condition->free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    condition->ballast_bytes = size_beside(path, "ballast");
    condition->ballast_whole_bytes = BALLAST_BYTES;
    return true;
}

// Its pages, and whether indexes have their order; that each row is in its indexes takes much longer.
static bool examine_pages(sqlite3 *db, struct store_condition *condition, struct err *err)
{
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL) != SQLITE_OK)
        return sqlite_fail(db, "quick_check", err);
    bool ok = sqlite3_step(stmt) == SQLITE_ROW || sqlite_fail(db, "quick_check", err);
    const char *said = ok ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    if (said && strcmp(said, "ok") != 0) snprintf(condition->fault, STORE_FAULT, "%s", said);
    sqlite3_finalize(stmt);
    return ok;
}

bool sqlite_examine(const char *store_path, struct store_condition *condition, struct err *err)
{
    struct sqlite_connection connection;
    if (!examine_disk(store_path, condition, err)) return false;
    bool ok = sqlite_connect(&connection, store_path, SQLITE_OPEN_READWRITE, err);
    if (ok) {
        ok = sqlite_check_application(connection.db, store_path, err) &&
             examine_pages(connection.db, condition, err);
        sqlite_disconnect(&connection);
    }
    if (ok || !err_is(err, STORE_CORRUPT)) return ok;
    snprintf(condition->fault, STORE_FAULT, "%s", err->message);
    return true;
}
