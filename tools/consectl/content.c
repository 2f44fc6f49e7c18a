// consectl dump, restore, backup: a service's whole data, as JSON lines between backends or as a copy of its
// file.
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/consectl/consectl.h"

enum { MAX_LINE = 8 << 20, BASE64 = sodium_base64_VARIANT_ORIGINAL };

// One line per row {"table", "id", "bytes"} or entry {"stream", "seq", "bytes"}, and what it was made from
// {..., "source", "source_seq"}; bytes is base64.
static bool print_item(void *arg, const struct store_item *item, struct err *err)
{
    FILE *out = arg;
    size_t room = sodium_base64_ENCODED_LEN(item->bytes.len, BASE64);
    char *bytes = malloc(room);
    if (!bytes) return err_fail(err, INTERNAL_ERROR, "out of memory");
    sodium_bin2base64(bytes, room, item->bytes.data, item->bytes.len, BASE64);
    json_t *line =
        item->table ? json_pack("{s:s, s:s, s:s}", "table", item->table->name, "id", item->id, "bytes", bytes)
                    : json_pack("{s:s, s:I, s:s}", "stream", item->id, "seq", (json_int_t)item->version,
                                "bytes", bytes);
    free(bytes);
    if (line && item->source.stream)
        json_object_update_new(line, json_pack("{s:s, s:I}", "source", item->source.stream, "source_seq",
                                               (json_int_t)item->source.seq));
    bool ok = line && json_dumpf(line, out, JSON_COMPACT) == 0 && fputc('\n', out) != EOF;
    json_decref(line);
    return ok || err_fail(err, INTERNAL_ERROR, "cannot write the dump");
}

static int dump(struct ctl *ctl, int argc, char **argv)
{
    const struct office *office = office_find(argv[0]);
    struct store *store;
    struct err err;
    if (!office) return ctl_usage("dump", "the services are auth and events");
    FILE *out = argc > 1 ? fopen(argv[1], "wx") : stdout;
    if (!out) return ctl_usage("dump", "the file exists or cannot be made");
    bool ok = place_has_store(ctl, office->name, &err) && ctl_open_store(ctl, office, &store, &err);
    if (ok) {
        ok = store_each(store, print_item, out, &err);
        store_close(store);
    }
    bool written = fflush(out) == 0;
    if (argc > 1) written = fclose(out) == 0 && written;
    if (ok && !written) ok = err_fail(&err, INTERNAL_ERROR, "cannot write the dump");
    return ok ? STATUS_OK : ctl_fail(ctl, &err);
}

static const struct store_table *table_of(const struct office *office, const char *name)
{
    for (const struct store_table *t = office->tables; t->name; t++)
        if (strcmp(t->name, name) == 0) return t;
    return NULL;
}

struct line {
    json_t *json;
    const char *table, *stream; // one of them is ""
    uint64_t seq;
    ProtobufCBinaryData bytes;
    struct store_source source;
};

static bool read_line(const char *text, size_t number, struct line *line, struct arena *arena,
                      struct err *err)
{
    const char *base64 = "";
    const char *id = "";
    json_int_t seq = 0, source_seq = 0;
    *line = (struct line){.json = json_loads(text, JSON_REJECT_DUPLICATES, NULL), .table = "", .stream = ""};
    if (!line->json || json_unpack(line->json, "{s?s, s?s, s?s, s?I, s?s, s?I, s:s !}", "table", &line->table,
                                   "stream", &line->stream, "id", &id, "seq", &seq, "source",
                                   &line->source.stream, "source_seq", &source_seq, "bytes", &base64) != 0)
        return err_fail(err, MALFORMED, "line %zu is not an item of a dump", number);
    size_t len = strlen(base64);
    line->seq = (uint64_t)seq;
    line->source.seq = (uint64_t)source_seq;
    line->bytes.data = arena_alloc(arena, len);
    if (!line->bytes.data ||
        sodium_base642bin(line->bytes.data, len, base64, len, NULL, &line->bytes.len, NULL, BASE64) != 0)
        return err_fail(err, MALFORMED, "line %zu: bytes is not base64", number);
    return true;
}

