#include "services/events/live/ticket.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { ID_BYTES = 16, EXPIRY_BYTES = 4, MAC_BYTES = 16, TICKET_BYTES = ID_BYTES + EXPIRY_BYTES + MAC_BYTES };

// The installation's key seals deals; tickets have a key of their own made from it.
static void ticket_key(uint8_t out[crypto_auth_hmacsha256_BYTES], const uint8_t key[TICKET_KEY])
{
    static const char what[] = "conse/claim/key/1";
    crypto_auth_hmacsha256(out, (const uint8_t *)what, sizeof what - 1, key);
}

static void ticket_mac(uint8_t out[MAC_BYTES], const uint8_t key[TICKET_KEY], const char *event_id,
                       const uint8_t *head)
{
    static const char what[] = "conse/claim/1";
    uint8_t own[crypto_auth_hmacsha256_BYTES], mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    ticket_key(own, key);
    crypto_auth_hmacsha256_init(&state, own, sizeof own);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)what, sizeof what - 1);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)event_id, UUID_LEN);
    crypto_auth_hmacsha256_update(&state, head, ID_BYTES + EXPIRY_BYTES);
    crypto_auth_hmacsha256_final(&state, mac);
    memcpy(out, mac, MAC_BYTES);
    sodium_memzero(own, sizeof own);
}

void ticket_make(char out[TICKET_TEXT], const uint8_t key[TICKET_KEY], const char *event_id,
                 const char *guest_id, int64_t now_ms)
{
    uint8_t ticket[TICKET_BYTES];
    uint32_t expiry_s = (uint32_t)((now_ms + TICKET_LIFE_MS) / 1000);
    sodium_hex2bin(ticket, ID_BYTES, guest_id, UUID_LEN, "-", NULL, NULL);
    for (int i = 0; i < EXPIRY_BYTES; i++) ticket[ID_BYTES + i] = (uint8_t)(expiry_s >> (24 - 8 * i));
    ticket_mac(ticket + ID_BYTES + EXPIRY_BYTES, key, event_id, ticket);
    sodium_bin2base64(out, TICKET_TEXT, ticket, sizeof ticket, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void ticket_guest(struct uuid *guest_id, const uint8_t bytes[ID_BYTES])
{
    char hex[2 * ID_BYTES + 1];
    sodium_bin2hex(hex, sizeof hex, bytes, ID_BYTES);
    snprintf(guest_id->text, sizeof guest_id->text, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
             hex + 16, hex + 20);
}

bool ticket_read(struct uuid *guest_id, const uint8_t key[TICKET_KEY], const char *event_id, const char *text,
                 int64_t now_ms)
{
    uint8_t ticket[TICKET_BYTES], mac[MAC_BYTES];
    size_t len;
    const char *end;
    if (sodium_base642bin(ticket, sizeof ticket, text, strlen(text), NULL, &len, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        len != sizeof ticket || *end)
        return false;
    ticket_mac(mac, key, event_id, ticket);
    if (sodium_memcmp(mac, ticket + ID_BYTES + EXPIRY_BYTES, sizeof mac) != 0) return false;
    uint32_t expiry_s = 0;
    for (int i = 0; i < EXPIRY_BYTES; i++) expiry_s = expiry_s << 8 | ticket[ID_BYTES + i];
    ticket_guest(guest_id, ticket);
    return now_ms < (int64_t)expiry_s * 1000;
}
