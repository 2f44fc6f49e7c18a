#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "services/chain/solana/rpc_call.h"

static const char LARGEST[] = "9223372036854775807";
enum { LARGEST_LEN = sizeof LARGEST - 1 };

// The number at text, of len characters: an integer without sign; others are left unchanged.
static void saturate_number(char *text, size_t len)
{
    bool digits = true;
    for (size_t i = 0; i < len; i++) digits = digits && text[i] >= '0' && text[i] <= '9';
    bool larger = len > LARGEST_LEN || (len == LARGEST_LEN && memcmp(text, LARGEST, LARGEST_LEN) > 0);
    if (!digits || !larger || text[0] == '0') return;
    memset(text, ' ', len - LARGEST_LEN);
    memcpy(text + len - LARGEST_LEN, LARGEST, LARGEST_LEN);
}

static size_t number_length(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && text[n] && strchr("0123456789+-.eE", text[n])) n++;
    return n;
}

// The string whose opening quote is at text; its length with both quotes.
static size_t skip_string(const char *text, size_t len)
{
    size_t i = 1;
    for (; i < len && text[i] != '"'; i++)
        if (text[i] == '\\') i++;
    return i < len ? i + 1 : len;
}

void solana_json_saturate(char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t number = number_length(text + i, len - i);
        if (number) saturate_number(text + i, number);
        i += number ? number : text[i] == '"' ? skip_string(text + i, len - i) : 1;
    }
}

bool solana_json_u64(const json_t *json, uint64_t *out)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0) return false;
    *out = (uint64_t)json_integer_value(json);
    return true;
}

bool solana_json_key(const json_t *json, struct solana_key *out)
{
    return json_is_string(json) && solana_key_parse(out, json_string_value(json));
}

bool solana_json_signature(const json_t *json, struct solana_signature *out)
{
    return json_is_string(json) && solana_signature_parse(out, json_string_value(json));
}

bool solana_json_base64(const json_t *json, uint8_t **bytes, size_t *len)
{
    const char *encoding = json_string_value(json_array_get(json, 1));
    const json_t *text = json_array_get(json, 0);
    if (!json_is_string(text) || !encoding || strcmp(encoding, "base64") != 0) return false;
    size_t room = json_string_length(text) / 4 * 3 + 1;
    *bytes = malloc(room);
    if (!*bytes) return false;
    if (sodium_base642bin(*bytes, room, json_string_value(text), json_string_length(text), NULL, len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) == 0)
        return true;
    free(*bytes);
    *bytes = NULL;
    return false;
}

bool solana_json_commitment(const json_t *json, enum solana_commitment *out)
{
    static const char *const names[] = {"processed", "confirmed", "finalized"};
    for (int i = 0; json_is_string(json) && i < 3; i++) {
        if (strcmp(json_string_value(json), names[i]) != 0) continue;
        *out = (enum solana_commitment)i;
        return true;
    }
    return false;
}

json_t *solana_json_encode(struct solana_bytes bytes)
{
    size_t size = sodium_base64_encoded_len(bytes.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(size);
    if (!text) return NULL;
    sodium_bin2base64(text, size, bytes.bytes, bytes.len, sodium_base64_VARIANT_ORIGINAL);
    json_t *json = json_string(text);
    free(text);
    return json;
}

bool solana_bad_reply(struct solana_fault *fault, const char *method)
{
    return solana_fault_set(fault, SOLANA_BAD_REPLY, "the reply to %s is of another shape", method);
}
