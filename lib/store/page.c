#include "lib/store/page.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/buf.h"

enum { CHECK_LEN = 16, MAX_POSITION = 8192 };

static void hash_bytes(crypto_generichash_state *state, const void *bytes, uint64_t len)
{
    crypto_generichash_update(state, (const uint8_t *)&len, sizeof len);
    if (len) crypto_generichash_update(state, bytes, len);
}

static void hash_value(crypto_generichash_state *state, const struct store_value *value)
{
    uint8_t form = !value ? 0 : value->text ? 1 : 2;
    crypto_generichash_update(state, &form, 1);
    if (form == 1) hash_bytes(state, value->text, store_value_len(value));
    if (form == 2) hash_bytes(state, &value->number, sizeof value->number);
}

static void check_of(uint8_t check[CHECK_LEN], const struct store_scan *scan, const void *position,
                     size_t len)
{
    const struct store_query *query = scan->query;
    const char *index = scan->index ? scan->index->declared->name : "";
    uint8_t form[] = {1, (uint8_t)query->equal_count, query->prefix, query->descending};
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, CHECK_LEN);
    crypto_generichash_update(&state, form, sizeof form);
    hash_bytes(&state, scan->model->table->name, strlen(scan->model->table->name));
    hash_bytes(&state, index, strlen(index));
    for (size_t i = 0; i < query->equal_count; i++) hash_value(&state, &query->equal[i]);
    hash_value(&state, query->from);
    hash_value(&state, query->to);
    hash_bytes(&state, position, len);
    crypto_generichash_final(&state, check, CHECK_LEN);
}

// The fields that order the rows: those of the index after the equal ones.
static const struct store_field *page_ordering(const struct store_scan *scan, size_t *count)
{
    *count = scan->index ? scan->index->count - scan->query->equal_count : 0;
    return scan->index ? scan->model->fields + scan->index->first + scan->query->equal_count : NULL;
}

static void put_text(struct buf *buf, const struct store_value *value)
{
    uint32_t len = (uint32_t)store_value_len(value);
    buf_append(buf, &len, sizeof len);
    buf_append(buf, value->text, len);
}

static void put_position(struct buf *buf, const struct store_scan *scan, const ProtobufCMessage *message)
{
    size_t count;
    const struct store_field *fields = page_ordering(scan, &count);
    for (size_t i = 0; i < count; i++) {
        struct store_value value = store_field_value(&fields[i], message);
        if (fields[i].kind == STORE_NUMBER)
            buf_append(buf, &value.number, sizeof value.number);
        else
            put_text(buf, &value);
    }
    struct store_value id = store_field_value(&scan->model->key, message);
    put_text(buf, &id);
}

const char *store_page_seal(const struct store_scan *scan, const void *position, size_t len,
                            struct arena *arena)
{
    size_t size = sodium_base64_ENCODED_LEN(CHECK_LEN + len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    uint8_t *bytes = arena_alloc(arena, CHECK_LEN + len);
    char *token = arena_alloc(arena, size);
    if (!bytes || !token) return NULL;
    check_of(bytes, scan, position, len);
    if (len) memcpy(bytes + CHECK_LEN, position, len);
    return sodium_bin2base64(token, size, bytes, CHECK_LEN + len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

const char *store_page_token(const struct store_scan *scan, const ProtobufCMessage *message,
                             struct arena *arena)
{
    struct buf position;
    buf_init(&position, MAX_POSITION);
    put_position(&position, scan, message);
    const char *token = position.failed ? NULL : store_page_seal(scan, position.bytes, position.len, arena);
    buf_finish(&position);
    return token;
}

struct cursor {
    const uint8_t *at, *end;
    struct arena *arena;
};

static const void *get_bytes(struct cursor *cursor, size_t len)
{
    if ((size_t)(cursor->end - cursor->at) < len) return NULL;
    const void *bytes = cursor->at;
    cursor->at += len;
    return bytes;
}

static bool get_value(struct cursor *cursor, enum store_kind kind, struct store_value *value)
{
    *value = (struct store_value){0};
    const void *bytes = get_bytes(cursor, kind == STORE_NUMBER ? sizeof value->number : sizeof(uint32_t));
    if (!bytes) return false;
    if (kind == STORE_NUMBER) return memcpy(&value->number, bytes, sizeof value->number), true;
    uint32_t len;
    memcpy(&len, bytes, sizeof len);
    bytes = get_bytes(cursor, len);
    value->len = len;
    value->text = bytes ? arena_strn(cursor->arena, bytes, len) : NULL;
    return value->text != NULL;
}

static bool get_position(struct cursor *cursor, struct store_scan *scan)
{
    size_t count;
    const struct store_field *fields = page_ordering(scan, &count);
    struct store_value id, *after = arena_array(cursor->arena, count + 1, sizeof *after);
    if (!after) return false;
    for (size_t i = 0; i < count; i++)
        if (!get_value(cursor, fields[i].kind, &after[i])) return false;
    if (!get_value(cursor, STORE_TEXT, &id) || cursor->at != cursor->end) return false;
    scan->after = after;
    scan->after_id = id.text;
    return true;
}

bool store_page_parse(struct store_scan *scan, struct arena *arena, struct err *err)
{
    const char *token = scan->query->page_token;
    size_t len = strlen(token);
    uint8_t check[CHECK_LEN], *bytes = len < 2 * MAX_POSITION ? arena_alloc(arena, len) : NULL;
    if (!bytes ||
        sodium_base642bin(bytes, len, token, len, NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) ||
        len < CHECK_LEN)
        return err_field(err, BAD_PAGE_TOKEN, "page_token", "is not a page token");
    check_of(check, scan, bytes + CHECK_LEN, len - CHECK_LEN);
    struct cursor cursor = {bytes + CHECK_LEN, bytes + len, arena};
    if (sodium_memcmp(check, bytes, CHECK_LEN) || !get_position(&cursor, scan))
        return err_field(err, BAD_PAGE_TOKEN, "page_token", "does not belong to this list");
    return true;
}
