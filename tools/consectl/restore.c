// consectl restore: fills a store from a dump, with all of it or not at all.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/replica/replica.h"
#include "tools/consectl/content.h"
#include "tools/consectl/dump_sum.h"
#include "tools/consectl/sealed.h"

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL, AT_ONCE = 64 };

struct restore {
    struct ctl *ctl;
    FILE *in;
    struct store *store;
    struct dump_sum sum;
    struct buf text;
    size_t number; // of the line
    size_t items;
    uint64_t ticket; // of the newest write; each rests on the one before
    bool headerless;
};

// ---- Lines

// Reads the next line into text; *end when there is none. A line without its line feed is the rest of a cut
// one.
static bool next_line(struct restore *restore, bool *end, struct err *err)
{
    struct buf *text = &restore->text;
    int c;
    buf_reset(text);
    while ((c = getc_unlocked(restore->in)) != EOF && c != '\n' && !text->failed) buf_char(text, (char)c);
    if (ferror(restore->in))
        return err_fail(err, MALFORMED,
                        "the dump cannot be read behind line %zu; a sealed one was changed or cut off",
                        restore->number);
    *end = c == EOF && text->len == 0;
    if (*end) return true;
    restore->number++;
    if (text->failed) return err_fail(err, MALFORMED, "line %zu is too long", restore->number);
    return c == '\n' || err_fail(err, MALFORMED, "the dump is cut off in line %zu", restore->number);
}

static void sum_line(struct restore *restore)
{
    dump_sum_line(&restore->sum, restore->text.bytes, restore->text.len);
    dump_sum_line(&restore->sum, "\n", 1);
}

