// What a process says of itself, in memory of its own.
#ifndef LIB_REPLICA_STATEMENT_H
#define LIB_REPLICA_STATEMENT_H

#include "lib/base/err.h"
#include "lib/base/program.h"
#include "replica.pb-c.h"

enum { STATEMENT_ID = 33 };

struct statement {
    char id[STATEMENT_ID], service[17], version[33], commit[65], sha256[PROGRAM_HASH]; // all empty: unknown
    int64_t started_ms;                                                                // unix
};

// The message and what it points to; texts are borrowed from the statement.
struct statement_message {
    Replica__Statement message;
    Google__Protobuf__Timestamp started_at;
};

void statement_draw_id(char id[STATEMENT_ID]);
// This process's, with its start now, and without the hash.
void statement_begin(struct statement *statement, const char *service, const char *id);
// Adds the hash of this process's file.
MUST_CHECK bool statement_measure(struct statement *statement, struct err *err);
// Cuts what is too long; NULL: unknown.
void statement_take(struct statement *statement, const Replica__Statement *message);
void statement_show(const struct statement *statement, struct statement_message *shown);

#endif
