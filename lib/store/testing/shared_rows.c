#include <stdlib.h>
#include <string.h>

#include "lib/store/testing/shared_server.h"

#define FAULT(name, text) ((struct shared_fault){CONSE__REASON__VALUE__##name, text})
#define DONE ((struct shared_fault){0})

static void row_finish(struct shared_row *row)
{
    free(row->id);
    free(row->bytes.data);
    free(row->values);
}

void shared_store_tables_drop(struct shared_server *server)
{
    while (server->tables) {
        struct shared_table *table = server->tables;
        server->tables = table->next;
        for (size_t i = 0; i < table->count; i++) row_finish(&table->rows[i]);
        free(table->rows);
        free(table->name);
        free(table);
    }
}

struct shared_table *shared_store_table_of(struct shared_server *server, const char *name)
{
    struct shared_table *table = server->tables;
    while (table && strcmp(table->name, name) != 0) table = table->next;
    if (table) return table;
    table = shared_store_alloc(sizeof *table);
    table->name = shared_store_copy_text(name);
    table->next = server->tables;
    return server->tables = table;
}

// Where the row is, or belongs.
static size_t row_place(const struct shared_table *table, const char *id, bool *there)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(table->rows[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *there = low < table->count && strcmp(table->rows[low].id, id) == 0;
    return low;
}

// ---- Values

static size_t text_size(const struct store_value *value)
{
    return value->text ? store_value_len(value) + 1 : 0;
}

static struct store_value *copy_values(const struct store_value *values, size_t count)
{
    size_t size = count * sizeof *values;
    for (size_t i = 0; i < count; i++) size += text_size(&values[i]);
    struct store_value *copy = shared_store_alloc(size);
    char *text = (char *)(copy + count);
    for (size_t i = 0; i < count; i++) {
        copy[i] = values[i];
        if (!values[i].text) continue;
        copy[i].text = memcpy(text, values[i].text, store_value_len(&values[i]));
        text += text_size(&values[i]);
    }
    return copy;
}

static void row_index(struct shared_row *row, const struct store_model *model)
{
    struct store_value values[STORE_MAX_INDEXES * STORE_MAX_FIELDS];
    ProtobufCMessage *message =
        protobuf_c_message_unpack(model->table->type, NULL, row->bytes.len, row->bytes.data);
    if (!message) abort(); // it was packed by a store
    for (size_t i = 0; i < model->field_count; i++) values[i] = store_field_value(&model->fields[i], message);
    free(row->values);
    row->values = copy_values(values, model->field_count);
    protobuf_c_message_free_unpacked(message, NULL);
}

void shared_store_table_index(struct shared_table *table, const struct store_model *model)
{
    for (size_t i = 0; i < table->count; i++)
        if (!table->rows[i].gone) row_index(&table->rows[i], model);
}

static int compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t len = a_len < b_len ? a_len : b_len;
    int order = len ? memcmp(a, b, len) : 0;
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int compare_values(enum store_kind kind, const struct store_value *a, const struct store_value *b)
{
    if (kind == STORE_NUMBER) return (a->number > b->number) - (a->number < b->number);
    return compare_bytes(a->text, store_value_len(a), b->text, store_value_len(b));
}

// ---- Writes

// A unique index leaves out rows whose first field is empty.
static bool is_indexed(const struct store_model *model, const struct store_model_index *index,
                       const struct store_value *values)
{
    return !index->declared->unique ||
           !store_value_empty(model->fields[index->first].kind, &values[index->first]);
}

static bool is_taken(const struct shared_table *table, const struct store_model *model,
                     const struct store_model_index *index, const struct store_job *job)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct shared_row *row = &table->rows[i];
        size_t same = 0;
        if (row->gone || strcmp(row->id, job->name) == 0) continue;
        while (same < index->count &&
               compare_values(model->fields[index->first + same].kind, &row->values[index->first + same],
                              &job->values[index->first + same]) == 0)
            same++;
        if (same == index->count) return true;
    }
    return false;
}

static struct shared_fault check_unique(const struct shared_table *table, const struct store_job *job)
{
    const struct store_model *model = job->model;
    for (size_t i = 0; i < model->index_count; i++) {
        const struct store_model_index *index = &model->indexes[i];
        if (!index->declared->unique || !is_indexed(model, index, job->values)) continue;
        if (!is_taken(table, model, index, job)) continue;
        Conse__Reason__Value reason = index->declared->reason;
        return (struct shared_fault){reason ? reason : CONSE__REASON__VALUE__CONFLICT,
                                     "another one has this value"};
    }
    return DONE;
}

