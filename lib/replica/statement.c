#include "lib/replica/statement.h"

#include <sodium.h>
#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "lib/base/version.h"

void statement_draw_id(char id[STATEMENT_ID])
{
    uint8_t random[(STATEMENT_ID - 1) / 2];
    randombytes_buf(random, sizeof random);
    hex_encode(id, random, sizeof random);
}

void statement_begin(struct statement *statement, const char *service, const char *id)
{
    *statement = (struct statement){.started_ms = clock_unix_ms()};
    snprintf(statement->id, sizeof statement->id, "%s", id);
    snprintf(statement->service, sizeof statement->service, "%s", service);
    snprintf(statement->version, sizeof statement->version, "%s", CONSE_VERSION);
    snprintf(statement->commit, sizeof statement->commit, "%s", CONSE_COMMIT);
}

bool statement_measure(struct statement *statement, struct err *err)
{
    return program_hash_own(statement->sha256, err);
}

void statement_take(struct statement *statement, const Replica__Statement *message)
{
    *statement = (struct statement){0};
    if (!message) return;
    statement->started_ms = stamp_ms(message->started_at);
    snprintf(statement->id, sizeof statement->id, "%s", message->id);
    snprintf(statement->service, sizeof statement->service, "%s", message->service);
    snprintf(statement->version, sizeof statement->version, "%s", message->version);
    snprintf(statement->commit, sizeof statement->commit, "%s", message->commit);
    snprintf(statement->sha256, sizeof statement->sha256, "%s", message->sha256);
}

void statement_show(const struct statement *statement, struct statement_message *shown)
{
    replica__statement__init(&shown->message);
    shown->started_at = stamp_of(statement->started_ms);
    shown->message.id = statement->id;
    shown->message.service = statement->service;
    shown->message.version = statement->version;
    shown->message.commit = statement->commit;
    shown->message.sha256 = statement->sha256;
    shown->message.started_at = &shown->started_at;
}
