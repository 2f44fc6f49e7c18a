// consectl redactions, redact: what was erased from a service's streams, and the same in a store that was
// brought back from before.
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat.pb-c.h"
#include "services/events/streams.h"
#include "tools/consectl/content.h"

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL, PAGE = 100, LINE_MOST = 1 << 20 };

// ---- Writing them down

static bool print_redaction(const Chat__Redaction *redaction, struct err *err)
{
    size_t room = sodium_base64_ENCODED_LEN(redaction->stub.len, BASE64);
    char *stub = malloc(room);
    if (!stub) return err_fail(err, INTERNAL_ERROR, "out of memory");
    sodium_bin2base64(stub, room, redaction->stub.data, redaction->stub.len, BASE64);
    json_t *line = json_pack("{s:s, s:I, s:s}", "stream", redaction->stream, "seq",
                             (json_int_t)redaction->seq, "stub", stub);
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    bool ok = text && puts(text) != EOF;
    free(text);
    json_decref(line);
    free(stub);
    return ok || err_fail(err, INTERNAL_ERROR, "cannot write the redactions");
}

static bool print_page(struct ctl *ctl, const struct store_entries *page, struct err *err)
{
    for (size_t i = 0; i < page->count; i++) {
        const Chat__Redaction *redaction =
            chat__redaction__unpack(&ctl->arena.allocator, page->entries[i].len, page->entries[i].data);
        if (!redaction) return err_fail(err, STORE_CORRUPT, "an entry of " REDACTIONS_STREAM " is none");
        if (!print_redaction(redaction, err)) return false;
    }
    return true;
}

static bool print_redactions(struct ctl *ctl, struct store *store, struct err *err)
{
    uint64_t from = 1;
    for (struct store_entries page = {.more = true}; page.more; from += page.count) {
        arena_reset(&ctl->arena);
        if (!store_read(store, REDACTIONS_STREAM, from, PAGE, &ctl->arena, &page, err) ||
            !print_page(ctl, &page, err))
            return false;
    }
    return true;
}

int content_redactions(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    struct store *store;
    struct err err;
    const struct office *office = office_find(argv[0]);
    if (!office || strcmp(office->name, "events") != 0) return ctl_usage("redactions", "only events has any");
    if (!place_has_store(ctl, office->name, &err) || !ctl_open_store(ctl, office, &store, &err))
        return ctl_fail(ctl, &err);
    bool ok = print_redactions(ctl, store, &err);
    store_close(store);
    return ok ? STATUS_OK : ctl_fail(ctl, &err);
}

// ---- Doing them again

static bool read_redaction(struct ctl *ctl, const char *text, size_t number, Chat__Redaction *redaction,
                           struct err *err)
{
    const char *stream = "", *stub = "";
    json_int_t seq = 0;
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    bool ok = line &&
              json_unpack(line, "{s:s, s:I, s:s!}", "stream", &stream, "seq", &seq, "stub", &stub) == 0 &&
              *stream && seq > 0;
    redaction->stream = ok ? arena_str(&ctl->arena, stream) : NULL;
    redaction->seq = (uint64_t)seq;
    redaction->stub.data = ok ? arena_alloc(&ctl->arena, strlen(stub) + 1) : NULL;
    ok = redaction->stream && redaction->stub.data &&
         sodium_base642bin(redaction->stub.data, strlen(stub) + 1, stub, strlen(stub), NULL,
                           &redaction->stub.len, NULL, BASE64) == 0;
    json_decref(line);
    return ok || err_fail(err, MALFORMED, "line %zu is no redaction", number);
}

// It is noted as in the store where it was done first, so that later copies of this one are told too.
static uint64_t do_redaction(struct ctl *ctl, struct store *store, const Chat__Redaction *redaction)
{
    ProtobufCBinaryData note = {chat__redaction__get_packed_size(redaction), NULL};
    note.data = arena_alloc(&ctl->arena, note.len);
    if (!note.data) abort();
    chat__redaction__pack(redaction, note.data);
    const struct store_write write = {.after = store_append_next(store, REDACTIONS_STREAM, &note, 1, NULL)};
    return store_redact(store, redaction->stream, redaction->seq, redaction->stub, &write);
}

static bool redact_all(struct ctl *ctl, struct store *store, FILE *in, size_t *count, struct err *err)
{
    char *text = NULL;
    size_t room = 0;
    bool ok = true;
    for (ssize_t len; ok && (len = getline(&text, &room, in)) > 0; arena_reset(&ctl->arena)) {
        Chat__Redaction redaction = CHAT__REDACTION__INIT;
        ok = (len < LINE_MOST || err_fail(err, MALFORMED, "line %zu is too long", *count + 1)) &&
             read_redaction(ctl, text, ++*count, &redaction, err) &&
             store_wait(store, do_redaction(ctl, store, &redaction), err);
    }
    free(text);
    return ok;
}

int content_redact(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    struct store *store;
    struct err err;
    size_t count = 0;
    const struct office *office = office_find(argv[0]);
    if (!office || strcmp(office->name, "events") != 0) return ctl_usage("redact", "only events has any");
    FILE *in = fopen(argv[1], "r");
    if (!in) return err_fail(&err, NOT_FOUND, "cannot read %.200s", argv[1]), ctl_fail(ctl, &err);
    bool ok = place_has_store(ctl, office->name, &err) && ctl_open_store(ctl, office, &store, &err);
    if (ok) {
        ok = redact_all(ctl, store, in, &count, &err);
        store_close(store);
    }
    fclose(in);
    if (!ok) return ctl_fail(ctl, &err);
    printf(ctl->json ? "{\"redactions\":%zu}\n" : "%zu redactions done\n", count);
    return STATUS_OK;
}