// Each write rests on the one before, so that one that fails fails the last.
static bool put_line(struct store *store, const struct office *office, const struct line *line, size_t number,
                     struct arena *arena, uint64_t *ticket, struct err *err)
{
    struct store_write write = {.after = *ticket, .source = line->source};
    if (*line->stream) {
        write.begins = office->trimmed && strcmp(office->trimmed, line->stream) == 0;
        *ticket = store_append(store, line->stream, line->seq, &line->bytes, 1, &write);
        return true;
    }
    const struct store_table *table = table_of(office, line->table);
    ProtobufCMessage *row =
        table ? protobuf_c_message_unpack(table->type, &arena->allocator, line->bytes.len, line->bytes.data)
              : NULL;
    if (!row) return err_fail(err, MALFORMED, "line %zu: no such table, or not a row of it", number);
    *ticket = store_put(store, table, row, 0, &write);
    return true;
}

static bool restore_lines(struct ctl *ctl, const struct office *office, struct store *store, FILE *in,
                          size_t *count, struct err *err)
{
    char *text = NULL;
    size_t size = 0;
    uint64_t ticket = 0;
    bool ok = true;
    for (*count = 0; ok && getline(&text, &size, in) > 0;) {
        struct line line;
        ok = read_line(text, ++*count, &line, &ctl->arena, err) &&
             put_line(store, office, &line, *count, &ctl->arena, &ticket, err);
        json_decref(line.json);
        arena_reset(&ctl->arena);
        // Waiting now and then keeps the commit queue from filling.
        if (ok && (*count % 64 == 0)) ok = store_wait(store, ticket, err);
    }
    free(text);
    return ok && (ticket == 0 || store_wait(store, ticket, err));
}

static bool ensure_empty(struct store *store, struct err *err);

static int restore(struct ctl *ctl, int argc, char **argv)
{
    const struct office *office = office_find(argv[0]);
    struct store *store;
    struct err err;
    size_t count = 0;
    if (!office) return ctl_usage("restore", "the services are auth and events");
    FILE *in = argc > 1 ? fopen(argv[1], "r") : stdin;
    if (!in) return ctl_usage("restore", "the file cannot be opened");
    bool ok = ctl_renew_store(ctl, office, &store, &err);
    if (ok) {
        ok = ensure_empty(store, &err) && restore_lines(ctl, office, store, in, &count, &err);
        store_close(store);
    }
    if (argc > 1) fclose(in);
    if (ok && !ctl->json) printf("%zu items restored\n", count);
    if (ok && ctl->json) printf("{\"items\":%zu}\n", count);
    return ok ? STATUS_OK : ctl_fail(ctl, &err);
}

static bool refuse_item(void *arg, const struct store_item *item, struct err *err)
{
    (void)arg;
    return err_fail(err, CONFLICT, "the store is not empty: it has %s %s",
                    item->table ? item->table->name : "stream", item->id);
}

static bool ensure_empty(struct store *store, struct err *err)
{
    return store_each(store, refuse_item, NULL, err);
}

static int backup(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    char url[PLACE];
    struct err err;
    if (!office_find(argv[0])) return ctl_usage("backup", "the services are auth and events");
    place_store(ctl, url, argv[0]);
    if (!place_has_store(ctl, argv[0], &err) || !store_backup(url, argv[1], &err)) return ctl_fail(ctl, &err);
    if (ctl->json)
        printf("{\"service\":\"%s\",\"file\":\"%s\"}\n", argv[0], argv[1]);
    else
        printf("%s backed up to %s\n", argv[0], argv[1]);
    return STATUS_OK;
}

const struct ctl_command content_commands[] = {
    {.name = "dump",
     .usage = "auth|events [FILE]",
     .help = "writes everything a stopped service stores",
     .more = "One line of JSON per row or entry, to FILE, which must not exist, or to standard output. The "
             "service must not be\n"
             "running: exit status 4 says that it is; consectl backup works then too.",
     .least = 1,
     .most = 2,
     .run = dump},
    {.name = "restore",
     .usage = "auth|events [FILE]",
     .help = "fills an empty store from a dump",
     .more = "Reads what dump wrote, from FILE or standard input. The service must not be running, the store "
             "must be empty, and\n"
             "the folder must exist. Keys are not part of a dump: copy the folder keys/ of the data folder "
             "as well.",
     .least = 1,
     .most = 2,
     .run = restore},
    {.name = "backup",
     .usage = "auth|events FILE",
     .help = "copies a service's store, also while it runs",
     .more = "FILE is a SQLite database as of one moment; it must not exist. To go back to it, stop the "
             "service and put FILE in\n"
             "the place of auth.db or events.db. Copy the folder keys/ of the data folder as well.",
     .least = 2,
     .most = 2,
     .run = backup},
    {0},
};
