#include "services/gateway/access/token.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { CLOCK_SKEW_S = 60 };

struct part {
    const char *text;
    size_t len;
};

static bool token_split(const char *token, struct part parts[3])
{
    for (int i = 0; i < 3; i++) {
        size_t len = strcspn(token, ".");
        parts[i] = (struct part){token, len};
        if (len == 0 || token[len] != (i < 2 ? '.' : 0)) return false;
        token += len + 1;
    }
    return true;
}

static bool token_decode(struct part part, uint8_t *out, size_t size, size_t *len)
{
    const char *end;
    return sodium_base642bin(out, size, part.text, part.len, NULL, len, &end,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           end == part.text + part.len;
}

static json_t *decode_object(struct part part)
{
    uint8_t text[TOKEN_MAX_LEN];
    size_t len;
    if (!token_decode(part, text, sizeof text, &len)) return NULL;
    json_t *object = json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(object)) return object;
    json_decref(object);
    return NULL;
}

static bool copy_text(const json_t *object, const char *name, char *out, size_t size)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value) || json_string_length(value) == 0 || json_string_length(value) >= size)
        return false;
    memcpy(out, json_string_value(value), json_string_length(value) + 1);
    return true;
}

static bool copy_number(const json_t *object, const char *name, int64_t *out)
{
    const json_t *value = json_object_get(object, name);
    *out = json_integer_value(value);
    return json_is_integer(value) && *out >= 0;
}

static bool is_text(const json_t *object, const char *name, const char *wanted)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value && strcmp(value, wanted) == 0;
}

// A time before which it is not good, when there is one.
static bool is_good_by(const json_t *object, int64_t now_s)
{
    int64_t not_before = 0;
    if (!json_object_get(object, "nbf")) return true;
    return copy_number(object, "nbf", &not_before) && not_before <= now_s + CLOCK_SKEW_S;
}

// A header that asks for extensions we do not know ("crit") is refused.
static bool read_header(struct part part, char kid[TOKEN_KID_SIZE])
{
    json_t *header = decode_object(part);
    bool ok = header && is_text(header, "alg", "EdDSA") && copy_text(header, "kid", kid, TOKEN_KID_SIZE) &&
              !json_object_get(header, "crit");
    ok = ok && (!json_object_get(header, "typ") || is_text(header, "typ", "JWT"));
    json_decref(header);
    return ok;
}

// A log-in's token has neither claim.
static bool read_key_claims(const json_t *body, struct token_claims *claims)
{
    const json_t *read_only = json_object_get(body, "ro");
    claims->key_id[0] = 0;
    claims->read_only = json_is_true(read_only);
    if (read_only && !json_is_boolean(read_only)) return false;
    if (!json_object_get(body, "key")) return !claims->read_only;
    return copy_text(body, "key", claims->key_id, sizeof claims->key_id);
}

static bool read_claims(struct part part, int64_t now_s, struct token_claims *claims)
{
    int64_t level = 0, generation = 0;
    json_t *body = decode_object(part);
    bool ok = body && is_text(body, "iss", "conse") &&
              copy_text(body, "sub", claims->user_id, sizeof claims->user_id) &&
              copy_text(body, "name", claims->username, sizeof claims->username) &&
              copy_text(body, "sid", claims->session_id, sizeof claims->session_id) &&
              copy_number(body, "lvl", &level) && copy_number(body, "gen", &generation) &&
              copy_number(body, "iat", &claims->issued_s) && copy_number(body, "exp", &claims->expires_s) &&
              read_key_claims(body, claims) && is_good_by(body, now_s);
    json_decref(body);
    claims->level = (uint32_t)level;
    claims->generation = (uint64_t)generation;
    return ok && uuid_check(claims->user_id) && level >= 1 && level <= 3;
}

static const struct token_key *key_find(const struct token_keys *keys, const char *kid)
{
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->keys[i].kid, kid) == 0) return &keys->keys[i];
    return NULL;
}

static bool signed_by(const struct token_key *key, const char *token, const struct part parts[3])
{
    uint8_t signature[crypto_sign_BYTES];
    size_t len;
    unsigned long long signed_len = (unsigned long long)(parts[1].text + parts[1].len - token);
    return token_decode(parts[2], signature, sizeof signature, &len) && len == sizeof signature &&
           crypto_sign_verify_detached(signature, (const unsigned char *)token, signed_len,
                                       key->public_key) == 0;
}

enum token_verdict token_verify(const char *token, const struct token_keys *keys, int64_t now_s,
                                struct token_claims *claims)
{
    struct part parts[3];
    char kid[TOKEN_KID_SIZE];
    if (strnlen(token, TOKEN_MAX_LEN + 1) > TOKEN_MAX_LEN || !token_split(token, parts) ||
        !read_header(parts[0], kid))
        return TOKEN_BAD;
    const struct token_key *key = key_find(keys, kid);
    if (!key) return TOKEN_UNKNOWN_KEY;
    if (!signed_by(key, token, parts) || !read_claims(parts[1], now_s, claims)) return TOKEN_BAD;
    if (claims->issued_s > now_s + CLOCK_SKEW_S) return TOKEN_BAD;
    return claims->expires_s > now_s ? TOKEN_GOOD : TOKEN_EXPIRED;
}