static bool parse_line(struct restore *restore, json_t **json, struct err *err)
{
    const struct buf *text = &restore->text;
    *json = text->len ? json_loadb(text->bytes, text->len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    return json_is_object(*json) || (json_decref(*json), *json = NULL, false) ||
           err_fail(err, MALFORMED, "line %zu is not an item of a dump", restore->number);
}

// ---- Items

struct item {
    const char *table, *stream, *id; // of table and stream one is ""
    json_int_t seq;
    ProtobufCBinaryData bytes, attached;
    struct store_source source;
    int ended; // the stream was deleted behind seq
};

static bool bad_line(const struct restore *restore, const char *why, struct err *err)
{
    return err_fail(err, MALFORMED, "line %zu %s", restore->number, why);
}

static bool restore_decode(struct restore *restore, const char *base64, ProtobufCBinaryData *bytes,
                           struct err *err)
{
    size_t len = strlen(base64);
    bytes->data = arena_alloc(&restore->ctl->arena, len);
    if (!bytes->data) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return sodium_base642bin(bytes->data, len, base64, len, NULL, &bytes->len, NULL, BASE64) == 0 ||
           bad_line(restore, "has bytes that are not base64", err);
}

// Only an entry carries something.
static bool decode_attached(struct restore *restore, const char *base64, struct item *item, struct err *err)
{
    if (!*base64) return true;
    if (*item->table || item->ended) return bad_line(restore, "is not an item of a dump", err);
    return restore_decode(restore, base64, &item->attached, err) &&
           (item->attached.len <= STORE_MOST_ATTACHED || bad_line(restore, "carries too much", err));
}

static bool is_sequence(json_int_t seq) { return seq > 0 && seq <= UINT32_MAX; }

static bool ended_fits(const struct item *item, const char *base64)
{
    return !*item->table && !item->source.stream && !*base64 && item->seq >= 0 && item->seq < UINT32_MAX;
}

static bool item_fits(const struct item *item)
{
    if (*item->table) return !*item->stream && *item->id && !item->seq && !item->source.stream;
    return *item->stream && strlen(item->stream) < DUMP_STREAM && !*item->id &&
           (item->ended || is_sequence(item->seq));
}

// What is no entry of a stream has other numbers than those of entries.
static bool source_fits(const struct item *item, json_int_t seq, const char *print)
{
    if (!item->source.stream) return !seq && !*print;
    return seq >= 0 && strlen(item->source.stream) < DUMP_STREAM &&
           (!*print || (strlen(print) == 16 && strspn(print, "0123456789abcdef") == 16));
}

static bool read_item(struct restore *restore, json_t *json, struct item *item, struct err *err)
{
    const char *base64 = "", *print = "", *attached = "";
    json_int_t source_seq = 0;
    *item = (struct item){.table = "", .stream = "", .id = ""};
    if (json_unpack(json, "{s?s, s?s, s?s, s?I, s?s, s?I, s?s, s?b, s?s, s?s !}", "table", &item->table,
                    "stream", &item->stream, "id", &item->id, "seq", &item->seq, "source",
                    &item->source.stream, "source_seq", &source_seq, "source_print", &print, "ended",
                    &item->ended, "attached", &attached, "bytes", &base64) != 0 ||
        !item_fits(item) || (item->ended ? !ended_fits(item, base64) : !json_object_get(json, "bytes")) ||
        !source_fits(item, source_seq, print))
        return bad_line(restore, "is not an item of a dump", err);
    item->source.seq = (uint64_t)source_seq;
    item->source.print = strtoull(print, NULL, 16);
    return restore_decode(restore, base64, &item->bytes, err) &&
           decode_attached(restore, attached, item, err);
}

static bool put_row(struct restore *restore, const struct item *item, struct err *err)
{
    const struct store_write write = {.after = restore->ticket};
    const struct store_table *table = dump_table(restore->sum.office, item->table);
    if (!table) return bad_line(restore, "is of a table that this program does not know", err);
    ProtobufCMessage *row = protobuf_c_message_unpack(table->type, &restore->ctl->arena.allocator,
                                                      item->bytes.len, item->bytes.data);
    if (!row || strcmp(store_row_id(table, row), item->id) != 0)
        return bad_line(restore, "is not a row of its table", err);
    if (table != restore->sum.office->passing)
        restore->ticket = store_put(restore->store, table, row, 0, &write);
    dump_sum_row(&restore->sum, table);
    return true;
}

static bool put_entry(struct restore *restore, const struct item *item)
{
    const char *trimmed = restore->sum.office->trimmed;
    const struct store_write write = {.after = restore->ticket,
                                      .source = item->source,
                                      .attached = item->attached,
                                      .begins = trimmed && strcmp(trimmed, item->stream) == 0};
    restore->ticket =
        store_append(restore->store, item->stream, (uint64_t)item->seq, &item->bytes, 1, &write);
    dump_sum_entry(&restore->sum, item->stream);
    return true;
}

static bool put_end(struct restore *restore, const struct item *item)
{
    const struct store_write write = {.after = restore->ticket, .begins = true};
    restore->ticket = store_delete_stream(restore->store, item->stream, (uint64_t)item->seq, &write);
    return true;
}

static bool restore_put(struct restore *restore, const struct item *item, struct err *err)
{
    if (*item->table) return put_row(restore, item, err);
    return item->ended ? put_end(restore, item) : put_entry(restore, item);
}

// Waiting from time to time keeps the commit queue from filling.
static bool put_item(struct restore *restore, json_t *json, struct err *err)
{
    struct item item;
    bool ok = read_item(restore, json, &item, err) && restore_put(restore, &item, err);
    arena_reset(&restore->ctl->arena);
    restore->items++;
    return ok && (restore->items % AT_ONCE || store_wait(restore->store, restore->ticket, err));
}

// ---- The whole

static bool check_first(struct restore *restore, const json_t *json, bool *is_item, struct err *err)
{
    bool header = json_object_get(json, "conse");
    *is_item = restore->headerless;
    if (!restore->headerless) return dump_header_check(json, restore->sum.office, err);
    return !header ||
           err_fail(err, MALFORMED, "the dump has a header: restore it without " CONTENT_HEADERLESS);
}

static bool check_last(struct restore *restore, const json_t *json, struct err *err)
{
    json_t *wanted = dump_sum_end(&restore->sum);
    bool equal = json_equal(wanted, json), end = false;
    json_decref(wanted);
    if (!equal)
        return err_fail(err, MALFORMED,
                        "the dump is not what its last line says: some of it was changed or is gone");
    return next_line(restore, &end, err) &&
           (end || err_fail(err, MALFORMED, "the dump goes on after its last line"));
}

// One line; *done after the last one.
static bool take_line(struct restore *restore, bool *done, struct err *err)
{
    json_t *json;
    bool is_item = true;
    if (!parse_line(restore, &json, err)) return false;
    *done = !restore->headerless && json_object_get(json, "end");
    bool ok = restore->number > 1 || check_first(restore, json, &is_item, err);
    if (ok && *done)
        ok = check_last(restore, json, err);
    else if (ok && is_item)
        ok = put_item(restore, json, err);
    if (ok && !*done) sum_line(restore);
    json_decref(json);
    return ok;
}

static bool take_all(struct restore *restore, struct err *err)
{
    bool end = false, done = false;
    while (!done) {
        if (!next_line(restore, &end, err)) return false;
        if (end) break;
        if (!take_line(restore, &done, err)) return false;
    }
    if (!restore->number) return err_fail(err, MALFORMED, "the dump is empty");
    return done || restore->headerless ||
           err_fail(err, MALFORMED, "the dump is cut off after line %zu: its last line is missing",
                    restore->number);
}

static bool restore_fill(void *arg, struct store *store, struct err *err)
{
    struct restore *restore = arg;
    restore->store = store;
    buf_init(&restore->text, DUMP_LINE);
    bool ok = take_all(restore, err) && (!restore->ticket || store_wait(store, restore->ticket, err));
    buf_finish(&restore->text);
    return ok;
}

// Of a shared store; a lock tells of others.
static bool check_alone(struct ctl *ctl, const struct office *office, const char *url, struct err *err)
{
    const struct store_options options = {.url = url, .tables = office->tables};
    Replica__ListReply reply = REPLICA__LIST_REPLY__INIT;
    struct store *store;
    if (strncmp(url, "sqlite:", 7) == 0) return true;
    if (!store_open(&store, &options, err)) return false;
    bool ok = replica_list(NULL, store, office->tables, &ctl->arena, &reply, err);
    store_close(store);
    if (!ok || !reply.n_processes) return ok;
    ctl->held = true;
    return err_fail(err, SERVICE_BUSY, "conse-%s runs at %s: stop all of them, and wait ten seconds",
                    office->name, reply.processes[0]->address);
}

static bool fill_store(struct restore *restore, const struct office *office, struct err *err)
{
    char url[PLACE];
    if (!place_store(restore->ctl, url, office->name, err) || !check_alone(restore->ctl, office, url, err))
        return false;
    const struct store_options options = {.url = url, .tables = office->tables};
    dump_sum_begin(&restore->sum, office);
    if (store_fill(&options, restore_fill, restore, err)) return true;
    restore->ctl->held = err_is(err, SERVICE_BUSY);
    return false;
}

static bool restore_opened(struct restore *restore, const struct office *office, FILE *file, struct err *err)
{
    bool ok = sealed_open(&restore->in, file, err) && fill_store(restore, office, err);
    if (restore->in && restore->in != file) fclose(restore->in);
    return ok;
}

bool content_restore_file(struct ctl *ctl, const struct office *office, const char *path, size_t *items,
                          struct err *err)
{
    struct restore restore = {.ctl = ctl};
    FILE *file = fopen(path, "rbe");
    if (!file) return err_errno(err, errno, path);
    bool ok = restore_opened(&restore, office, file, err);
    fclose(file);
    *items = restore.items;
    return ok;
}

int content_restore(struct ctl *ctl, int argc, char **argv)
{
    const struct office *office = office_find(argv[0]);
    struct restore restore = {.ctl = ctl, .headerless = ctl->option};
    struct err err;
    if (!office) return ctl_usage("restore", "the services are auth, events, chain and ai");
    FILE *file = argc > 1 ? fopen(argv[1], "r") : stdin;
    if (!file) return ctl_usage("restore", "the file cannot be opened");
    bool ok = restore_opened(&restore, office, file, &err);
    if (argc > 1) fclose(file);
    if (!ok) return ctl_fail(ctl, &err);
    printf(ctl->json ? "{\"items\":%zu}\n" : "%zu items restored\n", restore.items);
    return STATUS_OK;
}
