// What clients named their orders, as long as it is remembered: a day, or the newest of too many.
#include <stdlib.h>
#include <string.h>

#include "services/chain/exchange/parts.h"

enum { FIRST_ROOM = 64 };

struct client_key {
    uint32_t account;
    uint8_t id[EXCHANGE_CLIENT_BYTES];
};
struct named {
    uint64_t hash;
    struct client_key key;
    uint8_t unused[4];
    uint64_t number;
    int64_t time_ms;
};

void exchange_clients_init(struct exchange_clients *clients, const uint8_t seed[16])
{
    *clients = (struct exchange_clients){.count = 0};
    ledger_map_init(&clients->map, sizeof(struct named), sizeof(struct client_key), EXCHANGE_CLIENTS_MAX + 1,
                    seed);
}

void exchange_clients_finish(struct exchange_clients *clients)
{
    ledger_map_finish(&clients->map);
    free(clients->ring);
}

static struct exchange_client *client_at(const struct exchange_clients *clients, uint32_t place)
{
    return &clients->ring[(clients->first + place) % clients->room];
}

static struct named *find_named(const struct exchange_clients *clients, uint32_t account,
                                const uint8_t id[EXCHANGE_CLIENT_BYTES])
{
    struct client_key key = {.account = account};
    memcpy(key.id, id, sizeof key.id);
    return clients->map.count ? ledger_map_find(&clients->map, &key) : NULL;
}

uint64_t exchange_client(const struct exchange *exchange, uint32_t account,
                         const uint8_t id[EXCHANGE_CLIENT_BYTES], int64_t now_ms)
{
    const struct named *named = find_named(&exchange->clients, account, id);
    return named && named->time_ms > now_ms - EXCHANGE_CLIENT_MS ? named->number : 0;
}

bool exchange_clients_reserve(struct exchange_clients *clients)
{
    if (!ledger_map_reserve(&clients->map, clients->map.count <= EXCHANGE_CLIENTS_MAX)) return false;
    if (clients->count < clients->room || clients->room >= EXCHANGE_CLIENTS_MAX) return true;
    uint32_t room = clients->room ? clients->room * 2 : FIRST_ROOM;
    struct exchange_client *grown = calloc(room, sizeof *grown);
    if (!grown) return false;
    for (uint32_t i = 0; clients->room && i < clients->count; i++) grown[i] = *client_at(clients, i);
    free(clients->ring);
    clients->ring = grown;
    clients->first = 0;
    clients->room = room;
    return true;
}

static void forget_first(struct exchange_clients *clients)
{
    const struct exchange_client *client = client_at(clients, 0);
    struct named *named = find_named(clients, client->account, client->id);
    if (named && named->number == client->number) ledger_map_remove(&clients->map, named);
    clients->first = (clients->first + 1) % clients->room;
    clients->count--;
}

static bool is_over(const struct exchange_clients *clients, int64_t now_ms)
{
    return clients->count && (clients->count == EXCHANGE_CLIENTS_MAX ||
                              client_at(clients, 0)->time_ms <= now_ms - EXCHANGE_CLIENT_MS);
}

void exchange_remember(struct exchange *exchange, const struct exchange_client *client)
{
    struct exchange_clients *clients = &exchange->clients;
    struct client_key key = {.account = client->account};
    if (!clients->room) return; // none was reserved
    while (is_over(clients, client->time_ms)) forget_first(clients);
    memcpy(key.id, client->id, sizeof key.id);
    struct named *named = find_named(clients, client->account, client->id);
    if (!named) named = ledger_map_put(&clients->map, &key);
    named->number = client->number;
    named->time_ms = client->time_ms;
    clients->count++;
    *client_at(clients, clients->count - 1) = *client;
}

// ---- For a snapshot

enum { BYTES = 8 + 8 + 4 + EXCHANGE_CLIENT_BYTES };

size_t exchange_clients_size(const struct exchange_clients *clients)
{
    return 4 + (size_t)clients->count * BYTES;
}

void exchange_clients_write(const struct exchange_clients *clients, struct fields_writer *writer)
{
    fields_put_uint(writer, clients->count, 4);
    for (uint32_t i = 0; i < clients->count; i++) {
        const struct exchange_client *client = client_at(clients, i);
        fields_put_uint(writer, client->number, 8);
        fields_put_uint(writer, (uint64_t)client->time_ms, 8);
        fields_put_uint(writer, client->account, 4);
        fields_put(writer, client->id, sizeof client->id);
    }
}

bool exchange_clients_read(struct exchange *exchange, struct fields_reader *reader)
{
    uint32_t count = (uint32_t)fields_get_uint(reader, 4);
    if (count > reader->left / BYTES || count > EXCHANGE_CLIENTS_MAX) return false;
    for (uint32_t i = 0; i < count; i++) {
        struct exchange_client client;
        client.number = fields_get_uint(reader, 8);
        client.time_ms = (int64_t)fields_get_uint(reader, 8);
        client.account = (uint32_t)fields_get_uint(reader, 4);
        fields_get(reader, client.id, sizeof client.id);
        if (!exchange_clients_reserve(&exchange->clients)) return false;
        exchange_remember(exchange, &client);
    }
    return exchange->clients.count == count;
}
