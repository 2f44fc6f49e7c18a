// What is left in the file of rows that were moved. When SQLite splits a page, copies of the rows that went
// to its neighbour may stay between its pointers and its rows, where nothing is; secure_delete does not reach
// them. So after a redaction these gaps are made zero, in the file itself.
//
// Only while the log is empty: then the file is the store, and nobody else writes it. A gap has no meaning,
// so whatever a reader sees of it, and however far a crash lets this come, no row changes.
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/store/sqlite/sqlite.h"

enum { LEAF = 13, HEADER = 8, FIRST_HEADER = 100, CHUNK_PAGES = 256 };

static unsigned read_u16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }

// The bytes between the pointers and the rows of a page of a table; false when it is none, or they are zero.
static bool find_gap(const uint8_t *page, unsigned header, unsigned size, unsigned *from, unsigned *to)
{
    if (page[header] != LEAF) return false;
    unsigned cells = read_u16(page + header + 3), content = read_u16(page + header + 5);
    *from = header + HEADER + 2 * cells;
    *to = content ? content : 65536;
    if (*to > size || *from >= *to) return false;
    for (unsigned i = 0; i < cells; i++)
        if (read_u16(page + header + HEADER + 2 * i) < *to) return false; // no page that we know
    for (unsigned i = *from; i < *to; i++)
        if (page[i]) return true;
    return false;
}

static bool scrub_page(sqlite3_file *file, const uint8_t *page, sqlite3_int64 at, unsigned size)
{
    static const uint8_t zeroes[65536];
    unsigned from, to;
    if (!find_gap(page, at == 0 ? FIRST_HEADER : 0, size, &from, &to)) return true;
    return file->pMethods->xWrite(file, zeroes, (int)(to - from), at + from) == SQLITE_OK;
}

static bool scrub_file(sqlite3_file *file, uint8_t *chunk, unsigned size)
{
    sqlite3_int64 end = 0, step = (sqlite3_int64)size * CHUNK_PAGES;
    if (file->pMethods->xFileSize(file, &end) != SQLITE_OK) return false;
    for (sqlite3_int64 at = 0; at < end; at += step) {
        sqlite3_int64 len = end - at < step ? end - at : step;
        if (file->pMethods->xRead(file, chunk, (int)len, at) != SQLITE_OK) return false;
        for (sqlite3_int64 in = 0; in + size <= len; in += size)
            if (!scrub_page(file, chunk + in, at + in, size)) return false;
    }
    return file->pMethods->xSync(file, SQLITE_SYNC_FULL) == SQLITE_OK;
}

static unsigned page_size(sqlite3_file *file)
{
    uint8_t bytes[2];
    if (file->pMethods->xRead(file, bytes, sizeof bytes, 16) != SQLITE_OK) return 0;
    unsigned size = read_u16(bytes);
    return size == 1 ? 65536 : size;
}

// The writer's own copies of pages would bring back what was in them.
void sqlite_scrub(struct sqlite_store *store)
{
    sqlite3_file *file = NULL;
    sqlite3_db_release_memory(store->writer.db);
    if (sqlite3_file_control(store->writer.db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
        !file)
        return;
    unsigned size = page_size(file);
    uint8_t *chunk = size >= 512 ? malloc((size_t)size * CHUNK_PAGES) : NULL;
    if (!chunk || !scrub_file(file, chunk, size))
        log_error("what was redacted may be left in unused bytes of the file", F_STR("path", store->path));
    free(chunk);
}
