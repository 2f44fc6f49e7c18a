#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "tests/solana-client/driver/driver.h"

static void give_up(const char *field)
{
    fprintf(stderr, "driver: field %s is missing or wrong\n", field);
    exit(1);
}

const char *get_text(const json_t *request, const char *field)
{
    const char *text = json_string_value(json_object_get(request, field));
    if (!text) give_up(field);
    return text;
}

uint64_t get_number(const json_t *request, const char *field)
{
    const json_t *json = json_object_get(request, field);
    if (json_is_integer(json)) return (uint64_t)json_integer_value(json);
    return strtoull(get_text(request, field), NULL, 10);
}

struct bytes get_bytes(const json_t *request, const char *field)
{
    struct bytes out = {.len = strlen(get_text(request, field)) / 2};
    if (out.len > sizeof out.bytes || !hex_decode(out.bytes, out.len, get_text(request, field)))
        give_up(field);
    return out;
}

struct solana_key get_key(const json_t *request, const char *field)
{
    struct solana_key key;
    if (!solana_key_parse(&key, get_text(request, field))) give_up(field);
    return key;
}

struct solana_instruction get_instruction(const json_t *json)
{
    struct solana_instruction ix;
    struct solana_key program = get_key(json, "program");
    solana_instruction_init(&ix, &program);
    size_t i;
    json_t *meta;
    json_array_foreach(json_object_get(json, "keys"), i, meta)
    {
        struct solana_key key = get_key(meta, "key");
        solana_instruction_account(&ix, &key, (enum solana_role)get_number(meta, "role"));
    }
    struct bytes data = get_bytes(json, "data");
    solana_instruction_data(&ix, data.bytes, data.len);
    return ix;
}

json_t *put_bytes(const void *bytes, size_t len)
{
    char *text = malloc(2 * len + 1);
    if (!text) give_up("memory");
    hex_encode(text, bytes, len);
    json_t *json = json_string(text);
    free(text);
    return json;
}

json_t *put_key(const struct solana_key *key)
{
    char text[SOLANA_KEY_TEXT];
    solana_key_format(key, text);
    return json_string(text);
}

json_t *put_number(uint64_t number) { return json_sprintf("%llu", (unsigned long long)number); }

json_t *put_instruction(const struct solana_instruction *ix)
{
    json_t *keys = json_array();
    for (size_t i = 0; i < ix->meta_count; i++)
        json_array_append_new(
            keys, json_pack("{s:o, s:i}", "key", put_key(&ix->metas[i].key), "role", ix->metas[i].role));
    return json_pack("{s:o, s:o, s:o, s:b}", "program", put_key(&ix->program), "keys", keys, "data",
                     put_bytes(ix->data, ix->data_len), "failed", ix->failed);
}

json_t *refusal(const char *reason, const char *message)
{
    return json_pack("{s:s, s:s}", "error", reason, "message", message);
}

json_t *refusal_err(const struct err *err) { return refusal(err_name(err), err->message); }

static operation *find(const char *name)
{
    const struct operation_row *const tables[] = {VECTOR_OPERATIONS, RPC_OPERATIONS, PROGRAM_OPERATIONS};
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const struct operation_row *row = tables[t]; row->name; row++)
            if (strcmp(row->name, name) == 0) return row->run;
    fprintf(stderr, "driver: no operation %s\n", name);
    exit(1);
}

static void answer_line(const char *line)
{
    json_t *request = json_loads(line, 0, NULL);
    json_t *answer = find(get_text(request, "op"))(request);
    char *text = json_dumps(answer, JSON_COMPACT | JSON_ENCODE_ANY);
    puts(text ? text : "null");
    fflush(stdout);
    free(text);
    json_decref(answer);
    json_decref(request);
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    if (sodium_init() < 0) return 1;
    while (getline(&line, &size, stdin) > 0) answer_line(line);
    free(line);
    return 0;
}
