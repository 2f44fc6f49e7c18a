#include "services/events/game/join.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

// No vowels, so that no code is a word; neither 0 nor 1, which look like letters.
static const char letters[] = "BCDFGHJKLMNPQRSTVWXYZ23456789";
enum { LETTERS = sizeof letters - 1 };

struct join_code join_code_of(const char *event_id)
{
    static const char what[] = "conse/join/1";
    crypto_hash_sha256_state state;
    uint8_t hash[crypto_hash_sha256_BYTES];
    struct join_code code = {""};
    uint64_t number = 0;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)what, sizeof what - 1);
    crypto_hash_sha256_update(&state, (const uint8_t *)event_id, strlen(event_id));
    crypto_hash_sha256_final(&state, hash);
    for (int i = 0; i < 8; i++) number = number << 8 | hash[i];
    for (int i = 0; i < JOIN_CODE; i++, number /= LETTERS) code.text[i] = letters[number % LETTERS];
    return code;
}

bool join_code_read(struct join_code *code, const char *text)
{
    if (strlen(text) != JOIN_CODE) return false;
    for (int i = 0; i < JOIN_CODE; i++) {
        code->text[i] = (char)toupper((unsigned char)text[i]);
        if (!strchr(letters, code->text[i])) return false;
    }
    code->text[JOIN_CODE] = 0;
    return true;
}
