// Writes, and their outcomes as they become known.
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.pb-c.h"
#include "tests/stores/driver/driver.h"

enum { MOST_UNDECIDED = 4096, LONGEST_ID = 64, MOST_ENTRIES = 64 };

struct undecided {
    char id[LONGEST_ID];
    uint64_t ticket;
};

static struct {
    pthread_mutex_t lock;
    struct store *store;
    struct undecided list[MOST_UNDECIDED];
    size_t count;
} writes = {.lock = PTHREAD_MUTEX_INITIALIZER};

// False while it is undecided.
static bool outcome_print(const struct undecided *write)
{
    struct err err;
    enum store_outcome outcome = store_outcome(writes.store, write->ticket, &err);
    if (outcome == STORE_PENDING) return false;
    if (outcome == STORE_DURABLE)
        answer_print(write->id, json_pack("{s:s}", "outcome", "durable"));
    else
        answer_print(write->id, json_pack("{s:s, s:s, s:s}", "outcome", "failed", "reason", err_name(&err),
                                          "message", err.message));
    return true;
}

void driver_committed(void *arg, uint64_t durable)
{
    (void)arg, (void)durable;
    pthread_mutex_lock(&writes.lock);
    size_t kept = 0;
    for (size_t i = 0; i < writes.count; i++)
        if (!outcome_print(&writes.list[i])) writes.list[kept++] = writes.list[i];
    writes.count = kept;
    pthread_mutex_unlock(&writes.lock);
}

// The ticket of an undecided write; 0 when it is decided.
static uint64_t ticket_of(const char *id)
{
    uint64_t ticket = 0;
    pthread_mutex_lock(&writes.lock);
    for (size_t i = 0; i < writes.count; i++)
        if (strcmp(writes.list[i].id, id) == 0) ticket = writes.list[i].ticket;
    pthread_mutex_unlock(&writes.lock);
    return ticket;
}

static void writes_add(const struct asked *asked, uint64_t ticket)
{
    pthread_mutex_lock(&writes.lock);
    if (writes.count == MOST_UNDECIDED) abort();
    struct undecided *write = &writes.list[writes.count++];
    writes.store = asked->store;
    write->ticket = ticket;
    snprintf(write->id, sizeof write->id, "%s", asked_text(asked, "id"));
    pthread_mutex_unlock(&writes.lock);
    driver_committed(NULL, 0); // it may be decided already
}

// ---- What a line says of a write: "key", "source", "after"

static void command_fill(struct store_command *command, const struct asked *asked, const char *key)
{
    crypto_generichash(command->id, sizeof command->id, (const uint8_t *)key, strlen(key), NULL, 0);
    memcpy(command->request_hash, command->id, sizeof command->id);
    command->reply = (ProtobufCBinaryData){strlen(key), (uint8_t *)key};
    command->time_ms = (int64_t)asked_number(asked, "now_ms");
}

static void write_fill(struct store_write *write, struct store_command *command, const struct asked *asked)
{
    const char *key = json_string_value(json_object_get(asked->json, "key"));
    const char *after = json_string_value(json_object_get(asked->json, "after"));
    const json_t *source = json_object_get(asked->json, "source");
    if (key) command_fill(command, asked, key), write->command = command;
    if (after) write->after = ticket_of(after);
    if (source) {
        write->source.stream = json_string_value(json_object_get(source, "stream"));
        write->source.seq = (uint64_t)json_integer_value(json_object_get(source, "seq"));
        write->source.print = (uint64_t)json_integer_value(json_object_get(source, "print"));
    }
}

static size_t entries_fill(ProtobufCBinaryData entries[MOST_ENTRIES], const struct asked *asked)
{
    const json_t *texts = json_object_get(asked->json, "texts");
    size_t count = json_array_size(texts);
    for (size_t i = 0; i < count && i < MOST_ENTRIES; i++) {
        const char *text = json_string_value(json_array_get(texts, i));
        entries[i] = (ProtobufCBinaryData){text ? strlen(text) : 0, (uint8_t *)text};
    }
    return count < MOST_ENTRIES ? count : MOST_ENTRIES;
}

// ---- The verbs

static uint64_t write_append(const struct asked *asked, const struct store_write *write)
{
    ProtobufCBinaryData entries[MOST_ENTRIES];
    size_t count = entries_fill(entries, asked);
    return store_append(asked->store, asked_text(asked, "stream"), asked_number(asked, "seq"), entries, count,
                        write);
}

static uint64_t write_append_next(const struct asked *asked, const struct store_write *write)
{
    ProtobufCBinaryData entries[MOST_ENTRIES];
    size_t count = entries_fill(entries, asked);
    return store_append_next(asked->store, asked_text(asked, "stream"), entries, count, write);
}

static uint64_t write_end(const struct asked *asked, const struct store_write *write)
{
    return store_delete_stream(asked->store, asked_text(asked, "stream"), asked_number(asked, "seq"), write);
}

static uint64_t write_put(const struct asked *asked, const struct store_write *write)
{
    Auth__User user = AUTH__USER__INIT;
    user.id = asked_text(asked, "row");
    user.username = asked_text(asked, "name");
    return store_put(asked->store, driver_users, &user.base, asked_number(asked, "version"), write);
}

static uint64_t write_delete(const struct asked *asked, const struct store_write *write)
{
    return store_delete(asked->store, driver_users, asked_text(asked, "row"), asked_number(asked, "version"),
                        write);
}

static const struct {
    const char *verb;
    uint64_t (*write)(const struct asked *asked, const struct store_write *write);
} VERBS[] = {{"append", write_append},
             {"append_next", write_append_next},
             {"end", write_end},
             {"put", write_put},
             {"delete", write_delete}};

bool driver_write(const struct asked *asked, const char *verb)
{
    struct store_write write = {0};
    struct store_command command = {0};
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++) {
        if (strcmp(VERBS[i].verb, verb) != 0) continue;
        write_fill(&write, &command, asked);
        writes_add(asked, VERBS[i].write(asked, &write));
        return true;
    }
    return false;
}
