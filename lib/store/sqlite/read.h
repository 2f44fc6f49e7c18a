// A statement on a connection of the pool, from begin to end, and the values of its columns.
#ifndef LIB_STORE_SQLITE_READ_H
#define LIB_STORE_SQLITE_READ_H

#include "lib/store/sqlite/sqlite.h"

struct sqlite_reading {
    struct sqlite_store *store;
    struct sqlite_connection *reader;
    sqlite3_stmt *stmt;
};

MUST_CHECK bool sqlite_read_begin(struct sqlite_reading *read, void *backend, const char *sql,
                                  struct err *err);
void sqlite_read_end(struct sqlite_reading *read);
// Steps; *row says whether there is a row.
MUST_CHECK bool sqlite_read_row(struct sqlite_reading *read, bool *row, struct err *err);

// Borrowed until the next step.
ProtobufCBinaryData sqlite_column_bytes(sqlite3_stmt *stmt, int at);
const char *sqlite_column_text(sqlite3_stmt *stmt, int at); // "" for a value that is no text
MUST_CHECK bool sqlite_copy_bytes(struct arena *arena, ProtobufCBinaryData *bytes, struct err *err);

#endif
