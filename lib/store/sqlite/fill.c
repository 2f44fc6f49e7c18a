// Filling a store all or nothing: its future file is made in a folder beside it, PATH.filling, while the
// store's lock is held, and renamed to its place when it is whole.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/new_file.h"
#include "lib/store/sqlite/sqlite.h"

struct sqlite_filling {
    char *path;   // of the store
    char *folder; // PATH.filling
    char *place;  // in the folder
    int lock_fd;
};

// ---- What is there already

static bool has_rows(struct sqlite_connection *connection, const char *table, bool *has, struct err *err)
{
    char sql[160];
    sqlite3_stmt *stmt;
    sqlite3_snprintf(sizeof sql, sql, "SELECT EXISTS(SELECT 1 FROM \"%w\")", table);
    if (sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return sqlite_fail(connection->db, table, err);
    bool ok = sqlite3_step(stmt) == SQLITE_ROW || sqlite_fail(connection->db, table, err);
    *has = ok && sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return ok;
}

static bool is_content(const char *table)
{
    return strcmp(table, "entry") == 0 || strncmp(table, "t_", 2) == 0;
}

static bool check_tables(struct sqlite_connection *connection, sqlite3_stmt *tables, struct err *err)
{
    int step;
    bool has = false;
    while ((step = sqlite3_step(tables)) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(tables, 0);
        if (!table || !is_content(table)) continue;
        if (!has_rows(connection, table, &has, err)) return false;
        if (has)
            return err_fail(err, CONFLICT, "the store is not empty: it has %s%s",
                            *table == 't' ? "rows of " : "", *table == 't' ? table + 2 : "streams");
    }
    return step == SQLITE_DONE || sqlite_fail(connection->db, "tables", err);
}

static bool check_empty(struct sqlite_connection *connection, const char *path, struct err *err)
{
    sqlite3_stmt *tables;
    if (!sqlite_check_application(connection->db, path, err)) return false;
    if (sqlite3_prepare_v2(connection->db, "SELECT name FROM sqlite_schema WHERE type='table'", -1, &tables,
                           NULL) != SQLITE_OK)
        return sqlite_fail(connection->db, path, err);
    bool ok = check_tables(connection, tables, err);
    sqlite3_finalize(tables);
    return ok;
}

// Closing it leaves one file, without a log.
static bool check_there(const char *path, struct err *err)
{
    struct sqlite_connection connection;
    if (access(path, F_OK) != 0) return true;
    if (!sqlite_connect(&connection, path, SQLITE_OPEN_READWRITE, err)) return false;
    bool ok = check_empty(&connection, path, err);
    sqlite_disconnect(&connection);
    return ok;
}

// ---- The folder

static void remove_folder(const char *folder)
{
    char path[PATH_MAX];
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.') unlink(path);
    }
    if (dir) closedir(dir);
    rmdir(folder);
}

static bool make_folder(const struct sqlite_filling *filling, struct err *err)
{
    remove_folder(filling->folder); // left by a killed process
    return mkdir(filling->folder, 0700) == 0 || err_errno(err, errno, filling->folder);
}

static void filling_free(struct sqlite_filling *filling)
{
    if (filling->lock_fd >= 0) close(filling->lock_fd);
    free(filling->path);
    free(filling->folder);
    free(filling->place);
    free(filling);
}

bool sqlite_fill_begin(void **out, const char *path, const char **place, struct err *err)
{
    struct sqlite_filling *filling = calloc(1, sizeof *filling);
    if (!filling) return err_fail(err, INTERNAL_ERROR, "out of memory");
    filling->lock_fd = -1;
    bool named = (filling->path = strdup(path)) && asprintf(&filling->folder, "%s.filling", path) > 0 &&
                 asprintf(&filling->place, "%s.filling/store.db", path) > 0;
    if (!named) err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!named || !sqlite_lock(path, &filling->lock_fd, err) || !check_there(path, err) ||
        !make_folder(filling, err)) {
        filling_free(filling);
        return false;
    }
    *out = filling;
    *place = filling->place;
    return true;
}

static bool sync_file(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = (fd >= 0 && fsync(fd) == 0) || err_errno(err, errno, path);
    if (fd >= 0) close(fd);
    return ok;
}

static bool has_log(const char *path)
{
    char log[PATH_MAX];
    struct stat info;
    snprintf(log, sizeof log, "%s-wal", path);
    return stat(log, &info) == 0 && info.st_size > 0;
}

// A log left by another store would be taken for its own.
static bool check_logs(const char *from, const char *path, struct err *err)
{
    if (has_log(from)) return err_fail(err, INTERNAL_ERROR, "the log of %s could not be moved into it", from);
    return !has_log(path) ||
           err_fail(err, CONFLICT,
                    "%s is gone, but its log %s-wal is there: put both back, or remove that too", path, path);
}

bool sqlite_put_in_place(const char *from, const char *path, struct err *err)
{
    return check_logs(from, path, err) && sync_file(from, err) &&
           (rename(from, path) == 0 || err_errno(err, errno, path)) && sync_folder_of(path, err);
}

bool sqlite_fill_end(void *arg, bool keep, struct err *err)
{
    struct sqlite_filling *filling = arg;
    bool ok = !keep || sqlite_put_in_place(filling->place, filling->path, err);
    remove_folder(filling->folder);
    filling_free(filling);
    return ok;
}