static struct shared_row *make_row_room(struct shared_table *table, size_t at, const char *id)
{
    table->rows = shared_store_grow(table->rows, table->count, &table->room, sizeof *table->rows);
    memmove(table->rows + at + 1, table->rows + at, (table->count - at) * sizeof *table->rows);
    table->rows[at] = (struct shared_row){.id = shared_store_copy_text(id), .gone = true};
    table->count++;
    return &table->rows[at];
}

static void row_fill(struct shared_row *row, const struct store_job *job)
{
    free(row->bytes.data);
    free(row->values);
    row->bytes = shared_store_copy_bytes(job->body);
    row->values = copy_values(job->values, job->model->field_count);
    row->gone = false;
}

static struct shared_fault row_put_made(struct shared_table *table, size_t at, bool there,
                                        const struct store_job *job)
{
    if (there && table->rows[at].version > job->version) return DONE;
    struct shared_fault fault = check_unique(table, job);
    if (fault.reason) return fault;
    struct shared_row *row = there ? &table->rows[at] : make_row_room(table, at, job->name);
    row_fill(row, job);
    row->version = job->version;
    return DONE;
}

// An absent one is remembered as gone, too.
static struct shared_fault row_delete_made(struct shared_table *table, size_t at, bool there,
                                           const struct store_job *job)
{
    struct shared_row *row = there ? &table->rows[at] : make_row_room(table, at, job->name);
    if (row->version > job->version) return DONE;
    row->gone = true;
    row->version = job->version;
    return DONE;
}

struct shared_fault shared_store_row_put(struct shared_server *server, const struct store_job *job)
{
    struct shared_table *table = shared_store_table_of(server, job->model->table->name);
    bool there;
    size_t at = row_place(table, job->name, &there);
    const struct shared_row *old = there && !table->rows[at].gone ? &table->rows[at] : NULL;
    if (job->made) return row_put_made(table, at, there, job);
    if (job->version == 0 && old) return FAULT(CONFLICT, "a row with this id exists");
    if (job->version && (!old || old->version != job->version))
        return FAULT(CONFLICT, "the row changed or is gone");
    struct shared_fault fault = check_unique(table, job);
    if (fault.reason) return fault;
    struct shared_row *row = there ? &table->rows[at] : make_row_room(table, at, job->name);
    row_fill(row, job);
    row->version++;
    return DONE;
}

struct shared_fault shared_store_row_delete(struct shared_server *server, const struct store_job *job)
{
    struct shared_table *table = shared_store_table_of(server, job->model->table->name);
    bool there;
    size_t at = row_place(table, job->name, &there);
    if (job->made) return row_delete_made(table, at, there, job);
    struct shared_row *row = &table->rows[at];
    if (!there || row->gone || row->version != job->version)
        return FAULT(CONFLICT, "the row changed or is gone");
    row->gone = true;
    row->version++;
    return DONE;
}

// ---- Reads

bool shared_store_row_get(struct shared_server *server, const struct store_model *model, const char *id,
                          struct arena *arena, ProtobufCMessage **message, uint64_t *version, struct err *err)
{
    const struct shared_table *table = shared_store_table_of(server, model->table->name);
    bool there;
    size_t at = row_place(table, id, &there);
    if (!there || table->rows[at].gone) return true;
    *version = table->rows[at].version;
    return store_unpack(model, id, table->rows[at].bytes, arena, message, err);
}

static struct store_value id_value(const struct shared_row *row)
{
    return (struct store_value){.text = row->id};
}

// The value that orders rows at `at`: a field of the index, and behind the last one the id.
static struct store_value ordering_value(const struct store_scan *scan, const struct shared_row *row,
                                         size_t at, enum store_kind *kind)
{
    const struct store_model_index *index = scan->index;
    bool field = index && at < index->count;
    *kind = field ? scan->model->fields[index->first + at].kind : STORE_TEXT;
    return field ? row->values[index->first + at] : id_value(row);
}

