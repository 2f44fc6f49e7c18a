#include "lib/rpc/session.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

void rpc_seals_init(struct rpc_seals *seals, struct bus_keys *keys, const char *service)
{
    snprintf(seals->service, sizeof seals->service, "%s", service);
    seal_init(&seals->requests, keys, SEAL_REQUEST, service);
    seal_init(&seals->replies, keys, SEAL_REPLY, service);
}

void rpc_seals_finish(struct rpc_seals *seals)
{
    seal_finish(&seals->requests);
    seal_finish(&seals->replies);
}

static bool is_sealed(const struct rpc_session *session) { return session->seals->requests.keys != NULL; }

void rpc_session_init(struct rpc_session *session, struct rpc_seals *seals)
{
    *session = (struct rpc_session){.seals = seals};
    randombytes_buf(session->head.sender, SEAL_ID_BYTES);
    rpc_session_end(session);
}

void rpc_session_end(struct rpc_session *session)
{
    session->begun = !is_sealed(session);
    session->greeting = 0;
    memset(session->head.connection, 0, SEAL_ID_BYTES);
}

nng_msg *rpc_session_greet(struct rpc_session *session, int64_t now_ms)
{
    nng_msg *message;
    uint64_t counter;
    if (session->begun || session->greeting || nng_msg_alloc(&message, 0) != 0) return NULL;
    if (rpc_session_close(session, message, now_ms, &counter)) {
        session->greeting = counter;
        return message;
    }
    nng_msg_free(message);
    return NULL;
}

bool rpc_session_close(struct rpc_session *session, nng_msg *message, int64_t now_ms, uint64_t *counter)
{
    *counter = ++session->head.counter;
    session->head.time_ms = now_ms;
    return seal_close(&session->seals->requests, message, &session->head);
}

static bool answers_request(const struct rpc_session *session, const struct seal_head *reply,
                            uint64_t counter)
{
    const struct seal_head *mine = &session->head;
    return reply->counter == counter && memcmp(reply->sender, mine->sender, SEAL_ID_BYTES) == 0 &&
           (!session->begun || memcmp(reply->connection, mine->connection, SEAL_ID_BYTES) == 0);
}

enum seal_fault rpc_session_open(struct rpc_session *session, nng_msg *message, int64_t now_ms,
                                 uint64_t counter)
{
    struct seal_head head;
    enum seal_fault fault = seal_open(&session->seals->replies, message, now_ms, &head);
    if (fault != SEAL_FINE || !is_sealed(session)) return fault;
    if (!answers_request(session, &head, counter)) return SEAL_REPEATED;
    if (counter != session->greeting) return SEAL_FINE;
    memcpy(session->head.connection, head.connection, SEAL_ID_BYTES);
    session->greeting = 0;
    session->begun = true;
    return SEAL_FINE;
}