static bool is_equal(const struct store_scan *scan, const struct shared_row *row)
{
    enum store_kind kind;
    for (size_t i = 0; i < scan->query->equal_count; i++) {
        struct store_value value = ordering_value(scan, row, i, &kind);
        if (compare_values(kind, &value, &scan->query->equal[i]) != 0) return false;
    }
    return true;
}

static bool is_within(const struct store_scan *scan, const struct shared_row *row)
{
    const struct store_query *query = scan->query;
    enum store_kind kind;
    struct store_value value = ordering_value(scan, row, query->equal_count, &kind);
    if (query->prefix && query->from) {
        size_t len = store_value_len(query->from);
        return store_value_len(&value) >= len && memcmp(value.text, query->from->text, len) == 0;
    }
    return !(query->from && compare_values(kind, &value, query->from) < 0) &&
           !(query->to && compare_values(kind, &value, query->to) > 0);
}

static bool is_behind(const struct store_scan *scan, const struct shared_row *row)
{
    size_t fields = scan->index ? scan->index->count - scan->query->equal_count : 0;
    int order = 0;
    if (!scan->after) return true;
    for (size_t i = 0; i <= fields && !order; i++) {
        enum store_kind kind;
        struct store_value id = {.text = scan->after_id},
                           value = ordering_value(scan, row, scan->query->equal_count + i, &kind);
        order = compare_values(kind, &value, i < fields ? &scan->after[i] : &id);
    }
    return scan->query->descending ? order < 0 : order > 0;
}

static bool is_found(const struct store_scan *scan, const struct shared_row *row)
{
    if (row->gone || (scan->index && !is_indexed(scan->model, scan->index, row->values))) return false;
    return is_equal(scan, row) && is_within(scan, row) && is_behind(scan, row);
}

static int compare_rows(const void *a, const void *b, void *arg)
{
    const struct store_scan *scan = arg;
    const struct shared_row *x = *(const struct shared_row *const *)a,
                            *y = *(const struct shared_row *const *)b;
    size_t fields = scan->index ? scan->index->count : 0;
    int order = 0;
    for (size_t i = scan->query->equal_count; i <= fields && !order; i++) {
        enum store_kind kind;
        struct store_value xs = ordering_value(scan, x, i, &kind), ys = ordering_value(scan, y, i, &kind);
        order = compare_values(kind, &xs, &ys);
    }
    return scan->query->descending ? -order : order;
}

static bool take_rows(const struct store_scan *scan, const struct shared_row **found, size_t count,
                      struct arena *arena, struct store_rows *rows, struct err *err)
{
    size_t bytes = 0, most_bytes = scan->query->most_bytes ? scan->query->most_bytes : SIZE_MAX;
    rows->messages = arena_array(arena, scan->limit, sizeof(ProtobufCMessage *));
    rows->versions = arena_array(arena, scan->limit, sizeof *rows->versions);
    if (arena->failed) return err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
    for (; rows->count < count && rows->count < scan->limit && bytes < most_bytes; rows->count++) {
        const struct shared_row *row = found[rows->count];
        rows->versions[rows->count] = row->version;
        bytes += row->bytes.len;
        if (!store_unpack(scan->model, row->id, row->bytes, arena, &rows->messages[rows->count], err))
            return false;
    }
    rows->more = rows->count < count;
    return true;
}

static bool check_prefix(const struct store_query *query, struct err *err)
{
    size_t len = query->prefix && query->from ? store_value_len(query->from) : 0;
    return !len || (uint8_t)query->from->text[len - 1] != 0xff ||
           err_fail(err, INVALID_FIELD, "a prefix must be UTF-8");
}

bool shared_store_row_find(struct shared_server *server, const struct store_scan *scan, struct arena *arena,
                           struct store_rows *rows, struct err *err)
{
    const struct shared_table *table = shared_store_table_of(server, scan->model->table->name);
    if (!check_prefix(scan->query, err)) return false;
    const struct shared_row **found = shared_store_alloc(table->count * sizeof(struct shared_row *));
    size_t count = 0;
    for (size_t i = 0; i < table->count; i++)
        if (is_found(scan, &table->rows[i])) found[count++] = &table->rows[i];
    qsort_r(found, count, sizeof(struct shared_row *), compare_rows, (void *)scan);
    bool ok = take_rows(scan, found, count, arena, rows, err);
    free(found);
    return ok;
}
